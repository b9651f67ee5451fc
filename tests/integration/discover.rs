//! Discovery from the command line, against a name server and web servers that answer for made-up domains. Where a handshake
//! counts, Dovecot and Postfix give it, under the name that their certificate has: mail.nordvik.example.

mod hostile;

use crate::kit::Person;
use clientele_tests::world::{
    Authority,
    dns::Names,
    web::{Page, Web},
};
use serde_json::Value;

/// A world of names and web pages of one's own.
struct Asking {
    person: Person,
    names: Names,
    web: Web,
    /// More connections that are led elsewhere.
    maps: Vec<String>,
}

impl Asking {
    fn new() -> Asking {
        let person = Person::new();
        let authority = Authority::make(&person.world.dir().join("ca")).unwrap();
        let web = Web::start(&authority).unwrap();
        Asking { person, names: Names::start().unwrap(), web, maps: Vec::new() }
    }

    /// A page, and its host in the names.
    fn page(&self, url: &str, page: Page) -> &Self {
        self.names.host(url.split('/').nth(2).unwrap());
        self.web.page(url, page).unwrap();
        self
    }

    /// Mail servers at the usual ports of `host`, which show a certificate for mail.nordvik.example.
    fn mail_servers(&mut self, host: &str) {
        let ports = self.person.world.ports();
        for (port, real) in [(993, ports.imaps), (143, ports.imap), (465, ports.smtps), (587, ports.submission)] {
            self.maps.extend(["--map".to_owned(), format!("{host}:{port}=127.0.0.1:{real}")]);
        }
        self.names.host(host);
    }

    fn ask(&self, address: &str) -> Said {
        self.ask_while(address, "")
    }

    /// `what` is said in the table's row.
    fn ask_while(&self, address: &str, what: &str) -> Said {
        let resolver = self.names.address().to_string();
        let maps = self.web.maps();
        let mut arguments = vec!["discover", address, "--resolver", &resolver];
        arguments.extend(maps.iter().chain(&self.maps).map(String::as_str));
        let ran = self.person.run(&arguments);
        assert!([0, 3, 7].contains(&ran.code), "{ran:?}");
        let said = Said(ran.json());
        println!("{}  {what}", said.line());
        said
    }
}

struct Said(Value);

impl Said {
    /// A row of the table: the address, the answer, where it is from, whether it is trusted, how long it took.
    fn line(&self) -> String {
        let (incoming, source, trust) = match self.0["found"].get(0) {
            Some(found) => {
                let trust = if found["trusted"] == true { "trusted" } else { "not trusted" };
                (self.incoming(), found["source"].as_str().unwrap().to_owned(), trust)
            }
            None => ("nothing".into(), "-".into(), ""),
        };
        let email = self.0["email"].as_str().unwrap();
        format!("{email:<42} {incoming:<38} {source:<16} {trust:<12} {:>5} ms", self.milliseconds())
    }

    fn incoming(&self) -> String {
        let incoming = &self.0["incoming"];
        let host = incoming["host"].as_str().unwrap_or_default();
        format!("{host}:{} {}", incoming["port"], incoming["security"].as_str().unwrap_or_default())
    }

    fn milliseconds(&self) -> u64 {
        self.0["milliseconds"].as_u64().unwrap()
    }

    /// The winner's source, server and trust.
    fn first(&self) -> (String, String, bool) {
        let Some(found) = self.0["found"].get(0) else { return Default::default() };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (text(&found["source"]), text(&found["incoming"]["host"]), found["trusted"] == true)
    }

    fn source(&self, name: &str) -> &Value {
        self.0["sources"].as_array().unwrap().iter().find(|one| one["source"] == name).unwrap()
    }

    fn outcome(&self, source: &str) -> (&str, &str) {
        let source = self.source(source);
        (source["outcome"].as_str().unwrap(), source["why"].as_str().unwrap())
    }
}

fn won(source: &str, host: &str, trusted: bool) -> (String, String, bool) {
    (source.into(), host.into(), trusted)
}

/// Milliseconds. A second is promised, and the table shows it; a machine that builds at the same time takes longer. The four
/// seconds of a dead source, which this is to tell apart, are more in any case.
const SOON: u64 = 2500;

const AUTOCONFIG: &str = "mail/config-v1.1.xml";

/// Servers at `host`, as autoconfig says it.
fn settings(host: &str) -> String {
    let server = |element: &str, kind: &str, port: u16| {
        format!(
            "<{element} type=\"{kind}\"><hostname>{host}</hostname><port>{port}</port><socketType>SSL</socketType>\
             <username>%EMAILADDRESS%</username><authentication>password-cleartext</authentication></{element}>"
        )
    };
    let servers = server("incomingServer", "imap", 993) + &server("outgoingServer", "smtp", 465);
    format!(
        "<?xml version=\"1.0\"?><clientConfig version=\"1.1\"><emailProvider id=\"x\"><displayName>Firm</displayName>{servers}\
         </emailProvider></clientConfig>"
    )
}

/// The same as Outlook's Autodiscover says it.
fn autodiscover(host: &str) -> String {
    let protocol = |kind: &str, port: u16| {
        format!(
            "<Protocol><Type>{kind}</Type><Server>{host}</Server><Port>{port}</Port><SSL>on</SSL><SPA>off</SPA></Protocol>"
        )
    };
    autodiscover_with(&format!("<Action>settings</Action>{}{}", protocol("IMAP", 993), protocol("SMTP", 465)))
}

fn autodiscover_with(account: &str) -> String {
    let base = "http://schemas.microsoft.com/exchange/autodiscover";
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><Autodiscover xmlns=\"{base}/responseschema/2006\">\
         <Response xmlns=\"{base}/outlook/responseschema/2006a\"><Account><AccountType>email</AccountType>{account}</Account>\
         </Response></Autodiscover>"
    )
}

#[test]
fn each_source_alone_finds_the_servers() {
    let mut asking = Asking::new();
    let names = asking.names.clone();

    let rule = "[[server]]\ndomains = [\"corp.example\"]\nuser = \"CORP\\\\%EMAILLOCALPART%\"\nsign_in = \"password\"\n\
                incoming = { host = \"imap.corp.example\", port = 993, security = \"tls\" }\n\
                outgoing = { host = \"smtp.corp.example\", port = 465, security = \"tls\" }\n";
    std::fs::write(asking.person.profile().with_file_name("policy.toml"), rule).unwrap();
    let said = asking.ask("ada@corp.example");
    assert_eq!(said.first(), won("policy", "imap.corp.example", true));
    assert_eq!(said.0["found"][0]["incoming_user"], "CORP\\ada");

    assert_eq!(asking.ask("ada@gmail.com").first(), won("table", "imap.gmail.com", true));

    names.mx("table-mx.example", 20, "backup.example").mx("table-mx.example", 1, "aspmx.l.google.com");
    let said = asking.ask("ada@table-mx.example");
    assert_eq!(said.first(), won("table_mx", "imap.gmail.com", true));
    assert_eq!(said.0["found"][0]["oauth"], "google");
    assert!(said.milliseconds() < SOON);
    // The same, with an answer that does not fit into a datagram.
    names.mx("long.example", 1, "long.mail.protection.outlook.com").long("long.example");
    let said = asking.ask("ada@long.example");
    assert_eq!(said.first(), won("table_mx", "outlook.office365.com", true));
    assert_eq!(said.0["found"][0]["sign_in"], serde_json::json!(["oauth"]));

    asking.page(&format!("https://autoconfig.firm.example/{AUTOCONFIG}"), Page::xml(settings("imap.firm.example")));
    assert_eq!(asking.ask("Ada+List@FIRM.example").first(), won("autoconfig", "imap.firm.example", true));
    let asked = asking.web.asked();
    assert!(asked.iter().any(|one| one.contains("emailaddress=Ada%2BList%40firm.example")), "{asked:?}");
    // A department's address: the firm's settings.
    assert_eq!(asking.ask("ada@sales.firm.example").first(), won("autoconfig", "imap.firm.example", true));

    let idn = "xn--bcher-kva.example";
    let at_home = format!("https://{idn}/.well-known/autoconfig/{AUTOCONFIG}");
    asking.page(&at_home, Page::xml(settings(&format!("imap.{idn}"))));
    assert_eq!(asking.ask("ada@BÜCHER.example").first(), won("well_known", &format!("imap.{idn}"), true));

    names.mx("hosted.example", 10, "mx1.in.hoster.example");
    asking.page(&format!("https://autoconfig.hoster.example/{AUTOCONFIG}"), Page::xml(settings("imap.hoster.example")));
    let said = asking.ask("ada@hosted.example");
    assert_eq!(said.first(), won("autoconfig_mx", "imap.hoster.example", false), "another's exchanger");
    names.mx("own.example", 10, "mx1.mail.own.example");
    asking.page(&format!("https://autoconfig.mail.own.example/{AUTOCONFIG}"), Page::xml(settings("imap.own.example")));
    assert_eq!(asking.ask("ada@own.example").first(), won("autoconfig_mx", "imap.own.example", true));

    asking.page(
        "https://exchange.example/autodiscover/autodiscover.xml",
        Page::xml(autodiscover("imap.exchange.example")),
    );
    assert_eq!(asking.ask("ada@exchange.example").first(), won("autodiscover", "imap.exchange.example", true));

    asking.page(&format!("http://autoconfig.plain.example/{AUTOCONFIG}"), Page::xml(settings("imap.plain.example")));
    let said = asking.ask("ada@plain.example");
    assert_eq!(said.first(), won("autoconfig_http", "imap.plain.example", false), "http only");
    let over_http: Vec<String> = asking.web.asked().into_iter().filter(|one| one.contains(" http://")).collect();
    assert!(!over_http.is_empty() && !over_http.iter().any(|one| one.contains("ada")), "{over_http:?}");

    // The last two are proven by a real handshake.
    asking.mail_servers("mail.nordvik.example");
    assert_eq!(asking.ask("ada@nordvik.example").first(), won("guess", "mail.nordvik.example", true));
    names.srv("_imaps._tcp.other.example", 0, 993, "mail.nordvik.example");
    names.srv("_submissions._tcp.other.example", 0, 465, "mail.nordvik.example");
    assert_eq!(
        asking.ask("ada@other.example").first(),
        won("srv", "mail.nordvik.example", false),
        "outside the domain"
    );
    names.srv("_imap._tcp.nordvik.example", 0, 143, "mail.nordvik.example");
    names.srv("_submission._tcp.nordvik.example", 0, 587, "mail.nordvik.example");
    let said = asking.ask("ada@nordvik.example");
    assert_eq!(said.first(), won("srv", "mail.nordvik.example", true));
    assert_eq!(said.0["incoming"]["security"], "starttls");
    assert!(said.milliseconds() < SOON, "{}", said.milliseconds());

    let said = asking.ask("ada@nothing.example");
    assert_eq!((said.first(), said.0["found"].as_array().unwrap().len()), (won("", "", false), 0));
    assert!(said.milliseconds() < SOON, "{}", said.milliseconds());
}

/// Every source that can say something about one domain says something else.
fn all_at_once() -> Asking {
    let mut asking = Asking::new();
    asking.names.mx("nordvik.example", 1, "mx.mail.nordvik.example");
    asking.names.srv("_imaps._tcp.nordvik.example", 0, 993, "mail.nordvik.example");
    asking.names.srv("_submissions._tcp.nordvik.example", 0, 465, "mail.nordvik.example");
    let at = |place: &str| settings(&format!("{place}.nordvik.example"));
    asking
        .page(&format!("https://autoconfig.nordvik.example/{AUTOCONFIG}"), Page::xml(at("a")))
        .page(&format!("https://nordvik.example/.well-known/autoconfig/{AUTOCONFIG}"), Page::xml(at("b")))
        .page(&format!("https://autoconfig.mail.nordvik.example/{AUTOCONFIG}"), Page::xml(at("c")))
        .page("https://nordvik.example/autodiscover/autodiscover.xml", Page::xml(autodiscover("d.nordvik.example")))
        .page(&format!("http://autoconfig.nordvik.example/{AUTOCONFIG}"), Page::xml(at("e")));
    asking.mail_servers("mail.nordvik.example");
    asking
}

#[test]
fn of_all_answers_the_most_trustworthy_wins() {
    let asking = all_at_once();
    asking.names.mx("google.nordvik.example", 1, "aspmx.l.google.com");
    let said = asking.ask("ada@nordvik.example");
    assert_eq!(said.first(), won("autoconfig", "a.nordvik.example", true));
    assert!(said.milliseconds() < SOON, "{}", said.milliseconds());
    let lost = ["well_known", "autoconfig_mx", "srv", "autodiscover", "guess", "autoconfig_http"];
    for source in lost {
        assert_eq!(said.outcome(source).0, "lost", "{source}: {:?}", said.outcome(source));
    }
    assert!(said.outcome("autoconfig_http").1.contains("plain http"), "{:?}", said.outcome("autoconfig_http"));
    // Each pair of servers once, and what is not trusted last.
    let found: Vec<&str> =
        said.0["found"].as_array().unwrap().iter().map(|one| one["source"].as_str().unwrap()).collect();
    assert_eq!(found, ["autoconfig", "well_known", "autoconfig_mx", "srv", "autodiscover", "autoconfig_http"]);
    // The exchanger in the table is stronger than all of them.
    assert_eq!(asking.ask("ada@google.nordvik.example").first(), won("table_mx", "imap.gmail.com", true));
}

#[test]
fn a_source_that_hangs_holds_nobody() {
    let hang = [
        ("autoconfig", "https://autoconfig.nordvik.example/mail/config-v1.1.xml"),
        ("well_known", "https://nordvik.example/.well-known/autoconfig/mail/config-v1.1.xml"),
        ("autoconfig_mx", "https://autoconfig.mail.nordvik.example/mail/config-v1.1.xml"),
        ("autodiscover", "https://nordvik.example/autodiscover/autodiscover.xml"),
        ("autoconfig_http", "http://autoconfig.nordvik.example/mail/config-v1.1.xml"),
    ];
    // The name server says nothing about exchanger, services, or a host; the hosts of the web are found by `--map`.
    let silent = [("table_mx", "nordvik.example"), ("srv", "_tcp.nordvik.example"), ("guess", "smtp.nordvik.example")];
    let at_autoconfig = won("autoconfig", "a.nordvik.example", true);
    let at_home = won("well_known", "b.nordvik.example", true);
    // Each has a world of names of its own; some wait for the dead at the same time.
    for some in hang.chunks(3) {
        together(some, |(source, url)| {
            let asking = all_at_once();
            asking.page(url, Page::Hang);
            let said = asking.ask_while("ada@nordvik.example", &format!("{source} hangs"));
            assert_eq!(said.first(), if *source == "autoconfig" { at_home.clone() } else { at_autoconfig.clone() });
            assert!(said.milliseconds() < SOON, "{source}: {} ms", said.milliseconds());
            assert_ne!(said.outcome(source).0, "lost", "{source}");
        });
    }
    together(&silent, |(source, name)| {
        let asking = all_at_once();
        asking.names.silent(name);
        let said = asking.ask_while("ada@nordvik.example", &format!("no names below {name}"));
        assert_eq!(said.first(), at_autoconfig, "{source}");
        assert!(said.milliseconds() < SOON, "{source}: {} ms", said.milliseconds());
        assert!(*source == "guess" || said.outcome(source).0 == "timeout", "{source}: {:?}", said.outcome(source));
    });

    // A web server that does not even shake hands.
    let asking = all_at_once();
    asking.web.deaf("autoconfig.nordvik.example").unwrap();
    let said = asking.ask_while("ada@nordvik.example", "autoconfig shakes no hands");
    assert_eq!((said.first(), said.outcome("autoconfig").0), (at_home, "timeout"));
    assert!(said.milliseconds() < SOON, "{}", said.milliseconds());
}

/// Each in a thread of its own.
fn together<T: Sync>(all: &[T], act: impl Fn(&T) + Sync) {
    std::thread::scope(|scope| {
        for one in all {
            scope.spawn(|| act(one));
        }
    });
}

#[test]
fn a_redirect_to_another_host_is_not_believed_without_asking() {
    let asking = Asking::new();
    let autoconfig = |host: &str| format!("https://autoconfig.{host}/{AUTOCONFIG}");
    let elsewhere = format!("https://settings.stranger.example/{AUTOCONFIG}");
    asking.page(&elsewhere, Page::xml(settings("imap.stranger.example")));
    asking.page(&autoconfig("away.example"), Page::Redirect(elsewhere.clone()));
    let said = asking.ask("ada@away.example");
    assert_eq!(said.first(), won("autoconfig", "imap.stranger.example", false));
    assert_eq!(said.0["found"][0]["provider_name"], "", "a stranger is not shown by the name that he gives himself");

    let inside = format!("https://settings.home.example/{AUTOCONFIG}");
    asking.page(&inside, Page::xml(settings("imap.home.example")));
    asking.page(&autoconfig("home.example"), Page::Redirect(inside));
    assert_eq!(asking.ask("ada@home.example").first(), won("autoconfig", "imap.home.example", true));

    asking.page(&format!("http://autoconfig.down.example/{AUTOCONFIG}"), Page::Status(404));
    asking.page(&autoconfig("down.example"), Page::Redirect(format!("http://autoconfig.down.example/{AUTOCONFIG}")));
    assert_eq!(asking.ask("ada@down.example").outcome("autoconfig"), ("failed", "redirects from https to http"));
    asking.page(&autoconfig("inner.example"), Page::Redirect("https://127.0.0.1/x".into()));
    assert_eq!(asking.ask("ada@inner.example").outcome("autoconfig").0, "failed");
    asking.page(&autoconfig("loop.example"), Page::Redirect(autoconfig("loop.example")));
    assert_eq!(asking.ask("ada@loop.example").outcome("autoconfig"), ("failed", "redirects without end"));

    // Autodiscover is asked on, without a password, and its answer is not believed.
    let other = "https://autodiscover.stranger.example/autodiscover/autodiscover.xml";
    asking.page(other, Page::xml(autodiscover("imap.stranger.example")));
    let ways = [
        Page::Redirect(other.into()),
        Page::xml(autodiscover_with(&format!("<Action>redirectUrl</Action><RedirectUrl>{other}</RedirectUrl>"))),
    ];
    for (place, way) in ways.into_iter().enumerate() {
        let domain = format!("moved{place}.example");
        asking.page(&format!("https://autodiscover.{domain}/autodiscover/autodiscover.xml"), way);
        assert_eq!(asking.ask(&format!("ada@{domain}")).first(), won("autodiscover", "imap.stranger.example", false));
    }
    asking.page("http://autodiscover.open.example/autodiscover/autodiscover.xml", Page::Redirect(other.into()));
    assert_eq!(asking.ask("ada@open.example").first(), won("autodiscover", "imap.stranger.example", false));
    asking.page("https://closed.example/autodiscover/autodiscover.xml", Page::Status(401));
    assert_eq!(asking.ask("ada@closed.example").outcome("autodiscover").0, "nothing");
    let asked = asking.web.asked().join("\n").to_lowercase();
    assert!(asked.contains("<emailaddress>ada@closed.example</emailaddress>"), "{asked}");
    assert!(!asked.contains("authorization"), "nobody is given a password");

    // Exchange Online says nothing of IMAP; the table does, also behind a filter.
    asking.names.mx("filtered.example", 1, "eu-smtp-inbound-1.mimecast.com");
    let microsoft = "https://autodiscover-s.outlook.com/autodiscover/autodiscover.xml";
    asking.page("http://autodiscover.filtered.example/autodiscover/autodiscover.xml", Page::Redirect(microsoft.into()));
    let said = asking.ask("ada@filtered.example");
    assert_eq!(said.first(), won("autodiscover", "outlook.office365.com", true));
    assert_eq!(said.outcome("table_mx"), ("nothing", "mimecast.com only filters the mail"));
}
