use super::*;
use crate::{Http, HttpError, http::is_public};

/// Answers each path: a picture, a redirect to it, SVG, and a body that never ends.
async fn pictures() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let length = tcp.read(&mut request).await.unwrap_or(0);
                let request = String::from_utf8_lossy(&request[..length]).to_lowercase();
                assert!(!request.contains("referer") && !request.contains("cookie"), "{request}");
                let head = |mime: &str, rest: &str| format!("HTTP/1.1 200 OK\r\nContent-Type: {mime}\r\n{rest}\r\n");
                let answer = match request.split(' ').nth(1).unwrap_or_default() {
                    "/a.png" => head("image/png; charset=x", "Content-Length: 4\r\n") + "\u{1}PNG",
                    "/moved" => "HTTP/1.1 302 Found\r\nLocation: /a.png\r\nContent-Length: 0\r\n\r\n".into(),
                    "/inside" => {
                        "HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/a.png\r\nContent-Length: 0\r\n\r\n".into()
                    }
                    "/loop" => "HTTP/1.1 302 Found\r\nLocation: /loop\r\nContent-Length: 0\r\n\r\n".into(),
                    "/svg" => head("image/svg+xml", "Content-Length: 4\r\n") + "<svg",
                    _ => head("image/png", "Connection: close\r\n"),
                };
                let _ = tcp.write_all(answer.as_bytes()).await;
                if answer.ends_with("close\r\n\r\n") {
                    while tcp.write_all(&[0; 65536]).await.is_ok() {}
                }
            });
        }
    });
    port
}

#[tokio::test]
async fn pictures_are_fetched_within_limits_and_never_from_the_own_network() {
    let port = pictures().await;
    let net = trusting(&authority("ours"));
    let http = Http::new(net.clone(), true);
    let at = |path: &str| format!("http://127.0.0.1:{port}{path}");
    let image = http.image(&at("/moved")).await.unwrap();
    assert_eq!((image.mime.as_str(), image.bytes.as_slice()), ("image/png", b"\x01PNG".as_slice()));
    assert!(matches!(http.image(&at("/inside")).await, Err(HttpError::Forbidden)), "a redirect is checked again");
    assert!(matches!(http.image(&at("/loop")).await, Err(HttpError::Redirects)));
    assert!(matches!(http.image(&at("/svg")).await, Err(HttpError::NotAnImage)));
    assert!(matches!(http.image(&at("/endless")).await, Err(HttpError::TooLarge)));
    assert!(matches!(http.image("file:///etc/passwd").await, Err(HttpError::Forbidden)));

    let strict = Http::new(net, false);
    for url in [at("/a.png"), format!("http://localhost:{port}/a.png"), "http://[::1]/a.png".into()] {
        assert!(matches!(strict.image(&url).await, Err(HttpError::Forbidden)), "{url}");
    }
}

#[test]
fn own_networks_are_not_public() {
    let own = [
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "192.168.0.1",
        "100.64.0.1",
        "0.0.0.0",
        "::1",
        "::ffff:10.0.0.1",
        "fe80::1",
        "fd00::1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
    ];
    for address in own {
        assert!(!is_public(address), "{address}");
    }
    for address in ["93.184.215.14", "2606:2800:21f::1"] {
        assert!(is_public(address), "{address}");
    }
}
