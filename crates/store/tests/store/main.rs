#![allow(clippy::unwrap_used)]

mod copies;
mod damage;
mod folders;
mod full;
mod gone;
mod kill;
mod labels;
mod links;
mod mails;
mod migrate;
mod operations;
mod outbox;
mod parts;
mod private;
mod remove;
mod search;
mod size;
mod threads;
mod versions;
mod waiting;
mod with;

use clientele_model::{AccountId, Address, Endpoint, FolderId, FolderRole, MessageId, Security};
use clientele_store::{Filter, Flags, FolderSeen, FolderState, ListQuery, NewAccount, NewMessage, Page, Scope, Store};
use tempfile::TempDir;

pub(crate) const NOW: i64 = 1_790_000_000;

/// A profile with one account and its usual folders, all synced once.
pub(crate) struct World {
    pub profile: TempDir,
    pub store: Store,
    pub account: AccountId,
}

impl World {
    pub fn new() -> World {
        let profile = TempDir::new().unwrap();
        let (store, _) = Store::open(profile.path()).unwrap();
        let account = store.account_add(&new_account("kari@fjord.example")).unwrap();
        folders(&store, account);
        World { profile, store, account }
    }

    pub fn folder(&self, role: FolderRole) -> FolderId {
        self.store.folder_by_role(self.account, role).unwrap().unwrap().id
    }

    pub fn inbox(&self) -> FolderId {
        self.folder(FolderRole::Inbox)
    }

    pub fn insert(&self, role: FolderRole, mail: NewMessage) -> MessageId {
        let answer = self.store.messages_insert(self.account, self.folder(role), vec![mail]).unwrap();
        answer[0].id
    }

    pub fn list(&self, role: FolderRole) -> Page {
        list(&self.store, self.folder(role), Filter::All)
    }

    pub fn subjects(&self, role: FolderRole) -> Vec<String> {
        self.list(role).rows.into_iter().map(|row| row.subject).collect()
    }

    /// The program ends and starts again.
    pub fn reopen(self) -> World {
        let World { profile, store, account } = self;
        drop(store);
        let (store, opened) = Store::open(profile.path()).unwrap();
        assert_eq!(opened.mail_set_aside, None);
        World { profile, store, account }
    }
}

pub(crate) fn new_account(email: &str) -> NewAccount {
    let server = |port| Endpoint { host: "mail.fjord.example".into(), port, security: Security::Tls };
    NewAccount {
        email: email.into(),
        name: "Kari".into(),
        incoming: server(993),
        incoming_user: email.into(),
        outgoing: server(465),
        outgoing_user: email.into(),
        days: 30,
        oauth: None,
    }
}

pub(crate) fn folders(store: &Store, account: AccountId) {
    let seen: Vec<FolderSeen> = [
        ("INBOX", FolderRole::Inbox),
        ("Archive", FolderRole::Done),
        ("Trash", FolderRole::Trash),
        ("Sent", FolderRole::Sent),
        ("Junk", FolderRole::Junk),
        ("Projects/Åsen", FolderRole::Other),
    ]
    .into_iter()
    .map(|(path, role)| FolderSeen {
        path: path.into(),
        name: path.rsplit('/').next().unwrap().into(),
        server_name: path.replace('Å', "&AMU-"),
        role,
        selectable: true,
        ..FolderSeen::default()
    })
    .collect();
    store.folders_replace(account, &seen).unwrap();
    for folder in store.folders(account).unwrap() {
        let state = FolderState { uid_validity: 7, uid_next: 1, ..FolderState::default() };
        store.folder_state_set(folder.id, &state).unwrap();
    }
}

pub(crate) fn mail(uid: u32, date: i64, subject: &str) -> NewMessage {
    NewMessage {
        uid,
        date,
        size: 100,
        message_id: format!("{subject}-{uid}@nord.example").replace(' ', "-"),
        subject: subject.into(),
        from: Address::new("Ola Nordmann", "ola@nord.example"),
        to: vec![Address::new("Kari", "kari@fjord.example")],
        preview: "Hei".into(),
        search_text: format!("Hei, dette er {subject}"),
        has_text: true,
        raw: Some(format!("Subject: {subject}\r\n\r\nHei").into_bytes().into()),
        flags: Flags::default(),
        ..NewMessage::default()
    }
}

pub(crate) fn list(store: &Store, folder: FolderId, filter: Filter) -> Page {
    store.list(&ListQuery { scope: Scope::Folder(folder), filter, after: None, limit: 100 }).unwrap()
}
