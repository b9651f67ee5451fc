use clientele_model::{AccountId, Address, MessageId};

/// New mail, or a mail that nobody answered, as a desktop notification tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Named again when it is to be withdrawn; counted from 1 since the start.
    pub id: u32,
    pub account: AccountId,
    pub author: Address,
    pub subject: String,
    /// Opened by a click: the mail, or of several the newest.
    pub message: MessageId,
    /// All that it tells of, the newest last.
    pub messages: Vec<MessageId>,
    /// How many mails this stands for; with more than 1 the author and subject are the newest's.
    pub count: u32,
    /// Nobody has answered the mail in time; the author is then whom it was sent to.
    pub reminder: bool,
}
