use crate::{args::Global, exit, failure::Failure, output::Output, session};
use clientele_api::{ApiError, handle::endpoint_view};
use clientele_model::Endpoint;
use serde_json::json;

pub async fn run(global: &Global, output: &Output, email: &str) -> Result<u8, Failure> {
    if global.offline {
        return Err(Failure::usage("looking for servers needs the network"));
    }
    let authority = session::authority(global)?;
    let found = clientele_engine::discover(email, authority.as_deref()).await.map_err(ApiError::from)?;
    let best = found.found.first();
    let known = |endpoint: &&Endpoint| !endpoint.host.is_empty();
    let incoming = best.map(|found| &found.incoming).filter(known).map(endpoint_view);
    let outgoing = best.map(|found| &found.outgoing).filter(known).map(endpoint_view);
    output.result(&json!({ "incoming": incoming, "outgoing": outgoing }), |out| {
        for (name, side) in [("IMAP", &incoming), ("SMTP", &outgoing)] {
            match side {
                Some(endpoint) => {
                    writeln!(out, "{name}  {}:{}  {:?}", endpoint.host, endpoint.port, endpoint.security)?
                }
                None => writeln!(out, "{name}  not found")?,
            }
        }
        Ok(())
    })?;
    Ok(match (incoming, outgoing) {
        (Some(_), Some(_)) => exit::DONE,
        (None, None) => exit::NOT_FOUND,
        _ => exit::PARTLY,
    })
}
