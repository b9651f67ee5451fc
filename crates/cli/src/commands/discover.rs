use crate::{args::Global, exit, failure::Failure, output::Output, session};
use clientele_api::{ApiError, handle::endpoint_view};
use serde_json::json;

pub async fn run(global: &Global, output: &Output, email: &str) -> Result<u8, Failure> {
    if global.offline {
        return Err(Failure::usage("looking for servers needs the network"));
    }
    let authority = session::authority(global)?;
    let found = clientele_engine::discover(email, authority.as_deref()).await.map_err(ApiError::from)?;
    let (incoming, outgoing) = (found.incoming.as_ref().map(endpoint_view), found.outgoing.as_ref().map(endpoint_view));
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
