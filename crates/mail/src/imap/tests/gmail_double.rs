//! A double of Gmail's IMAP, after "IMAP Extensions" of Google's Gmail documentation: folders are labels, a mail has one
//! X-GM-MSGID in all of them and is in "All Mail" unless it is in Trash or Spam, X-GM-LABELS does not name the open folder,
//! MOVE takes the open folder's label away. Not verified against Google: that MOVE to "All Mail" answers with COPYUID, that
//! UIDs of one mail differ from folder to folder as they do here, and how soon other folders tell of a change.

use super::super::fetch::numbers;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

pub(super) const ALL: &str = "[Gmail]/All Mail";
pub(super) const TRASH: &str = "[Gmail]/Trash";
const FOLDERS: [(&str, &str); 7] = [
    ("INBOX", ""),
    ("Work", ""),
    (ALL, "\\All"),
    ("[Gmail]/Sent Mail", "\\Sent"),
    ("[Gmail]/Drafts", "\\Drafts"),
    ("[Gmail]/Spam", "\\Junk"),
    (TRASH, "\\Trash"),
];

pub(super) struct Mail {
    pub(super) id: u64,
    pub(super) thread: u64,
    pub(super) seen: bool,
    pub(super) flagged: bool,
    pub(super) text: String,
    /// UIDs by folder.
    pub(super) places: BTreeMap<&'static str, u32>,
}

#[derive(Default)]
pub(super) struct Gmail {
    pub(super) mails: Vec<Mail>,
    pub(super) last: u32,
    pub(super) heard: Vec<String>,
}

impl Gmail {
    pub(super) fn add(&mut self, id: u64, thread: u64, text: &str, labels: &[&'static str]) {
        let places = labels.iter().chain([&ALL]).map(|label| (*label, self.number())).collect();
        let text = format!("Message-ID: <{id}@x>\r\nSubject: {text}\r\nFrom: b@example.com\r\n\r\n{text} body\r\n");
        self.mails.push(Mail { id, thread, seen: false, flagged: false, text, places });
    }

    pub(super) fn number(&mut self) -> u32 {
        self.last += 7;
        self.last
    }

    fn there(&self, folder: &str) -> Vec<(u32, usize)> {
        let mut there: Vec<(u32, usize)> =
            self.mails.iter().enumerate().filter_map(|(at, mail)| Some((*mail.places.get(folder)?, at))).collect();
        there.sort_unstable();
        there
    }

    fn answer(&mut self, command: &str, open: &mut &'static str) -> String {
        let words: Vec<&str> = command.split(' ').collect();
        let quoted = || command.split('"').nth_back(1).unwrap_or_default();
        let named = |wanted: &str| FOLDERS.iter().find(|(name, _)| *name == wanted).unwrap().0;
        match words[0] {
            "CAPABILITY" => {
                "* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR MOVE UIDPLUS X-GM-EXT-1 LIST-EXTENDED SPECIAL-USE\r\n".into()
            }
            "LIST" => FOLDERS.map(|(name, purpose)| format!("* LIST ({purpose}) \"/\" \"{name}\"\r\n")).concat(),
            "SELECT" => {
                *open = named(command.split('"').nth(1).unwrap());
                let there = self.there(open).len();
                format!("* {there} EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT {}] x\r\n", self.last + 1)
            }
            "FETCH" => {
                let there = self.there(open);
                let wanted = numbers(&words[1].replace('*', &there.len().to_string()), 1000);
                let found = there.into_iter().enumerate().filter(|(place, _)| wanted.contains(&(*place as u32 + 1)));
                found.map(|(place, (uid, at))| self.fetch(place, uid, at, command, open)).collect()
            }
            "UID" if words[1] == "FETCH" => {
                let there = self.there(open);
                let last = there.last().map_or(1, |(uid, _)| *uid);
                let wanted = numbers(&words[2].replace('*', &last.to_string()), 1000);
                let found = there.into_iter().enumerate().filter(|(_, (uid, _))| wanted.contains(uid));
                found.map(|(place, (uid, at))| self.fetch(place, uid, at, command, open)).collect()
            }
            "UID" if words[1] == "SEARCH" => {
                let mut found = self.there(open);
                if command.contains("X-GM-RAW") {
                    // In this double a word matches where the mail has it.
                    let word = quoted().trim_end_matches('\\').trim_start_matches('\\').to_owned();
                    found.retain(|(_, at)| self.mails[*at].text.contains(&word));
                } else if command.contains("HEADER Message-ID") {
                    found.retain(|(_, at)| self.mails[*at].text.contains(quoted()));
                } else if let Some(set) = command.split("UID ").nth(2) {
                    let last = found.last().map_or(1, |(uid, _)| *uid);
                    let wanted = numbers(&set.split(' ').next().unwrap().replace('*', &last.to_string()), 1000);
                    found.retain(|(uid, _)| wanted.contains(uid));
                }
                let found: Vec<String> = found.iter().map(|(uid, _)| uid.to_string()).collect();
                format!("* SEARCH {}\r\n", found.join(" "))
            }
            "UID" if words[1] == "STORE" => {
                let wanted = numbers(words[2], 1000);
                for (uid, at) in self.there(open) {
                    if wanted.contains(&uid) && command.contains("X-GM-LABELS.SILENT (\\Inbox)") {
                        let (fresh, places) = (self.number(), &mut self.mails[at].places);
                        match command.contains('+') {
                            true => drop(places.entry("INBOX").or_insert(fresh)),
                            false => drop(places.remove("INBOX")),
                        }
                    } else if wanted.contains(&uid) && command.contains("\\Flagged") {
                        self.mails[at].flagged = command.contains('+');
                    }
                }
                String::new()
            }
            "UID" if words[1] == "MOVE" || words[1] == "COPY" => {
                let (wanted, to) = (numbers(words[2], 1000), named(quoted()));
                let mut answer = String::new();
                for (uid, at) in self.there(open) {
                    if !wanted.contains(&uid) {
                        continue;
                    }
                    let fresh = self.number();
                    let mail = &mut self.mails[at];
                    if to == TRASH {
                        mail.places.clear();
                    } else if words[1] == "MOVE" && *open != ALL {
                        mail.places.remove(open);
                    }
                    let there = *mail.places.entry(to).or_insert(fresh);
                    answer += &format!("* OK [COPYUID 7 {uid} {there}] done\r\n");
                }
                answer
            }
            _ => String::new(),
        }
    }

    fn fetch(&self, place: usize, uid: u32, at: usize, what: &str, open: &str) -> String {
        let mail = &self.mails[at];
        let mut items = format!("UID {uid}");
        if what.contains("FLAGS") {
            let flags = [(mail.seen, "\\Seen"), (mail.flagged, "\\Flagged")];
            let flags: Vec<&str> = flags.into_iter().filter_map(|(on, flag)| on.then_some(flag)).collect();
            items += &format!(" FLAGS ({})", flags.join(" "));
        }
        if what.contains("X-GM-MSGID") {
            let labels: Vec<&str> = mail
                .places
                .keys()
                .filter(|label| **label != open && **label != ALL)
                .map(|label| if *label == "INBOX" { "\"\\\\Inbox\"" } else { *label })
                .collect();
            items += &format!(" X-GM-MSGID {} X-GM-LABELS ({})", mail.id, labels.join(" "));
        }
        if what.contains("X-GM-THRID") {
            items += &format!(" X-GM-THRID {}", mail.thread);
        }
        if what.contains("INTERNALDATE") {
            items += &format!(" INTERNALDATE \" 1-Nov-2026 10:00:00 +0000\" RFC822.SIZE {}", mail.text.len());
        }
        if what.contains("BODY") {
            items += &format!(" BODY[]<0> {{{}}}\r\n{}", mail.text.len(), mail.text);
        }
        format!("* {} FETCH ({items})\r\n", place + 1)
    }
}

pub(super) async fn one_client(tcp: TcpStream, gmail: Arc<Mutex<Gmail>>) -> std::io::Result<()> {
    let mut stream = BufReader::new(tcp);
    stream.write_all(b"* OK Gimap ready\r\n").await?;
    let (mut line, mut open) = (String::new(), "");
    while stream.read_line(&mut line).await? > 0 {
        let text = line.trim_end().to_owned();
        line.clear();
        let (tag, command) = text.split_once(' ').unwrap_or((&text, ""));
        let answer = {
            let mut gmail = gmail.lock().unwrap();
            gmail.heard.push(command.to_owned());
            gmail.answer(command, &mut open)
        };
        stream.write_all(format!("{answer}{tag} OK done\r\n").as_bytes()).await?;
    }
    Ok(())
}
