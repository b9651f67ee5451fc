//! Courier 5 beside the world's servers: a third IMAP server that other people wrote, and a poor one. No MOVE, no
//! CONDSTORE, no UIDNEXT, no purposes of folders, and everything below `INBOX.`. It knows every address of the right
//! password. Debian's package cannot lie beside Dovecot's: `cargo xtask setup` unpacks it into a folder of its own.
//!
//! Its own listener, TLS and sign-in run; only the daemon that knows the passwords is ours, found by `courier.c`.

use super::{Authority, PASSWORD, Told, World, WorldError, cyrus, finish, said, system_user, wait_for};
use std::io::{Read, Write};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// What Debian's settings offer.
const OFFERS: &str = "IMAP4rev1 UIDPLUS CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT THREAD=REFERENCES SORT QUOTA IDLE";

/// A running Courier. Dropped, it ends; its folder goes with the world's.
#[derive(Debug)]
pub struct Courier {
    listeners: Vec<Child>,
    dir: PathBuf,
    owner: (u32, u32),
    /// IMAP with STARTTLS.
    pub imap: u16,
    /// IMAP over TLS.
    pub imaps: u16,
}

impl Courier {
    /// Starts it in the world's folder, with the world's certificate.
    pub fn start(world: &World) -> Result<Courier, WorldError> {
        Courier::offering(world, OFFERS)
    }

    /// The same with other capabilities: an administrator chooses what it offers.
    pub fn offering(world: &World, capabilities: &str) -> Result<Courier, WorldError> {
        // Several may run beside one world, each with its own settings.
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let dir = world.dir().join(format!("courier{}", NUMBER.fetch_add(1, Ordering::Relaxed)));
        let root = cyrus::copy("courier", &dir)?;
        let owner = system_user("mail")?;
        for name in ["mail", "auth"] {
            std::fs::create_dir_all(dir.join(name)).told(format!("making {name}"))?;
            chown(dir.join(name), Some(owner.0), Some(owner.1)).told(format!("giving {name} to its user"))?;
        }
        let pem = certificate(world, &dir, owner)?;
        let socket = dir.join("auth/socket");
        let _left = std::fs::remove_file(&socket);
        let listener = UnixListener::bind(&socket).told("listening for Courier's sign-ins")?;
        std::fs::set_permissions(&socket, std::fs::Permissions::from_mode(0o666)).told("opening the socket")?;
        let mail = dir.join("mail");
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _gone = answer(stream, &mail, owner);
            }
        });
        let shim = shim(&dir)?;
        let (imap, imaps) = cyrus::free()?;
        let mut courier = Courier { listeners: Vec::new(), dir, owner, imap, imaps };
        for (port, name) in [(imap, "imap"), (imaps, "imaps")] {
            let environment = [
                ("PATH", "/usr/bin:/bin".to_owned()),
                ("LD_LIBRARY_PATH", format!("{}:{}", cyrus::libraries(&root), root.join("usr/lib").display())),
                ("LD_PRELOAD", shim.display().to_string()),
                ("CLIENTELE_AUTH_SOCKET", socket.display().to_string()),
                ("IMAP_CAPABILITY", capabilities.to_owned()),
                ("IMAP_CAPABILITY_TLS", format!("{capabilities} AUTH=PLAIN")),
                ("IMAP_KEYWORDS", "1".into()),
                ("IMAP_ACL", "1".into()),
                ("IMAP_USELOCKS", "1".into()),
                ("IMAP_UMASK", "022".into()),
                // It looks only so often; a test must not wait for a minute.
                ("IMAP_IDLE_TIMEOUT", "1".into()),
                ("IMAPDSTARTTLS", "YES".into()),
                ("IMAP_STARTTLS", "YES".into()),
                ("IMAP_TLS", if port == imaps { "1" } else { "0" }.into()),
                ("COURIERTLS", root.join("usr/bin/couriertls").display().to_string()),
                ("TLS_CERTFILE", pem.display().to_string()),
                ("TLS_VERIFYPEER", "NONE".into()),
                ("MAILDIRPATH", "Maildir".into()),
            ];
            let mut command = Command::new(root.join("usr/sbin/couriertcpd"));
            command.args(["-address=127.0.0.1", "-nodnslookup", "-noidentlookup", "-maxprocs=60", "-maxperip=60"]);
            command.arg(format!("-stderr={}", world.dir().join("log/courier.err").display()));
            command.arg(port.to_string());
            if port == imaps {
                command.arg(root.join("usr/bin/couriertls")).args(["-server", "-tcpd", "-user=mail"]);
            }
            command.arg(root.join("usr/lib/courier/courier/imaplogin")).arg(root.join("usr/bin/imapd")).arg("Maildir");
            let mut child = command
                .env_clear()
                .envs(environment)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .process_group(0)
                .spawn()
                .told("starting Courier")?;
            std::fs::write(courier.dir.join(format!("{name}.pid")), child.id().to_string())
                .told("noting its number")?;
            let up = wait_for(world.dir(), port, &mut child);
            courier.listeners.push(child);
            up?;
        }
        Ok(courier)
    }

    /// The Maildir of an address. It is made at the first sign-in, or here.
    pub fn mailbox(&self, user: &str) -> Result<PathBuf, WorldError> {
        mailbox(&self.dir.join("mail"), user, self.owner)
    }

    /// Puts one mail into the inbox, as a delivery agent does. IDLE clients hear of it within a second.
    pub fn deliver(&self, to: &str, raw: &[u8]) -> Result<(), WorldError> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let maildir = self.mailbox(to)?;
        let now = jiff::Timestamp::now();
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}.M{:06}P{number}.clientele", now.as_second(), now.subsec_microsecond());
        let path = maildir.join("tmp").join(&name);
        std::fs::write(&path, raw).told("writing a mail")?;
        chown(&path, Some(self.owner.0), Some(self.owner.1)).told("giving a mail to its user")?;
        std::fs::rename(&path, maildir.join("new").join(&name)).told("delivering a mail")
    }
}

impl Drop for Courier {
    fn drop(&mut self) {
        for child in &mut self.listeners {
            let _ended = finish(child);
        }
    }
}

/// Key and certificate in one file, as Courier wants them; root's key is not for its user to read.
fn certificate(world: &World, dir: &Path, owner: (u32, u32)) -> Result<PathBuf, WorldError> {
    let authority = Authority::make(&world.dir().join("ca"))?;
    let mut both = std::fs::read(authority.key("server")).told("reading the key")?;
    both.extend(std::fs::read(authority.certificate("server")).told("reading the certificate")?);
    let path = dir.join("server.both");
    std::fs::write(&path, both).told("writing the certificate")?;
    chown(&path, Some(owner.0), Some(owner.1)).told("giving the key to its user")?;
    Ok(path)
}

/// `courier.c` as a library.
fn shim(dir: &Path) -> Result<PathBuf, WorldError> {
    let (source, library) = (dir.join("courier.c"), dir.join("courier.so"));
    std::fs::write(&source, include_str!("courier.c")).told("writing courier.c")?;
    said(Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(&source).arg("-ldl"), "cc")?;
    Ok(library)
}

fn mailbox(mail: &Path, user: &str, owner: (u32, u32)) -> Result<PathBuf, WorldError> {
    // Names come from the tests themselves; a slash in one would lead out of the folder all the same.
    let maildir = mail.join(user.replace('/', "_")).join("Maildir");
    for part in ["cur", "new", "tmp"] {
        std::fs::create_dir_all(maildir.join(part)).told("making a mailbox")?;
        chown(maildir.join(part), Some(owner.0), Some(owner.1)).told("giving a mailbox to its user")?;
    }
    for path in [Some(maildir.as_path()), maildir.parent()].into_iter().flatten() {
        chown(path, Some(owner.0), Some(owner.1)).told("giving a mailbox to its user")?;
    }
    Ok(maildir)
}

/// The protocol of courier-authlib's authdaemond: `AUTH length`, then service, way, user and password, a line each.
fn answer(mut stream: UnixStream, mail: &Path, owner: (u32, u32)) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut asked = Vec::new();
    let mut piece = [0; 4096];
    // Its end is where the length says; a short line more or less is all that a sign-in takes.
    while asked.iter().filter(|byte| **byte == b'\n').count() < 5 {
        match stream.read(&mut piece)? {
            0 => break,
            count => asked.extend_from_slice(&piece[..count]),
        }
        if asked.starts_with(b"TCPREMOTEIP=")
            && let Some(end) = asked.iter().position(|byte| *byte == b'\n')
        {
            asked.drain(..=end);
        }
    }
    let asked = String::from_utf8_lossy(&asked).into_owned();
    let lines: Vec<&str> = asked.lines().collect();
    let told = match lines.as_slice() {
        [auth, "imap", "login", user, password, ..] if auth.starts_with("AUTH ") && *password == PASSWORD => {
            mailbox(mail, user, owner).ok().map(|maildir| {
                let home = maildir.parent().unwrap_or(mail).display().to_string();
                let (uid, gid) = owner;
                format!("USERNAME=mail\nUID={uid}\nGID={gid}\nHOME={home}\nADDRESS={user}\nMAILDIR=Maildir\n.\n")
            })
        }
        _ => None,
    };
    stream.write_all(told.as_deref().unwrap_or("FAIL\n").as_bytes())
}
