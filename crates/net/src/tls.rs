use crate::{NetError, Stage};
use rustls::ClientConfig;
use rustls_pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls_platform_verifier::Verifier;
use std::{io, sync::Arc};

/// Why TLS could not be set up on this computer.
#[derive(Debug, thiserror::Error)]
pub enum NetSetup {
    #[error("the extra authority's file holds no certificate that can be read: {0}")]
    ExtraAuthority(String),
    #[error("the system's certificates cannot be used: {0}")]
    System(String),
}

/// The client's side of TLS: the system's trust, and optionally one more authority. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Net(Arc<ClientConfig>);

impl Net {
    /// Trusts what the operating system trusts; `extra_ca`, PEM, is trusted as well. Reads the system's certificates.
    pub fn new(extra_ca: Option<&[u8]>) -> Result<Net, NetSetup> {
        let mut extra = Vec::new();
        if let Some(pem) = extra_ca {
            for certificate in CertificateDer::pem_slice_iter(pem) {
                extra.push(certificate.map_err(|error| NetSetup::ExtraAuthority(error.to_string()))?);
            }
            if extra.is_empty() {
                return Err(NetSetup::ExtraAuthority("no certificate in it".into()));
            }
        }
        // Chosen here rather than by the process's default: another library may have installed a different one.
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let system = |error: rustls::Error| NetSetup::System(error.to_string());
        let verifier = Verifier::new_with_extra_roots(extra, provider.clone()).map_err(system)?;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(system)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Ok(Net(Arc::new(config)))
    }

    pub(crate) fn config(&self) -> Arc<ClientConfig> {
        self.0.clone()
    }

    pub(crate) fn server_name(host: &str) -> Result<ServerName<'static>, NetError> {
        ServerName::try_from(host.to_owned()).map_err(|_| {
            let error = io::Error::new(io::ErrorKind::InvalidInput, "not a server name");
            NetError::from_io(Stage::Tls, &error)
        })
    }
}
