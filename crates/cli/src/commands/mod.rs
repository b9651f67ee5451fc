//! One file a group of commands.

pub mod account;
pub mod archive;
pub mod browser;
pub mod certificate;
pub mod crm;
pub mod discover;
pub mod folder;
pub mod follow_up;
pub mod history;
pub mod look;
pub mod mails;
pub mod operate;
pub mod outbox;
pub mod person;
pub mod proxy;
pub mod record;
pub mod restore;
pub mod rule;
pub mod send;
pub mod sync;
pub mod system;
