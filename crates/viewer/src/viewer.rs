use crate::{
    headers::{Served, policy},
    page,
    session::{Session, Sessions},
    source::{Fetch, MailError, Mails},
};
use clientele_message::{Options, Parsed};
use clientele_model::MessageId;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// How long a mail may take to become a page; then its plain text is shown.
const DEADLINE: Duration = Duration::from_secs(2);
/// Content in bytes of the largest part served into a frame.
const PART_LIMIT: usize = 32 * 1024 * 1024;

/// What of a mail is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// HTML where there is some, else text.
    Best,
    Text,
    /// The mail as it came over the wire.
    Source,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    pub message: MessageId,
    pub show: Show,
    /// The person asked for this mail's remote images.
    pub remote: bool,
    /// Pictures that come with the mail are shown in its text.
    pub inline: bool,
    /// Recolour for a dark theme.
    pub dark: bool,
}

/// A page ready to be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The page is at `/<token>`.
    pub token: String,
    /// What is really shown: `Text` where `Best` found no HTML or fell back, `Source` where the mail is unreadable.
    pub shown: Show,
    pub blocked_images: u32,
    pub blocked_trackers: u32,
    /// The HTML was too costly, and plain text is shown instead.
    pub fell_back: bool,
}

#[derive(Debug, thiserror::Error, Clone, PartialEq, Eq)]
pub enum ViewerError {
    #[error(transparent)]
    Mail(#[from] MailError),
}

/// Cheap to clone; all clones share the tokens.
#[derive(Clone)]
pub struct Viewer {
    inner: Arc<Inner>,
    deadline: Duration,
}

struct Inner {
    mails: Arc<dyn Mails>,
    fetch: Arc<dyn Fetch>,
    policy: String,
    sessions: Mutex<Sessions>,
}

impl Viewer {
    /// Pages at `message://localhost/<token>`, or on Windows at `http://message.localhost/<token>`.
    pub fn new(mails: Arc<dyn Mails>, fetch: Arc<dyn Fetch>) -> Self {
        let images = if cfg!(windows) { "message: http://message.localhost" } else { "message:" };
        Viewer::at(mails, fetch, images)
    }

    /// As [`Viewer::new`], for a host that serves pages elsewhere: `images` is a CSP source list.
    pub fn at(mails: Arc<dyn Mails>, fetch: Arc<dyn Fetch>, images: &str) -> Self {
        let inner = Inner { mails, fetch, policy: policy(images), sessions: Mutex::new(Sessions::default()) };
        Viewer { inner: Arc::new(inner), deadline: DEADLINE }
    }

    /// With another time limit for parsing and for sanitising, each; 2 s otherwise.
    pub fn with_deadline(self, deadline: Duration) -> Self {
        Viewer { deadline, ..self }
    }

    /// Makes a page and the token for it. An earlier token of the same mail dies.
    pub async fn open(&self, open: Open) -> Result<Frame, ViewerError> {
        let mails = &self.inner.mails;
        let raw = if open.show == Show::Source { mails.whole(open.message) } else { mails.raw(open.message) }.await?;
        let token = format!("{:032x}", rand::random::<u128>());
        let made = make(raw, open.clone(), token.clone(), self.deadline).await;
        let frame = Frame {
            token: token.clone(),
            shown: made.shown,
            blocked_images: made.blocked_images,
            blocked_trackers: made.blocked_trackers,
            fell_back: made.fell_back,
        };
        let session = Session { message: open.message, page: made.page.into(), images: made.images.into() };
        self.sessions().put(token, session);
        Ok(frame)
    }

    /// Whether a token is alive: for a navigation hook that lets only our own pages load.
    pub fn knows(&self, token: &str) -> bool {
        self.sessions().get(token).is_some()
    }

    /// Forgets every token: on locking or when the data folder closes.
    pub fn close(&self) {
        *self.sessions() = Sessions::default();
    }

    /// Answers a request for a path: `/<token>`, `/<token>/part/<n>` or `/<token>/image/<n>`. What a query string
    /// says is never looked at.
    pub async fn serve(&self, path: &str) -> Served {
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let mut steps = path.trim_matches('/').split('/');
        let token = steps.next().unwrap_or_default();
        let Some(session) = self.sessions().get(token) else {
            return Served::error(404);
        };
        let number = |text: Option<&str>| text.and_then(|text| text.parse::<u32>().ok());
        match (steps.next(), steps.next(), steps.next()) {
            (None, ..) => Served::page(&session.page, &self.inner.policy),
            (Some("part"), n, None) => match number(n) {
                Some(n) => self.part(&session, n).await,
                None => Served::error(404),
            },
            (Some("image"), n, None) => match number(n) {
                Some(n) => self.image(&session, n).await,
                None => Served::error(404),
            },
            _ => Served::error(404),
        }
    }

    async fn part(&self, session: &Session, n: u32) -> Served {
        match self.inner.mails.part(session.message, n).await {
            Ok(bytes) => picture(bytes),
            Err(_) => Served::error(404),
        }
    }

    /// The n-th remote image of a page for which a person asked: a page opened without that has none.
    async fn image(&self, session: &Session, n: u32) -> Served {
        let Some(url) = session.images.get(n as usize) else {
            return Served::error(404);
        };
        match self.inner.fetch.image(url.clone()).await {
            Ok(image) => picture(image.bytes),
            Err(error) => {
                tracing::debug!(message = %session.message, image = n, %error, "remote image");
                Served::error(502)
            }
        }
    }

    fn sessions(&self) -> std::sync::MutexGuard<'_, Sessions> {
        self.inner.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves what is a picture by its first bytes, whatever it calls itself.
fn picture(bytes: Vec<u8>) -> Served {
    if bytes.len() > PART_LIMIT {
        return Served::error(413);
    }
    match page::picture_kind(&bytes) {
        Some(mime) => Served::image(mime, bytes),
        None => Served::error(415),
    }
}

struct Made {
    page: String,
    images: Vec<String>,
    shown: Show,
    blocked_images: u32,
    blocked_trackers: u32,
    fell_back: bool,
}

impl Made {
    fn text(page: String, shown: Show, fell_back: bool) -> Self {
        Made { page, images: Vec::new(), shown, blocked_images: 0, blocked_trackers: 0, fell_back }
    }
}

/// Off the async threads and under a deadline: a mail can be built to cost seconds.
async fn make(raw: Arc<[u8]>, open: Open, token: String, deadline: Duration) -> Made {
    let dark = open.dark;
    let as_source = |raw: &[u8]| Made::text(page::source(raw, dark), Show::Source, false);
    if open.show == Show::Source {
        return as_source(&raw);
    }
    let bytes = raw.clone();
    let mail = match within(deadline, move || clientele_message::parse(&bytes)).await {
        Some(mail) if mail.unreadable.is_none() => Arc::new(mail),
        Some(_) => return as_source(&raw),
        None => {
            tracing::warn!(message = %open.message, size = raw.len(), "parsing took too long");
            return Made { fell_back: true, ..as_source(&raw) };
        }
    };
    let plain = |fell_back| Made::text(page::plain(&page::text_of(&mail), dark), Show::Text, fell_back);
    if mail.html.is_none() || open.show == Show::Text {
        return plain(false);
    }
    let work = mail.clone();
    match within(deadline, move || show_html(&work, &open, &token)).await {
        Some(Some(made)) => made,
        costly => {
            tracing::warn!(size = raw.len(), late = costly.is_none(), "page fell back to text");
            plain(true)
        }
    }
}

/// None where the work took too long or panicked.
async fn within<T: Send + 'static>(deadline: Duration, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::time::timeout(deadline, tokio::task::spawn_blocking(work)).await.ok()?.ok()
}

/// None where the HTML is too costly.
fn show_html(mail: &Parsed, open: &Open, token: &str) -> Option<Made> {
    let html = mail.html.as_deref()?;
    let inline = mail.attachments.iter().filter_map(|meta| meta.content_id.clone().map(|id| (id, meta.part))).collect();
    let options = Options { remote: open.remote, prefix: format!("{token}/"), inline, no_pictures: !open.inline };
    let safe = clientele_message::sanitise(html, &options);
    if safe.fell_back {
        return None;
    }
    Some(Made {
        page: page::html(&safe, open.dark),
        images: if open.remote { safe.images } else { Vec::new() },
        shown: Show::Best,
        blocked_images: safe.blocked_images,
        blocked_trackers: safe.blocked_trackers,
        fell_back: false,
    })
}
