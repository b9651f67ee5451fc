//! The embedded CRM's editors, and its people in files.

use crate::{Engine, EngineError, records::off_thread};
use clientele_crm::{
    Capability, CardsImported, Company, CrmError, Embedded, Person, Project, Record, Sale, Selection, card,
};
use clientele_model::RecordRef;
use std::{collections::HashSet, io::Write as _, path::PathBuf};

/// A file of people is read whole: more than this is none.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CardsTaken {
    pub people: CardsImported,
    /// Companies that are new.
    pub companies: u32,
    pub left_out: u32,
}

impl Engine {
    pub async fn company_save(&self, one: Company) -> Result<Company, EngineError> {
        self.edit(move |crm| crm.company_save(one)).await
    }

    /// `company` is an id, or empty.
    pub async fn person_save(&self, one: Person, company: String) -> Result<Person, EngineError> {
        self.edit(move |crm| crm.person_save(one, &company)).await
    }

    /// `stage` is a stage's id, or empty.
    pub async fn sale_save(&self, one: Sale, stage: String) -> Result<Sale, EngineError> {
        self.name_stages().await?;
        self.edit(move |crm| crm.sale_save(one, &stage)).await
    }

    pub async fn project_save(&self, one: Project) -> Result<Project, EngineError> {
        self.edit(move |crm| crm.project_save(one)).await
    }

    /// With what hangs on it alone.
    pub async fn record_delete(&self, record: RecordRef) -> Result<(), EngineError> {
        self.edit(move |crm| crm.delete(&record)).await
    }

    pub async fn selections(&self) -> Result<Vec<Selection>, EngineError> {
        let crm = self.crm();
        crm.capabilities().need(Capability::Selections)?;
        off_thread(move || Ok(crm.selections()?)).await
    }

    /// Asked of the CRM where that was not done of late and it can be asked; those that are known here have a name.
    pub async fn selection_members(&self, id: String) -> Result<Vec<Record>, EngineError> {
        let crm = self.crm();
        crm.capabilities().need(Capability::Selections)?;
        if self.crm_may_be_asked()
            && let Err(error) = crm.selection_read(&id).await
        {
            // What was read of it before is still here.
            let known = |one: &Selection| one.id == id && one.members.is_some();
            if error.again_in(0).is_none() || !self.selections().await?.iter().any(known) {
                return Err(error.into());
            }
        }
        off_thread(move || {
            let members = crm.selection_members(&id)?;
            let name = |one: &RecordRef| match crm.record_name(one.kind, &one.id) {
                Err(CrmError::NotFound) => Ok(String::new()),
                name => name,
            };
            let named = members.iter().map(|one| Ok(Record::new(one.kind, &one.id, &name(one)?)));
            Ok(named.collect::<Result<_, CrmError>>()?)
        })
        .await
    }

    pub async fn selection_save(
        &self,
        id: String,
        name: String,
        members: Vec<RecordRef>,
    ) -> Result<Selection, EngineError> {
        self.edit(move |crm| crm.selection_save(&id, &name, &members)).await
    }

    pub async fn selection_delete(&self, id: String) -> Result<(), EngineError> {
        self.edit(move |crm| crm.selection_delete(&id)).await
    }

    /// People of a `.vcf` or a `.csv` file, all or none; lines that hold nobody are counted.
    pub async fn cards_import(&self, path: PathBuf) -> Result<CardsTaken, EngineError> {
        let vcard = is_vcard(&path)?;
        let file = path.clone();
        let bytes = off_thread(move || {
            if std::fs::metadata(&file)?.len() > MOST_BYTES {
                return Err(EngineError::Invalid("the file is too large".into()));
            }
            Ok(std::fs::read(&file)?)
        })
        .await?;
        self.edit(move |crm| {
            let read = if vcard { card::from_vcard(&bytes) } else { card::from_csv(&bytes) };
            let before = crm.companies_count()?;
            let people = crm.import_cards(&read.cards)?;
            let companies = crm.companies_count()?.saturating_sub(before);
            Ok(CardsTaken { people, companies, left_out: read.passed_over.len() as u32 })
        })
        .await
    }

    /// Everybody, into a new `.vcf` or `.csv` file; how many people and how many companies of theirs. One that is there
    /// already is replaced once the new one is whole.
    pub async fn cards_export(&self, path: PathBuf) -> Result<(u32, u32), EngineError> {
        let vcard = is_vcard(&path)?;
        let crm = self.embedded()?;
        off_thread(move || {
            let cards = crm.cards()?;
            let text = if vcard { card::to_vcard(&cards) } else { card::to_csv(&cards) };
            let mut beside = path.clone().into_os_string();
            beside.push(".part");
            let mut file = std::fs::File::create(&beside)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&beside, &path)?;
            let companies: HashSet<&str> =
                cards.iter().map(|card| card.company.as_str()).filter(|name| !name.is_empty()).collect();
            Ok((cards.len() as u32, companies.len() as u32))
        })
        .await
    }

    /// The embedded CRM's pipeline speaks the language that its owner does when it is first looked at; from then on its
    /// stages are called so.
    pub(crate) async fn name_stages(&self) -> Result<(), EngineError> {
        let language = self.language().await;
        let crm = self.0.crm.clone();
        off_thread(move || Ok(crm.name_stages(|id| clientele_words::word(language, &format!("sale.stage.{id}"), &[]))?))
            .await
    }

    fn embedded(&self) -> Result<std::sync::Arc<Embedded>, EngineError> {
        self.crm_to_write()?.0.capabilities().need(Capability::Editors)?;
        Ok(self.0.crm.clone())
    }

    async fn edit<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Embedded) -> Result<T, CrmError> + Send + 'static,
    ) -> Result<T, EngineError> {
        let crm = self.embedded()?;
        let done = off_thread(move || Ok(work(&crm)?)).await?;
        self.crm_changed(Ok(done)).await
    }
}

fn is_vcard(path: &std::path::Path) -> Result<bool, EngineError> {
    let end = path.extension().map(|end| end.to_string_lossy().to_lowercase());
    match end.as_deref() {
        Some("vcf") => Ok(true),
        Some("csv") => Ok(false),
        _ => Err(EngineError::Invalid("the file's name ends with .vcf or .csv".into())),
    }
}
