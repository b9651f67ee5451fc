#![allow(clippy::unwrap_used)]
use crate::{Forbidden, Policy, PolicyFiles};
use clientele_model::{Endpoint, Secret, Security};
use std::{fs, path::Path};
use tempfile::TempDir;

fn files(folder: &TempDir, machine: Option<&str>, beside: Option<&str>) -> PolicyFiles {
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        only_ours(&path);
        path
    };
    let machine = machine.map(|text| write("etc/policy.toml", text));
    PolicyFiles {
        machine: machine.unwrap_or_else(|| folder.path().join("etc/policy.toml")),
        beside: beside.map(|text| write("program/policy.toml", text)),
    }
}

#[cfg(unix)]
fn only_ours(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    fs::set_permissions(path.parent().unwrap(), fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(not(unix))]
fn only_ours(_: &Path) {}

fn machine(text: &str) -> Policy {
    let folder = TempDir::new().unwrap();
    Policy::read(&files(&folder, Some(text), None))
}

/// Line and words of each problem.
fn problems(policy: &Policy) -> Vec<(usize, &str)> {
    policy.problems.iter().map(|problem| (problem.line, problem.message.as_str())).collect()
}

fn authority() -> String {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.self_signed(&key).unwrap().pem()
}

/// Every `toml` block of the administrators' page, as one file: the page cannot say what does not hold.
fn from_the_page() -> String {
    let page = include_str!("../../../docs/policy.md");
    let blocks: Vec<&str> = page
        .split("```toml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .filter(|block| block.contains("# whole example"))
        .collect();
    assert_eq!(blocks.len(), 1, "the page has one whole example");
    blocks[0].to_owned()
}

#[test]
fn the_example_of_the_page_says_what_the_page_says() {
    let folder = TempDir::new().unwrap();
    let files = files(&folder, Some(&from_the_page()), None);
    fs::write(folder.path().join("etc/company-ca.pem"), authority()).unwrap();
    let policy = Policy::read(&files);
    assert_eq!(problems(&policy), []);
    assert_eq!(policy.source.as_ref(), Some(&files.machine));
    assert_eq!((policy.language.as_deref(), policy.crm_tenant.as_deref()), (Some("de"), Some("Cust12345")));
    assert_eq!(policy.crm.kinds, ["superoffice_site", "tryton"]);
    assert_eq!(
        (policy.crm.hosts.as_slice(), policy.crm.fields["database"].as_str()),
        (&["crm.example.com".to_owned()][..], "crm")
    );
    assert_eq!((policy.accounts_max, policy.days_default, policy.days_max), (Some(1), Some(90), Some(365)));
    assert_eq!(policy.allowed_ports, [993, 465, 587]);
    assert_eq!(policy.allowed_security, [Security::Tls, Security::Starttls]);
    assert!(!policy.certificate_exceptions);
    assert!(policy.authorities.len() == 1 && policy.authorities[0].starts_with(b"-----BEGIN CERTIFICATE-----"));

    let rule = policy.server("MAIL.Example.com").unwrap();
    let place = |host: &str, port, security| Endpoint { host: host.into(), port, security };
    assert_eq!(rule.incoming, place("imap.example.com", 993, Security::Tls));
    assert_eq!(rule.outgoing, place("smtp.example.com", 587, Security::Starttls));
    assert_eq!((rule.user.as_str(), rule.sign_in.as_str()), ("%EMAILLOCALPART%", "company"));
    assert!(policy.server("example.org").is_none());
    assert!(policy.server("bücher.example").is_some() && policy.server("XN--BCHER-KVA.example").is_some());

    let known = policy.oauth.iter().find(|client| client.id == "google").unwrap();
    assert!(known.authorize_url.is_empty() && known.hosts.is_empty());
    assert_eq!(known.client_secret, Some(Secret::new("GOCSPX-example")));
    let own = policy.oauth.iter().find(|client| client.id == "company").unwrap();
    assert_eq!(own.token_url, "https://login.example.com/token");
    assert_eq!(own.hosts, ["imap.example.com", "*.mail.example.com"]);
    assert_eq!(own.redirect.as_deref(), Some("http://localhost:8400,8401/back"));
    assert!(!format!("{policy:?}").contains("GOCSPX-example"));
}

#[test]
fn a_wrong_line_refuses_the_whole_file_and_is_told() {
    let server = "[[server]]\ndomains = ['a.test']\nincoming = { host = 'i.a.test', security = 'tls' }\noutgoing = { host = 'o.a.test', security = 'tls' }\n";
    let oauth = "[[oauth]]\nid = 'own'\nclient_id = 'c'\nauthorize_url = 'https://a.test/a'\ntoken_url = 'https://a.test/t'\nhosts = ['i.a.test']\n";
    let with = |text: &str, more: &str| format!("language = 'de'\n{text}{more}");
    let table: [(String, usize, &str); 35] = [
        ("language = 'de'\nlanguage = 'en'\n".into(), 2, "duplicate key"),
        ("language = 'de'\n\n[accounts\nmax = 1\n".into(), 3, "table"),
        ("language = 'de\n".into(), 1, "string"),
        ("language = 'de'\nlangauge = 'de'\n".into(), 2, "unknown field `langauge`"),
        ("[accounts]\nmaximum = 1\n".into(), 2, "unknown field `maximum`"),
        ("[accounts]\n# one\nmax = 'one'\n".into(), 3, "invalid type"),
        ("[accounts]\nmax = -1\n".into(), 2, "invalid value"),
        ("[accounts]\nmax = 0\n".into(), 2, "at least 1"),
        ("language = 'fr'\n".into(), 1, "en nb sv da de nl"),
        ("\n\ncrm_tenant = ' '\n".into(), 3, "empty"),
        ("[crm]\nkinds = ['tryton', 'salesforce']\n".into(), 2, "no such CRM"),
        ("[crm]\nhosts = ['*.com']\n".into(), 2, "not a host"),
        ("[crm.fields]\nsecret = 'x'\n".into(), 2, "no secret"),
        ("[crm]\nfields = { server = 'http://crm.example.com' }\n".into(), 2, "https://"),
        ("[download]\ndays_max = 30\ndays_default = 90\n".into(), 3, "more than download.days_max, 30"),
        ("[connections]\nports = [993, 0]\n".into(), 2, "0 is no port"),
        ("[connections]\nports = [\n  993,\n  99300,\n]\n".into(), 4, "invalid value"),
        ("[connections]\nports = []\n".into(), 2, "empty"),
        ("[connections]\nsecurity = ['tls', 'ssl']\n".into(), 2, "unknown variant `ssl`"),
        ("[connections]\nauthorities = [\n  'missing.pem',\n]\n".into(), 3, "cannot be read"),
        (
            "[connections]\nauthorities = ['''\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n''']\n"
                .into(),
            2,
            "cannot be used",
        ),
        ("[connections]\nauthorities = ['policy.toml']\n".into(), 2, "no certificate"),
        (with(server, "sign_in = 'own'\n"), 6, "id of an [[oauth]] client"),
        (with(server, "user = '%EMAIL%'\n"), 6, "no other %"),
        (with(&server.replace("'a.test'", "'pat@a.test'"), ""), 3, "not a domain"),
        (with(&server.replace("['a.test']", "[]"), ""), 3, "whose servers"),
        (with(&server.replace("host = 'i.a.test'", "host = 'i.a.test', port = 995"), ""), 4, "POP3"),
        (with(&server.replace("host = 'o.a.test'", "host = 'o a'"), ""), 5, "not the name of a server"),
        (with(&server.replace("outgoing", "sending"), ""), 5, "unknown field `sending`"),
        (with("", &format!("[connections]\nports = [143]\n{server}")), 6, "itself forbids it"),
        (with(oauth, &format!("\n{oauth}")), 9, "second client"),
        (with(&oauth.replace("https://a.test/t", "http://a.test/t"), ""), 6, "https://"),
        (with(&oauth.replace("'i.a.test'", "'*.test'"), ""), 7, "not a host"),
        (with(&oauth.replace("hosts = ['i.a.test']\n", ""), ""), 2, "hosts is missing"),
        (with(oauth, "redirect = 'http://127.0.0.1.evil.test/'\n"), 8, "this computer"),
    ];
    for (text, line, words) in table {
        let policy = machine(&text);
        let told = problems(&policy);
        assert!(
            told.iter().any(|(at, said)| *at == line && said.contains(words)),
            "{text}\nexpected {line} {words}\ntold {told:?}"
        );
        let nothing = Policy { problems: policy.problems.clone(), ..Policy::default() };
        assert_eq!(policy, nothing, "nothing of a refused file holds: {text}");
    }
    assert_eq!(problems(&machine(&with(server, ""))), []);
    assert_eq!(problems(&machine(&with(oauth, server))), []);
}

#[test]
fn a_secret_in_a_wrong_place_is_not_repeated() {
    let oauth = "[[oauth]]\nid = 'google'\nclient_id = 'c'\n";
    for (secret, line) in [("client_secret = 4711", 4), ("client_secret = ['4711']", 4), ("client_secret = '4711\n", 4)]
    {
        let policy = machine(&format!("{oauth}{secret}\n"));
        assert_eq!(policy.problems[0].line, line);
        assert!(!format!("{policy:?}").contains("4711"), "{:?}", policy.problems);
    }
}

#[test]
fn all_faults_are_told_at_once_in_their_order() {
    let policy = machine("language = 'xx'\n[accounts]\nmax = 0\n[download]\ndays_max = 0\n");
    assert_eq!(problems(&policy).iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 3, 5]);
}

#[test]
fn the_file_beside_the_program_may_set_less() {
    let folder = TempDir::new().unwrap();
    let forbidden = [
        ("language = 'de'\n[connections]\nauthorities = ['ca.pem']\n", 3, "connections.authorities"),
        ("[connections]\ncertificate_exceptions = true\n", 2, "certificate_exceptions"),
        ("language = 'de'\n\n[[oauth]]\nid = 'google'\nclient_id = 'c'\n", 3, "[[oauth]]"),
    ];
    for (text, line, words) in forbidden {
        let policy = Policy::read(&files(&folder, None, Some(text)));
        assert_eq!(policy.problems.len(), 1, "{text}: {:?}", policy.problems);
        assert!(policy.problems[0].line == line && policy.problems[0].message.contains(words), "{:?}", policy.problems);
        assert_eq!((policy.language, policy.oauth.len(), policy.authorities.len()), (None, 0, 0));
    }
    let server = "[[server]]\ndomains = ['a.test']\nincoming = { host = 'i.a.test', security = 'starttls' }\noutgoing = { host = 'o.a.test', security = 'starttls' }\n";
    let set = format!("[accounts]\nmax = 2\n[connections]\ncertificate_exceptions = false\n{server}");
    let policy = Policy::read(&files(&folder, None, Some(&set)));
    assert_eq!((problems(&policy), policy.accounts_max, policy.certificate_exceptions), (vec![], Some(2), false));
    let rule = &policy.servers[0];
    assert_eq!(
        (rule.incoming.port, rule.outgoing.port, rule.user.as_str(), rule.sign_in.as_str()),
        (143, 587, "%EMAILADDRESS%", "password")
    );
}

#[test]
fn the_machines_file_comes_first_and_a_refused_one_beside_leaves_it_alone() {
    let folder = TempDir::new().unwrap();
    let both = files(&folder, Some("[accounts]\nmax = 1\n"), Some("language = 'sv'\n[accounts]\nmax = 9\n"));
    let policy = Policy::read(&both);
    assert_eq!((policy.accounts_max, policy.language.as_deref()), (Some(1), Some("sv")));
    assert_eq!(policy.source, Some(both.machine));

    let both = files(&folder, Some("[accounts]\nmax = 1\n"), Some("language = 'xx'\n"));
    let policy = Policy::read(&both);
    assert_eq!((policy.accounts_max, policy.language.clone()), (Some(1), None));
    assert_eq!(policy.problems.len(), 1);
    assert_eq!(Some(&policy.problems[0].path), both.beside.as_ref());
}

#[test]
fn without_files_nothing_is_prescribed() {
    let folder = TempDir::new().unwrap();
    assert_eq!(Policy::read(&files(&folder, None, None)), Policy::default());
    assert_eq!(Policy::read(&PolicyFiles::default()), Policy::default());
    assert_eq!(problems(&machine("")), []);
    assert!(PolicyFiles::usual().machine.is_absolute());
}

#[cfg(unix)]
#[test]
fn what_others_can_write_or_nobody_can_read_is_no_policy() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let files = files(&folder, Some("[accounts]\nmax = 1\n"), None);
    let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    for mode in [0o666, 0o664, 0o622] {
        set(&files.machine, mode);
        let policy = Policy::read(&files);
        assert_eq!((policy.accounts_max, policy.problems[0].line), (None, 0), "{mode:o}");
        assert!(policy.problems[0].message.contains("can write to the file"), "{:?}", policy.problems);
    }
    set(&files.machine, 0o644);
    assert_eq!(Policy::read(&files).accounts_max, Some(1));
    set(files.machine.parent().unwrap(), 0o777);
    assert!(Policy::read(&files).problems[0].message.contains("folder"));
    set(files.machine.parent().unwrap(), 0o755);
    fs::remove_file(&files.machine).unwrap();
    fs::create_dir(&files.machine).unwrap();
    let policy = Policy::read(&files);
    assert_eq!((policy.problems.len(), policy.problems[0].line), (1, 0));
}

#[test]
fn limits_are_kept() {
    let policy = machine(
        "[accounts]\nmax = 1\n[download]\ndays_default = 30\ndays_max = 90\n[connections]\nports = [993]\nsecurity = ['tls']\n",
    );
    let place = |port, security| Endpoint { host: "a.test".into(), port, security };
    assert_eq!(policy.allows(&place(993, Security::Tls)), Ok(()));
    let port = Forbidden::Port { port: 143, allowed: vec![993] };
    assert_eq!(policy.allows(&place(143, Security::Tls)), Err(port));
    let security = Forbidden::Security { security: Security::None, allowed: vec![Security::Tls] };
    assert_eq!(policy.allows(&place(993, Security::None)), Err(security));
    assert_eq!(Policy::default().allows(&place(143, Security::None)), Ok(()));
    assert!(policy.allows_another(0) && !policy.allows_another(1));
    let days = [
        (None, Some(Some(30))),
        (Some(Some(60)), Some(Some(60))),
        (Some(Some(180)), Some(Some(90))),
        (Some(None), Some(Some(90))),
    ];
    for (wished, given) in days {
        assert_eq!(policy.days(wished), given, "{wished:?}");
    }
    assert_eq!((Policy::default().days(None), Policy::default().days(Some(None))), (None, Some(None)));
}
