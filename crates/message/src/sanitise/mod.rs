//! Making a stranger's HTML safe: cost first, then the tree, then every attribute, then its CSS.

mod allow;
mod cost;
mod css;
mod outer;
mod properties;
mod rewrite;
#[cfg(test)]
mod tests;
mod trackers;
mod urls;

use crate::{clean, text};
use urls::Urls;

/// What [`sanitise`] may keep.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The person asked for this mail's remote images. Trackers stay out all the same.
    pub remote: bool,
    /// Written before `part/<n>` and `image/<n>`, for example `<token>/`.
    pub prefix: String,
    /// Content-IDs (without brackets) and the part numbers that stand for them.
    pub inline: Vec<(String, u32)>,
    /// Pictures that come with the mail stay out, whether parts of it or written into its HTML.
    pub no_pictures: bool,
}

/// HTML that loads nothing by itself.
#[derive(Debug, Clone, Default)]
pub struct Sanitised {
    /// What goes inside `<body>`.
    pub html: String,
    /// CSS for one style block, filtered; empty where there is none.
    pub style: String,
    /// Declarations for the body element itself, filtered.
    pub body_style: String,
    /// Classes of the body element, for the mail's own style block.
    pub body_class: String,
    /// Remote images, known trackers left out; `image/<n>` is the n-th. Filled whether or not they are shown.
    pub images: Vec<String>,
    /// Remote images that are not shown; 0 where `remote` was asked for.
    pub blocked_images: u32,
    pub blocked_trackers: u32,
    /// Too costly: `html` is the escaped plain text.
    pub fell_back: bool,
    /// The mail brings a dark background of its own, so a dark theme must not invert it.
    pub is_dark: bool,
    /// The widest fixed width that a table, cell, block or picture asks for, in CSS pixels; 0 where none does.
    pub width: u32,
}

/// Where the HTML will stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rules {
    /// In the sandboxed frame, alone.
    Page,
    /// In the app's own document, as a quote: no images, no classes, no style blocks.
    Quote,
    /// What the composer wrote.
    Own,
}

/// Makes HTML safe to show in the sandboxed frame. Bounded in cost: what is over the caps comes back as plain text.
pub fn sanitise(html: &str, options: &Options) -> Sanitised {
    if let Some(why) = cost::too_costly(html) {
        tracing::info!(size = html.len(), why, "HTML fell back to text");
        return Sanitised {
            html: crate::text_to_html(&text::html_to_text(html)),
            fell_back: true,
            ..Sanitised::default()
        };
    }
    let outer = outer::outer(html, css::SHEET_LIMIT);
    let mut urls = Urls::new(options, false);
    let body = body_element(&outer.body, &mut urls);
    let mut style = String::new();
    for (media, block) in &outer.blocks {
        if style.len() + block.len() <= css::SHEET_LIMIT {
            style.push_str(&block_rules(media, block, &mut urls));
        }
    }
    let clean = allow::PAGE.clean(html).to_string();
    let made = rewrite::rewrite(&clean, Rules::Page, urls);
    let blocked = if options.remote { 0 } else { made.urls.images.len() as u32 };
    Sanitised {
        html: made.html,
        style,
        is_dark: body.is_dark.or(made.is_dark).unwrap_or(false),
        body_style: body.style,
        body_class: body.class,
        blocked_images: blocked,
        blocked_trackers: made.urls.tracker_count(),
        images: made.urls.images,
        fell_back: false,
        width: made.width,
    }
}

/// Makes HTML safe to stand in the app's own document: what a reply or a forward quotes.
pub(crate) fn sanitise_quote(html: &str) -> String {
    strict(html, Rules::Quote)
}

/// Makes safe what the composer wrote: p, br, b, i, u, a, ul, ol, li, blockquote, div, span and nothing else.
pub fn sanitise_body(html: &str) -> String {
    strict(html, Rules::Own)
}

fn strict(html: &str, rules: Rules) -> String {
    if cost::too_costly(html).is_some() {
        return crate::text_to_html(&text::html_to_text(html));
    }
    let options = Options::default();
    let builder = if rules == Rules::Own { &allow::COMPOSED } else { &allow::PAGE };
    let clean = builder.clean(html).to_string();
    rewrite::rewrite(&clean, rules, Urls::new(&options, true)).html
}

fn block_rules(media: &str, block: &str, urls: &mut Urls<'_>) -> String {
    if media.is_empty() || media.eq_ignore_ascii_case("all") {
        return css::sheet(block, urls);
    }
    // Judged together with its query; whatever the attribute holds, the result is filtered rules.
    css::sheet(&format!("@media {media}{{{block}}}"), urls)
}

#[derive(Default)]
struct Body {
    style: String,
    class: String,
    is_dark: Option<bool>,
}

/// The body element's looks as declarations: the page has a body of its own.
fn body_element(attributes: &[(String, String)], urls: &mut Urls<'_>) -> Body {
    let value = |wanted: &str| attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let mut declared = String::new();
    for (attribute, property) in [("bgcolor", "background-color"), ("text", "color")] {
        if let Some(colour) = value(attribute) {
            let colour: String = colour.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '#').take(30).collect();
            declared.push_str(&format!("{property}:{colour};"));
        }
    }
    let mut style = css::attribute(&declared, urls);
    // `image` gives an address of ours or one of base64 letters: nothing in it could end the string.
    if let Some(address) = value("background").and_then(|address| urls.image(address, false)) {
        style.push_str(&format!("background-image:url(\"{address}\");"));
    }
    style.push_str(&css::attribute(value("style").unwrap_or_default(), urls));
    let class = value("class").unwrap_or_default();
    let class = clean::cut(class, 500).chars().filter(|c| rewrite::is_name(*c)).collect();
    Body { is_dark: rewrite::background(&style), style, class }
}
