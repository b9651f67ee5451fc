//! Whom an answer goes to and what it hangs on.

use crate::Parsed;
use clientele_model::Address;

/// How many ids a References header keeps: the first, which names the thread, and the latest.
const REFERENCES: usize = 30;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recipients {
    pub to: Vec<Address>,
    pub cc: Vec<Address>,
}

/// Reply-To before From; with `all` also To and Cc; each address once; `own` addresses left out. A reply to one's own
/// mail goes to whom that went to.
pub fn recipients(mail: &Parsed, own: &[String], all: bool) -> Recipients {
    let own: Vec<String> = own.iter().map(|address| address.trim().to_lowercase()).collect();
    let is_own = |address: &Address| own.contains(&address.key());
    let mine = mail.from.iter().any(is_own);
    let authors = if mail.reply_to.is_empty() { &mail.from } else { &mail.reply_to };
    let mut seen = Vec::new();
    let mut pick = |addresses: &[Address], keep_own: bool| -> Vec<Address> {
        let usable = addresses.iter().filter(|address| address.email.contains('@') && (keep_own || !is_own(address)));
        usable
            .filter(|address| {
                let new = !seen.contains(&address.key());
                if new {
                    seen.push(address.key());
                }
                new
            })
            .cloned()
            .collect()
    };
    let mut to = if mine { pick(&mail.to, false) } else { pick(authors, false) };
    let mut cc = Vec::new();
    if all {
        if !mine {
            to.extend(pick(&mail.to, false));
        }
        cc = pick(&mail.cc, false);
    }
    if to.is_empty() && cc.is_empty() {
        // A note to oneself: the answer goes there too.
        to = pick(authors, true);
    }
    Recipients { to, cc }
}

/// The References header of an answer (RFC 5322 section 3.6.4): the mail's own references and its id, bounded.
pub fn references(mail: &Parsed) -> Vec<String> {
    let mut ids = if mail.references.is_empty() && mail.in_reply_to.len() == 1 {
        mail.in_reply_to.clone()
    } else {
        mail.references.clone()
    };
    ids.retain(|id| *id != mail.message_id);
    if !mail.message_id.is_empty() {
        ids.push(mail.message_id.clone());
    }
    if ids.len() > REFERENCES {
        let extra = ids.len() - REFERENCES;
        ids.drain(1..=extra);
    }
    ids
}
