use crate::kit::{Person, files};
use clientele_tests::world::PASSWORD;

/// After a whole day's work, with failures among it.
#[test]
fn the_password_is_nowhere_in_the_profile_and_its_logs() {
    let person = Person::connected();
    let imap = format!("localhost:{}", person.world.ports().imaps);
    let wrong = format!("{PASSWORD}-but-wrong");
    person.run(&["account", "remove", &person.email]).ok();
    let refused = person.add(&imap, "tls", &format!("localhost:{}", person.world.ports().smtps), "tls", &wrong);
    assert_eq!(refused.error(), "sign_in_refused");
    assert!(!refused.out.contains(PASSWORD) && !refused.err.contains(PASSWORD));
    person.connect(&format!("localhost:{}", person.world.ports().smtps), "tls").ok();
    person.receive("anna@kunde.example", "hello");
    person.run(&["sync"]).ok();
    person.run_with(&["send", "--to", "nobody@fault.example", "--subject", "x"], "x");
    person.run(&["doctor"]);
    let base64 = |text: &str| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, text);
    let plain = base64(&format!("\0{}\0{PASSWORD}", person.email));
    let needles = [PASSWORD.to_owned(), base64(PASSWORD), plain];
    let seen = files(&person.profile());
    assert!(
        seen.iter().any(|file| file.parent().is_some_and(|folder| folder.ends_with("logs"))),
        "there are logs to look at"
    );
    for file in seen {
        let bytes = std::fs::read(&file).unwrap();
        for needle in &needles {
            let found = bytes.windows(needle.len()).any(|window| window == needle.as_bytes());
            assert!(!found, "{} holds the password", file.display());
        }
    }
}

/// Without a keyring and without a choice, nothing is kept: never plain text.
#[test]
fn no_place_for_secrets_is_a_question_not_plain_text() {
    let person = Person::new();
    let ports = person.world.ports();
    let mut child = std::process::Command::new(crate::kit::program())
        .args(["--json", "--no-keyring", "--profile"])
        .arg(person.profile())
        .arg("--ca")
        .arg(person.world.ca_pem())
        .args(["account", "add", "--email", &person.email, "--imap", &format!("localhost:{}", ports.imaps)])
        .args(["--smtp", &format!("localhost:{}", ports.smtps)])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), PASSWORD.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (answer["error"]["code"].as_str(), output.status.code()),
        (Some("secrets_missing"), Some(4)),
        "{answer}"
    );
}
