//! Connecting a mailbox: what a person typed is read, really tried on both sides, and, where it does not work, answered
//! with settings that do.

mod app_password;
mod discover;
mod propose;
mod typed;
mod verify;

pub use app_password::tidy_password;
pub use clientele_mail::Code;
pub use discover::{
    DiscoverOptions, Discovery, Found, Outcome, PolicyServer, Source, SourceReport, Way, discover, provider,
    provider_of,
};
pub use typed::{AddressError, endpoint};
pub use verify::{SideReport, Stage, Verified, verify_for};

#[cfg(test)]
mod testkit;
#[cfg(test)]
mod tests;
