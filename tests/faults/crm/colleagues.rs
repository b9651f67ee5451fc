//! Two people with a mail of one Message-ID, each with a mailbox and a profile, who archive it in the same moment.

use super::{Salesperson, once, queue, real::TrytonThere, row_of, shown, sorted, there::There};
use clientele_engine::store::ArchiveState;
use rand::{SeedableRng as _, rngs::StdRng};

const TIMES: usize = 4;

/// It is there once, both are told of the same, one of them that it was there; and it goes only with the first one's undo.
pub async fn at_once(there: &impl There) {
    let on = there.customer(&format!("Felles {}", std::process::id()));
    let (kari, at_karis) = Salesperson::new(there, false).await;
    let (ola, at_olas) = Salesperson::new(there, true).await;
    let mut random = StdRng::seed_from_u64(1);
    // All received: one's own is whoever's sent it.
    let mails: Vec<_> = (0..TIMES).map(|number| kari.mail(&mut random, 500 + number as u64, 0)).collect();
    for mail in &mails {
        for (one, engine) in [(&kari, &at_karis), (&ola, &at_olas)] {
            one.has(engine, std::slice::from_ref(mail)).await;
            queue(engine, mail, &on).await;
        }
        let (one, two) = tokio::join!(at_karis.archive_run(), at_olas.archive_run());
        assert_eq!((one.unwrap(), two.unwrap()), (1, 1));
        let mut rows = Vec::new();
        for engine in [&at_karis, &at_olas] {
            let row = engine.customer(row_of(engine, mail).await).await.unwrap().archived.unwrap();
            assert_eq!(row.state, ArchiveState::Done, "{row:?}");
            rows.push(row);
        }
        assert_eq!(rows[0].activity, rows[1].activity, "told of two");
        assert!(rows[0].already != rows[1].already, "who was first: {rows:?}");
        let held = sorted(there.held(&mail.message_id, &on));
        assert!(held == once(mail, &on), "{:?}", shown(&held));

        let (first, second) = if rows[1].already { (0, 1) } else { (1, 0) };
        // BottleCRM cannot be asked.
        let (named, was) = (&rows[second].by, ["Kari", "Ola"][first]);
        assert!(named.is_empty() || named.starts_with(was), "archived by {named:?}, and it was {was}");
        let engines = [&at_karis, &at_olas];
        engines[second].archive_undo(rows[second].id).await.unwrap();
        let held = sorted(there.held(&mail.message_id, &on));
        assert!(held == once(mail, &on), "a colleague's mail was taken out: {:?}", shown(&held));
        engines[first].archive_undo(rows[first].id).await.unwrap();
        let left = there.held(&mail.message_id, &on);
        assert!(left.is_empty(), "left there: {:?}", shown(&left));
    }
    at_karis.stop().await;
    at_olas.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_colleagues_at_once_have_one_mail_in_tryton_once() {
    at_once(&TrytonThere::start()).await;
}
