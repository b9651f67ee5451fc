use super::{
    session::{Selected, Session, quote},
    sign_in::Step,
    utf7::encode,
};
use crate::{Login, MailError};
use clientele_model::{AccountId, FolderRole};
use clientele_net::Net;
use clientele_store::{Folder, FolderSeen, Store, StoreError};

/// An account's mailbox, over one connection that is opened when it is needed and again after it broke. One for each
/// duty: a connection does one thing at a time.
pub struct Client {
    net: Net,
    login: Login,
    pub(super) store: Store,
    pub(super) account: AccountId,
    session: Option<Session>,
}

impl Client {
    /// Nothing is connected yet.
    pub fn new(net: Net, login: Login, store: Store, account: AccountId) -> Client {
        Client { net, login, store, account, session: None }
    }

    /// Says goodbye; the next call connects again.
    pub async fn close(&mut self) {
        if let Some(session) = self.session.take().filter(|session| !session.abandoned()) {
            session.logout().await;
        }
    }

    /// Lists the server's folders into the store, inbox first. Folders for Done, Sent, Junk and Trash are made where
    /// there are none: what a person does shows at once, so its target must be there, also offline.
    pub async fn sync_folders(&mut self) -> Result<Vec<Folder>, MailError> {
        let result = self.list_and_make().await;
        self.settle(result)
    }

    async fn list_and_make(&mut self) -> Result<Vec<Folder>, MailError> {
        let session = self.session().await?;
        let mut seen = session.list().await?;
        if make_missing(session, &seen).await? {
            seen = session.list().await?;
        }
        let account = self.account;
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
            None => Session::open(&self.net, &self.login, &mut Step::Resolve).await?,
        };
        Ok(self.session.insert(session))
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

    /// Drops a connection that an error has made useless.
    pub(super) fn settle<T>(&mut self, result: Result<T, MailError>) -> Result<T, MailError> {
        if result.as_ref().is_err_and(MailError::breaks) {
            self.session = None;
        }
        result
    }

    pub(super) fn reset(&mut self) {
        self.session = None;
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
        let name = quote(&format!("{prefix}{}", encode(name)));
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
