use super::{Card, Cards, PassedOver, WhyNot, text_of};

/// People of a file of vCards, version 2.1 to 4.0.
pub fn from_vcard(bytes: &[u8]) -> Cards {
    let text = text_of(bytes);
    let mut found = Cards::default();
    let mut open: Option<(usize, Card)> = None;
    for (line, content) in lines(&text) {
        let Some((property, value)) = content.split_once(':') else { continue };
        let mut parts = property.split(';');
        // `item1.EMAIL`: a group says nothing that is kept.
        let name = parts.next().unwrap_or_default();
        let name = name.rsplit('.').next().unwrap_or_default().to_ascii_uppercase();
        let printable = parts.any(|one| one.to_ascii_uppercase().ends_with("QUOTED-PRINTABLE"));
        let value = if printable { unprintable(value) } else { value.to_owned() };
        match (name.as_str(), &mut open) {
            ("BEGIN", _) if value.trim().eq_ignore_ascii_case("vcard") => {
                if let Some((line, _)) = open.replace((line, Card::default())) {
                    found.passed_over.push(PassedOver { line, why: WhyNot::CutOff });
                }
            }
            ("END", Some(_)) => {
                if let Some((line, card)) = open.take() {
                    found.take(line, card);
                }
            }
            ("FN", Some((_, card))) => card.name = unescaped(&value),
            // Family, given, additional names: only where no whole name is said.
            ("N", Some((_, card))) if card.name.is_empty() => {
                let names = fields(&value);
                let name = |at: usize| names.get(at).map(String::as_str).unwrap_or_default();
                let whole = [name(1), name(2), name(0)];
                card.name = whole.into_iter().filter(|one| !one.is_empty()).collect::<Vec<_>>().join(" ");
            }
            ("TITLE", Some((_, card))) => card.title = unescaped(&value),
            ("ORG", Some((_, card))) => card.company = fields(&value).into_iter().next().unwrap_or_default(),
            ("EMAIL", Some((_, card))) => card.emails.push(unescaped(&value)),
            ("TEL", Some((_, card))) => {
                let number = unescaped(&value);
                card.phones.push(number.strip_prefix("tel:").unwrap_or(&number).to_owned());
            }
            _ => {}
        }
    }
    if let Some((line, _)) = open {
        found.passed_over.push(PassedOver { line, why: WhyNot::CutOff });
    }
    found
}

/// Version 3.0, which everything reads.
pub fn to_vcard(cards: &[Card]) -> String {
    let mut text = String::new();
    for card in cards {
        let (given, family) = card.name.rsplit_once(' ').unwrap_or(("", &card.name));
        let mut lines = vec![
            "BEGIN:VCARD".to_owned(),
            "VERSION:3.0".to_owned(),
            format!("FN:{}", escaped(&card.name)),
            format!("N:{};{};;;", escaped(family), escaped(given)),
        ];
        let mut add = |name: &str, value: &str| {
            if !value.is_empty() {
                lines.push(format!("{name}:{}", escaped(value)));
            }
        };
        add("ORG", &card.company);
        add("TITLE", &card.title);
        card.emails.iter().for_each(|email| add("EMAIL;TYPE=INTERNET", email));
        card.phones.iter().for_each(|phone| add("TEL", phone));
        lines.push("END:VCARD".to_owned());
        lines.iter().for_each(|line| fold(&mut text, line));
    }
    text
}

/// Unfolded (RFC 6350 section 3.2), with the line each begins in; soft line ends of version 2.1 too.
fn lines(text: &str) -> Vec<(usize, String)> {
    let mut all: Vec<(usize, String)> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let folded = line.strip_prefix([' ', '\t']);
        match (all.last_mut(), folded) {
            (Some((_, last)), Some(rest)) => last.push_str(rest),
            (Some((_, last)), None)
                if last.ends_with('=') && last.to_ascii_uppercase().contains("QUOTED-PRINTABLE") =>
            {
                last.pop();
                last.push_str(line);
            }
            _ => all.push((number + 1, line.to_owned())),
        }
    }
    all
}

/// Lines of at most 75 bytes, between letters.
fn fold(text: &mut String, line: &str) {
    let mut length = 0;
    for letter in line.chars() {
        if length + letter.len_utf8() > 75 {
            text.push_str("\r\n ");
            length = 1;
        }
        text.push(letter);
        length += letter.len_utf8();
    }
    text.push_str("\r\n");
}

fn escaped(value: &str) -> String {
    let value = value.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,");
    value.replace("\r\n", "\\n").replace(['\n', '\r'], "\\n")
}

fn unescaped(value: &str) -> String {
    fields(value).join(";")
}

/// The parts between semicolons, unescaped.
fn fields(value: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut letters = value.trim().chars();
    while let Some(letter) = letters.next() {
        let last = all.len() - 1;
        match letter {
            '\\' => match letters.next() {
                Some('n' | 'N') => all[last].push(' '),
                Some(other) => all[last].push(other),
                None => {}
            },
            ';' => all.push(String::new()),
            other => all[last].push(other),
        }
    }
    all.iter().map(|part| part.trim().to_owned()).collect()
}

/// Quoted-printable (RFC 2045 section 6.7) of UTF-8.
fn unprintable(value: &str) -> String {
    let bytes = value.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes.get(at + 1..at + 3).and_then(|two| std::str::from_utf8(two).ok());
        match hex.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) if bytes[at] == b'=' => {
                out.push(byte);
                at += 3;
            }
            _ => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
