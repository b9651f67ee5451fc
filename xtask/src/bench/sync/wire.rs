//! A proxy that counts what goes over a connection without TLS.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Client,
    Server,
}

/// One piece of what a connection carried.
struct Piece {
    side: Side,
    bytes: Vec<u8>,
    /// Seconds since 1970.
    at: f64,
}

/// What one connection carried, in order.
type Said = Arc<Mutex<Vec<Piece>>>;

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
                lock(&kept).push(said.clone());
                let (Ok(from_client), Ok(from_server)) = (client.try_clone(), behind.try_clone()) else { continue };
                let heard = said.clone();
                std::thread::spawn(move || carry(Side::Client, from_client, behind, &heard));
                std::thread::spawn(move || carry(Side::Server, from_server, client, &said));
            }
        });
        Ok(Wire { port, connections })
    }

    pub fn forget(&self) {
        lock(&self.connections).clear();
    }

    /// When the server first spoke of more mails, by EXISTS or STATUS, after `since`; both in seconds since 1970.
    pub fn announced(&self, since: f64) -> Option<f64> {
        let connections = lock(&self.connections);
        let tells = |piece: &Piece| {
            let text = String::from_utf8_lossy(&piece.bytes);
            piece.side == Side::Server && piece.at >= since && (text.contains(" EXISTS") || text.contains("* STATUS"))
        };
        let each =
            connections.iter().filter_map(|said| lock(said).iter().find(|piece| tells(piece)).map(|piece| piece.at));
        each.min_by(f64::total_cmp)
    }

    /// Over all connections since the last [`Wire::forget`].
    pub fn counted(&self) -> Counted {
        let connections = lock(&self.connections);
        let each = connections.iter().map(|said| count(&lock(said)));
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
        let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        lock(said).push(Piece { side, bytes: buffer[..count].to_vec(), at });
        if to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _closed = to.shutdown(Shutdown::Write);
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn count(said: &[Piece]) -> Counted {
    let mut counted = Counted { round_trips: 0, bytes: 0 };
    let mut tag: Option<String> = None;
    let mut signed_in = false;
    let mut last = Side::Server;
    for Piece { side, bytes, .. } in said {
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
        let piece = |(side, text): &(Side, &str)| Piece { side: *side, bytes: text.as_bytes().to_vec(), at: 0.0 };
        let said: Vec<_> = said.iter().map(piece).collect();
        assert_eq!(count(&said), Counted { round_trips: 2, bytes: 8 + 10 + 6 + 6 + 10 + 6 });
    }
}
