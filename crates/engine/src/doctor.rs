//! Looks at everything that can be wrong, and says so in one list.

use crate::{Engine, EngineError, Role};
use clientele_auth::Kind;
use clientele_store::OutboxState;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    Ok,
    Warning,
    Error,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// `profile`, `lock`, `store`, `secrets`, `account 3 incoming` …
    pub subject: String,
    pub health: Health,
    /// One of the wire's codes, or empty.
    pub code: String,
    pub detail: String,
}

impl Finding {
    fn new(subject: impl Into<String>, health: Health, code: &str, detail: impl Into<String>) -> Self {
        Finding { subject: subject.into(), health, code: code.into(), detail: detail.into() }
    }
}

/// Less than this is little for a mailbox.
const LITTLE_SPACE: u64 = 500 * 1024 * 1024;

impl Engine {
    pub async fn doctor(&self) -> Result<Vec<Finding>, EngineError> {
        let mut found = vec![self.look_at_profile(), self.look_at_lock(), self.look_at_disk(), self.look_at_clock()];
        found.push(self.look_at_store().await);
        found.push(self.look_at_secrets());
        for (account, _) in self.accounts().await? {
            let id = account.id;
            match self.account_verify_saved(id).await {
                Ok(report) => {
                    for (name, side) in [("incoming", report.incoming), ("outgoing", report.outgoing)] {
                        let subject = format!("account {id} {name}");
                        found.push(match side.code {
                            None => {
                                Finding::new(subject, Health::Ok, "", format!("{} ms {}", side.milliseconds, side.tls))
                            }
                            Some(code) => Finding::new(subject, Health::Error, code.as_str(), side.detail),
                        });
                    }
                }
                Err(error) => {
                    found.push(Finding::new(format!("account {id}"), Health::Error, error.code(), error.to_string()));
                }
            }
            let queued = self.operations_queued(id).await?;
            let health = if queued > 100 { Health::Warning } else { Health::Ok };
            found.push(Finding::new(format!("account {id} operations"), health, "", format!("{queued} queued")));
        }
        let outbox = self.outbox().await?;
        let count = |state| outbox.iter().filter(|item| item.state == state).count();
        let (held, failed) = (count(OutboxState::Held), count(OutboxState::Failed));
        let health = if held + failed > 0 { Health::Warning } else { Health::Ok };
        let detail = format!("{} waiting, {held} held, {failed} failed", outbox.len() - held - failed);
        found.push(Finding::new("outbox", health, "", detail));
        let refused = self.operations_refused().await?.len();
        let health = if refused > 0 { Health::Warning } else { Health::Ok };
        found.push(Finding::new("refused changes", health, "", refused.to_string()));
        let crm = self.crm_status().await?;
        found.push(Finding::new("crm", Health::Ok, "", format!("{}, {} queued", crm.kind, crm.queued)));
        Ok(found)
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
                Finding::new("disk", Health::Warning, "disk_full", format!("{} MB free", free / 1_048_576))
            }
            Ok(free) => Finding::new("disk", Health::Ok, "", format!("{} MB free", free / 1_048_576)),
            Err(error) => Finding::new("disk", Health::Warning, "file_failed", error.to_string()),
        }
    }

    /// A clock that is years off makes every certificate look expired.
    fn look_at_clock(&self) -> Finding {
        let year = jiff::Timestamp::from_second(self.now()).map(|now| now.to_zoned(jiff::tz::TimeZone::UTC).year());
        match year {
            Ok(2025..=2060) => Finding::new("clock", Health::Ok, "", ""),
            _ => Finding::new("clock", Health::Warning, "", "the computer's date looks wrong"),
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
            (Ok(_), Some(_)) => Finding::new(
                "store",
                Health::Warning,
                "store_damaged",
                "a damaged mail store was set aside and is fetched again",
            ),
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
}
