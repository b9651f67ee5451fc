//! What a mail's signature says of its author. Read to fill in a form that a person then looks over: what is not sure is
//! left out, and nothing is made up.

#[cfg(test)]
mod tests;
mod words;

use clientele_model::Address;
use words::{CLOSINGS, FORMS, NO_PHONE, PHONE, QUOTED, TITLES, WROTE};

/// Empty where the signature does not say it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signature {
    pub name: String,
    pub title: String,
    /// As written; never a fax.
    pub phones: Vec<String>,
    pub company: String,
}

/// Lines behind the name that may belong to it.
const LINES: usize = 12;

/// What the signature in `text` (the mail's own words, quoted ones too) says of `author`. Nothing, where neither the
/// author's name nor their address is found again in it.
pub fn signature(text: &str, author: &Address) -> Signature {
    let lines = own_lines(text);
    let Some((at, name, rest)) = name_line(&lines, author) else { return Signature::default() };
    let mut found = Signature { name, ..Signature::default() };
    let domain = domain_label(&author.email);
    let behind = lines[at + 1..].iter().filter(|line| !line.is_empty()).take(LINES);
    for (number, line) in std::iter::once(rest.as_str()).chain(behind.map(String::as_str)).enumerate() {
        phones(line, &mut found.phones);
        for segment in segments(line) {
            if found.company.is_empty() && is_company(segment, &domain) {
                found.company = segment.to_owned();
            } else if found.title.is_empty() && number <= 2 && is_title(segment) {
                found.title = segment.to_owned();
            }
        }
    }
    found
}

/// Lines before anything quoted, trimmed.
fn own_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for line in text.lines().take(2000) {
        let line = line.trim_matches(|letter: char| letter.is_whitespace() || letter == '*' || letter == '\u{200b}');
        let low = line.to_lowercase();
        let quoted = line.starts_with('>')
            || WROTE.iter().any(|word| low.ends_with(word))
            || (!lines.is_empty() && line != "--" && QUOTED.iter().any(|word| low.starts_with(word)));
        if quoted {
            break;
        }
        lines.push(if line.chars().count() <= 200 { line.to_owned() } else { String::new() });
    }
    lines
}

/// The last line that begins with the author's name (or, with a name that the mail's headers do not say, the one behind a
/// closing that the address bears out): its place, the name, and what stands behind it.
fn name_line(lines: &[String], author: &Address) -> Option<(usize, String, String)> {
    let known: Vec<String> = words(&author.name);
    let local = fold(author.email.split('@').next().unwrap_or_default());
    let from = lines.len().saturating_sub(40);
    let closing = |at: usize| {
        let before = lines[..at].iter().rev().find(|line| !line.is_empty());
        before.is_some_and(|line| is_closing(line))
    };
    for at in (from..lines.len()).rev() {
        let first = segments(&lines[at]).next().unwrap_or_default();
        let said = words(first);
        if said.is_empty() || said.len() > 5 || first.chars().any(|letter| letter.is_ascii_digit() || letter == '@') {
            continue;
        }
        // "Lindqvist, Maja" in the headers is "Maja Lindqvist" below the mail.
        let all = known.len() >= 2 && known.iter().all(|word| said.contains(word));
        let borne_out = said.len() >= 2
            && said.len() <= 4
            && closing(at)
            && local.len() > 2
            && said.iter().any(|word| word.len() > 2 && local.contains(word.as_str()))
            && (known.len() < 2 || known.iter().any(|word| said.contains(word)))
            && first
                .split_whitespace()
                .all(|word| word.chars().next().is_some_and(|l| l.is_uppercase() || l == '(') || word.len() <= 3)
            && !is_title(first);
        if all && said.len() <= known.len() + 2 || borne_out {
            let rest = lines[at][lines[at].find(first).unwrap_or_default() + first.len()..].to_owned();
            return Some((at, first.to_owned(), rest));
        }
    }
    None
}

fn is_closing(line: &str) -> bool {
    let low = line.to_lowercase();
    let low = low.trim_end_matches([',', '.', '!']);
    low == "--"
        || (low.split_whitespace().count() <= 6
            && CLOSINGS
                .iter()
                .any(|word| low == *word || ends_with_word(low, word) || low.starts_with(&format!("{word} "))))
}

fn ends_with_word(text: &str, word: &str) -> bool {
    text.strip_suffix(word).is_some_and(|front| front.is_empty() || front.ends_with(|l: char| !l.is_alphanumeric()))
}

/// What a line holds side by side: `Maja Lindqvist | CFO`, `CFO, Fjordlys Energi AS`.
fn segments(line: &str) -> impl Iterator<Item = &str> {
    let bars = line.split(['|', '•', '·', '\t', '‖']).flat_map(|one| one.split(" – ")).flat_map(|one| one.split(" - "));
    let commas = bars.flat_map(|one| one.split(", ")).flat_map(|one| one.split(" // "));
    commas.map(|one| one.trim().trim_end_matches(',').trim()).filter(|one| !one.is_empty())
}

fn is_title(segment: &str) -> bool {
    let count = segment.split_whitespace().count();
    let plain = !segment.chars().any(|l| l.is_ascii_digit() || "@:/!?".contains(l)) && !segment.ends_with('.');
    plain
        && (1..=7).contains(&count)
        && segment.chars().count() <= 70
        && segment.chars().next().is_some_and(char::is_uppercase)
        && segment.split(|l: char| !l.is_alphanumeric() && l != '-').any(|word| {
            let word = word.to_lowercase();
            TITLES.iter().any(|title| word == *title || (title.chars().count() >= 4 && word.ends_with(title)))
        })
}

fn is_company(segment: &str, domain: &str) -> bool {
    let said: Vec<&str> = segment.split_whitespace().collect();
    if said.is_empty()
        || said.len() > 7
        || segment.contains(['@', ':'])
        || !segment.chars().next().is_some_and(|l| l.is_uppercase() || l.is_ascii_digit())
    {
        return false;
    }
    let last = said[said.len() - 1].to_lowercase();
    if said.len() >= 2 && FORMS.contains(&last.as_str()) {
        // "as", "da", "se" are words as well: as a form they are written large.
        return last.len() > 2 || said[said.len() - 1].chars().all(|l| !l.is_lowercase()) || last == "kg";
    }
    if domain.len() < 3 || is_web(segment) {
        return false;
    }
    let parts = words(segment);
    let joined = parts.concat();
    !joined.is_empty()
        && said.len() <= 4
        && (joined == domain.replace('-', "") || parts.first().is_some_and(|word| word == domain))
}

fn is_web(segment: &str) -> bool {
    !segment.contains(' ') && segment.contains('.')
}

/// `fjordlys` of `maja@post.fjordlys.no`.
fn domain_label(email: &str) -> String {
    let domain = email.rsplit('@').next().unwrap_or_default().to_lowercase();
    let labels: Vec<&str> = domain.split('.').collect();
    let at = match labels.as_slice() {
        [.., _, second, _] if matches!(*second, "co" | "com" | "org" | "ac") => labels.len() - 3,
        [_, _, ..] => labels.len() - 2,
        _ => return String::new(),
    };
    fold(labels[at])
}

/// Numbers that a label says are phones, or that begin as one in another country is written.
fn phones(line: &str, found: &mut Vec<String>) {
    let mut rest = line;
    let mut label = String::new();
    while let Some(start) = rest.find(|l: char| l.is_ascii_digit() || l == '+' || l == '(') {
        let before = &rest[..start];
        if before.chars().any(char::is_alphabetic) {
            let mut words =
                before.split(|l: char| l.is_whitespace() || ":/|,;•·()".contains(l)).filter(|word| !word.is_empty());
            label = words.next_back().unwrap_or_default().to_lowercase();
        } else if before.contains(['|', '•', '·', ',', ';']) {
            label.clear();
        }
        let run = &rest[start..];
        let end = run
            .find(|l: char| !(l.is_ascii_digit() || " +()-./\u{a0}\u{2011}\u{2013}".contains(l)))
            .unwrap_or(run.len());
        let mut text = &run[..end];
        // Two numbers side by side: "55 12 34 56 / 97 12 34 56", "… +47".
        for cut in [" / ", " +", "  "] {
            text = text.find(cut).filter(|at| *at > 0).map_or(text, |at| &text[..at]);
        }
        let length = text.len().max(1);
        let shown = text.trim().trim_end_matches(['(', '-', '.', '/', '–', ' ']).trim();
        let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
        // "(0) 30" must not lose its bracket, and a date is none.
        let abroad = (shown.starts_with('+') && digits.len() >= 8) || (shown.starts_with("00") && digits.len() >= 10);
        let labelled = PHONE.contains(&label.as_str()) && digits.len() >= 6;
        let behind =
            run[text.trim_end().len()..].chars().next().is_none_or(|letter| !letter.is_alphanumeric() && letter != '@');
        let same = |known: &String| known.chars().filter(char::is_ascii_digit).eq(digits.chars());
        let refused = NO_PHONE.contains(&label.as_str());
        if (abroad || labelled)
            && !refused
            && behind
            && digits.len() <= 15
            && found.len() < 3
            && !found.iter().any(same)
        {
            found.push(shown.split_whitespace().collect::<Vec<_>>().join(" "));
        }
        rest = &rest[start_after(rest, start, length)..];
    }
}

fn start_after(rest: &str, start: usize, length: usize) -> usize {
    let mut at = (start + length).min(rest.len());
    while !rest.is_char_boundary(at) {
        at += 1;
    }
    at
}

fn words(text: &str) -> Vec<String> {
    text.split(|l: char| !l.is_alphanumeric() && l != '\'' && l != '’')
        .map(fold)
        .filter(|word| !word.is_empty())
        .collect()
}

/// Lower case, and without the marks that a keyboard or an address lacks.
fn fold(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            'å' | 'ä' | 'á' | 'à' | 'â' | 'ã' => out.push('a'),
            'æ' => out.push_str("ae"),
            'ø' | 'ö' | 'ó' | 'ò' | 'ô' => out.push('o'),
            'é' | 'è' | 'ë' | 'ê' => out.push('e'),
            'ü' | 'ú' | 'ù' | 'û' => out.push('u'),
            'í' | 'ì' | 'ï' | 'î' => out.push('i'),
            'ß' => out.push_str("ss"),
            'ñ' => out.push('n'),
            'ç' => out.push('c'),
            letter => out.push(letter),
        }
    }
    out
}
