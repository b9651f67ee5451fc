//! What the sync remembers of a folder beside its state: `FolderState::note`, as words `name=number`.

/// Of this program; mails that an older one could not read are tried again.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How far a folder is in step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Note {
    /// How many mails the server had when the folder was last in step.
    pub(super) exists: u32,
    /// Every mail from this time on is here, seconds since 1970; 0: all of them. None: never seen through.
    pub(super) covered: Option<i64>,
    /// When what is here was last compared with what is there, seconds since 1970.
    pub(super) compared: i64,
    /// When all flags were last asked for, of a server that does not count changes; seconds since 1970.
    pub(super) flags: i64,
    /// Which program tried the mails that cannot be read.
    pub(super) version: String,
    /// The store may have lost some of what was here (see [`clientele_store::FolderState::note`]): all of it is compared.
    pub(super) doubt: bool,
}

impl Note {
    /// What cannot be read is as if it were not there: the folder is seen through again.
    pub(super) fn read(text: &str) -> Note {
        let mut note = Note::default();
        for (name, value) in text.split(' ').filter_map(|word| word.split_once('=')) {
            match name {
                "exists" => note.exists = value.parse().unwrap_or_default(),
                "covered" => note.covered = value.parse().ok(),
                "compared" => note.compared = value.parse().unwrap_or_default(),
                "flags" => note.flags = value.parse().unwrap_or_default(),
                "version" => note.version = value.to_owned(),
                "doubt" => note.doubt = true,
                _ => {}
            }
        }
        note
    }

    pub(super) fn write(&self) -> String {
        let covered = self.covered.map(|from| format!(" covered={from}")).unwrap_or_default();
        let doubt = if self.doubt { " doubt=1" } else { "" };
        let Note { exists, compared, flags, version, .. } = self;
        format!("exists={exists} compared={compared} flags={flags} version={version}{covered}{doubt}")
    }

    /// Whether every mail from `from` on is here.
    pub(super) fn covers(&self, from: i64) -> bool {
        self.covered.is_some_and(|covered| covered <= from)
    }
}

/// From when on mails are wanted: of the last `days`, 0: all. Servers compare days in their own zone, so one more is
/// asked for.
pub(super) fn wanted_from(days: u32, now: i64) -> i64 {
    if days == 0 { 0 } else { now - (i64::from(days) + 1) * 86_400 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_survives_and_a_foreign_one_promises_nothing() {
        let note = Note { exists: 7, covered: Some(0), compared: 9, flags: 3, version: "1.0.0".into(), doubt: true };
        assert_eq!(Note::read(&note.write()), note);
        assert!(note.covers(0) && note.covers(5));
        let foreign = Note::read("something else = entirely=3 covered=never");
        assert!(!foreign.covers(i64::MAX) && foreign.exists == 0);
    }
}
