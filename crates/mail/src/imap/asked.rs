//! What a person typed into the search, as a server is asked for it: SEARCH keys (RFC 9051 section 6.4.4) or Gmail's own
//! query. What a server cannot know (the CRM, what was archived) is left out: it finds more then, and the search here sifts.

use clientele_model::is_keyword;
use clientele_store::OPERATORS;
use jiff::Zoned;

/// Clauses beyond this are not asked.
const MOST_CLAUSES: usize = 24;
/// A longer word is no word, in bytes.
const LONGEST: usize = 500;

/// Part of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// Keys, numbers and dates of our own.
    Plain(String),
    /// What was typed: goes out quoted or as a literal only.
    Typed(String),
}

/// A query for servers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// One a clause; a mail must fit all.
    clauses: Vec<Vec<Part>>,
    /// The same for Gmail.
    raw: Vec<String>,
    /// Names of folders, in lower case: in any of these, in none of those.
    folders: Vec<String>,
    folders_not: Vec<String>,
}

impl Asked {
    /// `now` for days such as today.
    pub(super) fn parse(text: &str, now: &Zoned) -> Asked {
        let mut asked = Asked::default();
        let mut rest = text;
        for _ in 0..MOST_CLAUSES {
            rest = rest.trim_start();
            if rest.is_empty() {
                break;
            }
            let not;
            (not, rest) = match rest.strip_prefix('-') {
                Some(behind) if !behind.starts_with(char::is_whitespace) => (true, behind),
                _ => (false, rest),
            };
            let (name, value, behind) = clause(rest);
            rest = behind;
            asked.add(&name, value, not, now);
        }
        asked
    }

    /// Nothing of it can be asked of a server; `gmail`: in Gmail's own words.
    pub(super) fn is_empty(&self, gmail: bool) -> bool {
        if gmail { self.raw.is_empty() } else { self.clauses.is_empty() }
    }

    /// As SEARCH keys.
    pub(super) fn keys(&self) -> Vec<Part> {
        let mut keys = Vec::new();
        for clause in &self.clauses {
            if !keys.is_empty() {
                keys.push(Part::Plain(" ".into()));
            }
            keys.extend(clause.iter().cloned());
        }
        keys
    }

    /// As Gmail's own query, for X-GM-RAW.
    pub(super) fn gmail(&self) -> Vec<Part> {
        vec![Part::Plain("X-GM-RAW ".into()), Part::Typed(self.raw.join(" "))]
    }

    /// Whether a folder is to be asked, by its role, name and path.
    pub(super) fn wants(&self, role: &str, name: &str, path: &str) -> bool {
        let (name, path) = (name.to_lowercase(), path.to_lowercase());
        let is = |wanted: &String| {
            let wanted = if wanted == "spam" { "junk" } else { wanted.as_str() };
            wanted == role || wanted == name || wanted == path
        };
        (self.folders.is_empty() || self.folders.iter().any(is)) && !self.folders_not.iter().any(is)
    }

    fn add(&mut self, name: &str, value: &str, not: bool, now: &Zoned) {
        let value = value.trim().trim_end_matches('*').trim();
        let word = value.to_lowercase();
        // Still being typed, or nothing that a server can look for.
        if !value.chars().any(char::is_alphanumeric) || value.len() > LONGEST {
            return;
        }
        let plain = |key: &str| vec![Part::Plain(key.to_owned())];
        let typed = |key: &str| vec![Part::Plain(format!("{key} ")), Part::Typed(value.to_owned())];
        let quoted = format!("\"{}\"", value.replace(['"', '\\'], " "));
        match name {
            "from" => self.push(typed("FROM"), format!("from:{quoted}"), not),
            "to" => self.push(typed("TO"), format!("to:{quoted}"), not),
            "cc" | "bcc" => self.push(typed("CC"), format!("cc:{quoted}"), not),
            "subject" => self.push(typed("SUBJECT"), format!("subject:{quoted}"), not),
            "is" => match word.as_str() {
                "read" | "seen" => self.push(plain("SEEN"), "is:read".into(), not),
                "unread" | "unseen" | "new" => self.push(plain("UNSEEN"), "is:unread".into(), not),
                "flagged" | "starred" => self.push(plain("FLAGGED"), "is:starred".into(), not),
                "unflagged" => self.push(plain("UNFLAGGED"), "-is:starred".into(), not),
                "answered" | "replied" => self.push(plain("ANSWERED"), String::new(), not),
                "unanswered" => self.push(plain("UNANSWERED"), String::new(), not),
                _ => {}
            },
            "has" if matches!(word.as_str(), "attachment" | "attachments" | "file" | "files") => {
                self.push(plain("HEADER Content-Type multipart/mixed"), "has:attachment".into(), not);
            }
            // Where a server keeps the names of attachments differs; Gmail looks for them.
            "filename" | "file" | "attachment" => self.raw_only(format!("filename:{quoted}"), not),
            "in" | "folder" if not => self.folders_not.push(word),
            "in" | "folder" => self.folders.push(word),
            "keyword" if is_keyword(value) => self.push(plain(&format!("KEYWORD {value}")), String::new(), not),
            "before" | "after" | "since" | "until" | "on" | "date" => self.day(name, value, not, now),
            "" => self.push(typed("TEXT"), quoted, not),
            // What the CRM says, and how to sort.
            _ => {}
        }
    }

    fn day(&mut self, name: &str, value: &str, not: bool, now: &Zoned) {
        let Some((begin, end)) = clientele_store::days(value, now) else { return };
        let date = |at: i64, pattern: &str| {
            let at = jiff::Timestamp::from_second(at).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
            at.to_zoned(now.time_zone().clone()).strftime(pattern).to_string()
        };
        let imap = |at: i64| date(at, "%-d-%b-%Y");
        let gmail = |at: i64| date(at, "%Y/%m/%d");
        let (keys, raw) = match name {
            "before" => (format!("SENTBEFORE {}", imap(begin)), format!("before:{}", gmail(begin))),
            "after" | "since" => (format!("SENTSINCE {}", imap(begin)), format!("after:{}", gmail(begin))),
            "until" => (format!("SENTBEFORE {}", imap(end)), format!("before:{}", gmail(end))),
            _ => (
                format!("(SENTSINCE {} SENTBEFORE {})", imap(begin), imap(end)),
                format!("(after:{} before:{})", gmail(begin), gmail(end)),
            ),
        };
        self.push(vec![Part::Plain(keys)], raw, not);
    }

    fn push(&mut self, mut keys: Vec<Part>, raw: String, not: bool) {
        if not {
            keys.insert(0, Part::Plain("NOT ".into()));
        }
        self.clauses.push(keys);
        self.raw_only(raw, not);
    }

    fn raw_only(&mut self, raw: String, not: bool) {
        if raw.is_empty() {
            return;
        }
        self.raw.push(match raw.strip_prefix('-') {
            Some(raw) if not => raw.to_owned(),
            _ if not => format!("-{raw}"),
            _ => raw,
        });
    }
}

/// The operator in lower case (empty: none), the value, and what is behind both.
fn clause(text: &str) -> (String, &str, &str) {
    let (name, text) = match text.split_once(':') {
        Some((head, behind)) if OPERATORS.iter().any(|name| name.eq_ignore_ascii_case(head)) => {
            (head.to_ascii_lowercase(), behind)
        }
        _ => (String::new(), text),
    };
    if let Some(quoted) = text.strip_prefix('"') {
        let (value, behind) = quoted.split_once('"').unwrap_or((quoted, ""));
        return (name, value, behind.strip_prefix('*').unwrap_or(behind));
    }
    let end = text.find(|letter: char| letter.is_whitespace() || letter == '"').unwrap_or(text.len());
    let (value, behind) = text.split_at(end);
    (name, value, behind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(text: &str) -> Asked {
        Asked::parse(text, &"2026-03-18T12:00[Europe/Oslo]".parse().expect("a time"))
    }

    fn shown(parts: &[Part]) -> String {
        parts
            .iter()
            .map(|part| match part {
                Part::Plain(text) => text.clone(),
                Part::Typed(text) => format!("<{text}>"),
            })
            .collect()
    }

    #[test]
    fn words_and_operators_become_keys() {
        let keys = |text| shown(&ask(text).keys());
        assert_eq!(keys("faktura from:anna@nord.no"), "TEXT <faktura> FROM <anna@nord.no>");
        assert_eq!(
            keys("\"two words\" -is:read has:attachment"),
            "TEXT <two words> NOT SEEN HEADER Content-Type multipart/mixed"
        );
        assert_eq!(keys("after:2026-02-01 before:1.3.2026"), "SENTSINCE 1-Feb-2026 SENTBEFORE 1-Mar-2026");
        assert_eq!(keys("on:2026-02-01 keyword:Offer"), "(SENTSINCE 1-Feb-2026 SENTBEFORE 2-Feb-2026) KEYWORD Offer");
        assert_eq!(keys("Åsen beg*"), "TEXT <Åsen> TEXT <beg>");
        for text in ["", "  ", "is: from:", "company:nord sale:x sort:relevance", "\"' --"] {
            assert!(ask(text).is_empty(false) && ask(text).is_empty(true), "{text}");
        }
    }

    /// An empty query finds every mail of a mailbox.
    #[test]
    fn what_one_kind_of_server_cannot_be_asked_is_not_asked_of_it() {
        for text in ["is:answered", "-is:unanswered keyword:Offer"] {
            assert!(ask(text).is_empty(true) && !ask(text).is_empty(false), "{text}");
        }
        assert!(ask("filename:pdf").is_empty(false) && !ask("filename:pdf").is_empty(true));
    }

    /// Whatever is typed stays within the parts that are quoted on the way out.
    #[test]
    fn what_is_typed_cannot_be_a_command() {
        for text in
            ["x\" ALL \"y", "x\r\nA1 DELETE INBOX", "from:\"a) OR (ALL", "keyword:a)b", "{3}\r\nabc", "subject:a\\\"b"]
        {
            for part in ask(text).keys().iter().chain(&ask(text).gmail()) {
                if let Part::Plain(plain) = part {
                    assert!(!plain.contains(['"', '\r', '\n', '{', '\\']), "{text}: {plain}");
                }
            }
        }
        assert_eq!(ask("from:\"a\" b\"c").gmail()[1], Part::Typed("from:\"a\" \"b\" \"c\"".into()));
    }

    #[test]
    fn gmail_is_asked_in_its_own_words() {
        let asked = ask("offer from:anna -subject:spam is:flagged filename:pdf on:2026-02-01");
        let raw = "\"offer\" from:\"anna\" -subject:\"spam\" is:starred filename:\"pdf\" (after:2026/02/01 before:2026/02/02)";
        assert_eq!(asked.gmail()[1], Part::Typed(raw.into()));
        assert_eq!(ask("is:unflagged -is:unflagged").gmail()[1], Part::Typed("-is:starred is:starred".into()));
    }

    #[test]
    fn folders_are_chosen_here() {
        let asked = ask("x in:inbox in:\"Kunder/Åsen\" -in:spam");
        assert!(asked.wants("inbox", "INBOX", "INBOX") && asked.wants("other", "Åsen", "Kunder/Åsen"));
        assert!(!asked.wants("junk", "Spam", "Spam") && !asked.wants("other", "Nord", "Kunder/Nord"));
        assert!(ask("x").wants("other", "Nord", "Kunder/Nord"));
    }
}
