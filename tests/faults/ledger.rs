//! What must be there, reckoned from what both sides did and were told. Where both touched one mail between two times of
//! rest, who was first is not known, and only how many there are is reckoned.

use crate::imap::There;
use std::collections::{BTreeMap, BTreeSet};

/// The flags that the two sides change.
pub const FLAGS: [&str; 5] = ["\\Seen", "\\Flagged", "\\Answered", "$Forwarded", "Kunde"];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub folder: String,
    pub flags: BTreeSet<String>,
}

#[derive(Debug, Clone, Default)]
pub struct Known {
    pub copies: i32,
    /// Removals and copies of ours that the server may not have heard of.
    pub removals: i32,
    pub doubles: i32,
    /// Copies of ours that we took back: the other side may have moved one to where it is not looked for.
    pub undone: i32,
    /// How often each side moved it: where both do so at once, Dovecot may let both have their way, and there are two.
    pub moves: (i32, i32),
    /// Where there is one, and only one side touched it.
    pub place: Option<Place>,
    pub by_us: bool,
    pub by_other: bool,
}

#[derive(Debug, Default)]
pub struct Ledger(pub BTreeMap<String, Known>);

fn ours(flags: &BTreeSet<String>) -> BTreeSet<String> {
    flags.iter().filter(|flag| FLAGS.contains(&flag.as_str())).cloned().collect()
}

impl Ledger {
    pub fn appended(&mut self, message_id: &str, folder: &str, flags: BTreeSet<String>) {
        let place = Some(Place { folder: folder.into(), flags });
        self.0.insert(message_id.into(), Known { copies: 1, place, by_other: true, ..Known::default() });
    }

    /// The other side changed a mail; `change` says how, where it is the only one.
    pub fn other(&mut self, message_id: &str, change: impl FnOnce(&mut Place)) {
        let Some(known) = self.0.get_mut(message_id) else { return };
        known.by_other = true;
        if known.by_us || known.copies != 1 {
            known.place = None;
        }
        if let Some(place) = &mut known.place {
            change(place);
        }
    }

    /// The engine changed a mail.
    pub fn us(&mut self, message_id: &str, change: impl FnOnce(&mut Place)) {
        let Some(known) = self.0.get_mut(message_id) else { return };
        known.by_us = true;
        if known.by_other || known.copies != 1 {
            known.place = None;
        }
        if let Some(place) = &mut known.place {
            change(place);
        }
    }

    /// The other side did something to a whole folder; `to`: it has another name now, else it is gone.
    pub fn folder(&mut self, folder: &str, there: &[There], to: Option<&str>) {
        for mail in there {
            if to.is_none()
                && let Some(known) = self.0.get_mut(&mail.message_id)
            {
                known.copies -= 1;
            }
        }
        // Copies that were to be made there may not be.
        self.0.values_mut().filter(|known| known.doubles > 0).for_each(|known| known.by_other = true);
        let here: BTreeSet<&str> = there.iter().map(|mail| mail.message_id.as_str()).collect();
        let inside: Vec<String> = self
            .0
            .iter()
            .filter(|(id, known)| {
                here.contains(id.as_str()) || known.place.as_ref().is_some_and(|place| place.folder == folder)
            })
            .map(|(id, _)| id.clone())
            .collect();
        for id in inside {
            self.other(&id, |place| {
                if let Some(to) = to {
                    place.folder = to.into();
                }
            });
            if to.is_none()
                && let Some(known) = self.0.get_mut(&id)
            {
                known.place = None;
            }
        }
    }

    /// What is wrong with what the server has, when both are at rest.
    pub fn wrong(&self, there: &[(String, Vec<There>)]) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut seen: BTreeMap<&str, Vec<Place>> = BTreeMap::new();
        for (folder, mails) in there {
            for mail in mails {
                let place = Place { folder: folder.clone(), flags: ours(&mail.flags) };
                seen.entry(&mail.message_id).or_default().push(place);
            }
        }
        for (id, known) in &self.0 {
            let places = seen.remove(id.as_str()).unwrap_or_default();
            let count = places.len() as i32;
            let sure = !(known.by_us && known.by_other);
            let right = if sure {
                count == known.copies - known.removals + known.doubles
            } else {
                let both = known.moves.0.min(known.moves.1);
                (known.copies - known.removals..=known.copies + known.doubles + known.undone + both).contains(&count)
            };
            if !right {
                let (fewer, more) = (known.removals, known.doubles);
                wrong.push(format!(
                    "{id}: {count} on the server, where {} should be (less {fewer}, more {more}, sure: {sure})",
                    known.copies
                ));
            }
            if let (Some(place), [only]) = (&known.place, places.as_slice())
                && place != only
            {
                wrong.push(format!("{id}: should be {place:?}, is {only:?} (by us: {})", known.by_us));
            }
        }
        wrong.extend(seen.into_keys().map(|id| format!("{id}: on the server, and nobody put it there")));
        wrong
    }

    /// Begins anew from what the server has.
    pub fn settled(&mut self, there: &[(String, Vec<There>)]) {
        // What is gone stays known: it must not come back.
        for known in self.0.values_mut() {
            *known = Known::default();
        }
        for (folder, mails) in there {
            for mail in mails {
                let known = self.0.entry(mail.message_id.clone()).or_default();
                known.copies += 1;
                let place = Place { folder: folder.clone(), flags: ours(&mail.flags) };
                known.place = (known.copies == 1).then_some(place);
            }
        }
    }
}
