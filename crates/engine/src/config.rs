use crate::RoomConfig;
use clientele_model::Secret;
use clientele_net::Mapping;
use clientele_policy::PolicyFiles;
use std::{net::SocketAddr, path::PathBuf, sync::Arc};

/// Seconds since 1970, passed in so that a test can choose them.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// How a profile is opened.
#[derive(Clone)]
pub struct Config {
    /// The data folder; made where it is missing.
    pub profile: PathBuf,
    /// One more certificate authority to trust: PEM bytes.
    pub extra_ca: Option<Vec<u8>>,
    /// What the administrator prescribes is read from here, once; `None`: nothing is.
    pub policy: Option<PolicyFiles>,
    /// For diagnosis and tests: a name server to ask instead of the system's.
    pub resolver: Option<SocketAddr>,
    /// For diagnosis and tests: connections to these hosts go elsewhere.
    pub map: Vec<Mapping>,
    /// One of en nb sv da de nl; `None`: the setting, else the system's.
    pub language: Option<String>,
    /// `None`: the system's clock.
    pub clock: Option<Clock>,
    pub secrets: SecretsConfig,
    /// When the disk counts as full.
    pub room: RoomConfig,
    /// Remote images may come from this computer. Only tests set it: a mail could otherwise reach local services.
    pub allow_loopback_images: bool,
    /// Where another process owns the profile: open as a guest, who reads and queues. Otherwise that is
    /// [`crate::EngineError::ProfileBusy`].
    pub guest_ok: bool,
    /// Start the accounts' tasks (the window, `clientele sync --watch`). Without them the single use cases work.
    pub tasks: bool,
    /// Write `logs/` in the profile. One process can do so for one profile only: the first call wins.
    pub logs: bool,
}

impl Config {
    /// The settings of a window on `profile`; change what differs.
    pub fn new(profile: impl Into<PathBuf>) -> Self {
        Config {
            profile: profile.into(),
            extra_ca: None,
            policy: Some(PolicyFiles::usual()),
            resolver: None,
            map: Vec::new(),
            language: None,
            clock: None,
            secrets: SecretsConfig::default(),
            room: RoomConfig::default(),
            allow_loopback_images: false,
            guest_ok: false,
            tasks: true,
            logs: true,
        }
    }
}

/// Where passwords are kept. The keyring first; where there is none, a sealed file or memory.
#[derive(Clone)]
pub struct SecretsConfig {
    /// Try the operating system's keyring.
    pub keyring: bool,
    /// Opens (or makes) `secrets.sealed` in the profile.
    pub passphrase: Option<Secret>,
    /// Keep secrets in memory without asking.
    pub memory: bool,
}

impl Default for SecretsConfig {
    fn default() -> Self {
        SecretsConfig { keyring: true, passphrase: None, memory: false }
    }
}

/// The data folder where none was chosen: the operating system's place for a program's data.
pub fn default_profile() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "Clientele").map(|dirs| dirs.data_dir().to_path_buf())
}
