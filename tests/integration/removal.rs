//! What stays on the disk of an account that was removed.

use crate::{
    kit::{Person, files, mail},
    live::{idle, window},
};
use clientele_api::{Api, handle, view::*};
use clientele_tests::world::{PASSWORD, Stored};
use rand::Rng as _;
use std::{
    io::Read as _,
    path::{Path, PathBuf},
};

/// A word that stands nowhere else in the world.
fn canary(kind: &str) -> String {
    format!("{kind}{:016x}", rand::rng().random::<u64>())
}

/// The files below the folder that give one of the words to who reads their bytes: as they are, in UTF-16, in any case,
/// or inside what was packed.
fn readable(folder: &Path, words: &[String]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for file in files(folder) {
        let bytes = std::fs::read(&file).unwrap();
        let unpacked = unpacked(&bytes);
        for word in words {
            let wide: Vec<u8> = word.encode_utf16().flat_map(u16::to_le_bytes).collect();
            if [&bytes, &unpacked].into_iter().any(|all| contains(all, word.as_bytes())) || contains(&bytes, &wide) {
                found.push((file.clone(), word.clone()));
            }
        }
    }
    found
}

fn contains(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word))
}

/// What mails are packed with.
const DICTIONARY: &[u8] = include_bytes!("../../crates/store/src/body/dictionary.txt");

/// Whatever begins as zstd's frames do, as far as it can be unpacked: bodies lie packed in the database, in free pages too.
fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    let frames = bytes.windows(4).enumerate().filter(|(_, four)| *four == [0x28, 0xB5, 0x2F, 0xFD]);
    for (at, _) in frames {
        for dictionary in [&[][..], DICTIONARY] {
            let Ok(mut decoder) = zstd::Decoder::with_dictionary(&bytes[at..], dictionary) else { continue };
            let mut piece = [0; 512];
            // What was overwritten in the middle gives an error there; what came before it was readable.
            while let Ok(count @ 1..) = decoder.read(&mut piece) {
                all.extend_from_slice(&piece[..count]);
            }
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_removed_account_can_be_read_in_the_profile() {
    let person = Person::new();
    let words: Vec<String> = ["body", "subject", "name", "sender", "file", "inside", "draft", "unsent", "receiver"]
        .iter()
        .map(|kind| canary(kind))
        .collect();
    let [body, subject, name, sender, file, inside, draft, unsent, receiver] = words.as_slice() else { unreachable!() };
    let now = jiff::Timestamp::now().as_second();
    let from = format!("{name} <{sender}@kunde.example>");
    let attached = format!(
        "From: {from}\r\nTo: {to}\r\nSubject: {subject} 0\r\nMessage-ID: <{sender}@kunde.example>\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n{body}\r\n--b\r\n\
         Content-Type: text/plain\r\nContent-Disposition: attachment; filename=\"{file}.txt\"\r\n\r\n{inside}\r\n--b--\r\n",
        to = person.email
    );
    // Enough that pages are split, merged and freed on the way.
    let many = (1..120).map(|number| mail(&from, &person.email, &format!("{subject} {number}"), &body.repeat(number)));
    let mails: Vec<Stored> = std::iter::once(attached.into_bytes())
        .chain(many)
        .zip(0..)
        .map(|(raw, age)| Stored {
            folder: "INBOX".into(),
            raw,
            received: now - age * 60,
            seen: false,
            answered: false,
            flagged: false,
        })
        .collect();
    person.world.store(&person.email, &mails).unwrap();
    let mails_stored = mails.len() as u32;
    let unsent_subject = unsent.clone();
    let person = tokio::task::spawn_blocking(move || {
        person.connect(&format!("localhost:{}", person.world.ports().smtps), "tls").ok();
        person.run(&["sync"]).ok();
        let arguments = ["send", "--to", "later@fault.example", "--subject", &unsent_subject];
        assert_eq!(person.run_with(&arguments, &unsent_subject).json()["state"], "queued");
        person
    })
    .await
    .unwrap();

    let engine = window(&person).await;
    let api = Api::new(engine.clone(), Api::viewer_of(&engine, None));
    idle(&api).await;
    let new = DraftNew { kind: DraftKind::New, message: String::new(), mailto: String::new() };
    let new = handle::draft_new(&api, new).await.unwrap();
    let saved = DraftSave {
        id: new.id.clone(),
        account: new.account.clone(),
        to: vec![AddressView { name: String::new(), email: format!("{receiver}@kunde.example") }],
        cc: vec![],
        bcc: vec![],
        subject: draft.clone(),
        body: format!("<p>{draft}</p>"),
        quote: String::new(),
    };
    handle::draft_save(&api, saved).await.unwrap();

    let before = readable(&person.profile(), &words);
    for word in &words {
        assert!(before.iter().any(|(_, found)| found == word), "{word} was never there to be found: {before:?}");
    }
    let account = handle::app_state(&api, Empty {}).await.unwrap().accounts[0].id.clone();
    let removal = handle::account_removal(&api, IdRequest { id: account.clone() }).await.unwrap();
    assert_eq!((removal.mails, removal.drafts), (mails_stored, 1), "{removal:?}");
    assert!(
        removal.unsent.iter().any(|one| one.subject == *unsent),
        "what is not sent yet is named first: {removal:?}"
    );
    handle::account_remove(&api, IdRequest { id: account }).await.unwrap();
    let mut all = words.clone();
    all.extend([person.email.clone(), PASSWORD.to_owned()]);
    assert_eq!(readable(&person.profile(), &all), [], "while the program runs, journals included");
    engine.stop().await;
    assert_eq!(readable(&person.profile(), &all), [], "after it has ended");
}
