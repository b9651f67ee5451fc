//! The engine and the command line against a real Dovecot and Postfix: what the server's side says counts.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod accounts;
mod archive;
mod canaries;
mod connect;
mod courier;
mod crm_connect;
mod crowd;
mod cut;
mod cyrus;
mod damage;
mod discover;
mod early;
mod folders;
mod full;
mod history;
mod kill;
mod kit;
mod lanes;
mod large;
mod live;
mod mailbox;
mod odd;
mod operate;
#[allow(dead_code)]
#[path = "../faults/imap.rs"]
mod other;
mod poorer;
mod proxy;
mod read;
mod removal;
mod restore;
mod room;
mod rules;
mod secrets;
mod send;
mod signin;
mod stall;
mod starttls;
mod storm;
mod wire;
