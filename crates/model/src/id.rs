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

/// The scheme of message row ids: seconds since 1970 in the upper bits, a running number within the second in the
/// lower 20. A list in date order is then a walk over the primary key, and a mail that arrives late takes the place of
/// its date (docs/decisions/0003-row-ids-in-date-order.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowDate(i64);

impl RowDate {
    /// Bits for the running number: about a million mails in one second.
    pub const BITS: u32 = 20;
    const LAST_SECOND: i64 = (1 << 40) - 1;

    /// `seconds` since 1970; what lies before 1970 or after the year 36,812 is taken to the nearest end.
    pub fn new(seconds: i64) -> Self {
        RowDate(seconds.clamp(0, Self::LAST_SECOND))
    }

    /// The second that a row id stands for.
    pub fn of(id: MessageId) -> Self {
        RowDate(id.0 >> Self::BITS)
    }

    pub fn seconds(self) -> i64 {
        self.0
    }

    /// The lowest id of this second.
    pub fn first(self) -> MessageId {
        MessageId(self.0 << Self::BITS)
    }

    /// The highest id of this second.
    pub fn last(self) -> MessageId {
        MessageId((self.0 << Self::BITS) | ((1 << Self::BITS) - 1))
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
        let (earlier, later) = (RowDate::new(1_700_000_000), RowDate::new(1_700_000_001));
        assert!(earlier.last() < later.first());
        assert_eq!(RowDate::of(earlier.last()), earlier);
        assert_eq!(RowDate::new(-5).first(), MessageId(0));
        assert!(RowDate::new(i64::MAX).last().0 > 0, "the sign bit stays free");
    }
}
