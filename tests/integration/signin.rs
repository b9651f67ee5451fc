//! Signing in with a provider, the whole way: a browser, a certified provider, and servers that ask it about each token.

mod refused;

use crate::{
    kit::{Person, until, world_with_oidc},
    live::{idle, window},
    wire::{Rules, Wire},
};
use clientele_api::{Api, ApiError, handle, view::*};
use clientele_engine::Engine;
use clientele_tests::world::oidc::{Oidc, Request, Visit, Visited};
use std::{
    ops::Deref,
    time::{Duration, Instant},
};
use tokio::sync::{Mutex, MutexGuard};

/// The provider's moods are the same for all: one test at a time.
static ALONE: Mutex<()> = Mutex::const_new(());

/// A person whose organisation has an OpenID provider, and nothing connected.
pub struct Employee {
    person: Person,
    /// How many requests the provider had seen before.
    before: usize,
    _alone: MutexGuard<'static, ()>,
}

impl Employee {
    pub async fn new() -> Employee {
        let alone = ALONE.lock().await;
        let person = Person::of(world_with_oidc());
        person.policy();
        let oidc = person.world.oidc().expect("this world has a provider");
        oidc.well().unwrap();
        let before = oidc.requests().unwrap().len();
        Employee { person, before, _alone: alone }
    }

    pub fn oidc(&self) -> &Oidc {
        self.person.world.oidc().expect("this world has a provider")
    }

    /// What the provider was asked for with a refresh token, since the beginning.
    fn refreshes(&self) -> Vec<Request> {
        let all = self.oidc().requests().unwrap().into_iter().skip(self.before);
        all.filter(|request| request.grant_type == "refresh_token").collect()
    }
}

impl Drop for Employee {
    fn drop(&mut self) {
        let _ = self.oidc().well();
    }
}

impl Deref for Employee {
    type Target = Person;
    fn deref(&self) -> &Person {
        &self.person
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

/// The engine of a window, and what the UI calls.
pub async fn opened(person: &Person) -> (Engine, Api) {
    let engine = window(person).await;
    let api = Api::new(engine.clone(), Api::viewer_of(&engine, None));
    (engine, api)
}

/// As the UI reads it.
fn code(error: &ApiError) -> String {
    serde_json::to_value(error).unwrap()["code"].as_str().unwrap().to_owned()
}

async fn browse(person: &Person, url: &str, visit: Visit) -> Visited {
    let (world, url) = (person.world.clone(), url.to_owned());
    blocking(move || world.oidc().unwrap().browse(&url, &visit).unwrap()).await
}

/// Through the browser: what the window heard of it, and what the person saw.
pub async fn sign_in(api: &Api, person: &Person, visit: Visit) -> (Result<Id, ApiError>, Visited) {
    let start = SignInStart { provider: "nordvik".into(), email: person.email.clone() };
    let started = handle::sign_in_start(api, start).await.unwrap();
    let browser = browse(person, &started.url, visit);
    let (done, seen) = tokio::join!(handle::sign_in_wait(api, IdRequest { id: started.id.clone() }), browser);
    (done.map(|done| done.grant), seen)
}

fn draft(person: &Person, incoming: EndpointView, outgoing: EndpointView, grant: Id) -> AccountDraft {
    AccountDraft {
        email: person.email.clone(),
        name: "Kari Test".into(),
        incoming,
        incoming_user: person.email.clone(),
        incoming_password: String::new(),
        outgoing,
        outgoing_user: String::new(),
        outgoing_password: String::new(),
        days: 30,
        grant: Some(grant),
    }
}

fn at(port: u16, security: SecurityView) -> EndpointView {
    EndpointView { host: "localhost".into(), port, security }
}

/// Signed in and at rest, over TLS.
async fn connected(person: &Person) -> (Engine, Api, AccountView) {
    let (engine, api) = opened(person).await;
    let (grant, _) = sign_in(&api, person, Visit::of(&person.email)).await;
    let account = add(&api, person, grant.unwrap()).await;
    (engine, api, account)
}

/// Connects with a finished sign-in, and waits until all is fetched.
pub async fn add(api: &Api, person: &Person, grant: Id) -> AccountView {
    let ports = person.world.ports();
    let draft = draft(person, at(ports.imaps, SecurityView::Tls), at(ports.smtps, SecurityView::Tls), grant);
    let account = handle::account_add(api, draft).await.unwrap();
    idle(api).await;
    account
}

async fn account(api: &Api) -> AccountView {
    handle::app_state(api, Empty {}).await.unwrap().accounts.remove(0)
}

async fn comes_to(api: &Api, what: &str, mut so: impl FnMut(&AccountView) -> bool) {
    let start = Instant::now();
    loop {
        let account = account(api).await;
        if so(&account) {
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{what} did not come about: {account:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_opens_the_mailbox_by_each_mechanism_and_no_password_is_used() {
    let person = Employee::new().await;
    let ports = person.world.ports().clone();
    let (engine, api) = opened(&person).await;
    // Each server offers one mechanism only: the names of the others are changed on the way.
    let only_xoauth2: Rules = vec![("OAUTHBEARER", "XXAUTHXXXXX"), ("PLAIN", "XPLAI"), ("SCRAM-", "XCRAM-")];
    let only_bearer: Rules = vec![("XOAUTH2", "XXXXXX2"), ("PLAIN", "XPLAI"), ("SCRAM-", "XCRAM-")];
    for (mechanism, rules) in [("XOAUTH2", only_xoauth2), ("OAUTHBEARER", only_bearer)] {
        let folder = person.world.dir();
        let imap = Wire::with_tls(folder, ports.imap_plain, rules.clone());
        let smtp = Wire::with_tls(folder, ports.smtp_plain, rules);
        let (grant, seen) = sign_in(&api, &person, Visit::of(&person.email)).await;
        assert_eq!(seen.pages[0].status, 200, "{seen:?}");
        let (imap, smtp) = (at(imap.port, SecurityView::Tls), at(smtp.port, SecurityView::Tls));
        let asked = draft(&person, imap, smtp, grant.unwrap());
        let report = handle::account_verify(&api, asked.clone()).await.unwrap();
        for side in [&report.incoming, &report.outgoing] {
            assert!(side.ok && side.mechanism == mechanism, "{side:?}");
        }
        let added = handle::account_add(&api, asked).await.unwrap();
        assert_eq!(added.oauth.as_deref(), Some("nordvik"));
        idle(&api).await;
        handle::account_remove(&api, IdRequest { id: added.id }).await.unwrap();
    }
    engine.stop().await;
    // The server's own word for how one signed in.
    let log = std::fs::read_to_string(person.world.dir().join("log/dovecot.log")).unwrap();
    let ours: Vec<_> =
        log.lines().filter(|line| line.contains("Login: user=") && line.contains(&person.email)).collect();
    for mechanism in ["XOAUTH2", "OAUTHBEARER"] {
        assert!(ours.iter().any(|line| line.contains(&format!("method={mechanism}"))), "{mechanism}: {ours:?}");
    }
    assert!(!ours.iter().any(|line| line.contains("method=PLAIN")), "{ours:?}");
}

/// The administrator's word settles it, without a question to the network.
#[tokio::test(flavor = "multi_thread")]
async fn the_policy_names_the_servers_and_whose_page_one_signs_in_at() {
    let person = Employee::new().await;
    let (engine, api) = opened(&person).await;
    let request = DiscoverRequest { email: person.email.clone(), provider: None };
    let view = handle::discover(&api, request).await.unwrap();
    let found = &view.found[0];
    assert!(matches!((found.source, found.trusted), (DiscoverSource::Policy, true)), "{found:?}");
    assert_eq!((found.oauth.as_deref(), found.provider_name.as_str()), (Some("nordvik"), "Nordvik"));
    assert_eq!(found.incoming.port, person.world.ports().imaps);
    engine.stop().await;
}

/// Each start refreshes once, with the token that the refresh before has given; what is queued meanwhile is sent with it.
#[tokio::test(flavor = "multi_thread")]
async fn tokens_rotate_from_start_to_start() {
    let person = Employee::new().await;
    let (engine, _, _) = connected(&person).await;
    engine.stop().await;
    blocking(move || {
        for round in 1..4 {
            person.run(&["sync"]).ok();
            let made = person.refreshes();
            assert_eq!(made.len(), round, "one refresh each: {made:?}");
            // The provider takes each refresh token once, and a used one is the end of all.
            assert_eq!(made[round - 1].status, 200, "{made:?}");
        }
        let reader = Person::of(person.world.clone());
        let sent = person.run_with(&["send", "--to", &reader.email, "--subject", "with a token"], "x").ok();
        assert_eq!(sent.json()["state"], "sent", "{sent:?}");
        until("delivery", || reader.count("mailbox INBOX all") == 1);
        assert_eq!(person.count("mailbox Sent all"), 1);
    })
    .await;
}

/// A token that runs out while the window is open is renewed once, and nothing is seen of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_runs_out_is_renewed_in_time() {
    let person = Employee::new().await;
    person.oidc().access_token_seconds(4).unwrap();
    let (engine, api, _) = connected(&person).await;
    person.oidc().access_token_seconds(3600).unwrap();
    // By then it is of no use to anybody.
    tokio::time::sleep(Duration::from_secs(4)).await;
    kick(&person);
    handle::sync_now(&api, IdRequest { id: String::new() }).await.unwrap();
    comes_to(&api, "a refresh", |_| !person.refreshes().is_empty()).await;
    idle(&api).await;
    let made = person.refreshes();
    kick(&person);
    handle::sync_now(&api, IdRequest { id: String::new() }).await.unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    idle(&api).await;
    assert_eq!(person.refreshes().len(), made.len(), "a token that is good for an hour is kept");
    engine.stop().await;
}

/// Ends the person's connections at the server: the next one signs in anew.
fn kick(person: &Person) {
    // It fails where there is none.
    let _ = person.world.doveadm(&["kick", &person.email]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_provider_takes_back_ends_in_a_calm_question_and_one_sign_in_mends_it() {
    let person = Employee::new().await;
    let reader = Person::of(person.world.clone());
    person.receive("anna@kunde.example", "still here");
    let (engine, api, added) = connected(&person).await;
    comes_to(&api, "the mail", |_| true).await;
    person.oidc().revoke(&person.email).unwrap();
    kick(&person);
    handle::sync_now(&api, IdRequest { id: added.id.clone() }).await.unwrap();
    let asks = |account: &AccountView| {
        matches!(account.state, AccountState::SignInNeeded) && account.code.as_deref() == Some("sign_in_again")
    };
    comes_to(&api, "the question", asks).await;
    queue(&api, &reader.email, "meanwhile").await;
    // No loop, whatever wakes the tasks.
    let before = person.oidc().requests().unwrap().len();
    for _ in 0..3 {
        handle::sync_now(&api, IdRequest { id: added.id.clone() }).await.unwrap();
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
    let more = person.oidc().requests().unwrap().split_off(before);
    let tokens: Vec<_> = more.iter().filter(|request| request.path == "/token").collect();
    assert_eq!(tokens.len(), 0, "{tokens:?}");
    assert!(asks(&account(&api).await));
    engine.stop().await;

    // After a start, at most one question to the provider, and the mail is readable all the while.
    let before = person.refreshes().len();
    let (engine, api) = opened(&person).await;
    comes_to(&api, "the question", asks).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(person.refreshes().len() <= before + 1, "{:?}", person.refreshes());
    assert_eq!(inbox(&api).await, ["still here"]);
    assert_eq!(reader.count("mailbox INBOX all"), 0);

    let (grant, _) = sign_in(&api, &person, Visit::of(&person.email)).await;
    let again = AccountSignIn { id: added.id.clone(), grant: Some(grant.unwrap()), password: None };
    handle::account_sign_in(&api, again).await.unwrap();
    idle(&api).await;
    assert_eq!(inbox(&api).await, ["still here"]);
    let until_delivered = async {
        while reader.count("mailbox INBOX subject meanwhile") == 0 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), until_delivered).await.expect("what was queued is sent");
    engine.stop().await;
}

async fn inbox(api: &Api) -> Vec<String> {
    let request =
        ListRequest { folder: String::new(), filter: ListFilter::All, record: None, after: String::new(), limit: 50 };
    handle::message_list(api, request).await.unwrap().rows.into_iter().map(|row| row.subject).collect()
}

async fn queue(api: &Api, to: &str, subject: &str) {
    let new = DraftNew { kind: DraftKind::New, message: String::new(), mailto: String::new() };
    let new = handle::draft_new(api, new).await.unwrap();
    let draft = DraftSave {
        id: new.id.clone(),
        account: new.account,
        to: vec![AddressView { name: String::new(), email: to.to_owned() }],
        cc: vec![],
        bcc: vec![],
        subject: subject.to_owned(),
        body: "<p>x</p>".into(),
        quote: String::new(),
    };
    handle::draft_save(api, draft).await.unwrap();
    handle::send(api, SendRequest { draft: new.id, archive: vec![], crm: String::new() }).await.unwrap();
}

/// Killed before the provider has done anything, and after it has used the old token up: the second loses the sign-in,
/// and nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn killed_during_a_refresh_nothing_but_the_sign_in_can_be_lost() {
    let person = Employee::new().await;
    let reader = Person::of(person.world.clone());
    person.receive("anna@kunde.example", "kept");
    let (engine, _api, added) = connected(&person).await;
    engine.stop().await;
    let (person, reader) = blocking(move || {
        person.run_with(&["--offline", "send", "--to", &reader.email, "--subject", "queued before"], "x");
        for (mode, code) in [("hold_before", 0), ("hold_after", 4)] {
            person.oidc().token_endpoint(mode).unwrap();
            let before = person.refreshes().len();
            let mut child = person.spawn(&["sync"]);
            drop(child.stdin.take());
            until("the refresh", || {
                let made = person.refreshes();
                made.len() > before && (mode == "hold_before" || made[before].status == 200)
            });
            assert!(child.try_wait().unwrap().is_none(), "{mode}: it waits for its token");
            child.kill().unwrap();
            child.wait().unwrap();
            person.oidc().well().unwrap();
            if mode == "hold_before" {
                // The queue is left for the second round.
                let ran = person.run(&["sync"]);
                assert_eq!(ran.code, code, "{mode}: {ran:?}");
            } else {
                for _ in 0..2 {
                    let before = person.refreshes().len();
                    let ran = person.run(&["sync"]);
                    assert_eq!((ran.code, ran.error().as_str()), (code, "sign_in_again"), "{ran:?}");
                    assert!(person.refreshes().len() <= before + 1, "it asks once and no more");
                }
                let list = person.run(&["account", "list"]).ok().json();
                assert_eq!(list.as_array().unwrap().len(), 1, "{list}");
            }
            assert_eq!(person.list(&[])[0]["subject"], "kept");
        }
        (person, reader)
    })
    .await;
    let (engine, api) = opened(&person).await;
    let (grant, _) = sign_in(&api, &person, Visit::of(&person.email)).await;
    let again = AccountSignIn { id: added.id, grant: Some(grant.unwrap()), password: None };
    handle::account_sign_in(&api, again).await.unwrap();
    idle(&api).await;
    engine.stop().await;
    blocking(move || {
        person.run(&["sync"]).ok();
        person.run(&["outbox", "run"]).ok();
        until("delivery", || reader.count("mailbox INBOX all") == 1);
        assert_eq!(person.list(&[]).len(), 1, "nothing twice, nothing gone");
    })
    .await;
}
