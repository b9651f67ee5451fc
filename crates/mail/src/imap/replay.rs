//! What a person did, told to the server.

use super::{
    Client,
    fetch::{numbers, sets},
    session::{Session, quote},
};
use crate::{Code, MailError};
use clientele_model::OperationId;
use clientele_store::{Operation, OperationKind, StoreError};
use std::collections::HashMap;

/// Operations in one command.
const BATCH: u32 = 200;

/// What became of one operation.
enum Fate {
    /// With the UID in the target folder, where it is known.
    Done(Option<u32>),
    Failed(&'static str, String),
    /// Not now: the folder must be synced first.
    Later,
}

impl Fate {
    fn refused(error: MailError) -> Fate {
        let code = error.code();
        match error {
            MailError::Refused { text, .. } => Fate::Failed(code, text),
            other => Fate::Failed(code, other.to_string()),
        }
    }
}

impl Client {
    /// Tells the server of all operations that are due, oldest first, and gives how many were done. `now` in seconds
    /// since 1970. On an error that breaks the connection, what was under way is put off and tried again.
    pub async fn replay(&mut self, now: i64) -> Result<u32, MailError> {
        let mut done = 0;
        loop {
            let account = self.account;
            let batch = self.store(move |store| store.operation_batch(account, now, BATCH)).await?;
            if batch.is_empty() {
                return Ok(done);
            }
            let mut fates = HashMap::new();
            let result = self.perform(&batch, &mut fates).await;
            let result = self.settle(result);
            done += fates.values().filter(|fate| matches!(fate, Fate::Done(_))).count() as u32;
            let put_off: Vec<_> =
                batch.iter().map(|operation| (operation.id, now + pause(operation.attempts))).collect();
            self.store(move |store| {
                for (id, next_try) in put_off {
                    match fates.remove(&id) {
                        Some(Fate::Done(uid)) => store.operation_done(id, uid)?,
                        Some(Fate::Failed(code, detail)) => store.operation_failed(id, code, &detail)?,
                        Some(Fate::Later) | None => store.operation_later(id, next_try)?,
                    }
                }
                Ok(())
            })
            .await?;
            result?;
        }
    }

    async fn perform(&mut self, batch: &[Operation], fates: &mut HashMap<OperationId, Fate>) -> Result<(), MailError> {
        match self.perform_together(batch, fates).await {
            // Where IMAP is switched off, nothing is said about the operation.
            Err(error @ MailError::Refused { .. }) if error.kind() != Code::ImapDisabled => {
                if let [operation] = batch {
                    // A passing refusal leaves it queued.
                    if !error.retryable() {
                        fates.insert(operation.id, Fate::refused(error));
                    }
                    return Ok(());
                }
                // One of them is refused: the others must not be.
                for operation in batch.iter().filter(|operation| !fates.contains_key(&operation.id)).collect::<Vec<_>>()
                {
                    match self.perform_together(std::slice::from_ref(operation), fates).await {
                        Ok(()) | Err(MailError::Refused { temporary: true, .. }) => {}
                        Err(error @ MailError::Refused { .. }) if error.kind() != Code::ImapDisabled => {
                            fates.insert(operation.id, Fate::refused(error));
                        }
                        Err(error) => return Err(error),
                    }
                }
                Ok(())
            }
            other => other,
        }
    }

    /// A batch of one kind, in one folder.
    async fn perform_together(
        &mut self,
        batch: &[Operation],
        fates: &mut HashMap<OperationId, Fate>,
    ) -> Result<(), MailError> {
        let Some(head) = batch.first() else { return Ok(()) };
        let ids: HashMap<OperationId, String> = match head.kind {
            OperationKind::Move { .. } => {
                let asked: Vec<_> = batch.iter().map(|operation| (operation.id, operation.message)).collect();
                let find = move |store: &clientele_store::Store| {
                    let mut found = HashMap::new();
                    for (id, message) in asked {
                        match store.row(message) {
                            Ok(row) => drop(found.insert(id, row.message_id)),
                            // Not fetched yet, after the store was set aside.
                            Err(StoreError::NotFound) => {}
                            Err(error) => return Err(error),
                        }
                    }
                    Ok(found)
                };
                self.store(find).await?
            }
            _ => HashMap::new(),
        };
        let (session, selected) = self.open_folder(&head.server_name, false).await?;
        if selected.uid_validity != head.uid_validity {
            fates.extend(batch.iter().map(|operation| (operation.id, Fate::Later)));
            return Ok(());
        }
        match &head.kind {
            OperationKind::Flag { flag, on } => {
                let sign = if *on { '+' } else { '-' };
                for set in sets(&uids(batch)) {
                    session.run(&format!("UID STORE {set} {sign}FLAGS.SILENT ({})", flag.imap()), |_| {}).await?;
                }
                fates.extend(batch.iter().map(|operation| (operation.id, Fate::Done(None))));
            }
            OperationKind::Expunge => {
                remove(session, &uids(batch)).await?;
                fates.extend(batch.iter().map(|operation| (operation.id, Fate::Done(None))));
            }
            OperationKind::Move { to_server_name, .. } => {
                relocate(session, batch, &head.server_name, to_server_name, &ids, fates).await?;
            }
        }
        Ok(())
    }
}

/// Moves mails that are still where they were, and finds those that an earlier try has moved already: MOVE and COPY
/// are told apart from a lost answer by looking, never by repeating.
async fn relocate(
    session: &mut Session,
    batch: &[Operation],
    from: &str,
    to: &str,
    message_ids: &HashMap<OperationId, String>,
    fates: &mut HashMap<OperationId, Fate>,
) -> Result<(), MailError> {
    let mut there: Vec<u32> = Vec::new();
    for set in sets(&uids(batch)) {
        there.extend(session.search(&format!("UID {set}")).await?);
    }
    let (mut waiting, mut absent): (Vec<&Operation>, Vec<&Operation>) =
        batch.iter().partition(|operation| there.contains(&operation.uid));

    let mut moved: HashMap<u32, u32> = HashMap::new();
    if session.has("MOVE") {
        for set in sets(&waiting.iter().map(|operation| operation.uid).collect::<Vec<_>>()) {
            session.run(&format!("UID MOVE {set} {}", quote(to)), |_| {}).await?;
            moved.extend(session.take_copied());
        }
    } else {
        // Copied before, and the connection broke before the original was removed.
        for operation in waiting.iter().filter(|operation| operation.attempts > 0) {
            if let Some(uid) = look_up(session, from, to, message_ids.get(&operation.id)).await? {
                moved.insert(operation.uid, uid);
            }
        }
        let to_copy: Vec<u32> =
            waiting.iter().map(|operation| operation.uid).filter(|uid| !moved.contains_key(uid)).collect();
        session.ensure_selected(from).await?;
        for set in sets(&to_copy) {
            session.run(&format!("UID COPY {set} {}", quote(to)), |_| {}).await?;
            moved.extend(session.take_copied());
        }
        remove(session, &waiting.iter().map(|operation| operation.uid).collect::<Vec<_>>()).await?;
    }
    for operation in waiting.drain(..) {
        fates.insert(operation.id, Fate::Done(moved.get(&operation.uid).copied()));
    }
    for operation in absent.drain(..) {
        let found = look_up(session, from, to, message_ids.get(&operation.id)).await?;
        let fate = match found {
            Some(uid) => Fate::Done(Some(uid)),
            None => Fate::Failed("not_found", "the mail is no longer on the server".into()),
        };
        fates.insert(operation.id, fate);
    }
    Ok(())
}

/// The newest mail of this Message-ID in the target folder. Leaves the source folder open.
async fn look_up(
    session: &mut Session,
    from: &str,
    to: &str,
    message_id: Option<&String>,
) -> Result<Option<u32>, MailError> {
    let Some(message_id) = message_id else { return Ok(None) };
    session.select(to).await?;
    let found = session.by_message_id(message_id).await?;
    session.select(from).await?;
    Ok(found.last().copied())
}

/// Removes mails for good. Without UIDPLUS a plain EXPUNGE takes every mail marked deleted with it: those that others
/// marked lose the mark for so long. Where the connection breaks meanwhile, they are there still, and unmarked.
async fn remove(session: &mut Session, uids: &[u32]) -> Result<(), MailError> {
    for set in sets(uids) {
        session.run(&format!("UID STORE {set} +FLAGS.SILENT (\\Deleted)"), |_| {}).await?;
    }
    if session.has("UIDPLUS") {
        for set in sets(uids) {
            session.run(&format!("UID EXPUNGE {set}"), |_| {}).await?;
        }
        return Ok(());
    }
    let marked = session.search("DELETED").await?;
    let others = sets(&marked.into_iter().filter(|uid| !uids.contains(uid)).collect::<Vec<_>>());
    for set in &others {
        session.run(&format!("UID STORE {set} -FLAGS.SILENT (\\Deleted)"), |_| {}).await?;
    }
    let expunged = session.run("EXPUNGE", |_| {}).await;
    if expunged.as_ref().is_err_and(MailError::breaks) {
        return expunged.map(drop);
    }
    for set in &others {
        session.run(&format!("UID STORE {set} +FLAGS.SILENT (\\Deleted)"), |_| {}).await?;
    }
    expunged.map(drop)
}

fn uids(batch: &[Operation]) -> Vec<u32> {
    batch.iter().map(|operation| operation.uid).collect()
}

/// Seconds until the next try: doubling from 5 up to 10 minutes.
fn pause(attempts: u32) -> i64 {
    (5 << attempts.min(7)).min(600)
}

/// `COPYUID validity from to` as pairs (RFC 4315 section 3).
pub(super) fn copied(from: &str, to: &str) -> Vec<(u32, u32)> {
    const LIMIT: usize = 100_000;
    let (from, to) = (numbers(from, LIMIT), numbers(to, LIMIT));
    if from.len() == to.len() { from.into_iter().zip(to).collect() } else { Vec::new() }
}
