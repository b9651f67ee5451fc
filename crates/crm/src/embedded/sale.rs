//! Sales and projects.

use super::search;
use crate::{Project, Result, Sale};
use clientele_model::RecordKind;
use rusqlite::{Connection, Row, params};

const SALE: &str = "id, name, company, person, stage, stage_index, stage_count, probability, amount, currency, closes,
                    open";

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

/// Inserts or brings up to date. `changed` is seconds since 1970.
pub fn put(connection: &Connection, sale: &Sale, changed: i64) -> Result<()> {
    connection.execute(
        &format!(
            "INSERT INTO sale ({SALE}, changed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
             ON CONFLICT (id) DO UPDATE SET name = ?2, company = ?3, person = ?4, stage = ?5, stage_index = ?6,
               stage_count = ?7, probability = ?8, amount = ?9, currency = ?10, closes = ?11, open = ?12, changed = ?13"
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
            changed
        ],
    )?;
    search::index(connection, RecordKind::Sale, &sale.id, &sale.name, &[])
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
    search::index(connection, RecordKind::Project, &project.id, &project.name, &[])
}
