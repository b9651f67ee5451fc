//! `clientele-reader HOST:PORT CA USER`, the password in PASSWORD: reads every body of every folder over TLS 1.3 and throws
//! it away. Nothing that stores mail can be faster against the same server. Prints one line of JSON: milliseconds from
//! connecting on, mails, and the mails' bytes.

use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Instant;

/// Mails in one FETCH, and how many such are under way: the fastest of what was tried.
const BLOCK: u32 = 200;
const UNDER_WAY: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [server, authority, user] = args.as_slice() else {
        return Err("clientele-reader HOST:PORT CA USER".into());
    };
    let start = Instant::now();
    let mut reader = Reader::connect(server, authority)?;
    reader.ask(&format!("LOGIN {user} {}", std::env::var("PASSWORD")?))?;
    let folders: Vec<String> = reader
        .ask("LIST \"\" *")?
        .iter()
        .filter(|line| !line.contains("\\Noselect"))
        .filter_map(|line| {
            line.strip_prefix("* LIST ")?.split_once(") ")?.1.split_once(' ').map(|(_, name)| name.to_owned())
        })
        .collect();
    for folder in folders {
        let told = reader.ask(&format!("EXAMINE {folder}"))?;
        let count: u32 =
            told.iter().find_map(|line| line.strip_prefix("* ")?.strip_suffix(" EXISTS")?.parse().ok()).unwrap_or(0);
        let mut sent: Vec<String> = Vec::new();
        for from in (1..=count).step_by(BLOCK as usize) {
            sent.push(reader.send(&format!("FETCH {from}:{} (UID BODY.PEEK[])", count.min(from + BLOCK - 1)))?);
            if sent.len() >= UNDER_WAY {
                let first = sent.remove(0);
                reader.until(&first)?;
            }
        }
        for tag in sent {
            reader.until(&tag)?;
        }
    }
    let milliseconds = start.elapsed().as_secs_f64() * 1000.0;
    println!("{{\"milliseconds\":{milliseconds:.1},\"mails\":{},\"bytes\":{}}}", reader.mails, reader.bytes);
    Ok(())
}

struct Reader {
    stream: StreamOwned<ClientConnection, TcpStream>,
    buffer: Vec<u8>,
    at: usize,
    end: usize,
    tags: u32,
    mails: u64,
    bytes: u64,
}

impl Reader {
    fn connect(server: &str, authority: &str) -> Result<Reader, Box<dyn Error>> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(authority)?)?;
        let config = ClientConfig::builder_with_protocol_versions(&[&rustls::version::TLS13])
            .with_root_certificates(roots)
            .with_no_client_auth();
        let (host, _) = server.rsplit_once(':').ok_or("a server without a port")?;
        let connection = ClientConnection::new(Arc::new(config), ServerName::try_from(host.to_owned())?)?;
        let socket = TcpStream::connect(server)?;
        socket.set_nodelay(true)?;
        let stream = StreamOwned::new(connection, socket);
        Ok(Reader { stream, buffer: vec![0; 1 << 18], at: 0, end: 0, tags: 0, mails: 0, bytes: 0 })
    }

    fn send(&mut self, command: &str) -> Result<String, Box<dyn Error>> {
        self.tags += 1;
        let tag = format!("r{}", self.tags);
        self.stream.write_all(format!("{tag} {command}\r\n").as_bytes())?;
        self.stream.flush()?;
        Ok(tag)
    }

    fn ask(&mut self, command: &str) -> Result<Vec<String>, Box<dyn Error>> {
        let tag = self.send(command)?;
        self.until(&tag)
    }

    /// All lines up to the tagged OK. Literals are skipped and counted.
    fn until(&mut self, tag: &str) -> Result<Vec<String>, Box<dyn Error>> {
        let mut lines = Vec::new();
        loop {
            let line = self.line()?;
            if let Some(status) = line.strip_prefix(tag).and_then(|rest| rest.strip_prefix(' ')) {
                return if status.starts_with("OK") { Ok(lines) } else { Err(status.to_owned().into()) };
            }
            match line.strip_suffix('}').and_then(|head| head.rsplit_once('{')).and_then(|(_, size)| size.parse().ok())
            {
                Some(size) => {
                    self.skip(size)?;
                    self.mails += 1;
                    self.bytes += size;
                }
                None if line.len() > 1 => lines.push(line),
                None => {}
            }
        }
    }

    fn line(&mut self) -> Result<String, Box<dyn Error>> {
        let mut line = Vec::new();
        loop {
            let rest = &self.buffer[self.at..self.end];
            if let Some(length) = rest.iter().position(|byte| *byte == b'\n') {
                line.extend_from_slice(&rest[..length]);
                self.at += length + 1;
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                return Ok(String::from_utf8_lossy(&line).into_owned());
            }
            line.extend_from_slice(rest);
            self.fill()?;
        }
    }

    fn skip(&mut self, mut size: u64) -> Result<(), Box<dyn Error>> {
        loop {
            let here = size.min((self.end - self.at) as u64);
            self.at += here as usize;
            size -= here;
            if size == 0 {
                return Ok(());
            }
            self.fill()?;
        }
    }

    fn fill(&mut self) -> Result<(), Box<dyn Error>> {
        self.at = 0;
        self.end = self.stream.read(&mut self.buffer)?;
        if self.end == 0 { Err("the server closed the connection".into()) } else { Ok(()) }
    }
}
