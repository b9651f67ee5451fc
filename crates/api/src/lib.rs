//! The wire: one list of commands, events and errors. The only crate whose types become TypeScript.

#[cfg(feature = "engine")]
mod api;
pub mod command;
mod error;
mod event;
#[cfg(feature = "engine")]
pub mod handle;
#[cfg(feature = "engine")]
mod source;
pub mod typescript;
pub mod view;

#[cfg(feature = "engine")]
pub use api::{Api, Opening};
pub use error::{ApiError, Code};
pub use event::Event;
