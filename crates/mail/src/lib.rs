//! Mail servers: IMAP (sync, idle, replaying what a person did) and SMTP (sending).

mod error;
pub mod imap;
mod login;
pub mod smtp;
#[cfg(test)]
mod testkit;

pub use error::MailError;
pub use login::Login;
