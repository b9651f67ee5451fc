use super::{
    lanes::{Lane, Lanes},
    list::Told,
    select::Selected,
    session::Session,
    sign_in::Step,
    utf7,
};
use crate::{Code, Login, MailError};
use clientele_model::{AccountId, FolderRole};
use clientele_net::Net;
use clientele_store::{Folder, FolderSeen, Store, StoreError};
use std::{collections::HashMap, sync::Arc};

/// An account's mailbox, over one connection that is opened when it is needed and again after it broke. One for each
/// duty: a connection does one thing at a time.
pub struct Client {
    net: Net,
    login: Login,
    pub(super) store: Store,
    pub(super) account: AccountId,
    session: Option<Session>,
    lanes: Arc<Lanes>,
    /// Held as long as there is a connection.
    lane: Option<Lane>,
    /// What the last list told of each folder that has not been looked at since, by its name on the server.
    pub(super) told: HashMap<String, Option<Told>>,
    /// The server offers IDLE and does not do it.
    pub(super) no_idle: bool,
}

impl Client {
    /// Nothing is connected yet.
    pub fn new(net: Net, login: Login, store: Store, account: AccountId) -> Client {
        let lanes = Lanes::new(u32::MAX);
        Client { net, login, store, account, session: None, lanes, lane: None, told: HashMap::new(), no_idle: false }
    }

    /// Its connection is one of these.
    pub fn within(self, lanes: Arc<Lanes>) -> Client {
        Client { lanes, ..self }
    }

    /// Until somebody else waits for the connection that this one holds and does not use.
    pub async fn in_the_way(&self) {
        match self.session {
            Some(_) => self.lanes.wanted().await,
            None => std::future::pending().await,
        }
    }

    /// Between two pieces of work: lets somebody else in who waits.
    pub async fn give_way(&mut self) {
        if self.session.is_some() && self.lanes.is_wanted() {
            self.close().await;
        }
    }

    /// Whether the server tells of changes in every folder by itself, on this connection.
    pub fn tells_all(&self) -> bool {
        self.session.as_ref().is_some_and(|session| session.notified)
    }

    /// Says goodbye; the next call connects again.
    pub async fn close(&mut self) {
        if let Some(session) = self.session.take().filter(|session| !session.abandoned()) {
            session.logout().await;
        }
        self.lane = None;
    }

    /// Lists the server's folders into the store, inbox first. Folders for Done, Sent, Junk and Trash are made where
    /// there are none: what a person does shows at once, so its target must be there, also offline.
    pub async fn sync_folders(&mut self) -> Result<Vec<Folder>, MailError> {
        let result = self.list_and_make().await;
        self.settle(result)
    }

    pub(super) async fn list_and_make(&mut self) -> Result<Vec<Folder>, MailError> {
        let session = self.session().await?;
        let mut listed = session.list().await?;
        if make_missing(session, &listed.folders).await? {
            listed = session.list().await?;
        }
        let (account, seen, mut told) = (self.account, listed.folders, listed.told);
        self.told = seen.iter().map(|folder| (folder.server_name.clone(), told.remove(&folder.server_name))).collect();
        self.store(move |store| {
            store.folders_replace(account, &seen)?;
            store.folders(account)
        })
        .await
    }

    /// The connection, opened where there is none.
    pub(super) async fn session(&mut self) -> Result<&mut Session, MailError> {
        let session = match self.session.take().filter(|session| !session.abandoned()) {
            Some(session) => session,
            None => {
                self.lane = None;
                self.opened().await?
            }
        };
        Ok(self.session.insert(session))
    }

    /// Where the server takes no further connection, one of ours that ends makes room.
    async fn opened(&mut self) -> Result<Session, MailError> {
        loop {
            let lane = self.lanes.enter().await?;
            match Session::open(&self.net, &self.login, &mut Step::Resolve).await {
                Ok(session) => {
                    self.lane = Some(lane);
                    return Ok(session);
                }
                Err(error) if error.kind() == Code::TooManyConnections && lane.refused() => {}
                Err(error) => return Err(error),
            }
        }
    }

    pub(super) fn lanes(&self) -> Arc<Lanes> {
        self.lanes.clone()
    }

    /// The connection with a folder open, afresh where `again`.
    pub(super) async fn open_folder(
        &mut self,
        server_name: &str,
        again: bool,
    ) -> Result<(&mut Session, Selected), MailError> {
        let session = self.session().await?;
        let selected =
            if again { session.select(server_name).await? } else { session.ensure_selected(server_name).await? };
        Ok((session, selected))
    }

    /// Which opening of a folder the connection is in, where there is one.
    pub(super) fn opening(&self) -> Option<u64> {
        self.session.as_ref()?.selected().map(|open| open.opening)
    }

    /// The connection, where the folder is still open as it was then.
    pub(super) fn session_at(&mut self, opening: &Selected) -> Option<&mut Session> {
        let same = |session: &&mut Session| session.selected().is_some_and(|open| open.opening == opening.opening);
        self.session.as_mut().filter(same)
    }

    /// Drops a connection that an error has made useless.
    pub(super) fn settle<T>(&mut self, result: Result<T, MailError>) -> Result<T, MailError> {
        if result.as_ref().is_err_and(MailError::breaks) {
            self.reset();
        }
        result
    }

    pub(super) fn reset(&mut self) {
        self.session = None;
        self.lane = None;
    }

    /// Works on the store without holding up the other tasks.
    pub(super) async fn store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, MailError> {
        let store = self.store.clone();
        match tokio::task::spawn_blocking(move || work(&store)).await {
            Ok(result) => result.map_err(MailError::from),
            Err(_) => Err(MailError::Stopped),
        }
    }
}

/// Makes the folders that actions need. A server that refuses one is left in peace.
async fn make_missing(session: &mut Session, seen: &[FolderSeen]) -> Result<bool, MailError> {
    let wanted = [
        (FolderRole::Sent, "Sent", "\\Sent"),
        (FolderRole::Done, "Archive", "\\Archive"),
        (FolderRole::Junk, "Junk", "\\Junk"),
        (FolderRole::Trash, "Trash", "\\Trash"),
    ];
    let missing = wanted.into_iter().filter(|(role, ..)| !seen.iter().any(|folder| folder.role == *role));
    let missing: Vec<_> = missing.collect();
    if missing.is_empty() {
        return Ok(false);
    }
    let prefix = session.place_for_new().await?;
    let mut made = false;
    for (_, name, purpose) in missing {
        let name = session.named(&format!("{prefix}{}", utf7::encode(name)));
        let with_purpose = session.has("CREATE-SPECIAL-USE");
        let command = if with_purpose { format!("CREATE {name} (USE ({purpose}))") } else { format!("CREATE {name}") };
        let mut answer = session.run(&command, |_| {}).await;
        if with_purpose && matches!(answer, Err(MailError::Refused { .. })) {
            answer = session.run(&format!("CREATE {name}"), |_| {}).await;
        }
        match answer {
            Ok(_) => {
                made = true;
                // Other programs show only folders that are subscribed to.
                let _ = session.run(&format!("SUBSCRIBE {name}"), |_| {}).await;
            }
            Err(error) if error.breaks() => return Err(error),
            Err(_) => tracing::info!("the server did not make a folder that it lacks"),
        }
    }
    Ok(made)
}
