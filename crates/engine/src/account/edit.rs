use super::{
    AccountDraft,
    verify::{self, Candidate},
};
use crate::{Engine, EngineError};
use clientele_auth::Purpose;
use clientele_model::{AccountId, Secret};
use clientele_store::Account;

/// A saved account with other settings, before they are saved.
pub(super) struct Changed {
    pub(super) account: Account,
    pub(super) candidate: Candidate,
    /// It goes on signing in with its provider.
    pub(super) stays_oauth: bool,
}

fn typed(secret: &Secret) -> bool {
    !secret.expose().is_empty()
}

/// `kari` and `kari@fjord.example` are one.
fn same_person(one: &str, other: &str) -> bool {
    let local = |user: &str| user.split('@').next().unwrap_or_default().to_lowercase();
    local(one) == local(other)
}

impl Engine {
    /// Tries the new settings, then saves them and goes on with them; the mail stays. Empty passwords: those that are
    /// kept; without a grant, an account that signs in with a provider goes on doing so unless a password is given. The
    /// address is what the account is, and stays. Folders that the server numbers anew are fetched again by the sync.
    pub async fn account_edit(&self, id: AccountId, draft: AccountDraft) -> Result<Account, EngineError> {
        self.must_own()?;
        let before = self.store(move |store| store.account(id)).await?;
        if !before.email.eq_ignore_ascii_case(draft.email.trim()) {
            return Err(EngineError::Invalid("another address is another account".into()));
        }
        if draft.incoming.host.trim().is_empty() || draft.outgoing.host.trim().is_empty() {
            return Err(EngineError::Invalid("an account has two servers".into()));
        }
        self.secrets_ready()?;
        self.permit_days(draft.days)?;
        let draft = verify::tidied(draft);
        let changed = self.changed(&before, &draft).await?;
        self.refused(&self.try_candidate(&before.email, &changed.candidate).await)?;
        self.stop_account(id).await;
        let saved = self.save(&before, changed, draft).await;
        // Also where the secret could not be kept: the account goes on as it was.
        let account = self.restart(id).await?;
        saved.map(|()| account)
    }

    async fn save(&self, before: &Account, changed: Changed, draft: AccountDraft) -> Result<(), EngineError> {
        let Changed { account: mut after, candidate, stays_oauth } = changed;
        match candidate.grant {
            Some((provider, grant)) => {
                self.switch_to_provider(before, &provider, grant).await?;
                after.oauth = Some(provider.id);
            }
            None if stays_oauth => {}
            None => {
                let name = self.secret_name(before.id);
                if typed(&draft.incoming_password) {
                    self.0.secrets.set(&name, Purpose::Incoming, draft.incoming_password).await?;
                }
                if typed(&draft.outgoing_password) {
                    self.0.secrets.set(&name, Purpose::Outgoing, draft.outgoing_password).await?;
                }
                self.leave_provider(before).await?;
                after.oauth = None;
            }
        }
        if let Some(grant) = &draft.grant {
            self.grant_used(grant);
        }
        let other_mailbox = !same_person(&before.incoming_user, &after.incoming_user);
        self.store(move |store| {
            store.account_set(&after)?;
            if other_mailbox {
                // UIDVALIDITY tells folders of one mailbox apart, not those of two.
                for folder in store.folders(after.id)? {
                    store.reset_folder(folder.id)?;
                }
            }
            Ok(())
        })
        .await?;
        tracing::info!(account = %before.id, other_mailbox, "account changed");
        self.mended(before.id).await
    }

    /// What a saved account becomes by a draft, and how it signs in then. Nothing is saved.
    pub(super) async fn changed(&self, before: &Account, draft: &AccountDraft) -> Result<Changed, EngineError> {
        let id = before.id;
        let stays_oauth = draft.grant.is_none() && before.oauth.is_some() && !typed(&draft.incoming_password);
        let mut after = Account {
            name: draft.name.trim().to_owned(),
            incoming: draft.incoming.clone(),
            incoming_user: draft.incoming_user.clone(),
            outgoing: draft.outgoing.clone(),
            outgoing_user: draft.outgoing_user.clone(),
            days: draft.days,
            ..before.clone()
        };
        if after.incoming_user.is_empty() {
            after.incoming_user = before.email.clone();
        }
        if after.outgoing_user.is_empty() {
            after.outgoing_user = after.incoming_user.clone();
        }
        let mut candidate =
            self.candidate(&AccountDraft { incoming_user: after.incoming_user.clone(), ..draft.clone() })?;
        if stays_oauth {
            self.provider_for(&after)?;
            candidate.incoming = self.incoming_login(&after);
            candidate.outgoing = self.outgoing_login(&after);
        } else if draft.grant.is_none() {
            if !typed(&draft.incoming_password) {
                candidate.incoming = self.incoming_login(&after);
            }
            if !typed(&draft.outgoing_password) {
                // Its own where one is kept, else the incoming one, which may have just been typed.
                let own = self.0.secrets.get(&self.secret_name(id), Purpose::Outgoing).await?;
                candidate.outgoing.secret = match (own, typed(&draft.incoming_password)) {
                    (Some(own), _) => verify::password(&own),
                    (None, true) => candidate.incoming.secret.clone(),
                    (None, false) => self.outgoing_login(&after).secret,
                };
            }
        }
        Ok(Changed { account: after, candidate, stays_oauth })
    }
}
