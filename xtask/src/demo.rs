//! `cargo xtask run`: the app in its demo world.

use crate::shell::{built, command, root, run as run_it, there};
use crate::world::World;
use crate::{Done, setup, test};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

pub fn run(fresh: bool) -> Done {
    setup::for_the_app()?;
    run_it(&mut crate::shell::npm("ui", &["run", "--silent", "build"]))?;
    // As `test` builds: who does both builds once.
    run_it(&mut command("cargo", &[&["build", "--bins", "--examples"][..], &test::EVERYTHING].concat()))?;

    let home = root().join(".demo");
    let profile = home.join(if fresh { "fresh" } else { "profile" });
    // The demo's servers begin anew each time: so does the profile, or it would hold mails that no server knows.
    match std::fs::remove_dir_all(&profile) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(format!("{}: {error}", profile.display()));
        }
        _ => {}
    }
    std::fs::create_dir_all(&profile).map_err(|error| format!("{}: {error}", profile.display()))?;

    if !setup::is_debian() {
        println!(
            "The demo's mail servers are Debian's and not to be had here: the wizard opens, for a mailbox of your own."
        );
        return ended(desktop(&profile).status());
    }
    if !has_display() {
        return walk(fresh, &home);
    }
    println!("Starting the demo's mail servers");
    let world = World::start(&built("clientele-world"), "demo")?;
    if fresh {
        println!(
            "The wizard opens with nothing. To connect it to the demo's mailbox:\n  address   {}\n  password  {}\n  IMAP      {}  TLS\n  SMTP      {}  TLS",
            world.text("user"),
            world.text("password"),
            world.server("imaps"),
            world.server("smtps"),
        );
        return ended(desktop(&profile).env("CLIENTELE_CA", world.ca()).status());
    }
    with_a_keyring(&world, &profile)
}

fn has_display() -> bool {
    !cfg!(target_os = "linux")
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Adds the demo's account and opens the app: in the person's own session where that has a keyring, else in a session
/// of our own with one, so that the password is never kept in the open.
fn with_a_keyring(world: &World, profile: &Path) -> Done {
    let mut wrapper: Vec<&str> = Vec::new();
    if !session_has_keyring() {
        println!("This session has no keyring: the demo runs in a session bus of its own that has one.");
        wrapper = vec!["dbus-run-session", "--", "sh", "-c", OWN_KEYRING, "sh"];
    }
    // One shell for all three steps: a keyring lives as long as its session.
    let cli = built("clientele").to_string_lossy().into_owned();
    let app = built("clientele-desktop").to_string_lossy().into_owned();
    let steps = ["sh", "-e", "-c", STEPS, "sh", &cli, &app];
    let all: Vec<&str> = wrapper.into_iter().chain(steps).collect();
    let mut demo = command(all[0], &all[1..]);
    surroundings(&mut demo, profile)
        .env("CLIENTELE_CA", world.ca())
        .env("DEMO_USER", world.text("user"))
        .env("DEMO_IMAP", world.server("imaps"))
        .env("DEMO_SMTP", world.server("smtps"))
        .env("DEMO_SEED", world.text("crm_seed"))
        .stdin(Stdio::piped());
    let mut child = demo.spawn().map_err(|error| format!("{}: {error}", all[0]))?;
    if let Some(mut input) = child.stdin.take() {
        writeln!(input, "{}", world.text("password")).map_err(|error| format!("passing the password on: {error}"))?;
    }
    ended(child.wait())
}

/// The keyring's own password is of no matter: it ends with its session. Standard input stays for the command.
const OWN_KEYRING: &str =
    "printf demo | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null && exec \"$@\"";

/// The account's password is on standard input, never an argument.
const STEPS: &str = r#"
"$1" account add --email "$DEMO_USER" --name 'Ingrid Hauge' --imap "$DEMO_IMAP" --smtp "$DEMO_SMTP" --days 60 >/dev/null
"$1" crm import "$DEMO_SEED" >/dev/null
"$1" sync </dev/null
echo 'Opening Clientele'
exec "$2" </dev/null
"#;

fn session_has_keyring() -> bool {
    let ask = ["--session", "--print-reply", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus"];
    let name = ["org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"];
    there("dbus-send")
        && crate::shell::read(&mut command("dbus-send", &[&ask[..], &name].concat()))
            .is_ok_and(|said| said.contains("boolean true"))
}

fn desktop(profile: &Path) -> Command {
    let mut desktop = command(&built("clientele-desktop").to_string_lossy(), &[]);
    surroundings(&mut desktop, profile);
    desktop
}

fn surroundings<'a>(command: &'a mut Command, profile: &Path) -> &'a mut Command {
    // The demo's pictures come from a listener on this machine, which the app otherwise never asks.
    command.env("CLIENTELE_PROFILE", profile).env("CLIENTELE_LOOPBACK_IMAGES", "1")
}

/// No display: one of our own, the real window driven through the thread, and pictures of it.
fn walk(fresh: bool, home: &Path) -> Done {
    println!("There is no display: the app is walked through on one of its own.");
    setup::for_the_window()?;
    let shots = home.join(if fresh { "screenshots-fresh" } else { "screenshots" });
    let _before = std::fs::remove_dir_all(&shots);
    std::fs::create_dir_all(&shots).map_err(|error| format!("{}: {error}", shots.display()))?;
    let mut walk = test::in_the_window("walk");
    walk.env("SHOTS", &shots).env("FRESH", if fresh { "1" } else { "" });
    run_it(&mut walk)?;
    let mut pictures: Vec<PathBuf> =
        std::fs::read_dir(&shots).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    pictures.sort();
    if pictures.is_empty() {
        return Err("the walk took no pictures".into());
    }
    println!("Screenshots:");
    for picture in pictures {
        println!("  {}", picture.display());
    }
    Ok(())
}

fn ended(status: std::io::Result<ExitStatus>) -> Done {
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("the app ended with {status}")),
        Err(error) => Err(format!("the app could not be started: {error}")),
    }
}
