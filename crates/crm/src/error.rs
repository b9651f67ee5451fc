use crate::{Capability, Item, Why};

/// Why the CRM could not do what it was asked. Holds words of the CRM where the doc says so; never a token, an address or
/// text of a mail.
#[derive(Debug, thiserror::Error)]
pub enum CrmError {
    #[error("not found")]
    NotFound,
    /// A name or an address is missing or is none.
    #[error("invalid: {0}")]
    Invalid(&'static str),
    /// Nothing was chosen to archive on, and nothing is sure enough to be chosen by itself.
    #[error("no record to archive on")]
    NoRecord,
    /// The mail is marked private.
    #[error("the mail is private")]
    Private,
    /// What was chosen was chosen in another CRM: its ids mean something else in this one.
    #[error("the records are of another CRM")]
    OtherCrm,
    /// The CRM that is connected cannot be opened, and nothing is written in its place.
    #[error("the CRM cannot be opened")]
    NotOpen,
    /// The mail to be archived is not on this computer.
    #[error("the mail is not here")]
    BodyMissing,
    /// The sign-in is over; only a person can sign in again.
    #[error("a new sign-in to the CRM is needed")]
    SignInAgain,
    /// The CRM's own words for which right is missing; may be empty.
    #[error("the CRM does not allow it: {right}")]
    Forbidden { right: String },
    /// Someone else changed the record; as it is now. None where it cannot be read.
    #[error("someone else changed the record meanwhile")]
    Conflict { theirs: Option<Box<Item>> },
    /// HTTP 421, also after looking up where the tenant is now.
    #[error("the CRM's server is not the one for this tenant")]
    WrongTenant,
    /// HTTP 429; how long the CRM wants to be left alone.
    #[error("the CRM wants to be left alone for {seconds} s")]
    RateLimited { seconds: u32 },
    /// No network, or a server's failure: a later try may succeed. Without the address asked.
    #[error("the CRM cannot be reached: {0}")]
    Unavailable(String),
    /// No answer in time, of the CRM or of what stands before it: what was asked may still be under way there.
    #[error("the CRM did not answer in time")]
    Late,
    /// The vendor is at work on it, or a page of HTML came where data were expected.
    #[error("the CRM is closed for maintenance")]
    Maintenance,
    /// The CRM's tenant is suspended, deleted, or was never there.
    #[error("the CRM's tenant does not run: {0}")]
    NotRunning(String),
    /// A token or a password would have gone to a server that is neither the vendor's nor the administrator's.
    #[error("the CRM's server is not one that may be signed in to")]
    ServerNotAllowed,
    /// More records than are read.
    #[error("more than {limit} records")]
    TooMany { limit: u32 },
    /// More bytes than the CRM takes.
    #[error("too large for the CRM")]
    TooLarge,
    /// What the CRM said cannot be made sense of.
    #[error("an unexpected answer of the CRM: {0}")]
    Unexpected(&'static str),
    /// The CRM refused what was sent; its own words.
    #[error("the CRM refused it: {0}")]
    Refused(String),
    #[error("the CRM cannot do that: {} ({})", .0.as_str(), .1.as_str())]
    Cannot(Capability, Why),
    #[error("the disk is full")]
    DiskFull,
    /// `crm.db` cannot be read; its backups are in the profile's `backups` folder.
    #[error("the CRM's database is damaged")]
    Damaged,
    #[error("database: {0}")]
    Database(rusqlite::Error),
    #[error("store: {0}")]
    Store(#[from] clientele_store::StoreError),
    /// The database was written by a newer version of the program.
    #[error("crm.db has version {found}, this program knows {known}")]
    Version { found: i64, known: i64 },
    /// The thread that did the work panicked.
    #[error("the work ended early")]
    Worker,
    #[error("file: {0}")]
    Io(#[from] std::io::Error),
    #[error("seed: {0}")]
    Json(#[from] serde_json::Error),
}

/// How long a CRM may be busy with what it was asked after nobody waits for the answer any more.
const LATE_SECONDS: u32 = 15;

impl CrmError {
    /// The wire's code, kept on rows of the archive queue.
    pub fn code(&self) -> &'static str {
        match self {
            CrmError::NotFound => "not_found",
            CrmError::NoRecord => "no_record",
            CrmError::Private | CrmError::Store(clientele_store::StoreError::Private) => "private",
            CrmError::OtherCrm | CrmError::Store(clientele_store::StoreError::OtherCrm) => "crm_other",
            CrmError::NotOpen => "crm_not_open",
            CrmError::BodyMissing => "body_missing",
            CrmError::DiskFull => "disk_full",
            CrmError::Invalid(_) => "invalid_input",
            CrmError::SignInAgain => "crm_sign_in_again",
            CrmError::Forbidden { .. } => "crm_forbidden",
            CrmError::Conflict { .. } => "crm_conflict",
            CrmError::WrongTenant | CrmError::NotRunning(_) => "crm_not_running",
            CrmError::RateLimited { .. } => "crm_rate_limited",
            CrmError::Unavailable(_) | CrmError::Late => "crm_unavailable",
            CrmError::Maintenance => "crm_maintenance",
            CrmError::ServerNotAllowed => "policy_forbids",
            CrmError::TooMany { .. } => "crm_too_many",
            CrmError::TooLarge => "crm_too_large",
            CrmError::Refused(_) => "crm_refused",
            CrmError::Cannot(..) => "crm_cannot",
            CrmError::Damaged => "store_damaged",
            CrmError::Version { .. } => "store_version",
            CrmError::Unexpected(_)
            | CrmError::Database(_)
            | CrmError::Store(_)
            | CrmError::Worker
            | CrmError::Io(_)
            | CrmError::Json(_) => "crm_failed",
        }
    }

    /// After how many seconds the same call may succeed without anybody changing anything; None: it will not. `attempts`
    /// is how often it has been tried.
    pub fn again_in(&self, attempts: u32) -> Option<u32> {
        let later = (1u32 << attempts.min(11)).min(1800);
        match self {
            CrmError::RateLimited { seconds } => Some((*seconds).clamp(1, 3600).max(later.min(60))),
            CrmError::Unavailable(_) => Some(later),
            // A look whether it is there says nothing while the CRM is still busy with it.
            CrmError::Late => Some(later.max(LATE_SECONDS)),
            CrmError::Maintenance | CrmError::WrongTenant => Some(later.max(60)),
            // A person will sign in; until then nothing is lost.
            CrmError::SignInAgain => Some(300),
            _ => None,
        }
    }
}

impl From<rusqlite::Error> for CrmError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::{Error, ErrorCode};
        match &error {
            Error::QueryReturnedNoRows => CrmError::NotFound,
            Error::SqliteFailure(failure, _) if failure.code == ErrorCode::DiskFull => CrmError::DiskFull,
            Error::SqliteFailure(failure, _)
                if matches!(failure.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) =>
            {
                CrmError::Damaged
            }
            _ => CrmError::Database(error),
        }
    }
}
