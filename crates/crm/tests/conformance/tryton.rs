//! Tryton itself, as an ordinary user sees it; made, counted and broken by an administrator at its back.

mod only;

use crate::{Bench, Held, Trouble, cases};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use clientele_crm::{
    Crm, Mirror, Mirrored,
    adapter::tryton::{Config, Setup, Tryton},
};
use clientele_model::{Credential, RecordRef, Secret, Token, TokenSource};
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
