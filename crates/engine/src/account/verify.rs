//! Trying servers with what was typed or with what is saved.

use super::AccountDraft;
use crate::{Engine, EngineError};
use clientele_account::{SideReport, Verified};
use clientele_auth::{Grant, Provider};
use clientele_mail::Login;
use clientele_model::{AccountId, Credential, Endpoint, Secret, Security, TokenSource};
use std::sync::Arc;

/// Both sign-ins of a mailbox, before they are saved.
pub(super) struct Candidate {
    pub(super) incoming: Login,
    pub(super) outgoing: Login,
    /// What signs in, where it is a provider.
    pub(super) grant: Option<(Provider, Grant)>,
}

impl Engine {
    /// Signs in to both servers with what was typed; nothing is saved. For the address of a saved account, empty
    /// passwords stand for those that are kept, as in [`Engine::account_edit`]. Fails where nothing may be tried: the policy
    /// forbids it, or the sign-in in the browser is over or belongs to other servers.
    pub async fn account_verify(&self, draft: AccountDraft) -> Result<Verified, EngineError> {
        let draft = tidied(draft);
        let email = draft.email.trim();
        let saved = self.accounts().await?.into_iter().find(|(one, _)| one.email.eq_ignore_ascii_case(email));
        let candidate = match saved {
            Some((before, _)) => self.changed(&before, &draft).await?.candidate,
            None => self.candidate(&draft)?,
        };
        Ok(self.try_out(email, &candidate.incoming, &candidate.outgoing).await)
    }

    /// The same with what is saved.
    pub async fn account_verify_saved(&self, id: AccountId) -> Result<Verified, EngineError> {
        let account = self.store(move |store| store.account(id)).await?;
        Ok(self.try_out(&account.email, &self.incoming_login(&account), &self.outgoing_login(&account)).await)
    }

    pub(super) async fn try_out(&self, email: &str, incoming: &Login, outgoing: &Login) -> Verified {
        clientele_account::verify_for(&self.0.net, email, incoming, outgoing).await
    }

    pub(super) fn candidate(&self, draft: &AccountDraft) -> Result<Candidate, EngineError> {
        self.permit_servers(&draft.incoming, &draft.outgoing)?;
        let outgoing_user = if draft.outgoing_user.is_empty() { &draft.incoming_user } else { &draft.outgoing_user };
        let (grant, incoming_secret, outgoing_secret) = match &draft.grant {
            Some(id) => {
                let (provider, grant) = self.grant(id)?;
                may_receive(&provider, &draft.incoming)?;
                may_receive(&provider, &draft.outgoing)?;
                let source = self.0.oauth.source_of_grant(&grant);
                (Some((provider, grant)), source.clone(), source)
            }
            None => {
                let own = &draft.outgoing_password;
                let outgoing = if own.expose().is_empty() { &draft.incoming_password } else { own };
                (None, password(&draft.incoming_password), password(outgoing))
            }
        };
        Ok(Candidate {
            incoming: login(&draft.incoming, &draft.incoming_user, incoming_secret),
            outgoing: login(&draft.outgoing, outgoing_user, outgoing_secret),
            grant,
        })
    }
}

/// Passwords as their servers mean them.
pub(super) fn tidied(draft: AccountDraft) -> AccountDraft {
    let tidy = |endpoint: &Endpoint, secret: &Secret| {
        Secret::new(clientele_account::tidy_password(&endpoint.host, secret.expose()))
    };
    AccountDraft {
        incoming_password: tidy(&draft.incoming, &draft.incoming_password),
        outgoing_password: tidy(&draft.outgoing, &draft.outgoing_password),
        ..draft
    }
}

pub(super) fn login(endpoint: &Endpoint, user: &str, secret: Arc<dyn TokenSource>) -> Login {
    Login { endpoint: endpoint.clone(), user: user.to_owned(), secret }
}

pub(super) fn password(secret: &Secret) -> Arc<dyn TokenSource> {
    Arc::new(Credential::Password(secret.clone()))
}

/// A token is shown only to the provider that gave it, and only protected: whoever else sees it can read the mailbox.
pub(crate) fn may_receive(provider: &Provider, endpoint: &Endpoint) -> Result<(), EngineError> {
    if endpoint.security == Security::None {
        return Err(EngineError::Forbidden("a sign-in in the browser goes over TLS only".into()));
    }
    if provider.may_receive(&endpoint.host) {
        Ok(())
    } else {
        let words = format!("a sign-in with {} is not shown to {}", provider.name, endpoint.host);
        Err(EngineError::Refused { code: "sign_in_unsupported".into(), detail: words })
    }
}

/// The first side that did not stand the try-out, as an error.
pub(super) fn refused(report: &Verified) -> Result<(), EngineError> {
    side_refused(&report.incoming)?;
    side_refused(&report.outgoing)
}

fn side_refused(side: &SideReport) -> Result<(), EngineError> {
    match &side.code {
        None => Ok(()),
        Some(code) => Err(EngineError::Refused { code: code.as_str().to_owned(), detail: side.detail.clone() }),
    }
}
