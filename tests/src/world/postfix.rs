//! Postfix 3.7: three ways in, and everything on to Dovecot by LMTP.

use super::{Authority, Ports, Told, WorldError, dovecot, faults, open_to_all, system_user};
use std::fmt::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

const MASTER: &str = "/usr/lib/postfix/sbin/master";

pub(super) fn configure(dir: &Path, ports: &Ports, authority: &Authority) -> Result<(), WorldError> {
    let (postfix, postfix_group) = system_user("postfix")?;
    let postdrop = group("postdrop")?;
    let queue = dir.join("queue");
    // What `postfix check` would make from the system's own list of files, which a private instance does not have.
    let folders = [
        ("", 0, 0, 0o755),
        ("pid", 0, 0, 0o755),
        ("maildrop", postfix, postdrop, 0o730),
        ("public", postfix, postdrop, 0o710),
    ]
    .into_iter()
    .chain(
        ["active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace"]
            .map(|name| (name, postfix, postfix_group, 0o700)),
    );
    for (name, user, group, mode) in folders {
        own(&queue.join(name), user, group, mode)?;
    }
    own(&dir.join("postfix-data"), postfix, postfix_group, 0o700)?;
    let settings = dir.join("postfix");
    std::fs::create_dir_all(&settings).told("making Postfix's configuration folder")?;
    open_to_all(&settings)?;
    std::fs::write(settings.join("main.cf"), main_cf(dir, authority)).told("writing main.cf")?;
    std::fs::write(settings.join("master.cf"), master_cf(ports)).told("writing master.cf")?;
    std::fs::write(settings.join("dynamicmaps.cf"), "").told("writing dynamicmaps.cf")?;
    let refusals = faults::RECIPIENTS.iter().fold(String::new(), |mut text, (address, answer)| {
        let _written = writeln!(text, "{address} {answer}");
        text
    });
    std::fs::write(settings.join("recipients"), refusals).told("writing the refusals")
}

pub(super) fn start(dir: &Path) -> Result<Child, WorldError> {
    if !Path::new(MASTER).exists() {
        return Err(WorldError::Missing("postfix"));
    }
    let log = std::fs::File::create(dir.join("log/postfix.err")).told("opening Postfix's log")?;
    Command::new(MASTER)
        .arg("-c")
        .arg(dir.join("postfix"))
        // Stays in the foreground as our child, so that it is stopped by its own id.
        .arg("-d")
        .env("MAIL_CONFIG", dir.join("postfix"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .process_group(0)
        .spawn()
        .told("starting Postfix")
}

fn own(path: &Path, user: u32, group: u32, mode: u32) -> Result<(), WorldError> {
    let what = || format!("making {}", path.display());
    std::fs::create_dir_all(path).told(what())?;
    std::os::unix::fs::chown(path, Some(user), Some(group)).told(what())?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).told(what())
}

fn group(name: &'static str) -> Result<u32, WorldError> {
    let groups = std::fs::read_to_string("/etc/group").told("reading /etc/group")?;
    groups
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|fields| fields.first() == Some(&name))
        .and_then(|fields| fields.get(2)?.parse().ok())
        .ok_or(WorldError::Missing(name))
}

fn main_cf(dir: &Path, authority: &Authority) -> String {
    let d = dir.display();
    let certificate = authority.certificate("server");
    let key = authority.key("server");
    format!(
        "compatibility_level = 3.6
queue_directory = {d}/queue
data_directory = {d}/postfix-data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {d}/log/postfix.log
maillog_file_prefixes = {d}
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = mail.nordvik.example
mydomain = nordvik.example
myorigin = nordvik.example
mynetworks = 127.0.0.0/8
mydestination =
local_transport = error:no local mail here
alias_maps =
alias_database =
local_recipient_maps =
# Nothing leaves this machine: every domain there is ends in Dovecot.
virtual_mailbox_domains = static:all
virtual_mailbox_maps = static:all
virtual_transport = lmtp:unix:{lmtp}
relay_domains =
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_sasl_type = dovecot
smtpd_sasl_path = {auth}
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_tls_loglevel = 0
tls_random_source = dev:/dev/urandom
smtpd_error_sleep_time = 0
smtpd_client_connection_rate_limit = 0
smtpd_client_connection_count_limit = 0
message_size_limit = 60000000
mailbox_size_limit = 0
virtual_mailbox_limit = 0
disable_dns_lookups = yes
smtp_host_lookup = native
",
        lmtp = dovecot::lmtp_socket(dir).display(),
        auth = dovecot::auth_socket(dir).display(),
        certificate = certificate.display(),
        key = key.display(),
    )
}

fn master_cf(ports: &Ports) -> String {
    let Ports { submission, smtps, smtp_plain, smtps_no_auth, .. } = ports;
    let refuse = "check_recipient_access texthash:$config_directory/recipients";
    let mut text = format!(
        "127.0.0.1:{submission} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
  -o {{ smtpd_recipient_restrictions = {refuse}, permit_sasl_authenticated, reject }}
127.0.0.1:{smtps} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
  -o smtpd_sasl_auth_enable=yes
  -o {{ smtpd_recipient_restrictions = {refuse}, permit_sasl_authenticated, reject }}
127.0.0.1:{smtp_plain} inet n - n - - smtpd
  -o smtpd_tls_security_level=none
  -o smtpd_sasl_auth_enable=yes
  -o {{ smtpd_recipient_restrictions = {refuse}, permit }}
127.0.0.1:{smtps_no_auth} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
  -o smtpd_sasl_auth_enable=no
  -o {{ smtpd_recipient_restrictions = reject }}
"
    );
    for (host, certificate) in [
        (faults::EXPIRED, "expired"),
        (faults::FOREIGN, "foreign"),
        (faults::OTHER_NAME, "other-name"),
        (faults::SELF_SIGNED, "self-signed"),
    ] {
        let _written = writeln!(
            text,
            "{host}:{smtps} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_tls_cert_file=$config_directory/../ca/{certificate}.pem
  -o smtpd_tls_key_file=$config_directory/../ca/{certificate}.key"
        );
    }
    text.push_str(
        "cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
showq unix n - n - - showq
postlog unix-dgram n - n - 1 postlogd
",
    );
    text
}
