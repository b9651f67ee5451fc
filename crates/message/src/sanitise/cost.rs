//! What HTML would cost to parse, judged by one linear scan. Tree building is quadratic in places: 100,000 attributes
//! took 12 s, 50,000 nested divs 7 s. What is over these caps is shown as plain text instead.

/// Bytes. A mail with pictures as data: addresses can be a few megabytes.
const BYTES: usize = 6 * 1024 * 1024;
const TAGS: usize = 60_000;
/// Within one tag.
const ATTRIBUTES: usize = 150;
/// Elements open at once that HTML does not close by itself.
const DEPTH: usize = 600;
/// Tables open at once: with 300 of them WebKit was busy for half a minute in a trial, and the app with it; 120 take 10 ms.
const TABLES: usize = 100;
const ENTITIES: usize = 100_000;
/// Characters to be escaped times the bytes of the text they stand in: html5ever's serialiser searches the rest of the
/// text again for each of them.
const ESCAPES: usize = 2_000_000_000;
/// Formatting elements that are open, summed over the blocks that have to open them again.
const FORMATTING: usize = 150_000;

/// Why the HTML is too costly; none where it may be parsed.
pub(super) fn too_costly(html: &str) -> Option<&'static str> {
    if html.len() > BYTES {
        return Some("bytes");
    }
    let bytes = html.as_bytes();
    let (mut tags, mut entities, mut depth, mut formatting, mut reopened) = (0, 0, 0_usize, 0_usize, 0_usize);
    let (mut place, mut ahead, mut tables) = (0, 0, 0_usize);
    let (mut run, mut run_escapes, mut escapes) = (0, 0, 0_usize);
    while place < bytes.len() {
        match bytes[place] {
            b'&' => {
                entities += 1;
                run_escapes += 1;
            }
            // The lead byte of a no-break space and its neighbours.
            0xc2 => run_escapes += 1,
            b'<' => {
                tags += 1;
                let closing = bytes.get(place + 1) == Some(&b'/');
                let from = place + 1 + usize::from(closing);
                let length = bytes[from..].iter().take(20).take_while(|b| b.is_ascii_alphanumeric()).count();
                let name = html[from..from + length].to_ascii_lowercase();
                if !name.is_empty() && !closing {
                    escapes = escapes.saturating_add(run_escapes * (place - run) / 2);
                    (run, run_escapes) = (place, 0);
                }
                if is_formatting(&name) {
                    formatting = if closing { formatting.saturating_sub(1) } else { formatting + 1 };
                }
                if nests(&name) {
                    depth = if closing { depth.saturating_sub(1) } else { depth + 1 };
                }
                if name == "table" {
                    tables = if closing { tables.saturating_sub(1) } else { tables + 1 };
                }
                if !name.is_empty() {
                    reopened += formatting;
                }
                // Every `<` is judged by itself: what lies in a comment or a quote for one reader is a tag for another.
                let (attributes, read) = attributes(&bytes[from + length..]);
                ahead += read;
                if attributes > ATTRIBUTES || ahead > html.len() * 8 + 1024 * 1024 {
                    return Some("attributes");
                }
                place = from + length;
                if depth > DEPTH {
                    return Some("depth");
                }
                if tables > TABLES {
                    return Some("tables");
                }
                continue;
            }
            _ => {}
        }
        place += 1;
    }
    escapes = escapes.saturating_add(run_escapes * (place - run) / 2);
    if tags > TAGS {
        Some("tags")
    } else if entities > ENTITIES {
        Some("entities")
    } else if escapes > ESCAPES {
        Some("escapes")
    } else if reopened > FORMATTING {
        Some("formatting")
    } else {
        None
    }
}

/// How many attributes a tag has, counting no further than the cap, and how many bytes it took to see (the tokenizer
/// of the HTML standard: a quote opens a value only behind `=`).
fn attributes(tag: &[u8]) -> (usize, usize) {
    let space = |b: u8| b.is_ascii_whitespace() || b == b'/';
    let mut count = 0;
    let mut place = 0;
    while place < tag.len() && count <= ATTRIBUTES {
        if tag[place] == b'>' {
            break;
        }
        if space(tag[place]) {
            place += 1;
            continue;
        }
        count += 1;
        // The first character belongs to the name even if it is `=`.
        place += 1;
        while place < tag.len() && !space(tag[place]) && !matches!(tag[place], b'=' | b'>') {
            place += 1;
        }
        let mut value = place;
        while value < tag.len() && tag[value].is_ascii_whitespace() {
            value += 1;
        }
        if tag.get(value) != Some(&b'=') {
            continue;
        }
        value += 1;
        while value < tag.len() && tag[value].is_ascii_whitespace() {
            value += 1;
        }
        place = match tag.get(value) {
            Some(quote @ (b'"' | b'\'')) => {
                let rest = &tag[value + 1..];
                value + 1 + rest.iter().position(|b| b == quote).map_or(rest.len(), |end| end + 1)
            }
            _ => {
                let rest = &tag[value..];
                value + rest.iter().position(|b| b.is_ascii_whitespace() || *b == b'>').unwrap_or(rest.len())
            }
        };
    }
    (count, place)
}

/// The elements that a parser opens again in every block until they are closed.
fn is_formatting(name: &str) -> bool {
    matches!(
        name,
        "a" | "b" | "big" | "code" | "em" | "font" | "i" | "nobr" | "s" | "small" | "strike" | "strong" | "tt" | "u"
    )
}

/// Whether an element stays open until it is closed: neither empty nor closed by its next sibling.
fn nests(name: &str) -> bool {
    !matches!(
        name,
        "" | "area"
            | "base"
            | "basefont"
            | "bgsound"
            | "body"
            | "br"
            | "col"
            | "colgroup"
            | "dd"
            | "dt"
            | "embed"
            | "frame"
            | "head"
            | "hr"
            | "html"
            | "image"
            | "img"
            | "input"
            | "keygen"
            | "li"
            | "link"
            | "meta"
            | "option"
            | "optgroup"
            | "p"
            | "param"
            | "rp"
            | "rt"
            | "source"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "track"
            | "wbr"
    )
}
