use super::conversation::{Conversation, Reply};
use crate::{Login, MailError, imap::Step};
use clientele_net::Tls;
use std::time::Duration;

/// For the answer to the final dot (RFC 5321 section 4.5.3.2.6).
const ACCEPTANCE: Duration = Duration::from_secs(600);
const CHUNK: usize = 64 * 1024;

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
pub async fn send<F, Wait>(tls: &Tls, login: &Login, mail: &Mail, before_data: F) -> Outcome
where
    F: FnOnce() -> Wait + Send,
    Wait: Future<Output = Result<(), MailError>> + Send,
{
    let mut conversation = match Conversation::open(tls, login, &mut Step::Resolve).await {
        Ok(conversation) => conversation,
        Err(error) => return Outcome::NotSent(error),
    };
    let outcome = deliver(&mut conversation, mail, before_data).await;
    if !matches!(outcome, Outcome::Unknown(_)) {
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
    match conversation.ask("DATA").await {
        Ok(reply) if reply.code == 354 => {}
        Ok(reply) => return refused(&reply, Vec::new()),
        // Not a byte of the mail was sent.
        Err(error) => return Outcome::NotSent(error),
    }
    for chunk in stuffed(&mail.raw).chunks(CHUNK) {
        if let Err(error) = conversation.write(chunk).await {
            // Without its end a mail is not delivered (RFC 5321 section 4.1.1.4).
            return Outcome::NotSent(error);
        }
    }
    // From the first byte of this line on, nobody knows until the answer is here.
    if let Err(error) = conversation.write(b".\r\n").await {
        return Outcome::Unknown(error);
    }
    match conversation.reply(ACCEPTANCE).await {
        Ok(reply) if (200..300).contains(&reply.code) => Outcome::Delivered,
        Ok(reply) if reply.code >= 400 => refused(&reply, Vec::new()),
        Ok(_) => Outcome::Unknown(MailError::Protocol("an answer to the mail that is none")),
        Err(error) => Outcome::Unknown(error),
    }
}

/// Sender and recipients. One refused recipient stops the mail: a person mends the address and sends to all.
async fn envelope(conversation: &mut Conversation, mail: &Mail) -> Result<Option<Outcome>, MailError> {
    let everybody = || std::iter::once(&mail.from).chain(&mail.recipients);
    let unfit = |address: &&String| address.chars().any(|letter| letter.is_control() || matches!(letter, '<' | '>'));
    let unfit: Vec<String> = everybody().filter(unfit).cloned().collect();
    let wide = everybody().any(|address| !address.is_ascii());
    if !unfit.is_empty() || (wide && !conversation.offers("SMTPUTF8")) {
        let wide = everybody().filter(|address| !address.is_ascii()).cloned();
        let recipients = if unfit.is_empty() { wide.collect() } else { unfit };
        let text = "the address cannot be said to this server".into();
        return Ok(Some(Outcome::Refused { permanent: true, code: 553, text, recipients }));
    }
    let mut line = format!("MAIL FROM:<{}>", mail.from);
    if conversation.offers("SIZE") {
        line.push_str(&format!(" SIZE={}", mail.raw.len()));
    }
    if conversation.offers("8BITMIME") && !mail.raw.is_ascii() {
        line.push_str(" BODY=8BITMIME");
    }
    if wide {
        line.push_str(" SMTPUTF8");
    }
    let reply = conversation.ask(&line).await?;
    if reply.code == 552 {
        return Ok(Some(Outcome::NotSent(MailError::TooLarge { limit: conversation.largest().unwrap_or(0) })));
    }
    if !reply.good() {
        return Ok(Some(refused(&reply, Vec::new())));
    }
    let mut worst: Option<Reply> = None;
    let mut recipients = Vec::new();
    for recipient in &mail.recipients {
        let reply = conversation.ask(&format!("RCPT TO:<{recipient}>")).await?;
        if !reply.good() {
            recipients.push(recipient.clone());
            if worst.as_ref().is_none_or(|seen| reply.code / 100 > seen.code / 100) {
                worst = Some(reply);
            }
        }
    }
    Ok(worst.map(|reply| refused(&reply, recipients)))
}

fn refused(reply: &Reply, recipients: Vec<String>) -> Outcome {
    Outcome::Refused { permanent: reply.code >= 500, code: reply.code, text: reply.text(), recipients }
}

/// Lines end in CRLF, a dot at a line's start is doubled (RFC 5321 section 4.5.2), and the last line is ended.
fn stuffed(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() + raw.len() / 50 + 2);
    let mut line_start = true;
    let mut bytes = raw.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if line_start && byte == b'.' {
            out.push(b'.');
        }
        line_start = false;
        match byte {
            b'\r' | b'\n' => {
                if byte == b'\r' && bytes.peek() == Some(&b'\n') {
                    bytes.next();
                }
                out.extend_from_slice(b"\r\n");
                line_start = true;
            }
            byte => out.push(byte),
        }
    }
    if !line_start {
        out.extend_from_slice(b"\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::stuffed;

    #[test]
    fn no_line_of_a_mail_ends_it() {
        assert_eq!(stuffed(b"a\n.\nb\r\n..c\r.\r\nend"), b"a\r\n..\r\nb\r\n...c\r\n..\r\nend\r\n");
        assert_eq!(stuffed(b""), b"");
        assert_eq!(stuffed(b".\r\n"), b"..\r\n");
    }
}
