//! Mails of one's own that want an answer.

use crate::*;

#[test]
fn what_no_person_wrote_is_no_answer() {
    let world = World::new();
    world.insert(FolderRole::Sent, mail(1, "a@kari.example", &[], "kari@fjordlys.no"));
    let waiting = |from: &str, uid: u32| {
        world.store.waiting_set(world.account, "a@kari.example", NOW, NOW + 86_400).unwrap();
        world.insert(FolderRole::Inbox, mail(uid, &format!("{uid}@x"), &["a@kari.example"], from));
        let answered = world.store.waiting_answered(|raw| raw.starts_with(b"Auto-Submitted: auto")).unwrap();
        (answered, world.store.waiting().unwrap().len())
    };
    assert_eq!(waiting("MAILER-DAEMON@nord.example", 2), (0, 1));
    assert_eq!(waiting("", 3), (0, 1));
    assert_eq!(waiting("away@nord.example", 4), (0, 1), "out of office");
    assert_eq!(waiting("maja@nord.example", 5), (1, 0));
}

fn mail(uid: u32, id: &str, answers: &[&str], from: &str) -> NewMessage {
    let answers: Vec<String> = answers.iter().map(|id| (*id).to_owned()).collect();
    let raw: &[u8] =
        if from.starts_with("away") { b"Auto-Submitted: auto-replied\r\n\r\nAway" } else { b"To: x\r\n\r\nHi" };
    NewMessage {
        message_id: id.into(),
        in_reply_to: answers.clone(),
        references: answers,
        from: Address::new("", from),
        raw: Some(raw.to_vec().into()),
        ..crate::mail(uid, NOW + i64::from(uid) * 60, "Mail")
    }
}
