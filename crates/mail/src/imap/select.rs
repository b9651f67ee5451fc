//! Opening a folder.

use super::{
    heard::Heard,
    session::{Session, judge},
    value::{Condition, Response, Value},
};
use crate::MailError;
use std::sync::atomic::{AtomicU64, Ordering};

/// The folder that a connection has open.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selected {
    pub(crate) server_name: String,
    pub(crate) exists: u32,
    pub(crate) uid_validity: u32,
    pub(crate) uid_next: u32,
    /// As it was when the folder was opened. 0: the server has none.
    pub(crate) highest_modseq: u64,
    /// The server told of something new since this was last set to false.
    pub(crate) changed: bool,
    /// What the store has, and what is heard, make up the folder as it is: nothing need be asked for.
    pub(crate) in_step: bool,
    /// Flags that can be set for good, in lower case; None: the server does not say, so all can (RFC 9051 section 7.1).
    pub(crate) permanent: Option<Vec<String>>,
    /// No two openings have the same.
    pub(crate) opening: u64,
}

impl Selected {
    /// Whether the folder can bear this keyword: it does already, or the server takes new ones.
    pub(crate) fn takes(&self, keyword: &str) -> bool {
        let keyword = keyword.to_ascii_lowercase();
        self.permanent.as_ref().is_none_or(|flags| flags.iter().any(|flag| flag == "\\*" || *flag == keyword))
    }
}

/// Of the next opening of a folder.
static OPENINGS: AtomicU64 = AtomicU64::new(1);

impl Session {
    /// Opens a folder, afresh also where it is open already.
    pub(crate) async fn select(&mut self, server_name: &str) -> Result<Selected, MailError> {
        self.select_since(server_name, None).await
    }

    /// The same; with QRESYNC (RFC 7162 section 3.2.5) the server tells what changed `since` (UIDVALIDITY, modification
    /// sequence), which is heard then.
    pub(crate) async fn select_since(
        &mut self,
        server_name: &str,
        since: Option<(u32, u64)>,
    ) -> Result<Selected, MailError> {
        self.selected = None;
        self.heard = Heard::default();
        let since = since.filter(|(validity, modseq)| self.qresync && *validity > 0 && *modseq > 0);
        let how = match since {
            Some((validity, modseq)) => format!(" (QRESYNC ({validity} {modseq}))"),
            None if self.has("CONDSTORE") || self.has("QRESYNC") => " (CONDSTORE)".to_owned(),
            None => String::new(),
        };
        let opening = OPENINGS.fetch_add(1, Ordering::Relaxed);
        let mut found = Selected { server_name: server_name.to_owned(), opening, ..Selected::default() };
        let tag = self.send(&format!("SELECT {}{how}", self.named(server_name))).await?;
        loop {
            match self.read().await? {
                Response::Done { tag: done, status } if done == tag => {
                    judge(status)?;
                    break;
                }
                Response::Status(status) => {
                    let number = |name: &str| status.code(name).and_then(|rest| rest.first()).and_then(Value::number);
                    if let Some(number) = number("UIDVALIDITY") {
                        found.uid_validity = number as u32;
                    } else if let Some(number) = number("UIDNEXT") {
                        found.uid_next = number as u32;
                    } else if let Some(number) = number("HIGHESTMODSEQ") {
                        found.highest_modseq = number;
                    } else if let Some([Value::List(flags), ..]) = status.code("PERMANENTFLAGS") {
                        found.permanent =
                            Some(flags.iter().filter_map(Value::text).map(|flag| flag.to_ascii_lowercase()).collect());
                    } else if status.code("CLOSED").is_some() {
                        // What came so far was about the folder before.
                        self.heard = Heard::default();
                    } else if status.condition == Condition::Bye {
                        return Err(MailError::Closed);
                    }
                }
                Response::Data(data) => {
                    self.heard.note(&data, &mut found.exists);
                    if self.notified {
                        self.notice_elsewhere(&Response::Data(data));
                    }
                }
                // What changed may be in it.
                Response::Odd => {
                    self.heard.gone_unclear = true;
                    self.heard.flags_unclear = true;
                }
                Response::Continue(_) | Response::Done { .. } => {}
            }
        }
        // Asked with numbers of another UIDVALIDITY, the server tells nothing.
        found.in_step = since.is_some_and(|(validity, _)| validity == found.uid_validity && found.highest_modseq > 0);
        self.selected = Some(found.clone());
        Ok(found)
    }

    /// Opens a folder unless it is open.
    pub(crate) async fn ensure_selected(&mut self, server_name: &str) -> Result<Selected, MailError> {
        match &self.selected {
            Some(selected) if selected.server_name == server_name => Ok(selected.clone()),
            _ => self.select(server_name).await,
        }
    }
}
