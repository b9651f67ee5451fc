//! Reading mails: folders, lists, search, conversations, bodies.

use crate::{Engine, EngineError, large};
use clientele_model::{FolderId, MessageId};
use clientele_store::{Archived, Detail, Folder, ListQuery, Page, Row, SearchQuery, StoreError};
use std::sync::Arc;

/// Rows and what was archived of them, for the badges.
#[derive(Debug, Clone, Default)]
pub struct Listed {
    pub page: Page,
    pub archived: Vec<Archived>,
}

impl Engine {
    pub async fn folders(&self) -> Result<Vec<Folder>, EngineError> {
        self.store(|store| store.folders_all()).await
    }

    pub async fn folder(&self, id: FolderId) -> Result<Folder, EngineError> {
        self.store(move |store| store.folder(id)).await
    }

    /// Unread mails in all inboxes, for the tray.
    pub async fn unread(&self) -> Result<u32, EngineError> {
        self.store(|store| store.unread()).await
    }

    pub async fn list(&self, query: ListQuery) -> Result<Listed, EngineError> {
        self.store(move |store| listed(store, store.list(&query)?)).await
    }

    pub async fn search(&self, query: SearchQuery) -> Result<Listed, EngineError> {
        self.store(move |store| listed(store, store.search(&query)?)).await
    }

    pub async fn row(&self, id: MessageId) -> Result<(Row, Option<Archived>), EngineError> {
        self.store(move |store| {
            let row = store.row(id)?;
            let archived = store.archived(&row.message_id)?;
            Ok((row, archived))
        })
        .await
    }

    /// The conversation of a mail, oldest first, each with what was archived of it.
    pub async fn thread(&self, id: MessageId) -> Result<Vec<(Detail, Option<Archived>)>, EngineError> {
        self.store(move |store| {
            let details = store.thread(id)?;
            let ids: Vec<_> = details.iter().map(|detail| detail.row.message_id.clone()).collect();
            let archived = store.archived_many(&ids)?;
            let of = |detail: &Detail| archived.iter().find(|one| one.message_id == detail.row.message_id).cloned();
            Ok(details
                .into_iter()
                .map(|detail| {
                    let found = of(&detail);
                    (detail, found)
                })
                .collect())
        })
        .await
    }

    pub async fn detail(&self, id: MessageId) -> Result<Detail, EngineError> {
        self.store(move |store| store.detail(id)).await
    }

    /// The whole mail as it came: from the store, or fetched now where not all of it is here.
    pub async fn raw(&self, id: MessageId) -> Result<Arc<[u8]>, EngineError> {
        if let Some(raw) = self.store(move |store| store.raw(id)).await? {
            return Ok(raw.into());
        }
        // Where large parts of it were left on the server, those are what is missing.
        if self.store(move |store| store.readable(id)).await?.is_none() {
            self.fetch_body(id).await?;
            if let Some(raw) = self.store(move |store| store.raw(id)).await? {
                return Ok(raw.into());
            }
        }
        let path = self.large_mail(id).await?;
        let read = tokio::task::spawn_blocking(move || large::read_once(&path));
        Ok(read.await.map_err(|_| EngineError::Internal("reading a mail panicked"))??)
    }

    /// The mail for reading: large attachments may be empty in it, and are to be had by [`Engine::part`].
    pub async fn readable(&self, id: MessageId) -> Result<Arc<[u8]>, EngineError> {
        if let Some(raw) = self.store(move |store| store.readable(id)).await? {
            return Ok(raw.into());
        }
        self.fetch_body(id).await?;
        match self.store(move |store| store.readable(id)).await? {
            Some(raw) => Ok(raw.into()),
            None => Err(EngineError::BodyMissing),
        }
    }
}

pub(crate) fn listed(store: &clientele_store::Store, page: Page) -> Result<Listed, StoreError> {
    let ids: Vec<_> = page.rows.iter().map(|row| row.message_id.clone()).collect();
    let archived = store.archived_many(&ids)?;
    Ok(Listed { page, archived })
}
