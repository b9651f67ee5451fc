//! One signed-in connection.

use super::{
    heard::Heard,
    idle::MOST_ELSEWHERE,
    quirks::Quirks,
    sign_in::{PATIENCE, words_of},
    value::{Condition, Response, Status, Value},
    wire::{SILENCE, Wire},
};
use crate::{MailError, answers};
use std::{
    collections::{BTreeSet, HashSet},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use tokio::time::timeout;

/// The folder that a connection has open.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selected {
    pub(crate) server_name: String,
    pub(crate) exists: u32,
    pub(crate) uid_validity: u32,
    pub(crate) uid_next: u32,
    /// As it was when the folder was opened. 0: the server has none.
    pub(crate) highest_modseq: u64,
    /// The server told of something new since this was last set to false.
    pub(crate) changed: bool,
    /// What the store has, and what is heard, make up the folder as it is: nothing need be asked for.
    pub(crate) in_step: bool,
    /// Flags that can be set for good, in lower case; None: the server does not say, so all can (RFC 9051 section 7.1).
    pub(crate) permanent: Option<Vec<String>>,
    /// No two openings have the same.
    pub(crate) opening: u64,
}

impl Selected {
    /// Whether the folder can bear this keyword: it does already, or the server takes new ones.
    pub(crate) fn takes(&self, keyword: &str) -> bool {
        let keyword = keyword.to_ascii_lowercase();
        self.permanent.as_ref().is_none_or(|flags| flags.iter().any(|flag| flag == "\\*" || *flag == keyword))
    }
}

/// Of the next opening of a folder.
static OPENINGS: AtomicU64 = AtomicU64::new(1);

#[derive(Debug)]
pub(crate) struct Session {
    pub(super) wire: Wire,
    pub(super) capabilities: HashSet<String>,
    /// How it signed in.
    pub(super) mechanism: &'static str,
    /// The words of a server that is about to hang up.
    pub(super) bye: Option<String>,
    /// ENABLE QRESYNC was acknowledged.
    pub(super) qresync: bool,
    /// Names are UTF-8 on the wire, and a SEARCH names no charset: ENABLE UTF8=ACCEPT was acknowledged (RFC 6855).
    pub(super) utf8: bool,
    /// Capabilities that were told unasked, or to a question.
    pub(super) announced: Option<HashSet<String>>,
    pub(super) quirks: Quirks,
    tags: u32,
    selected: Option<Selected>,
    /// News of the open folder.
    heard: Heard,
    /// NOTIFY was asked for, and granted.
    pub(super) notifying: bool,
    pub(super) notified: bool,
    /// Folders of which there is news, by their names on the server; and whether there are other folders than before.
    elsewhere: (BTreeSet<String>, bool),
    /// What COPYUID told: UID before, UID now.
    copied: Vec<(u32, u32)>,
    /// Commands whose end has not been read.
    under_way: u32,
    /// Responses since the end of a command.
    unanswered: u64,
}

/// Responses to one command: more than the largest folder has mails.
const MOST_RESPONSES: u64 = 5_000_000;

/// What a command is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Piece<'a> {
    Line(&'a str),
    /// Sent after the server's go-ahead.
    Literal(&'a [u8]),
}

impl Session {
    pub(super) fn over(wire: Wire, quirks: Quirks) -> Session {
        Session {
            wire,
            capabilities: HashSet::new(),
            mechanism: "",
            bye: None,
            qresync: false,
            utf8: false,
            announced: None,
            quirks,
            tags: 0,
            selected: None,
            heard: Heard::default(),
            notifying: false,
            notified: false,
            elsewhere: Default::default(),
            copied: Vec::new(),
            under_way: 0,
            unanswered: 0,
        }
    }

    pub(crate) fn has(&self, capability: &str) -> bool {
        self.capabilities.contains(capability)
    }

    /// A folder's name as this server wants it.
    pub(crate) fn encode(&self, name: &str) -> String {
        if self.utf8 { name.to_owned() } else { super::utf7::encode(name) }
    }

    pub(crate) fn tls_version(&self) -> Option<&'static str> {
        self.wire.stream().tls_version()
    }

    pub(crate) fn selected(&self) -> Option<&Selected> {
        self.selected.as_ref()
    }

    /// Whether the server told of something new in the open folder.
    pub(crate) fn is_changed(&self) -> bool {
        self.selected.as_ref().is_some_and(|selected| selected.changed)
    }

    /// As [`Session::is_changed`]; asking makes it false.
    pub(crate) fn take_changed(&mut self) -> bool {
        self.selected.as_mut().is_some_and(|selected| std::mem::take(&mut selected.changed))
    }

    /// Whether nothing was heard of the open folder.
    pub(crate) fn is_silent(&self) -> bool {
        self.heard.is_empty()
    }

    /// What was heard of the open folder; from now on the store must be told of it, or the folder be opened afresh.
    pub(crate) fn take_heard(&mut self) -> Heard {
        if let Some(selected) = &mut self.selected {
            selected.changed = false;
            selected.in_step = false;
        }
        std::mem::take(&mut self.heard)
    }

    /// The store has the open folder as it is, but for what is heard from here on.
    pub(crate) fn set_in_step(&mut self) {
        if let Some(selected) = &mut self.selected {
            selected.in_step = true;
        }
    }

    /// Whether NOTIFY told of other folders.
    pub(crate) fn is_elsewhere(&self) -> bool {
        !self.elsewhere.0.is_empty() || self.elsewhere.1
    }

    /// What NOTIFY told of other folders since this was last asked.
    pub(crate) fn take_elsewhere(&mut self) -> (BTreeSet<String>, bool) {
        std::mem::take(&mut self.elsewhere)
    }

    /// Opens a folder, afresh also where it is open already.
    pub(crate) async fn select(&mut self, server_name: &str) -> Result<Selected, MailError> {
        self.select_since(server_name, None).await
    }

    /// The same; with QRESYNC (RFC 7162 section 3.2.5) the server tells what changed `since` (UIDVALIDITY, modification
    /// sequence), which is heard then.
    pub(crate) async fn select_since(
        &mut self,
        server_name: &str,
        since: Option<(u32, u64)>,
    ) -> Result<Selected, MailError> {
        self.selected = None;
        self.heard = Heard::default();
        let since = since.filter(|(validity, modseq)| self.qresync && *validity > 0 && *modseq > 0);
        let how = match since {
            Some((validity, modseq)) => format!(" (QRESYNC ({validity} {modseq}))"),
            None if self.has("CONDSTORE") || self.has("QRESYNC") => " (CONDSTORE)".to_owned(),
            None => String::new(),
        };
        let opening = OPENINGS.fetch_add(1, Ordering::Relaxed);
        let mut found = Selected { server_name: server_name.to_owned(), opening, ..Selected::default() };
        let tag = self.send(&format!("SELECT {}{how}", quote(server_name))).await?;
        loop {
            match self.read().await? {
                Response::Done { tag: done, status } if done == tag => {
                    judge(status)?;
                    break;
                }
                Response::Status(status) => {
                    let number = |name: &str| status.code(name).and_then(|rest| rest.first()).and_then(Value::number);
                    if let Some(number) = number("UIDVALIDITY") {
                        found.uid_validity = number as u32;
                    } else if let Some(number) = number("UIDNEXT") {
                        found.uid_next = number as u32;
                    } else if let Some(number) = number("HIGHESTMODSEQ") {
                        found.highest_modseq = number;
                    } else if let Some([Value::List(flags), ..]) = status.code("PERMANENTFLAGS") {
                        found.permanent =
                            Some(flags.iter().filter_map(Value::text).map(|flag| flag.to_ascii_lowercase()).collect());
                    } else if status.code("CLOSED").is_some() {
                        // What came so far was about the folder before.
                        self.heard = Heard::default();
                    } else if status.condition == Condition::Bye {
                        return Err(MailError::Closed);
                    }
                }
                Response::Data(data) => {
                    self.heard.note(&data, &mut found.exists);
                    if self.notified {
                        self.notice_elsewhere(&Response::Data(data));
                    }
                }
                // What changed may be in it.
                Response::Odd => {
                    self.heard.gone_unclear = true;
                    self.heard.flags_unclear = true;
                }
                Response::Continue(_) | Response::Done { .. } => {}
            }
        }
        // Asked with numbers of another UIDVALIDITY, the server tells nothing.
        found.in_step = since.is_some_and(|(validity, _)| validity == found.uid_validity && found.highest_modseq > 0);
        self.selected = Some(found.clone());
        Ok(found)
    }

    /// Opens a folder unless it is open.
    pub(crate) async fn ensure_selected(&mut self, server_name: &str) -> Result<Selected, MailError> {
        match &self.selected {
            Some(selected) if selected.server_name == server_name => Ok(selected.clone()),
            _ => self.select(server_name).await,
        }
    }

    /// Sends a command of one line and reads to its end. NO and BAD are [`MailError::Refused`].
    pub(crate) async fn run(&mut self, command: &str, on: impl FnMut(&[Value])) -> Result<Status, MailError> {
        let tag = self.send(command).await?;
        self.finish(&tag, on).await
    }

    pub(crate) async fn run_pieces(
        &mut self,
        pieces: &[Piece<'_>],
        on: impl FnMut(&[Value]),
    ) -> Result<Status, MailError> {
        match self.send_pieces(pieces).await? {
            Sent::Whole(tag) => self.finish(&tag, on).await,
            Sent::Refused(status) => judge(status),
        }
    }

    /// The same, and the tagged answer as it is.
    pub(super) async fn ask_pieces(&mut self, pieces: &[Piece<'_>]) -> Result<Status, MailError> {
        let tag = match self.send_pieces(pieces).await? {
            Sent::Whole(tag) => tag,
            Sent::Refused(status) => return Ok(status),
        };
        loop {
            match self.read().await? {
                Response::Done { tag: done, status } if done == tag => return Ok(status),
                other => self.notice(&other),
            }
        }
    }

    async fn send_pieces(&mut self, pieces: &[Piece<'_>]) -> Result<Sent, MailError> {
        let tag = self.next_tag();
        if let Some(Piece::Line(command)) = pieces.first() {
            self.expect(command);
        }
        let mut line = format!("{tag} ");
        for piece in pieces {
            match piece {
                Piece::Line(text) => line.push_str(text),
                Piece::Literal(bytes) => {
                    line.push_str(&format!("{{{}}}\r\n", bytes.len()));
                    self.wire.write(line.as_bytes()).await?;
                    line.clear();
                    loop {
                        match self.read().await? {
                            Response::Continue(_) => break,
                            Response::Done { tag: done, status } if done == tag => return Ok(Sent::Refused(status)),
                            other => self.notice(&other),
                        }
                    }
                    self.wire.write(bytes).await?;
                }
            }
        }
        line.push_str("\r\n");
        self.wire.write(line.as_bytes()).await?;
        Ok(Sent::Whole(tag))
    }

    /// Sends a command without waiting: several can be under way. Gives its tag for [`Session::finish`].
    pub(crate) async fn send(&mut self, command: &str) -> Result<String, MailError> {
        let tag = self.next_tag();
        self.expect(command);
        self.wire.write(format!("{tag} {command}\r\n").as_bytes()).await?;
        Ok(tag)
    }

    /// The same for commands that are understood on their own, in one packet.
    pub(crate) async fn send_together(&mut self, commands: &[&str]) -> Result<Vec<String>, MailError> {
        let tags: Vec<String> = commands.iter().map(|_| self.next_tag()).collect();
        commands.iter().for_each(|command| self.expect(command));
        let lines: String = tags.iter().zip(commands).map(|(tag, command)| format!("{tag} {command}\r\n")).collect();
        if !lines.is_empty() {
            self.wire.write(lines.as_bytes()).await?;
        }
        Ok(tags)
    }

    /// Reads up to the end of a command, demanding its tagged OK.
    pub(crate) async fn finish(&mut self, tag: &str, mut on: impl FnMut(&[Value])) -> Result<Status, MailError> {
        loop {
            match self.next(tag).await? {
                Next::Data(data) => on(&data),
                Next::Done(status) => return Ok(status),
            }
        }
    }

    /// One data response, or the command's end. A response that is not understood is data without words.
    pub(crate) async fn next(&mut self, tag: &str) -> Result<Next, MailError> {
        loop {
            match self.read().await? {
                Response::Done { tag: done, status } if done == tag => {
                    self.note_copied(&status);
                    return judge(status).map(Next::Done);
                }
                Response::Status(status) if status.code("COPYUID").is_some() => self.note_copied(&status),
                Response::Data(data) => {
                    let response = Response::Data(data);
                    self.notice(&response);
                    let Response::Data(data) = response else { continue };
                    return Ok(Next::Data(data));
                }
                Response::Odd => {
                    self.notice(&Response::Odd);
                    return Ok(Next::Data(Vec::new()));
                }
                Response::Status(status) if status.condition == Condition::Bye => {
                    tracing::debug!("the server says goodbye");
                    // After LOGOUT the tagged OK follows; otherwise the end of the stream does.
                }
                other => self.notice(&other),
            }
        }
    }

    /// Compresses from here on, where the server can (RFC 4978). No command may be under way.
    pub(super) async fn compress(&mut self) -> Result<(), MailError> {
        if !self.capabilities.remove("COMPRESS=DEFLATE") {
            return Ok(());
        }
        let tag = self.send("COMPRESS DEFLATE").await?;
        match self.finish(&tag, |_| {}).await {
            Ok(_) => {
                tracing::info!("a slow link: what comes is compressed from here on");
                self.wire.squeeze();
                Ok(())
            }
            Err(MailError::Refused { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub(crate) async fn logout(mut self) {
        let _ = timeout(Duration::from_secs(2), self.run("LOGOUT", |_| {})).await;
    }

    /// What a server may say at any time.
    pub(super) fn notice(&mut self, response: &Response) {
        if self.notified {
            self.notice_elsewhere(response);
        }
        let Some(selected) = &mut self.selected else { return };
        match response {
            Response::Data(data) => {
                let mut exists = selected.exists;
                selected.changed |= self.heard.note(data, &mut exists);
                selected.exists = exists;
            }
            // News may be in it.
            Response::Odd => {
                self.heard.gone_unclear = true;
                self.heard.flags_unclear = true;
                selected.changed = true;
            }
            _ => {}
        }
    }

    /// RFC 5465 section 5: other folders are told by STATUS, other names by LIST.
    fn notice_elsewhere(&mut self, response: &Response) {
        match response {
            Response::Data(data) => match data.as_slice() {
                [word, name, Value::List(_)] if word.is("STATUS") => match super::list::wire_name(name) {
                    Some(name) if self.elsewhere.0.len() < MOST_ELSEWHERE => drop(self.elsewhere.0.insert(name)),
                    _ => self.elsewhere.1 = true,
                },
                [word, ..] if word.is("LIST") => self.elsewhere.1 = true,
                _ => {}
            },
            Response::Status(status) if status.code("NOTIFICATIONOVERFLOW").is_some() => self.notified = false,
            _ => {}
        }
    }

    /// RFC 4315 puts it into the tagged answer of COPY, RFC 6851 into an untagged one before that of MOVE.
    fn note_copied(&mut self, status: &Status) {
        if let Some([_, from, to, ..]) = status.code("COPYUID")
            && let (Some(from), Some(to)) = (from.text(), to.text())
        {
            self.copied.extend(super::replay::copied(&from, &to));
        }
    }

    /// The pairs that COPYUID told since this was last asked.
    pub(crate) fn take_copied(&mut self) -> Vec<(u32, u32)> {
        std::mem::take(&mut self.copied)
    }

    /// Whether a command was left before its end, by a caller that was dropped: what comes next answers that one.
    pub(crate) fn abandoned(&self) -> bool {
        self.under_way > 0
    }

    pub(super) async fn read(&mut self) -> Result<Response, MailError> {
        let response = self.wire.read().await?;
        self.unanswered += 1;
        if self.unanswered > MOST_RESPONSES {
            return Err(MailError::Protocol("an answer without an end"));
        }
        match &response {
            Response::Done { .. } => {
                self.under_way = self.under_way.saturating_sub(1);
                self.unanswered = 0;
            }
            Response::Data(data) if data.first().is_some_and(|word| word.is("CAPABILITY")) => {
                self.announced = Some(words_of(&data[1..]));
            }
            Response::Status(status) if status.condition == Condition::Bye => self.bye = Some(refusal(status)),
            _ => {}
        }
        Ok(response)
    }

    /// How long the server may think before it answers: some commands make it read a whole folder.
    fn expect(&mut self, command: &str) {
        let command = command.strip_prefix("UID ").unwrap_or(command);
        let word = command.split(' ').next().unwrap_or_default();
        let slow =
            ["SELECT", "SEARCH", "COPY", "MOVE", "EXPUNGE", "APPEND", "LIST", "STATUS", "CREATE", "RENAME", "DELETE"];
        let patience = if slow.contains(&word) { PATIENCE } else { SILENCE };
        self.wire.patience = if self.under_way > 1 { self.wire.patience.max(patience) } else { patience };
    }

    fn next_tag(&mut self) -> String {
        self.tags += 1;
        self.under_way += 1;
        format!("C{}", self.tags)
    }
}

/// A command of several pieces.
enum Sent {
    /// Its tag.
    Whole(String),
    /// The server did not want the next piece.
    Refused(Status),
}

pub(crate) enum Next {
    Data(Vec<Value>),
    Done(Status),
}

/// A tagged answer as success or failure.
pub(super) fn judge(status: Status) -> Result<Status, MailError> {
    match status.condition {
        Condition::Ok => Ok(status),
        _ => {
            // RFC 5530: these say that it is not about the request. Some servers say so in words alone.
            let passing = ["UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG"];
            let text = refusal(&status);
            let temporary = passing.iter().any(|name| status.code(name).is_some()) || answers::passes(&text);
            Err(MailError::Refused { text, temporary })
        }
    }
}

fn refusal(status: &Status) -> String {
    let code = status.code.first().and_then(Value::text).map(|code| format!("[{code}] ")).unwrap_or_default();
    format!("{code}{}", printable(&status.words))
}

/// A server's words, for a person to read.
pub(super) fn printable(words: &str) -> String {
    words.chars().filter(|letter| !letter.is_control()).take(300).collect()
}

/// As a quoted string, for folder names and Message-IDs.
pub(crate) fn quote(text: &str) -> String {
    let safe: String = text.chars().filter(|letter| !matches!(letter, '\r' | '\n' | '\0')).collect();
    format!("\"{}\"", safe.replace('\\', "\\\\").replace('"', "\\\""))
}
