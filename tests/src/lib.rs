//! What the tests and the demo share: real mail servers of our own on loopback, and the mailbox of one salesperson.

#[cfg(unix)]
pub mod world;
