use super::{Result, addresses, from_views, id};
use crate::{Api, ApiError, view::*};
use clientele_engine::{Begin, Written};
use clientele_model::{AccountId, DraftId};
use clientele_store as store;
use std::path::PathBuf;

pub async fn draft_new(api: &Api, request: DraftNew) -> Result<DraftView> {
    let begin = match request.kind {
        DraftKind::New => Begin::New { mailto: Some(request.mailto).filter(|link| !link.is_empty()) },
        DraftKind::Reply => Begin::Reply(id(&request.message)?),
        DraftKind::ReplyAll => Begin::ReplyAll(id(&request.message)?),
        DraftKind::Forward => Begin::Forward(id(&request.message)?),
    };
    Ok(view(api.engine().draft_new(begin).await?))
}

pub async fn draft_list(api: &Api, _request: Empty) -> Result<Vec<DraftView>> {
    Ok(api.engine().drafts().await?.into_iter().map(view).collect())
}

pub async fn draft_get(api: &Api, request: IdRequest) -> Result<DraftView> {
    Ok(view(api.engine().draft(id(&request.id)?).await?))
}

pub async fn draft_save(api: &Api, request: DraftSave) -> Result<DraftView> {
    let (draft, account): (DraftId, AccountId) = (id(&request.id)?, id(&request.account)?);
    let before = api.engine().draft(draft).await?.draft;
    let draft = store::Draft {
        account,
        to: from_views(request.to),
        cc: from_views(request.cc),
        bcc: from_views(request.bcc),
        subject: request.subject,
        body: request.body,
        quote: request.quote,
        ..before
    };
    Ok(view(api.engine().draft_save(draft).await?))
}

pub async fn draft_attach(api: &Api, request: DraftAttach) -> Result<DraftView> {
    Ok(view(api.engine().draft_attach(id(&request.draft)?, PathBuf::from(request.path)).await?))
}

pub async fn draft_detach(api: &Api, request: DraftDetach) -> Result<DraftView> {
    let attachment = request.attachment.parse().map_err(|_| ApiError::invalid("not an id"))?;
    Ok(view(api.engine().draft_detach(id(&request.draft)?, attachment).await?))
}

pub async fn draft_discard(api: &Api, request: IdRequest) -> Result<Empty> {
    api.engine().draft_discard(id(&request.id)?).await?;
    Ok(Empty {})
}

pub async fn address_suggest(api: &Api, request: SuggestRequest) -> Result<Vec<SuggestionView>> {
    let limit = request.limit.clamp(1, 50);
    let (people, others) = api.engine().address_suggest(request.query, limit).await?;
    let people = people.into_iter().flat_map(|person| {
        let company = person.company.map(|company| company.name).unwrap_or_default();
        let name = person.name;
        person.emails.into_iter().map(move |email| SuggestionView {
            address: AddressView { name: name.clone(), email },
            company: company.clone(),
        })
    });
    let others = others.into_iter().map(|one| SuggestionView {
        address: AddressView { name: one.address.name, email: one.address.email },
        company: String::new(),
    });
    Ok(people.chain(others).take(limit as usize).collect())
}

/// Plain text as the composer's HTML; for the command line.
pub fn html_of(text: &str) -> String {
    clientele_message::sanitise_body(&clientele_message::text_to_html(text.trim_end()))
}

fn view(written: Written) -> DraftView {
    let Written { draft, attachments } = written;
    let kind = match draft.kind {
        store::DraftKind::New => DraftKind::New,
        store::DraftKind::Reply => DraftKind::Reply,
        store::DraftKind::ReplyAll => DraftKind::ReplyAll,
        store::DraftKind::Forward => DraftKind::Forward,
    };
    let attachment = |one: store::DraftAttachment| DraftAttachment {
        id: one.id.to_string(),
        name: one.name,
        mime: one.mime,
        size: one.size,
    };
    DraftView {
        id: draft.id.to_string(),
        account: draft.account.to_string(),
        kind,
        message: draft.message.map(|id| id.to_string()).unwrap_or_default(),
        to: addresses(&draft.to),
        cc: addresses(&draft.cc),
        bcc: addresses(&draft.bcc),
        subject: draft.subject,
        body: draft.body,
        quote: draft.quote,
        attachments: attachments.into_iter().map(attachment).collect(),
        saved: draft.saved,
    }
}
