use crate::FolderId;
use serde::{Deserialize, Serialize};

/// What a person does to mails: applied to the store at once and queued for the server in the same transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Action {
    Read,
    Unread,
    Flag,
    Unflag,
    /// Out of the inbox, into the mailbox's own archive folder. Never the CRM's Archive.
    Done,
    Junk,
    /// Into Trash; what is in Trash already is removed for good.
    Delete,
    Move {
        folder: FolderId,
    },
    /// A second mail of the same content. On Gmail, a further label of the same mail.
    Copy {
        folder: FolderId,
    },
    /// See [`is_keyword`].
    AddKeyword {
        keyword: String,
    },
    RemoveKeyword {
        keyword: String,
    },
}

/// No server takes longer ones.
const LONGEST_KEYWORD: usize = 100;

/// Whether a text can be an IMAP keyword: an atom that is no system flag (RFC 9051 section 9, `flag-keyword`), nor
/// `$Forwarded`, which is a flag of its own here.
pub fn is_keyword(text: &str) -> bool {
    let fits =
        |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'(' | b')' | b'{' | b'%' | b'*' | b'"' | b'\\' | b']');
    (1..=LONGEST_KEYWORD).contains(&text.len())
        && text.bytes().all(fits)
        && !text.eq_ignore_ascii_case("$Forwarded")
        && !text.eq_ignore_ascii_case("NIL")
}

#[cfg(test)]
mod tests {
    use super::is_keyword;

    #[test]
    fn a_keyword_is_an_atom() {
        assert!(["Offer", "$Label1", "a.b-c_d", "tilbud/2026"].iter().all(|text| is_keyword(text)));
        for text in ["", "two words", "\\Seen", "a)b", "x\r\nA LOGOUT", "møte", "$forwarded", &"k".repeat(101)] {
            assert!(!is_keyword(text), "{text}");
        }
    }
}
