#![allow(clippy::unwrap_used)]
use super::{Mail, Outcome, send, try_out};
use crate::{
    MailError,
    imap::Step as Reached,
    testkit::{Step, Step::*, keys, login, play},
};
use clientele_model::Security;
use std::sync::atomic::{AtomicBool, Ordering};

const HELLO: [Step; 4] = [
    Say("220 mail ESMTP"),
    Hear("EHLO"),
    Raw("250-mail\r\n250-SIZE 1000\r\n250 AUTH PLAIN LOGIN\r\n"),
    Hear("AUTH PLAIN AGFkYQBww6Rzc3dvcmQ="),
];

fn script(rest: &[Step]) -> Vec<Step> {
    [&HELLO, rest].concat()
}

fn mail() -> Mail {
    let recipients = vec!["bo@example.com".to_owned(), "cy@example.com".to_owned()];
    Mail { from: "ada@example.com".into(), recipients, raw: b"Subject: x\r\n\r\n.dot\r\n".to_vec() }
}

/// Sends a mail to the script, and tells whether "about to send" was noted.
async fn outcome(rest: &[Step]) -> (Outcome, bool) {
    let keys = keys();
    let (port, server) = play(&keys, script(rest)).await;
    let noted = AtomicBool::new(false);
    let note = || async {
        noted.store(true, Ordering::SeqCst);
        Ok(())
    };
    let outcome = send(&keys.client, &login(port, Security::None), &mail(), note).await;
    server.await.unwrap();
    (outcome, noted.into_inner())
}

const ENVELOPE: [Step; 7] = [
    Say("235 welcome"),
    Hear("MAIL FROM:<ada@example.com> SIZE=20"),
    Say("250 ok"),
    Hear("RCPT TO:<bo@example.com>"),
    Say("250 ok"),
    Hear("RCPT TO:<cy@example.com>"),
    Say("250 ok"),
];

#[tokio::test]
async fn a_mail_is_delivered() {
    let rest = [
        &ENVELOPE[..],
        &[Hear("DATA"), Say("354 go"), Hear("Subject: x"), HearUntil("..dot"), HearUntil(".")],
        &[Say("250 queued"), Hear("QUIT")],
    ]
    .concat();
    let (outcome, noted) = outcome(&rest).await;
    assert!(matches!(outcome, Outcome::Delivered), "{outcome:?}");
    assert!(noted);
}

#[tokio::test]
async fn death_after_the_dot_is_unknown_and_before_it_is_not_sent() {
    let to_dot = [&ENVELOPE[..], &[Hear("DATA"), Say("354 go"), HearUntil(".")]].concat();
    let (after, noted) = outcome(&to_dot).await;
    assert!(matches!(after, Outcome::Unknown(MailError::Closed)), "{after:?}");
    assert!(noted);
    let half = [&to_dot[..], &[Raw("25")]].concat();
    assert!(matches!(outcome(&half).await.0, Outcome::Unknown(_)), "half an answer is none");

    let (before, noted) = outcome(&[&ENVELOPE[..], &[Hear("DATA")]].concat()).await;
    assert!(matches!(before, Outcome::NotSent(MailError::Closed)), "{before:?}");
    assert!(noted, "noted before DATA is said");
    let (early, noted) = outcome(&ENVELOPE[..2]).await;
    assert!(matches!(early, Outcome::NotSent(MailError::Closed)), "{early:?}");
    assert!(!noted);
}

#[tokio::test]
async fn refusals_name_the_recipients_and_whether_they_last() {
    let refused = [&ENVELOPE[..6], &[Say("550-no such\r\n550 user"), Hear("QUIT")]].concat();
    let (outcome_550, noted) = outcome(&refused).await;
    let Outcome::Refused { permanent: true, code: 550, recipients, text } = outcome_550 else {
        panic!("{outcome_550:?}")
    };
    assert_eq!((recipients, text.as_str()), (vec!["cy@example.com".to_owned()], "550 no such user"));
    assert!(!noted, "nobody got it, so nothing is in doubt");

    let passing = [&ENVELOPE[..4], &[Say("451 greylisted"), Hear("RCPT"), Say("250 ok"), Hear("QUIT")]].concat();
    let (outcome_451, _) = outcome(&passing).await;
    assert!(matches!(outcome_451, Outcome::Refused { permanent: false, code: 451, .. }), "{outcome_451:?}");

    let content =
        [&ENVELOPE[..], &[Hear("DATA"), Say("354 go"), HearUntil("."), Say("552 too big"), Hear("QUIT")]].concat();
    let (outcome_552, _) = outcome(&content).await;
    let Outcome::Refused { permanent: true, code: 552, recipients, .. } = outcome_552 else {
        panic!("{outcome_552:?}")
    };
    assert!(recipients.is_empty());
}

#[tokio::test]
async fn a_mail_that_is_too_large_or_an_address_that_says_more_is_not_offered() {
    let keys = keys();
    let ready = script(&[Say("235 welcome"), Hear("QUIT")]);
    let (port, server) = play(&keys, ready.clone()).await;
    let large = Mail { raw: vec![b'x'; 1001], ..mail() };
    let outcome = send(&keys.client, &login(port, Security::None), &large, || async { Ok(()) }).await;
    assert!(matches!(outcome, Outcome::NotSent(MailError::TooLarge { limit: 1000 })), "{outcome:?}");
    server.await.unwrap();

    let (port, server) = play(&keys, ready).await;
    let sly = Mail { recipients: vec!["bo@example.com>\r\nRCPT TO:<eve@example.com".into()], ..mail() };
    let outcome = send(&keys.client, &login(port, Security::None), &sly, || async { Ok(()) }).await;
    assert!(matches!(outcome, Outcome::Refused { permanent: true, .. }), "{outcome:?}");
    server.await.unwrap();
}

#[tokio::test]
async fn nothing_is_sent_where_it_cannot_be_noted() {
    let keys = keys();
    let (port, server) = play(&keys, script(&[&ENVELOPE[..], &[Hear("QUIT")]].concat())).await;
    let fails = || async { Err(MailError::Stopped) };
    let outcome = send(&keys.client, &login(port, Security::None), &mail(), fails).await;
    assert!(matches!(outcome, Outcome::NotSent(MailError::Stopped)), "{outcome:?}");
    server.await.unwrap();
}

#[tokio::test]
async fn a_wrong_password_and_starttls() {
    let keys = keys();
    let (port, _server) = play(&keys, script(&[Say("535 5.7.8 no")])).await;
    let tried = try_out(&keys.client, &login(port, Security::None)).await;
    assert!(matches!(tried.error, Some(MailError::SignInRefused(_))), "{tried:?}");
    assert_eq!(tried.step, Reached::SignIn);

    let stripped = vec![Say("220 mail"), Hear("EHLO"), Raw("250-mail\r\n250 AUTH PLAIN\r\n")];
    let (port, server) = play(&keys, stripped).await;
    let tried = try_out(&keys.client, &login(port, Security::Starttls)).await;
    assert!(matches!(tried.error, Some(MailError::StarttlsMissing)), "{tried:?}");
    server.await.unwrap();

    let injected = vec![
        Say("220 mail"),
        Hear("EHLO"),
        Raw("250-mail\r\n250 STARTTLS\r\n"),
        Hear("STARTTLS"),
        // Sent ahead in plain text, to be taken for answers within TLS.
        Raw("220 go\r\n250-evil\r\n250 AUTH LOGIN\r\n235 welcome\r\n"),
        Tls,
        Hear("EHLO"),
        Raw("250-mail\r\n250 AUTH PLAIN\r\n"),
        Hear("AUTH PLAIN"),
        Say("535 no"),
    ];
    let (port, server) = play(&keys, injected).await;
    let tried = try_out(&keys.client, &login(port, Security::Starttls)).await;
    assert!(matches!(tried.error, Some(MailError::SignInRefused(_))), "{tried:?}");
    assert_eq!(tried.step, Reached::SignIn);
    server.await.unwrap();
}
