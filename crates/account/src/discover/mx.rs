//! What the mail exchanger of a domain says about where its mailboxes are.

use super::{
    Said, Silence,
    address::{Mailbox, base_of, host_name},
    autoconfig,
    hosts::Sites,
    prefer,
    table::{self, Entry},
};
use clientele_net::Dns;
use tokio::sync::OnceCell;

/// The exchanger, looked up once for both who want to know.
pub(super) struct Exchanger {
    dns: Dns,
    domain: String,
    host: OnceCell<Result<String, Silence>>,
}

impl Exchanger {
    pub fn new(dns: Dns, domain: &str) -> Exchanger {
        Exchanger { dns, domain: domain.to_owned(), host: OnceCell::new() }
    }

    /// Only the most preferred one: the others may be anybody's that keeps mail for a while.
    async fn host(&self) -> Result<String, Silence> {
        let ask = async {
            let found = self.dns.mx(&self.domain).await?;
            let first = found.into_iter().min_by_key(|mx| mx.preference);
            let host = match first {
                Some(mx) if mx.host.is_empty() => return Err(Silence::Nothing("the domain takes no mail".into())),
                Some(mx) => host_name(&mx.host),
                None => return Err(Silence::Nothing("no mail exchanger".into())),
            };
            let host = host.ok_or_else(|| Silence::Failed("the mail exchanger is no host name".into()))?;
            match table::filter(&host) {
                Some(filter) => Err(Silence::Nothing(format!("{filter} only filters the mail"))),
                None => Ok(host),
            }
        };
        self.host.get_or_init(|| ask).await.clone()
    }

    pub async fn in_table(&self, mailbox: &Mailbox) -> Result<Entry, Silence> {
        let host = self.host().await?;
        table::by_mx(mailbox, &host).ok_or_else(|| Silence::Nothing(format!("{host} is not in the table")))
    }

    /// At the exchanger's name without its first label, then at its registered domain.
    pub async fn autoconfig(&self, web: &Sites, mailbox: &Mailbox) -> Said {
        let host = self.host().await?;
        let base = base_of(&host);
        let full = host.split_once('.').map(|(_, rest)| rest.to_owned()).filter(|full| full.len() > base.len());
        let asked = [mailbox.domain.as_str(), mailbox.base.as_str()];
        let mut places: Vec<String> = full.into_iter().chain([base]).collect();
        places.retain(|place| !asked.contains(&place.as_str()));
        let ask = |place: String| async move { autoconfig::at_exchanger(web, mailbox, &place).await };
        let mut places = places.into_iter();
        match (places.next(), places.next()) {
            (Some(full), Some(base)) => prefer(ask(full), ask(base)).await,
            (Some(only), None) => ask(only).await,
            _ => Err(Silence::Nothing("the mail exchanger is in the domain itself".into())),
        }
    }
}
