use super::{
    Found, PolicyServer, Silence, Source, Way,
    address::{Mailbox, host_name, within},
    autoconfig, policy, provider, sign_in, table,
    xml::{self, XmlError},
};
use clientele_model::{Endpoint, Security};
use std::time::{Duration, Instant};

fn ada() -> Mailbox {
    Mailbox::read("ada@firm.example").unwrap()
}

#[test]
fn addresses_are_read_as_people_type_them() {
    let read = |text: &str| Mailbox::read(text).map(|mailbox| mailbox.email());
    let ok = |text: &str| Some(text.to_owned());
    assert_eq!(read(" Ada.B@Firm.NO "), ok("Ada.B@firm.no"));
    assert_eq!(read("Ada <ada@firm.no>"), ok("ada@firm.no"));
    assert_eq!(read("mailto:ada@firm.no"), ok("ada@firm.no"));
    assert_eq!(read("ada@firm.no."), ok("ada@firm.no"));
    assert_eq!(read("ada@Bücher.example"), ok("ada@xn--bcher-kva.example"));
    assert_eq!(read("åse@firm.no"), ok("åse@firm.no"));
    assert_eq!(read("\"ada b\"@firm.no"), ok("\"ada b\"@firm.no"));
    assert_eq!(read("\"ada\"@firm.no"), ok("ada@firm.no"));
    assert_eq!(read("\"a@b\"@firm.no"), ok("\"a@b\"@firm.no"));
    let long = format!("{}@firm.no", "a".repeat(400));
    for none in [
        "",
        "@",
        "ada",
        "ada@",
        "@firm.no",
        "ada@localhost",
        "ada@192.0.2.1",
        "ada@[::1]",
        "a b@firm.no",
        "ada@firm .no",
    ] {
        assert_eq!(read(none), None, "{none}");
    }
    for none in ["ada@fi\u{0}rm.no", "ada\r\n@firm.no", "ada@firm..no", "ada@-", &long] {
        assert_eq!(read(none), None, "{none:?}");
    }

    let idn = Mailbox::read("ada@post.BÜCHER.example").unwrap();
    assert_eq!((idn.shown.as_str(), idn.base.as_str()), ("post.bücher.example", "xn--bcher-kva.example"));
    assert_eq!(Mailbox::read("ada@sales.firm.co.uk").unwrap().base, "firm.co.uk");
    let tagged = Mailbox::read("ada+list@firm.no").unwrap();
    assert_eq!(tagged.email(), "ada+list@firm.no", "the address keeps its tag");
    assert_eq!(
        tagged.fill("%EMAILADDRESS% %EMAILLOCALPART% %EMAILDOMAIN%"),
        "ada@firm.no ada firm.no",
        "a sign-in has none"
    );
}

#[test]
fn only_names_of_the_internet_are_hosts_from_outside() {
    assert_eq!(host_name("IMAP.Firm.no."), Some("imap.firm.no".into()));
    for none in [
        "localhost",
        "127.0.0.1",
        "[::1]",
        "0x7f.1",
        "imap.firm.no:993",
        "a\nb.no",
        "a b.no",
        "a/b.no",
        "",
        ".",
        "a..b",
        "%EMAILDOMAIN%",
    ] {
        assert_eq!(host_name(none), None, "{none:?}");
    }
    assert!(within("imap.firm.no", "firm.no") && within("firm.no", "firm.no"));
    assert!(!within("evilfirm.no", "firm.no") && !within("firm.no.evil.example", "firm.no") && !within("x", ""));
}

/// A document with one IMAP and one SMTP server, with whatever is put between.
fn document(imap: &str, more: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<clientConfig version=\"1.1\"><emailProvider id=\"firm.example\">\
         <displayName>Firm</displayName>{imap}\
         <outgoingServer type=\"smtp\"><hostname>smtp.firm.example</hostname><port>465</port><socketType>SSL</socketType>\
         <username>%EMAILADDRESS%</username><authentication>password-cleartext</authentication></outgoingServer>\
         </emailProvider>{more}</clientConfig>"
    )
}

fn server(kind: &str, host: &str, port: &str, socket: &str) -> String {
    format!(
        "<incomingServer type=\"{kind}\"><hostname>{host}</hostname><port>{port}</port><socketType>{socket}</socketType>\
         <username>%EMAILLOCALPART%</username><authentication>password-cleartext</authentication></incomingServer>"
    )
}

fn read(document: &str) -> Result<Found, Silence> {
    autoconfig::read(document.as_bytes(), &ada())
}

#[test]
fn the_safest_server_of_a_document_is_taken() {
    let all = server("pop3", "pop.firm.example", "995", "SSL")
        + &server("imap", "plain.firm.example", "143", "plain")
        + &server("imap", "imap.firm.example", "143", "STARTTLS")
        + &server("imap", "imap.firm.example", "993", "SSL");
    let found = read(&document(&all, "")).unwrap();
    assert_eq!((found.incoming.port, found.incoming.security), (993, Security::Tls));
    assert_eq!((found.incoming_user.as_str(), found.outgoing_user.as_str()), ("ada", "ada@firm.example"));
    assert!(found.trusted && !found.pop3_only && found.sign_in == [Way::Password] && found.provider_name == "Firm");

    let plain = read(&document(&server("imap", "imap.firm.example", "143", "plain"), "")).unwrap();
    assert!(!plain.trusted && plain.unprotected(), "without TLS nothing is believed");
    let pop3 = read(&document(&server("pop3", "pop.firm.example", "995", "SSL"), "")).unwrap();
    assert!(pop3.pop3_only && pop3.incoming.host == "pop.firm.example");
}

#[test]
fn a_sign_in_in_the_browser_is_only_for_the_providers_own_servers() {
    let oauth = |host: &str| {
        server("imap", host, "993", "SSL")
            .replace("<authentication>", "<authentication>OAuth2</authentication><authentication>")
    };
    let issuer = "<oAuth2><issuer>accounts.google.com</issuer><scope>x</scope></oAuth2>";
    let stolen = read(&document(&oauth("imap.firm.example"), issuer)).unwrap();
    assert_eq!((stolen.sign_in, stolen.oauth_id), (vec![Way::Password], None));
    let half = read(&document(&oauth("imap.gmail.com"), issuer)).unwrap();
    assert_eq!((half.sign_in, half.oauth_id), (vec![Way::Password], None), "one side is another's");
    let own = document(&oauth("imap.gmail.com"), issuer).replace("smtp.firm.example", "smtp.gmail.com");
    let own = read(&own).unwrap();
    assert_eq!((own.provider_id.as_str(), own.oauth_id.as_deref()), ("google", Some("google")));
    assert_eq!(own.sign_in, [Way::OAuth, Way::AppPassword], "the table knows better than the document");
    assert_eq!(sign_in::oauth_of("imap.gmail.com.evil.example", "smtp.gmail.com"), None);
    assert_eq!(sign_in::oauth_of("outlook.office365.com", "smtp.office365.com"), Some("microsoft"));
}

#[test]
fn hostile_documents_are_refused_at_once_and_harm_nothing() {
    let good = server("imap", "imap.firm.example", "993", "SSL");
    let begun = Instant::now();

    let mut bomb = String::from("<?xml version=\"1.0\"?><!DOCTYPE clientConfig [<!ENTITY a \"aaaaaaaaaa\">");
    for (one, before) in ("bcdefghij".chars()).zip("abcdefghi".chars()) {
        bomb += &format!("<!ENTITY {one} \"{}\">", format!("&{before};").repeat(10));
    }
    let bomb = bomb
        + "]>"
        + &document(&server("imap", "&j;", "993", "SSL"), "").replace("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "");
    assert_eq!(xml::read(bomb.as_bytes()).unwrap_err(), XmlError::DocumentType);
    // Without its declarations, an entity is nothing either.
    let bare = document(&server("imap", "&j;.firm.example", "993", "SSL"), "");
    assert_eq!(xml::read(bare.as_bytes()).unwrap_err(), XmlError::Entity);
    let file = "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>";
    assert_eq!(xml::read(file.as_bytes()).unwrap_err(), XmlError::DocumentType);

    let deep = "<a>".repeat(80_000);
    assert_eq!(xml::read(deep.as_bytes()).unwrap_err(), XmlError::TooMuch);
    let wide = format!("<a>{}</a>", "<b/>".repeat(60_000));
    assert_eq!(xml::read(wide.as_bytes()).unwrap_err(), XmlError::TooMuch);
    let long = document(&server("imap", &"a".repeat(200_000), "993", "SSL"), "");
    assert!(read(&long).is_err());
    for broken in [
        "",
        "<",
        "<a>",
        "<a></b>",
        "<a/><a/>",
        "no XML",
        "<html><body>Sign in</body></html>",
        "\u{0}",
        "<a b=\"&x;\"/>",
    ] {
        assert!(read(broken).is_err(), "{broken:?}");
    }
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());

    for port in ["0", "-1", "65536", "99999999999999999999", "993x", ""] {
        assert!(read(&document(&server("imap", "imap.firm.example", port, "SSL"), "")).is_err(), "port {port}");
    }
    for host in [
        "imap.firm.example\u{0}",
        "imap&#10;.example",
        "127.0.0.1",
        "localhost",
        "a b.example",
        "",
        "imap.firm.example/x",
        "&lt;script>.example",
    ] {
        assert!(read(&document(&server("imap", host, "993", "SSL"), "")).is_err(), "host {host:?}");
    }
    // One bad server does not spoil the good one beside it, and bytes that are no UTF-8 spoil only their own text.
    let both = document(&(server("imap", "127.0.0.1", "993", "SSL") + &good), "");
    assert_eq!(read(&both).unwrap().incoming.host, "imap.firm.example");
    let mut latin = document(&good, "").replace("Firm<", "Firmé<").into_bytes();
    let place = latin.windows(2).position(|two| two == "é".as_bytes()).unwrap();
    latin.splice(place..place + 2, [0xe9]);
    assert_eq!(autoconfig::read(&latin, &ada()).unwrap().provider_name, "Firm");

    let lines = good.replace("%EMAILLOCALPART%", "ada&#13;&#10;A1 LOGOUT");
    assert_eq!(
        read(&document(&lines, "")).unwrap().incoming_user,
        "ada@firm.example",
        "no second line in a sign-in name"
    );
    let link = document(&good, "<enable visiturl=\"javascript:alert(1)\"/>");
    assert_eq!(read(&link).unwrap().enable_url, None);
    let name = document(&good, "").replace(">Firm<", ">F\u{202e}irm\u{7}<");
    assert_eq!(read(&name).unwrap().provider_name, "Firm");
}

#[test]
fn exchangers_lead_to_their_provider_and_filters_nowhere() {
    let id = |mx: &str| table::by_mx(&ada(), mx).map(|entry| entry.found.provider_id);
    let known = [
        ("aspmx.l.google.com", "google"),
        ("smtp.google.com", "google"),
        ("firm-example.mail.protection.outlook.com", "microsoft365"),
        ("firm-example.a-v1.mx.microsoft", "microsoft365"),
        ("outlook-com.olc.protection.outlook.com", "outlook"),
        ("mta5.am0.yahoodns.net", "yahoo"),
        ("mx01.mail.icloud.com", "icloud"),
        ("in1-smtp.messagingengine.com", "fastmail"),
        ("mx00.kundenserver.de", "ionos"),
        ("mx00.ionos.co.uk", "ionos"),
        ("mx.domeneshop.no", "domeneshop.no"),
        ("mail.protonmail.ch", "proton"),
    ];
    for (mx, provider) in known {
        assert_eq!(id(mx).as_deref(), Some(provider), "{mx}");
    }
    for unknown in ["mail.firm.example", "inbound-smtp.eu-west-1.amazonaws.com", "evilgoogle.com", "com"] {
        assert_eq!(id(unknown), None, "{unknown}");
    }
    for filter in ["eu-smtp-inbound-1.mimecast.com", "mx1-eu1.ppe-hosted.com", "mx01.hornetsecurity.com"] {
        assert!(table::filter(filter).is_some() && id(filter).is_none(), "{filter}");
    }
    let ionos = table::by_mx(&ada(), "mx00.ionos.co.uk").unwrap().found;
    assert_eq!(ionos.incoming.host, "imap.ionos.co.uk");
    let own = table::by_mx(&ada(), "w0123456.kasserver.com").unwrap().found;
    assert_eq!(
        (own.incoming.host.as_str(), own.outgoing.host.as_str()),
        ("w0123456.kasserver.com", "w0123456.kasserver.com")
    );
}

#[test]
fn nothing_in_the_table_goes_without_tls_and_is_trusted() {
    let all = table::everybody(&ada());
    assert!(all.len() > 230, "{}", all.len());
    for found in all {
        assert!(!(found.trusted && found.unprotected()), "{}", found.provider_id);
        assert_eq!(found.oauth_id.is_some(), found.sign_in.contains(&Way::OAuth), "{}", found.provider_id);
        assert!(!found.sign_in.is_empty() && !found.provider_id.is_empty());
        let unknown = found.incoming.host.is_empty() && found.sign_in != [Way::Unsupported];
        assert!(!unknown || ["mxroute.com", "abv.bg"].contains(&found.provider_id.as_str()), "{}", found.provider_id);
    }
}

#[test]
fn the_table_is_read_in_no_time() {
    let begun = Instant::now();
    assert!(provider("google", "ada@firm.example").is_some());
    let first = begun.elapsed();
    let begun = Instant::now();
    assert!(provider("gmx", "ada@gmx.com").is_some_and(|found| found.incoming.host == "imap.gmx.com"));
    println!("first use {first:?}, then {:?}", begun.elapsed());
    assert!(first < Duration::from_millis(300), "{first:?}: 30 ms are allowed in a release, ten times as much here");
}

#[test]
fn the_administrators_rule_comes_first() {
    let at = |host: &str, port| Endpoint { host: host.into(), port, security: Security::Tls };
    let rule = |domain: &str, sign_in: &str| PolicyServer {
        domains: vec![domain.into()],
        incoming: at("imap.corp.example", 993),
        outgoing: at("smtp.corp.example", 465),
        user: "CORP\\%EMAILLOCALPART%".into(),
        sign_in: sign_in.into(),
    };
    let found = policy::ask(&[rule("other.example", "password"), rule("FIRM.example", "corp")], &ada()).unwrap();
    assert_eq!((found.source, found.incoming_user.as_str()), (Source::Policy, "CORP\\ada"));
    assert_eq!((found.sign_in, found.oauth_id.as_deref()), (vec![Way::OAuth], Some("corp")));
    assert!(policy::ask(&[rule("other.example", "password")], &ada()).is_none());
}

/// `CLIENTELE_SEED` and `CLIENTELE_ROUNDS` choose other documents, and more of them.
#[test]
fn no_document_makes_the_reader_stumble() {
    let number = |name: &str, usual: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual);
    let mut state = number("CLIENTELE_SEED", 7).max(1);
    let mut random = move |below: usize| {
        // Xorshift: which documents are made must not depend on a crate's version.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let good = document(
        &(server("imap", "imap.firm.example", "993", "SSL") + &server("pop3", "pop.firm.example", "110", "plain")),
        "<enable visiturl=\"https://firm.example/&amp;on\"/><oAuth2><issuer>accounts.google.com</issuer></oAuth2>",
    )
    .into_bytes();
    let pieces: [&[u8]; 10] =
        [b"<", b">", b"&#0;", b"]]>", b"<![CDATA[", b"<!--", b"\"", b"\xff", b"</emailProvider>", b"&a;"];
    let mut read = 0;
    for _ in 0..number("CLIENTELE_ROUNDS", 20) * 100 {
        let mut bytes = good.clone();
        for _ in 0..=random(3) {
            let (from, piece) = (random(bytes.len()), pieces[random(pieces.len())]);
            let to = (from + random(20)).min(bytes.len());
            match random(3) {
                0 => drop(bytes.splice(from..from, piece.iter().copied())),
                1 => drop(bytes.drain(from..to)),
                _ => bytes[from] = random(256) as u8,
            }
        }
        if let Ok(found) = autoconfig::read(&bytes, &ada()) {
            read += 1;
            for side in [&found.incoming, &found.outgoing] {
                assert!(side.host.is_empty() || host_name(&side.host).as_ref() == Some(&side.host), "{found:?}");
            }
            assert!(found.oauth_id.is_none() && !found.incoming_user.contains(['\r', '\n', '\0']), "{found:?}");
        }
    }
    assert!(read > 100, "only {read} of the documents were still read: the others prove little");
}
