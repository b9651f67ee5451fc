//! Folders under other names.

use super::{Folder, FolderName, FolderSeen, by_path, drop_folder};
use crate::{Result, connection::Write};
use clientele_model::Table;
use rusqlite::params;
use std::collections::HashSet;

/// Folders that the server lists under another name than before: by MAILBOXID (RFC 8474), or where there is none by a
/// UIDVALIDITY that no other folder has, then or now.
pub(super) fn found<'a>(known: &[Folder], seen: &'a [FolderSeen]) -> Vec<(Folder, &'a FolderSeen)> {
    // What is only the way to other folders is no folder of this name.
    let there: HashSet<&str> =
        seen.iter().filter(|folder| folder.selectable).map(|folder| folder.path.as_str()).collect();
    let here: HashSet<&str> = known.iter().map(|folder| folder.path.as_str()).collect();
    let lost: Vec<&Folder> = known.iter().filter(|folder| !there.contains(folder.path.as_str())).collect();
    let fresh: Vec<&FolderSeen> = seen.iter().filter(|folder| !here.contains(folder.path.as_str())).collect();
    let mut found = Vec::new();
    for old in lost.iter().filter(|folder| folder.selectable) {
        let same = |new: &&&FolderSeen| match (old.mailbox_id.as_str(), new.mailbox_id.as_str()) {
            ("", _) | (_, "") => {
                old.state.uid_next > 0
                    && new.uid_validity == old.state.uid_validity
                    && new.uid_next >= old.state.uid_next
                    && seen.iter().filter(|other| other.uid_validity == new.uid_validity).count() == 1
                    && known.iter().filter(|other| other.state.uid_validity == new.uid_validity).count() == 1
            }
            (before, now) => before == now,
        };
        let mut fits = fresh.iter().filter(same);
        if let (Some(new), None) = (fits.next(), fits.next()) {
            found.push(((*old).clone(), *new));
        }
    }
    found
}

/// As the server has it now. Known by UIDVALIDITY alone, its mails are looked up by Message-ID before their numbers are
/// believed again.
pub(super) fn follow(db: &mut Write<'_>, old: &Folder, new: &FolderSeen) -> Result<()> {
    let name = FolderName { path: new.path.clone(), name: new.name.clone(), server_name: new.server_name.clone() };
    rename(db, old, &name)?;
    if old.mailbox_id.is_empty() || new.mailbox_id.is_empty() {
        db.execute(
            "UPDATE mail.folder SET uid_validity = CASE uid_validity WHEN 1 THEN 2 ELSE 1 END, highest_modseq = 0
             WHERE id = ?",
            [old.id.0],
        )?;
    }
    tracing::info!(folder = old.id.0, "a folder has another name on the server");
    Ok(())
}

/// Gives a folder another name; what is queued by its old one goes along.
pub(super) fn rename(db: &mut Write<'_>, old: &Folder, name: &FolderName) -> Result<()> {
    if let Some(stale) = by_path(db, old.account, &name.path)?.filter(|stale| stale.id != old.id) {
        // The server has renamed to it, so it was not there any more.
        drop_folder(db, &stale)?;
    }
    db.execute(
        "UPDATE mail.folder SET path = ?, name = ?, server_name = ? WHERE id = ?",
        params![name.path, name.name, name.server_name, old.id.0],
    )?;
    for (table, column) in [("operation", "path"), ("operation", "to_path"), ("undo", "path")] {
        db.execute(
            &format!("UPDATE {table} SET {column} = ?1 WHERE account = ?2 AND {column} = ?3"),
            params![name.path, old.account.0, old.path],
        )?;
    }
    db.changed(Table::Folder, old.id.0);
    Ok(())
}
