//! The server's folders and what they are for.

use super::{roles::NAMES, session::Session, utf7, value::Value};
use crate::MailError;
use clientele_model::FolderRole;
use clientele_store::FolderSeen;
use std::collections::{HashMap, HashSet};

/// More folders than anybody has; each costs a row.
const MOST: usize = 50_000;
/// Longer names are no names: servers end at a thousand bytes, or far below.
const LONGEST: usize = 2_000;

/// How a folder is, as LIST-STATUS (RFC 5819) tells it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) messages: u32,
    pub(crate) uid_next: u32,
    pub(crate) uid_validity: u32,
    /// 0: the server counts none.
    pub(crate) highest_modseq: u64,
}

/// The server's folders.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    pub(crate) folders: Vec<FolderSeen>,
    /// By the name on the server, where it told.
    pub(crate) told: HashMap<String, Told>,
}

impl Session {
    /// All folders, with roles by SPECIAL-USE (RFC 6154) and, for roles that it gives to none, by well-known names; how each
    /// is, where the server tells that in the same answer, and which are subscribed to.
    pub(crate) async fn list(&mut self) -> Result<Listed, MailError> {
        let mut wishes = Vec::new();
        let extended = self.has("LIST-EXTENDED");
        if self.has("SPECIAL-USE") && extended {
            wishes.push("SPECIAL-USE".to_owned());
        }
        if extended {
            wishes.push("SUBSCRIBED".to_owned());
        }
        if self.has("LIST-STATUS") {
            let counted = if self.has("CONDSTORE") || self.has("QRESYNC") { " HIGHESTMODSEQ" } else { "" };
            let named = if self.has("OBJECTID") { " MAILBOXID" } else { "" };
            wishes.push(format!("STATUS (MESSAGES UIDNEXT UIDVALIDITY{counted}{named})"));
        }
        let plain = "LIST \"\" \"*\"";
        if !wishes.is_empty() {
            match self.listed(&format!("{plain} RETURN ({})", wishes.join(" ")), extended).await {
                Err(MailError::Refused { temporary: false, .. }) => {}
                other => return other,
            }
        }
        let mut listed = self.listed(plain, false).await?;
        self.mark_subscribed(&mut listed.folders).await?;
        Ok(listed)
    }

    /// Counts the folders that hold mail, and can be dropped on the way.
    pub(crate) async fn count_folders(&mut self, count: &mut u32) -> Result<(), MailError> {
        let utf8 = self.utf8;
        let counted = self.run("LIST \"\" \"*\"", |data| {
            *count = count.saturating_add(u32::from(folder(data, utf8).is_some_and(|folder| folder.selectable)));
        });
        counted.await.map(drop)
    }

    /// RFC 3501 section 6.3.9, for servers without LIST-EXTENDED.
    async fn mark_subscribed(&mut self, folders: &mut [FolderSeen]) -> Result<(), MailError> {
        let mut names = HashSet::new();
        let utf8 = self.utf8;
        let asked = self
            .run("LSUB \"\" \"*\"", |data| {
                if let [word, Value::List(_), _, name, ..] = data
                    && word.is("LSUB")
                    && names.len() < MOST
                {
                    names.extend(wire_name(name, utf8));
                }
            })
            .await;
        match asked {
            Ok(_) => {
                for folder in folders {
                    folder.subscribed = Some(names.contains(&folder.server_name));
                }
                Ok(())
            }
            Err(error) if error.breaks() => Err(error),
            Err(_) => Ok(()),
        }
    }

    async fn listed(&mut self, command: &str, subscribed: bool) -> Result<Listed, MailError> {
        let mut listed = Listed::default();
        let mut paths = HashSet::new();
        let mut ids: HashMap<String, String> = HashMap::new();
        let mut most = MOST;
        let utf8 = self.utf8;
        self.run(command, |data| {
            most = most.saturating_sub(1);
            if most == 0 {
                return;
            }
            if let Some(mut folder) = folder(data, utf8) {
                folder.subscribed = subscribed.then(|| has_attribute(data, "\\Subscribed"));
                // Two folders that look the same: the first is shown.
                if paths.insert(folder.path.clone()) {
                    listed.folders.push(folder);
                }
            } else if let Some((name, told, id)) = status(data, utf8) {
                ids.insert(name.clone(), id);
                listed.told.insert(name, told);
            }
        })
        .await?;
        for folder in &mut listed.folders {
            if let Some(told) = listed.told.get(&folder.server_name) {
                (folder.uid_validity, folder.uid_next) = (told.uid_validity, told.uid_next);
            }
            folder.mailbox_id = ids.remove(&folder.server_name).unwrap_or_default();
        }
        // What NOTIFY told before is in the answer.
        self.take_elsewhere();
        by_name(&mut listed.folders);
        Ok(listed)
    }

    /// The prefix below which folders are made (RFC 2342): some servers keep everything below INBOX.
    pub(crate) async fn place_for_new(&mut self) -> Result<String, MailError> {
        let (mut prefix, utf8) = (String::new(), self.utf8);
        if self.has("NAMESPACE") {
            self.run("NAMESPACE", |data| {
                if let [word, Value::List(personal), ..] = data
                    && word.is("NAMESPACE")
                    && let Some([name, ..]) = personal.first().and_then(Value::list)
                {
                    prefix = wire_name(name, utf8).filter(|_| !name.is("NIL")).unwrap_or_default();
                }
            })
            .await?;
        }
        Ok(prefix)
    }
}

fn has_attribute(data: &[Value], wanted: &str) -> bool {
    data.get(1).and_then(Value::list).is_some_and(|attributes| attributes.iter().any(|one| one.is(wanted)))
}

/// `STATUS name (…)`; also gives the MAILBOXID, empty where there is none.
fn status(data: &[Value], utf8: bool) -> Option<(String, Told, String)> {
    let [word, name, Value::List(items)] = data else { return None };
    if !word.is("STATUS") {
        return None;
    }
    let mut told = Told::default();
    let mut id = String::new();
    let mut seen = 0;
    for pair in items.chunks(2) {
        let [Value::Atom(name), value] = pair else { return None };
        if name.eq_ignore_ascii_case(b"MAILBOXID") {
            id = value.list().and_then(<[Value]>::first).and_then(Value::text).unwrap_or_default();
            continue;
        }
        let number = value.number()?;
        let short = number.min(u64::from(u32::MAX)) as u32;
        seen += 1;
        match name.to_ascii_uppercase().as_slice() {
            b"MESSAGES" => told.messages = short,
            b"UIDNEXT" => told.uid_next = short,
            b"UIDVALIDITY" => told.uid_validity = short,
            b"HIGHESTMODSEQ" => told.highest_modseq = number,
            _ => seen -= 1,
        }
    }
    if seen < 3 { None } else { Some((wire_name(name, utf8)?, told, id)) }
}

/// A folder's name, in modified UTF-7 also where it is UTF-8 on the wire (`utf8`, RFC 9755 section 3): a store that is filled
/// goes on knowing its folders, whatever the next connection agrees on.
pub(super) fn wire_name(name: &Value, utf8: bool) -> Option<String> {
    match name {
        // An atom that reads NIL is a folder of that name here.
        Value::Atom(bytes) | Value::Text(bytes) => {
            let name = String::from_utf8_lossy(bytes);
            Some(if utf8 { utf7::encode(&name) } else { name.into_owned() })
        }
        Value::List(_) => None,
    }
}

/// `utf8`: names are UTF-8 on the wire.
fn folder(data: &[Value], utf8: bool) -> Option<FolderSeen> {
    let [word, Value::List(attributes), delimiter, name, ..] = data else { return None };
    if !word.is("LIST") && !word.is("XLIST") {
        return None;
    }
    let has = |attribute: &str| attributes.iter().any(|seen| seen.is(attribute));
    // An atom that reads NIL is a folder of that name here.
    let server_name = match name {
        Value::Atom(bytes) | Value::Text(bytes) => bytes.clone(),
        Value::List(_) => return None,
    };
    // A name that no command can say names no folder that could be opened.
    if server_name.len() > LONGEST || server_name.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
        tracing::warn!(bytes = server_name.len(), "a folder whose name cannot be used is passed over");
        return None;
    }
    // Nor may a name turn around or blank out what stands beside it.
    let decoded = if utf8 { String::from_utf8_lossy(&server_name).into_owned() } else { utf7::decode(&server_name) };
    let decoded: String = decoded.chars().filter(|letter| !is_hidden(*letter)).collect();
    let delimiter = delimiter.text().filter(|text| !text.is_empty());
    let parts: Vec<&str> = match &delimiter {
        Some(delimiter) => decoded.split(delimiter.as_str()).collect(),
        None => vec![&decoded],
    };
    let inbox = decoded.eq_ignore_ascii_case("INBOX");
    let roles = [
        ("\\Sent", FolderRole::Sent),
        ("\\Drafts", FolderRole::Drafts),
        ("\\Archive", FolderRole::Done),
        // Gmail has no archive folder: what is done lies in "all mail" only.
        ("\\All", FolderRole::Done),
        ("\\Junk", FolderRole::Junk),
        ("\\Trash", FolderRole::Trash),
    ];
    let role = roles.iter().find(|(attribute, _)| has(attribute)).map(|(_, role)| *role);
    Some(FolderSeen {
        path: if inbox { "INBOX".into() } else { parts.join("/") },
        name: if inbox { "INBOX".into() } else { parts.last().map(|part| (*part).to_owned()).unwrap_or_default() },
        server_name: wire_name(name, utf8)?,
        role: if inbox { FolderRole::Inbox } else { role.unwrap_or(FolderRole::Other) },
        selectable: !has("\\Noselect") && !has("\\NonExistent"),
        ..FolderSeen::default()
    })
}

/// Control characters, and those that reverse the direction of writing.
pub(super) fn is_hidden(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Gives each role that no folder has to the first folder of a well-known name, at the top or directly below INBOX;
/// and leaves each role to one folder only.
fn by_name(folders: &mut [FolderSeen]) {
    for (role, names) in NAMES {
        let holders: Vec<usize> = (0..folders.len()).filter(|index| folders[*index].role == *role).collect();
        if let Some((_, others)) = holders.split_first() {
            others.iter().for_each(|index| folders[*index].role = FolderRole::Other);
            continue;
        }
        let fits = |folder: &&mut FolderSeen| {
            let path = folder.path.strip_prefix("INBOX/").unwrap_or(&folder.path).to_lowercase();
            folder.role == FolderRole::Other && folder.selectable && names.contains(&path.as_str())
        };
        if let Some(folder) = folders.iter_mut().find(fits) {
            folder.role = *role;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::imap::value::{Response, parse};

    fn seen(lines: &[&str]) -> Vec<FolderSeen> {
        let parsed = lines.iter().map(|line| match parse(&bytes::Bytes::copy_from_slice(line.as_bytes())) {
            Response::Data(data) => folder(&data, false).unwrap(),
            other => panic!("{other:?}"),
        });
        let mut folders: Vec<_> = parsed.collect();
        by_name(&mut folders);
        folders
    }

    #[test]
    fn attributes_win_and_names_fill_in() {
        let folders = seen(&[
            "* LIST (\\HasNoChildren) \".\" INBOX\r\n",
            "* LIST (\\HasNoChildren) \".\" \"INBOX.Entw&APw-rfe\"\r\n",
            "* LIST (\\HasNoChildren \\Sent) \".\" \"INBOX.Postausgang\"\r\n",
            "* LIST (\\HasNoChildren) \".\" \"INBOX.Sent\"\r\n",
            "* LIST (\\HasNoChildren) \"/\" \"S&APg-ppelpost\"\r\n",
            "* LIST (\\Noselect) \"/\" Archive\r\n",
        ]);
        let roles: Vec<_> = folders.iter().map(|folder| folder.role).collect();
        use FolderRole::{Drafts, Inbox, Junk, Other, Sent};
        assert_eq!(roles, [Inbox, Drafts, Sent, Other, Junk, Other]);
        assert_eq!(folders[1].path, "INBOX/Entwürfe");
        assert_eq!(folders[1].server_name, "INBOX.Entw&APw-rfe");
        assert!(!folders[5].selectable);
    }
}
