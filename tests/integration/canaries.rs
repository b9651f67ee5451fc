//! Secrets are canaries: whoever looks at the program from outside, or at what it leaves, hears none of them.

use crate::{
    kit::{Person, Ran, files},
    signin::{Employee, add, opened, sign_in},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use clientele_tests::world::{PASSWORD, oidc::Visit};
use std::{
    collections::BTreeMap,
    io::Write as _,
    path::Path,
    process::Child,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

/// What other programs of this computer can see: for each process of a tree, its arguments and its environment.
#[derive(Default)]
struct Seen {
    processes: BTreeMap<u32, (Vec<u8>, Vec<u8>)>,
    /// The soft and hard limit of the size of a core file.
    core: Option<String>,
}

impl Seen {
    /// Looks at a process and all below it, again and again until told to stop.
    fn of(root: u32, over: &AtomicBool) -> Seen {
        let mut seen = Seen::default();
        while !over.load(Ordering::Relaxed) {
            for pid in tree(root) {
                let read = |name: &str| std::fs::read(format!("/proc/{pid}/{name}")).unwrap_or_default();
                let (arguments, environment) = (read("cmdline"), read("environ"));
                if !arguments.is_empty() {
                    // A process that becomes another program has had the arguments of both.
                    let known = seen.processes.entry(pid).or_default();
                    known.0.extend(arguments);
                    known.1.extend(environment);
                }
            }
            let limits = std::fs::read_to_string(format!("/proc/{root}/limits")).unwrap_or_default();
            if let Some(line) = limits.lines().find_map(|line| line.strip_prefix("Max core file size")) {
                seen.core = Some(line.split_whitespace().take(2).collect::<Vec<_>>().join(" "));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        seen
    }
}

/// A process and its children's children.
fn tree(root: u32) -> Vec<u32> {
    let parent = |pid: u32| -> Option<u32> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name stands in brackets and may hold anything; after it come the state and the parent.
        stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
    };
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let all: Vec<(u32, u32)> = entries
        .filter_map(|entry| entry.file_name().to_string_lossy().parse().ok())
        .filter_map(|pid| Some((pid, parent(pid)?)))
        .collect();
    let mut tree = vec![root];
    for at in 0.. {
        let Some(&pid) = tree.get(at) else { break };
        tree.extend(all.iter().filter(|(_, parent)| *parent == pid).map(|(child, _)| *child));
    }
    tree
}

/// A secret as it is, and as it travels.
fn shapes(email: &str, secret: &str) -> Vec<String> {
    let mut shapes = vec![secret.to_owned()];
    // Of base64, only what is the same wherever the secret stands in it: three beginnings, the ends cut off.
    for shift in 0..3 {
        let coded = STANDARD.encode([&[0; 3][..shift], secret.as_bytes()].concat());
        let from = [0, 2, 3][shift];
        shapes.push(coded[from..coded.len() - 4].to_owned());
    }
    shapes.push(STANDARD.encode(format!("\0{email}\0{secret}")));
    shapes
}

#[track_caller]
fn silent(what: &str, bytes: &[u8], email: &str, secrets: &[String]) {
    for secret in secrets {
        for shape in shapes(email, secret) {
            let found = bytes.windows(shape.len()).any(|window| window == shape.as_bytes());
            assert!(!found, "{what} tells a secret");
        }
    }
}

/// Runs a command to its end under observation: nobody sees a secret, and its output has none.
#[track_caller]
fn watched(person: &Person, arguments: &[&str], input: &str, secrets: &[String]) -> Ran {
    let mut child = person.spawn(arguments);
    let (seen, output) = observed(&mut child, input);
    let what = arguments.join(" ");
    assert!(!seen.processes.is_empty(), "{what}: nothing was seen");
    for (arguments, environment) in seen.processes.values() {
        silent(&format!("{what}: an argument"), arguments, &person.email, secrets);
        silent(&format!("{what}: the environment"), environment, &person.email, secrets);
    }
    silent(&format!("{what}: standard output"), output.out.as_bytes(), &person.email, secrets);
    silent(&format!("{what}: standard error"), output.err.as_bytes(), &person.email, secrets);
    // A core file is the whole memory, passwords and all.
    assert_eq!(seen.core.as_deref(), Some("0 0"), "{what}: it may leave a core file");
    output
}

fn observed(child: &mut Child, input: &str) -> (Seen, Ran) {
    let over = AtomicBool::new(false);
    let root = child.id();
    std::thread::scope(|scope| {
        let watcher = scope.spawn(|| Seen::of(root, &over));
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let errors = scope.spawn(move || {
            let mut text = Vec::new();
            let _ = std::io::Read::read_to_end(&mut err, &mut text);
            text
        });
        let mut text = Vec::new();
        let _ = std::io::Read::read_to_end(&mut out, &mut text);
        let code = child.wait().unwrap().code().unwrap_or(-1);
        let err = errors.join().unwrap();
        over.store(true, Ordering::Relaxed);
        let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (watcher.join().unwrap(), Ran { code, out: lossy(&text), err: lossy(&err) })
    })
}

fn no_file_tells(person: &Person, folder: &Path, secrets: &[String]) {
    for file in files(folder) {
        silent(&file.display().to_string(), &std::fs::read(&file).unwrap(), &person.email, secrets);
    }
}

/// A day's work with failures among it, and as talkative as the program can be made.
#[test]
fn a_password_is_seen_by_nobody_and_left_nowhere() {
    let person = Person::new();
    let ports = person.world.ports();
    let secrets = [PASSWORD.to_owned(), "a long passphrase".to_owned()];
    let (imap, smtp) = (format!("localhost:{}", ports.imaps), format!("localhost:{}", ports.smtps));
    let add = ["account", "add", "--email", &person.email, "--imap", &imap, "--smtp", &smtp];
    let wrong = ["account", "add", "--email", &person.email, "--imap", &imap, "--smtp", "127.0.0.1:1"];
    assert_eq!(watched(&person, &wrong, PASSWORD, &secrets).code, 5);
    watched(&person, &add, PASSWORD, &secrets).ok();
    watched(&person, &["sync"], "", &secrets).ok();
    watched(&person, &["send", "--to", "nobody@fault.example", "--subject", "x"], "x", &secrets);
    watched(&person, &["doctor"], "", &secrets);
    watched(&person, &["account", "verify", &person.email], "", &secrets).ok();
    no_file_tells(&person, &person.profile(), &secrets);
    assert!(
        files(&person.profile()).iter().any(|file| file.extension().is_some_and(|kind| kind == "log")),
        "there are logs to look at"
    );
}

/// The same for what a provider gives: tokens, and the code that is exchanged for them.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_seen_by_nobody_and_left_nowhere() {
    let person = Employee::new().await;
    let (engine, api) = opened(&person).await;
    let (grant, seen) = sign_in(&api, &person, Visit::of(&person.email)).await;
    let (_, after) = seen.callback.split_once("code=").expect("a code");
    let code = after.split('&').next().unwrap().to_owned();
    add(&api, &person, grant.unwrap()).await;
    engine.stop().await;
    tokio::task::spawn_blocking(move || {
        let secrets = |person: &Employee| [person.oidc().tokens().unwrap(), vec![code.clone()]].concat();
        let mut known = secrets(&person);
        assert!(known.len() >= 3, "an access token, a refresh token and a code");
        watched(&person, &["sync"], "", &known).ok();
        watched(&person, &["send", "--to", "nobody@fault.example", "--subject", "x"], "x", &known);
        watched(&person, &["doctor"], "", &known);
        person.oidc().token_endpoint("error_in_200").unwrap();
        watched(&person, &["sync"], "", &known);
        person.oidc().well().unwrap();
        person.oidc().revoke(&person.email).unwrap();
        assert_eq!(watched(&person, &["sync"], "", &known).error(), "sign_in_again");
        // Those that were given meanwhile, too.
        known = secrets(&person);
        no_file_tells(&person, &person.profile(), &known);
    })
    .await
    .unwrap();
}
