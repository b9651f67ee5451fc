//! What stands around the visible part of a mail and the tree sanitiser drops: style blocks and the body element.

use html5ever::{
    Attribute,
    tendril::StrTendril,
    tokenizer::{
        BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts, states::RawKind,
    },
};
use std::cell::{Cell, RefCell};

#[derive(Default)]
pub(super) struct Outer {
    /// The style blocks: the media attribute (empty where there is none) and the text.
    pub blocks: Vec<(String, String)>,
    /// The first body element's attributes.
    pub body: Vec<(String, String)>,
}

/// Reads both from hostile HTML. It need not agree with a browser on what is a style block: whatever it finds is
/// filtered as CSS.
pub(super) fn outer(html: &str, css_limit: usize) -> Outer {
    let sink = Sink { found: RefCell::default(), in_style: Cell::new(false), css_limit };
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    feed(&tokenizer, html);
    tokenizer.sink.found.into_inner()
}

pub(super) fn feed<S: TokenSink>(tokenizer: &Tokenizer<S>, html: &str) {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    // The sinks here never ask for a script to be run, so one call reads everything.
    let _ = tokenizer.feed(&input);
    tokenizer.end();
}

struct Sink {
    found: RefCell<Outer>,
    in_style: Cell<bool>,
    css_limit: usize,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) => return self.tag(tag),
            Token::CharacterTokens(text) if self.in_style.get() => {
                let mut found = self.found.borrow_mut();
                if let Some((_, css)) = found.blocks.last_mut()
                    && css.len() + text.len() <= self.css_limit
                {
                    css.push_str(&text);
                }
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Sink {
    fn tag(&self, tag: Tag) -> TokenSinkResult<()> {
        let name: &str = &tag.name;
        if tag.kind == TagKind::EndTag {
            if name == "style" {
                self.in_style.set(false);
            }
            return TokenSinkResult::Continue;
        }
        match name {
            "body" => {
                let mut found = self.found.borrow_mut();
                if found.body.is_empty() {
                    found.body = tag.attrs.iter().map(pair).collect();
                }
            }
            "style" => {
                self.in_style.set(true);
                let media = tag.attrs.iter().find(|attribute| &*attribute.name.local == "media");
                let media = media.map(|attribute| attribute.value.trim().to_string()).unwrap_or_default();
                self.found.borrow_mut().blocks.push((media, String::new()));
                return TokenSinkResult::RawData(RawKind::Rawtext);
            }
            "script" => return TokenSinkResult::RawData(RawKind::ScriptData),
            "title" | "textarea" => return TokenSinkResult::RawData(RawKind::Rcdata),
            "xmp" | "iframe" | "noembed" | "noframes" => return TokenSinkResult::RawData(RawKind::Rawtext),
            "plaintext" => return TokenSinkResult::Plaintext,
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

pub(super) fn pair(attribute: &Attribute) -> (String, String) {
    (attribute.name.local.to_string(), attribute.value.to_string())
}
