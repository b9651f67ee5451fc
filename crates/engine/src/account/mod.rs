//! Accounts: what is typed, how each is, and in files of their own what is done with them.

mod add;
mod edit;
mod remove;
mod sign_in;
mod verify;

pub use remove::Removal;
pub use sign_in::NewSecret;
pub(crate) use verify::may_receive;

use crate::{Engine, EngineError, engine::lock};
use clientele_auth::Kind;
use clientele_model::{AccountId, Endpoint, Secret};
use clientele_store::Account;

/// What a person typed to connect a mailbox.
#[derive(Debug, Clone)]
pub struct AccountDraft {
    pub email: String,
    pub name: String,
    pub incoming: Endpoint,
    pub incoming_user: String,
    pub incoming_password: Secret,
    pub outgoing: Endpoint,
    /// Empty: the same as incoming.
    pub outgoing_user: String,
    /// Empty: the same as incoming.
    pub outgoing_password: Secret,
    /// Days of mail to fetch; 0 is all.
    pub days: u32,
    /// A finished sign-in in the browser, in place of passwords: what [`Engine::sign_in_wait`] gave.
    pub grant: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Starting,
    Syncing,
    Idle,
    Offline,
    SignInNeeded,
    Failed,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    pub done: u64,
    pub total: u64,
    pub folder: String,
}

/// How an account is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    pub state: State,
    /// Set with Failed, Offline and SignInNeeded.
    pub code: Option<String>,
    pub progress: Option<Progress>,
}

impl Status {
    pub(crate) fn new(state: State) -> Self {
        Status { state, code: None, progress: None }
    }

    pub(crate) fn failed(error: &EngineError) -> Self {
        let code = error.code();
        let state = match code {
            _ if wants_a_person(code) => State::SignInNeeded,
            "host_unknown" | "port_refused" | "timeout" | "offline" | "connection_closed" | "proxy_failed"
            | "server_unavailable" => State::Offline,
            _ => State::Failed,
        };
        Status { state, code: Some(code.to_owned()), progress: None }
    }
}

/// Codes of a sign-in that no repetition mends: a person signs in again, or changes something at the provider.
pub(crate) fn wants_a_person(code: &str) -> bool {
    matches!(
        code,
        "sign_in_refused"
            | "sign_in_unsupported"
            | "sign_in_again"
            | "sign_in_blocked"
            | "app_password_needed"
            | "oauth_needed"
            | "no_oauth_client"
            | "imap_disabled"
            | "smtp_auth_disabled"
            | "secrets_missing"
            | "secrets_locked"
    )
}

/// The name that an activity in the CRM carries.
pub(crate) fn by_name(account: &Account) -> String {
    if account.name.is_empty() { account.email.clone() } else { account.name.clone() }
}

impl Engine {
    pub async fn accounts(&self) -> Result<Vec<(Account, Status)>, EngineError> {
        let accounts = self.store(|store| store.accounts()).await?;
        let known = self.statuses_now();
        let of = |id: AccountId| known.iter().find(|(one, _)| *one == id).map(|(_, status)| status.clone());
        // Without tasks nothing is known of the servers, and nothing is wrong either.
        Ok(accounts
            .into_iter()
            .map(|account| {
                let status = of(account.id);
                (account, status.unwrap_or(Status::new(State::Idle)))
            })
            .collect())
    }

    pub(crate) fn status_set(&self, account: AccountId, status: Status) {
        let mut all = lock(&self.0.status);
        if all.get(&account) == Some(&status) {
            return;
        }
        all.insert(account, status.clone());
        drop(all);
        let _ = self.0.status_feed.send((account, status));
    }

    /// Ends the account's tasks and starts them with what is saved now; where none run, none are started.
    async fn restart(&self, id: AccountId) -> Result<Account, EngineError> {
        self.stop_account(id).await;
        let account = self.store(move |store| store.account(id)).await?;
        if self.0.config.tasks {
            self.start_account(&account);
        }
        Ok(account)
    }

    /// Where secrets are kept at the moment.
    pub fn secrets_kind(&self) -> Kind {
        self.0.secrets.kind()
    }

    /// A person chose memory, until the program ends.
    pub async fn secrets_memory(&self) -> Result<(), EngineError> {
        self.0.secrets.use_memory();
        self.0.crm_now.wake.notify_one();
        self.sync_now(None);
        Ok(())
    }

    /// A person chose a file sealed with a passphrase, or gave the passphrase of the one there is.
    pub async fn secrets_sealed(&self, passphrase: Secret) -> Result<(), EngineError> {
        if passphrase.expose().is_empty() {
            return Err(EngineError::Invalid("a passphrase has at least one letter".into()));
        }
        self.0.secrets.use_sealed(passphrase).await?;
        // The proxy's password lay in it too.
        self.proxy_apply().await?;
        self.0.crm_now.wake.notify_one();
        self.sync_now(None);
        Ok(())
    }

    pub(crate) fn secrets_ready(&self) -> Result<(), EngineError> {
        match self.0.secrets.kind() {
            Kind::Missing => Err(clientele_auth::AuthError::Missing.into()),
            Kind::Locked => Err(clientele_auth::AuthError::Locked.into()),
            Kind::Keyring | Kind::Sealed | Kind::Memory => Ok(()),
        }
    }
}
