use clientele_model::{AccountId, Address, MessageId};

/// New mail, as a desktop notification tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub account: AccountId,
    pub author: Address,
    pub subject: String,
    /// Opened by a click: the mail, or of several the newest.
    pub message: MessageId,
    /// How many mails this stands for; with more than 1 the author and subject are the newest's.
    pub count: u32,
}
