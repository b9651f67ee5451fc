use super::{company, new_id, search};
use crate::{Company, CrmError, NewPerson, Person, Result, is_free_mail};
use clientele_model::{Address, RecordKind};
use rusqlite::{Connection, OptionalExtension as _, params};

pub fn get(connection: &Connection, id: &str) -> Result<Person> {
    let (mut person, company_id) = connection
        .prepare_cached("SELECT id, name, title, company FROM person WHERE id = ?1")?
        .query_row([id], |row| {
            let person = Person { id: row.get(0)?, name: row.get(1)?, title: row.get(2)?, ..Person::default() };
            Ok((person, row.get::<_, Option<String>>(3)?))
        })?;
    let strings = |sql: &str| -> Result<Vec<String>> {
        Ok(connection.prepare_cached(sql)?.query_map([id], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
    };
    person.emails = strings("SELECT email FROM person_email WHERE person = ?1 ORDER BY position")?;
    person.phones = strings("SELECT phone FROM person_phone WHERE person = ?1 ORDER BY position")?;
    person.company = company_id.map(|id| company::get(connection, &id)).transpose()?;
    Ok(person)
}

pub fn by_email(connection: &Connection, email: &str) -> Result<Vec<Person>> {
    let key = email.trim().to_lowercase();
    let mut ids = ids_by_key(connection, &key)?;
    if ids.is_empty()
        && let Some(plain) = without_tag(&key)
    {
        ids = ids_by_key(connection, &plain)?;
    }
    ids.iter().map(|id| get(connection, id)).collect()
}

fn ids_by_key(connection: &Connection, key: &str) -> Result<Vec<String>> {
    Ok(connection
        .prepare_cached("SELECT person FROM person_email WHERE key = ?1 ORDER BY person LIMIT 20")?
        .query_map([key], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?)
}

/// `maja+crm@fjordlys.no` → `maja@fjordlys.no` (RFC 5233); None without a tag.
fn without_tag(key: &str) -> Option<String> {
    let (local, domain) = key.rsplit_once('@')?;
    let (user, _) = local.split_once('+').filter(|(user, _)| !user.is_empty())?;
    Some(format!("{user}@{domain}"))
}

/// Inserts or brings up to date; `company` is an id or empty.
pub fn put(connection: &Connection, person: &Person, company: &str) -> Result<()> {
    connection.execute(
        "INSERT INTO person (id, name, title, company) VALUES (?1, ?2, ?3, nullif(?4, ''))
         ON CONFLICT (id) DO UPDATE SET name = ?2, title = ?3, company = nullif(?4, '')",
        params![person.id, person.name, person.title, company],
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
    search::index(connection, RecordKind::Person, &person.id, &person.name, &person.emails)
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
            search::index(&tx, RecordKind::Company, &company.id, &company.name, std::slice::from_ref(&domain))?;
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
        company: None,
    };
    put(&tx, &person, &company_id)?;
    let person = get(&tx, &person.id)?;
    tx.commit()?;
    Ok(person)
}
