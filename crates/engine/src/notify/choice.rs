//! What a person wants to be told of. Kept in `local.db`, which a damaged mail store leaves alone.

use clientele_model::{AccountId, FolderRole};
use clientele_store::{Folder, Store, StoreError};
use jiff::{Zoned, civil::Weekday};
use std::collections::HashMap;

/// Which new mails are told, where notifications are on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notify {
    /// Only mails of people or companies that the CRM knows.
    pub customers_only: bool,
    /// What one round of fetching brings is told as one.
    pub grouped: bool,
    pub quiet: Option<QuietHours>,
    /// Accounts that are not told of.
    pub muted: Vec<AccountId>,
}

/// When nothing is told, by the clock on the wall: minutes of the day from 0 to 1439.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuietHours {
    pub from: u16,
    /// Not quiet any more from here on. Before `from`: over midnight. The same: no hours at all.
    pub until: u16,
    /// Saturday and Sunday are quiet all day.
    pub weekends: bool,
}

const MINUTES: u16 = 24 * 60;

impl QuietHours {
    pub(crate) fn valid(&self) -> bool {
        self.from < MINUTES && self.until < MINUTES
    }

    /// `now` in the zone that the person lives in.
    pub(crate) fn cover(&self, now: &Zoned) -> bool {
        if self.weekends && matches!(now.weekday(), Weekday::Saturday | Weekday::Sunday) {
            return true;
        }
        // As the clock shows it: an hour that a change of time skips or repeats is what it is called.
        let minute = now.hour() as u16 * 60 + now.minute() as u16;
        if self.from <= self.until {
            (self.from..self.until).contains(&minute)
        } else {
            minute >= self.from || minute < self.until
        }
    }

    fn write(&self) -> String {
        format!("{}-{}{}", self.from, self.until, if self.weekends { " weekends" } else { "" })
    }

    fn read(text: &str) -> Option<Self> {
        let (hours, weekends) = match text.strip_suffix(" weekends") {
            Some(hours) => (hours, true),
            None => (text, false),
        };
        let (from, until) = hours.split_once('-')?;
        let quiet = QuietHours { from: from.parse().ok()?, until: until.parse().ok()?, weekends };
        quiet.valid().then_some(quiet)
    }
}

/// What cannot be read, and accounts that are gone, count as never chosen.
pub(crate) fn read(store: &Store) -> Result<Notify, StoreError> {
    let yes = |key: &str| Ok::<_, StoreError>(store.setting(key)?.as_deref() == Some("yes"));
    let there = store.accounts()?;
    let muted = store.setting("notify.muted")?.unwrap_or_default();
    let muted = muted.split(' ').filter_map(|id| id.parse().ok());
    Ok(Notify {
        customers_only: yes("notify.customers_only")?,
        grouped: yes("notify.grouped")?,
        quiet: store.setting("notify.quiet")?.as_deref().and_then(QuietHours::read),
        muted: muted.filter(|id| there.iter().any(|account| account.id == *id)).collect(),
    })
}

pub(crate) fn write(store: &Store, notify: &Notify) -> Result<(), StoreError> {
    let word = |yes: bool| if yes { "yes" } else { "no" };
    let muted: Vec<String> = notify.muted.iter().map(AccountId::to_string).collect();
    store.setting_set("notify.customers_only", word(notify.customers_only))?;
    store.setting_set("notify.grouped", word(notify.grouped))?;
    store.setting_set("notify.quiet", &notify.quiet.as_ref().map(QuietHours::write).unwrap_or_default())?;
    store.setting_set("notify.muted", &muted.join(" "))
}

/// Which folders' new mail is told.
#[derive(Debug, Default)]
pub struct Switches(HashMap<String, bool>);

impl Switches {
    pub(crate) fn read(store: &Store) -> Result<Self, StoreError> {
        let all = store.settings()?.into_iter().filter(|(key, _)| key.starts_with(FOLDER));
        Ok(Switches(all.map(|(key, value)| (key, value == "yes")).collect()))
    }

    /// The inbox's is, unless a person said otherwise; others' only if they said so.
    pub fn on(&self, folder: &Folder) -> bool {
        let chosen = self.0.get(&key(folder.account, &folder.path)).copied();
        may_tell(folder.role) && chosen.unwrap_or(folder.role == FolderRole::Inbox)
    }
}

const FOLDER: &str = "notify.folder.";

/// By account and path, because folders' numbers go with `mail.db`.
pub(crate) fn key(account: AccountId, path: &str) -> String {
    format!("{FOLDER}{account}.{path}")
}

/// Nobody is told of what is thrown away, or of what they wrote themselves.
pub(crate) fn may_tell(role: FolderRole) -> bool {
    matches!(role, FolderRole::Inbox | FolderRole::Done | FolderRole::Other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Zoned {
        text.parse().expect("a time in a zone")
    }

    #[test]
    fn quiet_hours_go_over_midnight_and_follow_the_clock_on_the_wall() {
        let night = QuietHours { from: 22 * 60, until: 7 * 60, weekends: false };
        assert!(night.cover(&at("2026-11-23T22:00:00[Europe/Oslo]")));
        assert!(night.cover(&at("2026-11-23T06:59:59[Europe/Oslo]")));
        assert!(!night.cover(&at("2026-11-23T07:00:00[Europe/Oslo]")));
        assert!(!night.cover(&at("2026-11-23T21:59:00[Europe/Oslo]")));
        assert!(!night.cover(&at("2026-11-21T12:00:00[Europe/Oslo]")), "a Saturday, and weekends are not quiet");
        let noon = QuietHours { from: 11 * 60, until: 12 * 60, weekends: true };
        assert!(noon.cover(&at("2026-11-23T11:30:00[Europe/Oslo]")));
        assert!(!noon.cover(&at("2026-11-23T12:00:00[Europe/Oslo]")));
        assert!(noon.cover(&at("2026-11-22T23:59:00[Europe/Oslo]")), "a Sunday");
        assert!(!noon.cover(&at("2026-11-23T00:00:00[Europe/Oslo]")));
        // Eight in the evening in New York is night in Oslo: whose clock is looked at matters.
        assert!(!night.cover(&at("2026-11-23T20:00:00[America/New_York]")));
        let weekends = QuietHours { from: 60, until: 60, weekends: true };
        assert!(!weekends.cover(&at("2026-11-23T01:00:00[Europe/Oslo]")), "no hours at all");
    }

    #[test]
    fn quiet_hours_end_when_the_clock_says_so_on_the_days_that_have_23_or_25_hours() {
        let night = QuietHours { from: 22 * 60, until: 3 * 60, weekends: false };
        // On 29 March 2026 it is 03:00 one second after 01:59:59.
        let before = at("2026-03-29T01:59:59[Europe/Oslo]");
        assert!(night.cover(&before));
        assert!(!night.cover(&before.checked_add(jiff::Span::new().seconds(1)).expect("a second later")));
        // On 25 October 2026 the hour from two comes twice, and is quiet twice.
        let twice = at("2026-10-25T02:30:00[Europe/Oslo]");
        assert!(night.cover(&twice));
        assert!(night.cover(&twice.checked_add(jiff::Span::new().hours(1)).expect("an hour later")));
        assert!(!night.cover(&twice.checked_add(jiff::Span::new().hours(2)).expect("two hours later")));
    }

    #[test]
    fn quiet_hours_that_make_no_sense_count_as_none() {
        let night = QuietHours { from: 1320, until: 420, weekends: true };
        assert_eq!(QuietHours::read(&night.write()), Some(night));
        for text in ["", "1440-0", "5", "a-b", "-1-5", "1320-420 sometimes"] {
            assert_eq!(QuietHours::read(text), None, "{text}");
        }
    }
}
