//! Certificates that a person has accepted by hand, each for one server.

use crate::{Result, Store};
use clientele_model::Table;
use rusqlite::params;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedCertificate {
    /// In lower case.
    pub host: String,
    pub port: u16,
    /// Of the whole certificate.
    pub sha256: [u8; 32],
}

impl Store {
    /// By host and port.
    pub fn certificates(&self) -> Result<Vec<TrustedCertificate>> {
        self.read(|db| {
            let mut query =
                db.prepare_cached("SELECT host, port, sha256 FROM certificate ORDER BY host, port, sha256")?;
            let rows = query.query_map([], |row| {
                Ok(TrustedCertificate { host: row.get(0)?, port: row.get(1)?, sha256: row.get(2)? })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// One that is there already stays.
    pub fn certificate_add(&self, one: &TrustedCertificate) -> Result<()> {
        self.write(|db| {
            db.execute(
                "INSERT OR IGNORE INTO certificate (host, port, sha256) VALUES (?, ?, ?)",
                params![one.host.to_lowercase(), one.port, one.sha256],
            )?;
            db.changed_all(Table::Setting);
            Ok(())
        })
    }

    /// It is no error where there is none.
    pub fn certificate_remove(&self, one: &TrustedCertificate) -> Result<()> {
        self.write(|db| {
            db.execute(
                "DELETE FROM certificate WHERE host = ? AND port = ? AND sha256 = ?",
                params![one.host.to_lowercase(), one.port, one.sha256],
            )?;
            db.changed_all(Table::Setting);
            Ok(())
        })
    }
}
