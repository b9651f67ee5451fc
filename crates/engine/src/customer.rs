//! The customer beside the mail, and putting mails into the CRM.

use crate::{Engine, EngineError, Role, account::by_name, engine::lock};
use clientele_crm::{Company, Customer, Embedded, NewPerson, Person, Record, Seed, archive, customer_of};
use clientele_model::{ArchiveId, MessageId};
use clientele_store::{Archived, Correspondent};
use std::{path::Path, sync::Arc};

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

impl Engine {
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
        let created = self.crm().person_create(person).await?;
        // Whoever wrote is known now: every pill may say something else.
        self.store(|store| store.pills_reset()).await?;
        self.0.archive_wake.notify_one();
        Ok(created)
    }

    pub async fn companies(&self, query: &str, limit: u32) -> Result<Vec<Company>, EngineError> {
        Ok(self.crm().companies(query, limit).await?)
    }

    pub async fn records(&self, query: &str, limit: u32) -> Result<Vec<Record>, EngineError> {
        Ok(self.crm().records(query, limit).await?)
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

    /// Queues mails to be archived on `records`, or where that is empty on what is suggested.
    pub async fn archive(&self, messages: Vec<MessageId>, records: Vec<Record>) -> Result<Vec<Archived>, EngineError> {
        if messages.is_empty() {
            return Err(EngineError::NotFound);
        }
        let mut queued = Vec::new();
        for message in messages {
            let by = self.archived_by(message).await?;
            let row = archive::queue(&self.0.store, self.crm(), message, records.clone(), &by, self.now()).await?;
            queued.push(row);
        }
        self.0.archive_wake.notify_one();
        Ok(queued)
    }

    /// Whose name the activity carries: the account's.
    async fn archived_by(&self, message: MessageId) -> Result<String, EngineError> {
        self.store(move |store| {
            let account = store.account(store.row(message)?.account)?;
            Ok(by_name(&account))
        })
        .await
    }

    pub async fn archived(&self, id: ArchiveId) -> Result<Archived, EngineError> {
        self.store(move |store| store.archive(id)).await
    }

    pub async fn archive_undo(&self, id: ArchiveId) -> Result<(), EngineError> {
        archive::undo(&self.0.store, self.crm(), id).await?;
        self.0.archive_wake.notify_one();
        Ok(())
    }

    /// Works through what is due in the archive queue, once; answers how many rows were done or failed.
    pub async fn archive_run(&self) -> Result<u32, EngineError> {
        let _one_at_a_time = self.0.archiving.lock().await;
        let mut worked = 0;
        if !self.crm_may_be_asked() {
            return Ok(0);
        }
        loop {
            let engine = self.clone();
            let raw = move |message_id: String| {
                let engine = engine.clone();
                async move { engine.raw_by_message_id(message_id).await }
            };
            match archive::run_once(&self.0.store, self.crm(), self.now(), raw).await? {
                Some(row) => {
                    tracing::info!(archive = %row.id, state = ?row.state, "archived");
                    // A sent mail without a copy has waited for it.
                    self.wake_outbox(Some(row.account));
                    worked += 1;
                }
                None => return Ok(worked),
            }
        }
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
