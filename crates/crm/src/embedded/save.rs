//! The editors: every field of a record, as a person has filled it in. An empty id makes a new one.

use super::Embedded;
use crate::{
    Company, CrmError, Person, Project, Result, Sale, Selection, address,
    tables::{company, new_id, now, person, sale, selection, stage},
};
use clientele_model::{RecordKind, RecordRef};
use rusqlite::Connection;

impl Embedded {
    /// Names the stages of the pipeline, the first time; `name` gives one by a stage's id: `lead`, `qualified`,
    /// `negotiation`, `agreement`, `contract`, `won`, `lost`.
    pub fn name_stages(&self, name: impl Fn(&str) -> String) -> Result<()> {
        stage::name(&mut self.lock(), name)
    }

    pub fn company_save(&self, mut one: Company) -> Result<Company> {
        one.name = named(&one.name)?;
        let domain = |text: &String| text.trim().trim_start_matches('@').trim_end_matches('.').to_lowercase();
        one.domains = each_once(one.domains.iter().map(domain));
        if one.domains.iter().any(|domain| domain.contains(['@', '/', ' ']) || !domain.contains('.')) {
            return Err(CrmError::Invalid("domain"));
        }
        (one.city, one.phone) = (one.city.trim().to_owned(), one.phone.trim().to_owned());
        let mut connection = self.lock();
        let tx = connection.transaction()?;
        one.id = id_of(&tx, RecordKind::Company, &one.id)?;
        company::put(&tx, &one)?;
        let saved = company::get(&tx, &one.id)?;
        tx.commit()?;
        Ok(saved)
    }

    /// `company` is an id, or empty.
    pub fn person_save(&self, mut one: Person, company: &str) -> Result<Person> {
        one.name = named(&one.name)?;
        one.title = one.title.trim().to_owned();
        let mut emails: Vec<String> = Vec::new();
        for email in one.emails.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
            if !email.contains('@') || email.contains(char::is_whitespace) {
                return Err(CrmError::Invalid("email"));
            }
            if !emails.iter().any(|known| address::key(known) == address::key(email)) {
                emails.push(email.to_owned());
            }
        }
        one.emails = emails;
        one.phones = each_once(one.phones.iter().map(|text| text.trim().to_owned()));
        let mut connection = self.lock();
        let tx = connection.transaction()?;
        one.id = id_of(&tx, RecordKind::Person, &one.id)?;
        there(&tx, RecordKind::Company, company)?;
        person::put(&tx, &one, company)?;
        let saved = person::get(&tx, &one.id)?;
        tx.commit()?;
        Ok(saved)
    }

    /// `stage` is a stage's id; empty: the first for a new one, else as it is.
    pub fn sale_save(&self, mut one: Sale, stage: &str) -> Result<Sale> {
        one.name = named(&one.name)?;
        one.closes = sale::day(&one.closes)?;
        one.currency = one.currency.trim().to_uppercase();
        if !one.currency.is_empty()
            && (one.currency.len() != 3 || !one.currency.bytes().all(|b| b.is_ascii_uppercase()))
        {
            return Err(CrmError::Invalid("currency"));
        }
        let mut connection = self.lock();
        let tx = connection.transaction()?;
        let new = one.id.is_empty();
        one.id = id_of(&tx, RecordKind::Sale, &one.id)?;
        there(&tx, RecordKind::Company, &one.company)?;
        there(&tx, RecordKind::Person, &one.person)?;
        if !new {
            let before = sale::get(&tx, &one.id)?;
            (one.stage, one.stage_index, one.stage_count) = (before.stage, before.stage_index, before.stage_count);
            (one.probability, one.open, one.pipeline) = (before.probability, before.open, before.pipeline);
        }
        match stage {
            "" if new => {
                let all = stage::all(&tx)?;
                if let Some(first) = all.first() {
                    stage::put_on(&tx, &mut one, &first.id)?;
                }
            }
            "" => {}
            id => stage::put_on(&tx, &mut one, id)?,
        }
        sale::put(&tx, &one, now())?;
        tx.commit()?;
        Ok(one)
    }

    pub fn project_save(&self, mut one: Project) -> Result<Project> {
        one.name = named(&one.name)?;
        let mut connection = self.lock();
        let tx = connection.transaction()?;
        one.id = id_of(&tx, RecordKind::Project, &one.id)?;
        there(&tx, RecordKind::Company, &one.company)?;
        sale::put_project(&tx, &one, now())?;
        tx.commit()?;
        Ok(one)
    }

    /// These members and no others: people and companies.
    pub fn selection_save(&self, id: &str, name: &str, members: &[RecordRef]) -> Result<Selection> {
        selection::save(&mut self.lock(), id, name, members)
    }

    pub fn selection_delete(&self, id: &str) -> Result<()> {
        selection::delete(&mut self.lock(), id)
    }
}

fn named(name: &str) -> Result<String> {
    match name.trim() {
        "" => Err(CrmError::Invalid("name")),
        name => Ok(name.to_owned()),
    }
}

fn each_once(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for one in all {
        if !one.is_empty() && !found.contains(&one) {
            found.push(one);
        }
    }
    found
}

/// A new id for none; one that is not there has gone meanwhile.
fn id_of(tx: &Connection, kind: RecordKind, id: &str) -> Result<String> {
    if id.is_empty() {
        return Ok(new_id());
    }
    there(tx, kind, id)?;
    Ok(id.to_owned())
}

fn there(tx: &Connection, kind: RecordKind, id: &str) -> Result<()> {
    let sql = format!("SELECT 1 FROM {} WHERE id = ?1", kind.as_str());
    if id.is_empty() || tx.prepare_cached(&sql)?.exists([id])? { Ok(()) } else { Err(CrmError::NotFound) }
}
