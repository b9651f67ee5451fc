//! BottleCRM as it is: the real server, run for the tests. What it holds is asked by its own API, as its administrator.

use crate::{Bench, Held, Trouble, cases, record, refresh};
use clientele_crm::{
    ArchiveMail, Company, CompanyChange, Crm, CrmError, Document, FollowUp, Item, Mirror, Mirrored, NewPerson, NewSale,
    Remote as _, SaleChange,
    adapter::bottlecrm::{BottleCrm, Config, Setup},
};
use clientele_model::{Credential, RecordKind, RecordRef, Secret, Token, TokenSource};
use clientele_net::{Net, NetConfig};
use clientele_tests::world::{
    bottlecrm::{ADMIN, BottleCrm as Server, KARI, KARI_READS, OLA},
    http_proxy::{Fate, Fault},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

/// A token that can be exchanged for another one, as a person does who signs in again.
#[derive(Default)]
struct Given {
    token: Mutex<String>,
    /// What comes after a refusal.
    next: Mutex<Option<String>>,
    refusals: AtomicUsize,
}

impl Given {
    fn new(token: &str) -> Arc<Given> {
        Arc::new(Given { token: Mutex::new(token.into()), ..Given::default() })
    }
}

impl TokenSource for Given {
    fn credential(&self) -> Token<'_> {
        let token = self.token.lock().unwrap().clone();
        Box::pin(async { Ok(Credential::Bearer(Secret::new(token))) })
    }
    fn refused(&self, _credential: &Credential) {
        self.refusals.fetch_add(1, Ordering::Relaxed);
        if let Some(next) = self.next.lock().unwrap().take() {
            *self.token.lock().unwrap() = next;
        }
    }
}

struct Organisation {
    folder: tempfile::TempDir,
    server: Server,
    net: Net,
    sign_in: Arc<Given>,
    crm: Mutex<Arc<dyn Crm>>,
    /// What was made at its back: where mails may lie.
    places: Mutex<Vec<(&'static str, String)>>,
    made: AtomicUsize,
    /// Kari's and Ola's ids.
    members: Vec<String>,
}

fn at(server: &Server, net: &Net, sign_in: Arc<dyn TokenSource>) -> BottleCrm {
    let config = Config { address: server.address(), web: "https://app.example.com/".into() };
    BottleCrm::new(net, Setup { config, sign_in })
}

impl Organisation {
    fn start() -> Organisation {
        let server = Server::start().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let net = Net::new(NetConfig::default()).unwrap();
        let sign_in = Given::new(KARI);
        let mirror = Mirror::open(&folder.path().join("mirror.db")).unwrap();
        let crm: Arc<dyn Crm> = Arc::new(Mirrored::new(at(&server, &net, sign_in.clone()), mirror));
        let all = server.api(ADMIN, "GET", "users/get-teams-and-users/", &Value::Null).unwrap();
        let members = all["profiles"].as_array().unwrap().iter().filter(|one| one["role"] == "USER");
        let members = members.map(|one| one["id"].as_str().unwrap().to_owned()).collect();
        let (places, made) = (Mutex::default(), AtomicUsize::new(0));
        Organisation { folder, server, net, sign_in, crm: Mutex::new(crm), places, made, members }
    }

    fn adapter(&self, token: &str) -> Arc<BottleCrm> {
        Arc::new(at(&self.server, &self.net, Given::new(token)))
    }

    fn admin(&self, method: &str, path: &str, body: Value) -> Value {
        self.server.api(ADMIN, method, path, &body).unwrap()
    }

    fn make(&self, home: &'static str, path: &str, body: Value) -> String {
        let id = self.admin("POST", path, body)["id"].as_str().unwrap().to_owned();
        self.places.lock().unwrap().push((home, id.clone()));
        id
    }

    fn fault(&self, method: &'static str, path: &'static str, fate: Fate) {
        self.server.proxy().fault(Fault { method, path, fate });
    }

    /// The files of a mail on a record, unpacked.
    fn files_of(&self, path: &str, id: &str, message_id: &str) -> Vec<Vec<u8>> {
        let hash = Sha256::digest(message_id.as_bytes());
        let mark: String = hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        let said = self.admin("GET", &format!("{path}/{id}/"), Value::Null);
        let all = said["attachments"].as_array().unwrap().iter();
        let names = all.map(|one| (one["id"].as_str().unwrap(), one["file_name"].as_str().unwrap()));
        let own = names.filter(|(_, name)| name.contains(&mark));
        let read = own.map(|(id, name)| {
            let bytes = self.server.download(ADMIN, id).unwrap();
            if name.ends_with(".zip") { self.server.unpacked(&bytes).unwrap() } else { bytes }
        });
        read.collect()
    }
}

fn path_of(home: &str) -> &'static str {
    match home {
        "account" => "accounts",
        "contact" => "contacts",
        _ => "opportunities",
    }
}

impl Bench for Organisation {
    fn name(&self) -> &'static str {
        "bottlecrm"
    }
    fn crm(&self) -> Arc<dyn Crm> {
        self.crm.lock().unwrap().clone()
    }
    fn company(&self, name: &str, domain: &str) -> String {
        // No two companies of one name can be there.
        let known = self.made.fetch_add(1, Ordering::Relaxed);
        let twice = ["Arkiv", "Tapt", "Stopp"].iter().any(|one| name.starts_with(one));
        let name = if twice { format!("{name} {known}") } else { name.to_owned() };
        let website = format!("https://www.{domain}/om");
        self.make("account", "accounts/", json!({ "name": name, "website": website, "assigned_to": self.members }))
    }
    /// Each address a person: more than one cannot be kept.
    fn person(&self, name: &str, emails: &[&str], company: &str) -> String {
        let (first, last) = name.rsplit_once(' ').unwrap_or((name, "-"));
        let one = |email: &&str| {
            let body = json!({ "first_name": first, "last_name": last, "email": email, "account": company });
            self.make("contact", "contacts/", body)
        };
        emails.iter().map(one).collect::<Vec<_>>().swap_remove(0)
    }
    fn sale(&self, name: &str, company: &str) -> String {
        let name = format!("{name} {}", self.made.fetch_add(1, Ordering::Relaxed));
        let body = json!({ "name": name, "account": company, "assigned_to": self.members });
        self.make("opportunity", "opportunities/", body)
    }
    fn rename_person(&self, id: &str, name: &str) {
        let (first, last) = name.rsplit_once(' ').unwrap_or((name, "-"));
        self.admin("PATCH", &format!("contacts/{id}/"), json!({ "first_name": first, "last_name": last }));
    }
    fn remove_person(&self, id: &str) {
        self.admin("DELETE", &format!("contacts/{id}/"), Value::Null);
        self.places.lock().unwrap().retain(|(_, place)| place != id);
    }
    fn rename_company(&self, id: &str, name: &str) -> Option<()> {
        self.admin("PATCH", &format!("accounts/{id}/"), json!({ "name": name }));
        Some(())
    }
    fn rename_sale(&self, id: &str, name: &str) -> Option<()> {
        self.admin("PATCH", &format!("opportunities/{id}/"), json!({ "name": name }));
        Some(())
    }
    fn files(&self, key: &str) -> Option<Vec<Held>> {
        let places = self.places.lock().unwrap().clone();
        let newest = places.into_iter().rev().take(6).filter(|(home, _)| *home == "account");
        let all = newest.flat_map(|(home, id)| {
            let files = self.files_of(path_of(home), &id, key);
            files.into_iter().map(move |bytes| Held { bytes: Some(bytes), records: vec![format!("company {id}")] })
        });
        Some(all.collect())
    }
    /// Another computer, too: this one reads everything anew only some hours from now.
    fn many(&self, people: u32) {
        let account = self.company("Mange AS", "mange.example");
        // A company of so many is told with all of them, which takes seconds; no mail will lie on it.
        self.places.lock().unwrap().retain(|(_, place)| *place != account);
        self.server.many(&account, people, "mange.example").unwrap();
        let mirror = Mirror::open(&self.folder.path().join("other.db")).unwrap();
        let crm = Mirrored::new(at(&self.server, &self.net, self.sign_in.clone()), mirror);
        *self.crm.lock().unwrap() = Arc::new(crm);
    }
    fn held(&self, message_id: &str) -> Vec<Held> {
        let line = format!("Message-ID: <{message_id}>");
        let mut held: Vec<Held> = Vec::new();
        let places = self.places.lock().unwrap().clone();
        let newest = places.len().saturating_sub(6);
        for (place, (home, id)) in places.into_iter().enumerate() {
            let path = format!("interactions/?{home}={id}&limit=200");
            let all = self.admin("GET", &path, Value::Null)["interactions"].as_array().unwrap().clone();
            let marked = |one: &&Value| {
                one["body"].as_str().unwrap().lines().next_back().is_some_and(|last| last.starts_with(&line))
            };
            let entries = all.iter().filter(marked).count();
            // Files without an entry are looked for where the case at hand has put something.
            if entries == 0 && place < newest {
                continue;
            }
            let files = self.files_of(path_of(home), &id, message_id);
            assert!(files.len() <= entries, "{} files of a mail that has {entries} entries there", files.len());
            // A second entry on a record is a second mail.
            for nth in 0..entries {
                let kind = match home {
                    "account" => "company",
                    "contact" => "person",
                    _ => "sale",
                };
                let bytes = files.get(nth).cloned();
                match held.get_mut(nth) {
                    Some(one) => {
                        one.records.push(format!("{kind} {id}"));
                        assert_eq!(one.bytes, bytes, "another file on another record");
                    }
                    None => held.push(Held { bytes, records: vec![format!("{kind} {id}")] }),
                }
            }
        }
        held.iter_mut().for_each(|one| one.records.sort());
        held
    }
    fn colleague_archives(&self, message_id: &str, company: &str) -> Option<()> {
        let body = json!({
            "kind": "email", "direction": "inbound", "occurred_at": "2026-09-21T14:13:20Z", "subject": "Tilbud",
            "body": format!("Hei\n\nMessage-ID: <{message_id}>"), "account": company,
        });
        self.server.api(OLA, "POST", "interactions/", &body).unwrap();
        Some(())
    }
    fn trouble(&self, trouble: Trouble) -> Option<()> {
        match trouble {
            Trouble::LostAnswer => self.fault("POST", "/api/interactions/", Fate::Lost),
            Trouble::LostUpload => self.fault("POST", "/api/accounts/", Fate::Lost),
            Trouble::RateLimited => {
                let headers = vec!["Retry-After: 17".into(), "Content-Type: application/json".into()];
                self.fault("POST", "/api/interactions/", Fate::Answered(429, headers, "{}".into()));
            }
            Trouble::Maintenance => {
                let html = Fate::Answered(200, vec!["Content-Type: text/html".into()], "<html>Back soon</html>".into());
                self.fault("", "", html);
            }
            Trouble::Unreachable => self.fault("", "", Fate::Unheard),
            Trouble::Forbidden => *self.sign_in.token.lock().unwrap() = KARI_READS.into(),
            Trouble::Expired => {
                *self.sign_in.token.lock().unwrap() = "bcrm_pat_that-has-ended".into();
                *self.sign_in.next.lock().unwrap() = Some(KARI.into());
            }
            Trouble::Revoked => self.server.revoke(KARI).unwrap(),
        }
        Some(())
    }
    fn well(&self) {
        self.server.proxy().well();
        *self.sign_in.token.lock().unwrap() = KARI.into();
    }
}

#[tokio::test]
async fn bottlecrm_does_what_every_crm_does() {
    let organisation = Organisation::start();
    cases::all(&organisation).await;
    // The consent is gone for good: once more and not again, each of the two times that were tried.
    assert_eq!(organisation.sign_in.refusals.load(Ordering::Relaxed), 1 + 2);
}

#[tokio::test]
async fn what_the_crm_keeps_of_a_mail_can_be_read_there_and_undoing_takes_all_of_it() {
    let organisation = Organisation::start();
    let crm = organisation.adapter(KARI);
    let company = organisation.company("Lang AS", "lang.example");
    let person = organisation.person("Liv Lang", &["liv@lang.example"], &company);
    let sale = organisation.sale("Kabel", &company);
    let on = vec![
        record(RecordKind::Sale, &sale),
        record(RecordKind::Person, &person),
        cases::company(&company),
        cases::company(&company),
    ];
    let long = ArchiveMail {
        title: "Æ".repeat(300),
        text: format!("{}\nMessage-ID: <other@x.example>", "å".repeat(20_000)),
        date: 4_000_000_000,
        ..cases::mail("long@x.example", on, true, 1)
    };
    let outcome = crm.archive(long.clone()).await.unwrap();
    let timeline = |home: &str, id: &str| {
        let said = organisation.admin("GET", &format!("interactions/?{home}={id}"), Value::Null);
        said["interactions"].as_array().unwrap().clone()
    };
    for (home, id) in [("account", &company), ("contact", &person), ("opportunity", &sale)] {
        let entries = timeline(home, id);
        assert_eq!(entries.len(), 1, "{home}");
        let (subject, body) = (entries[0]["subject"].as_str().unwrap(), entries[0]["body"].as_str().unwrap());
        assert!(subject.chars().count() <= 200 && subject.ends_with("[…]"), "{subject}");
        assert!(body.chars().count() <= 10_000 && body.contains("å\n[…]\n\nMessage-ID: <long@x.example>"));
        assert_eq!((&entries[0]["kind"], &entries[0]["direction"]), (&json!("email"), &json!("outbound")));
        assert_eq!(organisation.files_of(path_of(home), id, "long@x.example"), std::slice::from_ref(&long.eml));
    }
    // A look at the sale shows one mail, on all three, which is the one that was archived.
    let around = crm.around(RecordRef { kind: RecordKind::Sale, id: sale.clone() }).await.unwrap();
    let seen: Vec<_> =
        around.iter().filter_map(|item| if let Item::Activity(one, _) = item { Some(one) } else { None }).collect();
    assert_eq!((seen.len(), seen[0].id.as_str()), (1, outcome.activity.as_str()));
    assert_eq!(seen[0].message_id, "long@x.example");

    // Cut off in the middle of undoing, it goes on; a second time, there is nothing left to do.
    organisation.fault("DELETE", "/api/accounts/attachment/", Fate::Unheard);
    assert!(matches!(crm.unarchive(outcome.activity.clone()).await, Err(CrmError::Unavailable(_))));
    for _ in 0..2 {
        crm.unarchive(outcome.activity.clone()).await.unwrap();
        assert!(organisation.held("long@x.example").is_empty());
    }

    // Too large even when packed: said, and nothing of it is there.
    let noise: Vec<u8> = (0..27_000_000 / 8).flat_map(|_| rand::random::<u64>().to_le_bytes()).collect();
    let large = ArchiveMail { eml: noise, ..cases::mail("large@x.example", vec![cases::company(&company)], false, 0) };
    assert!(matches!(crm.archive(large).await, Err(CrmError::TooLarge)));
    assert!(organisation.held("large@x.example").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_colleagues_who_archive_one_mail_have_it_there_once() {
    let organisation = Organisation::start();
    let (kari, ola) = (organisation.adapter(KARI), organisation.adapter(OLA));
    let company = organisation.company("Samtidig AS", "samtidig.example");
    let person = organisation.person("Siv", &["siv@samtidig.example"], &company);
    let sale = organisation.sale("Kabel", &company);
    for round in 0..8 {
        let id = format!("race-{round}@x.example");
        let mail = cases::mail(&id, vec![cases::company(&company), record(RecordKind::Person, &person)], false, 1);
        let (one, two) = tokio::join!(kari.archive(mail.clone()), ola.archive(mail));
        let (one, two) = (one.unwrap(), two.unwrap());
        assert_eq!(one.activity, two.activity, "both are told of the same");
        assert!(one.already != two.already, "and who was first: {one:?} {two:?}");
        let held = organisation.held(&id);
        assert_eq!(held.len(), 1);
        assert!(held[0].bytes.is_some() && held[0].records.len() == 2, "{:?}", held[0].records);
    }
    // One on the company, the other on its sale, and then on its person: found beside it, and added to.
    let on = |record| cases::mail("beside@x.example", vec![record], false, 0);
    let first = ola.archive(on(cases::company(&company))).await.unwrap();
    for (kind, id) in [(RecordKind::Sale, &sale), (RecordKind::Person, &person)] {
        let next = kari.archive(on(record(kind, id))).await.unwrap();
        assert_eq!((next.activity.as_str(), next.already), (first.activity.as_str(), true));
    }
    let held = organisation.held("beside@x.example");
    assert_eq!((held.len(), held[0].records.len()), (1, 3));
    // A colleague's mail is theirs to take back: of it, one's own goes.
    let alone = ola.archive(cases::mail("ola@x.example", vec![cases::company(&company)], false, 0)).await.unwrap();
    assert!(matches!(kari.unarchive(alone.activity).await, Err(CrmError::Forbidden { .. })));
    assert_eq!(organisation.held("ola@x.example").len(), 1);
}

#[tokio::test]
async fn what_is_made_and_changed_is_there_as_it_was_meant_and_once() {
    let organisation = Organisation::start();
    let crm = organisation.adapter(KARI);
    let company = organisation.company("Gjort AS", "gjort.example");
    // The same name as another company's sale; and again, as after an answer that was lost.
    let other = organisation.company("Annen AS", "annen.example");
    let new = |at: &str| NewSale { name: "Kabel".into(), company: at.into(), amount: 5, ..NewSale::default() };
    let first = crm.sale_create(new(&other)).await.unwrap();
    let sale = crm.sale_create(new(&company)).await.unwrap();
    assert_eq!((first.name.as_str(), sale.name.as_str()), ("Kabel", "Kabel (Gjort AS)"));
    assert_eq!(crm.sale_create(new(&company)).await.unwrap().id, sale.id);
    assert_eq!((sale.amount, sale.stage_index, sale.stage_count, sale.currency.as_str()), (5, 1, 5, "EUR"));

    let stages = crm.stages(&sale.id).await.unwrap();
    assert_eq!((stages.len(), stages.iter().filter(|stage| stage.open).count()), (6, 4));
    let won = stages.iter().find(|stage| stage.probability == 100).unwrap();
    let change = SaleChange {
        stage: Some(won.id.clone()),
        amount: Some(123_456),
        version: sale.version,
        ..SaleChange::default()
    };
    let changed = crm.sale_change(&sale.id, change.clone()).await.unwrap();
    assert!(!changed.open && changed.amount == 123_456 && changed.closes.len() == 10, "{changed:?}");
    let theirs = crm.sale_change(&sale.id, change).await;
    assert!(matches!(theirs, Err(CrmError::Conflict { theirs: Some(_) })), "it is another by now: {theirs:?}");

    let change = CompanyChange {
        city: Some("Bergen".into()),
        phone: Some("+47 55 00 11 22".into()),
        ..CompanyChange::default()
    };
    let Company { city, phone, name, domains, .. } = crm.company_change(&company, change).await.unwrap();
    assert_eq!((city.as_str(), phone.as_str(), name.as_str()), ("Bergen", "+47 55 00 11 22", "Gjort AS"));
    assert_eq!(domains, ["gjort.example"]);

    // A second person with an address that is somebody's: in the CRM's own words.
    let person = NewPerson {
        name: "Geir Gjort".into(),
        email: "geir@gjort.example".into(),
        company: company.clone(),
        ..NewPerson::default()
    };
    let made = crm.person_create(person.clone()).await.unwrap();
    match crm.person_create(NewPerson { name: "Per".into(), ..person }).await {
        Err(CrmError::Refused(words)) => assert!(words.contains("already exists"), "{words}"),
        other => panic!("{other:?}"),
    }

    // Made, and the answer lost: the next try finds it.
    let task = FollowUp {
        title: "Ring".into(),
        start: 1_900_000_000,
        end: 1_900_000_900,
        sale: sale.id.clone(),
        company: company.clone(),
        person: made.id.clone(),
        ..FollowUp::default()
    };
    organisation.fault("POST", "/api/tasks/", Fate::Lost);
    assert!(matches!(crm.follow_up_create(task.clone()).await, Err(CrmError::Unavailable(_))));
    let kept = crm.follow_up_create(task).await.unwrap();
    let all = organisation.admin("GET", "tasks/?title=Ring", Value::Null);
    assert_eq!(all["tasks_count"], 1);
    assert_eq!((&kept.sale, &kept.company, &kept.person), (&sale.id, &company, &made.id));
    // Somebody moves it there by two days.
    organisation.admin("PATCH", &format!("tasks/{}/", kept.id), json!({ "due_date": "2030-03-19" }));
    assert_eq!(crm.follow_up_done(&kept.id, true).await.unwrap().start, kept.start + 2 * 86_400);

    // A single file, whose answer is lost as well.
    let file = Document {
        name: "Plan: \"B\".pdf".into(),
        mime: "application/pdf".into(),
        bytes: b"%PDF".to_vec(),
        key: "long@x.example#2".into(),
        records: vec![cases::company(&company), record(RecordKind::Sale, &sale.id)],
        ..Document::default()
    };
    organisation.fault("POST", "/api/opportunities/", Fate::Lost);
    assert!(matches!(crm.document(file.clone()).await, Err(CrmError::Unavailable(_))));
    let outcome = crm.document(Document { repeated: true, ..file.clone() }).await.unwrap();
    assert!(!outcome.already && crm.document(file.clone()).await.unwrap().already);
    for (path, id) in [("accounts", &company), ("opportunities", &sale.id)] {
        assert_eq!(organisation.files_of(path, id, &file.key), std::slice::from_ref(&file.bytes), "{path}");
    }
    crm.unarchive(outcome.activity).await.unwrap();
    assert!(organisation.files_of("accounts", &company, &file.key).is_empty());

    let page = crm.page(&RecordRef { kind: RecordKind::Sale, id: sale.id.clone() });
    assert_eq!(page, Some(format!("https://app.example.com/opportunities/{}", sale.id)));
    // A filling ends, and brings tasks whole, though a list of them has neither text nor people.
    crm.follow_up_done(&kept.id, false).await.unwrap();
    let mirrored = organisation.crm();
    let (read, ..) = refresh(&*mirrored).await.unwrap();
    assert_eq!(read, 2 + 1 + 2 + 1, "companies, a person, sales, a task");
    let open = mirrored.follow_ups_open(10).unwrap();
    assert_eq!((open.len(), &open[0].person, &open[0].company), (1, &made.id, &company));
}
