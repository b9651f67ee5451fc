//! Mails into the CRM, and out of it.

use crate::{Bench, Case, Outcome, done, hold, record};
use clientele_crm::{ArchiveMail, Capability, CrmError, Record};
use clientele_model::{RecordKind, RecordRef};

pub async fn all(bench: &dyn Bench) -> Vec<(&'static str, Case)> {
    let mut came = Vec::new();
    for (name, outbound, attachments) in [
        ("archive inbound, no attachment", false, 0),
        ("archive inbound, 1 attachment", false, 1),
        ("archive inbound, 5 attachments of 30 MB in all", false, 5),
        ("archive outbound, no attachment", true, 0),
        ("archive outbound, 1 attachment", true, 1),
        ("archive outbound, 5 attachments", true, 5),
    ] {
        came.push((name, archive(bench, outbound, attachments).await));
    }
    came.push(("archive again, and on one more record", again(bench).await));
    came.push(("archive on several of a kind", several(bench).await));
    came.push(("archive what a colleague has archived", colleague(bench).await));
    came.push(("find a mail by its Message-ID alone, with who archived it", found(bench).await));
    came.push(("archive on a record that went", went(bench).await));
    came.push(("undo", undo(bench).await));
    came
}

/// A mail of its own Message-ID; `attachments` of 64 kB, the fifth case of 6 MB each.
pub fn mail(message_id: &str, records: Vec<Record>, outbound: bool, attachments: usize) -> ArchiveMail {
    let size = if attachments == 5 && !outbound { 6_000_000 } else { 64_000 };
    let mut eml = format!(
        "From: Maja <maja@fjordlys.example>\r\nSubject: Tilbud: \"kabel\"\r\nMessage-ID: <{message_id}>\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHei\r\n"
    );
    for number in 0..attachments {
        eml.push_str(&format!(
            "--b\r\nContent-Disposition: attachment; filename=\"{number}.txt\"\r\n\r\n{}\r\n",
            "x".repeat(size)
        ));
    }
    eml.push_str("--b--\r\n");
    ArchiveMail {
        message_id: message_id.into(),
        title: "Tilbud: \"kabel\" <b>1/2</b>".into(),
        date: 1_790_000_000,
        text: "Hei".into(),
        eml: eml.into_bytes(),
        records,
        by: "Kari".into(),
        outbound,
        ..ArchiveMail::default()
    }
}

pub fn company(id: &str) -> Record {
    record(RecordKind::Company, id)
}

async fn archive(bench: &dyn Bench, outbound: bool, attachments: usize) -> Case {
    let crm = bench.crm();
    let at = bench.company("Arkiv AS", "arkiv.example");
    let id = format!("archive-{outbound}-{attachments}@x.example");
    let sent = mail(&id, vec![company(&at)], outbound, attachments);
    let outcome = done!(crm.archive(sent.clone()).await);
    hold!(!outcome.already, "was there before");
    let held = bench.held(&id);
    hold!(held.len() == 1, "{} of it there", held.len());
    hold!(held[0].records == [format!("company {at}")], "on {:?}", held[0].records);
    let found = done!(crm.activities(RecordKind::Company, &at, 5));
    hold!(found.len() == 1 && found[0].id == outcome.activity, "not among the activities");
    if !crm.capabilities().can(Capability::MailFile) {
        return Ok(Outcome::Missing(Capability::MailFile));
    }
    hold!(held[0].bytes.as_deref() == Some(sent.eml.as_slice()), "other bytes than were sent");
    Ok(Outcome::Passed)
}

async fn again(bench: &dyn Bench) -> Case {
    let crm = bench.crm();
    let at = bench.company("Igjen AS", "igjen.example");
    let sale = bench.sale("Kabel", &at);
    let first = done!(crm.archive(mail("again@x.example", vec![company(&at)], false, 1)).await);
    let more = vec![company(&at), record(RecordKind::Sale, &sale)];
    let second = done!(crm.archive(mail("again@x.example", more, false, 1)).await);
    hold!(second.already && second.activity == first.activity, "not known again");
    let held = bench.held("again@x.example");
    hold!(held.len() == 1, "{} of it there", held.len());
    hold!(held[0].records == [format!("company {at}"), format!("sale {sale}")], "on {:?}", held[0].records);
    Ok(Outcome::Passed)
}

async fn found(bench: &dyn Bench) -> Case {
    let crm = bench.crm();
    if !crm.capabilities().can(Capability::FindArchived) {
        let said = crm.archived("found@x.example").await;
        hold!(matches!(said, Err(CrmError::Cannot(Capability::FindArchived, _))), "{said:?}");
        return Ok(Outcome::Missing(Capability::FindArchived));
    }
    let at = bench.company("Funnet AS", "funnet.example");
    let on = vec![company(&at), record(RecordKind::Sale, &bench.sale("Kabel", &at))];
    let own = done!(crm.archive(mail("found@x.example", on, false, 1)).await);
    let there = done!(crm.archived("found@x.example").await);
    hold!(there.is_some_and(|one| one.activity == own.activity && one.records.len() == 2), "not said to be there");
    hold!(done!(crm.archived("never@x.example").await).is_none(), "said to be there");
    if bench.colleague_archives("theirs@x.example", &at).is_some() {
        let there = done!(crm.archived("theirs@x.example").await);
        hold!(there.is_some_and(|one| one.by == "Ola Nord" && one.date > 0), "not said by whom and when");
    }
    Ok(Outcome::Passed)
}

async fn several(bench: &dyn Bench) -> Case {
    let crm = bench.crm();
    if !crm.capabilities().can(Capability::SeveralRecords) {
        return Ok(Outcome::Missing(Capability::SeveralRecords));
    }
    let (one, two) = (bench.company("En AS", "en.example"), bench.company("To AS", "to.example"));
    let people = [bench.person("A", &["a@en.example"], &one), bench.person("B", &["b@to.example"], &two)];
    let mut on = vec![company(&one), company(&two)];
    // The one of the other company first.
    on.extend(people.iter().rev().map(|id| record(RecordKind::Person, id)));
    let mut expected: Vec<String> = on.iter().map(|one| format!("{} {}", one.kind.as_str(), one.id)).collect();
    expected.sort();
    let sent = mail("several@x.example", on, false, 0);
    done!(crm.archive(sent.clone()).await);
    let held = bench.held("several@x.example");
    hold!(held.len() == 1 && held[0].records == expected, "on {:?}, not {expected:?}", held[0].records);
    let whole = held[0].bytes.as_deref() == Some(sent.eml.as_slice());
    hold!(whole || !crm.capabilities().can(Capability::MailFile), "not the mail itself on each of them");
    Ok(Outcome::Passed)
}

async fn colleague(bench: &dyn Bench) -> Case {
    let crm = bench.crm();
    let at = bench.company("Kollega AS", "kollega.example");
    if bench.colleague_archives("colleague@x.example", &at).is_none() {
        return Ok(Outcome::CannotHappen("there are no colleagues"));
    }
    let mut sent = mail("colleague@x.example", vec![company(&at)], false, 0);
    sent.repeated = true;
    let outcome = done!(crm.archive(sent).await);
    hold!(outcome.already, "taken for one's own");
    hold!(bench.held("colleague@x.example").len() == 1, "there twice");
    Ok(Outcome::Passed)
}

async fn went(bench: &dyn Bench) -> Case {
    let crm = bench.crm();
    let at = bench.company("Borte AS", "borte.example");
    let id = bench.person("Vekk", &["vekk@borte.example"], &at);
    done!(crm.look_up("vekk@borte.example").await);
    bench.remove_person(&id);
    let asked =
        crm.archive(mail("went@x.example", vec![company(&at), record(RecordKind::Person, &id)], false, 0)).await;
    hold!(matches!(asked, Err(CrmError::NotFound)), "{asked:?}");
    hold!(bench.held("went@x.example").is_empty(), "archived all the same");
    let looked = crm.look_again(RecordRef { kind: RecordKind::Person, id: id.clone() }).await;
    hold!(matches!(looked, Err(CrmError::NotFound)), "still there: {looked:?}");
    hold!(done!(crm.people_by_email("vekk@borte.example")).is_empty(), "not forgotten");
    Ok(Outcome::Passed)
}

async fn undo(bench: &dyn Bench) -> Case {
    let crm = bench.crm();
    let at = bench.company("Angre AS", "angre.example");
    let outcome = done!(crm.archive(mail("undo@x.example", vec![company(&at)], false, 1)).await);
    done!(crm.unarchive(outcome.activity.clone()).await);
    done!(crm.unarchive(outcome.activity).await);
    hold!(bench.held("undo@x.example").is_empty(), "still there");
    hold!(done!(crm.activities(RecordKind::Company, &at, 5)).is_empty(), "still among the activities");
    Ok(Outcome::Passed)
}
