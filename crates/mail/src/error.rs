use clientele_model::TokenError;
use clientele_net::{Cause, NetError};

/// Why talking to a mail server failed. Holds the server's words, never an address, a mail's content or a secret.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    #[error("{0}")]
    Net(#[from] NetError),
    /// A POP3 server answered.
    #[error("a POP3 server answered: only IMAP is spoken")]
    Pop3,
    /// Something else than the expected kind of server answered.
    #[error("{0}")]
    NotMail(String),
    #[error("the server offers no STARTTLS")]
    StarttlsMissing,
    #[error("the server refused the user name or password: {0}")]
    SignInRefused(String),
    #[error("the server offers no way of signing in that is spoken here")]
    SignInUnsupported,
    #[error("{0}")]
    Token(#[from] TokenError),
    /// NO or BAD from IMAP, 4xx or 5xx from SMTP; `temporary` where a later try may succeed.
    #[error("the server refused: {text}")]
    Refused { text: String, temporary: bool },
    #[error("the mail is larger than the server takes ({limit} bytes)")]
    TooLarge { limit: u64 },
    /// The connection ended where an answer was due.
    #[error("the server closed the connection")]
    Closed,
    #[error("the server did not answer in time")]
    Timeout,
    /// What came is not the protocol.
    #[error("the server's answer cannot be read: {0}")]
    Protocol(&'static str),
    /// The mail or folder is gone from the server or from the store.
    #[error("the mail or folder is not there any more")]
    Gone,
    #[error("{0}")]
    Store(#[from] clientele_store::StoreError),
    #[error("a task was stopped before it was done")]
    Stopped,
}

impl MailError {
    /// The code that the UI knows: one of the names in `clientele_api::error::Code`, in snake case.
    pub fn code(&self) -> &'static str {
        match self {
            MailError::Net(error) => cause_code(error.cause),
            MailError::Pop3 => "pop3",
            MailError::NotMail(_) | MailError::Protocol(_) => "not_mail",
            MailError::StarttlsMissing => "starttls_missing",
            MailError::SignInRefused(_) => "sign_in_refused",
            MailError::SignInUnsupported => "sign_in_unsupported",
            MailError::Token(TokenError::Unavailable | TokenError::Missing) => "secrets_missing",
            MailError::Token(TokenError::SignInAgain) => "sign_in_again",
            MailError::Token(TokenError::Unreachable(_)) => "offline",
            MailError::Refused { .. } => "server_refused",
            MailError::TooLarge { .. } => "message_too_large",
            MailError::Closed => "connection_closed",
            MailError::Timeout => "timeout",
            MailError::Gone => "not_found",
            MailError::Store(_) | MailError::Stopped => "internal",
        }
    }

    /// Whether the same may succeed later without anybody changing anything.
    pub fn retryable(&self) -> bool {
        match self {
            MailError::Net(error) => !matches!(
                error.cause,
                Cause::CertificateExpired
                    | Cause::CertificateWrongName
                    | Cause::CertificateUnknownIssuer
                    | Cause::CertificateInvalid
                    | Cause::TlsToPlainPort
                    | Cause::PlainToTlsPort
            ),
            MailError::Refused { temporary, .. } => *temporary,
            MailError::Closed | MailError::Timeout | MailError::Protocol(_) | MailError::Stopped => true,
            MailError::Token(TokenError::Unavailable | TokenError::Unreachable(_)) => true,
            _ => false,
        }
    }

    /// Whether the connection it happened on cannot be used any further.
    pub(crate) fn breaks(&self) -> bool {
        matches!(self, MailError::Net(_) | MailError::Closed | MailError::Timeout | MailError::Protocol(_))
    }
}

fn cause_code(cause: Cause) -> &'static str {
    match cause {
        Cause::HostUnknown => "host_unknown",
        Cause::PortRefused => "port_refused",
        Cause::Timeout => "timeout",
        Cause::Offline => "offline",
        Cause::TlsToPlainPort => "tls_to_plain_port",
        Cause::PlainToTlsPort => "plain_to_tls_port",
        Cause::CertificateExpired => "certificate_expired",
        Cause::CertificateWrongName => "certificate_wrong_name",
        Cause::CertificateUnknownIssuer => "certificate_unknown_issuer",
        Cause::CertificateInvalid => "certificate_invalid",
        Cause::TlsFailed => "tls_failed",
        Cause::ConnectionClosed | Cause::Failed => "connection_closed",
    }
}
