//! One function a command, in one file a group: the request becomes domain words, the engine's answer a view.

mod account;
mod archive;
mod certificate;
mod crm;
mod crm_connect;
mod discover;
mod draft;
mod editor;
mod folder;
mod follow_up;
mod history;
pub mod look;
mod mail;
mod notify;
mod operate;
mod outbox;
mod proxy;
mod record;
mod rule;
mod sign_in;
mod system;

pub(crate) use account::status_event;

pub use account::{
    account_add, account_edit, account_finish, account_removal, account_remove, account_sign_in, account_verify,
    account_verify_saved, endpoint_view, sync_now,
};
pub use archive::{
    archive, archive_options, archive_queue, archive_retry, archive_undo, archived, business_views, crm_settings_get,
    crm_settings_set, document_archive, mail_types, private_set,
};
pub use certificate::{certificate_forget, certificate_list, certificate_trust};
pub use crm::{company_search, customer_get, customer_refresh, person_create, record_search, record_search_asked};
pub use crm_connect::{
    address_accept, address_checks, address_repair, crm_check, crm_connect, crm_disconnect, crm_kinds, crm_leaving,
    crm_refresh, crm_sign_in,
};
pub use editor::{
    cards_export, cards_import, company_save, person_save, project_save, record_delete, sale_save, selection_delete,
    selection_list, selection_members, selection_save,
};
pub use follow_up::{
    follow_up_create, follow_up_done, follow_up_list, sale_create, waiting_remove, waiting_set, work_discard,
    work_list, work_retry,
};
pub use record::{
    company_change, mails_with, person_change, person_never, record_browse, record_get, sale_change, sale_stages,
};
pub use rule::{rule_delete, rule_list, rule_preview, rule_save};

pub use discover::discover;
pub use draft::{
    address_suggest, draft_attach, draft_detach, draft_discard, draft_get, draft_list, draft_new, draft_save, html_of,
};
pub use folder::{folder_create, folder_delete, folder_empty, folder_rename, folder_subscribe, search_servers};
pub use history::{history_list, history_pause, history_resume};
pub use mail::{
    attachment_cancel, attachment_open, attachment_save, folder_list, frame_open, message_list, message_row,
    message_search, page, source, text, thread_get,
};
pub use notify::folder_notify;
pub use operate::{operate, operation_discard, operation_list, operation_retry, undo};
pub use outbox::{outbox_get, outbox_list, outbox_resolve, send};
pub use proxy::{proxy_get, proxy_set};
pub use sign_in::{sign_in_cancel, sign_in_reopen, sign_in_start, sign_in_wait};
pub use system::{app_state, doctor, link_open, memory_get, memory_set, policy, secrets_choose, settings_set};

use crate::{ApiError, view::AddressView};
use clientele_model::Address;
use std::str::FromStr;

type Result<T> = std::result::Result<T, ApiError>;

/// An id from the wire.
fn id<T: FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| ApiError::invalid("not an id"))
}

fn ids<T: FromStr>(texts: &[String]) -> Result<Vec<T>> {
    texts.iter().map(|text| id(text)).collect()
}

fn address(address: &Address) -> AddressView {
    AddressView { name: address.name.clone(), email: address.email.clone() }
}

fn addresses(all: &[Address]) -> Vec<AddressView> {
    all.iter().map(address).collect()
}

fn from_views(all: Vec<AddressView>) -> Vec<Address> {
    all.into_iter().map(|view| Address::new(view.name.trim(), view.email.trim())).collect()
}
