//! What a person did, told to the server.

use super::{
    Client,
    fetch::{numbers, sets},
    heard::ranges,
    look::{Known, look_up},
    session::{Piece, Session},
};
use crate::{Code, MailError};
use clientele_model::OperationId;
use clientele_store::{Operation, OperationKind};
use std::collections::{HashMap, HashSet};

/// Operations in one command.
const BATCH: u32 = 200;

/// Ranges of UIDs in one command: of 22 bytes each at most.
const RANGES: usize = 130;

/// What became of one operation.
enum Fate {
    /// With the UID in the target folder, where it is known.
    Done(Option<u32>),
    Failed(&'static str, String),
    /// The server has not heard of it: the folder could not be opened, or must be synced first.
    Untold,
    /// A folder is not there. Another program may have renamed it: the folders are listed before it is tried again.
    Elsewhere,
}

impl Fate {
    fn gone() -> Fate {
        Fate::Failed(Code::NotFound.as_str(), "the mail is no longer on the server".into())
    }

    /// None: it passes, and the operation waits.
    fn refused(operation: &Operation, error: MailError) -> Option<Fate> {
        if error.kind() == Code::NotFound && operation.attempts == 0 {
            return Some(Fate::Elsewhere);
        }
        let (code, passes) = (error.code(), error.retryable());
        let text = match error {
            MailError::Refused { text, .. } => text,
            other => other.to_string(),
        };
        (!passes).then_some(Fate::Failed(code, text))
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
            let elsewhere = fates.values().any(|fate| matches!(fate, Fate::Elsewhere));
            let put_off: Vec<_> =
                batch.iter().map(|operation| (operation.id, now + pause(operation.attempts))).collect();
            self.store(move |store| {
                for (id, next_try) in put_off {
                    match fates.remove(&id) {
                        Some(Fate::Done(uid)) => store.operation_done(id, uid)?,
                        Some(Fate::Failed(code, detail)) => store.operation_failed(id, code, &detail)?,
                        Some(Fate::Untold) => store.operation_untold(id, next_try)?,
                        Some(Fate::Elsewhere) => store.operation_later(id, now)?,
                        None => store.operation_later(id, next_try)?,
                    }
                }
                Ok(())
            })
            .await?;
            result?;
            if elsewhere {
                self.sync_folders().await?;
            }
        }
    }

    async fn perform(&mut self, batch: &[Operation], fates: &mut HashMap<OperationId, Fate>) -> Result<(), MailError> {
        match self.perform_together(batch, fates).await {
            // Where IMAP is switched off, nothing is said about the operation.
            Err(error @ MailError::Refused { .. }) if error.kind() != Code::ImapDisabled => {
                if let [operation] = batch {
                    // A passing refusal leaves it queued.
                    fates.extend(Fate::refused(operation, error).map(|fate| (operation.id, fate)));
                    return Ok(());
                }
                // One of them is refused: the others must not be.
                let open = |operation: &&Operation| matches!(fates.get(&operation.id), None | Some(Fate::Untold));
                let left: Vec<_> = batch.iter().filter(open).collect();
                for operation in left {
                    // Some may have been copied before another was refused: each is looked for first.
                    let again = Operation { attempts: operation.attempts.max(1), ..operation.clone() };
                    let result = self.perform_together(std::slice::from_ref(&again), fates).await;
                    // With the others the server may have heard of it.
                    if matches!(fates.get(&operation.id), Some(Fate::Untold)) {
                        fates.remove(&operation.id);
                    }
                    match result {
                        Ok(()) | Err(MailError::Refused { temporary: true, .. }) => {}
                        Err(error @ MailError::Refused { .. }) if error.kind() != Code::ImapDisabled => {
                            fates.extend(Fate::refused(operation, error).map(|fate| (operation.id, fate)));
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
        if head.kind == OperationKind::Append {
            self.append(head).await?;
            fates.insert(head.id, Fate::Done(None));
            return Ok(());
        }
        let known = self.known(batch).await?;
        let given = fates.values().filter_map(|fate| match fate {
            Fate::Done(uid) => *uid,
            _ => None,
        });
        // Each mail that is found in a target is one mail's.
        let mut taken: HashSet<u32> = given.collect();
        let before = self.opening();
        fates.extend(batch.iter().map(|operation| (operation.id, Fate::Untold)));
        let (session, selected) = self.open_folder(&head.server_name, false).await?;
        if selected.uid_validity != head.uid_validity {
            return Ok(());
        }
        batch.iter().for_each(|operation| drop(fates.remove(&operation.id)));
        // A folder that was open already may be as it was then: a mail that came since would not be found, and a STORE on it
        // would do nothing and say OK.
        if before == Some(selected.opening) {
            session.run("NOOP", |_| {}).await?;
        }
        match &head.kind {
            OperationKind::Flag { flag, on } => {
                let sign = if *on { '+' } else { '-' };
                for set in sets(&uids(batch)) {
                    session.run(&format!("UID STORE {set} {sign}FLAGS.SILENT ({})", flag.imap()), |_| {}).await?;
                }
                fates.extend(batch.iter().map(|operation| (operation.id, Fate::Done(None))));
            }
            OperationKind::Keyword { keyword, on } => {
                if *on && !selected.takes(keyword) {
                    let refused =
                        || Fate::Failed(Code::KeywordRefused.as_str(), "the server takes no new keyword".into());
                    fates.extend(batch.iter().map(|operation| (operation.id, refused())));
                    return Ok(());
                }
                let sign = if *on { '+' } else { '-' };
                for set in sets(&uids(batch)) {
                    session.run(&format!("UID STORE {set} {sign}FLAGS.SILENT ({keyword})"), |_| {}).await?;
                }
                fates.extend(batch.iter().map(|operation| (operation.id, Fate::Done(None))));
            }
            OperationKind::Label { label, on } => {
                let sign = if *on { '+' } else { '-' };
                for set in sets(&uids(batch)) {
                    session.run(&format!("UID STORE {set} {sign}X-GM-LABELS.SILENT ({label})"), |_| {}).await?;
                }
                fates.extend(batch.iter().map(|operation| (operation.id, Fate::Done(None))));
            }
            OperationKind::Expunge => {
                remove(session, &sets(&uids(batch))).await?;
                fates.extend(batch.iter().map(|operation| (operation.id, Fate::Done(None))));
            }
            OperationKind::Empty { ranges } => {
                remove(session, &sets_of(ranges)).await?;
                fates.insert(head.id, Fate::Done(None));
            }
            OperationKind::Move { to_server_name, .. } => {
                relocate(session, batch, (&head.server_name, to_server_name), &known, &mut taken, fates).await?;
            }
            OperationKind::Copy { to_server_name, .. } => {
                copy(session, batch, (&head.server_name, to_server_name), &known, &mut taken, fates).await?;
            }
            OperationKind::Append => {}
        }
        Ok(())
    }

    /// What is known here of the mails that are moved or copied.
    async fn known(&self, batch: &[Operation]) -> Result<Known, MailError> {
        let asked: Vec<_> = batch
            .iter()
            .filter_map(|operation| match operation.kind {
                OperationKind::Move { to, .. } | OperationKind::Copy { to, .. } => {
                    Some((operation.id, to, operation.message_id.clone(), operation.message))
                }
                _ => None,
            })
            .collect();
        if asked.is_empty() {
            return Ok(Known::new());
        }
        self.store(move |store| {
            asked.into_iter().map(|(id, to, name, message)| Ok((id, store.sought(to, &name, message)?))).collect()
        })
        .await
    }

    /// Puts a mail into a folder, unless one of its Message-ID is there: an earlier try whose answer was lost may have
    /// done so, and so may another program.
    async fn append(&mut self, operation: &Operation) -> Result<(), MailError> {
        let id = operation.id;
        let mail = self.store(move |store| store.operation_content(id)).await?;
        let (session, _) = self.open_folder(&operation.server_name, true).await?;
        if !session.by_message_id(&mail.message_id).await?.is_empty() {
            return Ok(());
        }
        let flags: Vec<&str> = [(mail.seen, "\\Seen"), (mail.draft, "\\Draft")]
            .into_iter()
            .filter_map(|(on, flag)| on.then_some(flag))
            .collect();
        let head = format!("APPEND {} ({}) ", session.named(&operation.server_name), flags.join(" "));
        session.run_pieces(&[Piece::Line(&head), Piece::Literal(&mail.raw)], |_| {}).await?;
        Ok(())
    }
}

/// Copies mails, each once: one of a lost answer is looked for in the target before it is copied again.
async fn copy(
    session: &mut Session,
    batch: &[Operation],
    (from, to): (&str, &str),
    known: &Known,
    taken: &mut HashSet<u32>,
    fates: &mut HashMap<OperationId, Fate>,
) -> Result<(), MailError> {
    let there = present(session, batch).await?;
    let (waiting, absent): (Vec<&Operation>, Vec<&Operation>) =
        batch.iter().partition(|operation| there.contains(&operation.uid));
    let again: Vec<&Operation> = waiting.iter().copied().filter(|operation| operation.attempts > 0).collect();
    let mut copied = look_up(session, (from, to), &again, true, known, taken).await?;
    let found = look_up(session, (from, to), &absent, false, known, taken).await?;
    for operation in absent {
        let fate = found.get(&operation.uid).map_or_else(Fate::gone, |uid| Fate::Done(Some(*uid)));
        fates.insert(operation.id, fate);
    }
    let to_copy: Vec<u32> =
        waiting.iter().map(|operation| operation.uid).filter(|uid| !copied.contains_key(uid)).collect();
    session.ensure_selected(from).await?;
    for set in sets(&to_copy) {
        session.run(&format!("UID COPY {set} {}", session.named(to)), |_| {}).await?;
        copied.extend(session.take_copied());
    }
    for operation in waiting {
        fates.insert(operation.id, Fate::Done(copied.get(&operation.uid).copied()));
    }
    Ok(())
}

/// Which of the mails are still where they were.
async fn present(session: &mut Session, batch: &[Operation]) -> Result<Vec<u32>, MailError> {
    let mut there = Vec::new();
    for set in sets(&uids(batch)) {
        there.extend(session.search(&format!("UID {set}")).await?);
    }
    Ok(there)
}

/// Moves mails that are still where they were, and finds those that an earlier try has moved already: MOVE and COPY
/// are told apart from a lost answer by looking, never by repeating.
async fn relocate(
    session: &mut Session,
    batch: &[Operation],
    (from, to): (&str, &str),
    known: &Known,
    taken: &mut HashSet<u32>,
    fates: &mut HashMap<OperationId, Fate>,
) -> Result<(), MailError> {
    let there = present(session, batch).await?;
    let (waiting, absent): (Vec<&Operation>, Vec<&Operation>) =
        batch.iter().partition(|operation| there.contains(&operation.uid));

    let mut moved: HashMap<u32, u32> = HashMap::new();
    if session.has("MOVE") {
        for set in sets(&waiting.iter().map(|operation| operation.uid).collect::<Vec<_>>()) {
            session.run(&format!("UID MOVE {set} {}", session.named(to)), |_| {}).await?;
            moved.extend(session.take_copied());
        }
    } else {
        // Copied before, and the connection broke before the original was removed.
        let again: Vec<&Operation> = waiting.iter().copied().filter(|operation| operation.attempts > 0).collect();
        moved.extend(look_up(session, (from, to), &again, true, known, taken).await?);
        let to_copy: Vec<u32> =
            waiting.iter().map(|operation| operation.uid).filter(|uid| !moved.contains_key(uid)).collect();
        session.ensure_selected(from).await?;
        for set in sets(&to_copy) {
            session.run(&format!("UID COPY {set} {}", session.named(to)), |_| {}).await?;
            moved.extend(session.take_copied());
        }
        remove(session, &sets(&waiting.iter().map(|operation| operation.uid).collect::<Vec<_>>())).await?;
    }
    for operation in waiting {
        fates.insert(operation.id, Fate::Done(moved.get(&operation.uid).copied()));
    }
    taken.extend(moved.values());
    let found = look_up(session, (from, to), &absent, false, known, taken).await?;
    for operation in absent {
        let fate = found.get(&operation.uid).map_or_else(Fate::gone, |uid| Fate::Done(Some(*uid)));
        fates.insert(operation.id, fate);
    }
    Ok(())
}

/// Removes mails for good. Without UIDPLUS a plain EXPUNGE takes every mail marked deleted with it: those that others
/// marked lose the mark for so long. Where the connection breaks meanwhile, they are there still, and unmarked.
pub(super) async fn remove(session: &mut Session, ours: &[String]) -> Result<(), MailError> {
    if ours.is_empty() {
        return Ok(());
    }
    for set in ours {
        session.run(&format!("UID STORE {set} +FLAGS.SILENT (\\Deleted)"), |_| {}).await?;
    }
    if session.has("UIDPLUS") {
        for set in ours {
            session.run(&format!("UID EXPUNGE {set}"), |_| {}).await?;
        }
        return Ok(());
    }
    let marked = session.search("DELETED").await?;
    let ours: Vec<(u32, u32)> = ours.iter().filter_map(|set| ranges(set)).flatten().collect();
    let is_ours = |uid: &u32| ours.iter().any(|(first, last)| (first..=last).contains(&uid));
    let others = sets(&marked.into_iter().filter(|uid| !is_ours(uid)).collect::<Vec<_>>());
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

/// As [`sets`], of UIDs from and to.
fn sets_of(ranges: &[(u32, u32)]) -> Vec<String> {
    let piece = |ranges: &[(u32, u32)]| {
        ranges.iter().map(|(first, last)| format!("{first}:{last}")).collect::<Vec<_>>().join(",")
    };
    ranges.chunks(RANGES).map(piece).collect()
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
