use crate::{Result, Store, StoreError, connection::Write, message};
use clientele_model::{AccountId, Endpoint, Table};
use rusqlite::{Connection, Row, params};

/// A mailbox as a person connected it. Secrets are not here but in the secret store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub id: AccountId,
    pub email: String,
    pub name: String,
    pub incoming: Endpoint,
    pub incoming_user: String,
    pub outgoing: Endpoint,
    pub outgoing_user: String,
    /// Days of mail to fetch; 0 is all.
    pub days: u32,
}

/// An account to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount {
    pub email: String,
    pub name: String,
    pub incoming: Endpoint,
    pub incoming_user: String,
    pub outgoing: Endpoint,
    pub outgoing_user: String,
    pub days: u32,
}

const COLUMNS: &str = "id, email, name, incoming, incoming_user, outgoing, outgoing_user, days";

impl Store {
    /// Fails with `AccountExists` where the address (in any case) is there already.
    pub fn account_add(&self, account: &NewAccount) -> Result<AccountId> {
        self.write(|db| {
            free(db, &account.email, 0)?;
            db.execute(
                "INSERT INTO account (email, name, incoming, incoming_user, outgoing, outgoing_user, days)
                 VALUES (?, ?, ?, ?, ?, ?, ?)",
                params![
                    account.email.trim(),
                    account.name,
                    serde_json::to_string(&account.incoming)?,
                    account.incoming_user,
                    serde_json::to_string(&account.outgoing)?,
                    account.outgoing_user,
                    account.days
                ],
            )?;
            let id = db.last_insert_rowid();
            db.changed(Table::Account, id);
            Ok(AccountId(id))
        })
    }

    /// In the order they were added.
    pub fn accounts(&self) -> Result<Vec<Account>> {
        self.read(|db| {
            let mut query = db.prepare_cached(&format!("SELECT {COLUMNS} FROM account ORDER BY id"))?;
            query.query_and_then([], read)?.collect()
        })
    }

    pub fn account(&self, id: AccountId) -> Result<Account> {
        self.read(|db| {
            let mut query = db.prepare_cached(&format!("SELECT {COLUMNS} FROM account WHERE id = ?"))?;
            query.query_and_then([id.0], read)?.next().ok_or(StoreError::NotFound)?
        })
    }

    pub fn account_set(&self, account: &Account) -> Result<()> {
        self.write(|db| {
            free(db, &account.email, account.id.0)?;
            let changed = db.execute(
                "UPDATE account SET email = ?, name = ?, incoming = ?, incoming_user = ?, outgoing = ?,
                 outgoing_user = ?, days = ? WHERE id = ?",
                params![
                    account.email.trim(),
                    account.name,
                    serde_json::to_string(&account.incoming)?,
                    account.incoming_user,
                    serde_json::to_string(&account.outgoing)?,
                    account.outgoing_user,
                    account.days,
                    account.id.0
                ],
            )?;
            db.changed(Table::Account, account.id.0);
            if changed == 0 { Err(StoreError::NotFound) } else { Ok(()) }
        })
    }

    /// Takes the account's mails, operations, drafts and outbox with it, from the disk too: the files are rewritten. What was archived stays noted.
    pub fn account_remove(&self, id: AccountId) -> Result<()> {
        self.write(|db| {
            if db.execute("DELETE FROM account WHERE id = ?", [id.0])? == 0 {
                return Err(StoreError::NotFound);
            }
            for table in ["operation", "undo", "draft", "outbox"] {
                db.execute(&format!("DELETE FROM {table} WHERE account = ?"), [id.0])?;
            }
            db.execute("DELETE FROM archive WHERE account = ? AND state <> 'done'", [id.0])?;
            forget_mails(db, id.0)?;
            for table in [Table::Account, Table::Folder, Table::Message, Table::Draft, Table::Outbox, Table::Operation]
            {
                db.changed_all(table);
            }
            Ok(())
        })?;
        // What was removed still stands in free pages, in the index's old segments and in the logs.
        self.with_writer(|db| {
            db.execute_batch("INSERT INTO mail.fts (fts) VALUES ('optimize'); VACUUM main; VACUUM mail;")?;
            for checkpoint in ["PRAGMA main.wal_checkpoint(TRUNCATE)", "PRAGMA mail.wal_checkpoint(TRUNCATE)"] {
                db.query_row(checkpoint, [], |_| Ok(()))?;
            }
            Ok(())
        })
    }
}

fn forget_mails(db: &mut Write<'_>, account: i64) -> Result<()> {
    message::forget(db, "SELECT id FROM mail.message WHERE account = ?", account)?;
    db.execute("DELETE FROM mail.thread_ref WHERE account = ?", [account])?;
    db.execute("DELETE FROM mail.folder WHERE account = ?", [account])?;
    Ok(())
}

/// At opening: mails of an account that is not there, because a crash kept local.db's half of its removal only, or
/// because local.db is an older backup.
pub(crate) fn recover(db: &mut Write<'_>) -> Result<()> {
    let lost: Vec<i64> = db
        .prepare("SELECT DISTINCT account FROM mail.folder WHERE account NOT IN (SELECT id FROM account)")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    lost.into_iter().try_for_each(|account| forget_mails(db, account))
}

fn free(db: &Connection, email: &str, but: i64) -> Result<()> {
    let taken: bool = db.query_row(
        "SELECT EXISTS (SELECT 1 FROM account WHERE email = ? AND id <> ?)",
        params![email.trim(), but],
        |row| row.get(0),
    )?;
    if taken { Err(StoreError::AccountExists) } else { Ok(()) }
}

fn read(row: &Row<'_>) -> Result<Account> {
    Ok(Account {
        id: AccountId(row.get(0)?),
        email: row.get(1)?,
        name: row.get(2)?,
        incoming: serde_json::from_str(row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?)?,
        incoming_user: row.get(4)?,
        outgoing: serde_json::from_str(row.get_ref(5)?.as_str().map_err(rusqlite::Error::from)?)?,
        outgoing_user: row.get(6)?,
        days: row.get(7)?,
    })
}
