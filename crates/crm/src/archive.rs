//! The archive queue: a row in the store for each mail, worked off one at a time, exactly once by Message-ID.

use crate::{
    ArchiveMail, ArchiveOutcome, Capability, Crm, CrmError, Document, Record, Result, Visible, blocking::blocking,
    customer_of, of_mail::own_addresses,
};
use clientele_model::{ArchiveId, MessageId, RecordRef};
use clientele_store::{ArchiveState, Archived, NewArchive, Store, StoreError};
use serde::{Deserialize, Serialize};
use std::{collections::HashSet, future::Future, sync::Arc};

/// How often a mail that is not here is looked for before its row fails: a mail just sent reaches the store with the
/// next sync of its folder.
const ATTEMPTS: u32 = 12;

/// What was chosen for an archived mail. Written into the store as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Choice {
    /// None: the mail's subject.
    pub title: Option<String>,
    /// None: the mail's date.
    pub date: Option<i64>,
    /// A [`crate::MailType`]'s id; empty: the CRM's default.
    pub mail_type: String,
    pub visible: Visible,
    pub attachments: bool,
}

impl Default for Choice {
    fn default() -> Self {
        Choice { title: None, date: None, mail_type: String::new(), visible: Visible::All, attachments: true }
    }
}

impl Choice {
    fn of(row: &Archived) -> Choice {
        serde_json::from_str(&row.choice).unwrap_or_default()
    }
}

/// How a mail is to be archived.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Empty: what is suggested and selected.
    pub records: Vec<Record>,
    /// The link of the CRM that is asked, and that the records are of; 0: the embedded one.
    pub link: i64,
    pub choice: Option<Choice>,
    /// A single attachment, as a document of its own; then there are records.
    pub part: Option<u32>,
    pub automatic: bool,
    /// Later mails of the conversation are archived by themselves; None: nobody said.
    pub follow: Option<bool>,
}

impl From<Vec<Record>> for Asked {
    fn from(records: Vec<Record>) -> Self {
        Asked { records, ..Asked::default() }
    }
}

/// Queues a mail to be archived. `by` is who archives. A mail that is archived already keeps its row; the answer then says
/// `already`. A private mail is refused, and one whose CRM was left meanwhile.
pub async fn queue(
    store: &Store,
    crm: Arc<dyn Crm>,
    message: MessageId,
    asked: impl Into<Asked>,
    by: &str,
    now: i64,
) -> Result<Archived> {
    let Asked { records, link, choice, part, automatic, follow } = asked.into();
    let customer = customer_of(store, crm.clone(), message).await?;
    if customer.private {
        return Err(CrmError::Private);
    }
    let asked = records.is_empty();
    let records = if asked {
        let selected = customer.suggestions.into_iter().filter(|one| one.selected);
        selected.map(|one| one.record).collect()
    } else {
        named(crm, records).await?
    };
    if let Some(archived) = customer.archived.filter(|one| one.link == link)
        && part.is_none()
        && follow.is_none()
        && archived.state == ArchiveState::Done
        && (asked || records.iter().all(|record| has(&archived, record)))
    {
        return Ok(Archived { already: true, ..archived });
    }
    if records.is_empty() {
        return Err(CrmError::NoRecord);
    }
    let (store, by) = (store.clone(), by.to_owned());
    blocking(move || {
        let row = store.row(message)?;
        let choice = choice.map(|choice| serde_json::to_string(&choice)).transpose()?.unwrap_or_default();
        let new = NewArchive::of(row.account, &row.message_id, &records, link, &by);
        Ok(store.archive_put(&NewArchive { part, choice, automatic, follow, ..new }, now)?)
    })
    .await
}

fn has(archived: &Archived, record: &Record) -> bool {
    archived.records.iter().any(|one| one.kind == record.kind && one.id == record.id)
}

/// Records as the CRM calls them today; one that is not there is refused before anything is queued.
async fn named(crm: Arc<dyn Crm>, records: Vec<Record>) -> Result<Vec<Record>> {
    blocking(move || {
        let name = |one: &Record| crm.record_name(one.kind, &one.id);
        records.iter().map(|one| Ok(Record::new(one.kind, &one.id, &name(one)?))).collect()
    })
    .await
}

/// Takes the oldest due row and carries it out; `raw` gives a mail by its normalised Message-ID, None where it is not
/// to be had. Answers the row as it stands afterwards, None where nothing was due.
pub async fn run_once<F, R>(store: &Store, crm: Arc<dyn Crm>, now: i64, raw: F) -> Result<Option<Archived>>
where
    F: FnOnce(String) -> R,
    R: Future<Output = Option<Arc<[u8]>>>,
{
    let at = store.clone();
    let Some(row) = blocking(move || Ok(at.archive_next(now)?)).await? else { return Ok(None) };
    let raw = raw(row.message_id).await;
    run_row(store, crm, now, row.id, raw).await
}

/// Carries out a row that was due a moment ago. Its mail (None where that is not to be had) may take minutes to come: who
/// keeps others waiting fetches it before. None where the row was let go of, or carried out, meanwhile.
pub async fn run_row(
    store: &Store,
    crm: Arc<dyn Crm>,
    now: i64,
    id: ArchiveId,
    raw: Option<Arc<[u8]>>,
) -> Result<Option<Archived>> {
    let at = store.clone();
    let next = blocking(move || match at.archive(id) {
        Ok(row) if row.state == ArchiveState::Queued && row.link == at.crm_link_now()? => {
            Ok(Some((row, own_addresses(&at)?)))
        }
        Ok(_) | Err(StoreError::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    });
    let Some((row, own)) = next.await? else { return Ok(None) };
    let outcome = match raw {
        Some(raw) => upload(store, &*crm, &row, raw, own, now).await,
        None => Err(CrmError::BodyMissing),
    };
    if let Err(CrmError::NotFound) = &outcome {
        // Whatever it was that went: it is not suggested again.
        for one in &row.records {
            let _ = crm.look_again(RecordRef { kind: one.kind, id: one.id.clone() }).await;
        }
    }
    let was_there = outcome.as_ref().is_ok_and(|made| made.already);
    let made = outcome.as_ref().ok().filter(|made| !made.already).map(|made| made.activity.clone());
    let at = store.clone();
    let stands = blocking(move || {
        let noted = match outcome {
            Ok(outcome) => at.archive_done(id, &outcome.activity, outcome.already),
            // A mail that is here has its body fetched once its server can be reached, whenever that is.
            Err(CrmError::BodyMissing) if row.attempts < ATTEMPTS || !at.by_message_id(&row.message_id)?.is_empty() => {
                at.archive_later(id, now + (1i64 << row.attempts.min(9)))
            }
            Err(error) => match error.again_in(row.attempts) {
                // However long the CRM is away: nobody should have to press a key again because of it.
                Some(seconds) => {
                    tracing::info!(archive = id.0, code = error.code(), seconds, "archiving waits");
                    at.archive_later(id, now + i64::from(seconds))
                }
                None => {
                    tracing::warn!(archive = id.0, code = error.code(), "archiving failed");
                    at.archive_failed(id, error.code())
                }
            },
        };
        match noted.and_then(|()| at.archive(id)) {
            Err(StoreError::NotFound) => Ok(Err(row)),
            stands => Ok(Ok(stands?)),
        }
    });
    match stands.await? {
        Ok(row) if was_there && row.already => name_first(store, &*crm, row).await.map(Some),
        Ok(row) => Ok(Some(row)),
        // Another process let go of it meanwhile: it is not to be there.
        Err(row) => {
            if let Some(activity) = made
                && let Err(error) = crm.unarchive(activity).await
            {
                tracing::warn!(archive = id.0, code = error.code(), "a mail that was taken back is in the CRM");
            }
            Ok(Some(row))
        }
    }
}

/// Notes the colleague whose activity it is, and since when; nobody where the CRM cannot say it.
async fn name_first(store: &Store, crm: &dyn Crm, row: Archived) -> Result<Archived> {
    let there = match crm.capabilities().can(Capability::FindArchived) {
        true => crm.archived(&row.message_id).await.ok().flatten(),
        false => None,
    };
    let (by, date) = there.map(|there| (there.by, there.date)).unwrap_or_default();
    let at = store.clone();
    blocking(move || match at.archive_first(row.id, &by, date).and_then(|()| at.archive(row.id)) {
        Err(StoreError::NotFound) => Ok(row),
        named => Ok(named?),
    })
    .await
}

/// The last look before anything leaves this computer, and then the CRM.
async fn upload(
    store: &Store,
    crm: &dyn Crm,
    row: &Archived,
    raw: Arc<[u8]>,
    own: HashSet<String>,
    now: i64,
) -> Result<ArchiveOutcome> {
    let (at, of) = (store.clone(), row.clone());
    let ready = blocking(move || {
        let parsed = clientele_message::parse(&raw);
        let named: Vec<String> = parsed.references.iter().chain(&parsed.in_reply_to).cloned().collect();
        if at.is_private(&of.message_id, &named)? {
            return Err(CrmError::Private);
        }
        let ready = match of.part {
            Some(part) => Ready::Document(document(&of, &raw, part, parsed.date)?),
            None => Ready::Mail(mail(&of, &raw, &own, parsed)),
        };
        at.archive_begun(of.id, now)?;
        Ok(ready)
    });
    match ready.await? {
        Ready::Mail(mail) => crm.archive(mail).await,
        Ready::Document(document) => crm.document(document).await,
    }
}

enum Ready {
    Mail(ArchiveMail),
    Document(Document),
}

/// Takes a mail out of the queue, or its activity out of the CRM; of what waits for a CRM that was left, only the waiting
/// ends. What a colleague had archived before stays: only the link on this computer goes.
pub async fn undo(store: &Store, crm: Arc<dyn Crm>, id: ArchiveId) -> Result<()> {
    let at = store.clone();
    let (row, here) = blocking(move || Ok((at.archive(id)?, at.crm_link_now()?))).await?;
    // Its activity's id is another's in the CRM of today.
    if row.link != here && row.activity.is_some() {
        if row.state == ArchiveState::Done {
            return Err(CrmError::OtherCrm);
        }
        let at = store.clone();
        return blocking(move || Ok(at.archive_let_be(id)?)).await;
    }
    // One that waits for a record more, or was refused it, is there too.
    let activity = match row.activity {
        Some(activity) => (!row.already).then_some(activity),
        None if row.begun && row.part.is_none() && row.link == here => lost(store, &*crm, row.message_id).await?,
        None => None,
    };
    if let Some(activity) = activity {
        crm.unarchive(activity).await?;
    }
    let at = store.clone();
    blocking(move || Ok(at.archive_remove(id)?)).await
}

/// What the CRM made of a mail when its answer did not come; None where a colleague had archived it before.
async fn lost(store: &Store, crm: &dyn Crm, message_id: String) -> Result<Option<String>> {
    if !crm.capabilities().can(Capability::FindArchived) {
        return Ok(None);
    }
    let (at, id) = (store.clone(), message_id.clone());
    let before = blocking(move || Ok(at.there(&id)?)).await?;
    if before.is_some_and(|there| !there.found.is_empty()) {
        return Ok(None);
    }
    Ok(crm.archived(&message_id).await?.map(|there| there.activity))
}

fn mail(row: &Archived, raw: &[u8], own: &HashSet<String>, parsed: clientele_message::Parsed) -> ArchiveMail {
    let choice = Choice::of(row);
    let eml = if choice.attachments { raw.to_vec() } else { clientele_message::without_attachments(raw) };
    ArchiveMail {
        outbound: parsed.from.first().is_some_and(|from| own.contains(&from.key())),
        visible: choice.visible,
        mail_type: choice.mail_type,
        repeated: row.attempts > 0 || row.begun,
        message_id: row.message_id.clone(),
        title: choice.title.unwrap_or(parsed.subject),
        date: choice.date.or(parsed.date).unwrap_or(row.date),
        text: parsed.search_text,
        records: row.records.clone(),
        by: row.by.clone(),
        eml,
    }
}

fn document(row: &Archived, raw: &[u8], part: u32, date: Option<i64>) -> Result<Document> {
    let found = clientele_message::part(raw, part).ok_or(CrmError::NotFound)?;
    Ok(Document {
        name: found.name,
        mime: found.mime,
        bytes: found.bytes,
        date: date.unwrap_or(row.date),
        key: format!("{} {part}", row.message_id),
        records: row.records.clone(),
        visible: Choice::of(row).visible,
        repeated: row.attempts > 0 || row.begun,
    })
}
