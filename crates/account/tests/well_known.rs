//! Well-known domains, from their providers' own pages, written by hand: the table must say the same, without a network.
#![allow(clippy::unwrap_used)]

use clientele_account::{DiscoverOptions, Source, Way, discover};
use clientele_model::Security;
use clientele_net::{Net, NetConfig};

const OAUTH: &[Way] = &[Way::OAuth];
const OAUTH_OR_APP: &[Way] = &[Way::OAuth, Way::AppPassword];
const APP: &[Way] = &[Way::AppPassword];
const PASSWORD: &[Way] = &[Way::Password];
const PASSWORD_OR_APP: &[Way] = &[Way::Password, Way::AppPassword];
const BRIDGE: &[Way] = &[Way::BridgePassword];
const NONE: &[Way] = &[Way::Unsupported];

/// The address, IMAP, SMTP, the sign-in name for IMAP, the ways, whose browser sign-in. `=` in front: STARTTLS, else TLS from the first byte.
type Known = (&'static str, &'static str, &'static str, &'static str, &'static [Way], Option<&'static str>);

const KNOWN: [Known; 46] = [
    ("ada@gmail.com", "imap.gmail.com:993", "smtp.gmail.com:465", "ada@gmail.com", OAUTH_OR_APP, Some("google")),
    (
        "Ada+shop@GoogleMail.com",
        "imap.gmail.com:993",
        "smtp.gmail.com:465",
        "Ada@googlemail.com",
        OAUTH_OR_APP,
        Some("google"),
    ),
    (
        "ada@outlook.com",
        "outlook.office365.com:993",
        "=smtp-mail.outlook.com:587",
        "ada@outlook.com",
        OAUTH,
        Some("microsoft"),
    ),
    (
        "ada@hotmail.com",
        "outlook.office365.com:993",
        "=smtp-mail.outlook.com:587",
        "ada@hotmail.com",
        OAUTH,
        Some("microsoft"),
    ),
    (
        "ada@hotmail.co.uk",
        "outlook.office365.com:993",
        "=smtp-mail.outlook.com:587",
        "ada@hotmail.co.uk",
        OAUTH,
        Some("microsoft"),
    ),
    ("ada@live.no", "outlook.office365.com:993", "=smtp-mail.outlook.com:587", "ada@live.no", OAUTH, Some("microsoft")),
    ("ada@msn.com", "outlook.office365.com:993", "=smtp-mail.outlook.com:587", "ada@msn.com", OAUTH, Some("microsoft")),
    (
        "ada@firm.onmicrosoft.com",
        "outlook.office365.com:993",
        "=smtp.office365.com:587",
        "ada@firm.onmicrosoft.com",
        OAUTH,
        Some("microsoft"),
    ),
    (
        "ada@yahoo.com",
        "imap.mail.yahoo.com:993",
        "smtp.mail.yahoo.com:465",
        "ada@yahoo.com",
        OAUTH_OR_APP,
        Some("yahoo"),
    ),
    (
        "ada@yahoo.co.uk",
        "imap.mail.yahoo.com:993",
        "smtp.mail.yahoo.com:465",
        "ada@yahoo.co.uk",
        OAUTH_OR_APP,
        Some("yahoo"),
    ),
    (
        "ada@ymail.com",
        "imap.mail.yahoo.com:993",
        "smtp.mail.yahoo.com:465",
        "ada@ymail.com",
        OAUTH_OR_APP,
        Some("yahoo"),
    ),
    ("ada@aol.com", "imap.aol.com:993", "smtp.aol.com:465", "ada@aol.com", APP, None),
    ("ada@icloud.com", "imap.mail.me.com:993", "=smtp.mail.me.com:587", "ada", APP, None),
    ("ada@me.com", "imap.mail.me.com:993", "=smtp.mail.me.com:587", "ada", APP, None),
    ("ada@mac.com", "imap.mail.me.com:993", "=smtp.mail.me.com:587", "ada", APP, None),
    (
        "ada@fastmail.com",
        "imap.fastmail.com:993",
        "smtp.fastmail.com:465",
        "ada@fastmail.com",
        OAUTH_OR_APP,
        Some("fastmail"),
    ),
    (
        "ada@fastmail.fm",
        "imap.fastmail.com:993",
        "smtp.fastmail.com:465",
        "ada@fastmail.fm",
        OAUTH_OR_APP,
        Some("fastmail"),
    ),
    ("ada@proton.me", "=127.0.0.1:1143", "=127.0.0.1:1025", "ada@proton.me", BRIDGE, None),
    ("ada@protonmail.com", "=127.0.0.1:1143", "=127.0.0.1:1025", "ada@protonmail.com", BRIDGE, None),
    ("ada@tuta.com", "", "", "", NONE, None),
    ("ada@hey.com", "", "", "", NONE, None),
    ("ada@gmx.net", "imap.gmx.net:993", "mail.gmx.net:465", "ada@gmx.net", PASSWORD_OR_APP, None),
    ("ada@gmx.de", "imap.gmx.net:993", "mail.gmx.net:465", "ada@gmx.de", PASSWORD_OR_APP, None),
    ("ada@gmx.com", "imap.gmx.com:993", "mail.gmx.com:465", "ada@gmx.com", PASSWORD_OR_APP, None),
    ("ada@web.de", "imap.web.de:993", "smtp.web.de:465", "ada", PASSWORD_OR_APP, None),
    ("ada@t-online.de", "secureimap.t-online.de:993", "securesmtp.t-online.de:465", "ada@t-online.de", APP, None),
    ("ada@freenet.de", "mx.freenet.de:993", "=mx.freenet.de:587", "ada@freenet.de", PASSWORD, None),
    ("ada@mailbox.org", "imap.mailbox.org:993", "smtp.mailbox.org:465", "ada@mailbox.org", PASSWORD_OR_APP, None),
    ("ada@posteo.de", "posteo.de:993", "posteo.de:465", "ada@posteo.de", PASSWORD_OR_APP, None),
    ("ada@ionos.de", "imap.ionos.de:993", "smtp.ionos.de:465", "ada@ionos.de", PASSWORD, None),
    ("ada@online.no", "imap.online.no:993", "smtp.online.no:465", "ada@online.no", PASSWORD, None),
    (
        "ada@runbox.com",
        "mail.runbox.com:993",
        "mail.runbox.com:465",
        "ada@runbox.com",
        &[Way::AppPassword, Way::Password],
        None,
    ),
    ("ada@mail.dk", "imap.mail.dk:993", "=asmtp.mail.dk:587", "ada@mail.dk", PASSWORD, None),
    ("ada@one.com", "imap.one.com:993", "send.one.com:465", "ada@one.com", PASSWORD, None),
    ("ada@orange.fr", "imap.orange.fr:993", "smtp.orange.fr:465", "ada@orange.fr", PASSWORD, None),
    ("ada@free.fr", "imap.free.fr:993", "smtp.free.fr:465", "ada", PASSWORD, None),
    ("ada@laposte.net", "imap.laposte.net:993", "smtp.laposte.net:465", "ada", PASSWORD, None),
    ("ada@bluewin.ch", "imaps.bluewin.ch:993", "smtpauths.bluewin.ch:465", "ada@bluewin.ch", PASSWORD, None),
    ("ada@ziggo.nl", "imap.ziggo.nl:993", "=smtp.ziggo.nl:587", "ada@ziggo.nl", PASSWORD, None),
    (
        "ada@libero.it",
        "imapmail.libero.it:993",
        "smtp.libero.it:465",
        "ada@libero.it",
        &[Way::AppPassword, Way::Password],
        None,
    ),
    ("ada@seznam.cz", "imap.seznam.cz:993", "smtp.seznam.cz:465", "ada@seznam.cz", PASSWORD_OR_APP, None),
    ("ada@wp.pl", "imap.wp.pl:993", "smtp.wp.pl:465", "ada", APP, None),
    ("ada@yandex.ru", "imap.yandex.com:993", "smtp.yandex.com:465", "ada@yandex.ru", APP, None),
    ("ada@mail.ru", "imap.mail.ru:993", "smtp.mail.ru:465", "ada@mail.ru", APP, None),
    ("ada@zoho.eu", "imap.zoho.eu:993", "smtp.zoho.eu:465", "ada@zoho.eu", &[Way::AppPassword, Way::Password], None),
    ("ada@qq.com", "imap.qq.com:993", "smtp.qq.com:465", "ada@qq.com", APP, None),
];

fn written(endpoint: &clientele_model::Endpoint) -> String {
    match (endpoint.host.as_str(), endpoint.security) {
        ("", _) => String::new(),
        (host, Security::Tls) => format!("{host}:{}", endpoint.port),
        (host, Security::Starttls) => format!("={host}:{}", endpoint.port),
        (host, Security::None) => format!("open {host}:{}", endpoint.port),
    }
}

#[tokio::test]
async fn well_known_domains_need_no_network() {
    let net = Net::new(NetConfig::default()).unwrap();
    let options = DiscoverOptions { offline_only: true, ..DiscoverOptions::default() };
    let mut wrong = Vec::new();
    for (address, incoming, outgoing, user, ways, oauth) in KNOWN {
        let discovery = discover(&net, &options, address).await;
        let Some(found) = discovery.found.first() else {
            wrong.push(format!("{address}: nothing"));
            continue;
        };
        let said = (written(&found.incoming), written(&found.outgoing), found.incoming_user.as_str());
        let right = (incoming.to_owned(), outgoing.to_owned(), user);
        let signs = (found.sign_in.as_slice(), found.oauth_id.as_deref());
        if said != right || signs != (ways, oauth) || !found.trusted || found.source != Source::Table {
            wrong.push(format!("{address}: {said:?} {signs:?}, not {right:?} {ways:?} {oauth:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let nobody = discover(&net, &options, "ada@firm.example").await;
    assert!(nobody.found.is_empty());
}
