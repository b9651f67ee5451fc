//! What refuses, on purpose.

/// On this address the servers show a certificate that ran out, signed by our authority.
pub const EXPIRED: &str = "127.0.0.2";
/// On this address the certificate comes from an authority that nobody trusts.
pub const FOREIGN: &str = "127.0.0.3";
/// On this address the certificate names another host.
pub const OTHER_NAME: &str = "127.0.0.4";
/// On this address the server has signed its certificate itself, as routers and NAS boxes do.
pub const SELF_SIGNED: &str = "127.0.0.5";

/// Recipients that Postfix answers with a fixed code: the address and the answer.
pub const RECIPIENTS: [(&str, &str); 4] = [
    ("nobody@fault.example", "550 5.1.1 No such person here"),
    ("full@fault.example", "552 5.2.2 The mailbox is full"),
    ("later@fault.example", "451 4.3.0 Try again later"),
    ("closing@fault.example", "421 4.3.2 The service is closing"),
];

/// On these addresses Dovecot keeps silent about what it could do: the address, and what is left out. All it knows is in
/// [`CAPABILITIES`].
pub const POORER: [(&str, &[&str]); 8] = [
    ("127.0.0.11", &["LIST-STATUS"]),
    ("127.0.0.12", &["QRESYNC"]),
    ("127.0.0.13", &["QRESYNC", "CONDSTORE"]),
    ("127.0.0.14", &["NOTIFY"]),
    ("127.0.0.15", &["MOVE", "ESEARCH", "LITERAL+"]),
    ("127.0.0.16", &["MOVE", "UIDPLUS"]),
    ("127.0.0.17", &["SPECIAL-USE", "LIST-EXTENDED", "LIST-STATUS", "NAMESPACE"]),
    ("127.0.0.18", CAPABILITIES),
];

/// Where Dovecot takes no more than two connections of one person.
pub const TWO_CONNECTIONS: &str = "127.0.0.19";

/// What Dovecot 2.3 offers to who has signed in, beside IMAP4rev1.
pub const CAPABILITIES: &[&str] = &[
    "LITERAL+",
    "SASL-IR",
    "LOGIN-REFERRALS",
    "ID",
    "ENABLE",
    "IDLE",
    "SORT",
    "SORT=DISPLAY",
    "THREAD=REFERENCES",
    "THREAD=REFS",
    "THREAD=ORDEREDSUBJECT",
    "MULTIAPPEND",
    "URL-PARTIAL",
    "CATENATE",
    "UNSELECT",
    "CHILDREN",
    "NAMESPACE",
    "UIDPLUS",
    "LIST-EXTENDED",
    "I18NLEVEL=1",
    "CONDSTORE",
    "QRESYNC",
    "ESEARCH",
    "ESORT",
    "SEARCHRES",
    "WITHIN",
    "CONTEXT=SEARCH",
    "LIST-STATUS",
    "NOTIFY",
    "BINARY",
    "MOVE",
    "SNIPPET=FUZZY",
    "PREVIEW=FUZZY",
    "PREVIEW",
    "STATUS=SIZE",
    "SAVEDATE",
    "SPECIAL-USE",
    "COMPRESS=DEFLATE",
];
