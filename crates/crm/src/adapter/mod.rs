//! CRMs elsewhere, one module each. docs/adapters.md says how the next one is written.

pub mod bottlecrm;
pub mod elma365;
mod shared;
pub mod superoffice;
pub mod tryton;
