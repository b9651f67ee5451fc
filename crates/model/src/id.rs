//! Row ids. As text in JSON, because JavaScript's numbers end at 2^53.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{fmt, str::FromStr};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map($name)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }
    };
}

id!(AccountId);
id!(FolderId);
id!(
    /// A mail in a folder. Runs in date order: see [`RowDate`].
    MessageId
);
id!(DraftId);
id!(OutboxId);
id!(OperationId);
id!(ArchiveId);

/// The scheme of message row ids: half minutes since 1970, and where that place is taken, the next free one beside it. A
/// list in date order is then a walk over the primary key, a mail that arrives late takes the place of its date
/// (docs/decisions/0003-row-ids-in-date-order.md), and the search index has small steps from mail to mail (0018).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowDate(i64);

impl RowDate {
    /// Seconds that share a place. A divisor of a quarter of an hour, so that days begin with a place in every time zone.
    pub const UNIT: i64 = 30;
    const LAST_SECOND: i64 = (1 << 40) - 1;

    /// `seconds` since 1970; what lies before 1970 or after the year 36,812 is taken to the nearest end.
    pub fn new(seconds: i64) -> Self {
        RowDate(seconds.clamp(0, Self::LAST_SECOND))
    }

    /// About the second that a row id stands for: as many places off as mails crowd there.
    pub fn of(id: MessageId) -> Self {
        RowDate::new(id.0.saturating_mul(Self::UNIT))
    }

    pub fn seconds(self) -> i64 {
        self.0
    }

    /// Where a mail of this second belongs.
    pub fn place(self) -> MessageId {
        MessageId((self.0 / Self::UNIT).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_text_in_json() {
        let id = MessageId(i64::MAX);
        let json = serde_json::to_string(&id).expect("json");
        assert_eq!(json, "\"9223372036854775807\"");
        assert_eq!(serde_json::from_str::<MessageId>(&json).expect("back"), id);
        assert!(serde_json::from_str::<MessageId>("12").is_err(), "a bare number is refused");
    }

    #[test]
    fn row_ids_follow_dates() {
        let (earlier, later) = (RowDate::new(1_700_000_010), RowDate::new(1_700_000_040));
        assert!(earlier.place() < later.place());
        assert_eq!(RowDate::of(earlier.place()), earlier);
        assert_eq!(RowDate::new(-5).place(), MessageId(1));
        assert!(RowDate::new(i64::MAX).place().0 > 0, "the sign bit stays free");
    }
}
