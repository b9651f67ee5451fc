//! What the UI sends and gets. Ids are text, times are seconds since 1970, sizes are bytes.

mod account;
mod crm;
mod discover;
mod draft;
mod folder;
mod message;
mod sign_in;
mod system;

pub use account::*;
pub use crm::*;
pub use discover::*;
pub use draft::*;
pub use folder::*;
pub use message::*;
pub use sign_in::*;
pub use system::*;

/// A row id as text.
pub type Id = String;
