use crate::{args::Global, exit, failure::Failure, output::Output, output::column, session};
use clientele_api::{ApiError, handle::endpoint_view};
use clientele_engine::{Config, Discovery, Found, Way};
use clientele_model::{Endpoint, Security};
use serde_json::{Value, json};
use std::io::{self, Write};

/// Needs no profile, and makes none.
pub async fn run(global: &Global, output: &Output, email: &str) -> Result<u8, Failure> {
    let config = Config {
        extra_ca: session::authority(global)?,
        policy: Some(session::policy(global)),
        resolver: global.resolver,
        map: global.map.clone(),
        ..Config::new("")
    };
    let discovery = clientele_engine::discover(email, &config, global.offline).await.map_err(ApiError::from)?;
    if discovery.email.is_empty() {
        return Err(Failure::usage("an address has a name, an @ and a domain"));
    }
    output.result(&document(&discovery), |out| print(out, &discovery))?;
    Ok(match discovery.found.first() {
        Some(found) if found.whole() && found.trusted && !found.pop3_only => exit::DONE,
        Some(_) => exit::PARTLY,
        None if discovery.offline => exit::NETWORK,
        None => exit::NOT_FOUND,
    })
}

fn print(out: &mut dyn Write, discovery: &Discovery) -> io::Result<()> {
    if discovery.offline {
        writeln!(out, "There is no network: only what is known without it was asked.")?;
    }
    match discovery.found.first() {
        Some(found) => servers(out, found)?,
        None => writeln!(out, "Nothing was found.")?,
    }
    writeln!(out, "after {} ms\n", discovery.elapsed.as_millis())?;
    for report in &discovery.sources {
        let trust = match &report.found {
            Some(found) if found.trusted => "trusted",
            Some(_) => "not trusted",
            None => "",
        };
        let (source, outcome) = (column(report.source.name(), 15), column(report.outcome.name(), 9));
        let line = format!(
            "{source} {outcome} {:>5} ms  {} {}  {}",
            report.elapsed.as_millis(),
            column(trust, 11),
            report.host,
            report.outcome.why()
        );
        writeln!(out, "{}", line.trim_end())?;
        if let Some(found) = &report.found {
            writeln!(out, "{:15} {} · {}", "", place(&found.incoming), place(&found.outgoing))?;
        }
    }
    Ok(())
}

fn servers(out: &mut dyn Write, found: &Found) -> io::Result<()> {
    let incoming = if found.pop3_only { "POP3" } else { "IMAP" };
    writeln!(out, "{incoming}  {}  as {}", place(&found.incoming), found.incoming_user)?;
    writeln!(out, "SMTP  {}  as {}", place(&found.outgoing), found.outgoing_user)?;
    let ways: Vec<String> = found.sign_in.iter().map(|way| way_name(*way).replace('_', " ")).collect();
    let provider = if found.provider_name.is_empty() { "" } else { "  at " };
    writeln!(out, "sign in by {}{provider}{}", ways.join(" or "), found.provider_name)?;
    let pages =
        [("app password", &found.app_password_url), ("switch IMAP on", &found.enable_url), ("help", &found.help_url)];
    for (name, page) in pages {
        if let Some(page) = page {
            writeln!(out, "{name}: {page}")?;
        }
    }
    if found.pop3_only {
        writeln!(out, "POP3 only: this program does not speak it.")?;
    } else if !found.trusted {
        writeln!(out, "Not trusted: look at these servers before a password goes there.")?;
    }
    Ok(())
}

fn place(endpoint: &Endpoint) -> String {
    if endpoint.host.is_empty() {
        return "not found".into();
    }
    let security = match endpoint.security {
        Security::Tls => "TLS",
        Security::Starttls => "STARTTLS",
        Security::None => "without TLS",
    };
    format!("{}:{} {security}", endpoint.host, endpoint.port)
}

fn way_name(way: Way) -> &'static str {
    match way {
        Way::OAuth => "oauth",
        Way::AppPassword => "app_password",
        Way::Password => "password",
        Way::BridgePassword => "bridge_password",
        Way::Unsupported => "unsupported",
    }
}

fn document(discovery: &Discovery) -> Value {
    let best = discovery.found.first();
    let known = |endpoint: &&Endpoint| !endpoint.host.is_empty();
    let sources = discovery.sources.iter().map(|report| {
        json!({
            "source": report.source.name(),
            "host": report.host,
            "outcome": report.outcome.name(),
            "why": report.outcome.why(),
            "milliseconds": report.elapsed.as_millis() as u64,
            "found": report.found.as_ref().map(found),
        })
    });
    json!({
        "email": discovery.email,
        "domain": discovery.domain,
        "incoming": best.map(|found| &found.incoming).filter(known).map(endpoint_view),
        "outgoing": best.map(|found| &found.outgoing).filter(known).map(endpoint_view),
        "found": discovery.found.iter().map(found).collect::<Vec<_>>(),
        "sources": sources.collect::<Vec<_>>(),
        "offline": discovery.offline,
        "milliseconds": discovery.elapsed.as_millis() as u64,
    })
}

fn found(found: &Found) -> Value {
    json!({
        "provider": found.provider_id,
        "provider_name": found.provider_name,
        "source": found.source.name(),
        "source_host": found.source_host,
        "trusted": found.trusted,
        "incoming": endpoint_view(&found.incoming),
        "incoming_user": found.incoming_user,
        "outgoing": endpoint_view(&found.outgoing),
        "outgoing_user": found.outgoing_user,
        "sign_in": found.sign_in.iter().map(|way| way_name(*way)).collect::<Vec<_>>(),
        "oauth": found.oauth_id,
        "app_password_url": found.app_password_url,
        "help_url": found.help_url,
        "enable_url": found.enable_url,
        "pop3_only": found.pop3_only,
    })
}
