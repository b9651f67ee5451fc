//! What a reply or a forward quotes. It leaves the sandboxed frame and enters the composer, so it has passed the
//! sanitiser and lost remote images, trackers, style blocks, classes and inline images.

use crate::{Parsed, clean, sanitise};

const MARGIN: &str = "margin:0 0 0 8px;padding:0 0 0 12px;border-left:2px solid #d9d6cd";

/// The quote below a reply: `attribution` is the finished line ("On … wrote:"), plain text.
pub fn reply(mail: &Parsed, attribution: &str) -> String {
    format!(
        "<div>{}</div><blockquote type=\"cite\" style=\"{MARGIN}\">{}</blockquote>",
        clean::escape(&clean::line(attribution, 1000)),
        content(mail)
    )
}

/// The quote below a forward: a title line and (label, value) lines such as From, Date, Subject, To; plain text.
pub fn forward(mail: &Parsed, title: &str, lines: &[(String, String)]) -> String {
    let mut out = format!("<div>{}</div><div>", clean::escape(&clean::line(title, 200)));
    for (label, value) in lines {
        let (label, value) = (clean::line(label, 100), clean::line(value, 4000));
        out.push_str(&format!("<b>{}:</b> {}<br>", clean::escape(&label), clean::escape(&value)));
    }
    out.push_str("</div><br><div>");
    out.push_str(&content(mail));
    out.push_str("</div>");
    out
}

/// The mail's HTML, or its text where it has none, as HTML that may stand in the app's own document.
pub fn content(mail: &Parsed) -> String {
    match (&mail.html, &mail.text) {
        (Some(html), _) => sanitise::sanitise_quote(html),
        (None, Some(text)) => {
            // As a block of its own that keeps spaces; `text_to_html` has turned line ends into elements.
            format!("<div style=\"white-space:pre-wrap;\">{}</div>", crate::text_to_html(text.trim_end()))
        }
        (None, None) => String::new(),
    }
}
