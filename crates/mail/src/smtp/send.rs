use super::{conversation::Conversation, reply::Reply};
use crate::{Login, MailError, imap::Step};
use clientele_net::Net;
use lettre::{
    Address,
    transport::smtp::{
        commands::{Data, Mail as MailFrom, Rcpt, Rset},
        extension::{MailBodyParameter, MailParameter},
    },
};

/// A mail and its envelope.
#[derive(Debug, Clone)]
pub struct Mail {
    /// The envelope's sender: an address without brackets.
    pub from: String,
    /// All recipients, those of Bcc among them.
    pub recipients: Vec<String>,
    /// As composed for the wire, without a Bcc header.
    pub raw: Vec<u8>,
}

/// What became of a mail. Only `Unknown` leaves it open whether it was sent.
#[derive(Debug)]
pub enum Outcome {
    /// The server took it for all recipients.
    Delivered,
    /// The server refused the mail, or at least one recipient; nothing was delivered to anybody.
    Refused {
        /// False: the same mail may be taken later (4xx).
        permanent: bool,
        code: u16,
        /// The server's words; may name addresses, so not for logs.
        text: String,
        /// The recipients that were refused; empty where it is the mail, or its sender.
        recipients: Vec<String>,
    },
    /// It did not come so far; see [`MailError::retryable`].
    NotSent(MailError),
    /// The connection died after the end of the mail was sent and before the answer: the server may have it.
    Unknown(MailError),
}

/// Sends one mail over a connection of its own. `before_data` is awaited before DATA is said: when it returns, "may have
/// been sent" is on the disk; where it fails, nothing is sent.
pub async fn send<F, Wait>(net: &Net, login: &Login, mail: &Mail, before_data: F) -> Outcome
where
    F: FnOnce() -> Wait + Send,
    Wait: Future<Output = Result<(), MailError>> + Send,
{
    let mut conversation = match Conversation::open(net, login, &mut Step::Resolve).await {
        Ok(conversation) => conversation,
        Err(error) => return Outcome::NotSent(error),
    };
    let outcome = deliver(&mut conversation, mail, before_data).await;
    // Where the connection broke within the mail, QUIT would be a line of it.
    let broke = matches!(&outcome, Outcome::NotSent(error) | Outcome::Unknown(error) if error.breaks());
    if !broke {
        conversation.quit().await;
    }
    outcome
}

async fn deliver<F, Wait>(conversation: &mut Conversation, mail: &Mail, before_data: F) -> Outcome
where
    F: FnOnce() -> Wait + Send,
    Wait: Future<Output = Result<(), MailError>> + Send,
{
    if let Some(limit) = conversation.largest().filter(|limit| mail.raw.len() as u64 > *limit) {
        return Outcome::NotSent(MailError::TooLarge { limit });
    }
    match envelope(conversation, mail).await {
        Ok(None) => {}
        Ok(Some(refused)) => return refused,
        Err(error) => return Outcome::NotSent(error),
    }
    if let Err(error) = before_data().await {
        return Outcome::NotSent(error);
    }
    match conversation.ask(Data).await {
        Ok(reply) if reply.code == 354 => {}
        Ok(reply) => return refused(&reply, Vec::new()),
        // Not a byte of the mail was sent.
        Err(error) => return Outcome::NotSent(error),
    }
    match conversation.message(&lines(&mail.raw)).await {
        (_, Ok(reply)) if (200..300).contains(&reply.code) => Outcome::Delivered,
        (_, Ok(reply)) if reply.code >= 400 => refused(&reply, Vec::new()),
        (_, Ok(_)) => Outcome::Unknown(MailError::Protocol("an answer to the mail that is none")),
        // From the first byte of its end on, nobody knows until the answer is here.
        (true, Err(error)) => Outcome::Unknown(error),
        // Without its end a mail is not delivered (RFC 5321 section 4.1.1.4).
        (false, Err(error)) => Outcome::NotSent(error),
    }
}

/// Sender and recipients. One refused recipient stops the mail: a person mends the address and sends to all.
async fn envelope(conversation: &mut Conversation, mail: &Mail) -> Result<Option<Outcome>, MailError> {
    let everybody = || std::iter::once(&mail.from).chain(&mail.recipients);
    let wide = everybody().any(|address| !address.is_ascii());
    let cannot = |recipients| {
        let text = "the address cannot be said to this server".into();
        Ok(Some(Outcome::Refused { permanent: true, code: 553, text, recipients }))
    };
    let to: Option<Vec<Address>> = mail.recipients.iter().map(|recipient| said(recipient)).collect();
    let (Some(sender), Some(to)) = (said(&mail.from), to) else {
        return cannot(everybody().filter(|address| said(address).is_none()).cloned().collect());
    };
    if wide && !conversation.offers("SMTPUTF8") {
        return cannot(everybody().filter(|address| !address.is_ascii()).cloned().collect());
    }
    let mut parameters = Vec::new();
    if conversation.offers("SIZE") {
        parameters.push(MailParameter::Size(mail.raw.len()));
    }
    if conversation.offers("8BITMIME") && !mail.raw.is_ascii() {
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    if wide {
        parameters.push(MailParameter::SmtpUtfEight);
    }
    let reply = conversation.ask(MailFrom::new(Some(sender), parameters)).await?;
    if reply.code == 552 {
        return Ok(Some(Outcome::NotSent(MailError::TooLarge { limit: conversation.largest().unwrap_or(0) })));
    }
    if !reply.good() {
        return Ok(Some(refused(&reply, Vec::new())));
    }
    let mut worst: Option<Reply> = None;
    let mut recipients = Vec::new();
    for recipient in to {
        let reply = conversation.ask(Rcpt::new(recipient.clone(), Vec::new())).await?;
        if !reply.good() {
            recipients.push(recipient.to_string());
            if worst.as_ref().is_none_or(|seen| reply.code / 100 > seen.code / 100) {
                worst = Some(reply);
            }
        }
    }
    Ok(worst.map(|reply| refused(&reply, recipients)))
}

/// Whether the server takes mail from this address: MAIL FROM, and at once RSET.
pub(super) async fn accepts(conversation: &mut Conversation, sender: &str) -> Result<(), MailError> {
    let unsayable =
        || MailError::Refused { text: "the address cannot be said to this server".into(), temporary: false };
    let wide = !sender.is_ascii();
    if wide && !conversation.offers("SMTPUTF8") {
        return Err(unsayable());
    }
    let parameters = if wide { vec![MailParameter::SmtpUtfEight] } else { Vec::new() };
    let address = said(sender).ok_or_else(unsayable)?;
    let reply = conversation.ask(MailFrom::new(Some(address), parameters)).await?;
    match reply.code {
        200..300 => {}
        // RFC 4954 section 6: it wants a sign-in first.
        530 => return Err(MailError::SignInRefused(reply.text())),
        _ => return Err(reply.refused()),
    }
    conversation.ask(Rset).await?;
    Ok(())
}

fn refused(reply: &Reply, recipients: Vec<String>) -> Outcome {
    Outcome::Refused { permanent: reply.code >= 500, code: reply.code, text: reply.text(), recipients }
}

/// The address for a command; None where it would say more than an address. lettre's own check is passed by: it refuses
/// addresses that exist (two dots in a row are common with some providers), and whether one does is the server's to say.
fn said(address: &str) -> Option<Address> {
    let (user, domain) = address.rsplit_once('@')?;
    let unfit = address.chars().any(|letter| letter.is_control() || matches!(letter, '<' | '>'));
    (!unfit && !user.is_empty() && !domain.is_empty()).then(|| Address::new_dangerous(user, domain))
}

/// The mail with all its lines ended by CRLF, but for the last: lettre ends that, and doubles dots after CRLF only, so a
/// dot after a bare LF would end the mail where a server takes LF for a line's end.
fn lines(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() + raw.len() / 50);
    let mut bytes = raw.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\r' | b'\n' => {
                if byte == b'\r' {
                    bytes.next_if_eq(&b'\n');
                }
                out.extend_from_slice(b"\r\n");
            }
            byte => out.push(byte),
        }
    }
    if out.ends_with(b"\r\n") {
        out.truncate(out.len() - 2);
    }
    out
}
