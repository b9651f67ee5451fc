//! A server with neither MOVE nor COPYUID, whose answer is lost: a mail is never removed before its own copy is there.

use super::{
    super::{Client, fetch::numbers},
    fake::{NOW, account},
};
use crate::testkit::{keys, login, serve};
use clientele_model::{Action, FolderRole, MessageId, Security};
use clientele_store::{ListQuery, Scope, Store};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

#[derive(Clone)]
struct Mail {
    uid: u32,
    day: u32,
    deleted: bool,
    text: String,
}

/// What happens to the next COPY.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    No,
    /// So many are copied, then the connection breaks.
    After(usize),
    /// The connection breaks when the first removal is asked for.
    BeforeRemoval,
}

struct Server {
    folders: BTreeMap<&'static str, Vec<Mail>>,
    next: u32,
    fault: Fault,
}

const FOLDERS: [&str; 5] = ["INBOX", "Archive", "Sent", "Junk", "Trash"];

impl Server {
    fn put(&mut self, folder: &'static str, day: u32, text: String) {
        self.next += 1;
        let mail = Mail { uid: self.next, day, deleted: false, text };
        self.folders.entry(folder).or_default().push(mail);
    }

    /// What is in a folder, in some order.
    fn texts(&self, folder: &str) -> Vec<String> {
        let mut texts: Vec<String> = self.folders[folder].iter().map(|mail| mail.text.clone()).collect();
        texts.sort();
        texts
    }

    /// None: the connection breaks.
    fn answer(&mut self, command: &str, open: &mut &'static str) -> Option<String> {
        let words: Vec<&str> = command.split(' ').collect();
        let quoted = command.split('"').nth(1).unwrap_or_default();
        let named = |wanted: &str| *FOLDERS.iter().find(|name| **name == wanted).unwrap();
        let place = |mails: &[Mail], set: &str, by_place: bool| -> Vec<usize> {
            let last = mails.last().map_or(1, |mail| if by_place { mails.len() as u32 } else { mail.uid });
            let wanted = numbers(&set.replace('*', &last.to_string()), 10_000);
            let number = |place: usize| if by_place { place as u32 + 1 } else { mails[place].uid };
            (0..mails.len()).filter(|place| wanted.contains(&number(*place))).collect()
        };
        Some(match (words[0], words.get(1).copied().unwrap_or_default()) {
            ("CAPABILITY", _) => "* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\r\n".into(),
            ("LIST", _) => FOLDERS.map(|name| format!("* LIST () \"/\" {name}\r\n")).concat(),
            ("SELECT", _) => {
                *open = named(quoted);
                let count = self.folders[open].len();
                format!("* {count} EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT {}] x\r\n", self.next + 1)
            }
            ("FETCH", set) => {
                let mails = &self.folders[open];
                place(mails, set, true).into_iter().map(|at| fetch(at, &mails[at], command)).collect()
            }
            ("UID", "FETCH") => {
                let mails = &self.folders[open];
                place(mails, words[2], false).into_iter().map(|at| fetch(at, &mails[at], command)).collect()
            }
            ("UID", "SEARCH") => {
                let mails = &self.folders[open];
                let size = |word: &str| -> Option<usize> {
                    words.iter().position(|one| *one == word).map(|at| words[at + 1].parse().unwrap())
                };
                let set = words[2..].iter().position(|word| *word == "UID").map(|at| words[at + 3]);
                let by_uid = set.map(|set| place(mails, set, false));
                let found = (0..mails.len()).filter(|at| {
                    let mail = &mails[*at];
                    by_uid.as_ref().is_none_or(|found| found.contains(at))
                        && (!command.contains("HEADER Message-ID") || mail.text.contains(quoted))
                        && (!command.contains("DELETED") || mail.deleted)
                        && size("LARGER").is_none_or(|size| mail.text.len() > size)
                        && size("SMALLER").is_none_or(|size| mail.text.len() < size)
                });
                format!("* SEARCH{}\r\n", found.map(|at| format!(" {}", mails[at].uid)).collect::<String>())
            }
            ("UID", "COPY") => {
                let mails = self.folders[open].clone();
                let copied = place(&mails, words[2], false);
                let most = if let Fault::After(most) = self.fault { most } else { usize::MAX };
                for at in copied.into_iter().take(most) {
                    self.put(named(quoted), mails[at].day, mails[at].text.clone());
                }
                if let Fault::After(_) = self.fault {
                    self.fault = Fault::No;
                    return None;
                }
                String::new()
            }
            ("UID", "STORE") => {
                if self.fault == Fault::BeforeRemoval {
                    self.fault = Fault::No;
                    return None;
                }
                let mails = self.folders.get_mut(open).unwrap();
                for at in place(mails, words[2], false) {
                    if command.contains("\\Deleted") {
                        mails[at].deleted = command.contains('+');
                    }
                }
                String::new()
            }
            ("EXPUNGE", _) => {
                self.folders.get_mut(open).unwrap().retain(|mail| !mail.deleted);
                String::new()
            }
            _ => String::new(),
        })
    }
}

fn fetch(at: usize, mail: &Mail, what: &str) -> String {
    let Mail { uid, day, text, .. } = mail;
    let mut items = format!("UID {uid} FLAGS ()");
    if what.contains("SIZE") {
        items += &format!(" INTERNALDATE \" {day}-Nov-2026 10:00:00 +0000\" RFC822.SIZE {}", text.len());
    }
    if what.contains("HEADER.FIELDS") {
        let line = text.lines().find(|line| line.starts_with("Message-ID")).map(|line| format!("{line}\r\n"));
        let header = line.unwrap_or_default() + "\r\n";
        items += &format!(" BODY[HEADER.FIELDS (MESSAGE-ID)] {{{}}}\r\n{header}", header.len());
    } else if what.contains("BODY") {
        items += &format!(" BODY[]<0> {{{}}}\r\n{text}", text.len());
    }
    format!("* {} FETCH ({items})\r\n", at + 1)
}

async fn one_client(tcp: TcpStream, server: Arc<Mutex<Server>>) -> std::io::Result<()> {
    let mut stream = BufReader::new(tcp);
    stream.write_all(b"* OK hi\r\n").await?;
    let (mut line, mut open) = (String::new(), "INBOX");
    while stream.read_line(&mut line).await? > 0 {
        let text = line.trim_end().to_owned();
        line.clear();
        let (tag, command) = text.split_once(' ').unwrap_or((&text, ""));
        let Some(answer) = server.lock().unwrap().answer(command, &mut open) else { return Ok(()) };
        stream.write_all(format!("{answer}{tag} OK done\r\n").as_bytes()).await?;
    }
    Ok(())
}

fn mail(head: &str, words: &str) -> String {
    format!("{head}Subject: {words}\r\nFrom: b@example.com\r\n\r\n{words}\r\n")
}

struct Desk {
    client: Client,
    store: Store,
    server: Arc<Mutex<Server>>,
    _profile: tempfile::TempDir,
}

impl Desk {
    async fn new(inbox: Vec<(u32, String)>) -> Desk {
        let folders = FOLDERS.map(|name| (name, Vec::new())).into();
        let mut server = Server { folders, next: 100, fault: Fault::No };
        inbox.into_iter().for_each(|(day, text)| server.put("INBOX", day, text));
        let server = Arc::new(Mutex::new(server));
        let serving = server.clone();
        let port = serve(move |tcp| {
            let server = serving.clone();
            async move {
                let _ = one_client(tcp, server).await;
            }
        })
        .await;
        let profile = tempfile::tempdir().unwrap();
        let (store, _) = Store::open(profile.path()).unwrap();
        let account = account(&store);
        let client = Client::new(keys().client, login(port, Security::None), store.clone(), account);
        let mut desk = Desk { client, store, server, _profile: profile };
        desk.sync().await;
        desk
    }

    async fn sync(&mut self) {
        for folder in self.client.sync_folders().await.unwrap() {
            self.client.sync_folder(folder.id, 30, NOW, Arc::new(|_| {})).await.unwrap();
        }
    }

    /// Row ids and what the mails say.
    fn rows(&self, role: FolderRole) -> Vec<(MessageId, String)> {
        let folder = self.store.folders_all().unwrap().into_iter().find(|folder| folder.role == role).unwrap().id;
        let query = ListQuery { scope: Scope::Folder(folder), filter: Default::default(), after: None, limit: 50 };
        let mut rows: Vec<_> = self
            .store
            .list(&query)
            .unwrap()
            .rows
            .into_iter()
            .map(|row| (row.id, String::from_utf8(self.store.raw(row.id).unwrap().unwrap()).unwrap()))
            .collect();
        rows.sort();
        rows
    }

    /// Moves the whole inbox to Done, and the connection breaks on the way.
    async fn done(&mut self, fault: Fault) {
        let before = self.rows(FolderRole::Inbox);
        let ids: Vec<_> = before.iter().map(|(id, _)| *id).collect();
        self.server.lock().unwrap().fault = fault;
        self.store.operate(&ids, &Action::Done, NOW).unwrap();
        self.client.replay(NOW).await.unwrap_err();
        self.client.replay(NOW + 3600).await.unwrap();
        assert!(self.store.operations_refused().unwrap().is_empty());
    }
}

/// By Message-ID, or by what stands in its place.
fn twins() -> [Vec<(u32, String)>; 4] {
    let named = "Message-ID: <same@x>\r\n";
    [
        // Two mails with one Message-ID, one longer than the other; as long, of another day; the same in all; and without.
        vec![(1, mail(named, "one")), (1, mail(named, "the longer other"))],
        vec![(1, mail(named, "one")), (2, mail(named, "two"))],
        vec![(1, mail(named, "one")), (1, mail(named, "one"))],
        vec![(1, mail("", "one")), (2, mail("", "two")), (2, mail("", "third"))],
    ]
}

#[tokio::test]
async fn a_mail_is_not_taken_for_another_of_its_message_id() {
    for inbox in twins() {
        for fault in [Fault::After(0), Fault::After(1), Fault::After(2), Fault::BeforeRemoval] {
            let mut desk = Desk::new(inbox.clone()).await;
            let before = desk.rows(FolderRole::Inbox);
            let texts = desk.server.lock().unwrap().texts("INBOX");
            desk.done(fault).await;
            {
                let server = desk.server.lock().unwrap();
                assert_eq!((server.texts("INBOX").len(), server.texts("Archive")), (0, texts), "each once, none lost");
            }
            desk.sync().await;
            assert_eq!(desk.rows(FolderRole::Done), before, "the same rows have the same mails");
        }
    }
}

/// Another program put a mail of the same Message-ID there, long ago or just now.
#[tokio::test]
async fn a_mail_that_was_there_before_is_no_copy() {
    for other in [mail("Message-ID: <same@x>\r\n", "one"), mail("Message-ID: <the-same@x>\r\n", "one")] {
        let mut desk = Desk::new(vec![(1, mail("Message-ID: <same@x>\r\n", "one"))]).await;
        desk.server.lock().unwrap().put("Archive", 1, other);
        desk.sync().await;
        let archive = desk.rows(FolderRole::Done);
        assert_eq!(archive.len(), 1);
        // Older than the mails that are here.
        let folder = desk.store.folders_all().unwrap().into_iter().find(|one| one.role == FolderRole::Done).unwrap();
        desk.store.vanished(folder.id, &desk.store.uids(folder.id).unwrap()).unwrap();
        desk.done(Fault::After(0)).await;
        let server = desk.server.lock().unwrap();
        assert_eq!((server.texts("INBOX").len(), server.texts("Archive").len()), (0, 2), "its copy was never made");
    }
}
