use crate::{Login, MailError, imap::Step, imap::broken};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::BytesMut;
use clientele_model::{Secret, Security};
use clientele_net::{Cause, NetError, Stage, Stream, Tls, connect, speaks_tls};
use std::{collections::HashMap, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

/// For connecting, all stages together.
const CONNECT: Duration = Duration::from_secs(20);
/// For an answer to a command. RFC 5321 section 4.5.3.2 wants five minutes; a person waits for this.
const ANSWER: Duration = Duration::from_secs(90);
/// A server on a plain port that has not greeted by then may be one that waits for TLS.
const SILENT: Duration = Duration::from_secs(2);
/// The longest reply, all its lines together.
const MAX_REPLY: usize = 64 * 1024;
/// What we call ourselves: the computer's own name is nobody's business.
const NAME: &str = "[127.0.0.1]";

/// A reply of RFC 5321 section 4.2, its lines joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) code: u16,
    pub(super) lines: Vec<String>,
}

impl Reply {
    pub(super) fn good(&self) -> bool {
        (200..400).contains(&self.code)
    }

    pub(super) fn text(&self) -> String {
        let joined = self.lines.join(" ");
        let words: String = joined.chars().filter(|letter| !letter.is_control()).take(300).collect();
        format!("{} {words}", self.code)
    }

    fn refused(&self) -> MailError {
        MailError::Refused { text: self.text(), temporary: self.code < 500 }
    }
}

/// One connection to a submission server.
pub(super) struct Conversation {
    stream: Stream,
    buffer: BytesMut,
    /// What EHLO offered, by keyword, in upper case.
    offers: HashMap<String, String>,
}

impl Conversation {
    /// Connects, greets and signs in. `step` always says how far it came.
    pub(super) async fn open(tls: &Tls, login: &Login, step: &mut Step) -> Result<Conversation, MailError> {
        *step = Step::Resolve;
        let endpoint = &login.endpoint;
        let stream = match connect(tls, endpoint, CONNECT).await {
            Ok(stream) => stream,
            Err(error) => {
                *step = error.stage.into();
                return Err(error.into());
            }
        };
        *step = if endpoint.security == Security::Tls { Step::Tls } else { Step::Connect };
        let mut conversation = Conversation::over(stream);
        conversation.greeting(tls, login).await?;
        conversation.hello().await?;
        if endpoint.security == Security::Starttls {
            *step = Step::Tls;
            conversation = conversation.start_tls(tls, login).await?;
        }
        *step = Step::SignIn;
        if !login.user.is_empty() {
            let secret = login.secret.secret().await?;
            conversation.sign_in(&login.user, &secret).await?;
        }
        *step = Step::Use;
        Ok(conversation)
    }

    fn over(stream: Stream) -> Conversation {
        Conversation { stream, buffer: BytesMut::new(), offers: HashMap::new() }
    }

    async fn greeting(&mut self, tls: &Tls, login: &Login) -> Result<(), MailError> {
        let line = match timeout(SILENT, self.line()).await {
            Ok(line) => line?,
            Err(_) => {
                let endpoint = &login.endpoint;
                let plain = endpoint.security != Security::Tls;
                if plain && speaks_tls(tls, &endpoint.host, endpoint.port, CONNECT / 4).await {
                    return Err(MailError::Net(NetError {
                        stage: Stage::Tls,
                        cause: Cause::PlainToTlsPort,
                        detail: "the server waits for TLS on this port".into(),
                    }));
                }
                timeout(ANSWER, self.line()).await.map_err(|_| MailError::Timeout)??
            }
        };
        if line.starts_with("* ") {
            return Err(MailError::NotMail("an IMAP server answered, not an SMTP server".into()));
        }
        if line.starts_with("+OK") || line.starts_with("-ERR") {
            return Err(MailError::Pop3);
        }
        let not_mail = || MailError::NotMail("what answered is not an SMTP server".into());
        let mut parsed = Line::parse(&line).ok_or_else(not_mail)?;
        let code = parsed.code;
        while parsed.more {
            parsed = Line::parse(&self.within().await?).ok_or_else(not_mail)?;
        }
        if code == 220 { Ok(()) } else { Err(Reply { code, lines: vec![parsed.text] }.refused()) }
    }

    async fn hello(&mut self) -> Result<(), MailError> {
        let reply = self.ask(&format!("EHLO {NAME}")).await?;
        if !reply.good() {
            return Err(reply.refused());
        }
        self.offers = reply
            .lines
            .iter()
            .skip(1)
            .map(|line| {
                // Old servers write `AUTH=PLAIN`.
                let (keyword, rest) = line.split_once([' ', '=']).unwrap_or((line, ""));
                (keyword.to_ascii_uppercase(), rest.to_ascii_uppercase())
            })
            .collect();
        Ok(())
    }

    /// RFC 3207: what was learnt and what was sent ahead in plain text is dropped.
    async fn start_tls(mut self, tls: &Tls, login: &Login) -> Result<Conversation, MailError> {
        if !self.offers.contains_key("STARTTLS") {
            return Err(MailError::StarttlsMissing);
        }
        if self.ask("STARTTLS").await?.code != 220 {
            return Err(MailError::StarttlsMissing);
        }
        if !self.buffer.is_empty() {
            tracing::warn!(bytes = self.buffer.len(), "bytes sent before TLS were dropped");
        }
        let stream = self.stream.upgrade(tls, &login.endpoint.host, CONNECT).await?;
        let mut conversation = Conversation::over(stream);
        conversation.hello().await?;
        Ok(conversation)
    }

    async fn sign_in(&mut self, user: &str, secret: &Secret) -> Result<(), MailError> {
        let offered = self.offers.get("AUTH").cloned().unwrap_or_default();
        let has = |mechanism: &str| offered.split(' ').any(|word| word == mechanism);
        let reply = if has("PLAIN") {
            // The encoded password is as secret as the password.
            let response = Secret::new(STANDARD.encode(format!("\0{user}\0{}", secret.expose())));
            self.ask(&format!("AUTH PLAIN {}", response.expose())).await?
        } else if has("LOGIN") {
            let mut reply = self.ask("AUTH LOGIN").await?;
            if reply.code == 334 {
                reply = self.ask(&STANDARD.encode(user)).await?;
            }
            if reply.code == 334 {
                reply = self.ask(&STANDARD.encode(secret.expose())).await?;
            }
            reply
        } else {
            return Err(MailError::SignInUnsupported);
        };
        match reply.code {
            200..300 => Ok(()),
            // 534, 538: it wants another mechanism or more protection than was chosen.
            504 | 534 | 538 => Err(MailError::SignInUnsupported),
            500..600 => Err(MailError::SignInRefused(reply.text())),
            _ => Err(reply.refused()),
        }
    }

    pub(super) fn tls_version(&self) -> Option<&'static str> {
        self.stream.tls_version()
    }

    pub(super) fn offers(&self, keyword: &str) -> bool {
        self.offers.contains_key(keyword)
    }

    /// The largest mail in bytes (RFC 1870); None where the server does not say.
    pub(super) fn largest(&self) -> Option<u64> {
        self.offers.get("SIZE")?.trim().parse().ok().filter(|limit| *limit > 0)
    }

    /// Sends a line and waits for the reply.
    pub(super) async fn ask(&mut self, line: &str) -> Result<Reply, MailError> {
        self.write(format!("{line}\r\n").as_bytes()).await?;
        self.reply(ANSWER).await
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<(), MailError> {
        let sending = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        timeout(ANSWER, sending).await.map_err(|_| MailError::Timeout)?.map_err(|error| broken(&error))
    }

    pub(super) async fn reply(&mut self, patience: Duration) -> Result<Reply, MailError> {
        timeout(patience, async {
            let mut lines = Vec::new();
            let mut size = 0;
            loop {
                let line = self.line().await?;
                size += line.len();
                let parsed = Line::parse(&line).filter(|_| size <= MAX_REPLY);
                let parsed = parsed.ok_or(MailError::Protocol("not an SMTP reply"))?;
                lines.push(parsed.text);
                if !parsed.more {
                    return Ok(Reply { code: parsed.code, lines });
                }
            }
        })
        .await
        .map_err(|_| MailError::Timeout)?
    }

    pub(super) async fn quit(mut self) {
        let _ = timeout(Duration::from_secs(2), self.ask("QUIT")).await;
    }

    async fn within(&mut self) -> Result<String, MailError> {
        timeout(ANSWER, self.line()).await.map_err(|_| MailError::Timeout)?
    }

    async fn line(&mut self) -> Result<String, MailError> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line = self.buffer.split_to(end + 1);
                return Ok(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned());
            }
            if self.buffer.len() > MAX_REPLY {
                return Err(MailError::Protocol("a line without an end"));
            }
            self.buffer.reserve(4096);
            match self.stream.read_buf(&mut self.buffer).await {
                Err(error) => return Err(broken(&error)),
                Ok(0) => return Err(MailError::Closed),
                Ok(_) => {}
            }
        }
    }
}

/// `250-text` or `250 text`
struct Line {
    code: u16,
    more: bool,
    text: String,
}

impl Line {
    fn parse(line: &str) -> Option<Line> {
        let code = line.get(..3).filter(|code| code.bytes().all(|byte| byte.is_ascii_digit()))?;
        let code: u16 = code.parse().ok().filter(|code| (200..600).contains(code))?;
        let more = match line.as_bytes().get(3) {
            Some(b'-') => true,
            Some(b' ') | None => false,
            Some(_) => return None,
        };
        Some(Line { code, more, text: line.get(4..).unwrap_or_default().to_owned() })
    }
}
