//! What lies between a computer and its server: something that cuts, stalls, splits, delays and closes half a connection.

use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{Notify, watch},
};

/// How a connection ends, after so many bytes in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Both sides are told.
    Close,
    /// Both sides are told that it was never there.
    Reset,
    /// This direction ends, the other goes on.
    Half,
    /// Nothing more passes, and nobody is told.
    Stall,
    /// Nothing more passes until [`Proxy::calm`].
    Hold,
}

/// What befalls one connection.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Bytes in one piece; the rest follows in others.
    pub piece: usize,
    /// Before each piece, at most.
    pub delay: Duration,
    /// From the server, or to it; after so many bytes; how.
    pub end: Option<(bool, u64, End)>,
}

impl Plan {
    pub const CALM: Plan = Plan { piece: 65_536, delay: Duration::ZERO, end: None };

    /// The server's words end after so many bytes.
    pub fn end(after: u64, end: End) -> Plan {
        Plan { end: Some((true, after, end)), ..Plan::CALM }
    }

    /// As chance has it: mostly short, so that every stage of a conversation is met.
    pub fn random(random: &mut StdRng) -> Plan {
        let piece = [1, 7, 100, 1460, 65_536][random.random_range(0..5)];
        let slow = Duration::from_micros([0, 0, 300, 3000][random.random_range(0..4)]);
        let end = random.random_bool(0.8).then(|| {
            let after = 10f64.powf(random.random_range(1.0..5.3)) as u64;
            let end = [End::Close, End::Reset, End::Half][random.random_range(0..3)];
            (random.random_bool(0.7), after, end)
        });
        // One byte at a time, each of them late, is nobody's line.
        let delay = if piece < 100 { slow.min(Duration::from_micros(300)) } else { slow };
        Plan { piece: if delay.is_zero() { piece } else { piece.max(100) }, delay, end }
    }
}

type Planner = Box<dyn FnMut() -> Plan + Send>;

pub struct Proxy {
    pub port: u16,
    plans: Arc<Mutex<Planner>>,
    /// Counts the storms that are over: connections of an earlier one are let go.
    weather: watch::Sender<u64>,
    /// Nothing passes, on any connection.
    silent: watch::Sender<bool>,
    /// A connection has come to its end.
    ended: Arc<Notify>,
}

impl Proxy {
    /// In front of a server; calm at first.
    pub async fn start(server: SocketAddr) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let planner: Planner = Box::new(|| Plan::CALM);
        let proxy = Proxy {
            port,
            plans: Arc::new(Mutex::new(planner)),
            weather: watch::channel(0).0,
            silent: watch::channel(false).0,
            ended: Arc::default(),
        };
        let (plans, ended) = (proxy.plans.clone(), proxy.ended.clone());
        let (weather, silent) = (proxy.weather.clone(), proxy.silent.clone());
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let plan = (plans.lock().unwrap_or_else(PoisonError::into_inner))();
                let sky = Sky { weather: weather.subscribe(), silent: silent.subscribe(), ended: ended.clone() };
                tokio::spawn(async move {
                    if let Ok(far) = TcpStream::connect(server).await {
                        carry(near, far, plan, sky).await;
                    }
                });
            }
        });
        proxy
    }

    /// What befalls the connections from here on.
    pub fn plan(&self, planner: impl FnMut() -> Plan + Send + 'static) {
        *self.plans.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(planner);
    }

    /// The same for all of them.
    pub fn every(&self, plan: Plan) {
        self.plan(move || plan.clone());
    }

    pub fn storm(&self, seed: u64) {
        let mut random = StdRng::seed_from_u64(seed);
        self.plan(move || Plan::random(&mut random));
    }

    /// New connections pass whole; what is held goes on, what stalls is forgotten.
    pub fn calm(&self) {
        self.every(Plan::CALM);
        self.silent.send_replace(false);
        self.weather.send_modify(|storms| *storms += 1);
    }

    /// Nothing passes any more, and nobody is told. [`Proxy::calm`] ends it.
    pub fn silence(&self) {
        self.silent.send_replace(true);
    }

    /// Until a connection comes to the end that its plan has.
    pub async fn ended(&self) {
        self.ended.notified().await;
    }
}

/// What a connection sees of its proxy.
#[derive(Clone)]
struct Sky {
    weather: watch::Receiver<u64>,
    silent: watch::Receiver<bool>,
    ended: Arc<Notify>,
}

async fn carry(near: TcpStream, far: TcpStream, plan: Plan, sky: Sky) {
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let ((from_near, to_near), (from_far, to_far)) = (near.into_split(), far.into_split());
    let end_of =
        |from_server: bool| plan.end.filter(|(one, ..)| *one == from_server).map(|(_, after, end)| (after, end));
    let mut down = tokio::spawn(pass(from_far, to_near, plan.clone(), end_of(true), sky.clone()));
    let mut up = tokio::spawn(pass(from_near, to_far, plan.clone(), end_of(false), sky));
    // One direction that ends for good takes the other with it.
    tokio::select! {
        whole = &mut down => if whole.unwrap_or(true) { up.abort() } else { let _ = up.await; },
        whole = &mut up => if whole.unwrap_or(true) { down.abort() } else { let _ = down.await; },
    }
}

/// One direction. True: the whole connection is over.
async fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    plan: Plan,
    end: Option<(u64, End)>,
    mut sky: Sky,
) -> bool {
    let mut left = end.map_or(u64::MAX, |(after, _)| after);
    let mut buffer = vec![0; 65_536];
    loop {
        let Ok(count @ 1..) = (if left == 0 { Ok(1) } else { from.read(&mut buffer).await }) else {
            let _ = to.shutdown().await;
            return false;
        };
        let _ = sky.silent.wait_for(|silent| !silent).await;
        let now = (count as u64).min(left) as usize;
        for piece in buffer[..now].chunks(plan.piece) {
            if !plan.delay.is_zero() {
                tokio::time::sleep(plan.delay).await;
            }
            if to.write_all(piece).await.is_err() {
                return true;
            }
        }
        left -= now as u64;
        let Some((_, end)) = end.filter(|_| left == 0) else { continue };
        sky.ended.notify_one();
        match end {
            End::Close => return true,
            End::Reset => {
                // Without lingering, what is closed is reset.
                let _ = (to.as_ref().set_zero_linger(), from.as_ref().set_zero_linger());
                return true;
            }
            End::Half => {
                let _ = to.shutdown().await;
                return false;
            }
            End::Stall => {
                let _ = sky.weather.changed().await;
                return true;
            }
            End::Hold => {
                let _ = sky.weather.changed().await;
                if to.write_all(&buffer[now..count]).await.is_err() {
                    return true;
                }
                left = u64::MAX;
            }
        }
    }
}
