//! From a server's name to a signed-in connection.

use super::{
    session::{Piece, Session, judge},
    value::{Response, Status, Value},
    wire::Wire,
};
use crate::{Login, MailError};
use base64::{Engine, engine::general_purpose::STANDARD};
use clientele_model::{Credential, Secret, Security};
use clientele_net::{Cause, Net, NetError, Stage, Stream, connect, speaks_tls};
use std::{collections::HashSet, time::Duration};
use tokio::time::timeout;

/// For connecting, all stages together.
const CONNECT: Duration = Duration::from_secs(20);
/// For an answer.
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
    /// Connects and signs in. `step` always says how far it came, also when it fails.
    pub(crate) async fn open(net: &Net, login: &Login, step: &mut Step) -> Result<Session, MailError> {
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
        let credential = login.secret.credential().await?;
        session.sign_in(&login.user, &credential).await?;
        *step = Step::Use;
        session.introduce().await?;
        Ok(session)
    }

    async fn greeted(stream: Stream, net: &Net, login: &Login) -> Result<Session, MailError> {
        let mut wire = Wire::new(stream, PATIENCE);
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
        judge_greeting(&line)?;
        Ok(Session::over(wire))
    }

    /// RFC 9051 section 6.2.1. Nothing read before TLS is believed: not the greeting's words, not its capabilities.
    async fn start_tls(mut self, net: &Net, login: &Login) -> Result<Session, MailError> {
        self.ask_capabilities().await?;
        if !self.has("STARTTLS") {
            return Err(MailError::StarttlsMissing);
        }
        match self.run("STARTTLS", |_| {}).await {
            Ok(_) => {}
            Err(MailError::Refused { .. }) => return Err(MailError::StarttlsMissing),
            Err(error) => return Err(error),
        }
        let stream = self.wire.into_stream().upgrade(net, &login.endpoint, CONNECT).await?;
        let wire = Wire::new(stream, PATIENCE);
        Ok(Session::over(wire))
    }

    async fn sign_in(&mut self, user: &str, credential: &Credential) -> Result<(), MailError> {
        let Credential::Password(secret) = credential else { return Err(MailError::SignInUnsupported) };
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
}

fn silent_tls() -> MailError {
    MailError::Net(NetError::new(Stage::Tls, Cause::PlainToTlsPort, "the server waits for TLS on this port"))
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

fn words_of(values: &[Value]) -> HashSet<String> {
    values.iter().filter_map(Value::text).map(|word| word.to_ascii_uppercase()).collect()
}
