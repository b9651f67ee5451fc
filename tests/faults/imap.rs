//! The other side: another mail program on the same mailbox, as plain as can be, over a connection without TLS.

use clientele_tests::world::PASSWORD;
use std::{
    collections::BTreeSet,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
};

/// A mail as the server has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct There {
    pub uid: u32,
    pub message_id: String,
    /// Without `\Recent`.
    pub flags: BTreeSet<String>,
}

pub struct Other {
    port: u16,
    user: String,
    stream: BufReader<TcpStream>,
    number: u32,
    open: String,
}

const HUNG_UP: &str = "hung up";

/// What a command was answered with: untagged lines (literals within), and the tagged line.
#[derive(Debug)]
pub struct Answer {
    pub lines: Vec<String>,
    pub end: String,
}

impl Answer {
    pub fn is_ok(&self) -> bool {
        self.end.starts_with("OK")
    }
}

impl Other {
    pub fn connect(port: u16, user: &str) -> Other {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_nodelay(true).unwrap();
        let (stream, open) = (BufReader::new(stream), String::new());
        let mut other = Other { port, user: user.to_owned(), stream, number: 0, open };
        other.line().unwrap();
        other.must(&format!("LOGIN \"{user}\" \"{PASSWORD}\""));
        other
    }

    /// None where the server hung up.
    fn line(&mut self) -> Option<String> {
        let mut whole = Vec::new();
        loop {
            let start = whole.len();
            if self.stream.read_until(b'\n', &mut whole).unwrap_or(0) == 0 {
                return None;
            }
            let line = String::from_utf8_lossy(&whole[start..]).trim_end().to_owned();
            let literal = line.strip_suffix('}').and_then(|line| line.rsplit_once('{')).map(|(_, size)| size.parse());
            let Some(Ok(size)) = literal else { break };
            let mut bytes = vec![0; size];
            self.stream.read_exact(&mut bytes).unwrap();
            whole.extend(bytes);
        }
        Some(String::from_utf8_lossy(&whole).trim_end().to_owned())
    }

    fn answer(&mut self, tag: &str) -> Answer {
        let mut lines = Vec::new();
        loop {
            let Some(line) = self.line() else {
                // Dovecot does so where a folder that is open is numbered anew.
                *self = Other::connect(self.port, &self.user.clone());
                return Answer { lines, end: HUNG_UP.into() };
            };
            match line.strip_prefix(tag) {
                Some(end) => return Answer { lines, end: end.trim().to_owned() },
                None => lines.push(line),
            }
        }
    }

    pub fn run(&mut self, command: &str) -> Answer {
        self.number += 1;
        let tag = format!("o{}", self.number);
        // Whom the server hung up on hears of it with the answer.
        let _ = self.stream.get_mut().write_all(format!("{tag} {command}\r\n").as_bytes());
        self.answer(&tag)
    }

    #[track_caller]
    pub fn must(&mut self, command: &str) -> Answer {
        let answer = self.run(command);
        assert!(answer.is_ok(), "{command}: {answer:?}");
        answer
    }

    /// Names as the server writes them, of what holds mail, rising.
    pub fn folders(&mut self) -> Vec<String> {
        let answer = self.must("LIST \"\" *");
        let name = |line: &String| {
            let (_, rest) = line.strip_prefix("* LIST (")?.split_once(") \"/\" ")?;
            (!line.contains("\\Noselect")).then(|| rest.trim_matches('"').to_owned())
        };
        let mut names: Vec<String> = answer.lines.iter().filter_map(name).collect();
        names.sort();
        names
    }

    /// False where there is no such folder.
    pub fn open(&mut self, folder: &str) -> bool {
        if self.open == folder {
            // What others did is told now, and not in between.
            return self.run("NOOP").is_ok();
        }
        let done = self.run(&format!("SELECT \"{folder}\"")).is_ok();
        self.open = if done { folder.to_owned() } else { String::new() };
        done
    }

    /// The folder's mails, by number. Opens the folder.
    pub fn mails(&mut self, folder: &str) -> Vec<There> {
        for _ in 0..5 {
            if !self.open(folder) {
                continue;
            }
            let answer = self.run("UID FETCH 1:* (UID FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])");
            if answer.end != HUNG_UP {
                return answer.lines.iter().filter_map(|line| parsed(line)).collect();
            }
        }
        Vec::new()
    }

    /// Everything the account has: folder and mails.
    pub fn all(&mut self) -> Vec<(String, Vec<There>)> {
        let names = self.folders();
        // What a folder that is open tells is late: each is opened afresh.
        self.close();
        names.into_iter().map(|name| (name.clone(), self.mails(&name))).collect()
    }

    pub fn close(&mut self) {
        if !self.open.is_empty() {
            self.run("UNSELECT");
            self.open.clear();
        }
    }

    pub fn append(&mut self, folder: &str, flags: &str, mail: &[u8]) -> bool {
        self.number += 1;
        let tag = format!("o{}", self.number);
        let head = format!("{tag} APPEND \"{folder}\" ({flags}) {{{}+}}\r\n", mail.len());
        let stream = self.stream.get_mut();
        let _ = stream.write_all(&[head.as_bytes(), mail, b"\r\n"].concat());
        self.answer(&tag).is_ok()
    }

    /// Removes for good; false where it was gone.
    pub fn expunge(&mut self, uid: u32) -> bool {
        self.run(&format!("UID STORE {uid} +FLAGS.SILENT (\\Deleted)"));
        let answer = self.run(&format!("UID EXPUNGE {uid}"));
        answer.is_ok() && answer.lines.iter().any(|line| line.ends_with("EXPUNGE"))
    }
}

fn parsed(line: &str) -> Option<There> {
    let (_, rest) = line.split_once(" FETCH (")?;
    let uid = rest.split_once("UID ")?.1.split([' ', ')']).next()?.parse().ok()?;
    let flags = rest.split_once("FLAGS (")?.1.split_once(')')?.0;
    let lower = rest.to_ascii_lowercase();
    let at = lower.find("message-id: <").map(|at| at + "message-id: <".len());
    let message_id = at.and_then(|at| rest[at..].split('>').next()).unwrap_or_default().to_owned();
    let flags = flags.split(' ').filter(|flag| !flag.is_empty() && *flag != "\\Recent").map(ToOwned::to_owned);
    Some(There { uid, message_id, flags: flags.collect() })
}
