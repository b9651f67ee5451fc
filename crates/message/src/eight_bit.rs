//! Bytes above 127 where none are allowed, or in another encoding than the mail says: old systems send Latin letters so.

use encoding_rs::WINDOWS_1252;
use std::borrow::Cow;

/// Bytes of a header block that are looked at.
const BLOCK: usize = 1024 * 1024;

/// The header block in UTF-8, each line by itself; none where it is that already.
pub(crate) fn headers(raw: &[u8]) -> Option<Vec<u8>> {
    let mut end = raw.len().min(BLOCK);
    let mut start = 0;
    for (place, byte) in raw[..end].iter().enumerate() {
        if *byte == b'\n' {
            if raw[start..place].iter().all(|b| *b == b'\r') {
                end = place;
                break;
            }
            start = place + 1;
        }
    }
    let block = &raw[..end];
    if std::str::from_utf8(block).is_ok() {
        return None;
    }
    let mut out = Vec::with_capacity(block.len() + block.len() / 8);
    for line in block.split_inclusive(|b| *b == b'\n') {
        out.extend_from_slice(text(line).as_bytes());
    }
    out.extend_from_slice(b"\r\n");
    Some(out)
}

/// Bytes as UTF-8, or else as Windows-1252, in which every byte is a character.
pub(crate) fn text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}
