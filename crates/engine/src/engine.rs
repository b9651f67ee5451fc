use crate::{
    account::Status,
    browser::SignIns,
    config::{Clock, Config},
    crm_connection::{self, CrmNow},
    error::EngineError,
    files,
    large::Transfers,
    lock::ProfileLock,
    logs,
    notify::Desk,
    room::Room,
    tasks::{DutyWake, Tasks, Wake},
};
use clientele_auth::{OAuth, Providers, SecretStore};
use clientele_crm::Embedded;
use clientele_model::{AccountId, Change, OutboxId};
use clientele_net::{Http, Net, NetConfig};
use clientele_policy::Policy;
use clientele_store::{Opened, Store, StoreError};
use clientele_words::Language;
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

/// How long the end waits for a refresh of a sign-in.
const SETTLED: Duration = Duration::from_secs(5);

/// Whether this process runs the profile's tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Owner,
    /// Another process owns the profile: this one reads, and queues what the owner then does.
    Guest,
}

/// A profile that is open. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Engine(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) config: Config,
    pub(crate) store: Store,
    pub(crate) opened: Opened,
    /// The embedded one, which is there also while another is in use.
    pub(crate) crm: Arc<Embedded>,
    pub(crate) crm_now: CrmNow,
    pub(crate) secrets: SecretStore,
    pub(crate) net: Net,
    pub(crate) policy: Policy,
    pub(crate) providers: Providers,
    pub(crate) oauth: OAuth,
    pub(crate) sign_ins: Arc<Mutex<SignIns>>,
    pub(crate) http: Http,
    pub(crate) status: Mutex<HashMap<AccountId, Status>>,
    pub(crate) status_feed: broadcast::Sender<(AccountId, Status)>,
    pub(crate) transfers: Transfers,
    pub(crate) asides: broadcast::Sender<Change>,
    pub(crate) room: Room,
    pub(crate) desk: Desk,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: Mutex<Tasks>,
    pub(crate) wake: Mutex<HashMap<AccountId, Arc<Wake>>>,
    /// There is something to be done for the CRM, or something about it is different.
    pub(crate) archive_wake: DutyWake,
    /// Names this profile's secrets in a keyring that all profiles of a person share.
    pub(crate) profile_id: String,
    /// One outbox run at a time: a run looks into Sent before it asks the person about a held mail.
    pub(crate) sending: tokio::sync::Mutex<()>,
    /// Held for each mail that goes into the CRM or is taken back out.
    pub(crate) archiving: tokio::sync::Mutex<()>,
    /// The same for follow-ups and sales, which wait for no mail's upload.
    pub(crate) working: tokio::sync::Mutex<()>,
    /// When the copy of a sent mail was first looked for.
    pub(crate) sent_seen: Mutex<HashMap<OutboxId, i64>>,
    lock: Mutex<Option<ProfileLock>>,
    role: Role,
}

impl Engine {
    /// Opens the profile, and with [`Config::tasks`] starts the accounts' tasks. Fails with
    /// [`EngineError::ProfileBusy`] where another process owns the profile and no guest is wanted.
    pub async fn start(config: Config) -> Result<Engine, EngineError> {
        let profile = config.profile.clone();
        let guest_ok = config.guest_ok;
        let (lock, store, opened) = tokio::task::spawn_blocking(move || open(&profile, guest_ok))
            .await
            .map_err(|_| EngineError::Internal("opening the profile panicked"))??;
        let role = if lock.is_some() { Role::Owner } else { Role::Guest };
        if config.logs {
            logs::start(&config.profile);
        }
        let policy = match config.policy.clone() {
            Some(files) => tokio::task::spawn_blocking(move || Policy::read(&files))
                .await
                .map_err(|_| EngineError::Internal("reading the policy panicked"))?,
            None => Policy::default(),
        };
        let providers = crate::policy::providers(&policy);
        let net = Net::new(NetConfig {
            authorities: config.extra_ca.iter().chain(&policy.authorities).cloned().collect(),
            resolver: config.resolver,
            map: config.map.clone(),
            ..NetConfig::default()
        })?;
        // Unlocking the secrets takes longer: a connection then finds everything ready.
        if role == Role::Owner {
            net.warm();
        }
        let http = Http::new(net.clone(), config.allow_loopback_images);
        let secrets = SecretStore::open(clientele_auth::SecretsConfig {
            folder: config.profile.clone(),
            keyring: config.secrets.keyring,
            passphrase: config.secrets.passphrase.clone(),
            memory: config.secrets.memory,
        })
        .await?;
        let oauth = OAuth::new(net.clone(), secrets.clone());
        let crm = Arc::new(crate::customer::open(&config.profile, role).await?);
        let profile_id = profile_id(&store).await?;
        let crm_now = {
            let store = store.clone();
            let link = tokio::task::spawn_blocking(move || store.crm_link())
                .await
                .map_err(|_| EngineError::Internal("work on the store panicked"))??;
            let language = config.language.as_deref().and_then(Language::from_tag);
            let parts = crm_connection::Parts {
                net: &net,
                secrets: &secrets,
                oauth: &oauth,
                policy: &policy,
                profile: &config.profile,
                profile_id: &profile_id,
                owner: role == Role::Owner,
                language: language.unwrap_or_else(Language::from_environment).tag(),
            };
            crm_connection::open(&parts, &crm, link)?
        };
        let asides = broadcast::channel(64).0;
        let room = Room::new(&config.profile, config.room.clone(), asides.clone());
        tracing::info!(?role, set_aside = opened.mail_set_aside.is_some(), "profile open");
        let engine = Engine(Arc::new(Inner {
            config,
            store,
            opened,
            crm,
            crm_now,
            secrets,
            net,
            policy,
            providers,
            oauth,
            sign_ins: Arc::default(),
            http,
            status: Mutex::default(),
            status_feed: broadcast::channel(256).0,
            transfers: Transfers::default(),
            asides,
            room,
            desk: Desk::default(),
            stop: CancellationToken::new(),
            tasks: Mutex::default(),
            wake: Mutex::default(),
            archive_wake: DutyWake::default(),
            profile_id,
            sending: tokio::sync::Mutex::new(()),
            archiving: tokio::sync::Mutex::new(()),
            working: tokio::sync::Mutex::new(()),
            sent_seen: Mutex::default(),
            lock: Mutex::new(lock),
            role,
        }));
        // Before the first connection.
        engine.certificates_apply().await?;
        engine.proxy_apply().await?;
        if engine.0.config.tasks {
            engine.start_tasks().await?;
        }
        Ok(engine)
    }

    pub fn role(&self) -> Role {
        self.0.role
    }

    pub fn profile(&self) -> &Path {
        &self.0.config.profile
    }

    /// Ends the tasks, waits for them, removes temporary files and lets the profile go.
    pub async fn stop(&self) {
        self.0.stop.cancel();
        let running = std::mem::take(&mut *lock(&self.0.tasks));
        running.join().await;
        // A refresh under way brings the next refresh token: without it a person would have to sign in again.
        let _ = tokio::time::timeout(SETTLED, self.0.oauth.settled()).await;
        if self.0.role == Role::Owner {
            files::empty(&self.tmp());
        }
        lock(&self.0.lock).take();
        tracing::info!("profile closed");
    }

    /// Which rows changed, after each commit.
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.0.store.subscribe()
    }

    /// Changes of what the store does not hold, or keeps elsewhere: how far history is and whether the disk is full (told as
    /// the account's), and which folders are told of (the folder's).
    pub fn asides(&self) -> broadcast::Receiver<Change> {
        self.0.asides.subscribe()
    }

    /// How the accounts are, whenever that changes.
    pub fn statuses(&self) -> broadcast::Receiver<(AccountId, Status)> {
        self.0.status_feed.subscribe()
    }

    /// Begins to read what connections need, beside other work: a connection is about to be made.
    pub fn warm(&self) {
        self.0.net.warm();
    }

    /// Fetches remote images for the viewer.
    pub fn http(&self) -> Http {
        self.0.http.clone()
    }

    /// Where a damaged mail store was moved to at start.
    pub fn mail_set_aside(&self) -> Option<PathBuf> {
        self.0.opened.mail_set_aside.clone()
    }

    pub(crate) fn now(&self) -> i64 {
        now(self.0.config.clock.as_ref())
    }

    pub(crate) fn tmp(&self) -> PathBuf {
        self.0.config.profile.join("tmp")
    }

    /// Runs work on the store off the async threads.
    pub(crate) async fn store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, EngineError> {
        let store = self.0.store.clone();
        match tokio::task::spawn_blocking(move || work(&store)).await {
            Ok(result) => result.map_err(EngineError::from),
            Err(_) => Err(EngineError::Internal("work on the store panicked")),
        }
    }

    /// The language of what the engine writes: chosen at start, else the setting, else the policy's, else the system's.
    pub async fn language(&self) -> Language {
        let chosen = self.0.config.language.as_deref().and_then(Language::from_tag);
        if let Some(language) = chosen {
            return language;
        }
        let set = self.store(|store| store.setting("language")).await.ok().flatten();
        let of = |tag: Option<&str>| tag.and_then(Language::from_tag);
        of(set.as_deref()).or_else(|| of(self.0.policy.language.as_deref())).unwrap_or_else(Language::from_environment)
    }
}

/// The lock, the databases and a clean `tmp/`.
fn open(profile: &Path, guest_ok: bool) -> Result<(Option<ProfileLock>, Store, Opened), EngineError> {
    std::fs::create_dir_all(profile)?;
    keep_private(profile)?;
    match ProfileLock::take(profile)? {
        Some(lock) => {
            let tmp = profile.join("tmp");
            std::fs::create_dir_all(&tmp)?;
            files::empty(&tmp);
            let (store, opened) = Store::open(profile)?;
            Ok((Some(lock), store, opened))
        }
        None if guest_ok => Ok((None, Store::open_shared(profile)?, Opened::default())),
        None => Err(EngineError::ProfileBusy),
    }
}

/// Mail is nobody else's business on a computer that several people use.
#[cfg(unix)]
fn keep_private(profile: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(profile, std::fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn keep_private(_profile: &Path) -> std::io::Result<()> {
    Ok(())
}

async fn profile_id(store: &Store) -> Result<String, EngineError> {
    let store = store.clone();
    let made = tokio::task::spawn_blocking(move || {
        if let Some(id) = store.setting("profile.id")? {
            return Ok(id);
        }
        let id = format!("{:016x}", rand::random::<u64>());
        store.setting_set("profile.id", &id)?;
        Ok::<_, StoreError>(id)
    });
    Ok(made.await.map_err(|_| EngineError::Internal("work on the store panicked"))??)
}

fn now(clock: Option<&Clock>) -> i64 {
    match clock {
        Some(clock) => clock(),
        None => jiff::Timestamp::now().as_second(),
    }
}

/// A thread that panicked while it held the lock has left whole values behind.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
