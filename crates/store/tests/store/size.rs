//! How large the store grows.

use crate::*;
use base64::{Engine as _, engine::general_purpose::STANDARD};

struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % limit
    }

    /// Words as people write: few of them often, of 20,000 in all.
    fn text(&mut self, words: usize) -> String {
        let mut text = String::new();
        for at in 0..words {
            let rank = (20_000f64.ln() * self.below(1 << 20) as f64 / f64::from(1 << 20)).exp() as usize;
            text.push_str(["ka", "lo", "mi", "stå", "ter", "ver", "ning"][rank % 7]);
            text.push_str(["r", "n", "sk", "b", "tt"][rank / 7 % 5]);
            text.push_str(["en", "et", "a", "or", "ing", "", "els", "um"][rank / 35 % 8]);
            if rank > 280 {
                text.push_str(&format!("{}", char::from(b'a' + (rank / 280 % 26) as u8)));
                text.push_str(["", "ik", "en", "ar"][rank / 7280 % 4]);
            }
            text.push_str(if at % 11 == 10 { ".\r\n" } else { " " });
        }
        text
    }
}

/// Text beside HTML; every twelfth with a document of random bytes, the hard case: about 0.6 of all.
fn generated(uid: u32, chance: &mut Chance) -> NewMessage {
    let text = chance.text(400 + chance.0 as usize % 900);
    let html: String = text
        .split("\r\n")
        .map(|line| {
            let colour = chance.below(1 << 24);
            format!("<p style=\"margin:0 0 {}px 0;color:#{colour:06x}\">{line}</p>\r\n", chance.below(20))
        })
        .collect();
    let mut raw = format!(
        "From: Ola <ola{}@nord.example>\r\nMessage-ID: <{:x}.{uid}@nord.example>\r\nMIME-Version: 1.0\r\nContent-Type: \
         multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n--b\r\n",
        chance.below(900),
        chance.0
    );
    if uid.is_multiple_of(12) {
        let content: Vec<u8> = (0..150_000).map(|_| chance.below(256) as u8).collect();
        raw.push_str("Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n");
        for line in STANDARD.encode(content).as_bytes().chunks(76) {
            raw.push_str(std::str::from_utf8(line).unwrap());
            raw.push_str("\r\n");
        }
        raw.push_str("--b--\r\n");
    }
    NewMessage { raw: Some(raw.into_bytes().into()), search_text: text, ..mail(uid, NOW + i64::from(uid), "Tilbud") }
}

#[test]
fn bodies_take_three_fifths_of_their_size() {
    let world = World::new();
    let mut chance = Chance(5);
    let mails: Vec<NewMessage> = (1..=600).map(|uid| generated(uid, &mut chance)).collect();
    let raw: usize = mails.iter().map(|mail| mail.raw.as_ref().unwrap().len()).sum();
    world.store.messages_insert(world.account, world.inbox(), mails).unwrap();
    let World { profile, store, .. } = world;
    drop(store);
    let path = profile.path().join("mail.db");
    let db = rusqlite::Connection::open(&path).unwrap();
    let sum = |sql| db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap() as f64 / raw as f64;
    let bodies =
        sum("SELECT (SELECT sum(length(raw) + length(text)) FROM body) + (SELECT sum(length(content)) FROM blob)");
    let index =
        sum("SELECT (SELECT sum(length(block)) FROM fts_data) + (SELECT sum(length(block)) FROM beginning_data)");
    let whole = std::fs::metadata(&path).unwrap().len() as f64 / raw as f64;
    println!("of {raw} bytes: bodies {bodies:.3}, index {index:.3}, all {whole:.3}");
    assert!(bodies <= 0.62, "{bodies:.3}");
}
