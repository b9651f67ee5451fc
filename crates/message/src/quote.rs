//! What a reply or a forward quotes. It leaves the sandboxed frame and enters the composer, so it has passed the
//! sanitiser and lost remote images, trackers, style blocks, classes and inline images.

use crate::Parsed;

/// The quote below a reply: `attribution` is the finished line ("On … wrote:"), plain text.
pub fn reply(mail: &Parsed, attribution: &str) -> String {
    let _ = (mail, attribution);
    String::new()
}

/// The quote below a forward: a title line and (label, value) lines such as From, Date, Subject, To; plain text.
pub fn forward(mail: &Parsed, title: &str, lines: &[(String, String)]) -> String {
    let _ = (mail, title, lines);
    String::new()
}
