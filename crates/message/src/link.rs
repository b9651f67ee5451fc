//! Text as HTML, with its addresses as links.

use crate::clean;
use url::Url;

/// Links in one text.
const LINK_LIMIT: usize = 2000;

/// Text as escaped HTML with line breaks kept and http, https and mailto addresses as links.
pub fn text_to_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    let mut links = 0;
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            out.push_str("<br>");
        }
        let line = line.trim_end_matches('\r');
        let mut rest = line;
        while let Some((before, found, address, after)) = next_link(rest).filter(|_| links < LINK_LIMIT) {
            links += 1;
            out.push_str(&clean::escape(before));
            out.push_str("<a href=\"");
            out.push_str(&clean::escape(&address));
            out.push_str("\" target=\"_blank\" rel=\"noopener noreferrer\">");
            out.push_str(&clean::escape(found));
            out.push_str("</a>");
            rest = after;
        }
        out.push_str(&clean::escape(rest));
    }
    out
}

/// The text before the next link, the link as written, its address, and the rest.
fn next_link(line: &str) -> Option<(&str, &str, String, &str)> {
    let mut from = 0;
    while let Some(hit) = line[from..].find(['h', 'H', '@']) {
        let at = from + hit;
        from = at + 1;
        if line.as_bytes()[at] == b'@' {
            if let Some((start, end)) = email_around(line, at) {
                let found = &line[start..end];
                return Some((&line[..start], found, format!("mailto:{found}"), &line[end..]));
            }
            continue;
        }
        let word = &line[at..];
        let scheme = word
            .get(..8)
            .filter(|s| s.eq_ignore_ascii_case("https://"))
            .or(word.get(..7).filter(|s| s.eq_ignore_ascii_case("http://")));
        let starts = !line[..at].chars().next_back().is_some_and(char::is_alphanumeric);
        if let (Some(scheme), true) = (scheme, starts) {
            let end = word
                .find(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"'))
                .unwrap_or(word.len());
            let found = trim_link(clean::cut(&word[..end], 4000));
            if found.len() > scheme.len()
                && let Ok(address) = Url::parse(found)
            {
                return Some((&line[..at], found, address.into(), &line[at + found.len()..]));
            }
        }
    }
    None
}

/// Punctuation at the end belongs to the sentence, and a closing bracket only to what was opened.
fn trim_link(link: &str) -> &str {
    let mut link = link;
    loop {
        let shorter = link.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_']);
        let shorter = match shorter.chars().next_back() {
            Some(')') if shorter.matches('(').count() < shorter.matches(')').count() => &shorter[..shorter.len() - 1],
            Some(']') if !shorter.contains('[') => &shorter[..shorter.len() - 1],
            _ => shorter,
        };
        if shorter.len() == link.len() {
            return link;
        }
        link = shorter;
    }
}

fn email_around(line: &str, at: usize) -> Option<(usize, usize)> {
    let local = |b: &u8| b.is_ascii_alphanumeric() || b"._%+-".contains(b);
    let domain = |b: &u8| b.is_ascii_alphanumeric() || b".-".contains(b);
    let bytes = line.as_bytes();
    let start = at - bytes[..at].iter().rev().take(64).take_while(|b| local(b)).count();
    let end = at + 1 + bytes[at + 1..].iter().take(250).take_while(|b| domain(b)).count();
    let end = end - line[at + 1..end].bytes().rev().take_while(|b| b".-".contains(b)).count();
    let host = &line[at + 1..end];
    (start < at && host.contains('.') && !host.starts_with('.')).then_some((start, end))
}
