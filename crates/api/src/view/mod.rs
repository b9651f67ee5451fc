//! What the UI sends and gets. Ids are text, times are seconds since 1970, sizes are bytes.

mod account;
mod archive;
mod crm;
mod crm_connect;
mod discover;
mod draft;
mod folder;
mod follow_up;
mod message;
mod record;
mod sign_in;
mod system;

pub use account::*;
pub use archive::*;
pub use crm::*;
pub use crm_connect::*;
pub use discover::*;
pub use draft::*;
pub use folder::*;
pub use follow_up::*;
pub use message::*;
pub use record::*;
pub use sign_in::*;
pub use system::*;

/// A row id as text.
pub type Id = String;
