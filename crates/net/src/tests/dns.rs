use super::*;
use crate::{Dns, DnsError, Mx, Srv};
use hickory_resolver::proto::{
    op::{Message, OpCode, ResponseCode},
    rr::{
        Name, RData, Record, RecordType,
        rdata::{A, CNAME, MX, SRV},
    },
};
use std::net::SocketAddr;
use tokio::net::UdpSocket;

fn name(text: &str) -> Name {
    Name::from_ascii(text).unwrap()
}

/// A name server of its own. Silent for `silent.test`.
async fn name_server() -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut datagram = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut datagram).await {
            let asked = Message::from_vec(&datagram[..length]).unwrap();
            let query = asked.queries[0].clone();
            let host = query.name().to_ascii().to_lowercase();
            let mut answer = Message::response(asked.id, OpCode::Query);
            answer.add_query(query.clone());
            let records = match (host.as_str(), query.query_type()) {
                ("silent.test.", _) => continue,
                ("broken.test.", _) => {
                    answer.metadata.response_code = ResponseCode::ServFail;
                    vec![]
                }
                ("example.test.", RecordType::MX) => vec![
                    RData::MX(MX::new(20, name("Backup.Example.test."))),
                    RData::MX(MX::new(5, name("mx.example.test."))),
                ],
                ("nomail.test.", RecordType::MX) => vec![RData::MX(MX::new(0, Name::root()))],
                ("_imaps._tcp.example.test.", RecordType::SRV) => vec![
                    RData::SRV(SRV::new(10, 5, 993, name("light.example.test."))),
                    RData::SRV(SRV::new(20, 0, 993, name("last.example.test."))),
                    RData::SRV(SRV::new(10, 50, 1993, name("Heavy.example.test."))),
                ],
                ("_pop3s._tcp.example.test.", RecordType::SRV) => vec![RData::SRV(SRV::new(0, 0, 0, Name::root()))],
                ("example.test.", _) | ("mail.example.test." | "xn--bcher-kva.example.test.", RecordType::AAAA) => {
                    vec![]
                }
                ("mail.example.test." | "xn--bcher-kva.example.test.", RecordType::A) => {
                    vec![RData::A(A::new(127, 0, 0, 1))]
                }
                ("alias.example.test.", kind) => {
                    answer.add_answer(Record::from_rdata(
                        query.name().clone(),
                        60,
                        RData::CNAME(CNAME(name("mail.example.test."))),
                    ));
                    if kind == RecordType::A {
                        let target = RData::A(A::new(127, 0, 0, 1));
                        answer.add_answer(Record::from_rdata(name("mail.example.test."), 60, target));
                    }
                    vec![]
                }
                _ => {
                    answer.metadata.response_code = ResponseCode::NXDomain;
                    vec![]
                }
            };
            for data in records {
                answer.add_answer(Record::from_rdata(query.name().clone(), 60, data));
            }
            socket.send_to(&answer.to_vec().unwrap(), from).await.unwrap();
        }
    });
    address
}

async fn asking() -> (Net, Dns) {
    let net = Net::new(NetConfig { resolver: Some(name_server().await), ..config(&authority("ours")) }).unwrap();
    let dns = net.dns();
    (net, dns)
}

#[tokio::test]
async fn servers_come_in_the_order_of_their_wishes() {
    let (_, dns) = asking().await;
    let mx = |preference, host: &str| Mx { preference, host: host.into() };
    assert_eq!(dns.mx("Example.TEST").await.unwrap(), [mx(5, "mx.example.test"), mx(20, "backup.example.test")]);
    assert_eq!(dns.mx("nomail.test").await.unwrap(), [mx(0, "")], "the domain says that it takes no mail");
    let srv = |priority, weight, port, target: &str| Srv { priority, weight, port, target: target.into() };
    assert_eq!(
        dns.srv("_imaps._tcp.example.test").await.unwrap(),
        [
            srv(10, 50, 1993, "heavy.example.test"),
            srv(10, 5, 993, "light.example.test"),
            srv(20, 0, 993, "last.example.test"),
        ]
    );
    assert_eq!(dns.srv("_pop3s._tcp.example.test").await.unwrap(), [srv(0, 0, 0, "")]);
}

#[tokio::test]
async fn nothing_is_an_answer_and_silence_is_none() {
    let (_, dns) = asking().await;
    assert_eq!(dns.mx("nowhere.test").await.unwrap(), []);
    assert_eq!(dns.mx("no name at all").await.unwrap(), []);
    assert_eq!(dns.srv("_imap._tcp.nowhere.test").await.unwrap(), []);
    assert!(dns.exists("mail.example.test").await.unwrap());
    assert!(dns.exists("alias.example.test").await.unwrap());
    assert!(!dns.exists("example.test").await.unwrap(), "a name without an address");
    assert!(!dns.exists("nowhere.test").await.unwrap());
    assert!(matches!(dns.mx("broken.test").await, Err(DnsError::Failed(_))));
    assert!(matches!(dns.exists("broken.test").await, Err(DnsError::Failed(_))));
    let started = std::time::Instant::now();
    assert!(matches!(dns.mx("silent.test").await, Err(DnsError::Timeout)));
    assert!(started.elapsed() < Duration::from_secs(6));
}

#[tokio::test]
async fn connections_ask_the_same_name_server() {
    let (net, _) = asking().await;
    let port = plain_server(b"* OK ready\r\n").await.port;
    for host in ["mail.example.test", "alias.example.test", "Bücher.example.test"] {
        connect(&net, &at(host, port, Security::None), SOON).await.unwrap_or_else(|error| panic!("{host}: {error}"));
    }
    assert_eq!(cause(&net, &at("nowhere.test", port, Security::None)).await, (Stage::Resolve, Cause::HostUnknown));
    let hanging =
        connect(&net, &at("silent.test", port, Security::None), Duration::from_millis(300)).await.unwrap_err();
    assert_eq!((hanging.stage, hanging.cause), (Stage::Resolve, Cause::Timeout));
}
