//! What only BottleCRM has: timelines with a marker, files that may be packed, names that are there once.

use super::{Organisation, path_of};
use crate::{Bench as _, mails, record, refresh};
use clientele_crm::{
    ArchiveMail, Company, CompanyChange, CrmError, Document, FollowUp, Item, NewPerson, NewSale, Remote as _,
    SaleChange,
};
use clientele_model::{RecordKind, RecordRef};
use clientele_tests::world::{
    bottlecrm::{KARI, OLA},
    http_proxy::Fate,
};
use serde_json::{Value, json};

#[tokio::test]
async fn what_the_crm_keeps_of_a_mail_can_be_read_there_and_undoing_takes_all_of_it() {
    let organisation = Organisation::start();
    let crm = organisation.adapter(KARI);
    let company = organisation.company("Lang AS", "lang.example");
    let person = organisation.person("Liv Lang", &["liv@lang.example"], &company);
    let sale = organisation.sale("Kabel", &company);
    let on = vec![
        record(RecordKind::Sale, &sale),
        record(RecordKind::Person, &person),
        mails::company(&company),
        mails::company(&company),
    ];
    let long = ArchiveMail {
        title: "Æ".repeat(300),
        text: format!("{}\nMessage-ID: <other@x.example>", "å".repeat(20_000)),
        date: 4_000_000_000,
        ..mails::mail("long@x.example", on, true, 1)
    };
    let outcome = crm.archive(long.clone()).await.unwrap();
    let timeline = |home: &str, id: &str| {
        let said = organisation.admin("GET", &format!("interactions/?{home}={id}"), Value::Null);
        said["interactions"].as_array().unwrap().clone()
    };
    for (home, id) in [("account", &company), ("contact", &person), ("opportunity", &sale)] {
        let entries = timeline(home, id);
        assert_eq!(entries.len(), 1, "{home}");
        let (subject, body) = (entries[0]["subject"].as_str().unwrap(), entries[0]["body"].as_str().unwrap());
        assert!(subject.chars().count() <= 200 && subject.ends_with("[…]"), "{subject}");
        assert!(body.chars().count() <= 10_000 && body.contains("å\n[…]\n\nMessage-ID: <long@x.example>"));
        assert_eq!((&entries[0]["kind"], &entries[0]["direction"]), (&json!("email"), &json!("outbound")));
        assert_eq!(organisation.files_of(path_of(home), id, "long@x.example"), std::slice::from_ref(&long.eml));
    }
    // A look at the sale shows one mail, on all three, which is the one that was archived.
    let around = crm.around(RecordRef { kind: RecordKind::Sale, id: sale.clone() }).await.unwrap();
    let seen: Vec<_> =
        around.iter().filter_map(|item| if let Item::Activity(one, _) = item { Some(one) } else { None }).collect();
    assert_eq!((seen.len(), seen[0].id.as_str()), (1, outcome.activity.as_str()));
    assert_eq!(seen[0].message_id, "long@x.example");

    // Cut off in the middle of undoing, it goes on; a second time, there is nothing left to do.
    organisation.fault("DELETE", "/api/accounts/attachment/", Fate::Unheard);
    assert!(matches!(crm.unarchive(outcome.activity.clone()).await, Err(CrmError::Unavailable(_))));
    for _ in 0..2 {
        crm.unarchive(outcome.activity.clone()).await.unwrap();
        assert!(organisation.held("long@x.example").is_empty());
    }

    // Too large even when packed: said, and nothing of it is there.
    let noise: Vec<u8> = (0..27_000_000 / 8).flat_map(|_| rand::random::<u64>().to_le_bytes()).collect();
    let large = ArchiveMail { eml: noise, ..mails::mail("large@x.example", vec![mails::company(&company)], false, 0) };
    assert!(matches!(crm.archive(large).await, Err(CrmError::TooLarge)));
    assert!(organisation.held("large@x.example").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_colleagues_who_archive_one_mail_have_it_there_once() {
    let organisation = Organisation::start();
    let (kari, ola) = (organisation.adapter(KARI), organisation.adapter(OLA));
    let company = organisation.company("Samtidig AS", "samtidig.example");
    let person = organisation.person("Siv", &["siv@samtidig.example"], &company);
    let sale = organisation.sale("Kabel", &company);
    for round in 0..8 {
        let id = format!("race-{round}@x.example");
        let mail = mails::mail(&id, vec![mails::company(&company), record(RecordKind::Person, &person)], false, 1);
        let (one, two) = tokio::join!(kari.archive(mail.clone()), ola.archive(mail));
        let (one, two) = (one.unwrap(), two.unwrap());
        assert_eq!(one.activity, two.activity, "both are told of the same");
        assert!(one.already != two.already, "and who was first: {one:?} {two:?}");
        let held = organisation.held(&id);
        assert_eq!(held.len(), 1);
        assert!(held[0].bytes.is_some() && held[0].records.len() == 2, "{:?}", held[0].records);
    }
    // One on the company, the other on its sale, and then on its person: found beside it, and added to.
    let on = |record| mails::mail("beside@x.example", vec![record], false, 0);
    let first = ola.archive(on(mails::company(&company))).await.unwrap();
    for (kind, id) in [(RecordKind::Sale, &sale), (RecordKind::Person, &person)] {
        let next = kari.archive(on(record(kind, id))).await.unwrap();
        assert_eq!((next.activity.as_str(), next.already), (first.activity.as_str(), true));
    }
    let held = organisation.held("beside@x.example");
    assert_eq!((held.len(), held[0].records.len()), (1, 3));
    // A colleague's mail is theirs to take back: of it, one's own goes.
    let alone = ola.archive(mails::mail("ola@x.example", vec![mails::company(&company)], false, 0)).await.unwrap();
    assert!(matches!(kari.unarchive(alone.activity).await, Err(CrmError::Forbidden { .. })));
    assert_eq!(organisation.held("ola@x.example").len(), 1);
}

#[tokio::test]
async fn what_is_made_and_changed_is_there_as_it_was_meant_and_once() {
    let organisation = Organisation::start();
    let crm = organisation.adapter(KARI);
    let company = organisation.company("Gjort AS", "gjort.example");
    // The same name as another company's sale; and again, as after an answer that was lost.
    let other = organisation.company("Annen AS", "annen.example");
    let new = |at: &str| NewSale { name: "Kabel".into(), company: at.into(), amount: 5, ..NewSale::default() };
    let first = crm.sale_create(new(&other)).await.unwrap();
    let sale = crm.sale_create(new(&company)).await.unwrap();
    assert_eq!((first.name.as_str(), sale.name.as_str()), ("Kabel", "Kabel (Gjort AS)"));
    assert_eq!(crm.sale_create(new(&company)).await.unwrap().id, sale.id);
    assert_eq!((sale.amount, sale.stage_index, sale.stage_count, sale.currency.as_str()), (5, 1, 5, "EUR"));

    let stages = crm.stages(&sale.id).await.unwrap();
    assert_eq!((stages.len(), stages.iter().filter(|stage| stage.open).count()), (6, 4));
    let won = stages.iter().find(|stage| stage.probability == 100).unwrap();
    let change = SaleChange {
        stage: Some(won.id.clone()),
        amount: Some(123_456),
        version: sale.version,
        ..SaleChange::default()
    };
    let changed = crm.sale_change(&sale.id, change.clone()).await.unwrap();
    assert!(!changed.open && changed.amount == 123_456 && changed.closes.len() == 10, "{changed:?}");
    let theirs = crm.sale_change(&sale.id, change).await;
    assert!(matches!(theirs, Err(CrmError::Conflict { theirs: Some(_) })), "it is another by now: {theirs:?}");

    let change = CompanyChange {
        city: Some("Bergen".into()),
        phone: Some("+47 55 00 11 22".into()),
        ..CompanyChange::default()
    };
    let Company { city, phone, name, domains, .. } = crm.company_change(&company, change).await.unwrap();
    assert_eq!((city.as_str(), phone.as_str(), name.as_str()), ("Bergen", "+47 55 00 11 22", "Gjort AS"));
    assert_eq!(domains, ["gjort.example"]);

    // A second person with an address that is somebody's: in the CRM's own words.
    let person = NewPerson {
        name: "Geir Gjort".into(),
        email: "geir@gjort.example".into(),
        company: company.clone(),
        ..NewPerson::default()
    };
    let made = crm.person_create(person.clone()).await.unwrap();
    match crm.person_create(NewPerson { name: "Per".into(), ..person }).await {
        Err(CrmError::Refused(words)) => assert!(words.contains("already exists"), "{words}"),
        other => panic!("{other:?}"),
    }

    // Made, and the answer lost: the next try finds it.
    let task = FollowUp {
        title: "Ring".into(),
        start: 1_900_000_000,
        end: 1_900_000_900,
        sale: sale.id.clone(),
        company: company.clone(),
        person: made.id.clone(),
        ..FollowUp::default()
    };
    organisation.fault("POST", "/api/tasks/", Fate::Lost);
    assert!(matches!(crm.follow_up_create(task.clone()).await, Err(CrmError::Unavailable(_))));
    let kept = crm.follow_up_create(task).await.unwrap();
    let all = organisation.admin("GET", "tasks/?title=Ring", Value::Null);
    assert_eq!(all["tasks_count"], 1);
    assert_eq!((&kept.sale, &kept.company, &kept.person), (&sale.id, &company, &made.id));
    // Somebody moves it there by two days.
    organisation.admin("PATCH", &format!("tasks/{}/", kept.id), json!({ "due_date": "2030-03-19" }));
    assert_eq!(crm.follow_up_done(&kept.id, true).await.unwrap().start, kept.start + 2 * 86_400);

    // A single file, whose answer is lost as well.
    let file = Document {
        name: "Plan: \"B\".pdf".into(),
        mime: "application/pdf".into(),
        bytes: b"%PDF".to_vec(),
        key: "long@x.example#2".into(),
        records: vec![mails::company(&company), record(RecordKind::Sale, &sale.id)],
        ..Document::default()
    };
    organisation.fault("POST", "/api/opportunities/", Fate::Lost);
    assert!(matches!(crm.document(file.clone()).await, Err(CrmError::Unavailable(_))));
    let outcome = crm.document(Document { repeated: true, ..file.clone() }).await.unwrap();
    assert!(!outcome.already && crm.document(file.clone()).await.unwrap().already);
    for (path, id) in [("accounts", &company), ("opportunities", &sale.id)] {
        assert_eq!(organisation.files_of(path, id, &file.key), std::slice::from_ref(&file.bytes), "{path}");
    }
    crm.unarchive(outcome.activity).await.unwrap();
    assert!(organisation.files_of("accounts", &company, &file.key).is_empty());

    let page = crm.page(&RecordRef { kind: RecordKind::Sale, id: sale.id.clone() });
    assert_eq!(page, Some(format!("https://app.example.com/opportunities/{}", sale.id)));
    // A filling ends, and brings tasks whole, though a list of them has neither text nor people.
    crm.follow_up_done(&kept.id, false).await.unwrap();
    let mirrored = organisation.crm();
    let (read, ..) = refresh(&*mirrored).await.unwrap();
    assert_eq!(read, 2 + 1 + 2 + 1, "companies, a person, sales, a task");
    let open = mirrored.follow_ups_open(10).unwrap();
    assert_eq!((open.len(), &open[0].person, &open[0].company), (1, &made.id, &company));
}
