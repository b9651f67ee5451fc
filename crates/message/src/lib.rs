//! MIME: parse, thread, sanitise, quote, compose. Pure functions, bytes in, values out; no I/O and no clock.
//!
//! Whatever comes in was written by a stranger. [`parse`] never panics and always yields something to show;
//! [`sanitise`] yields HTML that loads nothing by itself.

mod attachment;
mod clean;
mod compose;
mod decode;
mod eight_bit;
mod error;
mod leaf;
mod lean;
mod link;
mod parse;
pub mod quote;
pub mod reply;
mod sanitise;
mod signature;
mod strip;
pub mod subject;
#[cfg(test)]
mod tests;
mod text;
pub mod thread;

pub use attachment::{is_dangerous, safe_file_name};
pub use compose::{Composed, Outgoing, OutgoingAttachment, compose};
pub use decode::Decoder;
pub use error::MessageError;
pub use link::text_to_html;
pub use parse::{AttachmentMeta, Parsed, Part, parse, parse_headers, parse_to_store, part};
pub use sanitise::{Options, Sanitised, sanitise, sanitise_body};
pub use signature::{Signature, signature};
pub use strip::{attachments_left_out, without_attachments};
pub use text::html_to_text;
