//! One file a group of commands.

pub mod account;
pub mod archive;
pub mod discover;
pub mod mails;
pub mod operate;
pub mod outbox;
pub mod person;
pub mod send;
pub mod sync;
pub mod system;
