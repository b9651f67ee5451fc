//! Connections: TLS, staged connecting with distinct causes of failure, and fetching of remote images.

mod cause;
mod connect;
mod http;
mod stream;
mod tls;

pub use cause::{Cause, NetError, Stage};
pub use connect::{connect, speaks_tls};
pub use http::{Http, HttpError, Image};
pub use stream::Stream;
pub use tls::{Net, NetSetup};

#[cfg(test)]
mod tests;
