#![allow(clippy::unwrap_used)]
use crate::{AuthError, Kind, Purpose, SecretStore, SecretsConfig};
use clientele_model::{Secret, TokenError};

fn sealed(folder: &std::path::Path, passphrase: &str) -> SecretsConfig {
    SecretsConfig { passphrase: Some(Secret::new(passphrase)), keyring: false, ..SecretsConfig::new(folder) }
}

#[tokio::test]
async fn a_sealed_file_keeps_secrets_and_nothing_readable() {
    let folder = tempfile::tempdir().unwrap();
    let store = SecretStore::open(sealed(folder.path(), "open sesame")).await.unwrap();
    store.set("ada", Purpose::Incoming, Secret::new("hunter2-räksmörgås")).await.unwrap();
    let bytes = std::fs::read(folder.path().join("secrets.sealed")).unwrap();
    assert!(!bytes.windows(7).any(|part| part == b"hunter2"), "the secret stands in the file");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(folder.path().join("secrets.sealed")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    let again = SecretStore::open(sealed(folder.path(), "open sesame")).await.unwrap();
    let kept = again.get("ada", Purpose::Incoming).await.unwrap().unwrap();
    assert_eq!(kept.expose(), "hunter2-räksmörgås");
    let outgoing = again.token_source("ada", Purpose::Outgoing).credential().await.unwrap();
    assert_eq!(outgoing, clientele_model::Credential::password("hunter2-räksmörgås"), "one password serves both ways");
    again.delete("ada", Purpose::Incoming).await.unwrap();
    let missing = again.token_source("ada", Purpose::Incoming).credential().await;
    assert!(matches!(missing, Err(TokenError::Missing)));
}

#[tokio::test]
async fn a_wrong_passphrase_or_a_changed_byte_opens_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = SecretStore::open(sealed(folder.path(), "right")).await.unwrap();
    store.set("ada", Purpose::Incoming, Secret::new("pw")).await.unwrap();
    assert!(matches!(SecretStore::open(sealed(folder.path(), "wrong")).await, Err(AuthError::WrongPassphrase)));

    let locked = SecretStore::open(SecretsConfig::new(folder.path())).await.unwrap();
    assert_eq!(locked.kind(), Kind::Locked);
    assert!(matches!(locked.get("ada", Purpose::Incoming).await, Err(AuthError::Locked)));
    locked.use_sealed(Secret::new("right")).await.unwrap();
    assert_eq!(locked.get("ada", Purpose::Incoming).await.unwrap().unwrap().expose(), "pw");

    let path = folder.path().join("secrets.sealed");
    let mut bytes = std::fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&path, bytes).unwrap();
    assert!(SecretStore::open(sealed(folder.path(), "right")).await.is_err());
}

#[tokio::test]
async fn without_a_keyring_a_person_chooses_and_memory_moves_into_the_sealed_file() {
    let folder = tempfile::tempdir().unwrap();
    let config = SecretsConfig { keyring: false, ..SecretsConfig::new(folder.path()) };
    let store = SecretStore::open(config).await.unwrap();
    assert_eq!(store.kind(), Kind::Missing);
    let refused = store.set("ada", Purpose::Incoming, Secret::new("pw")).await;
    assert!(matches!(refused, Err(AuthError::Missing)));
    store.use_memory();
    store.set("ada", Purpose::Incoming, Secret::new("pw")).await.unwrap();
    assert!(!folder.path().join("secrets.sealed").exists(), "memory leaves nothing on the disk");
    store.use_sealed(Secret::new("phrase")).await.unwrap();
    assert_eq!(store.kind(), Kind::Sealed);
    assert_eq!(store.get("ada", Purpose::Incoming).await.unwrap().unwrap().expose(), "pw");
}
