#![allow(clippy::unwrap_used)]
//! An engine without tasks on a profile of its own.

pub(crate) mod elsewhere;

use crate::{Config, Engine, SecretsConfig};
use clientele_model::{AccountId, Address, Endpoint, FolderRole, MessageId, Security};
use clientele_store::{FolderSeen, FolderState, NewAccount, NewMessage};
use std::sync::Arc;
use tempfile::TempDir;

pub(crate) const NOW: i64 = 1_790_000_000;

pub(crate) fn config(folder: &TempDir) -> Config {
    Config {
        tasks: false,
        logs: false,
        policy: None,
        clock: Some(Arc::new(|| NOW)),
        secrets: SecretsConfig { keyring: false, memory: true, passphrase: None },
        ..Config::new(folder.path())
    }
}

pub(crate) async fn engine() -> (TempDir, Engine) {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::start(config(&folder)).await.unwrap();
    (folder, engine)
}

pub(crate) fn new_account(email: &str) -> NewAccount {
    // Port 1 of this computer: nothing answers there.
    let server = Endpoint { host: "127.0.0.1".into(), port: 1, security: Security::Tls };
    NewAccount {
        email: email.into(),
        name: "Kari".into(),
        incoming: server.clone(),
        incoming_user: email.into(),
        outgoing: server,
        outgoing_user: email.into(),
        days: 30,
        oauth: None,
    }
}

/// A folder as the server lists it.
pub(crate) fn seen(path: &str, role: FolderRole) -> FolderSeen {
    FolderSeen {
        path: path.into(),
        name: path.into(),
        server_name: path.into(),
        role,
        selectable: true,
        ..FolderSeen::default()
    }
}

/// An account with an inbox and a Sent folder.
pub(crate) async fn account(engine: &Engine, email: &str) -> AccountId {
    let new = new_account(email);
    let work = move |store: &clientele_store::Store| {
        let id = store.account_add(&new)?;
        let seen = [("INBOX", FolderRole::Inbox), ("Sent", FolderRole::Sent)].map(|(path, role)| seen(path, role));
        store.folders_replace(id, &seen)?;
        for folder in store.folders(id)? {
            let state = FolderState { uid_validity: 7, uid_next: 1, ..FolderState::default() };
            store.folder_state_set(folder.id, &state)?;
        }
        Ok(id)
    };
    engine.store(work).await.unwrap()
}

impl Engine {
    pub(crate) async fn account_add_password(&self, account: AccountId, password: &str) {
        let secret = clientele_model::Secret::new(password);
        self.0.secrets.set(&self.secret_name(account), clientele_auth::Purpose::Incoming, secret).await.unwrap();
    }
}

/// A mail in the account's inbox.
pub(crate) async fn mail(engine: &Engine, account: AccountId, uid: u32, from: &str, subject: &str) -> MessageId {
    let mail = NewMessage {
        uid,
        date: NOW - 60 + i64::from(uid),
        size: 10,
        message_id: format!("{uid}@nord.example"),
        subject: subject.into(),
        from: Address::new("", from),
        has_text: true,
        raw: Some(format!("Subject: {subject}\r\n\r\nHei").into_bytes().into()),
        ..NewMessage::default()
    };
    let work = move |store: &clientele_store::Store| {
        let inbox = store.folder_by_role(account, FolderRole::Inbox)?.unwrap().id;
        Ok(store.messages_insert(account, inbox, vec![mail])?[0].id)
    };
    engine.store(work).await.unwrap()
}
