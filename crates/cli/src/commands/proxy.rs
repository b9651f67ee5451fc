use crate::{
    args::{Proxy, ProxyServer},
    commands::certificate::place,
    exit,
    failure::Failure,
    output::Output,
    secret,
    session::Session,
};
use clientele_api::{handle, view::*};

/// Shows the proxy, after setting it where one is given.
pub async fn run(session: &Session, output: &Output, command: Option<Proxy>) -> Result<u8, Failure> {
    let direct = |kind| ProxySet { kind, host: String::new(), port: 0, user: String::new(), password: None };
    let set = match command {
        None => None,
        Some(Proxy::System) => Some(direct(ProxyKind::System)),
        Some(Proxy::None) => Some(direct(ProxyKind::None)),
        Some(Proxy::Http(server)) => Some(of(ProxyKind::Http, server)?),
        Some(Proxy::Socks5(server)) => Some(of(ProxyKind::Socks5, server)?),
    };
    let view = match set {
        Some(set) => handle::proxy_set(&session.api, set).await?,
        None => handle::proxy_get(&session.api, Empty {}).await?,
    };
    output.result(&view, |out| match view.kind {
        ProxyKind::System => writeln!(out, "as the system says"),
        ProxyKind::None => writeln!(out, "none"),
        ProxyKind::Http => writeln!(out, "HTTP  {}:{}  {}", view.host, view.port, view.user),
        ProxyKind::Socks5 => writeln!(out, "SOCKS5  {}:{}  {}", view.host, view.port, view.user),
    })?;
    Ok(exit::DONE)
}

fn of(kind: ProxyKind, server: ProxyServer) -> Result<ProxySet, Failure> {
    let (host, port) = place(&server.server)?;
    let password = match &server.user {
        Some(_) => Some(secret::passwords()?.0.to_string()),
        None => None,
    };
    Ok(ProxySet { kind, host, port, user: server.user.unwrap_or_default(), password })
}
