//! CRMs elsewhere, one module each. docs/adapters.md says how the next one is written.

pub mod superoffice;
