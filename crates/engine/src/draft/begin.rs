use super::{Written, mailto};
use crate::{Engine, EngineError};
use clientele_message::{Parsed, quote, reply, subject, text_to_html};
use clientele_model::{AccountId, Address, DraftId, MessageId};
use clientele_store::{Draft, DraftKind, Row};
use clientele_words::{Language, word};
use jiff::{Timestamp, tz::TimeZone};

/// What a person wants to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begin {
    /// With what a `mailto:` link says, where there is one.
    New {
        mailto: Option<String>,
    },
    Reply(MessageId),
    ReplyAll(MessageId),
    Forward(MessageId),
}

impl Engine {
    /// Makes and saves a draft: recipients, subject, signature, quote, and on forwarding the attachments.
    pub async fn draft_new(&self, begin: Begin) -> Result<Written, EngineError> {
        let accounts = self.store(|store| store.accounts()).await?;
        let first = accounts.first().ok_or(EngineError::NotFound)?.id;
        let signature = self.settings().await?.signature;
        let id = match begin {
            Begin::New { mailto } => {
                let draft = fresh(first, mailto.as_deref(), &signature, self.now());
                self.store(move |store| store.draft_add(&draft)).await?
            }
            Begin::Reply(message) => self.answer(message, DraftKind::Reply, &signature).await?,
            Begin::ReplyAll(message) => self.answer(message, DraftKind::ReplyAll, &signature).await?,
            Begin::Forward(message) => self.answer(message, DraftKind::Forward, &signature).await?,
        };
        self.draft(id).await
    }

    async fn answer(&self, message: MessageId, kind: DraftKind, signature: &str) -> Result<DraftId, EngineError> {
        let (row, _) = self.row(message).await?;
        let raw = self.readable(message).await?;
        let own: Vec<_> =
            self.store(|store| store.accounts()).await?.into_iter().map(|account| account.email).collect();
        let (language, now) = (self.language().await, self.now());
        let (signature, account) = (signature.to_owned(), row.account);
        let bytes = raw.clone();
        let made = tokio::task::spawn_blocking(move || {
            let mail = clientele_message::parse(&bytes);
            answer(&mail, &row, kind, &own, language, &signature, now)
        });
        let draft = made.await.map_err(|_| EngineError::Internal("quoting panicked"))?;
        debug_assert_eq!(draft.account, account);
        let id = self.store(move |store| store.draft_add(&draft)).await?;
        if kind == DraftKind::Forward {
            drop(raw);
            // Pictures shown inside the mail go along as files: a quote carries none.
            for known in self.detail(message).await?.attachments {
                let part = match self.part(message, known.part).await {
                    Ok(part) => part,
                    Err(EngineError::NotFound) => continue,
                    Err(error) => {
                        // A draft that lacks what was to be forwarded looks like one that has it.
                        self.store(move |store| store.draft_remove(id)).await?;
                        return Err(error);
                    }
                };
                self.store(move |store| store.draft_attach(id, &part.name, &part.mime, None, &part.bytes).map(|_| ()))
                    .await?;
            }
        }
        Ok(id)
    }
}

fn fresh(account: AccountId, link: Option<&str>, signature: &str, now: i64) -> Draft {
    let asked = link.and_then(mailto::parse).unwrap_or_default();
    Draft {
        id: DraftId(0),
        account,
        kind: DraftKind::New,
        message: None,
        answered: String::new(),
        in_reply_to: String::new(),
        references: Vec::new(),
        to: asked.to,
        cc: asked.cc,
        bcc: asked.bcc,
        subject: asked.subject,
        body: body(&asked.body, signature),
        quote: String::new(),
        saved: now,
    }
}

/// What a draft begins with: the text, room to write, the signature once.
fn body(text: &str, signature: &str) -> String {
    let text = if text.is_empty() { String::new() } else { text_to_html(text) };
    let signature = if signature.trim().is_empty() { String::new() } else { format!("<p><br></p>{signature}") };
    clientele_message::sanitise_body(&format!("{text}{signature}"))
}

fn answer(
    mail: &Parsed,
    row: &Row,
    kind: DraftKind,
    own: &[String],
    language: Language,
    signature: &str,
    now: i64,
) -> Draft {
    let forward = kind == DraftKind::Forward;
    let recipients = match kind {
        DraftKind::Reply => reply::recipients(mail, own, false),
        DraftKind::ReplyAll => reply::recipients(mail, own, true),
        DraftKind::New | DraftKind::Forward => reply::Recipients::default(),
    };
    let quote = if forward {
        quote::forward(mail, &word(language, "forward.title", &[]), &forward_lines(mail, row, language))
    } else {
        quote::reply(mail, &attribution(mail, row, language))
    };
    Draft {
        id: DraftId(0),
        account: row.account,
        kind,
        message: Some(row.id),
        answered: row.message_id.clone(),
        in_reply_to: if forward { String::new() } else { mail.message_id.clone() },
        references: if forward { Vec::new() } else { reply::references(mail) },
        to: recipients.to,
        cc: recipients.cc,
        bcc: Vec::new(),
        subject: if forward { subject::forward(&mail.subject) } else { subject::reply(&mail.subject) },
        body: body("", signature),
        quote,
        saved: now,
    }
}

fn attribution(mail: &Parsed, row: &Row, language: Language) -> String {
    let name = mail.from.first().unwrap_or(&row.from).label().to_owned();
    match mail.date {
        Some(date) => word(language, "attribution.reply", &[("date", &date_text(date, language)), ("name", &name)]),
        None => word(language, "attribution.replyNoDate", &[("name", &name)]),
    }
}

fn forward_lines(mail: &Parsed, row: &Row, language: Language) -> Vec<(String, String)> {
    let people = |all: &[Address]| all.iter().map(person).collect::<Vec<_>>().join(", ");
    let lines = [
        ("forward.from", people(&mail.from)),
        ("forward.date", date_text(mail.date.unwrap_or(row.date), language)),
        ("forward.subject", mail.subject.clone()),
        ("forward.to", people(&mail.to)),
        ("forward.cc", people(&mail.cc)),
    ];
    lines.into_iter().filter(|(_, text)| !text.is_empty()).map(|(key, text)| (word(language, key, &[]), text)).collect()
}

fn person(address: &Address) -> String {
    if address.name.is_empty() { address.email.clone() } else { format!("{} <{}>", address.name, address.email) }
}

/// A day and a time as the language writes them, in this computer's time zone.
fn date_text(seconds: i64, language: Language) -> String {
    let format = match language {
        Language::En => "%-d %B %Y %H:%M",
        Language::Nb | Language::Da => "%-d.%-m.%Y kl. %H.%M",
        Language::Sv => "%Y-%m-%d %H:%M",
        Language::De => "%-d.%-m.%Y, %H:%M",
        Language::Nl => "%-d-%-m-%Y %H:%M",
    };
    let time = Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(TimeZone::system());
    time.strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_from_a_link_has_its_words_and_the_signature_once() {
        let draft = fresh(AccountId(1), Some("mailto:a@b.example?subject=Hello&body=one%0Atwo"), "<p>Kari</p>", 5);
        assert_eq!((draft.to.len(), draft.subject.as_str()), (1, "Hello"));
        assert_eq!(draft.body.matches("Kari").count(), 1);
        assert!(draft.body.find("one") < draft.body.find("Kari"));
    }
}
