//! A clock that is set by hours, forward or back: what waits for its time goes out all the same, and once.

use crate::{
    imap::Other,
    kit::{self, Person, until},
    round,
};
use clientele_engine::{
    Begin, Clock, Config, Engine, EngineError, Until,
    store::{Filter, ListQuery, Row, Scope, StoreError},
};
use clientele_model::{AccountId, Action};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

const HOURS: i64 = 3600;

struct Wound {
    person: Person,
    other: Other,
    engine: Engine,
    account: AccountId,
    ahead: Arc<AtomicI64>,
}

impl Wound {
    async fn new(tasks: bool) -> Wound {
        let person = Person::new();
        let ports = person.world.ports().clone();
        let ahead: Arc<AtomicI64> = Arc::default();
        let of = ahead.clone();
        let clock: Clock = Arc::new(move || jiff::Timestamp::now().as_second() + of.load(Ordering::Relaxed));
        let config = round::config(person.folder.path(), &person.world.ca_pem());
        let engine = Engine::start(Config { clock: Some(clock), tasks, ..config }).await.unwrap();
        let account = round::connect(&engine, &person.email, ports.imaps, ports.smtps, 60).await;
        let other = Other::connect(ports.imap_plain, &person.email);
        Wound { person, other, engine, account, ahead }
    }

    /// So far ahead of the true time from now on.
    fn set(&self, hours: i64) {
        self.ahead.store(hours * HOURS, Ordering::Relaxed);
    }

    fn receive(&mut self, subject: &str) {
        let raw = kit::mail("anna@kunde.example", &self.person.email, subject, "Good morning.");
        assert!(self.other.append("INBOX", "", &raw));
    }

    async fn sync(&self) {
        self.engine.sync_once(self.account, Until::Everything, Arc::new(|_, _, _| {})).await.unwrap();
    }

    async fn inbox(&self) -> Vec<Row> {
        let query = ListQuery { scope: Scope::Inboxes, filter: Filter::All, after: None, limit: 50 };
        self.engine.list(query).await.unwrap().page.rows
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_was_queued_in_the_future_leaves_now_and_once() {
    let wound = Wound::new(false).await;
    let reader = Person::new();
    wound.sync().await;
    wound.set(5);
    let link = Some(format!("mailto:{}?subject=ahead", reader.email));
    let draft = wound.engine.draft_new(Begin::New { mailto: link }).await.unwrap().draft;
    wound.engine.send(draft.id, Vec::new()).await.unwrap();
    for hours in [0, -8, 8, 0] {
        wound.set(hours);
        wound.engine.outbox_run().await.unwrap();
    }
    assert!(wound.engine.outbox().await.unwrap().is_empty());
    until("delivery", || reader.count("mailbox INBOX all") == 1);
    assert_eq!((reader.count("mailbox INBOX all"), wound.person.count("mailbox Sent all")), (1, 1));
    wound.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_across_a_jump_is_done_or_refused_and_never_half() {
    let mut wound = Wound::new(false).await;
    for subject in ["forward", "back", "gone"] {
        wound.receive(subject);
    }
    wound.sync().await;
    let rows = wound.inbox().await;
    let id = |subject: &str| rows.iter().find(|row| row.subject == subject).unwrap().id;

    // Ten seconds are over, the clock says: it stays done.
    let done = wound.engine.operate(vec![id("forward")], Action::Done).await.unwrap();
    wound.set(5);
    let late = wound.engine.undo(done.undo.unwrap()).await;
    assert!(matches!(late, Err(EngineError::Store(StoreError::TooLateToUndo))), "{late:?}");
    // They are not, it says.
    let done = wound.engine.operate(vec![id("back")], Action::Done).await.unwrap();
    wound.set(-5);
    assert_eq!(wound.engine.undo(done.undo.unwrap()).await.unwrap(), 1);
    // Nothing that was queued ahead waits for hours.
    wound.set(5);
    wound.engine.operate(vec![id("gone")], Action::Delete).await.unwrap();
    wound.set(-5);
    wound.sync().await;
    assert_eq!(wound.engine.operations_queued(wound.account).await.unwrap(), 0);
    let there = |query: &str| wound.person.count(query);
    assert_eq!((there("mailbox Archive all"), there("mailbox Trash all"), there("mailbox INBOX all")), (1, 1, 1));
    assert_eq!(there("mailbox INBOX subject back"), 1);
    wound.engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_comes_and_changes_go_while_the_clock_jumps() {
    let mut wound = Wound::new(true).await;
    for (number, hours) in [7, -7, 30, 0].into_iter().enumerate() {
        wound.set(hours);
        let subject = format!("number {number}x");
        wound.receive(&subject);
        let began = std::time::Instant::now();
        let row = loop {
            if let Some(row) = wound.inbox().await.into_iter().find(|row| row.subject == subject) {
                break row;
            }
            assert!(began.elapsed().as_secs() < 15, "{subject} does not come, {hours} hours ahead");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        };
        wound.engine.operate(vec![row.id], Action::Flag).await.unwrap();
        until("the flag", || wound.person.count(&format!("mailbox INBOX flagged subject {number}x")) == 1);
    }
    assert_eq!(wound.inbox().await.len(), 4, "each once");
    wound.engine.stop().await;
}
