//! BottleCRM as it is: the real server, run for the tests. What it holds is asked by its own API, as its administrator.

#[path = "bottlecrm/only.rs"]
mod only;

use crate::{Bench, Held, Trouble, cases};
use clientele_crm::{
    Crm, Mirror, Mirrored,
    adapter::bottlecrm::{BottleCrm, Config, Setup},
};
use clientele_model::{Credential, Secret, Token, TokenSource};
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
