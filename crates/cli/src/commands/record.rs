//! The CRM's records and selections.

use crate::{
    args::{KindArgument, Record, Selection},
    commands::archive::record as parse,
    exit,
    failure::Failure,
    output::Output,
    session::Session,
};
use clientele_api::{handle, view::*};
use serde_json::json;
use std::{io, path::Path};

pub async fn run(session: &Session, output: &Output, command: Record) -> Result<u8, Failure> {
    let api = &session.api;
    match command {
        Record::List { kind, query, after, limit } => {
            let kind = match kind {
                KindArgument::Company => RecordKindView::Company,
                KindArgument::Person => RecordKindView::Person,
                KindArgument::Sale => RecordKindView::Sale,
                KindArgument::Project => RecordKindView::Project,
            };
            let page = handle::record_browse(api, RecordBrowse { kind, query, after, limit }).await?;
            output.result(&page, |out| {
                page.lines
                    .iter()
                    .try_for_each(|line| writeln!(out, "{}  {}  {}", id(&line.record), line.record.name, line.hint))
            })?;
        }
        Record::Show { record } => {
            let RecordView { kind, id, .. } = parse(&record)?;
            let found = handle::record_get(api, RecordRequest { kind, id }).await?;
            output.result(&found, |out| show(out, &found))?;
        }
        Record::Set { record, name, phone, title, email, city, stage, amount, closes } => {
            let RecordView { kind, id, .. } = parse(&record)?;
            let version = String::new();
            let strange = |given: bool| {
                if given { Err(Failure::usage("this kind of record has no such field")) } else { Ok(()) }
            };
            match kind {
                RecordKindView::Person => {
                    strange(city.is_some() || stage.is_some() || amount.is_some() || closes.is_some())?;
                    let edit = PersonEdit { id, name, title, phone, add_email: email, version };
                    changed(output, &handle::person_change(api, edit).await?)?;
                }
                RecordKindView::Company => {
                    let others = title.is_some() || email.is_some() || stage.is_some();
                    strange(others || amount.is_some() || closes.is_some())?;
                    changed(
                        output,
                        &handle::company_change(api, CompanyEdit { id, name, phone, city, version }).await?,
                    )?;
                }
                RecordKindView::Sale => {
                    strange(phone.is_some() || title.is_some() || email.is_some() || city.is_some())?;
                    let edit = SaleEdit { id, name, stage, amount, closes, version };
                    changed(output, &handle::sale_change(api, edit).await?)?;
                }
                RecordKindView::Project => return Err(Failure::usage("a project is not changed here")),
            }
        }
        Record::Delete { record } => {
            let RecordView { kind, id, .. } = parse(&record)?;
            handle::record_delete(api, RecordRequest { kind, id }).await?;
            output.result(&json!({ "deleted": record }), |out| writeln!(out, "{record} removed"))?;
        }
        Record::Stages { sale } => {
            let stages = handle::sale_stages(api, IdRequest { id: sale }).await?;
            output.result(&stages, |out| {
                stages.iter().try_for_each(|one| writeln!(out, "{}  {}  {} %", one.id, one.name, one.probability))
            })?;
        }
        Record::Mails { emails, limit } => {
            let rows = handle::mails_with(api, MailsWith { emails, limit }).await?;
            output.result(&rows, |out| {
                rows.iter().try_for_each(|row| writeln!(out, "{}  {}  {}", row.id, row.from.email, row.subject))
            })?;
        }
        Record::Never { email, again } => {
            handle::person_never(api, NeverAdd { email, never: !again }).await?;
            output.result(&json!({}), |_| Ok(()))?;
        }
        Record::Import { file } => {
            let done = handle::cards_import(api, CardsFile { path: path(&file)? }).await?;
            output.result(&done, |out| {
                writeln!(
                    out,
                    "{} people, {} new companies, {} lines left out",
                    done.people, done.companies, done.left_out
                )
            })?;
            return Ok(if done.left_out == 0 { exit::DONE } else { exit::PARTLY });
        }
        Record::Export { file } => {
            let done = handle::cards_export(api, CardsFile { path: path(&file)? }).await?;
            output.result(&done, |out| writeln!(out, "{} people", done.people))?;
        }
    }
    Ok(exit::DONE)
}

pub async fn selection(session: &Session, output: &Output, command: Selection) -> Result<u8, Failure> {
    let api = &session.api;
    match command {
        Selection::List => {
            let all = handle::selection_list(api, Empty {}).await?;
            output.result(&all, |out| all.iter().try_for_each(|one| named(out, one)))?;
        }
        Selection::Show { id: of } => {
            let members = handle::selection_members(api, IdRequest { id: of }).await?;
            output.result(&members, |out| {
                members.iter().try_for_each(|one| writeln!(out, "{}  {}", id(one), one.name))
            })?;
        }
        Selection::Save { id, name, members } => {
            let members = members.iter().map(|text| parse(text)).collect::<Result<_, _>>()?;
            let saved = handle::selection_save(api, SelectionSave { id, name, members }).await?;
            output.result(&saved, |out| named(out, &saved))?;
        }
        Selection::Delete { id } => {
            handle::selection_delete(api, IdRequest { id }).await?;
            output.result(&json!({}), |out| writeln!(out, "removed"))?;
        }
    }
    Ok(exit::DONE)
}

fn named(out: &mut dyn io::Write, one: &SelectionView) -> io::Result<()> {
    match one.members {
        Some(members) => writeln!(out, "{}  {}  {members}", one.id, one.name),
        None => writeln!(out, "{}  {}", one.id, one.name),
    }
}

fn changed<T: serde::Serialize>(output: &Output, view: &T) -> Result<(), Failure> {
    output.result(view, |out| writeln!(out, "changed"))
}

fn path(file: &Path) -> Result<String, Failure> {
    file.to_str().map(str::to_owned).ok_or_else(|| Failure::usage("the file's name is not Unicode"))
}

/// `sale:12`
fn id(record: &RecordView) -> String {
    format!("{}:{}", format!("{:?}", record.kind).to_lowercase(), record.id)
}

fn show(out: &mut dyn io::Write, found: &RecordDetail) -> io::Result<()> {
    writeln!(out, "{}  {}", id(&found.record), found.record.name)?;
    if let Some(company) = &found.company {
        writeln!(out, "company:{}  {}  {}  {}", company.id, company.name, company.city, company.phone)?;
    }
    for person in found.person.iter().chain(&found.people) {
        let (emails, phones) = (person.emails.join(" "), person.phones.join(", "));
        writeln!(out, "person:{}  {}  {}  {emails}  {phones}", person.id, person.name, person.title)?;
    }
    for sale in found.sale.iter().chain(&found.sales) {
        let amount = format!("{}.{:02} {}", sale.amount / 100, (sale.amount % 100).abs(), sale.currency);
        writeln!(out, "sale:{}  {}  {}  {amount}", sale.id, sale.name, sale.stage)?;
    }
    for project in found.project.iter().chain(&found.projects) {
        writeln!(out, "project:{}  {}", project.id, project.name)?;
    }
    for one in &found.follow_ups {
        writeln!(out, "{}  {}", if one.done { "done" } else { "to do" }, one.title)?;
    }
    for one in &found.activities {
        writeln!(out, "{:?}: {}", one.kind, one.title)?;
    }
    Ok(())
}
