//! The archive queue: a row in the store for each mail, worked off one at a time, exactly once by Message-ID.

use crate::{
    ArchiveMail, Crm, CrmError, Record, Result, Visible, blocking::blocking, customer_of, of_mail::own_addresses,
};
use clientele_model::{ArchiveId, MessageId};
use clientele_store::{ArchiveState, Archived, Store};
use std::{collections::HashSet, future::Future, sync::Arc};

/// How often a mail that is not here is looked for before its row fails: a mail just sent reaches the store with the
/// next sync of its folder.
const ATTEMPTS: u32 = 12;

/// Queues a mail to be archived on `records`, or where that is empty on what is suggested and selected. `by` is who
/// archives. A mail that is archived already keeps its row; the answer then says `already`.
pub async fn queue(
    store: &Store,
    crm: Arc<dyn Crm>,
    message: MessageId,
    records: Vec<Record>,
    by: &str,
    now: i64,
) -> Result<Archived> {
    let customer = customer_of(store, crm.clone(), message).await?;
    let asked = records.is_empty();
    let records = if asked {
        let selected = customer.suggestions.into_iter().filter(|one| one.selected);
        selected.map(|one| one.record).collect()
    } else {
        named(crm, records).await?
    };
    if let Some(archived) = customer.archived
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
        Ok(store.archive_queue(row.account, &row.message_id, &records, &by, now)?)
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
    let next = blocking(move || {
        let Some(row) = at.archive_next(now)? else { return Ok(None) };
        Ok(Some((row, own_addresses(&at)?)))
    });
    let Some((row, own)) = next.await? else { return Ok(None) };
    let id = row.id;
    let outcome = match raw(row.message_id.clone()).await {
        Some(raw) => crm.archive(mail(&row, &raw, &own)).await,
        None => Err(CrmError::BodyMissing),
    };
    let at = store.clone();
    blocking(move || {
        match outcome {
            Ok(outcome) => at.archive_done(id, &outcome.activity, outcome.already)?,
            Err(CrmError::BodyMissing) if row.attempts < ATTEMPTS => {
                at.archive_later(id, now + (1i64 << row.attempts.min(9)))?;
            }
            Err(error) => match error.again_in(row.attempts) {
                // However long the CRM is away: nobody should have to press a key again because of it.
                Some(seconds) => {
                    tracing::info!(archive = id.0, code = error.code(), seconds, "archiving waits");
                    at.archive_later(id, now + i64::from(seconds))?;
                }
                None => {
                    tracing::warn!(archive = id.0, code = error.code(), "archiving failed");
                    at.archive_failed(id, error.code())?;
                }
            },
        }
        Ok(Some(at.archive(id)?))
    })
    .await
}

/// Takes a mail out of the queue, or its activity out of the CRM. What a colleague had archived before stays: only the
/// link on this computer goes.
pub async fn undo(store: &Store, crm: Arc<dyn Crm>, id: ArchiveId) -> Result<()> {
    let at = store.clone();
    let row = blocking(move || Ok(at.archive(id)?)).await?;
    if row.state == ArchiveState::Done
        && !row.already
        && let Some(activity) = row.activity
    {
        crm.unarchive(activity).await?;
    }
    let at = store.clone();
    blocking(move || Ok(at.archive_remove(id)?)).await
}

fn mail(row: &Archived, raw: &[u8], own: &HashSet<String>) -> ArchiveMail {
    let parsed = clientele_message::parse(raw);
    ArchiveMail {
        outbound: parsed.from.first().is_some_and(|from| own.contains(&from.key())),
        visible: Visible::All,
        mail_type: String::new(),
        repeated: row.attempts > 0,
        message_id: row.message_id.clone(),
        title: parsed.subject,
        date: parsed.date.unwrap_or(row.date),
        text: parsed.search_text,
        records: row.records.clone(),
        by: row.by.clone(),
        eml: raw.to_vec(),
    }
}
