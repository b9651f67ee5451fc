//! What a sign-in consists of: the refresh token as it is stored, and an access token with its end.

use super::Provider;
use crate::AuthError;
use clientele_model::Secret;
use serde::{Deserialize, Serialize};
use std::{
    borrow::Cow,
    time::{Duration, Instant, SystemTime},
};

/// Before its end, an access token is no longer given out: a connection takes a while to sign in.
const MARGIN: Duration = Duration::from_secs(60);
/// Where the provider does not say how long a token lives (RFC 6749 section 5.1 only recommends it).
const UNSAID: Duration = Duration::from_secs(15 * 60);

/// A refresh token, and whose it is: no other provider is ever shown it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Held {
    pub provider: String,
    pub client: String,
    pub token: Secret,
}

#[derive(Serialize, Deserialize)]
struct Written<'a> {
    provider: Cow<'a, str>,
    client: Cow<'a, str>,
    token: Cow<'a, str>,
}

impl Held {
    pub fn new(provider: &Provider, token: Secret) -> Held {
        Held { provider: provider.id.clone(), client: provider.client_id.clone(), token }
    }

    pub fn write(&self) -> Result<Secret, AuthError> {
        let written = Written {
            provider: self.provider.as_str().into(),
            client: self.client.as_str().into(),
            token: self.token.expose().into(),
        };
        serde_json::to_string(&written).map(Secret::new).map_err(|_| AuthError::Damaged)
    }

    pub fn read(secret: &Secret) -> Result<Held, AuthError> {
        let written: Written<'_> = serde_json::from_str(secret.expose()).map_err(|_| AuthError::Damaged)?;
        Ok(Held {
            provider: written.provider.into_owned(),
            client: written.client.into_owned(),
            token: Secret::new(written.token),
        })
    }

    pub fn belongs_to(&self, provider: &Provider) -> bool {
        self.provider == provider.id && self.client == provider.client_id
    }
}

#[derive(Clone)]
pub(super) struct Access {
    pub token: Secret,
    pub got: Instant,
    /// The end by both clocks: one may stand still while the computer sleeps, the other may be set.
    ends: (Instant, SystemTime),
    /// It was fetched because its predecessor was refused.
    pub second: bool,
}

impl Access {
    pub fn new(token: Secret, lives: Option<Duration>) -> Access {
        let lives = lives.unwrap_or(UNSAID).min(Duration::from_secs(7 * 24 * 3600));
        // A token that lives shorter than two margins is used for half its life.
        let good = lives.saturating_sub(MARGIN.min(lives / 2));
        Access { token, got: Instant::now(), ends: (Instant::now() + good, SystemTime::now() + good), second: false }
    }

    pub fn is_good(&self) -> bool {
        Instant::now() < self.ends.0 && SystemTime::now() < self.ends.1
    }
}
