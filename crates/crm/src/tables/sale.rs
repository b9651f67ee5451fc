//! Sales and projects.

use super::{name, new_id, now, stage};
use crate::{CrmError, NewSale, Project, Result, Sale, SaleChange};
use clientele_model::RecordKind;
use rusqlite::{Connection, Row, params};

const SALE: &str = "id, name, company, person, stage, stage_index, stage_count, probability, amount, currency, closes,
                    open, pipeline, version";

fn read(row: &Row<'_>) -> rusqlite::Result<Sale> {
    Ok(Sale {
        id: row.get(0)?,
        name: row.get(1)?,
        company: row.get(2)?,
        person: row.get(3)?,
        stage: row.get(4)?,
        stage_index: row.get(5)?,
        stage_count: row.get(6)?,
        probability: row.get(7)?,
        amount: row.get(8)?,
        currency: row.get(9)?,
        closes: row.get(10)?,
        open: row.get(11)?,
        pipeline: row.get(12)?,
        version: row.get(13)?,
    })
}

pub fn get(connection: &Connection, id: &str) -> Result<Sale> {
    Ok(connection.prepare_cached(&format!("SELECT {SALE} FROM sale WHERE id = ?1"))?.query_row([id], read)?)
}

/// Open sales of a company or a person, the latest changed first; none of other kinds.
pub fn open_of(connection: &Connection, of: RecordKind, id: &str) -> Result<Vec<Sale>> {
    let column = match of {
        RecordKind::Company => "company",
        RecordKind::Person => "person",
        _ => return Ok(Vec::new()),
    };
    let sql = format!("SELECT {SALE} FROM sale WHERE {column} = ?1 AND open = 1 ORDER BY changed DESC LIMIT 50");
    Ok(connection.prepare_cached(&sql)?.query_map([id], read)?.collect::<rusqlite::Result<_>>()?)
}

/// Id and name of a company's open sale, where it has exactly one.
pub fn only_open_of(connection: &Connection, company: &str) -> Result<Option<(String, String)>> {
    let mut found: Vec<(String, String)> = connection
        .prepare_cached("SELECT id, name FROM sale WHERE company = ?1 AND open = 1 LIMIT 2")?
        .query_map([company], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(found.pop().filter(|_| found.is_empty()))
}

/// Inserts or brings up to date. `changed` is seconds since 1970.
pub fn put(connection: &Connection, sale: &Sale, changed: i64) -> Result<()> {
    connection.execute(
        &format!(
            "INSERT INTO sale ({SALE}, changed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
             ON CONFLICT (id) DO UPDATE SET name = ?2, company = ?3, person = ?4, stage = ?5, stage_index = ?6,
               stage_count = ?7, probability = ?8, amount = ?9, currency = ?10, closes = ?11, open = ?12, pipeline = ?13,
               version = ?14, changed = ?15"
        ),
        params![
            sale.id,
            sale.name,
            sale.company,
            sale.person,
            sale.stage,
            sale.stage_index,
            sale.stage_count,
            sale.probability,
            sale.amount,
            sale.currency,
            sale.closes,
            sale.open,
            sale.pipeline,
            sale.version,
            changed
        ],
    )?;
    name::index(connection, RecordKind::Sale, &sale.id, &sale.name, &[])
}

/// Of a company or a person that is there.
pub fn create(connection: &Connection, new: &NewSale) -> Result<Sale> {
    if new.name.trim().is_empty() {
        return Err(CrmError::Invalid("name"));
    }
    for (table, id) in [("company", &new.company), ("person", &new.person)] {
        let sql = format!("SELECT 1 FROM {table} WHERE id = ?1");
        if !id.is_empty() && !connection.prepare_cached(&sql)?.exists([id])? {
            return Err(CrmError::NotFound);
        }
    }
    let mut sale = Sale {
        id: new_id(),
        name: new.name.trim().to_owned(),
        company: new.company.clone(),
        person: new.person.clone(),
        amount: new.amount,
        closes: new.closes.clone(),
        open: true,
        ..Sale::default()
    };
    if let Some(first) = stage::all(connection)?.first() {
        stage::put_on(connection, &mut sale, &first.id)?;
    }
    put(connection, &sale, now())?;
    Ok(sale)
}

/// Changes what is named.
pub fn change(connection: &mut Connection, id: &str, change: &SaleChange) -> Result<Sale> {
    let tx = connection.transaction()?;
    let mut sale = get(&tx, id)?;
    if let Some(name) = &change.name {
        if name.trim().is_empty() {
            return Err(CrmError::Invalid("name"));
        }
        sale.name = name.trim().to_owned();
    }
    if let Some(to) = &change.stage {
        stage::put_on(&tx, &mut sale, to)?;
    }
    if let Some(amount) = change.amount {
        sale.amount = amount;
    }
    if let Some(closes) = &change.closes {
        sale.closes = day(closes)?;
    }
    put(&tx, &sale, now())?;
    tx.commit()?;
    Ok(sale)
}

/// YYYY-MM-DD, or empty.
pub fn day(text: &str) -> Result<String> {
    let text = text.trim();
    if !text.is_empty() && text.parse::<jiff::civil::Date>().is_err() {
        return Err(CrmError::Invalid("date"));
    }
    Ok(text.to_owned())
}

fn read_project(row: &Row<'_>) -> rusqlite::Result<Project> {
    Ok(Project { id: row.get(0)?, name: row.get(1)?, company: row.get(2)?, open: row.get(3)? })
}

pub fn project(connection: &Connection, id: &str) -> Result<Project> {
    Ok(connection
        .prepare_cached("SELECT id, name, company, open FROM project WHERE id = ?1")?
        .query_row([id], read_project)?)
}

pub fn open_projects(connection: &Connection, company: &str) -> Result<Vec<Project>> {
    Ok(connection
        .prepare_cached(
            "SELECT id, name, company, open FROM project WHERE company = ?1 AND open = 1 ORDER BY changed DESC LIMIT 50",
        )?
        .query_map([company], read_project)?
        .collect::<rusqlite::Result<_>>()?)
}

/// Inserts or brings up to date.
pub fn put_project(connection: &Connection, project: &Project, changed: i64) -> Result<()> {
    connection.execute(
        "INSERT INTO project (id, name, company, open, changed) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (id) DO UPDATE SET name = ?2, company = ?3, open = ?4, changed = ?5",
        params![project.id, project.name, project.company, project.open, changed],
    )?;
    name::index(connection, RecordKind::Project, &project.id, &project.name, &[])
}
