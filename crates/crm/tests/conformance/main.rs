//! What every CRM must stand: the same cases for each, against the real thing or a double held to its vendor's client. A
//! case that a CRM cannot have is printed as N/A with the capability or the reason, and never left out in silence.
//!
//! The next CRM joins by a [`Bench`] of its own and a test that runs [`cases::all`] over it (docs/adapters.md).
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod cases;
mod elma365;
mod embedded;
mod faults;
mod mails;
mod more;
// Left out by its name where there is no Python for it.
#[path = "bottlecrm.rs"]
mod real_bottlecrm;
mod superoffice;
mod table;
mod tryton;

use clientele_crm::{Capability, Crm, Record, Visible};
use clientele_model::RecordRef;
use std::sync::Arc;

/// What came of a case.
pub enum Outcome {
    Passed,
    /// The CRM cannot have it.
    Missing(Capability),
    /// It cannot happen to this CRM: it is on this computer, or has no such thing.
    CannotHappen(&'static str),
}

pub type Case = Result<Outcome, String>;

/// Something that goes wrong between us and the CRM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The next mail is taken in, and the answer is lost.
    LostAnswer,
    /// The same a step later, where taking in takes more than one.
    LostUpload,
    /// The next request is answered with 429 and 17 seconds.
    RateLimited,
    /// The access token has ended; it can be refreshed.
    Expired,
    /// The consent was taken back.
    Revoked,
    /// A page of HTML comes instead of data.
    Maintenance,
    /// The right is missing.
    Forbidden,
    /// Nobody answers the next request.
    Unreachable,
}

/// A mail as the CRM holds it, asked on its own side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// None where the CRM keeps no file.
    pub bytes: Option<Vec<u8>>,
    /// Kind and id, sorted: `company c1`.
    pub records: Vec<String>,
}

/// A CRM with a way in at its back.
pub trait Bench {
    fn name(&self) -> &'static str;
    fn crm(&self) -> Arc<dyn Crm>;
    /// Makes a company with a domain; its id.
    fn company(&self, name: &str, domain: &str) -> String;
    /// Makes a person with these addresses at a company; its id.
    fn person(&self, name: &str, emails: &[&str], company: &str) -> String;
    fn sale(&self, name: &str, company: &str) -> String;
    /// Somebody gives a person another name, there.
    fn rename_person(&self, id: &str, name: &str);
    fn remove_person(&self, id: &str);
    /// Makes so many people with an address each, `person{n}@…`.
    fn many(&self, people: u32);
    /// Somebody gives it another name, there. None where the bench cannot.
    fn rename_company(&self, _id: &str, _name: &str) -> Option<()> {
        None
    }
    fn rename_sale(&self, _id: &str, _name: &str) -> Option<()> {
        None
    }
    /// Makes a selection of companies; its id. None where the bench cannot.
    fn selection(&self, _name: &str, _members: &[RecordRef]) -> Option<String> {
        None
    }
    /// All files that were given with this key. None where the bench cannot tell.
    fn files(&self, _key: &str) -> Option<Vec<Held>> {
        None
    }
    /// As what kind of mail ([`clientele_crm::MailType`]'s id) a mail is there, and for whom. None where the bench cannot
    /// tell.
    fn held_as(&self, _message_id: &str) -> Option<(String, Visible)> {
        None
    }
    /// All mails with this Message-ID.
    fn held(&self, message_id: &str) -> Vec<Held>;
    /// A colleague archives a mail on a company. None where there are no colleagues.
    fn colleague_archives(&self, message_id: &str, company: &str) -> Option<()>;
    /// None where it cannot happen.
    fn trouble(&self, trouble: Trouble) -> Option<()>;
    /// No trouble is left.
    fn well(&self);
}

/// Says in one line what came of a case; its cell in the table, None where it did not stand.
pub fn report(bench: &dyn Bench, name: &str, came: Case) -> Option<String> {
    bench.well();
    let cell = match came {
        Ok(Outcome::Passed) => "ok".to_owned(),
        Ok(Outcome::Missing(what)) => {
            let why = bench.crm().capabilities().why_not(what);
            format!("N/A: {} ({})", what.as_str(), why.map_or("?", |why| why.as_str()))
        }
        Ok(Outcome::CannotHappen(why)) => format!("N/A: {why}"),
        Err(words) => {
            println!("FAIL {:<12} {name}: {words}", bench.name());
            return None;
        }
    };
    let (mark, words) = cell.split_at(cell.find(':').unwrap_or(cell.len()));
    println!("{mark:<4} {:<12} {name}{words}", bench.name());
    Some(cell)
}

pub fn record(kind: clientele_model::RecordKind, id: &str) -> Record {
    Record::new(kind, id, "")
}

/// Until it is done; how many records were read, changed and gone.
pub async fn refresh(crm: &dyn Crm) -> Result<(u32, u32, u32), String> {
    let mut sum = (0, 0, 0);
    for _ in 0..10_000 {
        let step = crm.refresh().await.map_err(|error| format!("refresh: {error}"))?;
        sum = (sum.0 + step.read, sum.1 + step.changed, sum.2 + step.gone);
        if step.done {
            return Ok(sum);
        }
    }
    Err("refreshing does not end".into())
}

/// `Err` with the words where it does not hold.
#[macro_export]
macro_rules! hold {
    ($what:expr, $($words:tt)+) => {
        if !$what {
            return Err(format!($($words)+));
        }
    };
}

/// The value, or `Err` with the error's own words.
#[macro_export]
macro_rules! done {
    ($what:expr) => {
        $what.map_err(|error| format!("{}: {error}", stringify!($what).lines().next().unwrap_or_default()))?
    };
}
