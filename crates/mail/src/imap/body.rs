//! From bytes to what the store keeps.

use super::{Client, fetch::Fetched};
use crate::MailError;
use clientele_message::{AttachmentMeta, Parsed};
use clientele_model::MessageId;
use clientele_store::{Attachment, Body, NewMessage};

impl Client {
    /// Fetches the body of a mail into the store: whole, or where it is large without its large parts, which
    /// [`Client::fetch_stretch`] fetches.
    pub async fn fetch_body(&mut self, message: MessageId) -> Result<(), MailError> {
        let result = self.fetch_one(message).await;
        self.settle(result)
    }

    async fn fetch_one(&mut self, message: MessageId) -> Result<(), MailError> {
        let (place, size) =
            self.store(move |store| Ok((store.location(message)?, store.detail(message)?.size))).await?;
        let uid = place.uid.ok_or(MailError::Gone)?;
        let (_, selected) = self.open_folder(&place.server_name, false).await?;
        if selected.uid_validity != place.uid_validity {
            return Err(MailError::Gone);
        }
        self.fill(&place.server_name, message, uid, size).await
    }
}

pub(super) fn body(raw: Vec<u8>) -> Body {
    let parsed = clientele_message::parse_to_store(&raw);
    Body {
        attachments: attachments(&parsed.attachments),
        has_html: parsed.html.is_some(),
        has_text: parsed.text.is_some(),
        preview: parsed.preview,
        search_text: parsed.search_text,
        unreadable: parsed.unreadable,
        left_out: false,
        raw,
    }
}

/// `now`: seconds since 1970, for a mail that bears no date at all.
pub(super) fn new_message(mail: Fetched, now: i64) -> NewMessage {
    let cut = mail.cut();
    let Some(bytes) = mail.body.filter(|_| !mail.unreadable) else {
        return NewMessage {
            uid: mail.uid,
            flags: mail.flags.unwrap_or_default(),
            date: mail.internal_date.unwrap_or(now),
            size: mail.size,
            server_thread: mail.thread,
            gmail_id: mail.gmail_id,
            labels: mail.labels,
            unreadable: Some("the server could not give this mail in a form that can be read".into()),
            partial: true,
            ..NewMessage::default()
        };
    };
    let parsed: Parsed = clientele_message::parse_to_store(&bytes);
    // A date more than a day ahead is a wrong clock, or somebody who wants to stay on top of the list.
    let date = parsed.date.filter(|date| (1..now + 86_400).contains(date)).or(mail.internal_date).unwrap_or(now);
    NewMessage {
        uid: mail.uid,
        flags: mail.flags.unwrap_or_default(),
        date,
        size: mail.size.max(bytes.len() as u32),
        message_id: parsed.message_id,
        in_reply_to: parsed.in_reply_to,
        references: parsed.references,
        server_thread: mail.thread,
        gmail_id: mail.gmail_id,
        labels: mail.labels,
        subject: parsed.subject,
        from: parsed.from.into_iter().next().unwrap_or_default(),
        to: parsed.to,
        cc: parsed.cc,
        bcc: parsed.bcc,
        reply_to: parsed.reply_to,
        preview: parsed.preview,
        search_text: parsed.search_text,
        attachments: attachments(&parsed.attachments),
        has_html: parsed.html.is_some(),
        has_text: parsed.text.is_some(),
        // Half a mail may well look broken: its whole decides.
        unreadable: parsed.unreadable.filter(|_| !cut),
        partial: cut,
        raw: if cut { None } else { Some(bytes) },
    }
}

pub(super) fn attachments(found: &[AttachmentMeta]) -> Vec<Attachment> {
    let one = |meta: &AttachmentMeta| Attachment {
        part: meta.part,
        name: meta.name.clone(),
        mime: meta.mime.clone(),
        size: u32::try_from(meta.size).unwrap_or(u32::MAX),
        content_id: meta.content_id.clone(),
        inline: meta.inline,
        dangerous: meta.dangerous,
        left_out: None,
    };
    found.iter().map(one).collect()
}
