//! The mails with somebody.

use crate::*;
use clientele_model::Address;

#[test]
fn mails_with_an_address_are_those_that_have_it_and_no_others() {
    let world = World::new();
    let mail = |uid: u32, id: &str, from: &str, to: &str, cc: &str| NewMessage {
        message_id: id.into(),
        from: Address::new("", from),
        to: vec![Address::new("", to)],
        cc: vec![Address::new("", cc)],
        ..crate::mail(uid, NOW + i64::from(uid) * 60, id)
    };
    let kari = "kari@nord.example";
    world.insert(FolderRole::Inbox, mail(1, "from@x", "Maja@Fjordlys.example", kari, kari));
    world.insert(FolderRole::Inbox, mail(2, "cc@x", "a@b.example", kari, "maja@fjordlys.example"));
    // The same words side by side, and other addresses.
    world.insert(FolderRole::Inbox, mail(3, "longer@x", "anna.maja@fjordlys.example", kari, kari));
    world.insert(FolderRole::Inbox, mail(4, "behind@x", "maja@fjordlys.example.evil.example", kari, kari));
    world.insert(FolderRole::Sent, mail(1, "to@x", kari, "maja@fjordlys.example", kari));
    // A copy of one mail in another folder.
    world.insert(FolderRole::Sent, mail(2, "cc@x", "a@b.example", kari, "maja@fjordlys.example"));
    world.insert(FolderRole::Inbox, mail(5, "second@x", "maja@privat.example", kari, kari));
    let with = |emails: &[&str], limit| -> Vec<String> {
        let emails: Vec<String> = emails.iter().map(|one| (*one).to_owned()).collect();
        let rows = world.store.mails_with(&emails, limit).unwrap();
        assert!(rows.is_sorted_by_key(|row| std::cmp::Reverse(row.date)), "the newest first");
        rows.into_iter().map(|row| row.message_id).collect()
    };
    let mut found = with(&["MAJA@fjordlys.example"], 50);
    found.sort();
    assert_eq!(found, ["cc@x", "from@x", "to@x"]);
    assert_eq!(with(&["maja@fjordlys.example", "maja@privat.example"], 1), ["second@x"]);
    for nobody in ["", "maja", "\"@fjordlys.example", "fjordlys.example", "maja@*"] {
        assert!(with(&[nobody], 50).is_empty(), "{nobody}");
    }
    assert!(!world.store.never_add("news@x.example").unwrap());
    world.store.never_add_set("News@x.example", true).unwrap();
    assert!(world.store.never_add("news@X.example").unwrap());
    world.store.never_add_set("news@x.example", false).unwrap();
    assert!(!world.store.never_add("news@x.example").unwrap());
}
