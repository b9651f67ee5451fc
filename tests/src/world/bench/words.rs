//! Words of six languages, frequent ones far more often than rare ones, as in what people write.

use super::chance::Chance;

/// Of each language the words that mails are full of, then syllables that the rarer words are made of.
const LANGUAGES: [(&str, &str); 6] = [
    (
        "the to and of a in you for is we that on it with be as are your this have will please order delivery invoice price \
         offer meeting next week regards thank customer contract warehouse shipment payment project team before after if \
         can would could attached see below update question answer Monday Friday quarter budget agreement product service",
        "ter min con pre for able ing tion ment ive al er ist port cal den mar lin ver sta tra ser pro com cus par",
    ),
    (
        "og i det er på til vi en for at som med har av ikke de den om jeg kan du fra var skal ville hei takk hilsen ordre \
         levering faktura pris tilbud møte neste uke kunde avtale lager forsendelse betaling prosjekt før etter hvis vedlagt \
         nedenfor spørsmål svar mandag fredag kvartal budsjett produkt tjeneste også når bare må få så være Brødrene Ås",
        "for ning het skap lig else ing er sel kal ver dal øy ård brå bek stå bær nør lys fjell vik sund hav mark land",
    ),
    (
        "och att det i en på är som för av med till den har de inte om ett han men var jag kan vi du från ska hej tack \
         hälsningar order leverans faktura pris offert möte nästa vecka kund avtal lager betalning projekt före efter bifogat \
         nedan fråga svar måndag fredag kvartal budget produkt tjänst också när bara måste få så vara väl år åter köp",
        "för ning het skap lig else ing ör sel kal ver dal sjö gård brö bäck stå bär nor ljus fjäll vik sund hav mark land",
    ),
    (
        "og i det er på til vi en for at som med har af ikke de den om jeg kan du fra var skal ville hej tak hilsen ordre \
         levering faktura pris tilbud møde næste uge kunde aftale lager forsendelse betaling projekt før efter hvis vedhæftet \
         nedenfor spørgsmål svar mandag fredag kvartal budget produkt ydelse også når bare må få så være år køb salg",
        "for ning hed skab lig else ing er sel kal ver dal ø gård brød bæk stå bær nør lys bjerg vig sund hav mark land",
    ),
    (
        "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass \
         sie nach wird bei einer um am sind noch wie einem über Auftrag Lieferung Rechnung Preis Angebot Treffen nächste Woche \
         Kunde Vertrag Lager Zahlung Projekt vor wenn anbei unten Frage Antwort Montag Freitag Quartal Straße Grüße schön",
        "ver ung heit keit lich schaft ge be er ent mann haus stadt werk tür grün groß brück süd über hand land tag buch zeit",
    ),
    (
        "de het een en van in is dat op te met voor zijn niet aan er om ook als dan maar bij uit door over wij u kan naar ze \
         nog zal bestelling levering factuur prijs offerte vergadering volgende week klant contract magazijn betaling project \
         voor na indien bijgevoegd onder vraag antwoord maandag vrijdag kwartaal begroting product dienst groeten dank reeds",
        "ver ing heid lijk schap ge be er ont man huis stad werk deur groen groot brug zuid over hand land dag boek tijd ij",
    ),
];

/// So many different words a language has.
const VOCABULARY: usize = 12_000;

/// The vocabularies, most frequent words first.
pub struct Words(Vec<Vec<String>>);

impl Words {
    pub fn new() -> Words {
        let mut chance = Chance::new(1814);
        let of = |(frequent, syllables): (&str, &str)| {
            let syllables: Vec<&str> = syllables.split_whitespace().collect();
            let mut words: Vec<String> = frequent.split_whitespace().map(str::to_owned).collect();
            while words.len() < VOCABULARY {
                let count = 2 + chance.below(3);
                words.push((0..count).map(|_| *chance.of(&syllables)).collect());
            }
            words
        };
        Words(LANGUAGES.map(of).to_vec())
    }

    pub fn languages(&self) -> usize {
        self.0.len()
    }

    /// The n-th word as often as one in n.
    pub fn word(&self, language: usize, chance: &mut Chance) -> &str {
        let words = &self.0[language];
        let rank = (words.len() as f64).powf(chance.part()) as usize;
        &words[rank.saturating_sub(1).min(words.len() - 1)]
    }

    /// A sentence with its full stop.
    pub fn sentence(&self, language: usize, chance: &mut Chance) -> String {
        let mut sentence = String::new();
        for place in 0..5 + chance.below(12) {
            let word = self.word(language, chance);
            if place == 0 {
                let mut letters = word.chars();
                sentence.extend(letters.next().into_iter().flat_map(char::to_uppercase));
                sentence.push_str(letters.as_str());
            } else {
                sentence.push_str(if chance.below(12) == 0 { ", " } else { " " });
                sentence.push_str(word);
            }
        }
        if chance.below(10) == 0 {
            sentence.push_str(&format!(" {}", 1000 + chance.below(90_000)));
        }
        sentence.push('.');
        sentence
    }

    /// Sentences of about so many bytes.
    pub fn text(&self, language: usize, bytes: usize, chance: &mut Chance) -> String {
        let mut text = String::with_capacity(bytes + 100);
        while text.len() < bytes {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&self.sentence(language, chance));
        }
        text
    }
}
