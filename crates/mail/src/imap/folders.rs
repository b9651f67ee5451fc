//! Folders made, renamed and subscribed to; `delete.rs` deletes them. Each asks the server first, and the store follows what it said.

use super::{Client, list::wire_name, session::Session, utf7, value::Value};
use crate::{Code, MailError};
use clientele_model::{FolderId, FolderRole};
use clientele_store::{Folder, FolderName};

/// Longer names are refused by servers, each in its own words.
const LONGEST: usize = 200;

/// A place where folders can be made.
pub(super) struct Place {
    /// On the wire, up to where the new name begins.
    pub(super) prefix: String,
    /// The same as people read it.
    pub(super) path: String,
    /// Between a folder and what is in it; None: there is nothing below folders.
    pub(super) delimiter: Option<String>,
}

impl Client {
    /// Makes a folder, subscribed to, in another one or beside the inbox. Fails with `folder_name` where it cannot be
    /// called so, and with `folder_exists`.
    pub async fn folder_create(&mut self, parent: Option<FolderId>, name: &str) -> Result<Folder, MailError> {
        let result = self.create(parent, name).await;
        self.settle(result)
    }

    /// Another name, another place, or both; the folders in it go along, and nothing is fetched again.
    pub async fn folder_rename(
        &mut self,
        folder: FolderId,
        parent: Option<FolderId>,
        name: &str,
    ) -> Result<Folder, MailError> {
        let result = self.rename(folder, parent, name).await;
        self.settle(result)
    }

    /// Takes a folder with its mails and the folders in it into Trash; what is in Trash is deleted for good, and on Gmail
    /// only the label goes. What is queued for a folder that is not only renamed is told to the server first. Fails with
    /// `not_permitted` where no Trash is known, and with `folder_waits`. `now` in seconds since 1970.
    pub async fn folder_delete(&mut self, folder: FolderId, now: i64) -> Result<(), MailError> {
        let result = self.delete(folder, now).await;
        self.settle(result)
    }

    pub async fn folder_subscribe(&mut self, folder: FolderId, subscribed: bool) -> Result<Folder, MailError> {
        let result = self.subscribe(folder, subscribed).await;
        self.settle(result)
    }

    async fn create(&mut self, parent: Option<FolderId>, name: &str) -> Result<Folder, MailError> {
        let place = self.place(parent).await?;
        let name = place.fit(name)?;
        let session = self.session().await?;
        let server_name = format!("{}{}", place.prefix, utf7::encode(name));
        let named = session.named(&server_name);
        session.run(&format!("CREATE {named}"), |_| {}).await.map_err(as_name)?;
        let _ = session.run(&format!("SUBSCRIBE {named}"), |_| {}).await;
        self.relisted(&server_name, &format!("{}{name}", place.path)).await
    }

    async fn rename(&mut self, id: FolderId, parent: Option<FolderId>, name: &str) -> Result<Folder, MailError> {
        let folder = self.store(move |store| store.folder(id)).await?;
        own(&folder)?;
        let place = match parent {
            None => match self.orphaned(&folder).await? {
                Some(place) => place,
                None => self.place(None).await?,
            },
            parent => self.place(parent).await?,
        };
        let name = place.fit(name)?;
        let server_name = format!("{}{}", place.prefix, utf7::encode(name));
        if server_name == folder.server_name {
            return Ok(folder);
        }
        let inside = place.delimiter.as_ref().map(|delimiter| format!("{}{delimiter}", folder.server_name));
        if inside.is_some_and(|inside| server_name.starts_with(&inside)) {
            return Err(MailError::Unfit { code: Code::FolderName, detail: "a folder cannot be put into itself" });
        }
        let path = format!("{}{name}", place.path);
        self.rename_to(&folder, &server_name, &path, place.delimiter.as_deref()).await?;
        self.relisted(&server_name, &path).await
    }

    /// RENAME, and the store with it. Children go along by themselves (RFC 9051 section 6.3.6).
    pub(super) async fn rename_to(
        &mut self,
        folder: &Folder,
        server_name: &str,
        path: &str,
        delimiter: Option<&str>,
    ) -> Result<(), MailError> {
        let family = self.family(folder, delimiter).await?;
        let session = self.session().await?;
        step_out(session, &family).await?;
        let command = format!("RENAME {} {}", session.named(&folder.server_name), session.named(server_name));
        session.run(&command, |_| {}).await.map_err(as_name)?;
        let mut renamed = Vec::new();
        for one in &family {
            let rest = &one.server_name[folder.server_name.len()..];
            let to = format!("{server_name}{rest}");
            if one.subscribed {
                // Servers keep subscriptions by name.
                let (now, before) = (session.named(&to), session.named(&one.server_name));
                let _ = session.run(&format!("SUBSCRIBE {now}"), |_| {}).await;
                let _ = session.run(&format!("UNSUBSCRIBE {before}"), |_| {}).await;
            }
            let path = format!("{path}{}", one.path.get(folder.path.len()..).unwrap_or_default());
            let name = path.rsplit('/').next().unwrap_or(&path).to_owned();
            renamed.push((one.id, FolderName { path, name, server_name: to }));
        }
        self.store(move |store| store.folders_renamed(&renamed)).await
    }

    async fn subscribe(&mut self, id: FolderId, subscribed: bool) -> Result<Folder, MailError> {
        let folder = self.store(move |store| store.folder(id)).await?;
        let word = if subscribed { "SUBSCRIBE" } else { "UNSUBSCRIBE" };
        let session = self.session().await?;
        session.run(&format!("{word} {}", session.named(&folder.server_name)), |_| {}).await?;
        self.store(move |store| {
            store.folder_subscribed_set(id, subscribed)?;
            store.folder(id)
        })
        .await
    }

    /// A folder and those in it, itself first, each before what is in it.
    pub(super) async fn family(&self, folder: &Folder, delimiter: Option<&str>) -> Result<Vec<Folder>, MailError> {
        let account = self.account;
        let inside = delimiter.map(|delimiter| format!("{}{delimiter}", folder.server_name));
        let folders = self.store(move |store| store.folders(account)).await?;
        let mut family: Vec<Folder> = folders
            .into_iter()
            .filter(|one| {
                one.id == folder.id || inside.as_ref().is_some_and(|inside| one.server_name.starts_with(inside))
            })
            .collect();
        family.sort_by(|one, other| one.server_name.cmp(&other.server_name));
        if family.iter().any(|one| one.id != folder.id && one.role != FolderRole::Other) {
            return Err(MailError::Unfit { code: Code::FolderSpecial, detail: "a folder with a purpose lies in it" });
        }
        Ok(family)
    }

    /// The place of a folder whose parent the server does not list: nobody can name that parent, and another name must not
    /// move the folder out of it. None where the folder has a parent here, or lies at the top.
    async fn orphaned(&mut self, folder: &Folder) -> Result<Option<Place>, MailError> {
        let Some((path, _)) = folder.path.rsplit_once('/') else { return Ok(None) };
        let (account, above) = (self.account, path.to_owned());
        let folders = self.store(move |store| store.folders(account)).await?;
        if folders.iter().any(|one| one.path == above) {
            return Ok(None);
        }
        let (delimiter, _) = self.session().await?.hierarchy(&folder.server_name).await?;
        let Some(delimiter) = delimiter else { return Ok(None) };
        let Some((prefix, _)) = folder.server_name.rsplit_once(delimiter.as_str()) else { return Ok(None) };
        Ok(Some(Place { prefix: format!("{prefix}{delimiter}"), path: format!("{path}/"), delimiter: Some(delimiter) }))
    }

    /// Where folders of a parent are made; of None, those beside the inbox.
    pub(super) async fn place(&mut self, parent: Option<FolderId>) -> Result<Place, MailError> {
        let Some(parent) = parent else {
            let session = self.session().await?;
            let prefix = session.place_for_new().await?;
            let (delimiter, _) = session.hierarchy("").await?;
            let path = match &delimiter {
                Some(delimiter) => prefix.replace(delimiter.as_str(), "/"),
                None => prefix.clone(),
            };
            return Ok(Place { prefix, path, delimiter });
        };
        let account = self.account;
        let parent = self.store(move |store| store.folder(parent)).await?;
        if parent.account != account {
            return Err(MailError::Gone);
        }
        let (delimiter, childless) = self.session().await?.hierarchy(&parent.server_name).await?;
        match delimiter {
            Some(delimiter) if !childless => Ok(Place {
                prefix: format!("{}{delimiter}", parent.server_name),
                path: format!("{}/", parent.path),
                delimiter: Some(delimiter),
            }),
            _ => Err(MailError::Unfit { code: Code::NotPermitted, detail: "the server puts no folders into this one" }),
        }
    }

    pub(super) async fn delimiter_of(&mut self, folder: &Folder) -> Result<Option<String>, MailError> {
        let session = self.session().await?;
        Ok(session.hierarchy(&folder.server_name).await?.0)
    }

    /// The folder in the store, after the server was asked for all of them.
    async fn relisted(&mut self, server_name: &str, path: &str) -> Result<Folder, MailError> {
        let folders = self.list_and_make().await?;
        let mut same = folders.iter().filter(|folder| folder.server_name == server_name);
        let found = same.next().or_else(|| folders.iter().find(|folder| folder.path == path));
        found.cloned().ok_or(MailError::Gone)
    }
}

impl Place {
    /// The name, where a folder can be called so here.
    fn fit<'a>(&self, name: &'a str) -> Result<&'a str, MailError> {
        let name = name.trim();
        let unfit =
            |letter: char| letter.is_control() || super::list::is_hidden(letter) || matches!(letter, '/' | '%' | '*');
        let parted = self.delimiter.as_ref().is_some_and(|delimiter| name.contains(delimiter.as_str()));
        if name.is_empty()
            || name.len() > LONGEST
            || parted
            || name.contains(unfit)
            || name.starts_with(['#', '~'])
            || matches!(name, "." | "..")
        {
            return Err(MailError::Unfit { code: Code::FolderName, detail: "a folder cannot be called so" });
        }
        Ok(name)
    }
}

impl Session {
    /// The separator below a folder (RFC 9051 section 6.3.9), and whether nothing can be put into it. An empty name asks
    /// about the top.
    async fn hierarchy(&mut self, server_name: &str) -> Result<(Option<String>, bool), MailError> {
        let mut found = None;
        let (command, utf8) = (format!("LIST \"\" {}", self.named(server_name)), self.utf8);
        self.run(&command, |data| {
            if let [word, Value::List(attributes), delimiter, name, ..] = data
                && word.is("LIST")
                && (server_name.is_empty() || wire_name(name, utf8).is_some_and(|name| name == server_name))
            {
                let childless = attributes.iter().any(|one| one.is("\\Noinferiors"));
                found = Some((delimiter.text().filter(|text| !text.is_empty()), childless));
            }
        })
        .await?;
        found.ok_or(MailError::Gone)
    }
}

/// A folder that is open is neither renamed nor deleted by every server.
pub(super) async fn step_out(session: &mut Session, family: &[Folder]) -> Result<(), MailError> {
    let open = session.selected().is_some_and(|open| family.iter().any(|one| one.server_name == open.server_name));
    if open {
        session.select("INBOX").await?;
    }
    Ok(())
}

pub(super) fn own(folder: &Folder) -> Result<(), MailError> {
    match folder.role {
        FolderRole::Other => Ok(()),
        _ => Err(MailError::Unfit { code: Code::FolderSpecial, detail: "a folder with a purpose of its own" }),
    }
}

/// RFC 5530 section 3: CANNOT and a refusal of the name itself.
fn as_name(error: MailError) -> MailError {
    match error {
        MailError::Refused { text, .. } if text.starts_with("[CANNOT]") => {
            MailError::Unfit { code: Code::FolderName, detail: "the server takes no folder of this name" }
        }
        // Older servers say it in words only.
        MailError::Refused { text, temporary: false }
            if text.to_ascii_lowercase().contains("exist") && !text.starts_with('[') =>
        {
            MailError::Unfit { code: Code::FolderExists, detail: "a folder of this name is there already" }
        }
        other => other,
    }
}
