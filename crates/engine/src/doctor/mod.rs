//! Looks at everything that can be wrong, and says so in one list. Only the accounts' own servers and the CRM are asked.

mod account;
mod warning;

use crate::{Engine, EngineError, ProxyKind, Role};
use account::Looked;
use clientele_auth::Kind;
use clientele_model::MessageId;
use clientele_store::OutboxState;
use std::time::Duration;
use tokio::task::JoinSet;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    Ok,
    Warning,
    Error,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// `profile`, `lock`, `disk`, `clock`, `store`, `secrets`, `network`, `proxy`, `policy`, `incoming`, `outgoing`,
    /// `operations`, `provider_mail`, `outbox`, `refused` or `crm`.
    pub topic: &'static str,
    /// The address of the account it is about, or empty.
    pub account: String,
    pub health: Health,
    /// One of the wire's codes, or empty.
    pub code: String,
    pub detail: String,
    /// A page where it can be mended.
    pub url: Option<String>,
    /// A mail that says more.
    pub message: Option<MessageId>,
}

impl Finding {
    fn new(topic: &'static str, health: Health, code: &str, detail: impl Into<String>) -> Self {
        let (account, url, message) = (String::new(), None, None);
        Finding { topic, account, health, code: code.into(), detail: detail.into(), url, message }
    }

    fn of(self, account: &clientele_store::Account) -> Self {
        Finding { account: account.email.clone(), ..self }
    }
}

/// Less than this is little for a mailbox: twice what ends the fetching.
const LITTLE_SPACE: u64 = 1000 * 1024 * 1024;
/// A clock that is off by less is no trouble.
const DAY: i64 = 86_400;
/// How long the CRM may take to say who one is.
const CRM_ANSWERS: Duration = Duration::from_secs(20);

impl Engine {
    pub async fn doctor(&self) -> Result<Vec<Finding>, EngineError> {
        let mut found = vec![self.look_at_profile(), self.look_at_lock(), self.look_at_disk()];
        found.push(self.look_at_store().await);
        found.push(self.look_at_secrets());
        found.extend(self.look_at_policy());
        let accounts = self.look_at_accounts().await?;
        let clock = self.look_at_clock(&accounts).await?;
        let wrong_clock = clock.health != Health::Ok;
        found.push(clock);
        found.push(self.look_at_network(&accounts).await);
        found.push(self.look_at_proxy(&accounts).await?);
        for looked in accounts {
            found.extend(looked.findings(wrong_clock));
        }
        let outbox = self.outbox().await?;
        let count = |state| outbox.iter().filter(|item| item.state == state).count();
        let (held, failed) = (count(OutboxState::Held), count(OutboxState::Failed));
        let health = if held + failed > 0 { Health::Warning } else { Health::Ok };
        let detail = format!("{} waiting, {held} held, {failed} failed", outbox.len() - held - failed);
        found.push(Finding::new("outbox", health, "", detail));
        let refused = self.operations_refused().await?.len();
        let health = if refused > 0 { Health::Warning } else { Health::Ok };
        found.push(Finding::new("refused", health, "", refused.to_string()));
        found.push(self.look_at_crm().await?);
        Ok(found)
    }

    /// How the CRM is; one elsewhere is asked who one is, which says whether the sign-in works.
    async fn look_at_crm(&self) -> Result<Finding, EngineError> {
        let mut now = self.crm_status().await?;
        if now.kind != "embedded" && now.code.is_none() && self.role() == Role::Owner {
            let crm = self.crm();
            now.code = match tokio::time::timeout(CRM_ANSWERS, crm.me()).await {
                Ok(Ok(_)) => None,
                Ok(Err(error)) => Some(error.code().to_owned()),
                Err(_) => Some("crm_unavailable".to_owned()),
            };
        }
        let health = match &now.code {
            Some(_) => Health::Error,
            None if now.failed > 0 => Health::Warning,
            None => Health::Ok,
        };
        let detail = format!("{}, {} waiting, {} refused", now.kind, now.queued, now.failed);
        Ok(Finding::new("crm", health, now.code.as_deref().unwrap_or_default(), detail))
    }

    /// All at once: one that does not answer holds up no other.
    async fn look_at_accounts(&self) -> Result<Vec<Looked>, EngineError> {
        let mut running = JoinSet::new();
        for (place, (account, _)) in self.accounts().await?.into_iter().enumerate() {
            let engine = self.clone();
            running.spawn(async move { (place, engine.look_at_account(account).await) });
        }
        let mut looked = Vec::new();
        while let Some(done) = running.join_next().await {
            let (place, one) = done.map_err(|_| EngineError::Internal("looking at an account panicked"))?;
            looked.push((place, one?));
        }
        looked.sort_by_key(|(place, _)| *place);
        Ok(looked.into_iter().map(|(_, one)| one).collect())
    }

    fn look_at_profile(&self) -> Finding {
        let probe = self.tmp().join("probe");
        let written = std::fs::create_dir_all(self.tmp()).and_then(|()| std::fs::write(&probe, b"x"));
        let _ = std::fs::remove_file(&probe);
        match written {
            Ok(()) => Finding::new("profile", Health::Ok, "", self.profile().display().to_string()),
            Err(error) => Finding::new("profile", Health::Error, "file_failed", error.to_string()),
        }
    }

    fn look_at_lock(&self) -> Finding {
        match self.role() {
            Role::Owner => Finding::new("lock", Health::Ok, "", "this process owns the profile"),
            Role::Guest => Finding::new("lock", Health::Ok, "", "another process owns the profile"),
        }
    }

    fn look_at_disk(&self) -> Finding {
        match fs4::available_space(self.profile()) {
            Ok(free) if free < LITTLE_SPACE => {
                // Mail is not fetched any more, or it will soon be so.
                let health = if self.disk_full() { Health::Error } else { Health::Warning };
                Finding::new("disk", health, "disk_full", format!("{} MB free", free / 1_048_576))
            }
            Ok(free) => Finding::new("disk", Health::Ok, "", format!("{} MB free", free / 1_048_576)),
            Err(error) => Finding::new("disk", Health::Warning, "file_failed", error.to_string()),
        }
    }

    async fn look_at_store(&self) -> Finding {
        let checked = self
            .store(|store| {
                store.folders_all()?;
                store.outbox()
            })
            .await;
        match (checked, self.mail_set_aside()) {
            (Err(error), _) => Finding::new("store", Health::Error, error.code(), error.to_string()),
            (Ok(_), Some(_)) => {
                Finding::new("store", Health::Warning, "", "a damaged mail store was set aside and is fetched again")
            }
            (Ok(_), None) => Finding::new("store", Health::Ok, "", ""),
        }
    }

    fn look_at_secrets(&self) -> Finding {
        let complaint = self.0.secrets.complaint().unwrap_or_default().to_owned();
        match self.0.secrets.kind() {
            Kind::Keyring => Finding::new("secrets", Health::Ok, "", "keyring"),
            Kind::Sealed => Finding::new("secrets", Health::Ok, "", "sealed file"),
            Kind::Memory => Finding::new("secrets", Health::Warning, "", "in memory until the program ends"),
            Kind::Locked => Finding::new("secrets", Health::Error, "secrets_locked", "the sealed file is locked"),
            Kind::Missing => Finding::new("secrets", Health::Error, "secrets_missing", complaint),
        }
    }

    fn look_at_policy(&self) -> Vec<Finding> {
        let policy = self.policy();
        let mut found: Vec<Finding> = policy
            .problems
            .iter()
            .map(|one| format!("{}:{}: {}", one.path.display(), one.line, one.message))
            .map(|words| Finding::new("policy", Health::Warning, "", words))
            .collect();
        if let Some(path) = &policy.source {
            found.push(Finding::new("policy", Health::Ok, "", path.display().to_string()));
        } else if found.is_empty() {
            found.push(Finding::new("policy", Health::Ok, "", "none"));
        }
        found
    }

    /// Nobody is asked the time: what the accounts' own servers have shown tells enough.
    async fn look_at_clock(&self, accounts: &[Looked]) -> Result<Finding, EngineError> {
        let now = self.now();
        let wrong = |words: &str| Ok(Finding::new("clock", Health::Error, "clock_wrong", words));
        let year = jiff::Timestamp::from_second(now).map(|now| now.to_zoned(jiff::tz::TimeZone::UTC).year());
        if !matches!(year, Ok(2026..=2060)) {
            return wrong("the year is wrong");
        }
        if accounts.iter().flat_map(Looked::certificates).any(|one| one.not_before > now + DAY) {
            return wrong("a server's certificate is not valid yet");
        }
        // A mail's time is the server's where its own lies in the future.
        if accounts.iter().filter_map(|looked| looked.newest).any(|newest| newest > now + DAY) {
            return wrong("the newest mail is from the future");
        }
        Ok(Finding::new("clock", Health::Ok, "", ""))
    }

    async fn look_at_network(&self, accounts: &[Looked]) -> Finding {
        if accounts.iter().any(Looked::answered) {
            return Finding::new("network", Health::Ok, "", "");
        }
        let local = accounts.iter().any(|looked| is_local(&looked.account.incoming.host));
        if !self.0.net.online() && !local {
            return Finding::new("network", Health::Error, "offline", "there is no way out of this computer");
        }
        for looked in accounts {
            if self.behind_portal(looked).await {
                return Finding::new(
                    "network",
                    Health::Error,
                    "captive_portal",
                    "a web page answers in the server's place",
                );
            }
        }
        Finding::new("network", Health::Ok, "", "")
    }

    async fn look_at_proxy(&self, accounts: &[Looked]) -> Result<Finding, EngineError> {
        let settings = self.proxy().await?;
        let words = match settings.kind {
            ProxyKind::System => "as the system says".to_owned(),
            ProxyKind::None => "none".to_owned(),
            ProxyKind::Http => format!("HTTP {}:{}", settings.host, settings.port),
            ProxyKind::Socks5 => format!("SOCKS5 {}:{}", settings.host, settings.port),
        };
        let failed = accounts.iter().flat_map(Looked::codes).find(|code| code.starts_with("proxy_"));
        Ok(match failed {
            Some(code) => Finding::new("proxy", Health::Error, &code, words),
            None => Finding::new("proxy", Health::Ok, "", words),
        })
    }
}

fn is_local(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit::{self, NOW};

    fn line<'a>(found: &'a [Finding], topic: &str) -> &'a Finding {
        found.iter().find(|one| one.topic == topic).expect(topic)
    }

    #[tokio::test]
    async fn a_server_that_does_not_answer_is_told_and_the_rest_is_well() {
        let (_folder, engine) = testkit::engine().await;
        let account = testkit::account(&engine, "kari@fjord.example").await;
        testkit::mail(&engine, account, 1, "ola@nord.example", "Hei").await;
        engine.account_add_password(account, "x").await;
        let found = engine.doctor().await.expect("doctor");
        let incoming = line(&found, "incoming");
        assert_eq!((incoming.code.as_str(), incoming.account.as_str()), ("port_refused", "kari@fjord.example"));
        assert_eq!(line(&found, "clock").health, Health::Ok);
        assert_eq!(line(&found, "network").code, "");
    }

    #[tokio::test]
    async fn mail_from_the_future_means_that_the_clock_is_wrong() {
        let folder = tempfile::tempdir().expect("folder");
        let config = crate::Config { clock: Some(std::sync::Arc::new(|| NOW - 10 * DAY)), ..testkit::config(&folder) };
        let engine = Engine::start(config).await.expect("engine");
        let account = testkit::account(&engine, "kari@fjord.example").await;
        testkit::mail(&engine, account, 1, "ola@nord.example", "Hei").await;
        let found = engine.doctor().await.expect("doctor");
        assert_eq!(line(&found, "clock").code, "clock_wrong");
    }

    #[tokio::test]
    async fn a_policy_that_was_refused_is_told_with_its_line() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("policy.toml");
        std::fs::write(&file, "language = \"nb\"\nlanguage_of = 3\n").expect("policy");
        let policy = crate::PolicyFiles { machine: file, beside: None };
        let config = crate::Config { policy: Some(policy), ..testkit::config(&folder) };
        let engine = Engine::start(config).await.expect("the program starts all the same");
        let found = engine.doctor().await.expect("doctor");
        let line = line(&found, "policy");
        assert!(line.health == Health::Warning && line.detail.contains("policy.toml:2:"), "{line:?}");
    }
}
