//! Gmail's labels over the store: each mail once, and what is done to it done where it was meant.

use super::{
    super::{Client, fetch::numbers},
    gmail_double::{ALL, Gmail, TRASH, one_client},
};
use crate::testkit::{keys, login, serve};
use clientele_model::{AccountId, Action, FolderId, FolderRole, Security};
use clientele_store::{ListQuery, Row, Scope, SearchQuery, Store};
use std::sync::{Arc, Mutex};

struct Desk {
    client: Client,
    store: Store,
    account: AccountId,
    gmail: Arc<Mutex<Gmail>>,
    _profile: tempfile::TempDir,
}

const NOW: i64 = super::fake::NOW;

impl Desk {
    async fn new(gmail: Gmail) -> Desk {
        let gmail = Arc::new(Mutex::new(gmail));
        let server = gmail.clone();
        let port = serve(move |tcp| {
            let gmail = server.clone();
            async move {
                let _ = one_client(tcp, gmail).await;
            }
        })
        .await;
        let profile = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(profile.path()).unwrap();
        let account = super::fake::account(&store);
        let client = Client::new(keys().client, login(port, Security::None), store.clone(), account);
        let mut desk = Desk { client, store, account, gmail, _profile: profile };
        desk.round().await;
        desk
    }

    /// Every folder, the inbox first.
    async fn round(&mut self) {
        for folder in self.client.sync_folders().await.unwrap() {
            self.client.sync_folder(folder.id, 30, NOW, Arc::new(|_| {})).await.unwrap();
        }
    }

    fn folder(&self, path: &str) -> FolderId {
        self.store.folders(self.account).unwrap().into_iter().find(|folder| folder.path == path).unwrap().id
    }

    fn rows(&self, path: &str) -> Vec<Row> {
        let scope = Scope::Folder(self.folder(path));
        self.store.list(&ListQuery { scope, filter: Default::default(), after: None, limit: 50 }).unwrap().rows
    }

    fn subjects(&self, path: &str) -> Vec<String> {
        let mut subjects: Vec<String> = self.rows(path).into_iter().map(|row| row.subject).collect();
        subjects.sort();
        subjects
    }

    fn find(&self, query: &str) -> Vec<Row> {
        self.store.search(&SearchQuery { query: query.into(), limit: 50, ..SearchQuery::default() }).unwrap().rows
    }

    /// How many bodies were asked for since this was last asked.
    fn bodies(&self) -> usize {
        let heard = std::mem::take(&mut self.gmail.lock().unwrap().heard);
        let sets = heard.iter().filter(|command| command.contains("BODY")).map(|command| {
            let words: Vec<&str> = command.split(' ').collect();
            match words[0] {
                "UID" => numbers(words[2], 1000).len(),
                _ => self.rows("INBOX").len(),
            }
        });
        sets.sum()
    }
}

fn three() -> Gmail {
    let mut gmail = Gmail::default();
    gmail.add(901, 9, "offer", &["INBOX", "Work"]);
    gmail.add(902, 9, "answer", &["Work"]);
    gmail.add(903, 8, "archived", &[]);
    gmail
}

#[tokio::test]
async fn a_mail_with_many_labels_is_fetched_and_kept_once() {
    let mut desk = Desk::new(three()).await;
    assert_eq!(desk.subjects("INBOX"), ["offer"]);
    assert_eq!(desk.subjects("Work"), ["answer", "offer"]);
    assert_eq!(desk.subjects(ALL), ["answer", "archived", "offer"]);
    assert_eq!(desk.bodies(), 3, "one body a mail, in whatever folders it lies");
    for path in ["INBOX", "Work", ALL] {
        for row in desk.rows(path) {
            let raw = desk.store.raw(row.id).unwrap().unwrap();
            assert!(String::from_utf8(raw).unwrap().contains(&format!("{} body", row.subject)), "{path}");
        }
    }
    assert_eq!(desk.find("body").len(), 3, "found once each");
    assert_eq!(desk.find("body in:work").len(), 2, "in any of its labels");
    assert_eq!(desk.find("body in:inbox").len(), 1);
    let thread = desk.store.thread(desk.rows("INBOX")[0].id).unwrap();
    assert_eq!(thread.len(), 2, "a conversation by X-GM-THRID, each mail once");
    // Nothing is asked for again.
    desk.round().await;
    assert_eq!(desk.bodies(), 0);
    let unread = desk.store.folders(desk.account).unwrap().into_iter().map(|folder| folder.unread).sum::<u32>();
    assert_eq!(unread, 1 + 2 + 3, "each folder counts its own");
}

#[tokio::test]
async fn done_takes_the_inbox_label_away_and_undo_gives_it_back() {
    let mut desk = Desk::new(three()).await;
    let id = desk.rows("INBOX")[0].id;
    let done = desk.store.operate(&[id], &Action::Done, NOW).unwrap();
    assert_eq!((desk.rows("INBOX").len(), desk.rows(ALL).len()), (0, 3), "and no double in all mail");
    desk.store.undo(&done.undo.unwrap(), NOW + 1).unwrap();
    assert_eq!(desk.subjects("INBOX"), ["offer"]);
    assert_eq!(desk.client.replay(NOW + 20).await.unwrap(), 0, "the server heard of nothing");

    let done = desk.store.operate(&[id], &Action::Done, NOW).unwrap();
    assert_eq!(desk.client.replay(NOW).await.unwrap(), 1);
    assert!(!desk.gmail.lock().unwrap().mails[0].places.contains_key("INBOX"));
    desk.bodies();
    desk.round().await;
    assert_eq!((desk.rows("INBOX").len(), desk.rows("Work").len(), desk.rows(ALL).len()), (0, 2, 3));
    assert_eq!(desk.bodies(), 0, "what is here is not fetched for its new place");
    assert_eq!(desk.find("offer").len(), 1, "and still found");
    // From all mail it gets the label back, and stays there.
    let archived = desk.rows(ALL).into_iter().find(|row| row.subject == "offer").unwrap().id;
    assert!(done.undo.is_some());
    desk.store.operate(&[archived], &Action::Move { folder: desk.folder("INBOX") }, NOW).unwrap();
    desk.client.replay(NOW).await.unwrap();
    desk.round().await;
    assert_eq!((desk.subjects("INBOX"), desk.rows(ALL).len(), desk.bodies()), (vec!["offer".to_owned()], 3, 0));
}

/// The words of a mail are kept with its row in "all mail"; what is done is done to the label that was asked for.
#[tokio::test]
async fn what_is_found_in_a_label_is_done_there() {
    let mut desk = Desk::new(three()).await;
    let found = desk.find("answer in:work");
    assert_eq!((found.len(), found[0].folder), (1, desk.folder("Work")));
    assert!(!found[0].snippet.is_empty(), "{:?}", found[0]);
    desk.store.operate(&[found[0].id], &Action::Done, NOW).unwrap();
    desk.client.replay(NOW).await.unwrap();
    assert!(!desk.gmail.lock().unwrap().mails[1].places.contains_key("Work"));
    desk.round().await;
    assert_eq!((desk.subjects("Work"), desk.rows(ALL).len()), (vec!["offer".to_owned()], 3));
    assert!(desk.find("answer in:work").is_empty() && desk.find("answer").len() == 1);
}

#[tokio::test]
async fn done_in_all_mail_takes_a_mail_out_of_the_inbox() {
    let mut desk = Desk::new(three()).await;
    let all = desk.rows(ALL).into_iter().find(|row| row.subject == "offer").unwrap().id;
    let done = desk.store.operate(&[all], &Action::Done, NOW).unwrap();
    assert_eq!((done.count, desk.rows("INBOX").len(), desk.rows(ALL).len()), (1, 0, 3));
    desk.store.undo(&done.undo.unwrap(), NOW + 1).unwrap();
    assert_eq!(desk.subjects("INBOX"), ["offer"]);
    desk.store.operate(&[all], &Action::Done, NOW).unwrap();
    assert_eq!(desk.client.replay(NOW + 20).await.unwrap(), 1);
    assert!(!desk.gmail.lock().unwrap().mails[0].places.contains_key("INBOX"));
    desk.round().await;
    assert_eq!((desk.rows("INBOX").len(), desk.rows(ALL).len(), desk.rows("Work").len()), (0, 3, 2));
    assert_eq!(desk.store.operate(&[all], &Action::Done, NOW).unwrap().count, 0, "done already");
}

/// A mail of the inbox of which only the row in "all mail" is here: older than the window, and found by the server.
#[tokio::test]
async fn done_with_a_mail_that_the_inbox_here_does_not_reach() {
    let mut desk = Desk::new(three()).await;
    desk.gmail.lock().unwrap().add(904, 7, "needle", &["INBOX"]);
    desk.client.search_server("needle", 200, &"2026-11-01T12:00[UTC]".parse().unwrap()).await.unwrap();
    let found = desk.find("needle in:inbox");
    assert_eq!((found.len(), desk.subjects("INBOX")), (1, vec!["offer".to_owned()]));
    let labelled = |desk: &Desk| desk.gmail.lock().unwrap().mails[3].places.contains_key("INBOX");
    let done = desk.store.operate(&[found[0].id], &Action::Done, NOW).unwrap();
    assert!(done.count == 1 && desk.find("needle in:inbox").is_empty() && desk.find("needle").len() == 1);
    desk.client.replay(NOW).await.unwrap();
    assert!(!labelled(&desk));
    desk.store.undo(&done.undo.unwrap(), NOW + 1).unwrap();
    desk.client.replay(NOW + 1).await.unwrap();
    assert!(labelled(&desk) && desk.find("needle in:inbox").len() == 1);
    assert!(desk.store.operations_refused().unwrap().is_empty());
}

#[tokio::test]
async fn what_is_thrown_away_leaves_all_labels_and_keeps_its_body() {
    let mut desk = Desk::new(three()).await;
    let id = desk.rows("INBOX")[0].id;
    desk.store.operate(&[id], &Action::Delete, NOW).unwrap();
    desk.client.replay(NOW).await.unwrap();
    desk.bodies();
    // What is not counted by the server is compared once a day.
    for path in ["Work", ALL] {
        let state = clientele_store::FolderState::default();
        let state = clientele_store::FolderState { uid_validity: 7, ..state };
        desk.store.folder_state_set(desk.folder(path), &state).unwrap();
    }
    desk.round().await;
    assert_eq!((desk.subjects("Work"), desk.subjects(TRASH)), (vec!["answer".to_owned()], vec!["offer".to_owned()]));
    assert_eq!((desk.subjects(ALL).len(), desk.bodies()), (2, 0));
    assert!(desk.store.raw(desk.rows(TRASH)[0].id).unwrap().is_some());
    assert_eq!(desk.find("offer")[0].id, desk.rows(TRASH)[0].id, "the words went along");
}

#[tokio::test]
async fn a_flag_shows_in_every_label_at_once() {
    let mut desk = Desk::new(three()).await;
    desk.store.operate(&[desk.rows("INBOX")[0].id], &Action::Flag, NOW).unwrap();
    let flagged =
        |desk: &Desk| ["Work", ALL].map(|path| desk.rows(path).iter().filter(|row| row.flags.flagged).count());
    assert_eq!(flagged(&desk), [1, 1]);
    // A sync of another label meanwhile does not take it back.
    desk.round().await;
    assert_eq!(flagged(&desk), [1, 1]);
    assert_eq!(desk.client.replay(NOW).await.unwrap(), 1, "told once");
    assert!(desk.gmail.lock().unwrap().mails[0].flagged);
}

#[tokio::test]
async fn all_mail_is_searched_in_gmails_own_words() {
    let mut gmail = Gmail::default();
    for id in 0..60 {
        gmail.add(1000 + id, 1000 + id, if id == 0 { "needle" } else { "hay" }, &[]);
    }
    let mut desk = Desk::new(gmail).await;
    // All are of the window here: one is forgotten, as if it were older.
    let gone = desk.find("needle")[0].clone();
    let folder = desk.folder(ALL);
    let uid = desk.store.location(gone.id).unwrap().uid.unwrap();
    desk.store.vanished(folder, &[uid]).unwrap();
    assert!(desk.find("needle").is_empty());
    desk.bodies();
    let now = "2026-11-01T12:00[UTC]".parse().unwrap();
    let found = desk.client.search_server("needle", 200, &now).await.unwrap();
    assert_eq!((found.fetched, found.more), (1, false));
    assert!(desk.gmail.lock().unwrap().heard.iter().any(|command| command.contains("X-GM-RAW \"\\\"needle\\\"\"")));
    assert_eq!(desk.find("needle").len(), 1);
    assert_eq!(desk.store.folder_by_role(desk.account, FolderRole::Done).unwrap().unwrap().total, 60);
}
