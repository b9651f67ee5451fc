//! Certificates made with the `openssl` command: an authority, a good one, and four that a client must refuse.

use super::{Told, WorldError, faults, said};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

/// The test authority and the servers' certificates.
#[derive(Debug, Clone)]
pub struct Authority {
    dir: PathBuf,
}

impl Authority {
    /// Makes all of it in `dir`; what is there already is used again.
    pub fn make(dir: &Path) -> Result<Authority, WorldError> {
        let authority = Authority { dir: dir.to_owned() };
        if dir.join("done").exists() {
            return Ok(authority);
        }
        std::fs::create_dir_all(dir).told("making the folder of certificates")?;
        super::open_to_all(dir)?;
        authority.root("ca", "Clientele test authority")?;
        authority.root("foreign-ca", "An authority nobody trusts")?;
        authority.server("server", "ca", "DNS:localhost,DNS:mail.nordvik.example,IP:127.0.0.1", false)?;
        authority.server("expired", "ca", &format!("DNS:localhost,IP:{}", faults::EXPIRED), true)?;
        authority.server("foreign", "foreign-ca", &format!("DNS:localhost,IP:{}", faults::FOREIGN), false)?;
        authority.server("other-name", "ca", "DNS:elsewhere.example", false)?;
        authority.self_signed("self-signed", &format!("DNS:localhost,IP:{}", faults::SELF_SIGNED))?;
        std::fs::write(dir.join("done"), "").told("finishing the certificates")?;
        Ok(authority)
    }

    /// PEM of a certificate by its name.
    pub fn certificate(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{name}.pem"))
    }

    /// PEM of a certificate's key by its name.
    pub fn key(&self, name: &str) -> PathBuf {
        self.dir.join(format!("{name}.key"))
    }

    /// One more good certificate, for the hosts that `names` says in OpenSSL's words: `DNS:…,DNS:…`.
    pub(super) fn issue(&self, name: &str, names: &str) -> Result<(), WorldError> {
        // The authority counts its certificates in a file.
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let _held = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        if self.certificate(name).exists() { Ok(()) } else { self.server(name, "ca", names, false) }
    }

    fn openssl(&self, args: &[&str]) -> Result<(), WorldError> {
        let mut command = Command::new("openssl");
        // A configuration of the machine must not change what is made here.
        command.current_dir(&self.dir).env("OPENSSL_CONF", self.dir.join("openssl.cnf")).args(args);
        said(&mut command, "openssl").map(drop)
    }

    fn root(&self, name: &str, common_name: &str) -> Result<(), WorldError> {
        let config = "[req]\ndistinguished_name=dn\nx509_extensions=v3\nprompt=no\n[dn]\n[v3]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n";
        std::fs::write(self.dir.join("openssl.cnf"), config).told("writing openssl.cnf")?;
        let subject = format!("/CN={common_name}");
        let (key, certificate) = (format!("{name}.key"), format!("{name}.pem"));
        self.openssl(&[
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "3650",
            "-subj",
            &subject,
            "-keyout",
            &key,
            "-out",
            &certificate,
        ])
    }

    /// What `openssl req -x509` makes of a host's name, and most guides tell people to run.
    fn self_signed(&self, name: &str, names: &str) -> Result<(), WorldError> {
        let config = format!(
            "[req]\ndistinguished_name=dn\nx509_extensions=v3\nprompt=no\n[dn]\n[v3]\nbasicConstraints=critical,CA:TRUE\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\nsubjectAltName={names}\n"
        );
        std::fs::write(self.dir.join("openssl.cnf"), config).told("writing openssl.cnf")?;
        let (key, certificate) = (format!("{name}.key"), format!("{name}.pem"));
        let make = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
        let into = ["-days", "365", "-subj", "/CN=localhost", "-keyout", &key, "-out", &certificate];
        self.openssl(&[&make[..], &into].concat())
    }

    fn server(&self, name: &str, signer: &str, names: &str, expired: bool) -> Result<(), WorldError> {
        let (key, request, certificate) = (format!("{name}.key"), format!("{name}.csr"), format!("{name}.pem"));
        let (ca, ca_key, extensions) = (format!("{signer}.pem"), format!("{signer}.key"), format!("{name}.ext"));
        std::fs::write(
            self.dir.join(&extensions),
            format!("basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=serverAuth\nsubjectAltName={names}\n"),
        )
        .told("writing a certificate's extensions")?;
        self.openssl(&[
            "req",
            "-new",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-subj",
            "/CN=localhost",
            "-keyout",
            &key,
            "-out",
            &request,
        ])?;
        // A life of minus one day: it ran out yesterday.
        let days = if expired { "-1" } else { "825" };
        self.openssl(&[
            "x509",
            "-req",
            "-in",
            &request,
            "-CA",
            &ca,
            "-CAkey",
            &ca_key,
            "-CAcreateserial",
            "-days",
            days,
            "-extfile",
            &extensions,
            "-out",
            &certificate,
        ])
    }
}
