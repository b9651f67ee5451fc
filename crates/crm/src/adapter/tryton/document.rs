//! A mail as an attachment on each of its records (the mail itself, `link` its address as RFC 2392 has it: `mid:…`) and a
//! note beside it (its text). Found again by that link, so that a second try after a lost answer goes on where the first
//! one was.
//!
//! Of attachments and notes, an ordinary user's key may search those of records that it names; the REST `DELETE` searches
//! without, and so is for administrators only. Both ways are taken here.

use super::{
    PARTIES, SALES, Tryton, WORKS,
    call::{List, Row, is_true},
    model_of, party, reference, referred, value,
};
use crate::{
    Activity, ActivityKind, ArchiveMail, ArchiveOutcome, ArchivedThere, CrmError, Document, Item, Record, Result,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use clientele_model::{RecordKind, RecordRef};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::{collections::BTreeSet, sync::atomic::Ordering};

const ATTACHMENTS: &str = "ir.attachment";
const NOTES: &str = "ir.note";
const FIELDS: &[&str] = &["id", "name", "link", "resource", "description", "create_uid.name", "create_date"];
/// In characters.
const TEXT: usize = 20_000;
const NAME: usize = 120;
/// A longer Message-ID than this is kept as its hash.
const LINK: usize = 400;
/// Records whose attachments are searched in one request: it is to stay below the 2 MB that Tryton takes from the start.
const RECORDS: usize = 20_000;
const AROUND: u32 = 50;

impl Tryton {
    pub(super) async fn archive_mail(&self, mail: &ArchiveMail) -> Result<ArchiveOutcome> {
        let link = link("mid", &mail.message_id);
        let file = File {
            link: &link,
            name: format!("{}.eml", file_name(&mail.title)),
            description: stamp(mail.date),
            bytes: &mail.eml,
        };
        let resources = self.resources(&mail.records).await?;
        let already = self.put(&file, &resources, mail.repeated).await?;
        self.add_notes(mail, &link, &resources).await?;
        Ok(ArchiveOutcome { activity: link, already })
    }

    pub(super) async fn put_document(&self, document: &Document) -> Result<ArchiveOutcome> {
        let link = link("part", &document.key);
        let (stem, kind) = document.name.rsplit_once('.').unwrap_or((document.name.as_str(), ""));
        let kind: String = kind.chars().filter(char::is_ascii_alphanumeric).take(10).collect();
        let name = if kind.is_empty() { file_name(stem) } else { format!("{}.{kind}", file_name(stem)) };
        let file = File { link: &link, name, description: stamp(document.date), bytes: &document.bytes };
        let resources = self.resources(&document.records).await?;
        let already = self.put(&file, &resources, document.repeated).await?;
        Ok(ArchiveOutcome { activity: link, already })
    }

    /// The references of records, each once; `NotFound` where one has gone since it was suggested: Tryton would take a
    /// reference to nothing.
    async fn resources(&self, records: &[Record]) -> Result<BTreeSet<String>> {
        if records.is_empty() {
            return Err(CrmError::NoRecord);
        }
        let all: BTreeSet<String> = records.iter().map(|one| reference(one.kind, &one.id)).collect::<Result<_>>()?;
        for model in [PARTIES, SALES, WORKS] {
            let of_it = records.iter().filter(|one| model_of(one.kind) == model);
            let ids: BTreeSet<i64> = of_it.map(|one| value::number(&one.id)).collect::<Result<_>>()?;
            if !ids.is_empty() && self.caller.ids(model, &json!([["id", "in", ids]])).await?.len() < ids.len() {
                return Err(CrmError::NotFound);
            }
        }
        Ok(all)
    }

    /// Puts a file on records that it is not on. Whether somebody else was first.
    async fn put(&self, file: &File<'_>, resources: &BTreeSet<String>, repeated: bool) -> Result<bool> {
        let me = self.who().await?.user;
        let before = self.find(file.link).await?;
        let has = |resource: &str| before.iter().any(|row| value::text(row, "resource") == resource);
        // Sent for each: what an ordinary user copies there is without its file.
        for resource in resources.iter().filter(|resource| !has(resource)) {
            let made = json!({
                "name": file.name,
                "type": "data",
                "resource": resource,
                "link": file.link,
                "description": file.description,
                "data": { "__class__": "bytes", "base64": BASE64_STANDARD.encode(file.bytes) },
            });
            let said = self.caller.ask("POST", ATTACHMENTS, Some(&made)).await;
            self.told_of(resource, said).await?;
        }
        // A colleague may have done the same in this moment: of each record's, the earliest stays.
        let on: Vec<String> = resources.iter().cloned().collect();
        let there = self.find_on(file.link, &on).await?;
        self.delete(ATTACHMENTS, "attachments", &later(&there)).await?;
        let first = before.first().or(there.first());
        let mine = first.and_then(|row| value::id(value::of(row, "create_uid")?, "id")) == Some(me);
        Ok(if before.is_empty() { !mine } else { !(mine && repeated) })
    }

    /// The readable text beside the mail, on records that do not have it.
    async fn add_notes(&self, mail: &ArchiveMail, link: &str, resources: &BTreeSet<String>) -> Result<()> {
        let on: Vec<String> = resources.iter().cloned().collect();
        let there = self.notes_on(link, &on).await?;
        let has = |resource: &String| there.iter().any(|row| value::text(row, "resource") == *resource);
        let text = value::cut(mail.text.trim(), TEXT);
        let message = format!("{}\n{}\n\n{text}\n\n{link}", party::line(&mail.title), stamp(mail.date));
        let new = resources.iter().filter(|resource| !has(resource));
        let new: Vec<Value> =
            new.map(|resource| json!({ "resource": resource, "message": message.as_str() })).collect();
        if let Some(first) = resources.first().filter(|_| !new.is_empty()) {
            let said = self.caller.method(NOTES, "create", &json!({ "vlist": new })).await;
            self.told_of(first, said).await?;
            let there = self.notes_on(link, &on).await?;
            self.delete(NOTES, "notes", &later(&there)).await?;
        }
        Ok(())
    }

    /// Who may write on a record may attach to it. Tryton says a wrong value and a missing right alike, and the latter at
    /// times without a word: which it was, the rights say.
    async fn told_of<T>(&self, resource: &str, said: Result<T>) -> Result<T> {
        let Some((model, id)) = resource.split_once(',') else { return said };
        let words = match said {
            Err(CrmError::Refused(words) | CrmError::Forbidden { right: words }) => words,
            other => return other,
        };
        let right = if words.is_empty() { format!("write {model}") } else { words.clone() };
        let there =
            self.caller.rows(&List::by_id(model, &["_write"], 1), &json!([["id", "=", value::number(id)?]])).await?;
        match there.first() {
            None => Err(CrmError::NotFound),
            Some(row) if !row.get("_write").is_some_and(is_true) => Err(CrmError::Forbidden { right }),
            Some(_) => self.caller.told(model, "write", Err(CrmError::Refused(words))).await,
        }
    }

    pub(super) async fn find_archived(&self, message_id: &str) -> Result<Option<ArchivedThere>> {
        let there = self.find(&link("mid", message_id)).await?;
        let Some(first) = there.first() else { return Ok(None) };
        let named: Vec<(String, i64)> = there
            .iter()
            .filter_map(|row| referred(row.get("resource")?).map(|(model, id)| (model.to_owned(), id)))
            .collect();
        let ids: Vec<i64> = named.iter().filter(|(model, _)| model == PARTIES).map(|(_, id)| *id).collect();
        let mut records: Vec<RecordRef> = self.parties_by_id(&ids).await?.iter().map(|one| one.record()).collect();
        for (model, id) in named {
            let kind = match model.as_str() {
                SALES => RecordKind::Sale,
                WORKS => RecordKind::Project,
                _ => continue,
            };
            records.push(RecordRef { kind, id: id.to_string() });
        }
        Ok(Some(ArchivedThere {
            activity: value::text(first, "link"),
            date: value::written(first) / 1_000_000,
            by: value::of(first, "create_uid").map(|by| value::text(by, "name")).unwrap_or_default(),
            records,
        }))
    }

    /// The mails on a record, the newest first.
    pub(super) async fn mails_on(&self, record: &RecordRef) -> Result<Vec<Item>> {
        let of = json!([["resource", "=", reference(record.kind, &record.id)?], ["link", "like", "mid:%"]]);
        let list = List { model: ATTACHMENTS, fields: FIELDS, limit: AROUND, order: ("id", "DESC") };
        let rows = self.caller.rows(&list, &of).await?;
        Ok(rows.iter().map(|row| Item::Activity(activity(row), vec![record.clone()])).collect())
    }

    /// Every attachment and note of it goes; what is gone already is no failure.
    pub(super) async fn remove(&self, activity: &str) -> Result<()> {
        if !activity.starts_with("mid:") && !activity.starts_with("part:") {
            return Ok(());
        }
        let there = self.find(activity).await?;
        let resources: Vec<String> = there.iter().map(|row| value::text(row, "resource")).collect();
        let ids = |rows: &[Row]| rows.iter().filter_map(|row| value::id(row, "id")).collect::<Vec<_>>();
        // The notes first: they are found by the records that the attachments name.
        if !resources.is_empty() {
            let notes = self.notes_on(activity, &resources).await?;
            self.delete(NOTES, "notes", &ids(&notes)).await?;
        }
        self.delete(ATTACHMENTS, "attachments", &ids(&there)).await
    }

    async fn delete(&self, model: &str, field: &str, ids: &[i64]) -> Result<()> {
        for id in ids {
            match self.caller.ask("DELETE", &format!("{model}/{id}"), None).await {
                Ok(_) | Err(CrmError::NotFound) => {}
                Err(CrmError::Refused(_) | CrmError::Forbidden { .. }) => {
                    return self.delete_beside(model, field, ids).await;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The same by an opportunity, which can delete attachments and notes; that one may write on what they lie on, Tryton
    /// looks at all the same. The oldest opportunity: that it was written to should move nothing up in a list.
    async fn delete_beside(&self, model: &str, field: &str, ids: &[i64]) -> Result<()> {
        let me = self.who().await?;
        let oldest = if me.has(SALES) {
            let sales = self.caller.rows(&List::by_id(SALES, &["id"], 1), &json!([])).await?;
            sales.first().and_then(|row| value::id(row, "id"))
        } else {
            None
        };
        let Some(oldest) = oldest else {
            return Err(CrmError::Forbidden { right: format!("delete {model}") });
        };
        for id in ids {
            let said = self.caller.write(SALES, oldest, &json!({ field: [["delete", [id]]] })).await;
            // Somebody else may have been quicker, and of what is gone Tryton speaks as of a wrong value.
            if let Err(error) = said
                && !matches!(self.caller.ask("GET", &format!("{model}/{id}"), None).await, Err(CrmError::NotFound))
            {
                return Err(error);
            }
        }
        Ok(())
    }

    /// The attachments with a link, the earliest first, whoever made them.
    async fn find(&self, link: &str) -> Result<Vec<Row>> {
        if !self.narrow.load(Ordering::Relaxed) {
            match self.caller.rows(&List::by_id(ATTACHMENTS, FIELDS, 200), &json!([["link", "=", link]])).await {
                Err(CrmError::Forbidden { .. } | CrmError::Refused(_)) => self.narrow.store(true, Ordering::Relaxed),
                said => return said,
            }
        }
        let me = self.who().await?;
        let mut there = Vec::new();
        for model in [PARTIES, SALES, WORKS] {
            if !me.has(model) {
                continue;
            }
            let ids = self.caller.ids(model, &json!([])).await?;
            for some in ids.chunks(RECORDS) {
                let resources: Vec<String> = some.iter().map(|id| format!("{model},{id}")).collect();
                there.extend(self.find_on(link, &resources).await?);
            }
        }
        there.sort_by_key(|row| value::id(row, "id"));
        Ok(there)
    }

    async fn find_on(&self, link: &str, resources: &[String]) -> Result<Vec<Row>> {
        let of = json!([["resource", "in", resources], ["link", "=", link]]);
        self.caller.rows(&List::by_id(ATTACHMENTS, FIELDS, 200), &of).await
    }

    async fn notes_on(&self, link: &str, resources: &[String]) -> Result<Vec<Row>> {
        let of = json!([["resource", "in", resources], ["message", "like", format!("%{}", value::plain(link))]]);
        let rows = self.caller.rows(&List::by_id(NOTES, &["id", "resource", "message"], 200), &of).await?;
        let ours = |row: &Row| value::text(row, "message").lines().last() == Some(link);
        Ok(rows.into_iter().filter(ours).collect())
    }
}

/// All but the earliest on each record.
fn later(rows: &[Row]) -> Vec<i64> {
    let mut kept = BTreeSet::new();
    let second = rows.iter().filter(|row| !kept.insert(value::text(row, "resource")));
    second.filter_map(|row| value::id(row, "id")).collect()
}

/// What is put on records.
struct File<'a> {
    link: &'a str,
    name: String,
    description: String,
    bytes: &'a [u8],
}

fn activity(row: &Row) -> Activity {
    let link = value::text(row, "link");
    let said = value::text(row, "description");
    let date = said.lines().next().and_then(|line| line.trim().parse::<Timestamp>().ok()).map(|at| at.as_second());
    let name = value::text(row, "name");
    Activity {
        kind: ActivityKind::Mail,
        title: name.strip_suffix(".eml").unwrap_or(&name).to_owned(),
        date: date.unwrap_or_else(|| value::written(row) / 1_000_000),
        message_id: message_id(&link).unwrap_or_default(),
        id: link,
    }
}

fn stamp(seconds: i64) -> String {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

/// `mid:` and a Message-ID, with what no address may hold in percent (RFC 2392 section 2).
fn link(scheme: &str, id: &str) -> String {
    let mut link = format!("{scheme}:");
    if id.len() > LINK {
        let hash = Sha256::digest(id.as_bytes());
        link.extend(["sha256-".to_owned()].into_iter().chain(hash.iter().map(|byte| format!("{byte:02x}"))));
        return link;
    }
    for byte in id.bytes() {
        match byte {
            b'%' | b'\\' | b'<' | b'>' | b'"' | b'#' | b'?' => link.push_str(&format!("%{byte:02X}")),
            0x21..=0x7e => link.push(char::from(byte)),
            _ => link.push_str(&format!("%{byte:02X}")),
        }
    }
    link
}

/// None for a hash.
fn message_id(link: &str) -> Option<String> {
    let rest = link.strip_prefix("mid:").filter(|rest| !rest.starts_with("sha256-"))?;
    let (mut bytes, mut coming) = (Vec::new(), rest.bytes());
    while let Some(byte) = coming.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [coming.next()?, coming.next()?];
        bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// Fit for every file system; the mail's subject must not name a folder or another kind of file.
fn file_name(title: &str) -> String {
    let odd = |letter: char| letter.is_control() || "\\/:*?\"<>|.\u{202a}\u{202b}\u{202d}\u{202e}".contains(letter);
    let name: String = title.chars().map(|letter| if odd(letter) { ' ' } else { letter }).take(NAME).collect();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() { "mail".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_id_is_one_link_and_comes_back() {
        for id in ["a@x.example", "a%b\\c\"d@x", "å <e>@x", "sha@x"] {
            let link = link("mid", id);
            assert!(link.bytes().all(|byte| (0x21..0x7f).contains(&byte)), "{link}");
            assert_eq!(message_id(&link).as_deref(), Some(id));
        }
        let long = "x".repeat(500);
        assert!(link("mid", &long).len() < 100 && message_id(&link("mid", &long)).is_none());
        assert_eq!(file_name("../Tilbud: \"kabel\" 1/2.exe"), "Tilbud kabel 1 2 exe");
    }
}
