//! The words of the product in six languages, from the same catalogues that the UI reads: for the tray, notifications,
//! attribution lines and the command line.
//!
//! A catalogue is a flat JSON object. A plural has the forms `key.one` and `key.other` and is asked for by its stem with
//! a parameter `count`. Placeholders are `{name}`.

use std::collections::HashMap;
use std::sync::OnceLock;

#[cfg(test)]
mod tests;

/// A language of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    #[default]
    En,
    Nb,
    Sv,
    Da,
    De,
    Nl,
}

/// What a placeholder is replaced with: its name, and its text.
pub type Param<'a> = (&'a str, &'a str);

impl Language {
    /// Every language, English first.
    pub const ALL: [Language; 6] = [Language::En, Language::Nb, Language::Sv, Language::Da, Language::De, Language::Nl];

    /// The language of a tag such as `nb-NO`, `de_AT.UTF-8` or `sv`; `no` and `nn` read bokmål. `None` where it is not
    /// one of ours.
    pub fn from_tag(tag: &str) -> Option<Language> {
        let base = tag.split(['-', '_', '.', '@']).next().unwrap_or_default().to_ascii_lowercase();
        match base.as_str() {
            "en" => Some(Language::En),
            "nb" | "no" | "nn" => Some(Language::Nb),
            "sv" => Some(Language::Sv),
            "da" => Some(Language::Da),
            "de" => Some(Language::De),
            "nl" => Some(Language::Nl),
            _ => None,
        }
    }

    /// The language that the environment asks for, in the order of gettext: LANGUAGE (a list), LC_ALL, LC_MESSAGES,
    /// LANG. English where none of ours is named.
    pub fn from_environment() -> Language {
        Language::from_variables(|name| std::env::var(name).ok())
    }

    /// As [`Language::from_environment`], with the variables passed in.
    pub fn from_variables(get: impl Fn(&str) -> Option<String>) -> Language {
        let list = get("LANGUAGE").unwrap_or_default();
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| get(name).filter(|v| !v.is_empty()));
        list.split(':').chain(locale.as_deref()).find_map(Language::from_tag).unwrap_or_default()
    }

    /// The tag that the settings and the UI use: en nb sv da de nl.
    pub fn tag(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::Nb => "nb",
            Language::Sv => "sv",
            Language::Da => "da",
            Language::De => "de",
            Language::Nl => "nl",
        }
    }

    fn source(self) -> &'static str {
        match self {
            Language::En => include_str!("../../../ui/src/i18n/en.json"),
            Language::Nb => include_str!("../../../ui/src/i18n/nb.json"),
            Language::Sv => include_str!("../../../ui/src/i18n/sv.json"),
            Language::Da => include_str!("../../../ui/src/i18n/da.json"),
            Language::De => include_str!("../../../ui/src/i18n/de.json"),
            Language::Nl => include_str!("../../../ui/src/i18n/nl.json"),
        }
    }

    fn words(self) -> &'static HashMap<String, String> {
        static CATALOGUES: [OnceLock<HashMap<String, String>>; 6] = [const { OnceLock::new() }; 6];
        CATALOGUES[self as usize].get_or_init(|| {
            serde_json::from_str(self.source()).expect("the catalogues are checked by this crate's tests")
        })
    }
}

/// The words for `key`, with its placeholders filled in. A plural is chosen by the parameter `count`. A key that no
/// catalogue has gives the key itself, so that a slip is seen and nothing breaks.
pub fn word(language: Language, key: &str, params: &[Param<'_>]) -> String {
    match find(language, key, params).or_else(|| find(Language::En, key, params)) {
        Some(text) => fill(text, params),
        None => key.to_owned(),
    }
}

fn find(language: Language, key: &str, params: &[Param<'_>]) -> Option<&'static str> {
    let words = language.words();
    if let Some(text) = words.get(key) {
        return Some(text);
    }
    // All six languages say "one" for exactly 1 and "other" for the rest (CLDR, whole numbers).
    let one = params.iter().any(|(name, value)| *name == "count" && *value == "1");
    let form = if one { "one" } else { "other" };
    words.get(&format!("{key}.{form}")).map(String::as_str)
}

/// Fills `{name}` in one pass, so that a value that holds braces is not filled again.
fn fill(text: &str, params: &[Param<'_>]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let Some(length) = rest[start..].find('}') else { break };
        let name = &rest[start + 1..start + length];
        out.push_str(&rest[..start]);
        match params.iter().find(|(param, _)| *param == name) {
            Some((_, value)) => out.push_str(value),
            None => out.push_str(&rest[start..=start + length]),
        }
        rest = &rest[start + length + 1..];
    }
    out.push_str(rest);
    out
}
