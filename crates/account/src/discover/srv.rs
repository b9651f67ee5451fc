//! SRV records of the mail domain (RFC 6186, RFC 8314 section 5.1).

use super::{
    Found, Said, Silence, Source, Way,
    address::{Mailbox, host_name},
    autoconfig::settle,
    guess::best,
    hosts::Hosts,
    table::nowhere,
};
use crate::propose::Side;
use clientele_model::{Endpoint, Security};
use clientele_net::{Dns, DnsError, Net, Srv};
use std::sync::Arc;

type Records = Result<Vec<Srv>, DnsError>;

/// More are not tried.
const MOST: usize = 3;

/// The servers that the records name, each proven by a handshake with a certificate for its own name. Records are not signed:
/// servers outside the address's own domain are not believed without asking (RFC 6186 section 6).
pub(super) async fn ask(net: &Net, dns: &Dns, hosts: &Arc<Hosts>, mailbox: &Mailbox, domain: &str) -> Said {
    let name = |service: &str| format!("_{service}._tcp.{domain}");
    let names = ["imaps", "imap", "submissions", "submission", "pop3s"].map(name);
    let (imaps, imap, submissions, submission, pop3s) = tokio::join!(
        dns.srv(&names[0]),
        dns.srv(&names[1]),
        dns.srv(&names[2]),
        dns.srv(&names[3]),
        dns.srv(&names[4])
    );
    let incoming = endpoints(&[(&imaps, Security::Tls, 993), (&imap, Security::Starttls, 993)]);
    let outgoing = endpoints(&[(&submissions, Security::Tls, 465), (&submission, Security::Starttls, 465)]);
    let pop3 = endpoints(&[(&pop3s, Security::Tls, 995)]);
    if incoming.is_empty() && outgoing.is_empty() && pop3.is_empty() {
        return match [imaps, imap, submissions, submission].into_iter().find_map(Result::err) {
            Some(error) => Err(error.into()),
            None => Err(Silence::Nothing("no SRV records".into())),
        };
    }
    let named = !incoming.is_empty();
    let (incoming, outgoing) =
        tokio::join!(best(net, hosts, Side::Incoming, incoming), best(net, hosts, Side::Outgoing, outgoing));
    let pop3_only = !named && !pop3.is_empty();
    if incoming.is_none() && outgoing.is_none() && !pop3_only {
        return Err(Silence::Failed("no server that it names answers with a certificate for its name".into()));
    }
    let user = mailbox.fill("%EMAILADDRESS%");
    let mut found = Found {
        provider_id: String::new(),
        provider_name: String::new(),
        source: Source::Srv,
        source_host: domain.to_owned(),
        trusted: true,
        incoming: incoming.or_else(|| pop3.into_iter().next().filter(|_| pop3_only)).unwrap_or_else(nowhere),
        incoming_user: user.clone(),
        outgoing: outgoing.unwrap_or_else(nowhere),
        outgoing_user: user,
        sign_in: vec![Way::Password],
        oauth_id: None,
        app_password_url: None,
        help_url: None,
        enable_url: None,
        pop3_only,
    };
    let own = |endpoint: &Endpoint| endpoint.host.is_empty() || mailbox.owns(&endpoint.host);
    found.trusted = own(&found.incoming) && own(&found.outgoing);
    settle(&mut found, mailbox);
    Ok(found)
}

/// By the lists' order, then the records'. On the port of TLS it is TLS, whatever the record's name says.
fn endpoints(lists: &[(&Records, Security, u16)]) -> Vec<Endpoint> {
    let mut endpoints = Vec::new();
    for (records, security, tls_port) in lists {
        for record in records.as_ref().map(Vec::as_slice).unwrap_or_default() {
            // A target of "." says that there is no such service.
            let Some(host) = host_name(&record.target).filter(|_| record.port > 0) else { continue };
            let security = if record.port == *tls_port { Security::Tls } else { *security };
            endpoints.push(Endpoint { host, port: record.port, security });
        }
    }
    endpoints.truncate(MOST);
    endpoints
}
