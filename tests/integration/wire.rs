//! A wire between the program and a server: rewrites what the server says, and remembers what the program says.

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};
use std::{
    path::Path,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, split},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

/// Words of the server and what the program hears instead, both of one length. Only for what the server does not encrypt.
pub type Rules = Vec<(&'static str, &'static str)>;

#[derive(Clone)]
pub struct Wire {
    pub port: u16,
    rules: Arc<Mutex<Rules>>,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Wire {
    /// As it comes.
    pub fn to(server: u16, rules: Rules) -> Wire {
        Wire::new(server, rules, None)
    }

    /// The program speaks TLS, to the certificate in the world's folder, and the server does not.
    pub fn with_tls(world: &Path, server: u16, rules: Rules) -> Wire {
        Wire::new(server, rules, Some(tls(world)))
    }

    fn new(server: u16, rules: Rules, tls: Option<Arc<ServerConfig>>) -> Wire {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let wire = Wire { port, rules: Arc::new(Mutex::new(rules)), heard: Arc::default() };
        let ours = wire.clone();
        // A runtime of its own: a test that waits in its thread must not keep the wire from passing.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = TcpListener::from_std(listener).unwrap();
                while let Ok((client, _)) = listener.accept().await {
                    tokio::spawn(ours.clone().connection(client, server, tls.clone()));
                }
            });
        });
        wire
    }

    async fn connection(self, client: TcpStream, server: u16, tls: Option<Arc<ServerConfig>>) {
        let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await else { return };
        match tls {
            None => self.pass(client, server).await,
            Some(tls) => {
                if let Ok(client) = TlsAcceptor::from(tls).accept(client).await {
                    self.pass(client, server).await;
                }
            }
        }
    }

    async fn pass(&self, client: impl AsyncRead + AsyncWrite, server: TcpStream) {
        let (from_client, to_client) = split(client);
        let (from_server, to_server) = split(server);
        // The first to end ends both.
        tokio::select! {
            () = self.down(from_server, to_client) => {}
            () = self.up(from_client, to_server) => {}
        }
    }

    async fn down(&self, mut server: impl AsyncRead + Unpin, mut client: impl AsyncWrite + Unpin) {
        let mut buffer = [0; 16384];
        while let Ok(count @ 1..) = server.read(&mut buffer).await {
            for (from, to) in self.rules.lock().unwrap().iter() {
                assert_eq!(from.len(), to.len());
                let found: Vec<_> = (0..count).filter(|at| buffer[*at..count].starts_with(from.as_bytes())).collect();
                found.into_iter().for_each(|at| buffer[at..at + to.len()].copy_from_slice(to.as_bytes()));
            }
            if client.write_all(&buffer[..count]).await.is_err() || client.flush().await.is_err() {
                break;
            }
        }
        let _ = client.shutdown().await;
    }

    async fn up(&self, mut client: impl AsyncRead + Unpin, mut server: impl AsyncWrite + Unpin) {
        let mut buffer = [0; 16384];
        while let Ok(count @ 1..) = client.read(&mut buffer).await {
            self.heard.lock().unwrap().extend_from_slice(&buffer[..count]);
            if server.write_all(&buffer[..count]).await.is_err() {
                break;
            }
        }
    }

    /// From now on.
    pub fn rewrite(&self, rules: Rules) {
        *self.rules.lock().unwrap() = rules;
    }

    /// Everything that the program has sent since it was last asked; inside TLS, what it said there.
    pub fn heard(&self) -> Vec<u8> {
        std::mem::take(&mut *self.heard.lock().unwrap())
    }
}

/// The world's good certificate.
pub fn tls(world: &Path) -> Arc<ServerConfig> {
    let certificate = CertificateDer::from_pem_file(world.join("ca/server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(world.join("ca/server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap())
}
