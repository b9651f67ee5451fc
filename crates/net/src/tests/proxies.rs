use super::*;
use crate::{Http, HttpError, Limits, ProxyServer};
use clientele_model::Secret;
use std::sync::Mutex;
use tokio::net::TcpStream;

/// What a proxy of the tests does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Open,
    /// For `pat` with `hunter2`.
    SignIn,
    /// Answers this: a SOCKS reply (RFC 1928 section 6) or an HTTP status.
    Refuse(u16),
    Hang,
}

/// A proxy that knows every name: all are this computer.
#[derive(Clone)]
struct Running {
    port: u16,
    /// What it was asked for, in its own words.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Running {
    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().drain(..).collect()
    }

    fn server(&self, user: &str, password: &str) -> ProxyServer {
        ProxyServer { host: "127.0.0.1".into(), port: self.port, user: user.into(), password: Secret::new(password) }
    }
}

async fn running<F>(serve: impl Fn(TcpStream, Arc<Mutex<Vec<String>>>) -> F + Send + 'static) -> Running
where
    F: Future<Output = Option<()>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (here, noted) = (Running { port, asked: asked.clone() }, asked);
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            tokio::spawn(serve(tcp, noted.clone()));
        }
    });
    here
}

async fn socks5(manner: Manner) -> Running {
    running(move |mut tcp, asked| async move {
        let (_, methods) = (tcp.read_u8().await.ok()?, tcp.read_u8().await.ok()?);
        let mut offered = vec![0; methods.into()];
        tcp.read_exact(&mut offered).await.ok()?;
        if manner == Manner::Hang {
            std::future::pending::<()>().await;
        }
        if manner == Manner::SignIn {
            if !offered.contains(&2) {
                return tcp.write_all(&[5, 0xff]).await.ok();
            }
            tcp.write_all(&[5, 2]).await.ok()?;
            let (_, user) = (tcp.read_u8().await.ok()?, text(&mut tcp).await?);
            let right = (user.as_str(), text(&mut tcp).await?.as_str()) == ("pat", "hunter2");
            tcp.write_all(&[1, u8::from(!right)]).await.ok()?;
            if !right {
                return None;
            }
        } else {
            tcp.write_all(&[5, 0]).await.ok()?;
        }
        let mut head = [0; 4];
        tcp.read_exact(&mut head).await.ok()?;
        let host = match head[3] {
            3 => text(&mut tcp).await?,
            _ => std::net::Ipv4Addr::from(tcp.read_u32().await.ok()?).to_string(),
        };
        let port = tcp.read_u16().await.ok()?;
        asked.lock().unwrap().push(format!("{host}:{port}"));
        let reply = if let Manner::Refuse(code) = manner { code as u8 } else { 0 };
        let mut server = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
        // The answer and the greeting of the server in one piece, as fast networks have it.
        let mut answer = vec![5, reply, 0, 1, 0, 0, 0, 0, 0, 0];
        if reply != 0 {
            return tcp.write_all(&answer).await.ok();
        }
        greeted(&mut server, &mut answer).await;
        tcp.write_all(&answer).await.ok()?;
        tokio::io::copy_bidirectional(&mut tcp, &mut server).await.ok().map(|_| ())
    })
    .await
}

async fn text(tcp: &mut TcpStream) -> Option<String> {
    let mut bytes = vec![0; tcp.read_u8().await.ok()?.into()];
    tcp.read_exact(&mut bytes).await.ok()?;
    String::from_utf8(bytes).ok()
}

/// Adds what the server says of itself at once, if anything.
async fn greeted(server: &mut TcpStream, answer: &mut Vec<u8>) {
    let mut greeting = [0; 512];
    if let Ok(Ok(length)) = tokio::time::timeout(Duration::from_millis(100), server.read(&mut greeting)).await {
        answer.extend_from_slice(&greeting[..length]);
    }
}

async fn http(manner: Manner) -> Running {
    running(move |mut tcp, asked| async move {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            head.push(tcp.read_u8().await.ok()?.into());
        }
        if manner == Manner::Hang {
            std::future::pending::<()>().await;
        }
        let mut words = head.split(' ');
        let (method, target) = (words.next()?, words.next()?);
        asked.lock().unwrap().push(format!("{method} {target}"));
        // pat:hunter2
        let right =
            head.to_lowercase().contains("proxy-authorization: ") && head.contains("Basic cGF0Omh1bnRlcjI=\r\n");
        let refused = match manner {
            Manner::SignIn if !right => Some(407),
            Manner::Refuse(status) => Some(status),
            _ => None,
        };
        if let Some(status) = refused {
            let answer =
                format!("HTTP/1.1 {status} No\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 3\r\n\r\nno\n");
            return tcp.write_all(answer.as_bytes()).await.ok();
        }
        if method != "CONNECT" {
            let answer = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 6\r\n\r\nby way";
            return tcp.write_all(answer).await.ok();
        }
        let port: u16 = target.rsplit(':').next()?.parse().ok()?;
        let mut server = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
        let mut answer = b"HTTP/1.1 200 Connection established\r\nVia: 1.1 test\r\n\r\n".to_vec();
        greeted(&mut server, &mut answer).await;
        tcp.write_all(&answer).await.ok()?;
        tokio::io::copy_bidirectional(&mut tcp, &mut server).await.ok().map(|_| ())
    })
    .await
}

async fn both(manner: Manner) -> [(Running, fn(ProxyServer) -> Proxy); 2] {
    [(http(manner).await, Proxy::Http), (socks5(manner).await, Proxy::Socks5)]
}

async fn word(net: &Net, endpoint: &Endpoint) -> Result<String, crate::NetError> {
    let mut stream = connect(net, endpoint, SOON).await?;
    let mut word = [0; 5];
    tokio::time::timeout(SOON, stream.read_exact(&mut word)).await.expect("the greeting").unwrap();
    Ok(String::from_utf8_lossy(&word).into_owned())
}

#[tokio::test]
async fn mail_goes_through_the_proxy_by_name_and_its_greeting_arrives() {
    let ours = authority("ours");
    let net = trusting(&ours);
    let tls = tls_server(acceptor(&ours, "mail.example.test", None)).await.port;
    let plain = plain_server(b"* OK ready\r\n").await.port;
    for (proxy, kind) in both(Manner::Open).await {
        net.clone().proxy_set(kind(proxy.server("", "")));
        assert_eq!(word(&net, &at("mail.example.test", tls, Security::Tls)).await.unwrap(), "hello");
        assert_eq!(word(&net, &at("mail.example.test", plain, Security::Starttls)).await.unwrap(), "* OK ");
        let asked = proxy.asked();
        assert_eq!(asked.len(), 2, "{asked:?}");
        assert!(asked[0].ends_with(&format!("mail.example.test:{tls}")), "{asked:?}");
        let wrong = connect(&net, &at("other.example.test", tls, Security::Tls), SOON).await.unwrap_err();
        assert_eq!(wrong.cause, Cause::CertificateWrongName, "a proxy changes nothing about the certificate");
    }
    net.proxy_set(Proxy::None);
    let direct = connect(&net, &at("mail.example.invalid", plain, Security::Starttls), SOON).await.unwrap_err();
    assert_eq!(direct.cause, Cause::HostUnknown);
}

#[tokio::test]
async fn a_proxy_that_wants_a_sign_in_gets_it_and_its_refusal_is_told_apart() {
    let ours = authority("ours");
    let net = trusting(&ours);
    let endpoint =
        at("mail.example.test", tls_server(acceptor(&ours, "mail.example.test", None)).await.port, Security::Tls);
    for (proxy, kind) in both(Manner::SignIn).await {
        net.proxy_set(kind(proxy.server("pat", "hunter2")));
        assert_eq!(word(&net, &endpoint).await.unwrap(), "hello");
        for (user, password) in [("", ""), ("pat", "wr0ng-secret")] {
            net.proxy_set(kind(proxy.server(user, password)));
            let error = connect(&net, &endpoint, SOON).await.unwrap_err();
            assert_eq!((error.stage, error.cause), (Stage::Connect, Cause::ProxySignIn), "{user}");
            assert!(!format!("{error:?} {:?}", kind(proxy.server(user, password))).contains("wr0ng-secret"));
        }
    }
}

#[tokio::test]
async fn a_proxy_that_refuses_hangs_or_is_not_there_is_to_blame() {
    let net = trusting(&authority("ours"));
    let endpoint = at("mail.example.test", plain_server(b"").await.port, Security::Starttls);
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let nobody = Running { port: free, asked: Arc::default() };
    let cases = [
        (Proxy::Http(http(Manner::Refuse(403)).await.server("", "")), Cause::ProxyFailed, "403"),
        // What tinyproxy says to a wrong password.
        (Proxy::Http(http(Manner::Refuse(401)).await.server("", "")), Cause::ProxySignIn, "sign-in"),
        (Proxy::Http(http(Manner::Refuse(502)).await.server("", "")), Cause::ProxyFailed, "502"),
        (Proxy::Socks5(socks5(Manner::Refuse(2)).await.server("", "")), Cause::ProxyFailed, "ruleset"),
        (Proxy::Socks5(socks5(Manner::Refuse(5)).await.server("", "")), Cause::PortRefused, "refused"),
        (Proxy::Http(nobody.server("", "")), Cause::ProxyFailed, "proxy"),
        (Proxy::Socks5(nobody.server("", "")), Cause::ProxyFailed, "proxy"),
        (Proxy::Http(socks5(Manner::Open).await.server("", "")), Cause::ProxyFailed, ""),
        (Proxy::Socks5(http(Manner::Open).await.server("", "")), Cause::ProxyFailed, ""),
        (Proxy::Http(http(Manner::Hang).await.server("", "")), Cause::ProxyFailed, "in time"),
        (Proxy::Socks5(socks5(Manner::Hang).await.server("", "")), Cause::ProxyFailed, "in time"),
    ];
    for (proxy, cause, words) in cases {
        net.proxy_set(proxy.clone());
        let started = std::time::Instant::now();
        let error = connect(&net, &endpoint, Duration::from_millis(600)).await.unwrap_err();
        assert_eq!((error.stage, error.cause), (Stage::Connect, cause), "{proxy:?}: {error}");
        assert!(error.detail.contains(words), "{proxy:?}: {error}");
        assert!(started.elapsed() < Duration::from_secs(2), "{proxy:?}");
    }
}

#[tokio::test]
async fn this_computer_is_reached_directly() {
    let net = trusting(&authority("ours"));
    let proxy = http(Manner::Refuse(403)).await;
    net.proxy_set(Proxy::Http(proxy.server("", "")));
    let port = plain_server(b"* OK ready\r\n").await.port;
    for host in ["localhost", "127.0.0.1", "LOCALHOST."] {
        assert_eq!(word(&net, &at(host, port, Security::None)).await.unwrap(), "* OK ", "{host}");
    }
    assert_eq!(proxy.asked(), [""; 0]);
}

#[tokio::test]
async fn web_requests_take_the_same_proxy() {
    let ours = authority("ours");
    let net = trusting(&ours);
    let proxy = http(Manner::SignIn).await;
    net.proxy_set(Proxy::Http(proxy.server("pat", "hunter2")));
    let answer = net.web().get("http://web.example.test:8080/a?b=c", Limits::default()).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, b"by way".as_slice()));
    assert_eq!(proxy.asked(), ["GET http://web.example.test:8080/a?b=c"], "proxies let CONNECT through to few ports");
    let port = tls_server(acceptor(&ours, "web.example.test", None)).await.port;
    let said = net.web().get(&format!("https://web.example.test:{port}/"), Limits::default()).await;
    assert!(matches!(said, Err(crate::WebError::Failed(_))), "the server there says hello and no HTTP: {said:?}");
    assert_eq!(proxy.asked(), [format!("CONNECT web.example.test:{port}")]);
    net.proxy_set(Proxy::Http(proxy.server("pat", "wrong")));
    for scheme in ["http", "https"] {
        match net.web().get(&format!("{scheme}://web.example.test/"), Limits::default()).await {
            Err(crate::WebError::Net(error)) => assert_eq!(error.cause, Cause::ProxySignIn, "{scheme}"),
            other => panic!("{scheme}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn pictures_take_the_proxy_and_never_reach_into_the_own_network_by_it() {
    let ours = authority("ours");
    let proxy = http(Manner::Open).await;
    let map = vec![map("inside.example.test=10.0.0.1:80")];
    let net = Net::new(NetConfig { map, proxy: Proxy::Http(proxy.server("", "")), ..config(&ours) }).unwrap();
    let http = Http::new(net, false);
    assert_eq!(http.image("http://192.88.99.1/a.png").await.unwrap().bytes, b"by way");
    assert_eq!(proxy.asked(), ["GET http://192.88.99.1/a.png"]);
    for url in ["http://10.0.0.1/a.png", "http://inside.example.test/a.png", "https://[::1]/", "http://127.0.0.1/"] {
        assert!(matches!(http.image(url).await, Err(HttpError::Forbidden)), "{url}");
    }
    assert_eq!(proxy.asked(), [""; 0]);
}

/// Run by the next test, in a process that has the variables.
#[tokio::test]
#[ignore = "needs the variables that the_environments_proxy_is_taken sets"]
async fn with_the_variables() {
    let ours = authority("ours");
    let server = plain_server(b"* OK ready\r\n").await.port;
    let net = Net::new(NetConfig { proxy: Proxy::System, ..config(&ours) }).unwrap();
    assert_eq!(word(&net, &at("mail.example.test", server, Security::Starttls)).await.unwrap(), "* OK ");
    for host in ["mail.except.test", "except.test"] {
        let error = connect(&net, &at(host, server, Security::Starttls), SOON).await.unwrap_err();
        assert_eq!(error.stage, Stage::Resolve, "{host} is reached directly");
    }
    let port: u16 = std::env::var("OTHER_PROXY").unwrap().parse().unwrap();
    let other = Running { port, asked: Arc::default() };
    net.proxy_set(Proxy::Socks5(other.server("", "")));
    let error = connect(&net, &at("mail.except.test", server, Security::Starttls), SOON).await.unwrap_err();
    assert_eq!(error.stage, Stage::Resolve, "also where the proxy was chosen by hand");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_environments_proxy_is_taken() {
    for (proxy, scheme) in [(http(Manner::SignIn).await, "http"), (socks5(Manner::SignIn).await, "socks5")] {
        let other = socks5(Manner::Refuse(2)).await;
        let mut child = tokio::process::Command::new(std::env::current_exe().unwrap());
        child.args(["--ignored", "--exact", "tests::proxies::with_the_variables"]);
        for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "REQUEST_METHOD"] {
            child.env_remove(name).env_remove(name.to_lowercase());
        }
        child.env("ALL_PROXY", format!("{scheme}://pat:hunter2@127.0.0.1:{}", proxy.port));
        child.env("NO_PROXY", "except.test, 10.0.0.0/8").env("OTHER_PROXY", other.port.to_string());
        let done = child.output().await.unwrap();
        assert!(
            done.status.success(),
            "{}{}",
            String::from_utf8_lossy(&done.stdout),
            String::from_utf8_lossy(&done.stderr)
        );
        assert!(String::from_utf8_lossy(&done.stdout).contains("1 passed"), "the other test ran");
        assert_eq!(proxy.asked().len(), 1, "{scheme}");
        assert_eq!(other.asked(), [""; 0]);
    }
}

#[cfg(target_os = "linux")]
struct Portal(Vec<String>);

#[cfg(target_os = "linux")]
#[zbus::interface(name = "org.freedesktop.portal.ProxyResolver")]
impl Portal {
    fn lookup(&self, uri: &str) -> Vec<String> {
        let direct = !uri.starts_with("https://mail.example.test:");
        if direct { vec!["direct://".into()] } else { self.0.clone() }
    }
}

/// Run by the next test, on a bus of its own.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the bus that the_desktops_proxy_is_taken starts"]
async fn with_a_desktop() {
    let server = plain_server(b"* OK ready\r\n").await.port;
    let net = Net::new(NetConfig { proxy: Proxy::System, ..config(&authority("ours")) }).unwrap();
    let mail = at("mail.example.test", server, Security::Starttls);
    let nothing = connect(&net, &mail, SOON).await.unwrap_err();
    assert_eq!(nothing.stage, Stage::Resolve, "no portal, no proxy");

    for (proxy, scheme) in [(http(Manner::Open).await, "http"), (socks5(Manner::Open).await, "socks")] {
        let named = vec![format!("{scheme}://127.0.0.1:{}", proxy.port), "direct://".into()];
        let bus = zbus::connection::Builder::session().unwrap();
        let bus = bus.serve_at("/org/freedesktop/portal/desktop", Portal(named)).unwrap();
        let bus = bus.name("org.freedesktop.portal.Desktop").unwrap().build().await.unwrap();
        assert_eq!(word(&net, &mail).await.unwrap(), "* OK ", "{scheme}");
        assert_eq!(proxy.asked().len(), 1, "{scheme}");
        let other = connect(&net, &at("other.example.test", server, Security::Starttls), SOON).await.unwrap_err();
        assert_eq!(other.stage, Stage::Resolve, "the desktop says direct");
        bus.graceful_shutdown().await;
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_desktops_proxy_is_taken() {
    let mut child = tokio::process::Command::new("dbus-run-session");
    child.arg("--").arg(std::env::current_exe().unwrap());
    child.args(["--ignored", "--exact", "tests::proxies::with_a_desktop"]);
    for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "REQUEST_METHOD"] {
        child.env_remove(name).env_remove(name.to_lowercase());
    }
    let done = child.output().await.expect("dbus-run-session is installed");
    assert!(
        done.status.success(),
        "{}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
    assert!(String::from_utf8_lossy(&done.stdout).contains("1 passed"), "the other test ran");
}
