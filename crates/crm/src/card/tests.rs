#![allow(clippy::unwrap_used)]
use super::*;

fn people() -> Vec<Card> {
    vec![
        Card {
            name: "Maja \"MJ\" Lindqvist".into(),
            title: "=HYPERLINK(\"http://evil.example\")".into(),
            emails: vec!["maja@fjordlys.example".into(), "maja@privat.example".into()],
            phones: vec!["+47 55 12 34 56".into()],
            company: "Fjordlys; Energi, AS".into(),
        },
        Card {
            name: "Åse".into(),
            emails: vec!["-ase@å.example".into()],
            company: "Brødrene Dahl med et svært langt navn som må brytes over flere linjer i kortet".into(),
            ..Card::default()
        },
    ]
}

#[test]
fn what_goes_out_comes_in_again() {
    assert_eq!(from_csv(to_csv(&people()).as_bytes()), Cards { cards: people(), passed_over: Vec::new() });
    let text = to_vcard(&people());
    assert!(text.lines().all(|line| line.len() <= 75), "{text}");
    assert_eq!(from_vcard(text.as_bytes()), Cards { cards: people(), passed_over: Vec::new() });
}

#[test]
fn a_spreadsheet_finds_no_formula() {
    let text = to_csv(&people());
    for line in text.trim_start_matches('\u{feff}').lines().skip(1) {
        for cell in line.split(',') {
            assert!(!cell.trim_start_matches('"').starts_with(['=', '+', '-', '@']), "{cell}");
        }
    }
    assert!(text.contains("\"'=HYPERLINK"));
}

#[test]
fn files_of_other_programs_are_read() {
    let outlook =
        b"First Name;Last Name;Company;Job Title;E-mail Address;E-mail 2 Address;E-mail Type;Mobile Phone\r\n\
        Bj\xf8rn;Berg;\"Berg; S\xf8nn\";CEO;bjorn@berg.example;b@privat.example;SMTP;+47 1\r\n\
        ;;;;;;;\r\n\
        Uten;Adresse;;;;;;\r\n\
        ;;;;alene@berg.example;;;\r\n";
    let found = from_csv(outlook);
    assert_eq!(found.cards.len(), 2);
    assert_eq!((found.cards[0].name.as_str(), found.cards[0].company.as_str()), ("Bjørn Berg", "Berg; Sønn"));
    assert_eq!(found.cards[0].emails, ["bjorn@berg.example", "b@privat.example"]);
    assert_eq!(found.cards[1].name, "alene@berg.example");
    assert_eq!(found.passed_over, [PassedOver { line: 4, why: WhyNot::NoEmail }]);
    assert_eq!(from_csv(b"a,b\r\n1,2").passed_over[0].why, WhyNot::NoColumns);
    assert_eq!(from_csv(b"").passed_over[0].why, WhyNot::NoColumns);

    let phone = "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:S=C3=B8rensen;Per;;;\n\
        item1.EMAIL;PREF;INTERNET:per@dahl.example\nTEL;VALUE=uri:tel:+45-1\nORG:Dahl\\, Holm;Salg\nEND:VCARD\n\
        BEGIN:VCARD\nFN:Uten slutt\nBEGIN:vcard\nFN:Ola\nEMAIL:ola@dahl.example\nEND:VCARD\nBEGIN:VCARD\nFN:X\n";
    let found = from_vcard(phone.as_bytes());
    assert_eq!(found.cards.len(), 2);
    assert_eq!((found.cards[0].name.as_str(), found.cards[0].company.as_str()), ("Per Sørensen", "Dahl, Holm"));
    assert_eq!(found.cards[0].phones, ["+45-1"]);
    let cut = |line| PassedOver { line, why: WhyNot::CutOff };
    assert_eq!(found.passed_over, [cut(8), cut(14)]);
}
