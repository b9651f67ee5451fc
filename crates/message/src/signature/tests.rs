#![allow(clippy::unwrap_used)]
use super::*;

fn read(text: &str, name: &str, email: &str) -> (String, String, Vec<String>, String) {
    let found = signature(text, &Address::new(name, email));
    (found.name, found.title, found.phones, found.company)
}

fn says(name: &str, title: &str, phones: &[&str], company: &str) -> (String, String, Vec<String>, String) {
    (name.into(), title.into(), phones.iter().map(|&one| one.into()).collect(), company.into())
}

#[test]
fn signatures_of_six_languages_are_read() {
    for (text, name, email, expected) in [
        (
            "Thanks, see you Monday.\n\nKind regards,\n\nEmma Clarke\nHead of Procurement\nBrightwater Logistics Ltd\n\
             T: +44 20 7946 0958 | M: +44 7700 900123\nwww.brightwater.example",
            "Emma Clarke",
            "emma.clarke@brightwater.example",
            says(
                "Emma Clarke",
                "Head of Procurement",
                &["+44 20 7946 0958", "+44 7700 900123"],
                "Brightwater Logistics Ltd",
            ),
        ),
        (
            "Sounds good.\n-- \nTom O'Neill, Senior Engineer\nOneill Works\nPhone (0117) 496 0123\nFax 0117 496 0199",
            "Tom O'Neill",
            "tom@oneillworks.example",
            says("Tom O'Neill", "Senior Engineer", &["(0117) 496 0123"], "Oneill Works"),
        ),
        (
            "Hei,\nvi tar det fra Bergen.\n\nMed vennlig hilsen\nMaja Lindqvist\nInnkjøpssjef\n\nFjordlys Energi AS\n\
             Strandgaten 12, 5013 Bergen\nTlf. 55 12 34 56 / Mob. 971 23 456\nOrg.nr. 912 345 678 MVA",
            "Lindqvist, Maja",
            "maja.lindqvist@fjordlys.no",
            says("Maja Lindqvist", "Innkjøpssjef", &["55 12 34 56", "971 23 456"], "Fjordlys Energi AS"),
        ),
        (
            "Mvh\nPål Aas\nDaglig leder | Aas Rør AS | +47 912 34 567\n\n> Fra: Kari\n> tlf 99 99 99 99",
            "pal@aasror.no",
            "pal.aas@aasror.no",
            says("Pål Aas", "Daglig leder", &["+47 912 34 567"], "Aas Rør AS"),
        ),
        (
            "Hej!\n\nMed vänliga hälsningar\n\nKatarina Sjöberg\nEkonomiansvarig\n\nSkärgård AB\nVäxel: 08-123 456 00\n\
             Mobil: 070-123 45 67",
            "Katarina Sjöberg",
            "katarina@skargard.example",
            says("Katarina Sjöberg", "Ekonomiansvarig", &["08-123 456 00", "070-123 45 67"], "Skärgård AB"),
        ),
        (
            "Venlig hilsen\n\n*Søren Møller*\nSalgschef, Nordhavn Maskiner A/S\nDirekte: 33 12 34 56\nCVR 12345678",
            "Søren Møller",
            "sm@nordhavn.example",
            says("Søren Møller", "Salgschef", &["33 12 34 56"], "Nordhavn Maskiner A/S"),
        ),
        (
            "Mit freundlichen Grüßen\n\ni. A. Jürgen Weiß\nLeiter Einkauf\n\nHansa Logistik GmbH & Co. KG\nHafenstraße 7\n\
             20457 Hamburg\nTelefon +49 (0)40 123456-78\nTelefax +49 (0)40 123456-79\nGeschäftsführer: Hans Meier\n\
             HRB 123456",
            "Jürgen Weiß",
            "j.weiss@hansa-logistik.de",
            says("i. A. Jürgen Weiß", "Leiter Einkauf", &["+49 (0)40 123456-78"], "Hansa Logistik GmbH & Co. KG"),
        ),
        (
            "Viele Grüße\nAnna Schmidt\n\n-----Ursprüngliche Nachricht-----\nVon: Petra Ott\nGeschäftsführerin\nTel. +49 30 111111",
            "Anna Schmidt",
            "a.schmidt@werk.example",
            says("Anna Schmidt", "", &[], ""),
        ),
        (
            "Met vriendelijke groet,\n\nJan de Vries\nAccountmanager\nDe Vries Techniek B.V.\nT 030 123 45 67\nKvK 12345678",
            "Jan de Vries",
            "jan@devriestechniek.nl",
            says("Jan de Vries", "Accountmanager", &["030 123 45 67"], "De Vries Techniek B.V."),
        ),
    ] {
        assert_eq!(read(text, name, email), expected, "{text}");
    }
}

#[test]
fn what_is_not_sure_is_left_out() {
    for (text, name, email) in [
        ("Please call our director Bob Stone at once.\n\nThanks", "Emma Clarke", "emma@x.example"),
        (
            "The meeting with Acme Ltd is at 10.30 on 2026-12-24.\nInvoice 12345678 is due.",
            "Emma Clarke",
            "emma@x.example",
        ),
        ("Regards\nThe whole team at Acme Ltd\n+47 55 00 00 00", "Acme", "info@acme.example"),
        ("", "Emma Clarke", "emma@x.example"),
        ("On Monday Emma Clarke wrote:\n> Emma Clarke\n> CEO\n> +47 55 00 00 00", "Emma Clarke", "emma@x.example"),
    ] {
        assert_eq!(signature(text, &Address::new(name, email)), Signature::default(), "{text}");
    }
    // Their name, and nothing else that would be theirs.
    let bare = read(
        "Emma Clarke\n\nThis mail is confidential. As a manager you know.\nOrder 2026-55 of 24.12.2026, ref 99887766",
        "Emma Clarke",
        "emma@x.example",
    );
    assert_eq!(bare, says("Emma Clarke", "", &[], ""));
    // However odd the letters: bytes of a stranger.
    for odd in ["+++((((((\n", "Emma Clarke\n+é47 +\u{2013}\u{2013}5\u{2013}", "Emma Clarke\n(((+4755000000é"] {
        signature(odd, &Address::new("Emma Clarke", "emma@x.example"));
    }
}
