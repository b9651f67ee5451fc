use clientele_model::MessageId;
use std::{collections::VecDeque, sync::Arc};

/// How many pages are kept: more than a reader with a long thread open can show.
const KEPT: usize = 64;

/// A page, and what its sub-requests may ask for.
#[derive(Clone)]
pub(crate) struct Session {
    pub message: MessageId,
    pub page: Arc<str>,
    /// Addresses of the remote images a person asked for; empty without consent.
    pub images: Arc<[String]>,
}

/// Live tokens, oldest first.
#[derive(Default)]
pub(crate) struct Sessions {
    live: VecDeque<(String, Session)>,
}

impl Sessions {
    pub fn put(&mut self, token: String, session: Session) {
        self.live.retain(|(_, other)| other.message != session.message);
        while self.live.len() >= KEPT {
            self.live.pop_front();
        }
        self.live.push_back((token, session));
    }

    /// Finds a page and marks it as used now.
    pub fn get(&mut self, token: &str) -> Option<Session> {
        let place = self.live.iter().position(|(known, _)| known == token)?;
        let entry = self.live.remove(place)?;
        let session = entry.1.clone();
        self.live.push_back(entry);
        Some(session)
    }
}
