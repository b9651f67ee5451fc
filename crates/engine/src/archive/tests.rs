#![allow(clippy::unwrap_used)]
use super::*;
use crate::{
    AfterFirst, Begin, CrmSettings, RuleSaved,
    testkit::{
        self, NOW,
        elsewhere::{Elsewhere, connect},
    },
};
use clientele_crm::rule::Rule;
use clientele_model::{AccountId, Address, FolderRole};
use clientele_store::NewMessage;

const OLA: &str = "ola@nord.example";

/// A mail, sent where it is Kari's own, that answers the last of these.
async fn put(engine: &Engine, account: AccountId, uid: u32, from: &str, names: &[&str]) -> MessageId {
    let names: Vec<String> = names.iter().map(|id| (*id).to_owned()).collect();
    let subject = format!("Nr. {uid}");
    let mail = NewMessage {
        uid,
        date: NOW + i64::from(uid),
        message_id: format!("{uid}@nord.example"),
        in_reply_to: names.last().cloned().into_iter().collect(),
        references: names,
        from: Address::new("", from),
        to: vec![Address::new("", if from == OLA { "kari@fjord.example" } else { OLA })],
        raw: Some(format!("From: {from}\r\nSubject: {subject}\r\n\r\nHei").into_bytes().into()),
        subject,
        ..NewMessage::default()
    };
    let role = if from == OLA { FolderRole::Inbox } else { FolderRole::Sent };
    let work = move |store: &clientele_store::Store| {
        let folder = store.folder_by_role(account, role)?.unwrap().id;
        Ok(store.messages_insert(account, folder, vec![mail])?[0].id)
    };
    engine.store(work).await.unwrap()
}

fn asked(message: MessageId) -> ToArchive {
    let records = vec![Record::new(RecordKind::Company, "1", "Nord")];
    ToArchive { messages: vec![message], records, ..ToArchive::default() }
}

/// By its key, with its conversation, by rule, by the conversation's choice, with what is sent; and once it is queued.
#[tokio::test]
async fn a_private_mail_reaches_the_crm_by_no_way() {
    let (_folder, engine) = testkit::engine().await;
    let account = testkit::account(&engine, "kari@fjord.example").await;
    let there = Elsewhere::new("there");
    connect(&engine, &there).await;
    let rule = Rule { known_only: true, ..Rule::default() };
    let rule = RuleSaved { id: 0, name: "Known".into(), on: true, rule, elsewhere: String::new() };
    engine.rule_save(rule).await.unwrap();
    let follows = CrmSettings { conversation: AfterFirst::Automatic, ..CrmSettings::default() };
    engine.crm_settings_set(follows).await.unwrap();

    let open = put(&engine, account, 1, OLA, &[]).await;
    let private = put(&engine, account, 2, OLA, &["1@nord.example"]).await;
    engine.private_set(vec![private], false, true).await.unwrap();
    // Kari answers it from her telephone.
    let answer = put(&engine, account, 3, "kari@fjord.example", &["1@nord.example", "2@nord.example"]).await;
    for one in [private, answer] {
        assert_eq!(engine.archive(asked(one)).await.unwrap_err().code(), "private");
        let file = engine.document_archive(one, 1, asked(one).records, Choice::default()).await;
        assert!(file.is_err(), "{file:?}");
    }
    let whole = engine.archive(ToArchive { conversation: true, follow: Some(true), ..asked(open) }).await.unwrap();
    assert_eq!(whole.iter().map(|row| row.message_id.as_str()).collect::<Vec<_>>(), ["1@nord.example"]);
    // She answers and forwards it from here.
    for begun in [Begin::Reply(private), Begin::Forward(answer)] {
        let mut draft = engine.draft_new(begun).await.unwrap().draft;
        draft.to = vec![Address::new("", OLA)];
        let id = engine.draft_save(draft).await.unwrap().draft.id;
        assert_eq!(engine.send(id, asked(open).records).await.map(drop).unwrap_err().code(), "private");
        let sent = engine.send(id, Vec::new()).await.unwrap();
        let known = sent.message_id.clone();
        assert!(engine.store(move |store| store.is_private(&known, &[])).await.unwrap());
    }
    // Queued, and marked before it went.
    let late = put(&engine, account, 4, OLA, &[]).await;
    let row = engine.archive(asked(late)).await.unwrap().remove(0);
    engine.private_set(vec![late], true, true).await.unwrap();

    engine.customers_run().await.unwrap();
    engine.customers_run().await.unwrap();
    assert_eq!(there.reached(), ["mail Nr. 1 on 1"]);
    assert_eq!(engine.archived(row.id).await.unwrap().code.as_deref(), Some("private"));
    // The rule and the choice are on all the same.
    put(&engine, account, 5, OLA, &["1@nord.example"]).await;
    put(&engine, account, 6, OLA, &[]).await;
    engine.customers_run().await.unwrap();
    assert_eq!(there.reached().len(), 3, "{:?}", there.reached());
}
