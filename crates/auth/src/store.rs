use crate::{AuthError, keyring::Keyring, sealed::Sealed};
use clientele_model::{Credential, Secret, Token, TokenError, TokenSource};
use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What a secret of an account is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Signing in to IMAP.
    Incoming,
    /// Signing in to SMTP, where that differs.
    Outgoing,
    /// The refresh token of a sign-in with a provider, and whose it is.
    Refresh,
    /// Signing in to the proxy.
    Proxy,
    /// The token or password of the CRM; a sign-in in the browser is under [`Purpose::Refresh`].
    Crm,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Purpose::Incoming => "incoming",
            Purpose::Outgoing => "outgoing",
            Purpose::Refresh => "refresh",
            Purpose::Proxy => "proxy",
            Purpose::Crm => "crm",
        }
    }
}

/// Where secrets are kept at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Keyring,
    Sealed,
    Memory,
    /// There is a sealed file, and its passphrase has not been given.
    Locked,
    /// No keyring: a person must choose.
    Missing,
}

/// Where to look for secrets, most wanted first: a passphrase opens the sealed file; else the keyring; else memory,
/// where that was asked for.
#[derive(Debug, Clone)]
pub struct SecretsConfig {
    /// The profile folder; the sealed file is `secrets.sealed` in it.
    pub folder: PathBuf,
    /// Whether the operating system's keyring may be used.
    pub keyring: bool,
    pub passphrase: Option<Secret>,
    /// Keep secrets in memory without asking.
    pub memory: bool,
}

impl SecretsConfig {
    /// The keyring, or a question.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        SecretsConfig { folder: folder.into(), keyring: true, passphrase: None, memory: false }
    }
}

/// The place where passwords and tokens are kept. Cheap to clone; all clones are one place.
#[derive(Clone)]
pub struct SecretStore(Arc<Inner>);

struct Inner {
    path: PathBuf,
    place: Mutex<Place>,
    /// Why there is no keyring, for `doctor`.
    complaint: Option<String>,
}

#[derive(Clone)]
enum Place {
    Keyring(Keyring),
    Sealed(Arc<Mutex<Sealed>>),
    Memory(Arc<Mutex<HashMap<String, Secret>>>),
    Locked,
    Missing,
}

impl SecretStore {
    /// Chooses the place. A sealed file made earlier stays the place, even where a keyring has appeared since.
    /// Fails only where a passphrase was given and does not open the file, or the file cannot be read.
    pub async fn open(config: SecretsConfig) -> Result<SecretStore, AuthError> {
        let path = config.folder.join("secrets.sealed");
        let mut complaint = None;
        let place = if let Some(passphrase) = config.passphrase {
            unseal(path.clone(), passphrase).await?
        } else if path.exists() {
            Place::Locked
        } else if config.memory {
            Place::Memory(Arc::default())
        } else if config.keyring {
            match Keyring::open().await {
                Ok(keyring) => Place::Keyring(keyring),
                Err(error) => {
                    complaint = Some(error.to_string());
                    Place::Missing
                }
            }
        } else {
            Place::Missing
        };
        Ok(SecretStore(Arc::new(Inner { path, place: Mutex::new(place), complaint })))
    }

    pub fn kind(&self) -> Kind {
        match *lock(&self.0.place) {
            Place::Keyring(_) => Kind::Keyring,
            Place::Sealed(_) => Kind::Sealed,
            Place::Memory(_) => Kind::Memory,
            Place::Locked => Kind::Locked,
            Place::Missing => Kind::Missing,
        }
    }

    /// Why the keyring was not used when the program started, in the system's words.
    pub fn complaint(&self) -> Option<&str> {
        self.0.complaint.as_deref()
    }

    /// Keeps secrets in memory until the program ends. Nothing changes where a keyring or an open sealed file is in use.
    pub fn use_memory(&self) {
        let mut place = lock(&self.0.place);
        if matches!(*place, Place::Missing | Place::Locked) {
            *place = Place::Memory(Arc::default());
        }
    }

    /// Opens the sealed file, or makes one, and keeps secrets there from now on. What memory held is taken along.
    pub async fn use_sealed(&self, passphrase: Secret) -> Result<(), AuthError> {
        let fresh = unseal(self.0.path.clone(), passphrase).await?;
        if let (Place::Memory(held), Place::Sealed(sealed)) = (self.place(), &fresh) {
            let held: Vec<_> = lock(&held).iter().map(|(name, secret)| (name.clone(), secret.clone())).collect();
            let sealed = sealed.clone();
            off_thread(move || held.into_iter().try_for_each(|(name, secret)| lock(&sealed).set(name, &secret)))
                .await?;
        }
        *lock(&self.0.place) = fresh;
        Ok(())
    }

    /// The secret, or `None` where the place works and holds none under this name. `account` is a text that names the
    /// account on this computer and never changes.
    pub async fn get(&self, account: &str, purpose: Purpose) -> Result<Option<Secret>, AuthError> {
        let name = name(account, purpose);
        match self.place() {
            Place::Keyring(keyring) => keyring.get(name).await,
            Place::Sealed(sealed) => Ok(lock(&sealed).get(&name)),
            Place::Memory(held) => Ok(lock(&held).get(&name).cloned()),
            Place::Locked => Err(AuthError::Locked),
            Place::Missing => Err(AuthError::Missing),
        }
    }

    pub async fn set(&self, account: &str, purpose: Purpose, secret: Secret) -> Result<(), AuthError> {
        let name = name(account, purpose);
        match self.place() {
            Place::Keyring(keyring) => keyring.set(name, secret).await,
            Place::Sealed(sealed) => off_thread(move || lock(&sealed).set(name, &secret)).await,
            Place::Memory(held) => {
                lock(&held).insert(name, secret);
                Ok(())
            }
            Place::Locked => Err(AuthError::Locked),
            Place::Missing => Err(AuthError::Missing),
        }
    }

    /// Removes a secret; it is no error where there is none.
    pub async fn delete(&self, account: &str, purpose: Purpose) -> Result<(), AuthError> {
        let name = name(account, purpose);
        match self.place() {
            Place::Keyring(keyring) => keyring.delete(name).await,
            Place::Sealed(sealed) => off_thread(move || lock(&sealed).delete(&name)).await,
            Place::Memory(held) => {
                lock(&held).remove(&name);
                Ok(())
            }
            Place::Locked => Err(AuthError::Locked),
            Place::Missing => Err(AuthError::Missing),
        }
    }

    /// What a connection signs in with. Outgoing falls back to incoming, because most accounts have one password.
    pub fn token_source(&self, account: &str, purpose: Purpose) -> Arc<dyn TokenSource> {
        Arc::new(Kept { store: self.clone(), account: account.to_owned(), purpose })
    }

    fn place(&self) -> Place {
        lock(&self.0.place).clone()
    }
}

struct Kept {
    store: SecretStore,
    account: String,
    purpose: Purpose,
}

impl TokenSource for Kept {
    fn credential(&self) -> Token<'_> {
        Box::pin(async move {
            let mut found = self.store.get(&self.account, self.purpose).await.map_err(|_| TokenError::Unavailable)?;
            if found.is_none() && self.purpose == Purpose::Outgoing {
                let incoming = self.store.get(&self.account, Purpose::Incoming).await;
                found = incoming.map_err(|_| TokenError::Unavailable)?;
            }
            found.map(Credential::Password).ok_or(TokenError::Missing)
        })
    }
}

fn name(account: &str, purpose: Purpose) -> String {
    format!("{account}:{}", purpose.as_str())
}

async fn unseal(path: PathBuf, passphrase: Secret) -> Result<Place, AuthError> {
    off_thread(move || Ok(Place::Sealed(Arc::new(Mutex::new(Sealed::open(&path, &passphrase)?))))).await
}

async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AuthError> + Send + 'static,
) -> Result<T, AuthError> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(AuthError::Damaged))
}

/// A thread that panicked while it held the lock has left whole values behind: each change is one assignment.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
