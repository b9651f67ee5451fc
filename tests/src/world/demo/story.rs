//! The newest mails, written by hand: what one sees when the demo opens.

use super::Desk;
use super::cast::{COLLEAGUES, person};
use super::files;
use super::mime::{File, Letter, Who, date};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

fn file(name: &str, mime: &'static str, bytes: Vec<u8>) -> File {
    File { name: name.into(), mime, bytes, content_id: None }
}

pub(super) const PDF: &str = "application/pdf";
pub(super) const PNG: &str = "image/png";
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Adds the story, up to `desk.now`.
pub(super) fn tell(desk: &mut Desk) {
    renewal(desk);
    let (now, ingrid) = (desk.now, desk.ingrid.clone());
    let letter = |from: Who, subject: &str, ago: i64, text: &str| Letter {
        from: Some(from),
        to: vec![ingrid.clone()],
        subject: subject.into(),
        date: now - ago,
        text: text.into(),
        ..Letter::default()
    };

    desk.unread(letter(
        person("tor").who(),
        "Delivery date for the Stavanger site",
        45 * MINUTE,
        "Hei Ingrid,\n\ncan you confirm week 49? Our crew is there from Monday to Thursday, and the crane is booked for Tuesday only.\n\nIf week 49 is not possible, I need to know today.\n\nTor Brekke\nFleet Manager, Hansa Shipping AS\n+47 911 52 006",
    ));
    desk.unread(letter(
        Who::new("Katarina Sjöberg", "katarina.sjoberg@skargard.example"),
        "Introduction – procurement at Skärgård AB",
        63 * MINUTE,
        "Hello Ingrid,\n\nI got your name from Anders. We are looking at suppliers for sensors on our forty ferries in the archipelago, and your work with Hansa Shipping was mentioned twice.\n\nCould we talk next week? Tuesday or Wednesday after lunch would suit me.\n\nVänliga hälsningar\nKatarina Sjöberg\nInköpschef, Skärgård AB\n+46 70 555 01 80",
    ));
    let mut frame = letter(
        person("per").who(),
        "Frame agreement, signed copy",
        100 * MINUTE,
        "Hei Ingrid,\n\nSigned and attached. Looking forward to it!\n\nThe price list for next year is in the spreadsheet, as we agreed.\n\nHilsen Per",
    );
    let terms = [
        "Between Nordvik AS and Brødrene Dahl AS.",
        "Valid from 1 January 2027 for two years.",
        "Signed in Trondheim.",
    ];
    frame.files = vec![
        file("Rammeavtale 2027 – signert.pdf", PDF, files::pdf("Rammeavtale 2027", &terms.map(String::from), 240, 150)),
        file("Prisliste 2027.xlsx", XLSX, files::xlsx(&prices())),
    ];
    desk.read(frame, "INBOX");

    let mut minutes = letter(
        person("elin").who(),
        "Minutes from the workshop",
        DAY + 2 * HOUR,
        "Hi both,\n\nminutes below. Action points:\n\n1) Ingrid sends the plan for the first ten buses by Friday.\n2) Oskar checks the antennas on the older models.\n3) We decide on the depots at the next meeting.\n\nThe sketch of the depot is attached.\n\nElin Moe\nProsjektleder, Kystbuss AS",
    );
    minutes.cc = vec![Who::new(COLLEAGUES[2].0, COLLEAGUES[2].1)];
    minutes.files = vec![file("Depot Ålesund.png", PNG, files::png(320, 200))];
    desk.read(minutes, "INBOX");

    desk.read(
        letter(
            person("joost").who(),
            "Prijsopgave Q1",
            DAY + 5 * HOUR,
            "Dag Ingrid,\n\nDank je wel, ziet er goed uit. Ik kom er maandag op terug, na overleg met onze directie.\n\nEén vraag nog: geldt de korting ook voor de draadloze modules?\n\nMet vriendelijke groet,\nJoost de Vries\nVan Houten Logistiek BV",
        ),
        "INBOX",
    );
    desk.read(
        letter(
            Who::new(COLLEAGUES[0].0, COLLEAGUES[0].1),
            "Lunch on Wednesday?",
            DAY + 6 * HOUR,
            "I will be in Bergen all day. Usual place at 11:30?\n\nAnders",
        ),
        "INBOX",
    );
    invitation(desk);
    malformed(desk);
    drafts(desk);
}

/// Maja's two questions about the offer, and what came before.
fn renewal(desk: &mut Desk) {
    let (now, ingrid, maja) = (desk.now, desk.ingrid.clone(), person("maja").who());
    let per = Who::new("Sindre Aas", person("sindre").email);
    let offered = now - 2 * DAY - 5 * HOUR;
    let lines = [
        "Two years from 1 January 2027.",
        "Ninety sensors, service included.",
        "NOK 420 000 a year.",
        "Valid until 15 December.",
    ];
    let asked = desk.read(
        Letter {
            from: Some(maja.clone()),
            to: vec![ingrid.clone()],
            subject: "Offer for the renewal".into(),
            date: offered - 6 * HOUR,
            text: "Hi Ingrid,\n\nas discussed on the phone: could we have the offer for the renewal before the weekend? Two years, the same number of sensors.\n\nBest regards,\nMaja".into(),
            ..Letter::default()
        },
        "INBOX",
    );
    let offer = desk.sent(Letter {
        to: vec![maja.clone()],
        subject: "Re: Offer for the renewal".into(),
        date: offered,
        before: vec![asked.clone()],
        text: "Hi Maja,\n\nhere is the offer as discussed. Prices are held until 15 December, and the first delivery is in week 2.\n\nCall me if anything is unclear.\n\nBest regards,\nIngrid Hauge\nNordvik AS · +47 988 01 440".into(),
        files: vec![file("Offer-2027.pdf", PDF, files::pdf("Offer: Renewal 2027", &lines.map(String::from), 240, 160))],
        ..Letter::default()
    });
    let comments = ["Page 1: three years instead of two?", "Page 2: is onboarding in Stavanger included?"];
    let base = desk.images.clone();
    let quoted = date(offered);
    desk.flag_next();
    desk.read(
        Letter {
            from: Some(maja.clone()),
            to: vec![ingrid],
            cc: vec![per],
            subject: "Re: Offer for the renewal – two questions".into(),
            date: now - 18 * MINUTE,
            before: vec![asked, offer],
            text: format!("Hi Ingrid,\n\nThanks for the quick turnaround. The board meets on Thursday, so I would like to close two things before that:\n\n1. Can the price hold if we sign for three years instead of two?\n2. Is the onboarding in Stavanger included, or is it billed by the hour?\n\nIf you can send an updated PDF by Wednesday noon, I will put it on the agenda.\n\nBest regards,\nMaja Lindqvist\nHead of Procurement · Fjordlys Energi AS · +47 902 11 734\n\nOn {quoted}, Ingrid Hauge wrote:\n> Hi Maja,\n>\n> here is the offer as discussed. Prices are held until 15 December.\n"),
            html: Some(format!("<html><body style=\"font-family:Calibri,sans-serif\"><p>Hi Ingrid,</p><p>Thanks for the quick turnaround. The board meets on Thursday, so I would like to close two things before that:</p><p>1. Can the price hold if we sign for three years instead of two?<br>2. Is the onboarding in Stavanger included, or is it billed by the hour?</p><p>If you can send an updated PDF by Wednesday noon, I will put it on the agenda.</p><p>Best regards,<br>Maja Lindqvist<br><span style=\"color:#5d594f\">Head of Procurement · Fjordlys Energi AS · +47 902 11 734</span></p><p><img src=\"{base}/fjordlys/logo.png\" width=\"160\" height=\"100\" alt=\"Fjordlys Energi\"> <img src=\"{base}/fjordlys/award.png\" width=\"80\" height=\"50\" alt=\"\"></p><img src=\"{base}/open?id=4711\" width=\"1\" height=\"1\" alt=\"\"><blockquote style=\"border-left:2px solid #ccc;padding-left:8px\"><p>On {quoted}, Ingrid Hauge wrote:</p><p>Hi Maja,</p><p>here is the offer as discussed. Prices are held until 15 December.</p></blockquote></body></html>")),
            files: vec![file("Offer-2027-comments.pdf", PDF, files::pdf("Offer: Renewal 2027, with comments", &comments.map(String::from), 314, 200))],
            ..Letter::default()
        },
        "INBOX",
    );
}

fn prices() -> Vec<Vec<String>> {
    let mut rows = vec![["Vare", "Antall", "Pris"].map(String::from).to_vec()];
    for (item, count, price) in
        [("Strømningsmåler", 40, 2450), ("Trådløs node", 40, 1180), ("Kalibreringssett", 4, 6900)]
    {
        rows.push(vec![item.into(), count.to_string(), price.to_string()]);
    }
    rows
}

/// A meeting as Outlook and Google send it (RFC 6047).
fn invitation(desk: &mut Desk) {
    let elin = person("elin").who();
    let stamp =
        |seconds: i64| jiff::Timestamp::from_second(seconds).unwrap_or_default().strftime("%Y%m%dT%H%M%SZ").to_string();
    let begins = (desk.now / DAY + 4) * DAY + 9 * HOUR;
    let calendar = format!(
        "BEGIN:VCALENDAR\r\nPRODID:-//Kystbuss//Calendar//EN\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:fleet-rollout-2@kystbuss.example\r\nDTSTAMP:{}\r\nDTSTART:{}\r\nDTEND:{}\r\nSUMMARY:Fleet rollout: the depots\r\nLOCATION:Teams\r\nORGANIZER;CN=Elin Moe:mailto:{}\r\nATTENDEE;CN=Ingrid Hauge;RSVP=TRUE;PARTSTAT=NEEDS-ACTION:mailto:{}\r\nSEQUENCE:0\r\nSTATUS:CONFIRMED\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        stamp(desk.now - 3 * HOUR),
        stamp(begins),
        stamp(begins + HOUR),
        elin.email,
        desk.ingrid.email,
    );
    let letter = Letter {
        from: Some(elin),
        to: vec![desk.ingrid.clone()],
        subject: "Invitation: Fleet rollout: the depots".into(),
        date: desk.now - 3 * HOUR,
        text: "Elin Moe invites you to: Fleet rollout: the depots\nTeams\n".into(),
        invitation: Some(calendar),
        ..Letter::default()
    };
    desk.unread(letter);
}

/// A mail that no parser can make sense of: no headers that hold, a boundary that never comes, stray bytes.
fn malformed(desk: &mut Desk) {
    let mut raw =
        b"From <<\x00\xff\xfe broken@@\r\nSubject =?utf-8?Q?=ZZ\r\nContent-Type: multipart/mixed; boundary=\r\n"
            .to_vec();
    raw.extend((0..400_u32).map(|at| (at * 37 % 251) as u8));
    desk.raw(raw, desk.now - 2 * DAY - HOUR);
}

fn drafts(desk: &mut Desk) {
    let to = [person("tor").who(), person("juergen").who()];
    let texts = [
        ("Re: Delivery date for the Stavanger site", "Hei Tor,\n\nweek 49 is"),
        ("Wartungsvertrag 2027", "Guten Tag Herr Weiß,\n\nwie besprochen"),
    ];
    for (at, (who, (subject, text))) in to.into_iter().zip(texts).enumerate() {
        let letter = Letter {
            from: Some(desk.ingrid.clone()),
            to: vec![who],
            subject: subject.into(),
            date: desk.now - HOUR * (at as i64 * 30 + 1) / 2,
            text: text.into(),
            ..Letter::default()
        };
        desk.read(letter, "Drafts");
    }
}
