//! The store: what this computer knows. Two SQLite databases in a profile folder: `local.db` (what only this computer
//! has, `synchronous = FULL`) and `mail.db` (what the servers still have, NORMAL; set aside and fetched again where it
//! is damaged). One writer, a pool of readers, a feed of changes sent after each commit.
//!
//! Every method is synchronous and may wait for the disk: call it from `spawn_blocking`. One file a table.

mod account;
mod address;
mod archive;
mod backup;
mod body;
mod certificate;
mod connection;
mod crm_link;
mod crm_work;
mod draft;
mod error;
mod flags;
mod fold;
mod folder;
mod health;
mod heap;
mod journal;
mod message;
mod migrate;
mod never_add;
mod operation;
mod outbox;
mod part;
mod pills;
#[cfg(test)]
mod plans;
mod private;
mod rule;
mod scrub;
mod search;
mod setting;
mod there;
mod thread;
mod upkeep;
mod waiting;

pub use account::{Account, NewAccount, Removal};
pub use address::Correspondent;
pub use archive::{ArchiveRecord, ArchiveState, Archived, NewArchive};
pub use backup::{LocalBackup, Rotation, backups, restore, rotate, set_aside, sound};
pub use certificate::TrustedCertificate;
pub use connection::{Opened, Store};
pub use crm_link::CrmLink;
pub use crm_work::CrmWork;
pub use draft::{Draft, DraftAttachment, DraftKind};
pub use error::StoreError;
pub use flags::{Flag, Flags};
pub use fold::{fold, words};
pub use folder::{Folder, FolderName, FolderSeen, FolderState, Numbered};
pub use message::{
    Attachment, Body, Detail, Filter, Inserted, Labelled, LeftOut, ListQuery, Location, NewMessage, Page, Parties,
    Prepared, Row, Scope, Sought,
};
pub use operation::{Appended, Concerned, Operated, Operation, OperationKind, RefusedOperation, UndoToken};
pub use outbox::{NewOutbox, OutboxItem, OutboxState, ReplyKind};
pub use part::PartFile;
pub use pills::{CrmState, Worked};
pub use rule::Rule;
pub use search::{OPERATORS, SearchQuery, days};
pub use there::There;
pub use upkeep::Health;
pub use waiting::Waiting;

pub type Result<T, E = StoreError> = std::result::Result<T, E>;
