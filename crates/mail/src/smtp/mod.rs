//! SMTP submission (RFC 5321, RFC 6409, RFC 8314).
//!
//! lettre speaks the protocol, over a stream of ours: what decides whether a mail may be sent again is whether the
//! connection died before the end of the mail was on its way or after, and that is seen from below
//! (docs/decisions/0007-smtp-client.md).

mod conversation;
mod reply;
mod send;
mod wire;

pub use send::{Mail, Outcome, send};

use crate::{Login, MailError, imap::Step};
use clientele_net::Net;
use conversation::Conversation;

/// What trying out a server gave.
#[derive(Debug)]
pub struct TryOut {
    /// The last step that was reached.
    pub step: Step,
    /// For example `TLS 1.3`; empty without TLS.
    pub tls: String,
    /// How it signed in, for example `SCRAM-SHA-256`; empty where it did not come so far, or had to.
    pub mechanism: &'static str,
    pub error: Option<MailError>,
}

/// Signs in, names `sender` as one who wants to send, and leaves; nothing is sent. An empty sender is not named.
pub async fn try_out(net: &Net, login: &Login, sender: &str) -> TryOut {
    let mut tried = TryOut { step: Step::Resolve, tls: String::new(), mechanism: "", error: None };
    match Conversation::open(net, login, &mut tried.step).await {
        Err(error) => tried.error = Some(error),
        Ok(mut conversation) => {
            tried.tls = conversation.tls_version().unwrap_or_default().to_owned();
            tried.mechanism = conversation.mechanism();
            if !sender.is_empty() {
                tried.error = send::accepts(&mut conversation, sender).await.err();
            }
            conversation.quit().await;
        }
    }
    tried
}

#[cfg(test)]
mod tests;
