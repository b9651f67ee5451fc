use clientele_auth::{AuthError, OAuthError};
use clientele_crm::CrmError;
use clientele_mail::MailError;
use clientele_message::MessageError;
use clientele_net::NetSetup;
use clientele_store::StoreError;

/// Why a use case failed. Never holds an address, a subject or a secret.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error("another process owns the profile")]
    ProfileBusy,
    #[error("not found")]
    NotFound,
    /// The body is not here, and the server could not be asked.
    #[error("the body is not here")]
    BodyMissing,
    #[error("a file that can run when opened")]
    DangerousFile,
    /// The person ended it.
    #[error("cancelled")]
    Cancelled,
    #[error("no recipient")]
    NoRecipient,
    #[error("{0}")]
    Invalid(String),
    /// A side of a mailbox did not stand the try-out; `code` as on the wire.
    #[error("{detail}")]
    Refused { code: String, detail: String },
    /// By the administrator's policy.
    #[error("{0}")]
    Forbidden(String),
    #[error("the administrator allows no further account")]
    AccountLimit,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Crm(#[from] CrmError),
    #[error(transparent)]
    Mail(#[from] MailError),
    #[error(transparent)]
    Message(#[from] MessageError),
    #[error(transparent)]
    Auth(#[from] AuthError),
    #[error(transparent)]
    OAuth(#[from] OAuthError),
    #[error(transparent)]
    Net(#[from] NetSetup),
    #[error("file: {0}")]
    Io(#[from] std::io::Error),
    #[error("{0}")]
    Internal(&'static str),
}

impl EngineError {
    /// The code on the wire: one of `clientele_api::Code` in snake case. Also kept with accounts, outbox and archive.
    pub fn code(&self) -> &str {
        match self {
            EngineError::ProfileBusy => "profile_busy",
            EngineError::NotFound => "not_found",
            EngineError::BodyMissing => "body_missing",
            EngineError::DangerousFile => "dangerous_file",
            EngineError::Cancelled => "cancelled",
            EngineError::NoRecipient | EngineError::Message(MessageError::NoRecipient) => "no_recipient",
            EngineError::Invalid(_) | EngineError::Message(MessageError::BadAddress(_)) | EngineError::Net(_) => {
                "invalid_input"
            }
            EngineError::Refused { code, .. } => code,
            EngineError::Forbidden(_) => "policy_forbids",
            EngineError::AccountLimit => "account_limit",
            EngineError::OAuth(error) => oauth_code(error),
            EngineError::Store(error) => store_code(error),
            EngineError::Crm(error) => crm_code(error),
            EngineError::Mail(MailError::Store(error)) => store_code(error),
            EngineError::Mail(error) => error.code(),
            EngineError::Auth(error) => auth_code(error),
            EngineError::Io(error) => io_code(error),
            EngineError::Message(_) | EngineError::Internal(_) => "internal",
        }
    }

    /// The same call may succeed later without anybody changing anything.
    pub fn retryable(&self) -> bool {
        match self {
            EngineError::ProfileBusy => true,
            EngineError::Mail(error) => error.retryable(),
            EngineError::Refused { code, .. } => {
                matches!(
                    code.as_str(),
                    "timeout"
                        | "offline"
                        | "port_refused"
                        | "connection_closed"
                        | "host_unknown"
                        | "proxy_failed"
                        | "server_unavailable"
                        | "too_many_connections"
                )
            }
            EngineError::Crm(CrmError::SignInAgain) => false,
            EngineError::Crm(error) => error.again_in(0).is_some(),
            EngineError::Auth(AuthError::Keyring(_)) | EngineError::OAuth(OAuthError::Unreachable(_)) => true,
            _ => false,
        }
    }
}

fn store_code(error: &StoreError) -> &'static str {
    match error {
        StoreError::NotFound | StoreError::FolderMissing(_) => "not_found",
        StoreError::AccountExists => "account_exists",
        StoreError::TooLateToUndo => "too_late_to_undo",
        StoreError::LocalDamaged { .. } => "store_damaged",
        StoreError::Version { .. } => "store_version",
        StoreError::DiskFull => "disk_full",
        StoreError::Private => "private",
        StoreError::OtherCrm => "crm_other",
        StoreError::Io(error) => io_code(error),
        StoreError::WrongState | StoreError::Database(_) | StoreError::Json(_) => "internal",
    }
}

fn crm_code(error: &CrmError) -> &'static str {
    match error {
        CrmError::Store(error) => store_code(error),
        CrmError::Io(error) => io_code(error),
        error => error.code(),
    }
}

fn auth_code(error: &AuthError) -> &'static str {
    match error {
        AuthError::Missing => "secrets_missing",
        AuthError::Locked | AuthError::WrongPassphrase => "secrets_locked",
        AuthError::Damaged | AuthError::Keyring(_) => "secrets_missing",
        AuthError::File(error) => io_code(error),
    }
}

fn oauth_code(error: &OAuthError) -> &'static str {
    match error {
        OAuthError::NoClient => "no_oauth_client",
        OAuthError::Cancelled | OAuthError::TimedOut => "oauth_cancelled",
        OAuthError::Denied(_) => "oauth_denied",
        OAuthError::ScopeMissing(_) => "oauth_scope",
        OAuthError::WrongState
        | OAuthError::Provider { .. }
        | OAuthError::Unreachable(_)
        | OAuthError::NoRefreshToken
        | OAuthError::Port => "oauth_failed",
        OAuthError::Secrets(error) => auth_code(error),
    }
}

fn io_code(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => "disk_full",
        std::io::ErrorKind::NotFound => "not_found",
        _ => "file_failed",
    }
}
