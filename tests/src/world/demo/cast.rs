//! The people Ingrid writes with, and the sales and projects they speak of.

use super::mime::Who;
use serde_json::{Value, json};

pub(super) struct Company {
    pub id: &'static str,
    pub name: &'static str,
    pub city: &'static str,
    pub domain: &'static str,
    pub phone: &'static str,
    pub since: i16,
}

pub(super) struct Person {
    pub id: &'static str,
    pub name: &'static str,
    pub title: &'static str,
    pub email: &'static str,
    pub phone: &'static str,
    /// A company's id.
    pub company: &'static str,
    pub language: &'static str,
}

impl Person {
    pub fn who(&self) -> Who {
        Who::new(self.name, self.email)
    }
}

macro_rules! companies {
    ($($id:literal $name:literal $city:literal $domain:literal $phone:literal $since:literal;)*) => {
        &[$(Company { id: $id, name: $name, city: $city, domain: $domain, phone: $phone, since: $since }),*]
    };
}

pub(super) const COMPANIES: &[Company] = companies! {
    "fjordlys" "Fjordlys Energi AS" "Bergen" "fjordlys.example" "+47 55 01 17 00" 2019;
    "hansa" "Hansa Shipping AS" "Stavanger" "hansashipping.example" "+47 51 20 44 10" 2021;
    "dahl" "Brødrene Dahl AS" "Trondheim" "brodrenedahl.example" "+47 73 80 22 00" 2016;
    "kystbuss" "Kystbuss AS" "Ålesund" "kystbuss.example" "+47 70 11 90 00" 2022;
    "vanhouten" "Van Houten Logistiek BV" "Rotterdam" "vanhouten.example" "+31 10 555 01 20" 2020;
    "mobel" "Nordisk Møbel A/S" "Aarhus" "nordiskmobel.example" "+45 86 55 01 30" 2018;
    "mueller" "Müller & Söhne Maschinenbau GmbH" "Hamburg" "mueller-soehne.example" "+49 40 555 01 40" 2017;
    "lakeside" "Lakeside Instruments Ltd" "Leeds" "lakeside.example" "+44 113 496 0150" 2023;
    "vastkust" "Västkustens Fisk AB" "Göteborg" "vastkustensfisk.example" "+46 31 555 01 60" 2020;
    "banken" "Bergensbanken" "Bergen" "bergensbanken.example" "+47 55 33 80 00" 2015;
};

macro_rules! people {
    ($($id:literal $name:literal $title:literal $email:literal $phone:literal $company:literal $language:literal;)*) => {
        &[$(Person { id: $id, name: $name, title: $title, email: $email, phone: $phone, company: $company, language: $language }),*]
    };
}

pub(super) const PEOPLE: &[Person] = people! {
    "maja" "Maja Lindqvist" "Head of Procurement" "maja.lindqvist@fjordlys.example" "+47 902 11 734" "fjordlys" "en";
    "sindre" "Sindre Aas" "Driftssjef" "sindre.aas@fjordlys.example" "+47 902 11 740" "fjordlys" "nb";
    "tor" "Tor Brekke" "Fleet Manager" "tor.brekke@hansashipping.example" "+47 911 52 006" "hansa" "nb";
    "solveig" "Solveig Ness" "Innkjøper" "solveig.ness@hansashipping.example" "+47 911 52 017" "hansa" "nb";
    "per" "Per Dahl" "Daglig leder" "per.dahl@brodrenedahl.example" "+47 930 40 118" "dahl" "nb";
    "elin" "Elin Moe" "Prosjektleder" "elin.moe@kystbuss.example" "+47 948 77 201" "kystbuss" "nb";
    "joost" "Joost de Vries" "Inkoopmanager" "joost.devries@vanhouten.example" "+31 6 555 01 22" "vanhouten" "nl";
    "femke" "Femke Jansen" "Planner" "femke.jansen@vanhouten.example" "+31 6 555 01 25" "vanhouten" "nl";
    "mette" "Mette Kjærgaard" "Indkøbschef" "mette.kjaergaard@nordiskmobel.example" "+45 22 55 01 31" "mobel" "da";
    "soeren" "Søren Østergaard" "Økonomichef" "soeren.oestergaard@nordiskmobel.example" "+45 22 55 01 33" "mobel" "da";
    "juergen" "Jürgen Weiß" "Leiter Einkauf" "juergen.weiss@mueller-soehne.example" "+49 151 555 0141" "mueller" "de";
    "anke" "Anke Schröder" "Qualitätssicherung" "anke.schroeder@mueller-soehne.example" "+49 151 555 0144" "mueller" "de";
    "olivia" "Olivia Hartley" "Operations Director" "olivia.hartley@lakeside.example" "+44 7700 900151" "lakeside" "en";
    "marcus" "Marcus Webb" "Buyer" "marcus.webb@lakeside.example" "+44 7700 900154" "lakeside" "en";
    "asa" "Åsa Sjögren" "Inköpschef" "asa.sjogren@vastkustensfisk.example" "+46 70 555 01 61" "vastkust" "sv";
    "nils" "Nils Öberg" "Logistikchef" "nils.oberg@vastkustensfisk.example" "+46 70 555 01 64" "vastkust" "sv";
    "ragnhild" "Ragnhild Lie" "Kunderådgiver" "ragnhild.lie@bergensbanken.example" "+47 970 30 144" "banken" "nb";
};

/// Ingrid's colleagues. They have no place in the CRM.
pub(super) const COLLEAGUES: [(&str, &str); 3] = [
    ("Anders Nygaard", "anders.nygaard@nordvik.example"),
    ("Liv Solberg", "liv.solberg@nordvik.example"),
    ("Oskar Haugland", "oskar.haugland@nordvik.example"),
];

/// People the CRM has never heard of: name, address, language.
pub(super) const STRANGERS: [(&str, &str, &str); 8] = [
    ("Katarina Sjöberg", "katarina.sjoberg@skargard.example", "sv"),
    ("Bjarte Lunde", "bjarte@lundefisk.example", "nb"),
    ("Hannah Cole", "hannah.cole@northgate-labs.example", "en"),
    ("Thomas Berger", "t.berger@berger-pumpen.example", "de"),
    ("Sanne Visser", "sanne@visserverpakking.example", "nl"),
    ("Kirsten Holm", "kirsten@holm-design.example", "da"),
    ("Ada Okafor", "ada.okafor@gmail.example", "en"),
    ("Jon Eide", "jon.eide@outlook.example", "nb"),
];

pub(super) fn person(id: &str) -> &'static Person {
    PEOPLE.iter().find(|person| person.id == id).expect("the demo speaks only of people in its own list")
}

/// A day as the CRM writes it, some days from `now`.
fn day(now: i64, days: i64) -> String {
    jiff::Timestamp::from_second(now + days * 86_400).unwrap_or_default().strftime("%Y-%m-%d").to_string()
}

/// The embedded CRM's seed: what `clientele crm import` reads. A sale closes on a day
/// (`2026-12-15`), an activity is at a second since 1970, amounts are in hundredths.
pub(super) fn seed(now: i64) -> Value {
    let stages = ["Lead", "Qualified", "Negotiation", "Verbal agreement", "Contract"];
    let sale = |id: &str,
                name: &str,
                company: &str,
                person: &str,
                stage: usize,
                probability: u8,
                amount: i64,
                currency: &str,
                closes: i64,
                open: bool| {
        json!({
            "id": id, "name": name, "company": company, "person": person, "stage": stages[stage - 1], "stage_index": stage,
            "stage_count": stages.len(), "probability": probability, "amount": amount * 100, "currency": currency,
            "closes": day(now, closes), "open": open,
        })
    };
    let activity = |id: usize, kind: &str, title: &str, days: i64, records: &[(&str, &str)], text: &str| {
        let records: Vec<Value> = records.iter().map(|(kind, id)| json!({"kind": kind, "id": id})).collect();
        json!({"id": format!("activity-{id}"), "kind": kind, "title": title, "date": now + days * 86_400, "records": records, "text": text})
    };
    json!({
        "companies": COMPANIES.iter().map(|company| json!({
            "id": company.id, "name": company.name, "city": company.city, "domains": [company.domain],
            "phone": company.phone, "since": company.since,
        })).collect::<Vec<_>>(),
        "people": PEOPLE.iter().map(|person| json!({
            "id": person.id, "name": person.name, "title": person.title, "emails": [person.email],
            "phones": [person.phone], "company": person.company,
        })).collect::<Vec<_>>(),
        "sales": [
            sale("renewal", "Renewal 2027", "fjordlys", "maja", 3, 60, 420_000, "NOK", 23, true),
            sale("stavanger", "Sensors for the Stavanger quay", "hansa", "tor", 4, 80, 185_000, "NOK", 12, true),
            sale("fleet", "Fleet rollout", "kystbuss", "elin", 2, 40, 1_250_000, "NOK", 70, true),
            sale("frame", "Frame agreement 2027", "dahl", "per", 5, 100, 310_000, "NOK", -2, false),
            sale("prijs", "Uitbreiding magazijn", "vanhouten", "joost", 3, 55, 48_000, "EUR", 40, true),
            sale("aarhus", "Måleudstyr til fabrik 2", "mobel", "mette", 2, 30, 390_000, "DKK", 55, true),
            sale("hamburg", "Wartungsvertrag 2027", "mueller", "juergen", 4, 75, 64_000, "EUR", 18, true),
            sale("leeds", "Calibration service", "lakeside", "olivia", 1, 15, 22_500, "GBP", 90, true),
            sale("kyla", "Kylövervakning", "vastkust", "asa", 3, 50, 275_000, "SEK", 33, true),
            sale("old", "Renewal 2025", "fjordlys", "maja", 5, 100, 365_000, "NOK", -700, false),
        ],
        "projects": [
            {"id": "onboarding", "name": "Onboarding Stavanger", "company": "fjordlys", "open": true},
            {"id": "pilot", "name": "Pilot, ten buses", "company": "kystbuss", "open": true},
            {"id": "hafen", "name": "Werkhalle Süd", "company": "mueller", "open": true},
            {"id": "quay", "name": "Quay 7 installation", "company": "hansa", "open": false},
        ],
        "activities": [
            activity(1, "call", "Call about onboarding scope", -3, &[("company", "fjordlys"), ("person", "maja"), ("sale", "renewal")], "Maja wants the crew trained before the new year."),
            activity(2, "mail", "Offer for the renewal", -2, &[("company", "fjordlys"), ("person", "maja"), ("sale", "renewal")], "Sent the offer: two years, NOK 420 000."),
            activity(3, "meeting", "Contract meeting, Teams", -5, &[("company", "fjordlys"), ("sale", "renewal")], "Terms walked through with procurement and legal."),
            activity(4, "call", "Delivery window for the quay", -8, &[("company", "hansa"), ("person", "tor"), ("sale", "stavanger")], "Crew is there in weeks 48 to 50."),
            activity(5, "meeting", "Workshop on the fleet rollout", -1, &[("company", "kystbuss"), ("person", "elin"), ("sale", "fleet")], "Ten buses first, then the rest by spring."),
            activity(6, "mail", "Frame agreement, final text", -6, &[("company", "dahl"), ("person", "per"), ("sale", "frame")], "Last version sent to Per for signature."),
            activity(7, "call", "Prijzen voor de uitbreiding", -9, &[("company", "vanhouten"), ("person", "joost"), ("sale", "prijs")], "Joost vergelijkt met twee anderen."),
            activity(8, "meeting", "Besøg på fabrik 2", -21, &[("company", "mobel"), ("person", "mette"), ("sale", "aarhus")], "Gennemgang af hal B."),
            activity(9, "call", "Wartungsfenster im Dezember", -4, &[("company", "mueller"), ("person", "juergen"), ("sale", "hamburg")], "Zwischen den Jahren steht die Anlage."),
            activity(10, "meeting", "Introduction to Lakeside", -30, &[("company", "lakeside"), ("person", "olivia"), ("sale", "leeds")], "They calibrate in house today."),
        ],
    })
}
