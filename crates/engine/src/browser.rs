//! Signing in in the browser. What it gives is kept in memory until an account takes it, for at most an hour; a restart
//! begins anew.

use crate::{Engine, EngineError, engine::lock};
use clientele_auth::{CancelHandle, Grant, OAuthError, Page, Provider, Words};
use clientele_words::{Language, word};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// How long a finished sign-in waits for an account.
const KEPT: Duration = Duration::from_secs(3600);

/// Sign-ins under way and finished, by id.
#[derive(Default)]
pub(crate) struct SignIns {
    running: HashMap<String, Running>,
    grants: HashMap<String, Granted>,
}

struct Running {
    provider: String,
    url: String,
    cancel: CancelHandle,
    outcome: watch::Receiver<Option<Outcome>>,
    since: Instant,
}

struct Granted {
    provider: Provider,
    grant: Grant,
    since: Instant,
}

/// How it ended; several may ask.
#[derive(Debug, Clone)]
enum Outcome {
    Granted(String),
    Failed { code: String, detail: String },
}

/// A sign-in that waits for the person in the browser.
#[derive(Debug, Clone)]
pub struct Started {
    pub id: String,
    /// Where the browser must go.
    pub url: String,
}

impl Engine {
    /// Prepares a sign-in with a provider; opening the browser at its address is the caller's part. One that is still
    /// under way with the same provider is ended: there is one person.
    pub async fn sign_in_start(&self, provider: &str, email: &str) -> Result<Started, EngineError> {
        let provider = self.0.providers.get(provider).ok_or(OAuthError::NoClient)?;
        self.sign_in_begin(provider, email).await
    }

    /// The same with a provider that is not one of mail.
    pub(crate) async fn sign_in_begin(&self, provider: Provider, email: &str) -> Result<Started, EngineError> {
        let ended: Vec<_> = {
            let mut all = lock(&self.0.sign_ins);
            all.tidy();
            all.running.values().filter(|one| one.provider == provider.id).map(|one| one.cancel.clone()).collect()
        };
        for cancel in ended {
            cancel.cancel();
        }
        let pending = self.0.oauth.begin(&provider, email.trim(), page(self.language().await)).await?;
        let (url, cancel) = (pending.url().to_owned(), pending.cancel_handle());
        let id = new_id();
        let (tell, outcome) = watch::channel(None);
        let started = Started { id: id.clone(), url: url.clone() };
        let running = Running { provider: provider.id.clone(), url, cancel, outcome, since: Instant::now() };
        lock(&self.0.sign_ins).running.insert(id, running);
        let (sign_ins, stop) = (self.0.sign_ins.clone(), self.0.stop.clone());
        // On its own, so that a page that is loaded anew can ask again.
        tokio::spawn(async move {
            let ended = tokio::select! {
                ended = pending.wait() => ended,
                _ = stop.cancelled() => Err(OAuthError::Cancelled),
            };
            let outcome = match ended {
                Ok(grant) => {
                    let id = new_id();
                    let granted = Granted { provider, grant, since: Instant::now() };
                    lock(&sign_ins).grants.insert(id.clone(), granted);
                    Outcome::Granted(id)
                }
                Err(error) => {
                    let error = EngineError::from(error);
                    tracing::info!(code = error.code(), "sign-in in the browser ended");
                    Outcome::Failed { code: error.code().to_owned(), detail: error.to_string() }
                }
            };
            tell.send_replace(Some(outcome));
        });
        Ok(started)
    }

    /// Waits for the end of a sign-in; gives what [`crate::AccountDraft::grant`] takes.
    pub async fn sign_in_wait(&self, id: &str) -> Result<String, EngineError> {
        let mut outcome = {
            let all = lock(&self.0.sign_ins);
            all.running.get(id).ok_or(EngineError::NotFound)?.outcome.clone()
        };
        let ended = match outcome.wait_for(Option::is_some).await {
            Ok(ended) => ended.clone(),
            Err(_) => None,
        };
        match ended {
            Some(Outcome::Granted(grant)) => Ok(grant),
            Some(Outcome::Failed { code, detail }) => Err(EngineError::Refused { code, detail }),
            None => Err(OAuthError::Cancelled.into()),
        }
    }

    /// Ends a sign-in; whoever waits for it hears so. One that has just succeeded is given back to the provider.
    pub async fn sign_in_cancel(&self, id: &str) {
        let dropped = {
            let mut all = lock(&self.0.sign_ins);
            let Some(running) = all.running.get(id) else { return };
            running.cancel.cancel();
            let ended = running.outcome.borrow().clone();
            match ended {
                Some(Outcome::Granted(grant)) => all.grants.remove(&grant),
                _ => None,
            }
        };
        if let Some(dropped) = dropped {
            self.give_back(dropped).await;
        }
    }

    /// Not where a saved account signs in with the same provider as the same person: some end that one too.
    async fn give_back(&self, dropped: Granted) {
        let Ok(accounts) = self.store(|store| store.accounts()).await else { return };
        let same = |account: &clientele_store::Account| {
            account.oauth.as_deref() == Some(dropped.provider.id.as_str())
                && dropped.grant.email().is_none_or(|email| email.eq_ignore_ascii_case(&account.incoming_user))
        };
        if !accounts.iter().any(same) {
            self.0.oauth.discard(dropped.grant).await;
        }
    }

    /// Where the browser must go, once more, while the sign-in is under way.
    pub fn sign_in_url(&self, id: &str) -> Result<String, EngineError> {
        let all = lock(&self.0.sign_ins);
        let running = all.running.get(id).filter(|one| one.outcome.borrow().is_none());
        running.map(|one| one.url.clone()).ok_or(EngineError::NotFound)
    }

    /// A finished sign-in. One that is too old, or from before a restart, asks for another.
    pub(crate) fn grant(&self, id: &str) -> Result<(Provider, Grant), EngineError> {
        let mut all = lock(&self.0.sign_ins);
        all.tidy();
        match all.grants.get(id) {
            Some(one) => Ok((one.provider.clone(), one.grant.clone())),
            None => Err(EngineError::Refused {
                code: "sign_in_again".into(),
                detail: "the sign-in in the browser is over".into(),
            }),
        }
    }

    /// An account has taken it.
    pub(crate) fn grant_used(&self, id: &str) {
        lock(&self.0.sign_ins).grants.remove(id);
    }

    /// The provider an account signs in with.
    pub(crate) fn provider_for(&self, account: &clientele_store::Account) -> Result<Provider, EngineError> {
        let id = account.oauth.as_deref().ok_or(EngineError::NotFound)?;
        let provider = self.0.providers.get(id).ok_or(OAuthError::NoClient)?;
        crate::account::may_receive(&provider, &account.incoming)?;
        crate::account::may_receive(&provider, &account.outgoing)?;
        Ok(provider)
    }
}

impl SignIns {
    fn tidy(&mut self) {
        self.running.retain(|_, one| one.since.elapsed() < KEPT);
        self.grants.retain(|_, one| one.since.elapsed() < KEPT);
    }
}

fn new_id() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// What the browser shows when it has come back.
fn page(language: Language) -> Page {
    let words = |key: &str| Words {
        title: word(language, &format!("signInPage.{key}.title"), &[]),
        text: word(language, &format!("signInPage.{key}.text"), &[]),
    };
    Page { language: language.tag().to_owned(), done: words("done"), failed: words("failed"), again: words("again") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Config, PolicyFiles, testkit};

    const POLICY: &str = r#"
[[oauth]]
id = "nord"
name = "Nord"
authorize_url = "https://id.nord.example/auth"
token_url = "https://id.nord.example/token"
client_id = "c"
scopes = ["mail"]
hosts = ["mail.nord.example"]
"#;

    #[tokio::test]
    async fn everybody_who_waits_hears_of_the_end_and_a_second_start_ends_the_first() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("policy.toml");
        std::fs::write(&file, POLICY).expect("policy");
        let policy = Some(PolicyFiles { machine: file, beside: None });
        let engine = Engine::start(Config { policy, ..testkit::config(&folder) }).await.expect("engine");
        assert!(engine.providers().contains(&"nord".to_owned()), "{:?}", engine.policy().problems);
        let nobody = engine.sign_in_start("nobody", "").await;
        assert_eq!(nobody.expect_err("unknown").code(), "no_oauth_client");

        let first = engine.sign_in_start("nord", "kari@nord.example").await.expect("start");
        assert!(first.url.starts_with("https://id.nord.example/auth?"), "{}", first.url);
        assert_eq!(engine.sign_in_url(&first.id).expect("under way"), first.url);
        let second = engine.sign_in_start("nord", "kari@nord.example").await.expect("start");
        let ended = engine.sign_in_wait(&first.id).await;
        assert_eq!(ended.expect_err("ended by the second").code(), "oauth_cancelled");
        assert_eq!(engine.sign_in_url(&first.id).expect_err("over").code(), "not_found");

        engine.sign_in_cancel(&second.id).await;
        let (one, other) = tokio::join!(engine.sign_in_wait(&second.id), engine.sign_in_wait(&second.id));
        assert_eq!(one.expect_err("one").code(), "oauth_cancelled");
        assert_eq!(other.expect_err("other").code(), "oauth_cancelled");
        assert_eq!(engine.sign_in_wait("x").await.expect_err("unknown").code(), "not_found");
        assert_eq!(engine.grant("x").map(drop).expect_err("from before a restart").code(), "sign_in_again");
    }
}
