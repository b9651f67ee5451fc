#![allow(clippy::unwrap_used)]
use crate::*;
use clientele_model::{RecordKind, RecordRef};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

/// A CRM of which a test says what it holds; a page is two records.
#[derive(Default)]
struct Fake {
    items: Mutex<Vec<Item>>,
    /// What the next question for changes brings.
    news: Mutex<Changes>,
    fails: Mutex<Option<CrmError>>,
    /// What lies beside each record; None: it is gone.
    beside: Mutex<Option<Vec<Item>>>,
    asked: AtomicU32,
}

fn none<T: Send>() -> Answer<'static, T> {
    Box::pin(async { Err(CrmError::Cannot(Capability::FollowUps, Why::NotInCrm)) })
}

impl Remote for Arc<Fake> {
    fn name(&self) -> String {
        "Fake".into()
    }
    fn kind(&self) -> &'static str {
        "fake"
    }
    fn capabilities(&self) -> Capabilities {
        Capabilities::without(&[(Capability::DeletedSince, Why::NotOffered)])
    }
    fn me(&self) -> Answer<'_, Associate> {
        Box::pin(async { Ok(Associate { id: "me".into(), ..Associate::default() }) })
    }
    fn associates(&self) -> Answer<'_, Vec<Associate>> {
        none()
    }
    fn changes(&self, cursor: &str) -> Answer<'_, Changes> {
        let cursor = cursor.to_owned();
        Box::pin(async move {
            if let Some(error) = self.fails.lock().unwrap().take() {
                return Err(error);
            }
            if cursor == "end" {
                return Ok(Changes { cursor, ..self.news.lock().unwrap().clone() });
            }
            let at: usize = cursor.parse().unwrap_or(0);
            let all = self.items.lock().unwrap();
            let items: Vec<Item> = all.iter().skip(at).take(2).cloned().collect();
            let more = at + 2 < all.len();
            let cursor = if more { (at + 2).to_string() } else { "end".into() };
            Ok(Changes { items, gone: Vec::new(), cursor, more })
        })
    }
    fn people_by_email(&self, email: &str) -> Answer<'_, Vec<Person>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let email = email.to_owned();
        Box::pin(async move {
            let all = self.items.lock().unwrap();
            let people = all.iter().filter_map(|item| match item {
                Item::Person(person) if person.emails.contains(&email) => Some(person.clone()),
                _ => None,
            });
            Ok(people.collect())
        })
    }
    fn companies_by_domain(&self, _domain: &str) -> Answer<'_, Vec<Company>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    fn search(&self, _query: &str, _limit: u32) -> Answer<'_, Vec<Item>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    fn around(&self, _record: RecordRef) -> Answer<'_, Vec<Item>> {
        Box::pin(async move {
            match self.fails.lock().unwrap().take() {
                Some(error) => Err(error),
                None => self.beside.lock().unwrap().clone().ok_or(CrmError::NotFound),
            }
        })
    }
    fn person_create(&self, _person: NewPerson) -> Answer<'_, Person> {
        none()
    }
    fn person_change(&self, _id: &str, _change: PersonChange) -> Answer<'_, Person> {
        none()
    }
    fn sale_create(&self, _sale: NewSale) -> Answer<'_, Sale> {
        none()
    }
    fn follow_up_create(&self, _follow_up: FollowUp) -> Answer<'_, FollowUp> {
        none()
    }
    fn follow_up_done(&self, _id: &str, _done: bool) -> Answer<'_, FollowUp> {
        none()
    }
    fn archive(&self, _mail: ArchiveMail) -> Answer<'_, ArchiveOutcome> {
        none()
    }
    fn archived(&self, _message_id: &str) -> Answer<'_, Option<ArchivedThere>> {
        none()
    }
    fn unarchive(&self, _activity: String) -> Answer<'_, ()> {
        none()
    }
    fn page(&self, _record: &RecordRef) -> Option<String> {
        None
    }
}

fn person(id: &str, emails: &[&str], company: &str) -> Item {
    let company = Company { id: company.into(), name: format!("Company {company}"), ..Company::default() };
    Item::Person(Person {
        id: id.into(),
        name: format!("Person {id}"),
        emails: emails.iter().map(|&email| email.to_owned()).collect(),
        company: Some(company),
        ..Person::default()
    })
}

fn company(id: &str, domain: &str) -> Item {
    let name = format!("Company {id}");
    Item::Company(Company { id: id.into(), name, domains: vec![domain.into()], ..Company::default() })
}

fn sale(id: &str, company: &str) -> Item {
    let sale =
        Sale { id: id.into(), name: format!("Sale {id}"), company: company.into(), open: true, ..Sale::default() };
    Item::Sale(sale, 1)
}

struct World {
    folder: tempfile::TempDir,
    fake: Arc<Fake>,
    crm: Mirrored<Arc<Fake>>,
}

fn world(items: Vec<Item>) -> World {
    let folder = tempfile::tempdir().unwrap();
    let fake = Arc::new(Fake { items: Mutex::new(items), ..Fake::default() });
    let crm = Mirrored::new(fake.clone(), Mirror::open(&folder.path().join("mirror.db")).unwrap());
    World { folder, fake, crm }
}

/// Until it is done; how many records were read, changed and gone.
async fn refresh(crm: &dyn Crm) -> Result<(u32, u32, u32)> {
    let mut sum = (0, 0, 0);
    loop {
        let step = crm.refresh().await?;
        sum = (sum.0 + step.read, sum.1 + step.changed, sum.2 + step.gone);
        if step.done {
            return Ok(sum);
        }
    }
}

fn small() -> Vec<Item> {
    vec![
        company("c1", "fjordlys.example"),
        person("p1", &["maja@fjordlys.example", "Maja@Privat.example"], "c1"),
        sale("s1", "c1"),
        person("p2", &["per@dahl.example"], "c2"),
        Item::Project(Project { id: "j1".into(), name: "Onboarding".into(), company: "c1".into(), open: true }, 5),
    ]
}

#[tokio::test]
async fn a_filling_that_is_cut_goes_on_where_it_was_and_counts_once() {
    let world = world(small());
    assert_eq!(world.crm.refresh().await.unwrap(), Progress { full: true, read: 2, changed: 2, ..Progress::default() });
    *world.fake.fails.lock().unwrap() = Some(CrmError::RateLimited { seconds: 7 });
    assert!(matches!(world.crm.refresh().await, Err(CrmError::RateLimited { seconds: 7 })));
    assert_eq!(world.crm.person("p1").unwrap().company.unwrap().id, "c1", "what a step brought is kept");

    // Another start of the program.
    let again = Mirrored::new(world.fake.clone(), Mirror::open(&world.folder.path().join("mirror.db")).unwrap());
    assert_eq!(refresh(&again).await.unwrap(), (3, 3, 0), "the rest, and not all of it");
    assert_eq!(again.people_by_email(" MAJA@privat.example").unwrap()[0].id, "p1");
    assert_eq!(again.people_by_email("maja+crm@fjordlys.example").unwrap()[0].id, "p1");
    assert_eq!(again.open_sales(RecordKind::Company, "c1").unwrap()[0].id, "s1");
    assert_eq!(again.open_projects("c1").unwrap()[0].id, "j1");
    assert_eq!(again.person("p2").unwrap().company.unwrap().name, "Company c2", "a company known by its name only");
    assert_eq!(again.search("onboard", 5).unwrap().len(), 1);
}

#[tokio::test]
async fn what_changed_is_counted_and_what_went_is_swept_by_the_next_whole_filling() {
    let world = world(small());
    refresh(&world.crm).await.unwrap();
    *world.fake.news.lock().unwrap() = Changes {
        items: vec![person("p1", &["maja@fjordlys.example"], "c1"), sale("s1", "c1")],
        gone: vec![RecordRef { kind: RecordKind::Person, id: "p2".into() }],
        ..Changes::default()
    };
    assert_eq!(refresh(&world.crm).await.unwrap(), (2, 1, 1), "the sale is as it was");
    assert!(world.crm.people_by_email("maja@privat.example").unwrap().is_empty(), "an address that was taken away");
    assert!(world.crm.people_by_email("per@dahl.example").unwrap().is_empty());

    world.fake.items.lock().unwrap().retain(|item| !matches!(item, Item::Sale(..)));
    let mut state = world.crm.mirror().state().unwrap();
    state.filled = 1;
    world.crm.mirror().put(&[], &[], Some(&state)).unwrap();
    let (read, _, gone) = refresh(&world.crm).await.unwrap();
    assert_eq!((read, gone), (4, 1), "a sale that was deleted there");
    assert!(matches!(world.crm.sale("s1"), Err(CrmError::NotFound)));
    assert!(world.crm.search("sale", 5).unwrap().is_empty());
}

#[tokio::test]
async fn nobody_is_asked_for_once_a_day() {
    let world = world(Vec::new());
    refresh(&world.crm).await.unwrap();
    assert!(world.crm.unasked("ola@ny.example").unwrap());
    assert!(!world.crm.look_up("ola@ny.example").await.unwrap());
    assert!(!world.crm.look_up("OLA@ny.example").await.unwrap());
    assert_eq!(world.fake.asked.load(Ordering::Relaxed), 1);

    // A delta brings him: nobody says any longer that nobody has the address.
    world.fake.items.lock().unwrap().push(person("p9", &["ola@ny.example", "per@ny.example"], "c9"));
    *world.fake.news.lock().unwrap() =
        Changes { items: vec![person("p9", &["ola@ny.example"], "c9")], ..Changes::default() };
    refresh(&world.crm).await.unwrap();
    assert_eq!(world.crm.people_by_email("ola@ny.example").unwrap().len(), 1);

    assert!(world.crm.look_up("per+x@ny.example").await.unwrap(), "asked with the tag, then without");
    assert_eq!(world.fake.asked.load(Ordering::Relaxed), 3);
    assert!(!world.crm.unasked("per@ny.example").unwrap());
}

#[tokio::test]
async fn a_record_that_is_gone_is_forgotten_when_it_is_looked_at() {
    let world = world(small());
    refresh(&world.crm).await.unwrap();
    let gone = RecordRef { kind: RecordKind::Company, id: "c1".into() };
    assert!(matches!(world.crm.look_again(gone).await, Err(CrmError::NotFound)));
    assert!(world.crm.companies_by_domain("fjordlys.example").unwrap().is_empty());
    assert_eq!(world.crm.person("p1").unwrap().company, None, "the person stays");
}

#[tokio::test]
async fn what_lies_beside_a_record_is_asked_for_until_it_was_answered() {
    let world = world(small());
    refresh(&world.crm).await.unwrap();
    let p1 = RecordRef { kind: RecordKind::Person, id: "p1".into() };
    let c1 = RecordRef { kind: RecordKind::Company, id: "c1".into() };
    assert!(world.crm.unlooked(&p1).unwrap());
    *world.fake.fails.lock().unwrap() = Some(CrmError::Unavailable("away".into()));
    world.crm.look_again(p1.clone()).await.unwrap_err();
    assert!(world.crm.unlooked(&p1).unwrap(), "it did not get through");
    let mail = Activity {
        id: "a1".into(),
        kind: ActivityKind::Mail,
        title: "From a colleague".into(),
        date: 1,
        message_id: String::new(),
    };
    *world.fake.beside.lock().unwrap() = Some(vec![Item::Activity(mail, vec![p1.clone()])]);
    world.crm.look_again(p1.clone()).await.unwrap();
    assert_eq!(world.crm.activities(RecordKind::Person, "p1", 5).unwrap()[0].title, "From a colleague");
    assert!(!world.crm.unlooked(&p1).unwrap());
    assert!(world.crm.unlooked(&c1).unwrap(), "each record by itself");
    *world.fake.fails.lock().unwrap() = Some(CrmError::Forbidden { right: String::new() });
    world.crm.look_again(c1.clone()).await.unwrap_err();
    assert!(!world.crm.unlooked(&c1).unwrap(), "a missing right is not asked about with every mail");
}

#[test]
fn a_damaged_mirror_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mirror.db");
    std::fs::write(&path, b"this is no database, and never was one of any kind at all").unwrap();
    let mirror = Mirror::open(&path).unwrap();
    assert!(mirror.search("x", 1).unwrap().is_empty());
}

#[tokio::test]
async fn lines_of_a_list_take_nothing_from_a_person_that_is_known_whole() {
    let row = |id: &str, name: &str| {
        let company = Company { id: "c1".into(), name: "Fjordlys".into(), ..Company::default() };
        Item::PersonRow(Person { id: id.into(), name: name.into(), company: Some(company), ..Person::default() })
    };
    let address = |email: &str| Item::Address { person: "p1".into(), email: email.into() };
    let world = world(vec![row("p1", "Maja"), address("maja@a.example"), address("maja@b.example")]);
    refresh(&world.crm).await.unwrap();
    assert_eq!(world.crm.person("p1").unwrap().emails, ["maja@a.example", "maja@b.example"]);
    assert_eq!(world.crm.search("maja@b.example", 5).unwrap().len(), 1);

    // Married, and without the first address, says the next whole filling.
    *world.fake.items.lock().unwrap() = vec![row("p1", "Maja Berg"), address("maja@b.example")];
    let mut state = world.crm.mirror().state().unwrap();
    state.filled = 1;
    world.crm.mirror().put(&[], &[], Some(&state)).unwrap();
    assert_eq!(refresh(&world.crm).await.unwrap(), (2, 1, 1));
    let now = world.crm.person("p1").unwrap();
    assert_eq!((now.name.as_str(), now.emails), ("Maja Berg", vec!["maja@b.example".to_owned()]));
}

#[tokio::test]
async fn no_change_is_taken_for_what_was_there() {
    let world = world(Vec::new());
    refresh(&world.crm).await.unwrap();
    for round in 0..64 {
        let follow_up = FollowUp { id: "f".into(), title: format!("Round {round}"), ..FollowUp::default() };
        *world.fake.news.lock().unwrap() = Changes { items: vec![Item::FollowUp(follow_up)], ..Changes::default() };
        refresh(&world.crm).await.unwrap();
        assert_eq!(world.crm.follow_ups_open(1).unwrap()[0].title, format!("Round {round}"));
    }
}

#[tokio::test]
async fn of_a_private_mail_the_crm_is_asked_nothing() {
    let world = world(small());
    refresh(&world.crm).await.unwrap();
    let (store, _) = clientele_store::Store::open(world.folder.path()).unwrap();
    let server =
        clientele_model::Endpoint { host: "m.example".into(), port: 993, security: clientele_model::Security::Tls };
    let account = clientele_store::NewAccount {
        email: "kari@nord.example".into(),
        name: "Kari".into(),
        incoming: server.clone(),
        incoming_user: String::new(),
        outgoing: server,
        outgoing_user: String::new(),
        days: 0,
        oauth: None,
    };
    let account = store.account_add(&account).unwrap();
    let inbox = clientele_store::FolderSeen {
        path: "INBOX".into(),
        role: clientele_model::FolderRole::Inbox,
        selectable: true,
        ..clientele_store::FolderSeen::default()
    };
    store.folders_replace(account, &[inbox]).unwrap();
    let inbox = store.folder_by_role(account, clientele_model::FolderRole::Inbox).unwrap().unwrap().id;
    let mail = clientele_store::NewMessage {
        uid: 1,
        message_id: "a@x".into(),
        from: clientele_model::Address::new("", "ola@ukjent.example"),
        ..clientele_store::NewMessage::default()
    };
    let id = store.messages_insert(account, inbox, vec![mail]).unwrap()[0].id;
    store.private_set(&[id], false, true).unwrap();
    let crm: Arc<dyn Crm> = Arc::new(world.crm);
    let _ = look_up_all(&store, crm.clone(), id).await;
    assert_eq!(world.fake.asked.load(Ordering::Relaxed), 0);
    store.private_set(&[id], false, false).unwrap();
    let _ = look_up_all(&store, crm, id).await;
    assert_eq!(world.fake.asked.load(Ordering::Relaxed), 1);
}
