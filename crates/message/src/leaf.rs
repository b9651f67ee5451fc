//! One part of a mail as the parser sees it: its bytes, kind and name, and its text where the parser goes astray.

use crate::{
    attachment::{default_name, safe_file_name},
    clean, eight_bit, thread,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use mail_parser::{ContentType, Encoding, MessagePart, MimeHeaders, PartType};
use std::borrow::Cow;

pub(crate) fn bytes<'a>(part: &'a MessagePart<'_>, raw: &'a [u8]) -> Cow<'a, [u8]> {
    match &part.body {
        // A nested message shares the whole mail's bytes unless it was encoded.
        PartType::Message(inner) if part.encoding == Encoding::None => {
            let _ = inner;
            let range = part.raw_body_offset() as usize..part.raw_end_offset() as usize;
            Cow::Borrowed(raw.get(range).unwrap_or_default())
        }
        PartType::Message(inner) => Cow::Borrowed(inner.raw_message()),
        _ => Cow::Borrowed(part.contents()),
    }
}

pub(crate) fn mime(part: &MessagePart<'_>) -> String {
    let token = |text: &str| {
        !text.is_empty() && text.len() < 100 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-+._".contains(&b))
    };
    match part.content_type().map(|kind| (kind.ctype(), kind.subtype().unwrap_or_default())) {
        Some((kind, subtype)) if token(kind) && token(subtype) => format!("{kind}/{subtype}").to_lowercase(),
        Some(_) => "application/octet-stream".to_owned(),
        None if matches!(part.body, PartType::Message(_)) => "message/rfc822".to_owned(),
        None => "text/plain".to_owned(),
    }
}

/// The name a part brings: of several, the one beyond ASCII, because the other is its likeness for old readers.
fn given_name<'a>(part: &'a MessagePart<'_>) -> Option<&'a str> {
    let names = |kind: Option<&'a ContentType<'a>>, key: &'static str| {
        let attributes = kind.and_then(|kind| kind.attributes()).unwrap_or_default();
        let all = attributes.iter().filter(move |attribute| attribute.name.eq_ignore_ascii_case(key));
        let all: Vec<&str> = all.map(|attribute| attribute.value.trim()).filter(|name| !name.is_empty()).collect();
        all.iter().find(|name| !name.is_ascii()).or(all.first()).copied()
    };
    names(part.content_disposition(), "filename").or_else(|| names(part.content_type(), "name"))
}

pub(crate) fn name(part: &MessagePart<'_>, mime: &str, number: u32) -> String {
    match (given_name(part), &part.body) {
        (Some(name), _) => safe_file_name(name),
        (None, PartType::Message(inner)) => match inner.subject() {
            Some(subject) if !subject.trim().is_empty() => {
                safe_file_name(&format!("{}.eml", clean::line(subject, 80).replace(['/', '\\'], "-")))
            }
            _ => default_name("message/rfc822", number),
        },
        _ => default_name(mime, number),
    }
}

pub(crate) fn content_id(part: &MessagePart<'_>) -> Option<String> {
    part.content_id().map(thread::normalise_id).filter(|id| !id.is_empty())
}

pub(crate) fn undamaged(part: &MessagePart<'_>) -> Vec<u8> {
    let bytes = part.contents();
    if !part.content_transfer_encoding().is_some_and(|encoding| encoding.eq_ignore_ascii_case("base64")) {
        return bytes.to_vec();
    }
    let sound = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
    let mut letters: Vec<u8> =
        bytes.iter().filter(|b| !b.is_ascii_whitespace()).take_while(|b| sound(b)).copied().collect();
    letters.truncate(letters.len() / 4 * 4);
    STANDARD.decode(letters).unwrap_or_default()
}

/// The text of a part that says UTF-8 or nothing and is not; none where it is what it says.
pub(crate) fn misnamed<'a>(part: &MessagePart<'_>, raw: &'a [u8]) -> Option<Cow<'a, str>> {
    let charset = part.content_type().and_then(|kind| kind.attribute("charset")).unwrap_or("us-ascii");
    let unsaid = ["us-ascii", "utf-8", "utf8"].iter().any(|name| charset.eq_ignore_ascii_case(name));
    if !unsaid || part.encoding != Encoding::None {
        return None;
    }
    let bytes = raw.get(part.raw_body_offset() as usize..part.raw_end_offset() as usize)?;
    std::str::from_utf8(bytes).is_err().then(|| eight_bit::text(bytes))
}
