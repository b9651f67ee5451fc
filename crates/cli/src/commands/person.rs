use crate::{args::Person, exit, failure::Failure, output::Output, session::Session};
use clientele_api::{handle, view::*};
use std::io;

pub async fn run(session: &Session, output: &Output, command: Person) -> Result<u8, Failure> {
    match command {
        Person::Show { message } => {
            let customer = handle::customer_get(&session.api, MessageRef { message }).await?;
            output.result(&customer, |out| show(out, &customer))?;
        }
        Person::Find { query } => {
            let records = handle::record_search_asked(&session.api, CrmSearch { query, limit: 50 }).await?;
            output.result(&records, |out| {
                records.iter().try_for_each(|record| {
                    let kind = format!("{:?}", record.kind).to_lowercase();
                    writeln!(out, "{kind}:{}  {}", record.id, record.name)
                })
            })?;
        }
        Person::Create { name, email, title, phone, company, new_company } => {
            let request = PersonCreate { name, title, email, phone, company, new_company };
            let person = handle::person_create(&session.api, request).await?;
            output.result(&person, |out| writeln!(out, "person:{}  {}", person.id, person.name))?;
        }
    }
    Ok(exit::DONE)
}

fn show(out: &mut dyn io::Write, customer: &CustomerView) -> io::Result<()> {
    for participant in &customer.participants {
        match participant.people.as_slice() {
            [] => writeln!(out, "{} <{}>: not in the CRM", participant.name, participant.email)?,
            people => people.iter().try_for_each(|person| {
                let company = person.company.as_ref().map(|company| company.name.as_str()).unwrap_or_default();
                writeln!(out, "person:{}  {}  {}  {company}", person.id, person.name, person.title)
            })?,
        }
    }
    for sale in &customer.sales {
        let amount = format!("{}.{:02} {}", sale.amount / 100, (sale.amount % 100).abs(), sale.currency);
        writeln!(
            out,
            "sale:{}  {}  {} {}/{}  {amount}",
            sale.id, sale.name, sale.stage, sale.stage_index, sale.stage_count
        )?;
    }
    for project in &customer.projects {
        writeln!(out, "project:{}  {}", project.id, project.name)?;
    }
    for suggestion in &customer.suggestions {
        writeln!(out, "suggested: {} ({:?})", suggestion.record.name, suggestion.reason)?;
    }
    match &customer.archived {
        Some(archived) => writeln!(out, "archived: {:?}", archived.state),
        None => Ok(()),
    }
}
