//! Every address in a mail comes through here, and comes out as one of ours or not at all.

use super::{Options, trackers};
use crate::text::unescape_cid;
use std::collections::HashMap;
use url::Url;

/// Remote images one mail may show.
const IMAGES: usize = 500;
/// Bytes of one data: address.
const DATA: usize = 4 * 1024 * 1024;

/// What the addresses of one mail come to.
pub(super) struct Urls<'a> {
    options: &'a Options,
    /// Nothing may stay, not even a part of the mail: the HTML leaves the frame.
    quote: bool,
    pub images: Vec<String>,
    known: HashMap<String, usize>,
    trackers: Vec<String>,
}

impl<'a> Urls<'a> {
    pub fn new(options: &'a Options, quote: bool) -> Self {
        Urls { options, quote, images: Vec::new(), known: HashMap::new(), trackers: Vec::new() }
    }

    pub fn tracker_count(&self) -> u32 {
        self.trackers.len() as u32
    }

    pub fn is_quote(&self) -> bool {
        self.quote
    }

    /// What an image's address becomes: `part/<n>`, `image/<n>`, an inline picture, or nothing. `hidden`: it is too
    /// small or too well hidden to be meant for eyes.
    pub fn image(&mut self, address: &str, hidden: bool) -> Option<String> {
        let address: String = address.trim().chars().filter(|c| !c.is_control()).collect();
        let scheme = address.split(':').next().unwrap_or_default().to_ascii_lowercase();
        match scheme.as_str() {
            "cid" | "data" if self.options.no_pictures => None,
            "cid" => self.part(&address[4..]),
            "data" => self.data(&address),
            _ => self.remote(&address, hidden),
        }
    }

    fn part(&self, id: &str) -> Option<String> {
        let id = unescape_cid(id);
        let exact = self.options.inline.iter().find(|(known, _)| *known == id);
        let (_, part) =
            exact.or_else(|| self.options.inline.iter().find(|(known, _)| known.eq_ignore_ascii_case(&id)))?;
        (!self.quote).then(|| format!("{}part/{part}", self.options.prefix))
    }

    fn data(&self, address: &str) -> Option<String> {
        let (head, body) = address.split_once(',')?;
        let head = head.to_ascii_lowercase();
        let kind = head.strip_prefix("data:")?.strip_suffix(";base64")?;
        let safe = matches!(kind, "image/png" | "image/jpeg" | "image/jpg" | "image/gif" | "image/webp" | "image/bmp");
        let plain = body.len() <= DATA && body.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/= \t".contains(&b));
        (safe && plain && !self.quote).then(|| format!("{head},{}", body.replace([' ', '\t'], "")))
    }

    fn remote(&mut self, address: &str, hidden: bool) -> Option<String> {
        // Without an address of its own, a mail's `//host` can only mean the web.
        let address = if address.starts_with("//") { format!("https:{address}") } else { address.to_owned() };
        let url = Url::parse(&address).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())?;
        if hidden || trackers::is_known(&url) {
            let url = url.to_string();
            if !self.trackers.contains(&url) && self.trackers.len() < IMAGES {
                self.trackers.push(url);
            }
            return None;
        }
        let next = self.images.len();
        let number = match self.known.get(url.as_str()) {
            Some(number) => *number,
            None if next >= IMAGES => return None,
            None => {
                self.known.insert(url.to_string(), next);
                self.images.push(url.into());
                next
            }
        };
        (self.options.remote && !self.quote).then(|| format!("{}image/{number}", self.options.prefix))
    }
}

/// Where a link may lead: the web, a mail, a telephone. In the form that a browser would make of it.
pub(super) fn link(address: &str) -> Option<String> {
    let address: String = address.trim().chars().filter(|c| !c.is_control()).collect();
    let address = if address.starts_with("//") { format!("https:{address}") } else { address };
    if address.len() > 8000 {
        return None;
    }
    let url = Url::parse(&address).ok()?;
    match url.scheme() {
        "http" | "https" if url.has_host() => Some(url.into()),
        "mailto" | "tel" => Some(url.into()),
        _ => None,
    }
}
