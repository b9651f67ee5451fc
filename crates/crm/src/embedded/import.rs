//! Records from a file: the demo's customers today, other systems' exports later.

use super::Embedded;
use crate::{
    ActivityKind, Company, Person, Project, Record, Result, Sale,
    card::Card,
    is_free_mail,
    tables::{activity, company, new_id, now, person, sale},
};
use clientele_model::{Address, RecordKind};
use rusqlite::{Connection, OptionalExtension as _, params};
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

/// What came of people from a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CardsImported {
    pub created: u32,
    /// Known by name and address, with something new to them.
    pub changed: u32,
    pub unchanged: u32,
}

impl Embedded {
    /// Takes in people from a file, all or none. Who is known by name and one of the addresses gets what is new and loses
    /// nothing; a company is known by its name.
    pub fn import_cards(&self, cards: &[Card]) -> Result<CardsImported> {
        let mut connection = self.lock();
        let tx = connection.transaction()?;
        let mut came = CardsImported::default();
        for card in cards {
            let known = card.emails.iter().map(|email| person::by_email(&tx, email)).collect::<Result<Vec<_>>>()?;
            let same = |one: &Person| one.name.to_lowercase() == card.name.to_lowercase();
            match known.into_iter().flatten().find(same) {
                Some(before) => {
                    let mut after = before.clone();
                    add(&mut after.emails, &card.emails);
                    add(&mut after.phones, &card.phones);
                    if after.title.is_empty() {
                        after.title.clone_from(&card.title);
                    }
                    let company = match &before.company {
                        Some(company) => company.id.clone(),
                        None => company_of(&tx, card)?,
                    };
                    let moved = before.company.is_none() && !company.is_empty();
                    if after == before && !moved {
                        came.unchanged += 1;
                    } else {
                        person::put(&tx, &after, &company)?;
                        came.changed += 1;
                    }
                }
                None => {
                    let company = company_of(&tx, card)?;
                    let new = Person {
                        id: new_id(),
                        name: card.name.clone(),
                        title: card.title.clone(),
                        emails: card.emails.clone(),
                        phones: card.phones.clone(),
                        ..Person::default()
                    };
                    person::put(&tx, &new, &company)?;
                    came.created += 1;
                }
            }
        }
        tx.commit()?;
        Ok(came)
    }

    pub fn companies_count(&self) -> Result<u32> {
        Ok(self.lock().query_row("SELECT count(*) FROM company", [], |row| row.get(0))?)
    }

    /// Everybody, by name.
    pub fn cards(&self) -> Result<Vec<Card>> {
        let connection = self.lock();
        let ids: Vec<String> = connection
            .prepare("SELECT id FROM person ORDER BY name, id")?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let card = |id: &String| {
            let one = person::get(&connection, id)?;
            let company = one.company.map(|company| company.name).unwrap_or_default();
            Ok(Card { name: one.name, title: one.title, emails: one.emails, phones: one.phones, company })
        };
        ids.iter().map(card).collect()
    }
}

/// Those of `more` that are not there, whatever their case.
fn add(all: &mut Vec<String>, more: &[String]) {
    for one in more {
        if !all.iter().any(|known| known.to_lowercase() == one.to_lowercase()) {
            all.push(one.clone());
        }
    }
}

/// The company of that name, made where there is none, with the person's mail domain if that can be one's own; empty for
/// a person without one.
fn company_of(connection: &Connection, card: &Card) -> Result<String> {
    let name = card.company.trim();
    if name.is_empty() {
        return Ok(String::new());
    }
    let known: Option<String> = connection
        .prepare_cached("SELECT id FROM company WHERE name = ?1 COLLATE NOCASE ORDER BY id LIMIT 1")?
        .query_row([name], |row| row.get(0))
        .optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    let domain = card.emails.first().map(|email| Address::new("", email).domain()).unwrap_or_default();
    let own = !domain.is_empty() && !is_free_mail(&domain);
    let made = Company {
        id: new_id(),
        name: name.to_owned(),
        domains: if own { vec![domain] } else { Vec::new() },
        ..Company::default()
    };
    company::put(connection, &made)?;
    Ok(made.id)
}
