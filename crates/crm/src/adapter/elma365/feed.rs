//! A mail as a message in the feed of each record: for tenants without an app for mails. What it says is text; the mail
//! itself, finding it again from anywhere and taking it back are not to be had.

use super::{Elma365, config::App, entity, mail::cut};
use crate::{ArchiveMail, ArchiveOutcome, CrmError, Result};
use clientele_model::RecordRef;
use serde_json::{Value, json};

const TEXT: usize = 4000;
const PAGE: usize = 50;
/// So many of the newest messages of a record are looked through for the mail.
const LOOKED_THROUGH: usize = 500;

impl Elma365 {
    pub(super) async fn archive_in_feeds(&self, mail: &ArchiveMail) -> Result<ArchiveOutcome> {
        for record in &mail.records {
            self.exists(record).await?;
        }
        let me = self.who().await?.id;
        let mut first: Option<(String, bool)> = None;
        let mut written = false;
        for record in &mail.records {
            let record = RecordRef { kind: record.kind, id: record.id.clone() };
            let (app, id) = self.place(&record)?;
            let (message, mine) = match self.in_feed(&app, id, &mail.message_id).await? {
                Some(there) => (entity::id(&there), !me.is_empty() && entity::text(&there["__createdBy"]) == me),
                None => {
                    let said = self.write(&app, id, mail).await?;
                    written = true;
                    (said, true)
                }
            };
            first.get_or_insert((message, mine));
        }
        let (activity, mine) = first.ok_or(CrmError::NoRecord)?;
        Ok(ArchiveOutcome { activity: format!("feed:{activity}"), already: !(written || mine && mail.repeated) })
    }

    /// The message that tells of this mail, among the newest of an item.
    async fn in_feed(&self, app: &App, id: &str, message_id: &str) -> Result<Option<Value>> {
        let path = app.path("feed").ok_or(CrmError::Invalid("app"))?;
        let wanted = mark(message_id);
        let mut from = 0;
        while from < LOOKED_THROUGH {
            let asked = json!({ "from": from, "size": PAGE });
            let mut said = self.caller.post(&format!("{path}/{id}/message/list"), &asked).await?;
            let total = said["result"]["total"].as_u64().unwrap_or_default() as usize;
            let Value::Array(page) = said["result"]["result"].take() else { break };
            let has = |one: &&Value| one["body"].as_str().is_some_and(|body| body.lines().any(|line| line == wanted));
            if let Some(found) = page.iter().find(has) {
                return Ok(Some(found.clone()));
            }
            from += page.len();
            if page.is_empty() || from >= total {
                break;
            }
        }
        Ok(None)
    }

    async fn write(&self, app: &App, id: &str, mail: &ArchiveMail) -> Result<String> {
        let path = app.path("feed").ok_or(CrmError::Invalid("app"))?;
        let parsed = clientele_message::parse(&mail.eml);
        let people = [super::people::named(&parsed.from), super::people::named(&[parsed.to, parsed.cc].concat())];
        let text = plain(&cut(mail.text.trim(), TEXT));
        let body = format!(
            "{}\n{} → {}\n\n{text}\n\n{}",
            plain(&cut(&mail.title, 250)),
            plain(&people[0]),
            plain(&people[1]),
            mark(&mail.message_id)
        );
        let said = self.caller.post(&format!("{path}/{id}/message"), &json!({ "body": body })).await?;
        let holder = ["item", "message", "result"].into_iter().map(|name| &said[name]).find(|one| one.is_object());
        Ok(holder.map(entity::id).unwrap_or_default())
    }
}

/// The line that a mail is found again by.
fn mark(message_id: &str) -> String {
    format!("Message-ID: {}", plain(message_id))
}

/// Whether a feed shows what a message holds as a page, nobody says: nothing in it can be one.
fn plain(text: &str) -> String {
    text.replace('<', "‹").replace('>', "›")
}
