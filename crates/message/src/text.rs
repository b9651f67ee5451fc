use crate::clean;
use mail_parser::decoders::html::add_html_token;

/// Bytes of text made from one mail.
const OUT_LIMIT: usize = 4 * 1024 * 1024;
/// Bytes of the longest entity, `&CounterClockwiseContourIntegral;`.
const ENTITY: usize = 34;

/// The visible text of HTML, by one linear scan: safe on any size. For reading, searching and plain-text parts; it is
/// text, never HTML.
pub fn html_to_text(html: &str) -> String {
    Scan::new(html, false).run()
}

/// As [`html_to_text`], for the plain-text part of a mail: quotes begin with `>`, and links name their address.
pub(crate) fn html_to_mail_text(html: &str) -> String {
    Scan::new(html, true).run()
}

struct Scan<'a> {
    html: &'a str,
    place: usize,
    out: String,
    mail: bool,
    quotes: usize,
    pre: usize,
    /// A space is due before the next word.
    gap: bool,
    /// Line ends due before the next word.
    breaks: usize,
    link: Option<(String, usize)>,
    /// Bytes that looking ahead for the end of tags may still cost: unclosed quotes must not make the scan quadratic.
    ahead: usize,
}

impl<'a> Scan<'a> {
    fn new(html: &'a str, mail: bool) -> Self {
        Scan {
            html,
            place: 0,
            out: String::new(),
            mail,
            quotes: 0,
            pre: 0,
            gap: false,
            breaks: 0,
            link: None,
            ahead: html.len() * 4 + 4096,
        }
    }

    fn run(mut self) -> String {
        while self.place < self.html.len() && self.out.len() < OUT_LIMIT {
            let rest = &self.html[self.place..];
            let next = rest.find(['<', '&']).unwrap_or(rest.len());
            self.words(&rest[..next]);
            self.place += next;
            match rest.as_bytes().get(next) {
                Some(b'<') => self.markup(),
                Some(_) => self.entity(),
                None => {}
            }
        }
        let mut text = self.out;
        text.truncate(text.trim_end().len());
        text
    }

    fn markup(&mut self) {
        let rest = &self.html[self.place..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            self.place += comment.find("-->").map_or(rest.len(), |end| end + 7);
            return;
        }
        let (closing, from) = if rest.as_bytes().get(1) == Some(&b'/') { (true, 2) } else { (false, 1) };
        match rest.as_bytes().get(from) {
            Some(b) if b.is_ascii_alphabetic() => {}
            Some(b'!' | b'?') => {
                self.place += rest.find('>').map_or(rest.len(), |end| end + 1);
                return;
            }
            _ => {
                self.words("<");
                self.place += 1;
                return;
            }
        }
        let Some(end) = self.tag_end(rest) else {
            // A tag that never ends: nothing behind it is visible in a browser either.
            self.place = self.html.len();
            return;
        };
        let tag = &rest[from..end];
        let length = tag.find(|c: char| !(c.is_ascii_alphanumeric() || c == ':' || c == '-')).unwrap_or(tag.len());
        let name = tag[..length].to_ascii_lowercase();
        self.place += end + 1;
        if !closing
            && matches!(
                name.as_str(),
                "script" | "style" | "title" | "template" | "iframe" | "noembed" | "noframes" | "xmp" | "svg"
            )
        {
            self.skip_to_end_of(&name);
            return;
        }
        self.tag(&name, closing, &tag[length..]);
    }

    /// Where the tag's `>` is; a `>` within a quoted value does not count.
    fn tag_end(&mut self, rest: &str) -> Option<usize> {
        let bytes = rest.as_bytes();
        let mut quote = None;
        let mut before = b' ';
        for (place, &byte) in bytes.iter().enumerate().skip(1) {
            if self.ahead == 0 {
                return rest.find('>');
            }
            self.ahead -= 1;
            match (quote, byte) {
                (None, b'>') => return Some(place),
                (None, b'"' | b'\'') if before == b'=' => quote = Some(byte),
                (Some(open), close) if open == close => quote = None,
                _ => {}
            }
            if !byte.is_ascii_whitespace() {
                before = byte;
            }
        }
        rest.find('>')
    }

    fn skip_to_end_of(&mut self, name: &str) {
        let rest = &self.html.as_bytes()[self.place..];
        let mut from = 0;
        while let Some(next) = rest[from..].iter().position(|b| *b == b'<') {
            let at = from + next;
            let end = at + 2 + name.len();
            if rest.get(at + 1) == Some(&b'/')
                && rest.get(at + 2..end).is_some_and(|text| text.eq_ignore_ascii_case(name.as_bytes()))
            {
                self.place += end;
                let rest = &self.html[self.place..];
                self.place += rest.find('>').map_or(rest.len(), |end| end + 1);
                return;
            }
            from = at + 1;
        }
        self.place = self.html.len();
    }

    fn tag(&mut self, name: &str, closing: bool, attributes: &str) {
        match name {
            "br" => self.line(1),
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "table" | "ul" | "ol" | "dl" => self.line(2),
            "div" | "tr" | "dt" | "dd" | "center" | "form" | "address" | "section" | "article" | "header"
            | "footer" | "main" | "body" | "html" | "fieldset" | "figure" | "option" => self.line(1),
            "hr" => {
                self.line(1);
                if !closing {
                    self.words("---");
                    self.line(1);
                }
            }
            "li" => {
                self.line(1);
                if !closing {
                    self.words("- ");
                }
            }
            "td" | "th" => self.gap = true,
            "pre" => {
                self.line(1);
                self.pre = if closing { self.pre.saturating_sub(1) } else { self.pre + 1 };
            }
            "blockquote" => {
                self.line(2);
                self.quotes = if closing { self.quotes.saturating_sub(1) } else { (self.quotes + 1).min(50) };
            }
            "a" if self.mail => self.anchor(closing, attributes),
            _ => {}
        }
    }

    fn anchor(&mut self, closing: bool, attributes: &str) {
        if closing {
            if let Some((address, from)) = self.link.take() {
                let label = self.out.get(from..).unwrap_or_default().trim().to_owned();
                let bare =
                    address.trim_start_matches("mailto:").trim_start_matches("https://").trim_start_matches("http://");
                if !label.is_empty() && !label.contains(bare.trim_end_matches('/')) {
                    self.words(&format!(" <{address}>"));
                }
            }
        } else if let Some(address) = href(attributes) {
            self.link = Some((address, self.out.len()));
        }
    }

    fn line(&mut self, count: usize) {
        self.gap = false;
        self.breaks = self.breaks.max(count);
    }

    fn words(&mut self, text: &str) {
        for c in text.chars() {
            if self.pre > 0 && c == '\n' {
                self.breaks = (self.breaks + 1).min(3);
            } else if c.is_whitespace() && (self.pre == 0 || self.breaks > 0 && c != ' ') {
                self.gap = true;
            } else if !c.is_control() || c == '\t' {
                self.push(c);
            }
        }
    }

    fn push(&mut self, c: char) {
        if self.breaks > 0 {
            let mark = if self.mail { ">".repeat(self.quotes) } else { String::new() };
            let count = if self.out.is_empty() { 0 } else { self.breaks };
            for number in 0..count {
                self.out.push('\n');
                if number + 1 < count {
                    self.out.push_str(&mark);
                }
            }
            if !mark.is_empty() {
                self.out.push_str(&mark);
                self.out.push(' ');
            }
            self.breaks = 0;
            self.gap = false;
        }
        if std::mem::take(&mut self.gap) && !self.out.is_empty() && !self.out.ends_with([' ', '\n']) {
            self.out.push(' ');
        }
        self.out.push(c);
    }

    fn entity(&mut self) {
        let rest = &self.html[self.place..];
        let window = clean::cut(rest, ENTITY);
        match window.find(';') {
            Some(end) if end > 1 && window[1..end].bytes().all(|b| b.is_ascii_alphanumeric() || b == b'#') => {
                let mut text = String::new();
                add_html_token(&mut text, &window.as_bytes()[..=end], false);
                // A no-break space is a space to a reader.
                self.words(&text.replace('\u{a0}', " "));
                self.place += end + 1;
            }
            _ => {
                self.words("&");
                self.place += 1;
            }
        }
    }
}

/// The address of a link, where it is one that may be shown.
fn href(attributes: &str) -> Option<String> {
    let lower = attributes.to_ascii_lowercase();
    let from = lower.find("href")? + 4;
    let value = attributes[from..].trim_start().strip_prefix('=')?.trim_start();
    let value = match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next()?,
        _ => value.split(|c: char| c.is_whitespace() || c == '>').next()?,
    };
    let value = value.replace("&amp;", "&");
    (value.len() < 2000
        && (value.starts_with("http://") || value.starts_with("https://") || value.starts_with("mailto:")))
    .then_some(value)
}

/// The first words on one line: quoted lines and the invisible filling of newsletters left out.
pub(crate) fn preview(text: &str) -> String {
    let lines = clean::cut(text, 16 * 1024).lines().filter(|line| !line.trim_start().starts_with('>'));
    clean::line_of(lines.flat_map(|line| line.chars().chain([' '])).filter(|c| !invisible(*c)), 200)
}

fn invisible(c: char) -> bool {
    matches!(
        c,
        '\u{34f}' | '\u{ad}' | '\u{200b}'
            ..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{180e}' | '\u{fe0f}' | '\u{17b4}' | '\u{17b5}'
    )
}

/// Text for the search index: without invisible filling, bounded.
pub(crate) fn search(text: &str, limit: usize) -> String {
    // The first bytes of all that are invisible.
    let may_be = |byte| matches!(byte, 0xc2 | 0xcd | 0xe1 | 0xe2 | 0xef);
    clean::replaced(clean::cut(text, limit), may_be, |c, _| invisible(c).then_some(""))
}

/// The Content-IDs that HTML refers to, as `cid:` or (Outlook) without need of quotes.
pub(crate) fn content_ids(html: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = html;
    let find = |rest: &str, name: &[u8]| memchr::memmem::find(rest.as_bytes(), name);
    while let Some(at) = find(rest, b"cid:").or_else(|| find(rest, b"CID:")) {
        rest = &rest[at + 4..];
        let end =
            rest.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ')' | '>' | '<')).unwrap_or(rest.len());
        let id = unescape_cid(clean::cut(&rest[..end], 1000));
        if !id.is_empty() && !found.contains(&id) {
            found.push(id);
        }
        if found.len() >= 500 {
            break;
        }
    }
    found
}

/// Undoes percent signs (RFC 2392) and the one entity that ids hold.
pub(crate) fn unescape_cid(id: &str) -> String {
    let id = id.trim().replace("&amp;", "&");
    let bytes = id.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut place = 0;
    while place < bytes.len() {
        let hex = (bytes[place] == b'%')
            .then(|| bytes.get(place + 1..place + 3))
            .flatten()
            .and_then(|pair| std::str::from_utf8(pair).ok())
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        match hex {
            Some(byte) => {
                out.push(byte);
                place += 3;
            }
            None => {
                out.push(bytes[place]);
                place += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
