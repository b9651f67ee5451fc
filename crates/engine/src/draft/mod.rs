//! Writing: a draft is made, saved as one types, and leaves by the outbox.

mod attach;
mod begin;
mod mailto;
mod send;

pub use begin::Begin;

use crate::{Engine, EngineError};
use clientele_model::DraftId;
use clientele_store::{Draft, DraftAttachment};

/// A draft and what is attached to it.
#[derive(Debug, Clone)]
pub struct Written {
    pub draft: Draft,
    pub attachments: Vec<DraftAttachment>,
}

impl Engine {
    pub async fn draft(&self, id: DraftId) -> Result<Written, EngineError> {
        self.store(move |store| Ok(Written { draft: store.draft(id)?, attachments: store.draft_attachments(id)? }))
            .await
    }

    /// Latest saved first.
    pub async fn drafts(&self) -> Result<Vec<Written>, EngineError> {
        self.store(|store| {
            let drafts = store.drafts()?;
            drafts
                .into_iter()
                .map(|draft| Ok(Written { attachments: store.draft_attachments(draft.id)?, draft }))
                .collect()
        })
        .await
    }

    /// Saves what the composer has: account, addresses, subject, body and quote of `draft` count, the rest stays.
    /// Durable when it returns.
    pub async fn draft_save(&self, mut draft: Draft) -> Result<Written, EngineError> {
        draft.saved = self.now();
        draft.body = clientele_message::sanitise_body(&draft.body);
        let id = draft.id;
        self.store(move |store| {
            store.account(draft.account)?;
            store.draft_save(&draft)
        })
        .await?;
        self.draft(id).await
    }

    pub async fn draft_discard(&self, id: DraftId) -> Result<(), EngineError> {
        self.store(move |store| store.draft_remove(id)).await
    }
}
