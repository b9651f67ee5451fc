use super::{
    Result,
    crm::{activity_kind, company, named, person_view, project, sale},
    follow_up::{task_view, work_view},
    mail::row_view,
};
use crate::{Api, view::*};
use clientele_engine::{RecordFound, crm};
use clientele_model::{RecordKind, RecordRef};

pub async fn person_change(api: &Api, request: PersonEdit) -> Result<PersonView> {
    let change = crm::PersonChange {
        name: request.name,
        title: request.title,
        add_email: request.add_email,
        phone: request.phone,
        version: request.version,
    };
    Ok(person_view(api.engine().person_change(&request.id, change).await?))
}

pub async fn person_never(api: &Api, request: NeverAdd) -> Result<Empty> {
    api.engine().person_never(request.email, request.never).await?;
    Ok(Empty {})
}

pub async fn company_change(api: &Api, request: CompanyEdit) -> Result<CompanyView> {
    let change =
        crm::CompanyChange { name: request.name, phone: request.phone, city: request.city, version: request.version };
    Ok(company(api.engine().company_change(&request.id, change).await?))
}

pub async fn sale_change(api: &Api, request: SaleEdit) -> Result<SaleView> {
    let change = crm::SaleChange {
        name: request.name,
        stage: request.stage,
        amount: request.amount,
        closes: request.closes,
        version: request.version,
    };
    Ok(sale(api.engine().sale_change(&request.id, change).await?))
}

pub async fn sale_stages(api: &Api, request: IdRequest) -> Result<Vec<StageView>> {
    let stages = api.engine().sale_stages(&request.id).await?.into_iter();
    Ok(stages
        .map(|one| StageView { id: one.id, name: one.name, probability: one.probability, open: one.open })
        .collect())
}

pub(super) fn record_kind(view: RecordKindView) -> RecordKind {
    match view {
        RecordKindView::Company => RecordKind::Company,
        RecordKindView::Person => RecordKind::Person,
        RecordKindView::Sale => RecordKind::Sale,
        RecordKindView::Project => RecordKind::Project,
    }
}

pub(super) fn reference(request: RecordRequest) -> RecordRef {
    RecordRef { kind: record_kind(request.kind), id: request.id }
}

pub async fn record_get(api: &Api, request: RecordRequest) -> Result<RecordDetail> {
    let found = api.engine().record(reference(request)).await?;
    let RecordFound { record, person, company: at, sale: one_sale, project: one_project, .. } = found;
    let mails = found.activities.iter().map(|one| one.message_id.clone()).filter(|id| !id.is_empty()).collect();
    let here = api.engine().by_message_ids(mails).await?;
    let message = |wanted: &str| here.iter().find(|(id, _)| id == wanted).map(|(_, row)| row.to_string());
    let activity = |one: crm::Activity| ActivityView {
        message: message(&one.message_id),
        id: one.id,
        kind: activity_kind(one.kind),
        title: one.title,
        date: one.date,
    };
    Ok(RecordDetail {
        record: named(record),
        person: person.map(person_view),
        company: at.map(company),
        sale: one_sale.map(sale),
        project: one_project.map(project),
        people: found.people.into_iter().map(person_view).collect(),
        sales: found.sales.into_iter().map(sale).collect(),
        projects: found.projects.into_iter().map(project).collect(),
        follow_ups: found.follow_ups.iter().map(task_view).collect(),
        sales_waiting: found.sales_waiting.iter().map(work_view).collect(),
        activities: found.activities.into_iter().map(activity).collect(),
        page: found.page,
    })
}

pub async fn record_browse(api: &Api, request: RecordBrowse) -> Result<RecordPage> {
    let kind = record_kind(request.kind);
    let (lines, next) = api.engine().record_browse(kind, request.query, request.after, request.limit).await?;
    let line = |one: crm::Line| RecordLine { record: named(one.record), hint: one.hint };
    Ok(RecordPage { lines: lines.into_iter().map(line).collect(), next })
}

pub async fn mails_with(api: &Api, request: MailsWith) -> Result<Vec<MessageRow>> {
    let listed = api.engine().mails_with(request.emails, request.limit).await?;
    let archived = |id: &str| listed.archived.iter().find(|one| one.message_id == id);
    Ok(listed.page.rows.iter().map(|row| row_view(row, archived(&row.message_id))).collect())
}
