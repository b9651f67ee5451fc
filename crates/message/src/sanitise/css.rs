//! CSS by allow-list: properties, functions, `@media` and nothing else. Written anew from its tokens, so that what a
//! browser reads is what was judged here.

use super::{
    properties::{FUNCTIONS, SELECTOR_FUNCTIONS, is_allowed},
    urls::Urls,
};
use cssparser::{
    AtRuleParser, CowRcStr, DeclarationParser, ParseError, Parser, ParserState, QualifiedRuleParser,
    RuleBodyItemParser, RuleBodyParser, StyleSheetParser, ToCss, Token, color,
};

/// Bytes of style blocks in one mail.
pub(super) const SHEET_LIMIT: usize = 512 * 1024;
/// Bytes of one style attribute.
const ATTRIBUTE_LIMIT: usize = 32 * 1024;
const RULES: usize = 8000;
/// `@media` within `@media`.
const NESTING: usize = 3;

type Failed<'i> = ParseError<()>;

fn refuse<T>() -> Result<T, ParseError<()>> {
    Err(ParseError::unexpected_token())
}

/// The declarations of a style attribute, filtered.
pub(super) fn attribute(css: &str, urls: &mut Urls<'_>) -> String {
    if css.len() > ATTRIBUTE_LIMIT {
        return String::new();
    }
    let mut input = Parser::new(css);
    let declared = body(&mut input, urls);
    declared.replace('<', "\\3c ")
}

/// The rules of style blocks, filtered.
pub(super) fn sheet(css: &str, urls: &mut Urls<'_>) -> String {
    if css.len() > SHEET_LIMIT {
        return String::new();
    }
    let mut out = String::new();
    let mut input = Parser::new(css);
    let mut rules = Rules { urls, depth: 0 };
    for rule in StyleSheetParser::new(&mut input, &mut rules).take(RULES).flatten() {
        out.push_str(&rule);
    }
    // Within a style block only `<` could end it; escaped it is the same string to CSS.
    out.replace('<', "\\3c ")
}

struct Rules<'u, 'o> {
    urls: &'u mut Urls<'o>,
    depth: usize,
}

impl<'i> QualifiedRuleParser<'i> for Rules<'_, '_> {
    type Prelude = String;
    type QualifiedRule = String;
    type Error = ();

    fn parse_prelude(&mut self, input: &mut Parser<'i>) -> Result<String, Failed<'i>> {
        let mut out = String::new();
        selector(input, &mut out)?;
        let out = out.trim().to_owned();
        if out.is_empty() { refuse() } else { Ok(out) }
    }

    fn parse_block(&mut self, selector: String, _: &ParserState, input: &mut Parser<'i>) -> Result<String, Failed<'i>> {
        let declared = body(input, self.urls);
        Ok(if declared.is_empty() { declared } else { format!("{selector}{{{declared}}}\n") })
    }
}

impl<'i> AtRuleParser<'i> for Rules<'_, '_> {
    type Prelude = String;
    type AtRule = String;
    type Error = ();

    fn parse_prelude(&mut self, name: CowRcStr<'i>, input: &mut Parser<'i>) -> Result<String, Failed<'i>> {
        if !name.eq_ignore_ascii_case("media") || self.depth >= NESTING {
            return refuse();
        }
        let mut out = String::new();
        media(input, &mut out)?;
        Ok(out.trim().to_owned())
    }

    fn parse_block(&mut self, query: String, _: &ParserState, input: &mut Parser<'i>) -> Result<String, Failed<'i>> {
        let mut inner = Rules { urls: self.urls, depth: self.depth + 1 };
        let rules: String = StyleSheetParser::new(input, &mut inner).take(RULES).flatten().collect();
        Ok(format!("@media {query}{{{rules}}}\n"))
    }
}

fn body<'i>(input: &mut Parser<'i>, urls: &mut Urls<'_>) -> String {
    let mut body = Body { urls };
    RuleBodyParser::new(input, &mut body).take(RULES).flatten().collect()
}

struct Body<'u, 'o> {
    urls: &'u mut Urls<'o>,
}

impl<'i> DeclarationParser<'i> for Body<'_, '_> {
    type Declaration = String;
    type Error = ();

    fn parse_value(
        &mut self,
        name: CowRcStr<'i>,
        input: &mut Parser<'i>,
        _: &ParserState,
    ) -> Result<String, Failed<'i>> {
        let name = name.to_ascii_lowercase();
        if !is_allowed(&name) {
            return refuse();
        }
        let pictures = name.starts_with("background") || name.starts_with("list-style");
        let mut value = Value { urls: self.urls, pictures, strings: name.starts_with("font") };
        let mut out = String::new();
        value.write(input, &mut out)?;
        let out = out.trim();
        // A quote stands in the app's own page: it must not be drawn over what is above it.
        let pulls = (name.starts_with("margin") || name == "text-indent") && out.contains('-');
        if out.is_empty() || (self.urls.is_quote() && pulls) {
            return refuse();
        }
        Ok(format!("{name}:{out};"))
    }
}

impl<'i> AtRuleParser<'i> for Body<'_, '_> {
    type Prelude = ();
    type AtRule = String;
    type Error = ();
}

impl<'i> QualifiedRuleParser<'i> for Body<'_, '_> {
    type Prelude = ();
    type QualifiedRule = String;
    type Error = ();
}

impl RuleBodyItemParser<'_, String, ()> for Body<'_, '_> {
    fn parse_declarations(&self) -> bool {
        true
    }
    fn parse_qualified(&self) -> bool {
        false
    }
}

struct Value<'u, 'o> {
    urls: &'u mut Urls<'o>,
    /// The property takes pictures, and `none` in their place.
    pictures: bool,
    /// The property takes names in quotes.
    strings: bool,
}

impl Value<'_, '_> {
    fn write<'i>(&mut self, input: &mut Parser<'i>, out: &mut String) -> Result<(), Failed<'i>> {
        while let Ok(token) = input.next_including_whitespace() {
            match token.clone() {
                Token::UnquotedUrl(address) => self.picture(&address, out)?,
                Token::Function(name) if name.eq_ignore_ascii_case("url") => {
                    let address = input.parse_nested_block(|input| {
                        let address = input.expect_string()?.as_ref().to_owned();
                        input.expect_exhausted()?;
                        Ok::<_, ParseError<()>>(address)
                    });
                    match address {
                        Ok(address) => self.picture(&address, out)?,
                        Err(_) if self.pictures => out.push_str("none"),
                        Err(_) => return refuse(),
                    }
                }
                Token::Function(name) if FUNCTIONS.iter().any(|known| name.eq_ignore_ascii_case(known)) => {
                    out.push_str(&name.to_ascii_lowercase());
                    out.push('(');
                    input.parse_nested_block(|input| self.write(input, out))?;
                    out.push(')');
                }
                // An unknown way of naming a picture: without it, the colour beside it can stay.
                Token::Function(_) if self.pictures => out.push_str("none"),
                Token::ParenthesisBlock => {
                    out.push('(');
                    input.parse_nested_block(|input| self.write(input, out))?;
                    out.push(')');
                }
                Token::WhiteSpace(_) => out.push(' '),
                token @ Token::QuotedString(_) if self.strings => write(&token, out),
                token @ (Token::Ident(_)
                | Token::Hash(_)
                | Token::IDHash(_)
                | Token::Number { .. }
                | Token::Percentage { .. }
                | Token::Dimension { .. }
                | Token::Comma
                | Token::Delim('!' | '/' | '+' | '-' | '*')) => write(&token, out),
                _ => return refuse(),
            }
        }
        Ok(())
    }

    fn picture(&mut self, address: &str, out: &mut String) -> Result<(), ParseError<()>> {
        if !self.pictures {
            return refuse();
        }
        match self.urls.image(address, false) {
            Some(address) => {
                out.push_str("url(");
                write(&Token::QuotedString(address.into()), out);
                out.push(')');
            }
            None => out.push_str("none"),
        }
        Ok(())
    }
}

fn write(token: &Token<'_>, out: &mut String) {
    // Writing into a String cannot fail.
    let _ = token.to_css(out);
}

fn selector<'i>(input: &mut Parser<'i>, out: &mut String) -> Result<(), Failed<'i>> {
    while let Ok(token) = input.next_including_whitespace() {
        match token.clone() {
            Token::SquareBracketBlock => {
                out.push('[');
                input.parse_nested_block(|input| selector(input, out))?;
                out.push(']');
            }
            Token::Function(name) if SELECTOR_FUNCTIONS.iter().any(|known| name.eq_ignore_ascii_case(known)) => {
                out.push_str(&name.to_ascii_lowercase());
                out.push('(');
                input.parse_nested_block(|input| selector(input, out))?;
                out.push(')');
            }
            Token::WhiteSpace(_) => out.push(' '),
            token @ (Token::Ident(_)
            | Token::Hash(_)
            | Token::IDHash(_)
            | Token::QuotedString(_)
            | Token::Number { .. }
            | Token::Dimension { .. }
            | Token::Colon
            | Token::Comma
            | Token::IncludeMatch
            | Token::DashMatch
            | Token::PrefixMatch
            | Token::SuffixMatch
            | Token::SubstringMatch
            | Token::Delim('.' | '>' | '+' | '~' | '*' | '=' | '-')) => write(&token, out),
            _ => return refuse(),
        }
    }
    Ok(())
}

fn media<'i>(input: &mut Parser<'i>, out: &mut String) -> Result<(), Failed<'i>> {
    while let Ok(token) = input.next_including_whitespace() {
        match token.clone() {
            // The page is recoloured as a whole for a dark theme; a mail's own dark rules would turn that around.
            Token::Ident(name) if name.eq_ignore_ascii_case("prefers-color-scheme") => return refuse(),
            Token::ParenthesisBlock => {
                out.push('(');
                input.parse_nested_block(|input| media(input, out))?;
                out.push(')');
            }
            Token::WhiteSpace(_) => out.push(' '),
            token @ (Token::Ident(_)
            | Token::Number { .. }
            | Token::Dimension { .. }
            | Token::Colon
            | Token::Comma
            | Token::Delim('/')) => write(&token, out),
            _ => return refuse(),
        }
    }
    Ok(())
}

/// Whether a colour, as an attribute or a declaration names it, is dark; none where it names none.
pub(super) fn is_dark(value: &str) -> Option<bool> {
    let mut input = Parser::new(value);
    while let Ok(token) = input.next() {
        let rgb = match token.clone() {
            Token::Hash(hex) | Token::IDHash(hex) => {
                color::parse_hash_color(hex.as_bytes()).ok().map(|(r, g, b, _)| (r, g, b))
            }
            Token::Ident(name) => color::parse_named_color(&name).ok(),
            Token::Function(name) if name.eq_ignore_ascii_case("rgb") || name.eq_ignore_ascii_case("rgba") => {
                let numbers = input.parse_nested_block(|input| {
                    let mut numbers = Vec::new();
                    while let Ok(token) = input.next() {
                        match token {
                            Token::Number { value, .. } => numbers.push(*value),
                            Token::Percentage { unit_value, .. } => numbers.push(unit_value * 255.0),
                            _ => {}
                        }
                    }
                    Ok::<_, ParseError<()>>(numbers)
                });
                match numbers.as_deref() {
                    Ok([r, g, b, rest @ ..]) if rest.first() != Some(&0.0) => Some((*r as u8, *g as u8, *b as u8)),
                    _ => None,
                }
            }
            _ => None,
        };
        if let Some((r, g, b)) = rgb {
            // Perceived brightness, BT.601.
            return Some(u32::from(r) * 299 + u32::from(g) * 587 + u32::from(b) * 114 < 80_000);
        }
    }
    None
}
