//! Folders deleted: into Trash, where there is room for folders; their mails into it, where there is none.

use super::{
    Client,
    fetch::sets,
    folders::{Place, own, step_out},
    list::wire_name,
    replay::remove,
    session::Session,
    value::Value,
};
use crate::{Code, MailError};
use clientele_model::{FolderId, FolderRole};
use clientele_store::Folder;
use std::{sync::Arc, time::Duration};
use tokio::time::sleep;

/// Names that are tried in Trash, where one of the name is there already.
const TRIES: u32 = 20;
/// So often mails that came meanwhile are taken along.
const AGAIN: u32 = 3;
/// So often it is looked whether what another connection tells the server is told.
const LOOKS: u32 = 40;
const BETWEEN: Duration = Duration::from_millis(250);

impl Client {
    pub(super) async fn delete(&mut self, id: FolderId, now: i64) -> Result<(), MailError> {
        let folder = self.store(move |store| store.folder(id)).await?;
        own(&folder)?;
        let account = self.account;
        let trash = self.store(move |store| store.folder_by_role(account, FolderRole::Trash)).await?;
        let labels = self.session().await?.has("X-GM-EXT-1");
        let place = match trash {
            // A label is no place: its mails stay in "all mail".
            Some(trash) if !labels => {
                let place = self.place(Some(trash.id)).await;
                let inside = |place: &Place| place.delimiter.is_some() && folder.server_name.starts_with(&place.prefix);
                match place {
                    Ok(place) if inside(&place) => None,
                    Ok(place) => Some((trash, Some(place))),
                    Err(MailError::Unfit { .. }) => Some((trash, None)),
                    Err(error) => return Err(error),
                }
            }
            None if !labels => {
                return Err(MailError::Unfit { code: Code::NotPermitted, detail: "no Trash is known to put it into" });
            }
            _ => None,
        };
        match place {
            None => self.delete_for_good(&folder, now).await?,
            Some((trash, place)) => {
                let moved = match place {
                    Some(place) => self.move_to_trash(&folder, &place).await?,
                    None => false,
                };
                if !moved {
                    self.mails_into_trash(&folder, &trash, now).await?;
                }
            }
        }
        self.list_and_make().await.map(drop)
    }

    /// False: this server does not have it.
    async fn move_to_trash(&mut self, folder: &Folder, trash: &Place) -> Result<bool, MailError> {
        let before = self.delimiter_of(folder).await?;
        let last = match &before {
            Some(delimiter) => folder.server_name.rsplit(delimiter.as_str()).next().unwrap_or_default(),
            None => &folder.server_name,
        }
        .to_owned();
        for number in 1..=TRIES {
            let suffix = if number == 1 { String::new() } else { format!(" {number}") };
            let server_name = format!("{}{last}{suffix}", trash.prefix);
            let path = format!("{}{}{suffix}", trash.path, folder.name);
            match self.rename_to(folder, &server_name, &path, before.as_deref()).await {
                Ok(()) => return Ok(true),
                Err(error) if error.kind() == Code::FolderExists => {}
                // Trash may hold no folders here.
                Err(MailError::Refused { temporary: false, .. } | MailError::Unfit { .. }) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }

    /// Where a folder cannot go into Trash, its mails do.
    async fn mails_into_trash(&mut self, folder: &Folder, trash: &Folder, now: i64) -> Result<(), MailError> {
        let delimiter = self.delimiter_of(folder).await?;
        let family = self.family(folder, delimiter.as_deref()).await?;
        self.tell_first(&family, now).await?;
        for one in family.iter().filter(|one| one.selectable) {
            self.mails_to(one, trash).await?;
        }
        self.delete_all(&family, Some(trash)).await
    }

    async fn mails_to(&mut self, folder: &Folder, trash: &Folder) -> Result<(), MailError> {
        let (session, selected) = self.open_folder(&folder.server_name, true).await?;
        if selected.exists == 0 {
            return Ok(());
        }
        let to = session.named(&trash.server_name);
        if session.has("MOVE") {
            session.run(&format!("UID MOVE 1:* {to}"), |_| {}).await?;
        } else {
            // None but what was copied is removed, and nothing twice: what is left came since.
            let there = sets(&session.search("ALL").await?);
            for set in &there {
                session.run(&format!("UID COPY {set} {to}"), |_| {}).await?;
                remove(session, std::slice::from_ref(set)).await?;
            }
        }
        let _ = session.take_copied();
        Ok(())
    }

    /// Moves what has come since, too: a folder takes with it what is in it. Leaves it closed.
    async fn left_empty(&mut self, folder: &Folder, trash: &Folder) -> Result<(), MailError> {
        for _ in 0..AGAIN {
            if self.session().await?.count(&folder.server_name).await? == 0 {
                return Ok(());
            }
            self.mails_to(folder, trash).await?;
            step_out(self.session().await?, std::slice::from_ref(folder)).await?;
        }
        match self.session().await?.count(&folder.server_name).await? {
            0 => Ok(()),
            _ => Err(MailError::Refused { text: "[INUSE] mails keep coming into this folder".into(), temporary: true }),
        }
    }

    async fn delete_for_good(&mut self, folder: &Folder, now: i64) -> Result<(), MailError> {
        let delimiter = self.delimiter_of(folder).await?;
        let family = self.family(folder, delimiter.as_deref()).await?;
        self.tell_first(&family, now).await?;
        self.delete_all(&family, None).await
    }

    /// Folders that go take along what is queued for them: what a person moved out of them, or into them, is told to the
    /// server first. Fails with `folder_waits` where that cannot be.
    async fn tell_first(&mut self, family: &[Folder], now: i64) -> Result<(), MailError> {
        let (account, ids) = (self.account, family.iter().map(|folder| folder.id).collect::<Vec<_>>());
        let mut synced = false;
        for look in 0..LOOKS {
            let ids = ids.clone();
            let concerned = self.store(move |store| store.operations_concerning(account, &ids)).await?;
            if concerned.refused > 0 {
                return Err(waits("the server refused changes of mails in this folder"));
            }
            if concerned.queued == 0 {
                return Ok(());
            }
            if look == 0 {
                self.store(move |store| store.operations_hurry(account, now)).await?;
            } else if !concerned.unplaced.is_empty() && !synced {
                // A mail whose number the server did not tell: the sync finds it.
                synced = true;
                let days = self.store(move |store| store.account(account)).await?.days;
                for folder in concerned.unplaced {
                    self.sync_folder(folder, days, now, Arc::new(|_| {})).await?;
                }
                self.store(move |store| store.operations_hurry(account, now)).await?;
            } else if look > 0 {
                // Under way on another connection.
                sleep(BETWEEN).await;
            }
            self.replay(now).await?;
        }
        Err(waits("changes of mails in this folder are not told to the server yet"))
    }

    /// `trash`: where their mails went, and what comes late goes.
    async fn delete_all(&mut self, family: &[Folder], trash: Option<&Folder>) -> Result<(), MailError> {
        step_out(self.session().await?, family).await?;
        // The innermost first: a folder that holds others is only emptied by some servers.
        for one in family.iter().rev() {
            if let Some(trash) = trash.filter(|_| one.selectable) {
                self.left_empty(one, trash).await?;
            }
            let session = self.session().await?;
            let name = session.named(&one.server_name);
            match session.run(&format!("DELETE {name}"), |_| {}).await {
                Ok(_) => {}
                // Gone with what was in it, or somebody was faster.
                Err(error) if error.kind() == Code::NotFound || !one.selectable => {
                    if error.breaks() {
                        return Err(error);
                    }
                }
                Err(error) => return Err(error),
            }
            if one.subscribed {
                let _ = session.run(&format!("UNSUBSCRIBE {name}"), |_| {}).await;
            }
        }
        Ok(())
    }
}

fn waits(detail: &'static str) -> MailError {
    MailError::Unfit { code: Code::FolderWaits, detail }
}

impl Session {
    /// How many mails are in a folder that is not open; 0 where it is gone.
    async fn count(&mut self, server_name: &str) -> Result<u64, MailError> {
        let mut count = None;
        let (command, utf8) = (format!("STATUS {} (MESSAGES)", self.named(server_name)), self.utf8);
        let asked = self
            .run(&command, |data| {
                if let [word, name, Value::List(items)] = data
                    && word.is("STATUS")
                    && wire_name(name, utf8).is_some_and(|name| name == server_name)
                    && let Some([_, number]) = items.chunks(2).find(|pair| pair[0].is("MESSAGES"))
                {
                    count = number.number();
                }
            })
            .await;
        match asked {
            Ok(_) => count.ok_or(MailError::Protocol("a STATUS answer")),
            Err(error) if error.kind() == Code::NotFound && !error.breaks() => Ok(0),
            Err(error) => Err(error),
        }
    }
}
