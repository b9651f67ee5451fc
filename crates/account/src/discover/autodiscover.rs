//! Microsoft Autodiscover, the XML of Outlook (MS-OXDSCLI), without signing in anywhere.

use super::{
    Found, Said, Silence, Source, Way,
    address::{Mailbox, host_name, within},
    autoconfig::{settle, strip, user},
    hosts::Sites,
    table::{self, nowhere},
    xml::{self, Element},
};
use clientele_model::{Endpoint, Security};
use clientele_net::{Dns, Limits};
use std::{future::Future, pin::Pin, time::Duration};
use tokio::task::JoinSet;
use url::Url;

const LIMITS: Limits = Limits { bytes: 256 * 1024, time: Duration::from_secs(4) };
const REDIRECTS: usize = 3;
/// Where Exchange Online answers: it tells nobody its IMAP servers, and the table knows them.
const MICROSOFT: [&str; 2] = ["outlook.com", "office365.com"];

/// Asks the usual places all at once; the first answer that is trusted is taken, else the first in order.
pub(super) async fn ask(web: &Sites, dns: &Dns, mailbox: &Mailbox, domain: &str) -> Said {
    let path = "autodiscover/autodiscover.xml";
    let mut running = JoinSet::new();
    for (place, host) in [domain.to_owned(), format!("autodiscover.{domain}")].into_iter().enumerate() {
        let (web, mailbox) = (web.clone(), mailbox.clone());
        running.spawn(async move { (place, post(&web, &mailbox, &format!("https://{host}/{path}"), true).await) });
    }
    let (other_web, other_mailbox, url) =
        (web.clone(), mailbox.clone(), format!("http://autodiscover.{domain}/{path}"));
    running.spawn(async move { (2, redirected(&other_web, &other_mailbox, &url).await) });
    let (web, mailbox, dns, name) = (web.clone(), mailbox.clone(), dns.clone(), format!("_autodiscover._tcp.{domain}"));
    running.spawn(async move {
        let said = match dns.srv(&name).await {
            Ok(records) => match records.first().and_then(|record| Some((host_name(&record.target)?, record.port))) {
                Some((host, 443)) => post(&web, &mailbox, &format!("https://{host}/{path}"), mailbox.owns(&host)).await,
                _ => Err(Silence::Nothing("no SRV record".into())),
            },
            Err(error) => Err(error.into()),
        };
        (3, said)
    });
    let mut said: Vec<(usize, Said)> = Vec::new();
    while let Some(done) = running.join_next().await {
        let Ok(one) = done else { continue };
        let settled = one.1.as_ref().is_ok_and(|found| found.trusted);
        said.push(one);
        if settled {
            break;
        }
    }
    said.sort_by_key(|(place, said)| (!said.as_ref().is_ok_and(|found| found.trusted), said.is_err(), *place));
    said.into_iter().next().map(|(_, said)| said).unwrap_or(Err(Silence::TimedOut))
}

/// Plain http is only asked where it points to. Nobody can say who answered.
async fn redirected(web: &Sites, mailbox: &Mailbox, url: &str) -> Said {
    let answer = web.get(url, LIMITS).await?;
    let target = answer.redirect().ok_or_else(|| Silence::Nothing(format!("answered {}", answer.status)))?;
    follow(web, mailbox, &target, false, REDIRECTS).await
}

async fn post(web: &Sites, mailbox: &Mailbox, url: &str, trusted: bool) -> Said {
    exchange(web, mailbox, url, trusted, REDIRECTS).await
}

/// A future that may hold itself: redirects are followed by asking again.
type Following<'a> = Pin<Box<dyn Future<Output = Said> + Send + 'a>>;

/// Another host than the domain's own is asked for settings, and given no password; its answer is not believed without
/// asking. Microsoft's own are not asked: what stands in the table is believed, whoever pointed there.
fn follow<'a>(web: &'a Sites, mailbox: &'a Mailbox, target: &'a str, trusted: bool, left: usize) -> Following<'a> {
    Box::pin(async move {
        let url = Url::parse(target).ok().filter(|url| url.scheme() == "https");
        let url = url.ok_or_else(|| Silence::Failed("redirects to something other than https".into()))?;
        let host = url.host_str().and_then(host_name);
        let host = host.ok_or_else(|| Silence::Failed("redirects to no host of the Internet".into()))?;
        if MICROSOFT.iter().any(|microsoft| within(&host, microsoft)) {
            return microsoft(mailbox, &host);
        }
        if left == 0 {
            return Err(Silence::Failed("redirects without end".into()));
        }
        exchange(web, mailbox, url.as_str(), trusted && mailbox.owns(&host), left - 1).await
    })
}

async fn exchange(web: &Sites, mailbox: &Mailbox, url: &str, trusted: bool, left: usize) -> Said {
    let answer = web.post_xml(url, request(&mailbox.email()), LIMITS).await?;
    if let Some(target) = answer.redirect() {
        return follow(web, mailbox, &target, trusted, left).await;
    }
    match answer.status {
        200 => {}
        // Exchange wants a password first. It gets none here.
        401 | 403 => return Err(Silence::Nothing("wants a password before it answers".into())),
        status => return Err(Silence::Nothing(format!("answered {status}"))),
    }
    match read(&answer.body, mailbox)? {
        Answer::Settings(mut found) => {
            found.source_host =
                Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
            found.trusted &= trusted;
            if !found.trusted {
                strip(&mut found);
            }
            Ok(*found)
        }
        Answer::Elsewhere(target) => follow(web, mailbox, &target, trusted, left).await,
    }
}

fn microsoft(mailbox: &Mailbox, host: &str) -> Said {
    let found = table::provider("microsoft365", &mailbox.email());
    let found = found.ok_or_else(|| Silence::Failed("Exchange Online is not in the table".into()))?;
    Ok(Found { source: Source::Autodiscover, source_host: host.to_owned(), ..found })
}

fn request(email: &str) -> String {
    let email = quick_xml::escape::escape(email);
    let base = "http://schemas.microsoft.com/exchange/autodiscover/outlook";
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
         <Autodiscover xmlns=\"{base}/requestschema/2006\"><Request><EMailAddress>{email}</EMailAddress>\
         <AcceptableResponseSchema>{base}/responseschema/2006a</AcceptableResponseSchema></Request></Autodiscover>"
    )
}

#[derive(Debug)]
enum Answer {
    Settings(Box<Found>),
    /// Another address to ask.
    Elsewhere(String),
}

fn read(bytes: &[u8], mailbox: &Mailbox) -> Result<Answer, Silence> {
    let root = xml::read(bytes).map_err(|error| Silence::Failed(error.to_string()))?;
    let account = root.first("Response").and_then(|response| response.first("Account"));
    let account = account.ok_or_else(|| Silence::Nothing("it knows no such mailbox".into()))?;
    match account.text_of("Action").to_ascii_lowercase().as_str() {
        "redirecturl" => return Ok(Answer::Elsewhere(account.text_of("RedirectUrl").to_owned())),
        "redirectaddr" => return Err(Silence::Nothing("it points to another address".into())),
        _ => {}
    }
    let first = |kind: &str| {
        account
            .all("Protocol")
            .filter(|protocol| protocol.text_of("Type").eq_ignore_ascii_case(kind))
            .find_map(|protocol| server(protocol, mailbox))
    };
    let (imap, pop3, smtp) = (first("IMAP"), first("POP3"), first("SMTP"));
    let pop3_only = imap.is_none() && pop3.is_some();
    let Some((incoming_user, incoming)) = imap.or(pop3) else {
        return Err(Silence::Nothing("it names no IMAP server".into()));
    };
    let (outgoing_user, outgoing) = smtp.unwrap_or_else(|| (String::new(), nowhere()));
    let mut found = Found {
        provider_id: String::new(),
        provider_name: String::new(),
        source: Source::Autodiscover,
        source_host: String::new(),
        trusted: true,
        incoming,
        incoming_user,
        outgoing,
        outgoing_user,
        sign_in: vec![Way::Password],
        oauth_id: None,
        app_password_url: None,
        help_url: None,
        enable_url: None,
        pop3_only,
    };
    settle(&mut found, mailbox);
    Ok(Answer::Settings(Box::new(found)))
}

fn server(protocol: &Element, mailbox: &Mailbox) -> Option<(String, Endpoint)> {
    let host = host_name(protocol.text_of("Server"))?;
    let port: u16 = protocol.text_of("Port").parse().ok().filter(|port| *port > 0)?;
    let encryption = protocol.text_of("Encryption").to_ascii_lowercase();
    let security = match (port, encryption.as_str()) {
        (993 | 465 | 995, _) => Security::Tls,
        (_, "none") => Security::None,
        (143 | 587 | 110 | 25, _) => Security::Starttls,
        (_, "ssl") => Security::Tls,
        (_, "tls" | "auto") => Security::Starttls,
        _ if protocol.text_of("SSL").eq_ignore_ascii_case("off") => Security::None,
        _ => Security::Tls,
    };
    let user = user(protocol.text_of("LoginName")).unwrap_or_else(|| mailbox.fill("%EMAILADDRESS%"));
    Some((user, Endpoint { host, port, security }))
}
