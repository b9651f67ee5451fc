//! Tryton itself, as an ordinary user sees it; made, counted and broken by an administrator at its back.

use crate::{Bench, Held, Trouble, cases, record, refresh};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use clientele_crm::{
    Capability, CompanyChange, Crm, CrmError, Document, FollowUp, Item, Mirror, Mirrored, Remote as _, SaleChange, Why,
    adapter::tryton::{Config, Setup, Tryton},
};
use clientele_model::{Credential, RecordKind, RecordRef, Secret, Token, TokenSource};
use clientele_net::{Net, NetConfig};
use clientele_tests::world::{
    http_proxy::{Fate, Fault},
    tryton::{DATABASE, KARI, OLA, Tryton as Server},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU8, Ordering},
    },
};

/// A key as a sign-in holds it: whole, ended until it is refused, or taken back.
struct Key(&'static str, AtomicU8);

impl TokenSource for Key {
    fn credential(&self) -> Token<'_> {
        let key = if self.1.load(Ordering::Relaxed) == 0 { self.0 } else { "ended" };
        Box::pin(async move { Ok(Credential::Bearer(Secret::new(key))) })
    }
    fn refused(&self, _credential: &Credential) {
        let _whole_again = self.1.compare_exchange(1, 0, Ordering::Relaxed, Ordering::Relaxed);
    }
}

struct Database {
    folder: tempfile::TempDir,
    server: Server,
    net: Net,
    key: Arc<Key>,
    /// The kind of relation, and an administrator's rule that keeps everybody from writing.
    works_at: i64,
    rule: Mutex<Option<i64>>,
    crm: Mutex<Arc<dyn Crm>>,
}

impl Database {
    fn start() -> Database {
        Database::of(Server::start().unwrap())
    }

    fn of(server: Server) -> Database {
        let kinds = server.rows("party.relation.type", json!([["name", "=", "Works at"]]), &["id"]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let net = Net::new(NetConfig::default()).unwrap();
        let key = Arc::new(Key(KARI, AtomicU8::new(0)));
        let crm = mirrored(&net, &server, key.clone(), &folder, "mirror.db");
        let works_at = kinds[0]["id"].as_i64().unwrap();
        Database { folder, server, net, key, works_at, rule: Mutex::default(), crm: Mutex::new(crm) }
    }

    fn remote(&self, key: &'static str) -> Tryton {
        remote(&self.net, &self.server, Arc::new(Key(key, AtomicU8::new(0))))
    }

    fn one(&self, model: &str, values: Value) -> i64 {
        self.server.create(model, &values).unwrap()
    }

    /// As `mid:` and the Message-ID, on each record.
    fn attached(&self, link: &str) -> Vec<Value> {
        let fields = ["resource", "data"];
        self.server.rows("ir.attachment", json!([["link", "=", link]]), &fields).unwrap()
    }

    /// A mail that lies twice on a record, by its attachment or by its note, is there twice.
    fn held_by(&self, link: &str) -> Vec<Held> {
        let (attached, notes) = (self.attached(link), self.notes(link));
        let mut times: BTreeMap<String, [usize; 2]> = BTreeMap::new();
        for (place, rows) in [&attached, &notes].into_iter().enumerate() {
            for row in rows {
                times.entry(row["resource"].as_str().unwrap().to_owned()).or_default()[place] += 1;
            }
        }
        let most = times.values().flatten().copied().max().unwrap_or_default();
        let parties = |reference: &str| {
            let id = number(reference.rsplit_once(',').unwrap().1);
            let of = json!([["from_", "=", id], ["type", "=", self.works_at]]);
            let works = self.server.rows("party.relation.all", of, &["id"]).unwrap();
            if works.is_empty() { format!("company {id}") } else { format!("person {id}") }
        };
        let mut records: Vec<String> = times
            .keys()
            .map(|reference| match reference.split_once(',').unwrap() {
                ("sale.opportunity", id) => format!("sale {id}"),
                ("project.work", id) => format!("project {id}"),
                _ => parties(reference),
            })
            .collect();
        records.sort();
        let bytes = |row: &Value| {
            let text: String = row["data"]["base64"].as_str()?.split_whitespace().collect();
            BASE64_STANDARD.decode(text).ok()
        };
        let all: Vec<Option<Vec<u8>>> = attached.iter().map(bytes).collect();
        let same = all.first().cloned().flatten().filter(|first| all.iter().all(|one| one.as_ref() == Some(first)));
        vec![Held { bytes: same, records }; most]
    }

    fn notes(&self, link: &str) -> Vec<Value> {
        let of = json!([["message", "like", format!("%{}", link.replace('%', "\\%"))]]);
        self.server.rows("ir.note", of, &["resource"]).unwrap()
    }
}

fn remote(net: &Net, server: &Server, sign_in: Arc<Key>) -> Tryton {
    let config = Config { base: server.base(), database: DATABASE.into(), language: "en".into(), ..Config::default() };
    Tryton::new(net, Setup { config, sign_in })
}

fn mirrored(net: &Net, server: &Server, key: Arc<Key>, folder: &tempfile::TempDir, name: &str) -> Arc<dyn Crm> {
    let mirror = Mirror::open(&folder.path().join(name)).unwrap();
    Arc::new(Mirrored::new(remote(net, server, key), mirror))
}

fn number(id: &str) -> i64 {
    id.parse().unwrap()
}

impl Bench for Database {
    fn name(&self) -> &'static str {
        "tryton"
    }
    fn crm(&self) -> Arc<dyn Crm> {
        self.crm.lock().unwrap().clone()
    }
    fn company(&self, name: &str, domain: &str) -> String {
        let page = json!({ "type": "website", "value": format!("https://www.{domain}/") });
        self.one("party.party", json!({ "name": name, "contact_mechanisms": [["create", [page]]] })).to_string()
    }
    fn person(&self, name: &str, emails: &[&str], company: &str) -> String {
        let emails: Vec<Value> = emails.iter().map(|email| json!({ "type": "email", "value": email })).collect();
        let id = self.one("party.party", json!({ "name": name, "contact_mechanisms": [["create", emails]] }));
        self.one("party.relation", json!({ "from_": id, "to": number(company), "type": self.works_at }));
        id.to_string()
    }
    fn sale(&self, name: &str, company: &str) -> String {
        self.one("sale.opportunity", json!({ "description": name, "party": number(company) })).to_string()
    }
    fn rename_person(&self, id: &str, name: &str) {
        self.server.write("party.party", number(id), &json!({ "name": name })).unwrap();
    }
    fn remove_person(&self, id: &str) {
        self.server.remove("party.party", number(id)).unwrap();
    }
    /// Into a mirror of its own: they were there before it was filled.
    fn many(&self, people: u32) {
        let one = |number: u32| {
            let email = json!({ "type": "email", "value": format!("person{number}@mange.example") });
            json!({ "name": format!("Person {number}"), "contact_mechanisms": [["create", [email]]] })
        };
        self.server.create_all("party.party", (0..people).map(one).collect()).unwrap();
        *self.crm.lock().unwrap() = mirrored(&self.net, &self.server, self.key.clone(), &self.folder, "other.db");
    }
    fn rename_company(&self, id: &str, name: &str) -> Option<()> {
        self.server.write("party.party", number(id), &json!({ "name": name })).ok()
    }
    fn rename_sale(&self, id: &str, name: &str) -> Option<()> {
        self.server.write("sale.opportunity", number(id), &json!({ "description": name })).ok()
    }
    fn selection(&self, name: &str, members: &[RecordRef]) -> Option<String> {
        let category = self.one("party.category", json!({ "name": name }));
        for member in members {
            let with = json!({ "categories": [["add", [category]]] });
            self.server.write("party.party", number(&member.id), &with).unwrap();
        }
        Some(category.to_string())
    }
    fn files(&self, key: &str) -> Option<Vec<Held>> {
        Some(self.held_by(&format!("part:{}", key.replace('#', "%23"))))
    }
    fn held(&self, message_id: &str) -> Vec<Held> {
        self.held_by(&format!("mid:{message_id}"))
    }
    fn colleague_archives(&self, message_id: &str, company: &str) -> Option<()> {
        let attachment = json!({
            "name": "Tilbud.eml", "type": "data", "resource": format!("party.party,{company}"),
            "link": format!("mid:{message_id}"), "data": { "__class__": "bytes", "base64": "aGVp" },
        });
        self.server.ask(OLA, "POST", "ir.attachment", &attachment).unwrap();
        Some(())
    }
    fn trouble(&self, trouble: Trouble) -> Option<()> {
        let told = |headers: &[&str], status: u16, body: &str| {
            let headers = headers.iter().map(|header| (*header).to_owned()).collect();
            Fault { method: "", path: "", fate: Fate::Answered(status, headers, body.into()) }
        };
        let fault = match trouble {
            Trouble::LostAnswer => Fault { method: "POST", path: "/ir.attachment$", fate: Fate::Lost },
            Trouble::LostUpload => Fault { method: "POST", path: "/ir.note/create", fate: Fate::Lost },
            Trouble::RateLimited => told(&["Retry-After: 17"], 429, ""),
            Trouble::Maintenance => told(&["Content-Type: text/html"], 200, "<html>Back soon</html>"),
            Trouble::Unreachable => told(&[], 502, ""),
            Trouble::Forbidden => {
                let rule = json!({
                    "name": "Nobody writes", "model": "party.party", "global_p": true,
                    "perm_read": false, "perm_write": true, "perm_create": false, "perm_delete": false,
                    "rules": [["create", [{ "domain": "[[\"id\", \"<\", 0]]" }]]],
                });
                *self.rule.lock().unwrap() = Some(self.one("ir.rule.group", rule));
                return Some(());
            }
            Trouble::Expired => {
                self.key.1.store(1, Ordering::Relaxed);
                return Some(());
            }
            Trouble::Revoked => {
                let keys = self.server.rows("res.user.application", json!([["key", "=", KARI]]), &["id"]).unwrap();
                let id = keys[0]["id"].as_i64().unwrap();
                self.server.method(&format!("res.user.application/{id}"), "cancel", json!({})).unwrap();
                return Some(());
            }
        };
        self.server.proxy().fault(fault);
        Some(())
    }
    fn well(&self) {
        self.server.proxy().well();
        if let Some(rule) = self.rule.lock().unwrap().take() {
            self.server.remove("ir.rule.group", rule).unwrap();
        }
    }
}

#[tokio::test]
async fn tryton_does_what_every_crm_does() {
    cases::all(&Database::start()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tryton_keeps_what_is_its_own() {
    // As it is without a word of its administrator: two megabytes a request.
    let database = Database::of(Server::start_taking(2 * 1024 * 1024).unwrap());
    two_at_once(&database).await;
    too_large(&database).await;
    a_company_that_writes(&database).await;
    stages(&database).await;
    around(&database).await;
    files_and_selections(&database).await;
    rights(&database).await;
}

/// Two colleagues archive one mail at once: it is there once, and both are told of the same.
async fn two_at_once(database: &Database) {
    let at = database.company("Samtidig AS", "samtidig.example");
    // What is deleted beside an opportunity needs one.
    let sale = database.sale("Kabel", &at);
    let (kari, ola) = (database.remote(KARI), database.remote(OLA));
    for round in 0..5 {
        let id = format!("race-{round}@x.example");
        let on = vec![cases::company(&at), record(RecordKind::Sale, &sale)];
        let mail = cases::mail(&id, on, false, 1);
        let eml = Some(mail.eml.clone());
        let (one, two) = tokio::join!(kari.archive(mail.clone()), ola.archive(mail));
        let (one, two) = (one.unwrap(), two.unwrap());
        assert_eq!(one.activity, two.activity);
        assert!(one.already != two.already, "who was first: {one:?} {two:?}");
        let held = database.held(&id);
        assert!(held.len() == 1 && held[0].bytes == eml, "{} of it", held.len());
        assert_eq!(held[0].records.len(), 2);
        ola.unarchive(two.activity).await.unwrap();
        assert!(database.held(&id).is_empty());
    }
}

/// More than the server takes is said so, and leaves nothing behind.
async fn too_large(database: &Database) {
    let at = database.company("Stor AS", "stor.example");
    let kari = database.remote(KARI);
    let mut mail = cases::mail("large@x.example", vec![cases::company(&at)], false, 1);
    mail.eml.resize(3_000_000, b'x');
    let said = kari.archive(mail.clone()).await;
    assert!(matches!(said, Err(CrmError::TooLarge)), "{said:?}");
    assert!(database.held("large@x.example").is_empty());
    mail.eml.truncate(1_000_000);
    assert!(!kari.archive(mail).await.unwrap().already);
    assert_eq!(database.held("large@x.example").len(), 1);
}

/// Many databases know companies alone, with the addresses of those who write from there.
async fn a_company_that_writes(database: &Database) {
    let contacts = json!([
        { "type": "website", "value": "https://skriver.example" },
        { "type": "email", "value": "100%_post@skriver.example" },
        { "type": "phone", "value": "+47 22 33 44 55" },
    ]);
    let party = json!({
        "name": "Skriver AS", "contact_mechanisms": [["create", contacts]],
        "addresses": [["create", [{ "city": "Bergen" }]]],
    });
    let id = database.one("party.party", party).to_string();
    let kari = database.remote(KARI);
    let found = kari.people_by_email("100%_POST@skriver.example").await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].company.as_ref().map(|one| one.id.as_str()), Some(id.as_str()));
    assert!(kari.people_by_email("100xxpost@skriver.example").await.unwrap().is_empty(), "no pattern");
    let company = kari.companies_by_domain("skriver.example").await.unwrap().remove(0);
    assert_eq!((company.city.as_str(), company.phone.as_str()), ("Bergen", "+47 22 33 44 55"));
    let change = CompanyChange {
        city: Some("Oslo".into()),
        phone: Some("+47 1".into()),
        version: company.version,
        ..Default::default()
    };
    let changed = kari.company_change(&id, change.clone()).await.unwrap();
    assert_eq!((changed.city.as_str(), changed.phone.as_str()), ("Oslo", "+47 1"));
    let stale = kari.company_change(&id, CompanyChange { name: Some("X".into()), ..change }).await;
    assert!(matches!(stale, Err(CrmError::Conflict { theirs: Some(_) })), "{stale:?}");
}

/// A sale goes its way, and is where it was when somebody else has moved it.
async fn stages(database: &Database) {
    let at = database.company("Trinn AS", "trinn.example");
    let id = database.sale("Kabel", &at);
    let kari = database.remote(KARI);
    let all = kari.stages(&id).await.unwrap();
    let open: Vec<&str> = all.iter().filter(|one| one.open).map(|one| one.id.as_str()).collect();
    assert_eq!((open, all.len()), (vec!["lead", "opportunity", "converted"], 6));
    let to = |stage: &str, version: &str| SaleChange {
        stage: Some(stage.into()),
        amount: Some(123_456),
        closes: Some("2027-02-28".into()),
        version: version.into(),
        ..SaleChange::default()
    };
    let moved = kari.sale_change(&id, to("opportunity", "")).await.unwrap();
    assert_eq!((moved.stage.as_str(), moved.stage_index, moved.stage_count), ("Opportunity", 2, 4));
    assert_eq!((moved.amount, moved.closes.as_str(), moved.currency.as_str()), (123_456, "2027-02-28", "NOK"));
    let lost = kari.sale_change(&id, to("lost", &moved.version)).await.unwrap();
    assert!(!lost.open && lost.stage == "Lost", "{lost:?}");
    let stale = kari.sale_change(&id, to("lead", &moved.version)).await;
    assert!(matches!(stale, Err(CrmError::Conflict { theirs: Some(_) })), "{stale:?}");
    let won = kari.sale_change(&id, SaleChange { stage: Some("won".into()), ..SaleChange::default() }).await;
    assert!(matches!(won, Err(CrmError::Invalid("stage"))), "{won:?}");
}

async fn around(database: &Database) {
    let crm = database.crm();
    let at = database.company("Rundt AS", "rundt.example");
    let person = database.person("Rolf", &["rolf@rundt.example"], &at);
    let work = json!({ "name": "Utrulling", "type": "project", "party": number(&at), "company": 1 });
    let project = database.one("project.work", work).to_string();
    // Work of the project is no follow-up.
    database.one("project.work", json!({ "name": "Grave", "type": "task", "parent": number(&project), "company": 1 }));
    let sale = database.sale("Kabel", &at);
    let on = vec![cases::company(&at), record(RecordKind::Project, &project)];
    crm.archive(cases::mail("around@x.example", on, false, 1)).await.unwrap();
    let task = FollowUp {
        title: "Ring \\ skriv".into(),
        text: "To linjer\nher".into(),
        start: 1_900_000_000,
        end: 1_900_000_000,
        person: person.clone(),
        project: project.clone(),
        ..FollowUp::default()
    };
    let task = crm.follow_up_create(task).await.unwrap();
    assert_eq!((task.title.as_str(), task.text.as_str()), ("Ring / skriv", "To linjer\nher"));
    database.crm.lock().unwrap().clone_from(&mirrored(
        &database.net,
        &database.server,
        database.key.clone(),
        &database.folder,
        "around.db",
    ));
    let crm = database.crm();
    for kind in [RecordKind::Company, RecordKind::Project] {
        let id = if kind == RecordKind::Company { at.clone() } else { project.clone() };
        crm.look_again(RecordRef { kind, id: id.clone() }).await.unwrap();
        let mails = crm.activities(kind, &id, 5).unwrap();
        assert_eq!((mails.len(), mails[0].message_id.as_str(), mails[0].date), (1, "around@x.example", 1_790_000_000));
    }
    crm.look_again(RecordRef { kind: RecordKind::Person, id: person.clone() }).await.unwrap();
    assert_eq!(crm.follow_ups(RecordKind::Person, &person).unwrap(), [task]);
    assert_eq!(crm.open_sales(RecordKind::Company, &at).unwrap()[0].id, sale);
    let all = refresh(&*crm).await.unwrap();
    assert_eq!(crm.open_projects(&at).unwrap()[0].id, project, "of {all:?}");
    assert_eq!(crm.follow_ups(RecordKind::Project, &project).unwrap().len(), 1, "work of the project is no follow-up");
    let page = crm.page(&RecordRef { kind: RecordKind::Company, id: at.clone() }).unwrap();
    assert_eq!(page, format!("{}/#{DATABASE}/model/party.party/{at}", database.server.base()));

    // What is put out of use is gone, and what somebody now works at is a company.
    database.server.write("party.party", number(&person), &json!({ "active": false })).unwrap();
    let (_, _, gone) = refresh(&*crm).await.unwrap();
    assert!(gone >= 1 && crm.person(&person).is_err());
    assert_eq!(crm.associates().await.unwrap().iter().filter(|one| one.name == "Ola Nord").count(), 1);
}

async fn files_and_selections(database: &Database) {
    let kari = database.remote(KARI);
    let at = database.company("Fil AS", "fil.example");
    let document = Document {
        name: "..\\tilbud.pdf".into(),
        mime: "application/pdf".into(),
        bytes: b"%PDF".to_vec(),
        key: "doc@x.example/2".into(),
        records: vec![cases::company(&at)],
        ..Document::default()
    };
    let first = kari.document(document.clone()).await.unwrap();
    let second = kari.document(Document { repeated: true, ..document }).await.unwrap();
    assert_eq!((first.already, second.already, &first.activity), (false, false, &second.activity));
    let there = database.server.rows("ir.attachment", json!([["link", "=", first.activity]]), &["name"]).unwrap();
    assert_eq!((there.len(), there[0]["name"].as_str()), (1, Some("tilbud.pdf")));

    let category = database.one("party.category", json!({ "name": "Julekort" }));
    database.server.write("party.party", number(&at), &json!({ "categories": [["add", [category]]] })).unwrap();
    let members = kari.selection_members(&category.to_string()).await.unwrap();
    assert_eq!(members, [RecordRef { kind: RecordKind::Company, id: at }]);
}

/// A group that one is not in, a module that is not there.
async fn rights(database: &Database) {
    let user = database.server.rows("res.user", json!([["login", "=", "ola"]]), &["id"]).unwrap();
    let group = database.server.rows("res.group", json!([["name", "=", "Project Administration"]]), &["id"]).unwrap();
    let without = json!({ "groups": [["remove", [group[0]["id"]]]] });
    database.server.write("res.user", user[0]["id"].as_i64().unwrap(), &without).unwrap();
    let ola = database.remote(OLA);
    assert!(ola.capabilities().can(Capability::FollowUps), "nobody has asked yet");
    assert_eq!(ola.me().await.unwrap().name, "Ola Nord");
    assert_eq!(ola.capabilities().why_not(Capability::FollowUps), Some(Why::NotGranted));
    assert!(ola.capabilities().can(Capability::Projects), "they may be read");
    let said = ola.follow_up_create(FollowUp { title: "X".into(), ..FollowUp::default() }).await;
    assert!(matches!(said, Err(CrmError::Cannot(Capability::FollowUps, Why::NotGranted))), "{said:?}");
    assert!(ola.search("Rundt", 5).await.unwrap().iter().any(|one| matches!(one, Item::Company(_))));
}
