use super::{Result, address, addresses, crm::record, id};
use crate::{Api, ApiError, Opening, view::*};
use clientele_engine::{Listed, Switches};
use clientele_model::{FolderRole, RecordRef};
use clientele_store::{ArchiveState, Archived, Attachment, Detail, Filter, Folder, ListQuery, Row, Scope, SearchQuery};
use clientele_viewer::{Open, Show};
use std::{path::PathBuf, sync::Arc};

pub async fn folder_list(api: &Api, _request: Empty) -> Result<Vec<FolderView>> {
    let folders = api.engine().folders().await?;
    let told = api.engine().folders_told().await?;
    Ok(folders.iter().map(|folder| folder_view(folder, &told)).collect())
}

pub async fn message_list(api: &Api, request: ListRequest) -> Result<MessagePage> {
    let query = list_query(&request)?;
    Ok(page_view(match record_of(&request) {
        Some(record) => api.engine().list_of_record(record, query).await?,
        None => api.engine().list(query).await?,
    }))
}

pub async fn message_search(api: &Api, request: SearchRequest) -> Result<MessagePage> {
    Ok(page_view(api.engine().search(search_query(request)?).await?))
}

pub(super) fn list_query(request: &ListRequest) -> Result<ListQuery> {
    let scope = if request.folder.is_empty() { Scope::Inboxes } else { Scope::Folder(id(&request.folder)?) };
    let filter = match request.filter {
        ListFilter::All => Filter::All,
        ListFilter::Unread => Filter::Unread,
        ListFilter::Flagged => Filter::Flagged,
        ListFilter::Customers => Filter::Customers,
        ListFilter::NotInCrm => Filter::NotInCrm,
        ListFilter::NotArchived => Filter::NotArchived,
    };
    Ok(ListQuery { scope, filter, after: after(&request.after)?, limit: limit(request.limit)? })
}

/// Whose mails are asked for, in all folders.
pub(super) fn record_of(request: &ListRequest) -> Option<RecordRef> {
    request.record.clone().map(|one| {
        let record = record(RecordView { kind: one.kind, id: one.id, name: String::new() });
        RecordRef { kind: record.kind, id: record.id }
    })
}

pub(super) fn search_query(request: SearchRequest) -> Result<SearchQuery> {
    let (after, limit) = (after(&request.after)?, limit(request.limit)?);
    Ok(SearchQuery { query: request.query, after, limit, ..SearchQuery::default() })
}

pub async fn message_row(api: &Api, request: MessageRef) -> Result<MessageRow> {
    let (row, archived) = api.engine().row(id(&request.message)?).await?;
    Ok(row_view(&row, archived.as_ref()))
}

pub async fn thread_get(api: &Api, request: MessageRef) -> Result<ThreadView> {
    let details = api.engine().thread(id(&request.message)?).await?;
    let subject = details.first().map(|(detail, _)| clientele_message::subject::base(&detail.row.subject).to_owned());
    let messages = details.iter().map(|(detail, archived)| detail_view(detail, archived.as_ref())).collect();
    Ok(ThreadView { subject: subject.unwrap_or_default(), messages })
}

pub async fn frame_open(api: &Api, request: FrameRequest) -> Result<FrameView> {
    let frame = api.viewer().open(open(api, &request).await?).await?;
    // WebView2 knows no schemes of our own and is given a host instead.
    let base = if cfg!(windows) { "http://message.localhost" } else { "message://localhost" };
    let shown = match frame.shown {
        Show::Best => ShowAs::Best,
        Show::Text => ShowAs::Text,
        Show::Source => ShowAs::Source,
    };
    Ok(FrameView {
        url: format!("{base}/{}", frame.token),
        shown,
        blocked_images: frame.blocked_images,
        blocked_trackers: frame.blocked_trackers,
        fell_back: frame.fell_back,
    })
}

/// The page that the reader's frame is given; for the command line.
pub async fn page(api: &Api, request: FrameRequest) -> Result<String> {
    let frame = api.viewer().open(open(api, &request).await?).await?;
    let served = api.viewer().serve(&format!("/{}", frame.token)).await;
    Ok(String::from_utf8_lossy(&served.body).into_owned())
}

/// The mail as it came; for the command line.
pub async fn source(api: &Api, message: &str) -> Result<Arc<[u8]>> {
    Ok(api.engine().raw(id(message)?).await?)
}

/// The mail as plain text; for the command line. One that cannot be parsed is its source.
pub async fn text(api: &Api, message: &str) -> Result<String> {
    let raw = api.engine().readable(id(message)?).await?;
    let made = tokio::task::spawn_blocking(move || {
        let mail = clientele_message::parse(&raw);
        match (mail.text, mail.html) {
            (Some(text), _) => text,
            (None, Some(html)) => clientele_message::html_to_text(&html),
            (None, None) => String::new(),
        }
    });
    made.await.map_err(|_| ApiError::internal("reading a mail panicked"))
}

pub async fn attachment_save(api: &Api, request: SaveRequest) -> Result<SavedView> {
    let to = if request.path.is_empty() { None } else { Some(PathBuf::from(request.path)) };
    let path = api.engine().attachment_save(id(&request.message)?, request.part, to).await?;
    Ok(SavedView { path: path.to_string_lossy().into_owned() })
}

pub async fn attachment_open(api: &Api, request: PartRequest) -> Result<SavedView> {
    let path = api.engine().attachment_open(id(&request.message)?, request.part).await?;
    let path = path.to_string_lossy().into_owned();
    api.open_outside(Opening::File(path.clone()));
    Ok(SavedView { path })
}

pub async fn attachment_cancel(api: &Api, request: PartRequest) -> Result<Empty> {
    api.engine().attachment_cancel(id(&request.message)?, request.part);
    Ok(Empty {})
}

async fn open(api: &Api, request: &FrameRequest) -> Result<Open> {
    let show = match request.show {
        ShowAs::Best => Show::Best,
        ShowAs::Text => Show::Text,
        ShowAs::Source => Show::Source,
    };
    // Who asks for a mail's images means all of them.
    let inline = request.remote || api.engine().settings().await?.inline_images;
    Ok(Open { message: id(&request.message)?, show, remote: request.remote, inline, dark: request.dark })
}

fn after(text: &str) -> Result<Option<clientele_model::MessageId>> {
    if text.is_empty() { Ok(None) } else { id(text).map(Some) }
}

fn limit(limit: u32) -> Result<u32> {
    match limit {
        1..=200 => Ok(limit),
        _ => Err(ApiError::invalid("limit is 1 to 200")),
    }
}

pub(super) fn folder_view(folder: &Folder, told: &Switches) -> FolderView {
    let role = match folder.role {
        FolderRole::Inbox => FolderRoleView::Inbox,
        FolderRole::Sent => FolderRoleView::Sent,
        FolderRole::Drafts => FolderRoleView::Drafts,
        FolderRole::Done => FolderRoleView::Done,
        FolderRole::Junk => FolderRoleView::Junk,
        FolderRole::Trash => FolderRoleView::Trash,
        FolderRole::Other => FolderRoleView::Other,
    };
    FolderView {
        id: folder.id.to_string(),
        account: folder.account.to_string(),
        name: folder.name.clone(),
        path: folder.path.clone(),
        role,
        unread: folder.unread,
        total: folder.total,
        selectable: folder.selectable,
        subscribed: folder.subscribed,
        notify: told.on(folder),
        own: folder.role == FolderRole::Other,
        label: folder.label,
    }
}

pub(super) fn page_view(listed: Listed) -> MessagePage {
    let archived = |row: &Row| listed.archived.iter().find(|one| one.message_id == row.message_id);
    MessagePage {
        rows: listed.page.rows.iter().map(|row| row_view(row, archived(row))).collect(),
        next: listed.page.next.map(|id| id.to_string()).unwrap_or_default(),
        total: listed.page.total,
    }
}

pub(super) fn row_view(row: &Row, archived: Option<&Archived>) -> MessageRow {
    MessageRow {
        id: row.id.to_string(),
        account: row.account.to_string(),
        folder: row.folder.to_string(),
        from: address(&row.from),
        to: addresses(&row.to),
        subject: row.subject.clone(),
        preview: row.preview.clone(),
        date: row.date,
        read: row.flags.seen,
        flagged: row.flags.flagged,
        answered: row.flags.answered,
        forwarded: row.flags.forwarded,
        attachments: row.attachments,
        unreadable: row.unreadable,
        partial: row.partial,
        pills: pills(&row.pills, archived),
        snippet: row.snippet.clone(),
        keywords: row.flags.keywords.iter().filter(|keyword| !keyword.starts_with('$')).cloned().collect(),
        private: row.private,
    }
}

/// At most two: what the mail is to the business, as worked out; and its badge, as the queue has it at this moment.
fn pills(json: &str, archived: Option<&Archived>) -> Vec<PillView> {
    let mut pills: Vec<PillView> = serde_json::from_str(json).unwrap_or_default();
    pills.retain(|pill| !matches!(pill.kind, PillKind::Queued | PillKind::Archived | PillKind::ArchiveFailed));
    let badge = archived.map(|archived| match archived.state {
        ArchiveState::Queued => PillKind::Queued,
        ArchiveState::Done => PillKind::Archived,
        ArchiveState::Failed => PillKind::ArchiveFailed,
    });
    pills.truncate(if badge.is_some() { 1 } else { 2 });
    pills.extend(badge.map(|kind| PillView { kind, text: String::new(), record: String::new() }));
    pills
}

fn detail_view(detail: &Detail, archived: Option<&Archived>) -> MessageDetail {
    MessageDetail {
        row: row_view(&detail.row, archived),
        cc: addresses(&detail.cc),
        bcc: addresses(&detail.bcc),
        reply_to: addresses(&detail.reply_to),
        message_id: detail.row.message_id.clone(),
        attachments: detail.attachments.iter().map(attachment_view).collect(),
        has_html: detail.has_html,
        has_text: detail.has_text,
    }
}

fn attachment_view(attachment: &Attachment) -> AttachmentView {
    AttachmentView {
        part: attachment.part,
        name: attachment.name.clone(),
        mime: attachment.mime.clone(),
        size: attachment.size,
        inline: attachment.inline,
        dangerous: attachment.dangerous,
    }
}
