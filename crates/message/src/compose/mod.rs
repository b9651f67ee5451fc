//! Writing mail, in 7 bits: servers without 8BITMIME take it, and no relay has a reason to touch it. The headers are
//! written here rather than by a library, because the ones at hand put encoded words into quoted strings (RFC 2047
//! section 5 forbids it), write every date in UTC, or leak the host's name.

mod body;
mod header;
#[cfg(test)]
mod tests;

use crate::{MessageError, sanitise, text, thread};
use clientele_model::Address;
use mail_parser::DateTime;

/// A mail to be sent.
#[derive(Debug, Clone, Default)]
pub struct Outgoing {
    pub from: Address,
    pub to: Vec<Address>,
    pub cc: Vec<Address>,
    /// In the envelope and in the Sent copy, never in what is sent.
    pub bcc: Vec<Address>,
    pub reply_to: Vec<Address>,
    pub subject: String,
    /// The whole body, quote included; it passes [`crate::sanitise_body`]'s rules for quotes before it is written.
    pub html: String,
    /// None: made from `html`.
    pub text: Option<String>,
    pub attachments: Vec<OutgoingAttachment>,
    /// Normalised. None: a random one at the sender's domain.
    pub message_id: Option<String>,
    /// Normalised ids.
    pub in_reply_to: Vec<String>,
    /// Normalised ids, oldest first.
    pub references: Vec<String>,
    /// Seconds since 1970.
    pub date: i64,
    /// Minutes east of UTC at that time.
    pub zone_minutes: i32,
}

#[derive(Debug, Clone, Default)]
pub struct OutgoingAttachment {
    pub name: String,
    /// `type/subtype`; anything odd becomes application/octet-stream.
    pub mime: String,
    pub bytes: Vec<u8>,
}

/// A mail as bytes: 7-bit, lines ending in CRLF.
#[derive(Debug, Clone)]
pub struct Composed {
    /// For the server that delivers: without Bcc.
    pub raw: Vec<u8>,
    /// For the Sent folder: with Bcc.
    pub raw_with_bcc: Vec<u8>,
    /// Normalised, as in both.
    pub message_id: String,
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients (To, Cc, Bcc), each once.
    pub recipients: Vec<String>,
}

/// Writes a mail: multipart/alternative of text and HTML, in multipart/mixed where there are attachments.
pub fn compose(mail: &Outgoing) -> Result<Composed, MessageError> {
    let one =
        |address: &Address| header::envelope(address).ok_or_else(|| MessageError::BadAddress(address.email.clone()));
    let all = |list: &[Address]| list.iter().map(one).collect::<Result<Vec<_>, _>>();
    let from = one(&mail.from)?;
    let (to, cc, bcc, reply_to) = (all(&mail.to)?, all(&mail.cc)?, all(&mail.bcc)?, all(&mail.reply_to)?);
    let mut recipients: Vec<String> = Vec::new();
    for address in to.iter().chain(&cc).chain(&bcc) {
        if !recipients.iter().any(|known| known.eq_ignore_ascii_case(&address.email)) {
            recipients.push(address.email.clone());
        }
    }
    if recipients.is_empty() {
        return Err(MessageError::NoRecipient);
    }
    let given = mail.message_id.as_deref().map(thread::normalise_id).filter(|id| header::is_id(id));
    let message_id = given.unwrap_or_else(|| new_id(&from));
    let html = sanitise::sanitise_quote(&mail.html);
    let plain = mail.text.clone().unwrap_or_else(|| text::html_to_mail_text(&html));
    let content = body::write(&plain, &html, &mail.attachments);

    let head = [
        header::text("Date", &date(mail.date, mail.zone_minutes)),
        header::addresses("From", std::slice::from_ref(&from)),
        header::addresses("To", &to),
        header::addresses("Cc", &cc),
    ]
    .concat();
    let tail = [
        header::addresses("Reply-To", &reply_to),
        header::text("Subject", &mail.subject),
        header::ids("Message-ID", std::slice::from_ref(&message_id)),
        header::ids("In-Reply-To", &mail.in_reply_to),
        header::ids("References", &mail.references),
        "MIME-Version: 1.0\r\n".to_owned(),
        content,
    ]
    .concat();
    Ok(Composed {
        raw: format!("{head}{tail}").into_bytes(),
        raw_with_bcc: format!("{head}{}{tail}", header::addresses("Bcc", &bcc)).into_bytes(),
        message_id,
        from: from.email,
        recipients,
    })
}

/// A Message-ID (normalised) that says nothing of the computer: random, at the sender's domain.
fn new_id(from: &Address) -> String {
    format!("{:032x}@{}", rand::random::<u128>(), from.domain())
}

/// RFC 5322 section 3.3, in the sender's zone.
fn date(seconds: i64, zone_minutes: i32) -> String {
    let zone = zone_minutes.clamp(-24 * 60 + 1, 24 * 60 - 1);
    let local = DateTime::from_timestamp(seconds + i64::from(zone) * 60);
    let days = (seconds + i64::from(zone) * 60).div_euclid(86_400);
    let day = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][days.rem_euclid(7) as usize];
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = months[usize::from(local.month.clamp(1, 12)) - 1];
    let sign = if zone < 0 { '-' } else { '+' };
    format!(
        "{day}, {} {month} {:04} {:02}:{:02}:{:02} {sign}{:02}{:02}",
        local.day,
        local.year,
        local.hour,
        local.minute,
        local.second,
        zone.abs() / 60,
        zone.abs() % 60,
    )
}
