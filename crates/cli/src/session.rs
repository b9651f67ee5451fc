use crate::{args::Global, failure::Failure, secret};
use clientele_api::{Api, ApiError, handle, view::*};
use clientele_engine::{Config, Engine, PolicyFiles, Role, RoomConfig, Secret, SecretsConfig};
use std::path::PathBuf;

/// An opened profile, for one command.
pub struct Session {
    pub api: Api,
    pub engine: Engine,
    /// Nothing goes over the network: what is done is queued.
    pub offline: bool,
}

impl Session {
    /// As owner where the profile is free, as guest where another process has it. `tasks`: also run the accounts' tasks.
    pub async fn open(global: &Global, tasks: bool) -> Result<Session, Failure> {
        let profile = profile(global)?;
        let config = Config {
            extra_ca: authority(global)?,
            resolver: global.resolver,
            map: global.map.clone(),
            policy: Some(policy(global)),
            language: global.lang.clone(),
            secrets: secrets(global)?,
            room: room(global),
            guest_ok: !tasks,
            tasks,
            ..Config::new(profile)
        };
        let engine = Engine::start(config).await.map_err(ApiError::from)?;
        let viewer = Api::viewer_of(&engine, None);
        Ok(Session { api: Api::new(engine.clone(), viewer), engine, offline: global.offline })
    }

    pub async fn close(&self) {
        self.engine.stop().await;
    }

    /// Whether this process owns the profile and may speak to the servers now.
    pub fn acts(&self) -> bool {
        !self.offline && self.engine.role() == Role::Owner
    }

    /// Whether work was left to another process or for later.
    pub fn queues(&self) -> bool {
        !self.acts()
    }

    /// A saved account by its id or address.
    pub async fn account(&self, text: &str) -> Result<AccountView, Failure> {
        let state = handle::app_state(&self.api, Empty {}).await?;
        state
            .accounts
            .into_iter()
            .find(|account| account.id == text || account.email.eq_ignore_ascii_case(text))
            .ok_or_else(|| Failure::not_found(format!("no account {text}")))
    }

    /// A folder by its id, path or role. Where it could be meant in several mailboxes nothing is guessed.
    pub async fn folder(&self, text: &str) -> Result<FolderView, Failure> {
        folder_of(&handle::folder_list(&self.api, Empty {}).await?, text)
    }
}

/// The one of `folders` with this id, path or role.
pub fn folder_of(folders: &[FolderView], text: &str) -> Result<FolderView, Failure> {
    let role = match text.to_lowercase().as_str() {
        "inbox" => Some(FolderRoleView::Inbox),
        "sent" => Some(FolderRoleView::Sent),
        "drafts" => Some(FolderRoleView::Drafts),
        "done" => Some(FolderRoleView::Done),
        "junk" => Some(FolderRoleView::Junk),
        "trash" => Some(FolderRoleView::Trash),
        _ => None,
    };
    let by = |test: &dyn Fn(&FolderView) -> bool| -> Vec<FolderView> {
        folders.iter().filter(|folder| test(folder)).cloned().collect()
    };
    let mut found = by(&|folder| folder.id == text);
    if found.is_empty() {
        found = by(&|folder| folder.path == text);
    }
    if found.is_empty() {
        found = by(&|folder| role.as_ref() == Some(&folder.role));
    }
    match found.len() {
        0 => Err(Failure::not_found(format!("no folder {text}"))),
        1 => Ok(found.remove(0)),
        _ => Err(Failure::usage(format!("{text} is in several mailboxes: give the id that `folder list` prints"))),
    }
}

/// The data folder.
pub fn profile(global: &Global) -> Result<PathBuf, Failure> {
    let none = || Failure::usage("no place for data is known: choose one with --profile");
    global.profile.clone().or_else(clientele_engine::default_profile).ok_or_else(none)
}

/// Where the administrator's policy is read from.
pub fn policy(global: &Global) -> PolicyFiles {
    match &global.policy {
        // Whoever could choose the policy would be bound by none.
        Some(path) if cfg!(debug_assertions) => PolicyFiles { machine: path.clone(), beside: None },
        _ => PolicyFiles::usual(),
    }
}

/// The extra authority's bytes.
pub fn authority(global: &Global) -> Result<Option<Vec<u8>>, Failure> {
    let read = |path| std::fs::read(path).map_err(|error| Failure::usage(format!("--ca: {error}")));
    global.ca.as_ref().map(read).transpose()
}

fn room(global: &Global) -> RoomConfig {
    let usual = RoomConfig::default();
    RoomConfig { least: global.least_free.map_or(usual.least, |megabytes| megabytes.saturating_mul(1 << 20)), ..usual }
}

fn secrets(global: &Global) -> Result<SecretsConfig, Failure> {
    let passphrase = match global.passphrase_fd {
        Some(fd) => Some(secret::passphrase(fd).map_err(|error| Failure::usage(format!("--passphrase-fd: {error}")))?),
        None => None,
    };
    Ok(SecretsConfig {
        keyring: !global.no_keyring,
        passphrase: passphrase.map(|text| Secret::new(text.as_str())),
        ..SecretsConfig::default()
    })
}
