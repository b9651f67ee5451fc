//! A listener that serves one picture at any path and remembers who asked: the remote images of the demo, and the
//! proof that nothing was fetched while remote content is blocked. `GET /requests` gives the paths asked for, as JSON.

use super::{Told, WorldError, demo};
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

#[derive(Debug, Clone)]
pub(super) struct Images {
    pub port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Images {
    /// Listens until the process ends.
    pub fn start() -> Result<Images, WorldError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).told("listening for images")?;
        let port = listener.local_addr().told("listening for images")?.port();
        let images = Images { port, asked: Arc::default() };
        let (asked, picture) = (images.asked.clone(), demo::picture());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _gone = answer(stream, &asked, &picture);
            }
        });
        Ok(images)
    }

    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().map(|asked| asked.clone()).unwrap_or_default()
    }
}

fn answer(mut stream: TcpStream, asked: &Mutex<Vec<String>>, picture: &[u8]) -> std::io::Result<()> {
    stream.set_read_timeout(Some(std::time::Duration::from_secs(2)))?;
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let Ok(mut asked) = asked.lock() else { return Ok(()) };
    let (mime, body) = if path == "/requests" {
        ("application/json", serde_json::to_vec(&*asked)?)
    } else {
        asked.push(path);
        ("image/png", picture.to_vec())
    };
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: {mime}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )?;
    stream.write_all(&body)
}
