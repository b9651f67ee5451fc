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
