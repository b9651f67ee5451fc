//! Dovecot 2.3: IMAP, LMTP, and the sign-in that Postfix asks.

use super::oidc::Oidc;
use super::{Authority, PASSWORD, Ports, Told, WorldError, faults, open_to_all, system_user};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

pub(super) fn config(dir: &Path) -> PathBuf {
    dir.join("dovecot.conf")
}

pub(super) fn lmtp_socket(dir: &Path) -> PathBuf {
    dir.join("run/lmtp")
}

pub(super) fn auth_socket(dir: &Path) -> PathBuf {
    dir.join("run/auth-postfix")
}

/// The Maildir of an address.
pub(super) fn mailbox(dir: &Path, user: &str) -> PathBuf {
    dir.join("mail").join(user).join("Maildir")
}

pub(super) fn configure(
    dir: &Path,
    ports: &Ports,
    authority: &Authority,
    oidc: Option<&Oidc>,
) -> Result<(), WorldError> {
    for name in ["run", "state", "mail", "log"] {
        std::fs::create_dir_all(dir.join(name)).told(format!("making {name}"))?;
        open_to_all(&dir.join(name))?;
    }
    let (uid, gid) = system_user("mail")?;
    std::os::unix::fs::chown(dir.join("mail"), Some(uid), Some(gid)).told("giving the mailboxes to their user")?;
    if let Some(oidc) = oidc {
        std::fs::write(tokens(dir), introspection(oidc)).told("writing Dovecot's settings for tokens")?;
    }
    std::fs::write(config(dir), text(dir, ports, authority, oidc.is_some(), uid, gid)).told("writing dovecot.conf")
}

fn tokens(dir: &Path) -> PathBuf {
    dir.join("dovecot-oauth2.conf")
}

/// The token is asked about each time, and opens the mailbox of the person it was given for and no other.
fn introspection(oidc: &Oidc) -> String {
    format!(
        "introspection_mode = post\nintrospection_url = {}\nforce_introspection = yes\nusername_attribute = sub\n\
         active_attribute = active\nactive_value = true\nscope = mail\n",
        oidc.introspection()
    )
}

pub(super) fn start(dir: &Path) -> Result<Child, WorldError> {
    let log = std::fs::File::create(dir.join("log/dovecot.err")).told("opening Dovecot's log")?;
    Command::new("dovecot")
        .arg("-F")
        .arg("-c")
        .arg(config(dir))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .process_group(0)
        .spawn()
        .map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => WorldError::Missing("dovecot"),
            _ => WorldError::Io { what: "starting Dovecot".into(), source },
        })
}

/// An address on which it offers less.
fn poor(address: &str, without: &[&str]) -> String {
    let left = faults::CAPABILITIES.iter().copied().filter(|one| !without.contains(one));
    let left: Vec<&str> = std::iter::once("IMAP4rev1").chain(left).collect();
    format!("local {address} {{\n  protocol imap {{\n    imap_capability = {}\n  }}\n}}\n", left.join(" "))
}

fn text(dir: &Path, ports: &Ports, authority: &Authority, tokens_too: bool, uid: u32, gid: u32) -> String {
    let Ports { imap, imaps, imap_plain, .. } = ports;
    let d = dir.display();
    let pem = |name: &str| {
        format!("ssl_cert = <{}\n  ssl_key = <{}", authority.certificate(name).display(), authority.key(name).display())
    };
    let (good, expired, foreign, other) = (pem("server"), pem("expired"), pem("foreign"), pem("other-name"));
    let own = pem("self-signed");
    let (on_expired, on_foreign, on_other) = (faults::EXPIRED, faults::FOREIGN, faults::OTHER_NAME);
    let on_own = faults::SELF_SIGNED;
    let poorer = faults::POORER.map(|(address, _)| address).join(", ");
    let less: String = faults::POORER.iter().map(|(address, without)| poor(address, without)).collect();
    let two = faults::TWO_CONNECTIONS;
    let (more, by_token) = if tokens_too {
        let settings = tokens(dir);
        let passdb = format!(
            "passdb {{\n  driver = oauth2\n  mechanisms = xoauth2 oauthbearer\n  args = {}\n}}\n",
            settings.display()
        );
        (" xoauth2 oauthbearer", passdb)
    } else {
        ("", String::new())
    };
    format!(
        r#"protocols = imap lmtp
base_dir = {d}/run
state_dir = {d}/state
log_path = {d}/log/dovecot.log
listen = 127.0.0.1, {on_expired}, {on_foreign}, {on_other}, {on_own}, {poorer}, {two}
ssl = yes
{good}
ssl_min_protocol = TLSv1.2
local {on_expired} {{
  {expired}
}}
local {on_foreign} {{
  {foreign}
}}
local {on_other} {{
  {other}
}}
local {on_own} {{
  {own}
}}
{less}local {two} {{
  protocol imap {{
    mail_max_userip_connections = 2
  }}
}}
disable_plaintext_auth = no
auth_mechanisms = plain login scram-sha-256{more}
auth_username_chars =
auth_failure_delay = 0
auth_cache_size = 0
mail_location = maildir:~/Maildir
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
first_valid_gid = 1
mail_max_userip_connections = 500
# A test must not wait for a batch of notices.
mailbox_idle_check_interval = 1 secs
recipient_delimiter = +
{by_token}passdb {{
  driver = static
  mechanisms = plain login scram-sha-256
  args = password={{PLAIN}}{PASSWORD}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={d}/mail/%u allow_all_users=yes
}}
protocol imap {{
  mail_plugins = imap_zlib
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    special_use = \Sent
    auto = subscribe
  }}
  mailbox Drafts {{
    special_use = \Drafts
    auto = subscribe
  }}
  mailbox Archive {{
    special_use = \Archive
    auto = subscribe
  }}
  mailbox Junk {{
    special_use = \Junk
    auto = subscribe
  }}
  mailbox Trash {{
    special_use = \Trash
    auto = subscribe
  }}
}}
protocol lmtp {{
  postmaster_address = postmaster@nordvik.example
}}
service imap-login {{
  service_count = 0
  process_min_avail = 1
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
  inet_listener imap_plain {{
    port = {imap_plain}
  }}
}}
service imap {{
  process_min_avail = 1
}}
service lmtp {{
  unix_listener lmtp {{
    mode = 0666
  }}
}}
service auth {{
  unix_listener auth-postfix {{
    mode = 0666
  }}
}}
# Without this a wrong password slows every sign-in that follows.
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"#
    )
}
