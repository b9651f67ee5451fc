//! A CRM elsewhere with its mirror: what is read is answered from the mirror, what is written goes to the CRM and then
//! into the mirror.

mod directory;

use crate::{
    Activities, Activity, Answer, ArchiveMail, ArchiveOutcome, ArchivedThere, Associate, Capabilities, Capability,
    Company, CompanyChange, Crm, CrmError, Directory as _, Document, FollowUp, Item, MailType, Mirror, NewPerson,
    NewSale, Person, PersonChange, Progress, Record, Remote, Result, Sale, SaleChange, Stage, address,
    blocking::blocking, is_free_mail, is_role_address, mirror::State, tables::now,
};
use clientele_model::{Address, RecordRef};
use std::sync::Arc;
use tokio::sync::Mutex;

/// How long it is believed that the CRM knows nobody by an address.
const NOBODY_SECONDS: i64 = 86_400;
/// How often everything is read anew where the CRM does not say what was deleted, and where it does not say what changed.
const ANEW_SECONDS: i64 = 7 * 86_400;
const ALL_SECONDS: i64 = 6 * 3600;
/// How long the members of a selection are believed.
const SELECTION_SECONDS: i64 = 900;
/// How long what lies beside a record is believed.
const LOOKED_SECONDS: i64 = 900;

pub struct Mirrored<R> {
    remote: Arc<R>,
    mirror: Mirror,
    /// One step of filling at a time.
    filling: Mutex<()>,
}

impl<R: Remote> Mirrored<R> {
    pub fn new(remote: R, mirror: Mirror) -> Mirrored<R> {
        Mirrored { remote: Arc::new(remote), mirror, filling: Mutex::default() }
    }

    pub fn remote(&self) -> &R {
        &self.remote
    }

    pub fn mirror(&self) -> &Mirror {
        &self.mirror
    }

    async fn keep(&self, items: Vec<Item>) -> Result<()> {
        let mirror = self.mirror.clone();
        blocking(move || mirror.put(&items, &[], None)).await?;
        Ok(())
    }

    /// The state as it is when the next step begins: going on with a filling, or with a new one where it is time.
    fn begin(&self, state: State, now: i64) -> State {
        let can = self.remote.capabilities();
        let age = now - state.filled;
        let anew = state.cursor.is_empty()
            || (!can.can(Capability::DeletedSince) && age >= ANEW_SECONDS)
            || (!can.can(Capability::ChangedSince) && age >= ALL_SECONDS);
        if state.filling.is_none() && anew {
            return State { filling: Some(String::new()), generation: state.generation + 1, ..state };
        }
        state
    }

    async fn step(&self) -> Result<Progress> {
        let _one_at_a_time = self.filling.lock().await;
        let mirror = self.mirror.clone();
        let before = self.begin(blocking(move || mirror.state()).await?, now());
        let full = before.filling.is_some();
        if !full && !self.remote.capabilities().can(Capability::ChangedSince) {
            return Ok(Progress { done: true, ..Progress::default() });
        }
        if full && before.filling.as_deref() == Some("") {
            let me = self.remote.me().await?;
            let mirror = self.mirror.clone();
            let begun = before.clone();
            blocking(move || {
                mirror.me(&me.id)?;
                mirror.put(&[], &[], Some(&begun))
            })
            .await?;
        }
        let cursor = before.filling.clone().unwrap_or_else(|| before.cursor.clone());
        let changes = self.remote.changes(&cursor).await?;
        let more = changes.more;
        let after = match (full, more) {
            (true, true) => State { filling: Some(changes.cursor), ..before },
            (true, false) => State { filling: None, cursor: changes.cursor, filled: now(), ..before },
            (false, _) => State { cursor: changes.cursor, ..before },
        };
        let mirror = self.mirror.clone();
        let tally = blocking(move || mirror.put(&changes.items, &changes.gone, Some(&after))).await?;
        tracing::debug!(full, more, read = tally.read, changed = tally.changed, gone = tally.gone, "mirror");
        Ok(Progress { done: !more, full, read: tally.read, changed: tally.changed, gone: tally.gone })
    }

    async fn ask(&self, email: String) -> Result<bool> {
        let (mirror, asked) = (self.mirror.clone(), email.clone());
        if !blocking(move || mirror.unasked(&asked)).await? {
            return Ok(false);
        }
        let key = address::key(&email);
        let mut people = self.remote.people_by_email(&key).await?;
        if people.is_empty()
            && let Some(plain) = address::without_tag(&key)
        {
            people = self.remote.people_by_email(&plain).await?;
        }
        if !people.is_empty() {
            let items = people.into_iter().map(Item::Person).collect();
            self.keep(items).await?;
            return Ok(true);
        }
        let mut nobody = vec![key.clone()];
        let domain = Address::new("", &key).domain();
        let mut companies = Vec::new();
        if !is_free_mail(&domain) && !is_role_address(&key) {
            let (mirror, of) = (self.mirror.clone(), domain.clone());
            if blocking(move || mirror.companies_by_domain(&of)).await?.is_empty() {
                companies = self.remote.companies_by_domain(&domain).await?;
            }
            if companies.is_empty() {
                nobody.push(format!("@{domain}"));
            }
        }
        let found = !companies.is_empty();
        let mirror = self.mirror.clone();
        blocking(move || {
            let items: Vec<Item> = companies.into_iter().map(Item::Company).collect();
            mirror.put(&items, &[], None)?;
            mirror.nobody(&nobody, now() + NOBODY_SECONDS)
        })
        .await?;
        Ok(found)
    }

    fn local<T: Send + 'static>(&self, work: impl FnOnce(&Mirror) -> Result<T> + Send + 'static) -> Answer<'_, T> {
        let mirror = self.mirror.clone();
        Box::pin(blocking(move || work(&mirror)))
    }
}

impl<R: Remote> Activities for Mirrored<R> {
    fn archive(&self, mail: ArchiveMail) -> Answer<'_, ArchiveOutcome> {
        Box::pin(async move {
            if mail.message_id.is_empty() {
                return Err(CrmError::Invalid("Message-ID"));
            }
            let activity = Activity {
                id: String::new(),
                kind: crate::ActivityKind::Mail,
                title: mail.title.clone(),
                date: mail.date,
                message_id: mail.message_id.clone(),
            };
            let records = mail.records.iter().map(|one| RecordRef { kind: one.kind, id: one.id.clone() }).collect();
            let outcome = self.remote.archive(mail).await?;
            let activity = Activity { id: outcome.activity.clone(), ..activity };
            self.keep(vec![Item::Activity(activity, records)]).await?;
            Ok(outcome)
        })
    }
    fn unarchive(&self, activity: String) -> Answer<'_, ()> {
        Box::pin(async move {
            self.remote.unarchive(activity.clone()).await?;
            self.local(move |mirror| mirror.forget_activity(&activity)).await
        })
    }
    fn archived(&self, message_id: &str) -> Answer<'_, Option<ArchivedThere>> {
        self.remote.archived(message_id)
    }
}

impl<R: Remote> Crm for Mirrored<R> {
    fn name(&self) -> String {
        self.remote.name()
    }
    fn kind(&self) -> &'static str {
        self.remote.kind()
    }
    fn capabilities(&self) -> Capabilities {
        self.remote.capabilities()
    }
    fn me(&self) -> Answer<'_, Associate> {
        self.remote.me()
    }
    fn associates(&self) -> Answer<'_, Vec<Associate>> {
        self.remote.associates()
    }
    fn companies(&self, query: &str, limit: u32) -> Answer<'_, Vec<Company>> {
        let query = query.to_owned();
        self.local(move |mirror| mirror.search_companies(&query, limit))
    }
    fn people(&self, query: &str, limit: u32) -> Answer<'_, Vec<Person>> {
        let query = query.to_owned();
        self.local(move |mirror| mirror.search_people(&query, limit))
    }
    fn records(&self, query: &str, limit: u32) -> Answer<'_, Vec<Record>> {
        let query = query.to_owned();
        Box::pin(async move {
            let asked = query.clone();
            let found = self.local(move |mirror| mirror.search(&asked, limit)).await?;
            if found.len() >= limit as usize || query.trim().chars().count() < 3 {
                return Ok(found);
            }
            // Before the mirror is filled, or made by a colleague a minute ago.
            match self.remote.search(&query, limit).await {
                Ok(items) => self.keep(items).await?,
                Err(error) => tracing::info!(code = error.code(), "searched in the mirror only"),
            }
            self.local(move |mirror| mirror.search(&query, limit)).await
        })
    }
    fn look_up(&self, email: &str) -> Answer<'_, bool> {
        Box::pin(self.ask(email.to_owned()))
    }
    fn look_again(&self, record: RecordRef) -> Answer<'_, ()> {
        Box::pin(async move {
            let found = self.remote.around(record.clone()).await;
            // What is refused now is refused in a minute as well; what did not get through may get through then.
            if !found.as_ref().is_err_and(|error| error.again_in(1).is_some()) {
                let of = record.clone();
                self.local(move |mirror| mirror.looked(&of, now() + LOOKED_SECONDS)).await?;
            }
            match found {
                Ok(items) => self.keep(items).await,
                Err(CrmError::NotFound) => {
                    self.local(move |mirror| mirror.forget(&record)).await?;
                    Err(CrmError::NotFound)
                }
                Err(error) => Err(error),
            }
        })
    }
    fn refresh(&self) -> Answer<'_, Progress> {
        Box::pin(self.step())
    }
    fn person_create(&self, new: NewPerson) -> Answer<'_, Person> {
        Box::pin(async move {
            if new.name.trim().is_empty() {
                return Err(CrmError::Invalid("name"));
            }
            if !new.email.contains('@') {
                return Err(CrmError::Invalid("email"));
            }
            // Asked twice, or by a colleague a minute ago: the one who is there.
            let there = self.remote.people_by_email(&address::key(&new.email)).await?;
            let same = |person: &Person| person.name.to_lowercase() == new.name.trim().to_lowercase();
            let person = match there.into_iter().find(same) {
                Some(person) => person,
                None => self.remote.person_create(new).await?,
            };
            self.took(person).await
        })
    }
    fn person_change(&self, id: &str, change: PersonChange) -> Answer<'_, Person> {
        let id = id.to_owned();
        Box::pin(async move {
            self.remote.capabilities().need(Capability::PersonChange)?;
            let changed = self.remote.person_change(&id, change).await;
            let person = self.unless_conflict(changed).await?;
            self.took(person).await
        })
    }
    fn sale_create(&self, sale: NewSale) -> Answer<'_, Sale> {
        Box::pin(async move {
            self.remote.capabilities().need(Capability::SaleCreate)?;
            let made = self.remote.sale_create(sale).await?;
            self.keep(vec![Item::Sale(made.clone(), now())]).await?;
            Ok(made)
        })
    }
    fn follow_up_create(&self, follow_up: FollowUp) -> Answer<'_, FollowUp> {
        Box::pin(async move {
            self.remote.capabilities().need(Capability::FollowUps)?;
            let made = self.remote.follow_up_create(follow_up).await?;
            self.keep(vec![Item::FollowUp(made.clone())]).await?;
            Ok(made)
        })
    }
    fn follow_up_done(&self, id: &str, done: bool) -> Answer<'_, FollowUp> {
        let id = id.to_owned();
        Box::pin(async move {
            self.remote.capabilities().need(Capability::FollowUps)?;
            let changed = self.remote.follow_up_done(&id, done).await?;
            self.keep(vec![Item::FollowUp(changed.clone())]).await?;
            Ok(changed)
        })
    }
    fn company_change(&self, id: &str, change: CompanyChange) -> Answer<'_, Company> {
        let id = id.to_owned();
        Box::pin(async move {
            self.remote.capabilities().need(Capability::CompanyChange)?;
            let changed = self.remote.company_change(&id, change).await;
            let company = self.unless_conflict(changed).await?;
            self.keep(vec![Item::Company(company)]).await?;
            self.local(move |mirror| mirror.company(&id)).await
        })
    }
    fn sale_change(&self, id: &str, change: SaleChange) -> Answer<'_, Sale> {
        let id = id.to_owned();
        Box::pin(async move {
            self.remote.capabilities().need(Capability::SaleChange)?;
            let changed = self.remote.sale_change(&id, change).await;
            let sale = self.unless_conflict(changed).await?;
            self.keep(vec![Item::Sale(sale, now())]).await?;
            self.local(move |mirror| mirror.sale(&id)).await
        })
    }
    fn stages(&self, sale: &str) -> Answer<'_, Vec<Stage>> {
        self.remote.stages(sale)
    }
    fn mail_types(&self, outbound: bool) -> Answer<'_, Vec<MailType>> {
        self.remote.mail_types(outbound)
    }
    fn document(&self, document: Document) -> Answer<'_, ArchiveOutcome> {
        Box::pin(async move {
            self.remote.capabilities().need(Capability::Documents)?;
            if document.key.is_empty() {
                return Err(CrmError::Invalid("key"));
            }
            if document.records.is_empty() {
                return Err(CrmError::NoRecord);
            }
            let activity = Activity {
                id: String::new(),
                kind: crate::ActivityKind::Note,
                title: document.name.clone(),
                date: document.date,
                message_id: String::new(),
            };
            let records = document.records.iter().map(|one| RecordRef { kind: one.kind, id: one.id.clone() }).collect();
            let outcome = self.remote.document(document).await?;
            let activity = Activity { id: outcome.activity.clone(), ..activity };
            self.keep(vec![Item::Activity(activity, records)]).await?;
            Ok(outcome)
        })
    }
    fn selection_read(&self, id: &str) -> Answer<'_, u32> {
        let id = id.to_owned();
        Box::pin(async move {
            self.remote.capabilities().need(Capability::Selections)?;
            let asked = id.clone();
            match self.local(move |mirror| mirror.selection_read(&asked)).await? {
                Some((members, read)) if (0..SELECTION_SECONDS).contains(&(now() - read)) => return Ok(members),
                _ => {}
            }
            let members = self.remote.selection_members(&id).await?;
            self.local(move |mirror| mirror.selection_fill(&id, &members, now())).await
        })
    }
    fn own_address(&self, email: &str) -> Answer<'_, ()> {
        let email = email.trim().to_owned();
        Box::pin(async move {
            self.remote.capabilities().need(Capability::OwnAddress)?;
            if !email.contains('@') {
                return Err(CrmError::Invalid("email"));
            }
            self.remote.own_address(&email).await
        })
    }
    fn page(&self, record: &RecordRef) -> Option<String> {
        self.remote.page(record)
    }
}

impl<R: Remote> Mirrored<R> {
    /// What somebody else made of the record meanwhile is kept: the next look shows it.
    async fn unless_conflict<T>(&self, came: Result<T>) -> Result<T> {
        if let Err(CrmError::Conflict { theirs: Some(theirs) }) = &came {
            self.keep(vec![(**theirs).clone()]).await?;
        }
        came
    }

    /// A person that the CRM has given, into the mirror, and as the mirror tells it.
    async fn took(&self, person: Person) -> Result<Person> {
        let id = person.id.clone();
        self.keep(vec![Item::Person(person)]).await?;
        self.local(move |mirror| mirror.person(&id)).await
    }
}
