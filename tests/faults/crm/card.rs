//! The account's address and the one on its person's own card in the CRM: the difference is shown, repaired or accepted, also
//! where the CRM refuses, and where somebody else changes the card meanwhile.

use super::{Salesperson, real::TrytonThere, there::SuperOfficeThere};
use clientele_engine::{AddressCheck, AddressState, Engine};
use clientele_tests::world::superoffice::Fault;
use serde_json::{Value, json};

/// Kari's card in the double.
const CARD: u64 = 900_005;

async fn check(engine: &Engine) -> AddressCheck {
    let mut checks = engine.address_checks().await.unwrap();
    assert_eq!(checks.len(), 1);
    checks.remove(0)
}

fn refused(status: u16, times: u32, body: Value) -> Fault {
    Fault { method: "PATCH", path: "^v1/Person/", times, status, body, ..Fault::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_with_another_address_is_repaired_or_accepted_and_says_why_where_it_is_not() {
    let there = SuperOfficeThere::start();
    let (kari, engine) = Salesperson::new(&there, false).await;
    let card = |emails: &[&str]| {
        let emails: Vec<Value> = emails.iter().map(|email| json!({ "Value": email })).collect();
        there.double.put("Person", json!({ "PersonId": CARD, "Emails": emails }), 6).unwrap();
    };
    let first = check(&engine).await;
    assert_eq!((first.state, first.repairable), (AddressState::Differs, true));
    assert_eq!((first.email.as_str(), first.card.as_str()), (kari.person.email.as_str(), "kari@nord.example"));

    let words =
        json!({ "Error": true, "ErrorType": "SoSentryException", "ErrorMessage": "You may not change persons" });
    there.double.fault(&refused(403, 1, words)).unwrap();
    let no = engine.address_repair(kari.account).await.unwrap_err();
    assert_eq!(no.code(), "crm_forbidden");
    assert!(no.to_string().contains("You may not change persons"), "which right: {no}");
    assert_eq!(check(&engine).await, first, "nothing was changed");

    // Somebody changes the card in the same moment, twice: theirs is shown beside one's own.
    card(&["kari.nord@nord.example"]);
    let meanwhile = json!({ "Error": true, "ErrorType": "SoPreconditionFailed", "ErrorMessage": "Changed since" });
    there.double.fault(&refused(412, 2, meanwhile.clone())).unwrap();
    assert_eq!(engine.address_repair(kari.account).await.unwrap_err().code(), "crm_conflict");
    let theirs = check(&engine).await;
    assert_eq!((theirs.state, theirs.card.as_str()), (AddressState::Differs, "kari.nord@nord.example"));

    // The difference is right, until either address becomes another.
    engine.address_accept(kari.account).await.unwrap();
    assert_eq!(check(&engine).await.state, AddressState::Accepted);
    engine.stop().await;
    card(&["kari.ny@nord.example"]);
    let engine = kari.open().await;
    assert_eq!(check(&engine).await.state, AddressState::Accepted);
    engine.crm_refresh().await.unwrap();
    assert_eq!(check(&engine).await.state, AddressState::Differs, "of another address nobody has said so");

    // Once is no reason to give up: one's own comes first, and what was there stays.
    there.double.fault(&refused(409, 1, meanwhile)).unwrap();
    engine.address_repair(kari.account).await.unwrap();
    assert_eq!(check(&engine).await.state, AddressState::Fits);
    engine.stop().await;
    let engine = kari.open().await;
    engine.crm_refresh().await.unwrap();
    let after = check(&engine).await;
    assert_eq!((after.state, after.card), (AddressState::Fits, kari.person.email.clone()), "there too");
    engine.stop().await;
}

/// Tryton's users change their addresses elsewhere: the difference is shown, and can be accepted.
#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_cannot_be_changed_from_here_is_compared_all_the_same() {
    let there = TrytonThere::start();
    let (kari, engine) = Salesperson::new(&there, false).await;
    let first = check(&engine).await;
    assert_eq!((first.state, first.repairable), (AddressState::Differs, false));
    assert_eq!(first.card, "kari@nord.example");
    assert_eq!(engine.address_repair(kari.account).await.unwrap_err().code(), "crm_cannot");
    engine.address_accept(kari.account).await.unwrap();
    assert_eq!(check(&engine).await.state, AddressState::Accepted);
    engine.stop().await;
}
