//! From a server's name to a signed-in connection.

use super::{
    quirks::quirks,
    session::{Piece, Session, judge, printable},
    value::{Condition, Response, Status, Value, parse},
    wire::{SILENCE, Wire},
};
use crate::{
    Code, Login, MailError,
    sasl::{Exchange, Mechanism, Supply},
};
use clientele_model::{Credential, Secret, Security};
use clientele_net::{Cause, Net, NetError, Stage, Stream, connect, speaks_tls};
use std::{collections::HashSet, time::Duration};
use tokio::time::timeout;

/// For connecting, all stages together.
const CONNECT: Duration = Duration::from_secs(20);
/// For an answer that takes the server some looking.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);
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

impl Session {
    /// Connects and signs in. `step` always says how far it came, also when it fails. An access token that is refused is
    /// replaced by a fresh one, once, over a new connection: not every server takes a second try on the first.
    pub(crate) async fn open(net: &Net, login: &Login, step: &mut Step) -> Result<Session, MailError> {
        let mut supply = Supply::of(login);
        loop {
            match Session::attempt(net, login, step, &mut supply).await {
                Ok(session) => return Ok(session),
                Err(error) => supply.again(error)?,
            }
        }
    }

    async fn attempt(net: &Net, login: &Login, step: &mut Step, supply: &mut Supply<'_>) -> Result<Session, MailError> {
        *step = Step::Resolve;
        let stream = match connect(net, &login.endpoint, CONNECT).await {
            Ok(stream) => stream,
            Err(error) => {
                *step = error.stage.into();
                return Err(error.into());
            }
        };
        *step = if login.endpoint.security == Security::Tls { Step::Tls } else { Step::Connect };
        let mut session = Session::greeted(stream, net, login).await?;
        if login.endpoint.security == Security::Starttls {
            *step = Step::Tls;
            session = session.start_tls(net, login).await?;
        }
        *step = Step::SignIn;
        if let Err(error) = session.sign_in(login, supply).await {
            return Err(session.farewell(error));
        }
        *step = Step::Use;
        session.introduce().await?;
        Ok(session)
    }

    async fn greeted(stream: Stream, net: &Net, login: &Login) -> Result<Session, MailError> {
        let mut wire = Wire::new(stream, SILENCE);
        let line = match timeout(SILENT, wire.line()).await {
            Ok(line) => line?,
            Err(_) => {
                let endpoint = &login.endpoint;
                let plain = endpoint.security != Security::Tls;
                if plain && speaks_tls(net, &endpoint.host, endpoint.port, CONNECT / 4).await {
                    return Err(silent_tls());
                }
                timeout(CONNECT, wire.line()).await.map_err(|_| MailError::Timeout)??
            }
        };
        judge_greeting(&line, wire.stream().tls_version().is_some())?;
        let mut session = Session::over(wire, quirks(&login.endpoint.host));
        // Told in the greeting they need not be asked for. Before STARTTLS nobody knows who tells them.
        if login.endpoint.security != Security::Starttls
            && let Response::Status(status) = parse(&line)
            && let Some(words) = status.code("CAPABILITY")
        {
            session.capabilities = words_of(words);
        }
        Ok(session)
    }

    /// RFC 9051 section 6.2.1. Nothing read before TLS is believed: not the greeting's words, not its capabilities.
    async fn start_tls(mut self, net: &Net, login: &Login) -> Result<Session, MailError> {
        let unheard =
            |error| if matches!(error, MailError::Refused { .. }) { MailError::StarttlsMissing } else { error };
        self.ask_capabilities().await.map_err(unheard)?;
        if !self.has("STARTTLS") {
            return Err(MailError::StarttlsMissing);
        }
        self.run("STARTTLS", |_| {}).await.map_err(unheard)?;
        let stream = self.wire.into_stream().upgrade(net, &login.endpoint, CONNECT).await?;
        let wire = Wire::new(stream, SILENCE);
        Ok(Session::over(wire, self.quirks))
    }

    /// By the best that the server offers. One that refuses before it has seen anything of the password is asked by the next.
    async fn sign_in(&mut self, login: &Login, supply: &mut Supply<'_>) -> Result<(), MailError> {
        if self.capabilities.is_empty() {
            self.ask_capabilities().await?;
        }
        let command = !self.has("LOGINDISABLED");
        let offered: Vec<Mechanism> = Mechanism::ALL
            .into_iter()
            .filter(|mechanism| {
                self.has(&format!("AUTH={}", mechanism.name())) || (command && *mechanism == Mechanism::Login)
            })
            .collect();
        if offered.is_empty() {
            return Err(MailError::SignInUnsupported);
        }
        let credential = supply.next().await?;
        if matches!(credential, Credential::Bearer(_)) && self.tls_version().is_none() {
            // RFC 6750 section 5.3: whoever reads a token has the mailbox.
            return Err(MailError::SignInUnsupported);
        }
        let mut refusal = MailError::SignInUnsupported;
        self.announced = None;
        for mechanism in offered.into_iter().filter(|mechanism| mechanism.fits(&credential)) {
            let (status, judged) = match (mechanism, &credential) {
                (Mechanism::Login, Credential::Password(secret)) if command => {
                    (self.login(&login.user, secret).await?, true)
                }
                _ => {
                    let mut exchange = Exchange::new(mechanism, &login.user, &credential, &login.endpoint)?;
                    let status = self.authenticate(mechanism, &mut exchange).await?;
                    if status.condition == Condition::Ok {
                        exchange.finish()?;
                    }
                    (status, exchange.judged())
                }
            };
            // BAD: it does not understand the mechanism that it offers.
            let judged = judged && status.condition != Condition::Bad;
            match judge(status) {
                Ok(status) => {
                    self.mechanism = mechanism.name();
                    // Told in the answer or just before it; who did neither is asked.
                    match (status.code("CAPABILITY"), self.announced.take()) {
                        (Some(words), _) => self.capabilities = words_of(words),
                        (None, Some(words)) => self.capabilities = words,
                        (None, None) => self.ask_capabilities().await?,
                    }
                    return Ok(());
                }
                Err(MailError::Refused { text, temporary: false }) => refusal = MailError::SignInRefused(text),
                Err(error) => return Err(error),
            }
            if judged || refusal.kind() != Code::SignInRefused {
                break;
            }
        }
        Err(refusal)
    }

    /// RFC 9051 section 6.2.2, with the initial response of RFC 4959 where the server takes it. Gives the tagged answer.
    async fn authenticate(&mut self, mechanism: Mechanism, exchange: &mut Exchange) -> Result<Status, MailError> {
        let mut first = exchange.first()?;
        let command = match first.take_if(|_| self.has("SASL-IR")) {
            Some(first) => Secret::new(format!("AUTHENTICATE {} {}", mechanism.name(), first.expose())),
            None => Secret::new(format!("AUTHENTICATE {}", mechanism.name())),
        };
        let tag = self.send(command.expose()).await?;
        loop {
            match self.read().await? {
                Response::Done { tag: done, status } if done == tag => return Ok(status),
                Response::Continue(question) => {
                    let answer = match first.take() {
                        Some(first) => first,
                        None => exchange.answer(&question).await?,
                    };
                    self.wire.write(format!("{}\r\n", answer.expose()).as_bytes()).await?;
                }
                _ => {}
            }
        }
    }

    /// What a server says when it hangs up is why.
    pub(super) fn farewell(&mut self, error: MailError) -> MailError {
        match (error, self.bye.take()) {
            (MailError::Closed, Some(text)) => MailError::Refused { text, temporary: true },
            (error, _) => error,
        }
    }

    /// RFC 9051 section 6.2.3. Gives the tagged answer.
    async fn login(&mut self, user: &str, secret: &Secret) -> Result<Status, MailError> {
        let pieces = [
            Piece::Line("LOGIN "),
            Piece::Literal(user.as_bytes()),
            Piece::Line(" "),
            Piece::Literal(secret.expose().as_bytes()),
        ];
        self.ask_pieces(&pieces).await
    }

    /// RFC 2971: some providers refuse a client that does not say its name. And RFC 7162: from here on what is removed is
    /// told by its UID. Both in one round trip.
    async fn introduce(&mut self) -> Result<(), MailError> {
        let mut commands = Vec::new();
        if self.has("ID") {
            commands.push(concat!("ID (\"name\" \"Clientele\" \"version\" \"", env!("CARGO_PKG_VERSION"), "\")"));
        }
        if self.has("ENABLE") && self.has("QRESYNC") && !self.quirks.no_qresync {
            commands.push("ENABLE QRESYNC");
        }
        // RFC 9755 section 3; one that takes nothing else implies it. It comes before a folder is open.
        if self.has("UTF8=ONLY") || self.has("UTF8=ACCEPT") && self.has("ENABLE") {
            commands.push("ENABLE UTF8=ACCEPT");
        }
        let tags = self.send_together(&commands).await?;
        let (mut enabled, mut utf8) = (false, false);
        for tag in tags {
            let done = self
                .finish(&tag, |data| {
                    let told = |name: &str| {
                        data.first().is_some_and(|word| word.is("ENABLED")) && data.iter().any(|word| word.is(name))
                    };
                    enabled |= told("QRESYNC");
                    utf8 |= told("UTF8=ACCEPT");
                })
                .await;
            match done {
                Err(error) if error.breaks() => return Err(error),
                _ => {}
            }
        }
        self.qresync = enabled;
        self.utf8 = utf8;
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
}

fn silent_tls() -> MailError {
    MailError::Net(NetError::new(Stage::Tls, Cause::PlainToTlsPort, "the server waits for TLS on this port"))
}

/// `believed`: TLS protects it, so that its words are the server's.
fn judge_greeting(line: &[u8], believed: bool) -> Result<(), MailError> {
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
        let text =
            if believed { printable(text.split_once(' ').map_or("", |(_, words)| words)) } else { "not now".into() };
        return Err(MailError::Refused { text, temporary: true });
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

pub(super) fn words_of(values: &[Value]) -> HashSet<String> {
    values.iter().filter_map(Value::text).map(|word| word.to_ascii_uppercase()).collect()
}
