//! A private Dovecot and Postfix on loopback: own configuration, own folders, free high ports, started and stopped by
//! process id. The system's own mail service, if there is one, is never touched.
//!
//! Any address at any `.example` domain has a mailbox: what is sent is really delivered. Addresses that refuse are in
//! [`faults`]. Postfix's master must start as root, so the world needs root.

pub mod bench;
pub mod bottlecrm;
mod certificates;
mod courier;
mod cyrus;
pub mod demo;
pub mod dns;
pub mod double;
mod dovecot;
pub mod elma365;
pub mod faults;
pub mod http_proxy;
mod images;
mod lmtp;
mod maildir;
pub mod oidc;
mod postfix;
mod process;
pub mod superoffice;
pub mod tryton;
pub mod web;

pub use certificates::Authority;
pub use courier::Courier;
pub use cyrus::Cyrus;
pub use maildir::Stored;
use process::{end_left_over, finish, said, sweep, wait_for};

use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::SystemTime;

/// The demo salesperson.
pub const INGRID: &str = "ingrid@nordvik.example";
/// Every test account has this password. It must be found nowhere in a profile or a log.
pub const PASSWORD: &str = "Fjord-og-fjell-1814";

/// Why the world could not be started or asked.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// A program of the list in `cargo xtask setup` is not installed.
    #[error("{0} is not installed; `cargo xtask setup` installs it")]
    Missing(&'static str),
    /// Postfix's master is reserved for the superuser.
    #[error("the mail servers must be started as root")]
    NotRoot,
    /// A file, a folder or a process could not be handled.
    #[error("{what}: {source}")]
    Io { what: String, source: std::io::Error },
    /// A program answered with a failure; its words follow.
    #[error("{what} failed: {words}")]
    Failed { what: String, words: String },
}

pub(crate) trait Told<T> {
    fn told(self, what: impl Into<String>) -> Result<T, WorldError>;
}
impl<T> Told<T> for std::io::Result<T> {
    fn told(self, what: impl Into<String>) -> Result<T, WorldError> {
        self.map_err(|source| WorldError::Io { what: what.into(), source })
    }
}

/// Where the servers listen. All on 127.0.0.1 unless said otherwise.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ports {
    /// IMAP with STARTTLS. Dovecot holds loopback secure, so it is for the client to refuse a sign-in before TLS.
    pub imap: u16,
    /// IMAP over TLS. The same port on [`faults::EXPIRED`], [`faults::FOREIGN`], [`faults::OTHER_NAME`]
    /// and [`faults::SELF_SIGNED`] shows bad certificates.
    pub imaps: u16,
    /// IMAP for signing in without TLS; STARTTLS is offered here too.
    pub imap_plain: u16,
    /// SMTP with STARTTLS, sign-in wanted.
    pub submission: u16,
    /// SMTP over TLS, sign-in wanted.
    pub smtps: u16,
    /// SMTP without TLS; takes mail from anyone, signed in or not.
    pub smtp_plain: u16,
    /// SMTP over TLS that knows no sign-in, and takes no mail for others.
    pub smtps_no_auth: u16,
    /// HTTP: one picture at any path, for the mails' remote images. `GET /requests` gives the paths asked for.
    pub images: u16,
}

impl Ports {
    /// Below the range from which the system takes the ports of outgoing connections: none of those can slip in between
    /// looking and listening.
    fn free(images: u16) -> Result<Ports, WorldError> {
        let (first, range) = (20_000, 12_000);
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let start = now.subsec_micros() + std::process::id().wrapping_mul(7919);
        // All are held at once, so that no two are the same.
        let held: Vec<TcpListener> = (0..range)
            .map(|step| first + (start.wrapping_add(step) % range) as u16)
            .filter_map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok())
            .take(7)
            .collect();
        let mut numbers = held.iter().filter_map(|listener| listener.local_addr().ok()).map(|address| address.port());
        let mut next = || numbers.next().ok_or(std::io::ErrorKind::AddrInUse.into()).told("looking for free ports");
        Ok(Ports {
            imap: next()?,
            imaps: next()?,
            imap_plain: next()?,
            submission: next()?,
            smtps: next()?,
            smtp_plain: next()?,
            smtps_no_auth: next()?,
            images,
        })
    }
}

/// What a program outside needs to use the world; `clientele-world` prints it as one line of JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Described {
    pub host: String,
    pub user: String,
    pub password: String,
    pub ports: Ports,
    /// PEM of the authority that signed the servers' certificate.
    pub ca: PathBuf,
    /// The world's own folder.
    pub dir: PathBuf,
    /// Dovecot's configuration, for `doveadm -c`.
    pub doveadm_config: PathBuf,
    /// The CRM's seed, when the demo mailbox was asked for.
    pub crm_seed: Option<PathBuf>,
    /// The OpenID provider, when it was asked for.
    pub oidc: Option<oidc::Described>,
}

/// Two running servers. Dropped, they are stopped, and a folder that the world made itself is removed.
pub struct World {
    dir: PathBuf,
    ports: Ports,
    dovecot: Child,
    postfix: Option<Child>,
    images: images::Images,
    oidc: Option<oidc::Oidc>,
    temporary: bool,
}

impl World {
    /// Starts both servers in a new folder below /tmp: unix sockets want short paths, and the servers' own users must
    /// be able to walk there, which a home of mode 700 forbids.
    pub fn start() -> Result<World, WorldError> {
        World::temporary(false)
    }

    /// Also starts an OpenID provider; its tokens open the mailboxes by XOAUTH2 and OAUTHBEARER. Takes Node.
    pub fn with_oidc() -> Result<World, WorldError> {
        World::temporary(true)
    }

    fn temporary(oidc: bool) -> Result<World, WorldError> {
        sweep();
        let dir = tempfile::Builder::new().prefix("clientele-").tempdir_in("/tmp").told("making the world's folder")?;
        let mut world = World::start_in(dir.path(), oidc)?;
        world.temporary = true;
        let _kept = dir.keep();
        Ok(world)
    }

    /// Starts both servers in `dir`, which is made when it is not there, and with `oidc` the OpenID provider. Servers
    /// that an earlier world left running in it are stopped.
    pub fn start_in(dir: &Path, oidc: bool) -> Result<World, WorldError> {
        if !is_root() {
            return Err(WorldError::NotRoot);
        }
        std::fs::create_dir_all(dir).told("making the world's folder")?;
        open_to_all(dir)?;
        end_left_over(dir)?;
        std::fs::write(dir.join("owner"), std::process::id().to_string()).told("naming the world's owner")?;
        let authority = Authority::make(&dir.join("ca"))?;
        let images = images::Images::start()?;
        let ports = Ports::free(images.port)?;
        std::fs::create_dir_all(dir.join("log")).told("making the folder of logs")?;
        let oidc = if oidc { Some(oidc::Oidc::start(dir, &authority)?) } else { None };
        dovecot::configure(dir, &ports, &authority, oidc.as_ref())?;
        postfix::configure(dir, &ports, &authority)?;
        let dovecot = dovecot::start(dir)?;
        let mut world = World { dir: dir.to_owned(), ports, dovecot, postfix: None, images, oidc, temporary: false };
        world.postfix = Some(postfix::start(dir)?);
        let Ports { imap, imaps, imap_plain, submission, smtps, smtp_plain, smtps_no_auth, .. } = world.ports;
        for port in [imap, imaps, imap_plain] {
            wait_for(dir, port, &mut world.dovecot)?;
        }
        if let Some(postfix) = world.postfix.as_mut() {
            for port in [submission, smtps, smtp_plain, smtps_no_auth] {
                wait_for(dir, port, postfix)?;
            }
        }
        Ok(world)
    }

    pub fn host(&self) -> &'static str {
        "localhost"
    }

    pub fn user(&self) -> &'static str {
        INGRID
    }

    pub fn password(&self) -> &'static str {
        PASSWORD
    }

    pub fn ports(&self) -> &Ports {
        &self.ports
    }

    /// PEM of the authority that a client must be told to trust.
    pub fn ca_pem(&self) -> PathBuf {
        self.dir.join("ca/ca.pem")
    }

    /// The paths of all remote images asked for so far.
    pub fn images_asked(&self) -> Vec<String> {
        self.images.asked()
    }

    /// The OpenID provider of a world that was started with one.
    pub fn oidc(&self) -> Option<&oidc::Oidc> {
        self.oidc.as_ref()
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Everything an outside program needs.
    pub fn described(&self) -> Described {
        Described {
            host: self.host().into(),
            user: self.user().into(),
            password: self.password().into(),
            ports: self.ports.clone(),
            ca: self.ca_pem(),
            dir: self.dir.clone(),
            doveadm_config: dovecot::config(&self.dir),
            crm_seed: None,
            oidc: self.oidc.as_ref().map(oidc::Oidc::described),
        }
    }

    /// Hands one mail to Dovecot by LMTP, as Postfix does; it is in `to`'s inbox, and IDLE clients hear of it.
    pub fn deliver(&self, from: &str, to: &str, raw: &[u8]) -> Result<(), WorldError> {
        lmtp::deliver(&dovecot::lmtp_socket(&self.dir), from, to, raw)
    }

    /// Puts mails into `user`'s mailbox with the folder, flags and date each names. Much faster than delivery.
    pub fn store(&self, user: &str, mails: &[Stored]) -> Result<(), WorldError> {
        maildir::store(&dovecot::mailbox(&self.dir, user), mails)
    }

    /// What `doveadm` prints: the server's own view, for assertions. A failure carries its words.
    pub fn doveadm(&self, args: &[&str]) -> Result<String, WorldError> {
        let mut command = Command::new("doveadm");
        command.arg("-c").arg(dovecot::config(&self.dir)).args(args);
        said(&mut command, "doveadm")
    }

    /// One `doveadm fetch` over `user`'s mails that match `query` (such as `mailbox Sent subject offer`): the text printed.
    pub fn fetch(&self, user: &str, fields: &str, query: &str) -> Result<String, WorldError> {
        let mut args = vec!["fetch", "-u", user, fields];
        args.extend(query.split(' '));
        self.doveadm(&args)
    }

    /// How many mails of `user` match `query`.
    pub fn count(&self, user: &str, query: &str) -> Result<usize, WorldError> {
        let mut args = vec!["search", "-u", user];
        args.extend(query.split(' '));
        Ok(self.doveadm(&args)?.lines().filter(|line| !line.trim().is_empty()).count())
    }

    /// Stops both servers, as Drop does, but says what went wrong.
    pub fn stop(mut self) -> Result<(), WorldError> {
        self.end()
    }

    /// Stops Dovecot only, to see what a client does without its server; [`World::dovecot_again`] brings it back on the same ports.
    pub fn dovecot_stop(&mut self) -> Result<(), WorldError> {
        finish(&mut self.dovecot)
    }

    /// Starts Dovecot again after [`World::dovecot_stop`].
    pub fn dovecot_again(&mut self) -> Result<(), WorldError> {
        self.dovecot = dovecot::start(&self.dir)?;
        wait_for(&self.dir, self.ports.imaps, &mut self.dovecot)
    }

    fn end(&mut self) -> Result<(), WorldError> {
        let posted = match self.postfix.as_mut() {
            Some(postfix) => finish(postfix),
            None => Ok(()),
        };
        let mail = finish(&mut self.dovecot);
        if self.temporary {
            // A child that ends late may still write: one failure to remove is not worth failing a test.
            let _left = std::fs::remove_dir_all(&self.dir);
        }
        posted.and(mail)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ended = self.end();
    }
}

pub(crate) fn open_to_all(dir: &Path) -> Result<(), WorldError> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o755)).told("opening the world's folder")
}

/// The numeric user and group of a name in /etc/passwd.
pub(crate) fn system_user(name: &'static str) -> Result<(u32, u32), WorldError> {
    let users = std::fs::read_to_string("/etc/passwd").told("reading /etc/passwd")?;
    users
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|fields| fields.first() == Some(&name))
        .and_then(|fields| Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?)))
        .ok_or(WorldError::Missing(name))
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests;
