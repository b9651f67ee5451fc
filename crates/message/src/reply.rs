//! Whom an answer goes to and what it hangs on.

use crate::Parsed;
use clientele_model::Address;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recipients {
    pub to: Vec<Address>,
    pub cc: Vec<Address>,
}

/// Reply-To before From; with `all` also To and Cc; each address once; `own` addresses left out. A reply to one's own
/// mail goes to whom that went to.
pub fn recipients(mail: &Parsed, own: &[String], all: bool) -> Recipients {
    let _ = (mail, own, all);
    Recipients::default()
}

/// The References header of an answer (RFC 5322 section 3.6.4): the mail's own references and its id, bounded.
pub fn references(mail: &Parsed) -> Vec<String> {
    let _ = mail;
    Vec::new()
}
