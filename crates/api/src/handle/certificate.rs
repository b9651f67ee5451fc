//! Certificates accepted by hand.

use super::Result;
use crate::{Api, ApiError, view::*};
use clientele_engine as engine;
use clientele_store::TrustedCertificate;

pub async fn certificate_list(api: &Api, _request: Empty) -> Result<Vec<CertificateException>> {
    let view = |one: TrustedCertificate| CertificateException {
        sha256: fingerprint(&one.sha256),
        host: one.host,
        port: one.port,
    };
    Ok(api.engine().certificates().await?.into_iter().map(view).collect())
}

pub async fn certificate_trust(api: &Api, request: CertificateException) -> Result<Empty> {
    api.engine().certificate_trust(exception(request)?).await?;
    Ok(Empty {})
}

pub async fn certificate_forget(api: &Api, request: CertificateException) -> Result<Empty> {
    api.engine().certificate_forget(exception(request)?).await?;
    Ok(Empty {})
}

pub(super) fn view(certificate: engine::Certificate, may_trust: bool) -> CertificateView {
    CertificateView {
        sha256: fingerprint(&certificate.sha256),
        subject: certificate.subject,
        issuer: certificate.issuer,
        names: certificate.names,
        not_before: certificate.not_before,
        not_after: certificate.not_after,
        may_trust,
    }
}

/// `AB:CD:…`
fn fingerprint(sha256: &[u8; 32]) -> String {
    let pairs: Vec<String> = sha256.iter().map(|byte| format!("{byte:02X}")).collect();
    pairs.join(":")
}

/// Also in lower case, and without colons.
fn exception(request: CertificateException) -> Result<TrustedCertificate> {
    let wrong = || ApiError::invalid("a fingerprint is 64 hexadecimal digits, SHA-256");
    let digits: String = request.sha256.chars().filter(|letter| !matches!(letter, ':' | ' ')).collect();
    if digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(wrong());
    }
    let mut sha256 = [0; 32];
    for (place, byte) in sha256.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[2 * place..2 * place + 2], 16).map_err(|_| wrong())?;
    }
    Ok(TrustedCertificate { host: request.host.trim().to_lowercase(), port: request.port, sha256 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_read_as_people_copy_it() {
        let shown = fingerprint(&[0xab; 32]);
        assert!(shown.starts_with("AB:AB:") && shown.len() == 95);
        let read = |text: &str| {
            exception(CertificateException { host: " Mail.Example ".into(), port: 993, sha256: text.into() })
        };
        let one = read(&shown.to_lowercase()).expect("lower case");
        assert_eq!((one.host.as_str(), one.sha256), ("mail.example", [0xab; 32]));
        assert!(read(&shown.replace(':', "")).is_ok());
        assert!(read(&shown[1..]).is_err() && read("+1").is_err() && read(&"+1".repeat(32)).is_err());
    }
}
