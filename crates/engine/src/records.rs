//! Records of the CRM: shown with what belongs to them, listed, changed.

use crate::{Engine, EngineError, Listed, Task, Waits, follow_up::of_records};
use clientele_crm::{
    Activity, Company, CompanyChange, Crm, CrmError, Line, Person, PersonChange, Project, Record, Sale, SaleChange,
    Stage,
};
use clientele_model::{RecordKind, RecordRef};
use clientele_store::{Page, Store};
use std::sync::Arc;

/// How many of a kind are shown beside a record.
const BESIDE: u32 = 100;

/// A record and what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordFound {
    pub record: Record,
    pub person: Option<Person>,
    pub company: Option<Company>,
    pub sale: Option<Sale>,
    pub project: Option<Project>,
    /// Of a company.
    pub people: Vec<Person>,
    pub sales: Vec<Sale>,
    pub projects: Vec<Project>,
    pub follow_ups: Vec<Task>,
    /// Sales that wait to be made, or were refused.
    pub sales_waiting: Vec<Waits>,
    pub activities: Vec<Activity>,
    /// Where a browser shows it.
    pub page: Option<String>,
}

impl Engine {
    /// From what is on this computer, at once. A CRM elsewhere is asked behind it, and a change of the CRM says
    /// that there is more.
    pub async fn record(&self, of: RecordRef) -> Result<RecordFound, EngineError> {
        let crm = self.crm();
        let store = self.0.store.clone();
        let look = |crm: Arc<dyn Crm>, of: RecordRef| {
            let store = store.clone();
            off_thread(move || find(&store, &*crm, &of))
        };
        let known = look(crm.clone(), of.clone()).await;
        if crm.kind() == "embedded" {
            return known;
        }
        if let Err(EngineError::Crm(CrmError::NotFound)) = &known {
            // Nothing of it is here yet: this once, it is waited for.
            crm.look_again(of.clone()).await?;
            return look(crm, of).await;
        }
        let found = known?;
        let (engine, before, store) = (self.clone(), found.clone(), store.clone());
        tokio::spawn(async move {
            let looked = tokio::select! {
                looked = crm.look_again(of.clone()) => looked,
                () = engine.0.stop.cancelled() => return,
            };
            // What stays the same is not announced, or whoever then asks again would ask for ever.
            let news = match looked {
                Ok(()) => off_thread(move || find(&store, &*crm, &of)).await.ok().is_none_or(|after| after != before),
                Err(error) => matches!(error, CrmError::NotFound),
            };
            if news {
                engine.crm_told();
            }
        });
        Ok(found)
    }

    /// Lines by name, and where the next page goes on; empty at the end.
    pub async fn record_browse(
        &self,
        kind: RecordKind,
        query: String,
        after: String,
        limit: u32,
    ) -> Result<(Vec<Line>, String), EngineError> {
        let crm = self.crm();
        let limit = limit.clamp(1, 200);
        let lines = off_thread(move || Ok(crm.browse(kind, &query, &after, limit)?)).await?;
        let next = lines.last().filter(|_| lines.len() == limit as usize).map(Line::key).unwrap_or_default();
        Ok((lines, next))
    }

    pub async fn person_change(&self, id: &str, change: PersonChange) -> Result<Person, EngineError> {
        let changed = self.crm_to_write()?.0.person_change(id, change).await;
        self.crm_changed(changed).await
    }

    pub async fn company_change(&self, id: &str, change: CompanyChange) -> Result<Company, EngineError> {
        let changed = self.crm_to_write()?.0.company_change(id, change).await;
        self.crm_changed(changed).await
    }

    pub async fn sale_change(&self, id: &str, change: SaleChange) -> Result<Sale, EngineError> {
        let changed = self.crm_to_write()?.0.sale_change(id, change).await;
        self.crm_changed(changed).await
    }

    /// Those that a sale can be in; with an empty id those of a new one.
    pub async fn sale_stages(&self, sale: &str) -> Result<Vec<Stage>, EngineError> {
        self.name_stages().await?;
        Ok(self.crm().stages(sale).await?)
    }

    /// The panel stops offering to put the address into the CRM, or offers it again.
    pub async fn person_never(&self, email: String, never: bool) -> Result<(), EngineError> {
        if !email.contains('@') {
            return Err(EngineError::Invalid("not an address".into()));
        }
        self.store(move |store| store.never_add_set(&email, never)).await
    }

    /// The newest mails with any of these addresses.
    pub async fn mails_with(&self, emails: Vec<String>, limit: u32) -> Result<Listed, EngineError> {
        self.store(move |store| {
            let rows = store.mails_with(&emails, limit)?;
            crate::mails::listed(store, Page { rows, ..Page::default() })
        })
        .await
    }

    /// A record is another: mails may be something else to the business, and whoever shows it looks again. Also where
    /// somebody else was first: what they made of it is here now.
    pub(crate) async fn crm_changed<T>(&self, came: Result<T, CrmError>) -> Result<T, EngineError> {
        if matches!(came, Ok(_) | Err(CrmError::Conflict { .. })) {
            self.store(|store| store.pills_reset()).await?;
            self.0.archive_wake.notify_one();
            self.crm_told();
        }
        Ok(came?)
    }
}

pub(crate) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, EngineError> + Send + 'static,
) -> Result<T, EngineError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(came) => came,
        Err(_) => Err(EngineError::Internal("work on the CRM panicked")),
    }
}

fn find(store: &Store, crm: &dyn Crm, of: &RecordRef) -> Result<RecordFound, EngineError> {
    let id = of.id.as_str();
    let named = |name: &str| Record::new(of.kind, id, name);
    let (follow_ups, sales_waiting) = of_records(store, crm, std::slice::from_ref(of), "")?;
    let mut found = RecordFound {
        record: named(""),
        person: None,
        company: None,
        sale: None,
        project: None,
        people: Vec::new(),
        sales: Vec::new(),
        projects: Vec::new(),
        follow_ups,
        sales_waiting,
        activities: crm.activities(of.kind, id, BESIDE)?,
        page: crm.page(of),
    };
    let company_of = |id: &str| if id.is_empty() { None } else { crm.company(id).ok() };
    match of.kind {
        RecordKind::Company => {
            let one = crm.company(id)?;
            found.record = named(&one.name);
            found.company = Some(one);
            found.people = crm.people_of(id, BESIDE)?;
            found.sales = crm.open_sales(of.kind, id)?;
            found.projects = crm.open_projects(id)?;
        }
        RecordKind::Person => {
            let one = crm.person(id)?;
            found.record = named(&one.name);
            found.company.clone_from(&one.company);
            found.sales = crm.open_sales(of.kind, id)?;
            found.person = Some(one);
        }
        RecordKind::Sale => {
            let one = crm.sale(id)?;
            found.record = named(&one.name);
            found.company = company_of(&one.company);
            found.person = if one.person.is_empty() { None } else { crm.person(&one.person).ok() };
            found.sale = Some(one);
        }
        RecordKind::Project => {
            let one = crm.project(id)?;
            found.record = named(&one.name);
            found.company = company_of(&one.company);
            found.project = Some(one);
        }
    }
    Ok(found)
}
