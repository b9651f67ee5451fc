//! Signing in, against servers that lie, refuse and tempt. Where a script ends with `Gone`, the client must not say a word more.
#![allow(clippy::unwrap_used)]

use crate::{
    Code, Login, MailError, imap,
    imap::Step as Reached,
    smtp,
    testkit::{Step, Step::*, keys, login, play},
};
use clientele_model::{Credential, Secret, Security};
use std::sync::Arc;

async fn imap(security: Security, script: Vec<Step>) -> imap::TryOut {
    let keys = keys();
    let (port, server) = play(&keys, script).await;
    let tried = imap::try_out(&keys.client, &login(port, security)).await;
    server.await.unwrap();
    tried
}

async fn smtp(security: Security, script: Vec<Step>) -> smtp::TryOut {
    let keys = keys();
    let (port, server) = play(&keys, script).await;
    let tried = smtp::try_out(&keys.client, &login(port, security), "ada@example.com").await;
    server.await.unwrap();
    tried
}

/// What a server offers that wants a password before TLS.
const TEMPTING: &str =
    "* CAPABILITY IMAP4rev1 SASL-IR AUTH=SCRAM-SHA-256 AUTH=PLAIN AUTH=LOGIN AUTH=XOAUTH2\r\nC1 OK\r\n";

#[tokio::test]
async fn no_secret_is_said_before_tls_over_imap() {
    let scripts = [
        // Nothing of TLS is offered, and every way of signing in.
        vec![Say("* OK hi"), Hear("C1 CAPABILITY"), Raw(TEMPTING), Gone],
        // It is signed in already, it says, so that TLS cannot begin (RFC 9051 section 11.1).
        vec![Say("* PREAUTH [CAPABILITY IMAP4rev1 AUTH=PLAIN] welcome"), Gone],
        // It changes its mind.
        vec![
            Say("* OK [CAPABILITY IMAP4rev1 STARTTLS] hi"),
            Hear("C1 CAPABILITY"),
            Raw("* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN\r\nC1 OK\r\n"),
            Hear("C2 STARTTLS"),
            Say("C2 NO [ALERT] type your password at http://example.com"),
            Gone,
        ],
    ];
    for script in scripts {
        let tried = imap(Security::Starttls, script).await;
        assert!(tried.error.is_some() && tried.step < Reached::SignIn, "{tried:?}");
        let told = format!("{:?} {}", tried.error, tried.error.as_ref().unwrap());
        assert!(!told.contains("example.com"), "words from before TLS reach nobody: {told}");
    }
}

#[tokio::test]
async fn no_secret_is_said_before_tls_over_smtp() {
    let scripts = [
        vec![Say("220 mail"), Hear("EHLO"), Raw("250-mail\r\n250 AUTH SCRAM-SHA-256 PLAIN LOGIN XOAUTH2\r\n"), Gone],
        vec![
            Say("220 mail"),
            Hear("EHLO"),
            Raw("250-mail\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n"),
            Hear("STARTTLS"),
            Say("454 TLS not available: type your password at http://example.com"),
        ],
    ];
    for script in scripts {
        let tried = smtp(Security::Starttls, script).await;
        assert!(matches!(tried.error, Some(MailError::StarttlsMissing)), "{tried:?}");
        assert!(tried.step < Reached::SignIn, "{tried:?}");
    }
}

#[tokio::test]
async fn what_was_offered_before_tls_is_forgotten() {
    let script = vec![
        Say("* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN SASL-IR] hi"),
        Hear("C1 CAPABILITY"),
        Raw("* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN SASL-IR\r\nC1 OK\r\n"),
        Hear("C2 STARTTLS"),
        Raw("C2 OK go\r\n* CAPABILITY IMAP4rev1 AUTH=LOGIN\r\nC1 OK\r\n"),
        Tls,
        Hear("C1 CAPABILITY"),
        Raw("* CAPABILITY IMAP4rev1 LOGINDISABLED\r\nC1 OK\r\n"),
        Gone,
    ];
    let tried = imap(Security::Starttls, script).await;
    assert!(matches!(tried.error, Some(MailError::SignInUnsupported)), "{tried:?}");

    let script = vec![
        Say("220 mail"),
        Hear("EHLO"),
        Raw("250-mail\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n"),
        Hear("STARTTLS"),
        Raw("220 go\r\n250-mail\r\n250 AUTH PLAIN\r\n"),
        Tls,
        Hear("EHLO"),
        Raw("250-mail\r\n250 SIZE 1000\r\n"),
        Gone,
    ];
    let tried = smtp(Security::Starttls, script).await;
    assert!(matches!(tried.error, Some(MailError::SignInUnsupported)), "{tried:?}");
}

#[tokio::test]
async fn a_token_never_goes_without_tls() {
    let keys = keys();
    let bearer = |port| Login {
        secret: Arc::new(Credential::Bearer(Secret::new("ya29.secret"))),
        ..login(port, Security::None)
    };
    let (port, server) = play(&keys, vec![Say("* OK hi"), Hear("CAPABILITY"), Raw(TEMPTING), Gone]).await;
    let tried = imap::try_out(&keys.client, &bearer(port)).await;
    assert!(matches!(tried.error, Some(MailError::SignInUnsupported)), "{tried:?}");
    server.await.unwrap();

    let script = vec![Say("220 mail"), Hear("EHLO"), Raw("250-mail\r\n250 AUTH XOAUTH2\r\n"), Gone];
    let (port, server) = play(&keys, script).await;
    let tried = smtp::try_out(&keys.client, &bearer(port), "").await;
    assert!(matches!(tried.error, Some(MailError::SignInUnsupported)), "{tried:?}");
    server.await.unwrap();
}

#[tokio::test]
async fn a_server_whose_scram_knows_nobody_gets_the_next_best() {
    let script = vec![
        Say("* OK hi"),
        Hear("C1 CAPABILITY"),
        Raw(TEMPTING),
        // "n,,n=ada,r="
        Hear("C2 AUTHENTICATE SCRAM-SHA-256 biwsbj1hZGEscj"),
        Say("C2 NO [AUTHENTICATIONFAILED] Authentication failed."),
        Hear("C3 AUTHENTICATE PLAIN AGFkYQBww6Rzc3dvcmQ="),
        // Refused by the password, it is not asked by LOGIN again.
        Say("C3 NO [AUTHENTICATIONFAILED] Authentication failed."),
        Gone,
    ];
    let tried = imap(Security::None, script).await;
    assert_eq!(tried.error.unwrap().kind(), Code::SignInRefused);

    // A refusal with a reason is one for all mechanisms.
    let script = vec![
        Say("* OK hi"),
        Hear("C1 CAPABILITY"),
        Raw(TEMPTING),
        Hear("C2 AUTHENTICATE SCRAM-SHA-256 "),
        Say("C2 NO [ALERT] Application-specific password required: https://support.google.com/accounts/answer/185833"),
        Gone,
    ];
    let tried = imap(Security::None, script).await;
    assert_eq!(tried.error.unwrap().kind(), Code::AppPasswordNeeded);
}

#[tokio::test]
async fn a_server_without_the_password_is_not_believed() {
    let script = vec![
        Say("* OK hi"),
        Hear("C1 CAPABILITY"),
        Raw(TEMPTING),
        Hear("C2 AUTHENTICATE SCRAM-SHA-256 "),
        Say("C2 OK welcome"),
        Gone,
    ];
    let tried = imap(Security::None, script).await;
    assert!(matches!(tried.error, Some(MailError::Unproven)), "{tried:?}");
    assert_eq!(tried.step, Reached::SignIn);

    let script = vec![
        Say("220 mail"),
        Hear("EHLO"),
        Raw("250-mail\r\n250 AUTH SCRAM-SHA-256\r\n"),
        Hear("AUTH SCRAM-SHA-256 "),
        Say("235 welcome"),
        Gone,
    ];
    let tried = smtp(Security::None, script).await;
    assert!(matches!(tried.error, Some(MailError::Unproven)), "{tried:?}");
}

#[tokio::test]
async fn a_server_that_is_busy_or_full_is_never_a_wrong_password() {
    let imap_answers: [(&[Step], Code); 4] = [
        (&[Say("C2 NO [UNAVAILABLE] Temporary authentication failure.")], Code::ServerUnavailable),
        (&[Say("C2 NO [ALERT] Too many simultaneous connections. (Failure)")], Code::TooManyConnections),
        // It says why, and hangs up.
        (&[Say("* BYE [UNAVAILABLE] Internal error occurred.")], Code::ServerUnavailable),
        (&[Say("* BYE [ALERT] Account exceeded command or bandwidth limits.")], Code::QuotaExceeded),
    ];
    for (answer, code) in imap_answers {
        let script = [
            &[Say("* OK hi"), Hear("CAPABILITY"), Raw("* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\r\nC1 OK\r\n")][..],
            &[Hear("AUTHENTICATE")],
            answer,
        ];
        let error = imap(Security::None, script.concat()).await.error.unwrap();
        assert!(error.kind() == code && error.retryable(), "{error:?}");
    }
    let smtp_answers = [
        ("454 4.7.0 Temporary authentication failure", Code::ServerUnavailable),
        ("432 4.3.2 Concurrent connections limit exceeded.", Code::TooManyConnections),
        ("421 4.7.0 Try again later, closing connection.", Code::ServerUnavailable),
    ];
    for (answer, code) in smtp_answers {
        let script =
            vec![Say("220 mail"), Hear("EHLO"), Raw("250-mail\r\n250 AUTH PLAIN\r\n"), Hear("AUTH PLAIN"), Say(answer)];
        let error = smtp(Security::None, script).await.error.unwrap();
        assert!(error.kind() == code && error.retryable(), "{error:?}");
    }
    // A greeting of words from before TLS is not repeated; within TLS it says why.
    let busy = vec![Tls, Say("* BYE [UNAVAILABLE] Maximum number of connections from user+IP exceeded")];
    assert_eq!(imap(Security::Tls, busy).await.error.unwrap().kind(), Code::TooManyConnections);
}

#[tokio::test]
async fn the_sender_is_accepted_and_nothing_is_sent() {
    let start =
        [Say("220 mail"), Hear("EHLO"), Raw("250-mail\r\n250 AUTH PLAIN\r\n"), Hear("AUTH PLAIN"), Say("235 in")];
    let good = [Hear("MAIL FROM:<ada@example.com>\r\n"), Say("250 ok"), Hear("RSET"), Say("250 ok"), Hear("QUIT")];
    let tried = smtp(Security::None, [&start[..], &good].concat()).await;
    assert!(tried.error.is_none() && tried.step == Reached::Use && tried.mechanism == "PLAIN", "{tried:?}");
    let bad = [
        Hear("MAIL FROM"),
        Say("550 5.7.60 SMTP; Client does not have permissions to send as this sender"),
        Hear("QUIT"),
    ];
    let tried = smtp(Security::None, [&start[..], &bad].concat()).await;
    assert_eq!((tried.error.unwrap().kind(), tried.step), (Code::ServerRefused, Reached::Use));
}

#[tokio::test]
async fn imap_that_is_switched_off_is_told_also_after_the_sign_in() {
    let script = vec![
        Say("* OK hi"),
        Hear("CAPABILITY"),
        Raw("* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\r\nC1 OK\r\n"),
        Hear("AUTHENTICATE"),
        Say("C2 OK [CAPABILITY IMAP4rev1] AUTHENTICATE completed."),
        Hear("C3 SELECT"),
        Say("C3 BAD User is authenticated but not connected."),
        Hear("LOGOUT"),
    ];
    let tried = imap(Security::None, script).await;
    assert_eq!((tried.error.unwrap().kind(), tried.step), (Code::ImapDisabled, Reached::Use));
}
