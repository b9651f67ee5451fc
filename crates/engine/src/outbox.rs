//! Mails on their way out: once each. The store's row is claimed before the network is touched and marked before DATA,
//! so that a crash or a dead connection leaves "queued" or "held", never "sent twice".

use crate::{Engine, EngineError, backoff};
use clientele_mail::{
    MailError,
    smtp::{self, Outcome},
};
use clientele_model::{FolderRole, OutboxId};
use clientele_store::{Account, Flag, OutboxItem, OutboxState, ReplyKind, StoreError};
use std::time::Duration;

/// How long a mail is tried before a person must look.
const PATIENCE: i64 = 2 * 24 * 3600;

/// What a person decides about a mail that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutboxChoice {
    /// Failed: try again now. Held: send it once more.
    Retry,
    /// Held: it did arrive.
    WasSent,
    /// Back into its draft.
    Edit,
    Discard,
}

impl Engine {
    /// What waits, is held or has failed; oldest first.
    pub async fn outbox(&self) -> Result<Vec<OutboxItem>, EngineError> {
        self.store(|store| store.outbox()).await
    }

    /// A queued mail, or `None` once it is sent and kept in Sent.
    pub async fn outbox_item(&self, id: OutboxId) -> Result<Option<OutboxItem>, EngineError> {
        match self.store(move |store| store.outbox_item(id)).await {
            Ok(item) => Ok(Some(item)),
            Err(EngineError::Store(clientele_store::StoreError::NotFound)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub async fn outbox_resolve(&self, id: OutboxId, choice: OutboxChoice) -> Result<(), EngineError> {
        let now = self.now();
        self.store(move |store| match choice {
            OutboxChoice::Retry => store.outbox_retry(id, now),
            OutboxChoice::WasSent => store.outbox_sent(id),
            OutboxChoice::Edit => store.outbox_edit(id).map(|_| ()),
            OutboxChoice::Discard => store.outbox_discard(id),
        })
        .await?;
        self.wake_outbox(None);
        Ok(())
    }

    /// Sends everything that is due, of every account, once.
    pub async fn outbox_run(&self) -> Result<(), EngineError> {
        let mut failed = None;
        for account in self.store(|store| store.accounts()).await? {
            if let Err(error) = self.outbox_run_account(&account, true).await {
                failed = Some(error);
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// Sends what is due, then keeps what was sent in the Sent folder. `look`: first see whether held mails are in Sent
    /// after all. Answers how many were sent.
    pub(crate) async fn outbox_run_account(&self, account: &Account, look: bool) -> Result<u32, EngineError> {
        let _one_at_a_time = self.0.sending.lock().await;
        let mut look = look;
        let mut sent = 0;
        let (id, now) = (account.id, self.now());
        while let Some(item) = self.store(move |store| store.outbox_claim(id, now)).await? {
            match self.send_one(account, &item).await? {
                OutboxState::Sent => sent += 1,
                OutboxState::Held => look = true,
                _ => {}
            }
        }
        if look {
            self.look_for_held(account).await?;
        }
        self.keep_sent(account).await?;
        Ok(sent)
    }

    async fn send_one(&self, account: &Account, item: &OutboxItem) -> Result<OutboxState, EngineError> {
        let id = item.id;
        let raw = self.store(move |store| store.outbox_raw(id)).await?;
        let size = raw.len();
        let mail = smtp::Mail { from: item.from.clone(), recipients: item.recipients.clone(), raw };
        let store = self.0.store.clone();
        let before_data = async move || -> Result<(), MailError> {
            let begun = tokio::task::spawn_blocking(move || store.outbox_data_begun(id)).await;
            begun.map_err(|_| MailError::Stopped)?.map_err(MailError::from)
        };
        let outcome = smtp::send(&self.0.net, &self.outgoing_login(account), &mail, before_data).await;
        let next = decide(outcome, item, self.now(), rand::random());
        tracing::info!(outbox = %id, size, attempts = item.attempts, next = next.name(), "send");
        let state = next.state();
        self.store(move |store| match next {
            Next::Sent => store.outbox_sent(id),
            Next::Held => store.outbox_held(id),
            Next::Later { code, detail, at } => store.outbox_later(id, &code, &detail, at),
            Next::Failed { code, detail } => store.outbox_failed(id, &code, &detail),
        })
        .await?;
        Ok(state)
    }

    /// A held mail that lies in Sent, or came back to oneself, was taken by the server.
    async fn look_for_held(&self, account: &Account) -> Result<(), EngineError> {
        let held: Vec<_> = self
            .outbox()
            .await?
            .into_iter()
            .filter(|item| item.account == account.id && item.state == OutboxState::Held)
            .collect();
        if held.is_empty() {
            return Ok(());
        }
        self.sync_roles(account, &[FolderRole::Sent, FolderRole::Inbox]).await?;
        for item in held {
            let message_id = item.message_id.clone();
            let rows = self.store(move |store| store.by_message_id(&message_id)).await?;
            if !rows.is_empty() {
                tracing::info!(outbox = %item.id, "a held mail was found on the server");
                let id = item.id;
                self.store(move |store| store.outbox_sent(id)).await?;
            }
        }
        Ok(())
    }

    pub(crate) async fn flag_answered(&self, item: &OutboxItem) -> Result<(), EngineError> {
        let Some((message, kind)) = item.reply else { return Ok(()) };
        let flag = match kind {
            ReplyKind::Answered => Flag::Answered,
            ReplyKind::Forwarded => Flag::Forwarded,
        };
        let (now, answered, account) = (self.now(), item.answered.clone(), item.account);
        let flagged = self.store(move |store| {
            // Rows are numbered anew where mail.db was fetched again: the number may be another mail's by now.
            let is_it = |id| match store.row(id) {
                Ok(row) => Ok(row.account == account && row.message_id == answered),
                Err(StoreError::NotFound) => Ok(false),
                Err(error) => Err(error),
            };
            if answered.is_empty() {
                return Ok(());
            }
            let found = if is_it(message)? { vec![message] } else { store.by_message_id(&answered)? };
            for id in found {
                if is_it(id)? {
                    store.operate_flag(&[id], flag, true, now)?;
                }
            }
            Ok(())
        });
        match flagged.await {
            // The answered mail may be gone by now.
            Ok(()) | Err(EngineError::Store(StoreError::NotFound)) => {
                self.wake_operations(Some(item.account));
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

/// What becomes of a mail after a try.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    Sent,
    Held,
    Later { code: String, detail: String, at: i64 },
    Failed { code: String, detail: String },
}

impl Next {
    fn state(&self) -> OutboxState {
        match self {
            Next::Sent => OutboxState::Sent,
            Next::Held => OutboxState::Held,
            Next::Later { .. } => OutboxState::Queued,
            Next::Failed { .. } => OutboxState::Failed,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Next::Sent => "sent",
            Next::Held => "held",
            Next::Later { .. } => "later",
            Next::Failed { .. } => "failed",
        }
    }
}

fn decide(outcome: Outcome, item: &OutboxItem, now: i64, random: f64) -> Next {
    let at = now + retry_delay(item.attempts, random).as_secs() as i64;
    let patient = now - item.queued < PATIENCE;
    match outcome {
        Outcome::Delivered => Next::Sent,
        Outcome::Unknown(_) => Next::Held,
        Outcome::Refused { permanent, code, text, recipients } => {
            let wire = match (code, recipients.is_empty()) {
                (_, false) => "recipient_refused",
                (552 | 523 | 534, true) => "message_too_large",
                _ => "server_refused",
            };
            let (code, detail) = (String::from(wire), text);
            if permanent || !patient { Next::Failed { code, detail } } else { Next::Later { code, detail, at } }
        }
        Outcome::NotSent(error) => {
            let (code, detail) = (String::from(error.code()), error.to_string());
            // Nothing is wrong with the mail: it goes out after the next sign-in.
            if matches!(code.as_str(), "sign_in_again" | "secrets_locked" | "secrets_missing") {
                return Next::Later { code, detail, at: now + 3600 };
            }
            if error.retryable() && patient { Next::Later { code, detail, at } } else { Next::Failed { code, detail } }
        }
    }
}

/// Half a minute at first, an hour at most: a server that defers (RFC 5321 section 4.5.4.1) wants to be left alone.
fn retry_delay(attempts: u32, random: f64) -> Duration {
    (backoff::delay(attempts.saturating_add(1), random) * 12).clamp(Duration::from_secs(15), Duration::from_secs(3600))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit;
    use clientele_model::AccountId;

    fn item(queued: i64) -> OutboxItem {
        OutboxItem {
            id: OutboxId(1),
            account: AccountId(1),
            draft: None,
            message_id: "a@b".into(),
            from: "a@b".into(),
            recipients: vec!["c@d".into()],
            to: Vec::new(),
            subject: String::new(),
            state: OutboxState::Sending,
            code: None,
            detail: String::new(),
            attempts: 1,
            next_try: 0,
            queued,
            archive: Vec::new(),
            reply: None,
            answered: String::new(),
            link: 0,
        }
    }

    /// mail.db was set aside and fetched again: the row that was answered is another mail now.
    #[tokio::test]
    async fn only_the_mail_that_was_answered_is_flagged() {
        let (_folder, engine) = testkit::engine().await;
        let account = testkit::account(&engine, "kari@fjord.example").await;
        let other = testkit::mail(&engine, account, 1, "ola@nord.example", "En annen").await;
        let answered = testkit::mail(&engine, account, 2, "ola@nord.example", "Spørsmål").await;
        let reply = Some((other, ReplyKind::Answered));
        let sent = OutboxItem { account, reply, answered: "2@nord.example".into(), ..item(0) };
        engine.flag_answered(&sent).await.expect("flag");
        assert!(!engine.row(other).await.expect("row").0.flags.answered, "another mail was flagged");
        assert!(engine.row(answered).await.expect("row").0.flags.answered);
        let gone = OutboxItem { answered: "9@nord.example".into(), ..sent };
        engine.flag_answered(&gone).await.expect("a mail that is gone is no error");
        assert!(!engine.row(other).await.expect("row").0.flags.answered);
    }

    fn refused(permanent: bool, code: u16, recipients: Vec<String>) -> Outcome {
        Outcome::Refused { permanent, code, text: "no".into(), recipients }
    }

    #[test]
    fn a_mail_whose_fate_is_unknown_is_never_tried_again_by_itself() {
        assert_eq!(decide(Outcome::Unknown(MailError::Closed), &item(0), 10, 0.5), Next::Held);
    }

    #[test]
    fn refusals_are_told_apart() {
        let at_once = decide(refused(true, 550, vec!["c@d".into()]), &item(0), 10, 0.5);
        assert_eq!(at_once, Next::Failed { code: "recipient_refused".into(), detail: "no".into() });
        assert!(matches!(decide(refused(false, 451, vec![]), &item(0), 10, 0.5), Next::Later { at, .. } if at > 10));
        assert!(matches!(decide(refused(false, 451, vec![]), &item(0), PATIENCE + 1, 0.5), Next::Failed { .. }));
        assert!(matches!(decide(Outcome::NotSent(MailError::Closed), &item(0), 10, 0.5), Next::Later { .. }));
        let wrong = decide(Outcome::NotSent(MailError::SignInRefused("535".into())), &item(0), 10, 0.5);
        assert!(matches!(wrong, Next::Failed { code, .. } if code == "sign_in_refused"));
    }
}
