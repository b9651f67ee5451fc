//! IMAP (RFC 3501, RFC 9051) as a client that may be cut off at any byte.

mod asked;
mod body;
mod bring;
mod client;
mod compare;
mod delete;
mod fetch;
mod folders;
mod gmail;
mod heard;
mod idle;
mod lanes;
mod line;
mod list;
mod look;
mod news;
mod note;
mod part;
mod past;
mod quirks;
mod quota;
mod renumber;
mod replay;
mod roles;
mod search;
mod select;
mod sent;
mod session;
mod sign_in;
mod squeeze;
mod structure;
mod sync;
mod utf7;
mod value;
mod wanted;
mod wire;

pub use client::Client;
pub use idle::Woken;
pub use lanes::Lanes;
pub use part::Stretch;
pub use past::{Past, is_whole};
pub use quirks::{Quirks, quirks};
pub use quota::{Quota, quota};
pub use search::Found;
pub use sign_in::Step;
pub use sync::{Progress, Report, Synced};

use crate::{Login, MailError};
use clientele_net::Net;
use session::Session;
use std::time::Duration;
use tokio::time::timeout;
pub(crate) use wire::broken;

/// For counting folders, of which only a number is wanted.
const COUNTING: Duration = Duration::from_secs(10);

/// What trying out a server gave.
#[derive(Debug)]
pub struct TryOut {
    /// The last step that was reached.
    pub step: Step,
    /// For example `TLS 1.3`; empty without TLS.
    pub tls: String,
    /// How it signed in, for example `SCRAM-SHA-256`; empty where it did not come so far.
    pub mechanism: &'static str,
    /// How many folders hold mail, as far as they were counted in ten seconds.
    pub folders: u32,
    pub error: Option<MailError>,
}

/// Signs in, opens the inbox, counts the folders and leaves.
pub async fn try_out(net: &Net, login: &Login) -> TryOut {
    let mut tried = TryOut { step: Step::Resolve, tls: String::new(), mechanism: "", folders: 0, error: None };
    match Session::open(net, login, &mut tried.step).await {
        Err(error) => tried.error = Some(error),
        Ok(mut session) => {
            tried.tls = session.tls_version().unwrap_or_default().to_owned();
            tried.mechanism = session.mechanism;
            tried.error = session.select("INBOX").await.err();
            if tried.error.is_none() {
                // A server that takes minutes for ten thousand folders is one that can be read all the same.
                match timeout(COUNTING, session.count_folders(&mut tried.folders)).await {
                    Ok(counted) => tried.error = counted.err(),
                    Err(_) => return tried,
                }
            }
            tried.error = tried.error.map(|error| session.farewell(error));
            session.logout().await;
        }
    }
    tried
}

#[cfg(test)]
mod tests;
