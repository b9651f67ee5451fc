use crate::{Code, answers};
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
    /// Whether it was the user name and password, or something else: see [`MailError::kind`].
    #[error("the server refused the sign-in: {0}")]
    SignInRefused(String),
    #[error("the server offers no way of signing in that is spoken here")]
    SignInUnsupported,
    /// The server let us in and could not prove that it knows the password: it is not the one that it says.
    #[error("the server did not prove that it knows the password")]
    Unproven,
    #[error("{0}")]
    Token(#[from] TokenError),
    /// NO or BAD from IMAP, 4xx or 5xx from SMTP; `temporary` where a later try may succeed.
    #[error("the server refused: {text}")]
    Refused { text: String, temporary: bool },
    /// What was asked of a folder cannot be; the code says why.
    #[error("{detail}")]
    Unfit { code: Code, detail: &'static str },
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
    /// What a person would do something about; for refusals that is read from the server's words.
    pub fn kind(&self) -> Code {
        match self {
            MailError::Net(error) => cause_code(error.cause),
            MailError::Pop3 => Code::Pop3,
            MailError::NotMail(_) | MailError::Protocol(_) | MailError::Unproven => Code::NotMail,
            MailError::StarttlsMissing => Code::StarttlsMissing,
            MailError::SignInRefused(text) => answers::of_sign_in(text).unwrap_or(Code::SignInRefused),
            MailError::SignInUnsupported => Code::SignInUnsupported,
            MailError::Token(TokenError::Unavailable | TokenError::Missing) => Code::SecretsMissing,
            MailError::Token(TokenError::SignInAgain) => Code::SignInAgain,
            MailError::Token(TokenError::Unreachable(_)) => Code::Offline,
            MailError::Refused { text, temporary } => answers::of_refusal(text).unwrap_or(match temporary {
                true => Code::ServerUnavailable,
                false => Code::ServerRefused,
            }),
            MailError::Unfit { code, .. } => *code,
            MailError::TooLarge { .. } => Code::MessageTooLarge,
            MailError::Closed => Code::ConnectionClosed,
            MailError::Timeout => Code::Timeout,
            MailError::Gone => Code::NotFound,
            MailError::Store(_) | MailError::Stopped => Code::Internal,
        }
    }

    /// [`MailError::kind`] as the wire names it.
    pub fn code(&self) -> &'static str {
        self.kind().as_str()
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
                    | Cause::ProxySignIn
            ),
            MailError::Refused { temporary, .. } => *temporary,
            MailError::SignInRefused(_) => self.kind().passing(),
            MailError::Closed | MailError::Timeout | MailError::Protocol(_) | MailError::Stopped => true,
            MailError::Token(TokenError::Unavailable | TokenError::Unreachable(_)) => true,
            _ => false,
        }
    }

    /// Whether the connection it happened on cannot be used any further.
    pub(crate) fn breaks(&self) -> bool {
        matches!(
            self,
            MailError::Net(_) | MailError::Closed | MailError::Timeout | MailError::Protocol(_) | MailError::Unproven
        )
    }
}

fn cause_code(cause: Cause) -> Code {
    match cause {
        Cause::HostUnknown => Code::HostUnknown,
        Cause::PortRefused => Code::PortRefused,
        Cause::Timeout => Code::Timeout,
        Cause::Offline => Code::Offline,
        Cause::TlsToPlainPort => Code::TlsToPlainPort,
        Cause::PlainToTlsPort => Code::PlainToTlsPort,
        Cause::CertificateExpired => Code::CertificateExpired,
        Cause::CertificateWrongName => Code::CertificateWrongName,
        Cause::CertificateUnknownIssuer => Code::CertificateUnknownIssuer,
        Cause::CertificateInvalid => Code::CertificateInvalid,
        Cause::TlsFailed => Code::TlsFailed,
        Cause::ProxyFailed => Code::ProxyFailed,
        Cause::ProxySignIn => Code::ProxySignIn,
        Cause::ConnectionClosed | Cause::Failed => Code::ConnectionClosed,
    }
}
