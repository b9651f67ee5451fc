//! What is queued for a folder that goes.

use super::{
    Queued, What,
    queue::{fail, revert},
    whole,
};
use crate::{
    Result, Store,
    connection::Write,
    folder::{self, Folder},
};
use clientele_model::{AccountId, FolderId, Table};
use rusqlite::{OptionalExtension as _, params};

/// Operations into or out of some folders, or about mails in them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Concerned {
    /// Still to be told to the server.
    pub queued: u32,
    /// Of these, those that cannot be told before the folder is synced in which their mail lies.
    pub unplaced: Vec<FolderId>,
    /// Refused by the server: a person has to say what becomes of them.
    pub refused: u32,
}

impl Store {
    /// What concerns these folders of an account.
    pub fn operations_concerning(&self, account: AccountId, folders: &[FolderId]) -> Result<Concerned> {
        self.read(|db| {
            let mut concerned = Concerned::default();
            for folder in folders.iter().filter_map(|id| folder::by_id(db, *id).transpose()) {
                let folder = folder?;
                for queued in
                    Queued::all(db, "account = ?1 AND (path = ?2 OR to_path = ?2)", params![account.0, folder.path])?
                {
                    if queued.state == "failed" {
                        concerned.refused += 1;
                        continue;
                    }
                    concerned.queued += 1;
                    let nowhere = queued.uid.is_none() && !matches!(queued.what, What::Append | What::Empty);
                    if nowhere && let Some(at) = folder::by_path(db, account, &queued.path)? {
                        concerned.unplaced.push(at.id);
                    }
                }
            }
            concerned.unplaced.sort_unstable();
            concerned.unplaced.dedup();
            Ok(concerned)
        })
    }

    /// What the account waits with is due now: tries that were put off, and removals that could be undone for some seconds.
    pub fn operations_hurry(&self, account: AccountId, now: i64) -> Result<()> {
        self.write(|db| {
            db.execute(
                "UPDATE operation SET next_try = ?2 WHERE account = ?1 AND state = 'queued' AND next_try > ?2",
                params![account.0, now],
            )?;
            Ok(())
        })
    }
}

/// A folder is no longer on the server. What was to be moved there returns, and what was to be taken out of it is gone with
/// it: both are told as refused. What was to be changed or removed in it is moot.
pub(crate) fn folder_gone(db: &mut Write<'_>, account: AccountId, gone: &Folder) -> Result<()> {
    for queued in Queued::all(db, "account = ? AND to_path = ?", params![account.0, gone.path])?.into_iter().rev() {
        if let What::Copy(_) = queued.what {
            // The copy's row goes with the folder.
            lost(db, &queued)?;
            continue;
        }
        let at: Option<Option<i64>> = db
            .prepare_cached("SELECT folder FROM mail.message WHERE id = ? AND message_id = ?")?
            .query_row(params![queued.message, queued.message_id], |row| row.get(0))
            .optional()?;
        if at.flatten().is_none_or(|at| at == gone.id.0) {
            lost(db, &queued)?;
        } else {
            // On to another folder already: it goes there from where it is.
            db.execute("DELETE FROM operation WHERE id = ?", [queued.id])?;
        }
        revert(db, &queued)?;
    }
    for queued in Queued::all(db, "account = ? AND path = ?", params![account.0, gone.path])? {
        match queued.what {
            // Its content is nowhere else; and a mail that was to be elsewhere is shown there: the person decides.
            What::Append | What::Move(_) | What::Copy(_) => {
                lost(db, &queued)?;
                continue;
            }
            What::Empty => whole::forget_mails(db, queued.id)?,
            What::Flag(..) | What::Keyword(..) | What::Label(..) | What::Expunge => {}
        }
        db.execute("DELETE FROM operation WHERE id = ?", [queued.id])?;
    }
    db.changed_all(Table::Operation);
    Ok(())
}

fn lost(db: &mut Write<'_>, queued: &Queued) -> Result<()> {
    fail(db, queued.id, "not_found", "the folder is gone")
}
