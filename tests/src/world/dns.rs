//! A name server for made-up domains, by UDP and TCP on loopback.

use super::{Told, WorldError};
use hickory_proto::{
    op::{Message, MessageType, OpCode, ResponseCode},
    rr::{
        Name, RData, Record, RecordType,
        rdata::{A, MX, SRV},
    },
};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};

/// Runs until the process ends. A name that nothing was said about does not exist.
#[derive(Debug, Clone)]
pub struct Names {
    address: SocketAddr,
    zone: Arc<Mutex<Zone>>,
}

#[derive(Debug, Default)]
struct Zone {
    records: Vec<Record>,
    /// Names whose questions, and those for all names below, get no answer.
    silent: Vec<String>,
    /// Names with answers too long for a datagram: these are given by TCP.
    long: Vec<String>,
    asked: Vec<String>,
}

impl Names {
    pub fn start() -> Result<Names, WorldError> {
        // The same number for both: another program may hold one of them.
        let (udp, tcp) = (0..50)
            .find_map(|_| {
                let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).ok()?;
                let udp = UdpSocket::bind(tcp.local_addr().ok()?).ok()?;
                Some((udp, tcp))
            })
            .ok_or_else(|| std::io::Error::from(std::io::ErrorKind::AddrInUse))
            .told("listening for names")?;
        let names = Names { address: udp.local_addr().told("listening for names")?, zone: Arc::default() };
        let zone = names.zone.clone();
        std::thread::spawn(move || datagrams(&udp, &zone));
        let zone = names.zone.clone();
        std::thread::spawn(move || {
            for stream in tcp.incoming().flatten() {
                let zone = zone.clone();
                std::thread::spawn(move || connection(stream, &zone));
            }
        });
        Ok(names)
    }

    /// For `--resolver`.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A host on this computer.
    pub fn host(&self, name: &str) -> &Self {
        self.add(name, RData::A(A(Ipv4Addr::LOCALHOST)))
    }

    pub fn mx(&self, domain: &str, preference: u16, host: &str) -> &Self {
        self.add(domain, RData::MX(MX::new(preference, full(host))))
    }

    /// For example `_imaps._tcp.firm.example`; the target `.` says that there is no such service.
    pub fn srv(&self, service: &str, priority: u16, port: u16, target: &str) -> &Self {
        self.add(service, RData::SRV(SRV::new(priority, 1, port, full(target))))
    }

    /// Whoever asks for this name, or one below it, waits in vain.
    pub fn silent(&self, name: &str) -> &Self {
        self.with(|zone| zone.silent.push(name.to_owned()));
        self
    }

    /// Questions for this name are answered by TCP only.
    pub fn long(&self, name: &str) -> &Self {
        self.with(|zone| zone.long.push(name.to_owned()));
        self
    }

    /// Every question so far, as `MX firm.example`.
    pub fn asked(&self) -> Vec<String> {
        self.with(|zone| zone.asked.clone())
    }

    fn add(&self, name: &str, data: RData) -> &Self {
        self.with(|zone| zone.records.push(Record::from_rdata(full(name), 60, data)));
        self
    }

    fn with<T>(&self, act: impl FnOnce(&mut Zone) -> T) -> T {
        act(&mut self.zone.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn full(name: &str) -> Name {
    let name = if name.ends_with('.') { name.to_owned() } else { format!("{name}.") };
    Name::from_ascii(name).unwrap_or_else(|_| Name::root())
}

fn datagrams(udp: &UdpSocket, zone: &Mutex<Zone>) {
    let mut question = [0; 4096];
    while let Ok((length, from)) = udp.recv_from(&mut question) {
        if let Some(answer) = answer(&question[..length], zone, false) {
            let _lost = udp.send_to(&answer, from);
        }
    }
}

/// Each message has its length in front (RFC 1035 section 4.2.2).
fn connection(mut stream: TcpStream, zone: &Mutex<Zone>) {
    loop {
        let mut length = [0; 2];
        if stream.read_exact(&mut length).is_err() {
            return;
        }
        let mut question = vec![0; usize::from(u16::from_be_bytes(length))];
        if stream.read_exact(&mut question).is_err() {
            return;
        }
        let Some(answer) = answer(&question, zone, true) else { continue };
        let length = u16::try_from(answer.len()).unwrap_or_default().to_be_bytes();
        if stream.write_all(&length).and_then(|()| stream.write_all(&answer)).is_err() {
            return;
        }
    }
}

/// `None`: silence.
fn answer(question: &[u8], zone: &Mutex<Zone>, tcp: bool) -> Option<Vec<u8>> {
    let question = Message::from_vec(question).ok()?;
    let query = question.queries.first()?.clone();
    let name = query.name().to_ascii().trim_end_matches('.').to_ascii_lowercase();
    let mut zone = zone.lock().unwrap_or_else(PoisonError::into_inner);
    zone.asked.push(format!("{} {name}", query.query_type()));
    if zone.silent.iter().any(|silent| name == *silent || name.ends_with(&format!(".{silent}"))) {
        return None;
    }
    let mut reply = Message::new(question.metadata.id, MessageType::Response, OpCode::Query);
    reply.metadata.authoritative = true;
    reply.metadata.recursion_desired = question.metadata.recursion_desired;
    reply.metadata.recursion_available = true;
    if !tcp && zone.long.contains(&name) {
        reply.metadata.truncation = true;
    } else {
        let of_name = |record: &&Record| record.name.to_ascii().trim_end_matches('.').eq_ignore_ascii_case(&name);
        let known: Vec<&Record> = zone.records.iter().filter(of_name).collect();
        let wanted =
            |record: &&Record| query.query_type() == RecordType::ANY || record.record_type() == query.query_type();
        // A name with something below it exists, though it has no record of its own (RFC 8020).
        let below = zone.records.iter().any(|record| record.name.to_ascii().ends_with(&format!(".{name}.")));
        if known.is_empty() && !below {
            reply.metadata.response_code = ResponseCode::NXDomain;
        }
        reply.add_answers(known.into_iter().filter(wanted).cloned());
    }
    reply.add_query(query);
    reply.to_vec().ok()
}
