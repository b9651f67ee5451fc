#![allow(clippy::unwrap_used)]
use super::*;
use crate::{Known, PillKind, Reason, customer, pills};
use clientele_model::Address;
use clientele_store::{ArchiveState, CrmState};

const SEED: &str = r#"{
  "companies": [
    {"id": "c1", "name": "Fjordlys Energi AS", "city": "Bergen", "domains": ["fjordlys.no"], "since": 2019},
    {"id": "c2", "name": "Brødrene Dahl", "domains": ["brodrenedahl.no"]}
  ],
  "people": [
    {"id": "p1", "name": "Maja Lindqvist", "emails": ["maja.lindqvist@fjordlys.no", "maja@privat.example"], "company": "c1"},
    {"id": "p2", "name": "Per Dahl", "emails": ["post@brodrenedahl.no"], "company": "c2"},
    {"id": "p3", "name": "Pål Dahl", "emails": ["Post@BrodreneDahl.no"], "company": "c2"}
  ],
  "sales": [
    {"id": "s1", "name": "Renewal 2027", "company": "c1", "stage": "Negotiation", "amount": 42000000, "currency": "NOK", "open": true},
    {"id": "s2", "name": "Fleet rollout", "company": "c2", "open": true},
    {"id": "s3", "name": "Spare parts", "company": "c2", "open": true}
  ],
  "projects": [{"id": "j1", "name": "Onboarding Stavanger", "company": "c1", "open": true}],
  "activities": [{"id": "a1", "kind": "call", "title": "Call", "date": 5, "records": [{"kind": "company", "id": "c1"}]}]
}"#;

fn crm() -> (tempfile::TempDir, Embedded) {
    let folder = tempfile::tempdir().unwrap();
    let crm = Embedded::open(&folder.path().join("crm.db")).unwrap();
    crm.import(&serde_json::from_str(SEED).unwrap()).unwrap();
    (folder, crm)
}

fn from(email: &str) -> Known {
    Known { participants: vec![Address::new("", email)], senders: 1, thread: Vec::new() }
}

#[test]
fn finds_by_every_address_whatever_its_case_or_tag() {
    let (_folder, crm) = crm();
    for email in ["maja.lindqvist@fjordlys.no", "MAJA@privat.example", "maja.lindqvist+crm@fjordlys.no"] {
        let people = crm.people_by_email(email).unwrap();
        assert_eq!(people.len(), 1, "{email}");
        assert_eq!(people[0].company.as_ref().unwrap().name, "Fjordlys Energi AS");
    }
    assert!(crm.people_by_email("maja.lindqvist@fjordlys.no.evil.example").unwrap().is_empty());
    assert!(crm.people_by_email("%@fjordlys.no").unwrap().is_empty());
}

#[test]
fn suggests_with_reasons_and_never_guesses() {
    let (_folder, crm) = crm();
    let found = customer(&crm, &from("maja@privat.example")).unwrap();
    let suggested: Vec<_> =
        found.suggestions.iter().map(|one| (one.record.id.as_str(), one.reason, one.selected)).collect();
    assert_eq!(
        suggested,
        [
            ("c1", Reason::PersonsCompany, true),
            ("p1", Reason::Sender, true),
            ("s1", Reason::OnlyOpenSale, true),
            ("j1", Reason::OpenProject, false)
        ]
    );
    assert_eq!(found.activities.len(), 1);

    let two = customer(&crm, &from("post@brodrenedahl.no")).unwrap();
    assert_eq!(two.participants[0].people.len(), 2, "both are offered");
    assert!(two.suggestions.is_empty(), "and neither is suggested");

    let stranger = customer(&crm, &from("kari@fjordlys.no")).unwrap();
    assert_eq!(stranger.participants[0].might_work_at[0].id, "c1");
    assert_eq!(stranger.suggestions[0].reason, Reason::Domain);
    for nobody in ["kari@gmail.com", "no-reply@fjordlys.no"] {
        assert!(customer(&crm, &from(nobody)).unwrap().participants[0].might_work_at.is_empty(), "{nobody}");
    }

    let mut answered = from("per@elsewhere.example");
    answered.thread = vec![Record::new(RecordKind::Sale, "s2", "old name"), Record::new(RecordKind::Sale, "gone", "x")];
    let in_thread = customer(&crm, &answered).unwrap();
    assert_eq!(in_thread.suggestions.len(), 1, "a record that is gone is not suggested");
    assert_eq!(in_thread.suggestions[0].record.name, "Fleet rollout");
    assert_eq!(in_thread.suggestions[0].reason, Reason::Thread);
}

#[test]
fn pills_say_what_a_mail_is() {
    let (_folder, crm) = crm();
    let of = |email: &str, archived| pills(&crm, &[Address::new("", email)], &[], archived).unwrap();
    let kinds = |pills: &[crate::Pill]| pills.iter().map(|pill| pill.kind).collect::<Vec<_>>();
    let (state, found) = of("maja@privat.example", Some(ArchiveState::Done));
    assert_eq!((state, kinds(&found)), (CrmState::Customer, vec![PillKind::Archived, PillKind::Sale]));
    assert_eq!(found[1].company, "Fjordlys Energi AS", "a search for the company finds its sale's mails");
    let (state, found) = of("post@brodrenedahl.no", None);
    assert_eq!((state, kinds(&found)), (CrmState::Customer, vec![PillKind::Company]), "two open sales: no guess");
    let (state, found) = of("who@nowhere.example", None);
    assert_eq!((state, kinds(&found)), (CrmState::NotInCrm, vec![PillKind::NotInCrm]));
}

#[tokio::test]
async fn a_mail_is_archived_once() {
    let (_folder, crm) = crm();
    let mail = |records: &[(RecordKind, &str)]| ArchiveMail {
        message_id: "m1@x".into(),
        title: "Offer".into(),
        date: 9,
        text: "text".into(),
        eml: b"raw".to_vec(),
        records: records.iter().map(|(kind, id)| Record::new(*kind, id, "")).collect(),
        by: "me@x".into(),
        ..ArchiveMail::default()
    };
    let first = crm.archive(mail(&[(RecordKind::Company, "c1")])).await.unwrap();
    let second = crm.archive(mail(&[(RecordKind::Company, "c1"), (RecordKind::Sale, "s1")])).await.unwrap();
    assert!(!first.already && second.already);
    assert_eq!(first.activity, second.activity);
    assert_eq!(crm.activities(RecordKind::Company, "c1", 10).unwrap().len(), 2, "the call and one mail");
    assert_eq!(crm.activities(RecordKind::Sale, "s1", 10).unwrap()[0].message_id, "m1@x");
    let gone = crm.archive(mail(&[(RecordKind::Sale, "gone")])).await;
    assert!(matches!(gone, Err(CrmError::NotFound)), "nothing is linked to a record that is not there");
    crm.unarchive(first.activity.clone()).await.unwrap();
    crm.unarchive(first.activity).await.unwrap();
    assert_eq!(crm.activities(RecordKind::Company, "c1", 10).unwrap().len(), 1);
}

#[tokio::test]
async fn creates_a_person_once_with_a_company() {
    let (folder, crm) = crm();
    let new = NewPerson {
        name: "Katarina Sjöberg".into(),
        email: "katarina@skargard.example".into(),
        new_company: "Skärgård AB".into(),
        ..NewPerson::default()
    };
    let person = crm.person_create(new.clone()).await.unwrap();
    assert_eq!(crm.person_create(new).await.unwrap(), person);
    assert_eq!(crm.companies_by_domain("skargard.example").unwrap()[0].name, "Skärgård AB");
    drop(crm);
    let crm = Embedded::open(&folder.path().join("crm.db")).unwrap();
    assert_eq!(crm.search("skargard", 10).unwrap().len(), 2, "the company, and the person by the address");
    assert_eq!(crm.search_companies("skargard", 10).unwrap().len(), 1);
    assert_eq!(crm.search("sjö kat", 10).unwrap()[0].name, "Katarina Sjöberg");
    assert_eq!(crm.search_companies("brodrene", 10).unwrap()[0].name, "Brødrene Dahl");
    let free = NewPerson {
        name: "A".into(),
        email: "a@gmail.com".into(),
        new_company: "A Ltd".into(),
        ..NewPerson::default()
    };
    crm.person_create(free).await.unwrap();
    assert!(crm.companies_by_domain("gmail.com").unwrap().is_empty());
}

#[test]
fn importing_again_doubles_nothing() {
    let (_folder, crm) = crm();
    let before = crm.count().unwrap();
    crm.import(&serde_json::from_str(SEED).unwrap()).unwrap();
    assert_eq!(crm.count().unwrap(), before);
    assert_eq!(crm.activities(RecordKind::Company, "c1", 10).unwrap().len(), 1);
}

#[tokio::test]
async fn a_person_is_changed_and_followed_up() {
    let (_folder, crm) = crm();
    let change = PersonChange {
        add_email: Some("MAJA@privat.example".into()),
        title: Some("CFO".into()),
        phone: Some("+47 55".into()),
        ..PersonChange::default()
    };
    let changed = crm.person_change("p1", change.clone()).await.unwrap();
    assert_eq!((changed.emails.len(), changed.title.as_str(), changed.phones.len()), (2, "CFO", 1), "not added twice");
    assert_eq!(crm.person_change("p1", change).await.unwrap(), changed);
    let call = |title: &str, end| FollowUp {
        kind: crate::FollowUpKind::Call,
        title: title.into(),
        end,
        person: "p1".into(),
        ..FollowUp::default()
    };
    let late = crm.follow_up_create(call("Later", 20)).await.unwrap();
    let soon = crm.follow_up_create(call("Soon", 10)).await.unwrap();
    let ids = |all: Vec<FollowUp>| all.into_iter().map(|one| one.id).collect::<Vec<_>>();
    assert_eq!(ids(crm.follow_ups_open(9).unwrap()), [soon.id.clone(), late.id.clone()]);
    crm.follow_up_done(&soon.id, true).await.unwrap();
    assert_eq!(ids(crm.follow_ups_open(9).unwrap()), std::slice::from_ref(&late.id));
    assert_eq!(ids(crm.follow_ups(RecordKind::Person, "p1").unwrap()), [late.id, soon.id], "the open one first");
    assert!(crm.follow_ups(RecordKind::Sale, "").unwrap().is_empty(), "those of no sale are of no sale");
    let sale =
        crm.sale_create(NewSale { name: "Cable".into(), company: "c1".into(), ..NewSale::default() }).await.unwrap();
    assert!(crm.open_sales(RecordKind::Company, "c1").unwrap().contains(&sale));
    let nowhere = NewSale { name: "Cable".into(), company: "gone".into(), ..NewSale::default() };
    assert!(matches!(crm.sale_create(nowhere).await, Err(CrmError::NotFound)));
}

#[test]
fn a_database_of_the_first_version_is_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("crm.db");
    let old = Connection::open(&path).unwrap();
    old.execute_batch(SCHEMA).unwrap();
    old.execute_batch("INSERT INTO company VALUES ('c1', 'Fjordlys', '', '', 2019); PRAGMA user_version = 1").unwrap();
    drop(old);
    let crm = Embedded::open(&path).unwrap();
    assert_eq!(crm.company("c1").unwrap().since, 2019);
    assert!(crm.follow_ups_open(1).unwrap().is_empty());
}

#[test]
fn people_of_a_file_are_taken_in_once_and_lose_nothing() {
    let (_folder, crm) = crm();
    let file = "Name,E-mail,E-mail 2,Phone,Company,Title\n\
        maja lindqvist,maja@privat.example,maja@ny.example,+47 1,Other AS,CFO\n\
        Nils Moe,nils@moe.example,,,Moe AS,\n\
        Liv Moe,liv@gmail.com,,,moe as,\n";
    let cards = crate::card::from_csv(file.as_bytes()).cards;
    let came = crm.import_cards(&cards).unwrap();
    assert_eq!((came.created, came.changed, came.unchanged), (2, 1, 0));
    let again = crm.import_cards(&cards).unwrap();
    assert_eq!((again.created, again.changed, again.unchanged), (0, 0, 3));
    let maja = crm.person("p1").unwrap();
    assert_eq!((maja.emails.len(), maja.title.as_str(), maja.company.unwrap().id.as_str()), (3, "CFO", "c1"));
    assert_eq!(crm.search_companies("moe", 5).unwrap().len(), 1, "one company, whatever the case of its name");
    assert_eq!(crm.companies_by_domain("moe.example").unwrap().len(), 1);
    assert!(crm.companies_by_domain("gmail.com").unwrap().is_empty());
    let out = crm.cards().unwrap();
    assert_eq!(out.len(), 5);
    assert_eq!(crate::card::from_vcard(crate::card::to_vcard(&out).as_bytes()).cards, out);
}

fn reference(kind: RecordKind, id: &str) -> RecordRef {
    RecordRef { kind, id: id.into() }
}

#[tokio::test]
async fn editors_save_every_field_and_refuse_what_is_none() {
    let (_folder, crm) = crm();
    let made = crm
        .company_save(Company {
            name: " Nordlys AB ".into(),
            domains: vec!["@Nordlys.SE".into(), "nordlys.se".into()],
            ..Company::default()
        })
        .unwrap();
    assert_eq!((made.name.as_str(), made.domains.as_slice()), ("Nordlys AB", &["nordlys.se".to_owned()][..]));
    let person = Person {
        name: "Eva Ek".into(),
        emails: vec!["Eva@nordlys.se".into(), "eva@NORDLYS.se".into()],
        ..Person::default()
    };
    let eva = crm.person_save(person, &made.id).unwrap();
    assert_eq!(eva.emails, ["Eva@nordlys.se"]);
    assert_eq!(crm.people_of(&made.id, 10).unwrap(), std::slice::from_ref(&eva));
    let changed = Person { emails: vec!["ny@nordlys.se".into()], phones: vec!["+46 8".into()], ..eva.clone() };
    crm.person_save(changed, "c1").unwrap();
    assert!(crm.people_by_email("eva@nordlys.se").unwrap().is_empty(), "an address that was taken out finds nobody");
    assert_eq!(crm.people_by_email("ny@nordlys.se").unwrap()[0].company.as_ref().unwrap().id, "c1");
    let sale = Sale { name: "Cable".into(), company: made.id.clone(), currency: "sek".into(), ..Sale::default() };
    let sale = crm.sale_save(sale, "negotiation").unwrap();
    assert_eq!((sale.stage_index, sale.stage_count, sale.probability, sale.currency.as_str()), (3, 5, 60, "SEK"));
    let won = SaleChange { stage: Some("won".into()), closes: Some("2027-02-03".into()), ..SaleChange::default() };
    let won = crm.sale_change(&sale.id, won).await.unwrap();
    assert_eq!((won.open, won.probability, won.stage_index), (false, 100, 5));
    let kept = crm.sale_save(Sale { name: "Cables".into(), ..won }, "").unwrap();
    assert_eq!((kept.stage.as_str(), kept.open), ("Won", false), "without a stage it stays where it is");
    for wrong in [
        crm.company_save(Company { name: "X".into(), domains: vec!["a@b.no".into()], ..Company::default() }).map(drop),
        crm.person_save(Person { name: "X".into(), emails: vec!["nobody".into()], ..Person::default() }, "").map(drop),
        crm.sale_save(Sale { name: "X".into(), closes: "tomorrow".into(), ..Sale::default() }, "").map(drop),
        crm.project_save(Project { name: " ".into(), ..Project::default() }).map(drop),
        crm.selection_save("", "X", &[reference(RecordKind::Sale, "s1")]).map(drop),
    ] {
        assert!(matches!(wrong, Err(CrmError::Invalid(_))), "{wrong:?}");
    }
    for gone in [
        crm.person_save(Person { name: "X".into(), ..Person::default() }, "gone").map(drop),
        crm.company_save(Company { id: "gone".into(), name: "X".into(), ..Company::default() }).map(drop),
        crm.selection_save("", "X", &[reference(RecordKind::Person, "gone")]).map(drop),
    ] {
        assert!(matches!(gone, Err(CrmError::NotFound)), "{gone:?}");
    }
    let change = CompanyChange { city: Some("Oslo".into()), ..CompanyChange::default() };
    assert_eq!(crm.company_change("c1", change).await.unwrap().domains, ["fjordlys.no"], "what is not named stays");
}

#[tokio::test]
async fn a_record_goes_with_what_hangs_on_it_alone() {
    let (_folder, crm) = crm();
    let mail = |id: &str, records: &[(RecordKind, &str)]| ArchiveMail {
        message_id: id.into(),
        records: records.iter().map(|(kind, id)| Record::new(*kind, id, "")).collect(),
        ..ArchiveMail::default()
    };
    let both = mail("both@x", &[(RecordKind::Company, "c1"), (RecordKind::Person, "p1")]);
    let both = crm.archive(both).await.unwrap().activity;
    let alone = mail("alone@x", &[(RecordKind::Company, "c1"), (RecordKind::Sale, "s1")]);
    crm.archive(alone).await.unwrap();
    let call = FollowUp { title: "Call".into(), company: "c1".into(), ..FollowUp::default() };
    crm.follow_up_create(call.clone()).await.unwrap();
    let theirs = crm.follow_up_create(FollowUp { person: "p1".into(), ..call }).await.unwrap();
    let members = [reference(RecordKind::Company, "c1"), reference(RecordKind::Person, "p1")];
    let list = crm.selection_save("", "Autumn", &members).unwrap();
    assert!(crm.selected(&list.id, &members[0]).unwrap());

    crm.delete(&members[0]).unwrap();
    assert!(matches!(crm.delete(&members[0]), Err(CrmError::NotFound)));
    let maja = crm.person("p1").unwrap();
    assert!(maja.company.is_none() && maja.emails.len() == 2, "people stay");
    assert!(matches!(crm.sale("s1"), Err(CrmError::NotFound)), "a sale of nobody else goes");
    assert!(matches!(crm.project("j1"), Err(CrmError::NotFound)));
    assert!(crm.archived("alone@x").await.unwrap().is_none(), "on the company and its sale alone");
    let there = crm.archived("both@x").await.unwrap().unwrap();
    assert_eq!((there.activity, there.records), (both, vec![members[1].clone()]), "on its other record still");
    let open = crm.follow_ups_open(9).unwrap();
    assert_eq!((open.len(), open[0].id.as_str(), open[0].company.as_str()), (1, theirs.id.as_str(), ""));
    assert!(crm.search("fjordlys energi", 9).unwrap().is_empty());
    assert!(crm.companies_by_domain("fjordlys.no").unwrap().is_empty());
    assert_eq!(crm.selections().unwrap()[0].members, Some(1));
    assert_eq!(crm.selection_members(&list.id).unwrap(), members[1..]);
    crm.selection_delete(&list.id).unwrap();
    assert!(crm.selections().unwrap().is_empty() && crm.person("p1").is_ok());
}

#[tokio::test]
async fn a_file_is_kept_once_by_its_key() {
    let (_folder, crm) = crm();
    let file = |records: &[(RecordKind, &str)]| crate::Document {
        name: "offer.pdf".into(),
        mime: "application/pdf".into(),
        bytes: b"%PDF".to_vec(),
        date: 7,
        key: "m1@x#2".into(),
        records: records.iter().map(|(kind, id)| Record::new(*kind, id, "")).collect(),
        ..crate::Document::default()
    };
    let first = crm.document(file(&[(RecordKind::Company, "c1")])).await.unwrap();
    let second = crm.document(file(&[(RecordKind::Person, "p1")])).await.unwrap();
    assert!(!first.already && second.already && first.activity == second.activity);
    assert_eq!(crm.activities(RecordKind::Person, "p1", 9).unwrap()[0].title, "offer.pdf");
    let held: Vec<u8> =
        crm.lock().query_row("SELECT eml FROM activity WHERE file = 'm1@x#2'", [], |row| row.get(0)).unwrap();
    assert_eq!(zstd::decode_all(held.as_slice()).unwrap(), b"%PDF");
    let gone = crm.document(file(&[(RecordKind::Sale, "gone")])).await;
    assert!(matches!(gone, Err(CrmError::NotFound)), "{gone:?}");
}

#[test]
fn a_list_by_name_is_read_a_page_at_a_time_by_an_index() {
    let (_folder, crm) = crm();
    let people: Vec<SeedPerson> = (0..250)
        .map(|at| SeedPerson {
            id: format!("x{at}"),
            // Several of one name, on both sides of a page's end.
            name: format!("{} Nr{:03}", if at % 2 == 0 { "anna" } else { "Anna" }, at / 3),
            company: "c1".into(),
            ..SeedPerson::default()
        })
        .collect();
    crm.import(&Seed { people, ..Seed::default() }).unwrap();
    for (query, count) in [("", 253), ("ann", 250), ("anna nr01", 30)] {
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = crm.browse(RecordKind::Person, query, &after, 20).unwrap();
            let Some(last) = page.last() else { break };
            after = last.key();
            seen.extend(page);
        }
        assert_eq!(seen.len(), count, "{query}");
        let mut ids: Vec<&str> = seen.iter().map(|one| one.record.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "{query}: one twice");
        assert!(seen.is_sorted_by_key(|one| one.record.name.to_ascii_lowercase()));
    }
    assert_eq!(crm.browse(RecordKind::Sale, "renewal", "", 9).unwrap()[0].hint, "Fjordlys Energi AS · Negotiation");
    let plan: String = crm
        .lock()
        .query_row(
            "EXPLAIN QUERY PLAN SELECT id FROM person t
             WHERE t.name COLLATE NOCASE >= 'a' AND (t.name COLLATE NOCASE > 'a' OR t.id > 'b')
             ORDER BY t.name COLLATE NOCASE, t.id LIMIT 20",
            [],
            |row| row.get(3),
        )
        .unwrap();
    assert!(plan.contains("SEARCH") && plan.contains("person_name"), "{plan}");
}
