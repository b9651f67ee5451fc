use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Why a command failed. A code exists only where the UI treats it differently; the UI has one table from code to
/// severity, words and what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The name of the server is unknown.
    HostUnknown,
    /// Nothing answers on the port.
    PortRefused,
    /// No answer in time.
    Timeout,
    /// No network at all.
    Offline,
    /// The server speaks plain text on this port: TLS was asked for.
    TlsToPlainPort,
    /// The server speaks TLS on this port: plain or STARTTLS was asked for.
    PlainToTlsPort,
    StarttlsMissing,
    CertificateExpired,
    CertificateWrongName,
    CertificateUnknownIssuer,
    CertificateInvalid,
    TlsFailed,
    /// A POP3 server or port.
    Pop3,
    /// Not an IMAP or SMTP server.
    NotMail,
    /// User name or password wrong.
    SignInRefused,
    /// The server offers no way of signing in that we speak.
    SignInUnsupported,
    /// The provider ended the sign-in, or it was lost: sign in again.
    SignInAgain,
    /// The provider takes no password here at all: only its sign-in in the browser.
    OauthNeeded,
    /// The provider takes no usual password here.
    AppPasswordNeeded,
    ImapDisabled,
    /// Sending by SMTP is switched off for the mailbox or its organisation.
    SmtpAuthDisabled,
    /// The provider thinks it was somebody else, or locked the mailbox: a person signs in in the browser first.
    SignInBlocked,
    TooManyConnections,
    /// The mailbox is full, or a limit for the day is reached.
    QuotaExceeded,
    /// The server cannot serve anybody now; nothing here is wrong.
    ServerUnavailable,
    /// The proxy does not answer, or does not reach the server.
    ProxyFailed,
    /// The proxy wants another user name or password.
    ProxySignIn,
    /// The network answers with a sign-in page of its own.
    CaptivePortal,
    /// This computer's clock is too far off for certificates.
    ClockWrong,
    /// The administrator's policy forbids it.
    PolicyForbids,
    /// The administrator's policy allows no further account.
    AccountLimit,
    /// The sign-in in the browser was ended, or took too long.
    OauthCancelled,
    /// The provider, or the person there, said no.
    OauthDenied,
    OauthFailed,
    /// Less was granted than mail needs.
    OauthScope,
    /// There is no client id for this provider.
    NoOauthClient,
    /// The server hung up.
    ConnectionClosed,
    /// The server said NO or answered 4xx or 5xx to something other than the sign-in.
    ServerRefused,
    RecipientRefused,
    MessageTooLarge,
    /// No keyring, and no choice made yet.
    SecretsMissing,
    /// The sealed file's passphrase is wrong or was not given.
    SecretsLocked,
    AccountExists,
    NotFound,
    /// A folder of this name is there already.
    FolderExists,
    /// This cannot be a folder's name on this server.
    FolderName,
    /// A folder with a purpose of its own is neither renamed nor deleted.
    FolderSpecial,
    /// Changes of its mails must be told to the server before the folder goes.
    FolderWaits,
    /// The server lets this person not do it.
    NotPermitted,
    /// The server keeps no keywords but its own.
    KeywordRefused,
    /// The mail's body is not here and could not be fetched.
    BodyMissing,
    /// A file that can run: ask first.
    DangerousFile,
    /// The person ended it.
    Cancelled,
    FileFailed,
    DiskFull,
    NoRecipient,
    InvalidInput,
    TooLateToUndo,
    /// Nothing to archive on was chosen or suggested.
    NoRecord,
    /// Another process owns the profile and this needs the owner.
    ProfileBusy,
    StoreDamaged,
    /// The data was written by another version of the program.
    StoreVersion,
    /// The sign-in to the CRM is over: sign in again.
    CrmSignInAgain,
    /// A right is missing there; the detail has the CRM's words for it.
    CrmForbidden,
    /// Someone else changed the record meanwhile.
    CrmConflict,
    /// The tenant is suspended, moved or was never there.
    CrmNotRunning,
    CrmRateLimited,
    CrmUnavailable,
    CrmMaintenance,
    CrmTooMany,
    CrmTooLarge,
    /// The CRM did not take it; the detail has its words.
    CrmRefused,
    /// The CRM cannot do that.
    CrmCannot,
    /// Chosen in a CRM that is not the one connected now.
    CrmOther,
    /// The CRM that is connected cannot be opened; nothing is written in its place.
    CrmNotOpen,
    /// The mail is marked private.
    Private,
    CrmFailed,
    Internal,
}

#[derive(Debug, Clone, Serialize, TS, thiserror::Error)]
#[error("{code:?}: {detail}")]
pub struct ApiError {
    pub code: Code,
    /// For the curious and for scripts; never an address, a subject or a secret.
    pub detail: String,
    /// The same call may succeed later.
    pub retryable: bool,
}

impl ApiError {
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        ApiError { code, detail: detail.into(), retryable: false }
    }

    /// The request cannot be understood.
    pub fn invalid(detail: impl Into<String>) -> Self {
        ApiError::new(Code::InvalidInput, detail)
    }

    pub fn internal(detail: impl Into<String>) -> Self {
        ApiError::new(Code::Internal, detail)
    }

    pub fn not_found(what: &str) -> Self {
        ApiError::new(Code::NotFound, what)
    }
}

#[cfg(feature = "engine")]
impl From<clientele_engine::EngineError> for ApiError {
    fn from(error: clientele_engine::EngineError) -> Self {
        ApiError { code: Code::parse(error.code()), retryable: error.retryable(), detail: error.to_string() }
    }
}

#[cfg(feature = "engine")]
impl From<clientele_viewer::ViewerError> for ApiError {
    fn from(error: clientele_viewer::ViewerError) -> Self {
        use clientele_viewer::{MailError, ViewerError};
        let code = match &error {
            ViewerError::Mail(MailError::NotFound) => Code::NotFound,
            ViewerError::Mail(MailError::BodyMissing) => Code::BodyMissing,
            ViewerError::Mail(MailError::Failed(_)) => Code::Internal,
        };
        ApiError { code, retryable: code == Code::BodyMissing, detail: error.to_string() }
    }
}

#[cfg(all(test, feature = "engine"))]
mod tests {
    use super::*;

    /// The rooms below speak of codes as text: one that the wire does not know would be told as "internal".
    #[test]
    fn the_codes_of_the_rooms_below_are_known() {
        let below = [
            "profile_busy",
            "body_missing",
            "dangerous_file",
            "cancelled",
            "no_recipient",
            "account_exists",
            "too_late_to_undo",
            "store_damaged",
            "store_version",
            "disk_full",
            "no_record",
            "crm_failed",
            "crm_sign_in_again",
            "crm_forbidden",
            "crm_conflict",
            "crm_not_running",
            "crm_rate_limited",
            "crm_unavailable",
            "crm_maintenance",
            "crm_too_many",
            "crm_too_large",
            "crm_refused",
            "crm_cannot",
            "crm_other",
            "crm_not_open",
            "private",
            "secrets_locked",
            "file_failed",
            "captive_portal",
            "clock_wrong",
            "policy_forbids",
            "account_limit",
            "oauth_cancelled",
            "oauth_denied",
            "oauth_failed",
            "oauth_scope",
            "no_oauth_client",
            "recipient_refused",
        ];
        let of_mail = clientele_mail::Code::ALL.iter().map(|code| code.as_str()).filter(|text| *text != "internal");
        for text in below.into_iter().chain(of_mail) {
            let code = Code::parse(text);
            assert_ne!(code, Code::Internal, "{text}");
            assert_eq!(serde_json::to_value(code).ok().as_ref().and_then(|value| value.as_str()), Some(text));
        }
        assert_eq!(Code::parse("nonsense"), Code::Internal);
    }
}
