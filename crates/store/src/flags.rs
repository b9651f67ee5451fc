use clientele_model::is_keyword;

/// The flags of a mail (RFC 9051 section 2.3.2, and `$Forwarded` of RFC 5788).
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash)]
pub struct Flags {
    pub seen: bool,
    pub flagged: bool,
    pub answered: bool,
    pub forwarded: bool,
    pub draft: bool,
    pub deleted: bool,
    /// Keywords other than `$Forwarded`, as the server spells them, in its order.
    pub keywords: Vec<String>,
}

/// One flag, for an operation that changes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Flag {
    Seen,
    Flagged,
    Answered,
    Forwarded,
}

impl Flag {
    /// The word on the wire.
    pub fn imap(self) -> &'static str {
        match self {
            Flag::Seen => "\\Seen",
            Flag::Flagged => "\\Flagged",
            Flag::Answered => "\\Answered",
            Flag::Forwarded => "$Forwarded",
        }
    }

    pub(crate) fn column(self) -> &'static str {
        match self {
            Flag::Seen => "seen",
            Flag::Flagged => "flagged",
            Flag::Answered => "answered",
            Flag::Forwarded => "forwarded",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Flag::Seen, Flag::Flagged, Flag::Answered, Flag::Forwarded].into_iter().find(|flag| flag.column() == text)
    }
}

impl Flags {
    pub fn get(&self, flag: Flag) -> bool {
        match flag {
            Flag::Seen => self.seen,
            Flag::Flagged => self.flagged,
            Flag::Answered => self.answered,
            Flag::Forwarded => self.forwarded,
        }
    }

    pub fn set(&mut self, flag: Flag, on: bool) {
        match flag {
            Flag::Seen => self.seen = on,
            Flag::Flagged => self.flagged = on,
            Flag::Answered => self.answered = on,
            Flag::Forwarded => self.forwarded = on,
        }
    }

    /// Adds or removes a keyword, whatever its case (RFC 9051 section 2.3.2). True where that changed something.
    pub fn set_keyword(&mut self, keyword: &str, on: bool) -> bool {
        let known = self.keywords.iter().position(|one| one.eq_ignore_ascii_case(keyword));
        match (known, on) {
            (None, true) => self.keywords.push(keyword.to_owned()),
            (Some(place), false) => drop(self.keywords.remove(place)),
            _ => return false,
        }
        true
    }

    /// As a row of the table has them.
    pub(crate) fn keywords_of(column: &str) -> Vec<String> {
        column.split_ascii_whitespace().map(str::to_owned).collect()
    }

    /// As a row of the table has them. What cannot be a keyword is left out.
    pub(crate) fn keywords_column(&self) -> String {
        let kept: Vec<&str> = self.keywords.iter().map(String::as_str).filter(|one| is_keyword(one)).collect();
        kept.join(" ")
    }
}
