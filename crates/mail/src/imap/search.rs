//! The servers' own search, for mails that are not here: what it finds is fetched.

use super::{
    Client,
    asked::{Asked, Part},
    fetch::{fetched, sets},
    session::{Piece, Session, quote},
    sync::Run,
};
use crate::MailError;
use clientele_model::FolderRole;
use clientele_store::{Folder, FolderState};
use jiff::Zoned;
use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
    time::Duration,
};
use tokio::time::timeout;

/// For one folder.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a search on a server brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Found {
    /// Mails that were not here before.
    pub fetched: u32,
    /// The server has more than were fetched, or did not answer for a folder in time.
    pub more: bool,
}

/// A mail that was found and is not here.
struct Hit {
    /// INTERNALDATE, seconds since 1970.
    date: i64,
    folder: usize,
    uid: u32,
}

impl Client {
    /// Asks the server for mails that fit what was typed, in every folder (on Gmail in "all mail"), and fetches the newest
    /// `most` of those that are not here, whole. `now` for days such as today.
    pub async fn search_server(&mut self, query: &str, most: usize, now: &Zoned) -> Result<Found, MailError> {
        let result = self.look_for(query, most, now).await;
        self.settle(result)
    }

    async fn look_for(&mut self, query: &str, most: usize, now: &Zoned) -> Result<Found, MailError> {
        let asked = Asked::parse(query, now);
        if asked.is_empty(false) && asked.is_empty(true) {
            return Ok(Found::default());
        }
        let labels = self.session().await?.has("X-GM-EXT-1");
        if asked.is_empty(labels) {
            return Ok(Found::default());
        }
        let account = self.account;
        let mut folders = self.store(move |store| store.folders(account)).await?;
        if folders.is_empty() {
            folders = self.list_and_make().await?;
        }
        // Nothing but Junk and Trash lies outside of "all mail".
        let everywhere =
            |folder: &Folder| matches!(folder.role, FolderRole::Done | FolderRole::Junk | FolderRole::Trash);
        let all_mail = labels && folders.iter().any(|folder| folder.role == FolderRole::Done);
        folders.retain(|folder| {
            folder.selectable
                && if all_mail {
                    everywhere(folder)
                } else {
                    asked.wants(folder.role.as_str(), &folder.name, &folder.path)
                }
        });

        let mut found = Found::default();
        let mut hits = Vec::new();
        for (place, folder) in folders.iter().enumerate() {
            match timeout(PATIENCE, self.hits_in(folder, place, &asked, labels, most, &mut hits)).await {
                Ok(Ok(more)) => found.more |= more,
                // The others still have what they have.
                Ok(Err(error)) if !error.breaks() => {
                    tracing::info!(folder = folder.id.0, code = error.code(), "a folder was not searched");
                    found.more = true;
                }
                Ok(Err(error)) => return Err(error),
                Err(_) => {
                    found.more = true;
                    self.reset();
                }
            }
        }
        hits.sort_unstable_by_key(|hit: &Hit| std::cmp::Reverse(hit.date));
        found.more |= hits.len() > most;
        hits.truncate(most);
        for (place, folder) in folders.into_iter().enumerate() {
            let uids: Vec<u32> = hits.iter().filter(|hit| hit.folder == place).map(|hit| hit.uid).collect();
            if uids.is_empty() {
                continue;
            }
            let now = now.timestamp().as_second();
            match timeout(PATIENCE, self.bring_found(folder, &uids, now)).await {
                Ok(Ok(fetched)) => found.fetched += fetched,
                Ok(Err(MailError::Gone | MailError::Refused { .. })) => found.more = true,
                Ok(Err(error)) => return Err(error),
                Err(_) => {
                    found.more = true;
                    self.reset();
                }
            }
        }
        Ok(found)
    }

    /// The newest of a folder that are not here; true: there are more.
    async fn hits_in(
        &mut self,
        folder: &Folder,
        place: usize,
        asked: &Asked,
        labels: bool,
        most: usize,
        hits: &mut Vec<Hit>,
    ) -> Result<bool, MailError> {
        let (session, selected) = self.open_folder(&folder.server_name, false).await?;
        if selected.exists == 0 {
            return Ok(false);
        }
        let parts = if labels { asked.gmail() } else { asked.keys() };
        let there = session.search_typed(&parts).await?;
        let id = folder.id;
        let here: HashSet<u32> = self.store(move |store| store.uids(id)).await?.into_iter().collect();
        // Rising, as they came.
        let mut missing: Vec<u32> = there.into_iter().filter(|uid| !here.contains(uid)).collect();
        let more = missing.len() > most;
        missing.drain(..missing.len().saturating_sub(most));
        let (session, _) = self.open_folder(&folder.server_name, false).await?;
        // A server may tell of a mail twice, and of others: there are as many as were asked about at most.
        let mut dates: BTreeMap<u32, i64> = BTreeMap::new();
        for set in sets(&missing) {
            session
                .run(&format!("UID FETCH {set} (UID INTERNALDATE)"), |data| {
                    if let Some(mail) = fetched(data)
                        && let Some(date) = mail.internal_date
                        && missing.binary_search(&mail.uid).is_ok()
                    {
                        dates.insert(mail.uid, date);
                    }
                })
                .await?;
        }
        hits.extend(dates.into_iter().map(|(uid, date)| Hit { date, folder: place, uid }));
        Ok(more)
    }

    async fn bring_found(&mut self, folder: Folder, uids: &[u32], now: i64) -> Result<u32, MailError> {
        let (_, selected) = self.open_folder(&folder.server_name, false).await?;
        let (id, before) = (folder.id, folder.state.uid_validity);
        if before == 0 {
            // UIDs mean nothing without it.
            let state = FolderState { uid_validity: selected.uid_validity, ..FolderState::default() };
            self.store(move |store| store.folder_state_set(id, &state)).await?;
        } else if before != selected.uid_validity {
            return Err(MailError::Gone);
        }
        let mut run = Run::new(folder, selected.uid_validity, now, Arc::new(|_| {}));
        let mut fresh = Vec::new();
        self.bring(&mut run, uids, &mut fresh).await?;
        Ok(fresh.len() as u32)
    }
}

impl Session {
    /// UID SEARCH with what a person typed: ASCII in quotation marks, everything else as a literal in UTF-8.
    async fn search_typed(&mut self, parts: &[Part]) -> Result<Vec<u32>, MailError> {
        let wide = parts.iter().any(|part| matches!(part, Part::Typed(text) if !text.is_ascii()));
        // RFC 9755 section 3: where UTF-8 is agreed on, no charset may be named.
        let mut line = if wide && !self.utf8 { "CHARSET UTF-8 ".to_owned() } else { String::new() };
        let mut lines: Vec<(String, Option<&str>)> = Vec::new();
        for part in parts {
            match part {
                Part::Plain(text) => line.push_str(text),
                Part::Typed(text) if text.is_ascii() => line.push_str(&quote(text)),
                Part::Typed(text) => lines.push((std::mem::take(&mut line), Some(text))),
            }
        }
        lines.push((line, None));
        let mut pieces = Vec::new();
        for (line, literal) in &lines {
            pieces.push(Piece::Line(line));
            pieces.extend(literal.map(|text| Piece::Literal(text.as_bytes())));
        }
        self.search_pieces(&pieces).await
    }
}
