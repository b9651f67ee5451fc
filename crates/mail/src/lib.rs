//! Mail servers: IMAP (sync, idle, replaying what a person did) and SMTP (sending).

mod answers;
mod code;
mod error;
pub mod imap;
mod login;
mod sasl;
pub mod smtp;
#[cfg(test)]
mod testkit;
#[cfg(test)]
mod tests;

pub use code::Code;
pub use error::MailError;
pub use login::Login;
