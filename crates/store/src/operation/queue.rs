use super::{Operation, OperationKind, Queued, RefusedOperation, What, label, whole};
use crate::{
    Flag, Result, Store,
    connection::Write,
    folder,
    message::{self, forget_one, place},
};
use clientele_model::{AccountId, MessageId, OperationId, Table};
use rusqlite::{OptionalExtension as _, params};

/// Due, its place on the server known, and nothing before it on the same mail still to be told.
/// What is to be taken out of a folder goes before the folder is emptied.
/// Nothing waits a quarter of an hour: a time so far ahead stems from a clock that was set back since.
pub(super) const DUE: &str = "account = ?1 AND state = 'queued' AND (next_try <= ?2 OR next_try > ?2 + 900)
    AND (uid IS NOT NULL OR kind = 'append')
    AND (message = 0 OR NOT EXISTS (SELECT 1 FROM operation b WHERE b.message = operation.message
        AND b.id < operation.id AND b.state IN ('queued', 'running')))
    AND (origin IS NULL OR NOT EXISTS (SELECT 1 FROM operation b WHERE b.message = operation.origin
        AND b.id < operation.id AND b.state IN ('queued', 'running')))
    AND NOT EXISTS (SELECT 1 FROM operation b WHERE b.origin = operation.message AND b.id < operation.id
        AND b.state IN ('queued', 'running'))
    AND (kind <> 'empty' OR NOT EXISTS (SELECT 1 FROM operation b WHERE b.account = operation.account
        AND b.path = operation.path AND b.id < operation.id AND b.kind IN ('move', 'copy')
        AND b.state IN ('queued', 'running')))";

impl Store {
    /// The oldest operation that is due, marked as under way; None where there is none.
    pub fn operation_next(&self, account: AccountId, now: i64) -> Result<Option<Operation>> {
        Ok(self.operation_batch(account, now, 1)?.pop())
    }

    /// The oldest due operation and those behind it that can be said to the server in the same command (same kind and
    /// folder), at most `limit`, all marked as under way.
    pub fn operation_batch(&self, account: AccountId, now: i64, limit: u32) -> Result<Vec<Operation>> {
        // A look without the writer first: mostly there is nothing.
        if self.read(|db| Queued::first(db, DUE, params![account.0, now, 1]))?.is_empty() {
            return Ok(Vec::new());
        }
        let is_listed = self.is_listed(account);
        self.write(|db| {
            let mut batch: Vec<Operation> = Vec::new();
            let mut first: Option<Queued> = None;
            for queued in Queued::first(db, DUE, params![account.0, now, limit])? {
                if first.as_ref().is_some_and(|first| first.what != queued.what || first.path != queued.path) {
                    break;
                }
                let Some(operation) = resolve(db, &queued)? else {
                    if !is_listed {
                        // mail.db was lost, and with it what it knew of the folders.
                        continue;
                    }
                    // Its folder is gone, and with it the mail.
                    fail(db, queued.id, "not_found", "the folder is gone")?;
                    continue;
                };
                if batch.first().is_some_and(|first| first.uid_validity != operation.uid_validity) {
                    break;
                }
                db.prepare_cached("UPDATE operation SET state = 'running', attempts = attempts + 1 WHERE id = ?")?
                    .execute([queued.id])?;
                let alone = matches!(queued.what, What::Empty | What::Append);
                first.get_or_insert(queued);
                batch.push(operation);
                if alone || batch.len() >= limit as usize {
                    break;
                }
            }
            Ok(batch)
        })
    }

    /// When the next operation of the account is due; None where none is queued.
    pub fn operation_due(&self, account: AccountId) -> Result<Option<i64>> {
        self.read(|db| {
            Ok(db
                .prepare_cached(
                    "SELECT min(next_try) FROM operation
                     WHERE account = ? AND state = 'queued' AND (uid IS NOT NULL OR kind = 'append')",
                )?
                .query_row([account.0], |row| row.get(0))?)
        })
    }

    /// The server did it. `uid`: the mail's UID in the folder it was moved to, where the server said so (COPYUID).
    pub fn operation_done(&self, id: OperationId, uid: Option<u32>) -> Result<()> {
        self.write(|db| finish(db, id.0, uid))
    }

    /// As [`Store::operation_later`], where the server was not told of it: this try does not count.
    pub fn operation_untold(&self, id: OperationId, next_try: i64) -> Result<()> {
        self.write(|db| {
            db.execute(
                "UPDATE operation SET state = 'queued', next_try = ?, attempts = max(attempts - 1, 0) WHERE id = ?",
                params![next_try, id.0],
            )?;
            Ok(())
        })
    }

    /// As [`Store::operation_done`] for a whole batch, in one transaction.
    pub fn operations_done(&self, done: &[(OperationId, Option<u32>)]) -> Result<()> {
        self.write(|db| done.iter().try_for_each(|(id, uid)| finish(db, id.0, *uid)))
    }

    /// The connection failed: to be tried again at `next_try`.
    pub fn operation_later(&self, id: OperationId, next_try: i64) -> Result<()> {
        self.write(|db| {
            db.execute("UPDATE operation SET state = 'queued', next_try = ? WHERE id = ?", params![next_try, id.0])?;
            Ok(())
        })
    }

    /// The server refused. `code` is one of the wire's codes.
    pub fn operation_failed(&self, id: OperationId, code: &str, detail: &str) -> Result<()> {
        self.write(|db| fail(db, id.0, code, detail))
    }

    pub fn operations_refused(&self) -> Result<Vec<RefusedOperation>> {
        self.read(|db| {
            let mut select = db.prepare_cached(
                "SELECT id, account, kind, flag, is_on, subject, code, detail, since FROM operation
                 WHERE state = 'failed' ORDER BY id",
            )?;
            let rows = select.query_map([], |row| {
                let flag = row.get::<_, Option<String>>(3)?;
                let labels = flag.as_deref().is_some_and(|flag| flag.starts_with('\\'));
                let flag = flag.as_deref().and_then(Flag::parse);
                let action = match (row.get_ref(2)?.as_str()?, flag, row.get::<_, Option<bool>>(4)?) {
                    ("move", ..) => "move",
                    ("copy", ..) => "copy",
                    ("expunge", ..) => "delete",
                    ("empty", ..) => "folder_empty",
                    ("append", ..) => "append",
                    ("keyword", ..) if labels => "done",
                    ("keyword", _, Some(false)) => "keyword_remove",
                    ("keyword", ..) => "keyword_add",
                    (_, Some(Flag::Flagged), Some(false)) => "unflag",
                    (_, Some(Flag::Flagged), _) => "flag",
                    (_, Some(Flag::Answered), _) => "answered",
                    (_, Some(Flag::Forwarded), _) => "forwarded",
                    (_, _, Some(false)) => "unread",
                    _ => "read",
                };
                Ok(RefusedOperation {
                    id: OperationId(row.get(0)?),
                    account: AccountId(row.get(1)?),
                    action: action.to_owned(),
                    subject: row.get(5)?,
                    code: row.get::<_, Option<String>>(6)?.unwrap_or_default(),
                    detail: row.get(7)?,
                    since: row.get(8)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// How many operations of the account wait for the server.
    pub fn operations_queued(&self, account: AccountId) -> Result<u32> {
        self.read(|db| {
            Ok(db
                .prepare_cached("SELECT count(*) FROM operation WHERE account = ? AND state <> 'failed'")?
                .query_row([account.0], |row| row.get(0))?)
        })
    }

    pub fn operation_retry(&self, id: OperationId) -> Result<()> {
        self.write(|db| {
            db.execute(
                "UPDATE operation SET state = 'queued', next_try = 0, code = NULL, detail = '' WHERE id = ? AND state = 'failed'",
                [id.0],
            )?;
            db.changed(Table::Operation, id.0);
            Ok(())
        })
    }

    /// Gives up a refused operation: the mail is shown again as the server has it.
    pub fn operation_discard(&self, id: OperationId) -> Result<()> {
        self.write(|db| {
            let queued = Queued::one(db, id.0)?;
            if queued.what == What::Empty {
                whole::show_mails(db, &queued)?;
            }
            db.execute("DELETE FROM operation WHERE id = ?", [id.0])?;
            db.changed(Table::Operation, id.0);
            revert(db, &queued)
        })
    }
}

fn resolve(db: &Write<'_>, queued: &Queued) -> Result<Option<Operation>> {
    let account = AccountId(queued.account);
    let Some(folder) = folder::by_path(db, account, &queued.path)? else { return Ok(None) };
    let there = |path: &str| folder::by_path(db, account, path);
    let kind = match &queued.what {
        What::Flag(flag, on) => OperationKind::Flag { flag: *flag, on: *on },
        What::Keyword(keyword, on) => OperationKind::Keyword { keyword: keyword.clone(), on: *on },
        What::Label(label, on) => OperationKind::Label { label: label.clone(), on: *on },
        What::Expunge => OperationKind::Expunge,
        What::Empty => OperationKind::Empty { ranges: whole::to_remove(db, queued)? },
        What::Append => OperationKind::Append,
        What::Move(path) => match there(path)? {
            Some(to) => OperationKind::Move { to: to.id, to_server_name: to.server_name },
            None => return Ok(None),
        },
        What::Copy(path) => match there(path)? {
            Some(to) => OperationKind::Copy { to: to.id, to_server_name: to.server_name },
            None => return Ok(None),
        },
    };
    let uid = match (queued.uid, &queued.what) {
        (_, What::Append | What::Empty) => 0,
        (Some(uid), _) => uid,
        (None, _) => return Ok(None),
    };
    Ok(Some(Operation {
        id: OperationId(queued.id),
        account,
        message: MessageId(queued.message),
        message_id: queued.message_id.clone(),
        kind,
        folder: folder.id,
        server_name: folder.server_name,
        uid_validity: db.query_row("SELECT uid_validity FROM operation WHERE id = ?", [queued.id], |row| row.get(0))?,
        uid,
        attempts: queued.attempts,
    }))
}

pub(super) fn fail(db: &mut Write<'_>, id: i64, code: &str, detail: &str) -> Result<()> {
    db.execute("UPDATE operation SET state = 'failed', code = ?, detail = ? WHERE id = ?", params![code, detail, id])?;
    db.changed(Table::Operation, id);
    Ok(())
}

/// The server has done an operation. One that is moot meanwhile, because the mail went, is passed over.
pub(crate) fn finish(db: &mut Write<'_>, id: i64, uid: Option<u32>) -> Result<()> {
    let Some(queued) = Queued::all(db, "id = ?", [id])?.pop() else { return Ok(()) };
    if queued.what == What::Empty {
        whole::forget_mails(db, id)?;
    }
    db.execute("DELETE FROM operation WHERE id = ?", [id])?;
    db.changed(Table::Operation, id);
    let message = MessageId(queued.message);
    match &queued.what {
        What::Flag(..) | What::Keyword(..) | What::Label(..) | What::Empty | What::Append => {}
        What::Expunge => {
            forget_one(db, message)?;
        }
        What::Move(path) | What::Copy(path) => {
            if let (Some(uid), Some(folder)) = (uid, folder::by_path(db, AccountId(queued.account), path)?) {
                db.execute(
                    "UPDATE operation SET uid = ?1, uid_validity = ?2
                     WHERE (message = ?3 OR origin = ?3) AND path = ?4 AND uid IS NULL",
                    params![uid, folder.state.uid_validity, message.0, path],
                )?;
                let at: Option<(Option<i64>, Option<u32>)> = db
                    .prepare_cached("SELECT folder, uid FROM mail.message WHERE id = ?")?
                    .query_row([message.0], |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()?;
                // Elsewhere by now, where a move behind this one is queued.
                if at.is_some_and(|(at, had)| at == Some(folder.id.0) && had != Some(uid)) {
                    place(db, message, Some(folder.id), Some(uid))?;
                }
            }
            // Hidden, because the mail was in the other folder already (Gmail).
            let done: Option<()> = db
                .prepare_cached(
                    "SELECT 1 FROM mail.message m WHERE m.id = ?1 AND m.folder IS NULL
                     AND NOT EXISTS (SELECT 1 FROM operation WHERE message = ?1)",
                )?
                .query_row([message.0], |_| Ok(()))
                .optional()?;
            if done.is_some() {
                forget_one(db, message)?;
            }
        }
    }
    Ok(())
}

/// Shows a mail as the server has it; the operation is out of the queue.
pub(super) fn revert(db: &mut Write<'_>, queued: &Queued) -> Result<()> {
    let message = MessageId(queued.message);
    let source = folder::by_path(db, AccountId(queued.account), &queued.path)?;
    if queued.what == What::Append {
        return Ok(());
    }
    let folder: Option<Option<i64>> = db
        .prepare_cached("SELECT folder FROM mail.message WHERE id = ? AND message_id = ?")?
        .query_row(params![message.0, queued.message_id], |row| row.get(0))
        .optional()?;
    let Some(folder) = folder else { return Ok(()) };
    if let Some(source) = &source {
        // What the server has may have changed while the person's choice stood before it: the next sync compares.
        folder::doubt(db, Some(source.id))?;
    }
    match &queued.what {
        What::Flag(flag, on) => {
            let again =
                Queued::all(db, "message = ? AND kind = 'flag' AND flag = ?", params![message.0, flag.column()])?;
            if again.is_empty() {
                db.execute(
                    &format!("UPDATE mail.message SET {} = ? WHERE id = ?", flag.column()),
                    params![!on, message.0],
                )?;
                db.changed(Table::Message, message.0);
            }
        }
        What::Keyword(keyword, on) => {
            let again = Queued::all(
                db,
                "message = ? AND kind = 'keyword' AND flag = ? COLLATE NOCASE",
                params![message.0, keyword],
            )?;
            if again.is_empty() && message::set_keyword(db, message, keyword, !on)? {
                db.changed(Table::Message, message.0);
            }
        }
        What::Label(label, on) => label::note(db, AccountId(queued.account), message, label, !on)?,
        What::Copy(_) => {
            super::moot(db, message)?;
            forget_one(db, message)?;
        }
        // Done before, by whoever takes the operation out of the queue: see `whole::show_mails`.
        What::Empty | What::Append => {}
        What::Expunge => {
            if let Some(source) = source {
                place(db, message, Some(source.id), queued.uid)?;
            }
        }
        What::Move(path) => {
            let target = folder::by_path(db, AccountId(queued.account), path)?.map(|target| target.id.0);
            if let Some(source) = source {
                db.execute(
                    "UPDATE operation SET path = ?, uid = ?, uid_validity = ? WHERE message = ? AND path = ? AND uid IS NULL",
                    params![source.path, queued.uid, source.state.uid_validity, message.0, path],
                )?;
                if folder == target || folder.is_none() {
                    place(db, message, Some(source.id), queued.uid)?;
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
pub(crate) fn due_sql() -> String {
    format!("SELECT {} FROM operation WHERE {DUE} ORDER BY id LIMIT ?3", Queued::COLUMNS)
}
