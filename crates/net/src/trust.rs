use crate::{Certificate, NetSetup};
use rustls::{
    ClientConfig, DigitallySignedStruct, SignatureScheme,
    client::{
        Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::CryptoProvider,
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject};
use rustls_platform_verifier::Verifier;
use std::sync::{Arc, Mutex, PoisonError};

/// Whom connections trust: the system's authorities, and those that were added. The system's are read when the first
/// connection wants them: that takes longer than all else that a process does which never connects.
pub(crate) struct Trust {
    provider: Arc<CryptoProvider>,
    extra: Vec<CertificateDer<'static>>,
    usual: Mutex<Option<Arc<Verifier>>>,
}

impl Trust {
    pub(crate) fn new(authorities: &[Vec<u8>]) -> Result<Trust, NetSetup> {
        let mut extra = Vec::new();
        for pem in authorities {
            let before = extra.len();
            for certificate in CertificateDer::pem_slice_iter(pem) {
                let certificate = certificate.map_err(|error| NetSetup::ExtraAuthority(error.to_string()))?;
                webpki::anchor_from_trusted_cert(&certificate)
                    .map_err(|error| NetSetup::ExtraAuthority(error.to_string()))?;
                extra.push(certificate);
            }
            if extra.len() == before {
                return Err(NetSetup::ExtraAuthority("no certificate in it".into()));
            }
        }
        // Chosen here rather than by the process's default: another library may have installed a different one.
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        Ok(Trust { provider, extra, usual: Mutex::default() })
    }

    /// Reads the system's certificates, once; where that fails, the next call tries again. Takes some ten milliseconds.
    pub(crate) fn usual(&self) -> Result<Arc<Verifier>, NetSetup> {
        let mut usual = self.usual.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(usual) = &*usual {
            return Ok(usual.clone());
        }
        let verifier = Verifier::new_with_extra_roots(self.extra.iter().cloned(), self.provider.clone())
            .map_err(|error| NetSetup::System(error.to_string()))?;
        Ok(usual.insert(Arc::new(verifier)).clone())
    }

    /// Without resumption: a session resumed is a certificate not looked at, also after its exception was withdrawn.
    pub(crate) fn config(&self, judge: Arc<Judge>) -> Result<ClientConfig, rustls::Error> {
        let mut config = ClientConfig::builder_with_provider(self.provider.clone())
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(judge)
            .with_no_client_auth();
        config.resumption = Resumption::disabled();
        Ok(config)
    }
}

/// The usual check, then the exceptions. That the server holds the certificate's key is checked either way.
#[derive(Debug)]
pub(crate) struct Judge {
    usual: Arc<Verifier>,
    pinned: Vec<[u8; 32]>,
    refused: Mutex<Option<Box<Certificate>>>,
}

impl Judge {
    /// For one connection: the usual check, its exceptions, and a place for what the server showed.
    pub(crate) fn new(usual: Arc<Verifier>, pinned: Vec<[u8; 32]>) -> Arc<Judge> {
        Arc::new(Judge { usual, pinned, refused: Mutex::new(None) })
    }

    /// What the server showed, where it was refused.
    pub(crate) fn refused(&self) -> Option<Box<Certificate>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let judged = self.usual.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        let Err(error) = judged else { return judged };
        let seen = Certificate::of(end_entity);
        if self.pinned.contains(&seen.sha256) {
            return Ok(ServerCertVerified::assertion());
        }
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(seen));
        Err(error)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.usual.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.usual.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.usual.supported_verify_schemes()
    }
}
