#![allow(clippy::unwrap_used)]
//! A CRM elsewhere that notes what reaches it. Each holds other records by the same ids.

use crate::{Engine, engine::lock};
use clientele_crm::{
    Answer, ArchiveMail, ArchiveOutcome, ArchivedThere, Associate, Capabilities, Capability, Changes, Company, Crm,
    CrmError, FollowUp, Item, MailType, Mirror, Mirrored, NewPerson, NewSale, Person, PersonChange, Remote, Sale,
    Selection, Why,
};
use clientele_model::{RecordKind, RecordRef};
use clientele_store::CrmLink;
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

#[derive(Default)]
pub(crate) struct Elsewhere {
    pub name: String,
    reached: Mutex<Vec<String>>,
    /// It does not answer any more.
    pub silent: AtomicBool,
}

impl Elsewhere {
    pub(crate) fn new(name: &str) -> Arc<Elsewhere> {
        Arc::new(Elsewhere { name: name.into(), ..Elsewhere::default() })
    }

    /// What was to be written there, in its order.
    pub(crate) fn reached(&self) -> Vec<String> {
        lock(&self.reached).clone()
    }

    fn note(&self, what: String) {
        lock(&self.reached).push(what);
    }

    pub(crate) fn link(&self) -> CrmLink {
        CrmLink {
            kind: "tryton".into(),
            place: self.name.clone(),
            // Nothing answers there.
            config: format!(r#"{{"server":"https://127.0.0.1:1","database":"{}"}}"#, self.name),
            name: self.name.clone(),
            ..CrmLink::default()
        }
    }
}

/// Puts it in the place of the CRM there is, read whole. Gives its link.
pub(crate) async fn connect(engine: &Engine, there: &Arc<Elsewhere>) -> i64 {
    let mirror = engine.profile().join(format!("there-{}.db", there.name));
    let crm: Arc<dyn Crm> = Arc::new(Mirrored::new(Shared(there.clone()), Mirror::open(&mirror).unwrap()));
    while !crm.refresh().await.unwrap().done {}
    let link = there.link();
    let kept = link.clone();
    let id = engine.store(move |store| store.crm_link_set(&kept)).await.unwrap();
    engine.0.crm_now.swap(crm, Some(CrmLink { id, ..link }));
    engine.crm_is_another().await.unwrap();
    id
}

struct Shared(Arc<Elsewhere>);

impl Shared {
    async fn answers(&self) {
        if self.0.silent.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
    }
}

fn cannot<T: Send>() -> Answer<'static, T> {
    Box::pin(async { Err(CrmError::Cannot(Capability::SecondaryEmail, Why::NotInCrm)) })
}

impl Remote for Shared {
    fn name(&self) -> String {
        self.0.name.clone()
    }
    fn kind(&self) -> &'static str {
        "tryton"
    }
    fn capabilities(&self) -> Capabilities {
        Capabilities::without(&[(Capability::FindArchived, Why::NotOffered)])
    }
    fn me(&self) -> Answer<'_, Associate> {
        Box::pin(async { Ok(Associate { id: "me".into(), ..Associate::default() }) })
    }
    fn associates(&self) -> Answer<'_, Vec<Associate>> {
        cannot()
    }
    fn changes(&self, _cursor: &str) -> Answer<'_, Changes> {
        let company = Company {
            id: "1".into(),
            name: format!("Company of {}", self.0.name),
            domains: vec!["nord.example".into()],
            ..Company::default()
        };
        let person = Person {
            id: "2".into(),
            name: format!("Ola of {}", self.0.name),
            emails: vec!["ola@nord.example".into()],
            company: Some(company.clone()),
            ..Person::default()
        };
        let selection = Selection { id: "3".into(), name: "West".into(), members: None };
        let items = vec![Item::Company(company), Item::Person(person), Item::Selection(selection)];
        Box::pin(async { Ok(Changes { items, cursor: "end".into(), ..Changes::default() }) })
    }
    fn people_by_email(&self, _email: &str) -> Answer<'_, Vec<Person>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    fn companies_by_domain(&self, _domain: &str) -> Answer<'_, Vec<Company>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    fn search(&self, query: &str, _limit: u32) -> Answer<'_, Vec<Item>> {
        let found = Company { id: "9".into(), name: format!("{query} of today"), ..Company::default() };
        Box::pin(async move {
            self.answers().await;
            Ok(vec![Item::Company(found)])
        })
    }
    fn mail_types(&self, _outbound: bool) -> Answer<'_, Vec<MailType>> {
        Box::pin(async {
            self.answers().await;
            Ok(vec![MailType { id: "4".into(), name: "Letter".into(), default: true }])
        })
    }
    fn selection_members(&self, _id: &str) -> Answer<'_, Vec<RecordRef>> {
        let silent = self.0.silent.load(Ordering::Relaxed);
        Box::pin(async move {
            if silent {
                return Err(CrmError::Unavailable("no network".into()));
            }
            Ok(vec![RecordRef { kind: RecordKind::Company, id: "1".into() }])
        })
    }
    fn around(&self, _record: RecordRef) -> Answer<'_, Vec<Item>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    fn person_create(&self, person: NewPerson) -> Answer<'_, Person> {
        self.0.note(format!("person {}", person.name));
        cannot()
    }
    fn person_change(&self, id: &str, _change: PersonChange) -> Answer<'_, Person> {
        self.0.note(format!("person {id} changed"));
        cannot()
    }
    fn sale_create(&self, sale: NewSale) -> Answer<'_, Sale> {
        self.0.note(format!("sale {} on {}", sale.name, sale.company));
        Box::pin(async move { Ok(Sale { id: "7".into(), name: sale.name, company: sale.company, ..Sale::default() }) })
    }
    fn follow_up_create(&self, follow_up: FollowUp) -> Answer<'_, FollowUp> {
        self.0.note(format!("follow-up {} on {}", follow_up.title, follow_up.company));
        Box::pin(async move { Ok(FollowUp { id: "8".into(), ..follow_up }) })
    }
    fn follow_up_done(&self, id: &str, done: bool) -> Answer<'_, FollowUp> {
        self.0.note(format!("follow-up {id} {done}"));
        let id = id.to_owned();
        Box::pin(async move { Ok(FollowUp { id, done, ..FollowUp::default() }) })
    }
    fn archive(&self, mail: ArchiveMail) -> Answer<'_, ArchiveOutcome> {
        let on: Vec<&str> = mail.records.iter().map(|one| one.id.as_str()).collect();
        self.0.note(format!("mail {} on {}", mail.title, on.join(" ")));
        Box::pin(async move { Ok(ArchiveOutcome { activity: format!("of {}", mail.message_id), already: false }) })
    }
    fn archived(&self, _message_id: &str) -> Answer<'_, Option<ArchivedThere>> {
        cannot()
    }
    fn unarchive(&self, activity: String) -> Answer<'_, ()> {
        self.0.note(format!("taken out: {activity}"));
        Box::pin(async { Ok(()) })
    }
    fn page(&self, _record: &RecordRef) -> Option<String> {
        None
    }
}
