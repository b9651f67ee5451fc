//! A person who is quicker than the first sync.

use crate::{kit::Person, mailbox::Mailbox};
use clientele_engine::Until;
use clientele_model::{Action, FolderRole};
use std::sync::Arc;

/// A mail is moved into a folder that was never opened, and something more is done to it there.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_in_a_folder_that_was_never_opened_is_done_on_the_server() {
    let person = Person::new();
    person.receive("anna@kunde.example", "quick");
    let mailbox = Mailbox::straight(person).await;
    let engine = &mailbox.engine;
    engine.sync_once(mailbox.account, Until::FirstScreen, Arc::new(|_, _, _| {})).await.unwrap();
    let id = mailbox.inbox().await[0].id;
    engine.operate(vec![id], Action::Done).await.unwrap();
    engine.replay().await.unwrap();
    let done = mailbox.folders().await.into_iter().find(|folder| folder.role == FolderRole::Done).unwrap();
    let id = mailbox.rows(&done).await[0].id;
    engine.operate(vec![id], Action::Flag).await.unwrap();
    mailbox.settle().await;
    assert_eq!(mailbox.person.count("mailbox Archive flagged subject quick"), 1);
    mailbox.agreed().await;
    mailbox.stop().await;
}
