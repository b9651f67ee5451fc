//! The customer beside the mail, and the work that goes on behind it.

use crate::{
    AfterFirst, Engine, EngineError, Role, Task, Waits, engine::lock, follow_up::of_records, records::off_thread,
};
use clientele_crm::{Company, Customer, Embedded, NewPerson, Person, Record, Seed, archive, customer_of};
use clientele_message::Signature;
use clientele_model::{MessageId, RecordKind, RecordRef};
use clientele_store::{ArchiveState, Correspondent};
use std::{path::Path, sync::Arc, time::Duration};

pub(crate) async fn open(profile: &Path, role: Role) -> Result<Embedded, EngineError> {
    let path = profile.join("crm.db");
    let opened = tokio::task::spawn_blocking(move || {
        let crm = Embedded::open(&path)?;
        if role == Role::Owner {
            let now = jiff::Timestamp::now().as_second();
            // A backup that fails must not keep anybody from their mail.
            if let Err(error) = crm.backup_if_due(now) {
                tracing::warn!(%error, "no backup of crm.db");
            }
        }
        Ok::<_, clientele_crm::CrmError>(crm)
    });
    Ok(opened.await.map_err(|_| EngineError::Internal("opening the CRM panicked"))??)
}

/// What stands beside a mail's customer.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    /// Of the customer's people and from this mail, the open ones first.
    pub follow_ups: Vec<Task>,
    /// Sales that wait to be made, or were refused.
    pub sales_waiting: Vec<Waits>,
    /// Addresses that are not to be added.
    pub never: Vec<String>,
    /// The author's, where nobody is known by their address.
    pub signature: Option<Signature>,
    /// Where a browser shows the person, or else the company.
    pub page: Option<String>,
    /// Rules are on.
    pub rules: bool,
    /// This mail is offered to go where its conversation is.
    pub offer: bool,
    /// Name of the CRM that has the mail, where that is not the one connected now.
    pub elsewhere: String,
}

/// How long a search waits for the CRM.
const ASKED: Duration = Duration::from_secs(3);
/// Follow-ups in the panel, and the people and companies whose they are.
const FOLLOW_UPS: usize = 20;
const WHOSE: usize = 3;

impl Engine {
    /// What belongs beside [`Engine::customer`]'s answer. Without a network.
    pub async fn customer_beside(&self, message: MessageId, customer: &Customer) -> Result<Beside, EngineError> {
        let offers = self.crm_settings().await?.conversation == AfterFirst::Offer;
        let elsewhere = match &customer.archived {
            Some(row) => self.archived_elsewhere(row.link).await?,
            None => String::new(),
        };
        let rules = !self.all_rules().await?.rules.is_empty();
        let (crm, customer) = (self.crm(), customer.clone());
        let store = self.0.store.clone();
        let beside = move || {
            let mut whose: Vec<RecordRef> = Vec::new();
            for one in customer.participants.iter().filter(|one| one.people.len() == 1).take(WHOSE) {
                for person in &one.people {
                    whose.push(RecordRef { kind: RecordKind::Person, id: person.id.clone() });
                }
            }
            for one in customer.suggestions.iter().filter(|one| one.record.kind == RecordKind::Company).take(WHOSE) {
                whose.push(RecordRef { kind: RecordKind::Company, id: one.record.id.clone() });
            }
            let mut beside = Beside { elsewhere, rules, ..Beside::default() };
            beside.page = whose.first().and_then(|first| crm.page(first));
            let row = store.row(message)?;
            (beside.follow_ups, beside.sales_waiting) = of_records(&store, &*crm, &whose, &row.message_id)?;
            beside.follow_ups.truncate(FOLLOW_UPS);
            for one in &customer.participants {
                if one.people.is_empty() && store.never_add(&one.address.email)? {
                    beside.never.push(one.address.key());
                }
            }
            let there = customer.archived.as_ref().is_some_and(|row| row.state != ArchiveState::Failed);
            beside.offer = offers && customer.conversation && !there && customer.there.is_none() && !customer.private;
            let author = row.from;
            let unknown =
                customer.participants.iter().any(|one| one.address.key() == author.key() && one.people.is_empty());
            if unknown && let Some(raw) = store.readable(message)? {
                let parsed = clientele_message::parse(&raw);
                let text = parsed.text.or_else(|| parsed.html.map(|html| clientele_message::html_to_text(&html)));
                beside.signature = Some(clientele_message::signature(&text.unwrap_or_default(), &author));
            }
            Ok::<_, clientele_crm::CrmError>(beside)
        };
        let beside = tokio::task::spawn_blocking(beside);
        Ok(beside.await.map_err(|_| EngineError::Internal("looking at the customer panicked"))??)
    }

    pub async fn customer(&self, message: MessageId) -> Result<Customer, EngineError> {
        Ok(customer_of(&self.0.store, self.crm(), message).await?)
    }

    /// The mails on this computer with these Message-IDs; of several copies the first.
    pub async fn by_message_ids(&self, ids: Vec<String>) -> Result<Vec<(String, MessageId)>, EngineError> {
        self.store(move |store| {
            let mut found = Vec::new();
            for id in ids {
                if let Some(message) = store.by_message_id(&id)?.first() {
                    found.push((id, *message));
                }
            }
            Ok(found)
        })
        .await
    }

    pub async fn person_create(&self, person: NewPerson) -> Result<Person, EngineError> {
        if person.name.trim().is_empty() && person.email.trim().is_empty() {
            return Err(EngineError::Invalid("a person has a name or an address".into()));
        }
        let created = self.crm_to_write()?.0.person_create(person).await?;
        // Whoever wrote is known now: every pill may say something else.
        self.crm_changed(Ok(created)).await
    }

    pub async fn companies(&self, query: &str, limit: u32) -> Result<Vec<Company>, EngineError> {
        Ok(self.crm().companies(query, limit).await?)
    }

    /// From what is on this computer, at once.
    pub async fn records(&self, query: &str, limit: u32) -> Result<Vec<Record>, EngineError> {
        let (crm, query) = (self.crm(), query.to_owned());
        off_thread(move || Ok(crm.search(&query, limit)?)).await
    }

    /// Asks the CRM too; where it does not answer soon, what is on this computer.
    pub async fn records_asked(&self, query: &str, limit: u32) -> Result<Vec<Record>, EngineError> {
        let crm = self.crm();
        if crm.kind() == "embedded" || !self.crm_may_be_asked() {
            return self.records(query, limit).await;
        }
        match tokio::time::timeout(ASKED, crm.records(query, limit)).await {
            Ok(found) => Ok(found?),
            Err(_) => self.records(query, limit).await,
        }
    }

    /// Whom one may mean: people in the CRM first, then those one has written with; each address once.
    pub async fn address_suggest(
        &self,
        query: String,
        limit: u32,
    ) -> Result<(Vec<Person>, Vec<Correspondent>), EngineError> {
        let people = self.crm().people(&query, limit).await?;
        let mut others = self.store(move |store| store.correspondents(&query, limit)).await?;
        let known =
            |email: &str| people.iter().any(|person| person.emails.iter().any(|own| own.eq_ignore_ascii_case(email)));
        others.retain(|one| !known(&one.address.email));
        Ok((people, others))
    }

    /// Works through what is due in the archive queue, once; answers how many rows were done or failed.
    pub async fn archive_run(&self) -> Result<u32, EngineError> {
        let mut worked = 0;
        while self.crm_may_be_sent_to() {
            let now = self.now();
            let Some(next) = self.store(move |store| store.archive_next(now)).await? else { break };
            // Its server may let one wait for it: nobody else waits meanwhile.
            let raw = self.raw_by_message_id(next.message_id).await;
            let asked = raw.is_some();
            // For each anew: whoever takes a mail back does not wait for all of them.
            let _one_at_a_time = self.0.archiving.lock().await;
            if !self.crm_may_be_sent_to() {
                break;
            }
            let Some(row) = archive::run_row(&self.0.store, self.crm(), now, next.id, raw).await? else { continue };
            match row.state {
                // The CRM put it off, and would put off all others.
                ArchiveState::Queued if asked => self.0.crm_now.put_off(),
                ArchiveState::Done => self.0.crm_now.goes_on(),
                _ => {}
            }
            tracing::info!(archive = %row.id, state = ?row.state, "archived");
            // A sent mail without a copy has waited for it.
            self.wake_outbox(Some(row.account));
            worked += 1;
        }
        Ok(worked)
    }

    async fn raw_by_message_id(&self, message_id: String) -> Option<Arc<[u8]>> {
        let wanted = message_id.clone();
        let rows = self.store(move |store| store.by_message_id(&wanted)).await.ok()?;
        for row in rows {
            if let Ok(raw) = self.raw(row).await {
                return Some(raw);
            }
        }
        // Just sent, and not in Sent: not yet, or not at all where no copy is wanted.
        let raw = self.store(move |store| store.outbox_raw_by_message_id(&message_id)).await.ok()?;
        raw.map(Into::into)
    }

    /// Fills the embedded CRM from JSON `{companies[], people[], sales[], projects[], activities[]}`; answers how many
    /// records that held.
    pub async fn crm_import(&self, json: &[u8]) -> Result<usize, EngineError> {
        let seed: Seed = serde_json::from_slice(json).map_err(|error| EngineError::Invalid(error.to_string()))?;
        let count =
            seed.companies.len() + seed.people.len() + seed.sales.len() + seed.projects.len() + seed.activities.len();
        let crm = self.0.crm.clone();
        tokio::task::spawn_blocking(move || crm.import(&seed))
            .await
            .map_err(|_| EngineError::Internal("the import panicked"))??;
        self.store(|store| store.pills_reset()).await?;
        Ok(count)
    }

    /// What goes on behind the mails where tasks run, once: what they are to the business, what rules take, and the archive
    /// queue. Answers how many mails the rules took.
    pub async fn customers_run(&self) -> Result<u32, EngineError> {
        self.pills_run().await?;
        let taken = self.rules_run().await?;
        self.archive_run().await?;
        Ok(taken)
    }

    /// Works out the pills of mails that lack them; answers how many.
    pub(crate) async fn pills_run(&self) -> Result<usize, EngineError> {
        let mut worked = 0;
        loop {
            if self.0.stop.is_cancelled() {
                return Ok(worked);
            }
            let done = clientele_crm::refresh_pills(&self.0.store, self.crm(), 200).await?;
            if done.is_empty() {
                return Ok(worked);
            }
            worked += done.len();
        }
    }

    pub(crate) fn statuses_now(&self) -> Vec<(clientele_model::AccountId, crate::account::Status)> {
        lock(&self.0.status).iter().map(|(id, status)| (*id, status.clone())).collect()
    }
}

#[cfg(test)]
mod tests;
