//! Settings that answer where the asked ones did not.

use crate::Code;
use clientele_mail::{Login, MailError, imap, imap::Step, smtp};
use clientele_model::{Endpoint, Security, Token, TokenError, TokenSource};
use clientele_net::Net;
use std::{sync::Arc, time::Duration};
use tokio::{task::JoinSet, time::timeout};

/// Each other setting gets so long, all at once.
const BRIEF: Duration = Duration::from_secs(4);

/// Which of the two protocols.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Incoming,
    Outgoing,
}

impl Side {
    /// The usual ports, the safest first (RFC 8314).
    pub(crate) fn usual(self) -> [(u16, Security); 2] {
        match self {
            Side::Incoming => [(993, Security::Tls), (143, Security::Starttls)],
            Side::Outgoing => [(465, Security::Tls), (587, Security::Starttls)],
        }
    }
}

/// Whether other settings for the same server may do better.
pub(crate) fn may_help(code: Code, asked: &Endpoint) -> bool {
    match code {
        Code::PortRefused
        | Code::Timeout
        | Code::TlsToPlainPort
        | Code::PlainToTlsPort
        | Code::StarttlsMissing
        | Code::TlsFailed
        | Code::Pop3
        | Code::NotMail
        | Code::ConnectionClosed => true,
        // Many servers offer a sign-in only over TLS.
        Code::SignInUnsupported => asked.security == Security::None,
        _ => false,
    }
}

/// Tries the usual ports, and the asked port with other protection; the safest that really speaks the protocol wins.
/// Nothing secret is sent.
pub(crate) async fn propose(net: &Net, side: Side, asked: &Endpoint, code: Code) -> Option<Endpoint> {
    let mut candidates: Vec<(u16, Security)> = Vec::new();
    if !matches!(code, Code::Pop3 | Code::PortRefused | Code::NotMail) {
        candidates.extend([(asked.port, Security::Tls), (asked.port, Security::Starttls)]);
    }
    candidates.extend(side.usual());
    candidates.retain(|(port, security)| (*port, *security) != (asked.port, asked.security));

    let mut running = JoinSet::new();
    for (place, (port, security)) in candidates.into_iter().enumerate() {
        let endpoint = Endpoint { host: asked.host.clone(), port, security };
        let net = net.clone();
        running.spawn(async move {
            let speaks = timeout(BRIEF, speaks(&net, side, &endpoint)).await.unwrap_or(false);
            speaks.then_some((place, endpoint))
        });
    }
    let mut found = Vec::new();
    while let Some(done) = running.join_next().await {
        found.extend(done.ok().flatten());
    }
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().next().map(|(_, endpoint)| endpoint)
}

/// Whether a server speaks the side's protocol with these settings: everything up to the sign-in works.
pub(crate) async fn speaks(net: &Net, side: Side, endpoint: &Endpoint) -> bool {
    let login = Login { endpoint: endpoint.clone(), user: "-".into(), secret: Arc::new(Nothing) };
    let (step, error) = match side {
        Side::Incoming => {
            let tried = imap::try_out(net, &login).await;
            (tried.step, tried.error)
        }
        Side::Outgoing => {
            let tried = smtp::try_out(net, &login, "").await;
            (tried.step, tried.error)
        }
    };
    // The missing secret is what stops it, and nothing before.
    step >= Step::SignIn && matches!(error, Some(MailError::Token(_)))
}

/// Stops a try-out where it would send a password: over protection that nobody asked for none is sent.
pub(crate) struct Nothing;

impl TokenSource for Nothing {
    fn credential(&self) -> Token<'_> {
        Box::pin(async { Err(TokenError::Missing) })
    }
}
