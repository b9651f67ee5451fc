//! Cyrus 3.6 beside the world's servers: a second IMAP server that other people wrote. It knows every address and takes
//! any password. Debian's package cannot lie beside Dovecot's: `cargo xtask setup` unpacks it into a folder of its own.

use super::{Told, World, WorldError, finish, lmtp, open_to_all, system_user, wait_for};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// A running Cyrus. Dropped, it ends; its folder goes with the world's.
#[derive(Debug)]
pub struct Cyrus {
    child: Child,
    dir: PathBuf,
    /// IMAP with STARTTLS.
    pub imap: u16,
    /// IMAP over TLS.
    pub imaps: u16,
}

/// A copy in `dir` of what setup has unpacked: the server's own user must be able to run it, which a home of mode 700
/// forbids. The folder of the world is open.
pub(super) fn copy(name: &'static str, dir: &Path) -> Result<PathBuf, WorldError> {
    let unpacked = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools").join(name).join("root");
    let found = unpacked.canonicalize().map_err(|_| WorldError::Missing(name))?;
    std::fs::create_dir_all(dir).told(format!("making the folder of {name}"))?;
    open_to_all(dir)?;
    let root = dir.join("root");
    super::said(Command::new("cp").arg("-rT").arg(found).arg(&root), "cp")?;
    Ok(root)
}

impl Cyrus {
    /// Starts it in the world's folder, with the world's certificate.
    pub fn start(world: &World) -> Result<Cyrus, WorldError> {
        let dir = world.dir().join("cyrus");
        let root = copy("cyrus", &dir)?;
        let (uid, gid) = system_user("mail")?;
        for name in ["conf", "conf/db", "conf/log", "conf/msg", "conf/proc", "conf/socket", "conf/user", "spool"] {
            std::fs::create_dir_all(dir.join(name)).told(format!("making {name}"))?;
            chown(dir.join(name), Some(uid), Some(gid)).told(format!("giving {name} to its user"))?;
        }
        // Root's key is not for its user to read: it gets a copy.
        let key = dir.join("server.key");
        std::fs::copy(world.dir().join("ca/server.key"), &key).told("copying the key")?;
        chown(&key, Some(uid), Some(gid)).told("giving the key to its user")?;
        let (imap, imaps) = free()?;
        std::fs::write(dir.join("imapd.conf"), imapd_conf(&dir, &world.dir().join("ca/server.pem"), &key))
            .told("writing imapd.conf")?;
        std::fs::write(dir.join("cyrus.conf"), cyrus_conf(&dir, &root, imap, imaps)).told("writing cyrus.conf")?;
        let child = Command::new(root.join("usr/lib/cyrus/bin/master"))
            .args(["-D", "-C"])
            .arg(dir.join("imapd.conf"))
            .arg("-M")
            .arg(dir.join("cyrus.conf"))
            .arg("-p")
            .arg(dir.join("master.pid"))
            .env("LD_LIBRARY_PATH", libraries(&root))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(world.dir().join("log/cyrus.err")).told("opening Cyrus's log")?)
            .process_group(0)
            .spawn()
            .told("starting Cyrus")?;
        let mut cyrus = Cyrus { child, dir, imap, imaps };
        for port in [imap, imaps] {
            wait_for(world.dir(), port, &mut cyrus.child)?;
        }
        Ok(cyrus)
    }

    /// Hands one mail to it by LMTP. The mailbox is made at the first sign-in.
    pub fn deliver(&self, from: &str, to: &str, raw: &[u8]) -> Result<(), WorldError> {
        lmtp::deliver(&self.dir.join("conf/socket/lmtp"), from, to, raw)
    }
}

impl Drop for Cyrus {
    fn drop(&mut self) {
        let _ended = finish(&mut self.child);
    }
}

/// Two ports below the range from which the system takes those of outgoing connections. No two calls get the same.
pub(super) fn free() -> Result<(u16, u16), WorldError> {
    static TAKEN: Mutex<u16> = Mutex::new(32_000);
    let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
    let start = (*taken).max(32_000 + (std::process::id() % 300) as u16);
    let held: Vec<TcpListener> =
        (start..32_700).filter_map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()).take(2).collect();
    let ports: Vec<u16> = held.iter().filter_map(|one| one.local_addr().ok()).map(|address| address.port()).collect();
    match ports.as_slice() {
        [imap, imaps] => {
            *taken = imaps + 1;
            Ok((*imap, *imaps))
        }
        _ => Err(std::io::ErrorKind::AddrInUse.into()).told("looking for free ports"),
    }
}

/// Every folder of shared libraries below `root`, as the loader wants them.
pub(super) fn libraries(root: &Path) -> String {
    let triple = format!("{}-linux-gnu", std::env::consts::ARCH);
    ["lib", "usr/lib"].map(|part| root.join(part).join(&triple).display().to_string()).join(":")
}

fn imapd_conf(dir: &Path, certificate: &Path, key: &Path) -> String {
    let d = dir.display();
    format!(
        "configdirectory: {d}/conf
defaultpartition: default
partition-default: {d}/spool
admins: cyrus
cyrus_user: mail
cyrus_group: mail
virtdomains: userid
defaultdomain: nordvik.example
unixhierarchysep: yes
altnamespace: yes
sasl_pwcheck_method: alwaystrue
sasl_mech_list: PLAIN LOGIN
allowplaintext: yes
tls_server_cert: {certificate}
tls_server_key: {key}
autocreate_quota: 0
autocreate_post: yes
autocreate_inbox_folders: Sent|Drafts|Archive|Junk|Trash
autocreate_subscribe_folders: Sent|Drafts|Archive|Junk|Trash
xlist-sent: Sent
xlist-drafts: Drafts
xlist-archive: Archive
xlist-junk: Junk
xlist-trash: Trash
lmtpsocket: {d}/conf/socket/lmtp
idlesocket: {d}/conf/socket/idle
proc_path: {d}/conf/proc
",
        certificate = certificate.display(),
        key = key.display(),
    )
}

/// Each program is told its settings by name: Debian's would look for them in /etc.
fn cyrus_conf(dir: &Path, root: &Path, imap: u16, imaps: u16) -> String {
    let bin = root.join("usr/lib/cyrus/bin");
    let run = |name: &str| format!("{}/{name} -C {}/imapd.conf", bin.display(), dir.display());
    format!(
        "START {{
  recover cmd=\"{ctl} -r\"
}}
SERVICES {{
  imap cmd=\"{imapd}\" listen=\"127.0.0.1:{imap}\" proto=\"tcp4\" prefork=1
  imaps cmd=\"{imapd} -s\" listen=\"127.0.0.1:{imaps}\" proto=\"tcp4\" prefork=1
  lmtp cmd=\"{lmtpd}\" listen=\"{d}/conf/socket/lmtp\" prefork=1
}}
DAEMON {{
  idled cmd=\"{idled}\"
}}
EVENTS {{
}}
",
        ctl = run("ctl_cyrusdb"),
        imapd = run("imapd"),
        lmtpd = run("lmtpd"),
        idled = run("idled"),
        d = dir.display(),
    )
}
