//! What only Tryton has: its own rights, its stages, companies that write, a limit to what it takes.

use super::{Database, mirrored, number};
use crate::{Bench as _, mails, record, refresh};
use clientele_crm::{Capability, CompanyChange, CrmError, Document, FollowUp, Item, Remote as _, SaleChange, Why};
use clientele_model::{RecordKind, RecordRef};
use clientele_tests::world::tryton::{DATABASE, KARI, OLA, Tryton as Server};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn tryton_keeps_what_is_its_own() {
    // As it is without a word of its administrator: two megabytes a request.
    let database = Database::of(Server::start_taking(2 * 1024 * 1024).unwrap());
    two_at_once(&database).await;
    too_large(&database).await;
    a_company_that_writes(&database).await;
    stages(&database).await;
    around(&database).await;
    files_and_selections(&database).await;
    rights(&database).await;
}

/// Two colleagues archive one mail at once: it is there once, and both are told of the same.
async fn two_at_once(database: &Database) {
    let at = database.company("Samtidig AS", "samtidig.example");
    // What is deleted beside an opportunity needs one.
    let sale = database.sale("Kabel", &at);
    let (kari, ola) = (database.remote(KARI), database.remote(OLA));
    for round in 0..5 {
        let id = format!("race-{round}@x.example");
        let on = vec![mails::company(&at), record(RecordKind::Sale, &sale)];
        let mail = mails::mail(&id, on, false, 1);
        let eml = Some(mail.eml.clone());
        let (one, two) = tokio::join!(kari.archive(mail.clone()), ola.archive(mail));
        let (one, two) = (one.unwrap(), two.unwrap());
        assert_eq!(one.activity, two.activity);
        assert!(one.already != two.already, "who was first: {one:?} {two:?}");
        let held = database.held(&id);
        assert!(held.len() == 1 && held[0].bytes == eml, "{} of it", held.len());
        assert_eq!(held[0].records.len(), 2);
        ola.unarchive(two.activity).await.unwrap();
        assert!(database.held(&id).is_empty());
    }
}

/// More than the server takes is said so, and leaves nothing behind.
async fn too_large(database: &Database) {
    let at = database.company("Stor AS", "stor.example");
    let kari = database.remote(KARI);
    let mut mail = mails::mail("large@x.example", vec![mails::company(&at)], false, 1);
    mail.eml.resize(3_000_000, b'x');
    let said = kari.archive(mail.clone()).await;
    assert!(matches!(said, Err(CrmError::TooLarge)), "{said:?}");
    assert!(database.held("large@x.example").is_empty());
    mail.eml.truncate(1_000_000);
    assert!(!kari.archive(mail).await.unwrap().already);
    assert_eq!(database.held("large@x.example").len(), 1);
}

/// Many databases know companies alone, with the addresses of those who write from there.
async fn a_company_that_writes(database: &Database) {
    let contacts = json!([
        { "type": "website", "value": "https://skriver.example" },
        { "type": "email", "value": "100%_post@skriver.example" },
        { "type": "phone", "value": "+47 22 33 44 55" },
    ]);
    let party = json!({
        "name": "Skriver AS", "contact_mechanisms": [["create", contacts]],
        "addresses": [["create", [{ "city": "Bergen" }]]],
    });
    let id = database.one("party.party", party).to_string();
    let kari = database.remote(KARI);
    let found = kari.people_by_email("100%_POST@skriver.example").await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].company.as_ref().map(|one| one.id.as_str()), Some(id.as_str()));
    assert!(kari.people_by_email("100xxpost@skriver.example").await.unwrap().is_empty(), "no pattern");
    let company = kari.companies_by_domain("skriver.example").await.unwrap().remove(0);
    assert_eq!((company.city.as_str(), company.phone.as_str()), ("Bergen", "+47 22 33 44 55"));
    let change = CompanyChange {
        city: Some("Oslo".into()),
        phone: Some("+47 1".into()),
        version: company.version,
        ..Default::default()
    };
    let changed = kari.company_change(&id, change.clone()).await.unwrap();
    assert_eq!((changed.city.as_str(), changed.phone.as_str()), ("Oslo", "+47 1"));
    let stale = kari.company_change(&id, CompanyChange { name: Some("X".into()), ..change }).await;
    assert!(matches!(stale, Err(CrmError::Conflict { theirs: Some(_) })), "{stale:?}");
}

/// A sale goes its way, and is where it was when somebody else has moved it.
async fn stages(database: &Database) {
    let at = database.company("Trinn AS", "trinn.example");
    let id = database.sale("Kabel", &at);
    let kari = database.remote(KARI);
    let all = kari.stages(&id).await.unwrap();
    let open: Vec<&str> = all.iter().filter(|one| one.open).map(|one| one.id.as_str()).collect();
    assert_eq!((open, all.len()), (vec!["lead", "opportunity", "converted"], 6));
    let to = |stage: &str, version: &str| SaleChange {
        stage: Some(stage.into()),
        amount: Some(123_456),
        closes: Some("2027-02-28".into()),
        version: version.into(),
        ..SaleChange::default()
    };
    let moved = kari.sale_change(&id, to("opportunity", "")).await.unwrap();
    assert_eq!((moved.stage.as_str(), moved.stage_index, moved.stage_count), ("Opportunity", 2, 4));
    assert_eq!((moved.amount, moved.closes.as_str(), moved.currency.as_str()), (123_456, "2027-02-28", "NOK"));
    let lost = kari.sale_change(&id, to("lost", &moved.version)).await.unwrap();
    assert!(!lost.open && lost.stage == "Lost", "{lost:?}");
    let stale = kari.sale_change(&id, to("lead", &moved.version)).await;
    assert!(matches!(stale, Err(CrmError::Conflict { theirs: Some(_) })), "{stale:?}");
    let won = kari.sale_change(&id, SaleChange { stage: Some("won".into()), ..SaleChange::default() }).await;
    assert!(matches!(won, Err(CrmError::Invalid("stage"))), "{won:?}");
}

async fn around(database: &Database) {
    let crm = database.crm();
    let at = database.company("Rundt AS", "rundt.example");
    let person = database.person("Rolf", &["rolf@rundt.example"], &at);
    let work = json!({ "name": "Utrulling", "type": "project", "party": number(&at), "company": 1 });
    let project = database.one("project.work", work).to_string();
    // Work of the project is no follow-up.
    database.one("project.work", json!({ "name": "Grave", "type": "task", "parent": number(&project), "company": 1 }));
    let sale = database.sale("Kabel", &at);
    let on = vec![mails::company(&at), record(RecordKind::Project, &project)];
    crm.archive(mails::mail("around@x.example", on, false, 1)).await.unwrap();
    let task = FollowUp {
        title: "Ring \\ skriv".into(),
        text: "To linjer\nher".into(),
        start: 1_900_000_000,
        end: 1_900_000_000,
        person: person.clone(),
        project: project.clone(),
        ..FollowUp::default()
    };
    let task = crm.follow_up_create(task).await.unwrap();
    assert_eq!((task.title.as_str(), task.text.as_str()), ("Ring / skriv", "To linjer\nher"));
    database.crm.lock().unwrap().clone_from(&mirrored(
        &database.net,
        &database.server,
        database.key.clone(),
        &database.folder,
        "around.db",
    ));
    let crm = database.crm();
    for kind in [RecordKind::Company, RecordKind::Project] {
        let id = if kind == RecordKind::Company { at.clone() } else { project.clone() };
        crm.look_again(RecordRef { kind, id: id.clone() }).await.unwrap();
        let mails = crm.activities(kind, &id, 5).unwrap();
        assert_eq!((mails.len(), mails[0].message_id.as_str(), mails[0].date), (1, "around@x.example", 1_790_000_000));
    }
    crm.look_again(RecordRef { kind: RecordKind::Person, id: person.clone() }).await.unwrap();
    assert_eq!(crm.follow_ups(RecordKind::Person, &person).unwrap(), [task]);
    assert_eq!(crm.open_sales(RecordKind::Company, &at).unwrap()[0].id, sale);
    let all = refresh(&*crm).await.unwrap();
    assert_eq!(crm.open_projects(&at).unwrap()[0].id, project, "of {all:?}");
    assert_eq!(crm.follow_ups(RecordKind::Project, &project).unwrap().len(), 1, "work of the project is no follow-up");
    let page = crm.page(&RecordRef { kind: RecordKind::Company, id: at.clone() }).unwrap();
    assert_eq!(page, format!("{}/#{DATABASE}/model/party.party/{at}", database.server.base()));

    // What is put out of use is gone, and what somebody now works at is a company.
    database.server.write("party.party", number(&person), &json!({ "active": false })).unwrap();
    let (_, _, gone) = refresh(&*crm).await.unwrap();
    assert!(gone >= 1 && crm.person(&person).is_err());
    assert_eq!(crm.associates().await.unwrap().iter().filter(|one| one.name == "Ola Nord").count(), 1);
}

async fn files_and_selections(database: &Database) {
    let kari = database.remote(KARI);
    let at = database.company("Fil AS", "fil.example");
    let document = Document {
        name: "..\\tilbud.pdf".into(),
        mime: "application/pdf".into(),
        bytes: b"%PDF".to_vec(),
        key: "doc@x.example/2".into(),
        records: vec![mails::company(&at)],
        ..Document::default()
    };
    let first = kari.document(document.clone()).await.unwrap();
    let second = kari.document(Document { repeated: true, ..document }).await.unwrap();
    assert_eq!((first.already, second.already, &first.activity), (false, false, &second.activity));
    let there = database.server.rows("ir.attachment", json!([["link", "=", first.activity]]), &["name"]).unwrap();
    assert_eq!((there.len(), there[0]["name"].as_str()), (1, Some("tilbud.pdf")));

    let category = database.one("party.category", json!({ "name": "Julekort" }));
    database.server.write("party.party", number(&at), &json!({ "categories": [["add", [category]]] })).unwrap();
    let members = kari.selection_members(&category.to_string()).await.unwrap();
    assert_eq!(members, [RecordRef { kind: RecordKind::Company, id: at }]);
}

/// A group that one is not in, a module that is not there.
async fn rights(database: &Database) {
    let user = database.server.rows("res.user", json!([["login", "=", "ola"]]), &["id"]).unwrap();
    let group = database.server.rows("res.group", json!([["name", "=", "Project Administration"]]), &["id"]).unwrap();
    let without = json!({ "groups": [["remove", [group[0]["id"]]]] });
    database.server.write("res.user", user[0]["id"].as_i64().unwrap(), &without).unwrap();
    let ola = database.remote(OLA);
    assert!(ola.capabilities().can(Capability::FollowUps), "nobody has asked yet");
    assert_eq!(ola.me().await.unwrap().name, "Ola Nord");
    assert_eq!(ola.capabilities().why_not(Capability::FollowUps), Some(Why::NotGranted));
    assert!(ola.capabilities().can(Capability::Projects), "they may be read");
    let said = ola.follow_up_create(FollowUp { title: "X".into(), ..FollowUp::default() }).await;
    assert!(matches!(said, Err(CrmError::Cannot(Capability::FollowUps, Why::NotGranted))), "{said:?}");
    assert!(ola.search("Rundt", 5).await.unwrap().iter().any(|one| matches!(one, Item::Company(_))));
}
