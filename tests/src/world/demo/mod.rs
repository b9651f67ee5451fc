//! The mailbox of Ingrid Hauge, who sells for Nordvik AS, and the CRM that knows the people in it. The same seed and
//! the same hour give the same mails.

mod cast;
mod files;
mod mime;
mod noise;
mod story;
mod texts;
mod threads;

use super::{INGRID, Stored, Told, World, WorldError};
use mime::{Letter, Who};
use std::path::PathBuf;

/// Puts the demo mails into Ingrid's mailbox, and the CRM's seed into the world's folder; gives the seed's path.
pub fn fill(world: &World, now: jiff::Timestamp) -> Result<PathBuf, WorldError> {
    let now = now.as_second();
    world.store(INGRID, &mails(now, &format!("http://127.0.0.1:{}", world.ports().images)))?;
    let path = world.dir().join("crm.json");
    let seed =
        serde_json::to_vec_pretty(&crm_seed(now)).map_err(std::io::Error::from).told("writing the CRM's seed")?;
    std::fs::write(&path, seed).told("writing the CRM's seed")?;
    Ok(path)
}

/// The CRM that goes with [`mails`]: companies, people, sales, projects and activities.
pub fn crm_seed(now: i64) -> serde_json::Value {
    cast::seed(now)
}

/// All mails of the demo, over the sixty days before `now` (seconds since 1970). Remote images are below `images`.
pub fn mails(now: i64, images: &str) -> Vec<Stored> {
    let mut desk = Desk {
        now,
        images: images.trim_end_matches('/').into(),
        ingrid: Who::new("Ingrid Hauge", INGRID),
        dice: Dice(20_261_122),
        count: 0,
        flag: false,
        mails: Vec::new(),
    };
    threads::add(&mut desk);
    noise::add(&mut desk);
    story::tell(&mut desk);
    desk.mails
}

/// The picture that the world serves for remote images.
pub(super) fn picture() -> Vec<u8> {
    files::png(320, 200)
}

/// Where mails pile up while the demo is being written.
struct Desk {
    now: i64,
    images: String,
    ingrid: Who,
    dice: Dice,
    count: usize,
    flag: bool,
    mails: Vec<Stored>,
}

impl Desk {
    /// Adds a mail that has been read, and gives its Message-ID.
    fn read(&mut self, letter: Letter, folder: &str) -> String {
        self.add(letter, folder, true)
    }

    /// Adds an unread mail to the inbox.
    fn unread(&mut self, letter: Letter) -> String {
        self.add(letter, "INBOX", false)
    }

    /// Adds a mail of Ingrid's own.
    fn sent(&mut self, mut letter: Letter) -> String {
        letter.from = Some(self.ingrid.clone());
        // The mail answered shows that it was.
        if let Some(before) = letter.before.last() {
            let header = format!("Message-ID: <{before}>");
            let answered = self
                .mails
                .iter_mut()
                .rev()
                .find(|mail| mail.raw.windows(header.len()).take(4096).any(|window| window == header.as_bytes()));
            if let Some(mail) = answered {
                mail.answered = true;
            }
        }
        self.add(letter, "Sent", true)
    }

    /// The next mail added is flagged.
    fn flag_next(&mut self) {
        self.flag = true;
    }

    fn add(&mut self, mut letter: Letter, folder: &str, seen: bool) -> String {
        self.count += 1;
        let domain =
            letter.from.as_ref().and_then(|who| who.email.split('@').nth(1)).unwrap_or("nordvik.example").to_owned();
        letter.id = format!("{:x}.{:x}@{domain}", letter.date, self.count * 7919);
        let flagged = std::mem::take(&mut self.flag);
        let (raw, received) = (letter.raw(), letter.date + 2);
        self.mails.push(Stored { folder: folder.into(), raw, received, seen, answered: false, flagged });
        letter.id
    }

    fn raw(&mut self, raw: Vec<u8>, received: i64) {
        self.mails.push(Stored { folder: "INBOX".into(), raw, received, seen: false, answered: false, flagged: false });
    }
}

/// Numbers that look thrown and are always the same (splitmix64).
struct Dice(u64);

impl Dice {
    /// A number below `sides`.
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % sides.max(1) as u64) as usize
    }
}

/// A second on a working day, between eight and five, `days` before now.
fn workday(now: i64, days: i64, dice: &mut Dice) -> i64 {
    let midnight = now - now.rem_euclid(86_400) - days * 86_400;
    // 1970 began on a Thursday.
    let weekday = (midnight / 86_400 + 3).rem_euclid(7);
    let monday_to_friday = midnight - 86_400 * (weekday - 4).max(0);
    monday_to_friday + 7 * 3600 + dice.roll(9 * 3600) as i64
}

#[cfg(test)]
mod tests;
