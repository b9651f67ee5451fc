//! Mails that an earlier try has moved or copied, and of which the answer was lost: looked for in the target before anything
//! is repeated. What is taken for a mail that is still where it was must surely be its copy, for the original is removed then.

use super::{
    fetch::{Fetched, fetched, sets},
    session::Session,
};
use crate::MailError;
use clientele_model::OperationId;
use clientele_store::{Operation, Sought};
use std::collections::{HashMap, HashSet};

/// So many mails of one Message-ID, or of one size, are looked at: the newest.
const MOST: usize = 200;

/// By operation, what is known here of its mail and of the target.
pub(super) type Known = HashMap<OperationId, Sought>;

/// A mail in the target.
struct There {
    uid: u32,
    size: u32,
    date: Option<i64>,
    message_id: String,
}

/// Looks for mails in `to`; gives UIDs there by the UIDs in `from`, none twice, and none that is `taken`. `stays`: they are in
/// `from` still. Leaves `from` open.
pub(super) async fn look_up(
    session: &mut Session,
    (from, to): (&str, &str),
    wanted: &[&Operation],
    stays: bool,
    known: &Known,
    taken: &mut HashSet<u32>,
) -> Result<HashMap<u32, u32>, MailError> {
    let mut found = HashMap::new();
    if wanted.is_empty() {
        return Ok(found);
    }
    let originals = if stays { originals(session, from, wanted).await? } else { HashMap::new() };
    let target = session.select(to).await?;
    let mut asked: HashMap<String, Vec<There>> = HashMap::new();
    let mut rising = wanted.to_vec();
    // A server copies in the order of numbers.
    rising.sort_by_key(|operation| operation.uid);
    for operation in rising {
        let Some(sought) = known.get(&operation.id) else { continue };
        let original = originals.get(&operation.uid);
        let looked_for = LookedFor {
            size: original.map(|mail| mail.size).filter(|size| *size > 0).unwrap_or(sought.size),
            date: original.and_then(|mail| mail.internal_date),
            nameless: sought.nameless,
            // What was there when the folder was last in step is no copy that was made since.
            first: if sought.uid_validity == target.uid_validity { sought.uid_next } else { 0 },
            but: if from == to { operation.uid } else { 0 },
            sought,
        };
        let key = if sought.nameless { looked_for.size.to_string() } else { operation.message_id.clone() };
        if !asked.contains_key(&key) {
            let there = session.candidates(&operation.message_id, sought.nameless, looked_for.size).await?;
            asked.insert(key.clone(), there);
        }
        let there = asked.get(&key).map(Vec::as_slice).unwrap_or_default();
        if let Some(uid) = looked_for.best(there, stays, taken) {
            taken.insert(uid);
            found.insert(operation.uid, uid);
        }
    }
    session.select(from).await?;
    Ok(found)
}

struct LookedFor<'a> {
    /// 0: not known.
    size: u32,
    date: Option<i64>,
    /// It bears no Message-ID.
    nameless: bool,
    first: u32,
    but: u32,
    sought: &'a Sought,
}

impl LookedFor<'_> {
    fn best(&self, there: &[There], stays: bool, taken: &HashSet<u32>) -> Option<u32> {
        let free = there.iter().filter(|mail| {
            mail.uid != self.but && !taken.contains(&mail.uid) && !self.sought.others.contains(&mail.uid)
        });
        let mut fits: Vec<(bool, bool, bool, bool, &There)> = free
            .map(|mail| {
                let own = self.sought.own.contains(&mail.uid);
                let size = self.size == 0 || mail.size == 0 || mail.size == self.size;
                // Not every server keeps the date, so that another one proves nothing.
                let date = self.date.is_some() && mail.date == self.date;
                (own, own || mail.uid >= self.first, size, date, mail)
            })
            .filter(|(_, fresh, size, ..)| *fresh && *size || !stays && !self.nameless)
            .collect();
        fits.sort_by_key(|(own, fresh, size, date, mail)| (!own, !fresh, !size, !date, mail.uid));
        fits.first().map(|(.., mail)| mail.uid)
    }
}

async fn originals(
    session: &mut Session,
    from: &str,
    wanted: &[&Operation],
) -> Result<HashMap<u32, Fetched>, MailError> {
    let uids: Vec<u32> = wanted.iter().map(|operation| operation.uid).collect();
    session.ensure_selected(from).await?;
    let mut originals = HashMap::new();
    for set in sets(&uids) {
        session
            .run(&format!("UID FETCH {set} (UID RFC822.SIZE INTERNALDATE)"), |data| {
                if let Some(mail) = fetched(data).filter(|mail| uids.contains(&mail.uid) && mail.asked_for()) {
                    originals.insert(mail.uid, mail);
                }
            })
            .await?;
    }
    Ok(originals)
}

impl Session {
    /// Mails in the open folder with just this Message-ID; of one without any, those of this size without any.
    async fn candidates(&mut self, message_id: &str, nameless: bool, size: u32) -> Result<Vec<There>, MailError> {
        let mut uids = match (nameless, size) {
            (true, 0) => Vec::new(),
            (true, size) => self.search(&format!("LARGER {} SMALLER {}", size - 1, size.saturating_add(1))).await?,
            // A server looks for a part of it.
            (false, _) => self.by_message_id(message_id).await?,
        };
        uids.drain(..uids.len().saturating_sub(MOST));
        let mut there = Vec::new();
        for set in sets(&uids) {
            let command =
                format!("UID FETCH {set} (UID RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])");
            self.run(&command, |data| {
                let Some(mail) = fetched(data).filter(|mail| mail.body.is_some() && uids.contains(&mail.uid)) else {
                    return;
                };
                let header = mail.body.unwrap_or_default();
                let message_id = clientele_message::parse_headers(&header).message_id;
                there.push(There { uid: mail.uid, size: mail.size, date: mail.internal_date, message_id });
            })
            .await?;
        }
        there.retain(|mail| if nameless { mail.message_id.is_empty() } else { mail.message_id == message_id });
        Ok(there)
    }
}
