use clientele_mail::MailError;
use clientele_model::TokenError;
use clientele_net::Cause;

/// Why one side of a mailbox could not be connected. The names in snake case are those of the wire's codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    HostUnknown,
    PortRefused,
    Timeout,
    Offline,
    TlsToPlainPort,
    PlainToTlsPort,
    StarttlsMissing,
    CertificateExpired,
    CertificateWrongName,
    CertificateUnknownIssuer,
    CertificateInvalid,
    TlsFailed,
    Pop3,
    NotMail,
    SignInRefused,
    SignInUnsupported,
    SignInAgain,
    ConnectionClosed,
    ServerRefused,
    SecretsMissing,
    InvalidInput,
    Internal,
}

impl Code {
    pub fn as_str(self) -> &'static str {
        match self {
            Code::HostUnknown => "host_unknown",
            Code::PortRefused => "port_refused",
            Code::Timeout => "timeout",
            Code::Offline => "offline",
            Code::TlsToPlainPort => "tls_to_plain_port",
            Code::PlainToTlsPort => "plain_to_tls_port",
            Code::StarttlsMissing => "starttls_missing",
            Code::CertificateExpired => "certificate_expired",
            Code::CertificateWrongName => "certificate_wrong_name",
            Code::CertificateUnknownIssuer => "certificate_unknown_issuer",
            Code::CertificateInvalid => "certificate_invalid",
            Code::TlsFailed => "tls_failed",
            Code::Pop3 => "pop3",
            Code::NotMail => "not_mail",
            Code::SignInRefused => "sign_in_refused",
            Code::SignInUnsupported => "sign_in_unsupported",
            Code::SignInAgain => "sign_in_again",
            Code::ConnectionClosed => "connection_closed",
            Code::ServerRefused => "server_refused",
            Code::SecretsMissing => "secrets_missing",
            Code::InvalidInput => "invalid_input",
            Code::Internal => "internal",
        }
    }

    pub(crate) fn of(error: &MailError) -> Code {
        match error {
            MailError::Net(error) => match error.cause {
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
                Cause::ConnectionClosed | Cause::ProxyFailed | Cause::ProxySignIn | Cause::Failed => {
                    Code::ConnectionClosed
                }
            },
            MailError::Pop3 => Code::Pop3,
            MailError::NotMail(_) | MailError::Protocol(_) => Code::NotMail,
            MailError::StarttlsMissing => Code::StarttlsMissing,
            MailError::SignInRefused(_) => Code::SignInRefused,
            MailError::SignInUnsupported => Code::SignInUnsupported,
            MailError::Token(TokenError::Unavailable | TokenError::Missing) => Code::SecretsMissing,
            MailError::Token(TokenError::SignInAgain) => Code::SignInAgain,
            MailError::Token(TokenError::Unreachable(_)) => Code::Offline,
            MailError::Refused { .. } | MailError::TooLarge { .. } | MailError::Gone => Code::ServerRefused,
            MailError::Closed => Code::ConnectionClosed,
            MailError::Timeout => Code::Timeout,
            MailError::Store(_) | MailError::Stopped => Code::Internal,
        }
    }

    /// Whether other settings for the same server may do better.
    pub(crate) fn other_settings_may_help(self) -> bool {
        matches!(
            self,
            Code::PortRefused
                | Code::Timeout
                | Code::TlsToPlainPort
                | Code::PlainToTlsPort
                | Code::StarttlsMissing
                | Code::TlsFailed
                | Code::Pop3
                | Code::NotMail
                | Code::ConnectionClosed
        )
    }
}
