//! Subjects of answers.

pub use clientele_model::subject::base;

/// "Re: " once.
pub fn reply(subject: &str) -> String {
    format!("Re: {}", base(subject)).trim_end().to_owned()
}

/// "Fwd: " once.
pub fn forward(subject: &str) -> String {
    format!("Fwd: {}", base(subject)).trim_end().to_owned()
}
