use super::{
    Result,
    crm::{company, named, person_view, project, sale},
    record::{record_kind, reference},
};
use crate::{Api, view::*};
use clientele_engine::crm;
use clientele_model::RecordRef;
use std::path::PathBuf;

pub async fn company_save(api: &Api, request: CompanySave) -> Result<CompanyView> {
    let one = crm::Company {
        id: request.id,
        name: request.name,
        city: request.city,
        domains: request.domains,
        phone: request.phone,
        since: request.since,
        version: String::new(),
    };
    Ok(company(api.engine().company_save(one).await?))
}

pub async fn person_save(api: &Api, request: PersonSave) -> Result<PersonView> {
    let one = crm::Person {
        id: request.id,
        name: request.name,
        title: request.title,
        emails: request.emails,
        phones: request.phones,
        ..crm::Person::default()
    };
    Ok(person_view(api.engine().person_save(one, request.company).await?))
}

pub async fn sale_save(api: &Api, request: SaleSave) -> Result<SaleView> {
    let one = crm::Sale {
        id: request.id,
        name: request.name,
        company: request.company,
        person: request.person,
        amount: request.amount,
        currency: request.currency,
        closes: request.closes,
        ..crm::Sale::default()
    };
    Ok(sale(api.engine().sale_save(one, request.stage).await?))
}

pub async fn project_save(api: &Api, request: ProjectSave) -> Result<ProjectView> {
    let one = crm::Project { id: request.id, name: request.name, company: request.company, open: request.open };
    Ok(project(api.engine().project_save(one).await?))
}

pub async fn record_delete(api: &Api, request: RecordRequest) -> Result<Empty> {
    api.engine().record_delete(reference(request)).await?;
    Ok(Empty {})
}

fn selection(one: crm::Selection) -> SelectionView {
    SelectionView { id: one.id, name: one.name, members: one.members }
}

pub async fn selection_list(api: &Api, _request: Empty) -> Result<Vec<SelectionView>> {
    Ok(api.engine().selections().await?.into_iter().map(selection).collect())
}

pub async fn selection_members(api: &Api, request: IdRequest) -> Result<Vec<RecordView>> {
    Ok(api.engine().selection_members(request.id).await?.into_iter().map(named).collect())
}

pub async fn selection_save(api: &Api, request: SelectionSave) -> Result<SelectionView> {
    let member = |one: RecordView| RecordRef { kind: record_kind(one.kind), id: one.id };
    let members = request.members.into_iter().map(member).collect();
    Ok(selection(api.engine().selection_save(request.id, request.name, members).await?))
}

pub async fn selection_delete(api: &Api, request: IdRequest) -> Result<Empty> {
    api.engine().selection_delete(request.id).await?;
    Ok(Empty {})
}

pub async fn cards_import(api: &Api, request: CardsFile) -> Result<CardsDone> {
    let taken = api.engine().cards_import(PathBuf::from(request.path)).await?;
    let people = taken.people.created + taken.people.changed;
    Ok(CardsDone { people, companies: taken.companies, left_out: taken.left_out })
}

pub async fn cards_export(api: &Api, request: CardsFile) -> Result<CardsDone> {
    let (people, companies) = api.engine().cards_export(PathBuf::from(request.path)).await?;
    Ok(CardsDone { people, companies, left_out: 0 })
}
