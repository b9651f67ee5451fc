use super::{company, name, new_id};
use crate::{Company, CrmError, NewPerson, Person, PersonChange, Result, Who, address, is_free_mail};
use clientele_model::{Address, RecordKind};
use rusqlite::{Connection, OptionalExtension as _, params};

pub fn get(connection: &Connection, id: &str) -> Result<Person> {
    let (mut person, company_id) = connection
        .prepare_cached("SELECT id, name, title, company, version FROM person WHERE id = ?1")?
        .query_row([id], |row| {
            let (id, name, title, version) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(4)?);
            let person = Person { id, name, title, version, ..Person::default() };
            Ok((person, row.get::<_, Option<String>>(3)?))
        })?;
    let strings = |sql: &str| -> Result<Vec<String>> {
        Ok(connection.prepare_cached(sql)?.query_map([id], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
    };
    person.emails = strings("SELECT email FROM person_email WHERE person = ?1 ORDER BY position")?;
    person.phones = strings("SELECT phone FROM person_phone WHERE person = ?1 ORDER BY position")?;
    // A mirror may hold a person before it holds their company.
    person.company = match company_id.map(|id| company::get(connection, &id)).transpose() {
        Err(CrmError::NotFound) => None,
        found => found?,
    };
    Ok(person)
}

pub fn by_email(connection: &Connection, email: &str) -> Result<Vec<Person>> {
    let key = address::key(email);
    let mut ids = ids_by_key(connection, &key)?;
    if ids.is_empty()
        && let Some(plain) = address::without_tag(&key)
    {
        ids = ids_by_key(connection, &plain)?;
    }
    ids.iter().map(|id| get(connection, id)).collect()
}

/// As [`by_email`], by one look-up.
pub fn who(connection: &Connection, email: &str) -> Result<Vec<Who>> {
    let key = address::key(email);
    let found = who_by_key(connection, &key)?;
    match address::without_tag(&key) {
        Some(plain) if found.is_empty() => who_by_key(connection, &plain),
        _ => Ok(found),
    }
}

fn who_by_key(connection: &Connection, key: &str) -> Result<Vec<Who>> {
    Ok(connection
        .prepare_cached(
            "SELECT p.id, p.name, c.id, c.name FROM person_email e JOIN person p ON p.id = e.person
             LEFT JOIN company c ON c.id = p.company WHERE e.key = ?1 ORDER BY e.person LIMIT 20",
        )?
        .query_map([key], |row| {
            let company = match (row.get(2)?, row.get(3)?) {
                (Some(id), Some(name)) => Some((id, name)),
                _ => None,
            };
            Ok(Who { id: row.get(0)?, name: row.get(1)?, company })
        })?
        .collect::<rusqlite::Result<_>>()?)
}

fn ids_by_key(connection: &Connection, key: &str) -> Result<Vec<String>> {
    Ok(connection
        .prepare_cached("SELECT person FROM person_email WHERE key = ?1 ORDER BY person LIMIT 20")?
        .query_map([key], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?)
}

/// Inserts or brings up to date; `company` is an id or empty.
pub fn put(connection: &Connection, person: &Person, company: &str) -> Result<()> {
    connection.execute(
        "INSERT INTO person (id, name, title, company, version) VALUES (?1, ?2, ?3, nullif(?4, ''), ?5)
         ON CONFLICT (id) DO UPDATE SET name = ?2, title = ?3, company = nullif(?4, ''), version = ?5",
        params![person.id, person.name, person.title, company, person.version],
    )?;
    connection.execute("DELETE FROM person_email WHERE person = ?1", [&person.id])?;
    connection.execute("DELETE FROM person_phone WHERE person = ?1", [&person.id])?;
    for (position, email) in person.emails.iter().enumerate() {
        connection.execute(
            "INSERT OR IGNORE INTO person_email (key, person, email, position) VALUES (?1, ?2, ?3, ?4)",
            params![email.trim().to_lowercase(), person.id, email.trim(), position as i64],
        )?;
    }
    for (position, phone) in person.phones.iter().enumerate() {
        connection.execute(
            "INSERT INTO person_phone (person, position, phone) VALUES (?1, ?2, ?3)",
            params![person.id, position as i64, phone],
        )?;
    }
    name::index(connection, RecordKind::Person, &person.id, &person.name, &person.emails)
}

/// Creates a person, and a company where one is named. The person's mail domain becomes the company's, unless it is a
/// free-mail provider's. Asking twice for the same name and address gives the person that is there.
pub fn create(connection: &mut Connection, new: &NewPerson) -> Result<Person> {
    let name = new.name.trim();
    let email = new.email.trim();
    if name.is_empty() {
        return Err(CrmError::Invalid("name"));
    }
    if !email.contains('@') {
        return Err(CrmError::Invalid("email"));
    }
    let tx = connection.transaction()?;
    let there: Option<String> = tx
        .query_row(
            "SELECT p.id FROM person_email e JOIN person p ON p.id = e.person WHERE e.key = ?1 AND p.name = ?2",
            params![email.to_lowercase(), name],
            |row| row.get(0),
        )
        .optional()?;
    if let Some(id) = there {
        return get(&tx, &id);
    }
    let domain = Address::new("", email).domain();
    let own_domain = !domain.is_empty() && !is_free_mail(&domain);
    let company_id = if !new.company.is_empty() {
        let company = company::get(&tx, &new.company)?;
        if own_domain && company.domains.is_empty() {
            company::add_domain(&tx, &company.id, &domain, 0)?;
            name::index(&tx, RecordKind::Company, &company.id, &company.name, std::slice::from_ref(&domain))?;
        }
        company.id
    } else if !new.new_company.trim().is_empty() {
        let company = Company {
            id: new_id(),
            name: new.new_company.trim().to_owned(),
            domains: if own_domain { vec![domain] } else { Vec::new() },
            ..Company::default()
        };
        company::put(&tx, &company)?;
        company.id
    } else {
        String::new()
    };
    let person = Person {
        id: new_id(),
        name: name.to_owned(),
        title: new.title.trim().to_owned(),
        emails: vec![email.to_owned()],
        phones: Some(new.phone.trim().to_owned()).filter(|phone| !phone.is_empty()).into_iter().collect(),
        ..Person::default()
    };
    put(&tx, &person, &company_id)?;
    let person = get(&tx, &person.id)?;
    tx.commit()?;
    Ok(person)
}

/// Changes what is named, and adds an address.
pub fn change(connection: &mut Connection, id: &str, change: &PersonChange) -> Result<Person> {
    let tx = connection.transaction()?;
    let mut person = get(&tx, id)?;
    if let Some(name) = &change.name {
        if name.trim().is_empty() {
            return Err(CrmError::Invalid("name"));
        }
        person.name = name.trim().to_owned();
    }
    if let Some(title) = &change.title {
        person.title = title.trim().to_owned();
    }
    if let Some(email) = change.add_email.as_deref().map(str::trim) {
        if !email.contains('@') {
            return Err(CrmError::Invalid("email"));
        }
        if !person.emails.iter().any(|own| own.to_lowercase() == email.to_lowercase()) {
            person.emails.push(email.to_owned());
        }
    }
    if let Some(phone) = change.phone.as_deref().map(str::trim) {
        person.phones.splice(..person.phones.len().min(1), (!phone.is_empty()).then(|| phone.to_owned()));
    }
    let company = person.company.as_ref().map(|company| company.id.clone()).unwrap_or_default();
    put(&tx, &person, &company)?;
    let person = get(&tx, id)?;
    tx.commit()?;
    Ok(person)
}
