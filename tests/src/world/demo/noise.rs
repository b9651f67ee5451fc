//! What else a mailbox gets: newsletters, notices from machines, colleagues, strangers and junk.

use super::cast::{COLLEAGUES, STRANGERS};
use super::mime::{File, Letter, Who};
use super::texts::language;
use super::{Desk, files, story, workday};

/// Sender, address, titles in turn.
const NEWSLETTERS: [(&str, &str, [&str; 3]); 5] = [
    (
        "Sensor Weekly",
        "news@sensorweekly.example",
        ["Ten years of LoRa", "What a drifting probe costs", "Interview: the ferry that measures itself"],
    ),
    (
        "Energi i Nord",
        "nyhetsbrev@energiinord.example",
        ["Kraftprisene denne uken", "Ny kabel over fjorden", "Konferansen i Tromsø: programmet"],
    ),
    (
        "Logistiek Vandaag",
        "nieuwsbrief@logistiekvandaag.example",
        ["Krapte op de kade", "Elektrische trucks: de cijfers", "Beurs in Utrecht"],
    ),
    (
        "Industrie Brief",
        "brief@industriebrief.example",
        ["Lieferketten im Winter", "Fünf Normen, die bleiben", "Messe Hannover: früh buchen"],
    ),
    (
        "Möten & Mässor",
        "info@motenmassor.example",
        ["Höstens mässor", "Boka monter före jul", "Så gör du ett gott första intryck"],
    ),
];

/// Sender, address, subject and text, with `{n}` a running number.
const MACHINES: [(&str, &str, &str, &str); 5] = [
    (
        "Nordvik Orders",
        "orders@nordvik.example",
        "Order {n} confirmed",
        "Order {n} has been confirmed and will be packed within two days.",
    ),
    (
        "Fjord Cargo",
        "noreply@fjordcargo.example",
        "Your parcel {n} is on its way",
        "Parcel {n} left our terminal in Bergen and arrives in two working days.",
    ),
    (
        "Nordvik IT",
        "it@nordvik.example",
        "Backup report {n}",
        "All volumes were saved. Errors: 0. Duration: 41 minutes.",
    ),
    (
        "Reise Bergen",
        "reise@reisebergen.example",
        "Reiserute {n}",
        "Billetten din er bestilt. Reiserute {n} ligger i appen.",
    ),
    ("Teams", "noreply@teams.example", "You have {n} unread messages", "There is activity in the channel Sales North."),
];

const INTERNAL: [(&str, &str); 8] = [
    (
        "Numbers for October",
        "The numbers are in the usual place. We are two per cent ahead of plan; well done, everyone.",
    ),
    ("Who takes the stand on Friday?", "I can do the morning. Can one of you take over from one o'clock?"),
    ("New price list", "The price list for 2027 is attached. Please do not send it out before the first of December."),
    ("Fredagskake", "Det er kake på kjøkkenet fra klokka to. Oskar fyller førti!"),
    ("Car pool on Monday", "The grey one is at the garage until noon. Please take the train if you can."),
    ("Question from Hansa", "Tor rang meg om kaia i Stavanger. Kan du ta det? Jeg er på reise til torsdag."),
    ("Holiday plan", "Please enter your days between Christmas and New Year before Friday."),
    ("Demo kit is back", "The demo kit is back from Aarhus, complete this time. It is in the cupboard by the printer."),
];

const JUNK: [(&str, &str); 5] = [
    ("You have won a voucher", "Click below to claim your voucher. This offer ends tonight."),
    ("Cheap toner for your office", "Toner at half the price. Reply STOP to leave the list."),
    ("Invoice overdue – final notice", "Your account will be closed. Open the attached file to pay."),
    ("Grow your leads 10x", "Our tool finds ten thousand leads a day. Book a demo now."),
    ("Verify your mailbox", "Your mailbox is full. Sign in here to keep your messages."),
];

pub(super) fn add(desk: &mut Desk) {
    let spread = |desk: &mut Desk, at: usize, of: usize| {
        let days = 1 + (at * 58 / of) as i64;
        workday(desk.now, days, &mut desk.dice)
    };
    for issue in 0..8 {
        for paper in 0..NEWSLETTERS.len() {
            newsletter(desk, paper, issue);
        }
    }
    for at in 0..40_usize {
        let (name, email, subject, text) = MACHINES[at % MACHINES.len()];
        let number = (20_140 + at * 3).to_string();
        let letter = plain(
            desk,
            Who::new(name, email),
            &subject.replace("{n}", &number),
            &text.replace("{n}", &number),
            at,
            40,
            spread,
        );
        desk.read(letter, "INBOX");
    }
    for at in 0..24_usize {
        let (subject, text) = INTERNAL[at % INTERNAL.len()];
        let (name, email) = COLLEAGUES[at % COLLEAGUES.len()];
        let mut letter = plain(
            desk,
            Who::new(name, email),
            subject,
            &format!("{text}\n\n{}", name.split(' ').next().unwrap_or(name)),
            at,
            24,
            spread,
        );
        letter.cc =
            COLLEAGUES.iter().filter(|other| other.1 != email).map(|other| Who::new(other.0, other.1)).collect();
        if subject == "New price list" {
            let rows = [vec!["Item".to_owned(), "Price".into()], vec!["Flow sensor".into(), "2450".into()]];
            letter.files.push(File {
                name: "Prices 2027.xlsx".into(),
                mime: story::XLSX,
                bytes: files::xlsx(&rows),
                content_id: None,
            });
        }
        desk.read(letter, "INBOX");
    }
    for at in 0..16_usize {
        let (name, email, code) = STRANGERS[at % STRANGERS.len()];
        let words = language(code);
        let product = words.products[at % words.products.len()];
        let filled = |text: &str| text.replace("{product}", product).replace("{count}", &(5 + at).to_string());
        let text = format!("{},\n\n{}\n\n{}\n{name}", words.hello, filled(words.introduction.1), words.regards);
        // The first of the list writes today, in the story.
        let who = if at == 0 { Who::new("Mats Ek", "mats.ek@skargard.example") } else { Who::new(name, email) };
        let letter = plain(desk, who, &filled(words.introduction.0), &text, at, 16, spread);
        if at < 2 {
            desk.unread(letter);
        } else {
            desk.read(letter, "INBOX");
        }
    }
    for at in 0..10_usize {
        let (subject, text) = JUNK[at % JUNK.len()];
        let letter = plain(desk, Who::new("Best Offers", "win@bulk-offers.example"), subject, text, at, 10, spread);
        desk.add(letter, "Junk", at > 3);
    }
}

fn plain(
    desk: &mut Desk,
    from: Who,
    subject: &str,
    text: &str,
    at: usize,
    of: usize,
    spread: impl Fn(&mut Desk, usize, usize) -> i64,
) -> Letter {
    let date = spread(desk, at, of);
    Letter {
        from: Some(from),
        to: vec![desk.ingrid.clone()],
        subject: subject.into(),
        date,
        text: text.into(),
        ..Letter::default()
    }
}

/// A newsletter as the tools for them write it: tables, remote pictures, a pixel that reports the opening.
fn newsletter(desk: &mut Desk, paper: usize, issue: usize) {
    let (name, email, titles) = NEWSLETTERS[paper];
    let title = titles[(issue + paper) % titles.len()];
    let date = workday(desk.now, 2 + issue as i64 * 7 + paper as i64, &mut desk.dice);
    let base = &desk.images;
    let pictures: String = (0..3)
        .map(|picture| format!("<tr><td style=\"padding:12px 24px\"><img src=\"{base}/news/{paper}/{issue}/{picture}.png\" width=\"320\" height=\"200\" alt=\"{title}\"></td><td style=\"padding:12px 24px;font:14px Arial\"><b>{title}</b><br>Read the whole story on our site.<br><a href=\"https://www.{}/{issue}/{picture}\">Read on</a></td></tr>", email.split('@').nth(1).unwrap_or_default()))
        .collect();
    let html = format!(
        "<html><head><style>.head{{background:#0d6a63;color:#fff}} a{{color:#0d6a63}}</style></head><body style=\"margin:0;background:#f4f3ef\"><table width=\"600\" align=\"center\" cellspacing=\"0\" style=\"background:#ffffff\"><tr class=\"head\"><td colspan=\"2\" style=\"padding:24px;font:bold 22px Georgia\">{name} · {}</td></tr>{pictures}<tr><td><img src=\"cid:logo\" width=\"60\" height=\"40\" alt=\"{name}\"></td><td style=\"font:11px Arial;color:#777777\">You get this because you asked for it. <a href=\"{base}/leave\">Leave</a></td></tr></table><img src=\"{base}/pixel?reader=ingrid&amp;issue={issue}\" width=\"1\" height=\"1\"></body></html>",
        issue + 31
    );
    let letter = Letter {
        from: Some(Who::new(name, email)),
        to: vec![desk.ingrid.clone()],
        subject: format!("{name}: {title}"),
        date,
        text: format!("{title}\n\nThis newsletter is best read as HTML."),
        html: Some(html),
        files: vec![File {
            name: "logo.png".into(),
            mime: story::PNG,
            bytes: files::png(60, 40),
            content_id: Some("logo".into()),
        }],
        extra: vec![
            ("List-Unsubscribe", format!("<{base}/leave>")),
            ("List-Id", format!("<{}>", email.replace('@', "."))),
        ],
        ..Letter::default()
    };
    if issue == 0 && paper.is_multiple_of(2) {
        desk.unread(letter);
    } else {
        desk.read(letter, "INBOX");
    }
}
