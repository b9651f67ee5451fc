//! The customer beside the mail: records, matching, and the archive queue. Only `adapter`s (the embedded CRM is the
//! first) know where records are kept.

pub mod archive;
mod blocking;
mod crm;
mod embedded;
mod error;
mod free_mail;
mod matching;
mod of_mail;
mod pills;
mod record;

pub use crm::{Activities, Answer, ArchiveMail, ArchiveOutcome, Crm, Directory};
pub use embedded::{Embedded, Seed, SeedActivity, SeedPerson, SeedRef, SeedSale};
pub use error::CrmError;
pub use free_mail::{is_free_mail, is_role_address};
pub use matching::{Customer, Known, Participant, Reason, Suggestion, customer};
pub use of_mail::{customer_of, refresh_pills};
pub use pills::{Pill, PillKind, pills};
pub use record::{Activity, ActivityKind, Company, NewPerson, Person, Project, Sale};

/// A record that a mail can be archived on.
pub use clientele_store::ArchiveRecord as Record;

pub type Result<T, E = CrmError> = std::result::Result<T, E>;
