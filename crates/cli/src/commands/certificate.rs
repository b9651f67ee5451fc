use crate::{args::Certificate, exit, failure::Failure, output::Output, session::Session};
use clientele_api::{handle, view::*};

pub async fn run(session: &Session, output: &Output, command: Certificate) -> Result<u8, Failure> {
    match command {
        Certificate::List => {}
        Certificate::Trust { server, fingerprint } => {
            let (host, port) = place(&server)?;
            let exception = CertificateException { host, port, sha256: fingerprint };
            handle::certificate_trust(&session.api, exception).await?;
        }
        Certificate::Forget { server, fingerprint } => {
            let (host, port) = place(&server)?;
            let kept = handle::certificate_list(&session.api, Empty {}).await?;
            let meant: Vec<_> = match fingerprint {
                Some(sha256) => vec![CertificateException { host, port, sha256 }],
                None => {
                    kept.into_iter().filter(|one| one.port == port && one.host.eq_ignore_ascii_case(&host)).collect()
                }
            };
            if meant.is_empty() {
                return Err(Failure::not_found(format!("nothing was accepted for {server}")));
            }
            for one in meant {
                handle::certificate_forget(&session.api, one).await?;
            }
        }
    }
    let all = handle::certificate_list(&session.api, Empty {}).await?;
    output.result(&all, |out| {
        all.iter().try_for_each(|one| writeln!(out, "{}:{}  {}", one.host, one.port, one.sha256))
    })?;
    Ok(exit::DONE)
}

/// `server:port`, also `[::1]:993`.
pub fn place(text: &str) -> Result<(String, u16), Failure> {
    let (host, port) = text.rsplit_once(':').ok_or_else(|| Failure::usage("a server is written SERVER:PORT"))?;
    let port = port.parse().map_err(|_| Failure::usage("the port is a number from 1 to 65535"))?;
    Ok((host.trim_start_matches('[').trim_end_matches(']').to_owned(), port))
}
