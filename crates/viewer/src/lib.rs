//! What a message frame is given: one-time tokens, response headers, the sanitised page, its parts, and the remote
//! images fetched for it. Served by the desktop shell on `message://localhost/`, and by the test host.
//!
//! The design is the one that let no script and no request through (docs/architecture.md): a script-less sandboxed
//! frame, a policy in the response header, a sanitiser before it, and no URL of the mail's choosing in any request.

mod headers;
mod page;
mod session;
mod source;
mod viewer;

pub use headers::Served;
pub use source::{Fetch, FetchError, Image, MailError, Mails, Pending};
pub use viewer::{Frame, Open, Show, Viewer, ViewerError};
