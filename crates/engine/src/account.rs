//! Accounts: tried, added, removed; and how each is.

use crate::{Engine, EngineError, engine::lock};
use clientele_account::{SideReport, Verified};
use clientele_auth::{Kind, Purpose};
use clientele_mail::Login;
use clientele_model::{AccountId, Credential, Endpoint, Secret};
use clientele_store::{Account, NewAccount};
use std::sync::Arc;

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
            "sign_in_refused" | "sign_in_unsupported" | "sign_in_again" | "secrets_missing" | "secrets_locked" => {
                State::SignInNeeded
            }
            "host_unknown" | "port_refused" | "timeout" | "offline" | "connection_closed" => State::Offline,
            _ => State::Failed,
        };
        Status { state, code: Some(code.to_owned()), progress: None }
    }
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

    /// Signs in to both servers with what was typed; nothing is saved.
    pub async fn account_verify(&self, draft: AccountDraft) -> Verified {
        let (incoming, outgoing) = logins(&draft);
        clientele_account::verify(&self.0.net, &incoming, &outgoing).await
    }

    /// The same with what is saved.
    pub async fn account_verify_saved(&self, id: AccountId) -> Result<Verified, EngineError> {
        let account = self.store(move |store| store.account(id)).await?;
        let (incoming, outgoing) = (self.incoming_login(&account), self.outgoing_login(&account));
        Ok(clientele_account::verify(&self.0.net, &incoming, &outgoing).await)
    }

    /// Tries both servers, then saves and starts. Nothing is saved half: the password goes to the secret store before
    /// the account counts, and where that fails the account is taken back.
    pub async fn account_add(&self, draft: AccountDraft) -> Result<Account, EngineError> {
        self.must_own()?;
        let email = draft.email.trim().to_owned();
        if !email.contains('@') || draft.incoming.host.trim().is_empty() || draft.outgoing.host.trim().is_empty() {
            return Err(EngineError::Invalid("an account has an address and two servers".into()));
        }
        match self.0.secrets.kind() {
            Kind::Missing => return Err(clientele_auth::AuthError::Missing.into()),
            Kind::Locked => return Err(clientele_auth::AuthError::Locked.into()),
            Kind::Keyring | Kind::Sealed | Kind::Memory => {}
        }
        if self.store(|store| store.accounts()).await?.iter().any(|one| one.email.eq_ignore_ascii_case(&email)) {
            return Err(clientele_store::StoreError::AccountExists.into());
        }
        let report = self.account_verify(draft.clone()).await;
        refused(&report.incoming)?;
        refused(&report.outgoing)?;
        let (incoming, outgoing) = logins(&draft);
        let new = NewAccount {
            email,
            name: draft.name.trim().to_owned(),
            incoming: draft.incoming,
            incoming_user: incoming.user,
            outgoing: draft.outgoing,
            outgoing_user: outgoing.user,
            days: draft.days,
        };
        let id = self.store(move |store| store.account_add(&new)).await?;
        if let Err(error) = self.keep_secrets(id, draft.incoming_password, draft.outgoing_password).await {
            self.store(move |store| store.account_remove(id)).await?;
            return Err(error);
        }
        let account = self.store(move |store| store.account(id)).await?;
        tracing::info!(account = %id, "account added");
        if self.0.config.tasks {
            self.start_account(&account);
        }
        Ok(account)
    }

    async fn keep_secrets(&self, id: AccountId, incoming: Secret, outgoing: Secret) -> Result<(), EngineError> {
        let name = self.secret_name(id);
        self.0.secrets.set(&name, Purpose::Incoming, incoming.clone()).await?;
        // Without one of its own, SMTP signs in with the first.
        if !outgoing.expose().is_empty() && outgoing != incoming {
            self.0.secrets.set(&name, Purpose::Outgoing, outgoing).await?;
        }
        Ok(())
    }

    /// Forgets an account: its tasks end, its passwords leave the secret store, its mails leave the disk.
    pub async fn account_remove(&self, id: AccountId) -> Result<(), EngineError> {
        self.must_own()?;
        self.store(move |store| store.account(id)).await?;
        self.stop_account(id).await;
        let name = self.secret_name(id);
        for purpose in [Purpose::Incoming, Purpose::Outgoing] {
            match self.0.secrets.delete(&name, purpose).await {
                // Where there is no place for secrets there is no secret either.
                Ok(()) | Err(clientele_auth::AuthError::Missing) => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.store(move |store| store.account_remove(id)).await?;
        tracing::info!(account = %id, "account removed");
        Ok(())
    }

    /// Where secrets are kept at the moment.
    pub fn secrets_kind(&self) -> Kind {
        self.0.secrets.kind()
    }

    /// A person chose memory, until the program ends.
    pub async fn secrets_memory(&self) -> Result<(), EngineError> {
        self.0.secrets.use_memory();
        self.sync_now(None);
        Ok(())
    }

    /// A person chose a file sealed with a passphrase, or gave the passphrase of the one there is.
    pub async fn secrets_sealed(&self, passphrase: Secret) -> Result<(), EngineError> {
        if passphrase.expose().is_empty() {
            return Err(EngineError::Invalid("a passphrase has at least one letter".into()));
        }
        self.0.secrets.use_sealed(passphrase).await?;
        self.sync_now(None);
        Ok(())
    }
}

fn logins(draft: &AccountDraft) -> (Login, Login) {
    let same = draft.outgoing_user.is_empty();
    let outgoing_password =
        if draft.outgoing_password.expose().is_empty() { &draft.incoming_password } else { &draft.outgoing_password };
    let login = |endpoint: &Endpoint, user: &str, password: &Secret| Login {
        endpoint: endpoint.clone(),
        user: user.to_owned(),
        secret: Arc::new(Credential::Password(password.clone())),
    };
    let outgoing_user = if same { &draft.incoming_user } else { &draft.outgoing_user };
    (
        login(&draft.incoming, &draft.incoming_user, &draft.incoming_password),
        login(&draft.outgoing, outgoing_user, outgoing_password),
    )
}

fn refused(side: &SideReport) -> Result<(), EngineError> {
    match &side.code {
        None => Ok(()),
        Some(code) => Err(EngineError::Refused { code: code.as_str().to_owned(), detail: side.detail.clone() }),
    }
}
