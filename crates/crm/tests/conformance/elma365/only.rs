//! What only ELMA365 has: its token, its apps, its lists, its feeds.

use super::{CONTACTS, CONTRACTS, Kept, MAILS, Tenant, config, contact, fault, mirrored};
use crate::{Bench as _, mails, record, refresh};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use clientele_crm::{
    ArchiveMail, Capability, CompanyChange, CrmError, Document, Remote as _, SaleChange, Why,
    adapter::elma365::{Config, Elma365, Mails, Setup},
};
use clientele_model::{RecordKind, RecordRef};
use clientele_tests::world::elma365::{Fault, KARI, OLA};
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[tokio::test]
async fn a_token_goes_once_and_to_the_configured_server_only() {
    let tenant = Tenant::start();
    tenant.crm().me().await.unwrap();
    assert!(tenant.double.requests().unwrap().iter().all(|one| one.tokens == 1), "one header");

    // Who one is, also where users are not shown.
    let kari = tenant.crm().me().await.unwrap();
    assert_eq!(kari.name, "Kari Nord");
    let body = json!({ "success": false, "error": "access denied" });
    tenant.double.fault(&Fault { body, ..fault("POST", "^user/list$", 403) }).unwrap();
    let by_id = tenant.remote(Config { user: kari.id.clone(), ..config(&tenant.double) });
    assert_eq!(by_id.me().await.unwrap().id, kari.id);

    let wrong = Elma365::new(&tenant.net, Setup { config: config(&tenant.double), sign_in: Kept::new("wrong") });
    tenant.double.well().unwrap();
    assert!(matches!(wrong.me().await, Err(CrmError::SignInAgain)));
    assert_eq!(tenant.double.requests().unwrap().len(), 1, "a refused token is shown once");

    let headers = BTreeMap::from([("location", format!("{}/elsewhere", tenant.double.server()))]);
    tenant.double.fault(&Fault { headers, ..fault("", "", 307) }).unwrap();
    tenant.double.well().unwrap();
    let headers = BTreeMap::from([("location", format!("{}/elsewhere", tenant.double.server()))]);
    tenant.double.fault(&Fault { headers, ..fault("", "", 307) }).unwrap();
    assert!(matches!(tenant.remote(config(&tenant.double)).me().await, Err(CrmError::Unexpected(_))));
    assert_eq!(tenant.double.requests().unwrap().len(), 1, "a redirect is not followed");

    for server in ["http://firma.elma365.eu", "https://a:b@firma.elma365.eu", "ftp://firma.elma365.eu"] {
        let elsewhere = tenant.remote(Config { server: server.into(), ..Config::default() });
        assert!(matches!(elsewhere.me().await, Err(CrmError::ServerNotAllowed)), "{server}");
    }
}

#[tokio::test]
async fn failures_in_an_answer_of_200_are_failures() {
    let tenant = Tenant::start();
    let said =
        |error: &str| Fault { body: json!({ "success": false, "error": error }), ..fault("POST", "create$", 200) };
    let at = tenant.company("Feil AS", "feil.example");
    for (number, words) in ["access denied: insert", "process has stopped with an error"].into_iter().enumerate() {
        // A refusal is looked at once more, without what might have been taken already.
        tenant.double.fault(&Fault { times: 2, ..said(words) }).unwrap();
        let mut mail = mails::mail(&format!("failure-{number}@x.example"), vec![mails::company(&at)], false, 0);
        mail.repeated = true;
        match tenant.crm().archive(mail).await {
            Err(CrmError::Forbidden { right }) => assert!(number == 0 && right.contains("insert")),
            Err(CrmError::Refused(words)) => assert!(number == 1 && words.contains("process")),
            other => panic!("{other:?}"),
        }
        tenant.well();
    }
}

#[tokio::test]
async fn what_an_administrator_chose_is_linked_and_leads_are_sales_of_their_own() {
    let tenant = Tenant::start();
    let crm = tenant.crm();
    let at = tenant.company("Valg AS", "valg.example");
    let contract = tenant.put(CONTRACTS, json!({ "__name": "Avtale 12", "klient": [at] }));
    let budget = json!({ "cents": 5000, "currency": "NOK" });
    let lead = tenant.put("_clients/_leads", json!({ "__name": "Kanskje", "_companies": [at], "_budget": budget }));
    refresh(&*crm).await.unwrap();
    let projects = crm.open_projects(&at).unwrap();
    assert_eq!(
        (projects[0].id.clone(), projects[0].name.as_str()),
        (format!("dogovory.contracts:{contract}"), "Avtale 12 (Kontrakt)")
    );
    let open = crm.open_sales(RecordKind::Company, &at).unwrap();
    assert_eq!(
        (open[0].id.clone(), open[0].amount, open[0].currency.as_str()),
        (format!("_clients._leads:{lead}"), 5000, "NOK")
    );
    assert_eq!((open[0].stage.as_str(), open[0].stage_index, open[0].stage_count), ("New", 1, 4));

    let on = vec![record(RecordKind::Project, &projects[0].id), record(RecordKind::Sale, &open[0].id)];
    crm.archive(mails::mail("chosen@x.example", on, true, 1)).await.unwrap();
    let mails = tenant.double.items(MAILS).unwrap();
    let held = mails.iter().find(|one| one["message_id"] == "chosen@x.example").unwrap();
    assert_eq!((&held["contract"], &held["lead"], &held["deal"]), (&json!([contract]), &json!([lead]), &Value::Null));
    assert_eq!(
        (&held["sender"], &held["direction"][0]["code"]),
        (&json!("Maja <maja@fjordlys.example>"), &json!("out"))
    );
    let there = crm.archived("chosen@x.example").await.unwrap().unwrap();
    assert_eq!(there.by, "Kari Nord");
    let mut ids: Vec<_> = there.records.iter().map(|one| one.id.clone()).collect();
    ids.sort();
    assert_eq!(ids, [open[0].id.clone(), projects[0].id.clone()]);

    let stages = crm.stages(&open[0].id).await.unwrap();
    assert_eq!(
        stages.iter().map(|one| (one.id.as_str(), one.open)).collect::<Vec<_>>(),
        [("new", true), ("offer", true), ("won", false), ("lost", false)]
    );
    let change = SaleChange { stage: Some("won".into()), amount: Some(700), ..SaleChange::default() };
    let won = crm.sale_change(&open[0].id, change).await.unwrap();
    assert_eq!((won.stage.as_str(), won.amount, won.open), ("Won", 700, false));
    let city = CompanyChange { city: Some("Bergen".into()), phone: Some("+47 55".into()), ..CompanyChange::default() };
    let moved = crm.company_change(&at, city).await.unwrap();
    assert_eq!((moved.city.as_str(), moved.phone.as_str()), ("Bergen", "+47 55"));
    let page = crm.page(&RecordRef { kind: RecordKind::Company, id: at.clone() }).unwrap();
    assert!(page.ends_with(&format!("/_clients/_companies(p:item/_clients/_companies/{at})")), "{page}");
}

#[tokio::test]
async fn a_single_attachment_is_there_once_also_after_a_lost_answer() {
    let tenant = Tenant::start();
    let crm = tenant.crm();
    let at = tenant.company("Vedlegg AS", "vedlegg.example");
    let mut file = Document {
        name: "../Tilbud \"1\".pdf".into(),
        mime: "application/pdf\r\nX: y".into(),
        bytes: vec![b'x'; 6_000_000],
        date: 1_790_000_000,
        key: "doc@x.example#2".into(),
        records: vec![mails::company(&at)],
        ..Document::default()
    };
    tenant.double.fault(&Fault { lost: true, ..fault("POST", "^disk/directory/.*/upload$", 0) }).unwrap();
    assert!(matches!(crm.document(file.clone()).await, Err(CrmError::Unavailable(_))));
    file.repeated = true;
    let kept = crm.document(file.clone()).await.unwrap();
    assert!(!kept.already);
    file.repeated = false;
    assert!(crm.document(file.clone()).await.unwrap().already);
    let there = tenant.double.items("pochta/files").unwrap();
    assert_eq!((there.len(), &there[0]["__name"], &there[0]["company"]), (1, &json!(file.name), &json!([at])));
    assert_eq!(BASE64_STANDARD.decode(there[0]["Bytes"][0].as_str().unwrap()).unwrap(), file.bytes);
    crm.look_again(RecordRef { kind: RecordKind::Company, id: at.clone() }).await.unwrap();
    assert_eq!(crm.activities(RecordKind::Company, &at, 5).unwrap()[0].id, kept.activity);
    crm.unarchive(kept.activity).await.unwrap();
    assert_eq!(tenant.double.items("pochta/files").unwrap()[0]["company"], json!([]));
}

#[tokio::test]
async fn what_was_deleted_goes_with_the_next_look_and_a_list_that_changes_loses_nothing() {
    let tenant = Tenant::start();
    let crm = tenant.crm();
    let at = tenant.company("Liste AS", "liste.example");
    let one = |number: usize| contact(&format!("L{number}"), &[&format!("l{number}@liste.example")], &at);
    for number in 0..20 {
        tenant.put(CONTACTS, one(number));
    }
    tenant.double.import(CONTACTS, &(20..250).map(one).collect::<Vec<_>>()).unwrap();
    let ids: Vec<String> =
        tenant.double.items(CONTACTS).unwrap().iter().map(|one| one["__id"].as_str().unwrap().into()).collect();
    // While it is read, some that were read change: by skipping, as many of the next page would be passed over.
    let mut steps = 0;
    loop {
        let step = crm.refresh().await.unwrap();
        if (1..6).contains(&steps) {
            for id in &ids[10 * steps..10 * steps + 10] {
                tenant.double.put(CONTACTS, Some(id), json!({ "_position": "CEO" }), OLA).unwrap();
            }
        }
        steps += 1;
        if step.done {
            break;
        }
    }
    let asked = tenant.double.requests().unwrap().len();
    assert!(asked < 30, "{asked} requests for 250 people");
    for number in 0..250 {
        let found = crm.people_by_email(&format!("l{number}@liste.example")).unwrap();
        assert_eq!(found.len(), 1, "{number} of {steps} steps");
    }
    tenant.double.remove(CONTACTS, &ids[7]).unwrap();
    tenant.double.wish(json!({ "coarse": true })).unwrap();
    let (.., gone) = refresh(&*crm).await.unwrap();
    assert_eq!((gone, crm.people_by_email("l7@liste.example").unwrap().len()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_colleagues_who_archive_one_mail_at_once_have_it_there_once() {
    let tenant = Tenant::start();
    tenant.double.issue("ola-1", OLA).unwrap();
    let at = tenant.company("Samtidig AS", "samtidig.example");
    let of = |user: &str, token: &str| {
        let config = Config { user: user.into(), ..config(&tenant.double) };
        Elma365::new(&tenant.net, Setup { config, sign_in: Kept::new(token) })
    };
    let (kari, ola) = (of(KARI, "kari-1"), of(OLA, "ola-1"));
    for round in 0..10 {
        // Whether `__externalId` must be the only one of its kind, nobody says: it must not matter.
        tenant.double.wish(json!({ "unique": round % 2 == 0 })).unwrap();
        let id = format!("race-{round}@x.example");
        let mail = mails::mail(&id, vec![mails::company(&at)], false, 1);
        let (one, two) = tokio::join!(kari.archive(mail.clone()), ola.archive(mail));
        let (one, two) = (one.unwrap(), two.unwrap());
        assert_eq!(one.activity, two.activity, "both are told of the same");
        assert!(one.already != two.already, "and who was first: {one:?} {two:?}");
        let held = tenant.held(&id);
        assert_eq!(held.len(), 1);
        assert!(held[0].bytes.is_some(), "with its bytes");
    }
}

#[tokio::test]
async fn without_an_app_for_mails_they_are_told_of_in_the_feeds_once() {
    let tenant = Tenant::start();
    let feed = Config { mails: Mails::Feed, targets: Vec::new(), follow_ups: None, ..config(&tenant.double) };
    let crm = mirrored(&tenant.net, feed, tenant.sign_in.clone(), &tenant.folder, "feed.db");
    let can = crm.capabilities();
    assert_eq!(can.why_not(Capability::MailFile), Some(Why::NotOffered));
    assert_eq!(can.why_not(Capability::FindArchived), Some(Why::NotOffered));
    assert_eq!(can.why_not(Capability::FollowUps), Some(Why::NotGranted));
    let at = tenant.company("Strøm AS", "strom.example");
    let person = tenant.person("S", &["s@strom.example"], &at);
    let mail = mails::mail("feed@x.example", vec![mails::company(&at)], false, 1);
    tenant.double.fault(&Fault { lost: true, ..fault("POST", "^feed/.*/message$", 0) }).unwrap();
    assert!(matches!(crm.archive(mail.clone()).await, Err(CrmError::Unavailable(_))));
    let mut more = mail.clone();
    more.repeated = true;
    more.records.push(record(RecordKind::Person, &person));
    assert!(!crm.archive(more.clone()).await.unwrap().already, "one's own");
    more.repeated = false;
    assert!(crm.archive(more).await.unwrap().already);
    for id in [&at, &person] {
        let told = tenant.double.feed(id).unwrap();
        assert_eq!(told.len(), 1);
        let body = told[0]["body"].as_str().unwrap();
        assert!(
            body.contains("Tilbud: \"kabel\" ‹b›1/2‹/b›") && body.ends_with("Message-ID: feed@x.example"),
            "{body}"
        );
    }
    assert!(matches!(crm.archived("feed@x.example").await, Err(CrmError::Cannot(Capability::FindArchived, _))));
}

/// A gateway gave up waiting: the CRM may take the mail in a moment after.
#[tokio::test]
async fn what_may_be_under_way_still_is_left_alone_for_a_while() {
    let tenant = Tenant::start();
    let crm = tenant.crm();
    let at = tenant.company("Treg AS", "treg.example");
    tenant.double.fault(&fault("POST", "mails/create$", 504)).unwrap();
    let said = crm.archive(mails::mail("slow@x.example", vec![mails::company(&at)], false, 0)).await;
    assert!(matches!(said, Err(CrmError::Late)), "{said:?}");
    assert!(said.is_err_and(|error| error.again_in(0) >= Some(15)));
}

/// What is searched may be shown some seconds after it was made, and nobody says how many.
#[tokio::test]
async fn a_search_that_lags_behind_makes_no_second_mail_after_a_lost_answer() {
    let tenant = Tenant::start();
    let crm = tenant.crm();
    let at = tenant.company("Sen AS", "sen.example");
    for (number, unique) in [true, false].into_iter().enumerate() {
        tenant.double.wish(json!({ "lag": 2500, "unique": unique })).unwrap();
        let id = format!("lag-{number}@x.example");
        let mut mail = mails::mail(&id, vec![mails::company(&at)], false, 1);
        tenant.double.fault(&Fault { lost: true, ..fault("POST", "mails/create$", 0) }).unwrap();
        assert!(matches!(crm.archive(mail.clone()).await, Err(CrmError::Unavailable(_))));
        mail.repeated = true;
        let mut came = crm.archive(mail.clone()).await;
        // As the queue does.
        while came.as_ref().is_err_and(|error| error.again_in(1).is_some()) {
            came = crm.archive(mail.clone()).await;
        }
        let came = came.unwrap();
        assert!(!came.already, "one's own");
        let held = tenant.held(&id);
        assert_eq!(held.len(), 1, "a second one was made, unique: {unique}");
        assert_eq!(held[0].bytes.as_ref(), Some(&mail.eml));
        tenant.well();
    }
}

/// A refusal may be because of what stands there already: it is asked about once more before it counts.
#[tokio::test]
async fn a_mail_that_was_refused_is_looked_for_again_before_it_is_sent_without_its_name() {
    let tenant = Tenant::start();
    let crm = tenant.crm();
    let at = tenant.company("Nektet AS", "nektet.example");
    let mail = mails::mail("refused@x.example", vec![mails::company(&at)], false, 0);
    let taken = json!({ "success": false, "error": "item with external id already exists" });
    tenant.double.fault(&Fault { body: taken.clone(), times: 2, ..fault("POST", "mails/create$", 400) }).unwrap();
    let first = crm.archive(mail.clone()).await;
    assert!(matches!(first, Err(CrmError::Unavailable(_))), "{first:?}");
    // Taken back once, and remembered by the CRM: nothing is found, however often one looks.
    let again = crm.archive(ArchiveMail { repeated: true, ..mail }).await.unwrap();
    let there = tenant.double.items(MAILS).unwrap();
    let own: Vec<_> = there.iter().filter(|one| one["message_id"] == "refused@x.example").collect();
    assert_eq!((own.len(), own[0]["__id"].as_str()), (1, Some(again.activity.as_str())));
    assert_eq!(own[0]["__externalId"], Value::Null, "without what the CRM does not take twice");
}
