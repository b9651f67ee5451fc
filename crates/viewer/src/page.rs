//! Pages for the frame: ours around what the sanitiser gave, or around escaped text.

use clientele_message::{Parsed, Sanitised, html_to_text, text_to_html};

/// Bytes of source shown; a mail can be 50 MB of base64.
const SOURCE_LIMIT: usize = 512 * 1024;
/// Bytes of text shown.
const TEXT_LIMIT: usize = 1024 * 1024;

const BASE: &str = "html{background:#fff;color-scheme:light}\
    body{margin:0;min-height:100vh;box-sizing:border-box;padding:16px 20px 28px;font:14px/1.5 system-ui,sans-serif;color:#1d1b16;overflow-wrap:break-word}\
    img{max-width:100%}\
    img:not([src])[alt]:not([alt=\"\"]){outline:1px dashed #c9c5b9;color:#5d594f;font-size:12px}a{color:#0d6a63}\
    blockquote{margin:0 0 0 2px;padding-left:12px;border-left:2px solid #d9d6cd}\
    pre{white-space:pre-wrap}\
    .clientele-text{white-space:pre-wrap}\
    .clientele-source{white-space:pre-wrap;font:12px/1.5 ui-monospace,monospace}\
    .clientele-note{color:#5d594f;font:13px/1.5 system-ui,sans-serif}";

/// Inverts a mail for the dark theme, not quite to the end: white becomes the app's dark surface instead of black.
/// Pictures are turned back: with x the colour, the page makes 0.9 - 0.8x of it, and 1.25(1 - x - 0.5) + 0.5 undoes that.
const DARK_HTML: &str = "html{filter:invert(.9) hue-rotate(180deg);background:#fff}\
    img[src]{filter:invert(1) hue-rotate(180deg) contrast(1.25)}";

/// For pages whose colours are all ours.
const DARK_TEXT: &str = "html{background:#1b1c1a;color-scheme:dark}body{color:#ecebe5}a{color:#4fbfb2}\
    .clientele-note{color:#aeaba1}";

pub(crate) fn html(mail: &Sanitised, dark: bool) -> String {
    let recolour = if dark && !mail.is_dark { DARK_HTML } else { "" };
    let style = format!("{BASE}</style><style>{}</style><style>{recolour}{}", mail.style, fitted(mail.width));
    let body = format!("class=\"{}\" style=\"{}\"", escape(&mail.body_class), escape(&mail.body_style));
    document(&style, &body, &mail.html)
}

/// Rules that make a mail of a fixed width fit into a narrower pane. The frame runs no script that could measure, so
/// there is a step for every twentieth. No smaller than two fifths: what is left over scrolls.
fn fitted(width: u32) -> String {
    if width == 0 {
        return String::new();
    }
    let whole = width + PADDING;
    let steps = (8..20).rev().map(|step| {
        format!("@media(max-width:{}px){{body{{zoom:{}%}}}}", (whole * (step + 1)).div_ceil(20) - 1, step * 5)
    });
    steps.collect()
}

/// Left and right of the body together.
const PADDING: u32 = 40;

/// Plain text: escaped, addresses as links.
pub(crate) fn plain(text: &str, dark: bool) -> String {
    let cut = cut(text, TEXT_LIMIT);
    let note = if cut.len() < text.len() { note(cut.len(), text.len()) } else { String::new() };
    let style = format!("{BASE}{}", if dark { DARK_TEXT } else { "" });
    document(&style, "", &format!("{note}<div class=\"clientele-text\">{}</div>", text_to_html(cut)))
}

/// The mail as it came, escaped; nothing in it becomes a link.
pub(crate) fn source(raw: &[u8], dark: bool) -> String {
    let shown = &raw[..raw.len().min(SOURCE_LIMIT)];
    let note = if shown.len() < raw.len() { note(shown.len(), raw.len()) } else { String::new() };
    let style = format!("{BASE}{}", if dark { DARK_TEXT } else { "" });
    let text = escape(&String::from_utf8_lossy(shown).replace('\0', "\u{fffd}"));
    document(&style, "", &format!("{note}<div class=\"clientele-source\">{text}</div>"))
}

/// A number and a sign instead of words: the viewer has no language.
fn note(shown: usize, all: usize) -> String {
    format!("<p class=\"clientele-note\">{} KB / {} KB</p>", shown / 1024, all / 1024)
}

fn document(style: &str, body: &str, content: &str) -> String {
    format!(
        "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><meta name=\"referrer\" content=\"no-referrer\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title></title><style>{style}</style></head>\
         <body {body}>{content}</body></html>"
    )
}

/// The text of a mail: its text part, or the text of its HTML.
pub(crate) fn text_of(mail: &Parsed) -> String {
    match (&mail.text, &mail.html) {
        (Some(text), _) => text.clone(),
        (None, Some(html)) => html_to_text(html),
        (None, None) => String::new(),
    }
}

/// The kind of a picture by its first bytes. SVG is a document that can load and run things, so it is none.
pub(crate) fn picture_kind(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        [b'B', b'M', ..] => Some("image/bmp"),
        [0, 0, 1, 0, ..] => Some("image/x-icon"),
        [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', b'f' | b's', ..] => Some("image/avif"),
        _ => None,
    }
}

fn cut(text: &str, limit: usize) -> &str {
    if text.len() <= limit {
        return text;
    }
    let mut end = limit;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The zoom that the last matching rule of a page gives at a pane's width, in percent.
    fn zoom(rules: &str, pane: u32) -> u32 {
        let number =
            |text: &str| text.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0);
        let rules = rules.split("@media(max-width:").skip(1).map(|rule| {
            let zoom = rule.split_once("zoom:").map_or(0, |(_, rest)| number(rest));
            (number(rule), zoom)
        });
        rules.filter(|(limit, _): &(u32, u32)| pane <= *limit).last().map_or(100, |(_, zoom)| zoom)
    }

    #[test]
    fn a_mail_of_a_fixed_width_fits_into_every_pane() {
        let rules = fitted(600);
        assert_eq!(zoom(&rules, 640), 100, "where it fits it is left alone");
        for pane in 260..640 {
            let zoom = zoom(&rules, pane);
            assert!(640 * zoom <= pane * 100, "{zoom} % is too wide for {pane} px");
            assert!(640 * (zoom + 10) > pane * 100 || zoom >= 95, "{zoom} % is too small for {pane} px");
        }
        assert_eq!(zoom(&rules, 100), 40);
        assert_eq!(fitted(0), "");
    }
}
