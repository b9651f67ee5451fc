//! A file sealed with a passphrase: argon2id makes the key, XChaCha20-Poly1305 seals a JSON object of secrets.
//! Layout: magic (6), salt (16), nonce (24), sealed bytes. The magic and the salt are authenticated too.

use crate::AuthError;
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use clientele_model::Secret;
use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

const MAGIC: &[u8; 6] = b"CLTS1\n";
const SALT: usize = 16;
const NONCE: usize = 24;

type Key = Zeroizing<[u8; 32]>;

pub(crate) struct Sealed {
    path: PathBuf,
    salt: [u8; SALT],
    key: Key,
    secrets: BTreeMap<String, Zeroizing<String>>,
}

impl Sealed {
    /// Opens the file, or makes an empty one where there is none. Slow by design: about a tenth of a second.
    pub(crate) fn open(path: &Path, passphrase: &Secret) -> Result<Sealed, AuthError> {
        match fs::read(path) {
            Ok(bytes) => Sealed::unseal(path, passphrase, &bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let salt: [u8; SALT] = rand::random();
                let key = derive(passphrase, &salt)?;
                let sealed = Sealed { path: path.to_owned(), salt, key, secrets: BTreeMap::new() };
                sealed.write()?;
                Ok(sealed)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn unseal(path: &Path, passphrase: &Secret, bytes: &[u8]) -> Result<Sealed, AuthError> {
        let head = MAGIC.len() + SALT;
        if bytes.len() < head + NONCE || !bytes.starts_with(MAGIC) {
            return Err(AuthError::Damaged);
        }
        let salt: [u8; SALT] = bytes[MAGIC.len()..head].try_into().map_err(|_| AuthError::Damaged)?;
        let key = derive(passphrase, &salt)?;
        let cipher = XChaCha20Poly1305::new(key.as_ref().into());
        let nonce = XNonce::from_slice(&bytes[head..head + NONCE]);
        let payload = Payload { msg: &bytes[head + NONCE..], aad: &bytes[..head] };
        let plain = Zeroizing::new(cipher.decrypt(nonce, payload).map_err(|_| AuthError::WrongPassphrase)?);
        let secrets: BTreeMap<String, String> = serde_json::from_slice(&plain).map_err(|_| AuthError::Damaged)?;
        let secrets = secrets.into_iter().map(|(name, text)| (name, Zeroizing::new(text))).collect();
        Ok(Sealed { path: path.to_owned(), salt, key, secrets })
    }

    pub(crate) fn get(&self, name: &str) -> Option<Secret> {
        self.secrets.get(name).map(|text| Secret::new(text.as_str()))
    }

    pub(crate) fn set(&mut self, name: String, secret: &Secret) -> Result<(), AuthError> {
        let before = self.secrets.insert(name.clone(), Zeroizing::new(secret.expose().to_owned()));
        let written = self.write();
        if written.is_err() {
            // What is said to be kept is what is on the disk.
            match before {
                Some(text) => self.secrets.insert(name, text),
                None => self.secrets.remove(&name),
            };
        }
        written
    }

    pub(crate) fn delete(&mut self, name: &str) -> Result<(), AuthError> {
        if self.secrets.remove(name).is_some() { self.write() } else { Ok(()) }
    }

    /// Replaces the file as a whole, so that a crash leaves the old one or the new one.
    fn write(&self) -> Result<(), AuthError> {
        let plain: BTreeMap<&str, &str> =
            self.secrets.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let plain = Zeroizing::new(serde_json::to_vec(&plain).map_err(|_| AuthError::Damaged)?);
        let mut bytes = [MAGIC.as_slice(), &self.salt].concat();
        let nonce: [u8; NONCE] = rand::random();
        let cipher = XChaCha20Poly1305::new(self.key.as_ref().into());
        let payload = Payload { msg: &plain, aad: &bytes };
        let sealed = cipher.encrypt(XNonce::from_slice(&nonce), payload).map_err(|_| AuthError::Damaged)?;
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&sealed);

        let fresh = self.path.with_extension("sealed.new");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&fresh)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        drop(file);
        fs::rename(&fresh, &self.path)?;
        // A rename is lasting once its folder is written; Windows has no such call and does not need it.
        if cfg!(unix)
            && let Some(folder) = self.path.parent()
        {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }
}

/// argon2id as RFC 9106 section 4 recommends for memory-constrained surroundings: 64 MiB, three passes, four lanes.
fn derive(passphrase: &Secret, salt: &[u8]) -> Result<Key, AuthError> {
    let mut key = Key::default();
    let params = Params::new(64 * 1024, 3, 4, Some(32)).map_err(|_| AuthError::Damaged)?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.expose().as_bytes(), salt, key.as_mut())
        .map_err(|_| AuthError::Damaged)?;
    Ok(key)
}
