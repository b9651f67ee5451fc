//! Servers guessed from a mail address, each proven by a handshake.

use crate::propose::{Side, speaks};
use clientele_model::{Endpoint, Security};
use clientele_net::Net;
use std::time::Duration;
use tokio::{task::JoinSet, time::timeout};

const LIMIT: Duration = Duration::from_secs(3);

/// Tries the names that servers usually have below a domain, all at once, for at most three seconds.
/// TLS from the first byte wins over STARTTLS; nothing without protection is proposed, and no password is sent.
pub(super) async fn guess(net: &Net, domain: &str) -> (Option<Endpoint>, Option<Endpoint>) {
    tokio::join!(
        best(net, Side::Incoming, candidates(domain, &["imap", "mail"], Side::Incoming)),
        best(net, Side::Outgoing, candidates(domain, &["smtp", "mail"], Side::Outgoing)),
    )
}

fn candidates(domain: &str, names: &[&str], side: Side) -> Vec<Endpoint> {
    let ports: [(u16, Security); 2] = side.usual();
    let one = |(port, security): (u16, Security)| {
        names.iter().filter_map(move |name| crate::endpoint(&format!("{name}.{domain}"), port, security).ok())
    };
    ports.into_iter().flat_map(one).collect()
}

/// The first in order of those that answer within the limit.
async fn best(net: &Net, side: Side, candidates: Vec<Endpoint>) -> Option<Endpoint> {
    let mut running = JoinSet::new();
    for (place, endpoint) in candidates.into_iter().enumerate() {
        let net = net.clone();
        running.spawn(async move { speaks(&net, side, &endpoint).await.then_some((place, endpoint)) });
    }
    let mut found: Vec<(usize, Endpoint)> = Vec::new();
    let collect = async {
        while let Some(done) = running.join_next().await {
            let answered = done.ok().flatten();
            let settled = answered.as_ref().is_some_and(|(place, _)| *place == 0);
            found.extend(answered);
            if settled {
                break;
            }
        }
    };
    let _ = timeout(LIMIT, collect).await;
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().next().map(|(_, endpoint)| endpoint)
}
