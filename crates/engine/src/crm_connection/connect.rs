//! Signing in, trying, keeping and leaving a CRM.

use super::{
    CrmFound, CrmSetup, CrmSignIn,
    adapters::{self, Wanted},
    kinds, parts,
    parts::{hosts, open, provider, secret_name},
};
use crate::{Engine, EngineError, Started, engine::Inner};
use clientele_auth::{AuthError, Grant, Provider, Purpose};
use clientele_crm::{Crm, CrmError, adapter::superoffice};
use clientele_model::{Credential, Secret, TokenSource};
use clientele_store::CrmLink;
use std::{collections::BTreeMap, sync::Arc};

/// What is to be tried or kept.
struct Candidate {
    kind: &'static str,
    fields: BTreeMap<String, String>,
    sign_in: Arc<dyn TokenSource>,
    /// What is to be kept of the sign-in; None: what is kept already.
    fresh: Option<Fresh>,
}

enum Fresh {
    Secret(Secret),
    Grant { id: String, provider: Box<Provider>, grant: Grant },
}

impl Engine {
    /// Prepares a sign-in in the browser; opening it is the caller's part, then [`Engine::sign_in_wait`].
    pub async fn crm_sign_in(&self, setup: &CrmSetup) -> Result<Started, EngineError> {
        let form = self.form(&setup.kind)?;
        if form.sign_in != CrmSignIn::Browser {
            return Err(EngineError::Invalid("one does not sign in to this CRM in the browser".into()));
        }
        let (fields, _) = kinds::filled(form, &self.0.policy, &setup.fields, true)?;
        let hint = self.0.crm_now.known().link.map(|link| link.email).unwrap_or_default();
        self.sign_in_begin(provider(&self.0.policy, &fields)?, &hint).await
    }

    /// Tries a CRM and keeps nothing of it.
    pub async fn crm_check(&self, setup: &CrmSetup) -> Result<CrmFound, EngineError> {
        let candidate = self.crm_candidate(setup)?;
        let language = self.language().await;
        let hosts = hosts(&self.0.policy, candidate.kind, &candidate.fields);
        let remote = adapters::remote(&candidate.wanted(&self.0, language.tag(), &hosts))?;
        let me = remote.me().await?;
        let mut found = CrmFound { name: remote.name(), me, missing: Vec::new(), companies: 0, people: 0, more: true };
        let mut cursor = String::new();
        // Some bring all companies before the first person: a look, not a reading.
        for _ in 0..3 {
            let page = remote.changes(&cursor).await?;
            for item in &page.items {
                match item {
                    clientele_crm::Item::Company(_) | clientele_crm::Item::CompanyRow(_) => found.companies += 1,
                    clientele_crm::Item::Person(_) | clientele_crm::Item::PersonRow(_) => found.people += 1,
                    _ => {}
                }
            }
            found.more = page.more;
            if !page.more || (found.companies > 0 && found.people > 0) {
                break;
            }
            cursor = page.cursor;
        }
        found.missing = remote.capabilities().missing().collect();
        Ok(found)
    }

    /// Tries a CRM, keeps it in place of the one there was, and begins to read it. The same CRM as the same user keeps what
    /// has been read.
    pub async fn crm_connect(&self, setup: &CrmSetup) -> Result<(), EngineError> {
        self.must_own()?;
        if setup.kind == "embedded" {
            return self.crm_disconnect().await;
        }
        self.secrets_ready()?;
        let mut candidate = self.crm_candidate(setup)?;
        let language = self.language().await;
        let hosts = hosts(&self.0.policy, candidate.kind, &candidate.fields);
        let remote = adapters::remote(&candidate.wanted(&self.0, language.tag(), &hosts))?;
        let (me, name) = (remote.me().await?, remote.name());
        drop(remote);
        let place = kinds::place(candidate.kind, &candidate.fields);
        let secret = secret_name(&self.0.profile_id, candidate.kind, &candidate.fields);
        match candidate.fresh.take() {
            Some(Fresh::Grant { id, provider, grant }) => {
                self.0.oauth.keep(&secret, &provider, grant).await?;
                self.grant_used(&id);
            }
            Some(Fresh::Secret(typed)) => self.0.secrets.set(&secret, Purpose::Crm, typed).await?,
            None => {}
        }
        // Nothing is read or archived while it is swapped: what waits for one CRM must not reach the other.
        let _sending = self.crm_nothing_sent().await;
        let _turn = self.0.crm_now.turn.lock().await;
        let before = self.0.crm_now.known().link;
        let link = CrmLink {
            id: 0,
            kind: candidate.kind.to_owned(),
            place,
            config: serde_json::to_string(&candidate.fields).map_err(|_| EngineError::Internal("a map is JSON"))?,
            name,
            user: me.id,
            user_name: me.name,
            email: me.email,
            connected: self.now(),
            refreshed: 0,
        };
        match self.crm_swap(&candidate, link, before.clone(), language.tag()).await {
            Ok(link) => {
                if let Some(before) = before.filter(|before| before.id != link.id) {
                    // What is left there would be of no use; that it cannot be deleted now is no reason to stay.
                    if let Err(error) = self.crm_secret_forget(&before).await {
                        tracing::warn!(code = error.code(), "the former CRM's secret stays");
                    }
                }
                tracing::info!(kind = candidate.kind, kept = link.refreshed > 0, "CRM connected");
                self.crm_is_another().await
            }
            // It goes on with the one there was.
            Err(error) => {
                let parts = self.0.parts(language.tag());
                self.0.crm_now.take(open(&parts, &self.0.crm, before)?);
                Err(error)
            }
        }
    }

    /// With nobody else at it.
    async fn crm_swap(
        &self,
        candidate: &Candidate,
        link: CrmLink,
        before: Option<CrmLink>,
        language: &str,
    ) -> Result<CrmLink, EngineError> {
        let known = before.as_ref().filter(|known| (&known.kind, &known.place) == (&link.kind, &link.place));
        let read = known.filter(|known| known.user == link.user).map_or(0, |known| known.refreshed);
        // Others let go of what is read now before it is thrown away.
        let embedded: Arc<dyn Crm> = self.0.crm.clone();
        self.0.crm_now.stand_in(embedded, before.clone());
        let mut link = CrmLink { refreshed: read, ..link };
        if read == 0 {
            // It goes on with the former one where this one cannot be kept.
            let (profile, of) = (self.0.config.profile.clone(), link.clone());
            let gone = tokio::task::spawn_blocking(move || parts::remove(&parts::mirror(&profile, &of)));
            gone.await.map_err(|_| EngineError::Internal("removing the mirror panicked"))?;
        }
        let parts = self.0.parts(language);
        let sign_in = parts.kept(candidate.kind, &candidate.fields)?;
        let crm = parts.build(candidate.kind, &candidate.fields, &link, sign_in)?;
        let kept = link.clone();
        link.id = self.store(move |store| store.crm_link_set(&kept)).await?;
        self.0.crm_now.swap(crm, Some(link.clone()));
        self.mirrors_remove(Some(&link)).await?;
        Ok(link)
    }

    /// Back to the embedded one. What was archived stays where it is.
    pub async fn crm_disconnect(&self) -> Result<(), EngineError> {
        self.must_own()?;
        let _sending = self.crm_nothing_sent().await;
        let _turn = self.0.crm_now.turn.lock().await;
        let Some(link) = self.0.crm_now.known().link else { return Ok(()) };
        match self.crm_secret_forget(&link).await {
            // Where there is no place for secrets there is no secret either.
            Ok(()) | Err(EngineError::Auth(AuthError::Missing)) => {}
            Err(error) => return Err(error),
        }
        let now = self.now();
        self.store(move |store| store.crm_link_end(now)).await?;
        let embedded: Arc<dyn Crm> = self.0.crm.clone();
        self.0.crm_now.swap(embedded, None);
        tracing::info!(kind = link.kind, "CRM disconnected");
        self.mirrors_remove(None).await?;
        self.crm_is_another().await
    }

    async fn crm_secret_forget(&self, link: &CrmLink) -> Result<(), EngineError> {
        let fields: BTreeMap<String, String> = serde_json::from_str(&link.config).unwrap_or_default();
        let name = secret_name(&self.0.profile_id, &link.kind, &fields);
        self.0.secrets.delete(&name, Purpose::Crm).await?;
        self.0.oauth.forget(&name, provider(&self.0.policy, &fields).ok().as_ref()).await?;
        Ok(())
    }

    fn form(&self, kind: &str) -> Result<&'static kinds::Form, EngineError> {
        let form = kinds::form(kind).ok_or_else(|| EngineError::Invalid("no such CRM".into()))?;
        if kinds::allowed(&self.0.policy, kind) {
            Ok(form)
        } else {
            Err(EngineError::Forbidden("the administrator does not allow this CRM".into()))
        }
    }

    fn crm_candidate(&self, setup: &CrmSetup) -> Result<Candidate, EngineError> {
        let form = self.form(&setup.kind)?;
        if form.sign_in == CrmSignIn::None {
            return Err(EngineError::Invalid("the embedded CRM needs no connection".into()));
        }
        let known = self.0.crm_now.known().link.filter(|link| link.kind == form.kind);
        let (mut fields, secret) = kinds::filled(form, &self.0.policy, &setup.fields, known.is_some())?;
        let fresh = match (form.sign_in, &setup.grant, secret) {
            (CrmSignIn::Browser, Some(id), _) => {
                let (provider, grant) = self.grant(id)?;
                if provider.id != "superoffice" {
                    return Err(EngineError::Invalid("a sign-in with somebody else".into()));
                }
                match superoffice::tenant(&grant) {
                    Some(tenant) => {
                        let wanted = fields.get("tenant").map(String::as_str).unwrap_or_default();
                        if !wanted.is_empty() && !wanted.eq_ignore_ascii_case(&tenant) {
                            return Err(EngineError::Refused {
                                code: "oauth_denied".into(),
                                detail: "the browser was signed in to another tenant".into(),
                            });
                        }
                        fields.insert("tenant".into(), tenant);
                    }
                    None if fields.get("tenant").is_none_or(String::is_empty) => {
                        return Err(EngineError::Invalid("missing: tenant".into()));
                    }
                    None => {}
                }
                Some(Fresh::Grant { id: id.clone(), provider: Box::new(provider), grant })
            }
            (CrmSignIn::Browser, None, _) => None,
            (_, _, secret) => secret.map(Fresh::Secret),
        };
        let sign_in: Arc<dyn TokenSource> = match &fresh {
            Some(Fresh::Secret(secret)) => Arc::new(Credential::Password(secret.clone())),
            Some(Fresh::Grant { grant, .. }) => self.0.oauth.source_of_grant(grant),
            None => {
                // What is kept is for the CRM that it was given for, and no other.
                let place = kinds::place(form.kind, &fields);
                if known.is_none_or(|link| link.place != place || server_of(&link) != fields.get("server").cloned()) {
                    return Err(EngineError::Crm(CrmError::SignInAgain));
                }
                self.0.parts("").kept(form.kind, &fields)?
            }
        };
        Ok(Candidate { kind: form.kind, fields, sign_in, fresh })
    }
}

/// Where the link is spoken to. What names a link need not say it.
fn server_of(link: &CrmLink) -> Option<String> {
    let mut fields: BTreeMap<String, String> = serde_json::from_str(&link.config).unwrap_or_default();
    fields.remove("server")
}

impl Candidate {
    fn wanted<'a>(&'a self, inner: &'a Inner, language: &'a str, hosts: &'a [String]) -> Wanted<'a> {
        Wanted {
            net: &inner.net,
            kind: self.kind,
            fields: &self.fields,
            sign_in: self.sign_in.clone(),
            language,
            hosts,
        }
    }
}
