use crate::MailError;

/// lettre takes lines up to 1000 bytes.
const LONGEST: usize = 900;

/// A reply of RFC 5321 section 4.2, its lines joined.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) code: u16,
    pub(super) lines: Vec<String>,
}

impl Reply {
    pub(super) fn good(&self) -> bool {
        (200..400).contains(&self.code)
    }

    pub(super) fn text(&self) -> String {
        let joined = self.lines.join(" ");
        let words: String = joined.chars().filter(|letter| !letter.is_control()).take(300).collect();
        format!("{} {words}", self.code)
    }

    pub(super) fn refused(&self) -> MailError {
        MailError::Refused { text: self.text(), temporary: self.code < 500 }
    }
}

/// `250-text` or `250 text`
pub(super) struct Line {
    pub(super) code: u16,
    pub(super) more: bool,
    pub(super) text: String,
}

impl Line {
    pub(super) fn parse(line: &str) -> Option<Line> {
        let code = line.get(..3).filter(|code| code.bytes().all(|byte| byte.is_ascii_digit()))?;
        let code: u16 = code.parse().ok().filter(|code| (200..600).contains(code))?;
        let more = match line.as_bytes().get(3) {
            Some(b'-') => true,
            Some(b' ') | None => false,
            Some(_) => return None,
        };
        Some(Line { code, more, text: line.get(4..).unwrap_or_default().to_owned() })
    }

    /// The line as lettre reads it: with a text (RFC 5321 section 4.2 allows a code alone), not too long, and with a
    /// second digit it knows (`571` is said by real servers). The first digit, which decides, is the server's.
    pub(super) fn plain(&self) -> String {
        let second = (self.code / 10 % 10).min(5);
        let code = self.code / 100 * 100 + second * 10 + self.code % 10;
        let text = if self.text.trim().is_empty() { "ok" } else { &self.text };
        let text = &text[..text.floor_char_boundary(LONGEST)];
        format!("{code}{}{text}\r\n", if self.more { '-' } else { ' ' })
    }
}
