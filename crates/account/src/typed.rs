//! Servers as people type them.

use clientele_model::{Endpoint, Security};
use std::net::Ipv6Addr;
use url::Host;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    #[error("no server was given")]
    Empty,
    #[error("this is not the name or address of a server")]
    NotAServer,
    #[error("the port is not a number from 1 to 65535")]
    Port,
}

/// Reads `server`, `server:port`, `192.0.2.1:993`, `::1`, `[::1]` and `[::1]:993`; a port in the text wins over `port`.
/// Names in other scripts are turned into their ASCII form (RFC 5891). `imap://` and the like in front are forgiven.
pub fn endpoint(text: &str, port: u16, security: Security) -> Result<Endpoint, AddressError> {
    let text = text.trim();
    let text = text.split_once("://").map_or(text, |(_, rest)| rest).trim_end_matches('/');
    if text.is_empty() {
        return Err(AddressError::Empty);
    }
    if let Ok(address) = text.parse::<Ipv6Addr>() {
        return if port == 0 {
            Err(AddressError::Port)
        } else {
            Ok(Endpoint { host: address.to_string(), port, security })
        };
    }
    let (host, typed) = split(text)?;
    let port = match typed {
        Some(digits) => digits.parse().ok().filter(|port| *port > 0).ok_or(AddressError::Port)?,
        None if port == 0 => return Err(AddressError::Port),
        None => port,
    };
    let host = match Host::parse(host).map_err(|_| AddressError::NotAServer)? {
        Host::Domain(name) if name.is_empty() || name.contains(char::is_whitespace) => {
            return Err(AddressError::NotAServer);
        }
        Host::Domain(name) => name,
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    };
    Ok(Endpoint { host, port, security })
}

fn split(text: &str) -> Result<(&str, Option<&str>), AddressError> {
    if let Some(inner) = text.strip_prefix('[') {
        let (_, behind) = inner.split_once(']').ok_or(AddressError::NotAServer)?;
        let host = &text[..text.len() - behind.len()];
        return match behind.strip_prefix(':') {
            Some(port) => Ok((host, Some(port))),
            None if behind.is_empty() => Ok((host, None)),
            None => Err(AddressError::NotAServer),
        };
    }
    match text.rsplit_once(':') {
        Some((before, _)) if before.contains(':') => Err(AddressError::NotAServer),
        Some((host, port)) => Ok((host, Some(port.trim()))),
        None => Ok((text, None)),
    }
}
