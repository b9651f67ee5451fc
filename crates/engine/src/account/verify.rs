//! Trying servers with what was typed or with what is saved.

use super::AccountDraft;
use crate::{Engine, EngineError};
use clientele_account::{SideReport, Verified};
use clientele_auth::{Grant, Provider};
use clientele_mail::Login;
use clientele_model::{AccountId, Credential, Endpoint, Secret, Security, TokenSource};
use std::sync::Arc;

/// Servers' clocks are not exact either.
const DAY: i64 = 86_400;

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
            Some((before, _)) => {
                if before.oauth.is_some() {
                    self.must_own()?;
                }
                self.changed(&before, &draft).await?.candidate
            }
            None => self.candidate(&draft)?,
        };
        Ok(self.try_candidate(email, &candidate).await)
    }

    /// The same with what is saved. For an account that signs in with a provider only the owner of the profile may: a
    /// second process that refreshes beside it would make the provider end the sign-in of both.
    pub async fn account_verify_saved(&self, id: AccountId) -> Result<Verified, EngineError> {
        let account = self.store(move |store| store.account(id)).await?;
        if account.oauth.is_some() {
            self.must_own()?;
        }
        Ok(self.try_out(&account.email, &self.incoming_login(&account), &self.outgoing_login(&account)).await)
    }

    pub(super) async fn try_candidate(&self, email: &str, candidate: &Candidate) -> Verified {
        let mut report = self.try_out(email, &candidate.incoming, &candidate.outgoing).await;
        if let Some((_, grant)) = &candidate.grant {
            explain(&mut report, grant, &candidate.incoming.user);
        }
        report
    }

    /// The code of a side that failed: a certificate that is not valid yet says more about this computer's clock.
    pub fn side_code(&self, side: &SideReport) -> Option<&'static str> {
        let code = side.code?;
        let early = side.certificate.as_ref().is_some_and(|one| one.not_before > self.now() + DAY);
        Some(if early && code.as_str().starts_with("certificate_") { "clock_wrong" } else { code.as_str() })
    }

    /// The first side that did not stand the try-out, as an error.
    pub(super) fn refused(&self, report: &Verified) -> Result<(), EngineError> {
        let first =
            [&report.incoming, &report.outgoing].into_iter().find_map(|side| Some((self.side_code(side)?, side)));
        match first {
            None => Ok(()),
            Some((code, side)) => Err(EngineError::Refused { code: code.to_owned(), detail: side.detail.clone() }),
        }
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

/// A mail server that does not take a fresh sign-in: most often the browser was signed in to another mailbox.
fn explain(report: &mut Verified, grant: &Grant, user: &str) {
    let words = match grant.email() {
        Some(email) if email.eq_ignore_ascii_case(user) => return,
        Some(_) => "the browser is signed in to another mailbox",
        None => "the mail server does not take it; the browser may be signed in to another mailbox",
    };
    for side in [&mut report.incoming, &mut report.outgoing] {
        if side.code.is_some_and(|code| matches!(code.as_str(), "sign_in_refused" | "sign_in_again")) {
            side.detail = words.into();
        }
    }
}
