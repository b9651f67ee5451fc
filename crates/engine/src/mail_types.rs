//! What an archived mail can become in the CRM: asked for behind the dialog, and kept for the next time.

use crate::{Engine, EngineError};
use clientele_crm::{Capability, MailType};
use clientele_model::MessageId;
use serde::{Deserialize, Serialize};

/// Key of the setting that holds [`Kept`].
const SETTING: &str = "crm.mail_types";

#[derive(Default, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    /// The CRM's, see [`clientele_store::CrmLink`].
    link: i64,
    received: Vec<One>,
    sent: Vec<One>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct One {
    id: String,
    name: String,
    default: bool,
}

impl Kept {
    fn of(&mut self, outbound: bool) -> &mut Vec<One> {
        if outbound { &mut self.sent } else { &mut self.received }
    }
}

impl Engine {
    /// Those of a mail, asked of the CRM; empty where there is nothing to choose. What it said before stays where it cannot
    /// be asked.
    pub async fn mail_types(&self, message: MessageId) -> Result<Vec<MailType>, EngineError> {
        let outbound = self.is_outbound(message).await?;
        let (crm, link) = (self.crm(), self.crm_shown());
        if !crm.capabilities().can(Capability::MailTypes) || !self.crm_may_be_asked() {
            return self.mail_types_known(outbound).await;
        }
        let types = match crm.mail_types(outbound).await {
            Ok(types) => types,
            Err(error) => {
                tracing::info!(code = error.code(), "no kinds of documents");
                return self.mail_types_known(outbound).await;
            }
        };
        let all: Vec<One> =
            types.iter().map(|one| One { id: one.id.clone(), name: one.name.clone(), default: one.default }).collect();
        let mut kept = self.mail_types_kept().await?;
        if kept.link != link {
            kept = Kept { link, ..Kept::default() };
        }
        if *kept.of(outbound) != all {
            *kept.of(outbound) = all;
            let text = serde_json::to_string(&kept).map_err(|_| EngineError::Internal("a list is JSON"))?;
            self.store(move |store| store.setting_set(SETTING, &text)).await?;
        }
        Ok(types)
    }

    /// As the CRM said the last time.
    pub(crate) async fn mail_types_known(&self, outbound: bool) -> Result<Vec<MailType>, EngineError> {
        let mut kept = self.mail_types_kept().await?;
        if kept.link != self.crm_shown() {
            return Ok(Vec::new());
        }
        let all = kept.of(outbound).drain(..);
        Ok(all.map(|one| MailType { id: one.id, name: one.name, default: one.default }).collect())
    }

    async fn mail_types_kept(&self) -> Result<Kept, EngineError> {
        let text = self.store(|store| store.setting(SETTING)).await?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    /// Whether oneself wrote it.
    pub(crate) async fn is_outbound(&self, message: MessageId) -> Result<bool, EngineError> {
        self.store(move |store| {
            let from = store.row(message)?.from.email;
            Ok(store.accounts()?.iter().any(|one| one.email.eq_ignore_ascii_case(&from)))
        })
        .await
    }
}
