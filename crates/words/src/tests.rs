#![allow(clippy::unwrap_used)]

use super::*;
use std::collections::BTreeSet;

fn placeholders(text: &str) -> BTreeSet<&str> {
    text.match_indices('{').map(|(at, _)| &text[at + 1..at + text[at..].find('}').unwrap()]).collect()
}

#[test]
fn the_six_catalogues_have_the_same_keys_and_placeholders() {
    let english = Language::En.words();
    assert!(english.len() > 500);
    let mut faults = Vec::new();
    for language in Language::ALL {
        let words = language.words();
        for (key, text) in english {
            match words.get(key) {
                None => faults.push(format!("{}: {key} is missing", language.tag())),
                Some(theirs) if placeholders(theirs) != placeholders(text) => {
                    faults.push(format!("{}: {key} has other placeholders", language.tag()));
                }
                Some(_) => {}
            }
        }
        for (key, text) in words {
            if !english.contains_key(key) {
                faults.push(format!("{}: {key} is not in English", language.tag()));
            }
            if text.trim().is_empty() {
                faults.push(format!("{}: {key} is empty", language.tag()));
            }
            if text.contains('!') {
                faults.push(format!("{}: {key} shouts", language.tag()));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_plural_has_both_forms() {
    for key in Language::En.words().keys() {
        if let Some(stem) = key.strip_suffix(".one") {
            assert!(Language::En.words().contains_key(&format!("{stem}.other")), "{key}");
        }
    }
}

#[test]
fn other_languages_are_translated() {
    let english = Language::En.words();
    for language in &Language::ALL[1..] {
        let words = language.words();
        let same = english.iter().filter(|(key, text)| words.get(*key) == Some(text)).count();
        assert!(same * 8 < english.len(), "{}: {same} of {} as in English", language.tag(), english.len());
    }
}

#[test]
fn archive_always_names_the_crm() {
    for language in Language::ALL {
        for key in ["action.archive", "panel.archive", "composer.sendArchive", "shortcuts.archive"] {
            assert!(language.words()[key].contains("{crm}"), "{} {key}", language.tag());
        }
        assert_ne!(language.words()["action.done"], language.words()["action.archive"]);
    }
}

#[test]
fn tags_are_read() {
    assert_eq!(Language::from_tag("nb-NO"), Some(Language::Nb));
    assert_eq!(Language::from_tag("nn_NO.UTF-8"), Some(Language::Nb));
    assert_eq!(Language::from_tag("no"), Some(Language::Nb));
    assert_eq!(Language::from_tag("DE"), Some(Language::De));
    assert_eq!(Language::from_tag("C.UTF-8"), None);
    assert_eq!(Language::from_tag(""), None);
}

#[test]
fn the_environment_is_read_in_gettexts_order() {
    let of = |pairs: &'static [(&'static str, &'static str)]| {
        Language::from_variables(|name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    };
    assert_eq!(of(&[("LANGUAGE", "fi:sv"), ("LANG", "de_DE.UTF-8")]), Language::Sv);
    assert_eq!(of(&[("LC_ALL", ""), ("LANG", "nl_NL.UTF-8")]), Language::Nl);
    assert_eq!(of(&[("LC_ALL", "C"), ("LANG", "nl_NL.UTF-8")]), Language::En);
    assert_eq!(of(&[]), Language::En);
}

#[test]
fn plurals_and_placeholders_are_filled() {
    assert_eq!(word(Language::En, "tray.unread", &[("count", "1")]), "1 unread mail");
    assert_eq!(word(Language::En, "tray.unread", &[("count", "12")]), "12 unread mails");
    assert_eq!(word(Language::En, "action.archive", &[("crm", "{name}"), ("name", "x")]), "Archive in {name}");
    assert_eq!(word(Language::De, "no.such.key", &[]), "no.such.key");
}
