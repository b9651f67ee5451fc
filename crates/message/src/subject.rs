//! Subject prefixes, of our six languages and Outlook's.

/// Reply: English, Scandinavian, German, Dutch, and what mailing lists turn them into.
const REPLY: &[&str] = &["re", "sv", "aw", "vs", "antw", "antwoord", "odp", "ad", "ref"];
const FORWARD: &[&str] = &["fwd", "fw", "wg", "vb", "vs", "doorst", "tr", "rv", "videresendt", "videresend"];

/// The subject without any number of reply and forward prefixes: "Re: SV: [2] Offer" is "Offer".
pub fn base(subject: &str) -> &str {
    let mut rest = subject.trim();
    while let Some(shorter) = strip(rest) {
        rest = shorter.trim_start();
    }
    rest
}

fn strip(subject: &str) -> Option<&str> {
    let (head, rest) = subject.split_once([':', '：'])?;
    let word = head.trim_end();
    // "Re[2]:" and "Re (3):" count replies.
    let word = word.split(['[', '(']).next().unwrap_or_default().trim().to_lowercase();
    let counted = head.trim_end().ends_with([']', ')']);
    let plain = head.trim().to_lowercase() == word;
    ((plain || counted) && (REPLY.contains(&word.as_str()) || FORWARD.contains(&word.as_str()))).then_some(rest)
}

/// "Re: " once.
pub fn reply(subject: &str) -> String {
    format!("Re: {}", base(subject)).trim_end().to_owned()
}

/// "Fwd: " once.
pub fn forward(subject: &str) -> String {
    format!("Fwd: {}", base(subject)).trim_end().to_owned()
}
