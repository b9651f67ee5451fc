//! The first pass: a real HTML tree, of which only known elements and attributes stay.

use ammonia::{Builder, UrlRelative};
use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

/// Elements of mails: text, lists, tables, images. No forms, no frames, no foreign content, nothing that loads.
const MAIL: &[&str] = &[
    "a",
    "abbr",
    "acronym",
    "address",
    "article",
    "aside",
    "b",
    "bdi",
    "bdo",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "dir",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "main",
    "mark",
    "menu",
    "nav",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "wbr",
];

/// What the composer writes.
const OWN: &[&str] = &["p", "br", "b", "strong", "i", "em", "u", "a", "ul", "ol", "li", "blockquote", "div", "span"];

/// Elements whose content is not for reading.
const WITH_CONTENT: &[&str] = &[
    "script",
    "style",
    "title",
    "svg",
    "math",
    "iframe",
    "frameset",
    "noembed",
    "noframes",
    "xmp",
    "template",
    "object",
    "applet",
    "audio",
    "video",
    "canvas",
    "select",
    "textarea",
    "datalist",
    "plaintext",
    "portal",
];

const GENERIC: &[&str] = &[
    "align",
    "valign",
    "bgcolor",
    "border",
    "cellpadding",
    "cellspacing",
    "width",
    "height",
    "color",
    "face",
    "size",
    "dir",
    "lang",
    "title",
    "alt",
    "colspan",
    "rowspan",
    "nowrap",
    "class",
    "id",
    "style",
    "background",
    "hspace",
    "vspace",
    "type",
    "start",
    "value",
    "summary",
    "role",
    "aria-label",
    "aria-hidden",
    "reversed",
    "open",
    "span",
    "bordercolor",
    "clear",
    "noshade",
];

pub(super) static PAGE: LazyLock<Builder<'static>> = LazyLock::new(|| builder(MAIL, GENERIC));
pub(super) static COMPOSED: LazyLock<Builder<'static>> =
    LazyLock::new(|| builder(OWN, &["style", "dir", "lang", "start"]));

fn builder(tags: &'static [&'static str], attributes: &'static [&'static str]) -> Builder<'static> {
    let mut builder = Builder::empty();
    let of = |list: &[&'static str]| list.iter().copied().collect::<HashSet<_>>();
    let mut own = HashMap::from([("a", of(&["href"]))]);
    if tags.contains(&"img") {
        own.insert("img", of(&["src", "srcset"]));
    }
    builder
        .tags(of(tags))
        .clean_content_tags(of(WITH_CONTENT))
        .generic_attributes(of(attributes))
        .tag_attributes(own)
        .link_rel(None)
        .strip_comments(true)
        // Addresses are judged in the second pass, all of them; here none may be lost uncounted.
        .url_schemes(of(&["http", "https", "mailto", "tel", "cid", "data"]))
        .url_relative(UrlRelative::PassThrough);
    builder
}
