//! The page that the browser shows when it comes back.

/// Words in the person's language. They are shown as text, whatever is in them.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// BCP 47, such as `nb`.
    pub language: String,
    /// The provider said yes: this window can be closed.
    pub done: Words,
    /// The provider said no, or the answer does not fit: the program says more.
    pub failed: Words,
    /// The answer was given before.
    pub again: Words,
}

#[derive(Debug, Clone, Default)]
pub struct Words {
    pub title: String,
    pub text: String,
}

/// Named by its hash in the page's policy.
pub(super) const STYLE: &str =
    "body{font:17px/1.5 system-ui,sans-serif;max-width:30em;margin:20vh auto 0;padding:0 1.5em}h1{font-size:1.4em}";

impl Page {
    /// One page without scripts; its style is in its own head.
    pub(super) fn html(&self, words: &Words) -> String {
        let (language, title, text) = (escape(&self.language), escape(&words.title), escape(&words.text));
        format!(
            "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\">\
             <title>{title}</title><style>{STYLE}</style></head>\
             <body><main><h1>{title}</h1><p>{text}</p></main></body></html>"
        )
    }
}

fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
