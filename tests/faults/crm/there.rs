//! CRMs as these tests need them: what signs in, a customer, and what the CRM itself says of a mail, past the proxy.

use crate::round::Told;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use clientele_engine::{CrmSetup, crm::Record};
use clientele_model::RecordKind;
use clientele_tests::world::{
    PASSWORD,
    elma365::{self, Elma365},
    http_proxy::HttpProxy,
    superoffice::SuperOffice,
};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

/// One time that a mail lies on a record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Copy {
    /// `company 12`
    pub on: String,
    /// None where its bytes are not there.
    pub eml: Option<Vec<u8>>,
}

pub trait There {
    /// What connects Kari, or her colleague Ola.
    fn setup(&self, colleague: bool) -> CrmSetup;
    /// Between the program and the CRM.
    fn proxy(&self) -> &HttpProxy;
    /// Method and path of requests that write: of these, an answer may be lost.
    fn writes(&self) -> &'static [(&'static str, &'static str)];
    /// A company and a person at it, made at the CRM's back.
    fn customer(&self, name: &str) -> Vec<Record>;
    /// Every copy of a mail on those records or, where the CRM can be asked so, anywhere.
    fn held(&self, message_id: &str, on: &[Record]) -> Vec<Copy>;
}

/// Killed while they were asking the CRM, and how often an answer was lost.
#[derive(Default)]
pub struct Tried {
    pub killed: AtomicUsize,
    pub lost: AtomicUsize,
}

impl Tried {
    pub fn say(&self, told: &Told, words: String) {
        told.lock().unwrap().push(words);
    }

    pub fn tell(&self) {
        let (killed, lost) = (self.killed.load(Ordering::Relaxed), self.lost.load(Ordering::Relaxed));
        println!("{killed} killed while at work, {lost} answers lost");
        assert!(killed > 0, "none was killed while at work: nothing was tried");
        assert!(lost > 0, "no answer was lost: nothing was tried");
    }
}

pub fn setup(kind: &str, fields: &[(&str, &str)]) -> CrmSetup {
    let fields = fields.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    CrmSetup { kind: kind.into(), fields, grant: None }
}

pub fn customer_of(company: &str, person: &str) -> Vec<Record> {
    vec![Record::new(RecordKind::Company, company, ""), Record::new(RecordKind::Person, person, "")]
}

fn port(url: &str) -> u16 {
    url.rsplit(':').next().and_then(|rest| rest.split('/').next()).unwrap().parse().unwrap()
}

fn bytes(base64: &Value) -> Option<Vec<u8>> {
    base64.as_str().map(|text| BASE64_STANDARD.decode(text).unwrap())
}

/// A customer's own server, in the double.
pub struct SuperOfficeThere {
    pub double: SuperOffice,
    proxy: HttpProxy,
}

impl SuperOfficeThere {
    pub fn start() -> SuperOfficeThere {
        let double = SuperOffice::start().unwrap();
        let proxy = HttpProxy::start(port(&double.on_site())).unwrap();
        SuperOfficeThere { double, proxy }
    }
}

impl There for SuperOfficeThere {
    fn setup(&self, colleague: bool) -> CrmSetup {
        let server = format!("http://127.0.0.1:{}/onsite/api", self.proxy.port());
        let user = if colleague { "ola" } else { "kari" };
        setup("superoffice_site", &[("server", &server), ("user", user), ("secret", PASSWORD)])
    }
    fn proxy(&self) -> &HttpProxy {
        &self.proxy
    }
    fn writes(&self) -> &'static [(&'static str, &'static str)] {
        &[("POST", "/v1/Document$"), ("PUT", "/Content$"), ("PUT", ""), ("POST", ""), ("PATCH", "")]
    }
    fn customer(&self, name: &str) -> Vec<Record> {
        let company = self.double.put("Contact", json!({ "Name": name }), 5).unwrap();
        let person = json!({ "Lastname": name, "Contact": { "ContactId": company } });
        let person = self.double.put("Person", person, 5).unwrap();
        customer_of(&company.to_string(), &person.to_string())
    }
    fn held(&self, message_id: &str, _on: &[Record]) -> Vec<Copy> {
        let mut held = Vec::new();
        for one in self.double.documents(message_id).unwrap() {
            for (kind, key) in [("Contact", "ContactId"), ("Person", "PersonId")] {
                let name = if kind == "Contact" { "company" } else { "person" };
                let id = one[kind][key].as_u64().map(|id| format!("{name} {id}"));
                held.extend(id.map(|on| Copy { on, eml: bytes(&one["Bytes"]) }));
            }
            for link in one["Links"].as_array().into_iter().flatten() {
                held.push(Copy { on: format!("{} {}", link["EntityName"], link["Id"]), eml: bytes(&one["Bytes"]) });
            }
        }
        held
    }
}

/// With an app for mails, in the double.
pub struct Elma365There {
    pub double: Elma365,
    proxy: HttpProxy,
}

impl Elma365There {
    pub fn start() -> Elma365There {
        let double = Elma365::start().unwrap();
        double.issue("kari-1", elma365::KARI).unwrap();
        double.issue("ola-1", elma365::OLA).unwrap();
        let proxy = HttpProxy::start(port(&double.server())).unwrap();
        Elma365There { double, proxy }
    }
}

impl There for Elma365There {
    fn setup(&self, colleague: bool) -> CrmSetup {
        let server = format!("http://127.0.0.1:{}", self.proxy.port());
        let mails = json!({
            "into": "app", "app": { "ns": "pochta", "code": "mails" }, "from": "sender", "to": "recipients",
            "direction": "direction", "file": "eml", "withdrawn": "withdrawn",
        });
        let config = json!({ "mails": mails }).to_string();
        let (user, token) = if colleague { (elma365::OLA, "ola-1") } else { (elma365::KARI, "kari-1") };
        setup("elma365", &[("server", &server), ("user", user), ("secret", token), ("config", &config)])
    }
    fn proxy(&self) -> &HttpProxy {
        &self.proxy
    }
    fn writes(&self) -> &'static [(&'static str, &'static str)] {
        &[("POST", "/mails/create$"), ("POST", "/upload"), ("POST", "/update$"), ("POST", "/list$"), ("POST", "")]
    }
    fn customer(&self, name: &str) -> Vec<Record> {
        let company = self.double.put("_clients/_companies", None, json!({ "__name": name }), elma365::OLA).unwrap();
        let contact = json!({
            "__name": name, "_fullname": { "lastname": name, "firstname": "", "middlename": "" }, "_companies": [company],
        });
        let person = self.double.put("_clients/_contacts", None, contact, elma365::OLA).unwrap();
        customer_of(&company, &person)
    }
    fn held(&self, message_id: &str, _on: &[Record]) -> Vec<Copy> {
        let mut held = Vec::new();
        for one in self.double.items("pochta/mails").unwrap() {
            if one["message_id"] != message_id {
                continue;
            }
            for (kind, field) in [("company", "company"), ("person", "contact")] {
                for id in one[field].as_array().into_iter().flatten() {
                    let on = format!("{kind} {}", id.as_str().unwrap_or_default());
                    held.push(Copy { on, eml: bytes(&one["Bytes"][0]) });
                }
            }
        }
        held
    }
}
