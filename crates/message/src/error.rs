/// Why a mail could not be composed. Reading never fails: see [`crate::Parsed::unreadable`].
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MessageError {
    /// An address that cannot stand in an envelope (RFC 5321 section 4.1.2). Which one is for the caller to show.
    #[error("an address is not valid")]
    BadAddress(String),
    #[error("no recipient")]
    NoRecipient,
    #[error("the mail could not be written: {0}")]
    Write(String),
}
