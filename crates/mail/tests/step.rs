//! Keeping step with a real Dovecot: what it costs on the wire, and how fast the store has what the server says.
#![allow(clippy::unwrap_used)]

mod home;

use clientele_mail::imap::{Client, Woken};
use clientele_model::{FolderRole, Security};
use clientele_tests::world::{INGRID, bench};
use home::{Home, mail};
use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// What went over the wire: (to the server, bytes), in order.
type Log = Arc<Mutex<Vec<(bool, Vec<u8>)>>>;

/// Passes everything on to `port` and writes it down.
async fn tap(port: u16) -> (u16, Log) {
    narrow_tap(port, u64::MAX).await
}

/// The same, and lets through `most` bytes in a second from the server.
async fn narrow_tap(port: u16, most: u64) -> (u16, Log) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap().port();
    let log = Log::default();
    let kept = log.clone();
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let mut far = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            let log = kept.clone();
            tokio::spawn(async move {
                let (mut one, mut other) = (vec![0; 65_536], vec![0; 65_536]);
                loop {
                    tokio::select! {
                        read = near.read(&mut one) => {
                            let Ok(count @ 1..) = read else { return };
                            log.lock().unwrap().push((true, one[..count].to_vec()));
                            if far.write_all(&one[..count]).await.is_err() { return }
                        }
                        read = far.read(&mut other) => {
                            let Ok(count @ 1..) = read else { return };
                            log.lock().unwrap().push((false, other[..count].to_vec()));
                            if most < u64::MAX {
                                tokio::time::sleep(Duration::from_micros(count as u64 * 1_000_000 / most)).await;
                            }
                            if near.write_all(&other[..count]).await.is_err() { return }
                        }
                    }
                }
            });
        }
    });
    (own, log)
}

/// What the client said.
fn said(log: &Log) -> Vec<String> {
    let log = log.lock().unwrap();
    log.iter().filter(|(out, _)| *out).map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned()).collect()
}

/// Round trips and bytes between the sign-in and the goodbye.
fn cost(log: &Log) -> (usize, usize) {
    let log = log.lock().unwrap();
    let signed_in = log
        .iter()
        .position(|(out, bytes)| !out && String::from_utf8_lossy(bytes).contains("Logged in"))
        .expect("signed in");
    let goodbye = log.iter().position(|(out, bytes)| *out && bytes.ends_with(b" LOGOUT\r\n")).unwrap_or(log.len());
    let rest = &log[signed_in + 1..goodbye];
    let bytes = rest.iter().map(|(_, bytes)| bytes.len()).sum();
    let trips = rest.windows(2).filter(|pair| pair[0].0 && !pair[1].0).count();
    (trips, bytes)
}

async fn everything(home: &Home, client: &mut Client, days: u32) -> usize {
    let mut fresh = 0;
    for folder in client.sync_folders().await.unwrap().iter().filter(|folder| folder.selectable) {
        fresh += client.sync_folder(folder.id, days, home.now, Arc::new(|_| {})).await.unwrap().fresh.len();
    }
    fresh
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_changed_costs_three_round_trips_and_four_kilobytes() {
    let home = Home::new();
    home.world.store(INGRID, &bench::mails(120, home.now)).unwrap();
    for name in ["Customers", "Customers/Fjord", "Suppliers", "2025"] {
        home.world.doveadm(&["mailbox", "create", "-u", INGRID, name]).unwrap();
        home.world.doveadm(&["copy", "-u", INGRID, name, "mailbox", "INBOX", "subject", "Order 11"]).unwrap();
    }
    let (port, log) = tap(home.world.ports().imap_plain).await;
    let over = || {
        let login = home.login(port, Security::None);
        Client::new(home.net.clone(), login, home.store.clone(), home.account)
    };
    let mut client = over();
    assert!(everything(&home, &mut client, 30).await > 120);
    client.close().await;

    log.lock().unwrap().clear();
    let mut client = over();
    assert_eq!(everything(&home, &mut client, 30).await, 0);
    client.close().await;
    let (trips, bytes) = cost(&log);
    println!("nothing changed in all folders: {trips} round trips, {bytes} bytes");
    assert!(trips <= 3 && bytes <= 4096, "{trips} round trips, {bytes} bytes: {:#?}", said(&log));

    // 40 flags, 5 removed, 10 new: the folder that changed is opened, and answers in one go.
    let flags = ["flags", "add", "-u", INGRID, "\\Flagged", "mailbox", "INBOX", "1:40"];
    home.world.doveadm(&flags).unwrap();
    home.world.doveadm(&["expunge", "-u", INGRID, "mailbox", "INBOX", "51:55"]).unwrap();
    for n in 0..10 {
        home.world.deliver("maja@fjordlys.example", INGRID, &mail(&format!("d{n}"), "Delta", "hello")).unwrap();
    }
    log.lock().unwrap().clear();
    let mut client = over();
    assert_eq!(everything(&home, &mut client, 30).await, 10);
    client.close().await;
    let (trips, bytes) = cost(&log);
    println!("40 flags, 5 removed, 10 new: {trips} round trips, {bytes} bytes");
    assert!(trips <= 6, "{trips} round trips");
    let inbox = home.store.folder(home.folder(FolderRole::Inbox)).unwrap();
    assert_eq!(inbox.total as usize, home.there("mailbox INBOX all"));
    let flagged = home.rows(FolderRole::Inbox).iter().filter(|row| row.flags.flagged).count();
    assert_eq!(flagged, home.there("mailbox INBOX flagged"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_mail_is_in_the_store_as_soon_as_the_server_says_so() {
    let home = Home::new();
    home.world.store(INGRID, &bench::mails(60, home.now)).unwrap();
    let (port, log) = tap(home.world.ports().imap_plain).await;
    let login = home.login(port, Security::None);
    let mut client = Client::new(home.net.clone(), login, home.store.clone(), home.account);
    everything(&home, &mut client, 30).await;
    let inbox = home.folder(FolderRole::Inbox);
    let wake = Notify::new();
    // Whatever the first look at a folder found.
    while tokio::time::timeout(Duration::from_secs(1), client.idle(inbox, &wake)).await.is_ok() {
        home.sync(&mut client, FolderRole::Inbox).await;
    }
    home.sync(&mut client, FolderRole::Inbox).await;
    let mut took = Vec::new();
    for n in 0..12 {
        log.lock().unwrap().clear();
        let (woken, ()) = tokio::join!(
            async { tokio::time::timeout(Duration::from_secs(10), client.idle(inbox, &wake)).await },
            async {
                tokio::time::sleep(Duration::from_millis(100)).await;
                home.world.deliver("maja@fjordlys.example", INGRID, &mail(&format!("p{n}"), "Push", "hello")).unwrap();
            }
        );
        let heard = Instant::now();
        assert_eq!(woken.expect("within ten seconds").unwrap(), Woken::Server);
        let synced = home.sync(&mut client, FolderRole::Inbox).await;
        took.push(heard.elapsed());
        assert_eq!((synced.fresh.len(), synced.first), (1, false));
        let said = said(&log);
        assert!(!said.iter().any(|line| line.contains("SELECT") || line.contains("SEARCH")), "{said:?}");
    }
    took.sort_unstable();
    println!(
        "from the server's word to the store: median {:?}, worst {:?}",
        took[took.len() / 2],
        took.last().unwrap()
    );
    assert!(took[took.len() / 2] < Duration::from_millis(50), "{took:?}");

    // What goes and what is read elsewhere is heard too, without asking.
    home.world.doveadm(&["expunge", "-u", INGRID, "mailbox", "INBOX", "subject", "Push"]).unwrap();
    home.world.doveadm(&["flags", "add", "-u", INGRID, "\\Flagged", "mailbox", "INBOX", "1:5"]).unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let inbox = home.rows(FolderRole::Inbox);
        if inbox.len() == 60 && inbox.iter().filter(|row| row.flags.flagged).count() >= 5 {
            break;
        }
        assert!(Instant::now() < until, "{} rows", inbox.len());
        let id = home.folder(FolderRole::Inbox);
        if tokio::time::timeout(Duration::from_secs(10), client.idle(id, &wake)).await.is_ok() {
            home.sync(&mut client, FolderRole::Inbox).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn news_of_every_folder_is_told_where_the_server_can() {
    let home = Home::new();
    home.world.store(INGRID, &bench::mails(5, home.now)).unwrap();
    home.world.doveadm(&["mailbox", "create", "-u", INGRID, "Customers"]).unwrap();
    let mut client = home.client();
    everything(&home, &mut client, 30).await;
    let inbox = home.folder(FolderRole::Inbox);
    let customers =
        home.store.folders(home.account).unwrap().into_iter().find(|one| one.path == "Customers").unwrap().id;
    let wake = Notify::new();
    while tokio::time::timeout(Duration::from_secs(2), client.idle(inbox, &wake)).await.is_ok_and(|woken| woken.is_ok())
    {
        home.sync(&mut client, FolderRole::Inbox).await;
    }
    // The time-out has cut IDLE off: the connection is another.
    let (woken, ()) = tokio::join!(
        async {
            loop {
                let woken = tokio::time::timeout(Duration::from_secs(15), client.idle(inbox, &wake)).await;
                match woken.expect("heard within fifteen seconds").unwrap() {
                    Woken::Elsewhere(ids) if ids.contains(&customers) => return ids,
                    Woken::Asked => panic!("nobody asked"),
                    _ => {
                        home.sync(&mut client, FolderRole::Inbox).await;
                    }
                }
            }
        },
        async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            home.world
                .doveadm(&["copy", "-u", INGRID, "Customers", "mailbox", "INBOX", "subject", "Order 1 "])
                .unwrap();
        }
    );
    assert!(client.tells_all());
    assert_eq!(woken, [customers]);
    let before = home.store.folder(customers).unwrap().total;
    client.sync_folder(customers, 30, home.now, Arc::new(|_| {})).await.unwrap();
    assert_eq!(home.store.folder(customers).unwrap().total, before + 1);

    let (woken, ()) = tokio::join!(
        async {
            loop {
                let woken = tokio::time::timeout(Duration::from_secs(15), client.idle(inbox, &wake)).await;
                match woken.expect("heard within fifteen seconds").unwrap() {
                    Woken::Folders => return Woken::Folders,
                    _ => {
                        home.sync(&mut client, FolderRole::Inbox).await;
                    }
                }
            }
        },
        async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            home.world.doveadm(&["mailbox", "create", "-u", INGRID, "Brand new"]).unwrap();
        }
    );
    assert_eq!(woken, Woken::Folders);
}

#[tokio::test(flavor = "multi_thread")]
async fn history_comes_backwards_a_few_at_a_time() {
    let home = Home::new();
    home.world.store(INGRID, &bench::mails(700, home.now)).unwrap();
    let mut client = home.client();
    client.sync_folders().await.unwrap();
    let inbox = home.folder(FolderRole::Inbox);
    client.sync_folder(inbox, 1, home.now, Arc::new(|_| {})).await.unwrap();
    let here = home.store.folder(inbox).unwrap().total;
    // A mail every ten minutes; a day is looked for by date, which takes up to three in.
    assert!(here < 600, "{here}");
    let mut second = home.client();
    let mut past = second.past(inbox).await.unwrap();
    assert_eq!(past.left() as u32, 700 - here);
    assert!(!second.past_step(&mut past, 20, home.now).await.unwrap());
    assert_eq!(home.store.folder(inbox).unwrap().total, here + 20);
    while !second.past_step(&mut past, 100, home.now).await.unwrap() {}
    assert_eq!(home.store.folder(inbox).unwrap().total, 700);
    assert!(clientele_mail::imap::is_whole(&home.store.folder(inbox).unwrap()));
    assert_eq!(second.past(inbox).await.unwrap().left(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_link_is_compressed_and_a_fast_one_is_not() {
    let home = Home::new();
    home.world.store(INGRID, &bench::mails(600, home.now)).unwrap();
    for (most, wanted) in [(u64::MAX, false), (900_000, true)] {
        let profile = tempfile::tempdir().unwrap();
        let (store, _) = clientele_store::Store::open(profile.path()).unwrap();
        let account = home::account(&store, &home.world);
        let (port, log) = narrow_tap(home.world.ports().imap_plain, most).await;
        let mut client = Client::new(home.net.clone(), home.login(port, Security::None), store.clone(), account);
        let inbox = client.sync_folders().await.unwrap()[0].id;
        let begun = Instant::now();
        let synced = client.sync_folder(inbox, 0, home.now, Arc::new(|_| {})).await.unwrap();
        let bytes: usize = log.lock().unwrap().iter().map(|(_, bytes)| bytes.len()).sum();
        println!("600 mails at {most} bytes a second: {bytes} bytes in {:?}", begun.elapsed());
        assert_eq!(synced.fresh.len(), 600);
        let asked = said(&log).iter().any(|line| line.contains("COMPRESS DEFLATE"));
        assert_eq!(asked, wanted);
        for id in synced.fresh {
            let row = store.row(id).unwrap();
            assert!(!row.unreadable && !row.partial && row.subject.starts_with("Order "), "{}", row.subject);
        }
        client.close().await;
    }
}
