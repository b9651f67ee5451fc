//! Sixty days of conversations with customers, in their languages.

use super::cast::PEOPLE;
use super::mime::{File, Letter, date};
use super::texts::{Language, language};
use super::{Desk, files, story, workday};

/// Each person of the CRM speaks of several things; the older talks are done with and lie in Archive.
pub(super) fn add(desk: &mut Desk) {
    for round in 0..4_usize {
        for (at, person) in PEOPLE.iter().enumerate() {
            let words = language(person.language);
            let topic = (at * 5 + round * 7 + at / 6) % words.topics.len();
            let days = 3 + ((at * 13 + round * 15) % 56) as i64;
            talk(desk, at, words, topic, days);
        }
    }
}

fn talk(desk: &mut Desk, person: usize, words: &Language, topic: usize, days: i64) {
    let (person, topic) = (&PEOPLE[person], &words.topics[topic]);
    let product = words.products[desk.dice.roll(words.products.len())];
    let (week, count) = ((44 + desk.dice.roll(9)).to_string(), (4 + desk.dice.roll(40)).to_string());
    let filled = |text: &str| text.replace("{product}", product).replace("{week}", &week).replace("{count}", &count);
    let letter = |text: &str, to: &str, name: &str| {
        format!("{} {to},\n\n{}\n\n{}\n{name}", words.hello, filled(text), words.regards)
    };
    let subject = filled(topic.subject);
    let (ingrid, customer) = (desk.ingrid.clone(), person.who());
    // What is older than a month and answered has left the inbox.
    let folder = if days > 30 && desk.dice.roll(3) > 0 { "Archive" } else { "INBOX" };

    let asked = workday(desk.now, days, &mut desk.dice);
    let ask = letter(topic.ask, "Ingrid", &format!("{}\n{} · {}", person.name, person.title, person.phone));
    let mut first = Letter {
        from: Some(customer.clone()),
        to: vec![ingrid.clone()],
        subject: subject.clone(),
        date: asked,
        text: ask.clone(),
        ..Letter::default()
    };
    match desk.dice.roll(8) {
        0 => first.files.push(picture("IMG_2041.png")),
        1 => first.files.push(workbook(product, &count)),
        _ => {}
    }
    if desk.dice.roll(6) == 0 {
        desk.flag_next();
    }
    let unanswered = days < 8 && desk.dice.roll(3) == 0;
    if unanswered {
        desk.unread(first);
        return;
    }
    let first = desk.read(first, folder);

    let quote = |text: &str, when: i64, name: &str| {
        let lines: Vec<String> = text.lines().map(|line| format!("> {line}")).collect();
        format!("\n\n{}\n{}\n", words.wrote.replace("{date}", &date(when)).replace("{name}", name), lines.join("\n"))
    };
    let answered = asked + 1800 + desk.dice.roll(20_000) as i64;
    let answer = letter(topic.answer, customer.first(), "Ingrid Hauge\nNordvik AS · +47 988 01 440");
    let mut second = Letter {
        to: vec![customer.clone()],
        subject: format!("Re: {subject}"),
        date: answered,
        before: vec![first.clone()],
        text: format!("{answer}{}", quote(&ask, asked, person.name)),
        ..Letter::default()
    };
    if topic.subject.contains("{count} {product}") {
        second.files.push(offer(&subject, product, &count));
    }
    let second = desk.sent(second);

    if desk.dice.roll(4) > 0 {
        let closed = answered + 3600 + desk.dice.roll(50_000) as i64;
        let close = letter(topic.close, "Ingrid", person.name);
        desk.read(
            Letter {
                from: Some(customer),
                to: vec![ingrid],
                subject: format!("Re: {subject}"),
                date: closed,
                before: vec![first, second],
                text: format!("{close}{}", quote(&answer, answered, "Ingrid Hauge")),
                ..Letter::default()
            },
            folder,
        );
    }
}

fn picture(name: &str) -> File {
    File { name: name.into(), mime: story::PNG, bytes: files::png(240, 160), content_id: None }
}

fn workbook(product: &str, count: &str) -> File {
    let rows = [vec![product.to_owned(), count.to_owned()], vec!["Total".into(), count.to_owned()]];
    File { name: format!("{product}.xlsx"), mime: story::XLSX, bytes: files::xlsx(&rows), content_id: None }
}

fn offer(title: &str, product: &str, count: &str) -> File {
    let lines = [format!("{count} x {product}"), "Nordvik AS, Bergen".to_owned()];
    File {
        name: "Nordvik-2027.pdf".into(),
        mime: story::PDF,
        bytes: files::pdf(title, &lines, 120, 60),
        content_id: None,
    }
}
