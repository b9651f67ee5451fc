//! People, sales and follow-ups, and what the mirror holds; and all cases, in their order.

use crate::{Bench, Case, Outcome, done, faults, hold, mails, more, refresh, report, table};
use clientele_crm::{Capability, CrmError, FollowUp, FollowUpKind, NewPerson, NewSale, PersonChange};
use clientele_model::{RecordKind, RecordRef};

/// Every case over one CRM, with a table. Fails where one does not stand, and where docs/adapters.md says otherwise.
pub async fn all(bench: &dyn Bench) {
    let (mut cells, mut failed) = (Vec::new(), Vec::new());
    let mut tell = |name: &'static str, came: Case| match report(bench, name, came) {
        Some(cell) => cells.push((name, cell)),
        None => failed.push(name),
    };
    tell("look-up before anything is mirrored", on_demand(bench).await);
    tell("look-up by primary, secondary, upper case, plus tag, unknown", look_up(bench).await);
    tell("text of a mail is never part of a query", odd_addresses(bench).await);
    tell("create a person, and once more", create(bench).await);
    tell("change a person, also one that changed", change(bench).await);
    tell("create a sale", sale(bench).await);
    for (name, came) in mails::all(bench).await {
        tell(name, came);
    }
    tell("follow-ups: task, call, appointment", follow_ups(bench).await);
    for (name, came) in more::all(bench).await {
        tell(name, came);
    }
    tell("what changed since", delta(bench).await);
    tell("more than 1,000 records", paging(bench).await);
    for (name, came) in faults::all(bench).await {
        tell(name, came);
    }
    assert!(failed.is_empty(), "{}: {failed:?}", bench.name());
    table::compare(bench.name(), &cells);
}

async fn on_demand(bench: &dyn Bench) -> Case {
    let crm = bench.crm();
    let company = bench.company("Forhånd AS", "forhand.example");
    let person = bench.person("Nora Vik", &["nora@forhand.example"], &company);
    if !done!(crm.unasked("nora@forhand.example")) {
        let known = done!(crm.people_by_email("nora@forhand.example"));
        hold!(known.len() == 1 && known[0].id == person, "neither known nor asked for");
        return Ok(Outcome::CannotHappen("the CRM is on this computer"));
    }
    hold!(done!(crm.look_up("Nora+x@forhand.example").await), "the CRM was not asked");
    let known = done!(crm.people_by_email("nora@forhand.example"));
    hold!(known.len() == 1 && known[0].id == person, "found {}", known.len());
    hold!(
        !done!(crm.look_up("ukjent@forhand.example").await)
            || !done!(crm.companies_by_domain("forhand.example")).is_empty(),
        "found what is not there"
    );
    hold!(!done!(crm.unasked("ukjent@forhand.example")), "nobody was not remembered");
    let found = done!(crm.companies_by_domain("forhand.example"));
    hold!(found.len() == 1 && found[0].id == company, "not found by its domain");
    Ok(Outcome::Passed)
}

async fn look_up(bench: &dyn Bench) -> Case {
    let crm = bench.crm();
    let company = bench.company("Fjordlys Energi AS", "fjordlys.example");
    let person = bench.person("Maja Lindqvist", &["Maja@fjordlys.example", "maja@privat.example"], &company);
    bench.person("Other", &["amaja@fjordlys.example", "maja@fjordlys.example.evil.example"], &company);
    refresh(&*crm).await?;
    let mut emails = vec!["maja@fjordlys.example", " MAJA@FJORDLYS.EXAMPLE", "maja+crm@fjordlys.example"];
    if crm.capabilities().can(Capability::SecondaryEmail) {
        emails.push("maja@privat.example");
    }
    for email in emails {
        let found = done!(crm.people_by_email(email));
        hold!(found.len() == 1 && found[0].id == person, "{email}: {} found", found.len());
        hold!(found[0].company.as_ref().is_some_and(|one| one.id == company), "{email}: without the company");
    }
    for email in ["ukjent@fjordlys.example", "aja@fjordlys.example", "%@fjordlys.example", "maja"] {
        done!(crm.look_up(email).await);
        hold!(done!(crm.people_by_email(email)).is_empty(), "{email} is nobody");
    }
    if let Some(_why) = crm.capabilities().why_not(Capability::SecondaryEmail) {
        return Ok(Outcome::Missing(Capability::SecondaryEmail));
    }
    Ok(Outcome::Passed)
}

async fn odd_addresses(bench: &dyn Bench) -> Case {
    let crm = bench.crm();
    let company = bench.company("O'Brien & Sønn <script>", "obrien.example");
    let person = bench.person("Siobhan O'Brien", &["s.o'brien@obrien.example"], &company);
    for email in ["s.o'brien@obrien.example", "S.O'Brien@obrien.example"] {
        done!(crm.look_up(email).await);
        let found = done!(crm.people_by_email(email));
        hold!(found.len() == 1 && found[0].id == person, "{email}: {} found", found.len());
    }
    for email in
        ["x' or personId gt 0@a.example", "x')@a.example", "x\\'@a.example", "\"a b\"@a.example", "x%27@a.example"]
    {
        done!(crm.look_up(email).await);
        hold!(done!(crm.people_by_email(email)).is_empty(), "{email} finds somebody");
    }
    done!(crm.look_again(RecordRef { kind: RecordKind::Company, id: company.clone() }).await);
    hold!(done!(crm.company(&company)).name == "O'Brien & Sønn <script>", "text did not stay text");
    done!(crm.records("o'brien & \"x", 5).await);
    Ok(Outcome::Passed)
}

async fn create(bench: &dyn Bench) -> Case {
    let crm = bench.crm();
    let new = NewPerson {
        name: "Per Ola Berg".into(),
        title: "CFO".into(),
        email: "per.ola@nykunde.example".into(),
        phone: "+47 55 00 11 22".into(),
        new_company: "Ny kunde AS".into(),
        ..NewPerson::default()
    };
    let made = done!(crm.person_create(new.clone()).await);
    let title = if crm.capabilities().can(Capability::JobTitle) { "CFO" } else { "" };
    hold!(made.name == "Per Ola Berg" && made.title == title && made.phones == ["+47 55 00 11 22"], "not as asked for");
    hold!(made.company.as_ref().is_some_and(|one| one.name == "Ny kunde AS"), "without the company");
    let found = done!(crm.people_by_email("per.ola@nykunde.example"));
    hold!(found.len() == 1 && found[0].id == made.id, "not found at once");
    let again = done!(crm.person_create(new).await);
    hold!(again.id == made.id, "made twice");
    let nobody = crm.person_create(NewPerson { name: "X".into(), ..NewPerson::default() }).await;
    hold!(matches!(nobody, Err(CrmError::Invalid(_))), "a person without an address was taken");
    let titled = crm.capabilities().can(Capability::JobTitle);
    Ok(if titled { Outcome::Passed } else { Outcome::Missing(Capability::JobTitle) })
}

async fn change(bench: &dyn Bench) -> Case {
    let crm = bench.crm();
    if !crm.capabilities().can(Capability::PersonChange) {
        return Ok(Outcome::Missing(Capability::PersonChange));
    }
    let company = bench.company("Endring AS", "endring.example");
    let id = bench.person("Kai Moe", &["kai@endring.example"], &company);
    done!(crm.look_again(RecordRef { kind: RecordKind::Person, id: id.clone() }).await);
    let read = done!(crm.person(&id));
    let titled = crm.capabilities().can(Capability::JobTitle);
    let several = crm.capabilities().can(Capability::SecondaryEmail);
    let add = |version: &str| PersonChange {
        title: titled.then(|| "CEO".into()),
        add_email: several.then(|| "kai@privat.example".into()),
        version: version.into(),
        ..PersonChange::default()
    };
    let changed = done!(crm.person_change(&id, add(&read.version)).await);
    hold!(!titled || changed.title == "CEO", "changed to something else");
    if several {
        hold!(changed.emails.len() == 2, "changed to something else");
        hold!(done!(crm.people_by_email("kai@privat.example")).len() == 1, "the new address finds nobody");
    } else {
        let second = PersonChange { add_email: Some("kai@privat.example".into()), ..PersonChange::default() };
        let said = crm.person_change(&id, second).await;
        hold!(matches!(said, Err(CrmError::Cannot(Capability::SecondaryEmail, _))), "a second address: {said:?}");
    }
    if !crm.capabilities().can(Capability::ConflictCheck) {
        return Ok(Outcome::Missing(Capability::ConflictCheck));
    }
    // Dates of change count in seconds.
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    bench.rename_person(&id, "Kai Berg");
    match crm.person_change(&id, PersonChange { name: Some("Kai Lie".into()), ..add(&changed.version) }).await {
        Err(CrmError::Conflict { theirs: Some(_) }) => {}
        other => return Err(format!("no conflict: {other:?}")),
    }
    hold!(done!(crm.person(&id)).name == "Kai Berg", "theirs is not shown");
    Ok(Outcome::Passed)
}

async fn sale(bench: &dyn Bench) -> Case {
    let crm = bench.crm();
    if !crm.capabilities().can(Capability::SaleCreate) {
        return Ok(Outcome::Missing(Capability::SaleCreate));
    }
    let company = bench.company("Salg AS", "salg.example");
    let new = NewSale {
        name: "Kabel".into(),
        company: company.clone(),
        amount: 123_450,
        closes: "2027-01-31".into(),
        ..NewSale::default()
    };
    let made = done!(crm.sale_create(new).await);
    hold!(
        (made.amount, made.closes.as_str(), made.open) == (123_450, "2027-01-31", true),
        "not as asked for: {made:?}"
    );
    let open = done!(crm.open_sales(RecordKind::Company, &company));
    hold!(open.len() == 1 && open[0].id == made.id, "not beside its company");
    Ok(Outcome::Passed)
}

async fn follow_ups(bench: &dyn Bench) -> Case {
    let crm = bench.crm();
    if !crm.capabilities().can(Capability::FollowUps) {
        return Ok(Outcome::Missing(Capability::FollowUps));
    }
    let at = bench.company("Følg AS", "folg.example");
    let person = bench.person("F", &["f@folg.example"], &at);
    let mut made = Vec::new();
    for (hours, kind) in [FollowUpKind::Task, FollowUpKind::Call, FollowUpKind::Appointment].into_iter().enumerate() {
        let start = 1_900_000_000 + 3600 * hours as i64;
        let new = FollowUp {
            kind,
            title: format!("Ring {}", kind.as_str()),
            text: "Om kabel".into(),
            start,
            end: start + 1800,
            company: at.clone(),
            person: person.clone(),
            ..FollowUp::default()
        };
        let one = done!(crm.follow_up_create(new).await);
        hold!(
            (one.kind, one.start, one.end, one.done) == (kind, start, start + 1800, false),
            "not as asked for: {one:?}"
        );
        made.push(one.id);
    }
    let open = |all: Vec<FollowUp>| -> Vec<String> {
        all.into_iter().filter(|one| !one.done && one.company == at).map(|one| one.id).collect()
    };
    hold!(open(done!(crm.follow_ups_open(100))) == made, "not among one's own");
    let done_one = done!(crm.follow_up_done(&made[0], true).await);
    hold!(done_one.done, "not done");
    let beside = done!(crm.follow_ups(RecordKind::Person, &person));
    hold!(open(beside.clone()) == made[1..], "beside the person are {beside:?}");
    // A look at the company reads lines: they take nothing from what is known whole.
    done!(crm.look_again(RecordRef { kind: RecordKind::Company, id: at.clone() }).await);
    let own = done!(crm.follow_ups_open(100));
    hold!(open(own.clone()) == made[1..], "not one's own any longer: {own:?}");
    hold!(own.iter().all(|one| one.company != at || one.text == "Om kabel"), "without its text: {own:?}");
    Ok(Outcome::Passed)
}

async fn delta(bench: &dyn Bench) -> Case {
    let crm = bench.crm();
    let at = bench.company("Delta AS", "delta.example");
    let id = bench.person("Før", &["delta@delta.example"], &at);
    let (read, ..) = refresh(&*crm).await?;
    if !crm.capabilities().can(Capability::ChangedSince) {
        return Ok(Outcome::Missing(Capability::ChangedSince));
    }
    if read == 0 {
        return Ok(Outcome::CannotHappen("the CRM is on this computer"));
    }
    hold!(done!(crm.person(&id)).name == "Før", "a new person was not brought");
    refresh(&*crm).await?;
    let (_, changed, _) = refresh(&*crm).await?;
    hold!(changed == 0, "{changed} records changed that nobody changed");
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    bench.rename_person(&id, "Etter");
    let (read, changed, _) = refresh(&*crm).await?;
    hold!(changed == 1, "{read} read, {changed} changed");
    hold!(done!(crm.person(&id)).name == "Etter", "the change was not brought");
    hold!(done!(crm.people_by_email("delta@delta.example")).len() == 1, "the address went");
    Ok(Outcome::Passed)
}

async fn paging(bench: &dyn Bench) -> Case {
    bench.many(1200);
    let crm = bench.crm();
    let started = std::time::Instant::now();
    let (read, changed, _) = refresh(&*crm).await?;
    let found = done!(crm.people_by_email("person1199@mange.example"));
    hold!(found.len() == 1, "the last of them is not there");
    hold!(read == 0 || changed > 1200, "{read} read, {changed} new");
    hold!(done!(crm.people_by_email("person0@mange.example")).len() == 1, "nor the first");
    println!("     {:<12} {read} read, {changed} changed in {} ms", bench.name(), started.elapsed().as_millis());
    Ok(Outcome::Passed)
}
