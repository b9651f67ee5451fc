//! Cleaning of values at the boundary, once: everything behind it may trust a name, a subject, an address.

/// Marks that turn the direction of text: with them `exe.fdp` reads as a PDF.
fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{061c}')
}

/// One line of text: no control characters, no direction marks, single spaces, at most `limit` characters.
pub(crate) fn line(text: &str, limit: usize) -> String {
    let mut out = String::with_capacity(text.len().min(limit * 4));
    let mut gap = false;
    let mut count = 0;
    for c in text.chars() {
        if turns(c) || c == '\u{feff}' {
            continue;
        }
        if c.is_control() || c.is_whitespace() {
            gap = !out.is_empty();
            continue;
        }
        if count >= limit {
            break;
        }
        if std::mem::take(&mut gap) {
            out.push(' ');
            count += 1;
        }
        out.push(c);
        count += 1;
    }
    out
}

/// An address: no space, no control character; the longest that RFC 5321 allows.
pub(crate) fn email(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() && !c.is_whitespace() && !turns(*c) && !matches!(c, '<' | '>'))
        .take(320)
        .collect()
}

/// Text of several lines: line ends as `\n`, no other control characters but the tab.
pub(crate) fn text(text: &str, limit: usize) -> String {
    let text = cut(text, limit);
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                chars.next_if_eq(&'\n');
                out.push('\n');
            }
            '\n' | '\t' => out.push(c),
            '\u{feff}' => {}
            c if c.is_control() => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// At most `limit` bytes, cut between characters.
pub(crate) fn cut(text: &str, limit: usize) -> &str {
    if text.len() <= limit {
        return text;
    }
    let mut end = limit;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\0' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}
