//! The whole of this crate against a real Dovecot and a real Postfix, with the server's own view as the judge.
#![allow(clippy::unwrap_used)]

mod home;

use clientele_mail::{
    Login, MailError,
    imap::{self, Progress, Report, Woken},
    smtp::{self, Mail, Outcome},
};
use clientele_model::{Action, FolderRole, MessageId, Security};
use clientele_store::{Appended, NewMessage};
use clientele_tests::world::{INGRID, bench, faults};
use home::{Home, mail};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::Notify;

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_is_kept_in_step() {
    let home = Home::new();
    home.world.store(INGRID, &bench::mails(300, home.now)).unwrap();
    let mut client = home.client();
    let folders = client.sync_folders().await.unwrap();
    let roles: Vec<_> = folders.iter().map(|folder| folder.role).collect();
    use FolderRole::{Done, Drafts, Inbox, Junk, Sent, Trash};
    for role in [Inbox, Sent, Drafts, Done, Junk, Trash] {
        assert_eq!(roles.iter().filter(|seen| **seen == role).count(), 1, "{role:?}");
    }

    // The newest fifty first, then the rest.
    let told: Arc<Mutex<Vec<Progress>>> = Arc::default();
    let note: Report = {
        let told = told.clone();
        Arc::new(move |progress| told.lock().unwrap().push(progress))
    };
    let synced = client.sync_folder(home.folder(Inbox), 30, home.now, note).await.unwrap();
    assert_eq!((synced.fresh.len(), synced.first), (300, true));
    assert_eq!(told.lock().unwrap()[..2], [Progress { done: 0, total: 50 }, Progress { done: 50, total: 50 }]);
    assert_eq!(told.lock().unwrap().last(), Some(&Progress { done: 300, total: 300 }));
    let newest = home.store.row(synced.fresh[0]).unwrap();
    assert!(newest.subject.starts_with("Order 2") && !newest.partial, "{}", newest.subject);
    assert!(synced.fresh[..50].iter().all(|id| home.store.row(*id).unwrap().date > home.now - 601 * 51));
    assert_eq!(home.store.folder(home.folder(Inbox)).unwrap().unread as usize, home.there("mailbox INBOX unseen"));
    assert!(home.sync(&mut client, Inbox).await.fresh.is_empty());

    // What a person does reaches the server.
    let ids: Vec<MessageId> = home.rows(Inbox).iter().filter(|row| !row.flags.seen).map(|row| row.id).collect();
    let unseen = home.there("mailbox INBOX unseen");
    home.act(&ids[..3], Action::Read);
    home.act(&ids[..2], Action::Flag);
    home.act(&ids[3..6], Action::Done);
    home.act(&ids[6..7], Action::Delete);
    assert_eq!(client.replay(home.now).await.unwrap(), 9);
    assert_eq!(home.there("mailbox INBOX unseen"), unseen - 3 - 3 - 1);
    assert_eq!(home.there("mailbox INBOX flagged"), 2);
    assert_eq!((home.there("mailbox Archive all"), home.there("mailbox Trash all")), (3, 1));
    for role in [Inbox, Done, Trash] {
        assert!(home.sync(&mut client, role).await.fresh.is_empty(), "{role:?}: what was moved is known");
    }
    assert_eq!((home.rows(Done).len(), home.rows(Trash).len()), (3, 1));
    home.act(&ids[6..7], Action::Delete);
    assert_eq!(client.replay(home.now).await.unwrap(), 0, "it could be undone");
    assert_eq!(client.replay(home.now + 60).await.unwrap(), 1);
    assert_eq!(home.there("mailbox Trash all"), 0, "out of Trash for good");

    // A move whose answer was lost is recognised, not repeated.
    let lost = home.rows(Inbox)[10].clone();
    home.act(&[lost.id], Action::Done);
    let id = format!("mailbox INBOX header message-id <{}>", lost.message_id);
    let mut by_other = vec!["move", "-u", INGRID, "Archive"];
    by_other.extend(id.split(' '));
    home.world.doveadm(&by_other).unwrap();
    assert_eq!(client.replay(home.now).await.unwrap(), 1);
    assert_eq!(home.there("mailbox Archive all"), 4);
    assert!(home.sync(&mut client, Done).await.fresh.is_empty());
    assert_eq!(home.rows(Done).len(), 4);

    // What others do reaches the store.
    home.world
        .doveadm(&["flags", "add", "-u", INGRID, "\\Flagged", "mailbox", "INBOX", "subject", "Order 299 "])
        .unwrap();
    home.world.doveadm(&["expunge", "-u", INGRID, "mailbox", "INBOX", "subject", "Order 298 "]).unwrap();
    home.sync(&mut client, Inbox).await;
    let rows = home.rows(Inbox);
    assert!(rows.iter().find(|row| row.subject.starts_with("Order 299 ")).unwrap().flags.flagged);
    assert!(!rows.iter().any(|row| row.subject.starts_with("Order 298 ")));

    // The server numbers a folder anew.
    home.world.doveadm(&["mailbox", "delete", "-u", INGRID, "Archive"]).unwrap();
    home.world.doveadm(&["mailbox", "create", "-u", INGRID, "Archive"]).unwrap();
    home.world.doveadm(&["copy", "-u", INGRID, "Archive", "mailbox", "INBOX", "subject", "Order 297 "]).unwrap();
    let mut again = home.client();
    home.sync(&mut again, Done).await;
    let rows = home.rows(Done);
    assert_eq!(rows.len(), 1);
    assert!(rows[0].subject.starts_with("Order 297 "));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrives_is_heard_at_once_and_large_mails_come_whole() {
    let home = Home::new();
    let mut client = home.client();
    client.sync_folders().await.unwrap();
    assert!(home.sync(&mut client, FolderRole::Inbox).await.first);

    let inbox = home.folder(FolderRole::Inbox);
    let wake = Notify::new();
    wake.notify_one();
    assert_eq!(client.idle(inbox, &wake).await.unwrap(), Woken::Asked);
    let (woken, ()) =
        tokio::join!(async { tokio::time::timeout(Duration::from_secs(10), client.idle(inbox, &wake)).await }, async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            home.world.deliver("maja@fjordlys.example", INGRID, &mail("1", "One", "hello")).unwrap();
        });
    assert_eq!(woken.expect("heard within ten seconds").unwrap(), Woken::Server);
    let synced = home.sync(&mut client, FolderRole::Inbox).await;
    assert_eq!((synced.fresh.len(), synced.first), (1, false));
    assert_eq!(home.store.row(synced.fresh[0]).unwrap().from.email, "maja@fjordlys.example");

    let large = mail("2", "Large", &"0123456789 0123456789 0123456789\r\n".repeat(40_000));
    home.world.deliver("maja@fjordlys.example", INGRID, &large).unwrap();
    let synced = home.sync(&mut client, FolderRole::Inbox).await;
    let raw = home.store.raw(synced.fresh[0]).unwrap().expect("the body is here");
    assert!(raw.len() > large.len() && raw.ends_with(&large[large.len() - 100_000..]), "{} bytes", raw.len());
    let before = home.store.row(synced.fresh[0]).unwrap();
    assert!(!before.partial && !before.unreadable);
    client.fetch_body(synced.fresh[0]).await.unwrap();
    assert_eq!(home.store.raw(synced.fresh[0]).unwrap().unwrap(), raw, "on demand the same");

    // Half a mail that an earlier sync left is completed.
    home.world.deliver("maja@fjordlys.example", INGRID, &mail("3", "Half", "whole")).unwrap();
    let uid = home.world.fetch(INGRID, "uid", "mailbox INBOX subject Half").unwrap();
    let uid = uid.trim().trim_start_matches("uid: ").parse().unwrap();
    let half = NewMessage { uid, date: home.now, subject: "Half".into(), partial: true, ..NewMessage::default() };
    let half = home.store.messages_insert(home.account, inbox, vec![half]).unwrap()[0].id;
    assert!(home.sync(&mut client, FolderRole::Inbox).await.fresh.is_empty());
    assert!(home.store.raw(half).unwrap().expect("completed").ends_with(b"whole\r\n"));

    let sent = Appended {
        message_id: "7@nordvik.example".into(),
        subject: "Sent".into(),
        seen: true,
        draft: false,
        raw: b"Message-ID: <7@nordvik.example>\r\nSubject: Sent\r\n\r\nx\r\n".to_vec(),
    };
    for _ in 0..2 {
        home.store.append_queue(home.folder(FolderRole::Sent), &sent, home.now).unwrap();
        assert_eq!(client.replay(home.now).await.unwrap(), 1);
    }
    assert_eq!(home.there("mailbox Sent seen subject Sent"), 1, "once in Sent");

    // Dropped in the middle of a command, the connection is not used for the next.
    let _ = tokio::time::timeout(Duration::from_millis(1), home.sync(&mut client, FolderRole::Inbox)).await;
    assert!(home.sync(&mut client, FolderRole::Inbox).await.fresh.is_empty());
    assert_eq!(home.rows(FolderRole::Inbox).len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_lost_makes_no_second_copy() {
    let home = Home::new();
    let mut client = home.client();
    home.world.deliver("maja@fjordlys.example", INGRID, &mail("1", "Offer", "x")).unwrap();
    client.sync_folders().await.unwrap();
    home.sync(&mut client, FolderRole::Inbox).await;
    let id = home.rows(FolderRole::Inbox)[0].id;
    home.act(&[id], Action::Copy { folder: home.folder(FolderRole::Done) });
    // The server did it, and nobody heard.
    let told = home.store.operation_next(home.account, home.now).unwrap().unwrap();
    home.world.doveadm(&["copy", "-u", INGRID, "Archive", "mailbox", "INBOX", "subject", "Offer"]).unwrap();
    home.store.operation_later(told.id, home.now).unwrap();
    assert_eq!(client.replay(home.now).await.unwrap(), 1);
    assert_eq!((home.there("mailbox Archive subject Offer"), home.there("mailbox INBOX subject Offer")), (1, 1));
    assert!(home.sync(&mut client, FolderRole::Done).await.fresh.is_empty(), "and it is known by its number");
    assert_eq!(home.rows(FolderRole::Done).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_goes_and_comes_back_costs_nothing() {
    let mut home = Home::new();
    home.world.store(INGRID, &bench::mails(20, home.now)).unwrap();
    let mut client = home.client();
    client.sync_folders().await.unwrap();
    home.sync(&mut client, FolderRole::Inbox).await;
    let id = home.rows(FolderRole::Inbox)[0].id;
    home.act(&[id], Action::Done);
    home.world.dovecot_stop().unwrap();
    let failed = client.replay(home.now).await.expect_err("no server");
    assert!(failed.retryable(), "{failed:?}");
    let failed = client.sync_folder(home.folder(FolderRole::Inbox), 30, home.now, Arc::new(|_| {})).await;
    assert!(failed.is_err_and(|error| error.retryable()));
    assert_eq!(home.store.operations_queued(home.account).unwrap(), 1, "it waits");
    home.world.dovecot_again().unwrap();
    assert_eq!(client.replay(home.now + 3600).await.unwrap(), 1);
    assert_eq!((home.there("mailbox Archive all"), home.there("mailbox INBOX all")), (1, 19));
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_is_sent_by_each_protection_and_refused_with_its_reason() {
    let home = Home::new();
    let ports = home.world.ports().clone();
    let to = |recipient: &str, raw: Vec<u8>| Mail { from: INGRID.into(), recipients: vec![recipient.into()], raw };
    for (port, security, id) in [(ports.smtps, Security::Tls, "a"), (ports.submission, Security::Starttls, "b")] {
        let mail = to("maja@fjordlys.example", mail(id, id, ".a dot\r\n."));
        let outcome = smtp::send(&home.net, &home.login(port, security), &mail, || async { Ok(()) }).await;
        assert!(matches!(outcome, Outcome::Delivered), "{outcome:?}");
    }
    for _ in 0..50 {
        if home.world.count("maja@fjordlys.example", "mailbox INBOX all").unwrap_or(0) == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let text = home.world.fetch("maja@fjordlys.example", "text", "mailbox INBOX subject a").unwrap();
    assert!(text.contains("\n.a dot") && text.contains("\n.\n") | text.contains("\n.\r\n"), "{text}");

    for (recipient, answer) in faults::RECIPIENTS {
        let login = home.login(ports.smtps, Security::Tls);
        let outcome = smtp::send(&home.net, &login, &to(recipient, mail("c", "c", "x")), || async { Ok(()) }).await;
        let code: u16 = answer[..3].parse().unwrap();
        match &outcome {
            Outcome::Refused { permanent, code: told, recipients, .. } => {
                assert_eq!(
                    (*told, *permanent, recipients.as_slice()),
                    (code, code >= 500, &[recipient.to_owned()][..])
                );
            }
            other => panic!("{recipient}: {other:?}"),
        }
    }
    let plain = smtp::try_out(&home.net, &home.login(ports.smtps, Security::None), INGRID).await;
    assert_eq!(plain.error.as_ref().map(MailError::code), Some("plain_to_tls_port"), "{plain:?}");
    let net = smtp::try_out(&home.net, &home.login(ports.submission, Security::Tls), INGRID).await;
    assert_eq!(net.error.as_ref().map(MailError::code), Some("tls_to_plain_port"), "{net:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_certificates_and_passwords_of_real_servers_are_told_apart() {
    let home = Home::new();
    let ports = home.world.ports().clone();
    let code = async |login: Login| {
        let tried = imap::try_out(&home.net, &login).await;
        tried.error.map(|error| error.code())
    };
    let at = |host: &str| {
        let mut login = home.login(ports.imaps, Security::Tls);
        login.endpoint.host = host.into();
        login
    };
    assert_eq!(code(at("localhost")).await, None);
    assert_eq!(code(at(faults::EXPIRED)).await, Some("certificate_expired"));
    assert_eq!(code(at(faults::FOREIGN)).await, Some("certificate_unknown_issuer"));
    assert_eq!(code(at(faults::OTHER_NAME)).await, Some("certificate_wrong_name"));
    assert_eq!(code(home.login(ports.imap, Security::Starttls)).await, None);
    assert_eq!(code(home.login(ports.imap_plain, Security::None)).await, None);
    assert_eq!(code(home.login(ports.imap_plain, Security::Tls)).await, Some("tls_to_plain_port"));
    assert_eq!(code(home.login(ports.imaps, Security::Starttls)).await, Some("plain_to_tls_port"));
    assert_eq!(code(home.login(ports.smtp_plain, Security::None)).await, Some("not_mail"));
    let mut wrong = at("localhost");
    wrong.secret = Arc::new(clientele_model::Credential::password("wrong"));
    assert_eq!(code(wrong.clone()).await, Some("sign_in_refused"));
    wrong.endpoint.port = ports.smtps;
    let tried = smtp::try_out(&home.net, &wrong, INGRID).await;
    assert_eq!(tried.error.map(|error| error.code()), Some("sign_in_refused"));
}
