//! Which mails a rule takes. Pure: what is known of a mail and the CRM comes from the caller.

use crate::{Directory, Result, Who, free_mail, is_free_mail, is_role_address};
use clientele_model::{Address, RecordKind, RecordRef};
use serde::{Deserialize, Serialize};
use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    #[default]
    Both,
    Received,
    Sent,
}

/// A mail must fit all that it names; a list fits by any of its entries, an empty one by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rule {
    pub direction: Direction,
    /// People and companies.
    pub records: Vec<crate::Record>,
    /// With their subdomains.
    pub domains: Vec<String>,
    /// Ids of selections.
    pub selections: Vec<String>,
    pub known_only: bool,
    /// Only answers to a mail of one's own, and one's own answers.
    pub replies_only: bool,
}

/// Why a rule leaves a mail alone. Those further down came closer to being taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Skip {
    Private,
    Archived,
    /// In Junk, Trash or Drafts.
    Folder,
    Internal,
    Excluded,
    Direction,
    NoMatch,
    NotKnown,
    NotAReply,
    /// Several people or companies fit.
    Several,
    /// Sent by a machine to many.
    Automatic,
    /// Nothing to archive on.
    NoRecord,
}

impl Skip {
    const ALL: [Skip; 12] = [
        Skip::Private,
        Skip::Archived,
        Skip::Folder,
        Skip::Internal,
        Skip::Excluded,
        Skip::Direction,
        Skip::NoMatch,
        Skip::NotKnown,
        Skip::NotAReply,
        Skip::Several,
        Skip::Automatic,
        Skip::NoRecord,
    ];

    /// As the store keeps it.
    pub fn as_str(self) -> &'static str {
        match self {
            Skip::Private => "private",
            Skip::Archived => "archived",
            Skip::Folder => "folder",
            Skip::Internal => "internal",
            Skip::Excluded => "excluded",
            Skip::Direction => "direction",
            Skip::NoMatch => "no_match",
            Skip::NotKnown => "not_known",
            Skip::NotAReply => "not_a_reply",
            Skip::Several => "several",
            Skip::Automatic => "automatic",
            Skip::NoRecord => "no_record",
        }
    }

    pub fn parse(text: &str) -> Option<Skip> {
        Skip::ALL.into_iter().find(|one| one.as_str() == text)
    }
}

/// What holds for all rules.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// The accounts' addresses, as [`Address::key`] has them.
    pub own: HashSet<String>,
    /// Domains besides the accounts' own whose mails among themselves are internal.
    pub internal: Vec<String>,
    /// Addresses, and domains with their subdomains.
    pub excluded: Vec<String>,
}

impl Limits {
    /// All of these are oneself or colleagues. A domain that anybody can have an address of is nobody's own.
    pub fn is_internal<'a>(&self, mut everybody: impl Iterator<Item = &'a Address>) -> bool {
        let own: HashSet<String> = self
            .own
            .iter()
            .map(|key| Address::new("", key.as_str()).domain())
            .filter(|domain| !domain.is_empty() && !is_free_mail(domain))
            .collect();
        everybody.all(|one| {
            let domain = one.domain();
            self.own.contains(&one.key())
                || own.iter().chain(&self.internal).any(|entry| !is_free_mail(entry) && is_within(&domain, entry))
        })
    }

    pub fn is_excluded(&self, address: &Address) -> bool {
        let (key, domain) = (address.key(), address.domain());
        self.excluded.iter().map(|entry| entry.trim().to_lowercase()).filter(|entry| !entry.is_empty()).any(|entry| {
            match entry.strip_prefix('@') {
                None if entry.contains('@') => key == entry,
                rest => is_within(&domain, rest.unwrap_or(&entry)),
            }
        })
    }
}

/// The domain or one below it: `mail.example.com` is within `example.com`, `evil-example.com` is not.
pub fn is_within(domain: &str, entry: &str) -> bool {
    let entry = entry.trim().trim_start_matches('@').trim_matches('.').to_lowercase();
    let domain = domain.trim_end_matches('.');
    !entry.is_empty() && (domain == entry || domain.strip_suffix(&entry).is_some_and(|rest| rest.ends_with('.')))
}

/// What is known of a mail.
pub struct Seen<'a> {
    /// Everyone but oneself, the writers first.
    pub others: &'a [Address],
    /// Sent by oneself.
    pub sent: bool,
    /// An answer to a mail of one's own, or one's own answer; asked only where a rule wants to know.
    pub is_answer: &'a dyn Fn() -> Result<bool>,
}

/// Who has an address, each looked up once.
pub struct Known<'a> {
    directory: &'a dyn Directory,
    who: RefCell<HashMap<String, Vec<Who>>>,
}

impl<'a> Known<'a> {
    pub fn new(directory: &'a dyn Directory) -> Self {
        Known { directory, who: RefCell::default() }
    }

    pub fn who(&self, address: &Address) -> Result<Vec<Who>> {
        let key = address.key();
        if let Some(known) = self.who.borrow().get(&key) {
            return Ok(known.clone());
        }
        let found = self.directory.who(&key)?;
        self.who.borrow_mut().insert(key, found.clone());
        Ok(found)
    }
}

/// Whether a rule wants a mail; what speaks against all rules is the caller's part.
pub fn fits(rule: &Rule, mail: &Seen<'_>, known: &Known<'_>) -> Result<std::result::Result<(), Skip>> {
    match rule.direction {
        Direction::Received if mail.sent => return Ok(Err(Skip::Direction)),
        Direction::Sent if !mail.sent => return Ok(Err(Skip::Direction)),
        _ => {}
    }
    let domain = |one: &Address| rule.domains.iter().any(|entry| is_within(&one.domain(), entry));
    if !rule.domains.is_empty() && !mail.others.iter().any(domain) {
        return Ok(Err(Skip::NoMatch));
    }
    let wanted = |record: &RecordRef| rule.records.iter().any(|one| one.kind == record.kind && one.id == record.id);
    let in_selection = |record: &RecordRef| -> Result<bool> {
        for selection in &rule.selections {
            if known.directory.selected(selection, record)? {
                return Ok(true);
            }
        }
        Ok(false)
    };
    let (mut by_record, mut by_selection, mut somebody) = (Fit::No, Fit::No, false);
    for address in mail.others {
        let candidates = candidates(address, known)?;
        somebody |= candidates.people;
        if !rule.records.is_empty() {
            by_record = by_record.or(candidates.fit(&mut |record| Ok(wanted(record)))?);
        }
        if !rule.selections.is_empty() {
            by_selection = by_selection.or(candidates.fit(&mut |record| in_selection(record))?);
        }
    }
    for (named, fit) in [(!rule.records.is_empty(), by_record), (!rule.selections.is_empty(), by_selection)] {
        match fit {
            Fit::No if named => return Ok(Err(Skip::NoMatch)),
            Fit::Perhaps if named => return Ok(Err(Skip::Several)),
            _ => {}
        }
    }
    if rule.known_only && !somebody {
        return Ok(Err(Skip::NotKnown));
    }
    if rule.replies_only && !(mail.is_answer)()? {
        return Ok(Err(Skip::NotAReply));
    }
    Ok(Ok(()))
}

/// The records in a mail that the rule names, or that are in its selections; of an address that several have, only what
/// all of these share.
pub fn named(rule: &Rule, others: &[Address], known: &Known<'_>) -> Result<Vec<RecordRef>> {
    let mut all: Vec<RecordRef> = Vec::new();
    if rule.records.is_empty() && rule.selections.is_empty() {
        return Ok(all);
    }
    for address in others {
        let each = candidates(address, known)?.each;
        let Some((first, rest)) = each.split_first() else { continue };
        for record in first.iter().filter(|record| rest.iter().all(|other| other.contains(record))) {
            let mut wanted = rule.records.iter().any(|one| one.kind == record.kind && one.id == record.id);
            for selection in &rule.selections {
                wanted = wanted || known.directory.selected(selection, record)?;
            }
            if wanted && !all.contains(record) {
                all.push(record.clone());
            }
        }
    }
    Ok(all)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    No,
    /// One of several who have the address.
    Perhaps,
    Yes,
}

impl Fit {
    fn or(self, other: Fit) -> Fit {
        match (self, other) {
            (Fit::Yes, _) | (_, Fit::Yes) => Fit::Yes,
            (Fit::Perhaps, _) | (_, Fit::Perhaps) => Fit::Perhaps,
            _ => Fit::No,
        }
    }
}

/// Whom an address may stand for: each with their company.
struct Candidates {
    people: bool,
    each: Vec<Vec<RecordRef>>,
}

impl Candidates {
    /// Sure where all of them fit.
    fn fit(&self, fits: &mut dyn FnMut(&RecordRef) -> Result<bool>) -> Result<Fit> {
        let mut count = 0;
        for records in &self.each {
            for record in records {
                if fits(record)? {
                    count += 1;
                    break;
                }
            }
        }
        Ok(match count {
            0 => Fit::No,
            all if all == self.each.len() => Fit::Yes,
            _ => Fit::Perhaps,
        })
    }
}

fn candidates(address: &Address, known: &Known<'_>) -> Result<Candidates> {
    let record = |kind, id: String| RecordRef { kind, id };
    let people = known.who(address)?;
    if !people.is_empty() {
        let each = people.into_iter().map(|one| {
            let company = one.company.map(|(id, _)| record(RecordKind::Company, id));
            std::iter::once(record(RecordKind::Person, one.id)).chain(company).collect()
        });
        return Ok(Candidates { people: true, each: each.collect() });
    }
    let domain = address.domain();
    if domain.is_empty() || free_mail::is_free_mail(&domain) || is_role_address(&address.email) {
        return Ok(Candidates { people: false, each: Vec::new() });
    }
    let companies = known.directory.companies_by_domain(&domain)?.into_iter();
    let each = companies.map(|company| vec![record(RecordKind::Company, company.id)]).collect();
    Ok(Candidates { people: false, each })
}

/// Whether a mail's headers say that a machine sent it to many: RFC 3834 section 5 (Auto-Submitted), RFC 2919 (List-Id), and
/// Precedence as RFC 2076 section 3.9 knows it. `raw` is the mail, or its beginning.
pub fn is_of_a_machine(raw: &[u8]) -> bool {
    let mut at = 0;
    while let Some(line) = raw[at..].split_inclusive(|byte| *byte == b'\n').next() {
        at += line.len();
        let line = line.trim_ascii_end();
        if line.is_empty() {
            return false;
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let name = line[..colon].trim_ascii_end();
        let mut value = line[colon + 1..].trim_ascii();
        if value.is_empty()
            && let Some(next) = raw[at..].split(|byte| *byte == b'\n').next()
            && next.first().is_some_and(|byte| matches!(byte, b' ' | b'\t'))
        {
            value = next.trim_ascii();
        }
        let says = |word: &str| value.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word.as_bytes()));
        let machine = if name.eq_ignore_ascii_case(b"Auto-Submitted") {
            !value.is_empty() && !says("no")
        } else if name.eq_ignore_ascii_case(b"List-Id") {
            true
        } else if name.eq_ignore_ascii_case(b"Precedence") {
            says("bulk") || says("list") || says("junk")
        } else {
            false
        };
        if machine {
            return true;
        }
        if at >= raw.len() {
            return false;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_holds_its_subdomains_and_nobody_elses() {
        assert!(is_within("example.com", "example.com") && is_within("mail.example.com", "@Example.com"));
        assert!(!is_within("evil-example.com", "example.com") && !is_within("example.com.evil.org", "example.com"));
        assert!(!is_within("example.com", "") && !is_within("", "example.com"));
        let limits = Limits { excluded: vec!["example.com".into(), "boss@nord.example".into()], ..Limits::default() };
        let excluded = |email: &str| limits.is_excluded(&Address::new("", email));
        assert!(excluded("a@example.com") && excluded("A@Mail.Example.com") && excluded("Boss@nord.example"));
        assert!(!excluded("nobody@evil-example.com") && !excluded("big.boss@nord.example"));
    }

    #[test]
    fn a_free_mail_domain_is_nobodys_own() {
        let limits = Limits {
            own: ["kari@gmail.com".to_owned(), "kari@fjord.example".to_owned()].into(),
            internal: vec!["gmail.com".into(), "fjord-group.example".into()],
            ..Limits::default()
        };
        let internal = |emails: &[&str]| {
            let all: Vec<_> = emails.iter().map(|email| Address::new("", *email)).collect();
            limits.is_internal(all.iter())
        };
        assert!(internal(&["ola@fjord.example", "kari@gmail.com", "per@oslo.fjord-group.example"]));
        assert!(!internal(&["ola@gmail.com", "kari@gmail.com"]), "a stranger at the same provider");
        assert!(!internal(&["ola@fjord.example", "maja@nord.example"]));
    }

    #[test]
    fn machines_are_told_by_their_headers_alone() {
        let machine = |text: &str| is_of_a_machine(text.as_bytes());
        assert!(machine("Subject: x\r\nAuto-Submitted: auto-replied\r\n\r\nHi"));
        assert!(machine("list-id:\r\n <news.example>\r\n\r\n") && machine("Precedence: Bulk\n\n"));
        assert!(!machine("Auto-Submitted: no\r\nSubject: List-Id: x\r\n\r\nPrecedence: bulk\r\n"));
        assert!(!machine("") && !machine("Subject: cut"));
    }
}
