//! Which proxy connections take. Kind, server and user are settings; the password lies with the other secrets.

use crate::{Engine, EngineError};
use clientele_auth::{AuthError, Purpose};
use clientele_model::Secret;
use clientele_net::{Proxy, ProxyServer};
use clientele_store::{Store, StoreError};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ProxyKind {
    /// What the system says.
    #[default]
    System,
    None,
    Http,
    Socks5,
}

impl ProxyKind {
    fn as_str(self) -> &'static str {
        match self {
            ProxyKind::System => "system",
            ProxyKind::None => "none",
            ProxyKind::Http => "http",
            ProxyKind::Socks5 => "socks5",
        }
    }

    fn parse(text: &str) -> ProxyKind {
        match text {
            "none" => ProxyKind::None,
            "http" => ProxyKind::Http,
            "socks5" => ProxyKind::Socks5,
            _ => ProxyKind::System,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProxySettings {
    pub kind: ProxyKind,
    /// Http and Socks5 only.
    pub host: String,
    pub port: u16,
    /// Empty: the proxy wants no sign-in.
    pub user: String,
}

impl Engine {
    pub async fn proxy(&self) -> Result<ProxySettings, EngineError> {
        self.store(read).await
    }

    /// Whether a password for the proxy is kept.
    pub async fn proxy_password_kept(&self) -> bool {
        matches!(self.0.secrets.get(&self.proxy_secret(), Purpose::Proxy).await, Ok(Some(_)))
    }

    /// Saves, and takes effect with the next connection. `password`: None keeps the one there is, an empty one and a
    /// proxy without a user forget it.
    pub async fn proxy_set(&self, settings: ProxySettings, password: Option<Secret>) -> Result<(), EngineError> {
        self.must_own()?;
        let server = matches!(settings.kind, ProxyKind::Http | ProxyKind::Socks5);
        let host = settings.host.trim().to_owned();
        let named = !host.is_empty() && !host.contains(|letter: char| letter.is_whitespace() || letter == '/');
        if server && (!named || settings.port == 0) {
            return Err(EngineError::Invalid("a proxy has a server and a port".into()));
        }
        let user = if server { settings.user.trim().to_owned() } else { String::new() };
        let name = self.proxy_secret();
        match password {
            Some(password) if !user.is_empty() && !password.expose().is_empty() => {
                self.0.secrets.set(&name, Purpose::Proxy, password).await?;
            }
            None if !user.is_empty() => {}
            _ => match self.0.secrets.delete(&name, Purpose::Proxy).await {
                // No place for secrets, so there is none.
                Ok(()) | Err(AuthError::Missing | AuthError::Locked) => {}
                Err(error) => return Err(error.into()),
            },
        }
        let settings = ProxySettings { host, user, ..settings };
        self.store(move |store| {
            store.setting_set("proxy.kind", settings.kind.as_str())?;
            store.setting_set("proxy.host", &settings.host)?;
            store.setting_set("proxy.port", &settings.port.to_string())?;
            store.setting_set("proxy.user", &settings.user)
        })
        .await?;
        self.proxy_apply().await?;
        // Whoever waits for the network need not wait any longer.
        self.sync_now(None);
        Ok(())
    }

    /// Tells the network what is saved.
    pub(crate) async fn proxy_apply(&self) -> Result<(), EngineError> {
        let ProxySettings { kind, host, port, user } = self.proxy().await?;
        let password = if user.is_empty() {
            None
        } else {
            // A secret store that is locked is told by the proxy's answer, not here.
            self.0.secrets.get(&self.proxy_secret(), Purpose::Proxy).await.ok().flatten()
        };
        let server = ProxyServer { host, port, user, password: password.unwrap_or_else(|| Secret::new("")) };
        self.0.net.proxy_set(match kind {
            ProxyKind::System => Proxy::System,
            ProxyKind::None => Proxy::None,
            ProxyKind::Http => Proxy::Http(server),
            ProxyKind::Socks5 => Proxy::Socks5(server),
        });
        Ok(())
    }

    fn proxy_secret(&self) -> String {
        format!("{}-proxy", self.0.profile_id)
    }
}

fn read(store: &Store) -> Result<ProxySettings, StoreError> {
    let text = |key: &str| Ok::<_, StoreError>(store.setting(key)?.unwrap_or_default());
    Ok(ProxySettings {
        kind: ProxyKind::parse(&text("proxy.kind")?),
        host: text("proxy.host")?,
        port: text("proxy.port")?.parse().unwrap_or_default(),
        user: text("proxy.user")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit;
    use tokio::{io::AsyncReadExt as _, net::TcpListener};

    #[tokio::test]
    async fn a_proxy_is_taken_at_once_and_its_password_lies_with_the_secrets() {
        let (folder, engine) = testkit::engine().await;
        let id = testkit::account(&engine, "kari@fjord.example").await;
        engine.account_add_password(id, "x").await;
        // A proxy is for servers elsewhere.
        let away = move |store: &clientele_store::Store| {
            let mut account = store.account(id)?;
            account.incoming.host = "imap.fjord.example".into();
            account.outgoing.host = "imap.fjord.example".into();
            store.account_set(&account)
        };
        engine.store(away).await.expect("set");

        let listener = TcpListener::bind("127.0.0.1:0").await.expect("listener");
        let port = listener.local_addr().expect("address").port();
        let settings = ProxySettings { kind: ProxyKind::Http, host: "127.0.0.1".into(), port, user: "kari".into() };
        let password = Secret::new("kanarifugl7431");
        engine.proxy_set(settings.clone(), Some(password)).await.expect("set");
        let asked = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("accept");
            let mut said = vec![0; 400];
            let count = stream.read(&mut said).await.expect("read");
            String::from_utf8_lossy(&said[..count]).into_owned()
        });
        let report = engine.account_verify_saved(id).await.expect("report");
        assert!(report.incoming.code.is_some());
        let said = asked.await.expect("asked");
        assert!(said.starts_with("CONNECT imap.fjord.example:1 "), "{said}");

        assert!(engine.proxy_password_kept().await);
        for file in ["local.db", "local.db-wal"] {
            let bytes = std::fs::read(folder.path().join(file)).unwrap_or_default();
            assert!(!bytes.windows(10).any(|part| part == b"kanarifugl"), "{file}");
        }
        // The same again keeps the password; without a user there is none.
        engine.proxy_set(settings.clone(), None).await.expect("set");
        assert!(engine.proxy_password_kept().await);
        engine.proxy_set(ProxySettings { user: String::new(), ..settings.clone() }, None).await.expect("set");
        assert!(!engine.proxy_password_kept().await);
        let wrong = ProxySettings { port: 0, ..settings };
        assert_eq!(engine.proxy_set(wrong, None).await.expect_err("no port").code(), "invalid_input");
    }
}
