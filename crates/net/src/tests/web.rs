use super::*;
use crate::{Answer, Limits, WebError};
use tokio::sync::mpsc;

/// Answers each path in its own way, and says what it was sent.
async fn site(acceptor: TlsAcceptor) -> (u16, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (told, hear) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let (acceptor, told) = (acceptor.clone(), told.clone());
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(tcp).await else { return };
                let mut request = String::new();
                while !request.contains("\r\n\r\n") || (request.starts_with("POST") && !request.ends_with('}')) {
                    match stream.read_u8().await {
                        Ok(byte) => request.push(byte.into()),
                        Err(_) => return,
                    }
                }
                let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
                let _ = told.send(request);
                let head = "HTTP/1.1 200 OK\r\nX-Twice: one\r\nx-twice: two\r\nContent-Type: text/plain\r\n";
                let whole = match path.as_str() {
                    "/moved" => {
                        "HTTP/1.1 302 Found\r\nLocation: http://other.test/there\r\nContent-Length: 0\r\n\r\n".into()
                    }
                    "/none" => "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone".into(),
                    "/told" => format!("{head}Content-Length: 10000000\r\n\r\n"),
                    "/endless" | "/drip" => format!("{head}Connection: close\r\n\r\n"),
                    "/short" => format!("{head}Content-Length: 10\r\n\r\nfour"),
                    "/silent" => String::new(),
                    _ => format!("{head}Content-Length: 4\r\n\r\nhere"),
                };
                let _ = stream.write_all(whole.as_bytes()).await;
                match path.as_str() {
                    "/endless" => while stream.write_all(&[b'x'; 65536]).await.is_ok() {},
                    "/drip" | "/silent" => loop {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                        if path == "/drip" && (stream.write_all(b"x").await.is_err() || stream.flush().await.is_err()) {
                            return;
                        }
                    },
                    _ => {
                        let _ = stream.shutdown().await;
                    }
                }
            });
        }
    });
    (port, hear)
}

/// Answers every request of plain http with the same.
async fn listening(answer: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            let _ = tcp.read(&mut [0; 4096]).await;
            let _ = tcp.write_all(answer.as_bytes()).await;
        }
    });
    port
}

fn limits(millis: u64) -> Limits {
    Limits { bytes: 10 * 1024 * 1024, time: Duration::from_millis(millis) }
}

#[tokio::test]
async fn answers_come_as_they_are_and_no_redirect_is_followed() {
    let ours = authority("ours");
    let (port, mut heard) = site(acceptor(&ours, "web.example.test", None)).await;
    let net =
        Net::new(NetConfig { map: vec![map(&format!("web.example.test=127.0.0.1:{port}"))], ..config(&ours) }).unwrap();
    let web = net.web();
    let answer = web.get("https://web.example.test/a%20b?q=%C3%BC#part", limits(5000)).await.unwrap();
    assert_eq!(
        (answer.status, answer.body.as_slice(), answer.header("X-TWICE")),
        (200, b"here".as_slice(), Some("one"))
    );
    let request = heard.recv().await.unwrap().to_lowercase();
    assert!(request.starts_with("get /a%20b?q=%c3%bc http/1.1\r\n"), "{request}");
    assert!(request.contains("\r\nhost: web.example.test\r\n") && !request.contains("cookie"), "{request}");

    let moved = web.get("https://web.example.test/moved", limits(5000)).await.unwrap();
    assert_eq!((moved.status, moved.redirect().as_deref()), (302, Some("http://other.test/there")));
    heard.recv().await.unwrap();
    let none = web.get("https://web.example.test/none", limits(5000)).await.unwrap();
    assert_eq!((none.status, none.body.as_slice()), (404, b"gone".as_slice()));
    heard.recv().await.unwrap();

    let headers = [("Authorization", "Bearer t0ken")];
    let body = br#"{"a":1}"#.to_vec();
    web.post("https://web.example.test/post", "application/json", body, &headers, limits(5000)).await.unwrap();
    let request = heard.recv().await.unwrap();
    assert!(request.starts_with("POST /post HTTP/1.1\r\n") && request.ends_with("\r\n\r\n{\"a\":1}"), "{request}");
    assert!(request.contains("authorization: Bearer t0ken\r\n"), "{request}");
    assert!(
        request.contains("content-type: application/json\r\n") && request.contains("content-length: 7\r\n"),
        "{request}"
    );
    assert!(heard.try_recv().is_err(), "nobody was asked a second time");
}

#[tokio::test]
async fn size_and_time_end_whatever_the_server_does() {
    let ours = authority("ours");
    let (port, _heard) = site(acceptor(&ours, "localhost", None)).await;
    let web = trusting(&ours).web();
    let get = |path: &str, millis| {
        let (web, url) = (web.clone(), format!("https://localhost:{port}{path}"));
        async move { web.get(&url, limits(millis)).await }
    };
    assert!(matches!(get("/endless", 20_000).await, Err(WebError::TooLarge)));
    let small = Limits { bytes: 1000, ..limits(5000) };
    assert!(matches!(web.get(&format!("https://localhost:{port}/told"), small).await, Err(WebError::TooLarge)));
    assert!(matches!(get("/short", 5000).await, Err(WebError::Failed(_))), "a part is not the whole");
    for path in ["/drip", "/silent"] {
        let started = std::time::Instant::now();
        assert!(matches!(get(path, 400).await, Err(WebError::Timeout)), "{path}");
        assert!(started.elapsed() < Duration::from_millis(1500), "{path}");
    }
}

#[tokio::test]
async fn https_is_checked_like_mail_and_only_the_web_is_asked() {
    let (ours, foreign) = (authority("ours"), authority("foreign"));
    let (port, mut heard) = site(acceptor(&foreign, "localhost", None)).await;
    let web = trusting(&ours).web();
    match web.get(&format!("https://localhost:{port}/"), limits(5000)).await {
        Err(WebError::Net(error)) => {
            assert_eq!(error.cause, Cause::CertificateUnknownIssuer);
            assert!(error.certificate.is_some());
        }
        other => panic!("{other:?}"),
    }
    for url in ["ftp://localhost/", "file:///etc/passwd", "https://pat:secret@localhost/", "localhost", "https://"] {
        assert!(matches!(web.get(url, limits(5000)).await, Err(WebError::Address)), "{url}");
    }
    let broken = [("X-Injected", "a\r\nHost: other")];
    let said = web.send("GET", &format!("https://localhost:{port}/"), &broken, Vec::new(), limits(5000)).await;
    assert!(matches!(said, Err(WebError::Failed(_))));
    assert!(heard.try_recv().is_err());
}

#[tokio::test]
async fn a_network_that_wants_a_sign_in_is_recognised() {
    let said = |url: &str, head: &'static str| {
        let url = url.to_owned();
        async move {
            let port = listening(head).await;
            let map = vec![map(&format!("web.example.test=127.0.0.1:{port}"))];
            let net = Net::new(NetConfig { map, ..config(&authority("ours")) }).unwrap();
            let answer: Answer = net.web().get(&url, limits(5000)).await.unwrap();
            answer.looks_like_portal()
        }
    };
    let url = "http://web.example.test/mail/config-v1.1.xml";
    assert!(said(url, "HTTP/1.1 302 Found\r\nLocation: http://wifi.hotel.test/\r\nContent-Length: 0\r\n\r\n").await);
    assert!(said(url, "HTTP/1.1 511 Sign in\r\nContent-Length: 0\r\n\r\n").await);
    assert!(said(url, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n").await);
    assert!(!said(url, "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 0\r\n\r\n").await);
    assert!(
        !said(url, "HTTP/1.1 302 Found\r\nLocation: https://web.example.test/x\r\nContent-Length: 0\r\n\r\n").await
    );
    assert!(!said(url, "HTTP/1.1 404 None\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n").await);
}
