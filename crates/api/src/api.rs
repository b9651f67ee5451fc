use crate::{Code, Event, handle::status_event, source};
use clientele_engine::{Engine, Transfer};
use clientele_model::{Change, Table};
use clientele_viewer::Viewer;
use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};
use tokio::sync::broadcast::{self, error::RecvError};

/// What the shell is asked to open outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// An http, https or tel link.
    Link(String),
    /// A temporary copy of an attachment.
    File(String),
}

type Opener = Box<dyn Fn(Opening) + Send + Sync>;

/// The commands and events of one open profile. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Api(Arc<Inner>);

struct Inner {
    engine: Engine,
    viewer: Viewer,
    events: broadcast::Sender<Event>,
    opener: OnceLock<Opener>,
    tray: AtomicBool,
}

impl Api {
    /// Call it within a tokio runtime: a task turns the engine's changes into events until the engine is gone.
    pub fn new(engine: Engine, viewer: Viewer) -> Self {
        let events = broadcast::channel(1024).0;
        tokio::spawn(forward(engine.clone(), events.clone()));
        tokio::spawn(transfers(engine.transfers(), events.clone()));
        let inner = Inner { engine, viewer, events, opener: OnceLock::new(), tray: AtomicBool::new(true) };
        Api(Arc::new(inner))
    }

    /// A viewer of the engine's mails. `images`: the CSP source list where pages are served elsewhere than on
    /// `message:`.
    pub fn viewer_of(engine: &Engine, images: Option<&str>) -> Viewer {
        let mails = Arc::new(source::Mails(engine.clone()));
        let fetch = Arc::new(source::Images(engine.http()));
        match images {
            Some(images) => Viewer::at(mails, fetch, images),
            None => Viewer::new(mails, fetch),
        }
    }

    pub fn engine(&self) -> &Engine {
        &self.0.engine
    }

    pub fn viewer(&self) -> &Viewer {
        &self.0.viewer
    }

    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.0.events.subscribe()
    }

    /// Tells the UI something that the shell knows: a click on a notification, a `mailto:` link, a wish to close.
    pub fn emit(&self, event: Event) {
        // Nobody listens before the window is up.
        let _ = self.0.events.send(event);
    }

    /// How `link_open` and `attachment_open` open things outside; the first call wins. Without it they only answer.
    pub fn set_opener(&self, opener: impl Fn(Opening) + Send + Sync + 'static) {
        let _ = self.0.opener.set(Box::new(opener));
    }

    /// Whether the desktop has a tray; true until the shell says otherwise.
    pub fn set_tray(&self, tray: bool) {
        self.0.tray.store(tray, Ordering::Relaxed);
    }

    pub(crate) fn tray(&self) -> bool {
        self.0.tray.load(Ordering::Relaxed)
    }

    pub(crate) fn open_outside(&self, opening: Opening) {
        if let Some(opener) = self.0.opener.get() {
            opener(opening);
        }
    }
}

async fn forward(engine: Engine, events: broadcast::Sender<Event>) {
    let (mut changes, mut statuses, mut asides) = (engine.changes(), engine.statuses(), engine.asides());
    // The engine must not be kept alive by the task that listens to it.
    drop(engine);
    loop {
        let event = tokio::select! {
            change = changes.recv() => match change {
                Ok(change) => changed(&change),
                // Some were missed: anything may have changed.
                Err(RecvError::Lagged(_)) => {
                    for table in TABLES {
                        let _ = events.send(Event::Change { table: (*table).to_owned(), ids: Vec::new() });
                    }
                    continue;
                }
                Err(RecvError::Closed) => return,
            },
            status = statuses.recv() => match status {
                Ok((account, status)) => status_event(account, &status),
                Err(RecvError::Lagged(_)) => Event::Change { table: "account".into(), ids: Vec::new() },
                Err(RecvError::Closed) => return,
            },
            aside = asides.recv() => match aside {
                Ok(change) => changed(&change),
                Err(RecvError::Lagged(_)) => {
                    for table in ["account", "folder", "crm", "crm_state"] {
                        let _ = events.send(Event::Change { table: table.into(), ids: Vec::new() });
                    }
                    continue;
                }
                Err(RecvError::Closed) => return,
            },
        };
        let _ = events.send(event);
    }
}

async fn transfers(mut transfers: broadcast::Receiver<Transfer>, events: broadcast::Sender<Event>) {
    loop {
        match transfers.recv().await {
            Ok(Transfer { message, part, done, total }) => {
                let _ = events.send(Event::Attachment { message: message.to_string(), part, done, total });
            }
            // The next one tells how far it is.
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

fn changed(change: &Change) -> Event {
    Event::Change { table: table(change.table).to_owned(), ids: change.ids.iter().map(i64::to_string).collect() }
}

const TABLES: &[&str] =
    &["account", "folder", "message", "draft", "outbox", "operation", "archive", "crm", "crm_state", "setting"];

fn table(table: Table) -> &'static str {
    match table {
        Table::Account => "account",
        Table::Folder => "folder",
        Table::Message => "message",
        Table::Draft => "draft",
        Table::Outbox => "outbox",
        Table::Operation => "operation",
        Table::Archive => "archive",
        Table::Crm => "crm",
        Table::CrmState => "crm_state",
        Table::Setting => "setting",
    }
}

impl Code {
    /// The code of its text on the wire; `Internal` for one that is not known.
    pub fn parse(text: &str) -> Code {
        serde_json::from_value(serde_json::Value::String(text.to_owned())).unwrap_or(Code::Internal)
    }
}
