//! Where something lies in BottleCRM: the kinds of record that an entry of a timeline, a file or a task can be on.

use crate::{Capability, CrmError, Result, Why};
use clientele_model::{RecordKind, RecordRef};

/// In the order in which a mail's first record is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Home {
    Account,
    Contact,
    Opportunity,
}

impl Home {
    const ALL: [Home; 3] = [Home::Account, Home::Contact, Home::Opportunity];

    /// As BottleCRM names a link to it.
    pub fn as_str(self) -> &'static str {
        match self {
            Home::Account => "account",
            Home::Contact => "contact",
            Home::Opportunity => "opportunity",
        }
    }

    /// Its records' path below the API.
    pub fn path(self) -> &'static str {
        match self {
            Home::Account => "accounts/",
            Home::Contact => "contacts/",
            Home::Opportunity => "opportunities/",
        }
    }

    pub fn kind(self) -> RecordKind {
        match self {
            Home::Account => RecordKind::Company,
            Home::Contact => RecordKind::Person,
            Home::Opportunity => RecordKind::Sale,
        }
    }

    pub fn of(name: &str) -> Option<Home> {
        Home::ALL.into_iter().find(|home| home.as_str() == name)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub home: Home,
    pub id: String,
}

impl Place {
    pub fn new(kind: RecordKind, id: &str) -> Result<Place> {
        let home = match kind {
            RecordKind::Company => Home::Account,
            RecordKind::Person => Home::Contact,
            RecordKind::Sale => Home::Opportunity,
            // Its projects have no timeline.
            RecordKind::Project => return Err(CrmError::Cannot(Capability::Projects, Why::NotOffered)),
        };
        Ok(Place { home, id: uuid(id)?.to_owned() })
    }

    /// `contact 7d0a…`
    pub fn read(text: &str) -> Option<Place> {
        let (home, id) = text.trim().split_once(' ')?;
        Some(Place { home: Home::of(home)?, id: uuid(id).ok()?.to_owned() })
    }

    pub fn path(&self) -> String {
        format!("{}{}/", self.home.path(), self.id)
    }

    pub fn record(&self) -> RecordRef {
        RecordRef { kind: self.home.kind(), id: self.id.clone() }
    }
}

/// An id as it may be written into a path; what is none of the CRM's ids is not there.
pub fn uuid(id: &str) -> Result<&str> {
    let fits = id.len() == 36 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if fits { Ok(id) } else { Err(CrmError::NotFound) }
}
