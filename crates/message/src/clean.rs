//! Cleaning of values at the boundary, once: everything behind it may trust a name, a subject, an address.

/// Marks that turn the direction of text: with them `exe.fdp` reads as a PDF.
fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{061c}')
}

/// One line of text: no control characters, no direction marks, single spaces, at most `limit` characters.
pub(crate) fn line(text: &str, limit: usize) -> String {
    line_of(text.chars(), limit)
}

/// As [`line`]; takes no more than it needs.
pub(crate) fn line_of(letters: impl Iterator<Item = char>, limit: usize) -> String {
    let mut out = String::new();
    let mut gap = false;
    let mut count = 0;
    for c in letters {
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
    replaced(
        text,
        |byte| (byte < b' ' && byte != b'\n' && byte != b'\t') || matches!(byte, 0x7f | 0xc2 | 0xef),
        |c, next| {
            match c {
                // Of CR LF the second stays.
                '\r' => Some(if next == Some(b'\n') { "" } else { "\n" }),
                '\u{feff}' => Some(""),
                c if c.is_control() => Some("\u{fffd}"),
                _ => None,
            }
        },
    )
}

/// A text with some characters replaced; what lies between is copied as it is. `may_be`: the first bytes of characters to
/// look at. `instead` is given the character and the byte behind it; None: it stays.
pub(crate) fn replaced(
    text: &str,
    may_be: impl Fn(u8) -> bool,
    instead: impl Fn(char, Option<u8>) -> Option<&'static str>,
) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut kept, mut at) = (0, 0);
    while let Some(length) = text.as_bytes()[at..].iter().position(|byte| may_be(*byte)) {
        let here = at + length;
        let Some(c) = text[here..].chars().next() else { break };
        at = here + c.len_utf8();
        if let Some(other) = instead(c, text.as_bytes().get(at).copied()) {
            out.push_str(&text[kept..here]);
            out.push_str(other);
            kept = at;
        }
    }
    out.push_str(&text[kept..]);
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
