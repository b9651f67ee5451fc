//! What the CRM says of a mail that is in the store.

use crate::{Crm, Customer, Known, Record, Result, blocking::blocking, customer, pills};
use clientele_model::{Address, MessageId};
use clientele_store::{ArchiveState, Archived, Parties, Store, StoreError};
use std::{collections::HashSet, sync::Arc};

/// The customer panel of a mail: asks the CRM with what the store knows of the mail and its conversation.
pub async fn customer_of(store: &Store, crm: Arc<dyn Crm>, message: MessageId) -> Result<Customer> {
    let store = store.clone();
    blocking(move || {
        let parties = store.parties(&[message])?.into_iter().next().ok_or(StoreError::NotFound)?;
        let own = own_addresses(&store)?;
        let (participants, senders) = participants(&parties, &own);
        let conversation = store.archived_many(&store.thread_message_ids(message)?)?;
        let known = Known { participants, senders, thread: records(&conversation) };
        let mut found = customer(&*crm, &known)?;
        found.archived = conversation.into_iter().find(|one| one.message_id == parties.message_id);
        Ok(found)
    })
    .await
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
            let (state, pills) = pills(&*crm, &others, &records(&conversation), archived)?;
            done.push((parties.id, state, serde_json::to_string(&pills)?));
        }
        store.pills_set(&done)?;
        Ok(done.into_iter().map(|(id, ..)| id).collect())
    })
    .await
}

pub(crate) fn own_addresses(store: &Store) -> Result<HashSet<String>> {
    Ok(store.accounts()?.iter().map(|account| Address::new("", &account.email).key()).collect())
}

/// Everyone but oneself, the writers first, and how many of them are writers.
fn participants(parties: &Parties, own: &HashSet<String>) -> (Vec<Address>, usize) {
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

/// What the archived mails of a conversation lie on, each record once; failed ones lie nowhere.
fn records(conversation: &[Archived]) -> Vec<Record> {
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
