//! The server's folders and what they are for.

use super::{session::Session, utf7, value::Value};
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
    /// All folders, with roles by SPECIAL-USE (RFC 6154) and, for roles that it gives to none, by well-known names. With
    /// `told` also how each is, where the server tells that in the same answer.
    pub(crate) async fn list(&mut self, told: bool) -> Result<Listed, MailError> {
        let mut wishes = Vec::new();
        if self.has("SPECIAL-USE") && self.has("LIST-EXTENDED") {
            wishes.push("SPECIAL-USE".to_owned());
        }
        if told && self.has("LIST-STATUS") {
            let counted = if self.has("CONDSTORE") || self.has("QRESYNC") { " HIGHESTMODSEQ" } else { "" };
            wishes.push(format!("STATUS (MESSAGES UIDNEXT UIDVALIDITY{counted})"));
        }
        let plain = "LIST \"\" \"*\"";
        if !wishes.is_empty() {
            match self.listed(&format!("{plain} RETURN ({})", wishes.join(" "))).await {
                Err(MailError::Refused { temporary: false, .. }) => {}
                other => return other,
            }
        }
        self.listed(plain).await
    }

    async fn listed(&mut self, command: &str) -> Result<Listed, MailError> {
        let mut listed = Listed::default();
        let mut paths = HashSet::new();
        let mut most = MOST;
        self.run(command, |data| {
            most = most.saturating_sub(1);
            if most == 0 {
                return;
            }
            if let Some(folder) = folder(data) {
                // Two folders that look the same: the first is shown.
                if paths.insert(folder.path.clone()) {
                    listed.folders.push(folder);
                }
            } else if let Some((name, told)) = status(data) {
                listed.told.insert(name, told);
            }
        })
        .await?;
        // What NOTIFY told before is in the answer.
        self.take_elsewhere();
        by_name(&mut listed.folders);
        Ok(listed)
    }

    /// The delimiter of the hierarchy (RFC 3501 section 6.3.8) and the prefix below which folders are made: some
    /// servers keep everything below INBOX.
    pub(crate) async fn place_for_new(&mut self) -> Result<String, MailError> {
        let mut prefix = String::new();
        if self.has("NAMESPACE") {
            self.run("NAMESPACE", |data| {
                if let [word, Value::List(personal), ..] = data
                    && word.is("NAMESPACE")
                    && let Some([name, ..]) = personal.first().and_then(Value::list)
                {
                    prefix = name.text().unwrap_or_default();
                }
            })
            .await?;
        }
        Ok(prefix)
    }
}

/// `STATUS name (…)`
fn status(data: &[Value]) -> Option<(String, Told)> {
    let [word, name, Value::List(items)] = data else { return None };
    if !word.is("STATUS") {
        return None;
    }
    let mut told = Told::default();
    let mut seen = 0;
    for pair in items.chunks(2) {
        let [Value::Atom(name), value] = pair else { return None };
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
    if seen < 3 { None } else { Some((wire_name(name)?, told)) }
}

/// A folder's name as it stands on the wire.
pub(super) fn wire_name(name: &Value) -> Option<String> {
    match name {
        // An atom that reads NIL is a folder of that name here.
        Value::Atom(bytes) | Value::Text(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        Value::List(_) => None,
    }
}

fn folder(data: &[Value]) -> Option<FolderSeen> {
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
    let decoded: String = utf7::decode(&server_name).chars().filter(|letter| !is_hidden(*letter)).collect();
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
        server_name: String::from_utf8_lossy(&server_name).into_owned(),
        role: if inbox { FolderRole::Inbox } else { role.unwrap_or(FolderRole::Other) },
        selectable: !has("\\Noselect") && !has("\\NonExistent"),
    })
}

/// Control characters, and those that reverse the direction of writing.
fn is_hidden(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What servers and other programs call these folders, in lower case.
const NAMES: &[(FolderRole, &[&str])] = &[
    (
        FolderRole::Sent,
        &[
            "sent",
            "sent items",
            "sent mail",
            "sent messages",
            "sendt",
            "sendte elementer",
            "sendt post",
            "sendte e-poster",
            "skickat",
            "skickade objekt",
            "skickade",
            "skickade meddelanden",
            "sendte",
            "sendt mail",
            "sendte mails",
            "gesendet",
            "gesendete elemente",
            "gesendete objekte",
            "gesendete nachrichten",
            "verzonden",
            "verzonden items",
            "verzonden berichten",
        ],
    ),
    (
        FolderRole::Drafts,
        &["drafts", "draft", "utkast", "kladder", "kladde", "udkast", "entwürfe", "entwurf", "concepten", "concept"],
    ),
    (
        FolderRole::Done,
        &["archive", "archives", "archived", "arkiv", "arkivert", "arkiverad", "arkiveret", "archiv", "archief"],
    ),
    (
        FolderRole::Junk,
        &[
            "junk",
            "junk email",
            "junk e-mail",
            "junk mail",
            "spam",
            "bulk mail",
            "søppelpost",
            "søppel-e-post",
            "useriøs e-post",
            "skräppost",
            "uønsket mail",
            "uønsket e-mail",
            "uønsket post",
            "junk-e-mail",
            "spamverdacht",
            "unerwünscht",
            "werbung",
            "ongewenste e-mail",
            "ongewenst",
            "ongewenste berichten",
        ],
    ),
    (
        FolderRole::Trash,
        &[
            "trash",
            "deleted",
            "deleted items",
            "deleted messages",
            "bin",
            "papirkurv",
            "slettet",
            "slettede elementer",
            "papperskorg",
            "papperskorgen",
            "borttagna objekt",
            "borttaget",
            "slettet post",
            "papierkorb",
            "gelöscht",
            "gelöschte elemente",
            "gelöschte objekte",
            "prullenbak",
            "prullenmand",
            "verwijderde items",
            "verwijderd",
        ],
    ),
];

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
            Response::Data(data) => folder(&data).unwrap(),
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
