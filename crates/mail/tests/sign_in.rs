//! Each way of signing in, to a real Dovecot and a real Postfix. Between them and the client stands a gate with TLS of its own,
//! which hides better mechanisms in what the servers offer, and keeps what the client says.
#![allow(clippy::unwrap_used)]

use clientele_auth::{OAuth, Page, Provider, Redirect, Scopes, SecretStore, SecretsConfig};
use clientele_mail::{Code, Login, imap, smtp};
use clientele_model::{Credential, Endpoint, Security, Token, TokenSource};
use clientele_net::{Net, NetConfig, connect};
use clientele_tests::world::{
    INGRID, PASSWORD, World,
    oidc::{CLIENT, SCOPE, Visit},
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader, split},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

/// What the client said, over all connections.
type Heard = Arc<Mutex<String>>;

struct Gates {
    net: Net,
    acceptor: TlsAcceptor,
}

impl Gates {
    fn to(world: &World) -> Gates {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem().into_bytes();
        let issuer = Issuer::new(params, key);
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["127.0.0.1".into()]).unwrap().signed_by(&key, &issuer).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key.serialize_der().try_into().unwrap())
            .unwrap();
        let authorities = vec![pem, std::fs::read(world.ca_pem()).unwrap()];
        let net = Net::new(NetConfig { authorities, ..NetConfig::default() }).unwrap();
        Gates { net, acceptor: TlsAcceptor::from(Arc::new(config)) }
    }

    /// A gate to a port of the servers, in front of which each of `hidden` is taken out of what they say.
    async fn open(&self, port: u16, hidden: &'static [&'static str]) -> (Endpoint, Heard) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here =
            Endpoint { host: "127.0.0.1".into(), port: listener.local_addr().unwrap().port(), security: Security::Tls };
        let (net, acceptor, heard) = (self.net.clone(), self.acceptor.clone(), Heard::default());
        let keep = heard.clone();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let (net, acceptor, heard) = (net.clone(), acceptor.clone(), heard.clone());
                tokio::spawn(async move {
                    let there = Endpoint { host: "localhost".into(), port, security: Security::Tls };
                    let server = connect(&net, &there, Duration::from_secs(10)).await.unwrap();
                    let Ok(client) = acceptor.accept(tcp).await else { return };
                    let ((from_client, to_client), (from_server, to_server)) = (split(client), split(server));
                    let up = pass(from_client, to_server, |line| {
                        heard.lock().unwrap().push_str(&line);
                        line
                    });
                    let down = pass(from_server, to_client, |line| {
                        hidden.iter().fold(line, |line, word| line.replace(word, ""))
                    });
                    tokio::select! { () = up => {}, () = down => {} }
                });
            }
        });
        (here, keep)
    }
}

async fn pass(from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, each: impl Fn(String) -> String) {
    let mut from = BufReader::new(from);
    let mut line = String::new();
    while from.read_line(&mut line).await.is_ok_and(|read| read > 0) {
        if to.write_all(each(std::mem::take(&mut line)).as_bytes()).await.is_err() || to.flush().await.is_err() {
            return;
        }
    }
}

fn login(endpoint: &Endpoint, secret: impl TokenSource + 'static) -> Login {
    Login { endpoint: endpoint.clone(), user: INGRID.into(), secret: Arc::new(secret) }
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_go_by_the_best_that_is_offered() {
    let world = World::start().unwrap();
    let gates = Gates::to(&world);
    let cases: [(&'static [&'static str], &str); 3] = [
        (&[], "SCRAM-SHA-256"),
        (&["AUTH=SCRAM-SHA-256", "SCRAM-SHA-256"], "PLAIN"),
        (&["AUTH=SCRAM-SHA-256", "AUTH=PLAIN", "SCRAM-SHA-256", "PLAIN"], "LOGIN"),
    ];
    for (hidden, mechanism) in cases {
        let (imap_gate, imap_heard) = gates.open(world.ports().imaps, hidden).await;
        let (smtp_gate, smtp_heard) = gates.open(world.ports().smtps, hidden).await;
        let tried = imap::try_out(&gates.net, &login(&imap_gate, Credential::password(PASSWORD))).await;
        assert!(tried.error.is_none() && tried.mechanism == mechanism, "{tried:?}");
        let tried = smtp::try_out(&gates.net, &login(&smtp_gate, Credential::password(PASSWORD)), INGRID).await;
        assert!(tried.error.is_none() && tried.mechanism == mechanism, "{tried:?}");
        let heard = smtp_heard.lock().unwrap().clone();
        assert!(heard.contains(&format!("MAIL FROM:<{INGRID}>\r\nRSET\r\n")) && !heard.contains("RCPT"), "{heard}");
        for heard in [heard, imap_heard.lock().unwrap().clone()] {
            assert!(heard.contains(mechanism), "{heard}");
            if mechanism == "SCRAM-SHA-256" {
                let said = unwrapped(&heard);
                assert!(said.contains(",p=") && !said.contains(PASSWORD), "a proof and no password: {said}");
            }
        }

        let wrong = || Credential::password("wrong");
        let tried = imap::try_out(&gates.net, &login(&imap_gate, wrong())).await;
        assert_eq!(tried.error.map(|error| error.kind()), Some(Code::SignInRefused), "{mechanism}");
        let tried = smtp::try_out(&gates.net, &login(&smtp_gate, wrong()), INGRID).await;
        assert_eq!(tried.error.map(|error| error.kind()), Some(Code::SignInRefused), "{mechanism}");
    }
}

/// Every word of what was heard, and what it is if it is base64.
fn unwrapped(heard: &str) -> String {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let decoded = heard.split_whitespace().filter_map(|word| STANDARD.decode(word).ok());
    let decoded: String = decoded.map(|bytes| String::from_utf8_lossy(&bytes).into_owned() + "\n").collect();
    format!("{heard}\n{decoded}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_knows_no_sign_in_serves_those_who_need_none() {
    let world = World::start().unwrap();
    let gates = Gates::to(&world);
    let endpoint = Endpoint { host: "localhost".into(), port: world.ports().smtps_no_auth, security: Security::Tls };
    let named = login(&endpoint, Credential::password(PASSWORD));
    let tried = smtp::try_out(&gates.net, &named, INGRID).await;
    assert_eq!(tried.error.map(|error| error.kind()), Some(Code::SignInUnsupported));
    let nameless = Login { user: String::new(), ..named };
    let tried = smtp::try_out(&gates.net, &nameless, INGRID).await;
    assert!(tried.error.is_none() && tried.mechanism.is_empty(), "{tried:?}");
}

/// Gives a token that is worth nothing, until it hears that it was refused.
struct Stale {
    fresh: Arc<dyn TokenSource>,
    refusals: Mutex<u32>,
}

impl TokenSource for Stale {
    fn credential(&self) -> Token<'_> {
        if *self.refusals.lock().unwrap() > 0 {
            return self.fresh.credential();
        }
        Box::pin(async { Ok(Credential::Bearer(clientele_model::Secret::new("worth-nothing"))) })
    }

    fn refused(&self, _credential: &Credential) {
        *self.refusals.lock().unwrap() += 1;
    }
}

/// What a person gave this program in the browser.
async fn granted(world: &Arc<World>, net: &Net) -> Arc<dyn TokenSource> {
    let issuer = world.oidc().unwrap().issuer();
    let provider = Provider {
        id: "nordvik".into(),
        name: "Nordvik".into(),
        issuer: None,
        authorize: format!("{issuer}/auth"),
        token: format!("{issuer}/token"),
        revoke: None,
        client_id: CLIENT.into(),
        client_secret: None,
        scopes: Scopes { mail: vec![SCOPE.into()], graph: Vec::new() },
        redirect: Redirect::Loopback127,
        extra: Vec::new(),
        hosts: vec!["127.0.0.1".into()],
    };
    let folder = world.dir().to_path_buf();
    let secrets = SecretsConfig { folder, passphrase: None, memory: true, keyring: false };
    let oauth = OAuth::new(net.clone(), SecretStore::open(secrets).await.unwrap());
    let pending = oauth.begin(&provider, INGRID, Page::default()).await.unwrap();
    let (url, world) = (pending.url().to_owned(), world.clone());
    let browser = tokio::task::spawn_blocking(move || world.oidc().unwrap().browse(&url, &Visit::of(INGRID)).unwrap());
    let grant = pending.wait().await.unwrap();
    browser.await.unwrap();
    oauth.source_of_grant(&grant)
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_open_both_servers_and_a_refused_one_is_replaced_once() {
    let world = Arc::new(World::with_oidc().unwrap());
    let gates = Gates::to(&world);
    let fresh = granted(&world, &gates.net).await;
    let cases: [(&'static [&'static str], &str); 2] =
        [(&[], "OAUTHBEARER"), (&["AUTH=OAUTHBEARER", "OAUTHBEARER"], "XOAUTH2")];
    for (hidden, mechanism) in cases {
        for incoming in [true, false] {
            let port = if incoming { world.ports().imaps } else { world.ports().smtps };
            let (gate, heard) = gates.open(port, hidden).await;
            let stale = Arc::new(Stale { fresh: fresh.clone(), refusals: Mutex::new(0) });
            let login = Login { endpoint: gate, user: INGRID.into(), secret: stale.clone() };
            let (error, used) = if incoming {
                let tried = imap::try_out(&gates.net, &login).await;
                (tried.error, tried.mechanism)
            } else {
                let tried = smtp::try_out(&gates.net, &login, INGRID).await;
                (tried.error, tried.mechanism)
            };
            assert!(error.is_none() && used == mechanism, "{mechanism}, incoming {incoming}: {error:?}");
            assert_eq!(*stale.refusals.lock().unwrap(), 1, "refused once, and the fresh one taken");
            let said = unwrapped(&heard.lock().unwrap());
            assert_eq!(said.matches("auth=Bearer").count(), 2, "{said}");
            assert_eq!(said.matches("auth=Bearer worth-nothing").count(), 1, "{said}");
        }
    }

    // A token that stays refused ends in the wish for a new sign-in, and is not said again and again.
    let (gate, heard) = gates.open(world.ports().imaps, &[]).await;
    let dead = login(&gate, Credential::Bearer(clientele_model::Secret::new("worth-nothing")));
    let tried = imap::try_out(&gates.net, &dead).await;
    assert_eq!(tried.error.map(|error| error.kind()), Some(Code::SignInAgain));
    assert_eq!(unwrapped(&heard.lock().unwrap()).matches("auth=Bearer").count(), 1);
}
