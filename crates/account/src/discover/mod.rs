//! The servers of an address: every source is asked at once, and the most trustworthy answer wins.
//!
//! What is believed: the administrator, the built-in table, the mail domain's own word over https, and servers inside the domain that
//! show a certificate for their name. What is not, until a person has looked at it: plain http, a redirect to another host,
//! records that lead outside the domain, servers without TLS.

mod address;
mod autoconfig;
mod autodiscover;
mod board;
mod found;
mod guess;
mod hosts;
mod mx;
mod policy;
mod sign_in;
mod silence;
mod srv;
mod table;
#[cfg(test)]
mod tests;
mod xml;

pub use found::{DiscoverOptions, Discovery, Found, Outcome, PolicyServer, Source, SourceReport, Way};
pub(crate) use table::ways_of;
pub use table::{provider, provider_of};

use address::Mailbox;
use board::Board;
use clientele_net::{Dns, Net};
use hosts::Sites;
use mx::Exchanger;
use silence::{Said, Silence};
use std::{
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};
use table::Entry;
use tokio::{
    select,
    task::JoinSet,
    time::{sleep, timeout, timeout_at},
};

/// Of each source by itself: a dead one holds nobody.
const DEADLINE: Duration = Duration::from_secs(4);
/// A second choice waits so long for the first.
const GRACE: Duration = Duration::from_millis(300);

/// Looks for the servers of an address. Never fails: what could not be asked is told in [`Discovery::sources`]. No
/// secret is sent to anybody, and the address only to its own domain, to its mail exchanger's, and to where these redirect.
/// Takes under a second where names are answered, and no time where the policy or the table knows the domain.
pub async fn discover(net: &Net, options: &DiscoverOptions, email: &str) -> Discovery {
    let begun = Instant::now();
    let Some(mailbox) = Mailbox::read(email) else { return Discovery::default() };
    let mut board = Board::new(begun);
    let unknown = |what: &str| Silence::Nothing(format!("{what} does not know the domain"));
    let of_policy = policy::ask(&options.policy_servers, &mailbox).ok_or_else(|| unknown("the policy"));
    board.enter(Source::Policy, String::new(), of_policy, begun.elapsed());
    let entry = table::by_domain(&mailbox);
    let reachable = !options.offline_only && net.online();
    match entry {
        // Its servers are seen first, with the other sources.
        Some(entry) if !entry.sure && reachable => {}
        entry => {
            let said = entry.map(|entry| entry.found).ok_or_else(|| unknown("the table"));
            board.enter(Source::Table, String::new(), said, begun.elapsed());
        }
    }
    if board.settled() && !options.every {
        return board.finish(mailbox, "not needed", false);
    }
    if !reachable {
        let why = if options.offline_only { "the network was not asked" } else { "there is no network" };
        return board.finish(mailbox, why, !options.offline_only);
    }

    let asking = Arc::new(Asking::new(net, &mailbox));
    let mut running = JoinSet::new();
    for source in Source::ALL.into_iter().filter(|source| !board.heard(*source)) {
        running.spawn(asking.clone().timed(source));
    }
    let end = begun + DEADLINE * 2;
    loop {
        let settled = board.settled();
        if settled && !options.every {
            break;
        }
        // Where every answer is wanted, the rest is waited for all the same, and changes nothing.
        let until = if settled { end } else { board.patience().unwrap_or(end) };
        match timeout_at(until.into(), running.join_next()).await {
            Ok(Some(Ok((source, host, said, elapsed)))) => board.enter(source, host, said, elapsed),
            // A source that panicked has said nothing.
            Ok(Some(Err(_))) => {}
            Ok(None) => break,
            Err(_) if until == end => break,
            Err(_) => {}
        }
    }
    let discovery = board.finish(mailbox, "was not waited for", false);
    tracing::debug!(
        sources = discovery.sources.iter().filter(|report| report.found.is_some()).count(),
        milliseconds = discovery.elapsed.as_millis() as u64,
        "looked for the servers of an address"
    );
    discovery
}

/// What the sources share.
struct Asking {
    net: Net,
    dns: Dns,
    web: Sites,
    mailbox: Mailbox,
    exchanger: Exchanger,
}

impl Asking {
    fn new(net: &Net, mailbox: &Mailbox) -> Asking {
        let dns = net.dns();
        let exchanger = Exchanger::new(dns.clone(), &mailbox.domain);
        Asking { net: net.clone(), web: Sites::new(net.web(), &dns), dns, mailbox: mailbox.clone(), exchanger }
    }

    /// With who was asked, and how long it took.
    async fn timed(self: Arc<Self>, source: Source) -> (Source, String, Said, Duration) {
        let begun = Instant::now();
        let said = timeout(DEADLINE, self.ask(source)).await.unwrap_or(Err(Silence::TimedOut));
        let domain = &self.mailbox.domain;
        let host = match source {
            Source::Autoconfig | Source::AutoconfigHttp => format!("autoconfig.{domain}"),
            _ => domain.clone(),
        };
        (source, host, said, begun.elapsed())
    }

    /// Asks at the domain, and, for `sales.firm.no`, at `firm.no` as well; what the domain itself says comes first.
    async fn ask(&self, source: Source) -> Said {
        let (domain, base) = (&self.mailbox.domain, &self.mailbox.base);
        let own = self.ask_at(source, domain);
        if base == domain || matches!(source, Source::Table | Source::TableMx | Source::AutoconfigMx) {
            return own.await;
        }
        prefer(own, self.ask_at(source, base)).await
    }

    /// What the table says of itself counts; where it is not sure, its servers have to answer.
    async fn confirm(&self, entry: Entry) -> Said {
        if entry.sure || guess::answers(&self.net, &self.web.hosts, &entry.found).await {
            return Ok(entry.found);
        }
        Err(Silence::Failed("the table is not sure of its servers, and they do not answer".into()))
    }

    async fn ask_at(&self, source: Source, domain: &str) -> Said {
        let Asking { net, dns, web, mailbox, exchanger } = self;
        match source {
            Source::Table => match table::by_domain(mailbox) {
                Some(entry) => self.confirm(entry).await,
                None => Err(Silence::Nothing("the table does not know the domain".into())),
            },
            Source::TableMx => self.confirm(exchanger.in_table(mailbox).await?).await,
            Source::Autoconfig => autoconfig::at_domain(web, mailbox, domain).await,
            Source::WellKnown => autoconfig::well_known(web, mailbox, domain).await,
            Source::AutoconfigMx => exchanger.autoconfig(web, mailbox).await,
            Source::Srv => srv::ask(net, dns, &web.hosts, mailbox, domain).await,
            Source::Autodiscover => autodiscover::ask(web, dns, mailbox, domain).await,
            Source::Guess => guess::ask(net, &web.hosts, mailbox, domain).await,
            Source::AutoconfigHttp => autoconfig::over_http(web, mailbox, domain).await,
            Source::Policy => Err(Silence::Nothing("asked before".into())),
        }
    }
}

/// Asks both; an answer of the second waits a moment for one of the first.
async fn prefer(first: impl Future<Output = Said>, second: impl Future<Output = Said>) -> Said {
    let (mut first, mut second) = (pin!(first), pin!(second));
    select! {
        said = &mut first => if said.is_ok() { said } else { second.await },
        said = &mut second => {
            if said.is_err() {
                return first.await;
            }
            select! {
                first = &mut first => if first.is_ok() { first } else { said },
                () = sleep(GRACE) => said,
            }
        }
    }
}
