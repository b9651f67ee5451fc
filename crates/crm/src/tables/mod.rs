//! The tables of records, as the embedded CRM and the mirror both have them.

pub mod activity;
pub mod browse;
pub mod company;
pub mod follow_up;
pub mod name;
pub mod person;
pub mod sale;
pub mod selection;
pub mod stage;

/// Version 1, and what later ones add to it.
pub const SCHEMA: &str = include_str!("schema.sql");
pub const SCHEMA_002: &str = include_str!("schema_002.sql");
pub const SCHEMA_003: &str = include_str!("schema_003.sql");

/// An id that no other computer makes up too.
pub fn new_id() -> String {
    format!("{:032x}", rand::random::<u128>())
}

/// Seconds since 1970.
pub fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map(|since| since.as_secs() as i64).unwrap_or_default()
}
