//! The catalogues: a language that lacks a word, or a word that lacks its placeholder, is a hole on the screen.

use crate::shell::root;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const LANGUAGES: [&str; 6] = ["en", "nb", "sv", "da", "de", "nl"];

type Catalogue = BTreeMap<String, BTreeSet<String>>;

pub fn check() -> Result<(), Vec<String>> {
    let mut broken = Vec::new();
    let mut catalogues = Vec::new();
    for language in LANGUAGES {
        let place = format!("ui/src/i18n/{language}.json");
        match std::fs::read_to_string(root().join(&place))
            .map_err(|error| error.to_string())
            .and_then(|text| read(&text))
        {
            Ok(catalogue) => catalogues.push((language, catalogue)),
            Err(words) => broken.push(format!("{place}: {words}")),
        }
    }
    if let Some(((_, english), others)) = catalogues.split_first() {
        for (language, catalogue) in others {
            broken.extend(differences(language, english, catalogue));
        }
    }
    if broken.is_empty() { Ok(()) } else { Err(broken) }
}

fn read(text: &str) -> Result<Catalogue, String> {
    let Value::Object(words) = serde_json::from_str(text).map_err(|error| error.to_string())? else {
        return Err("is not an object".into());
    };
    words
        .into_iter()
        .map(|(key, word)| match word {
            Value::String(word) if !word.trim().is_empty() => Ok((key, placeholders(&word))),
            _ => Err(format!("{key} has no words")),
        })
        .collect()
}

/// `{name}` in "{name} wrote".
fn placeholders(word: &str) -> BTreeSet<String> {
    word.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect()
}

fn differences(language: &str, english: &Catalogue, catalogue: &Catalogue) -> Vec<String> {
    let mut broken = Vec::new();
    for (key, wanted) in english {
        match catalogue.get(key) {
            None => broken.push(format!("{language} lacks {key}")),
            // "One mail" needs no {count}: the singular may say the number in words.
            Some(have) if have != wanted && !(key.ends_with(".one") && have.is_subset(wanted)) => {
                broken.push(format!("{language} {key} has the placeholders {have:?}, English {wanted:?}"));
            }
            Some(_) => {}
        }
    }
    broken.extend(
        catalogue
            .keys()
            .filter(|key| !english.contains_key(*key))
            .map(|key| format!("{language} {key} is not in English")),
    );
    broken
}

#[cfg(test)]
mod tests {
    use super::{differences, read};

    #[test]
    fn a_hole_is_named() {
        let english = read(r#"{"a":"{n} mails from {who}","b":"Send"}"#).expect("is a catalogue");
        assert!(differences("nb", &english, &english).is_empty());
        let norwegian = read(r#"{"a":"{n} e-poster","c":"Lukk"}"#).expect("is a catalogue");
        assert_eq!(differences("nb", &english, &norwegian).len(), 3);
        assert!(read(r#"{"a":""}"#).is_err());
    }
}
