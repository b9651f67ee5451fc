//! Names and headers in UTF-8 (RFC 9755), and in modified UTF-7 where that is all that a server knows. Dovecot 2.3 does not offer
//! the first.

use super::fake::{Box, Desk, NOW, Reply};
use clientele_model::Action;

const PLAIN: &str = "UIDPLUS MOVE ENABLE LIST-STATUS";
const OFFERED: &str = "UIDPLUS MOVE ENABLE LIST-STATUS UTF8=ACCEPT";
const ONLY: &str = "UIDPLUS MOVE ENABLE LIST-STATUS UTF8=ONLY";

/// A server with a folder "Søk & co" and one named in the course of the test, which it names as the connection has agreed on.
fn twist(mailbox: &mut Box, command: &str) -> Option<Reply> {
    let begun = mailbox.heard.iter().rposition(|one| one.starts_with("AUTHENTICATE"));
    let enabled = mailbox.heard[begun.unwrap_or(0)..].iter().any(|one| one == "ENABLE UTF8=ACCEPT");
    let own = if enabled { "Søk & co" } else { "S&APg-k &- co" };
    let known = |name: &str| ["INBOX", "Sent", "Archive", "Junk", "Trash", own].contains(&name);
    match command.split(' ').next()? {
        "ENABLE" if command.contains("UTF8") => Some(Reply::Ok("* ENABLED UTF8=ACCEPT\r\n".into())),
        "LIST" => {
            let Reply::Ok(others) = mailbox.answer(command) else { return None };
            let made = mailbox.heard.iter().any(|one| one.starts_with("CREATE"));
            let made = if made {
                format!("* LIST () \"/\" \"{own}/{}\"\r\n", if enabled { "Åsen" } else { "&AMU-sen" })
            } else {
                String::new()
            };
            let status = format!("* STATUS \"{own}\" (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 7)\r\n");
            Some(Reply::Ok(format!("{others}* LIST () \"/\" \"{own}\"\r\n{made}{status}")))
        }
        "SELECT" if !known(command.split('"').nth(1)?) => Some(Reply::Tagged("NO [NONEXISTENT] no such folder")),
        "UID" if command.contains(" MOVE ") && !known(command.split('"').nth(1)?) => {
            Some(Reply::Tagged("NO [TRYCREATE] no such folder"))
        }
        "UID" if command.contains(" SEARCH ") && command.ends_with('}') => Some(Reply::Tagged("NO not now")),
        _ => None,
    }
}

fn path(desk: &Desk, path: &str) -> (clientele_model::FolderId, String) {
    let folders = desk.store.folders(desk.account).unwrap();
    let found = folders.iter().find(|folder| folder.path == path);
    let found = found.unwrap_or_else(|| panic!("no {path}: {folders:?}"));
    (found.id, found.server_name.clone())
}

#[tokio::test]
async fn a_filled_store_keeps_its_folders_whatever_names_are_written_in() {
    let mut mailbox = Box::of(3, PLAIN);
    mailbox.mails[0].text =
        "Message-ID: <101@x>\r\nSubject: Tilbud på brødrene\r\nFrom: Åse <åse@bø.example>\r\n\r\nx\r\n".into();
    let mut desk = Desk::new(mailbox, twist).await;
    desk.sync(30).await.unwrap();
    let own = path(&desk, "Søk & co");
    for (number, (offered, name)) in
        [(PLAIN, "S&APg-k &- co"), (OFFERED, "Søk & co"), (ONLY, "Søk & co"), (PLAIN, "S&APg-k &- co")]
            .into_iter()
            .enumerate()
    {
        desk.client.close().await;
        desk.change(|mailbox| mailbox.capabilities = offered);
        desk.heard();
        // Told before the folders are listed on this connection.
        if let Some(row) = desk.rows().first() {
            desk.store.operate(&[row.id], &Action::Move { folder: own.0 }, NOW).unwrap();
            assert_eq!(desk.client.replay(NOW).await.unwrap(), 1, "{offered}");
            assert!(desk.store.operations_refused().unwrap().is_empty(), "{offered}");
            let heard = desk.mailbox.lock().unwrap().heard.clone();
            let moved = heard.iter().find(|one| one.contains("MOVE")).unwrap();
            assert!(moved.ends_with(&format!("\"{name}\"")), "{moved}");
        }
        desk.client.sync_folders().await.unwrap();
        assert_eq!(path(&desk, "Søk & co"), own, "{offered}");
        desk.client.sync_folder(own.0, 30, NOW, std::sync::Arc::new(|_| {})).await.unwrap();
        if number == 1 {
            desk.client.folder_create(Some(own.0), "Åsen").await.unwrap();
            let heard = desk.mailbox.lock().unwrap().heard.clone();
            assert!(heard.contains(&"CREATE \"Søk & co/Åsen\"".to_owned()), "{heard:?}");
            assert_eq!(path(&desk, "Søk & co/Åsen").1, "S&APg-k &- co/&AMU-sen");
        }
    }
}

#[tokio::test]
async fn headers_in_utf8_are_read_and_a_search_names_no_charset() {
    for (offered, charset) in [(PLAIN, true), (OFFERED, false)] {
        let mut mailbox = Box::of(1, offered);
        mailbox.mails[0].text =
            "Message-ID: <101@x>\r\nSubject: Tilbud på brødrene\r\nFrom: Åse <åse@bø.example>\r\n\r\nx\r\n".into();
        let mut desk = Desk::new(mailbox, twist).await;
        desk.sync(30).await.unwrap();
        let row = &desk.rows()[0];
        assert_eq!(
            (row.subject.as_str(), row.from.name.as_str(), row.from.email.as_str()),
            ("Tilbud på brødrene", "Åse", "åse@bø.example")
        );
        desk.mailbox.lock().unwrap().heard.retain(|one| !one.contains("SEARCH"));
        desk.client.search_server("brødrene", 9, &"2026-11-01T12:00[UTC]".parse().unwrap()).await.unwrap();
        let heard = desk.mailbox.lock().unwrap().heard.clone();
        let asked: Vec<_> = heard.iter().filter(|one| one.contains("SEARCH")).collect();
        assert!(!asked.is_empty() && asked.iter().all(|one| one.contains("CHARSET UTF-8") == charset), "{asked:?}");
    }
}
