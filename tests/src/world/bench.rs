//! A plain mailbox of a wanted size, for measurements.

use super::{INGRID, Stored, Told, World, WorldError, dovecot};

/// How Dovecot keeps the mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A file a mail. The server itself needs longer for a larger folder: it reads the list of all file names.
    Maildir,
    /// Dovecot's own, where its work does not grow with the folder.
    Mdbox,
}

impl Format {
    pub fn parse(text: &str) -> Option<Format> {
        match text {
            "maildir" => Some(Format::Maildir),
            "mdbox" => Some(Format::Mdbox),
            _ => None,
        }
    }
}

/// Fills the world's own mailbox with [`mails`], once: the world is new.
pub fn fill(world: &World, format: Format, count: usize, now: i64) -> Result<(), WorldError> {
    world.store(INGRID, &mails(count, now))?;
    if format == Format::Mdbox {
        let config = dovecot::config(world.dir());
        let text = std::fs::read_to_string(&config).told("reading dovecot.conf")?;
        std::fs::write(&config, text.replace("maildir:~/Maildir", "mdbox:~/mdbox")).told("writing dovecot.conf")?;
        world.doveadm(&["reload"])?;
        let from = format!("maildir:{}", dovecot::mailbox(world.dir(), INGRID).display());
        world.doveadm(&["import", "-u", INGRID, &from, "", "ALL"])?;
    }
    Ok(())
}

/// `count` mails in the inbox, one every ten minutes up to `now` (seconds since 1970): about 4 KB each, every tenth 60 KB.
pub fn mails(count: usize, now: i64) -> Vec<Stored> {
    (0..count).map(|number| mail(number, now - 600 * (count - number) as i64)).collect()
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
