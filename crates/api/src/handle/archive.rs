use super::{
    Result,
    crm::{record, record_view},
    id, ids,
    mail::row_view,
};
use crate::{Api, ApiError, view::*};
use clientele_engine::{AfterFirst as After, ArchiveAsked, CrmSettings as Kept, ToArchive, crm};
use clientele_store as store;

pub async fn archive(api: &Api, request: ArchiveRequest) -> Result<ArchiveDone> {
    let wanted = ToArchive {
        messages: ids(&request.messages)?,
        records: request.records.into_iter().map(record).collect(),
        choice: request.choice.map(choice),
        conversation: request.conversation,
        follow: request.follow,
        link: None,
    };
    let ArchiveAsked { queued, refused } = api.engine().archive_many(wanted).await?;
    let mut left = Vec::new();
    let alone = queued.is_empty() && refused.len() == 1;
    for (message, error) in refused {
        // Of one alone there is nothing else to be told.
        if alone {
            return Err(error.into());
        }
        left.push(NotArchived {
            message: message.to_string(),
            code: ApiError::from(error).code,
            row: match api.engine().row(message).await {
                Ok((row, archived)) => Some(row_view(&row, archived.as_ref())),
                Err(_) => None,
            },
        });
    }
    Ok(ArchiveDone { archived: queued.iter().map(|row| archived_view(row, row.already)).collect(), refused: left })
}

pub async fn archive_undo(api: &Api, request: IdRequest) -> Result<Empty> {
    api.engine().archive_undo(id(&request.id)?).await?;
    Ok(Empty {})
}

/// A queued row as it is now. For the command line.
pub async fn archived(api: &Api, archive: &str, already: bool) -> Result<ArchivedView> {
    let row = api.engine().archived(id(archive)?).await?;
    Ok(archived_view(&row, already || row.already))
}

/// `elsewhere` is filled by who knows the CRMs.
pub(super) fn archived_view(row: &store::Archived, already: bool) -> ArchivedView {
    let state = match row.state {
        store::ArchiveState::Queued => ArchiveState::Queued,
        store::ArchiveState::Done => ArchiveState::Done,
        store::ArchiveState::Failed => ArchiveState::Failed,
    };
    ArchivedView {
        id: row.id.to_string(),
        state,
        records: row.records.iter().map(record_view).collect(),
        date: row.date,
        by: row.by.clone(),
        code: row.code.clone(),
        already,
        automatic: row.automatic,
        elsewhere: String::new(),
    }
}

/// A colleague put it there.
pub(super) fn there_view(there: &crm::ByColleague) -> ArchivedView {
    ArchivedView {
        id: String::new(),
        state: ArchiveState::Done,
        records: there.records.iter().map(record_view).collect(),
        date: there.date,
        by: there.by.clone(),
        code: None,
        already: true,
        automatic: false,
        elsewhere: String::new(),
    }
}

fn choice(view: ArchiveChoice) -> crm::archive::Choice {
    crm::archive::Choice {
        title: view.title.map(|title| title.trim().to_owned()).filter(|title| !title.is_empty()),
        date: view.date,
        mail_type: view.mail_type,
        visible: visible(view.visible),
        attachments: view.attachments,
    }
}

fn visible(view: VisibleTo) -> crm::Visible {
    match view {
        VisibleTo::Me => crm::Visible::Me,
        VisibleTo::Group => crm::Visible::Group,
        VisibleTo::All => crm::Visible::All,
    }
}

fn visible_view(visible: crm::Visible) -> VisibleTo {
    match visible {
        crm::Visible::Me => VisibleTo::Me,
        crm::Visible::Group => VisibleTo::Group,
        crm::Visible::All => VisibleTo::All,
    }
}

pub async fn archive_retry(api: &Api, request: IdRequest) -> Result<Empty> {
    api.engine().archive_retry(id(&request.id)?).await?;
    Ok(Empty {})
}

pub async fn archive_options(api: &Api, request: MessageRef) -> Result<ArchiveOptions> {
    let options = api.engine().archive_options(id(&request.message)?).await?;
    Ok(ArchiveOptions {
        choice: ArchiveChoice {
            title: options.choice.title,
            date: options.choice.date,
            mail_type: options.choice.mail_type,
            visible: visible_view(options.choice.visible),
            attachments: options.choice.attachments,
        },
        mail_types: types(options.mail_types),
        conversation: options.conversation,
        follow: options.follow,
        attachments: options.attachments,
        private: options.private,
    })
}

pub async fn mail_types(api: &Api, request: MessageRef) -> Result<Vec<MailTypeView>> {
    Ok(types(api.engine().mail_types(id(&request.message)?).await?))
}

fn types(all: Vec<crm::MailType>) -> Vec<MailTypeView> {
    all.into_iter().map(|one| MailTypeView { id: one.id, name: one.name, default: one.default }).collect()
}

pub async fn archive_queue(api: &Api, _request: Empty) -> Result<Vec<ArchiveQueued>> {
    let queue = api.engine().archive_queue().await?;
    let mut all = Vec::new();
    for (archived, row) in &queue {
        let elsewhere = api.engine().archived_elsewhere(archived.link).await?;
        all.push(ArchiveQueued {
            archived: ArchivedView { elsewhere, ..archived_view(archived, archived.already) },
            row: row.as_ref().map(|row| row_view(row, Some(archived))),
        });
    }
    Ok(all)
}

pub async fn document_archive(api: &Api, request: DocumentRequest) -> Result<ArchivedView> {
    let choice = crm::archive::Choice { visible: visible(request.visible), ..crm::archive::Choice::default() };
    let records = request.records.into_iter().map(record).collect();
    let row = api.engine().document_archive(id(&request.message)?, request.part, records, choice).await?;
    Ok(archived_view(&row, row.already))
}

pub async fn private_set(api: &Api, request: PrivateRequest) -> Result<Empty> {
    api.engine().private_set(ids(&request.messages)?, request.conversation, request.private).await?;
    Ok(Empty {})
}

pub async fn crm_settings_get(api: &Api, _request: Empty) -> Result<CrmSettings> {
    Ok(settings_view(api.engine().crm_settings().await?))
}

pub async fn crm_settings_set(api: &Api, request: CrmSettings) -> Result<CrmSettings> {
    let kept = Kept {
        conversation: match request.conversation {
            AfterFirst::Offer => After::Offer,
            AfterFirst::Automatic => After::Automatic,
            AfterFirst::Nothing => After::Nothing,
        },
        visible: visible(request.visible),
        attachments: request.attachments,
        excluded: request.excluded,
        internal: request.internal,
        waiting_days: request.waiting_days,
    };
    Ok(settings_view(api.engine().crm_settings_set(kept).await?))
}

fn settings_view(kept: Kept) -> CrmSettings {
    CrmSettings {
        conversation: match kept.conversation {
            After::Offer => AfterFirst::Offer,
            After::Automatic => AfterFirst::Automatic,
            After::Nothing => AfterFirst::Nothing,
        },
        visible: visible_view(kept.visible),
        attachments: kept.attachments,
        excluded: kept.excluded,
        internal: kept.internal,
        waiting_days: kept.waiting_days,
    }
}

pub async fn business_views(api: &Api, _request: Empty) -> Result<BusinessViews> {
    let views = api.engine().business_views().await?;
    Ok(BusinessViews {
        customers_unread: views.customers_unread,
        not_archived: views.not_archived,
        not_in_crm: views.not_in_crm,
        companies: views.companies.iter().map(record_view).collect(),
        sales: views.sales.iter().map(record_view).collect(),
    })
}
