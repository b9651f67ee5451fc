use crate::exit;
use clientele_api::{ApiError, Code};

/// Why the command ends with something other than 0.
#[derive(Debug)]
pub struct Failure {
    pub code: String,
    pub detail: String,
    pub retryable: bool,
    pub exit: u8,
}

impl Failure {
    pub fn usage(detail: impl Into<String>) -> Self {
        Failure { code: "invalid_input".into(), detail: detail.into(), retryable: false, exit: exit::USAGE }
    }

    pub fn not_found(detail: impl Into<String>) -> Self {
        Failure { code: "not_found".into(), detail: detail.into(), retryable: false, exit: exit::NOT_FOUND }
    }

    /// It asks a server, and this process was told not to.
    pub fn offline() -> Self {
        Failure { code: "offline".into(), detail: "--offline".into(), retryable: true, exit: exit::NETWORK }
    }

    pub fn io(error: &std::io::Error) -> Self {
        Failure { code: "file_failed".into(), detail: error.to_string(), retryable: false, exit: exit::FAILED }
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Failure {
            code: code_text(error.code),
            exit: exit::of(error.code),
            retryable: error.retryable,
            detail: error.detail,
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Failure::io(&error)
    }
}

/// The code as it stands in JSON.
pub fn code_text(code: Code) -> String {
    match serde_json::to_value(code) {
        Ok(serde_json::Value::String(text)) => text,
        _ => String::from("internal"),
    }
}
