//! A profile that is only looked at, by a process that then ends.

use crate::{EngineError, Listed, Switches, lock::ProfileLock, mails::listed};
use clientele_model::RecordRef;
use clientele_store::{Folder, ListQuery, SearchQuery, Store};
use std::path::Path;

/// Reads and nothing else: no lock, no task, no log, no network, no secrets, no CRM; each of them takes longer than a search.
pub struct Look(Store);

impl Look {
    /// None where an [`crate::Engine`] has to see to the profile first: it is not there, of another version, or its last end
    /// was not clean.
    pub fn open(profile: &Path) -> Result<Option<Look>, EngineError> {
        if let Some(store) = Store::open_to_look(profile, false)? {
            return Ok(Some(Look(store)));
        }
        let owned = ProfileLock::is_held(profile);
        Ok(if owned { Store::open_to_look(profile, true)?.map(Look) } else { None })
    }

    pub fn folders(&self) -> Result<Vec<Folder>, EngineError> {
        Ok(self.0.folders_all()?)
    }

    /// Which folders' new mail is told.
    pub fn folders_told(&self) -> Result<Switches, EngineError> {
        Ok(Switches::read(&self.0)?)
    }

    pub fn list(&self, query: &ListQuery) -> Result<Listed, EngineError> {
        Ok(listed(&self.0, self.0.list(query)?)?)
    }

    pub fn list_of_record(&self, record: &RecordRef, query: &ListQuery) -> Result<Listed, EngineError> {
        Ok(listed(&self.0, self.0.list_of_record(record, query)?)?)
    }

    pub fn search(&self, query: &SearchQuery) -> Result<Listed, EngineError> {
        Ok(listed(&self.0, self.0.search(query)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clientele_store::{Filter, Scope};

    #[test]
    fn looking_leaves_a_profile_as_it_is_and_does_not_wait_for_its_owner() {
        let folder = tempfile::tempdir().expect("a folder");
        let profile = folder.path().join("profile");
        let found = |profile: &Path| Look::open(profile).expect("looked");
        assert!(found(&profile).is_none() && !profile.exists(), "a profile that is not there is not made");

        let names = || {
            let entries = std::fs::read_dir(&profile).expect("a folder");
            let mut names: Vec<_> = entries.map(|entry| entry.expect("an entry").file_name()).collect();
            names.sort();
            names
        };
        let (store, _) = Store::open(&profile).expect("a store");
        let owner = ProfileLock::take(&profile).expect("a lock");
        let look = found(&profile).expect("beside its owner");
        let query = ListQuery { scope: Scope::Inboxes, filter: Filter::All, after: None, limit: 50 };
        assert!(look.list(&query).expect("a page").page.rows.is_empty());
        assert!(look.search(&SearchQuery { query: "hei".into(), limit: 50, ..SearchQuery::default() }).is_ok());
        drop(look);
        drop(owner);
        assert!(found(&profile).is_none(), "nobody owns it, and its end was not clean");
        drop(store);

        let before = names();
        drop(found(&profile).expect("after a clean end"));
        assert_eq!(names(), before);
    }
}
