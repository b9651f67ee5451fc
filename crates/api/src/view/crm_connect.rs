//! Which CRM it is: choosing, signing in, checking, disconnecting; and whether an account's address fits its user's card.

use super::Id;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// How one signs in to a CRM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CrmSignIn {
    /// The embedded one.
    None,
    /// In the browser: `crm_sign_in`, then `sign_in_wait`, whose grant goes into `CrmSetup`.
    Browser,
    /// A token of the CRM, in the field `secret`.
    Token,
    /// Field `user` and a password in the field `secret`.
    Password,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CrmFieldKind {
    Text,
    /// An address of a web page.
    Url,
    /// Never kept in the profile, never given back.
    Secret,
    /// JSON of the administrator's, for the advanced part of the form.
    Json,
}

/// One thing to fill in. The UI has words for its key: `crm.field.{key}` and, where there is one, `crm.field.{key}.hint`.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CrmField {
    pub key: String,
    pub kind: CrmFieldKind,
    pub required: bool,
    /// Folded away under "More" at first.
    pub advanced: bool,
    /// What it begins with: the policy's, the connected CRM's, or a default.
    pub value: String,
    /// Set by the administrator.
    pub locked: bool,
}

/// A CRM that can be connected.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CrmKindView {
    /// `embedded`, `superoffice`, `superoffice_site`, `elma365`, `bottlecrm`, `tryton`.
    pub kind: String,
    /// The product's own name.
    pub name: String,
    pub sign_in: CrmSignIn,
    pub fields: Vec<CrmField>,
    /// Why it cannot be chosen, a code; None: it can.
    pub code: Option<String>,
}

/// What was filled in.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CrmSetup {
    pub kind: String,
    pub fields: BTreeMap<String, String>,
    /// A finished sign-in in the browser.
    pub grant: Option<Id>,
}

/// Something that the CRM cannot do, and why.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CrmMissing {
    /// `projects`, `selections`, `follow_ups`, `sale_create`, `person_change`, `company_change`, `sale_change`,
    /// `several_records`, `mail_file`, `visibility`, `mail_types`, `documents`, `own_address`, `editors`, `find_archived` …
    pub what: String,
    /// `not_in_crm`, `not_offered`, `not_granted`, `one_user`, `not_yet`.
    pub why: String,
}

/// A CRM that was tried and answered.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CrmFound {
    /// What stands behind "Archive in".
    pub name: String,
    /// Who one is there.
    pub user: String,
    pub email: String,
    pub missing: Vec<CrmMissing>,
    /// How many companies and people the first page held; `more`: there are more than these.
    pub companies: u32,
    pub people: u32,
    pub more: bool,
}

/// How far what the CRM holds has been read.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CrmFilling {
    pub read: u32,
    /// Everything is read for the first time, or anew; else what changed.
    pub full: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CrmView {
    /// The name that the UI writes behind "Archive in".
    pub name: String,
    /// Names the CRM whose records are shown: what is chosen from them means nothing in another.
    pub link: Id,
    /// As in `CrmKindView`.
    pub kind: String,
    /// The last talk with it went well, or none was needed.
    pub ok: bool,
    /// Why not; `crm_sign_in_again` wants a person.
    pub code: Option<String>,
    /// Mails and follow-ups that wait to go there.
    pub queued: u32,
    /// Those that were refused.
    pub failed: u32,
    /// Who one is there; empty for the embedded one.
    pub user: String,
    pub missing: Vec<CrmMissing>,
    pub filling: Option<CrmFilling>,
    /// When what it holds was last read to the end; 0: never, or the embedded one.
    #[ts(type = "number")]
    pub refreshed: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AddressState {
    /// The card says the account's address, or the CRM has no card of one's own.
    Fits,
    Differs,
    /// It differs, and a person said that this is right.
    Accepted,
}

/// An account's address beside the address on one's own card in the CRM.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct AddressCheck {
    pub account: Id,
    pub email: String,
    /// Empty: the card says none.
    pub card: String,
    pub state: AddressState,
    /// The card can be changed from here.
    pub repairable: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CrmLeaving {
    pub name: String,
    /// Mails archived there, which stay.
    pub archived: u32,
    /// Mails and follow-ups that wait and would not go there any more.
    pub queued: u32,
}
