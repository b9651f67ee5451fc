//! Stands between a program and a web server without TLS, and does to chosen requests what networks and servers do to them.

use super::{Told, WorldError};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What becomes of a request.
#[derive(Debug, Clone)]
pub enum Fate {
    /// The server carries it out, and its answer never arrives.
    Lost,
    /// The server hears of it only then, whoever still waits for its answer.
    Late(Duration),
    /// The connection ends before the server hears of it.
    Unheard,
    /// Something in front of the server answers: status, headers as `name: value`, body.
    Answered(u16, Vec<String>, String),
}

#[derive(Debug, Clone)]
pub struct Fault {
    /// `POST`; empty: any.
    pub method: &'static str,
    /// A part of the path, or with `$` its end; empty: any.
    pub path: &'static str,
    pub fate: Fate,
}

#[derive(Debug, Default)]
struct State {
    /// Each is met once.
    faults: Vec<Fault>,
    asked: Vec<String>,
}

/// A proxy for one server. It runs until the process ends.
#[derive(Debug, Clone)]
pub struct HttpProxy {
    port: u16,
    state: Arc<Mutex<State>>,
}

impl HttpProxy {
    /// In front of 127.0.0.1:`server`.
    pub fn start(server: u16) -> Result<HttpProxy, WorldError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).told("listening as a proxy")?;
        let port = listener.local_addr().told("listening as a proxy")?.port();
        let state = Arc::<Mutex<State>>::default();
        let shared = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = shared.clone();
                std::thread::spawn(move || pass(stream, server, &state));
            }
        });
        Ok(HttpProxy { port, state })
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Meets the next request that fits it.
    pub fn fault(&self, fault: Fault) {
        self.with(|state| state.faults.push(fault));
    }

    /// Nothing goes wrong any longer.
    pub fn well(&self) {
        self.with(|state| state.faults.clear());
    }

    /// Faults that no request has met.
    pub fn waiting(&self) -> usize {
        self.with(|state| state.faults.len())
    }

    /// Every request so far, as `POST /path?query`.
    pub fn asked(&self) -> Vec<String> {
        self.with(|state| state.asked.clone())
    }

    /// How many those are.
    pub fn count(&self) -> usize {
        self.with(|state| state.asked.len())
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One request a connection: the server is told to close, so its answer ends where the connection does.
fn pass(mut client: TcpStream, server: u16, state: &Mutex<State>) {
    let _patience = client.set_read_timeout(Some(Duration::from_secs(60)));
    let Some((head, body)) = request(&mut client) else { return };
    let line = head.lines().next().unwrap_or_default();
    let mut words = line.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let fate = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.asked.push(format!("{method} {path}"));
        let fits = |fault: &Fault| (fault.method.is_empty() || fault.method == method) && at(path, fault.path);
        let met = state.faults.iter().position(fits);
        met.map(|place| state.faults.remove(place).fate)
    };
    let _gone = match fate {
        Some(Fate::Unheard) => Ok(()),
        Some(Fate::Answered(status, headers, body)) => {
            let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
            let length = body.len();
            let head =
                format!("HTTP/1.1 {status} As told\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n");
            client.write_all(head.as_bytes()).and_then(|()| client.write_all(body.as_bytes()))
        }
        Some(Fate::Lost) => ask(&head, &body, server).map(drop),
        Some(Fate::Late(time)) => {
            std::thread::sleep(time);
            ask(&head, &body, server).and_then(|answer| client.write_all(&answer))
        }
        None => ask(&head, &body, server).and_then(|answer| client.write_all(&answer)),
    };
}

fn at(path: &str, wanted: &str) -> bool {
    wanted.strip_suffix('$').map_or_else(|| path.contains(wanted), |end| path.ends_with(end))
}

fn ask(head: &str, body: &[u8], server: u16) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, server))?;
    let (line, rest) = head.split_once("\r\n").unwrap_or((head, ""));
    let kept = rest.lines().filter(|header| !header.to_ascii_lowercase().starts_with("connection:"));
    let headers: String = kept.map(|header| format!("{header}\r\n")).collect();
    stream.write_all(format!("{line}\r\n{headers}Connection: close\r\n\r\n").as_bytes())?;
    stream.write_all(body)?;
    whole(&mut stream)
}

/// An answer to its end: where its head says, or where the connection ends. A server that has refused a large body may
/// wait for the rest of it.
fn whole(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let (mut answer, mut some, mut end) = (Vec::new(), [0; 65_536], None);
    while end.is_none_or(|end| answer.len() < end) {
        let read = stream.read(&mut some)?;
        if read == 0 {
            break;
        }
        answer.extend_from_slice(some.get(..read).unwrap_or_default());
        if end.is_none()
            && let Some(place) = answer.windows(4).position(|four| four == b"\r\n\r\n")
        {
            let head = String::from_utf8_lossy(&answer[..place]).to_ascii_lowercase();
            let length =
                head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
            end = length.map(|length| place + 4 + length);
        }
    }
    Ok(answer)
}

/// The head without its empty line, and the body.
fn request(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut some = [0; 65_536];
    let end = loop {
        if let Some(place) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break place;
        }
        match stream.read(&mut some).ok()? {
            0 => return None,
            read => bytes.extend_from_slice(some.get(..read)?),
        }
    };
    let mut body = bytes.split_off(end + 4);
    bytes.truncate(end);
    let head = String::from_utf8(bytes).ok()?;
    let length = head.lines().filter_map(|line| line.split_once(':'));
    let length = length.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length: usize = length.filter_map(|(_, value)| value.trim().parse().ok()).next().unwrap_or(0);
    while body.len() < length {
        match stream.read(&mut some).ok()? {
            0 => return None,
            read => body.extend_from_slice(some.get(..read)?),
        }
    }
    Some((head, body))
}
