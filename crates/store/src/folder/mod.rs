mod rename;

use crate::{Flags, Result, Store, StoreError, connection::Write, message, operation};
use clientele_model::{AccountId, FolderId, FolderRole, Table};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use std::collections::BTreeMap;

/// A folder as the server lists it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FolderSeen {
    /// The decoded path, parts joined with `/`. Identifies the folder within its account.
    pub path: String,
    /// The last part of the path.
    pub name: String,
    /// The name to use on the wire, as the server sent it (modified UTF-7 where it does so).
    pub server_name: String,
    pub role: FolderRole,
    /// False for `\Noselect`: shown in the tree, holds no mail.
    pub selectable: bool,
    /// None: the server was not asked.
    pub subscribed: Option<bool>,
    /// MAILBOXID (RFC 8474); empty: the server has none.
    pub mailbox_id: String,
    /// 0: not told.
    pub uid_validity: u32,
    pub uid_next: u32,
}

/// What a folder is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderName {
    pub path: String,
    pub name: String,
    pub server_name: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    pub id: FolderId,
    pub account: AccountId,
    pub path: String,
    pub name: String,
    pub server_name: String,
    pub role: FolderRole,
    pub selectable: bool,
    /// Programs that show only such folders show it.
    pub subscribed: bool,
    pub mailbox_id: String,
    /// Gmail: it is a label, and its mails lie in "all mail" too.
    pub label: bool,
    pub unread: u32,
    pub total: u32,
    pub state: FolderState,
}

/// How far a folder is in step with the server (RFC 9051 section 2.3.1.1, RFC 7162).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FolderState {
    /// 0: never synced.
    pub uid_validity: u32,
    pub uid_next: u32,
    /// 0: the server has none.
    pub highest_modseq: u64,
    /// What else the sync wants to remember; the store does not read it, and adds ` doubt=1` where what is here may not be
    /// what the sync left.
    pub note: String,
}

/// A mail of a folder that is numbered anew, as the server has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Numbered {
    pub uid: u32,
    pub flags: Flags,
    /// RFC822.SIZE.
    pub size: u32,
    /// Normalised; empty where the mail bears none.
    pub message_id: String,
}

const COLUMNS: &str = "id, account, path, name, server_name, role, selectable, unread, total, uid_validity, uid_next,
    highest_modseq, note, subscribed, mailbox_id, role = 'other' AND EXISTS
    (SELECT 1 FROM mail.message m WHERE m.account = folder.account AND m.gmail_id IS NOT NULL)";

impl Store {
    /// Makes the account's folders those that the server lists: new ones added, changed ones updated, those that another
    /// program renamed known again, and those that are no longer there removed with their mails.
    pub fn folders_replace(&self, account: AccountId, seen: &[FolderSeen]) -> Result<()> {
        self.write(|db| {
            if seen.is_empty() {
                // No server has no folder at all: the answer was lost, and the mails must not be.
                return Ok(());
            }
            // Removed while its server was being asked.
            db.query_row("SELECT 1 FROM account WHERE id = ?", [account.0], |_| Ok(()))?;
            for (old, new) in rename::found(&read(db, Some(account))?, seen) {
                rename::follow(db, &old, new)?;
            }
            let mut gone: BTreeMap<String, Folder> =
                read(db, Some(account))?.into_iter().map(|folder| (folder.path.clone(), folder)).collect();
            for folder in seen {
                let old = gone.remove(&folder.path);
                // Only the way to others by now: its mails are gone with it. An inbox there always is.
                let was = |old: &&Folder| old.selectable && !folder.selectable && old.role != FolderRole::Inbox;
                if let Some(old) = old.as_ref().filter(was) {
                    drop_folder(db, old)?;
                }
                let same = old.is_some_and(|old| {
                    (old.name, old.server_name, old.role, old.selectable, old.mailbox_id)
                        == (
                            folder.name.clone(),
                            folder.server_name.clone(),
                            folder.role,
                            folder.selectable,
                            folder.mailbox_id.clone(),
                        )
                        && folder.subscribed.is_none_or(|now| now == old.subscribed)
                });
                if same {
                    continue;
                }
                let id = db.query_row(
                    "INSERT INTO mail.folder (account, path, name, server_name, role, selectable, subscribed, mailbox_id)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, coalesce(?7, 1), ?8)
                     ON CONFLICT (account, path) DO UPDATE SET name = ?3, server_name = ?4, role = ?5, selectable = ?6,
                         subscribed = coalesce(?7, subscribed), mailbox_id = ?8
                     RETURNING id",
                    params![
                        account.0,
                        folder.path,
                        folder.name,
                        folder.server_name,
                        folder.role.as_str(),
                        folder.selectable,
                        folder.subscribed,
                        folder.mailbox_id
                    ],
                    |row| row.get(0),
                )?;
                db.changed(Table::Folder, id);
            }
            gone.into_values().try_for_each(|folder| drop_folder(db, &folder))
        })?;
        if !seen.is_empty() {
            self.listed(account);
        }
        Ok(())
    }

    /// Folders have other names on the server from now on; their mails, and what is queued for them, stay theirs.
    pub fn folders_renamed(&self, renamed: &[(FolderId, FolderName)]) -> Result<()> {
        self.write(|db| {
            for (id, name) in renamed {
                if let Some(old) = by_id(db, *id)? {
                    rename::rename(db, &old, name)?;
                }
            }
            Ok(())
        })
    }

    /// As the server has acknowledged it.
    pub fn folder_subscribed_set(&self, folder: FolderId, subscribed: bool) -> Result<()> {
        self.write(|db| {
            db.execute("UPDATE mail.folder SET subscribed = ? WHERE id = ?", params![subscribed, folder.0])?;
            db.changed(Table::Folder, folder.0);
            Ok(())
        })
    }

    /// In the order of roles (inbox first), then by path.
    pub fn folders(&self, account: AccountId) -> Result<Vec<Folder>> {
        self.read(|db| read(db, Some(account)))
    }

    /// Of all accounts, each account's as in [`Store::folders`].
    pub fn folders_all(&self) -> Result<Vec<Folder>> {
        self.read(|db| read(db, None))
    }

    pub fn folder(&self, id: FolderId) -> Result<Folder> {
        self.read(|db| {
            Ok(db
                .prepare_cached(&format!("SELECT {COLUMNS} FROM mail.folder WHERE id = ?"))?
                .query_row([id.0], folder_at)?)
        })
    }

    pub fn folder_by_role(&self, account: AccountId, role: FolderRole) -> Result<Option<Folder>> {
        self.read(|db| by_role(db, account, role))
    }

    pub fn folder_state_set(&self, folder: FolderId, state: &FolderState) -> Result<()> {
        // Not announced: nobody shows it.
        self.write(|db| {
            let changed = db
                .prepare_cached(
                    "UPDATE mail.folder SET uid_validity = ?, uid_next = ?, highest_modseq = ?, note = ? WHERE id = ?",
                )?
                .execute(params![
                    state.uid_validity,
                    state.uid_next,
                    state.highest_modseq as i64,
                    state.note,
                    folder.0
                ])?;
            if changed == 0 {
                return Err(StoreError::NotFound);
            }
            // Mails that were moved here before the folder was ever opened: their numbers are of this validity.
            db.prepare_cached(
                "UPDATE operation SET uid_validity = ?1 WHERE uid_validity = 0 AND uid IS NOT NULL
                 AND (account, path) = (SELECT account, path FROM mail.folder WHERE id = ?2)",
            )?
            .execute(params![state.uid_validity, folder.0])?;
            Ok(())
        })
    }

    /// Unread mails in the inboxes of all accounts.
    pub fn unread(&self) -> Result<u32> {
        self.read(|db| {
            Ok(db
                .prepare_cached("SELECT coalesce(sum(unread), 0) FROM mail.folder WHERE role = 'inbox'")?
                .query_row([], |row| row.get(0))?)
        })
    }

    /// The server numbers the folder anew: mails that are here get their new numbers by Message-ID and size, and keep
    /// what is bound to them; those that `there` (all that the server has) does not name go. Sets `uid_validity`; the
    /// rest of the folder's state begins anew. Gives how many were kept.
    pub fn folder_renumber(&self, folder: FolderId, uid_validity: u32, there: &[Numbered]) -> Result<u32> {
        self.write(|db| {
            operation::lose_uids(db, folder)?;
            let changed = db.execute(
                "UPDATE mail.folder SET uid_validity = ?, uid_next = 0, highest_modseq = 0, note = '' WHERE id = ?",
                params![uid_validity, folder.0],
            )?;
            if changed == 0 {
                return Err(StoreError::NotFound);
            }
            let kept = message::renumber(db, folder, there)?;
            db.changed(Table::Folder, folder.0);
            Ok(kept)
        })
    }

    /// Forgets the folder's mails and its state, because its UIDVALIDITY changed. Queued operations find their mails
    /// again by Message-ID.
    pub fn reset_folder(&self, folder: FolderId) -> Result<()> {
        self.write(|db| {
            operation::lose_uids(db, folder)?;
            message::forget(db, "SELECT id FROM mail.message WHERE folder = ? AND uid IS NOT NULL", folder.0)?;
            db.execute(
                "UPDATE mail.folder SET uid_validity = 0, uid_next = 0, highest_modseq = 0, note = '' WHERE id = ?",
                [folder.0],
            )?;
            db.changed(Table::Folder, folder.0);
            Ok(())
        })
    }
}

/// With its mails and what is queued for them.
fn drop_folder(db: &mut Write<'_>, folder: &Folder) -> Result<()> {
    operation::folder_gone(db, folder.account, folder)?;
    message::forget(db, "SELECT id FROM mail.message WHERE folder = ?", folder.id.0)?;
    db.execute("DELETE FROM mail.folder WHERE id = ?", [folder.id.0])?;
    db.changed(Table::Folder, folder.id.0);
    Ok(())
}

/// The next sync compares all that is here with the server: of one folder, or of all.
pub(crate) fn doubt(db: &Connection, folder: Option<FolderId>) -> Result<()> {
    db.execute(
        "UPDATE mail.folder SET note = note || ' doubt=1' WHERE coalesce(id = ?, 1) AND note NOT LIKE '% doubt=1'",
        [folder.map(|folder| folder.0)],
    )?;
    Ok(())
}

pub(crate) fn by_role(db: &Connection, account: AccountId, role: FolderRole) -> Result<Option<Folder>> {
    Ok(db
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM mail.folder WHERE role = ? AND account = ? AND selectable = 1 ORDER BY id LIMIT 1"
        ))?
        .query_row(params![role.as_str(), account.0], folder_at)
        .optional()?)
}

pub(crate) fn by_path(db: &Connection, account: AccountId, path: &str) -> Result<Option<Folder>> {
    Ok(db
        .prepare_cached(&format!("SELECT {COLUMNS} FROM mail.folder WHERE account = ? AND path = ?"))?
        .query_row(params![account.0, path], folder_at)
        .optional()?)
}

pub(crate) fn by_id(db: &Connection, id: FolderId) -> Result<Option<Folder>> {
    Ok(db
        .prepare_cached(&format!("SELECT {COLUMNS} FROM mail.folder WHERE id = ?"))?
        .query_row([id.0], folder_at)
        .optional()?)
}

fn read(db: &Connection, account: Option<AccountId>) -> Result<Vec<Folder>> {
    let condition = if account.is_some() { "WHERE account = ?1" } else { "WHERE ?1 IS NULL" };
    let mut select = db.prepare_cached(&format!("SELECT {COLUMNS} FROM mail.folder {condition}"))?;
    let mut folders =
        select.query_map([account.map(|account| account.0)], folder_at)?.collect::<Result<Vec<_>, _>>()?;
    folders.sort_by_cached_key(|folder| (folder.account, order(folder.role), folder.path.to_lowercase()));
    Ok(folders)
}

fn order(role: FolderRole) -> u8 {
    match role {
        FolderRole::Inbox => 0,
        FolderRole::Drafts => 1,
        FolderRole::Sent => 2,
        FolderRole::Done => 3,
        FolderRole::Junk => 4,
        FolderRole::Trash => 5,
        FolderRole::Other => 6,
    }
}

fn folder_at(row: &Row<'_>) -> rusqlite::Result<Folder> {
    Ok(Folder {
        id: FolderId(row.get(0)?),
        account: AccountId(row.get(1)?),
        path: row.get(2)?,
        name: row.get(3)?,
        server_name: row.get(4)?,
        role: FolderRole::parse(row.get_ref(5)?.as_str()?),
        selectable: row.get(6)?,
        unread: row.get(7)?,
        total: row.get(8)?,
        state: FolderState {
            uid_validity: row.get(9)?,
            uid_next: row.get(10)?,
            highest_modseq: row.get::<_, i64>(11)? as u64,
            note: row.get(12)?,
        },
        subscribed: row.get(13)?,
        mailbox_id: row.get(14)?,
        label: row.get(15)?,
    })
}
