//! From an error's code to the exit code a script sees. Documented in `clientele --help`.

use clientele_api::Code;

pub const DONE: u8 = 0;
pub const FAILED: u8 = 1;
pub const USAGE: u8 = 2;
pub const NOT_FOUND: u8 = 3;
pub const SIGN_IN: u8 = 4;
pub const NETWORK: u8 = 5;
pub const PROFILE_BUSY: u8 = 6;
/// Done in part, queued for later, or held for a person to decide.
pub const PARTLY: u8 = 7;

pub fn of(code: Code) -> u8 {
    match code {
        Code::InvalidInput | Code::NoRecipient | Code::FolderName => USAGE,
        Code::NotFound | Code::BodyMissing | Code::NoRecord => NOT_FOUND,
        Code::SignInRefused
        | Code::SignInUnsupported
        | Code::SignInAgain
        | Code::CrmSignInAgain
        | Code::OauthNeeded
        | Code::AppPasswordNeeded
        | Code::ImapDisabled
        | Code::SmtpAuthDisabled
        | Code::SignInBlocked
        | Code::OauthCancelled
        | Code::OauthDenied
        | Code::OauthFailed
        | Code::OauthScope
        | Code::NoOauthClient
        | Code::SecretsMissing
        | Code::SecretsLocked => SIGN_IN,
        Code::HostUnknown
        | Code::PortRefused
        | Code::Timeout
        | Code::Offline
        | Code::TlsToPlainPort
        | Code::PlainToTlsPort
        | Code::StarttlsMissing
        | Code::CertificateExpired
        | Code::CertificateWrongName
        | Code::CertificateUnknownIssuer
        | Code::CertificateInvalid
        | Code::TlsFailed
        | Code::Pop3
        | Code::NotMail
        | Code::ConnectionClosed
        | Code::TooManyConnections
        | Code::ServerUnavailable
        | Code::ProxyFailed
        | Code::ProxySignIn
        | Code::CaptivePortal
        | Code::ClockWrong
        | Code::CrmRateLimited
        | Code::CrmUnavailable
        | Code::CrmMaintenance
        | Code::ServerRefused => NETWORK,
        Code::ProfileBusy => PROFILE_BUSY,
        Code::RecipientRefused
        | Code::MessageTooLarge
        | Code::AccountExists
        | Code::AccountLimit
        | Code::PolicyForbids
        | Code::QuotaExceeded
        | Code::DangerousFile
        | Code::Cancelled
        | Code::FileFailed
        | Code::DiskFull
        | Code::TooLateToUndo
        | Code::FolderExists
        | Code::FolderSpecial
        | Code::FolderWaits
        | Code::NotPermitted
        | Code::KeywordRefused
        | Code::StoreDamaged
        | Code::StoreVersion
        | Code::CrmForbidden
        | Code::CrmConflict
        | Code::CrmNotRunning
        | Code::CrmTooMany
        | Code::CrmTooLarge
        | Code::CrmRefused
        | Code::CrmCannot
        | Code::CrmOther
        | Code::CrmNotOpen
        | Code::Private
        | Code::CrmFailed
        | Code::Internal => FAILED,
    }
}

/// For codes that arrive as text inside a view.
pub fn of_text(code: &str) -> u8 {
    of(Code::parse(code))
}
