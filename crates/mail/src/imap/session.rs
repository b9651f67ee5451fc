//! One signed-in connection.

use super::{
    value::{Condition, Response, Status, Value},
    wire::Wire,
};
use crate::{MailError, answers};
use std::{collections::HashSet, time::Duration};
use tokio::time::timeout;

/// The folder that a connection has open.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selected {
    pub(crate) server_name: String,
    pub(crate) exists: u32,
    pub(crate) uid_validity: u32,
    pub(crate) uid_next: u32,
    /// 0: the server has none.
    pub(crate) highest_modseq: u64,
    /// The server told of something new since this was last set to false.
    pub(crate) changed: bool,
}

#[derive(Debug)]
pub(crate) struct Session {
    pub(super) wire: Wire,
    pub(super) capabilities: HashSet<String>,
    /// How it signed in.
    pub(super) mechanism: &'static str,
    /// The words of a server that is about to hang up.
    pub(super) bye: Option<String>,
    tags: u32,
    selected: Option<Selected>,
    /// What COPYUID told: UID before, UID now.
    copied: Vec<(u32, u32)>,
    /// Commands whose end has not been read.
    under_way: u32,
}

/// What a command is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Piece<'a> {
    Line(&'a str),
    /// Sent after the server's go-ahead.
    Literal(&'a [u8]),
}

impl Session {
    pub(super) fn over(wire: Wire) -> Session {
        Session {
            wire,
            capabilities: HashSet::new(),
            mechanism: "",
            bye: None,
            tags: 0,
            selected: None,
            copied: Vec::new(),
            under_way: 0,
        }
    }

    pub(crate) fn has(&self, capability: &str) -> bool {
        self.capabilities.contains(capability)
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

    /// Opens a folder, afresh also where it is open already.
    pub(crate) async fn select(&mut self, server_name: &str) -> Result<Selected, MailError> {
        self.selected = None;
        let modseq = self.has("CONDSTORE") || self.has("QRESYNC");
        let command = format!("SELECT {}{}", quote(server_name), if modseq { " (CONDSTORE)" } else { "" });
        let mut found = Selected { server_name: server_name.to_owned(), ..Selected::default() };
        let tag = self.send(&command).await?;
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
                    } else if status.condition == Condition::Bye {
                        return Err(MailError::Closed);
                    }
                }
                Response::Data(data) => {
                    if let [number, word, ..] = data.as_slice()
                        && word.is("EXISTS")
                    {
                        found.exists = number.number().unwrap_or(0) as u32;
                    }
                }
                Response::Continue(_) | Response::Done { .. } | Response::Odd => {}
            }
        }
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
        self.wire.write(format!("{tag} {command}\r\n").as_bytes()).await?;
        Ok(tag)
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
                Response::Odd => return Ok(Next::Data(Vec::new())),
                Response::Status(status) if status.condition == Condition::Bye => {
                    tracing::debug!("the server says goodbye");
                    // After LOGOUT the tagged OK follows; otherwise the end of the stream does.
                }
                other => self.notice(&other),
            }
        }
    }

    pub(crate) async fn logout(mut self) {
        let _ = timeout(Duration::from_secs(2), self.run("LOGOUT", |_| {})).await;
    }

    /// What a server may say at any time.
    pub(super) fn notice(&mut self, response: &Response) {
        let (Some(selected), Response::Data(data)) = (&mut self.selected, response) else { return };
        match data.as_slice() {
            [number, word, ..] if word.is("EXISTS") => {
                let exists = number.number().unwrap_or(0) as u32;
                selected.changed |= exists != selected.exists;
                selected.exists = exists;
            }
            [_, word, ..] if word.is("EXPUNGE") => {
                selected.exists = selected.exists.saturating_sub(1);
                selected.changed = true;
            }
            [word, ..] if word.is("VANISHED") => selected.changed = true,
            // Flags that changed elsewhere; answers to our own FETCH carry more than that.
            [_, word, Value::List(items)] if word.is("FETCH") => {
                let body = items.iter().any(|item| matches!(item, Value::Atom(name) if name.starts_with(b"BODY")));
                selected.changed |= !body;
            }
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
        match &response {
            Response::Done { .. } => self.under_way = self.under_way.saturating_sub(1),
            Response::Status(status) if status.condition == Condition::Bye => self.bye = Some(refusal(status)),
            _ => {}
        }
        Ok(response)
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

/// As a quoted string, for folder names and Message-IDs: both are ASCII here.
pub(crate) fn quote(text: &str) -> String {
    let safe: String = text.chars().filter(|letter| !matches!(letter, '\r' | '\n' | '\0')).collect();
    format!("\"{}\"", safe.replace('\\', "\\\\").replace('"', "\\\""))
}
