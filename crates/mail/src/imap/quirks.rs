//! What single providers do otherwise than their capabilities say. Each line has been somebody's lost mail.

/// How a server is to be treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quirks {
    /// Its QRESYNC (RFC 7162) is told to lie: what vanished is compared, not believed.
    pub no_qresync: bool,
    /// Connections that an account may hold at a time. Other devices of the same person count too, so this is about half
    /// of what the provider allows.
    pub connections: u32,
}

/// The strictest of the common servers (Courier) takes four from one address.
const USUAL: Quirks = Quirks { no_qresync: false, connections: 4 };

/// By the end of the host's name.
const TABLE: &[(&str, Quirks)] = &[
    // VANISHED names mails that are there.
    ("mail.me.com", Quirks { no_qresync: true, ..USUAL }),
    ("mail.icloud.com", Quirks { no_qresync: true, ..USUAL }),
    // Fifteen, says the provider.
    ("gmail.com", Quirks { connections: 7, ..USUAL }),
    ("googlemail.com", Quirks { connections: 7, ..USUAL }),
    ("office365.com", Quirks { connections: 8, ..USUAL }),
    ("outlook.com", Quirks { connections: 8, ..USUAL }),
    // Five, and a fourth is refused at times.
    ("mail.yahoo.com", Quirks { connections: 3, ..USUAL }),
    ("aol.com", Quirks { connections: 3, ..USUAL }),
    // A NetEase sign-in is looked at closely; ID (RFC 2971), without which SELECT is refused, goes to every server.
    ("163.com", Quirks { connections: 3, ..USUAL }),
    ("126.com", Quirks { connections: 3, ..USUAL }),
    ("yeah.net", Quirks { connections: 3, ..USUAL }),
    ("qq.com", Quirks { connections: 3, ..USUAL }),
];

/// Of a server, by its name.
pub fn quirks(host: &str) -> Quirks {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let fits = |name: &str| host.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    TABLE.iter().find(|(name, _)| fits(name)).map_or(USUAL, |(_, quirks)| *quirks)
}

#[cfg(test)]
mod tests {
    use super::quirks;

    #[test]
    fn a_provider_is_known_by_the_end_of_its_name_only() {
        assert!(quirks("p03-imap.mail.me.com.").no_qresync);
        assert!(quirks("IMAP.mail.me.com").no_qresync);
        assert!(!quirks("imap.notmail.me.com.example").no_qresync);
        assert_eq!(quirks("imap.notgmail.com").connections, 4);
        assert_eq!(quirks("imap.gmail.com").connections, 7);
    }
}
