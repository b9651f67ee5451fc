//! A mail without its attachments: what goes into a CRM that is to keep no files.

use crate::{AttachmentMeta, parse};
use base64::{Engine, engine::general_purpose::STANDARD};
use mail_parser::MessageParser;

/// Names, kinds and sizes of the attachments that [`without_attachments`] leaves out: those that the mail's HTML does not
/// show.
pub fn attachments_left_out(raw: &[u8]) -> Vec<AttachmentMeta> {
    parse(raw).attachments.into_iter().filter(|one| !one.inline).collect()
}

/// The mail (RFC 5322) with a line of text in the place of each attachment, which says its name, kind and size in bytes.
/// Texts, HTML, the pictures that the HTML shows, and every header of the mail stay byte for byte. A mail without
/// attachments, and one that cannot be read, comes back as it is.
pub fn without_attachments(raw: &[u8]) -> Vec<u8> {
    let left_out = attachments_left_out(raw);
    if left_out.is_empty() {
        return raw.to_vec();
    }
    // [`parse`] has read it without trouble just now, on a stack that was deep enough: so few parts are not nested deep.
    let Some(message) = (left_out.len() < 1000).then(|| MessageParser::default().parse(raw)).flatten() else {
        return raw.to_vec();
    };
    let mut cuts: Vec<(usize, usize, usize, String)> = Vec::new();
    for one in &left_out {
        let Some(part) = message.part(one.part) else { continue };
        let (head, body, end) = (part.raw_header_offset(), part.raw_body_offset(), part.raw_end_offset());
        cuts.push((head as usize, body as usize, end as usize, note(one)));
    }
    cuts.sort_unstable();
    let mut out = Vec::with_capacity(raw.len().min(1024 * 1024));
    let mut at = 0;
    for (head, body, end, note) in cuts {
        // A part within one that is left out already, or offsets that make no sense: the rest stays as it is.
        if head < at || body < head || end < body || end > raw.len() {
            continue;
        }
        out.extend_from_slice(&raw[at..head]);
        out.extend(other_headers(&raw[head..body]));
        out.extend_from_slice(note.as_bytes());
        at = end;
        // The line break before a boundary is the boundary's (RFC 2046 section 5.1.1).
        if !raw[at..].starts_with(b"\r\n") && !raw[at..].starts_with(b"\n") {
            out.extend_from_slice(b"\r\n");
        }
    }
    out.extend_from_slice(&raw[at..]);
    out
}

/// The headers that do not tell of the content: those of the mail, where the mail is the attachment.
fn other_headers(block: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut keep = false;
    for line in block.split_inclusive(|byte| *byte == b'\n') {
        if line.iter().all(|byte| byte.is_ascii_whitespace()) {
            continue;
        }
        if !line.starts_with(b" ") && !line.starts_with(b"\t") {
            keep = !line.get(..8).is_some_and(|start| start.eq_ignore_ascii_case(b"content-"));
        }
        if keep {
            out.extend_from_slice(line);
        }
    }
    out
}

fn note(one: &AttachmentMeta) -> String {
    let words = format!("✂ {} ({}, {} B)\r\n", one.name, one.mime, one.size);
    let mut text = String::from(
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\
         Content-Disposition: inline\r\n\r\n",
    );
    for line in STANDARD.encode(words).as_bytes().chunks(76) {
        text.push_str(&String::from_utf8_lossy(line));
        text.push_str("\r\n");
    }
    text
}
