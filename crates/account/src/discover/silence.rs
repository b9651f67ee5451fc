use super::Found;
use clientele_net::{Cause, DnsError, WebError};

/// What a source said.
pub(super) type Said = Result<Found, Silence>;

/// Why a source has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Silence {
    /// It knows nothing of the address.
    Nothing(String),
    /// It could not be asked, or its answer not used.
    Failed(String),
    TimedOut,
}

impl From<DnsError> for Silence {
    fn from(error: DnsError) -> Self {
        match error {
            DnsError::Timeout => Silence::TimedOut,
            other => Silence::Failed(other.to_string()),
        }
    }
}

impl From<WebError> for Silence {
    fn from(error: WebError) -> Self {
        match error {
            WebError::Timeout => Silence::TimedOut,
            WebError::Net(error) => match error.cause {
                Cause::HostUnknown => Silence::Nothing("no such host".into()),
                Cause::PortRefused => Silence::Nothing("no web server there".into()),
                Cause::Timeout => Silence::TimedOut,
                _ => Silence::Failed(error.to_string()),
            },
            other => Silence::Failed(other.to_string()),
        }
    }
}
