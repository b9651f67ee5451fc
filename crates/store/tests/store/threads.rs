//! Which mails are one conversation.

use crate::*;

const DAY: i64 = 86_400;

/// Day, subject, author, recipient, references.
type Mail = (i64, &'static str, &'static str, &'static str, &'static [&'static str]);

fn inserted(world: &World, uid: u32, (day, subject, from, to, refs): Mail) -> i64 {
    let id = world.insert(
        FolderRole::Inbox,
        NewMessage {
            message_id: format!("{uid}@x"),
            from: Address::new("", from),
            to: vec![Address::new("", to)],
            references: refs.iter().map(|one| (*one).to_owned()).collect(),
            ..mail(uid, NOW + day * DAY, subject)
        },
    );
    id.0
}

#[test]
fn a_subject_ties_only_what_is_surely_an_answer() {
    const ME: &str = "kari@fjord.example";
    const OLA: &str = "ola@nord.example";
    const SIRI: &str = "siri@berg.example";
    let first: Mail = (0, "Tilbud på tak", OLA, ME, &[]);
    let table: &[(&str, Mail, bool)] = &[
        ("an answer", (1, "SV: Tilbud på tak", ME, OLA, &[]), true),
        ("in another language, spaces and case differ", (2, "AW:  TILBUD PÅ  TAK", OLA, ME, &[]), true),
        ("an answer to an answer", (2, "Re: Sv: Tilbud på tak", OLA, ME, &[]), true),
        ("no prefix: a new matter", (1, "Tilbud på tak", OLA, ME, &[]), false),
        ("a forward is for others", (1, "Fwd: Tilbud på tak", OLA, ME, &[]), false),
        ("somebody else's", (1, "Re: Tilbud på tak", SIRI, ME, &[]), false),
        ("too late", (31, "Re: Tilbud på tak", OLA, ME, &[]), false),
        ("within the month", (29, "Re: Tilbud på tak", OLA, ME, &[]), true),
        ("before it", (-1, "Re: Tilbud på tak", OLA, ME, &[]), false),
        ("it says itself what it answers", (1, "Re: Tilbud på tak", OLA, ME, &["other@x"]), false),
        ("another subject", (1, "Re: Tilbud på vegg", OLA, ME, &[]), false),
    ];
    for (what, answer, same) in table {
        // Fetched in either order.
        for turned in [false, true] {
            let world = World::new();
            let (one, other) = if turned { (*answer, first) } else { (first, *answer) };
            let one = inserted(&world, 1, one);
            let other = inserted(&world, 2, other);
            let thread = |id| world.store.row(MessageId(id)).unwrap().thread;
            assert_eq!(thread(one) == thread(other), *same, "{what}, turned: {turned}");
        }
    }
    for subject in ["Re:", "", "Sv: "] {
        let world = World::new();
        let ids = [1, 2].map(|uid| inserted(&world, uid, (i64::from(uid), subject, OLA, ME, &[])));
        let threads = ids.map(|id| world.store.row(MessageId(id)).unwrap().thread);
        assert_ne!(threads[0], threads[1], "no subject ties nothing");
    }
}

#[test]
fn an_answer_belongs_to_the_last_mail_before_it() {
    let mails: [Mail; 4] = [
        (0, "Ukerapport", "ola@nord.example", "kari@fjord.example", &[]),
        (7, "Ukerapport", "ola@nord.example", "kari@fjord.example", &[]),
        (8, "Re: Ukerapport", "ola@nord.example", "kari@fjord.example", &[]),
        (14, "Ukerapport", "ola@nord.example", "kari@fjord.example", &[]),
    ];
    // Newest first is how a mailbox is fetched.
    for order in [[0usize, 1, 2, 3], [3, 2, 1, 0]] {
        let world = World::new();
        let mut threads = [0; 4];
        let ids = order.map(|at| (at, inserted(&world, at as u32 + 1, mails[at])));
        for (at, id) in ids {
            threads[at] = world.store.row(MessageId(id)).unwrap().thread;
        }
        assert_eq!(threads[1], threads[2], "{order:?}");
        assert!(threads[0] != threads[1] && threads[3] != threads[1] && threads[0] != threads[3], "{order:?}");
    }
}

#[test]
fn the_servers_own_conversations_hold() {
    let world = World::new();
    let of = |uid, thread: &str| NewMessage { server_thread: thread.into(), ..mail(uid, NOW, "x") };
    let ids = [of(1, "77"), of(2, "77"), of(3, "78")].map(|mail| world.insert(FolderRole::Inbox, mail));
    let threads = ids.map(|id| world.store.row(id).unwrap().thread);
    assert!(threads[0] == threads[1] && threads[1] != threads[2]);
}
