//! What a server tells by itself: of the open folder, and where NOTIFY was granted of others.

use super::{
    heard::Heard,
    idle::MOST_ELSEWHERE,
    session::Session,
    value::{Response, Status, Value},
};
use std::collections::BTreeSet;

impl Session {
    /// Whether the server told of something new in the open folder.
    pub(crate) fn is_changed(&self) -> bool {
        self.selected.as_ref().is_some_and(|selected| selected.changed)
    }

    /// As [`Session::is_changed`]; asking makes it false.
    pub(crate) fn take_changed(&mut self) -> bool {
        self.selected.as_mut().is_some_and(|selected| std::mem::take(&mut selected.changed))
    }

    /// Whether nothing was heard of the open folder.
    pub(crate) fn is_silent(&self) -> bool {
        self.heard.is_empty()
    }

    /// What was heard of the open folder; from now on the store must be told of it, or the folder be opened afresh.
    pub(crate) fn take_heard(&mut self) -> Heard {
        if let Some(selected) = &mut self.selected {
            selected.changed = false;
            selected.in_step = false;
        }
        std::mem::take(&mut self.heard)
    }

    /// The store has the open folder as it is, but for what is heard from here on.
    pub(crate) fn set_in_step(&mut self) {
        if let Some(selected) = &mut self.selected {
            selected.in_step = true;
        }
    }

    /// Whether NOTIFY told of other folders.
    pub(crate) fn is_elsewhere(&self) -> bool {
        !self.elsewhere.0.is_empty() || self.elsewhere.1
    }

    /// What NOTIFY told of other folders since this was last asked.
    pub(crate) fn take_elsewhere(&mut self) -> (BTreeSet<String>, bool) {
        std::mem::take(&mut self.elsewhere)
    }

    /// What a server may say at any time.
    pub(super) fn notice(&mut self, response: &Response) {
        if self.notified {
            self.notice_elsewhere(response);
        }
        let Some(selected) = &mut self.selected else { return };
        match response {
            Response::Data(data) => {
                let mut exists = selected.exists;
                selected.changed |= self.heard.note(data, &mut exists);
                selected.exists = exists;
            }
            // News may be in it.
            Response::Odd => {
                self.heard.gone_unclear = true;
                self.heard.flags_unclear = true;
                selected.changed = true;
            }
            _ => {}
        }
    }

    /// RFC 5465 section 5: other folders are told by STATUS, other names by LIST.
    pub(super) fn notice_elsewhere(&mut self, response: &Response) {
        match response {
            Response::Data(data) => match data.as_slice() {
                [word, name, Value::List(_)] if word.is("STATUS") => match super::list::wire_name(name, self.utf8) {
                    Some(name) if self.elsewhere.0.len() < MOST_ELSEWHERE => drop(self.elsewhere.0.insert(name)),
                    _ => self.elsewhere.1 = true,
                },
                [word, ..] if word.is("LIST") => self.elsewhere.1 = true,
                _ => {}
            },
            Response::Status(status) if status.code("NOTIFICATIONOVERFLOW").is_some() => self.notified = false,
            _ => {}
        }
    }

    /// RFC 4315 puts it into the tagged answer of COPY, RFC 6851 into an untagged one before that of MOVE.
    pub(super) fn note_copied(&mut self, status: &Status) {
        if let Some([_, from, to, ..]) = status.code("COPYUID")
            && let (Some(from), Some(to)) = (from.text(), to.text())
        {
            self.copied.extend(super::replay::copied(&from, &to));
        }
    }

    /// The pairs that COPYUID told since this was last asked.
    pub(crate) fn take_copied(&mut self) -> Vec<(u32, u32)> {
        std::mem::take(&mut self.copied)
    }
}
