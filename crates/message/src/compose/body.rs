//! The MIME body (RFC 2045, RFC 2046), all of it ASCII.

use super::{OutgoingAttachment, header};
use crate::attachment::safe_file_name;
use base64::{Engine, engine::general_purpose::STANDARD};

const COLUMNS: usize = 76;

/// From `Content-Type` to the end.
pub(super) fn write(plain: &str, html: &str, attachments: &[OutgoingAttachment]) -> String {
    let texts = multipart("alternative", &[text("plain", plain), text("html", html)]);
    if attachments.is_empty() {
        return texts;
    }
    let mut parts = vec![texts];
    parts.extend(attachments.iter().map(file));
    multipart("mixed", &parts)
}

fn multipart(kind: &str, parts: &[String]) -> String {
    // `=_` cannot stand in quoted-printable or base64, so no part can hold the boundary.
    let boundary = format!("=_{:032x}", rand::random::<u128>());
    let mut out = format!("Content-Type: multipart/{kind};\r\n boundary=\"{boundary}\"\r\n\r\n");
    for part in parts {
        out.push_str(&format!("--{boundary}\r\n"));
        out.push_str(part);
        if !out.ends_with("\r\n") {
            out.push_str("\r\n");
        }
    }
    out.push_str(&format!("--{boundary}--\r\n"));
    out
}

fn text(kind: &str, content: &str) -> String {
    let content = content.replace("\r\n", "\n").replace(['\r', '\0'], "\n");
    let foreign = content.bytes().filter(|b| !b.is_ascii()).count();
    let (encoding, body) = if foreign * 3 > content.len() {
        ("base64", base64_lines(content.replace('\n', "\r\n").as_bytes()))
    } else {
        ("quoted-printable", quoted_printable(&content))
    };
    format!("Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{body}")
}

fn file(attachment: &OutgoingAttachment) -> String {
    let name = safe_file_name(&attachment.name);
    format!(
        "Content-Type: {}{}\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment{}\r\n\r\n{}",
        mime(&attachment.mime),
        header::file_parameter("name", &name),
        header::file_parameter("filename", &name),
        base64_lines(&attachment.bytes),
    )
}

/// A kind that may be written as base64: `message/` and `multipart/` may not (RFC 2046 section 5).
fn mime(mime: &str) -> String {
    let token = |text: &str| {
        !text.is_empty() && text.len() < 100 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-+._".contains(&b))
    };
    match mime.trim().split_once('/') {
        Some((kind, subtype))
            if token(kind)
                && token(subtype)
                && !matches!(kind.to_ascii_lowercase().as_str(), "multipart" | "message") =>
        {
            mime.trim().to_ascii_lowercase()
        }
        _ => "application/octet-stream".to_owned(),
    }
}

fn base64_lines(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 4 / 3 + bytes.len() / 28 + 8);
    for line in bytes.chunks(COLUMNS / 4 * 3) {
        STANDARD.encode_string(line, &mut out);
        out.push_str("\r\n");
    }
    out
}

/// RFC 2045 section 6.7. A leading dot and a leading "From " are encoded too: old relays still change those.
fn quoted_printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            out.push_str("\r\n");
        }
        let bytes = line.as_bytes();
        let mut column = 0;
        for (place, &byte) in bytes.iter().enumerate() {
            let last = place + 1 == bytes.len();
            let plain = match byte {
                b'=' => false,
                b' ' | b'\t' => !last,
                b'.' => place > 0,
                b'F' => place > 0 || !line.starts_with("From "),
                byte => byte.is_ascii_graphic(),
            };
            let width = if plain { 1 } else { 3 };
            // One column stays free for the soft line break.
            if column + width > COLUMNS - 1 {
                out.push_str("=\r\n");
                column = 0;
            }
            if plain {
                out.push(byte as char)
            } else {
                out.push_str(&format!("={byte:02X}"))
            }
            column += width;
        }
    }
    out.push_str("\r\n");
    out
}
