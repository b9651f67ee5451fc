use crate::MessageError;
use clientele_model::Address;

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
    let _ = mail;
    Err(MessageError::NoRecipient)
}
