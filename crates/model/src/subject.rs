//! Prefixes of subjects, of our six languages and Outlook's.

/// Reply: English, Scandinavian, German, Dutch, and what mailing lists turn them into.
const REPLY: &[&str] = &["re", "sv", "aw", "vs", "antw", "antwoord", "odp", "ad", "ref"];
const FORWARD: &[&str] = &["fwd", "fw", "wg", "vb", "vs", "doorst", "tr", "rv", "videresendt", "videresend"];

/// The subject without any number of reply and forward prefixes: "Re: SV: Offer" is "Offer".
pub fn base(subject: &str) -> &str {
    let mut rest = subject.trim();
    while let Some((_, shorter)) = split(rest) {
        rest = shorter.trim_start();
    }
    rest
}

/// Whether it begins with a prefix of a reply.
pub fn is_reply(subject: &str) -> bool {
    split(subject.trim()).is_some_and(|(prefix, _)| REPLY.contains(&prefix.as_str()))
}

/// The first prefix, in lower case and without its count ("Re[2]:", "Re (3):"), and what is behind it.
fn split(subject: &str) -> Option<(String, &str)> {
    let (head, rest) = subject.split_once([':', '：'])?;
    let head = head.trim();
    let word = head.split(['[', '(']).next().unwrap_or_default().trim().to_lowercase();
    let counted = head.ends_with([']', ')']);
    let plain = head.to_lowercase() == word;
    ((plain || counted) && (REPLY.contains(&word.as_str()) || FORWARD.contains(&word.as_str()))).then_some((word, rest))
}
