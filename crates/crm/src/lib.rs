//! The customer beside the mail: records, matching, and the archive queue. Only the embedded CRM and the adapters know
//! where records are kept; what an adapter's CRM has is mirrored here, and answered from the mirror.

pub mod adapter;
mod address;
pub mod archive;
pub mod automatic;
mod blocking;
mod capability;
pub mod card;
mod crm;
mod embedded;
mod error;
mod free_mail;
mod matching;
mod mirror;
mod mirrored;
mod of_mail;
mod pills;
mod record;
pub mod rule;
mod tables;
pub mod work;

pub use capability::{Capabilities, Capability, Why};
pub use crm::{
    Activities, Answer, ArchiveMail, ArchiveOutcome, ArchivedThere, Changes, Crm, Directory, Line, Progress, Remote,
    Visible, Who,
};
pub use embedded::{BACKUPS, CardsImported, Embedded, Seed, SeedActivity, SeedPerson, SeedRef, SeedSale};
pub use error::CrmError;
pub use free_mail::{is_free_mail, is_role_address};
pub use matching::{Customer, Known, Participant, Reason, Suggestion, customer};
pub use mirror::Mirror;
pub use mirrored::Mirrored;
pub use of_mail::{ByColleague, ask_about, customer_of, look_up_all, refresh_pills};
pub use pills::{Pill, PillKind, pills};
pub use record::{
    Activity, ActivityKind, Associate, Company, CompanyChange, Document, FollowUp, FollowUpKind, Item, MailType,
    NewPerson, NewSale, Person, PersonChange, Project, Sale, SaleChange, Selection, Stage,
};

/// A record that a mail can be archived on.
pub use clientele_store::ArchiveRecord as Record;

pub type Result<T, E = CrmError> = std::result::Result<T, E>;
