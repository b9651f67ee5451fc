//! The fields of a company and a sale, selections, files by themselves, kinds of mail, who may see one, one's own card.

use crate::mails::{company, mail};
use crate::{Bench, Case, Outcome, done, hold, record};
use clientele_crm::{Capability, Company, CompanyChange, CrmError, Document, Item, Sale, SaleChange, Visible};
use clientele_model::{RecordKind, RecordRef};

pub async fn all(bench: &dyn Bench) -> Vec<(&'static str, Case)> {
    vec![
        ("change a company, also one that changed", change_company(bench).await),
        ("change a sale and its stage, also one that changed", change_sale(bench).await),
        ("lists by name, page by page; people of a company", browse(bench).await),
        ("who is in a selection", selection(bench).await),
        ("a file by itself, and once more", document(bench).await),
        ("kinds of mail", mail_types(bench).await),
        ("a mail for oneself, for one's group, for all", visible(bench).await),
        ("set the address on one's own card", own_address(bench).await),
    ]
}

fn reference(kind: RecordKind, id: &str) -> RecordRef {
    RecordRef { kind, id: id.into() }
}

/// Where a case needs something that this bench has no way to do.
const NO_WAY_IN: Outcome = Outcome::CannotHappen("the bench has no way in for it");

async fn refused<T: std::fmt::Debug>(what: Capability, said: Result<T, CrmError>) -> Case {
    hold!(matches!(&said, Err(CrmError::Cannot(which, _)) if *which == what), "tried all the same: {said:?}");
    Ok(Outcome::Missing(what))
}

async fn change_company(bench: &dyn Bench) -> Case {
    let crm = bench.crm();
    let at = bench.company("Før AS", "firma-for.example");
    let change = |version: &str| CompanyChange {
        name: Some("Etter AS".into()),
        phone: Some("+47 55 00 11 33".into()),
        version: version.into(),
        ..CompanyChange::default()
    };
    if !crm.capabilities().can(Capability::CompanyChange) {
        return refused(Capability::CompanyChange, crm.company_change(&at, change("")).await).await;
    }
    done!(crm.look_again(reference(RecordKind::Company, &at)).await);
    let read = done!(crm.company(&at));
    let changed = done!(crm.company_change(&at, change(&read.version)).await);
    hold!((changed.name.as_str(), changed.phone.as_str()) == ("Etter AS", "+47 55 00 11 33"), "{changed:?}");
    hold!(changed.domains == read.domains, "the domains went: {:?}", changed.domains);
    done!(crm.look_again(reference(RecordKind::Company, &at)).await);
    let again = done!(crm.company(&at));
    hold!((&again.name, &again.phone) == (&changed.name, &changed.phone), "not there: {again:?}");
    let city = CompanyChange { city: Some("Bergen".into()), version: again.version, ..CompanyChange::default() };
    hold!(done!(crm.company_change(&at, city).await).city == "Bergen", "the city did not come");
    let gone = crm.company_change("99999999", change("")).await;
    hold!(matches!(gone, Err(CrmError::NotFound)), "{gone:?}");
    let nameless = CompanyChange { name: Some(" ".into()), ..CompanyChange::default() };
    let nameless = crm.company_change(&at, nameless).await;
    hold!(matches!(nameless, Err(CrmError::Invalid(_))), "{nameless:?}");
    if !crm.capabilities().can(Capability::ConflictCheck) {
        return Ok(Outcome::Missing(Capability::ConflictCheck));
    }
    let version = done!(crm.company(&at)).version;
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    if bench.rename_company(&at, "Deres AS").is_none() {
        return Ok(NO_WAY_IN);
    }
    match crm.company_change(&at, change(&version)).await {
        Err(CrmError::Conflict { theirs: Some(theirs) }) => {
            hold!(matches!(&*theirs, Item::Company(Company { name, .. }) if name == "Deres AS"), "{theirs:?}");
        }
        other => return Err(format!("no conflict: {other:?}")),
    }
    hold!(done!(crm.company(&at)).name == "Deres AS", "theirs is not shown");
    Ok(Outcome::Passed)
}

async fn change_sale(bench: &dyn Bench) -> Case {
    let crm = bench.crm();
    let at = bench.company("Salgsendring AS", "salgsendring.example");
    let id = bench.sale("Før", &at);
    let change = |version: &str| SaleChange {
        name: Some("Etter".into()),
        amount: Some(250_050),
        closes: Some("2027-03-31".into()),
        version: version.into(),
        ..SaleChange::default()
    };
    if !crm.capabilities().can(Capability::SaleChange) {
        return refused(Capability::SaleChange, crm.sale_change(&id, change("")).await).await;
    }
    done!(crm.look_again(reference(RecordKind::Sale, &id)).await);
    let read = done!(crm.sale(&id));
    let changed = done!(crm.sale_change(&id, change(&read.version)).await);
    let is = |one: &Sale| {
        (one.name.as_str(), one.amount, one.closes.as_str(), one.open) == ("Etter", 250_050, "2027-03-31", true)
    };
    hold!(is(&changed), "{changed:?}");
    done!(crm.look_again(reference(RecordKind::Sale, &id)).await);
    let again = done!(crm.sale(&id));
    hold!(is(&again) && again.company == at, "not there: {again:?}");
    let stages = done!(crm.stages(&id).await);
    let Some(next) = stages.iter().find(|one| one.open && one.name != again.stage) else {
        return Err(format!("no stage to go to: {stages:?}"));
    };
    let step = SaleChange { stage: Some(next.id.clone()), version: again.version, ..SaleChange::default() };
    let moved = done!(crm.sale_change(&id, step).await);
    hold!(moved.stage == next.name && moved.stage_index > 0, "in stage {:?}, not {:?}", moved.stage, next.name);
    hold!(moved.stage_index <= moved.stage_count, "place {} of {}", moved.stage_index, moved.stage_count);
    let nowhere = SaleChange { stage: Some("no such stage".into()), ..SaleChange::default() };
    let nowhere = crm.sale_change(&id, nowhere).await;
    hold!(matches!(nowhere, Err(CrmError::Invalid(_) | CrmError::NotFound | CrmError::Refused(_))), "{nowhere:?}");
    if !crm.capabilities().can(Capability::ConflictCheck) {
        return Ok(Outcome::Missing(Capability::ConflictCheck));
    }
    let version = done!(crm.sale(&id)).version;
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    if bench.rename_sale(&id, "Deres").is_none() {
        return Ok(NO_WAY_IN);
    }
    match crm.sale_change(&id, change(&version)).await {
        Err(CrmError::Conflict { theirs: Some(_) }) => {}
        other => return Err(format!("no conflict: {other:?}")),
    }
    hold!(done!(crm.sale(&id)).name == "Deres", "theirs is not shown");
    Ok(Outcome::Passed)
}

async fn browse(bench: &dyn Bench) -> Case {
    let crm = bench.crm();
    let at = bench.company("Bladvis AS", "bladvis.example");
    let people: Vec<String> =
        (0..7).map(|n| bench.person(&format!("Bla Nr{n}"), &[&format!("b{n}@bladvis.example")], &at)).collect();
    for n in 0..people.len() {
        done!(crm.look_up(&format!("b{n}@bladvis.example")).await);
    }
    done!(crm.look_again(reference(RecordKind::Company, &at)).await);
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = done!(crm.browse(RecordKind::Person, "bla nr", &after, 3));
        let Some(last) = page.last() else { break };
        after = last.key();
        hold!(page.iter().all(|one| one.hint.starts_with("Bladvis AS")), "{:?}", page[0].hint);
        seen.extend(page.into_iter().map(|one| one.record.id));
    }
    hold!(seen == people, "{seen:?}, not {people:?}");
    let here: Vec<String> = done!(crm.people_of(&at, 10)).into_iter().map(|one| one.id).collect();
    hold!(here == people, "people of the company are {here:?}");
    let all = done!(crm.browse(RecordKind::Company, "", "", 200));
    hold!(all.iter().any(|one| one.record.id == at), "the company is in no list");
    Ok(Outcome::Passed)
}

async fn selection(bench: &dyn Bench) -> Case {
    let crm = bench.crm();
    if !crm.capabilities().can(Capability::Selections) {
        return refused(Capability::Selections, crm.selection_read("1").await).await;
    }
    let at = bench.company("Utvalg AS", "utvalg.example");
    let other = bench.company("Utenfor AS", "utenfor.example");
    let members = [reference(RecordKind::Company, &at)];
    let Some(id) = bench.selection("Høstkampanje", &members) else { return Ok(NO_WAY_IN) };
    crate::refresh(&*crm).await?;
    let listed = done!(crm.selections());
    hold!(listed.iter().any(|one| one.id == id && one.name == "Høstkampanje"), "not listed: {listed:?}");
    hold!(done!(crm.selection_read(&id).await) == 1, "not one member");
    hold!(done!(crm.selected(&id, &members[0])), "the member is not in it");
    hold!(!done!(crm.selected(&id, &reference(RecordKind::Company, &other))), "another is in it");
    hold!(!done!(crm.selected(&id, &reference(RecordKind::Person, &at))), "a person of that number is in it");
    hold!(done!(crm.selection_members(&id)) == members, "other members");
    Ok(Outcome::Passed)
}

async fn document(bench: &dyn Bench) -> Case {
    let crm = bench.crm();
    let at = bench.company("Vedlegg AS", "vedlegg.example");
    let file = |records: &[(RecordKind, &str)]| Document {
        name: "Tilbud \"kabel\".pdf".into(),
        mime: "application/pdf".into(),
        bytes: b"%PDF-1.4 \0\xff bytes".to_vec(),
        date: 1_790_000_000,
        key: "file@x.example#2".into(),
        records: records.iter().map(|(kind, id)| record(*kind, id)).collect(),
        ..Document::default()
    };
    let on = [(RecordKind::Company, at.as_str())];
    if !crm.capabilities().can(Capability::Documents) {
        return refused(Capability::Documents, crm.document(file(&on)).await).await;
    }
    let first = done!(crm.document(file(&on)).await);
    let second = done!(crm.document(Document { repeated: true, ..file(&on) }).await);
    hold!(first.activity == second.activity, "twice there: {first:?} {second:?}");
    let nowhere = crm.document(file(&[])).await;
    hold!(matches!(nowhere, Err(CrmError::NoRecord)), "{nowhere:?}");
    let beside = done!(crm.activities(RecordKind::Company, &at, 9));
    hold!(beside.len() == 1 && beside[0].id == first.activity, "beside the company are {beside:?}");
    let Some(held) = bench.files("file@x.example#2") else { return Ok(NO_WAY_IN) };
    hold!(held.len() == 1, "{} of it there", held.len());
    hold!(held[0].records == [format!("company {at}")], "on {:?}", held[0].records);
    hold!(held[0].bytes.as_deref() == Some(file(&on).bytes.as_slice()), "other bytes than were sent");
    Ok(Outcome::Passed)
}

async fn mail_types(bench: &dyn Bench) -> Case {
    let crm = bench.crm();
    if !crm.capabilities().can(Capability::MailTypes) {
        let types = done!(crm.mail_types(false).await);
        hold!(types.is_empty(), "there are some all the same: {types:?}");
        return Ok(Outcome::Missing(Capability::MailTypes));
    }
    let (received, sent) = (done!(crm.mail_types(false).await), done!(crm.mail_types(true).await));
    for types in [&received, &sent] {
        hold!(types.iter().filter(|one| one.default).count() == 1, "not one default: {types:?}");
        hold!(types.iter().all(|one| !one.id.is_empty() && !one.name.is_empty()), "nameless: {types:?}");
    }
    let Some(chosen) = received.iter().find(|one| !one.default) else { return Ok(NO_WAY_IN) };
    let at = bench.company("Slag AS", "slag.example");
    let mut one = mail("type@x.example", vec![company(&at)], false, 0);
    one.mail_type.clone_from(&chosen.id);
    done!(crm.archive(one).await);
    let Some((kind, _)) = bench.held_as("type@x.example") else { return Ok(NO_WAY_IN) };
    hold!(kind == chosen.id, "of kind {kind:?}, not {:?}", chosen.id);
    let mut gone = mail("no-type@x.example", vec![company(&at)], false, 0);
    gone.mail_type = "99999".into();
    let said = crm.archive(gone).await;
    hold!(said.is_ok() || matches!(said, Err(CrmError::Invalid(_))), "a kind that went: {said:?}");
    Ok(Outcome::Passed)
}

async fn visible(bench: &dyn Bench) -> Case {
    let crm = bench.crm();
    if !crm.capabilities().can(Capability::Visibility) {
        return Ok(Outcome::Missing(Capability::Visibility));
    }
    let at = bench.company("Synlig AS", "synlig.example");
    for (name, visible) in [("me", Visible::Me), ("group", Visible::Group), ("all", Visible::All)] {
        let id = format!("visible-{name}@x.example");
        let mut one = mail(&id, vec![company(&at)], false, 0);
        one.visible = visible;
        done!(crm.archive(one).await);
        let Some((_, held)) = bench.held_as(&id) else { return Ok(NO_WAY_IN) };
        hold!(held == visible, "for {held:?}, not {visible:?}");
    }
    Ok(Outcome::Passed)
}

async fn own_address(bench: &dyn Bench) -> Case {
    let crm = bench.crm();
    if !crm.capabilities().can(Capability::OwnAddress) {
        return refused(Capability::OwnAddress, crm.own_address("ny@nord.example").await).await;
    }
    let before = done!(crm.me().await).email;
    done!(crm.own_address("ny@nord.example").await);
    let after = done!(crm.me().await).email;
    hold!(after == "ny@nord.example", "the card says {after:?}");
    done!(crm.own_address(&before).await);
    let none = crm.own_address("nobody").await;
    hold!(matches!(none, Err(CrmError::Invalid(_))), "{none:?}");
    Ok(Outcome::Passed)
}
