//! Addresses that a person does not want in the CRM, case aside.

use crate::{Result, Store};
use clientele_model::{Address, Table};

impl Store {
    pub fn never_add_set(&self, email: &str, never: bool) -> Result<()> {
        let key = Address::new("", email).key();
        self.write(|db| {
            let sql = if never {
                "INSERT OR IGNORE INTO never_add (email) VALUES (?)"
            } else {
                "DELETE FROM never_add WHERE email = ?"
            };
            if db.execute(sql, [key])? > 0 {
                db.changed(Table::Crm, 0);
            }
            Ok(())
        })
    }

    pub fn never_add(&self, email: &str) -> Result<bool> {
        let key = Address::new("", email).key();
        self.read(|db| Ok(db.prepare_cached("SELECT 1 FROM never_add WHERE email = ?")?.exists([key])?))
    }
}
