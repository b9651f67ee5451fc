use super::name;
use crate::{Company, CompanyChange, CrmError, Result};
use clientele_model::RecordKind;
use rusqlite::{Connection, params};

pub fn get(connection: &Connection, id: &str) -> Result<Company> {
    let mut company = connection
        .prepare_cached("SELECT id, name, city, phone, since, version FROM company WHERE id = ?1")?
        .query_row([id], |row| {
            Ok(Company {
                id: row.get(0)?,
                name: row.get(1)?,
                city: row.get(2)?,
                phone: row.get(3)?,
                since: row.get(4)?,
                version: row.get(5)?,
                ..Company::default()
            })
        })?;
    company.domains = connection
        .prepare_cached("SELECT domain FROM company_domain WHERE company = ?1 ORDER BY position")?
        .query_map([id], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(company)
}

pub fn by_domain(connection: &Connection, domain: &str) -> Result<Vec<Company>> {
    let ids: Vec<String> = connection
        .prepare_cached("SELECT company FROM company_domain WHERE domain = ?1 ORDER BY company LIMIT 20")?
        .query_map([domain.trim().to_lowercase()], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    ids.iter().map(|id| get(connection, id)).collect()
}

/// Inserts or brings up to date.
pub fn put(connection: &Connection, company: &Company) -> Result<()> {
    connection.execute(
        "INSERT INTO company (id, name, city, phone, since, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (id) DO UPDATE SET name = ?2, city = ?3, phone = ?4, since = ?5, version = ?6",
        params![company.id, company.name, company.city, company.phone, company.since, company.version],
    )?;
    connection.execute("DELETE FROM company_domain WHERE company = ?1", [&company.id])?;
    for (position, domain) in company.domains.iter().enumerate() {
        add_domain(connection, &company.id, domain, position)?;
    }
    name::index(connection, RecordKind::Company, &company.id, &company.name, &company.domains)
}

pub fn add_domain(connection: &Connection, company: &str, domain: &str, position: usize) -> Result<()> {
    connection.execute(
        "INSERT OR IGNORE INTO company_domain (domain, company, position) VALUES (?1, ?2, ?3)",
        params![domain.trim().to_lowercase(), company, position as i64],
    )?;
    Ok(())
}

/// Changes what is named.
pub fn change(connection: &mut Connection, id: &str, change: &CompanyChange) -> Result<Company> {
    let tx = connection.transaction()?;
    let mut company = get(&tx, id)?;
    if let Some(name) = &change.name {
        if name.trim().is_empty() {
            return Err(CrmError::Invalid("name"));
        }
        company.name = name.trim().to_owned();
    }
    if let Some(phone) = &change.phone {
        company.phone = phone.trim().to_owned();
    }
    if let Some(city) = &change.city {
        company.city = city.trim().to_owned();
    }
    put(&tx, &company)?;
    tx.commit()?;
    Ok(company)
}
