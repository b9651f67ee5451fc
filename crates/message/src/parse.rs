use crate::{
    attachment::is_dangerous,
    clean, eight_bit,
    leaf::{bytes, content_id, mime, misnamed, name, undamaged},
    lean::Lean,
    text, thread,
};
use clientele_model::Address;
use mail_parser::{HeaderName, HeaderValue, Message, MessageParser, MimeHeaders, PartType};
use std::{
    borrow::Cow,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// A mail as values, cleaned once: no control characters, no path in a file name, no bidi trick in a name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Parsed {
    pub subject: String,
    /// The first From header; a second one is ignored.
    pub from: Vec<Address>,
    pub to: Vec<Address>,
    pub cc: Vec<Address>,
    pub bcc: Vec<Address>,
    pub reply_to: Vec<Address>,
    /// Seconds since 1970, from the Date header.
    pub date: Option<i64>,
    /// Normalised: see [`crate::thread::normalise_id`]. Empty where there is none.
    pub message_id: String,
    pub in_reply_to: Vec<String>,
    pub references: Vec<String>,
    /// The text part as written; none where the mail has only HTML.
    pub text: Option<String>,
    /// The HTML part as written: hostile until it has passed [`crate::sanitise`].
    pub html: Option<String>,
    /// The first words, on one line.
    pub preview: String,
    /// What full-text search reads of the body (people and subject are not in it).
    pub search_text: String,
    pub attachments: Vec<AttachmentMeta>,
    /// Why the mail could not be parsed; `text` is then its source.
    pub unreadable: Option<String>,
}

/// What is known of a part without carrying its bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttachmentMeta {
    /// The part's number within the mail, for [`part`].
    pub part: u32,
    /// Safe as the last part of a path; never empty.
    pub name: String,
    /// Lower case, `type/subtype`.
    pub mime: String,
    /// Bytes after decoding.
    pub size: u64,
    /// Without brackets.
    pub content_id: Option<String>,
    /// The HTML shows it by its Content-ID.
    pub inline: bool,
    /// A kind that can run when opened.
    pub dangerous: bool,
}

/// One decoded part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    pub name: String,
    pub mime: String,
    pub content_id: Option<String>,
    pub bytes: Vec<u8>,
}

/// Bytes of a mail that is taken apart at all; servers commonly end at 50 MB.
const SIZE_LIMIT: usize = 128 * 1024 * 1024;
/// Content-Type headers, and so parts: nesting costs stack when the parts are dropped.
const PART_LIMIT: usize = 2000;
/// Up to here the ordinary stack is surely enough.
const PART_EASY: usize = 100;
const DEEP_STACK: usize = 64 * 1024 * 1024;
const TEXT_LIMIT: usize = 4 * 1024 * 1024;
const HTML_LIMIT: usize = 16 * 1024 * 1024;
const SOURCE_LIMIT: usize = 512 * 1024;
const SEARCH_LIMIT: usize = 256 * 1024;
const ADDRESS_LIMIT: usize = 2000;
const ID_LIMIT: usize = 200;

/// Reads a whole mail (RFC 5322, RFC 2045). Never panics and never fails: what cannot be parsed comes back with
/// `unreadable` set and its source as `text`.
pub fn parse(raw: &[u8]) -> Parsed {
    guarded(raw, |raw| whole(&Lean::none(raw))).unwrap_or_else(|reason| unreadable(raw, reason))
}

/// As [`parse`], for what a store keeps beside the mail: `text` and `html` may lack lines that look like a part's base64.
/// Content of attachments is then not decoded, which is most of the work in a mail that has some.
pub fn parse_to_store(raw: &[u8]) -> Parsed {
    let lean = Lean::of(raw);
    if lean.is_cut() {
        // Looked at as it came where something is odd.
        match guarded(raw, |_| whole(&lean)) {
            Ok(mail) if !mail.attachments.is_empty() => return mail,
            _ => {}
        }
    }
    parse(raw)
}

fn whole(lean: &Lean<'_>) -> Result<Parsed, &'static str> {
    let raw = &lean.raw[..];
    if !raw.contains(&b'\n') {
        return Err("it has no lines");
    }
    let message = MessageParser::default().parse(raw).ok_or("it has no headers")?;
    if !message.headers().iter().any(|header| is_mail_header(&header.name)) {
        return Err("it has no headers of a mail");
    }
    let mut mail = read_headers(&message, raw);
    bodies(&message, lean, &mut mail);
    Ok(mail)
}

/// Reads the header block alone; the body's fields stay empty.
pub fn parse_headers(raw: &[u8]) -> Parsed {
    guarded(raw, |raw| {
        let message = MessageParser::default().parse_headers(raw).ok_or("it has no headers")?;
        Ok(read_headers(&message, raw))
    })
    .unwrap_or_else(|reason| Parsed { unreadable: Some(reason), ..Parsed::default() })
}

/// The decoded part of number `n` (an [`AttachmentMeta::part`]); none where there is no such part.
pub fn part(raw: &[u8], n: u32) -> Option<Part> {
    guarded(raw, |raw| {
        let message = MessageParser::default().parse(raw).ok_or("it has no headers")?;
        let part = message.part(n).filter(|part| !part.is_multipart()).ok_or("no such part")?;
        let mime = mime(part);
        Ok(Part {
            name: name(part, &mime, n),
            content_id: content_id(part),
            bytes: bytes(part, raw).into_owned(),
            mime,
        })
    })
    .ok()
}

/// Runs a parser over foreign bytes: a panic is an error, and a deeply nested mail gets a stack it cannot exhaust.
fn guarded<T: Send>(raw: &[u8], work: impl Fn(&[u8]) -> Result<T, &'static str> + Send + Sync) -> Result<T, String> {
    if raw.len() > SIZE_LIMIT {
        return Err("it is too large".to_owned());
    }
    let parts = count_parts(raw);
    if parts > PART_LIMIT {
        return Err("it has too many parts".to_owned());
    }
    let caught =
        || catch_unwind(AssertUnwindSafe(|| work(raw))).unwrap_or(Err("the parser gave up")).map_err(str::to_owned);
    if parts <= PART_EASY {
        return caught();
    }
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(DEEP_STACK).spawn_scoped(scope, caught);
        match thread.map(|thread| thread.join()) {
            Ok(Ok(result)) => result,
            _ => Err("the parser gave up".to_owned()),
        }
    })
}

/// Content-Type headers at line starts. A part without one is a leaf, so nesting is at most this deep. Looked for by their
/// hyphen, which runs of base64 do not have: lines are many.
fn count_parts(raw: &[u8]) -> usize {
    const BEFORE: &[u8] = b"content";
    const BEHIND: &[u8] = b"-type";
    memchr::memchr_iter(b'-', raw)
        .filter(|at| {
            let Some(begin) = at.checked_sub(BEFORE.len()) else { return false };
            let starts = begin == 0 || matches!(raw[begin - 1], b'\n' | b'\r');
            // A name alone, with no colon behind it, is none.
            let rest = &raw[*at..];
            starts
                && raw[begin..*at].eq_ignore_ascii_case(BEFORE)
                && rest.len() > BEHIND.len()
                && rest[..BEHIND.len()].eq_ignore_ascii_case(BEHIND)
                && !matches!(rest[BEHIND.len()], b'\n' | b'\r')
        })
        .count()
}

fn is_mail_header(name: &HeaderName<'_>) -> bool {
    use HeaderName as H;
    matches!(
        name,
        H::From
            | H::Sender
            | H::To
            | H::Cc
            | H::Bcc
            | H::Subject
            | H::Date
            | H::MessageId
            | H::Received
            | H::ReplyTo
            | H::ReturnPath
            | H::ContentType
            | H::MimeVersion
            | H::InReplyTo
            | H::References
    )
}

fn unreadable(raw: &[u8], reason: String) -> Parsed {
    let source = String::from_utf8_lossy(&raw[..raw.len().min(SOURCE_LIMIT)]);
    let source = clean::text(&source, SOURCE_LIMIT * 2);
    Parsed {
        preview: text::preview(&source),
        search_text: clean::cut(&source, SEARCH_LIMIT).to_owned(),
        text: Some(source),
        unreadable: Some(reason),
        ..Parsed::default()
    }
}

/// From the message as parsed, or from a copy of its header block where that is not UTF-8.
fn read_headers(message: &Message<'_>, raw: &[u8]) -> Parsed {
    let copy = eight_bit::headers(raw);
    match copy.as_deref().and_then(|block| MessageParser::default().parse_headers(block)) {
        Some(message) => headers(&message),
        None => headers(message),
    }
}

fn headers(message: &Message<'_>) -> Parsed {
    // mail-parser gives the last of several; a second From is a trick, so the first counts here, and all To and Cc.
    let first = |name: HeaderName<'static>| message.header_values(name).next();
    let people = |name: HeaderName<'static>| -> Vec<Address> {
        message.header_values(name).flat_map(addresses).take(ADDRESS_LIMIT).collect()
    };
    let ids = |name: HeaderName<'static>| first(name).map(id_list).unwrap_or_default();
    let from = first(HeaderName::From).map(addresses).filter(|list| !list.is_empty());
    let from = from.or_else(|| first(HeaderName::Sender).map(addresses)).unwrap_or_default();
    Parsed {
        subject: first(HeaderName::Subject)
            .and_then(|value| value.as_text())
            .map(|text| clean::line(text, 1000))
            .unwrap_or_default(),
        from,
        to: people(HeaderName::To),
        cc: people(HeaderName::Cc),
        bcc: people(HeaderName::Bcc),
        reply_to: first(HeaderName::ReplyTo).map(addresses).unwrap_or_default(),
        date: first(HeaderName::Date).and_then(|value| value.as_datetime()).and_then(seconds),
        message_id: ids(HeaderName::MessageId).into_iter().next().unwrap_or_default(),
        in_reply_to: ids(HeaderName::InReplyTo),
        references: ids(HeaderName::References),
        ..Parsed::default()
    }
}

fn seconds(date: &mail_parser::DateTime) -> Option<i64> {
    (date.is_valid() && date.year >= 1970).then(|| date.to_timestamp())
}

fn addresses(value: &HeaderValue<'_>) -> Vec<Address> {
    let Some(list) = value.as_address() else {
        return Vec::new();
    };
    list.iter()
        .map(|address| Address {
            name: clean::line(address.name().unwrap_or_default(), 200),
            email: clean::email(address.address().unwrap_or_default()),
        })
        .filter(|address| !address.email.is_empty() || !address.name.is_empty())
        .take(ADDRESS_LIMIT)
        .collect()
}

fn id_list(value: &HeaderValue<'_>) -> Vec<String> {
    let texts: Vec<&str> = match value {
        HeaderValue::Text(text) => vec![text],
        HeaderValue::TextList(list) => list.iter().map(|text| text.as_ref()).collect(),
        _ => Vec::new(),
    };
    let ids = texts.into_iter().flat_map(str::split_whitespace).map(thread::normalise_id);
    ids.filter(|id| !id.is_empty()).take(ID_LIMIT).collect()
}

fn bodies(message: &Message<'_>, lean: &Lean<'_>, mail: &mut Parsed) {
    let raw = &lean.raw[..];
    let mut shown = Vec::new();
    let mut texts = Vec::new();
    for id in &message.text_body {
        if let Some(part) = message.part(*id)
            && let PartType::Text(text) = &part.body
        {
            shown.push(*id);
            texts.push(clean::text(&misnamed(part, raw).unwrap_or(Cow::Borrowed(text)), TEXT_LIMIT));
        }
    }
    for (id, part) in message.parts.iter().enumerate() {
        // A multipart whose boundary is missing or never comes is a leaf to the parser, and worth showing as text.
        let unseen = !part.is_multipart() && !shown.contains(&(id as u32));
        if unseen && mime(part).starts_with("multipart/") {
            shown.push(id as u32);
            texts.push(clean::text(&String::from_utf8_lossy(part.contents()), TEXT_LIMIT));
        } else if unseen && part.is_encoding_problem && mime(part) == "text/plain" {
            // Damaged base64 is an attachment to the parser; what stands before the damage is the mail.
            shown.push(id as u32);
            texts.push(clean::text(&String::from_utf8_lossy(&undamaged(part)), TEXT_LIMIT));
        }
    }
    let is_html = |id: &u32| matches!(message.part(*id).map(|part| &part.body), Some(PartType::Html(_)));
    let mut html = String::new();
    if message.html_body.iter().any(is_html) {
        for id in &message.html_body {
            match message.part(*id).map(|part| &part.body) {
                Some(PartType::Html(text)) => {
                    let misnamed = message.part(*id).and_then(|part| misnamed(part, raw));
                    html.push_str(clean::cut(misnamed.as_deref().unwrap_or(text), HTML_LIMIT));
                }
                // A list's footer, say, behind the HTML.
                Some(PartType::Text(part)) => {
                    html.push_str("<div style=\"white-space:pre-wrap\">");
                    html.push_str(&crate::text_to_html(clean::cut(part, TEXT_LIMIT)));
                    html.push_str("</div>");
                }
                _ => continue,
            }
            shown.push(*id);
        }
    }
    mail.text = (!texts.is_empty()).then(|| texts.join("\n\n"));
    mail.html = (!html.is_empty()).then_some(html);
    mail.attachments = attachments(message, lean, &shown, mail.html.as_deref().unwrap_or_default());
    if mail.text.is_none() && mail.html.is_none() && mail.attachments.is_empty() {
        // A broken multipart of which nothing could be read: better its source than an empty page.
        let body = raw.get(message.root_part().raw_body_offset() as usize..).unwrap_or_default();
        let body = clean::text(&String::from_utf8_lossy(&body[..body.len().min(SOURCE_LIMIT)]), SOURCE_LIMIT * 2);
        mail.text = (!body.trim().is_empty()).then_some(body);
    }
    let words = match (&mail.text, &mail.html) {
        (Some(text), _) if !text.trim().is_empty() => Cow::Borrowed(text.as_str()),
        (_, Some(html)) => Cow::Owned(text::html_to_text(html)),
        _ => Cow::Borrowed(""),
    };
    mail.preview = text::preview(&words);
    mail.search_text = text::search(&words, SEARCH_LIMIT);
    for meta in mail.attachments.iter().filter(|meta| !meta.inline) {
        mail.search_text.push('\n');
        mail.search_text.push_str(&meta.name);
    }
}

fn attachments(message: &Message<'_>, lean: &Lean<'_>, shown: &[u32], html: &str) -> Vec<AttachmentMeta> {
    let raw = &lean.raw[..];
    let used = text::content_ids(html);
    let mut found = Vec::new();
    for (number, part) in message.parts.iter().enumerate() {
        let number = number as u32;
        if part.is_multipart() || shown.contains(&number) {
            continue;
        }
        let mime = mime(part);
        let (encoded, decoded) = lean.left_out(part.raw_body_offset() as usize..part.raw_end_offset() as usize);
        // A nested mail, and what cannot be decoded, are as long as they stand there.
        let as_is = matches!(part.body, PartType::Message(_)) || part.is_encoding_problem;
        let size = (bytes(part, raw).len() + if as_is { encoded } else { decoded }) as u64;
        // The second form of a newsletter for one vendor, and an empty part between two others.
        if mime == "text/x-amp-html" || (size == 0 && part.attachment_name().is_none()) {
            continue;
        }
        let name = name(part, &mime, number);
        let content_id = content_id(part);
        let inline = mime.starts_with("image/") && content_id.as_ref().is_some_and(|id| used.contains(id));
        found.push(AttachmentMeta {
            part: number,
            dangerous: is_dangerous(&name),
            name,
            mime,
            size,
            content_id,
            inline,
        });
    }
    found
}
