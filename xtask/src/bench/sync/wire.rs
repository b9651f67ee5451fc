//! A proxy that counts what goes over a connection without TLS.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Client,
    Server,
}

/// What one connection carried, in order.
type Said = Arc<Mutex<Vec<(Side, Vec<u8>)>>>;

pub struct Wire {
    pub port: u16,
    connections: Arc<Mutex<Vec<Said>>>,
}

/// Behind the sign-in, before the sign-out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// How often the client spoke after the server had: what it waits for is a round trip each.
    pub round_trips: u32,
    /// In both directions.
    pub bytes: u64,
}

impl Wire {
    /// Passes connections on to `server` (`host:port`) until the program ends.
    pub fn start(server: &str) -> Result<Wire, String> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| format!("the counting proxy: {error}"))?;
        let port = listener.local_addr().map_err(|error| error.to_string())?.port();
        let connections: Arc<Mutex<Vec<Said>>> = Arc::default();
        let (kept, server) = (connections.clone(), server.to_owned());
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(behind) = TcpStream::connect(&server) else { continue };
                let said: Said = Arc::default();
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(said.clone());
                let (Ok(from_client), Ok(from_server)) = (client.try_clone(), behind.try_clone()) else { continue };
                let heard = said.clone();
                std::thread::spawn(move || carry(Side::Client, from_client, behind, &heard));
                std::thread::spawn(move || carry(Side::Server, from_server, client, &said));
            }
        });
        Ok(Wire { port, connections })
    }

    pub fn forget(&self) {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Over all connections since the last [`Wire::forget`].
    pub fn counted(&self) -> Counted {
        let connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        let each = connections.iter().map(|said| count(&said.lock().unwrap_or_else(PoisonError::into_inner)));
        each.fold(Counted { round_trips: 0, bytes: 0 }, |sum, one| Counted {
            round_trips: sum.round_trips + one.round_trips,
            bytes: sum.bytes + one.bytes,
        })
    }
}

fn carry(side: Side, mut from: TcpStream, mut to: TcpStream, said: &Said) {
    let mut buffer = vec![0; 1 << 16];
    let _nodelay = to.set_nodelay(true);
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        said.lock().unwrap_or_else(PoisonError::into_inner).push((side, buffer[..count].to_vec()));
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _closed = to.shutdown(Shutdown::Write);
}

fn count(said: &[(Side, Vec<u8>)]) -> Counted {
    let mut counted = Counted { round_trips: 0, bytes: 0 };
    let mut tag: Option<String> = None;
    let mut signed_in = false;
    let mut last = Side::Server;
    for (side, bytes) in said {
        let text = String::from_utf8_lossy(bytes);
        if !signed_in {
            for line in text.lines() {
                let mut words = line.split(' ');
                let first = words.next().unwrap_or_default();
                let second = words.next().unwrap_or_default().to_ascii_uppercase();
                match side {
                    Side::Client if second == "LOGIN" || second == "AUTHENTICATE" => tag = Some(first.to_owned()),
                    Side::Server if tag.as_deref() == Some(first) && second == "OK" => signed_in = true,
                    _ => {}
                }
            }
            continue;
        }
        if *side == Side::Client {
            if text.split_whitespace().nth(1).is_some_and(|word| word.eq_ignore_ascii_case("LOGOUT")) {
                return counted;
            }
            counted.round_trips += u32::from(last == Side::Server);
        }
        last = *side;
        counted.bytes += bytes.len() as u64;
    }
    counted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_waited_for_after_signing_in_is_a_round_trip() {
        let said = [
            (Side::Server, "* OK hello\r\n"),
            (Side::Client, "a CAPABILITY\r\n"),
            (Side::Server, "a OK done\r\n"),
            (Side::Client, "b AUTHENTICATE PLAIN AAA\r\n"),
            (Side::Server, "b OK signed in\r\n"),
            (Side::Client, "c LIST\r\n"),
            (Side::Client, "d STATUS\r\n"),
            (Side::Server, "c OK\r\n"),
            (Side::Server, "d OK\r\n"),
            (Side::Client, "e SELECT\r\n"),
            (Side::Server, "e OK\r\n"),
            (Side::Client, "f LOGOUT\r\n"),
            (Side::Server, "* BYE\r\n"),
        ];
        let said: Vec<_> = said.iter().map(|(side, text)| (*side, text.as_bytes().to_vec())).collect();
        assert_eq!(count(&said), Counted { round_trips: 2, bytes: 8 + 10 + 6 + 6 + 10 + 6 });
    }
}
