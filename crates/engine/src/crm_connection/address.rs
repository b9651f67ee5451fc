//! Whether an account's address is the one on its person's own card in the CRM.

use crate::{Engine, EngineError};
use clientele_crm::{Capability, CrmError};
use clientele_model::AccountId;
use clientele_store::Account;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressState {
    /// Also where the CRM has no card of one's own.
    Fits,
    Differs,
    Accepted,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressCheck {
    pub account: AccountId,
    pub email: String,
    /// Empty: the card says none.
    pub card: String,
    pub state: AddressState,
    /// The card can be changed from here.
    pub repairable: bool,
}

impl Engine {
    /// Of every account; none for the embedded CRM, which has no card of one's own.
    pub async fn address_checks(&self) -> Result<Vec<AddressCheck>, EngineError> {
        let Some(link) = self.0.crm_now.known().link else { return Ok(Vec::new()) };
        let repairable = self.crm().capabilities().can(Capability::OwnAddress);
        self.store(move |store| {
            let mut checks = Vec::new();
            for Account { id, email, .. } in store.accounts()? {
                let accepted = store.setting(&key(link.id, id))?;
                let state = if link.email.is_empty() && !repairable || email.eq_ignore_ascii_case(&link.email) {
                    AddressState::Fits
                } else if accepted.is_some_and(|pair| pair == pair_of(&email, &link.email)) {
                    AddressState::Accepted
                } else {
                    AddressState::Differs
                };
                checks.push(AddressCheck { account: id, email, card: link.email.clone(), state, repairable });
            }
            Ok(checks)
        })
        .await
    }

    /// The difference is right, as long as neither address becomes another.
    pub async fn address_accept(&self, account: AccountId) -> Result<(), EngineError> {
        let link = self.0.crm_now.known().link.ok_or(EngineError::NotFound)?;
        self.store(move |store| {
            let email = store.account(account)?.email;
            store.setting_set(&key(link.id, account), &pair_of(&email, &link.email))
        })
        .await
    }

    /// The card gets the account's address. Where it became another meanwhile, that is what is compared from now on.
    pub async fn address_repair(&self, account: AccountId) -> Result<(), EngineError> {
        self.must_own()?;
        let (crm, id) = self.crm_to_write()?;
        let link = self.0.crm_now.known().link.filter(|link| link.id == id).ok_or(EngineError::NotFound)?;
        let email = self.store(move |store| Ok(store.account(account)?.email)).await?;
        let Err(error) = crm.own_address(&email).await else {
            return self.crm_link_card(&crm, link.id, link.user_name, email).await;
        };
        if let CrmError::Conflict { .. } = error
            && let Ok(me) = crm.me().await
        {
            self.crm_link_card(&crm, link.id, me.name, me.email).await?;
        }
        Err(error.into())
    }
}

fn key(link: i64, account: AccountId) -> String {
    format!("crm.address.{link}.{account}")
}

fn pair_of(email: &str, card: &str) -> String {
    format!("{} {}", email.to_lowercase(), card.to_lowercase())
}
