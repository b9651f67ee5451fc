//! What a server will not do is not asked of it.

use super::fake::{Box, Desk, NOW, Reply};
use crate::{Code, MailError};
use clientele_model::{Action, FolderRole};
use std::sync::{Arc, Mutex};

#[tokio::test]
async fn a_server_without_keywords_of_ours_is_not_told_of_any() {
    let mut desk = Desk::new(Box::of(2, "UIDPLUS"), |mailbox, command| {
        let Reply::Ok(answer) = mailbox.answer(command) else { return None };
        let told = "* OK [PERMANENTFLAGS (\\Seen \\Flagged Known)] x\r\n";
        command.starts_with("SELECT").then(|| Reply::Ok(format!("{answer}{told}")))
    })
    .await;
    desk.sync(30).await.unwrap();
    let id = desk.rows()[0].id;
    desk.heard();
    for keyword in ["Offer", "known"] {
        desk.store.operate(&[id], &Action::AddKeyword { keyword: keyword.into() }, NOW).unwrap();
    }
    assert_eq!(desk.client.replay(NOW).await.unwrap(), 1);
    let stored: Vec<String> = desk.heard().into_iter().filter(|command| command.contains("STORE")).collect();
    assert!(stored.len() == 1 && stored[0].ends_with("+FLAGS.SILENT (known)"), "{stored:?}");
    let refused = desk.store.operations_refused().unwrap();
    assert_eq!((refused[0].action.as_str(), refused[0].code.as_str()), ("keyword_add", "keyword_refused"));
    desk.store.operation_discard(refused[0].id).unwrap();
    assert_eq!(desk.rows().into_iter().find(|row| row.id == id).unwrap().flags.keywords, ["known"]);
}

/// Where the server has no MOVE and forbids to remove, the copies are made already when that is known; also where the folder
/// that they come from cannot be opened for a while after that.
#[tokio::test]
async fn a_move_that_ends_in_a_refusal_copies_each_mail_once() {
    for shut in [false, true] {
        copies_each_mail_once(shut).await;
    }
}

async fn copies_each_mail_once(shut: bool) {
    // The folder that is open, the UIDs that were copied, and whether INBOX cannot be opened after that.
    let state = Arc::new(Mutex::new((String::new(), Vec::<u32>::new(), shut)));
    let twist = {
        let state = state.clone();
        move |_: &mut Box, command: &str| {
            let (open, copied, shut) = &mut *state.lock().unwrap();
            if command.starts_with("SELECT \"INBOX\"") && *shut && !copied.is_empty() {
                return Some(Reply::Tagged("NO [UNAVAILABLE] not now"));
            }
            if command.starts_with("SELECT") {
                *open = command.split('"').nth(1).unwrap().to_owned();
            } else if command.starts_with("UID COPY") {
                copied.extend(super::super::fetch::numbers(command.split(' ').nth(2).unwrap(), 100));
            } else if command.starts_with("UID STORE") && command.contains("\\Deleted") {
                return Some(Reply::Tagged("NO [NOPERM] nothing is removed here"));
            } else if command.contains("HEADER Message-ID") && open == "Archive" {
                let name = command.split('"').nth(1).unwrap();
                let there = copied.iter().filter(|uid| name.contains(&uid.to_string()));
                let found: String = there.map(|uid| format!(" {}", uid + 1000)).collect();
                return Some(Reply::Ok(format!("* SEARCH{found}\r\n")));
            } else if command.starts_with("UID FETCH") && open == "Archive" {
                let uids = super::super::fetch::numbers(command.split(' ').nth(2).unwrap(), 100);
                let told = uids.iter().map(|uid| {
                    let line = format!("Message-ID: <{}@x>\r\n\r\n", uid - 1000);
                    format!("* 1 FETCH (UID {uid} BODY[HEADER.FIELDS (MESSAGE-ID)] {{{}}}\r\n{line})\r\n", line.len())
                });
                return Some(Reply::Ok(told.collect()));
            }
            None
        }
    };
    let mut desk = Desk::new(Box::of(3, "UIDPLUS"), twist).await;
    desk.sync(30).await.unwrap();
    let ids: Vec<_> = desk.rows().iter().map(|row| row.id).collect();
    let archive = desk.store.folder_by_role(desk.account, FolderRole::Done).unwrap().unwrap().id;
    desk.store.operate(&ids, &Action::Move { folder: archive }, NOW).unwrap();
    assert_eq!(desk.client.replay(NOW).await.unwrap(), 0);
    if shut {
        assert!(desk.store.operations_refused().unwrap().is_empty(), "it passes");
        state.lock().unwrap().2 = false;
        assert_eq!(desk.client.replay(NOW + 600).await.unwrap(), 0);
    }
    assert_eq!(desk.store.operations_refused().unwrap().len(), 3);
    let mut copied = state.lock().unwrap().1.clone();
    copied.sort_unstable();
    assert_eq!(copied, [101, 102, 103], "a mail was copied twice");
}

/// A server with a folder "Work" of mails. Of `late`, one is told at a time: how many mails are in it when it is asked.
fn with_work(late: Vec<u32>, trash: &'static str) -> impl Fn(&mut Box, &str) -> Option<Reply> + Send + Sync + 'static {
    let late = Mutex::new(late.into_iter());
    move |_, command| match command.split(' ').next()? {
        "LIST" => {
            let others = ["INBOX", "Sent", "Archive", "Junk", "Work"].map(|name| format!("* LIST () \"/\" {name}\r\n"));
            Some(Reply::Ok(others.concat() + trash))
        }
        "STATUS" => {
            let count = late.lock().unwrap().next().unwrap_or(1);
            Some(Reply::Ok(format!("* STATUS Work (MESSAGES {count})\r\n")))
        }
        _ => None,
    }
}

#[tokio::test]
async fn a_folder_is_deleted_with_nothing_in_it() {
    let trash = "* LIST (\\Noinferiors) \"/\" Trash\r\n";
    for (late, moves, deleted) in [(vec![0], 1, true), (vec![2, 1, 0], 3, true), (vec![1; 9], 4, false)] {
        let mut desk = Desk::new(Box::of(2, "UIDPLUS MOVE"), with_work(late.clone(), trash)).await;
        let folders = desk.store.folders(desk.account).unwrap();
        let work = folders.iter().find(|folder| folder.name == "Work").unwrap().id;
        desk.heard();
        let done = desk.client.folder_delete(work, NOW).await;
        assert_eq!(done.is_ok(), deleted, "{late:?}: {done:?}");
        let heard = desk.heard();
        let moved = heard.iter().filter(|command| command.starts_with("UID MOVE 1:*")).count();
        let gone = heard.iter().position(|command| command.starts_with("DELETE"));
        assert_eq!((moved, gone.is_some()), (moves, deleted), "{heard:?}");
        assert!(gone.is_none_or(|place| heard[place - 1].starts_with("STATUS")), "{heard:?}");
    }
}

#[tokio::test]
async fn a_folder_is_not_deleted_for_good_where_no_trash_is_known() {
    let mut desk = Desk::new(Box::of(2, "UIDPLUS MOVE"), with_work(vec![0], "")).await;
    let folders = desk.store.folders(desk.account).unwrap();
    let work = folders.iter().find(|folder| folder.name == "Work").unwrap().id;
    let error = desk.client.folder_delete(work, NOW).await.unwrap_err();
    assert!(matches!(error, MailError::Unfit { code: Code::NotPermitted, .. }), "{error:?}");
    assert!(!desk.heard().iter().any(|command| command.starts_with("DELETE")));
}

/// What the server refused of a folder is a person's to decide before the folder goes, and what it has not heard is told first.
#[tokio::test]
async fn a_folder_waits_for_what_is_queued_for_it() {
    let trash = "* LIST (\\Noinferiors) \"/\" Trash\r\n";
    for (answer, deleted) in [(None, true), (Some("NO [NOPERM] nothing comes in here"), false)] {
        let work = with_work(vec![0], trash);
        let twist = move |mailbox: &mut Box, command: &str| match answer {
            Some(words) if command.starts_with("UID MOVE 101 ") => Some(Reply::Tagged(words)),
            _ => work(mailbox, command),
        };
        let mut desk = Desk::new(Box::of(2, "UIDPLUS MOVE"), twist).await;
        desk.sync(30).await.unwrap();
        let folders = desk.store.folders(desk.account).unwrap();
        let work = folders.iter().find(|folder| folder.name == "Work").unwrap().id;
        let id = desk.rows().iter().find(|row| row.message_id == "101@x").unwrap().id;
        desk.store.operate(&[id], &Action::Move { folder: work }, NOW).unwrap();
        // Put off, as after a connection that broke.
        let told = desk.store.operation_next(desk.account, NOW).unwrap().unwrap();
        desk.store.operation_later(told.id, NOW + 300).unwrap();
        desk.heard();
        let done = desk.client.folder_delete(work, NOW).await;
        let heard = desk.heard();
        let place = |what: &str| heard.iter().position(|command| command.starts_with(what));
        if deleted {
            done.unwrap();
            assert!(place("UID MOVE 101 ") < place("UID MOVE 1:*") && place("UID MOVE 101 ").is_some(), "{heard:?}");
            continue;
        }
        assert!(matches!(done, Err(MailError::Unfit { code: Code::FolderWaits, .. })), "{done:?}");
        assert!(place("DELETE").is_none(), "{heard:?}");
        desk.store.operation_discard(desk.store.operations_refused().unwrap()[0].id).unwrap();
        desk.client.folder_delete(work, NOW).await.unwrap();
    }
}

/// Another program renames the folder to which a mail is being moved.
#[tokio::test]
async fn a_mail_follows_a_folder_that_was_renamed_meanwhile() {
    let name = Arc::new(Mutex::new("Work"));
    let twist = {
        let name = name.clone();
        move |mailbox: &mut Box, command: &str| {
            let name = *name.lock().unwrap();
            if command.starts_with("LIST") {
                let Reply::Ok(others) = mailbox.answer(command) else { return None };
                let own = format!(
                    "* LIST () \"/\" {name}\r\n* STATUS {name} (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 99 MAILBOXID (F1))\r\n"
                );
                return Some(Reply::Ok(others + &own));
            }
            let elsewhere = command.starts_with("UID MOVE") && !command.ends_with(&format!("\"{name}\""));
            elsewhere.then_some(Reply::Tagged("NO [TRYCREATE] no such folder"))
        }
    };
    let mut desk = Desk::new(Box::of(3, "UIDPLUS MOVE LIST-STATUS OBJECTID"), twist).await;
    desk.sync(30).await.unwrap();
    let ids: Vec<_> = desk.rows().iter().map(|row| row.id).collect();
    let folders = desk.store.folders(desk.account).unwrap();
    let work = folders.iter().find(|folder| folder.name == "Work").unwrap().id;
    desk.store.operate(&ids, &Action::Move { folder: work }, NOW).unwrap();
    *name.lock().unwrap() = "Arbeid";
    let done = desk.client.replay(NOW).await;
    assert_eq!(done.unwrap(), 3, "{:#?} {:?}", desk.heard(), desk.store.operations_refused());
    assert!(desk.store.operations_refused().unwrap().is_empty());
    assert_eq!(desk.store.folder(work).unwrap().name, "Arbeid");
}
