//! What the search index holds of a mail, and how it is made again.

use crate::{
    Result, Store, body,
    connection::Write,
    fold::{beginnings, column_mark, indexed},
    message::{Attachment, parts_of},
};
use clientele_model::{Address, MessageId};
use rusqlite::{Connection, OptionalExtension as _, params};

/// Text beyond this is neither searched nor kept for snippets: a mail of megabytes of text is a log file.
const MOST_TEXT: usize = 512 * 1024;
/// Addresses beyond this: a mailing to a whole town.
const MOST_PEOPLE: usize = 2000;
const REINDEX: &str = "reindex";

/// A mail in the search index.
pub(crate) struct Entry {
    author: String,
    recipients: String,
    copies: String,
    subject: String,
    body: String,
    files: String,
    /// Of all of these, and marked, of each but the body.
    beginnings: String,
}

/// What an entry is made of.
pub(crate) struct Parts<'a> {
    /// The author first, then where answers go.
    pub author: Vec<&'a Address>,
    pub recipients: &'a [Address],
    pub copies: Vec<&'a Address>,
    pub subject: &'a str,
    pub text: &'a str,
    pub attachments: &'a [Attachment],
}

impl Entry {
    pub fn of(parts: &Parts<'_>) -> Entry {
        let files: Vec<&str> = parts.attachments.iter().map(|attachment| attachment.name.as_str()).collect();
        let author = people(parts.author.iter().copied());
        let recipients = people(parts.recipients.iter());
        let copies = people(parts.copies.iter().copied());
        let subject = indexed(parts.subject);
        let body = indexed(cut(parts.text));
        let files = indexed(&files.join(" "));
        let mut begin = String::new();
        beginnings(&[&author, &recipients, &copies, &subject, &body, &files], None, &mut begin);
        let columns = [
            ("author", &author),
            ("recipients", &recipients),
            ("copies", &copies),
            ("subject", &subject),
            ("files", &files),
        ];
        for (column, text) in columns {
            beginnings(&[text], column_mark(column), &mut begin);
        }
        Entry { author, recipients, copies, subject, body, files, beginnings: begin }
    }

    /// The row must not be there yet.
    pub fn write(&self, db: &Connection, id: MessageId) -> Result<()> {
        db.prepare_cached(
            "INSERT INTO mail.fts (rowid, author, recipients, copies, subject, body, files)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            id.0,
            self.author,
            self.recipients,
            self.copies,
            self.subject,
            self.body,
            self.files
        ])?;
        Ok(())
    }

    /// As [`Entry::write`], of its beginnings.
    pub fn write_beginnings(&self, db: &Connection, id: MessageId) -> Result<()> {
        db.prepare_cached("INSERT INTO mail.beginning (rowid, words) VALUES (?, ?)")?
            .execute(params![id.0, self.beginnings])?;
        Ok(())
    }
}

pub(crate) fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(MOST_TEXT)]
}

fn people<'a>(people: impl Iterator<Item = &'a Address>) -> String {
    let mut text = String::new();
    for one in people.take(MOST_PEOPLE) {
        text.push_str(&one.name);
        text.push(' ');
        text.push_str(&one.email);
        text.push(' ');
    }
    indexed(&text)
}

/// A mail goes: it is in neither index any more.
pub(crate) fn forget(db: &Connection, id: MessageId) -> Result<()> {
    forget_words(db, id)?;
    db.prepare_cached("DELETE FROM mail.business WHERE rowid = ?")?.execute([id.0])?;
    Ok(())
}

/// The mail's words are to be put in anew.
pub(crate) fn forget_words(db: &Connection, id: MessageId) -> Result<()> {
    db.prepare_cached("DELETE FROM mail.fts WHERE rowid = ?")?.execute([id.0])?;
    db.prepare_cached("DELETE FROM mail.beginning WHERE rowid = ?")?.execute([id.0])?;
    Ok(())
}

/// What the pills of a mail say, for `company:` and `sale:`. A pill that is no such is passed over.
pub(crate) fn business(db: &Connection, id: MessageId, pills: &str) -> Result<()> {
    let pills: Vec<serde_json::Value> = serde_json::from_str(pills).unwrap_or_default();
    let of = |kinds: &[&str]| -> String {
        let text = |pill: &serde_json::Value, key: &str| pill[key].as_str().map(str::to_owned);
        let found = pills.iter().filter(|pill| pill["kind"].as_str().is_some_and(|kind| kinds.contains(&kind)));
        indexed(&found.filter_map(|pill| text(pill, "text")).collect::<Vec<_>>().join(" "))
    };
    let named = |key: &str| -> String {
        indexed(&pills.iter().filter_map(|pill| pill[key].as_str()).collect::<Vec<_>>().join(" "))
    };
    // A pill of a sale or a person may name the company beside.
    let company = format!("{} {}", of(&["company"]), named("company"));
    let sale = of(&["sale", "project"]);
    db.prepare_cached("DELETE FROM mail.business WHERE rowid = ?")?.execute([id.0])?;
    if !company.trim().is_empty() || !sale.trim().is_empty() {
        db.prepare_cached("INSERT INTO mail.business (rowid, company, sale) VALUES (?, ?, ?)")?
            .execute(params![id.0, company, sale])?;
    }
    Ok(())
}

impl Store {
    /// Makes the index of at most `limit` more mails again, newest first, where it was lost. False where none is left.
    pub(crate) fn reindex(&self, limit: u32) -> Result<bool> {
        self.write(|db| {
            let Some(below) = lost(db)? else { return Ok(false) };
            let ids: Vec<i64> = db
                .prepare_cached("SELECT id FROM mail.message WHERE id < ? ORDER BY id DESC LIMIT ?")?
                .query_map([below, i64::from(limit)], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            let Some(last) = ids.last() else {
                db.execute("DELETE FROM mail.upkeep WHERE key = ?", [REINDEX])?;
                return Ok(false);
            };
            let mut entries = Vec::with_capacity(ids.len());
            for id in &ids {
                entries.extend(remade(db, MessageId(*id))?.map(|entry| (MessageId(*id), entry)));
            }
            write_all(db, entries)?;
            db.execute("UPDATE mail.upkeep SET value = ? WHERE key = ?", params![last, REINDEX])?;
            Ok(true)
        })
    }

    /// Throws the search index away; [`Store::reindex`] makes it again from what is stored.
    pub(crate) fn index_lost(&self) -> Result<()> {
        self.write(|db| {
            const WORDS: &str = "body, author, recipients, copies, subject, files";
            for (table, columns, detail) in
                [("fts", WORDS, "full"), ("beginning", "words", "none"), ("business", "company, sale", "full")]
            {
                db.execute_batch(&format!(
                    "DROP TABLE IF EXISTS mail.{table};
                     CREATE VIRTUAL TABLE mail.{table} USING fts5
                         ({columns}, content = '', contentless_delete = 1, tokenize = 'ascii', detail = '{detail}');"
                ))?;
            }
            db.execute_batch(
                "INSERT INTO mail.fts (fts, rank) VALUES ('hashsize', 4194304);
                 INSERT INTO mail.fts (fts, rank) VALUES ('automerge', 16);
                 INSERT INTO mail.fts (fts, rank) VALUES ('crisismerge', 40);
                 INSERT INTO mail.beginning (beginning, rank) VALUES ('automerge', 16);
                 INSERT INTO mail.beginning (beginning, rank) VALUES ('crisismerge', 40);",
            )?;
            db.execute(
                "INSERT OR REPLACE INTO mail.upkeep (key, value) SELECT ?, coalesce(max(id), 0) + 1 FROM mail.message",
                [REINDEX],
            )?;
            Ok(())
        })
    }
}

/// The id below which the index is lost; None where it is whole.
fn lost(db: &Connection) -> Result<Option<i64>> {
    Ok(db
        .prepare_cached("SELECT value FROM mail.upkeep WHERE key = ?")?
        .query_row([REINDEX], |row| row.get(0))
        .optional()?)
}

/// Puts mails into the index that are not there. In the order of their ids, all of one table first: FTS5 writes a part of
/// its own whenever an id falls, and for each mail where the tables take turns.
pub(crate) fn write_all(db: &Connection, mut entries: Vec<(MessageId, Entry)>) -> Result<()> {
    entries.sort_unstable_by_key(|(id, _)| *id);
    for (id, entry) in &entries {
        entry.write(db, *id)?;
    }
    for (id, entry) in &entries {
        entry.write_beginnings(db, *id)?;
    }
    Ok(())
}

/// Takes a mail out of the index, and makes anew, from what is stored, what is to be put in. None: nothing.
fn remade(db: &mut Write<'_>, id: MessageId) -> Result<Option<Entry>> {
    if crate::message::holder(db, id)?.is_some() {
        // Another row has the words of this mail.
        forget(db, id)?;
        return Ok(None);
    }
    let text = body::text(db, id.0).unwrap_or_else(|error| {
        // One body that cannot be read must not keep the others from being found.
        tracing::warn!(message = id.0, %error, "indexed without its text");
        None
    });
    let entry = entry_of(db, id, &text.unwrap_or_default())?;
    forget(db, id)?;
    let Some((entry, pills)) = entry else { return Ok(None) };
    business(db, id, &pills)?;
    Ok(Some(entry))
}

/// From the mail's row and a text; with its pills. None where it is not there.
pub(crate) fn entry_of(db: &Connection, id: MessageId, text: &str) -> Result<Option<(Entry, String)>> {
    let Some(row) = parts_of(db, id)? else { return Ok(None) };
    let parts = Parts {
        author: std::iter::once(&row.from).chain(&row.reply_to).collect(),
        recipients: &row.to,
        copies: row.cc.iter().chain(&row.bcc).collect(),
        subject: &row.subject,
        text,
        attachments: &row.attachments,
    };
    Ok(Some((Entry::of(&parts), row.pills)))
}
