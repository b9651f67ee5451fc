//! ELMA365, in its double. What the double answers is held to the published examples in the second test.

mod only;

use crate::{Bench, Held, Trouble, cases};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use clientele_crm::{
    Crm, Mirror, Mirrored,
    adapter::elma365::{App, Config, Elma365, FollowUps, MailApp, Mails, Sales, Setup, Target},
};
use clientele_model::{Credential, Secret, Token, TokenSource};
use clientele_net::{Net, NetConfig};
use clientele_tests::world::elma365::{Elma365 as Double, Fault, KARI, OLA};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

const COMPANIES: &str = "_clients/_companies";
const CONTACTS: &str = "_clients/_contacts";
const DEALS: &str = "_clients/_deals";
const CONTRACTS: &str = "dogovory/contracts";
const MAILS: &str = "pochta/mails";

/// The token as it lies in the secret store, where a person may have put another one.
struct Kept {
    token: Mutex<String>,
    next: Mutex<Option<String>>,
}

impl Kept {
    fn new(token: &str) -> Arc<Kept> {
        Arc::new(Kept { token: Mutex::new(token.into()), next: Mutex::default() })
    }
}

impl TokenSource for Kept {
    fn credential(&self) -> Token<'_> {
        Box::pin(async { Ok(Credential::Bearer(Secret::new(self.token.lock().unwrap().clone()))) })
    }
    fn refused(&self, _credential: &Credential) {
        if let Some(next) = self.next.lock().unwrap().take() {
            *self.token.lock().unwrap() = next;
        }
    }
}

struct Tenant {
    folder: tempfile::TempDir,
    double: Double,
    net: Net,
    sign_in: Arc<Kept>,
    crm: Mutex<Arc<dyn Crm>>,
}

/// As an administrator sets it up who has made an app for mails, one for tasks, and lets mails be linked to contracts.
fn config(double: &Double) -> Config {
    Config {
        server: double.server(),
        user: KARI.into(),
        deals: Sales { closes: "srok".into(), ..Sales::default() },
        targets: vec![Target {
            ns: "dogovory".into(),
            code: "contracts".into(),
            name: "Kontrakt".into(),
            company: "klient".into(),
            mails: "contract".into(),
        }],
        mails: Mails::App(MailApp {
            app: App::new("pochta", "mails"),
            from: "sender".into(),
            to: "recipients".into(),
            direction: "direction".into(),
            file: "eml".into(),
            withdrawn: "withdrawn".into(),
            ..MailApp::default()
        }),
        documents: Some(MailApp {
            app: App::new("pochta", "files"),
            body: String::new(),
            from: String::new(),
            to: String::new(),
            file: "eml".into(),
            ..MailApp::default()
        }),
        follow_ups: Some(FollowUps { app: App::new("zadachi", "todo"), ..FollowUps::default() }),
        ..Config::default()
    }
}

impl Tenant {
    fn start() -> Tenant {
        let folder = tempfile::tempdir().unwrap();
        let double = Double::start().unwrap();
        double.issue("kari-1", KARI).unwrap();
        let net = Net::new(NetConfig::default()).unwrap();
        let sign_in = Kept::new("kari-1");
        let crm = mirrored(&net, config(&double), sign_in.clone(), &folder, "mirror.db");
        Tenant { folder, double, net, sign_in, crm: Mutex::new(crm) }
    }

    fn remote(&self, config: Config) -> Elma365 {
        Elma365::new(&self.net, Setup { config, sign_in: self.sign_in.clone() })
    }

    fn held_in(&self, app: &str, key: &str) -> Vec<Held> {
        let all = self.double.items(app).unwrap();
        let held = all.iter().filter(|one| one["message_id"] == key).map(|one| {
            let mut records = Vec::new();
            for (kind, field, prefix) in [
                ("company", "company", ""),
                ("person", "contact", ""),
                ("sale", "deal", ""),
                ("sale", "lead", "_clients._leads:"),
                ("project", "contract", "dogovory.contracts:"),
            ] {
                let ids = one[field].as_array().into_iter().flatten();
                records.extend(ids.map(|id| format!("{kind} {prefix}{}", id.as_str().unwrap())));
            }
            records.sort();
            Held { bytes: one["Bytes"][0].as_str().map(|bytes| BASE64_STANDARD.decode(bytes).unwrap()), records }
        });
        held.collect()
    }

    fn put(&self, app: &str, context: Value) -> String {
        self.double.put(app, None, context, OLA).unwrap()
    }
}

fn mirrored(net: &Net, config: Config, sign_in: Arc<Kept>, folder: &tempfile::TempDir, name: &str) -> Arc<dyn Crm> {
    let mirror = Mirror::open(&folder.path().join(name)).unwrap();
    Arc::new(Mirrored::new(Elma365::new(net, Setup { config, sign_in }), mirror))
}

fn contact(name: &str, emails: &[&str], company: &str) -> Value {
    let (first, last) = name.rsplit_once(' ').unwrap_or(("", name));
    let emails: Vec<Value> = emails.iter().map(|email| json!({ "type": "work", "email": email })).collect();
    json!({
        "__name": format!("{last} {first}"),
        "_fullname": { "lastname": last, "firstname": first, "middlename": "" },
        "_email": emails,
        "_companies": if company.is_empty() { json!([]) } else { json!([company]) },
    })
}

fn fault(method: &'static str, path: &'static str, status: u16) -> Fault {
    Fault { method, path, times: 1, status, ..Fault::default() }
}

impl Bench for Tenant {
    fn name(&self) -> &'static str {
        "elma365"
    }
    fn crm(&self) -> Arc<dyn Crm> {
        self.crm.lock().unwrap().clone()
    }
    fn company(&self, name: &str, domain: &str) -> String {
        self.put(COMPANIES, json!({ "__name": name, "_website": format!("https://www.{domain}/") }))
    }
    fn person(&self, name: &str, emails: &[&str], company: &str) -> String {
        self.put(CONTACTS, contact(name, emails, company))
    }
    fn sale(&self, name: &str, company: &str) -> String {
        let sum = json!({ "cents": 100, "currency": "NOK" });
        self.put(DEALS, json!({ "__name": name, "_companies": [company], "_sum": sum }))
    }
    fn rename_person(&self, id: &str, name: &str) {
        let (first, last) = name.rsplit_once(' ').unwrap_or(("", name));
        let name = json!({ "__name": name, "_fullname": { "lastname": last, "firstname": first, "middlename": "" } });
        self.double.put(CONTACTS, Some(id), name, OLA).unwrap();
    }
    fn remove_person(&self, id: &str) {
        self.double.remove(CONTACTS, id).unwrap();
    }
    /// All at one moment, as an import makes them, into a mirror of its own. Fewer a page than are asked for.
    fn many(&self, people: u32) {
        self.double.wish(json!({ "pageMost": 90 })).unwrap();
        let one = |number: u32| contact(&format!("M{number}"), &[&format!("person{number}@mange.example")], "");
        self.double.import(CONTACTS, &(0..people).map(one).collect::<Vec<_>>()).unwrap();
        let crm = mirrored(&self.net, config(&self.double), self.sign_in.clone(), &self.folder, "other.db");
        *self.crm.lock().unwrap() = crm;
    }
    fn rename_company(&self, id: &str, name: &str) -> Option<()> {
        self.double.put(COMPANIES, Some(id), json!({ "__name": name }), OLA).ok().map(drop)
    }
    fn rename_sale(&self, id: &str, name: &str) -> Option<()> {
        self.double.put(DEALS, Some(id), json!({ "__name": name }), OLA).ok().map(drop)
    }
    fn files(&self, key: &str) -> Option<Vec<Held>> {
        Some(self.held_in("pochta/files", key))
    }
    fn held(&self, message_id: &str) -> Vec<Held> {
        self.held_in(MAILS, message_id)
    }
    fn colleague_archives(&self, message_id: &str, company: &str) -> Option<()> {
        self.put(MAILS, json!({ "__name": "Tilbud", "message_id": message_id, "company": [company] }));
        // Its Message-ID is part of another's: what the CRM finds is more than what is asked for.
        self.put(
            MAILS,
            json!({ "__name": "Re: Tilbud", "message_id": format!("x{message_id}"), "company": [company] }),
        );
        Some(())
    }
    fn trouble(&self, trouble: Trouble) -> Option<()> {
        let create = "^app/pochta/mails/create$";
        let wished = match trouble {
            Trouble::LostAnswer => Fault { lost: true, ..fault("POST", create, 0) },
            Trouble::LostUpload => Fault { lost: true, ..fault("POST", "^disk/directory/.*/upload$", 0) },
            Trouble::RateLimited => {
                let headers = BTreeMap::from([("retry-after", "17".to_owned())]);
                Fault { headers, ..fault("POST", create, 429) }
            }
            Trouble::Maintenance => Fault { body: json!("<html>Back soon</html>"), ..fault("", "", 200) },
            Trouble::Forbidden => {
                let body = json!({ "success": false, "error": "access denied:\n you may not insert items" });
                // As a status, or in an answer of 200: the other one in the test below.
                Fault { body, ..fault("POST", create, 403) }
            }
            Trouble::Unreachable => fault("", "", 502),
            // A token ends when an administrator takes it back; a person has entered the new one.
            Trouble::Expired => {
                self.double.revoke().ok()?;
                self.double.issue("kari-2", KARI).ok()?;
                *self.sign_in.next.lock().unwrap() = Some("kari-2".into());
                return Some(());
            }
            Trouble::Revoked => return self.double.revoke().ok(),
        };
        self.double.fault(&wished).ok()
    }
    fn well(&self) {
        self.double.well().unwrap();
    }
}

#[tokio::test]
async fn elma365_does_what_every_crm_does() {
    cases::all(&Tenant::start()).await;
}

#[tokio::test]
async fn the_double_answers_the_published_examples_as_they_are_published() {
    let tenant = Tenant::start();
    let said = tenant.double.published("kari-1").unwrap();
    for (what, came) in &said {
        println!("{came:<4} {what}");
    }
    assert!(said.len() >= 11 && said.values().all(|came| came == "ok"), "{said:#?}");
}
