//! Against a real Secret Service. Each test runs itself again inside a D-Bus session of its own, so that a person's
//! keyring is never touched.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use clientele_auth::{Kind, Purpose, SecretStore, SecretsConfig};
use clientele_model::Secret;
use std::process::{Command, Output};

/// Runs one of the ignored tests below as `sh -c SETUP && test`, in a fresh session and home.
fn in_session(setup: &str, test: &str) -> Output {
    let home = tempfile::tempdir().unwrap();
    let script = format!("{setup} exec \"$0\" --ignored --exact {test}");
    let output = Command::new("dbus-run-session")
        .args(["--", "sh", "-c", &script])
        .arg(std::env::current_exe().unwrap())
        .env("HOME", home.path())
        .env("XDG_RUNTIME_DIR", home.path())
        .env("XDG_DATA_HOME", home.path())
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output();
    output.expect("dbus-run-session is installed")
}

fn passed(output: &Output) {
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn an_unlocked_keyring_keeps_secrets() {
    let unlock = "printf secret | gnome-keyring-daemon --unlock --components=secrets --daemonize > /dev/null &&";
    passed(&in_session(unlock, "within_an_unlocked_keyring"));
}

#[test]
fn a_keyring_without_a_collection_is_none() {
    passed(&in_session("", "within_an_empty_keyring"));
}

#[test]
fn no_session_is_no_keyring() {
    passed(&in_session("DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent;", "within_an_empty_keyring"));
}

#[tokio::test]
#[ignore = "run by the tests above, in a session of its own"]
async fn within_an_unlocked_keyring() {
    let folder = tempfile::tempdir().unwrap();
    let store = SecretStore::open(SecretsConfig::new(folder.path())).await.unwrap();
    assert_eq!((store.kind(), store.complaint()), (Kind::Keyring, None));
    assert!(store.get("ada", Purpose::Incoming).await.unwrap().is_none());
    store.set("ada", Purpose::Incoming, Secret::new("räksmörgås")).await.unwrap();
    let again = SecretStore::open(SecretsConfig::new(folder.path())).await.unwrap();
    assert_eq!(again.get("ada", Purpose::Incoming).await.unwrap().unwrap().expose(), "räksmörgås");
    assert!(again.get("ada", Purpose::Outgoing).await.unwrap().is_none(), "each purpose has a name of its own");
    // As long as a refresh token can be, and then a short one in its place.
    for length in [1900, 5000, 20] {
        let long = Secret::new("ß".repeat(length));
        store.set("ada", Purpose::Refresh, long.clone()).await.unwrap();
        assert!(again.get("ada", Purpose::Refresh).await.unwrap() == Some(long), "{length}");
    }
    again.delete("ada", Purpose::Refresh).await.unwrap();
    again.delete("ada", Purpose::Incoming).await.unwrap();
    again.delete("ada", Purpose::Incoming).await.unwrap();
    assert!(store.get("ada", Purpose::Incoming).await.unwrap().is_none());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing beside the keyring");
}

#[tokio::test]
#[ignore = "run by the tests above, in a session of its own"]
async fn within_an_empty_keyring() {
    let folder = tempfile::tempdir().unwrap();
    let store = SecretStore::open(SecretsConfig::new(folder.path())).await.unwrap();
    assert_eq!(store.kind(), Kind::Missing);
    assert!(store.complaint().is_some());
}
