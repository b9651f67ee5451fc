//! Which mails of a folder are wanted.

use super::{
    Client,
    fetch::fetched,
    sync::{FIRST, MANY, Run},
};
use crate::MailError;
use clientele_model::MessageId;
use std::collections::{BTreeSet, HashSet};

impl Client {
    /// Mails from `next` on, of which there are many or odd ones.
    pub(super) async fn bring_new(
        &mut self,
        run: &mut Run,
        next: u32,
        from: i64,
        fresh: &mut Vec<MessageId>,
    ) -> Result<Vec<u32>, MailError> {
        let mut there = self.numbers(&run.folder.server_name, &format!("UID FETCH {next}:*")).await?;
        there.retain(|uid| *uid >= next);
        let mut wanted = there.clone();
        if wanted.len() > MANY as usize {
            let newest: HashSet<u32> = there.iter().rev().take(FIRST as usize).copied().collect();
            let window: HashSet<u32> = self.window(run, from, next).await?.into_iter().collect();
            wanted.retain(|uid| newest.contains(uid) || window.contains(uid));
        }
        wanted.reverse();
        run.total = run.done + wanted.len() as u64;
        self.bring(run, &wanted, fresh).await?;
        Ok(there)
    }

    /// UIDs of a FETCH, rising.
    pub(super) async fn numbers(&mut self, server_name: &str, command: &str) -> Result<Vec<u32>, MailError> {
        let (session, selected) = self.open_folder(server_name, false).await?;
        let most = selected.exists as usize + 10_000;
        let mut uids = BTreeSet::new();
        session
            .run(&format!("{command} (UID)"), |data| {
                if uids.len() < most {
                    uids.extend(fetched(data).map(|mail| mail.uid));
                }
            })
            .await?;
        Ok(uids.into_iter().collect())
    }

    /// UIDs of mails since `from` (0: all), at least `lowest`.
    pub(super) async fn window(&mut self, run: &Run, from: i64, lowest: u32) -> Result<Vec<u32>, MailError> {
        let mut criteria = if from == 0 { "ALL".to_owned() } else { since(from) };
        if lowest > 1 {
            criteria = format!("UID {lowest}:* {criteria}");
        }
        let (session, _) = self.open_folder(&run.folder.server_name, false).await?;
        session.search(&criteria).await
    }
}

/// The SEARCH key for mails from a time on (RFC 9051 section 6.4.4).
fn since(from: i64) -> String {
    let start = jiff::Timestamp::from_second(from).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    format!("SINCE {}", start.to_zoned(jiff::tz::TimeZone::UTC).strftime("%-d-%b-%Y"))
}
