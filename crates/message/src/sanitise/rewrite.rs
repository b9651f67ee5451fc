//! The second pass: over HTML that the tree sanitiser wrote, so it is well formed and holds only known elements.
//! Here every address, style and class is judged with all attributes of its element in sight.

use super::{Rules, css, outer, trackers, urls, urls::Urls};
use crate::clean;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use std::cell::RefCell;

/// How many of the first elements are asked for a dark background.
const FIRST: usize = 12;

pub(super) struct Rewritten<'a> {
    pub html: String,
    pub urls: Urls<'a>,
    /// The first background that one of the first elements names.
    pub is_dark: Option<bool>,
    /// The widest fixed width in CSS pixels; 0 where there is none.
    pub width: u32,
}

pub(super) fn rewrite<'a>(html: &str, rules: Rules, urls: Urls<'a>) -> Rewritten<'a> {
    let made = Rewritten { html: String::with_capacity(html.len()), urls, is_dark: None, width: 0 };
    let sink = Sink { made: RefCell::new((made, 0)), rules };
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    outer::feed(&tokenizer, html);
    tokenizer.sink.made.into_inner().0
}

struct Sink<'a> {
    /// With the number of start tags so far.
    made: RefCell<(Rewritten<'a>, usize)>,
    rules: Rules,
}

impl TokenSink for Sink<'_> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let (made, count) = &mut *self.made.borrow_mut();
        match token {
            Token::CharacterTokens(text) => made.html.push_str(&clean::escape(&text)),
            Token::TagToken(tag) if tag.kind == TagKind::EndTag => {
                made.html.push_str("</");
                made.html.push_str(&tag.name);
                made.html.push('>');
            }
            Token::TagToken(tag) => {
                *count += 1;
                let first = *count <= FIRST;
                start(&tag, self.rules, made, first);
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

fn start(tag: &Tag, rules: Rules, made: &mut Rewritten<'_>, first: bool) {
    let name: &str = &tag.name;
    let value = |wanted: &str| {
        tag.attrs.iter().find(|attribute| &*attribute.name.local == wanted).map(|attribute| &*attribute.value)
    };
    let mut kept: Vec<(&str, String)> = Vec::new();
    if name == "img" {
        let shown = picture(&value, &mut made.urls);
        if rules == Rules::Quote || rules == Rules::Own {
            return;
        }
        if shown.is_none()
            && trackers::is_hidden(value("width").unwrap_or_default(), value("height").unwrap_or_default(), "")
        {
            // A tracker that is left out leaves no hole behind.
            return;
        }
        kept.extend(shown.map(|address| ("src", address)));
    }
    if let Some(address) = value("href").filter(|_| name == "a").and_then(urls::link) {
        kept.push(("href", address));
        kept.push(("target", "_blank".to_owned()));
        kept.push(("rel", "noopener noreferrer".to_owned()));
    }
    for attribute in &tag.attrs {
        let text: &str = &attribute.value;
        let local: &str = &attribute.name.local;
        match local {
            "href" | "src" | "srcset" | "sizes" | "target" | "rel" => {}
            "background" => kept.extend(made.urls.image(text, false).map(|address| ("background", address))),
            "width" if WIDE.contains(&name) => {
                made.width = made.width.max(pixels(text));
                kept.push((local, text.to_owned()));
            }
            "style" => {
                let declared = css::attribute(text, &mut made.urls);
                if first && made.is_dark.is_none() {
                    made.is_dark = background(&declared);
                }
                if WIDE.contains(&name) {
                    made.width = made.width.max(declared_width(&declared));
                }
                if !declared.is_empty() {
                    kept.push(("style", declared));
                }
            }
            "class" | "id" if rules != Rules::Page => {}
            // Names for the mail's own rules; nothing else may hide in them.
            "class" | "id" => {
                let names = clean::cut(text, 500).chars().filter(|c| is_name(*c)).collect::<String>();
                if names == text {
                    kept.push((local, names));
                }
            }
            "bgcolor" => {
                if first && made.is_dark.is_none() {
                    made.is_dark = css::is_dark(text);
                }
                kept.push(("bgcolor", text.to_owned()));
            }
            _ => kept.push((local, text.to_owned())),
        }
    }
    made.html.push('<');
    made.html.push_str(name);
    for (name, value) in kept {
        made.html.push(' ');
        made.html.push_str(name);
        made.html.push_str("=\"");
        made.html.push_str(&clean::escape(&value));
        made.html.push('"');
    }
    made.html.push('>');
}

pub(super) fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':') || c.is_ascii_whitespace()
}

/// What can be wider than the pane.
const WIDE: &[&str] = &["table", "td", "th", "div", "img", "center"];
/// A wider mail is a mistake or a trick, and would only become unreadably small.
const WIDEST: u32 = 1600;

/// `600` or `600px` as an attribute; 0 for anything else, such as a percentage.
fn pixels(text: &str) -> u32 {
    let text = text.trim();
    let digits = text.strip_suffix("px").unwrap_or(text);
    digits.trim().parse().ok().filter(|width| *width <= WIDEST).unwrap_or(0)
}

/// The fixed width of filtered declarations. `max-width` bends to the pane by itself.
fn declared_width(declared: &str) -> u32 {
    let widths = declared.split(';').filter_map(|one| one.split_once(':'));
    let fixed = widths.filter(|(name, _)| matches!(name.trim(), "width" | "min-width"));
    fixed.map(|(_, value)| pixels(value.trim_end_matches("!important"))).max().unwrap_or(0)
}

/// The dark or light background that filtered declarations name.
pub(super) fn background(declared: &str) -> Option<bool> {
    declared.split(';').filter(|one| one.starts_with("background")).find_map(|one| css::is_dark(one.split_once(':')?.1))
}

/// An image's address among ours. With `src` missing or refused, the first of `srcset`.
fn picture<'t>(value: &impl Fn(&str) -> Option<&'t str>, urls: &mut Urls<'_>) -> Option<String> {
    let attribute = |name| value(name).unwrap_or_default();
    let hidden = trackers::is_hidden(attribute("width"), attribute("height"), attribute("style"));
    let source = attribute("src").trim();
    if !source.is_empty() {
        return urls.image(source, hidden);
    }
    let candidate = attribute("srcset").split_whitespace().next().map(|first| first.trim_end_matches(','));
    candidate.and_then(|first| urls.image(first, hidden))
}
