//! An IMAP server in a few lines, that says what a test wants.

use super::super::{Client, fetch::numbers};
use crate::testkit::{keys, login, serve};
use clientele_model::{AccountId, Endpoint, FolderId, FolderRole, Security};
use clientele_store::{Folder, ListQuery, NewAccount, Row, Scope, Store};
use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

/// What a server says to a command.
pub(super) enum Reply {
    /// These lines, then `tag OK`.
    Ok(String),
    /// `tag` and this.
    Tagged(&'static str),
    /// Exactly this, and it hangs up.
    Last(String),
    /// Exactly this.
    Raw(String),
    /// Nothing.
    Silence,
}

#[derive(Clone)]
pub(super) struct Mail {
    pub(super) uid: u32,
    pub(super) seen: bool,
    pub(super) modseq: u64,
    pub(super) text: String,
}

/// A mailbox of one folder.
pub(super) struct Box {
    pub(super) capabilities: &'static str,
    pub(super) validity: u32,
    pub(super) next: u32,
    pub(super) modseq: u64,
    pub(super) mails: Vec<Mail>,
    /// Ranges that QRESYNC tells as vanished.
    pub(super) vanished: String,
    /// Every command that was heard, without its tag.
    pub(super) heard: Vec<String>,
    pub(super) connections: u32,
}

impl Box {
    /// With the UIDs 101 and following.
    pub(super) fn of(count: u32, capabilities: &'static str) -> Box {
        let mails = (101..101 + count)
            .map(|uid| Mail { uid, seen: true, modseq: u64::from(uid), text: Box::text(&format!("{uid}@x")) })
            .collect();
        let next = 101 + count;
        Box {
            capabilities,
            validity: 7,
            next,
            modseq: u64::from(next),
            mails,
            vanished: String::new(),
            heard: Vec::new(),
            connections: 0,
        }
    }

    pub(super) fn text(id: &str) -> String {
        format!("Message-ID: <{id}>\r\nSubject: Mail {id}\r\nFrom: b@example.com\r\n\r\nHello\r\n")
    }

    pub(super) fn add(&mut self, id: &str) {
        self.modseq += 1;
        self.mails.push(Mail { uid: self.next, seen: false, modseq: self.modseq, text: Box::text(id) });
        self.next += 1;
    }

    fn is(&self, capability: &str) -> bool {
        self.capabilities.split(' ').any(|one| one == capability)
    }

    fn fetch(&self, mails: impl Iterator<Item = (usize, Mail)>, what: &str) -> String {
        let mut answer = String::new();
        for (place, Mail { uid, seen, modseq, text }) in mails {
            let flags = if seen { "\\Seen" } else { "" };
            let mut items = format!("UID {uid}");
            if what.contains("FLAGS") {
                items += &format!(" FLAGS ({flags})");
            }
            if what.contains("MODSEQ") || what.contains("CHANGEDSINCE") {
                items += &format!(" MODSEQ ({modseq})");
            }
            if what.contains("SIZE") {
                items += &format!(" INTERNALDATE \" 1-Nov-2026 10:00:00 +0000\" RFC822.SIZE {}", text.len());
            }
            if what.contains("HEADER.FIELDS") {
                let line = format!("{}\r\n\r\n", text.lines().next().unwrap_or_default());
                items += &format!(" BODY[HEADER.FIELDS (MESSAGE-ID)] {{{}}}\r\n{line}", line.len());
            } else if what.contains("BODY") {
                let (origin, from, most) = match asked_piece(what) {
                    Some((from, most)) => (format!("<{from}>"), from.min(text.len()), most),
                    None => (String::new(), 0, text.len()),
                };
                let piece = &text[from..text.len().min(from + most)];
                items += &format!(" BODY[]{origin} {{{}}}\r\n{piece}", piece.len());
            }
            answer += &format!("* {} FETCH ({items})\r\n", place + 1);
        }
        answer
    }

    fn placed(&self) -> impl Iterator<Item = (usize, Mail)> {
        self.mails.clone().into_iter().enumerate()
    }

    /// As an honest server.
    pub(super) fn answer(&mut self, command: &str) -> Reply {
        let words: Vec<&str> = command.split(' ').collect();
        let range = |set: &str, last: u32| -> Vec<u32> { numbers(&set.replace('*', &last.to_string()), 100_000) };
        Reply::Ok(match words[0] {
            "CAPABILITY" => format!("* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR {}\r\n", self.capabilities),
            "ENABLE" => "* ENABLED QRESYNC\r\n".to_owned(),
            "LIST" => {
                let mut names = ["INBOX", "Sent", "Archive", "Junk", "Trash"]
                    .map(|name| format!("* LIST () \"/\" {name}\r\n"))
                    .concat();
                if command.contains("STATUS") {
                    let Box { validity, next, modseq, mails, .. } = self;
                    names += &format!(
                        "* STATUS INBOX (MESSAGES {} UIDNEXT {next} UIDVALIDITY {validity} HIGHESTMODSEQ {modseq})\r\n",
                        mails.len()
                    );
                }
                names
            }
            "SELECT" => {
                let Box { validity, next, modseq, mails, vanished, .. } = &*self;
                let counted =
                    if self.is("CONDSTORE") { format!("* OK [HIGHESTMODSEQ {modseq}] x\r\n") } else { String::new() };
                let mut answer = format!(
                    "* {} EXISTS\r\n* OK [UIDVALIDITY {validity}] x\r\n* OK [UIDNEXT {next}] x\r\n{counted}",
                    mails.len()
                );
                if let Some(since) = words.iter().position(|word| *word == "(QRESYNC") {
                    let since: u64 = words[since + 2].trim_end_matches(')').parse().unwrap();
                    if !vanished.is_empty() {
                        answer += &format!("* VANISHED (EARLIER) {vanished}\r\n");
                    }
                    answer += &self.fetch(self.placed().filter(|(_, mail)| mail.modseq > since), "FLAGS MODSEQ");
                }
                answer
            }
            "FETCH" => {
                let places = range(words[1], self.mails.len() as u32);
                self.fetch(self.placed().filter(|(place, _)| places.contains(&(*place as u32 + 1))), command)
            }
            "UID" if words[1] == "SEARCH" => {
                let mut found: Vec<u32> = self.mails.iter().map(|mail| mail.uid).collect();
                if let Some(place) =
                    words.iter().position(|word| *word == "UID").and(words[2..].iter().position(|word| *word == "UID"))
                {
                    let wanted = range(words[place + 3], found.last().copied().unwrap_or(1));
                    found.retain(|uid| wanted.contains(uid));
                }
                let found: Vec<String> = found.iter().map(u32::to_string).collect();
                if command.contains("RETURN") {
                    let all = if found.is_empty() { String::new() } else { format!(" ALL {}", found.join(",")) };
                    format!("* ESEARCH (TAG \"x\") UID{all}\r\n")
                } else {
                    format!("* SEARCH {}\r\n", found.join(" "))
                }
            }
            "UID" if words[1] == "FETCH" => {
                let last = self.mails.last().map_or(1, |mail| mail.uid);
                let wanted = range(words[2], last);
                let since: u64 = words
                    .iter()
                    .position(|word| *word == "(CHANGEDSINCE")
                    .map_or(0, |place| words[place + 1].trim_end_matches(')').parse().unwrap());
                self.fetch(self.placed().filter(|(_, mail)| wanted.contains(&mail.uid) && mail.modseq > since), command)
            }
            _ => String::new(),
        })
    }
}

/// `BODY.PEEK[]<from.most>` of a command.
fn asked_piece(command: &str) -> Option<(usize, usize)> {
    let (_, behind) = command.split_once("[]<")?;
    let (from, most) = behind.split_once('>')?.0.split_once('.')?;
    Some((from.parse().ok()?, most.parse().ok()?))
}

/// Serves the mailbox; `twist` may answer in its stead.
pub(super) async fn play(
    mailbox: Arc<Mutex<Box>>,
    twist: impl Fn(&mut Box, &str) -> Option<Reply> + Send + Sync + 'static,
) -> u16 {
    let twist = Arc::new(twist);
    serve(move |tcp| {
        let (mailbox, twist) = (mailbox.clone(), twist.clone());
        async move {
            mailbox.lock().unwrap().connections += 1;
            let _ = one_client(tcp, mailbox, &*twist).await;
        }
    })
    .await
}

async fn one_client(
    tcp: TcpStream,
    mailbox: Arc<Mutex<Box>>,
    twist: &(dyn Fn(&mut Box, &str) -> Option<Reply> + Send + Sync),
) -> std::io::Result<()> {
    let mut stream = BufReader::new(tcp);
    stream.write_all(b"* OK hi\r\n").await?;
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 0 {
        let text = line.trim_end().to_owned();
        line.clear();
        let (tag, command) = text.split_once(' ').unwrap_or((&text, ""));
        let reply = {
            let mut mailbox = mailbox.lock().unwrap();
            mailbox.heard.push(command.to_owned());
            twist(&mut mailbox, command).unwrap_or_else(|| mailbox.answer(command))
        };
        let (bytes, over) = match reply {
            Reply::Ok(lines) => (format!("{lines}{tag} OK done\r\n"), false),
            Reply::Tagged(words) => (format!("{tag} {words}\r\n"), false),
            Reply::Last(bytes) => (bytes, true),
            Reply::Raw(bytes) => (bytes.replace("TAG", tag), false),
            Reply::Silence => (String::new(), false),
        };
        stream.write_all(bytes.as_bytes()).await?;
        if over {
            return Ok(());
        }
    }
    Ok(())
}

/// A client of such a server, with a store of its own.
pub(super) struct Desk {
    pub(super) client: Client,
    pub(super) store: Store,
    pub(super) account: AccountId,
    pub(super) inbox: FolderId,
    pub(super) mailbox: Arc<Mutex<Box>>,
    _profile: tempfile::TempDir,
}

pub(super) const NOW: i64 = 1_793_600_000;

impl Desk {
    pub(super) async fn new(
        mailbox: Box,
        twist: impl Fn(&mut Box, &str) -> Option<Reply> + Send + Sync + 'static,
    ) -> Desk {
        let mailbox = Arc::new(Mutex::new(mailbox));
        let port = play(mailbox.clone(), twist).await;
        let profile = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(profile.path()).unwrap();
        let account = account(&store);
        let mut client = Client::new(keys().client, login(port, Security::None), store.clone(), account);
        let folders = client.sync_folders().await.unwrap();
        let inbox = folders.iter().find(|folder| folder.role == FolderRole::Inbox).unwrap().id;
        Desk { client, store, account, inbox, mailbox, _profile: profile }
    }

    pub(super) fn folder(&self) -> Folder {
        self.store.folder(self.inbox).unwrap()
    }

    pub(super) fn rows(&self) -> Vec<Row> {
        let query = ListQuery { scope: Scope::Folder(self.inbox), filter: Default::default(), after: None, limit: 200 };
        self.store.list(&query).unwrap().rows
    }

    /// What the server heard since this was last asked.
    pub(super) fn heard(&self) -> Vec<String> {
        std::mem::take(&mut self.mailbox.lock().unwrap().heard)
    }

    pub(super) fn change(&self, work: impl FnOnce(&mut Box)) {
        work(&mut self.mailbox.lock().unwrap());
    }

    /// How many mails are new.
    pub(super) async fn sync(&mut self, days: u32) -> Result<usize, crate::MailError> {
        Ok(self.client.sync_folder(self.inbox, days, NOW, Arc::new(|_| {})).await?.fresh.len())
    }

    /// As after a while: the folders are listed first.
    pub(super) async fn round(&mut self, days: u32) -> Result<usize, crate::MailError> {
        self.client.sync_folders().await?;
        self.sync(days).await
    }
}

pub(super) fn account(store: &Store) -> AccountId {
    let endpoint = Endpoint { host: "127.0.0.1".into(), port: 1, security: Security::None };
    store
        .account_add(&NewAccount {
            email: "ada@example.com".into(),
            name: "Ada".into(),
            incoming: endpoint.clone(),
            incoming_user: "ada".into(),
            outgoing: endpoint,
            outgoing_user: String::new(),
            days: 30,
            oauth: None,
        })
        .unwrap()
}
