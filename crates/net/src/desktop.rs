//! The proxy of a Linux desktop, by the portal that GNOME, KDE and others have in common
//! (`org.freedesktop.portal.ProxyResolver`). It knows automatic configuration scripts, too.

use std::time::Duration;
use tokio::{sync::OnceCell, time::timeout};
use zbus::{Connection, proxy::CacheProperties};

/// A portal that takes longer is broken, and every connection would wait for it.
const PATIENCE: Duration = Duration::from_secs(1);

#[zbus::proxy(
    interface = "org.freedesktop.portal.ProxyResolver",
    default_service = "org.freedesktop.portal.Desktop",
    default_path = "/org/freedesktop/portal/desktop",
    gen_blocking = false
)]
trait Resolver {
    fn lookup(&self, uri: &str) -> zbus::Result<Vec<String>>;
}

/// The addresses of proxies for a web address, the best first; `direct://` for none. Empty where no desktop says anything.
pub(crate) async fn proxies(uri: &str) -> Vec<String> {
    static BUS: OnceCell<Connection> = OnceCell::const_new();
    let asked = async {
        let bus = BUS.get_or_try_init(Connection::session).await?;
        let portal = ResolverProxy::builder(bus).cache_properties(CacheProperties::No).build().await?;
        portal.lookup(uri).await
    };
    match timeout(PATIENCE, asked).await {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => {
            tracing::debug!(%error, "no desktop that knows a proxy");
            Vec::new()
        }
        Err(_) => {
            tracing::warn!("the desktop does not say which proxy it has");
            Vec::new()
        }
    }
}
