//! What the window shares with the program: the engine once it has started, and what waits for the page.

use clientele_api::{Api, ApiError, Code, Event};
use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};
use tauri::{AppHandle, Emitter as _, Manager as _};
use tokio::sync::watch;

/// `None` while the engine starts; then what became of it, for as long as the program runs.
type Outcome = Option<Result<Api, ApiError>>;

pub struct Shell {
    outcome: watch::Sender<Outcome>,
    /// Events that only the shell sends, kept until the page listens.
    waiting: Mutex<Option<Vec<Event>>>,
    quitting: AtomicBool,
}

impl Default for Shell {
    fn default() -> Self {
        Shell {
            outcome: watch::channel(None).0,
            waiting: Mutex::new(Some(Vec::new())),
            quitting: AtomicBool::new(false),
        }
    }
}

impl Shell {
    /// The engine has started, or could not.
    pub fn started(&self, outcome: Result<Api, ApiError>) {
        self.outcome.send_replace(Some(outcome));
    }

    /// Waits until the engine has started. Fails with the reason why it could not, every time it is asked.
    pub async fn running(&self) -> Result<Api, ApiError> {
        let mut outcome = self.outcome.subscribe();
        match outcome.wait_for(Option::is_some).await {
            Ok(settled) => settled.clone().unwrap_or_else(|| Err(ended())),
            Err(_) => Err(ended()),
        }
    }

    /// The engine if it runs, without waiting.
    pub fn now(&self) -> Option<Api> {
        self.outcome.borrow().as_ref().and_then(|outcome| outcome.as_ref().ok().cloned())
    }

    /// Whether the page listens. Until then nothing is there that could ask a person anything.
    pub fn page_listens(&self) -> bool {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// Closing the window now ends the program.
    pub fn quitting(&self) -> bool {
        self.quitting.load(Ordering::Relaxed)
    }
}

fn ended() -> ApiError {
    ApiError { code: Code::Internal, detail: "the program is ending".into(), retryable: false }
}

/// Tells the page, now or as soon as it listens.
pub fn tell(app: &AppHandle, event: Event) {
    let shell = app.state::<Shell>();
    let mut waiting = shell.waiting.lock().unwrap_or_else(PoisonError::into_inner);
    match waiting.as_mut() {
        Some(kept) => kept.push(event),
        None => send(app, &event),
    }
}

/// The page listens from now on.
pub fn page_is_ready(app: &AppHandle) {
    let shell = app.state::<Shell>();
    let kept = shell.waiting.lock().unwrap_or_else(PoisonError::into_inner).take();
    for event in kept.into_iter().flatten() {
        send(app, &event);
    }
}

/// To the window and nobody else. A page that is gone misses it, and reads everything anew when it comes back.
pub fn send(app: &AppHandle, event: &Event) {
    if let Err(error) = app.emit_to(crate::window::LABEL, "event", event) {
        tracing::warn!(%error, "event not delivered");
    }
}

/// Ends the program, with the window and its tasks.
pub fn quit(app: &AppHandle) {
    app.state::<Shell>().quitting.store(true, Ordering::Relaxed);
    app.exit(0);
}
