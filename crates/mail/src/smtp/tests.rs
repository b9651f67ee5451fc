#![allow(clippy::unwrap_used)]
use super::{Mail, Outcome, send, try_out};
use crate::{
    MailError,
    imap::Step as Reached,
    testkit::{Step, Step::*, keys, login, play, serve},
};
use clientele_model::Security;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    sync::mpsc,
};

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
    let tried = try_out(&keys.client, &login(port, Security::None), "").await;
    assert!(matches!(tried.error, Some(MailError::SignInRefused(_))), "{tried:?}");
    assert_eq!(tried.step, Reached::SignIn);

    let stripped = vec![Say("220 mail"), Hear("EHLO"), Raw("250-mail\r\n250 AUTH PLAIN\r\n")];
    let (port, server) = play(&keys, stripped).await;
    let tried = try_out(&keys.client, &login(port, Security::Starttls), "").await;
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
    let tried = try_out(&keys.client, &login(port, Security::Starttls), "").await;
    assert!(matches!(tried.error, Some(MailError::SignInRefused(_))), "{tried:?}");
    assert_eq!(tried.step, Reached::SignIn);
    server.await.unwrap();
}

/// A server that answers as bluntly as some do, takes one mail, and tells what came after DATA.
async fn blunt() -> (u16, mpsc::UnboundedReceiver<Vec<u8>>) {
    let (tell, told) = mpsc::unbounded_channel();
    let port = serve(move |tcp| {
        let tell = tell.clone();
        async move {
            let mut stream = BufReader::new(tcp);
            stream.write_all(b"220\n").await.unwrap();
            let mut line = String::new();
            while stream.read_line(&mut line).await.unwrap() > 0 && line != "DATA\r\n" {
                let answer: &[u8] = if line.starts_with("EHLO") { b"250-\n250 8bitmime\n" } else { b"250\n" };
                stream.write_all(answer).await.unwrap();
                line.clear();
            }
            stream.write_all(b"354\n").await.unwrap();
            let mut mail = Vec::new();
            while !mail.ends_with(b"\r\n.\r\n") {
                mail.push(stream.read_u8().await.unwrap());
            }
            // "geprüft", in Latin-1.
            stream.write_all(b"250-gepr\xfcft\n250\n").await.unwrap();
            tell.send(mail).unwrap();
        }
    })
    .await;
    (port, told)
}

#[tokio::test]
async fn no_line_of_a_mail_ends_it_and_none_is_added() {
    let keys = keys();
    let (port, mut told) = blunt().await;
    let mut login = login(port, Security::None);
    login.user.clear();
    for (raw, wire) in [
        (&b"a\n.\nb\r\n..c\r.\r\nend"[..], &b"a\r\n..\r\nb\r\n...c\r\n..\r\nend\r\n.\r\n"[..]),
        (b".\r\n", b"..\r\n.\r\n"),
        (b"\xe6\r\n\r\n", b"\xe6\r\n\r\n.\r\n"),
    ] {
        let mail = Mail { raw: raw.to_vec(), ..mail() };
        let outcome = send(&keys.client, &login, &mail, || async { Ok(()) }).await;
        assert!(matches!(outcome, Outcome::Delivered), "{outcome:?}");
        assert_eq!(told.recv().await.unwrap(), wire);
    }
    // A dot at the start of a line whose end was in the part before.
    let long = [vec![b'x'; 64 * 1024 - 2], b"\r\n.\r\n".to_vec()].concat();
    let outcome = send(&keys.client, &login, &Mail { raw: long, ..mail() }, || async { Ok(()) }).await;
    assert!(matches!(outcome, Outcome::Delivered), "{outcome:?}");
    assert!(told.recv().await.unwrap().ends_with(b"x\r\n..\r\n.\r\n"));
}

#[tokio::test]
async fn death_within_a_mail_is_not_sent() {
    let keys = keys();
    let script = vec![
        Say("220 mail"),
        Hear("EHLO"),
        Raw("250-mail\r\n250 AUTH=LOGIN\r\n"),
        Hear("AUTH LOGIN"),
        // "Benutzer:", and no prompt at all.
        Say("334 QmVudXR6ZXI6"),
        Hear("YWRh"),
        Say("334"),
        Hear("cMOkc3N3b3Jk"),
        Say("235 welcome"),
        Hear("MAIL FROM:<ada@example.com>\r\n"),
        Say("250 ok"),
        Hear("RCPT TO:<b..o@example.com>"),
        Say("250 ok"),
        Hear("DATA"),
        Say("354 go"),
        Hear("line"),
    ];
    let (port, server) = play(&keys, script).await;
    // More than the buffers on the way hold.
    let mail = Mail { recipients: vec!["b..o@example.com".into()], raw: b"line\r\n".repeat(4 << 20), ..mail() };
    let outcome = send(&keys.client, &login(port, Security::None), &mail, || async { Ok(()) }).await;
    assert!(matches!(outcome, Outcome::NotSent(MailError::Closed)), "{outcome:?}");
    server.await.unwrap();
}

#[tokio::test]
async fn a_refusal_keeps_its_code_and_its_reason() {
    let rest = [&ENVELOPE[..], &[Hear("DATA"), Say("354 go"), HearUntil("."), Say("571 not here"), Hear("QUIT")]];
    let (outcome, _) = outcome(&rest.concat()).await;
    assert!(matches!(&outcome, Outcome::Refused { permanent: true, code: 571, text, .. } if text == "571 not here"));

    let keys = keys();
    // lettre says QUIT by itself here; its answer is not the reason.
    let (port, _server) =
        play(&keys, vec![Say("220 mail"), Hear("EHLO"), Say("450 full"), Hear("QUIT"), Say("221")]).await;
    let tried = try_out(&keys.client, &login(port, Security::None), "").await;
    assert!(
        matches!(&tried.error, Some(MailError::Refused { text, temporary: true }) if text == "450 full"),
        "{tried:?}"
    );
}
