//! The engine and the command line against a real Dovecot and Postfix: what the server's side says counts.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod archive;
mod connect;
mod cut;
mod damage;
mod kill;
mod kit;
mod live;
mod operate;
mod read;
mod secrets;
mod send;
