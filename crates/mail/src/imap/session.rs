//! One signed-in connection.

use super::{
    value::{Condition, Response, Status, Value},
    wire::Wire,
};
use crate::{Login, MailError};
use base64::{Engine, engine::general_purpose::STANDARD};
use clientele_model::{Secret, Security};
use clientele_net::{Cause, NetError, Stage, Stream, Tls, connect, speaks_tls};
use std::{collections::HashSet, time::Duration};
use tokio::time::timeout;

/// For connecting, all stages together.
const CONNECT: Duration = Duration::from_secs(20);
/// For an answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// A server on a plain port that has not greeted by then may be one that waits for TLS.
const SILENT: Duration = Duration::from_secs(2);

/// How far signing in came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Resolve,
    Connect,
    Tls,
    SignIn,
    Use,
}

impl From<Stage> for Step {
    fn from(stage: Stage) -> Self {
        match stage {
            Stage::Resolve => Step::Resolve,
            Stage::Connect => Step::Connect,
            Stage::Tls => Step::Tls,
        }
    }
}

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
    wire: Wire,
    capabilities: HashSet<String>,
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
    /// Connects and signs in. `step` always says how far it came, also when it fails.
    pub(crate) async fn open(tls: &Tls, login: &Login, step: &mut Step) -> Result<Session, MailError> {
        *step = Step::Resolve;
        let stream = match connect(tls, &login.endpoint, CONNECT).await {
            Ok(stream) => stream,
            Err(error) => {
                *step = error.stage.into();
                return Err(error.into());
            }
        };
        *step = if login.endpoint.security == Security::Tls { Step::Tls } else { Step::Connect };
        let mut session = Session::greeted(stream, tls, login).await?;
        if login.endpoint.security == Security::Starttls {
            *step = Step::Tls;
            session = session.start_tls(tls, login).await?;
        }
        *step = Step::SignIn;
        let secret = login.secret.secret().await?;
        session.sign_in(&login.user, &secret).await?;
        *step = Step::Use;
        session.introduce().await?;
        Ok(session)
    }

    fn over(wire: Wire) -> Session {
        Session { wire, capabilities: HashSet::new(), tags: 0, selected: None, copied: Vec::new(), under_way: 0 }
    }

    async fn greeted(stream: Stream, tls: &Tls, login: &Login) -> Result<Session, MailError> {
        let mut wire = Wire::new(stream, PATIENCE);
        let line = match timeout(SILENT, wire.line()).await {
            Ok(line) => line?,
            Err(_) => {
                let endpoint = &login.endpoint;
                let plain = endpoint.security != Security::Tls;
                if plain && speaks_tls(tls, &endpoint.host, endpoint.port, CONNECT / 4).await {
                    return Err(silent_tls());
                }
                timeout(CONNECT, wire.line()).await.map_err(|_| MailError::Timeout)??
            }
        };
        judge_greeting(&line)?;
        Ok(Session::over(wire))
    }

    /// RFC 9051 section 6.2.1. Nothing read before TLS is believed: not the greeting's words, not its capabilities.
    async fn start_tls(mut self, tls: &Tls, login: &Login) -> Result<Session, MailError> {
        self.ask_capabilities().await?;
        if !self.has("STARTTLS") {
            return Err(MailError::StarttlsMissing);
        }
        match self.run("STARTTLS", |_| {}).await {
            Ok(_) => {}
            Err(MailError::Refused { .. }) => return Err(MailError::StarttlsMissing),
            Err(error) => return Err(error),
        }
        let stream = self.wire.into_stream().upgrade(tls, &login.endpoint.host, CONNECT).await?;
        let wire = Wire::new(stream, PATIENCE);
        Ok(Session::over(wire))
    }

    async fn sign_in(&mut self, user: &str, secret: &Secret) -> Result<(), MailError> {
        self.ask_capabilities().await?;
        let done = if self.has("AUTH=PLAIN") {
            self.authenticate_plain(user, secret).await
        } else if !self.has("LOGINDISABLED") {
            self.login(user, secret).await
        } else {
            return Err(MailError::SignInUnsupported);
        };
        let status = done.map_err(|error| match error {
            MailError::Refused { text, temporary: false } => MailError::SignInRefused(text),
            other => other,
        })?;
        match status.code("CAPABILITY") {
            Some(words) => self.capabilities = words_of(words),
            None => self.ask_capabilities().await?,
        }
        Ok(())
    }

    /// RFC 4616, with the initial response of RFC 4959 where the server takes it.
    async fn authenticate_plain(&mut self, user: &str, secret: &Secret) -> Result<Status, MailError> {
        // The encoded password is as secret as the password.
        let response = Secret::new(STANDARD.encode(format!("\0{user}\0{}", secret.expose())));
        if self.has("SASL-IR") {
            return self.run(&format!("AUTHENTICATE PLAIN {}", response.expose()), |_| {}).await;
        }
        let tag = self.send("AUTHENTICATE PLAIN").await?;
        loop {
            match self.read().await? {
                Response::Continue(_) => break,
                Response::Done { tag: done, status } if done == tag => return judge(status),
                _ => {}
            }
        }
        self.wire.write(format!("{}\r\n", response.expose()).as_bytes()).await?;
        self.finish(&tag, |_| {}).await
    }

    async fn login(&mut self, user: &str, secret: &Secret) -> Result<Status, MailError> {
        let pieces = [
            Piece::Line("LOGIN "),
            Piece::Literal(user.as_bytes()),
            Piece::Line(" "),
            Piece::Literal(secret.expose().as_bytes()),
        ];
        self.run_pieces(&pieces, |_| {}).await
    }

    /// RFC 2971: some providers refuse a client that does not say its name.
    async fn introduce(&mut self) -> Result<(), MailError> {
        if self.has("ID") {
            let command = concat!("ID (\"name\" \"Clientele\" \"version\" \"", env!("CARGO_PKG_VERSION"), "\")");
            match self.run(command, |_| {}).await {
                Err(error) if error.breaks() => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    async fn ask_capabilities(&mut self) -> Result<(), MailError> {
        let mut seen = None;
        self.run("CAPABILITY", |data| {
            if data.first().is_some_and(|word| word.is("CAPABILITY")) {
                seen = Some(words_of(&data[1..]));
            }
        })
        .await?;
        self.capabilities = seen.unwrap_or_default();
        Ok(())
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
                            Response::Done { tag: done, status } if done == tag => return judge(status),
                            other => self.notice(&other),
                        }
                    }
                    self.wire.write(bytes).await?;
                }
            }
        }
        line.push_str("\r\n");
        self.wire.write(line.as_bytes()).await?;
        self.finish(&tag, on).await
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

    /// IDLE (RFC 2177): starts, gives control to `wait`, and ends. See `super::idle`.
    pub(crate) async fn idle_begin(&mut self) -> Result<String, MailError> {
        let tag = self.send("IDLE").await?;
        loop {
            match self.read().await? {
                Response::Continue(_) => return Ok(tag),
                Response::Done { tag: done, status } if done == tag => {
                    judge(status)?;
                    return Err(MailError::Protocol("IDLE ended before it began"));
                }
                other => self.notice(&other),
            }
        }
    }

    /// Waits for anything that the server says by itself. Safe to drop.
    pub(crate) async fn idle_hear(&mut self) -> Result<(), MailError> {
        // Silence is what IDLE is for: only the caller's clock ends it.
        let patience = std::mem::replace(&mut self.wire.patience, Duration::from_secs(24 * 3600));
        let heard = self.read().await;
        self.wire.patience = patience;
        match heard? {
            Response::Status(status) if status.condition == Condition::Bye => Err(MailError::Closed),
            Response::Done { .. } => Err(MailError::Protocol("IDLE ended by itself")),
            other => {
                self.notice(&other);
                Ok(())
            }
        }
    }

    pub(crate) async fn idle_end(&mut self, tag: &str, within: Duration) -> Result<(), MailError> {
        self.wire.patience = PATIENCE;
        self.wire.write(b"DONE\r\n").await?;
        timeout(within, self.finish(tag, |_| {})).await.map_err(|_| MailError::Timeout)?.map(|_| ())
    }

    pub(crate) async fn logout(mut self) {
        let _ = timeout(Duration::from_secs(2), self.run("LOGOUT", |_| {})).await;
    }

    /// What a server may say at any time.
    fn notice(&mut self, response: &Response) {
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

    async fn read(&mut self) -> Result<Response, MailError> {
        let response = self.wire.read().await?;
        if matches!(response, Response::Done { .. }) {
            self.under_way = self.under_way.saturating_sub(1);
        }
        Ok(response)
    }

    fn next_tag(&mut self) -> String {
        self.tags += 1;
        self.under_way += 1;
        format!("C{}", self.tags)
    }
}

pub(crate) enum Next {
    Data(Vec<Value>),
    Done(Status),
}

fn silent_tls() -> MailError {
    MailError::Net(NetError {
        stage: Stage::Tls,
        cause: Cause::PlainToTlsPort,
        detail: "the server waits for TLS on this port".into(),
    })
}

fn judge_greeting(line: &[u8]) -> Result<(), MailError> {
    let text = String::from_utf8_lossy(line);
    let text = text.trim();
    let upper = text.to_ascii_uppercase();
    if upper.starts_with("* OK") {
        return Ok(());
    }
    if upper.starts_with("* PREAUTH") {
        // With STARTTLS this is how an attacker keeps a client from protecting itself; and nobody signs us in unasked.
        return Err(MailError::Protocol("the server claims that we are signed in already"));
    }
    if upper.starts_with("* BYE") || upper.starts_with("* NO") {
        return Err(MailError::Refused { text: "not now".into(), temporary: true });
    }
    if upper.starts_with("+OK") || upper.starts_with("-ERR") {
        return Err(MailError::Pop3);
    }
    if upper.starts_with("220") || upper.starts_with("554") || upper.starts_with("421") {
        return Err(MailError::NotMail("an SMTP server answered, not an IMAP server".into()));
    }
    // A TLS alert: the port speaks TLS, and we do not.
    if line.starts_with(&[0x15, 0x03]) {
        return Err(silent_tls());
    }
    Err(MailError::NotMail("what answered is not an IMAP server".into()))
}

/// A tagged answer as success or failure.
fn judge(status: Status) -> Result<Status, MailError> {
    match status.condition {
        Condition::Ok => Ok(status),
        _ => {
            // RFC 5530: these say that it is not about the request.
            let passing = ["UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG"];
            let temporary = passing.iter().any(|name| status.code(name).is_some());
            Err(MailError::Refused { text: refusal(&status), temporary })
        }
    }
}

fn refusal(status: &Status) -> String {
    let code = status.code.first().and_then(Value::text).map(|code| format!("[{code}] ")).unwrap_or_default();
    let words: String = status.words.chars().filter(|letter| !letter.is_control()).take(200).collect();
    format!("{code}{words}")
}

fn words_of(values: &[Value]) -> HashSet<String> {
    values.iter().filter_map(Value::text).map(|word| word.to_ascii_uppercase()).collect()
}

/// As a quoted string, for folder names and Message-IDs: both are ASCII here.
pub(crate) fn quote(text: &str) -> String {
    let safe: String = text.chars().filter(|letter| !matches!(letter, '\r' | '\n' | '\0')).collect();
    format!("\"{}\"", safe.replace('\\', "\\\\").replace('"', "\\\""))
}
