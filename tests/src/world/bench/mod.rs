//! Mailboxes of a wanted size, for measurements.

mod chance;
mod mixed;
mod words;

use super::{INGRID, Stored, Told, World, WorldError, dovecot};

/// What is in the mailbox, and how Dovecot keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Plain mails in the inbox, a file a mail. The server itself needs longer for a larger folder: it reads the list of all file
    /// names.
    Maildir,
    /// The same mails in Dovecot's own format, where its work does not grow with the folder.
    Mdbox,
    /// All that a business has in its folders, 36 KB a mail, as Maildir.
    Mixed,
}

impl Kind {
    pub fn parse(text: &str) -> Option<Kind> {
        match text {
            "maildir" => Some(Kind::Maildir),
            "mdbox" => Some(Kind::Mdbox),
            "mixed" => Some(Kind::Mixed),
            _ => None,
        }
    }
}

/// So many mails are in memory at a time.
const AT_ONCE: usize = 1000;

/// Fills the world's own mailbox with `count` mails, once: the world is new. `now` in seconds since 1970.
pub fn fill(world: &World, kind: Kind, count: usize, now: i64) -> Result<(), WorldError> {
    if kind == Kind::Mixed {
        return store(world, mixed::mails(count));
    }
    store(world, plain(count, now))?;
    if kind == Kind::Mdbox {
        let config = dovecot::config(world.dir());
        let text = std::fs::read_to_string(&config).told("reading dovecot.conf")?;
        std::fs::write(&config, text.replace("maildir:~/Maildir", "mdbox:~/mdbox")).told("writing dovecot.conf")?;
        world.doveadm(&["reload"])?;
        let from = format!("maildir:{}", dovecot::mailbox(world.dir(), INGRID).display());
        world.doveadm(&["import", "-u", INGRID, &from, "", "ALL"])?;
    }
    Ok(())
}

fn store(world: &World, mut mails: impl Iterator<Item = Stored>) -> Result<(), WorldError> {
    loop {
        let some: Vec<Stored> = mails.by_ref().take(AT_ONCE).collect();
        if some.is_empty() {
            return Ok(());
        }
        world.store(INGRID, &some)?;
    }
}

/// `count` mails in the inbox, one every ten minutes up to `now` (seconds since 1970): about 4 KB each, every tenth 60 KB.
pub fn mails(count: usize, now: i64) -> Vec<Stored> {
    plain(count, now).collect()
}

fn plain(count: usize, now: i64) -> impl Iterator<Item = Stored> {
    (0..count).map(move |number| mail(number, now - 600 * (count - number) as i64))
}

fn mail(number: usize, received: i64) -> Stored {
    let date = jiff::Timestamp::from_second(received).unwrap_or_default().strftime("%a, %d %b %Y %H:%M:%S +0000");
    let lines = if number % 10 == 9 { 900 } else { 55 };
    let mut raw = format!(
        "From: Sender {sender} <sender{sender}@customer{company}.example>\r\nTo: Ingrid Hauge <ingrid@nordvik.example>\r\n\
         Subject: Order {number} for customer {company}\r\nDate: {date}\r\nMessage-ID: <bench-{number}@customer{company}.example>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n",
        sender = number % 97,
        company = number % 41,
    );
    for line in 0..lines {
        raw.push_str(&format!(
            "Line {line} of order {number}: {} pallets of goods for the warehouse.\r\n",
            (number * 7 + line) % 113
        ));
    }
    Stored {
        folder: "INBOX".into(),
        raw: raw.into_bytes(),
        received,
        seen: !number.is_multiple_of(4),
        answered: false,
        flagged: false,
    }
}

#[cfg(test)]
mod tests {
    use super::mixed::mails;
    use std::collections::BTreeSet;

    #[test]
    fn the_measured_mailbox_is_the_same_in_every_run_and_as_large_as_the_goals_say() {
        let all: Vec<_> = mails(2000).collect();
        let again: Vec<_> = mails(2000).skip(1990).collect();
        assert!(all[1990..].iter().zip(&again).all(|(one, other)| one.raw == other.raw && one.folder == other.folder));
        let average = all.iter().map(|mail| mail.raw.len()).sum::<usize>() / all.len();
        assert!((32_000..40_000).contains(&average), "{average} bytes a mail");
        let folders: BTreeSet<&str> = all.iter().map(|mail| mail.folder.as_str()).collect();
        assert_eq!(folders.len(), 11, "{folders:?}");
        assert!(
            all.iter().all(|mail| mail.raw.split(|byte| *byte == b'\n').all(|line| line.len() < 1000)),
            "a line too long"
        );
    }
}
