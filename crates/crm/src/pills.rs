//! What a mail is to the business, in two words at the most.

use crate::{CrmError, Directory, Record, Result, is_role_address};
use clientele_model::{Address, RecordKind, RecordRef};
use clientele_store::{ArchiveState, CrmState};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PillKind {
    Sale,
    Company,
    Person,
    Project,
    NotInCrm,
    Queued,
    Archived,
    ArchiveFailed,
}

/// Kept beside the mail as JSON, so that a list needs no look-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pill {
    pub kind: PillKind,
    /// Empty for those that the UI has words for.
    pub text: String,
    pub record: String,
    /// Of a sale or a person: the company's name, for the search; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub company: String,
}

impl Pill {
    fn of(kind: PillKind, record: &str, text: &str) -> Self {
        Pill { kind, text: text.to_owned(), record: record.to_owned(), company: String::new() }
    }

    fn at(self, company: &str) -> Self {
        Pill { company: company.to_owned(), ..self }
    }
}

/// People of a mail whose records it is listed under.
const MOST_CONCERNED: usize = 12;

/// All records that a mail has to do with: everybody who has one of its addresses, their companies, what its conversation is
/// archived on, and what its pills stand for.
pub(crate) fn concerned(
    directory: &dyn Directory,
    others: &[Address],
    thread: &[Record],
    pills: &[Pill],
) -> Result<Vec<RecordRef>> {
    let of = |kind, id: &str| RecordRef { kind, id: id.to_owned() };
    let mut all: Vec<RecordRef> = thread.iter().map(|one| of(one.kind, &one.id)).collect();
    for pill in pills {
        match pill.kind {
            PillKind::Sale => all.push(of(RecordKind::Sale, &pill.record)),
            PillKind::Project => all.push(of(RecordKind::Project, &pill.record)),
            _ => {}
        }
    }
    for address in others.iter().take(MOST_CONCERNED) {
        for person in directory.who(&address.email)? {
            all.push(of(RecordKind::Person, &person.id));
            all.extend(person.company.map(|(id, _)| of(RecordKind::Company, &id)));
        }
    }
    Ok(all)
}

/// `others` are the mail's people without the account's own addresses, the author first; `thread` the records that
/// mails of the conversation are archived on; `archived` the state of this mail itself.
pub fn pills(
    directory: &dyn Directory,
    others: &[Address],
    thread: &[Record],
    archived: Option<ArchiveState>,
) -> Result<(CrmState, Vec<Pill>)> {
    let mut pills = Vec::new();
    if let Some(state) = archived {
        let kind = match state {
            ArchiveState::Queued => PillKind::Queued,
            ArchiveState::Done => PillKind::Archived,
            ArchiveState::Failed => PillKind::ArchiveFailed,
        };
        pills.push(Pill::of(kind, "", ""));
    }
    let mut state = CrmState::Unknown;
    let mut best: Option<Pill> = None;
    if let Some(sale) = thread.iter().find(|record| record.kind == RecordKind::Sale) {
        let company = match directory.sale(&sale.id) {
            Ok(sale) if !sale.company.is_empty() => directory.company(&sale.company).map(|company| company.name),
            _ => Err(CrmError::NotFound),
        };
        best = Some(Pill::of(PillKind::Sale, &sale.id, &sale.name).at(&company.unwrap_or_default()));
        state = CrmState::Customer;
    }
    for address in others {
        let people = directory.who(&address.email)?;
        let Some(person) = people.first() else { continue };
        state = CrmState::Customer;
        if best.is_none() {
            // Of several people with one address nobody is guessed; what they have in common is their company.
            let company = person.company.as_ref().filter(|company| {
                people.iter().all(|other| other.company.as_ref().is_some_and(|theirs| theirs.0 == company.0))
            });
            best = match company {
                Some((id, name)) => match directory.only_sale(id)? {
                    Some((sale, heading)) => Some(Pill::of(PillKind::Sale, &sale, &heading).at(name)),
                    None => Some(Pill::of(PillKind::Company, id, name)),
                },
                None if people.len() == 1 => Some(Pill::of(PillKind::Person, &person.id, &person.name)),
                None => None,
            };
        }
        break;
    }
    if state == CrmState::Unknown && others.iter().any(|one| one.email.contains('@')) {
        state = CrmState::NotInCrm;
        // A newsletter's sender is no one to add: the pill is for people.
        if best.is_none() && others.first().is_some_and(|author| !is_role_address(&author.email)) {
            best = Some(Pill::of(PillKind::NotInCrm, "", ""));
        }
    }
    pills.extend(best);
    pills.truncate(2);
    Ok((state, pills))
}
