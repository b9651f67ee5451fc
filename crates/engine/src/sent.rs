//! What follows a sent mail, each step harmless when done again: flag what was answered, queue it for the CRM, keep one
//! copy in Sent, let the conversation show it. Only then is its row forgotten.

use crate::{Engine, EngineError, account::by_name, engine::lock};
use clientele_mail::imap;
use clientele_model::FolderRole;
use clientele_store::{Account, Appended, ArchiveState, NewArchive, OutboxItem, StoreError};

/// How long a provider that keeps copies by itself is given before one is put there, in seconds.
const BY_ITSELF: i64 = 180;

/// What is left to do for a mail.
#[derive(Debug, PartialEq, Eq)]
enum Copy {
    /// Put it into Sent, unless it is there.
    Put,
    /// See whether the provider has put it there; so many seconds have gone by since the first look.
    Await {
        seconds: i64,
    },
    None,
}

impl Engine {
    /// For every sent mail of the account that still has a row.
    pub(crate) async fn keep_sent(&self, account: &Account) -> Result<(), EngineError> {
        let id = account.id;
        let unsaved = self.store(move |store| store.outbox_unsaved(id)).await?;
        if unsaved.is_empty() {
            return Ok(());
        }
        let wanted = self.settings().await?.sent_copy;
        let mut client = self.client(account);
        let mut result = Ok(());
        let mut synced = false;
        for item in unsaved {
            result = self.keep_one(account, &mut client, &item, wanted, &mut synced).await;
            if result.is_err() {
                break;
            }
        }
        client.close().await;
        result
    }

    async fn keep_one(
        &self,
        account: &Account,
        client: &mut imap::Client,
        item: &OutboxItem,
        wanted: bool,
        synced: &mut bool,
    ) -> Result<(), EngineError> {
        let id = item.id;
        let seen = lock(&self.0.sent_seen).get(&id).copied();
        let since = match seen {
            Some(since) => since,
            None => {
                self.flag_answered(item).await?;
                self.queue_archive(account, item).await?;
                // Only now: where one of these failed, the next round begins with them again.
                *lock(&self.0.sent_seen).entry(id).or_insert_with(|| self.now())
            }
        };
        let copied = match copy(&account.outgoing.host, wanted, self.now() - since) {
            Copy::None => true,
            Copy::Put => {
                self.put_into_sent(account, client, item).await?;
                true
            }
            Copy::Await { seconds } => {
                let there = client.in_sent(&item.message_id).await?;
                if !there && seconds >= BY_ITSELF && wanted {
                    self.put_into_sent(account, client, item).await?;
                }
                there || seconds >= BY_ITSELF
            }
        };
        if !copied {
            return Ok(());
        }
        let kept = wanted || copy(&account.outgoing.host, wanted, 0) != Copy::None;
        if kept && !*synced {
            // Its conversation shows it, and the CRM finds it.
            self.sync_roles(account, &[FolderRole::Sent]).await?;
            *synced = true;
        }
        // Without a copy the row is what the CRM's comes from: it stays until that is done.
        if !kept && !item.archive.is_empty() {
            let message_id = item.message_id.clone();
            let archived = self.store(move |store| store.archived(&message_id)).await?;
            if archived.is_some_and(|row| row.state != ArchiveState::Done) {
                return Ok(());
            }
        }
        self.store(move |store| store.outbox_saved(id)).await?;
        lock(&self.0.sent_seen).remove(&id);
        Ok(())
    }

    /// Queued, so that a refusal is shown, and told at once. It is put there once only, however often this is done.
    async fn put_into_sent(
        &self,
        account: &Account,
        client: &mut imap::Client,
        item: &OutboxItem,
    ) -> Result<(), EngineError> {
        let (owner, id, now) = (account.id, item.id, self.now());
        let find = move |store: &clientele_store::Store| store.folder_by_role(owner, FolderRole::Sent);
        let mut sent = self.store(find).await?;
        if sent.is_none() {
            client.sync_folders().await?;
            sent = self.store(find).await?;
        }
        let sent = sent.ok_or(EngineError::NotFound)?.id;
        let (message_id, subject) = (item.message_id.clone(), item.subject.clone());
        self.store(move |store| {
            let raw = store.outbox_raw_sent(id)?;
            store.append_queue(sent, &Appended { message_id, subject, seen: true, draft: false, raw }, now)
        })
        .await?;
        client.replay(now).await?;
        Ok(())
    }

    async fn queue_archive(&self, account: &Account, item: &OutboxItem) -> Result<(), EngineError> {
        if item.archive.is_empty() {
            return Ok(());
        }
        let (item, by, now) = (item.clone(), by_name(account), self.now());
        let choice = serde_json::to_string(&self.crm_settings().await?.choice()).unwrap_or_default();
        let queued = self
            .store(move |store| {
                let new = NewArchive::of(item.account, &item.message_id, &item.archive, item.link, &by);
                store.archive_put_or_wait(&NewArchive { choice, ..new }, now)
            })
            .await;
        match queued {
            // Its conversation was marked private after it was asked for.
            Err(EngineError::Store(StoreError::Private)) => {
                tracing::info!("a sent mail is private and is not archived")
            }
            queued => drop(queued?),
        }
        self.0.archive_wake.notify_one();
        Ok(())
    }
}

/// `seconds`: since the copy was first looked for.
fn copy(outgoing: &str, wanted: bool, seconds: i64) -> Copy {
    match (keeps_by_itself(outgoing), wanted) {
        (true, _) => Copy::Await { seconds },
        (false, true) => Copy::Put,
        (false, false) => Copy::None,
    }
}

/// Providers whose SMTP servers put what they send into Sent: a second copy would stand beside it.
fn keeps_by_itself(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    ["gmail.com", "googlemail.com", "office365.com", "outlook.com"]
        .iter()
        .any(|domain| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit::{self, NOW};
    use clientele_model::RecordKind;
    use clientele_store::{ArchiveRecord, NewOutbox};

    /// The disk is full for a moment after a mail was sent: it is archived all the same.
    #[tokio::test]
    async fn what_could_not_be_queued_for_the_crm_is_queued_the_next_time() {
        let (folder, engine) = testkit::engine().await;
        let account = testkit::account(&engine, "kari@fjord.example").await;
        let sent = move |store: &clientele_store::Store| {
            let id = store.outbox_queue(&NewOutbox {
                account,
                draft: None,
                message_id: "sent@fjord.example".into(),
                raw: b"Subject: x\r\n\r\nx".to_vec(),
                raw_sent: b"Subject: x\r\n\r\nx".to_vec(),
                from: "kari@fjord.example".into(),
                recipients: vec!["ola@nord.example".into()],
                to: Vec::new(),
                subject: "x".into(),
                archive: vec![ArchiveRecord::new(RecordKind::Person, "1", "Ola")],
                link: 0,
                reply: None,
                answered: String::new(),
                next_try: NOW,
                queued: NOW,
            })?;
            store.outbox_claim(account, NOW)?;
            store.outbox_sent(id)
        };
        engine.store(sent).await.expect("a sent mail");
        let account = engine.store(move |store| store.account(account)).await.expect("account");
        let other = rusqlite::Connection::open(folder.path().join("local.db")).expect("local.db");
        let full = "CREATE TRIGGER full BEFORE INSERT ON archive BEGIN SELECT RAISE(ABORT, 'full'); END";
        other.execute_batch(full).expect("trigger");
        assert!(engine.keep_sent(&account).await.is_err());
        other.execute_batch("DROP TRIGGER full").expect("trigger");
        assert!(engine.keep_sent(&account).await.is_err(), "no server answers, so there is no copy yet");
        let archived = engine.store(|store| store.archived("sent@fjord.example")).await.expect("archive");
        assert!(archived.is_some(), "the mail was never queued for the CRM");
    }

    #[test]
    fn a_provider_that_keeps_copies_gets_no_second_one() {
        assert_eq!(copy("smtp.gmail.com", true, 5), Copy::Await { seconds: 5 });
        assert_eq!(copy("smtp.office365.com", false, 5), Copy::Await { seconds: 5 });
        assert_eq!(copy("smtp.notgmail.com", true, 5), Copy::Put);
        assert_eq!(copy("mail.fjord.example", false, 5), Copy::None);
    }
}
