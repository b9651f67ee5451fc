//! Mails into the CRM: with choices, whole conversations, single attachments; and mails that never go there.

use crate::{Engine, EngineError, account::by_name, mails::Listed, records::off_thread};
use clientele_crm::{
    Capability, Crm, CrmError, Customer, MailType, Record,
    archive::{self, Asked, Choice},
    ask_about, automatic, customer_of,
};
use clientele_model::{ArchiveId, MessageId, RecordKind};
use clientele_store::{ArchiveState, Archived, ListQuery, Row};
use std::sync::Arc;

/// What a person asked for.
#[derive(Debug, Clone, Default)]
pub struct ToArchive {
    pub messages: Vec<MessageId>,
    /// Empty: what is suggested and selected.
    pub records: Vec<Record>,
    /// As [`Engine::crm_shown`] said when the records were chosen; None: now.
    pub link: Option<i64>,
    /// None: as the settings say.
    pub choice: Option<Choice>,
    /// All mails of their conversations that are not archived yet, without the private ones.
    pub conversation: bool,
    pub follow: Option<bool>,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct ArchiveAsked {
    pub queued: Vec<Archived>,
    /// Each with why.
    pub refused: Vec<(MessageId, EngineError)>,
}

/// What the dialog shows.
#[derive(Debug, Clone)]
pub struct ArchiveOptions {
    pub choice: Choice,
    /// As the CRM said the last time it was asked ([`Engine::mail_types`]).
    pub mail_types: Vec<MailType>,
    /// Mails of the conversation that are not archived, without the private ones.
    pub conversation: u32,
    pub follow: bool,
    pub attachments: u32,
    pub private: bool,
}

/// The rail's business part.
#[derive(Debug, Clone, Default)]
pub struct BusinessViews {
    pub customers_unread: u32,
    pub not_archived: u32,
    pub not_in_crm: u32,
    pub companies: Vec<Record>,
    pub sales: Vec<Record>,
}

/// Companies and sales in the rail, and of how many of the newest mails they are.
const SHOWN: u32 = 8;
const OF_LATE: u32 = 300;

impl Engine {
    /// Queues mails to be archived; where none could be, why the first one could not.
    pub async fn archive(&self, wanted: ToArchive) -> Result<Vec<Archived>, EngineError> {
        let ArchiveAsked { queued, refused } = self.archive_many(wanted).await?;
        match refused.into_iter().next() {
            Some((_, error)) if queued.is_empty() => Err(error),
            _ => Ok(queued),
        }
    }

    /// Queues mails to be archived. One that cannot be does not stop the others.
    pub async fn archive_many(&self, wanted: ToArchive) -> Result<ArchiveAsked, EngineError> {
        if wanted.messages.is_empty() {
            return Err(EngineError::NotFound);
        }
        let (crm, link) = self.crm_to_write()?;
        if wanted.link.is_some_and(|of| of != link) {
            return Err(CrmError::OtherCrm.into());
        }
        let settings = self.crm_settings().await?;
        let one = wanted.messages.len() == 1 && !wanted.conversation;
        let mut choice = wanted.choice.unwrap_or_else(|| settings.choice());
        if !one {
            // A title and a date are one mail's.
            (choice.title, choice.date) = (None, None);
        }
        let ArchiveAsked { mut queued, mut refused } = ArchiveAsked::default();
        for message in wanted.messages {
            let asked = Asked {
                records: wanted.records.clone(),
                link,
                choice: Some(choice.clone()),
                follow: wanted.follow,
                ..Asked::default()
            };
            let first = match self.archive_one(&crm, message, asked).await {
                Ok(row) => row,
                Err(error) => {
                    refused.push((message, error));
                    continue;
                }
            };
            if let Some(follow) = wanted.follow {
                // The last word counts, whichever mail it was said of.
                self.store(move |store| store.archives_follow(&store.thread_message_ids(message)?, follow)).await?;
            }
            // Later mails go where the first one goes.
            let records = first.records.clone();
            queued.push(first);
            if wanted.conversation {
                for other in self.conversation(message, true).await? {
                    let choice = Choice { title: None, date: None, ..choice.clone() };
                    let asked = Asked { records: records.clone(), link, choice: Some(choice), ..Asked::default() };
                    match self.archive_one(&crm, other, asked).await {
                        Ok(row) => queued.push(row),
                        Err(error) => refused.push((other, error)),
                    }
                }
            }
        }
        if wanted.follow == Some(true) {
            self.weigh_or_not().await?;
        }
        self.0.archive_wake.notify_one();
        Ok(ArchiveAsked { queued, refused })
    }

    /// `crm` is the one of [`Asked::link`].
    pub(crate) async fn archive_one(
        &self,
        crm: &Arc<dyn Crm>,
        message: MessageId,
        asked: Asked,
    ) -> Result<Archived, EngineError> {
        let by = self.archived_by(message).await?;
        Ok(archive::queue(&self.0.store, crm.clone(), message, asked, &by, self.now()).await?)
    }

    /// Other mails of the conversation that are not in the CRM and not on their way there, each once; `open`: without the
    /// private ones and without what lies in Junk, Trash and Drafts.
    async fn conversation(&self, message: MessageId, open: bool) -> Result<Vec<MessageId>, EngineError> {
        self.store(move |store| {
            let own = store.row(message)?.message_id;
            let mut others = Vec::new();
            // What lies in Junk, Trash or Drafts is not among them.
            for detail in store.thread(message)? {
                let row = detail.row;
                let there = store.archived(&row.message_id)?.is_some_and(|one| one.state != ArchiveState::Failed);
                let private = open && store.is_private(&row.message_id, &[])?;
                if row.message_id != own && !there && !private && !row.flags.draft {
                    others.push(row.id);
                }
            }
            Ok(others)
        })
        .await
    }

    /// Whose name the activity carries: the account's.
    async fn archived_by(&self, message: MessageId) -> Result<String, EngineError> {
        self.store(move |store| {
            let account = store.account(store.row(message)?.account)?;
            Ok(by_name(&account))
        })
        .await
    }

    /// A single attachment, as a document of its own.
    pub async fn document_archive(
        &self,
        message: MessageId,
        part: u32,
        records: Vec<Record>,
        choice: Choice,
    ) -> Result<Archived, EngineError> {
        let (crm, link) = self.crm_to_write()?;
        crm.capabilities().need(Capability::Documents)?;
        let there = self.store(move |store| Ok(store.detail(message)?.attachments)).await?;
        if !there.iter().any(|one| one.part == part) {
            return Err(EngineError::NotFound);
        }
        let records = if records.is_empty() {
            let found = customer_of(&self.0.store, crm.clone(), message).await?.suggestions.into_iter();
            found.filter(|one| one.selected).map(|one| one.record).collect()
        } else {
            records
        };
        if records.is_empty() {
            return Err(CrmError::NoRecord.into());
        }
        let asked = Asked { records, link, choice: Some(choice), part: Some(part), ..Asked::default() };
        let row = self.archive_one(&crm, message, asked).await?;
        self.0.archive_wake.notify_one();
        Ok(row)
    }

    pub async fn archived(&self, id: ArchiveId) -> Result<Archived, EngineError> {
        self.store(move |store| store.archive(id)).await
    }

    pub async fn archive_undo(&self, id: ArchiveId) -> Result<(), EngineError> {
        {
            // Not while it is on its way into the CRM.
            let _archiving = self.0.archiving.lock().await;
            match self.crm_to_write() {
                Ok((crm, link)) => {
                    // Another process may have connected another one.
                    if self.store(|store| store.crm_link_now()).await? != link {
                        return Err(CrmError::OtherCrm.into());
                    }
                    archive::undo(&self.0.store, crm, id).await?;
                }
                Err(error) => {
                    // What never left this computer needs no CRM.
                    let waits = |row: &Archived| row.activity.is_none() && !row.begun;
                    if !self.archived(id).await.is_ok_and(|row| waits(&row)) {
                        return Err(error.into());
                    }
                    self.store(move |store| store.archive_remove(id)).await?;
                }
            }
        }
        self.0.archive_wake.notify_one();
        Ok(())
    }

    /// A failed one once more.
    pub async fn archive_retry(&self, id: ArchiveId) -> Result<(), EngineError> {
        self.store(move |store| store.archive_retry(id)).await?;
        self.0.crm_now.goes_on();
        self.0.archive_wake.notify_one();
        Ok(())
    }

    pub async fn archive_options(&self, message: MessageId) -> Result<ArchiveOptions, EngineError> {
        let settings = self.crm_settings().await?;
        let crm = self.crm();
        let outbound = self.is_outbound(message).await?;
        let (detail, private) = self
            .store(move |store| {
                let detail = store.detail(message)?;
                let private = store.is_private(&detail.row.message_id, &[])?;
                Ok((detail, private))
            })
            .await?;
        let message_id = detail.row.message_id.clone();
        let own = self.store(move |store| store.archived(&message_id)).await?;
        let there = own.as_ref().is_some_and(|one| one.state != ArchiveState::Failed);
        let others = self.conversation(message, true).await?.len() as u32;
        // Nobody waits for the CRM: without them there is nothing to choose, and the mail can be archived all the same.
        let mail_types = self.mail_types_known(outbound).await?;
        let store = self.0.store.clone();
        let followed = off_thread(move || Ok(automatic::followed(&store, &*crm, message)?)).await?;
        Ok(ArchiveOptions {
            choice: Choice {
                title: Some(detail.row.subject.clone()),
                date: Some(detail.row.date),
                ..settings.choice()
            },
            mail_types,
            conversation: others + u32::from(!there && !private),
            follow: followed.unwrap_or(settings.follows()),
            attachments: detail.attachments.iter().filter(|one| !one.inline).count() as u32,
            private,
        })
    }

    /// All that waits or failed, the newest first, with the mails that are here. What is left from another CRM says so.
    pub async fn archive_queue(&self) -> Result<Vec<(Archived, Option<Row>)>, EngineError> {
        self.store(|store| {
            let mut all = Vec::new();
            let here = store.crm_link_now()?;
            for mut one in store.archives_waiting()? {
                if one.link != here {
                    (one.state, one.code) = (ArchiveState::Failed, Some(CrmError::OtherCrm.code().to_owned()));
                }
                let row = match store.by_message_id(&one.message_id)?.first() {
                    Some(id) => store.row(*id).ok(),
                    None => None,
                };
                all.push((one, row));
            }
            Ok(all)
        })
        .await
    }

    /// Name of the CRM that has it, where that is not the one connected now; else empty.
    pub async fn archived_elsewhere(&self, link: i64) -> Result<String, EngineError> {
        if link == self.crm_link_id() {
            return Ok(String::new());
        }
        if link == 0 {
            return Ok(self.0.crm.name());
        }
        Ok(self.store(move |store| store.crm_link_name(link)).await?.unwrap_or_default())
    }

    pub async fn private_set(
        &self,
        messages: Vec<MessageId>,
        conversation: bool,
        private: bool,
    ) -> Result<(), EngineError> {
        self.store(move |store| store.private_set(&messages, conversation, private)).await
    }

    /// Asks the CRM about a mail's people and whether a colleague has archived it, then says what is known. A CRM that cannot
    /// be reached leaves what was known.
    pub async fn customer_refresh(&self, message: MessageId) -> Result<Customer, EngineError> {
        if self.crm_may_be_asked()
            && let Ok((crm, link)) = self.crm_to_write()
        {
            match ask_about(&self.0.store, crm, link, message).await {
                Err(CrmError::Store(error)) => return Err(error.into()),
                Err(error) => tracing::info!(code = error.code(), "the CRM was not asked about a mail"),
                Ok(()) => self.0.archive_wake.notify_one(),
            }
        }
        Ok(customer_of(&self.0.store, self.crm(), message).await?)
    }

    pub async fn list_of_record(
        &self,
        record: clientele_model::RecordRef,
        query: ListQuery,
    ) -> Result<Listed, EngineError> {
        self.store(move |store| crate::mails::listed(store, store.list_of_record(&record, &query)?)).await
    }

    pub async fn business_views(&self) -> Result<BusinessViews, EngineError> {
        let crm = self.crm();
        let late = |store: &clientele_store::Store, kind| store.records_of_late(kind, OF_LATE, SHOWN);
        let found = self.store(move |store| {
            let (customers_unread, not_archived, not_in_crm) = store.business_counts()?;
            let counts = BusinessViews { customers_unread, not_archived, not_in_crm, ..BusinessViews::default() };
            let named = |kind: RecordKind, ids: Vec<String>| {
                let name = |id: String| Some(Record::new(kind, &id, &crm.record_name(kind, &id).ok()?));
                ids.into_iter().filter_map(name).collect::<Vec<_>>()
            };
            Ok(BusinessViews {
                companies: named(RecordKind::Company, late(store, RecordKind::Company)?),
                sales: named(RecordKind::Sale, late(store, RecordKind::Sale)?),
                ..counts
            })
        });
        found.await
    }
}

#[cfg(test)]
mod tests;
