//! The wire: one list of commands, events and errors. The only crate whose types become TypeScript.

pub mod command;
mod error;
mod event;
pub mod typescript;
pub mod view;

pub use error::{ApiError, Code};
pub use event::Event;
