//! What is here beside what the server has.

use crate::imap::There;
use clientele_engine::{
    Engine,
    store::{Filter, Folder, ListQuery, Row, Scope},
};
use std::{collections::BTreeSet, fmt::Write as _};

/// Those that hold mail.
pub async fn folders(engine: &Engine) -> Vec<Folder> {
    engine.folders().await.unwrap().into_iter().filter(|folder| folder.selectable).collect()
}

/// All rows of a folder.
pub async fn rows(engine: &Engine, folder: &Folder) -> Vec<Row> {
    let mut query = ListQuery { scope: Scope::Folder(folder.id), filter: Filter::All, after: None, limit: 200 };
    let mut rows = Vec::new();
    loop {
        let page = engine.list(query.clone()).await.unwrap().page;
        rows.extend(page.rows);
        match page.next {
            Some(next) => query.after = Some(next),
            None => return rows,
        }
    }
}

/// How the store differs from what the server has: folders, mails, flags, and what is counted. Empty: in nothing.
pub async fn differences(engine: &Engine, there: &[(String, Vec<There>)]) -> String {
    let mut wrong = String::new();
    let folders = folders(engine).await;
    let names: BTreeSet<&String> = folders.iter().map(|folder| &folder.server_name).collect();
    let theirs: BTreeSet<&String> = there.iter().map(|(name, _)| name).collect();
    if names != theirs {
        let _ = writeln!(wrong, "folders here {names:?}, there {theirs:?}");
    }
    for (name, mails) in there {
        let Some(folder) = folders.iter().find(|folder| folder.server_name == *name) else { continue };
        let rows = rows(engine, folder).await;
        let mut here: Vec<Shown> = rows.iter().map(|row| (row.message_id.clone(), flags(row))).collect();
        let mut theirs: Vec<Shown> =
            mails.iter().map(|mail| (mail.message_id.clone(), mail.flags.iter().cloned().collect())).collect();
        here.sort();
        theirs.sort();
        if here != theirs {
            let only = |one: &[Shown], other: &[Shown]| -> Vec<Shown> {
                one.iter().filter(|mail| !other.contains(mail)).cloned().collect()
            };
            let (here_only, there_only) = (only(&here, &theirs), only(&theirs, &here));
            let (here, theirs) = (here.len(), theirs.len());
            let _ = writeln!(
                wrong,
                "{name}: {here} here, {theirs} there; only here {here_only:?}, only there {there_only:?}"
            );
        }
        let unread = mails.iter().filter(|mail| !mail.flags.contains("\\Seen")).count();
        if (folder.unread as usize, folder.total as usize) != (unread, mails.len()) {
            let (said, of) = (folder.unread, folder.total);
            let _ = writeln!(wrong, "{name}: counted {said} of {of}, are {unread} of {}", mails.len());
        }
    }
    wrong
}

/// Message-ID and flags.
type Shown = (String, Vec<String>);

fn flags(row: &Row) -> Vec<String> {
    let flags = &row.flags;
    let mut all: Vec<String> = [
        (flags.seen, "\\Seen"),
        (flags.flagged, "\\Flagged"),
        (flags.answered, "\\Answered"),
        (flags.forwarded, "$Forwarded"),
        (flags.draft, "\\Draft"),
        (flags.deleted, "\\Deleted"),
    ]
    .into_iter()
    .filter(|(on, _)| *on)
    .map(|(_, flag)| flag.to_owned())
    .chain(flags.keywords.iter().cloned())
    .collect();
    all.sort();
    all
}
