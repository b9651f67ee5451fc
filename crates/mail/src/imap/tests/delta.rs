//! What changed is fetched, and nothing else is asked for.

use super::fake::{Box, Desk};

const QRESYNC: &str = "ENABLE CONDSTORE QRESYNC ESEARCH LIST-EXTENDED LIST-STATUS UIDPLUS";
const CONDSTORE: &str = "CONDSTORE ESEARCH";
const POOR: &str = "";

#[tokio::test]
async fn a_folder_that_did_not_change_is_not_opened() {
    let mut desk = Desk::new(Box::of(60, QRESYNC), |_, _| None).await;
    assert_eq!(desk.sync(30).await.unwrap(), 60);
    desk.heard();
    assert_eq!(desk.round(30).await.unwrap(), 0);
    let heard = desk.heard();
    assert!(heard.len() == 1 && heard[0].starts_with("LIST"), "{heard:?}");

    // More days than before: there may be more.
    assert_eq!(desk.round(400).await.unwrap(), 0);
    assert!(desk.heard().iter().any(|command| command.starts_with("SELECT")));
    assert_eq!(desk.round(400).await.unwrap(), 0);
    assert_eq!(desk.heard().len(), 1);
}

#[tokio::test]
async fn what_changed_comes_in_two_round_trips_by_qresync_and_is_found_without_it() {
    for (capabilities, most) in [(QRESYNC, 3), (CONDSTORE, 6), (POOR, 6)] {
        let mut desk = Desk::new(Box::of(60, capabilities), |_, _| None).await;
        assert_eq!(desk.sync(30).await.unwrap(), 60);
        let before = desk.rows();
        desk.change(|mailbox| {
            mailbox.mails.retain(|mail| ![103, 104, 110].contains(&mail.uid));
            mailbox.vanished = "1:100,103:104,110".into();
            mailbox.modseq += 1;
            let modseq = mailbox.modseq;
            let changed = mailbox.mails.iter_mut().find(|mail| mail.uid == 107).unwrap();
            (changed.seen, changed.modseq) = (false, modseq);
            mailbox.add("new@x");
        });
        desk.heard();
        assert_eq!(desk.round(30).await.unwrap(), 1, "{capabilities}");
        let heard = desk.heard();
        assert!(heard.len() <= most, "{heard:?}");
        let rows = desk.rows();
        assert_eq!(rows.len(), 58, "{capabilities}");
        assert!(rows.iter().any(|row| row.message_id == "new@x"));
        assert!(!rows.iter().any(|row| ["103@x", "104@x", "110@x"].contains(&row.message_id.as_str())));
        assert!(rows.iter().all(|row| row.flags.seen != ["107@x", "new@x"].contains(&row.message_id.as_str())));
        let kept = rows.iter().filter(|row| before.iter().any(|old| old.id == row.id)).count();
        assert_eq!(kept, 57, "the others were left alone");

        assert_eq!(desk.round(30).await.unwrap(), 0);
        assert_eq!(desk.rows().len(), 58);
    }
}

#[tokio::test]
async fn a_folder_that_is_numbered_anew_keeps_its_mails() {
    for fallen in [false, true] {
        let mut desk = Desk::new(Box::of(60, QRESYNC), |_, _| None).await;
        desk.sync(0).await.unwrap();
        let before = desk.rows();
        desk.change(|mailbox| {
            if !fallen {
                mailbox.validity = 8;
            }
            // Numbers were given to other mails, one went, one came.
            mailbox.mails.remove(0);
            for (place, mail) in mailbox.mails.iter_mut().enumerate() {
                mail.uid = place as u32 + 1;
            }
            mailbox.next = 60;
            mailbox.add("new@x");
            mailbox.mails[4].seen = false;
        });
        desk.heard();
        assert_eq!(desk.round(0).await.unwrap(), 1, "only what is new is fetched");
        let asked = desk.heard();
        let bodies: Vec<_> = asked.iter().filter(|command| command.contains("BODY.PEEK[]")).collect();
        assert!(bodies.iter().all(|command| command.starts_with("UID FETCH 60 ")), "{bodies:?}");
        let rows = desk.rows();
        assert_eq!(rows.len(), 60);
        for old in before.iter().filter(|row| row.message_id != "101@x") {
            let row = rows.iter().find(|row| row.message_id == old.message_id).unwrap();
            assert_eq!(row.id, old.id, "what is bound to the mail stays bound");
            assert_eq!(row.flags.seen, row.message_id != "106@x");
        }
        let uids: Vec<u32> = (1..=60).collect();
        assert_eq!(desk.store.uids(desk.inbox).unwrap(), uids);
    }
}

#[tokio::test]
async fn a_server_that_tells_of_the_wrong_mails_is_compared_with() {
    let mut desk = Desk::new(Box::of(60, QRESYNC), |_, _| None).await;
    desk.sync(0).await.unwrap();
    desk.change(|mailbox| {
        mailbox.vanished = "105:110".into();
        mailbox.modseq += 1;
    });
    desk.round(0).await.unwrap();
    assert_eq!(desk.rows().len(), 60, "they are there, whatever was said");

    // And one that went without a word.
    desk.change(|mailbox| {
        mailbox.vanished = String::new();
        mailbox.mails.remove(30);
        mailbox.modseq += 1;
    });
    desk.round(0).await.unwrap();
    assert_eq!(desk.rows().len(), 59);
}
