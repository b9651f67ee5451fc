use super::{Result, account::endpoint_view};
use crate::{Api, view::*};
use clientele_engine::{Found, Source, Way};

pub async fn discover(api: &Api, request: DiscoverRequest) -> Result<DiscoverView> {
    let found = api.engine().discover(&request.email, request.provider.as_deref()).await?;
    let sources = found.sources.iter().map(|report| SourceView {
        source: source(report.source),
        host: report.host.clone(),
        outcome: report.outcome.name().to_owned(),
        why: report.outcome.why().to_owned(),
        trusted: report.found.as_ref().is_some_and(|found| found.trusted),
        milliseconds: u32::try_from(report.elapsed.as_millis()).unwrap_or(u32::MAX),
    });
    Ok(DiscoverView {
        email: found.email,
        domain: found.domain_shown,
        sources: sources.collect(),
        found: found.found.into_iter().map(|one| view(api, one)).collect(),
        offline: found.offline,
    })
}

fn view(api: &Api, found: Found) -> FoundView {
    let browser = found.sign_in.contains(&Way::OAuth);
    let possible = browser && api.engine().can_sign_in(&found);
    // A policy's servers have no name of their own; the button that opens the browser needs one.
    let named = found.oauth_id.as_deref().filter(|_| possible && found.provider_name.is_empty());
    let provider_name = named.and_then(|id| api.engine().provider_name(id)).unwrap_or(found.provider_name);
    FoundView {
        source: source(found.source),
        source_host: found.source_host,
        trusted: found.trusted,
        incoming: endpoint_view(&found.incoming),
        incoming_user: found.incoming_user,
        outgoing: endpoint_view(&found.outgoing),
        outgoing_user: found.outgoing_user,
        sign_in: found.sign_in.iter().filter(|way| possible || **way != Way::OAuth).map(way).collect(),
        oauth: found.oauth_id.filter(|_| possible),
        oauth_missing: browser && !possible,
        provider_id: found.provider_id,
        provider_name,
        app_password_url: found.app_password_url,
        help_url: found.help_url,
        enable_url: found.enable_url,
        pop3_only: found.pop3_only,
    }
}

fn way(way: &Way) -> SignInWay {
    match way {
        Way::OAuth => SignInWay::Oauth,
        Way::AppPassword => SignInWay::AppPassword,
        Way::Password => SignInWay::Password,
        Way::BridgePassword => SignInWay::BridgePassword,
        Way::Unsupported => SignInWay::Unsupported,
    }
}

fn source(source: Source) -> DiscoverSource {
    match source {
        Source::Policy => DiscoverSource::Policy,
        Source::Table => DiscoverSource::Table,
        Source::TableMx => DiscoverSource::TableMx,
        Source::Autoconfig => DiscoverSource::Autoconfig,
        Source::WellKnown => DiscoverSource::WellKnown,
        Source::AutoconfigMx => DiscoverSource::AutoconfigMx,
        Source::Srv => DiscoverSource::Srv,
        Source::Autodiscover => DiscoverSource::Autodiscover,
        Source::Guess => DiscoverSource::Guess,
        Source::AutoconfigHttp => DiscoverSource::AutoconfigHttp,
    }
}
