//! Records into the mirror, and out of it.

use super::{Mirror, State, state};
use crate::{
    Activity, Company, Item, Person, Result, address,
    tables::{company, follow_up, name, person, sale, selection},
};
use clientele_model::{RecordKind, RecordRef};
use rusqlite::{Connection, OptionalExtension as _, params};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// What a page of records came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub read: u32,
    /// New, or other than before.
    pub changed: u32,
    pub gone: u32,
}

impl Mirror {
    /// Takes in records, all or none, and with `state` how far filling has come; a filling that is done with it removes
    /// what it has not brought.
    pub(crate) fn put(&self, items: &[Item], gone: &[RecordRef], state: Option<&State>) -> Result<Tally> {
        let mut connection = self.write();
        let tx = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let before = state::load(&tx)?;
        let generation = state.map_or(before.generation, |state| state.generation);
        let mut tally = Tally { read: items.len() as u32, ..Tally::default() };
        for item in items {
            tally.changed += u32::from(put(&tx, item, generation)?);
        }
        for record in gone {
            tally.gone += u32::from(forget(&tx, record)?);
        }
        if let Some(state) = state {
            if before.filling.is_some() && state.filling.is_none() {
                tally.gone += sweep(&tx, generation)?;
            }
            state::save(&tx, state)?;
        }
        tx.commit()?;
        Ok(tally)
    }

    /// Whether it was there.
    pub(crate) fn forget(&self, record: &RecordRef) -> Result<bool> {
        let mut connection = self.write();
        let tx = connection.transaction()?;
        let there = forget(&tx, record)?;
        tx.commit()?;
        Ok(there)
    }

    /// Who is in a selection, as the CRM said at `now`.
    pub(crate) fn selection_fill(&self, id: &str, members: &[RecordRef], now: i64) -> Result<u32> {
        let mut connection = self.write();
        let tx = connection.transaction()?;
        // Made by somebody since the lists were read: its name comes with the next of them.
        tx.prepare_cached("INSERT OR IGNORE INTO selection (id, name) VALUES (?1, '')")?.execute([id])?;
        let count = selection::fill(&tx, id, members)?;
        tx.prepare_cached("UPDATE selection SET \"read\" = ?2 WHERE id = ?1")?.execute(params![id, now])?;
        tx.commit()?;
        Ok(count)
    }

    /// How many are in a selection, and when that was read; None: never.
    pub(crate) fn selection_read(&self, id: &str) -> Result<Option<(u32, i64)>> {
        let row = self
            .read()
            .prepare_cached("SELECT coalesce(members, 0), \"read\" FROM selection WHERE id = ?1 AND \"read\" > 0")?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        Ok(row)
    }

    pub(crate) fn forget_activity(&self, id: &str) -> Result<()> {
        let mut connection = self.write();
        let tx = connection.transaction()?;
        tx.execute("DELETE FROM activity_record WHERE activity = ?1", [id])?;
        tx.execute("DELETE FROM activity WHERE id = ?1", [id])?;
        tx.commit()?;
        Ok(())
    }
}

/// Whether it was new or other than before.
fn put(tx: &Connection, item: &Item, generation: i64) -> Result<bool> {
    if let Item::Address { person, email } = item {
        return put_address(tx, person, email, generation);
    }
    let (table, id) = place(item);
    let print = print_of(item);
    let before: Option<i64> = tx
        .prepare_cached(&format!("SELECT print FROM {table} WHERE id = ?1"))?
        .query_row([id], |row| row.get(0))
        .optional()?;
    let changed = match item {
        // Lines and whole records have the same print: what only the whole one says is compared by itself.
        Item::Person(one) if before == Some(print) => {
            let known = person::get(tx, id)?;
            (&known.emails, &known.phones, &known.version) != (&one.emails, &one.phones, &one.version)
        }
        // A line beside a record does not say whose it is.
        Item::FollowUpRow(one) if before == Some(print) && !one.owner.is_empty() => {
            follow_up::get(tx, id)?.owner != one.owner
        }
        Item::Company(one) if before == Some(print) => {
            let known = company::get(tx, id)?;
            (&known.domains, &known.version) != (&one.domains, &one.version)
        }
        Item::FollowUp(one) if before == Some(print) => {
            let known = follow_up::get(tx, id)?;
            (&known.text, &known.owner, &known.version) != (&one.text, &one.owner, &one.version)
        }
        _ => before != Some(print),
    };
    if changed {
        write(tx, item)?;
    }
    match item {
        Item::Project(project, _) if !project.company.is_empty() => {
            tx.prepare_cached("INSERT OR IGNORE INTO project_of (company, project) VALUES (?1, ?2)")?
                .execute([&project.company, &project.id])?;
        }
        Item::Person(one) | Item::PersonRow(one) => {
            if let Some(company) = &one.company {
                stand_in(tx, company, generation)?;
            }
            if matches!(item, Item::Person(_)) {
                tx.prepare_cached("UPDATE person_email SET seen = ?2 WHERE person = ?1")?
                    .execute(params![one.id, generation])?;
            }
        }
        _ => {}
    }
    tx.prepare_cached(&format!("UPDATE {table} SET seen = ?2, print = ?3 WHERE id = ?1"))?
        .execute(params![id, generation, print])?;
    Ok(changed)
}

fn put_address(tx: &Connection, person: &str, email: &str, generation: i64) -> Result<bool> {
    let key = address::key(email);
    let position: i64 = tx
        .prepare_cached("SELECT coalesce(max(position), -1) + 1 FROM person_email WHERE person = ?1")?
        .query_row([person], |row| row.get(0))?;
    let new = tx
        .prepare_cached("INSERT OR IGNORE INTO person_email (key, person, email, position) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![key, person, email.trim(), position])?
        > 0;
    tx.prepare_cached("UPDATE person_email SET seen = ?3 WHERE key = ?1 AND person = ?2")?
        .execute(params![key, person, generation])?;
    if new {
        known(tx, &key)?;
        index_person(tx, person)?;
    }
    Ok(new)
}

/// By its name and all of its addresses.
fn index_person(tx: &Connection, id: &str) -> Result<()> {
    match person::get(tx, id) {
        Ok(one) => name::index(tx, RecordKind::Person, id, &one.name, &one.emails),
        Err(crate::CrmError::NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}

fn place(item: &Item) -> (&'static str, &str) {
    match item {
        Item::Company(one) | Item::CompanyRow(one) => ("company", &one.id),
        Item::Person(one) | Item::PersonRow(one) => ("person", &one.id),
        Item::Address { person, .. } => ("person", person),
        Item::Sale(one, _) => ("sale", &one.id),
        Item::Project(one, _) => ("project", &one.id),
        Item::Selection(one) => ("selection", &one.id),
        Item::FollowUp(one) | Item::FollowUpRow(one) => ("follow_up", &one.id),
        Item::Activity(one, _) => ("activity", &one.id),
    }
}

/// Never 0, which is a row's that only another row has told of.
fn print_of(item: &Item) -> i64 {
    let mut hasher = DefaultHasher::new();
    match item {
        // The same project read beside another of its companies is the same.
        Item::Project(one, changed) => (&one.id, &one.name, one.open, changed).hash(&mut hasher),
        Item::Person(one) | Item::PersonRow(one) => {
            let company = one.company.as_ref().map(|company| &company.id);
            (&one.name, &one.title, company).hash(&mut hasher);
        }
        Item::Company(one) | Item::CompanyRow(one) => (&one.name, &one.city, &one.phone, one.since).hash(&mut hasher),
        Item::FollowUp(one) | Item::FollowUpRow(one) => {
            (one.kind.as_str(), &one.title, one.start, one.end, one.done).hash(&mut hasher);
            (&one.company, &one.person, &one.sale, &one.project).hash(&mut hasher);
        }
        item => format!("{item:?}").hash(&mut hasher),
    }
    hasher.finish() as i64 | 1
}

fn write(tx: &Connection, item: &Item) -> Result<()> {
    match item {
        Item::Company(one) => put_company(tx, one)?,
        Item::CompanyRow(row) => {
            let mut one = row.clone();
            if let Some(known) = found(company::get(tx, &row.id))? {
                one.domains = known.domains;
                one.domains.extend(
                    row.domains.iter().filter(|domain| !one.domains.contains(domain)).cloned().collect::<Vec<_>>(),
                );
                one.version = known.version;
            }
            put_company(tx, &one)?;
        }
        Item::Person(one) => put_person(tx, one)?,
        Item::PersonRow(row) => {
            let mut one = row.clone();
            if let Some(known) = found(person::get(tx, &row.id))? {
                one.emails = known.emails;
                one.version = known.version;
                if !known.phones.is_empty() {
                    one.phones = known.phones;
                }
            }
            // Rewriting a person makes the rows of the addresses anew: they keep the filling that brought them.
            let seen: Vec<(String, i64)> = tx
                .prepare_cached("SELECT key, seen FROM person_email WHERE person = ?1")?
                .query_map([&row.id], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<_>>()?;
            put_person(tx, &one)?;
            for (key, seen) in seen {
                tx.prepare_cached("UPDATE person_email SET seen = ?3 WHERE key = ?1 AND person = ?2")?
                    .execute(params![key, row.id, seen])?;
            }
        }
        Item::Address { .. } => {}
        Item::Sale(one, changed) => sale::put(tx, one, *changed)?,
        Item::Project(one, changed) => sale::put_project(tx, one, *changed)?,
        Item::Selection(one) => {
            tx.prepare_cached(
                "INSERT INTO selection (id, name, members) VALUES (?1, ?2, ?3)
                 ON CONFLICT (id) DO UPDATE SET name = ?2, members = coalesce(?3, members)",
            )?
            .execute(params![one.id, one.name, one.members])?;
        }
        Item::FollowUp(one) => follow_up::put(tx, one)?,
        Item::FollowUpRow(row) => {
            let mut one = row.clone();
            let known = found(follow_up::get(tx, &row.id))?;
            if one.owner.is_empty() {
                // Somebody's: only what is said to be one's own is.
                one.owner = known.as_ref().map_or_else(|| "?".to_owned(), |known| known.owner.clone());
            }
            if let Some(known) = known {
                (one.text, one.version) = (known.text, known.version);
            }
            follow_up::put(tx, &one)?;
        }
        Item::Activity(one, records) => put_activity(tx, one, records)?,
    }
    Ok(())
}

fn found<T>(asked: Result<T>) -> Result<Option<T>> {
    match asked {
        Ok(one) => Ok(Some(one)),
        Err(crate::CrmError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

fn put_company(tx: &Connection, one: &Company) -> Result<()> {
    company::put(tx, one)?;
    for domain in &one.domains {
        known(tx, &format!("@{}", domain.trim().to_lowercase()))?;
    }
    Ok(())
}

fn put_person(tx: &Connection, one: &Person) -> Result<()> {
    let company = one.company.as_ref().map(|company| company.id.as_str()).unwrap_or_default();
    person::put(tx, one, company)?;
    for email in &one.emails {
        known(tx, &address::key(email))?;
    }
    Ok(())
}

fn put_activity(tx: &Connection, one: &Activity, records: &[RecordRef]) -> Result<()> {
    tx.prepare_cached("DELETE FROM activity_record WHERE activity = ?1")?.execute([&one.id])?;
    // Two activities of one mail are the CRM's business; here the later one gives way on the Message-ID.
    tx.prepare_cached(
        "INSERT INTO activity (id, kind, title, date, text, message_id, by) VALUES (?1, ?2, ?3, ?4, '',
           CASE WHEN EXISTS (SELECT 1 FROM activity WHERE message_id = ?5 AND id <> ?1) THEN NULL
                ELSE nullif(?5, '') END, '')
         ON CONFLICT (id) DO UPDATE SET kind = ?2, title = ?3, date = ?4,
           message_id = coalesce(excluded.message_id, message_id)",
    )?
    .execute(params![one.id, one.kind.as_str(), one.title, one.date, one.message_id])?;
    for record in records {
        tx.prepare_cached(
            "INSERT OR IGNORE INTO activity_record (kind, record, date, activity) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![record.kind.as_str(), record.id, one.date, one.id])?;
    }
    Ok(())
}

/// A company that only a person's row has told of so far (it has no print), as long as one does.
fn stand_in(tx: &Connection, company: &Company, generation: i64) -> Result<()> {
    let there = tx.prepare_cached("SELECT 1 FROM company WHERE id = ?1")?.exists([&company.id])?;
    if !there && !company.name.is_empty() {
        company::put(tx, company)?;
    }
    tx.prepare_cached("UPDATE company SET seen = ?2 WHERE id = ?1 AND print = 0")?
        .execute(params![company.id, generation])?;
    Ok(())
}

/// Nobody says any longer that nobody has it.
fn known(tx: &Connection, key: &str) -> Result<()> {
    tx.prepare_cached("DELETE FROM asked WHERE key = ?1")?.execute([key])?;
    Ok(())
}

fn forget(tx: &Connection, record: &RecordRef) -> Result<bool> {
    let table = record.kind.as_str();
    let there = tx.prepare_cached(&format!("DELETE FROM {table} WHERE id = ?1"))?.execute([&record.id])? > 0;
    tx.prepare_cached("DELETE FROM name_word WHERE kind = ?1 AND record = ?2")?.execute([table, &record.id])?;
    tx.prepare_cached("DELETE FROM activity_record WHERE kind = ?1 AND record = ?2")?.execute([table, &record.id])?;
    selection::forget(tx, record)?;
    let dependent: &[&str] = match record.kind {
        RecordKind::Company => &[
            "DELETE FROM company_domain WHERE company = ?1",
            "DELETE FROM project_of WHERE company = ?1",
            "UPDATE person SET company = NULL WHERE company = ?1",
        ],
        RecordKind::Person => {
            &["DELETE FROM person_email WHERE person = ?1", "DELETE FROM person_phone WHERE person = ?1"]
        }
        RecordKind::Sale => &[],
        RecordKind::Project => &["DELETE FROM project_of WHERE project = ?1"],
    };
    for sql in dependent {
        tx.prepare_cached(sql)?.execute([&record.id])?;
    }
    Ok(there)
}

/// Removes what the filling `generation` has not brought.
fn sweep(tx: &Connection, generation: i64) -> Result<u32> {
    let mut gone = 0;
    for kind in [RecordKind::Company, RecordKind::Person, RecordKind::Sale, RecordKind::Project] {
        let ids: Vec<String> = tx
            .prepare(&format!("SELECT id FROM {} WHERE seen < ?1", kind.as_str()))?
            .query_map([generation], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for id in ids {
            gone += u32::from(forget(tx, &RecordRef { kind, id })?);
        }
    }
    // Addresses that a person no longer has.
    let people: Vec<String> = tx
        .prepare("SELECT DISTINCT person FROM person_email WHERE seen < ?1")?
        .query_map([generation], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    gone += tx.execute("DELETE FROM person_email WHERE seen < ?1", [generation])? as u32;
    for id in people {
        index_person(tx, &id)?;
    }
    gone += tx.execute("DELETE FROM selection WHERE seen < ?1", [generation])? as u32;
    tx.execute("DELETE FROM selection_member WHERE selection NOT IN (SELECT id FROM selection)", [])?;
    gone += tx.execute("DELETE FROM follow_up WHERE seen < ?1", [generation])? as u32;
    // Activities are read beside their records, and again when a record is looked at.
    tx.execute(
        "DELETE FROM activity_record WHERE activity IN (SELECT id FROM activity WHERE seen < ?1)",
        [generation],
    )?;
    tx.execute("DELETE FROM activity WHERE seen < ?1", [generation])?;
    Ok(gone)
}
