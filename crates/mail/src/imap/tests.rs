#![allow(clippy::unwrap_used)]

mod delta;
mod fake;
mod gmail;
mod gmail_double;
mod lying;
mod part;
mod refused;
mod twins;
mod utf8;

use super::{Client, Step as Reached, TryOut, fetch::numbers, session::Session, try_out};
use crate::{
    MailError,
    testkit::{Step, Step::*, keys, login, play, serve},
};
use clientele_model::{FolderRole, Security};
use clientele_store::{ListQuery, Scope, Store};
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

async fn tried(security: Security, script: Vec<Step>) -> TryOut {
    let keys = keys();
    let (port, server) = play(&keys, script).await;
    let tried = try_out(&keys.client, &login(port, security)).await;
    server.await.unwrap();
    tried
}

#[tokio::test]
async fn other_servers_are_recognised_by_their_greeting() {
    let pop3 = tried(Security::None, vec![Say("+OK ready")]).await;
    assert!(matches!(pop3.error, Some(MailError::Pop3)), "{pop3:?}");
    let smtp = tried(Security::None, vec![Say("220 mail ESMTP")]).await;
    assert!(matches!(smtp.error, Some(MailError::NotMail(_))), "{smtp:?}");
    let closed = tried(Security::None, vec![]).await;
    assert!(matches!(closed.error, Some(MailError::Closed)), "{closed:?}");
}

#[tokio::test]
async fn starttls_is_not_talked_away() {
    let stripped = vec![Say("* OK hi"), Hear("CAPABILITY"), Say("* CAPABILITY IMAP4rev1"), Say("C1 OK")];
    let stripped = tried(Security::Starttls, stripped).await;
    assert!(matches!(stripped.error, Some(MailError::StarttlsMissing)), "{stripped:?}");
    let preauth = tried(Security::Starttls, vec![Say("* PREAUTH welcome")]).await;
    assert!(matches!(preauth.error, Some(MailError::Protocol(_))), "{preauth:?}");
    assert!(preauth.step < Reached::SignIn, "{preauth:?}");
}

#[tokio::test]
async fn what_comes_before_tls_is_forgotten() {
    let injected = vec![
        Say("* OK hi"),
        Hear("CAPABILITY"),
        Raw("* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\nC1 OK\r\n"),
        Hear("STARTTLS"),
        // Sent ahead in plain text, to be taken for the answers within TLS.
        Raw("C2 OK go\r\n* CAPABILITY IMAP4rev1 LOGINDISABLED\r\nC1 OK\r\n"),
        Tls,
        Hear("C1 CAPABILITY"),
        Raw("* CAPABILITY  IMAP4rev1 AUTH=PLAIN SASL-IR\r\nC1 OK\r\n"),
        Hear("AUTHENTICATE PLAIN AGFkYQBww6Rzc3dvcmQ="),
        Say("C2 NO [AUTHENTICATIONFAILED] no"),
    ];
    let tried = tried(Security::Starttls, injected).await;
    assert!(matches!(tried.error, Some(MailError::SignInRefused(_))), "{tried:?}");
    assert_eq!(tried.step, Reached::SignIn);
}

#[tokio::test]
async fn a_password_goes_by_login_where_nothing_better_is_offered() {
    let script = vec![
        Say("* OK hi"),
        Hear("CAPABILITY"),
        Raw("* CAPABILITY IMAP4rev1\r\nC1 OK\r\n"),
        Hear("C2 LOGIN {3}"),
        Say("+ go"),
        Hear("ada {9}"),
        Say("+ go"),
        Hear("pässword"),
        Raw("C2 OK [CAPABILITY IMAP4rev1 ID] in\r\n"),
        Hear("C3 ID (\"name\" \"Clientele\""),
        Raw("* ID NIL\r\nC3 OK\r\n"),
        Hear("C4 SELECT \"INBOX\""),
        Raw("* 0 EXISTS\r\nC4 OK\r\n"),
        Hear("C5 LIST"),
        Raw("* LIST (\\Noselect) \"/\" \"\"\r\n* LIST () \"/\" {5}\r\nINBOX\r\n* LIST () \"/\" Sent\r\nC5 OK\r\n"),
        Hear("LOGOUT"),
    ];
    let tried = tried(Security::None, script).await;
    assert!(tried.error.is_none(), "{tried:?}");
    assert_eq!((tried.step, tried.folders), (Reached::Use, 2));
}

#[tokio::test]
async fn a_passing_refusal_is_not_a_wrong_password() {
    let script = vec![
        Say("* OK hi"),
        Hear("CAPABILITY"),
        Raw("* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\r\nC1 OK\r\n"),
        Hear("AUTHENTICATE"),
        Say("C2 NO [UNAVAILABLE] later"),
    ];
    let tried = tried(Security::None, script).await;
    assert!(matches!(tried.error, Some(MailError::Refused { temporary: true, .. })), "{tried:?}");
}

/// How the fake server treats its odd mail.
#[derive(Clone, Copy)]
enum Odd {
    /// A literal whose length cannot be.
    Garbage,
    /// It hangs up in the middle.
    HangUp,
    /// A whole response that makes no sense.
    Nonsense,
}

/// An IMAP server with ten mails, UIDs 101 to 110, of which 105 is odd.
async fn ten_mails(odd: Odd, connections: Arc<AtomicU32>) -> u16 {
    serve(move |tcp| {
        connections.fetch_add(1, Ordering::SeqCst);
        async move {
            let _ = one_client(tcp, odd).await;
        }
    })
    .await
}

async fn one_client(tcp: TcpStream, odd: Odd) -> std::io::Result<()> {
    let mut stream = BufReader::new(tcp);
    stream.write_all(b"* OK hi\r\n").await?;
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 0 {
        let (tag, command) = line.trim_end().split_once(' ').unwrap();
        let answer = match command.split(' ').next().unwrap() {
            "CAPABILITY" => "* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\r\n".to_owned(),
            "LIST" => {
                ["INBOX", "Sent", "Archive", "Junk", "Trash"].map(|name| format!("* LIST () \"/\" {name}\r\n")).concat()
            }
            "SELECT" => "* 10 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 111] x\r\n".to_owned(),
            "FETCH" => (1..=10).map(|n| format!("* {n} FETCH (UID {})\r\n", n + 100)).collect(),
            "UID" if command.contains("SEARCH") => "* SEARCH 101 102 103 104 105  106 107 108 109 110\r\n".to_owned(),
            "UID" => {
                let set = command.split(' ').nth(2).unwrap();
                let mut answer = String::new();
                for uid in numbers(set, 1000).into_iter().filter(|uid| (101..=110).contains(uid)) {
                    let n = uid - 100;
                    let mail =
                        format!("Message-ID: <{uid}@x>\r\nSubject: Mail {uid}\r\nFrom: b@example.com\r\n\r\nHello\r\n");
                    let facts = format!(
                        "UID {uid} FLAGS (\\Seen) INTERNALDATE \" 1-Nov-2026 10:00:0{} +0000\" RFC822.SIZE {}",
                        n % 10,
                        mail.len()
                    );
                    if !command.contains("BODY") {
                        answer += &format!("* {n} FETCH ({facts})\r\n");
                    } else if uid != 105 {
                        answer += &format!("* {n} FETCH ({facts} BODY[]<0> {{{}}}\r\n{mail})\r\n", mail.len());
                    } else {
                        match odd {
                            Odd::Garbage => answer += &format!("* {n} FETCH (BODY[]<0> {{99999999999999}}\r\n"),
                            Odd::Nonsense => answer += &format!("* {n} FETCH (UID ))((\r\n"),
                            Odd::HangUp => {
                                stream.write_all(answer.as_bytes()).await?;
                                return Ok(());
                            }
                        }
                    }
                }
                answer
            }
            _ => String::new(),
        };
        stream.write_all(format!("{answer}{tag} OK done\r\n").as_bytes()).await?;
        line.clear();
    }
    Ok(())
}

#[tokio::test]
async fn one_odd_mail_costs_only_itself() {
    for odd in [Odd::Garbage, Odd::HangUp, Odd::Nonsense] {
        let connections = Arc::new(AtomicU32::new(0));
        let port = ten_mails(odd, connections.clone()).await;
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(folder.path()).unwrap();
        let account = fake::account(&store);
        let mut client = Client::new(keys().client, login(port, Security::None), store.clone(), account);
        let folders = client.sync_folders().await.unwrap();
        let inbox = folders.iter().find(|folder| folder.role == FolderRole::Inbox).unwrap().id;
        let now = 1_793_600_000;
        let synced = client.sync_folder(inbox, 30, now, Arc::new(|_| {})).await.unwrap();
        assert_eq!((synced.fresh.len(), synced.first), (10, true));
        let query = ListQuery { scope: Scope::Folder(inbox), filter: Default::default(), after: None, limit: 50 };
        let rows = store.list(&query).unwrap().rows;
        assert_eq!(rows.len(), 10);
        let bad: Vec<_> = rows.iter().filter(|row| row.unreadable).collect();
        assert_eq!(bad.len(), 1, "only one is unreadable");
        assert!(
            rows.iter()
                .filter(|row| !row.unreadable)
                .all(|row| row.subject.starts_with("Mail ") && !row.subject.ends_with("105"))
        );
        assert!(store.uids(inbox).unwrap().contains(&105), "it is kept, and visibly so");

        let before = connections.load(Ordering::SeqCst);
        let again = client.sync_folder(inbox, 30, now, Arc::new(|_| {})).await.unwrap();
        assert!(again.fresh.is_empty() && !again.first, "{again:?}");
        assert_eq!(connections.load(Ordering::SeqCst), before, "and does not trouble the next sync");
    }
}

#[tokio::test]
async fn a_cut_fetch_is_not_taken_for_the_end() {
    let keys = keys();
    let script = vec![
        Say("* OK hi"),
        Hear("CAPABILITY"),
        Raw("* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\r\nC1 OK\r\n"),
        Hear("AUTHENTICATE"),
        Say("C2 OK [CAPABILITY IMAP4rev1] in"),
        Hear("FETCH"),
        Say("* 1 FETCH (UID 1)"),
    ];
    let (port, server) = play(&keys, script).await;
    let mut session = Session::open(&keys.client, &login(port, Security::None), &mut Reached::Resolve).await.unwrap();
    let mut seen = 0;
    let end = session.run("FETCH 1:2 (UID)", |_| seen += 1).await;
    assert!(matches!(end, Err(MailError::Closed)), "{end:?}");
    assert_eq!(seen, 1);
    server.await.unwrap();
}
