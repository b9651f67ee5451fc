use super::{
    Result,
    archive::{archived_view, there_view},
    follow_up::{task_view, work_view},
    id,
    rule::reason,
};
use crate::{Api, view::*};
use clientele_engine::crm;
use clientele_model::{MessageId, RecordKind};
use clientele_store::ArchiveRecord;

pub async fn customer_get(api: &Api, request: MessageRef) -> Result<CustomerView> {
    let message = id(&request.message)?;
    let customer = api.engine().customer(message).await?;
    customer_view(api, message, customer).await
}

async fn customer_view(api: &Api, mail: MessageId, customer: crm::Customer) -> Result<CustomerView> {
    let beside = api.engine().customer_beside(mail, &customer).await?;
    let mails = customer.activities.iter().map(|one| one.message_id.clone()).filter(|id| !id.is_empty()).collect();
    let here = api.engine().by_message_ids(mails).await?;
    let message = |message_id: &str| here.iter().find(|(id, _)| id == message_id).map(|(_, row)| row.to_string());
    Ok(CustomerView {
        participants: customer
            .participants
            .into_iter()
            .enumerate()
            .map(|(place, one)| {
                let never = beside.never.contains(&one.address.key());
                // The author comes first.
                let signature = beside.signature.clone().filter(|_| place == 0).map(signature_view);
                ParticipantView { never, signature, ..participant(one) }
            })
            .collect(),
        sales: customer.sales.into_iter().map(sale).collect(),
        projects: customer.projects.into_iter().map(project).collect(),
        activities: customer
            .activities
            .into_iter()
            .map(|one| ActivityView {
                message: message(&one.message_id),
                id: one.id,
                kind: activity_kind(one.kind),
                title: one.title,
                date: one.date,
            })
            .collect(),
        follow_ups: beside.follow_ups.iter().map(task_view).collect(),
        sales_waiting: beside.sales_waiting.iter().map(work_view).collect(),
        suggestions: customer.suggestions.into_iter().map(suggestion).collect(),
        skipped: customer.skipped.filter(|_| beside.rules && customer.archived.is_none()).map(reason),
        archived: match (&customer.archived, &customer.there) {
            (Some(row), _) => Some(ArchivedView { elsewhere: beside.elsewhere, ..archived_view(row, true) }),
            (None, there) => there.as_ref().map(there_view),
        },
        private: customer.private,
        offer_conversation: beside.offer,
        page: beside.page,
        stale: customer.stale,
    })
}

pub async fn person_create(api: &Api, request: PersonCreate) -> Result<PersonView> {
    let person = crm::NewPerson {
        name: request.name,
        title: request.title,
        email: request.email,
        phone: request.phone,
        company: request.company,
        new_company: request.new_company,
    };
    Ok(person_view(api.engine().person_create(person).await?))
}

pub async fn company_search(api: &Api, request: CrmSearch) -> Result<Vec<CompanyView>> {
    let companies = api.engine().companies(&request.query, request.limit.clamp(1, 200)).await?;
    Ok(companies.into_iter().map(company).collect())
}

pub async fn record_search(api: &Api, request: CrmSearch) -> Result<Vec<RecordView>> {
    let records = api.engine().records(&request.query, request.limit.clamp(1, 200)).await?;
    Ok(records.into_iter().map(named).collect())
}

pub async fn record_search_asked(api: &Api, request: CrmSearch) -> Result<Vec<RecordView>> {
    let records = api.engine().records_asked(&request.query, request.limit.clamp(1, 200)).await?;
    Ok(records.into_iter().map(named).collect())
}

pub async fn customer_refresh(api: &Api, request: MessageRef) -> Result<CustomerView> {
    let message = id(&request.message)?;
    let customer = api.engine().customer_refresh(message).await?;
    customer_view(api, message, customer).await
}

fn signature_view(found: clientele_message::Signature) -> SignatureView {
    SignatureView { name: found.name, title: found.title, phones: found.phones, company: found.company }
}

pub(super) fn record(view: RecordView) -> ArchiveRecord {
    let kind = match view.kind {
        RecordKindView::Company => RecordKind::Company,
        RecordKindView::Person => RecordKind::Person,
        RecordKindView::Sale => RecordKind::Sale,
        RecordKindView::Project => RecordKind::Project,
    };
    ArchiveRecord { kind, id: view.id, name: view.name }
}

pub(super) fn record_view(record: &ArchiveRecord) -> RecordView {
    let kind = match record.kind {
        RecordKind::Company => RecordKindView::Company,
        RecordKind::Person => RecordKindView::Person,
        RecordKind::Sale => RecordKindView::Sale,
        RecordKind::Project => RecordKindView::Project,
    };
    RecordView { kind, id: record.id.clone(), name: record.name.clone() }
}

pub(super) fn named(record: crm::Record) -> RecordView {
    record_view(&ArchiveRecord { kind: record.kind, id: record.id, name: record.name })
}

fn participant(one: crm::Participant) -> ParticipantView {
    ParticipantView {
        name: one.address.name,
        email: one.address.email,
        people: one.people.into_iter().map(person_view).collect(),
        might_work_at: one.might_work_at.into_iter().map(company).collect(),
        never: false,
        signature: None,
    }
}

pub(super) fn person_view(person: crm::Person) -> PersonView {
    PersonView {
        id: person.id,
        name: person.name,
        title: person.title,
        emails: person.emails,
        phones: person.phones,
        company: person.company.map(company),
        version: person.version,
    }
}

pub(super) fn company(company: crm::Company) -> CompanyView {
    CompanyView {
        id: company.id,
        name: company.name,
        city: company.city,
        domain: company.domains.first().cloned().unwrap_or_default(),
        domains: company.domains,
        version: company.version,
        phone: company.phone,
        since: company.since,
    }
}

pub(super) fn sale(sale: crm::Sale) -> SaleView {
    SaleView {
        id: sale.id,
        name: sale.name,
        company: sale.company,
        stage: sale.stage,
        stage_index: sale.stage_index,
        stage_count: sale.stage_count,
        probability: sale.probability,
        amount: sale.amount,
        currency: sale.currency,
        closes: sale.closes,
        open: sale.open,
        person: sale.person,
        version: sale.version,
    }
}

pub(super) fn project(project: crm::Project) -> ProjectView {
    ProjectView { id: project.id, name: project.name, open: project.open }
}

pub(super) fn activity_kind(kind: crm::ActivityKind) -> ActivityKind {
    match kind {
        crm::ActivityKind::Call => ActivityKind::Call,
        crm::ActivityKind::Mail => ActivityKind::Mail,
        crm::ActivityKind::Meeting => ActivityKind::Meeting,
        crm::ActivityKind::Task => ActivityKind::Task,
        crm::ActivityKind::Note => ActivityKind::Note,
    }
}

fn suggestion(suggestion: crm::Suggestion) -> SuggestedRecord {
    let reason = match suggestion.reason {
        crm::Reason::Thread => Reason::Thread,
        crm::Reason::Sender => Reason::Sender,
        crm::Reason::Recipient => Reason::Recipient,
        crm::Reason::PersonsCompany => Reason::PersonsCompany,
        crm::Reason::Domain => Reason::Domain,
        crm::Reason::OnlyOpenSale => Reason::OnlyOpenSale,
        crm::Reason::LatestSale => Reason::LatestSale,
        crm::Reason::OpenProject => Reason::OpenProject,
    };
    SuggestedRecord { record: named(suggestion.record), reason, selected: suggestion.selected }
}
