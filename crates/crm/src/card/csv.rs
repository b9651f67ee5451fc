use super::{Card, Cards, PassedOver, WhyNot, text_of};

/// What a column holds, by the words of its head in six languages and in the exports of Outlook and Google.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Name,
    First,
    Last,
    Title,
    Email,
    Phone,
    Company,
}

fn column(head: &str) -> Option<Column> {
    let head = head.trim().to_lowercase();
    // `E-mail 2 Address`, `E-mail 1 - Value`: numbers say nothing, types are no addresses.
    if ["type", "label", "display name", "typ"].iter().any(|word| head.ends_with(word)) {
        return None;
    }
    let is = |words: &[&str]| words.contains(&head.as_str());
    let has = |words: &[&str]| words.iter().any(|word| head.contains(word));
    if is(&["name", "full name", "navn", "namn", "naam", "fullt navn", "fullständigt namn", "fulde navn"]) {
        Some(Column::Name)
    } else if is(&["first name", "given name", "fornavn", "förnamn", "vorname", "voornaam"]) {
        Some(Column::First)
    } else if is(&[
        "last name",
        "family name",
        "surname",
        "etternavn",
        "efternamn",
        "efternavn",
        "nachname",
        "achternaam",
    ]) {
        Some(Column::Last)
    } else if has(&["e-mail", "email", "e-post", "epost"]) {
        Some(Column::Email)
    } else if has(&["phone", "telefon", "mobil", "telefoon", "handy"]) {
        Some(Column::Phone)
    } else if has(&["company", "organization", "firma", "företag", "bedrijf", "unternehmen", "selskap"])
        && !has(&["title", "department"])
    {
        Some(Column::Company)
    } else if has(&["title", "titel", "tittel", "stilling", "functie", "befattning"]) {
        Some(Column::Title)
    } else {
        None
    }
}

/// People of a CSV with a head line, separated by comma, semicolon or tab.
pub fn from_csv(bytes: &[u8]) -> Cards {
    let text = text_of(bytes);
    let mut rows = rows(&text, separator(&text)).into_iter();
    let mut found = Cards::default();
    let columns: Vec<_> =
        rows.next().map(|(_, cells)| cells.iter().map(|head| column(head)).collect()).unwrap_or_default();
    if !columns.contains(&Some(Column::Email)) {
        found.passed_over.push(PassedOver { line: 1, why: WhyNot::NoColumns });
        return found;
    }
    for (line, cells) in rows {
        let mut card = Card::default();
        let (mut first, mut last) = (String::new(), String::new());
        for (cell, column) in cells.iter().zip(&columns) {
            let cell = plain(cell);
            let (Some(column), false) = (column, cell.is_empty()) else { continue };
            match column {
                Column::Name => card.name = cell,
                Column::First => first = cell,
                Column::Last => last = cell,
                Column::Title => card.title = cell,
                Column::Company => card.company = cell,
                // Google writes several into one cell.
                Column::Email => card.emails.extend(cell.split(" ::: ").map(|one| one.trim().to_owned())),
                Column::Phone => card.phones.extend(cell.split(" ::: ").map(|one| one.trim().to_owned())),
            }
        }
        if card.name.is_empty() {
            card.name = format!("{first} {last}").trim().to_owned();
        }
        if card != Card::default() {
            found.take(line, card);
        }
    }
    found
}

/// With as many columns of addresses and phones as the most of one person.
pub fn to_csv(cards: &[Card]) -> String {
    let most = |count: fn(&Card) -> usize| cards.iter().map(count).max().unwrap_or(0).max(1);
    let (emails, phones) = (most(|card| card.emails.len()), most(|card| card.phones.len()));
    let mut head = vec!["Name".to_owned(), "Title".to_owned(), "Company".to_owned()];
    head.extend((1..=emails).map(|number| format!("E-mail {number}")));
    head.extend((1..=phones).map(|number| format!("Phone {number}")));
    let mut text = String::from("\u{feff}");
    let mut write = |cells: &[&str]| {
        text.push_str(&cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(","));
        text.push_str("\r\n");
    };
    write(&head.iter().map(String::as_str).collect::<Vec<_>>());
    for card in cards {
        let mut cells: Vec<&str> = vec![&card.name, &card.title, &card.company];
        cells.extend((0..emails).map(|at| card.emails.get(at).map_or("", String::as_str)));
        cells.extend((0..phones).map(|at| card.phones.get(at).map_or("", String::as_str)));
        write(&cells);
    }
    text
}

/// A cell that a spreadsheet would take for a formula goes out behind an apostrophe, and comes in without it.
const FORMULA: &[char] = &['=', '+', '-', '@', '\t', '\r'];

fn quoted(cell: &str) -> String {
    let mark = if cell.starts_with(FORMULA) { "'" } else { "" };
    if mark.is_empty() && !cell.contains([',', ';', '"', '\n', '\r', '\t']) {
        return cell.to_owned();
    }
    format!("\"{mark}{}\"", cell.replace('"', "\"\""))
}

fn plain(cell: &str) -> String {
    let cell = cell.trim();
    cell.strip_prefix('\'').filter(|rest| rest.starts_with(FORMULA)).unwrap_or(cell).trim().to_owned()
}

/// The one that stands most often in the first line, outside of quotes.
fn separator(text: &str) -> char {
    let mut quoted = false;
    let mut counts = [(',', 0), (';', 0), ('\t', 0)];
    for letter in text.chars() {
        match letter {
            '"' => quoted = !quoted,
            '\n' if !quoted => break,
            _ if !quoted => counts.iter_mut().filter(|(one, _)| *one == letter).for_each(|(_, count)| *count += 1),
            _ => {}
        }
    }
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(',', |(one, _)| *one)
}

/// Rows with the line each begins in. A quote that never ends ends with the file.
fn rows(text: &str, separator: char) -> Vec<(usize, Vec<String>)> {
    let mut rows = Vec::new();
    let (mut row, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    let (mut line, mut began) = (1, 1);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        line += usize::from(letter == '\n');
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' if quoted || cell.is_empty() => quoted = !quoted,
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push((began, std::mem::take(&mut row)));
                began = line;
            }
            '\r' if !quoted && letters.peek() == Some(&'\n') => {}
            _ if letter == separator && !quoted => row.push(std::mem::take(&mut cell)),
            _ => cell.push(letter),
        }
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        rows.push((began, row));
    }
    rows
}
