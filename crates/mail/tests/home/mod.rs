//! A real server, a store, and clients between them.
#![allow(dead_code)]

use clientele_mail::{
    Login,
    imap::{Client, Synced},
};
use clientele_model::{AccountId, Action, Credential, Endpoint, FolderId, FolderRole, MessageId, Security};
use clientele_net::{Net, NetConfig};
use clientele_store::{ListQuery, NewAccount, Row, Scope, Store};
use clientele_tests::world::{INGRID, PASSWORD, World};
use std::sync::Arc;

pub struct Home {
    pub world: World,
    pub net: Net,
    pub store: Store,
    pub account: AccountId,
    pub now: i64,
    _profile: tempfile::TempDir,
}

impl Home {
    pub fn new() -> Home {
        let world = World::start().unwrap();
        let net =
            Net::new(NetConfig { authorities: vec![std::fs::read(world.ca_pem()).unwrap()], ..NetConfig::default() })
                .unwrap();
        let profile = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(profile.path()).unwrap();
        let account = account(&store, &world);
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
        Home { world, net, store, account, now, _profile: profile }
    }

    pub fn login(&self, port: u16, security: Security) -> Login {
        let endpoint = Endpoint { host: self.world.host().into(), port, security };
        Login { endpoint, user: INGRID.into(), secret: Arc::new(Credential::password(PASSWORD)) }
    }

    pub fn client(&self) -> Client {
        let login = self.login(self.world.ports().imaps, Security::Tls);
        Client::new(self.net.clone(), login, self.store.clone(), self.account)
    }

    pub fn folder(&self, role: FolderRole) -> FolderId {
        self.store.folder_by_role(self.account, role).unwrap().unwrap().id
    }

    pub fn rows(&self, role: FolderRole) -> Vec<Row> {
        let scope = Scope::Folder(self.folder(role));
        let query = ListQuery { scope, filter: Default::default(), after: None, limit: 200 };
        self.store.list(&query).unwrap().rows
    }

    pub async fn sync(&self, client: &mut Client, role: FolderRole) -> Synced {
        client.sync_folder(self.folder(role), 30, self.now, Arc::new(|_| {})).await.unwrap()
    }

    /// On the server, as Dovecot tells.
    pub fn there(&self, query: &str) -> usize {
        self.world.count(INGRID, query).unwrap()
    }

    pub fn act(&self, ids: &[MessageId], action: Action) {
        assert_eq!(self.store.operate(ids, &action, self.now).unwrap().count as usize, ids.len());
    }
}

pub fn mail(id: &str, subject: &str, body: &str) -> Vec<u8> {
    format!("From: Maja <maja@fjordlys.example>\r\nTo: {INGRID}\r\nSubject: {subject}\r\nMessage-ID: <{id}@fjordlys.example>\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\n\r\n{body}\r\n").into_bytes()
}

/// Ingrid's mailbox, in a store that does not have it.
pub fn account(store: &Store, world: &World) -> AccountId {
    let endpoint = |port, security| Endpoint { host: world.host().into(), port, security };
    store
        .account_add(&NewAccount {
            email: INGRID.into(),
            name: "Ingrid".into(),
            incoming: endpoint(world.ports().imaps, Security::Tls),
            incoming_user: INGRID.into(),
            outgoing: endpoint(world.ports().smtps, Security::Tls),
            outgoing_user: String::new(),
            days: 30,
            oauth: None,
        })
        .unwrap()
}
