//! Records from a file: the demo's customers today, other systems' exports later.

use super::Embedded;
use crate::{
    ActivityKind, Company, Person, Project, Record, Result, Sale,
    tables::{activity, company, now, person, sale},
};
use clientele_model::RecordKind;
use rusqlite::params;
use serde::{Deserialize, Serialize};

/// Records by the ids they have where they come from; importing again brings them up to date and doubles nothing.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Seed {
    pub companies: Vec<Company>,
    pub people: Vec<SeedPerson>,
    pub sales: Vec<SeedSale>,
    pub projects: Vec<Project>,
    pub activities: Vec<SeedActivity>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SeedPerson {
    pub id: String,
    pub name: String,
    pub title: String,
    pub emails: Vec<String>,
    pub phones: Vec<String>,
    /// A company's id, or empty.
    pub company: String,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SeedSale {
    #[serde(flatten)]
    pub sale: Sale,
    /// When it last changed, in seconds since 1970; 0: now.
    pub changed: i64,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SeedActivity {
    pub id: String,
    pub kind: ActivityKind,
    pub title: String,
    /// Seconds since 1970.
    pub date: i64,
    pub text: String,
    pub records: Vec<SeedRef>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SeedRef {
    pub kind: RecordKind,
    pub id: String,
}

impl Embedded {
    /// Takes in a [`Seed`], all of it or nothing.
    pub fn import(&self, seed: &Seed) -> Result<()> {
        let mut connection = self.lock();
        let tx = connection.transaction()?;
        for entry in &seed.companies {
            company::put(&tx, entry)?;
        }
        for entry in &seed.people {
            let one = Person {
                id: entry.id.clone(),
                name: entry.name.clone(),
                title: entry.title.clone(),
                emails: entry.emails.clone(),
                phones: entry.phones.clone(),
                ..Person::default()
            };
            person::put(&tx, &one, &entry.company)?;
        }
        let now = now();
        for entry in &seed.sales {
            sale::put(&tx, &entry.sale, if entry.changed == 0 { now } else { entry.changed })?;
        }
        for (age, entry) in seed.projects.iter().enumerate() {
            sale::put_project(&tx, entry, now - age as i64)?;
        }
        for entry in &seed.activities {
            activity::remove(&tx, &entry.id)?;
            tx.execute(
                "INSERT INTO activity (id, kind, title, date, text, by) VALUES (?1, ?2, ?3, ?4, ?5, '')",
                params![entry.id, entry.kind.as_str(), entry.title, entry.date, entry.text],
            )?;
            let records: Vec<Record> = entry.records.iter().map(|one| Record::new(one.kind, &one.id, "")).collect();
            activity::link(&tx, &entry.id, entry.date, &records)?;
        }
        tx.commit()?;
        Ok(())
    }
}
