//! CRMs elsewhere, one module each. docs/adapters.md says how the next one is written.

mod shared;
pub mod superoffice;
pub mod tryton;
