//! Mails from the server into the store: two commands under way, parsing and storing beside reading, and one odd mail
//! costs only itself.

use super::{
    Client,
    fetch::{Fetched, fetched, sets},
    line::{CHUNK, Chunk, Sink},
    session::{Next, Session},
    sync::{FIRST, Progress, Run},
    value::Value,
};
use crate::MailError;
use clientele_model::MessageId;
use std::collections::{HashMap, HashSet, VecDeque};

/// UIDs in one FETCH: the best of what was measured.
const BATCH: usize = 200;
/// A server that breaks off so often in one sync has another problem than odd mails.
const RECONNECTS: u32 = 40;

/// Mails that are asked for before their UIDs are known: a round trip less.
#[derive(Debug, Clone, Copy)]
pub(super) enum Which {
    /// From this place in the row on.
    Row { low: u32 },
    /// From this UID on.
    From { uid: u32 },
}

impl Client {
    /// Fetches mails into the store. Two commands are under way at a time, and parsing and storing run beside reading.
    pub(super) async fn bring(
        &mut self,
        run: &mut Run,
        uids: &[u32],
        fresh: &mut Vec<MessageId>,
    ) -> Result<(), MailError> {
        if uids.is_empty() {
            return Ok(());
        }
        let uids = self.not_here(run, uids, fresh).await?;
        (run.report)(Progress { done: run.done, total: run.total });
        if uids.is_empty() {
            return Ok(());
        }
        let line = self.start_line(run);
        let read = self.read_all(run, &uids, &line.sink).await;
        // What was read is stored also where reading broke off.
        self.end_line(run, line, fresh).await?;
        read?;
        self.complete_cut(run).await
    }

    /// As [`Client::bring`], for mails whose UIDs are not known: gives them. None where something in the answer was odd:
    /// then they are to be fetched by their UIDs, which finds the odd one. What came is stored in any case.
    pub(super) async fn bring_straight(
        &mut self,
        run: &mut Run,
        which: Which,
        exists: u32,
        fresh: &mut Vec<MessageId>,
    ) -> Result<Option<Vec<u32>>, MailError> {
        if !self.may_go_straight(run).await? {
            return Ok(None);
        }
        (run.report)(Progress { done: run.done, total: run.total });
        let line = self.start_line(run);
        let mut got = HashSet::new();
        let read = self.read_straight(run, which, exists, &mut got, &line.sink).await;
        self.end_line(run, line, fresh).await?;
        match read {
            Ok(true) => {
                self.complete_cut(run).await?;
                Ok(Some(got.into_iter().collect()))
            }
            Ok(false) | Err(MailError::Refused { temporary: false, .. }) => Ok(None),
            Err(error) if error.breaks() => {
                tracing::warn!(code = error.code(), "a FETCH failed");
                run.reconnects += 1;
                self.reset();
                // Fails where the network is gone: then no mail is to blame.
                self.session().await?;
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// False: something was not understood.
    async fn read_straight(
        &mut self,
        run: &Run,
        which: Which,
        exists: u32,
        got: &mut HashSet<u32>,
        sink: &Sink,
    ) -> Result<bool, MailError> {
        let session = self.folder_of(run).await?;
        let everything = session.everything();
        let (command, lowest) = match which {
            Which::Row { low } => (format!("FETCH {low}:* {everything}"), 1),
            Which::From { uid } => (format!("UID FETCH {uid}:* {everything}"), uid),
        };
        // A server that makes mails up does not fill the disk.
        let most = exists as usize + CHUNK;
        let mut chunk = Chunk::default();
        let mut odd = false;
        let tag = session.send(&command).await?;
        loop {
            match session.next(&tag).await {
                Ok(Next::Done(_)) => break,
                Err(error) => {
                    chunk.hand_over(got, sink).await?;
                    return Err(error);
                }
                Ok(Next::Data(data)) => match fetched(&data) {
                    Some(mail) if mail.uid >= lowest && mail.asked_for() => {
                        if got.len() + chunk.mails.len() > most {
                            return Err(MailError::Protocol("more mails than there are"));
                        }
                        chunk.push(mail, got, sink).await?;
                    }
                    Some(_) => {}
                    None => odd |= is_odd(&data),
                },
            }
        }
        chunk.hand_over(got, sink).await?;
        Ok(!odd)
    }

    /// Mails of which only the first piece is stored.
    async fn complete_cut(&mut self, run: &mut Run) -> Result<(), MailError> {
        for (message, uid, size) in std::mem::take(&mut run.cut) {
            self.complete(run, message, uid, size).await?;
        }
        Ok(())
    }

    /// Reads every mail, or says that it cannot be read. Where the server breaks off or answers nonsense, the set is
    /// halved until the mail that causes it stands alone: one odd mail must not cost the others.
    async fn read_all(&mut self, run: &mut Run, uids: &[u32], sink: &Sink) -> Result<(), MailError> {
        // A server gives the mails of a FETCH in the order of their numbers: what is asked for first is no more than a screen.
        let (first, rest) = uids.split_at(uids.len().min(FIRST as usize));
        let mut work: Vec<Vec<u32>> = rest.chunks(BATCH).rev().map(<[u32]>::to_vec).collect();
        work.push(first.to_vec());
        let mut together = 2;
        let mut failures: HashMap<u32, u32> = HashMap::new();
        while !work.is_empty() {
            let mut got = HashSet::new();
            let mut taken = Vec::new();
            let read = self.read_stream(run, &mut work, together, &mut taken, &mut got, sink).await;
            let Err(error) = read else { continue };
            // Too much at the moment, or on its way down: no mail is to blame, and all come later.
            let refused = matches!(error, MailError::Refused { temporary: false, .. });
            if !refused && !error.breaks() {
                return Err(error);
            }
            run.reconnects += 1;
            if run.reconnects > RECONNECTS {
                return Err(error);
            }
            tracing::warn!(code = error.code(), mails = taken.iter().map(Vec::len).sum::<usize>(), "a FETCH failed");
            if error.breaks() {
                self.reset();
                // Fails where the network is gone: then no mail is to blame.
                self.session().await?;
            }
            // From here on one at a time, so that the blame falls on the right set.
            together = 1;
            for set in taken.into_iter().rev() {
                let left: Vec<u32> = set.into_iter().filter(|uid| !got.contains(uid)).collect();
                match left.as_slice() {
                    [] => {}
                    [uid] => {
                        let failed = failures.entry(*uid).or_default();
                        *failed += 1;
                        // A connection may break by chance once.
                        if *failed > 1 || matches!(error, MailError::Protocol(_)) {
                            let mail = self.describe(&run.folder.server_name, *uid).await?;
                            sink.send(vec![mail]).await?;
                        } else {
                            work.push(left);
                        }
                    }
                    _ => {
                        let (one, other) = left.split_at(left.len() / 2);
                        work.push(other.to_vec());
                        work.push(one.to_vec());
                    }
                }
            }
        }
        Ok(())
    }

    /// Takes from the end of `work` until it is empty, `together` commands under way at any time. `taken`: the sets that
    /// are under way when it fails; `got`: what has come of them.
    async fn read_stream(
        &mut self,
        run: &Run,
        work: &mut Vec<Vec<u32>>,
        together: usize,
        taken: &mut Vec<Vec<u32>>,
        got: &mut HashSet<u32>,
        sink: &Sink,
    ) -> Result<(), MailError> {
        let session = self.folder_of(run).await?;
        if session.wire.is_slow() {
            session.compress().await?;
        }
        session.wire.measure();
        let everything = session.everything();
        // The tags of each set's commands.
        let mut tags: VecDeque<VecDeque<String>> = VecDeque::new();
        let mut wanted: HashSet<u32> = HashSet::new();
        let mut chunk = Chunk::default();
        let mut odd = false;
        let mut failed = None;
        loop {
            // After a failure nothing further is asked for; the answers to what is under way still come.
            let hold = failed.is_some() || odd || (session.wire.is_slow() && session.has("COMPRESS=DEFLATE"));
            while tags.len() < together && !hold {
                let Some(uids) = work.pop() else { break };
                let mut own = VecDeque::new();
                wanted.extend(&uids);
                let all = sets(&uids);
                taken.push(uids);
                for set in all {
                    own.push_back(session.send(&format!("UID FETCH {set} {everything}")).await?);
                }
                tags.push_back(own);
            }
            let Some(own) = tags.front_mut() else { break };
            let Some(tag) = own.front() else {
                tags.pop_front();
                if failed.is_none() && !odd {
                    // Without an odd answer, what did not come has been removed in the meantime.
                    for uid in taken.remove(0) {
                        wanted.remove(&uid);
                        got.remove(&uid);
                    }
                }
                continue;
            };
            match session.next(tag).await {
                Ok(Next::Done(_)) => drop(own.pop_front()),
                Err(error @ MailError::Refused { .. }) => {
                    own.pop_front();
                    failed.get_or_insert(error);
                }
                Err(error) => {
                    chunk.hand_over(got, sink).await?;
                    return Err(error);
                }
                Ok(Next::Data(data)) => match fetched(&data) {
                    // Flags of other mails come unasked.
                    Some(mail) if wanted.contains(&mail.uid) && mail.asked_for() => {
                        chunk.push(mail, got, sink).await?;
                    }
                    Some(_) => {}
                    None => odd |= is_odd(&data),
                },
            }
        }
        chunk.hand_over(got, sink).await?;
        if let Some(error) = failed {
            return Err(error);
        }
        if odd && taken.iter().flatten().any(|uid| !got.contains(uid)) {
            return Err(MailError::Protocol("a FETCH answer"));
        }
        Ok(())
    }

    /// The connection with the run's folder open.
    async fn folder_of(&mut self, run: &Run) -> Result<&mut Session, MailError> {
        let (session, selected) = self.open_folder(&run.folder.server_name, false).await?;
        if selected.uid_validity != run.uid_validity {
            // The folder was replaced while we were away: the next sync begins anew.
            return Err(MailError::Gone);
        }
        Ok(session)
    }

    /// What can be said of a mail whose content cannot be read.
    async fn describe(&mut self, server_name: &str, uid: u32) -> Result<Fetched, MailError> {
        let mut mail = Fetched { uid, ..Fetched::default() };
        let (session, _) = self.open_folder(server_name, false).await?;
        let command = format!("UID FETCH {uid} (UID FLAGS INTERNALDATE RFC822.SIZE)");
        let told = session
            .run(&command, |data| {
                if let Some(found) = fetched(data).filter(|found| found.uid == uid) {
                    mail = found;
                }
            })
            .await;
        if told.is_err_and(|error| error.breaks()) {
            self.reset();
        }
        mail.unreadable = true;
        mail.body = None;
        Ok(mail)
    }

    /// Completes mails of which an earlier sync, that was cut off, has stored the first piece only.
    pub(super) async fn resume(&mut self, run: &Run) -> Result<(), MailError> {
        let folder = run.folder.id;
        let left = self.store(move |store| {
            let mut left = Vec::new();
            for (message, uid) in store.bodies_missing(folder, 20)? {
                let mail = store.detail(message)?;
                if mail.unreadable.is_none() {
                    left.push((message, uid, mail.size));
                }
            }
            Ok(left)
        });
        for (message, uid, size) in left.await? {
            self.complete(run, message, uid, size).await?;
        }
        Ok(())
    }

    /// The rest of a mail of which the first piece is here.
    async fn complete(&mut self, run: &Run, message: MessageId, uid: u32, size: u32) -> Result<(), MailError> {
        match self.fill(&run.folder.server_name, message, uid, size).await {
            Err(MailError::Gone | MailError::Refused { .. } | MailError::TooLarge { .. }) => Ok(()),
            other => other,
        }
    }
}

/// Whether an answer to FETCH was not understood.
fn is_odd(data: &[Value]) -> bool {
    data.is_empty() || data.get(1).is_some_and(|word| word.is("FETCH"))
}
