use super::Result;
use crate::{Api, view::*};
use clientele_engine::{self as engine, ProxySettings, Secret};

pub async fn proxy_get(api: &Api, _request: Empty) -> Result<ProxyView> {
    let settings = api.engine().proxy().await?;
    Ok(ProxyView {
        kind: match settings.kind {
            engine::ProxyKind::System => ProxyKind::System,
            engine::ProxyKind::None => ProxyKind::None,
            engine::ProxyKind::Http => ProxyKind::Http,
            engine::ProxyKind::Socks5 => ProxyKind::Socks5,
        },
        host: settings.host,
        port: settings.port,
        user: settings.user,
        password_kept: api.engine().proxy_password_kept().await,
    })
}

pub async fn proxy_set(api: &Api, request: ProxySet) -> Result<ProxyView> {
    let kind = match request.kind {
        ProxyKind::System => engine::ProxyKind::System,
        ProxyKind::None => engine::ProxyKind::None,
        ProxyKind::Http => engine::ProxyKind::Http,
        ProxyKind::Socks5 => engine::ProxyKind::Socks5,
    };
    let settings = ProxySettings { kind, host: request.host, port: request.port, user: request.user };
    api.engine().proxy_set(settings, request.password.map(Secret::new)).await?;
    proxy_get(api, Empty {}).await
}
