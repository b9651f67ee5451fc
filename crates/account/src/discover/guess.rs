//! Servers guessed from a mail domain, each proven by a handshake.

use super::{
    Found, Said, Silence, Source, Way,
    address::{Mailbox, host_name},
    autoconfig::settle,
    hosts::Hosts,
    table::nowhere,
};
use crate::propose::{Side, speaks};
use clientele_model::{Endpoint, Security};
use clientele_net::Net;
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::{
    task::JoinSet,
    time::{Instant, timeout_at},
};

const LIMIT: Duration = Duration::from_secs(3);
/// When one has answered, a better one may take so much longer.
const GRACE: Duration = Duration::from_millis(300);

/// Tries the names that servers usually have below a domain, all at once, for at most three seconds.
/// TLS from the first byte wins over STARTTLS; nothing without protection is proposed, and no password is sent.
pub(super) async fn ask(net: &Net, hosts: &Arc<Hosts>, mailbox: &Mailbox, domain: &str) -> Said {
    let (incoming, outgoing) = tokio::join!(
        best(net, hosts, Side::Incoming, candidates(domain, &["imap.", "mail.", ""], Side::Incoming)),
        best(net, hosts, Side::Outgoing, candidates(domain, &["smtp.", "mail.", ""], Side::Outgoing)),
    );
    if incoming.is_none() && outgoing.is_none() {
        return Err(Silence::Nothing("no usual name answers".into()));
    }
    let user = mailbox.fill("%EMAILADDRESS%");
    let mut found = Found {
        provider_id: String::new(),
        provider_name: String::new(),
        source: Source::Guess,
        source_host: domain.to_owned(),
        // The certificate was checked, and the name is the domain's own.
        trusted: true,
        incoming: incoming.unwrap_or_else(nowhere),
        incoming_user: user.clone(),
        outgoing: outgoing.unwrap_or_else(nowhere),
        outgoing_user: user,
        sign_in: vec![Way::Password],
        oauth_id: None,
        app_password_url: None,
        help_url: None,
        enable_url: None,
        pop3_only: false,
    };
    settle(&mut found, mailbox);
    Ok(found)
}

/// Whether both servers of an answer are there, and show a certificate for their name.
pub(super) async fn answers(net: &Net, hosts: &Arc<Hosts>, found: &Found) -> bool {
    let (incoming, outgoing) = tokio::join!(
        best(net, hosts, Side::Incoming, vec![found.incoming.clone()]),
        best(net, hosts, Side::Outgoing, vec![found.outgoing.clone()]),
    );
    incoming.is_some() && outgoing.is_some()
}

fn candidates(domain: &str, names: &[&str], side: Side) -> Vec<Endpoint> {
    let ports: [(u16, Security); 2] = side.usual();
    let one = |(port, security): (u16, Security)| {
        let hosts = names.iter().filter_map(move |name| host_name(&format!("{name}{domain}")));
        hosts.map(move |host| Endpoint { host, port, security })
    };
    ports.into_iter().flat_map(one).collect()
}

/// The first in order of those that really speak the side's protocol, within the limit.
pub(super) async fn best(net: &Net, hosts: &Arc<Hosts>, side: Side, candidates: Vec<Endpoint>) -> Option<Endpoint> {
    let mut waiting: BTreeSet<usize> = (0..candidates.len()).collect();
    let mut running = JoinSet::new();
    for (place, endpoint) in candidates.iter().enumerate() {
        let (net, hosts, endpoint) = (net.clone(), hosts.clone(), endpoint.clone());
        running.spawn(async move { (place, hosts.there(&endpoint.host).await && speaks(&net, side, &endpoint).await) });
    }
    let mut end = Instant::now() + LIMIT;
    let mut best: Option<usize> = None;
    while let Ok(Some(Ok((place, answers)))) = timeout_at(end, running.join_next()).await {
        waiting.remove(&place);
        if answers && best.is_none_or(|best| place < best) {
            best = Some(place);
            end = end.min(Instant::now() + GRACE);
        }
        if best.is_some_and(|best| waiting.first().is_none_or(|first| best < *first)) {
            break;
        }
    }
    best.and_then(|place| candidates.into_iter().nth(place))
}
