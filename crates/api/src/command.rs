//! The one list of commands: name, request, view. The router, the CLI and the TypeScript types come from it.

use crate::typescript::Types;
use crate::view::*;
#[cfg(feature = "engine")]
use crate::{Api, ApiError};
#[cfg(feature = "engine")]
use serde_json::Value;

macro_rules! commands {
    ($($(#[doc = $doc:literal])* $name:ident: $request:ty => $view:ty;)*) => {
        /// Every command's name.
        pub const NAMES: &[&str] = &[$(stringify!($name)),*];

        /// Calls a command by name, with its request as JSON; answers its view as JSON.
        #[cfg(feature = "engine")]
        pub async fn call(api: &Api, name: &str, request: Value) -> Result<Value, ApiError> {
            match name {
                $(stringify!($name) => {
                    let request: $request = serde_json::from_value(request)
                        .map_err(|error| ApiError::invalid(error.to_string()))?;
                    let view: $view = crate::handle::$name(api, request).await?;
                    serde_json::to_value(view).map_err(|error| ApiError::internal(error.to_string()))
                })*
                _ => Err(ApiError::invalid(format!("no command {name}"))),
            }
        }

        /// The TypeScript interface `Commands`: `{ name: { request, view } }`.
        pub(crate) fn typescript(types: &mut Types) -> String {
            let mut text = String::from("export interface Commands {\n");
            $({
                $(text.push_str(&format!("  /** {} */\n", $doc.trim()));)*
                let (request, view) = (types.reach::<$request>(), types.reach::<$view>());
                text.push_str(&format!("  {}: {{ request: {request}; view: {view} }};\n", stringify!($name)));
            })*
            text.push_str("}\n");
            text
        }
    };
}

commands! {
    app_state: Empty => AppState;
    settings_set: Settings => Settings;
    secrets_choose: SecretChoice => AppState;

    account_verify: AccountDraft => VerifyView;
    /// Tries both servers, then saves and starts.
    account_add: AccountDraft => AccountView;
    account_remove: IdRequest => Empty;
    /// Tries the new settings, then saves them; the mail stays.
    account_edit: AccountEdit => AccountView;
    account_sign_in: AccountSignIn => AccountView;
    /// What `account_remove` would take with it.
    account_removal: IdRequest => AccountRemoval;
    /// Tries all that the account has not finished once more, also what was given up.
    account_finish: IdRequest => Empty;
    discover: DiscoverRequest => DiscoverView;
    /// Opens the browser at the provider's page.
    sign_in_start: SignInStart => SignInStarted;
    /// Answers when the person has signed in, or fails with `oauth_cancelled`, `oauth_denied`, `oauth_scope` or
    /// `oauth_failed`.
    sign_in_wait: IdRequest => SignInDone;
    sign_in_cancel: IdRequest => Empty;
    /// Opens the browser once more.
    sign_in_reopen: IdRequest => Empty;
    certificate_list: Empty => Vec<CertificateException>;
    certificate_trust: CertificateException => Empty;
    certificate_forget: CertificateException => Empty;
    proxy_get: Empty => ProxyView;
    proxy_set: ProxySet => ProxyView;
    memory_get: MemoryRequest => MemoryView;
    memory_set: MemorySet => Empty;
    /// An empty id: every account.
    sync_now: IdRequest => Empty;

    folder_list: Empty => Vec<FolderView>;
    folder_create: FolderCreate => FolderView;
    folder_rename: FolderRename => FolderView;
    /// With its mails and the folders in it: into Trash, and for good where it is there already.
    folder_delete: IdRequest => Empty;
    folder_subscribe: FolderSubscribe => FolderView;
    folder_notify: FolderNotify => FolderView;
    /// Removes all mails of Junk or Trash for good, after the ten seconds in which that can be undone.
    folder_empty: IdRequest => OperatedView;
    history_list: Empty => Vec<HistoryView>;
    /// Fetches all mail of the account, however few days it is set to; also goes on after a pause.
    history_resume: IdRequest => HistoryView;
    history_pause: IdRequest => HistoryView;
    message_list: ListRequest => MessagePage;
    message_search: SearchRequest => MessagePage;
    search_servers: ServerSearch => ServerSearched;
    message_row: MessageRef => MessageRow;
    thread_get: MessageRef => ThreadView;
    frame_open: FrameRequest => FrameView;
    attachment_save: SaveRequest => SavedView;
    /// Writes a temporary copy marked as from the internet and answers its path; the shell opens it. A dangerous kind
    /// is refused with `dangerous_file`.
    attachment_open: PartRequest => SavedView;
    /// Ends the fetching of a large attachment (0: of the whole mail); whoever waits for it gets `cancelled`. What has come
    /// stays, and the next try goes on from there.
    attachment_cancel: PartRequest => Empty;
    /// Opens an http, https, mailto or tel link outside.
    link_open: LinkRequest => Empty;

    operate: OperateRequest => OperatedView;
    undo: UndoRequest => Empty;
    operation_list: Empty => Vec<OperationView>;
    operation_retry: IdRequest => Empty;
    operation_discard: IdRequest => Empty;

    draft_new: DraftNew => DraftView;
    draft_list: Empty => Vec<DraftView>;
    draft_get: IdRequest => DraftView;
    draft_save: DraftSave => DraftView;
    draft_attach: DraftAttach => DraftView;
    draft_detach: DraftDetach => DraftView;
    draft_discard: IdRequest => Empty;
    address_suggest: SuggestRequest => Vec<SuggestionView>;
    send: SendRequest => OutboxView;
    outbox_list: Empty => Vec<OutboxView>;
    outbox_resolve: OutboxResolve => Empty;

    /// From what is on this computer, at once.
    customer_get: MessageRef => CustomerView;
    /// Asks the CRM about the mail's people and whether a colleague has archived it, then as `customer_get`.
    customer_refresh: MessageRef => CustomerView;
    person_create: PersonCreate => PersonView;
    person_change: PersonEdit => PersonView;
    person_never: NeverAdd => Empty;
    company_change: CompanyEdit => CompanyView;
    sale_change: SaleEdit => SaleView;
    /// The stages that a sale can be in; an empty id: those of a new one.
    sale_stages: IdRequest => Vec<StageView>;
    company_search: CrmSearch => Vec<CompanyView>;
    /// People, companies, sales and projects whose names match, to archive on. From what is on this computer, at once.
    record_search: CrmSearch => Vec<RecordView>;
    /// The same with the CRM asked too, which may take three seconds.
    record_search_asked: CrmSearch => Vec<RecordView>;
    /// From what is on this computer; asks the CRM behind it, and a `Change` of Customer says that there is more.
    record_get: RecordRequest => RecordDetail;
    record_browse: RecordBrowse => RecordPage;
    mails_with: MailsWith => Vec<MessageRow>;
    /// The embedded CRM's editors; `crm_cannot` elsewhere.
    company_save: CompanySave => CompanyView;
    person_save: PersonSave => PersonView;
    sale_save: SaleSave => SaleView;
    project_save: ProjectSave => ProjectView;
    /// With what hangs on it alone; what was archived on it stays with its other records.
    record_delete: RecordRequest => Empty;
    selection_list: Empty => Vec<SelectionView>;
    selection_members: IdRequest => Vec<RecordView>;
    selection_save: SelectionSave => SelectionView;
    selection_delete: IdRequest => Empty;
    cards_import: CardsFile => CardsDone;
    cards_export: CardsFile => CardsDone;

    /// Of several, one that cannot be archived does not stop the others. Where it is one alone, that is an error.
    archive: ArchiveRequest => ArchiveDone;
    /// Takes the activity back out of the CRM, or the mail out of the queue.
    archive_undo: IdRequest => Empty;
    /// Tries a failed one once more.
    archive_retry: IdRequest => Empty;
    /// From what is on this computer, at once.
    archive_options: MessageRef => ArchiveOptions;
    /// What the mail can become, asked of the CRM.
    mail_types: MessageRef => Vec<MailTypeView>;
    /// All that waits or failed, the newest first.
    archive_queue: Empty => Vec<ArchiveQueued>;
    document_archive: DocumentRequest => ArchivedView;
    private_set: PrivateRequest => Empty;
    crm_settings_get: Empty => CrmSettings;
    crm_settings_set: CrmSettings => CrmSettings;
    rule_list: Empty => Vec<RuleView>;
    rule_save: RuleView => RuleView;
    rule_delete: IdRequest => Empty;
    rule_preview: RulePreviewRequest => RulePreview;
    business_views: Empty => BusinessViews;

    follow_up_list: Empty => FollowUps;
    follow_up_create: FollowUpCreate => FollowUpView;
    follow_up_done: FollowUpDone => Empty;
    sale_create: SaleCreate => SaleMade;
    /// Follow-ups, sales and ticks that wait for the CRM, or that it refused, the oldest first.
    work_list: Empty => Vec<WorkView>;
    /// By `queued:` and the id.
    work_retry: IdRequest => Empty;
    work_discard: IdRequest => Empty;
    waiting_set: WaitingSet => WaitingView;
    waiting_remove: IdRequest => Empty;

    crm_kinds: Empty => Vec<CrmKindView>;
    /// Opens the browser at the CRM's sign-in; then `sign_in_wait`.
    crm_sign_in: CrmSetup => SignInStarted;
    /// Tries it without keeping anything.
    crm_check: CrmSetup => CrmFound;
    /// Tries it, keeps it and begins to read; also a new sign-in to the one that is connected.
    crm_connect: CrmSetup => CrmView;
    /// Back to the embedded one. What was archived stays where it is.
    crm_disconnect: Empty => CrmView;
    /// What would be left behind: how many mails are archived there, and how many still wait.
    crm_leaving: Empty => CrmLeaving;
    crm_refresh: Empty => Empty;
    address_checks: Empty => Vec<AddressCheck>;
    /// By the account's id: the difference is right.
    address_accept: IdRequest => Empty;
    /// By the account's id: the card gets the account's address.
    address_repair: IdRequest => Empty;

    doctor: Empty => DoctorView;
}
