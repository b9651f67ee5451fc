//! Bodies: the mail as it came, and its text for snippets. `pack` takes a mail apart; here is what SQLite keeps of it.

mod pack;

use crate::Result;
use pack::{Packed, pack};
use rusqlite::{Connection, OptionalExtension as _, params};
use sha2::{Digest as _, Sha256};

const LEVEL: i32 = 3;
/// Values of the column `form`.
const APART: i64 = 0;
const PACKED: i64 = 1;
/// As [`PACKED`]; large parts of the mail were left on the server.
const LEFT_OUT: i64 = 2;

/// A body ready to be written: what takes time is done.
pub(crate) enum Body {
    /// Only headers are here. The text, zstd.
    Text(Vec<u8>),
    Whole {
        frame: Vec<u8>,
        blobs: Vec<Blob>,
        left_out: bool,
    },
}

/// An attachment.
pub(crate) struct Blob {
    hash: [u8; 32],
    size: usize,
    packed: bool,
    content: Vec<u8>,
}

impl Body {
    /// `text` for snippets, `raw` the whole mail where it is here.
    pub fn of(raw: Option<&[u8]>, text: &str) -> Result<Body> {
        let Some(raw) = raw else { return Ok(Body::Text(zstd::encode_all(text.as_bytes(), LEVEL)?)) };
        let Packed { frame, blobs } = pack(raw, text)?;
        let blobs = blobs.into_iter().map(Blob::of).collect::<Result<_>>()?;
        Ok(Body::Whole { frame, blobs, left_out: false })
    }

    /// The same, of a mail without its large parts.
    pub fn left_out(mut self, so: bool) -> Body {
        if let Body::Whole { left_out, .. } = &mut self {
            *left_out = so;
        }
        self
    }

    /// About how many bytes will be written.
    pub fn size(&self) -> usize {
        match self {
            Body::Text(text) => text.len(),
            Body::Whole { frame, blobs, .. } => {
                frame.len() + blobs.iter().map(|blob| blob.content.len()).sum::<usize>()
            }
        }
    }

    pub fn is_whole(&self) -> bool {
        matches!(self, Body::Whole { .. })
    }
}

impl Blob {
    fn of(content: Vec<u8>) -> Result<Blob> {
        let (hash, size) = (Sha256::digest(&content).into(), content.len());
        let (packed_content, packed) = pack::blob(&content)?;
        let content = if packed { packed_content.into_owned() } else { content };
        Ok(Blob { hash, size, packed, content })
    }
}

/// Writes a mail's body; one that it had goes.
pub(crate) fn put(db: &Connection, message: i64, body: &Body) -> Result<()> {
    remove(db, message)?;
    put_first(db, message, body)
}

/// Writes the body of a mail that had none.
pub(crate) fn put_first(db: &Connection, message: i64, body: &Body) -> Result<()> {
    // OR REPLACE: a row that damage left behind does not stop a mail.
    let mut insert =
        db.prepare_cached("INSERT OR REPLACE INTO mail.body (message, raw, text, form, blobs) VALUES (?, ?, ?, ?, ?)")?;
    match body {
        Body::Text(text) => insert.execute(params![message, None::<Vec<u8>>, text, APART, None::<Vec<u8>>])?,
        Body::Whole { frame, blobs, left_out } => {
            let mut ids = Vec::with_capacity(blobs.len() * 8);
            for blob in blobs {
                ids.extend(refer(db, blob)?.to_le_bytes());
            }
            let form = if *left_out { LEFT_OUT } else { PACKED };
            insert.execute(params![message, frame, b"", form, (!ids.is_empty()).then_some(ids)])?
        }
    };
    Ok(())
}

/// Gives a mail the body of another; the attachments stay stored once.
pub(crate) fn copy(db: &Connection, from: i64, to: i64) -> Result<()> {
    remove(db, to)?;
    let blobs: Option<Option<Vec<u8>>> = db
        .prepare_cached(
            "INSERT INTO mail.body (message, raw, text, form, blobs) SELECT ?, raw, text, form, blobs FROM mail.body
             WHERE message = ? RETURNING blobs",
        )?
        .query_row([to, from], |row| row.get(0))
        .optional()?;
    for id in ids(&blobs.flatten().unwrap_or_default()) {
        db.prepare_cached("UPDATE mail.blob SET refs = refs + 1 WHERE id = ?")?.execute([id])?;
    }
    Ok(())
}

/// One more mail has the attachment; gives its id.
fn refer(db: &Connection, blob: &Blob) -> Result<i64> {
    let known: Option<i64> = db
        .prepare_cached("UPDATE mail.blob SET refs = refs + 1 WHERE hash = ? RETURNING id")?
        .query_row([blob.hash], |row| row.get(0))
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    db.prepare_cached("INSERT INTO mail.blob (hash, refs, size, packed, content) VALUES (?, 1, ?, ?, ?)")?
        .execute(params![blob.hash, blob.size as i64, blob.packed, blob.content])?;
    Ok(db.last_insert_rowid())
}

/// Removes a mail's body, and attachments that no other mail has.
pub(crate) fn remove(db: &Connection, message: i64) -> Result<()> {
    let blobs: Option<Option<Vec<u8>>> = db
        .prepare_cached("DELETE FROM mail.body WHERE message = ? RETURNING blobs")?
        .query_row([message], |row| row.get(0))
        .optional()?;
    for id in ids(&blobs.flatten().unwrap_or_default()) {
        let left: Option<i64> = db
            .prepare_cached("UPDATE mail.blob SET refs = refs - 1 WHERE id = ? RETURNING refs")?
            .query_row([id], |row| row.get(0))
            .optional()?;
        if left.is_some_and(|left| left <= 0) {
            db.prepare_cached("DELETE FROM mail.blob WHERE id = ?")?.execute([id])?;
        }
    }
    Ok(())
}

fn ids(blobs: &[u8]) -> impl Iterator<Item = i64> {
    blobs.as_chunks::<8>().0.iter().map(|id| i64::from_le_bytes(*id))
}

/// A body as it lies in the store, to be unpacked after the reader is given back.
pub(crate) struct Kept {
    form: i64,
    raw: Option<Vec<u8>>,
    blobs: Vec<(Vec<u8>, bool, i64)>,
}

/// None where there is no such mail.
pub(crate) fn kept(db: &Connection, message: i64) -> Result<Option<Kept>> {
    let mut named: Option<Vec<u8>> = None;
    let kept = db
        .prepare_cached("SELECT form, raw, blobs FROM mail.body WHERE message = ?")?
        .query_row([message], |row| {
            named = row.get(2)?;
            Ok(Kept { form: row.get(0)?, raw: row.get(1)?, blobs: Vec::new() })
        })
        .optional()?;
    let Some(mut kept) = kept else { return Ok(None) };
    let mut select = db.prepare_cached("SELECT content, packed, size FROM mail.blob WHERE id = ?")?;
    for id in ids(&named.unwrap_or_default()) {
        let blob = select.query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
        let Some(blob) = blob else {
            tracing::warn!(message, "a part of a stored mail is gone");
            kept.raw = None;
            break;
        };
        kept.blobs.push(blob);
    }
    Ok(Some(kept))
}

impl Kept {
    /// Whether large parts of the mail are not here.
    pub fn is_left_out(&self) -> bool {
        self.form == LEFT_OUT
    }

    /// The mail, or None where only headers are here.
    pub fn raw(self) -> Result<Option<Vec<u8>>> {
        let Some(raw) = self.raw else { return Ok(None) };
        if self.form == APART {
            return Ok(Some(zstd::decode_all(&raw[..])?));
        }
        let blobs = self
            .blobs
            .into_iter()
            .map(|(content, packed, size)| pack::blob_of(content, packed, size as usize))
            .collect::<Result<Vec<_>>>()?;
        pack::raw_of(&raw, &blobs).map(Some)
    }
}

/// The text that snippets are cut from and the index is made of.
pub(crate) fn text(db: &Connection, message: i64) -> Result<Option<String>> {
    let row: Option<(i64, Option<Vec<u8>>, Vec<u8>)> = db
        .prepare_cached("SELECT form, raw, text FROM mail.body WHERE message = ?")?
        .query_row([message], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    match row {
        None => Ok(None),
        Some((PACKED | LEFT_OUT, Some(frame), _)) => pack::text_of(&frame).map(Some),
        Some((.., text)) => Ok(Some(String::from_utf8_lossy(&zstd::decode_all(&text[..])?).into_owned())),
    }
}
