use super::{
    reply::{Line, Reply},
    wire::Wire,
};
use crate::{
    Code, Login, MailError,
    imap::Step,
    sasl::{Exchange, Mechanism, Supply},
};
use clientele_model::{Credential, Security};
use clientele_net::{Cause, Net, NetError, Stage, connect, speaks_tls};
use lettre::transport::smtp::{
    client::AsyncSmtpConnection,
    commands::{Quit, Starttls},
    extension::ClientId,
};
use std::{collections::HashMap, fmt::Display, net::Ipv4Addr, slice::Chunks, time::Duration};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

/// For connecting, all stages together.
const CONNECT: Duration = Duration::from_secs(20);
/// For an answer to a command. RFC 5321 section 4.5.3.2 wants five minutes; a person waits for this.
const ANSWER: Duration = Duration::from_secs(90);
/// For the answer to the final dot (RFC 5321 section 4.5.3.2.6).
const ACCEPTANCE: Duration = Duration::from_secs(600);
/// A server on a plain port that has not greeted by then may be one that waits for TLS.
const SILENT: Duration = Duration::from_secs(2);
/// What is written of a mail at once, within [`ANSWER`].
const CHUNK: usize = 64 * 1024;
/// What we call ourselves: the computer's own name is nobody's business.
const NAME: ClientId = ClientId::Ipv4(Ipv4Addr::LOCALHOST);

/// One connection to a submission server: lettre's, over our own stream.
pub(super) struct Conversation {
    smtp: AsyncSmtpConnection,
    wire: Wire,
    /// What EHLO offered, by keyword, in upper case.
    offers: HashMap<String, String>,
    mechanism: &'static str,
}

impl Conversation {
    /// Connects, greets and signs in. `step` always says how far it came. An access token that is refused is replaced by a
    /// fresh one, once, over a new connection.
    pub(super) async fn open(net: &Net, login: &Login, step: &mut Step) -> Result<Conversation, MailError> {
        let mut supply = Supply::of(login);
        loop {
            match Conversation::attempt(net, login, step, &mut supply).await {
                Ok(conversation) => return Ok(conversation),
                Err(error) => supply.again(error)?,
            }
        }
    }

    async fn attempt(
        net: &Net,
        login: &Login,
        step: &mut Step,
        supply: &mut Supply<'_>,
    ) -> Result<Conversation, MailError> {
        *step = Step::Resolve;
        let endpoint = &login.endpoint;
        let stream = match connect(net, endpoint, CONNECT).await {
            Ok(stream) => stream,
            Err(error) => {
                *step = error.stage.into();
                return Err(error.into());
            }
        };
        *step = if endpoint.security == Security::Tls { Step::Tls } else { Step::Connect };
        let wire = Wire::over(stream);
        greeting(&wire, net, login).await?;
        let mut conversation = Conversation::hello(wire).await?;
        if endpoint.security == Security::Starttls {
            *step = Step::Tls;
            conversation = conversation.start_tls(net, login).await?;
        }
        *step = Step::SignIn;
        if !login.user.is_empty() {
            conversation.sign_in(login, supply).await?;
        }
        *step = Step::Use;
        Ok(conversation)
    }

    /// lettre reads the greeting and says EHLO.
    async fn hello(wire: Wire) -> Result<Conversation, MailError> {
        let connecting = AsyncSmtpConnection::connect_with_transport(Box::new(wire.clone()), &NAME);
        let smtp = match timeout(ANSWER, connecting).await.map_err(|_| MailError::Timeout)? {
            Ok(smtp) => smtp,
            Err(_) => return Err(wire.failed()?.refused()),
        };
        let hello = wire.reply();
        let offers = hello.lines.iter().skip(1).map(|line| {
            // Old servers write `AUTH=PLAIN`.
            let (keyword, rest) = line.split_once([' ', '=']).unwrap_or((line, ""));
            (keyword.to_ascii_uppercase(), rest.to_ascii_uppercase())
        });
        let offers = offers.collect();
        Ok(Conversation { smtp, wire, offers, mechanism: "" })
    }

    /// RFC 3207: what was learnt and what was sent ahead in plain text is dropped, and lettre's connection with it. The
    /// next one starts with a greeting of our making, since no server says a second.
    async fn start_tls(mut self, net: &Net, login: &Login) -> Result<Conversation, MailError> {
        if !self.offers.contains_key("STARTTLS") || self.ask(Starttls).await?.code != 220 {
            return Err(MailError::StarttlsMissing);
        }
        let (stream, dropped) = self.wire.unplug()?;
        if dropped > 0 {
            tracing::warn!(bytes = dropped, "bytes sent before TLS were dropped");
        }
        let wire = Wire::over(stream.upgrade(net, &login.endpoint, CONNECT).await?);
        wire.hand("220 TLS")?;
        Conversation::hello(wire).await
    }

    /// RFC 4954, by the best that the server offers. One that refuses before it has seen anything of the password is asked by
    /// the next.
    async fn sign_in(&mut self, login: &Login, supply: &mut Supply<'_>) -> Result<(), MailError> {
        let words = self.offers.get("AUTH").cloned().unwrap_or_default();
        let offered: Vec<Mechanism> = Mechanism::ALL
            .into_iter()
            .filter(|mechanism| words.split([' ', '=']).any(|word| word == mechanism.name()))
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
        for mechanism in offered.into_iter().filter(|mechanism| mechanism.fits(&credential)) {
            let mut exchange = Exchange::new(mechanism, &login.user, &credential, &login.endpoint)?;
            let reply = self.authenticate(mechanism, &mut exchange).await?;
            match reply.code {
                200..300 => {
                    exchange.finish()?;
                    self.mechanism = mechanism.name();
                    return Ok(());
                }
                // It does not understand the mechanism that it offers.
                500..=504 => refusal = MailError::SignInRefused(reply.text()),
                505..600 => {
                    refusal = MailError::SignInRefused(reply.text());
                    if exchange.judged() || refusal.kind() != Code::SignInRefused {
                        break;
                    }
                }
                _ => return Err(reply.refused()),
            }
        }
        Err(refusal)
    }

    async fn authenticate(&mut self, mechanism: Mechanism, exchange: &mut Exchange) -> Result<Reply, MailError> {
        let name = mechanism.name();
        let mut reply = match exchange.first()? {
            Some(first) => self.ask(format!("AUTH {name} {}\r\n", first.expose())).await?,
            None => self.ask(format!("AUTH {name}\r\n")).await?,
        };
        while reply.code == 334 {
            let answer = exchange.answer(&reply.lines.concat()).await?;
            reply = self.ask(format!("{}\r\n", answer.expose())).await?;
        }
        Ok(reply)
    }

    /// How it signed in.
    pub(super) fn mechanism(&self) -> &'static str {
        self.mechanism
    }

    pub(super) fn tls_version(&self) -> Option<&'static str> {
        self.wire.tls_version()
    }

    pub(super) fn offers(&self, keyword: &str) -> bool {
        self.offers.contains_key(keyword)
    }

    /// The largest mail in bytes (RFC 1870); None where the server does not say.
    pub(super) fn largest(&self) -> Option<u64> {
        self.offers.get("SIZE")?.trim().parse().ok().filter(|limit| *limit > 0)
    }

    /// Sends a command and waits for the reply. lettre's own errors go no further: they quote the server.
    pub(super) async fn ask(&mut self, command: impl Display) -> Result<Reply, MailError> {
        let answer = timeout(ANSWER, self.smtp.command(command)).await.map_err(|_| MailError::Timeout)?;
        if answer.is_ok() { Ok(self.wire.reply()) } else { self.wire.failed() }
    }

    /// Sends a mail after DATA. The flag says whether its end may have been sent: with an error, that is the difference
    /// between a mail that nobody has and one that the server may have.
    pub(super) async fn message(&mut self, text: &[u8]) -> (bool, Result<Reply, MailError>) {
        let (progress, mut written) = watch::channel(false);
        let mut sending = std::pin::pin!(self.smtp.message_iter(Parts { rest: text.chunks(CHUNK), progress }));
        loop {
            let ended = *written.borrow_and_update();
            tokio::select! {
                biased;
                answer = &mut sending => {
                    let reply = if answer.is_ok() { Ok(self.wire.reply()) } else { self.wire.failed() };
                    return (*written.borrow(), reply);
                }
                // Something was written: the patience is for the next part.
                Ok(()) = written.changed() => {}
                () = sleep(if ended { ACCEPTANCE } else { ANSWER }) => return (ended, Err(MailError::Timeout)),
            }
        }
    }

    pub(super) async fn quit(mut self) {
        let _ = timeout(Duration::from_secs(2), self.ask(Quit)).await;
    }
}

/// The parts of a mail. lettre asks for the next when the one before it is written and flushed, and writes the end of
/// the mail when there is none: so here, and only here, it can be told whether the end may be on its way.
struct Parts<'a> {
    rest: Chunks<'a, u8>,
    /// Told at each part; true when there was none left.
    progress: watch::Sender<bool>,
}

impl<'a> Iterator for Parts<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let part = self.rest.next();
        self.progress.send_replace(part.is_none());
        part
    }
}

/// Reads the first line of whatever answers, and hands it on where it is an SMTP server's.
async fn greeting(wire: &Wire, net: &Net, login: &Login) -> Result<(), MailError> {
    let line = match timeout(SILENT, wire.line()).await {
        Ok(line) => line?,
        Err(_) => {
            let endpoint = &login.endpoint;
            let plain = endpoint.security != Security::Tls;
            if plain && speaks_tls(net, &endpoint.host, endpoint.port, CONNECT / 4).await {
                return Err(MailError::Net(NetError::new(
                    Stage::Tls,
                    Cause::PlainToTlsPort,
                    "the server waits for TLS on this port",
                )));
            }
            timeout(ANSWER, wire.line()).await.map_err(|_| MailError::Timeout)??
        }
    };
    if line.starts_with("* ") {
        return Err(MailError::NotMail("an IMAP server answered, not an SMTP server".into()));
    }
    if line.starts_with("+OK") || line.starts_with("-ERR") {
        return Err(MailError::Pop3);
    }
    match Line::parse(&line) {
        Some(Line { code: 220, .. }) => wire.hand(&line),
        Some(Line { code, text, .. }) => Err(Reply { code, lines: vec![text] }.refused()),
        None => Err(MailError::NotMail("what answered is not an SMTP server".into())),
    }
}
