//! What the UI sends and gets. Ids are text, times are seconds since 1970, sizes are bytes.

mod account;
mod crm;
mod draft;
mod folder;
mod message;
mod system;

pub use account::*;
pub use crm::*;
pub use draft::*;
pub use folder::*;
pub use message::*;
pub use system::*;

/// A row id as text.
pub type Id = String;
