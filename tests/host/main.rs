//! `clientele-host --profile DIR --ui DIR [--ca FILE] [--secrets memory|ask|keyring] [--lang LANG]`: the real engine
//! behind a port on loopback, for tests of the UI in a browser. Never part of a release: it is an example of the test
//! package. Prints its address, with the token in it, as one line, and runs until standard input closes.

mod door;
mod files;
mod serve;

use clientele_api::Api;
use clientele_engine::{Config, Engine};
use door::Door;
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{convert::Infallible, io::Read as _, net::Ipv4Addr, path::PathBuf, process::ExitCode, sync::Arc};
use tokio::net::TcpListener;

/// What every request needs.
pub struct Host {
    pub api: Api,
    pub ui: PathBuf,
    pub door: Door,
    /// Where files lie that a test has "chosen"; gone when the host ends.
    pub chosen: tempfile::TempDir,
}

struct Asked {
    profile: PathBuf,
    ui: PathBuf,
    ca: Option<PathBuf>,
    secrets: String,
    language: Option<String>,
}

fn asked() -> Option<Asked> {
    let (mut profile, mut ui, mut ca, mut language, mut secrets) = (None, None, None, None, "memory".to_owned());
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next()?;
        match name.as_str() {
            "--profile" => profile = Some(value.into()),
            "--ui" => ui = Some(value.into()),
            "--ca" => ca = Some(value.into()),
            "--secrets" => secrets = value,
            "--lang" => language = Some(value),
            _ => return None,
        }
    }
    Some(Asked { profile: profile?, ui: ui?, ca, secrets, language })
}

#[tokio::main]
async fn main() -> ExitCode {
    let Some(asked) = asked() else {
        eprintln!("clientele-host --profile DIR --ui DIR [--ca FILE] [--secrets memory|ask|keyring] [--lang LANG]");
        return ExitCode::from(2);
    };
    match run(asked).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("clientele-host: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(asked: Asked) -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let door = Door::new(listener.local_addr()?.port());

    let mut config = Config::new(&asked.profile);
    config.extra_ca = asked.ca.map(std::fs::read).transpose()?;
    config.language = asked.language;
    // What an administrator of this computer prescribes is not for a test.
    config.policy = None;
    config.secrets.keyring = asked.secrets == "keyring";
    config.secrets.memory = asked.secrets == "memory";
    let engine = Engine::start(config).await?;
    let viewer = Api::viewer_of(&engine, Some(&format!("{}/message/", door.origin())));
    let api = Api::new(engine, viewer);

    println!("{}/?host=http&token={}", door.origin(), door.token());
    let host = Arc::new(Host { api, ui: asked.ui, door, chosen: tempfile::tempdir()? });
    let (close, mut closed) = tokio::sync::oneshot::channel::<()>();
    // A plain thread: reading standard input cannot be cancelled, and must not hold the runtime back.
    std::thread::spawn(move || {
        let mut bytes = [0; 256];
        while matches!(std::io::stdin().read(&mut bytes), Ok(count) if count > 0) {}
        drop(close);
    });
    loop {
        let (stream, _) = tokio::select! {
            _ = &mut closed => return Ok(()),
            accepted = listener.accept() => accepted?,
        };
        let host = host.clone();
        tokio::spawn(async move {
            let answer = service_fn(|request| {
                let host = host.clone();
                async move { Ok::<_, Infallible>(serve::answer(&host, request).await) }
            });
            // A browser that closes a tab ends its connections as it likes: no error worth a word.
            let _ended = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
        });
    }
}
