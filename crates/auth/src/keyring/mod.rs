//! The operating system's keyring. Its calls block and may wait for a person, so each runs on a thread of its own, with
//! a limit: a D-Bus service that hangs must not hold up the program, nor its end.

use crate::AuthError;
use clientele_model::Secret;
use keyring_core::{CredentialStore, Error};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};
use tokio::{sync::oneshot, time::timeout};

mod parts;
#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(windows, path = "windows.rs")]
#[cfg_attr(target_os = "macos", path = "macos.rs")]
#[cfg_attr(not(any(target_os = "linux", windows, target_os = "macos")), path = "none.rs")]
mod platform;

/// What every entry is filed under, beside its own name.
const SERVICE: &str = "Clientele";
/// Long enough to type the keyring's password when it asks for it.
const LIMIT: Duration = Duration::from_secs(25);

#[derive(Clone)]
pub(crate) struct Keyring(Arc<CredentialStore>);

impl Keyring {
    /// Opens the keyring and proves by writing, reading and removing an entry that it keeps what it is given. A daemon
    /// without a collection looks alive until then: it answers every question with "no entry".
    pub(crate) async fn open() -> Result<Keyring, AuthError> {
        let keyring = blocking(|| platform::open().map(Keyring).map_err(refused)).await?;
        keyring.probe().await?;
        Ok(keyring)
    }

    pub(crate) async fn probe(&self) -> Result<(), AuthError> {
        let name = format!("probe:{:016x}", rand::random::<u64>());
        let store = self.0.clone();
        let probe = move || {
            let entry = store.build(SERVICE, &name, None)?;
            entry.set_password("probe")?;
            let read = entry.get_password();
            // Removed whatever the read gave, so that nothing is left behind.
            entry.delete_credential()?;
            Ok(read? == "probe")
        };
        let kept = blocking(move || probe().map_err(refused)).await?;
        if kept { Ok(()) } else { Err(AuthError::Keyring("it does not keep what it is given".into())) }
    }

    pub(crate) async fn get(&self, name: String) -> Result<Option<Secret>, AuthError> {
        let keyring = self.clone();
        let found = blocking(move || parts::get(&keyring, &name)).await?;
        if found.is_none() {
            // "No entry" is also what a keyring says that has lost its collection.
            self.probe().await?;
        }
        Ok(found)
    }

    pub(crate) async fn set(&self, name: String, secret: Secret) -> Result<(), AuthError> {
        let keyring = self.clone();
        blocking(move || {
            let _turn = one_at_a_time();
            parts::set(&keyring, &name, &secret)
        })
        .await
    }

    pub(crate) async fn delete(&self, name: String) -> Result<(), AuthError> {
        let keyring = self.clone();
        blocking(move || {
            let _turn = one_at_a_time();
            parts::delete(&keyring, &name)
        })
        .await
    }
}

/// A change that nobody waits for any longer may still be going on, and would mix its parts with those of the next.
fn one_at_a_time() -> MutexGuard<'static, ()> {
    static CHANGING: Mutex<()> = Mutex::new(());
    CHANGING.lock().unwrap_or_else(PoisonError::into_inner)
}

impl parts::Entries for Keyring {
    fn get(&self, name: &str) -> Result<Option<Secret>, AuthError> {
        match self.0.build(SERVICE, name, None).and_then(|entry| entry.get_password()) {
            Ok(text) => Ok(Some(Secret::new(text))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(refused(error)),
        }
    }

    fn set(&self, name: &str, secret: &Secret) -> Result<(), AuthError> {
        self.0.build(SERVICE, name, None).and_then(|entry| entry.set_password(secret.expose())).map_err(refused)
    }

    fn delete(&self, name: &str) -> Result<(), AuthError> {
        match self.0.build(SERVICE, name, None).and_then(|entry| entry.delete_credential()) {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(refused(error)),
        }
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AuthError> + Send + 'static,
) -> Result<T, AuthError> {
    let (done, wait) = oneshot::channel();
    thread::Builder::new().name("keyring".into()).spawn(move || {
        let _ = done.send(work());
    })?;
    match timeout(LIMIT, wait).await {
        Err(_) => Err(AuthError::Keyring("no answer in time".into())),
        Ok(Err(_)) => Err(AuthError::Keyring("its library failed".into())),
        Ok(Ok(done)) => done,
    }
}

fn refused(error: Error) -> AuthError {
    AuthError::Keyring(describe(&error))
}

/// Two variants carry the stored bytes themselves: those are never put into words.
fn describe(error: &Error) -> String {
    match error {
        Error::BadEncoding(_) | Error::BadDataFormat(..) => "what it holds cannot be read".into(),
        Error::Ambiguous(_) => "it holds several entries of one name".into(),
        other => other.to_string(),
    }
}
