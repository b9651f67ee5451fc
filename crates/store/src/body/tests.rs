#![allow(clippy::unwrap_used)]

use super::*;
use std::{fs, path::Path};

/// A small generator of numbers, the same for the same seed.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % limit
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.below(256) as u8).collect()
    }
}

fn round(raw: &[u8], text: &str) -> Packed {
    let packed = pack(raw, text).unwrap();
    assert!(raw_of(&packed.frame, &packed.blobs).unwrap() == raw, "{}", String::from_utf8_lossy(raw));
    assert_eq!(text_of(&packed.frame).unwrap(), text);
    packed
}

fn lines(content: &[u8], width: usize, ending: &str) -> String {
    let letters = STANDARD.encode(content);
    let lines: Vec<&str> = letters.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap()).collect();
    lines.join(ending)
}

#[test]
fn every_mail_of_the_corpus_comes_back_as_it_was() {
    let mut count = 0;
    for folder in ["hostile", "legitimate", "malformed"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus").join(folder);
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let raw = fs::read(entry.path()).unwrap();
            round(&raw, &String::from_utf8_lossy(&raw[..raw.len().min(900)]));
            // Cut anywhere it is a mail too, with ends of lines of the other kind, and with one byte amiss.
            round(&raw[..raw.len() * 2 / 3], "");
            round(&raw.iter().copied().filter(|byte| *byte != b'\r').collect::<Vec<_>>(), "");
            let mut amiss = raw;
            if let Some(byte) = amiss.get_mut(count * 37) {
                *byte ^= 0x21;
            }
            round(&amiss, "");
            count += 1;
        }
    }
    assert!(count > 80, "{count} mails");
}

#[test]
fn mails_of_any_shape_come_back_as_they_were() {
    let seed = std::env::var("CLIENTELE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(7);
    let mut chance = Chance(seed);
    for _ in 0..400 {
        let mut raw = b"Subject: x\r\n\r\n".to_vec();
        for _ in 0..chance.below(6) {
            let width = [4, 40, 60, 64, 72, 76, 77, 78, 1000][chance.below(9)];
            let ending = ["\r\n", "\n", "\r", "\r\n\r\n"][chance.below(4)];
            let length = chance.below(9000);
            let content = if chance.below(3) == 0 { vec![b'a'; length] } else { chance.bytes(length) };
            raw.extend(lines(&content, width, ending).into_bytes());
            let close = ["\r\n--b\r\n", "\n", "", "=\r\n", "\r\n\r\n"][chance.below(5)];
            raw.extend(close.as_bytes());
            // Damage in the middle of it: other ends of lines, padding where none belongs, letters that do not decode.
            for _ in 0..chance.below(3) {
                let at = chance.below(raw.len());
                raw[at] = [b'\n', b'=', b'\r', b'!', b'A', 0xff][chance.below(6)];
            }
        }
        round(&raw, "hei");
    }
}

#[test]
fn attachments_leave_the_frame_and_are_the_same_however_wrapped() {
    let mut chance = Chance(1);
    let content = chance.bytes(30_000);
    let mail = |width, ending: &str| {
        format!("Subject: x{ending}{ending}{}{ending}--b--{ending}", lines(&content, width, ending))
    };
    let packed = round(mail(76, "\r\n").as_bytes(), "");
    assert!(packed.blobs == std::slice::from_ref(&content));
    assert!(packed.frame.len() < 100, "{}", packed.frame.len());
    assert_eq!(round(mail(64, "\n").as_bytes(), "").blobs, packed.blobs);
    // A letter in base64 is text: its snippet costs nothing beside it.
    let letter: String = (0..3000).map(|n| format!("ord{} ", n * 7919 % 1013)).collect();
    let alone = round(lines(letter.as_bytes(), 76, "\r\n").as_bytes(), "");
    let both = round(lines(letter.as_bytes(), 76, "\r\n").as_bytes(), &letter);
    assert!(alone.blobs.is_empty() && both.frame.len() < alone.frame.len() + 40);
}

#[test]
fn lines_that_almost_decode_take_no_quadratic_time() {
    let mut raw = Vec::new();
    for _ in 0..40_000 {
        raw.extend(b"QUJD".repeat(19));
        raw.extend(b"\r\n");
    }
    let at = raw.len() - 10;
    raw[at] = b'!';
    let begun = std::time::Instant::now();
    round(&raw, "");
    assert!(begun.elapsed().as_secs() < 10);
}

#[test]
fn a_damaged_frame_is_an_error() {
    let packed = round(lines(&Chance(3).bytes(5000), 76, "\r\n").as_bytes(), "text");
    assert!(raw_of(&packed.frame, &[]).is_err());
    for at in 0..packed.frame.len() {
        let mut frame = packed.frame.clone();
        frame[at] ^= 0x40;
        let _ = raw_of(&frame, &packed.blobs);
        let _ = text_of(&frame);
        assert!(raw_of(&frame[..at], &packed.blobs).is_err());
    }
}
