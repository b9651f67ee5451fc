//! Secrets that are too long for one entry. Windows keeps 2,560 bytes of UTF-16 an entry, and Microsoft's refresh tokens
//! are longer. A long secret is written in parts, and the entry of its name becomes a head that says which parts count.
//!
//! There are two sets of parts, used in turns: a new secret goes into the set that the head does not name, then the head
//! is replaced in one write, then the old set is deleted. Whenever this is interrupted, the head names a whole set.
//! Parts are written upwards and deleted downwards, so that what is left of a set always begins at nought.

use crate::AuthError;
use clientele_model::Secret;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// In units of UTF-16: somewhat less than 2,560 bytes.
pub(super) const PART: usize = 1200;
const HEAD: &str = "\u{1}clientele-parts:";
const SETS: [&str; 2] = ["a", "b"];
/// More than any secret has; an end for counting.
const MOST: usize = 64;

/// Entries of text by name.
pub(super) trait Entries {
    fn get(&self, name: &str) -> Result<Option<Secret>, AuthError>;
    fn set(&self, name: &str, secret: &Secret) -> Result<(), AuthError>;
    /// No error where there is none.
    fn delete(&self, name: &str) -> Result<(), AuthError>;
}

struct Head {
    set: usize,
    parts: usize,
    digest: String,
}

impl Head {
    fn read(text: &str) -> Option<Head> {
        let mut fields = text.strip_prefix(HEAD)?.split(':');
        let (set, parts, digest) = (fields.next()?, fields.next()?, fields.next()?);
        let set = SETS.iter().position(|known| *known == set)?;
        Some(Head { set, parts: parts.parse().ok().filter(|parts| *parts <= MOST)?, digest: digest.to_owned() })
    }

    fn write(&self) -> Secret {
        Secret::new(format!("{HEAD}{}:{}:{}", SETS[self.set], self.parts, self.digest))
    }
}

pub(super) fn get(entries: &impl Entries, name: &str) -> Result<Option<Secret>, AuthError> {
    // Somebody may be replacing it meanwhile: the head is read again then.
    for _ in 0..3 {
        let Some(found) = entries.get(name)? else { return Ok(None) };
        if !found.expose().starts_with(HEAD) {
            return Ok(Some(found));
        }
        let head = Head::read(found.expose()).ok_or(AuthError::Damaged)?;
        let mut text = Zeroizing::new(String::new());
        for number in 0..head.parts {
            match entries.get(&part_name(name, head.set, number))? {
                Some(part) => text.push_str(part.expose()),
                None => break,
            }
        }
        if digest(&text) == head.digest {
            return Ok(Some(Secret::new(text.as_str())));
        }
    }
    Err(AuthError::Damaged)
}

pub(super) fn set(entries: &impl Entries, name: &str, secret: &Secret) -> Result<(), AuthError> {
    let old = entries.get(name)?.and_then(|found| Head::read(found.expose()));
    let text = secret.expose();
    if text.encode_utf16().count() <= PART && !text.starts_with(HEAD) {
        entries.set(name, secret)?;
        if old.is_some() {
            return (0..SETS.len()).try_for_each(|set| clear(entries, name, set));
        }
        return Ok(());
    }
    let set = match &old {
        Some(head) => 1 - head.set,
        None => 0,
    };
    let parts = split(text);
    if parts.len() > MOST {
        return Err(AuthError::Keyring("the secret is too long".into()));
    }
    for (number, part) in parts.iter().enumerate() {
        entries.set(&part_name(name, set, number), &Secret::new(*part))?;
    }
    entries.set(name, &Head { set, parts: parts.len(), digest: digest(text) }.write())?;
    // It is kept by now: what cannot be cleared is cleared the next time.
    let _ = clear(entries, name, 1 - set);
    Ok(())
}

pub(super) fn delete(entries: &impl Entries, name: &str) -> Result<(), AuthError> {
    (0..SETS.len()).try_for_each(|set| clear(entries, name, set))?;
    entries.delete(name)
}

fn clear(entries: &impl Entries, name: &str, set: usize) -> Result<(), AuthError> {
    let mut parts = 0;
    while parts < MOST && entries.get(&part_name(name, set, parts))?.is_some() {
        parts += 1;
    }
    (0..parts).rev().try_for_each(|number| entries.delete(&part_name(name, set, number)))
}

fn part_name(name: &str, set: usize, number: usize) -> String {
    format!("{name}#{}{number}", SETS[set])
}

fn digest(text: &str) -> String {
    Sha256::digest(text).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut length) = (Vec::new(), 0, 0);
    for (at, letter) in text.char_indices() {
        if length + letter.len_utf16() > PART {
            parts.push(&text[start..at]);
            (start, length) = (at, 0);
        }
        length += letter.len_utf16();
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::{
        cell::{Cell, RefCell},
        collections::BTreeMap,
    };

    /// A keyring as small as Windows', which dies after some changes.
    #[derive(Default)]
    struct Small {
        held: RefCell<BTreeMap<String, String>>,
        changes_left: Cell<Option<usize>>,
    }

    impl Small {
        fn change(&self) -> Result<(), AuthError> {
            match self.changes_left.get() {
                Some(0) => Err(AuthError::Keyring("dead".into())),
                left => {
                    self.changes_left.set(left.map(|left| left - 1));
                    Ok(())
                }
            }
        }
    }

    impl Entries for Small {
        fn get(&self, name: &str) -> Result<Option<Secret>, AuthError> {
            Ok(self.held.borrow().get(name).map(Secret::new))
        }

        fn set(&self, name: &str, secret: &Secret) -> Result<(), AuthError> {
            assert!(secret.expose().encode_utf16().count() * 2 <= 2560, "larger than an entry");
            self.change()?;
            self.held.borrow_mut().insert(name.to_owned(), secret.expose().to_owned());
            Ok(())
        }

        fn delete(&self, name: &str) -> Result<(), AuthError> {
            self.change()?;
            self.held.borrow_mut().remove(name);
            Ok(())
        }
    }

    fn long(letter: char, length: usize) -> Secret {
        Secret::new(letter.to_string().repeat(length))
    }

    #[test]
    fn an_interrupted_change_leaves_the_old_secret_or_the_new_and_a_later_delete_leaves_nothing() {
        // The last is outside the basic plane: two units a letter, never cut in two.
        let secrets = [long('s', 40), long('m', 1900), long('l', 6000), long('😀', 1300)];
        for old in &secrets {
            for new in &secrets {
                for changes in 0.. {
                    let keyring = Small::default();
                    set(&keyring, "ada", old).unwrap();
                    keyring.changes_left.set(Some(changes));
                    let done = set(&keyring, "ada", new);
                    let ended = keyring.changes_left.get() != Some(0);
                    keyring.changes_left.set(None);
                    let kept = get(&keyring, "ada").unwrap().unwrap();
                    assert!(kept == *new || (kept == *old && done.is_err()), "after {changes} changes");
                    // What was left behind is in nobody's way.
                    set(&keyring, "ada", old).unwrap();
                    assert!(get(&keyring, "ada").unwrap().unwrap() == *old);
                    delete(&keyring, "ada").unwrap();
                    assert!(keyring.held.borrow().is_empty(), "{:?}", keyring.held.borrow().keys());
                    if ended {
                        break;
                    }
                }
            }
        }
    }

    #[test]
    fn a_head_without_its_parts_is_damaged_and_not_a_secret() {
        let keyring = Small::default();
        set(&keyring, "ada", &long('m', 3000)).unwrap();
        keyring.held.borrow_mut().remove("ada#a1");
        assert!(matches!(get(&keyring, "ada"), Err(AuthError::Damaged)));
        let sly = Secret::new(format!("{HEAD}b:1:00"));
        set(&keyring, "ada", &sly).unwrap();
        assert!(get(&keyring, "ada").unwrap().unwrap() == sly, "a password that looks like a head");
    }
}
