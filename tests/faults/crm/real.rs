//! BottleCRM and Tryton as they are, counted by their own APIs.

use super::there::{Copy, There, customer_of, setup};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use clientele_engine::{CrmSetup, crm::Record};
use clientele_model::RecordKind;
use clientele_tests::world::{
    bottlecrm::{self, BottleCrm},
    http_proxy::HttpProxy,
    tryton::{self, DATABASE, Tryton},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub struct BottleCrmThere {
    server: BottleCrm,
    members: Vec<String>,
}

impl BottleCrmThere {
    pub fn start() -> BottleCrmThere {
        let server = BottleCrm::start().unwrap();
        let all = server.api(bottlecrm::ADMIN, "GET", "users/get-teams-and-users/", &Value::Null).unwrap();
        let members = all["profiles"].as_array().unwrap().iter().filter(|one| one["role"] == "USER");
        let members = members.map(|one| one["id"].as_str().unwrap().to_owned()).collect();
        BottleCrmThere { server, members }
    }

    fn admin(&self, method: &str, path: &str, body: Value) -> Value {
        self.server.api(bottlecrm::ADMIN, method, path, &body).unwrap()
    }
}

impl There for BottleCrmThere {
    fn setup(&self, colleague: bool) -> CrmSetup {
        let token = if colleague { bottlecrm::OLA } else { bottlecrm::KARI };
        setup("bottlecrm", &[("server", &self.server.address()), ("secret", token)])
    }
    fn proxy(&self) -> &HttpProxy {
        self.server.proxy()
    }
    fn writes(&self) -> &'static [(&'static str, &'static str)] {
        &[
            ("POST", "/api/interactions/"),
            ("POST", "/api/accounts/"),
            ("POST", "/api/contacts/"),
            ("PATCH", ""),
            ("POST", ""),
        ]
    }
    fn customer(&self, name: &str) -> Vec<Record> {
        let id = |said: Value| said["id"].as_str().unwrap().to_owned();
        let company = json!({ "name": name, "website": "https://kunde.example", "assigned_to": self.members });
        let company = id(self.admin("POST", "accounts/", company));
        let email = format!("{}@kunde.example", name.replace(' ', "-").to_lowercase());
        let person = json!({ "first_name": "Anna", "last_name": name, "email": email, "account": company });
        customer_of(&company, &id(self.admin("POST", "contacts/", person)))
    }
    /// A timeline's entry and a file on each record: what has no partner is half of a copy, without bytes.
    fn held(&self, message_id: &str, on: &[Record]) -> Vec<Copy> {
        let line = format!("Message-ID: <{message_id}>");
        let hash = Sha256::digest(message_id.as_bytes());
        let mark: String = hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        let mut held = Vec::new();
        for record in on {
            let (home, path) = match record.kind {
                RecordKind::Company => ("account", "accounts"),
                _ => ("contact", "contacts"),
            };
            let all = self.admin("GET", &format!("interactions/?{home}={}&limit=200", record.id), Value::Null);
            let entries = all["interactions"].as_array().unwrap().iter().filter(|one| {
                one["home"] == home
                    && one[home].to_string().contains(&record.id)
                    && one["body"].as_str().unwrap().lines().next_back().is_some_and(|last| last.starts_with(&line))
            });
            let said = self.admin("GET", &format!("{path}/{}/", record.id), Value::Null);
            let files = said["attachments"].as_array().unwrap().iter();
            let mut files = files.filter(|one| one["file_name"].as_str().unwrap().contains(&mark)).map(|one| {
                let bytes = self.server.download(bottlecrm::ADMIN, one["id"].as_str().unwrap()).unwrap();
                let packed = one["file_name"].as_str().unwrap().ends_with(".zip");
                if packed { self.server.unpacked(&bytes).unwrap() } else { bytes }
            });
            let on = format!("{} {}", record.kind.as_str(), record.id);
            held.extend(entries.map(|_| Copy { on: on.clone(), eml: files.next() }).collect::<Vec<_>>());
            held.extend(files.map(|eml| Copy { on: format!("only a file on {on}"), eml: Some(eml) }));
        }
        held
    }
}

pub struct TrytonThere(Tryton);

impl TrytonThere {
    pub fn start() -> TrytonThere {
        let there = Tryton::start().unwrap();
        // Without one, ordinary users can delete nothing there, and so take nothing back.
        let party = there.create("party.party", &json!({ "name": "Eldst AS" })).unwrap();
        there.create("sale.opportunity", &json!({ "description": "Kabel", "party": party })).unwrap();
        TrytonThere(there)
    }
}

impl There for TrytonThere {
    fn setup(&self, colleague: bool) -> CrmSetup {
        let key = if colleague { tryton::OLA } else { tryton::KARI };
        setup("tryton", &[("server", &self.0.base()), ("database", DATABASE), ("secret", key)])
    }
    fn proxy(&self) -> &HttpProxy {
        self.0.proxy()
    }
    fn writes(&self) -> &'static [(&'static str, &'static str)] {
        &[("POST", "/ir.attachment$"), ("POST", "/ir.note/create"), ("POST", ""), ("PUT", ""), ("DELETE", "")]
    }
    fn customer(&self, name: &str) -> Vec<Record> {
        let kinds = self.0.rows("party.relation.type", json!([["name", "=", "Works at"]]), &["id"]).unwrap();
        let company = self.0.create("party.party", &json!({ "name": name })).unwrap();
        let person = self.0.create("party.party", &json!({ "name": format!("Anna {name}") })).unwrap();
        let works = json!({ "from_": person, "to": company, "type": kinds[0]["id"] });
        self.0.create("party.relation", &works).unwrap();
        customer_of(&company.to_string(), &person.to_string())
    }
    /// An attachment and a note on each record, wherever they are.
    fn held(&self, message_id: &str, on: &[Record]) -> Vec<Copy> {
        let link = format!("mid:{message_id}");
        let of = |row: &Value| row["resource"].as_str().unwrap().to_owned();
        let name = |reference: &str| {
            let known = on.iter().find(|one| reference == format!("party.party,{}", one.id));
            known.map_or(reference.to_owned(), |one| format!("{} {}", one.kind.as_str(), one.id))
        };
        let files = self.0.rows("ir.attachment", json!([["link", "=", link]]), &["resource", "data"]).unwrap();
        let notes = self.0.rows("ir.note", json!([["message", "like", format!("%{link}")]]), &["resource"]).unwrap();
        let mut notes: Vec<String> = notes.iter().map(of).collect();
        let mut held = Vec::new();
        for row in &files {
            let reference = of(row);
            let noted = notes.iter().position(|note| *note == reference).map(|place| notes.swap_remove(place));
            let text: String = row["data"]["base64"].as_str().unwrap_or_default().split_whitespace().collect();
            let on = if noted.is_some() { name(&reference) } else { format!("only a file on {}", name(&reference)) };
            held.push(Copy { on, eml: BASE64_STANDARD.decode(text).ok() });
        }
        held.extend(notes.iter().map(|note| Copy { on: format!("only a note on {}", name(note)), eml: None }));
        held
    }
}
