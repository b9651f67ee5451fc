//! Header lines: ASCII, folded, and nothing a value holds can begin another line.

use crate::clean;
use base64::{Engine, engine::general_purpose::STANDARD};
use clientele_model::Address;
use url::Host;

/// Columns after which a line is folded (RFC 5322 section 2.1.1).
const COLUMNS: usize = 76;
/// Bytes of text in one encoded word: its 75 columns (RFC 2047 section 2), base64.
const WORD: usize = 45;

/// `Name: value` with unstructured text (RFC 5322 section 3.6.5).
pub(super) fn text(name: &str, value: &str) -> String {
    let value = clean::line(value, 2000);
    let plain = value.is_ascii() && !value.contains("=?") && value.split(' ').all(|word| word.len() < COLUMNS);
    let value = if plain { fold(&value, name.len() + 2) } else { words(&value) };
    format!("{name}: {value}\r\n")
}

fn fold(value: &str, column: usize) -> String {
    let mut out = String::with_capacity(value.len() + 8);
    let mut column = column;
    for (number, word) in value.split(' ').enumerate() {
        if number > 0 {
            let long = column + word.len() + 1 > COLUMNS;
            out.push_str(if long { "\r\n " } else { " " });
            column = if long { 1 } else { column + 1 };
        }
        out.push_str(word);
        column += word.len();
    }
    out
}

/// Encoded words (RFC 2047), cut between characters.
fn words(value: &str) -> String {
    let mut out = Vec::new();
    let mut rest = value;
    while !rest.is_empty() {
        // The first stands behind the header's name.
        let piece = clean::cut(rest, if out.is_empty() { WORD - 12 } else { WORD });
        out.push(format!("=?utf-8?B?{}?=", STANDARD.encode(piece)));
        rest = &rest[piece.len()..];
    }
    out.join("\r\n ")
}

/// `Name: mailbox, mailbox` (RFC 5322 section 3.4); empty for an empty list.
pub(super) fn addresses(name: &str, list: &[Address]) -> String {
    if list.is_empty() {
        return String::new();
    }
    let list: Vec<String> = list.iter().map(mailbox).collect();
    format!("{name}: {}\r\n", list.join(",\r\n "))
}

fn mailbox(address: &Address) -> String {
    let name = clean::line(&address.name, 200);
    if name.is_empty() {
        return address.email.clone();
    }
    let atom = |c: char| c.is_ascii_alphanumeric() || " !#$%&'*+-/^_`{|}~".contains(c);
    let phrase = if !name.is_ascii() || name.contains("=?") {
        words(&name)
    } else if name.chars().all(atom) && name.len() < 60 {
        name
    } else {
        format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
    };
    let gap = if phrase.len() + address.email.len() > 60 { "\r\n " } else { " " };
    format!("{phrase}{gap}<{}>", address.email)
}

/// `Name: <id> <id>`; ids that could not stand there are left out.
pub(super) fn ids(name: &str, list: &[String]) -> String {
    let list: Vec<String> = list.iter().filter(|id| is_id(id)).map(|id| format!("<{id}>")).collect();
    if list.is_empty() { String::new() } else { format!("{name}: {}\r\n", list.join("\r\n ")) }
}

pub(super) fn is_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= 900 && id.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>'))
}

/// The address as it stands in an envelope, the domain in its ASCII form; none where it cannot.
pub(super) fn envelope(address: &Address) -> Option<Address> {
    let (local, domain) = address.email.trim().rsplit_once('@')?;
    let atom = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b);
    let dots = local.starts_with('.') || local.ends_with('.') || local.contains("..");
    if local.is_empty() || local.len() > 64 || dots || !local.bytes().all(atom) {
        return None;
    }
    let domain = match Host::parse(domain).ok()? {
        Host::Domain(domain)
            if domain.len() <= 253 && domain.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b)) =>
        {
            domain
        }
        _ => return None,
    };
    Some(Address::new(address.name.clone(), format!("{local}@{domain}")))
}

/// A parameter that names a file: plain in quotes, or RFC 2231 beside an ASCII likeness for old readers.
pub(super) fn file_parameter(key: &str, name: &str) -> String {
    let likeness: String =
        name.chars().map(|c| if c.is_ascii() && !matches!(c, '"' | '\\') { c } else { '_' }).collect();
    if likeness == name && name.len() < 60 {
        return format!(";\r\n {key}=\"{name}\"");
    }
    let encoded: Vec<String> = name
        .bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
                (b as char).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect();
    // In one piece though the line grows long, and before the likeness: readers that know both take the first, or mix
    // continued pieces with it.
    format!(";\r\n {key}*=utf-8''{};\r\n {key}=\"{}\"", encoded.concat(), clean::cut(&likeness, 60))
}
