use rustls_pki_types::CertificateDer;
use sha2::{Digest, Sha256};
use x509_parser::{extensions::GeneralName, prelude::*};

/// What a server showed, for a person to judge. All texts are the server's own: nothing in them is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Of the server's own certificate (DER).
    pub sha256: [u8; 32],
    /// The common name, or the whole subject where there is none.
    pub subject: String,
    pub issuer: String,
    /// The host names and addresses it is for.
    pub names: Vec<String>,
    /// Seconds since 1970.
    pub not_before: i64,
    /// Seconds since 1970.
    pub not_after: i64,
}

impl Certificate {
    /// What cannot be read stays empty; the fingerprint is always there.
    pub(crate) fn of(der: &CertificateDer<'_>) -> Certificate {
        let mut seen = Certificate {
            sha256: Sha256::digest(der).into(),
            subject: String::new(),
            issuer: String::new(),
            names: Vec::new(),
            not_before: 0,
            not_after: 0,
        };
        let Ok((_, parsed)) = X509Certificate::from_der(der) else { return seen };
        seen.subject = name(parsed.subject());
        seen.issuer = name(parsed.issuer());
        seen.not_before = parsed.validity().not_before.timestamp();
        seen.not_after = parsed.validity().not_after.timestamp();
        if let Ok(Some(alternatives)) = parsed.subject_alternative_name() {
            let names = alternatives.value.general_names.iter().filter_map(|name| match name {
                GeneralName::DNSName(name) => Some(clean(name)),
                GeneralName::IPAddress(bytes) => address(bytes),
                _ => None,
            });
            seen.names = names.take(MAX_NAMES).collect();
        }
        seen
    }
}

/// A certificate of a content network has hundreds; a person reads a few.
const MAX_NAMES: usize = 100;
const MAX_TEXT: usize = 200;

fn name(name: &X509Name<'_>) -> String {
    let common = name.iter_common_name().next().and_then(|part| part.as_str().ok());
    clean(&common.map_or_else(|| name.to_string(), str::to_owned))
}

/// Without control characters, which could write over what stands around the text, and not endless.
fn clean(text: &str) -> String {
    text.chars()
        .filter(|c| {
            !c.is_control()
                && !matches!(*c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        })
        .take(MAX_TEXT)
        .collect()
}

fn address(bytes: &[u8]) -> Option<String> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(std::net::Ipv4Addr::from(four).to_string());
    }
    <[u8; 16]>::try_from(bytes).ok().map(|sixteen| std::net::Ipv6Addr::from(sixteen).to_string())
}
