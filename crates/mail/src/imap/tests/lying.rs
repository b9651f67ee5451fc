//! Servers that lie, stall or break: what must hold whatever they say.

use super::{
    super::try_out,
    fake::{Box, Desk, NOW, Reply, play},
};
use crate::{
    MailError,
    testkit::{keys, login},
};
use clientele_model::Security;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::Notify;

const USUAL: &str = "ENABLE CONDSTORE QRESYNC ESEARCH LIST-EXTENDED LIST-STATUS UIDPLUS IDLE";

fn fetches_bodies(command: &str) -> bool {
    command.contains("FETCH") && command.contains("BODY.PEEK[]")
}

#[tokio::test]
async fn too_much_at_the_moment_blames_no_mail() {
    for words in ["NO [LIMIT] slow down", "NO [UNAVAILABLE] later"] {
        let limited = Arc::new(AtomicBool::new(true));
        let twist = {
            let limited = limited.clone();
            move |_: &mut Box, command: &str| {
                (limited.load(Ordering::SeqCst) && fetches_bodies(command)).then_some(Reply::Tagged(words))
            }
        };
        let mut desk = Desk::new(Box::of(60, USUAL), twist).await;
        let error = desk.sync(30).await.unwrap_err();
        assert!(error.retryable(), "{error:?}");
        assert!(desk.rows().iter().all(|row| !row.unreadable), "no mail is called unreadable");
        limited.store(false, Ordering::SeqCst);
        desk.sync(30).await.unwrap();
        assert_eq!(desk.rows().iter().filter(|row| !row.unreadable).count(), 60);
    }
}

/// Ten thousand folders take some servers minutes: nobody need wait for them to connect a mailbox.
#[tokio::test]
async fn a_list_that_does_not_end_keeps_nobody_from_signing_in() {
    let mailbox = Arc::new(std::sync::Mutex::new(Box::of(1, USUAL)));
    let begun = "* LIST () \"/\" INBOX\r\n* LIST () \"/\" Sent\r\n";
    let port = play(mailbox, move |_, command| command.starts_with("LIST").then(|| Reply::Raw(begun.into()))).await;
    let begun = Instant::now();
    let tried = try_out(&keys().client, &login(port, Security::None)).await;
    assert!(tried.error.is_none() && begun.elapsed() < Duration::from_secs(20), "{tried:?}");
    assert_eq!(tried.folders, 2);
}

#[tokio::test]
async fn a_goodbye_in_the_middle_costs_nothing_that_came() {
    let left = Arc::new(AtomicU32::new(3));
    let twist = move |mailbox: &mut Box, command: &str| {
        if !fetches_bodies(command) || left.load(Ordering::SeqCst) == 0 {
            return None;
        }
        left.fetch_sub(1, Ordering::SeqCst);
        let Reply::Ok(lines) = mailbox.answer(command) else { return None };
        let half = lines.len() / 2;
        Some(Reply::Last(format!("{}\r\n* BYE server shutting down\r\n", &lines[..half])))
    };
    let mut desk = Desk::new(Box::of(120, USUAL), twist).await;
    for _ in 0..4 {
        if desk.sync(30).await.is_ok() {
            break;
        }
    }
    let rows = desk.rows();
    assert_eq!(rows.len(), 120);
    assert!(rows.iter().all(|row| !row.unreadable), "a connection that broke is not a mail that cannot be read");
}

#[tokio::test]
async fn numbers_out_of_order_twice_or_of_nobody_do_no_harm() {
    let twist = |mailbox: &mut Box, command: &str| {
        if command.starts_with("UID SEARCH") {
            return Some(Reply::Ok(
                "* ESEARCH (TAG \"x\") UID ALL 160:101\r\n* ESEARCH (TAG \"y\") UID ALL 101\r\n".into(),
            ));
        }
        if !fetches_bodies(command) {
            return None;
        }
        let Reply::Ok(lines) = mailbox.answer(command) else { return None };
        // Backwards, each twice, with flags of a mail that does not exist and a removal in between.
        let mut answers: Vec<&str> = lines.split_inclusive(")\r\n").collect();
        answers.reverse();
        let twice: String = answers.iter().map(|answer| format!("{answer}{answer}")).collect();
        Some(Reply::Ok(format!("* 9999 FETCH (UID 4294967295 FLAGS (\\Seen))\r\n* 1 EXPUNGE\r\n{twice}")))
    };
    let mut desk = Desk::new(Box::of(60, USUAL), twist).await;
    for _ in 0..3 {
        desk.sync(30).await.unwrap();
    }
    assert_eq!(desk.rows().len(), 60);
    assert_eq!(desk.store.uids(desk.inbox).unwrap(), (101..=160).collect::<Vec<_>>());
}

#[tokio::test]
async fn bodies_of_other_mails_than_asked_for_are_not_taken_for_them() {
    // Whatever numbers are asked for, the first two mails come too, with each other's numbers beyond the folder.
    let twist = |mailbox: &mut Box, command: &str| {
        if !command.starts_with("UID FETCH") || !fetches_bodies(command) {
            return None;
        }
        let Reply::Ok(lines) = mailbox.answer(command) else { return None };
        let Reply::Ok(others) = mailbox.answer(&command.replace(command.split(' ').nth(2).unwrap(), "101:102")) else {
            return None;
        };
        Some(Reply::Ok(format!("{}{lines}", others.replace("UID 101 ", "UID 90001 ").replace("UID 102 ", "UID 7 "))))
    };
    let mut desk = Desk::new(Box::of(60, USUAL), twist).await;
    desk.sync(0).await.unwrap();
    desk.change(|mailbox| mailbox.add("new@x"));
    desk.round(0).await.unwrap();
    desk.round(0).await.unwrap();
    assert_eq!(desk.store.uids(desk.inbox).unwrap(), (101..=161).collect::<Vec<_>>());
    assert_eq!(desk.rows().iter().filter(|row| row.message_id == "101@x").count(), 1);
}

#[tokio::test]
async fn a_mail_that_goes_while_it_is_fetched_takes_no_other_with_it() {
    let gone = Arc::new(AtomicBool::new(false));
    let twist = move |mailbox: &mut Box, command: &str| {
        if !fetches_bodies(command) || gone.swap(true, Ordering::SeqCst) {
            return None;
        }
        let Reply::Ok(lines) = mailbox.answer(command) else { return None };
        // Told in the middle of the answer (RFC 9051 forbids it, some do), and the places in the row move.
        let mails: Vec<&str> = lines.split_inclusive(")\r\n").collect();
        let (early, late) = mails.split_at(20);
        let place = mailbox.mails.iter().position(|mail| mail.uid == 150).unwrap();
        mailbox.mails.remove(place);
        mailbox.vanished = "150".into();
        mailbox.modseq += 1;
        let late: Vec<&str> = late.iter().copied().filter(|mail| !mail.contains("UID 150 ")).collect();
        Some(Reply::Ok(format!("{}* {} EXPUNGE\r\n{}", early.concat(), place + 1, late.concat())))
    };
    let mut desk = Desk::new(Box::of(60, USUAL), twist).await;
    for _ in 0..2 {
        desk.round(0).await.unwrap();
    }
    let left: Vec<u32> = (101..=160).filter(|uid| *uid != 150).collect();
    assert_eq!(desk.store.uids(desk.inbox).unwrap(), left);
    assert!(desk.rows().iter().all(|row| !row.unreadable));
}

#[tokio::test]
async fn a_folder_whose_numbers_change_with_every_look_loses_and_doubles_nothing() {
    let flips = Arc::new(AtomicBool::new(true));
    let twist = {
        let flips = flips.clone();
        move |mailbox: &mut Box, command: &str| {
            if command.starts_with("SELECT") && flips.load(Ordering::SeqCst) {
                mailbox.validity = if mailbox.validity == 7 { 8 } else { 7 };
            }
            None
        }
    };
    let mut desk = Desk::new(Box::of(60, USUAL), twist).await;
    desk.sync(0).await.unwrap();
    let before: Vec<_> = desk.rows().iter().map(|row| (row.id, row.message_id.clone())).collect();
    for _ in 0..4 {
        // It may give up; what is here stands.
        let _ = desk.round(0).await;
        assert_eq!(desk.rows().len(), 60);
    }
    flips.store(false, Ordering::SeqCst);
    desk.change(|mailbox| mailbox.add("new@x"));
    desk.round(0).await.unwrap();
    let rows = desk.rows();
    assert_eq!(rows.len(), 61);
    assert!(
        before.iter().all(|(id, message_id)| rows.iter().any(|row| row.id == *id && row.message_id == *message_id))
    );
}

#[tokio::test]
async fn a_line_without_an_end_ends() {
    let port = crate::testkit::serve(|mut tcp: tokio::net::TcpStream| async move {
        use tokio::io::AsyncWriteExt as _;
        let numbers = " 123456789".repeat(100_000);
        let _ = tcp.write_all(b"* SEARCH").await;
        while tcp.write_all(numbers.as_bytes()).await.is_ok() {}
    })
    .await;
    let login = crate::testkit::login(port, clientele_model::Security::None);
    let stream = clientele_net::connect(&crate::testkit::keys().client, &login.endpoint, Duration::from_secs(5)).await;
    let mut wire = super::super::wire::Wire::new(stream.unwrap(), Duration::from_secs(30));
    let end = wire.read().await;
    assert!(matches!(end, Err(MailError::Protocol(_))), "{end:?}");
}

#[tokio::test]
async fn a_server_that_makes_mails_up_is_left() {
    // Without an end: every mail another UID.
    let twist = |_: &mut Box, command: &str| {
        fetches_bodies(command).then(|| {
            let endless: String = (1..50_000)
                .map(|uid| format!("* 1 FETCH (UID {uid} FLAGS () INTERNALDATE \" 1-Nov-2026 10:00:00 +0000\" RFC822.SIZE 3 BODY[]<0> {{3}}\r\na\r\n)\r\n"))
                .collect();
            Reply::Last(endless)
        })
    };
    let mut desk = Desk::new(Box::of(60, USUAL), twist).await;
    let _ = desk.sync(30).await;
    assert!(desk.rows().len() < 1_000, "the disk is not filled");

    let twist = |_: &mut Box, command: &str| {
        command.starts_with("UID SEARCH").then(|| Reply::Ok("* ESEARCH (TAG \"x\") UID ALL 1:4294967295\r\n".into()))
    };
    let mut desk = Desk::new(Box::of(60, USUAL), twist).await;
    let error = desk.sync(30).await.unwrap_err();
    assert!(matches!(error, MailError::Protocol(_)), "{error:?}");
    assert!(desk.rows().len() >= 50, "and what came before it stands");
}

#[tokio::test]
async fn garbage_in_every_answer_ends_in_an_error_and_not_in_loss() {
    let broken = Arc::new(AtomicBool::new(false));
    let twist = {
        let broken = broken.clone();
        move |_: &mut Box, command: &str| {
            if !broken.load(Ordering::SeqCst) || command.starts_with("CAPABILITY") || command.starts_with("AUTH") {
                return None;
            }
            Some(Reply::Raw("* ((((\r\n* 5 \u{0}\u{1}\r\n*\r\n\r\nTAG OK [[[ fine\r\n".into()))
        }
    };
    let mut desk = Desk::new(Box::of(60, USUAL), twist).await;
    desk.sync(0).await.unwrap();
    broken.store(true, Ordering::SeqCst);
    for _ in 0..2 {
        // The list comes back empty, the folder without its number.
        let _ = desk.round(0).await;
        let _ = desk.sync(0).await;
    }
    assert_eq!(desk.rows().len(), 60);
    broken.store(false, Ordering::SeqCst);
    desk.change(|mailbox| mailbox.add("new@x"));
    assert_eq!(desk.round(0).await.unwrap(), 1);
    assert_eq!(desk.rows().len(), 61);
}

#[tokio::test]
async fn hostile_folder_names_are_shown_harmless_or_not_at_all() {
    let twist = |_: &mut Box, command: &str| {
        command.starts_with("LIST").then(|| {
            let long = "x".repeat(5_000);
            Reply::Ok(format!(
                "* LIST () \"/\" INBOX\r\n* LIST () \"/\" \"../../etc/passwd\"\r\n* LIST () \"/\" {{9}}\r\nA\r\nB LIST\r\n\
                 * LIST () \"/\" \"&IC4-gnp.exe\"\r\n* LIST () \"/\" {long}\r\n* LIST () \"/\" \"a\\\"b\\\\c\"\r\n\
                 * LIST () NIL NIL\r\n* LIST () \"/\" INBOX\r\n* LIST () \"/\" \"&AAA-\"\r\n"
            ))
        })
    };
    let desk = Desk::new(Box::of(1, ""), twist).await;
    let names: Vec<String> = desk.store.folders(desk.account).unwrap().into_iter().map(|folder| folder.path).collect();
    assert!(
        names.iter().all(|name| name.len() < 3_000 && !name.chars().any(|letter| letter.is_control())),
        "{names:?}"
    );
    assert!(names.contains(&"../../etc/passwd".to_owned()) && names.contains(&"gnp.exe".to_owned()), "{names:?}");
    assert_eq!(names.iter().filter(|name| *name == "INBOX").count(), 1);
}

#[tokio::test]
async fn ten_thousand_folders_are_listed_in_seconds() {
    let twist = |_: &mut Box, command: &str| {
        command.starts_with("LIST").then(|| {
            let all: String = (0..10_000)
                .map(|n| {
                    format!("* LIST () \"/\" \"F/{n}\"\r\n* STATUS \"F/{n}\" (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 5 HIGHESTMODSEQ 1)\r\n")
                })
                .collect();
            Reply::Ok(format!("* LIST () \"/\" INBOX\r\n{all}"))
        })
    };
    let mut desk = Desk::new(Box::of(1, USUAL), twist).await;
    let begun = Instant::now();
    let folders = desk.client.sync_folders().await.unwrap();
    assert_eq!(folders.len(), 10_001);
    desk.heard();
    for folder in folders.iter().filter(|folder| folder.path != "INBOX").take(200) {
        desk.client.sync_folder(folder.id, 30, NOW, Arc::new(|_| {})).await.unwrap();
    }
    assert!(desk.heard().is_empty(), "an empty folder need not be opened");
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn an_idle_that_is_never_acknowledged_ends_and_is_not_tried_again() {
    let twist = |mailbox: &mut Box, command: &str| match command {
        "IDLE" => Some(Reply::Silence),
        "NOOP" => {
            mailbox.add("new@x");
            Some(Reply::Ok(format!("* {} EXISTS\r\n", mailbox.mails.len())))
        }
        _ => None,
    };
    let mut desk = Desk::new(Box::of(3, USUAL), twist).await;
    desk.sync(30).await.unwrap();
    let begun = Instant::now();
    let wake = Notify::new();
    let ended = desk.client.idle(desk.inbox, &wake).await;
    assert!(matches!(ended, Err(MailError::Timeout)), "{ended:?}");
    assert!(begun.elapsed() < Duration::from_secs(30), "within half a minute");
    // From now on it is asked now and then instead; a person who asks is heard at once.
    wake.notify_one();
    assert_eq!(desk.client.idle(desk.inbox, &wake).await.unwrap(), super::super::Woken::Asked);
    assert_eq!(desk.heard().iter().filter(|command| *command == "IDLE").count(), 1);
}

#[tokio::test]
async fn an_unreadable_mail_is_tried_again_by_a_newer_program() {
    let odd = Arc::new(AtomicBool::new(true));
    let twist = {
        let odd = odd.clone();
        move |_: &mut Box, command: &str| {
            (odd.load(Ordering::SeqCst) && fetches_bodies(command)).then_some(Reply::Tagged("NO it is broken"))
        }
    };
    let mut desk = Desk::new(Box::of(1, USUAL), twist).await;
    desk.sync(30).await.unwrap();
    assert!(desk.rows()[0].unreadable, "kept, and visibly so");
    odd.store(false, Ordering::SeqCst);
    desk.round(30).await.unwrap();
    assert!(desk.rows()[0].unreadable, "the same program does not try again and again");
    let mut state = desk.folder().state;
    state.note = state.note.replace(env!("CARGO_PKG_VERSION"), "0.0.1");
    desk.store.folder_state_set(desk.inbox, &state).unwrap();
    desk.round(30).await.unwrap();
    let rows = desk.rows();
    assert!(rows.len() == 1 && !rows[0].unreadable && rows[0].subject == "Mail 101@x", "{rows:?}");
    assert!(desk.store.raw(rows[0].id).unwrap().is_some());
}

#[tokio::test]
async fn a_mail_beyond_the_first_piece_is_completed() {
    let mut mailbox = Box::of(3, USUAL);
    for (mail, lines) in mailbox.mails.iter_mut().zip([30_000, 60_000, 1]) {
        mail.text = format!("{}{}", Box::text(&format!("{lines}@x")), "0123456789 0123456789\r\n".repeat(lines));
    }
    let whole: Vec<String> = mailbox.mails.iter().map(|mail| mail.text.clone()).collect();
    let mut desk = Desk::new(mailbox, |_: &mut Box, _: &str| None).await;
    desk.sync(30).await.unwrap();
    let rows = desk.rows();
    assert_eq!(rows.len(), 3);
    for row in rows {
        let raw = desk.store.raw(row.id).unwrap().unwrap();
        assert!(whole.iter().any(|text| text.as_bytes() == raw), "{}: {} bytes", row.subject, raw.len());
    }
    // Only the one of 1.4 MB was asked for again, in pieces.
    let pieces: Vec<String> = desk.heard().into_iter().filter(|command| command.contains(".524288>")).collect();
    assert!(pieces.len() == 3 && pieces.iter().all(|command| command.starts_with("UID FETCH 102 ")), "{pieces:?}");
}

#[tokio::test]
async fn a_piece_that_was_not_asked_for_is_not_glued_into_a_mail() {
    // A server that knows no pieces gives the whole each time.
    let twist = |mailbox: &mut Box, command: &str| {
        if !command.contains("BODY.PEEK[]<") {
            return None;
        }
        let (before, behind) = command.split_once("[]<")?;
        let (_, behind) = behind.split_once('>')?;
        Some(mailbox.answer(&format!("{before}[]{behind}")))
    };
    let mut mailbox = Box::of(1, USUAL);
    mailbox.mails[0].text = format!("{}{}", Box::text("big@x"), "0123456789 0123456789\r\n".repeat(60_000));
    let whole = mailbox.mails[0].text.clone();
    let mut desk = Desk::new(mailbox, twist).await;
    desk.sync(30).await.unwrap();
    let id = desk.rows()[0].id;
    assert_eq!(desk.store.raw(id).unwrap().unwrap(), whole.as_bytes());
    desk.client.fetch_body(id).await.unwrap();
    assert_eq!(desk.store.raw(id).unwrap().unwrap(), whole.as_bytes());
}

#[tokio::test]
async fn a_response_that_drips_does_not_hold_up_for_ever() {
    let port = crate::testkit::serve(|mut tcp: tokio::net::TcpStream| async move {
        use tokio::io::AsyncWriteExt as _;
        let _ = tcp.write_all(b"* OK {1000000}").await;
        while tcp.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    let login = crate::testkit::login(port, clientele_model::Security::None);
    let stream = clientele_net::connect(&crate::testkit::keys().client, &login.endpoint, Duration::from_secs(5)).await;
    let mut wire = super::super::wire::Wire::new(stream.unwrap(), Duration::from_millis(300));
    let begun = Instant::now();
    let end = wire.read().await;
    assert!(matches!(end, Err(MailError::Timeout)), "{end:?}");
    assert!(begun.elapsed() < Duration::from_secs(5), "each byte came in time, the response did not");
}
