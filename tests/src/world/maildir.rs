//! Mails written straight into a Maildir: the way to a mailbox of 20,000 in seconds.

use super::{Told, WorldError, system_user};
use std::os::unix::fs::chown;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

static WRITTEN: AtomicU64 = AtomicU64::new(0);

/// One mail as it lies in a mailbox.
#[derive(Debug, Clone)]
pub struct Stored {
    /// `INBOX`, or the name of another folder.
    pub folder: String,
    pub raw: Vec<u8>,
    /// When the server got it, in seconds since 1970: INTERNALDATE.
    pub received: i64,
    pub seen: bool,
    pub answered: bool,
    pub flagged: bool,
}

/// Writes the mails in the order of their dates, so that Dovecot numbers them so.
pub(super) fn store(maildir: &Path, mails: &[Stored]) -> Result<(), WorldError> {
    let mut order: Vec<(usize, &Stored)> = mails.iter().enumerate().collect();
    order.sort_by_key(|(at, mail)| (mail.received, *at));
    let (uid, gid) = system_user("mail")?;
    let own = |path: &Path| chown(path, Some(uid), Some(gid)).told(format!("giving {} to its user", path.display()));
    let folder_path = |folder: &str| match folder {
        "INBOX" => maildir.to_owned(),
        // Maildir++: subfolders are dotted names beside cur, new and tmp.
        other => maildir.join(format!(".{}", other.replace('/', "."))),
    };
    let mut made = std::collections::BTreeSet::new();
    for (number, (_, mail)) in order.iter().enumerate() {
        let folder = folder_path(&mail.folder);
        if made.insert(folder.clone()) {
            for part in ["cur", "new", "tmp"] {
                std::fs::create_dir_all(folder.join(part)).told("making a mailbox folder")?;
                own(&folder.join(part))?;
            }
            own(&folder)?;
            own(maildir)?;
            if let Some(home) = maildir.parent() {
                own(home)?;
            }
        }
        let mut flags = String::new();
        // In the order of the alphabet, as Maildir wants.
        for (set, letter) in [(mail.flagged, 'F'), (mail.answered, 'R'), (mail.seen, 'S')] {
            if set {
                flags.push(letter);
            }
        }
        // Never one name twice: Dovecot would take the second mail for the first.
        let once = WRITTEN.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}.M{number:06}P{}Q{once}.clientele:2,{flags}", mail.received, std::process::id());
        let path = folder.join("cur").join(name);
        std::fs::write(&path, &mail.raw).told("writing a mail")?;
        own(&path)?;
        let received = SystemTime::UNIX_EPOCH + Duration::from_secs(mail.received.max(0) as u64);
        std::fs::File::options()
            .write(true)
            .open(&path)
            .and_then(|file| file.set_modified(received))
            .told("dating a mail")?;
    }
    Ok(())
}
