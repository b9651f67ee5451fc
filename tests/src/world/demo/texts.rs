//! What people write, in six languages. `{first}` is the customer's first name, `{week}`, `{count}` and `{product}` vary.

/// A conversation: the customer asks, Ingrid answers, the customer closes it.
pub(super) struct Topic {
    pub subject: &'static str,
    pub ask: &'static str,
    pub answer: &'static str,
    pub close: &'static str,
}

/// The words of one language.
pub(super) struct Language {
    pub code: &'static str,
    pub hello: &'static str,
    pub regards: &'static str,
    /// Above a quote: `{date}` and `{name}`.
    pub wrote: &'static str,
    pub products: [&'static str; 4],
    pub topics: [Topic; 6],
    /// A stranger's first mail: subject and text.
    pub introduction: (&'static str, &'static str),
}

const fn topic(subject: &'static str, ask: &'static str, answer: &'static str, close: &'static str) -> Topic {
    Topic { subject, ask, answer, close }
}

pub(super) fn language(code: &str) -> &'static Language {
    LANGUAGES.iter().find(|language| language.code == code).unwrap_or(&LANGUAGES[0])
}

pub(super) const LANGUAGES: [Language; 6] = [
    Language {
        code: "en",
        hello: "Hi",
        regards: "Best regards,",
        wrote: "On {date}, {name} wrote:",
        products: ["flow sensors", "gateway units", "calibration kits", "temperature probes"],
        topics: [
            topic(
                "Quote for {count} {product}",
                "Could you send me a quote for {count} {product}, delivered in week {week}? We would like the same terms as last time.",
                "The quote is attached. Delivery in week {week} is fine if we have your order ten days before. The terms are unchanged.",
                "That works for us. You will have the order tomorrow.",
            ),
            topic(
                "Invoice {count}17 – missing reference",
                "Our accounts team cannot match invoice {count}17: the order reference is missing. Can you send a corrected one?",
                "Sorry about that. A corrected invoice with the reference is on its way; please disregard the first one.",
                "Received, thank you. It is booked.",
            ),
            topic(
                "Site visit in week {week}",
                "We would like to show you the new line before we decide on the {product}. Would week {week} suit you?",
                "Week {week} is good: Tuesday or Thursday. I will bring Oskar, who knows the installation side.",
                "Tuesday at ten then. Ask for me at the gate.",
            ),
            topic(
                "Two of the {product} report nothing",
                "Two of the {product} have gone silent since the weekend. We restarted both. Is there something else to try?",
                "Please hold the button for ten seconds until the light turns green. If that does not help I will send two replacements today.",
                "The second one came back. Please replace the first.",
            ),
            topic(
                "Training for the night shift",
                "Do you offer a shorter course on the {product} for people on the night shift? There would be {count} of them.",
                "We do: two hours online, recorded, so the night shift can see it when it suits them. {count} people is no problem.",
                "Lovely. I will send the names by Friday.",
            ),
            topic(
                "Discount for a larger order",
                "If we took {count} more {product} before the end of the quarter, what could you do on price?",
                "For {count} more I can go four per cent lower, if the order is in before the quarter ends.",
                "Let me take that to Finance and come back to you.",
            ),
        ],
        introduction: (
            "Question about {product}",
            "I found Nordvik through a colleague. We are a small company and look for {product}, about {count} to begin with. Whom should I talk to?",
        ),
    },
    Language {
        code: "nb",
        hello: "Hei",
        regards: "Vennlig hilsen",
        wrote: "Den {date} skrev {name}:",
        products: ["strømningsmålere", "trådløse noder", "kalibreringssett", "følere"],
        topics: [
            topic(
                "Tilbud på {count} {product}",
                "Kan du sende tilbud på {count} {product} med levering i uke {week}? Vi trenger også pris på montering.",
                "Tilbudet ligger ved. Levering i uke {week} går fint, og montering er priset for seg på side to.",
                "Takk, det ser bra ut. Jeg tar det med i ledermøtet på mandag.",
            ),
            topic(
                "Purring på faktura {count}42",
                "Vi har fått purring på faktura {count}42, men den ble betalt forrige uke. Kan du sjekke?",
                "Beklager, betalingen er registrert nå. Du kan se bort fra purringen.",
                "Flott, da legger jeg den bort.",
            ),
            topic(
                "Befaring i uke {week}",
                "Vi vil gjerne ha en befaring før vi bestemmer plassering av {product}. Passer uke {week}?",
                "Uke {week} passer. Jeg foreslår onsdag klokka ti, så rekker vi en omvisning først.",
                "Onsdag er fint. Husk vernesko!",
            ),
            topic(
                "Feil på {product} i hall {count}",
                "Tre {product} viser null siden i går kveld. Vi har prøvd å starte dem på nytt uten hell.",
                "Det høres ut som programvaren må oppdateres. Oskar ringer deg i dag og gjør det på avstand.",
                "Alt virker igjen. Takk for rask hjelp.",
            ),
            topic(
                "Møte om neste års avtale",
                "Avtalen går ut til nyttår. Kan vi ta en prat om pris og omfang i uke {week}?",
                "Gjerne. Jeg kaller inn til en time i uke {week} og sender et utkast på forhånd.",
                "Supert, da sees vi.",
            ),
            topic(
                "Opplæring av {count} nye folk",
                "Vi har fått {count} nye på laget som må lære seg {product}. Har dere kurs før jul?",
                "Vi har to kursdager i uke {week}. {count} deltakere får vi plass til.",
                "Meld oss på den første dagen, takk.",
            ),
        ],
        introduction: (
            "Spørsmål om {product}",
            "Jeg fikk navnet ditt av en bekjent. Vi driver et lite anlegg på Vestlandet og trenger rundt {count} {product}. Kan du ringe meg?",
        ),
    },
    Language {
        code: "sv",
        hello: "Hej",
        regards: "Vänliga hälsningar",
        wrote: "Den {date} skrev {name}:",
        products: ["flödesmätare", "temperaturgivare", "trådlösa noder", "kalibreringssatser"],
        topics: [
            topic(
                "Offert på {count} {product}",
                "Kan du skicka en offert på {count} {product} med leverans vecka {week}?",
                "Offerten är bifogad. Leverans vecka {week} går bra om beställningen kommer senast på fredag.",
                "Tack, beställningen kommer i morgon.",
            ),
            topic(
                "Fråga om faktura {count}08",
                "På faktura {count}08 saknas vårt referensnummer. Kan ni skicka en ny?",
                "Självklart, en rättad faktura är på väg. Förlåt besväret.",
                "Den har kommit fram, tack.",
            ),
            topic(
                "Besök på anläggningen vecka {week}",
                "Vi skulle vilja visa er kylrummet innan vi väljer {product}. Passar vecka {week}?",
                "Vecka {week} passar bra, helst torsdag. Jag tar med mig en tekniker.",
                "Torsdag klockan nio. Vi bjuder på lunch: räkor, förstås.",
            ),
            topic(
                "Larm på natten",
                "Två {product} larmar varje natt klockan tre utan orsak. Vad kan det vara?",
                "Det är avfrostningen. Jag höjer fördröjningen till tio minuter, så ska larmen upphöra.",
                "I natt var det tyst. Bra jobbat!",
            ),
            topic(
                "Avtal för nästa år",
                "Vi vill gärna förlänga avtalet, men behöver lägre pris för {count} enheter. Vad kan ni göra?",
                "Vid {count} enheter kan jag sänka priset med tre procent om avtalet gäller i två år.",
                "Jag tar upp det med ekonomi och återkommer.",
            ),
            topic(
                "Utbildning i Göteborg",
                "Kan ni hålla utbildningen om {product} hos oss i Göteborg? Vi är {count} personer.",
                "Ja, gärna i vecka {week}. En halv dag räcker för {count} personer.",
                "Då bokar jag rummet.",
            ),
        ],
        introduction: (
            "Förfrågan om {product}",
            "Jag såg ert namn i en branschtidning. Vi funderar på {product}, till att börja med {count} stycken. Kan vi höras i veckan?",
        ),
    },
    Language {
        code: "da",
        hello: "Hej",
        regards: "Med venlig hilsen",
        wrote: "Den {date} skrev {name}:",
        products: ["flowmålere", "temperaturfølere", "trådløse enheder", "kalibreringssæt"],
        topics: [
            topic(
                "Tilbud på {count} {product}",
                "Vil du sende et tilbud på {count} {product} med levering i uge {week}?",
                "Tilbuddet er vedhæftet. Levering i uge {week} kan sagtens lade sig gøre.",
                "Tak, det ser fornuftigt ud. Vi vender tilbage.",
            ),
            topic(
                "Kreditnota for faktura {count}33",
                "Vi mangler en kreditnota for de to enheder, vi sendte retur. Kan du rykke for den?",
                "Kreditnotaen blev sendt i går. Sig til, hvis den ikke dukker op.",
                "Den er kommet, mange tak.",
            ),
            topic(
                "Besøg på fabrik 2 i uge {week}",
                "Vi vil gerne vise jer hal B, før vi vælger {product}. Kan I komme i uge {week}?",
                "Ja, tirsdag eller onsdag i uge {week}. Jeg tager en montør med.",
                "Onsdag klokken ti passer bedst.",
            ),
            topic(
                "Forkert måling i hal B",
                "En af vores {product} viser to grader for meget. Kan den kalibreres hos os?",
                "Ja, det klarer vi på stedet. Jeg har en tekniker i Aarhus i uge {week}.",
                "Perfekt, så venter vi.",
            ),
            topic(
                "Budget for næste år",
                "Jeg skal aflevere budget på fredag. Hvad koster {count} {product} mere, cirka?",
                "Regn med listeprisen minus ti procent ved {count} stykker. Et bindende tilbud følger.",
                "Det er nok til budgettet. Tak.",
            ),
            topic(
                "Kursus for {count} medarbejdere",
                "Vi har {count} nye medarbejdere, der skal lære {product} at kende. Holder I kurser på dansk?",
                "Det gør vi. Næste kursus er i uge {week}, og der er plads.",
                "Tilmeld dem endelig.",
            ),
        ],
        introduction: (
            "Forespørgsel om {product}",
            "Vi er et lille designfirma og søger {product} til vores værksted, vel {count} stykker. Leverer I til Danmark?",
        ),
    },
    Language {
        code: "de",
        hello: "Guten Tag",
        regards: "Mit freundlichen Grüßen",
        wrote: "Am {date} schrieb {name}:",
        products: ["Durchflussmesser", "Temperaturfühler", "Funkmodule", "Kalibriersätze"],
        topics: [
            topic(
                "Angebot über {count} {product}",
                "bitte senden Sie uns ein Angebot über {count} {product}, Lieferung in KW {week}.",
                "das Angebot finden Sie im Anhang. Die Lieferung in KW {week} ist möglich, wenn Ihre Bestellung bis Freitag eingeht.",
                "vielen Dank. Die Bestellung geht morgen an Sie.",
            ),
            topic(
                "Rechnung {count}55: falsche Anschrift",
                "auf der Rechnung {count}55 steht noch unsere alte Anschrift. Können Sie sie korrigieren?",
                "das tut mir leid. Die korrigierte Rechnung ist unterwegs, die alte bitte vernichten.",
                "ist angekommen, besten Dank.",
            ),
            topic(
                "Termin in KW {week}",
                "wir möchten Ihnen die neue Werkhalle zeigen, bevor wir uns für die {product} entscheiden. Passt Ihnen KW {week}?",
                "KW {week} passt gut, am liebsten Mittwoch. Ich bringe unseren Techniker mit.",
                "Mittwoch um neun. Bitte am Werkstor melden.",
            ),
            topic(
                "Störung in Linie {count}",
                "seit heute früh melden zwei {product} keine Werte mehr. Ein Neustart half nicht.",
                "bitte prüfen Sie zuerst die Versorgungsspannung. Sonst schicke ich noch heute zwei Ersatzgeräte.",
                "es war tatsächlich das Netzteil. Danke für den Hinweis!",
            ),
            topic(
                "Verlängerung des Wartungsvertrags",
                "unser Vertrag läuft zum Jahresende aus. Zu welchen Bedingungen können wir verlängern?",
                "gerne zu den bisherigen Bedingungen; bei drei Jahren Laufzeit gebe ich fünf Prozent Nachlass.",
                "drei Jahre klingen vernünftig. Ich lege es der Geschäftsführung vor.",
            ),
            topic(
                "Schulung für {count} Mitarbeiter",
                "bieten Sie die Schulung zu den {product} auch vor Ort an? Es wären {count} Mitarbeiter.",
                "ja, in KW {week} sind wir ohnehin in Hamburg. Ein Vormittag genügt.",
                "wunderbar, wir reservieren den Raum.",
            ),
        ],
        introduction: (
            "Anfrage: {product}",
            "über einen Geschäftspartner bin ich auf Nordvik aufmerksam geworden. Wir benötigen etwa {count} {product}. Könnten Sie mich zurückrufen?",
        ),
    },
    Language {
        code: "nl",
        hello: "Dag",
        regards: "Met vriendelijke groet,",
        wrote: "Op {date} schreef {name}:",
        products: ["debietmeters", "temperatuursensoren", "draadloze modules", "kalibratiesets"],
        topics: [
            topic(
                "Offerte voor {count} {product}",
                "Kun je een offerte sturen voor {count} {product}, levering in week {week}?",
                "De offerte zit in de bijlage. Levering in week {week} lukt als de bestelling voor vrijdag binnen is.",
                "Prima, de bestelling komt morgen.",
            ),
            topic(
                "Factuur {count}21 dubbel ontvangen",
                "We hebben factuur {count}21 twee keer gekregen. Welke moeten we betalen?",
                "Alleen de eerste. De tweede is inmiddels gecrediteerd, excuses voor de verwarring.",
                "Duidelijk, dank je wel.",
            ),
            topic(
                "Bezoek aan het magazijn in week {week}",
                "We laten je graag het nieuwe magazijn zien voordat we {product} kiezen. Schikt week {week}?",
                "Week {week} is goed, liefst dinsdag. Ik neem een technicus mee.",
                "Dinsdag om tien uur. De koffie staat klaar.",
            ),
            topic(
                "Storing bij laaddok {count}",
                "Twee {product} bij laaddok {count} geven sinds gisteren geen waarden meer door.",
                "Waarschijnlijk is de batterij leeg. Ik stuur vandaag nieuwe op; vervangen duurt een minuut.",
                "Ze doen het weer. Bedankt!",
            ),
            topic(
                "Prijs bij grotere afname",
                "Als we dit kwartaal nog {count} {product} afnemen, wat kun je dan doen met de prijs?",
                "Bij {count} extra kan er vier procent af, mits de bestelling dit kwartaal binnenkomt.",
                "Ik overleg het en kom erop terug.",
            ),
            topic(
                "Training voor {count} collega's",
                "Geven jullie de training ook in het Nederlands? We hebben {count} nieuwe collega's.",
                "Jazeker, online in week {week}. {count} deelnemers is geen probleem.",
                "Zet ons er maar op.",
            ),
        ],
        introduction: (
            "Vraag over {product}",
            "Via een relatie kwam ik bij Nordvik terecht. Wij verpakken levensmiddelen en zoeken ongeveer {count} {product}. Kun je mij bellen?",
        ),
    },
];
