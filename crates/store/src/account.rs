use crate::{OutboxItem, Result, Store, StoreError, address, connection::Write, message, scrub};
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
    /// The provider that is signed in to in the browser; None: signs in with a password.
    pub oauth: Option<String>,
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
    pub oauth: Option<String>,
}

/// What a removal takes with it.
#[derive(Debug, Clone, Default)]
pub struct Removal {
    /// Mails in the local copy.
    pub mails: u32,
    pub drafts: u32,
    /// Not sent yet, newest first.
    pub unsent: Vec<OutboxItem>,
    /// Waiting to be archived in the CRM, or refused by it.
    pub archives: u32,
    /// Changes that the server has not heard of yet.
    pub operations: u32,
}

const COLUMNS: &str = "id, email, name, incoming, incoming_user, outgoing, outgoing_user, days, oauth";

impl Store {
    /// Fails with `AccountExists` where the address (in any case) is there already.
    pub fn account_add(&self, account: &NewAccount) -> Result<AccountId> {
        self.write(|db| {
            free(db, &account.email, 0)?;
            db.execute(
                "INSERT INTO account (email, name, incoming, incoming_user, outgoing, outgoing_user, days, oauth)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                params![
                    account.email.trim(),
                    account.name,
                    serde_json::to_string(&account.incoming)?,
                    account.incoming_user,
                    serde_json::to_string(&account.outgoing)?,
                    account.outgoing_user,
                    account.days,
                    account.oauth
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
                 outgoing_user = ?, days = ?, oauth = ? WHERE id = ?",
                params![
                    account.email.trim(),
                    account.name,
                    serde_json::to_string(&account.incoming)?,
                    account.incoming_user,
                    serde_json::to_string(&account.outgoing)?,
                    account.outgoing_user,
                    account.days,
                    account.oauth,
                    account.id.0
                ],
            )?;
            db.changed(Table::Account, account.id.0);
            if changed == 0 { Err(StoreError::NotFound) } else { Ok(()) }
        })
    }

    /// What [`Store::account_remove`] would take with it.
    pub fn account_removal(&self, id: AccountId) -> Result<Removal> {
        let unsent = self.outbox()?.into_iter().rev().filter(|item| item.account == id).collect();
        self.read(|db| {
            let count = |sql: &str| db.query_row(sql, [id.0], |row| row.get(0));
            Ok(Removal {
                mails: count("SELECT count(*) FROM mail.message WHERE account = ?")?,
                drafts: count("SELECT count(*) FROM draft WHERE account = ? AND outbox IS NULL")?,
                unsent,
                archives: count("SELECT count(*) FROM archive WHERE account = ? AND state <> 'done'")?,
                operations: count("SELECT count(*) FROM operation WHERE account = ?")?,
            })
        })
    }

    /// Takes the account's mails, operations, drafts and outbox with it, from the disk too: the files are rewritten,
    /// older copies of them removed. What was archived stays noted, by its Message-ID.
    pub fn account_remove(&self, id: AccountId) -> Result<()> {
        self.write(|db| {
            if db.execute("DELETE FROM account WHERE id = ?", [id.0])? == 0 {
                return Err(StoreError::NotFound);
            }
            for table in ["operation", "undo", "draft", "outbox", "waiting"] {
                db.execute(&format!("DELETE FROM {table} WHERE account = ?"), [id.0])?;
            }
            db.execute("DELETE FROM archive WHERE account = ? AND state <> 'done' AND activity IS NULL", [id.0])?;
            // The name, or the address where there was none; a title that was typed. One that is in the CRM, and waited for a
            // record more, is there all the same.
            let kept = "state = 'done', code = NULL, by = '', choice = ''";
            db.execute(&format!("UPDATE archive SET {kept} WHERE account = ?"), [id.0])?;
            // How far the wizard came: the address that was typed.
            db.execute(
                "DELETE FROM setting WHERE key IN ('ui.wizard', ?1, ?2) OR substr(key, 1, length(?3)) = ?3",
                // Of the last, the rest is a folder's path.
                [format!("fetched.{id}"), format!("history.{id}"), format!("notify.folder.{id}.")],
            )?;
            forget_mails(db, id.0)?;
            address::rebuild(db)?;
            scrub::ask(db)?;
            for table in [
                Table::Account,
                Table::Folder,
                Table::Message,
                Table::Draft,
                Table::Outbox,
                Table::Operation,
                Table::Archive,
                Table::Crm,
            ] {
                db.changed_all(table);
            }
            Ok(())
        })?;
        self.scrub()
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
    if lost.is_empty() {
        return Ok(());
    }
    lost.into_iter().try_for_each(|account| forget_mails(db, account))?;
    address::rebuild(db)
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
        oauth: row.get(8)?,
    })
}
