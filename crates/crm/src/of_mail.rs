//! What the CRM says of a mail that is in the store.

use crate::{
    ArchivedThere, Crm, Customer, Known, Record, Result, blocking::blocking, customer, pills, pills::concerned,
};
use crate::{rule::Skip, tables::now};
use clientele_model::{Address, MessageId, RecordKind, RecordRef};
use clientele_store::{ArchiveState, Archived, Parties, Store, StoreError, There, Worked};
use serde::{Deserialize, Serialize};
use std::{collections::HashSet, sync::Arc};

/// How long it is believed that a colleague has archived a mail, or that nobody has.
const THERE_SECONDS: i64 = 900;
/// People of a mail that the CRM is asked about.
const MOST_ASKED: usize = 12;

/// The customer panel of a mail: asks the CRM with what the store knows of the mail and its conversation.
pub async fn customer_of(store: &Store, crm: Arc<dyn Crm>, message: MessageId) -> Result<Customer> {
    let store = store.clone();
    let now = now();
    blocking(move || {
        let parties = store.parties(&[message])?.into_iter().next().ok_or(StoreError::NotFound)?;
        let own = own_addresses(&store)?;
        let (participants, senders) = participants(&parties, &own);
        let conversation = store.archived_many(&store.thread_message_ids(message)?)?;
        let known = Known { participants, senders, thread: records(&here(&store, &*crm, &conversation)?) };
        let mut found = customer(&*crm, &known)?;
        found.private = store.is_private(&parties.message_id, &[])?;
        let skipped = store.weighed_reason(&parties.message_id)?;
        found.skipped = skipped.and_then(|reason| Skip::parse(&reason));
        found.conversation = conversation.iter().any(|one| {
            one.state != ArchiveState::Failed && one.message_id != parties.message_id && one.follow != Some(true)
        });
        found.stale = is_stale(&store, &*crm, &found, &parties.message_id, now)?
            || !unlooked(&store, &*crm, &parties)?.is_empty();
        if let Some(there) = store.there(&parties.message_id)?.filter(|there| !there.found.is_empty()) {
            found.there = Some(there_of(&*crm, &there)?);
        }
        found.archived = conversation.into_iter().find(|one| one.message_id == parties.message_id);
        Ok(found)
    })
    .await
}

/// Asks the CRM about the people of a mail of whom nothing is known here.
pub async fn look_up_all(store: &Store, crm: Arc<dyn Crm>, message: MessageId) -> Result<()> {
    let (at, directory) = (store.clone(), crm.clone());
    let others = blocking(move || {
        let parties = at.parties(&[message])?.into_iter().next().ok_or(StoreError::NotFound)?;
        unasked(&at, &*directory, &parties)
    });
    for email in others.await? {
        crm.look_up(&email).await?;
    }
    Ok(())
}

/// Asks the CRM about the people of a mail, whether a colleague has archived it, and what lies beside the customer, where
/// that was not done of late. Answers of one question stay where the next one fails.
pub async fn ask_about(store: &Store, crm: Arc<dyn Crm>, link: i64, message: MessageId) -> Result<()> {
    let (at, directory) = (store.clone(), crm.clone());
    let (others, message_id, ask) = blocking(move || {
        let parties = at.parties(&[message])?.into_iter().next().ok_or(StoreError::NotFound)?;
        let others = unasked(&at, &*directory, &parties)?;
        let ask = asks_there(&at, &*directory, &parties.message_id, now())?;
        Ok((others, parties.message_id, ask))
    })
    .await?;
    let mut news = false;
    for email in others {
        news |= crm.look_up(&email).await?;
    }
    let there = if ask { Some(crm.archived(&message_id).await?) } else { None };
    let at = store.clone();
    let (directory, of) = (crm.clone(), message_id.clone());
    let beside = blocking(move || {
        if let Some(there) = there {
            let found = there.map(|there| serde_json::to_string(&Told::of(there))).transpose()?.unwrap_or_default();
            at.there_set(link, &of, &There { asked: now(), found })?;
        }
        if news {
            at.pills_reset_for(&[of])?;
        }
        let parties = at.parties(&[message])?.into_iter().next().ok_or(StoreError::NotFound)?;
        unlooked(&at, &*directory, &parties)
    })
    .await?;
    let mut looked = false;
    for record in beside {
        match crm.look_again(record).await {
            Ok(()) => looked = true,
            Err(error) if error.again_in(1).is_some() => return Err(error),
            Err(error) => tracing::info!(code = error.code(), "what lies beside a record was not read"),
        }
    }
    if looked {
        let store = store.clone();
        blocking(move || Ok(store.pills_reset_for(&[message_id])?)).await?;
    }
    Ok(())
}

/// Whoever a mail is with, where only one has the address, and where they work: of whom what lies beside them is not known, or
/// not of late. Nobody for a private mail.
fn unlooked(store: &Store, crm: &dyn Crm, parties: &Parties) -> Result<Vec<RecordRef>> {
    if store.is_private(&parties.message_id, &[])? {
        return Ok(Vec::new());
    }
    let Some(first) = participants(parties, &own_addresses(store)?).0.into_iter().next() else { return Ok(Vec::new()) };
    let [person] = &*crm.people_by_email(&first.email)? else { return Ok(Vec::new()) };
    let mut records = vec![RecordRef { kind: RecordKind::Person, id: person.id.clone() }];
    if let Some(company) = &person.company {
        records.push(RecordRef { kind: RecordKind::Company, id: company.id.clone() });
    }
    let mut unlooked = Vec::new();
    for record in records {
        if crm.unlooked(&record)? {
            unlooked.push(record);
        }
    }
    Ok(unlooked)
}

/// People of a mail that the CRM was not asked about; of a private mail nobody is.
fn unasked(store: &Store, crm: &dyn Crm, parties: &Parties) -> Result<Vec<String>> {
    if store.is_private(&parties.message_id, &[])? {
        return Ok(Vec::new());
    }
    let others = participants(parties, &own_addresses(store)?).0;
    let mut unasked = Vec::new();
    for one in others.into_iter().take(MOST_ASKED) {
        if crm.unasked(&one.email)? {
            unasked.push(one.email);
        }
    }
    Ok(unasked)
}

fn asks_there(store: &Store, crm: &dyn Crm, message_id: &str, now: i64) -> Result<bool> {
    if crm.kind() == "embedded"
        || !crm.capabilities().can(crate::Capability::FindArchived)
        || store.archived(message_id)?.is_some()
        || store.is_private(message_id, &[])?
    {
        return Ok(false);
    }
    Ok(store.there(message_id)?.is_none_or(|there| !(0..THERE_SECONDS).contains(&(now - there.asked))))
}

fn is_stale(store: &Store, crm: &dyn Crm, found: &Customer, message_id: &str, now: i64) -> Result<bool> {
    // Never asked about, it never gets old.
    let asked = if found.private { 0 } else { MOST_ASKED };
    for one in found.participants.iter().take(asked) {
        if crm.unasked(&one.address.email)? {
            return Ok(true);
        }
    }
    asks_there(store, crm, message_id, now)
}

/// As the store keeps it.
#[derive(Serialize, Deserialize)]
struct Told {
    date: i64,
    by: String,
    records: Vec<clientele_model::RecordRef>,
}

impl Told {
    fn of(there: ArchivedThere) -> Told {
        Told { date: there.date, by: there.by, records: there.records }
    }
}

fn there_of(crm: &dyn Crm, there: &There) -> Result<ByColleague> {
    let told: Told = serde_json::from_str(&there.found)?;
    let name = |one: &clientele_model::RecordRef| crm.record_name(one.kind, &one.id).unwrap_or_default();
    let records = told.records.iter().map(|one| Record::new(one.kind, &one.id, &name(one))).collect();
    Ok(ByColleague { date: told.date, by: told.by, records })
}

/// A mail that is in the CRM, and that nothing here put there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByColleague {
    /// Seconds since 1970; 0: not said.
    pub date: i64,
    /// A name, or empty.
    pub by: String,
    pub records: Vec<Record>,
}

/// Works out the pills of at most `limit` mails that lack them, newest first. Gives the mails done: call again until
/// none is left.
pub async fn refresh_pills(store: &Store, crm: Arc<dyn Crm>, limit: u32) -> Result<Vec<MessageId>> {
    let store = store.clone();
    blocking(move || {
        let own = own_addresses(&store)?;
        let mut done = Vec::new();
        for parties in store.pills_missing(limit)? {
            let (others, _) = participants(&parties, &own);
            let conversation = store.archived_many(&store.thread_message_ids(parties.id)?)?;
            let archived = conversation.iter().find(|one| one.message_id == parties.message_id).map(|one| one.state);
            let thread = records(&here(&store, &*crm, &conversation)?);
            let (state, pills) = pills(&*crm, &others, &thread, archived)?;
            let records = concerned(&*crm, &others, &thread, &pills)?;
            done.push(Worked { id: parties.id, state, pills: serde_json::to_string(&pills)?, records });
        }
        store.worked(&done)?;
        Ok(done.into_iter().map(|one| one.id).collect())
    })
    .await
}

pub(crate) fn own_addresses(store: &Store) -> Result<HashSet<String>> {
    Ok(store.accounts()?.iter().map(|account| Address::new("", &account.email).key()).collect())
}

/// Everyone but oneself, the writers first, and how many of them are writers.
pub(crate) fn participants(parties: &Parties, own: &HashSet<String>) -> (Vec<Address>, usize) {
    let foreign = |address: &&Address| !own.contains(&address.key());
    let mut all: Vec<Address> = Vec::new();
    let writers = std::iter::once(&parties.from).chain(&parties.reply_to);
    // In a mail of one's own, Reply-To is one's own business too.
    if !own.contains(&parties.from.key()) {
        all.extend(writers.filter(foreign).cloned());
    }
    let senders = all.len();
    all.extend(parties.to.iter().chain(&parties.cc).filter(foreign).cloned());
    (all, senders)
}

/// Those of archived mails that lie in the CRM that is asked: another's ids mean nothing to it. The embedded one may stand in
/// for one that cannot be opened.
pub(crate) fn here(store: &Store, crm: &dyn Crm, conversation: &[Archived]) -> Result<Vec<Archived>> {
    let link = if crm.kind() == "embedded" { 0 } else { store.crm_link_now()? };
    Ok(conversation.iter().filter(|one| one.link == link).cloned().collect())
}

/// What the archived mails of a conversation lie on, each record once; failed ones lie nowhere.
pub(crate) fn records(conversation: &[Archived]) -> Vec<Record> {
    let mut all: Vec<Record> = Vec::new();
    for one in conversation.iter().filter(|one| one.state != ArchiveState::Failed) {
        for record in &one.records {
            if !all.iter().any(|known| known.kind == record.kind && known.id == record.id) {
                all.push(record.clone());
            }
        }
    }
    all
}
