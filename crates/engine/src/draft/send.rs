use crate::{Engine, EngineError};
use clientele_message::{Outgoing, OutgoingAttachment, compose};
use clientele_model::{Address, DraftId};
use clientele_store::{ArchiveRecord, Draft, DraftKind, NewOutbox, OutboxItem, ReplyKind, StoreError};
use jiff::{Timestamp, tz::TimeZone};

impl Engine {
    /// Composes the draft, fixes its Message-ID and queues it; the draft is hidden in the same transaction. `archive`:
    /// records that the sent mail is put on in the CRM that shows them now.
    pub async fn send(&self, id: DraftId, archive: Vec<ArchiveRecord>) -> Result<OutboxItem, EngineError> {
        self.send_on(id, archive, self.crm_shown()).await
    }

    /// The same where the records were chosen before; `link` is what [`Engine::crm_shown`] said then. Where another CRM is in
    /// use by now, the mail goes out, and waits for that one to be archived.
    pub async fn send_on(
        &self,
        id: DraftId,
        archive: Vec<ArchiveRecord>,
        link: i64,
    ) -> Result<OutboxItem, EngineError> {
        let now = self.now();
        let (draft, account, attachments) = self
            .store(move |store| {
                let draft = store.draft(id)?;
                let account = store.account(draft.account)?;
                let mut attachments = Vec::new();
                for meta in store.draft_attachments(id)? {
                    let bytes = store.draft_attachment_content(meta.id)?;
                    attachments.push(OutgoingAttachment { name: meta.name, mime: meta.mime, bytes });
                }
                Ok((draft, account, attachments))
            })
            .await?;
        if draft.to.is_empty() && draft.cc.is_empty() && draft.bcc.is_empty() {
            return Err(EngineError::NoRecipient);
        }
        let quoted = vec![draft.in_reply_to.clone(), draft.answered.clone()];
        if !archive.is_empty() {
            let known = move |store: &clientele_store::Store| Ok(link == 0 || store.crm_link_name(link)?.is_some());
            if !self.store(known).await? {
                return Err(StoreError::OtherCrm.into());
            }
            let named: Vec<String> =
                draft.references.iter().chain([&draft.in_reply_to, &draft.answered]).cloned().collect();
            let quoted = quoted.clone();
            let private = move |store: &clientele_store::Store| {
                for id in quoted.iter().filter(|id| !id.is_empty()) {
                    if store.is_private(id, &[])? {
                        return Ok(true);
                    }
                }
                store.is_private("", &named)
            };
            if self.store(private).await? {
                return Err(StoreError::Private.into());
            }
        }
        let outgoing = outgoing(&draft, Address::new(account.name, account.email), attachments, now);
        let composed = tokio::task::spawn_blocking(move || compose(&outgoing))
            .await
            .map_err(|_| EngineError::Internal("composing panicked"))??;
        let reply = draft.message.and_then(|message| match draft.kind {
            DraftKind::Reply | DraftKind::ReplyAll => Some((message, ReplyKind::Answered)),
            DraftKind::Forward => Some((message, ReplyKind::Forwarded)),
            DraftKind::New => None,
        });
        let mail = NewOutbox {
            account: draft.account,
            draft: Some(id),
            message_id: composed.message_id,
            raw: composed.raw,
            raw_sent: composed.raw_with_bcc,
            from: composed.from,
            recipients: composed.recipients,
            to: draft.to,
            subject: draft.subject,
            archive,
            link,
            reply,
            answered: draft.answered,
            next_try: now,
            queued: now,
        };
        let queued = self
            .store(move |store| {
                // Before it is queued: from then on it may go out, and rules may see it.
                store.private_with(&mail.message_id, &quoted)?;
                let outbox = store.outbox_queue(&mail)?;
                store.outbox_item(outbox)
            })
            .await?;
        tracing::info!(outbox = %queued.id, recipients = queued.recipients.len(), "queued to be sent");
        self.wake_outbox(Some(queued.account));
        Ok(queued)
    }
}

fn outgoing(draft: &Draft, from: Address, attachments: Vec<OutgoingAttachment>, now: i64) -> Outgoing {
    let time = Timestamp::from_second(now).unwrap_or(Timestamp::UNIX_EPOCH);
    Outgoing {
        from,
        to: draft.to.clone(),
        cc: draft.cc.clone(),
        bcc: draft.bcc.clone(),
        reply_to: Vec::new(),
        subject: draft.subject.clone(),
        html: format!("{}{}", draft.body, draft.quote),
        text: None,
        attachments,
        message_id: None,
        in_reply_to: Some(draft.in_reply_to.clone()).filter(|id| !id.is_empty()).into_iter().collect(),
        references: draft.references.clone(),
        date: now,
        zone_minutes: TimeZone::system().to_offset(time).seconds() / 60,
    }
}
