//! Single dealings with an account's servers, beside the tasks.

use crate::{Engine, EngineError, Role, room::no_room, tasks::sync};
use clientele_auth::{Purpose, Resource};
use clientele_mail::{Login, imap};
use clientele_model::{AccountId, FolderRole, MessageId, Token, TokenError, TokenSource};
use clientele_store::{Account, Filter, Folder, ListQuery, Scope};
use std::{collections::HashSet, sync::Arc, time::Duration};
use tokio::sync::Notify;

/// Mails on the first screen.
pub const FIRST_SCREEN: u64 = 50;

/// Folder, how many are here, how many there will be.
pub type Report = Arc<dyn Fn(&str, u64, u64) + Send + Sync>;

/// How long the store keeps back what cannot be taken back.
const UNDO_SECONDS: i64 = 11;

/// How far [`Engine::sync_once`] goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// The newest 50 of the inbox are in the store.
    FirstScreen,
    Everything,
}

impl Engine {
    pub(crate) fn client(&self, account: &Account) -> imap::Client {
        let client =
            imap::Client::new(self.0.net.clone(), self.incoming_login(account), self.0.store.clone(), account.id);
        client.within(self.lanes(account))
    }

    /// All connections of an account are among these.
    pub(crate) fn lanes(&self, account: &Account) -> Arc<imap::Lanes> {
        let wake = self.wake_of(account.id);
        wake.lanes.get_or_init(|| imap::Lanes::new(imap::quirks(&account.incoming.host).connections)).clone()
    }

    pub(crate) fn incoming_login(&self, account: &Account) -> Login {
        Login {
            endpoint: account.incoming.clone(),
            user: account.incoming_user.clone(),
            secret: self.secret_of(account, Purpose::Incoming),
        }
    }

    pub(crate) fn outgoing_login(&self, account: &Account) -> Login {
        Login {
            endpoint: account.outgoing.clone(),
            user: account.outgoing_user.clone(),
            secret: self.secret_of(account, Purpose::Outgoing),
        }
    }

    fn secret_of(&self, account: &Account, purpose: Purpose) -> Arc<dyn TokenSource> {
        let name = self.secret_name(account.id);
        if account.oauth.is_none() {
            return self.0.secrets.token_source(&name, purpose);
        }
        match self.provider_for(account) {
            Ok(provider) => self.0.oauth.source(&name, &provider, Resource::Mail),
            Err(_) => Arc::new(NoProvider),
        }
    }

    /// Names the account in a keyring that all profiles of a person share.
    pub(crate) fn secret_name(&self, account: AccountId) -> String {
        format!("{}-{account}", self.0.profile_id)
    }

    /// Fetches an account's mail once, without its tasks. Answers how many mails are new here.
    pub async fn sync_once(&self, account: AccountId, until: Until, report: Report) -> Result<usize, EngineError> {
        self.must_own()?;
        let account = self.within_policy(&self.store(move |store| store.account(account)).await?)?;
        self.look_for_room().await;
        let room = self.clone();
        let report: Report = Arc::new(move |folder: &str, done, total| {
            room.0.room.glance();
            report(folder, done, total);
        });
        let mut client = self.client(&account);
        let result = tokio::select! {
            biased;
            () = self.0.room.gone() => Err(no_room()),
            result = self.sync_with(&mut client, &account, until, report) => result,
        };
        if result.is_ok() {
            self.fetched(account.id).await;
        }
        client.close().await;
        result
    }

    async fn sync_with(
        &self,
        client: &mut imap::Client,
        account: &Account,
        until: Until,
        report: Report,
    ) -> Result<usize, EngineError> {
        if until == Until::Everything {
            client.replay(self.now()).await?;
        }
        let folders = sync::in_order(client.sync_folders().await?, &HashSet::new());
        let inbox = folders.iter().find(|folder| folder.role == FolderRole::Inbox);
        let mut count = 0;
        if let Some(inbox) = inbox {
            count += match until {
                Until::FirstScreen => self.first_screen(client, account, inbox, report.clone()).await?,
                Until::Everything => one(client, account, inbox, self.now(), &report).await?,
            };
        }
        if until == Until::Everything {
            let mut failed = None;
            for folder in folders.iter().filter(|folder| folder.role != FolderRole::Inbox) {
                match one(client, account, folder, self.now(), &report).await {
                    Ok(new) => count += new,
                    // The others still come, and a folder that cannot be opened is no failed sync.
                    Err(error) if sync::is_refused(&error) => {
                        tracing::warn!(account = %account.id, folder = folder.id.0, code = error.code(), "a folder is refused");
                    }
                    Err(error) if sync::is_folders(&error) => drop(failed.get_or_insert(error)),
                    Err(error) => return Err(error),
                }
            }
            if let Some(error) = failed {
                return Err(error);
            }
        }
        Ok(count)
    }

    /// Notes that the account's mail was just fetched; once a minute is enough.
    pub(crate) async fn fetched(&self, account: AccountId) {
        let now = self.now();
        let noted = self.store(move |store| {
            let key = fetched_key(account);
            let last: i64 = store.setting(&key)?.and_then(|text| text.parse().ok()).unwrap_or_default();
            if (0..60).contains(&(now - last)) { Ok(()) } else { store.note_set(&key, &now.to_string()) }
        });
        if let Err(error) = noted.await {
            tracing::warn!(code = error.code(), "noting the time of a sync");
        }
    }

    /// Stops the sync of the inbox as soon as its first screen is in the store.
    async fn first_screen(
        &self,
        client: &mut imap::Client,
        account: &Account,
        inbox: &Folder,
        report: Report,
    ) -> Result<usize, EngineError> {
        let reached = Arc::new(Notify::new());
        let shown: imap::Report = {
            let (reached, name) = (reached.clone(), inbox.name.clone());
            Arc::new(move |progress: imap::Progress| {
                report(&name, progress.done, progress.total);
                if progress.done >= FIRST_SCREEN.min(progress.total) {
                    reached.notify_one();
                }
            })
        };
        tokio::select! {
            synced = client.sync_folder(inbox.id, account.days, self.now(), shown) => { synced?; }
            _ = reached.notified() => {}
        }
        let scope = Scope::Folder(inbox.id);
        let query = ListQuery { scope, filter: Filter::All, after: None, limit: FIRST_SCREEN as u32 };
        Ok(self.store(move |store| store.list(&query)).await?.rows.len())
    }

    /// Tells every account's server what is queued, once, without the tasks. What waits only so that it can be undone
    /// is told too.
    pub async fn replay(&self) -> Result<(), EngineError> {
        self.must_own()?;
        let mut failed = None;
        for account in self.store(|store| store.accounts()).await? {
            let id = account.id;
            if self.operations_queued(id).await? == 0 {
                continue;
            }
            let mut client = self.client(&account);
            let replayed = client.replay(self.now() + UNDO_SECONDS).await;
            client.close().await;
            if let Err(error) = replayed {
                failed = Some(EngineError::from(error));
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// Brings the folders of some purposes into step, on a connection of its own.
    pub(crate) async fn sync_roles(&self, account: &Account, roles: &[FolderRole]) -> Result<(), EngineError> {
        let mut client = self.client(account);
        let mut result = Ok(());
        for role in roles {
            let (id, role) = (account.id, *role);
            let Some(folder) = self.store(move |store| store.folder_by_role(id, role)).await? else { continue };
            result = client
                .sync_folder(folder.id, account.days, self.now(), Arc::new(|_| {}))
                .await
                .map(|_| ())
                .map_err(EngineError::from);
            if result.is_err() {
                break;
            }
        }
        client.close().await;
        result
    }

    /// Fetches one body, on a connection that stays open for the next.
    pub(crate) async fn fetch_body(&self, message: MessageId) -> Result<(), EngineError> {
        if self.role() == Role::Guest {
            return Err(EngineError::BodyMissing);
        }
        let account = self.store(move |store| store.account(store.row(message)?.account)).await?;
        let wake = self.wake_of(account.id);
        let _busy = wake.busy();
        let mut held = wake.bodies.lock().await;
        let mut client = held.take().unwrap_or_else(|| self.client(&account));
        let fetched = tokio::time::timeout(Duration::from_secs(60), client.fetch_body(message)).await;
        match fetched {
            Ok(Ok(())) => {
                *held = Some(client);
                Ok(())
            }
            Ok(Err(error)) => {
                client.close().await;
                tracing::info!(message = %message, code = error.code(), "no body");
                Err(EngineError::BodyMissing)
            }
            Err(_) => Err(EngineError::BodyMissing),
        }
    }

    pub(crate) fn must_own(&self) -> Result<(), EngineError> {
        match self.role() {
            Role::Owner => Ok(()),
            Role::Guest => Err(EngineError::ProfileBusy),
        }
    }
}

/// The client id is gone, with the policy or the build that had it, or the servers are no longer the provider's: no
/// token goes anywhere.
struct NoProvider;

impl TokenSource for NoProvider {
    fn credential(&self) -> Token<'_> {
        Box::pin(async { Err(TokenError::SignInAgain) })
    }
}

/// Where it is noted when an account's mail was last fetched.
pub(crate) fn fetched_key(account: AccountId) -> String {
    format!("fetched.{account}")
}

async fn one(
    client: &mut imap::Client,
    account: &Account,
    folder: &Folder,
    now: i64,
    report: &Report,
) -> Result<usize, EngineError> {
    let name = folder.name.clone();
    let report = report.clone();
    let shown = Arc::new(move |progress: imap::Progress| report(&name, progress.done, progress.total));
    Ok(client.sync_folder(folder.id, account.days, now, shown).await?.fresh.len())
}
