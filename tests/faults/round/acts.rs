//! What each side does.

use super::{NAMES, Round, folders, rows};
use crate::{
    imap::{Other, There},
    kit::mail,
    ledger::{FLAGS, Known, Place},
};
use clientele_engine::{
    EngineError,
    store::{Folder, Row, StoreError, UndoToken},
};
use clientele_model::{Action, FolderRole};
use rand::{Rng as _, seq::IndexedRandom as _};
use std::collections::BTreeSet;

impl Round {
    /// A mail comes to a folder; its subject and body have a word that no other mail has.
    pub fn arrive(&mut self, folder: &str) {
        self.mails += 1;
        let word = format!("w{}q{}", self.mails, self.seed);
        let raw = mail("Anna Berg <anna@kunde.example>", &self.person.email, &format!("About {word}"), &word);
        let text = String::from_utf8(raw).unwrap();
        // The word is the Message-ID too.
        let (before, after) = text.split_once("Message-ID: <").unwrap();
        let raw = format!("{before}Message-ID: <{word}{}", &after[after.find('@').unwrap()..]);
        let id = format!("{word}@test.example");
        let flags: BTreeSet<String> =
            FLAGS.iter().filter(|_| self.random.random_bool(0.2)).map(|flag| (*flag).into()).collect();
        let said = flags.iter().cloned().collect::<Vec<_>>().join(" ");
        if self.other.append(folder, &said, raw.as_bytes()) {
            self.say(format!("other: {id} arrives in {folder} ({said})"));
            self.ledger.appended(&id, folder, flags);
        }
    }

    /// The other side does something. `alone`: the engine does nothing meanwhile.
    pub fn other_acts(&mut self, alone: bool) {
        let folders = self.other.folders();
        let folder = if self.random.random_bool(0.5) {
            "INBOX".to_owned()
        } else {
            folders.choose(&mut self.random).unwrap().clone()
        };
        let target = folders.choose(&mut self.random).unwrap().clone();
        let choice = self.random.random_range(0..if alone { 100 } else { 80 });
        if choice < 25 {
            return self.arrive(&folder);
        }
        let there = self.other.mails(&folder);
        match choice {
            25..80 => {
                let Some(mail) = there.choose(&mut self.random).cloned() else { return };
                self.other_changes(choice, &folder, &target, &mail);
            }
            80..86 => {
                let name = NAMES.choose(&mut self.random).unwrap();
                let made = self.other.run(&format!("CREATE \"{name}\"")).is_ok();
                self.say(format!("other: creates {name}: {made}"));
            }
            86..91 => {
                let Some(name) = NAMES.choose(&mut self.random).filter(|name| folders.iter().any(|one| one == *name))
                else {
                    return;
                };
                let to = NAMES.choose(&mut self.random).unwrap();
                self.rename(name, to, &folders);
            }
            91..95 => {
                let Some(name) = NAMES.choose(&mut self.random).filter(|name| folders.iter().any(|one| one == *name))
                else {
                    return;
                };
                let below = format!("{name}/");
                if folders.iter().any(|folder| folder.starts_with(&below)) {
                    // Dovecot lists what is left of such a one as a folder that can be opened, which it cannot.
                    return;
                }
                let there = self.other.mails(name);
                self.other.close();
                if self.other.run(&format!("DELETE \"{name}\"")).is_ok() {
                    self.say(format!("other: deletes {name} with {} mails", there.len()));
                    self.ledger.folder(name, &there, None);
                }
            }
            _ => self.number_anew(&folder),
        }
    }

    fn rename(&mut self, name: &str, to: &str, folders: &[String]) {
        let below = format!("{name}/");
        let inside: Vec<(String, Vec<There>)> = folders
            .iter()
            .filter(|folder| *folder == name || folder.starts_with(&below))
            .map(|folder| (folder.clone(), self.other.mails(folder)))
            .collect();
        self.other.close();
        if name != to && self.other.run(&format!("RENAME \"{name}\" \"{to}\"")).is_ok() {
            self.say(format!("other: renames {name} to {to}"));
            for (folder, there) in inside {
                let new = format!("{to}{}", &folder[name.len()..]);
                self.ledger.folder(&folder, &there, Some(&new));
            }
        }
    }

    fn number_anew(&mut self, folder: &str) {
        self.other.close();
        let validity = (1_900_000_000 + self.random.random_range(0..90_000_000)).to_string();
        // doveadm takes names as people read them.
        let name = folder.replace("&AOU-", "å").replace("&-", "&");
        let user = self.person.email.clone();
        let done = self.person.world.doveadm(&["mailbox", "update", "-u", &user, "--uid-validity", &validity, &name]);
        self.say(format!("other: {folder} is numbered anew ({validity}): {done:?}"));
        self.look_anew();
    }

    /// Dovecot hangs up on who has a folder open that is numbered anew.
    pub(super) fn look_anew(&mut self) {
        self.other = Other::connect(self.person.world.ports().imap_plain, &self.person.email);
    }

    fn other_changes(&mut self, choice: u32, folder: &str, target: &str, mail: &There) {
        let (id, uid) = (mail.message_id.clone(), mail.uid);
        match choice {
            25..50 => {
                let flag = *FLAGS.choose(&mut self.random).unwrap();
                let on = self.random.random_bool(0.5);
                let sign = if on { '+' } else { '-' };
                let answer = self.other.run(&format!("UID STORE {uid} {sign}FLAGS ({flag})"));
                if answer.lines.iter().any(|line| line.contains(&format!("UID {uid} "))) {
                    self.say(format!("other: {sign}{flag} on {id} in {folder}"));
                    self.ledger.other(&id, |place| {
                        if on {
                            place.flags.insert(flag.into())
                        } else {
                            place.flags.remove(flag)
                        };
                    });
                }
            }
            50..64 => {
                let answer = self.other.run(&format!("UID MOVE {uid} \"{target}\""));
                if answer.lines.iter().any(|line| line.contains("COPYUID")) {
                    self.say(format!("other: moves {id} from {folder} to {target}"));
                    self.ledger.other(&id, |place| place.folder = target.into());
                    self.ledger.0.entry(id).or_default().moves.1 += 1;
                }
            }
            64..70 => {
                let answer = self.other.run(&format!("UID COPY {uid} \"{target}\""));
                if answer.end.contains("COPYUID") {
                    self.say(format!("other: copies {id} from {folder} to {target}"));
                    self.ledger.other(&id, |_| {});
                    if let Some(known) = self.ledger.0.get_mut(&id) {
                        known.copies += 1;
                        known.place = None;
                    }
                }
            }
            _ => {
                if self.other.expunge(uid) {
                    self.say(format!("other: removes {id} from {folder}"));
                    self.ledger.other(&id, |_| {});
                    if let Some(known) = self.ledger.0.get_mut(&id) {
                        known.copies -= 1;
                        known.place = None;
                    }
                } else {
                    // It went elsewhere meanwhile, perhaps marked.
                    self.ledger.other(&id, |_| {});
                }
            }
        }
    }

    /// A person does something here.
    pub async fn we_act(&mut self) {
        if self.random.random_bool(0.1)
            && let Some((token, id, before)) = self.undo.pop()
        {
            let undone = self.engine().undo(token).await;
            self.say(format!("we: undo on {id}: {undone:?}"));
            match undone {
                Ok(_) => {
                    let names = self.other.folders();
                    // The folder it came from may have another name by now.
                    let renamed = before.place.as_ref().is_some_and(|place| !names.contains(&place.folder));
                    let other = renamed || self.ledger.0.get(&id).is_some_and(|known| known.by_other);
                    if renamed {
                        self.ledger.other(&id, |_| {});
                    }
                    let doubles = self.ledger.0.get(&id).map_or(0, |known| known.doubles);
                    let undone = before.undone + (doubles - before.doubles).max(0);
                    let known = Known { by_us: true, undone, ..before };
                    if other { self.ledger.us(&id, |_| {}) } else { drop(self.ledger.0.insert(id, known)) }
                }
                Err(EngineError::Store(StoreError::TooLateToUndo)) => {}
                Err(error) => panic!("undo: {error}"),
            }
            return;
        }
        let folders = folders(self.engine()).await;
        if folders.is_empty() {
            return;
        }
        let from = if self.random.random_bool(0.5) { &folders[0] } else { folders.choose(&mut self.random).unwrap() };
        let rows = rows(self.engine(), from).await;
        let Some(row) = rows.choose(&mut self.random) else { return };
        let target = folders.choose(&mut self.random).unwrap();
        let action = match self.random.random_range(0..14) {
            0 => Action::Read,
            1 => Action::Unread,
            2 => Action::Flag,
            3 => Action::Unflag,
            4 => Action::Done,
            5 => Action::Junk,
            6 | 7 => Action::Delete,
            8 => Action::AddKeyword { keyword: "Kunde".into() },
            9 => Action::RemoveKeyword { keyword: "Kunde".into() },
            10 => Action::Copy { folder: target.id },
            _ => Action::Move { folder: target.id },
        };
        self.act(row, from, &folders, action).await;
    }

    async fn act(&mut self, row: &Row, from: &Folder, folders: &[Folder], action: Action) {
        let id = row.message_id.clone();
        let before = self.ledger.0.get(&id).cloned().unwrap_or_default();
        let operated = match self.engine().operate(vec![row.id], action.clone()).await {
            Ok(operated) => operated,
            // The tasks may have found the mail or its folder gone meanwhile.
            Err(error) => return self.say(format!("we: {action:?} on {id}: {error}")),
        };
        self.say(format!("we: {action:?} on {id} ({}) in {}: {}", row.id, from.server_name, operated.count));
        if operated.count == 0 {
            return;
        }
        let to_role = |role| folders.iter().find(|folder| folder.role == role).map(|folder| folder.server_name.clone());
        let set = |flag: &'static str, on: bool| {
            move |place: &mut Place| {
                if on {
                    place.flags.insert(flag.into())
                } else {
                    place.flags.remove(flag)
                };
            }
        };
        let to = match &action {
            Action::Read => return self.done(id, before, operated.undo, set("\\Seen", true)),
            Action::Unread => return self.done(id, before, operated.undo, set("\\Seen", false)),
            Action::Flag => return self.done(id, before, operated.undo, set("\\Flagged", true)),
            Action::Unflag => return self.done(id, before, operated.undo, set("\\Flagged", false)),
            Action::Done => to_role(FolderRole::Done),
            Action::Junk => to_role(FolderRole::Junk),
            Action::Delete if from.role == FolderRole::Trash => {
                self.done(id.clone(), before, operated.undo, |_| {});
                if let Some(known) = self.ledger.0.get_mut(&id) {
                    known.removals += 1;
                    known.place = None;
                }
                return;
            }
            Action::Delete => to_role(FolderRole::Trash),
            Action::Move { folder } => {
                folders.iter().find(|one| one.id == *folder).map(|folder| folder.server_name.clone())
            }
            Action::AddKeyword { .. } => return self.done(id, before, operated.undo, set("Kunde", true)),
            Action::RemoveKeyword { .. } => return self.done(id, before, operated.undo, set("Kunde", false)),
            Action::Copy { .. } => {
                self.done(id.clone(), before, operated.undo, |_| {});
                if let Some(known) = self.ledger.0.get_mut(&id) {
                    known.doubles += 1;
                    known.place = None;
                }
                return;
            }
        };
        let to = to.unwrap();
        if !self.other.folders().contains(&to) {
            // The other side took it away: the mail stays where it is.
            self.ledger.other(&id, |_| {});
        }
        self.done(id.clone(), before, operated.undo, |place| place.folder = to);
        self.ledger.0.entry(id).or_default().moves.0 += 1;
    }

    fn done(&mut self, id: String, before: Known, undo: Option<UndoToken>, change: impl FnOnce(&mut Place)) {
        self.ledger.us(&id, change);
        self.undo.extend(undo.map(|token| (token, id, before)));
    }
}
