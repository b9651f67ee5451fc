//! One sign-in and its access tokens. The refresh token is in the secret store (or in memory, before an account is
//! kept); access tokens are in memory only.
//!
//! A refresh may rotate the refresh token: from then on the old one is worth nothing. So only one refresh runs at a time,
//! whoever asked for it may go away without ending it, and the new refresh token is stored before the new access token
//! is given out. A crash in between leaves the old token behind: the provider refuses it once, and a person signs in
//! again.

use super::{
    Provider, Resource, Shared,
    token::{Access, Held},
    wire,
    wire::WireError,
};
use crate::{AuthError, Purpose};
use clientele_model::{Credential, Secret, Token, TokenError, TokenSource};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// A server that refuses a token it has just refused the predecessor of, refuses the account: a third would not help.
const CALM: Duration = Duration::from_secs(60);
/// How long a provider is left alone that asks for it without saying how long, and the most that it may ask for.
const LEFT_ALONE: Duration = Duration::from_secs(30);
const LEFT_ALONE_MOST: Duration = Duration::from_secs(600);

/// Where the refresh token is.
enum Place {
    Kept(String),
    /// Before an account is kept.
    Loose,
}

pub(super) struct Session {
    shared: Arc<Shared>,
    place: Place,
    /// Held by the one refresh, and by keeping and forgetting.
    turn: tokio::sync::Mutex<()>,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    access: HashMap<Resource, Access>,
    /// The next access token takes the place of a refused one.
    refused: HashSet<Resource>,
    /// Only a person can help.
    again: HashSet<Resource>,
    /// Refreshes that have ended, and how the last of them failed.
    rounds: u64,
    trouble: Option<Trouble>,
    /// The provider has rotated the refresh token, and the store has not taken the new one yet.
    unstored: Option<(Held, Resource, Access)>,
    loose: Option<Held>,
}

#[derive(Clone)]
enum Trouble {
    Unavailable,
    Unreachable { why: String, until: Option<Instant> },
}

impl Trouble {
    fn error(&self) -> TokenError {
        match self {
            Trouble::Unavailable => TokenError::Unavailable,
            Trouble::Unreachable { why, .. } => TokenError::Unreachable(why.clone()),
        }
    }
}

const RESOURCES: [Resource; 2] = [Resource::Mail, Resource::Graph];

impl Session {
    pub fn kept(shared: Arc<Shared>, account: &str) -> Session {
        Session { shared, place: Place::Kept(account.to_owned()), turn: Default::default(), memory: Default::default() }
    }

    pub fn loose(shared: Arc<Shared>, held: Held, access: Access) -> Session {
        let memory = Memory { access: HashMap::from([(Resource::Mail, access)]), ..Memory::default() };
        let memory = Mutex::new(Memory { loose: Some(held), ..memory });
        Session { shared, place: Place::Loose, turn: Default::default(), memory }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn access(self: Arc<Self>, provider: Arc<Provider>, resource: Resource) -> Result<Secret, TokenError> {
        if let Some(answer) = self.ready(resource) {
            return answer;
        }
        let seen = self.memory().rounds;
        // A task of its own: one who asks and goes away does not take a rotated token along.
        let asked = tokio::spawn(async move {
            let _turn = self.turn.lock().await;
            if let Some(answer) = self.ready(resource) {
                return answer;
            }
            // Who waited for a refresh that failed shares its failure, rather than all failing one after the other.
            let failed = self.shared_trouble(seen);
            if let Some(trouble) = failed {
                return Err(trouble.error());
            }
            let done = self.refresh(&provider, resource).await;
            self.memory().rounds += 1;
            done
        });
        asked.await.unwrap_or_else(|_| Err(TokenError::Unreachable("the sign-in was interrupted".into())))
    }

    fn shared_trouble(&self, seen: u64) -> Option<Trouble> {
        let memory = self.memory();
        memory.trouble.clone().filter(|_| memory.rounds > seen)
    }

    /// What can be answered without asking anybody.
    fn ready(&self, resource: Resource) -> Option<Result<Secret, TokenError>> {
        let memory = self.memory();
        if let Some(access) = memory.access.get(&resource)
            && access.is_good()
        {
            return Some(Ok(access.token.clone()));
        }
        if memory.again.contains(&resource) {
            return Some(Err(TokenError::SignInAgain));
        }
        match &memory.trouble {
            Some(trouble @ Trouble::Unreachable { until: Some(until), .. }) if Instant::now() < *until => {
                Some(Err(trouble.error()))
            }
            _ => None,
        }
    }

    /// With the turn held.
    async fn refresh(&self, provider: &Provider, resource: Resource) -> Result<Secret, TokenError> {
        if !self.store_rotated().await {
            return Err(self.in_trouble(Trouble::Unavailable));
        }
        if let Some(answer) = self.ready(resource) {
            return answer;
        }
        self.memory().trouble = None;
        let held = match self.held().await {
            Ok(Some(held)) => held,
            // Not remembered: nobody was asked, and another place for secrets may hold it.
            Ok(None) => return Err(TokenError::SignInAgain),
            // Nothing that is read again later will make sense of it.
            Err(AuthError::Damaged) => return Err(self.lost(&RESOURCES)),
            Err(error) => {
                tracing::warn!(%error, "the refresh token cannot be read");
                return Err(self.in_trouble(Trouble::Unavailable));
            }
        };
        if !held.belongs_to(provider) {
            tracing::info!(provider = %provider.id, "what is kept belongs to another provider or client");
            return Err(self.lost(&RESOURCES));
        }
        let shared = &self.shared;
        let asked = async {
            let endpoints = shared.directory.endpoints(&shared.web, provider).await?;
            wire::refresh(&shared.web, provider, &endpoints, &held.token, provider.scopes(resource)).await
        };
        match asked.await {
            Ok(tokens) => {
                let access = Access::new(tokens.access, tokens.expires_in);
                let rotated = tokens.refresh.filter(|token| *token != held.token);
                tracing::debug!(provider = %provider.id, ?resource, rotated = rotated.is_some(), "access token refreshed");
                match rotated {
                    Some(token) => {
                        self.memory().unstored = Some((Held { token, ..held }, resource, access));
                        if !self.store_rotated().await {
                            return Err(self.in_trouble(Trouble::Unavailable));
                        }
                    }
                    None => self.gained(resource, access),
                }
                self.ready(resource).unwrap_or_else(|| Err(TokenError::Unreachable("the new token has ended".into())))
            }
            Err(WireError::Unreachable(why, wait)) => {
                tracing::info!(provider = %provider.id, %why, "no new access token");
                let until = wait.map(|wait| Instant::now() + wait.min(LEFT_ALONE_MOST));
                Err(self.in_trouble(Trouble::Unreachable { why, until }))
            }
            Err(WireError::Refused { error, consent, .. }) => {
                tracing::info!(provider = %provider.id, %error, ?resource, "the provider refused a new access token");
                match error.as_str() {
                    _ if consent => Err(self.lost(&[resource])),
                    "invalid_grant" | "login_required" => Err(self.lost(&RESOURCES)),
                    // The program is refused, not the person: signing in again shows why, or finds it put right.
                    "invalid_client"
                    | "unauthorized_client"
                    | "deleted_client"
                    | "disabled_client"
                    | "access_denied"
                    | "admin_policy_enforced"
                    | "unsupported_grant_type" => Err(self.lost(&RESOURCES)),
                    _ => {
                        let until = Some(Instant::now() + LEFT_ALONE);
                        Err(self.in_trouble(Trouble::Unreachable { why: error, until }))
                    }
                }
            }
        }
    }

    async fn held(&self) -> Result<Option<Held>, AuthError> {
        match &self.place {
            Place::Loose => Ok(self.memory().loose.clone()),
            Place::Kept(account) => match self.shared.secrets.get(account, Purpose::Refresh).await? {
                Some(secret) => Held::read(&secret).map(Some),
                None => Ok(None),
            },
        }
    }

    async fn store(&self, held: &Held) -> Result<(), AuthError> {
        match &self.place {
            Place::Loose => self.memory().loose = Some(held.clone()),
            Place::Kept(account) => self.shared.secrets.set(account, Purpose::Refresh, held.write()?).await?,
        }
        Ok(())
    }

    /// Stores a rotated token that waits for it; only then its access token counts. Whether none is left waiting.
    async fn store_rotated(&self) -> bool {
        let waiting = self.memory().unstored.clone();
        let Some((held, resource, access)) = waiting else { return true };
        match self.store(&held).await {
            Ok(()) => {
                self.memory().unstored = None;
                self.gained(resource, access);
                true
            }
            Err(error) => {
                tracing::warn!(%error, "a rotated refresh token could not be stored");
                false
            }
        }
    }

    fn gained(&self, resource: Resource, mut access: Access) {
        let mut memory = self.memory();
        access.second = memory.refused.remove(&resource);
        memory.access.insert(resource, access);
        memory.trouble = None;
    }

    fn in_trouble(&self, trouble: Trouble) -> TokenError {
        let error = trouble.error();
        self.memory().trouble = Some(trouble);
        error
    }

    fn lost(&self, resources: &[Resource]) -> TokenError {
        let mut memory = self.memory();
        memory.again.extend(resources);
        memory.trouble = None;
        TokenError::SignInAgain
    }

    fn refused(&self, resource: Resource, credential: &Credential) {
        let mut memory = self.memory();
        let Some(access) = memory.access.get(&resource) else { return };
        let Credential::Bearer(token) = credential else { return };
        if *token != access.token || (access.second && access.got.elapsed() < CALM) {
            return;
        }
        memory.access.remove(&resource);
        memory.refused.insert(resource);
    }

    /// Takes over what a grant holds: stored first, then used.
    pub async fn take(&self, grant: &Session) -> Result<(), AuthError> {
        let _theirs = grant.turn.lock().await;
        let _turn = self.turn.lock().await;
        let (held, access) = {
            let memory = grant.memory();
            (memory.loose.clone(), memory.access.clone())
        };
        // A grant that was kept before holds nothing any more.
        let held = held.ok_or(AuthError::Damaged)?;
        self.store(&held).await?;
        self.start_over(access);
        *grant.memory() = Memory::default();
        Ok(())
    }

    /// Deletes what is kept and gives it back, to be revoked.
    pub async fn forget(&self) -> Result<Option<Held>, AuthError> {
        let _turn = self.turn.lock().await;
        let unstored = self.memory().unstored.clone().map(|(held, ..)| held);
        // What cannot be read can be deleted all the same.
        let held = match unstored {
            Some(held) => Some(held),
            None => self.held().await.unwrap_or_default(),
        };
        if let Place::Kept(account) = &self.place {
            self.shared.secrets.delete(account, Purpose::Refresh).await?;
        }
        self.start_over(HashMap::new());
        Ok(held)
    }

    fn start_over(&self, access: HashMap<Resource, Access>) {
        let mut memory = self.memory();
        // Counted on, for who waits meanwhile.
        *memory = Memory { access, rounds: memory.rounds, ..Memory::default() };
    }

    /// Returns when no refresh is under way.
    pub async fn settled(&self) {
        drop(self.turn.lock().await);
    }
}

/// A session as one resource of it.
pub(super) struct Source {
    pub session: Arc<Session>,
    pub provider: Arc<Provider>,
    pub resource: Resource,
}

impl TokenSource for Source {
    fn credential(&self) -> Token<'_> {
        let asked = self.session.clone().access(self.provider.clone(), self.resource);
        Box::pin(async move { asked.await.map(Credential::Bearer) })
    }

    fn refused(&self, credential: &Credential) {
        self.session.refused(self.resource, credential);
    }
}
