//! One signed-in connection.

use super::{
    heard::Heard,
    quirks::Quirks,
    select::Selected,
    sign_in::{PATIENCE, words_of},
    value::{Condition, Response, Status, Value},
    wire::{SILENCE, Wire},
};
use crate::{MailError, answers};
use std::{
    collections::{BTreeSet, HashSet},
    time::Duration,
};
use tokio::time::timeout;

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
    /// Names are UTF-8 on the wire, and a SEARCH names no charset: ENABLE UTF8=ACCEPT was acknowledged (RFC 9755).
    pub(super) utf8: bool,
    /// Capabilities that were told unasked, or to a question.
    pub(super) announced: Option<HashSet<String>>,
    pub(super) quirks: Quirks,
    tags: u32,
    pub(super) selected: Option<Selected>,
    /// News of the open folder.
    pub(super) heard: Heard,
    /// NOTIFY was asked for, and granted.
    pub(super) notifying: bool,
    pub(super) notified: bool,
    /// Folders of which there is news, by their names on the server; and whether there are other folders than before.
    pub(super) elsewhere: (BTreeSet<String>, bool),
    /// What COPYUID told: UID before, UID now.
    pub(super) copied: Vec<(u32, u32)>,
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

    /// A folder's name, which is kept in modified UTF-7, as this server wants it in a command.
    pub(crate) fn named(&self, server_name: &str) -> String {
        if self.utf8 { quote(&super::utf7::decode(server_name.as_bytes())) } else { quote(server_name) }
    }

    pub(crate) fn tls_version(&self) -> Option<&'static str> {
        self.wire.stream().tls_version()
    }

    pub(crate) fn selected(&self) -> Option<&Selected> {
        self.selected.as_ref()
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

/// As a quoted string; for names of folders see [`Session::named`].
pub(crate) fn quote(text: &str) -> String {
    let safe: String = text.chars().filter(|letter| !matches!(letter, '\r' | '\n' | '\0')).collect();
    format!("\"{}\"", safe.replace('\\', "\\\\").replace('"', "\\\""))
}
