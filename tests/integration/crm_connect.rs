//! A CRM elsewhere, connected and left again: SuperOffice, in its double.

use crate::{kit::Person, live::window};
use clientele_api::{Api, handle, view::*};
use clientele_engine::Engine;
use clientele_tests::world::superoffice::{CLIENT, Fault, SuperOffice, TENANT};
use serde_json::json;
use std::{
    collections::BTreeMap,
    io::{Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

/// Allows the double where the vendor's servers are allowed.
fn policy(person: &Person) {
    let text = format!(
        "[crm]\nhosts = [\"127.0.0.1\"]\n\n[[oauth]]\nid = \"superoffice\"\nclient_id = \"{CLIENT}\"\nredirect = \"http://127.0.0.1/\"\n"
    );
    std::fs::write(person.folder.path().join("policy.toml"), text).unwrap();
}

async fn opened(person: &Person) -> (Engine, Api) {
    let engine = window(person).await;
    let problems = &engine.policy().problems;
    assert!(problems.is_empty(), "{problems:?}");
    let api = Api::new(engine.clone(), Api::viewer_of(&engine, None));
    (engine, api)
}

fn setup(double: &SuperOffice, grant: Option<Id>) -> CrmSetup {
    let fields = BTreeMap::from([("server".into(), double.identity()), ("tenant".into(), TENANT.into())]);
    CrmSetup { kind: "superoffice".into(), fields, grant }
}

/// Where a page of plain HTTP on this computer sends the browser on to; empty: it is the last one.
fn page(url: &str) -> String {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said);
    let said = String::from_utf8_lossy(&said).into_owned();
    let location =
        said.lines().find_map(|line| line.split_once(": ").filter(|(name, _)| name.eq_ignore_ascii_case("location")));
    location.map(|(_, url)| url.trim().to_owned()).unwrap_or_default()
}

/// Through the browser.
async fn signed_in(api: &Api, double: &SuperOffice) -> Id {
    let started = handle::crm_sign_in(api, setup(double, None)).await.unwrap();
    let url = started.url.clone();
    let browser = tokio::task::spawn_blocking(move || {
        let mut next = page(&url);
        while !next.is_empty() {
            next = page(&next);
        }
    });
    let grant = handle::sign_in_wait(api, IdRequest { id: started.id }).await.unwrap().grant;
    browser.await.unwrap();
    grant
}

async fn crm(api: &Api) -> CrmView {
    handle::app_state(api, Empty {}).await.unwrap().crm
}

/// As the window sees it, within a while.
async fn shows(api: &Api, what: &str, is: impl Fn(&CrmView) -> bool) -> CrmView {
    let begun = Instant::now();
    loop {
        let now = crm(api).await;
        if is(&now) {
            return now;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "not {what}: {now:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn found(api: &Api, query: &str) -> usize {
    let search = CrmSearch { query: query.into(), limit: 20 };
    handle::record_search_asked(api, search).await.unwrap().len()
}

fn asked(double: &SuperOffice, part: &str) -> usize {
    double.requests().unwrap().iter().filter(|one| one.path.contains(part)).count()
}

fn kari(double: &SuperOffice, email: &str) -> u64 {
    let company = double.put("Contact", json!({ "Name": "Fjordlys Energi AS" }), 6).unwrap();
    let person = json!({ "Firstname": "Anna", "Lastname": "Berg", "Contact": { "ContactId": company }, "Emails": [{ "Value": email }] });
    double.put("Person", person, 6).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn signed_in_in_the_browser_it_is_read_and_a_restart_goes_on() {
    let person = Person::new();
    policy(&person);
    let double = SuperOffice::start().unwrap();
    kari(&double, "anna@fjordlys.example");
    let (engine, api) = opened(&person).await;
    let kinds = handle::crm_kinds(&api, Empty {}).await.unwrap();
    let online = kinds.iter().find(|kind| kind.kind == "superoffice").unwrap();
    assert!(online.code.is_none() && matches!(online.sign_in, CrmSignIn::Browser));
    let none = handle::crm_connect(&api, setup(&double, None)).await.map(drop).unwrap_err();
    assert_eq!(serde_json::to_value(none.code).unwrap(), "crm_sign_in_again", "nobody has signed in");

    let grant = signed_in(&api, &double).await;
    let tried = handle::crm_check(&api, setup(&double, Some(grant.clone()))).await.unwrap();
    assert_eq!((tried.name.as_str(), tried.user.is_empty()), ("SuperOffice", false), "{tried:?}");
    assert!(tried.companies >= 1, "{tried:?}");
    assert_eq!(crm(&api).await.kind, "embedded", "a try keeps nothing");
    let view = handle::crm_connect(&api, setup(&double, Some(grant))).await.unwrap();
    assert_eq!((view.kind.as_str(), view.ok, view.user.is_empty()), ("superoffice", true, false));
    let full = shows(&api, "read", |crm| crm.refreshed > 0 && crm.filling.is_none()).await;
    assert!(full.ok && full.missing.iter().any(|one| one.what == "editors"), "{full:?}");
    assert_eq!(found(&api, "Anna Berg").await, 1);
    let kept = std::fs::read(person.profile().join("local.db")).unwrap();
    assert!(!String::from_utf8_lossy(&kept).contains("refresh_token"), "no token is in the profile's databases");
    engine.stop().await;

    // What a colleague did meanwhile comes with what changed, and nothing else is read again.
    double.well().unwrap();
    double.put("Contact", json!({ "Name": "Nordvik Havn" }), 6).unwrap();
    let (engine, api) = opened(&person).await;
    assert_eq!(crm(&api).await.kind, "superoffice");
    let began = Instant::now();
    while found(&api, "Nordvik Havn").await == 0 {
        assert!(began.elapsed() < Duration::from_secs(20), "the change did not come");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(found(&api, "Anna Berg").await, 1);

    // An access token that has ended is nobody's business.
    double.expire().unwrap();
    handle::crm_refresh(&api, Empty {}).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(crm(&api).await.ok);
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_that_is_taken_back_asks_for_a_person_once_and_mends_with_one() {
    let person = Person::new();
    policy(&person);
    let double = SuperOffice::start().unwrap();
    kari(&double, "anna@fjordlys.example");
    let (engine, api) = opened(&person).await;
    let grant = signed_in(&api, &double).await;
    handle::crm_connect(&api, setup(&double, Some(grant))).await.unwrap();
    let before = shows(&api, "read", |crm| crm.refreshed > 0).await.refreshed;
    double.revoke().unwrap();
    handle::crm_refresh(&api, Empty {}).await.unwrap();
    let over = shows(&api, "over", |crm| crm.code.is_some()).await;
    assert_eq!((over.code.as_deref(), over.ok), (Some("crm_sign_in_again"), false));
    double.well().unwrap();
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(double.requests().unwrap().len() < 2, "it is asked again and again: {:?}", double.requests().unwrap());
    assert_eq!(found(&api, "Anna Berg").await, 1, "what was read stays");

    let grant = signed_in(&api, &double).await;
    let view = handle::crm_connect(&api, setup(&double, Some(grant))).await.unwrap();
    assert!(view.ok && view.refreshed >= before, "what was read is not read again: {view:?}");
    shows(&api, "well", |crm| crm.ok && crm.filling.is_none()).await;
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_archived_stays_there_when_the_crm_is_left() {
    let person = Person::connected();
    policy(&person);
    let double = SuperOffice::start().unwrap();
    let anna = kari(&double, "anna@fjordlys.example");
    person.receive("Anna Berg <anna@fjordlys.example>", "Tilbud");
    let (engine, api) = opened(&person).await;
    let grant = signed_in(&api, &double).await;
    handle::crm_connect(&api, setup(&double, Some(grant))).await.unwrap();
    shows(&api, "read", |crm| crm.refreshed > 0).await;
    let began = Instant::now();
    let mail = loop {
        let list = handle::message_search(&api, search("Tilbud")).await.unwrap();
        if let Some(row) = list.rows.into_iter().next() {
            break row.id;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "no mail");
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let on = RecordView { kind: RecordKindView::Person, id: anna.to_string(), name: String::new() };
    let request = ArchiveRequest {
        messages: vec![mail.clone()],
        records: vec![on],
        choice: None,
        conversation: false,
        follow: None,
    };
    handle::archive(&api, request).await.unwrap();
    let archived = async || handle::customer_get(&api, MessageRef { message: mail.clone() }).await.unwrap().archived;
    let began = Instant::now();
    while !archived().await.is_some_and(|one| matches!(one.state, ArchiveState::Done)) {
        assert!(began.elapsed() < Duration::from_secs(20), "not archived: {:?}", archived().await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let documents = asked(&double, "Document");
    assert!(documents > 0);

    let leaving = handle::crm_leaving(&api, Empty {}).await.unwrap();
    assert_eq!((leaving.name.as_str(), leaving.archived, leaving.queued), ("SuperOffice", 1, 0));
    let view = handle::crm_disconnect(&api, Empty {}).await.unwrap();
    assert_eq!((view.kind.as_str(), view.ok, view.user.as_str()), ("embedded", true, ""));
    let mut files = std::fs::read_dir(person.profile()).unwrap().map(|file| file.unwrap().file_name());
    let left = files.find(|name| name.to_string_lossy().starts_with("mirror"));
    assert_eq!(left, None, "what was read stays behind");
    assert_eq!(found(&api, "Anna Berg").await, 0);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(asked(&double, "Document"), documents, "nothing is asked of it any more");
    // Back again: the same link, and the mail is known to be there.
    let grant = signed_in(&api, &double).await;
    handle::crm_connect(&api, setup(&double, Some(grant))).await.unwrap();
    let leaving = handle::crm_leaving(&api, Empty {}).await.unwrap();
    assert_eq!((leaving.archived, leaving.queued), (1, 0));
    engine.stop().await;
}

fn search(query: &str) -> SearchRequest {
    SearchRequest { query: query.into(), after: String::new(), limit: 10 }
}

/// Maintenance, and a CRM that asks to be left alone, are no reason to bother anybody for good.
#[tokio::test(flavor = "multi_thread")]
async fn a_crm_that_is_closed_for_a_while_is_read_when_it_is_open_again() {
    let person = Person::new();
    policy(&person);
    let double = SuperOffice::start().unwrap();
    kari(&double, "anna@fjordlys.example");
    let (engine, api) = opened(&person).await;
    let grant = signed_in(&api, &double).await;
    let closed = Fault { path: "Contact|Archive|Person", times: 1, status: 502, body: json!({}), ..Fault::default() };
    double.fault(&closed).unwrap();
    handle::crm_connect(&api, setup(&double, Some(grant))).await.unwrap();
    let view = shows(&api, "closed", |crm| crm.code.is_some()).await;
    assert_eq!(view.code.as_deref(), Some("crm_unavailable"));
    shows(&api, "open", |crm| crm.ok && crm.refreshed > 0).await;
    assert_eq!(found(&api, "Anna Berg").await, 1);
    engine.stop().await;
}

/// Made while the CRM is away; then it is carried out, and the answer is lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_follow_up_reaches_the_crm_once_however_often_it_is_tried() {
    let person = Person::new();
    policy(&person);
    let double = SuperOffice::start().unwrap();
    let anna = kari(&double, "anna@fjordlys.example");
    let (engine, api) = opened(&person).await;
    let grant = signed_in(&api, &double).await;
    handle::crm_connect(&api, setup(&double, Some(grant))).await.unwrap();
    shows(&api, "read", |crm| crm.refreshed > 0).await;
    let made = |fault: Fault| Fault { method: "POST", path: "^v1/Appointment", times: 1, ..fault };
    double.fault(&made(Fault { status: 502, body: json!({}), ..Fault::default() })).unwrap();
    double.fault(&made(Fault { lost: true, ..Fault::default() })).unwrap();
    let start = 1_900_000_000;
    let on = RecordView { kind: RecordKindView::Person, id: anna.to_string(), name: String::new() };
    let wanted = FollowUpCreate {
        message: None,
        kind: FollowUpKindView::Call,
        title: "Ring Anna".into(),
        text: String::new(),
        start,
        end: start + 1800,
        records: vec![on],
    };
    let queued = handle::follow_up_create(&api, wanted).await.unwrap();
    assert!(queued.queued && queued.id.starts_with("queued:"), "{queued:?}");
    let begun = Instant::now();
    let there = loop {
        let open = handle::follow_up_list(&api, Empty {}).await.unwrap().open;
        if open.iter().all(|one| !one.queued) {
            break open;
        }
        assert!(begun.elapsed() < Duration::from_secs(40), "{open:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let asked: Vec<_> = double
        .requests()
        .unwrap()
        .into_iter()
        .map(|one| format!("{} {} {}", one.method, one.path, one.status))
        .collect();
    assert_eq!(there.len(), 1, "{there:?} {asked:#?}");
    assert_eq!((there[0].title.as_str(), there[0].start), ("Ring Anna", start));
    assert_eq!(there[0].records.iter().filter(|one| one.name == "Anna Berg").count(), 1, "{there:?}");
    let asked = double.requests().unwrap();
    let posts: Vec<_> = asked.iter().filter(|one| one.method == "POST" && one.path.contains("Appointment")).collect();
    assert_eq!(posts.len(), 2, "refused once, carried out once: {posts:?}");
    engine.stop().await;
}
