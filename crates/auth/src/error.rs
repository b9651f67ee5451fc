/// Why a secret could not be kept, read or removed. Never holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// No keyring, and no choice between memory and a sealed file made yet.
    #[error("there is no keyring, and no other place for secrets was chosen")]
    Missing,
    /// There is a sealed file, and its passphrase was not given.
    #[error("the sealed file of secrets is locked")]
    Locked,
    #[error("the passphrase does not open the sealed file of secrets")]
    WrongPassphrase,
    /// What is kept cannot be made sense of: the sealed file, or an entry of the keyring.
    #[error("what is kept of the secrets is damaged")]
    Damaged,
    /// The keyring answered with an error, or not in time.
    #[error("the keyring cannot be used: {0}")]
    Keyring(String),
    #[error("the sealed file of secrets cannot be written or read: {0}")]
    File(#[from] std::io::Error),
}
