//! People in files: CSV (RFC 4180) and vCard (RFC 2426, RFC 6350), in and out. Pure functions; the embedded CRM takes and
//! gives [`Card`]s.

mod csv;
#[cfg(test)]
mod tests;
mod vcard;

pub use csv::{from_csv, to_csv};
pub use vcard::{from_vcard, to_vcard};

/// A person as a file tells of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Card {
    pub name: String,
    pub title: String,
    pub emails: Vec<String>,
    pub phones: Vec<String>,
    /// The company's name, or empty.
    pub company: String,
}

/// What a file holds: its people, and what could not be read. One bad line never stops the rest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cards {
    pub cards: Vec<Card>,
    pub passed_over: Vec<PassedOver>,
}

/// A line that holds nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PassedOver {
    /// From 1; of a vCard, the line it begins in.
    pub line: usize,
    pub why: WhyNot,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyNot {
    NoName,
    /// No address: nobody's mail would be found by it.
    NoEmail,
    /// The file's first line names no column of addresses.
    NoColumns,
    /// A vCard that does not end.
    CutOff,
}

impl WhyNot {
    pub fn as_str(self) -> &'static str {
        match self {
            WhyNot::NoName => "no_name",
            WhyNot::NoEmail => "no_email",
            WhyNot::NoColumns => "no_columns",
            WhyNot::CutOff => "cut_off",
        }
    }
}

impl Cards {
    /// Takes a card in, or says why not. A person without a name goes by the address.
    fn take(&mut self, line: usize, mut card: Card) {
        card.emails.retain(|email| email.contains('@'));
        if card.name.is_empty() {
            card.name = card.emails.first().cloned().unwrap_or_default();
        }
        match (card.name.is_empty(), card.emails.is_empty()) {
            (true, _) => self.passed_over.push(PassedOver { line, why: WhyNot::NoName }),
            (_, true) => self.passed_over.push(PassedOver { line, why: WhyNot::NoEmail }),
            _ => self.cards.push(card),
        }
    }
}

/// UTF-8 with or without a mark, or UTF-16 with one; else what Windows writes in western Europe.
fn text_of(bytes: &[u8]) -> String {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0.into_owned();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}
