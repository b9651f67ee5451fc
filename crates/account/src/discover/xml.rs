//! XML from strangers, as a small tree. Neither document types nor entities are read: no document that is asked for here
//! needs them, and they are how a small document becomes a large one.

use quick_xml::{Reader, events::Event};

/// Deeper is nobody's settings.
const DEEPEST: usize = 32;
/// More elements than any provider has.
const MOST: usize = 20_000;

/// An element: its name without prefix, its text without the space around it.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Element>,
}

impl Element {
    /// The children of a name, in any case.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name.eq_ignore_ascii_case(name))
    }

    pub fn first(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name.eq_ignore_ascii_case(name))
    }

    /// The text of the first child of that name; empty where there is none.
    pub fn text_of(&self, name: &str) -> &str {
        self.first(name).map(Element::text).unwrap_or_default()
    }

    pub fn text(&self) -> &str {
        self.text.trim()
    }

    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim()).unwrap_or_default()
    }
}

/// Why a document is not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum XmlError {
    #[error("not well-formed XML")]
    Malformed,
    #[error("it declares a document type")]
    DocumentType,
    #[error("it uses an entity of its own")]
    Entity,
    #[error("nested too deeply, or too many elements")]
    TooMuch,
}

/// Reads a document to its end. Bytes that are no UTF-8 become U+FFFD, which no host name survives.
pub(super) fn read(bytes: &[u8]) -> Result<Element, XmlError> {
    let text = String::from_utf8_lossy(bytes);
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}').trim_start());
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Element> = vec![Element::default()];
    let mut count = 0;
    loop {
        let event = reader.read_event().map_err(|_| XmlError::Malformed)?;
        let Some(current) = open.last_mut() else { return Err(XmlError::Malformed) };
        match event {
            Event::Start(start) => {
                count += 1;
                if open.len() > DEEPEST || count > MOST {
                    return Err(XmlError::TooMuch);
                }
                let mut element = Element { name: start.local_name().as_ref().to_owned(), ..Element::default() };
                for attribute in start.attributes() {
                    let attribute = attribute.map_err(|_| XmlError::Malformed)?;
                    let value = quick_xml::escape::unescape(attribute.value.as_ref()).map_err(|_| XmlError::Entity)?;
                    element.attributes.push((attribute.key.as_ref().to_owned(), value.into_owned()));
                }
                open.push(element);
            }
            Event::End(_) => {
                let done = open.pop().ok_or(XmlError::Malformed)?;
                open.last_mut().ok_or(XmlError::Malformed)?.children.push(done);
            }
            Event::Text(text) => current.text.push_str(text.as_ref()),
            Event::CData(text) => current.text.push_str(text.as_ref()),
            Event::GeneralRef(entity) => {
                let name = format!("&{};", entity.as_ref() as &str);
                current.text.push_str(&quick_xml::escape::unescape(&name).map_err(|_| XmlError::Entity)?);
            }
            Event::DocType(_) => return Err(XmlError::DocumentType),
            Event::Eof => break,
            _ => {}
        }
    }
    match (open.pop(), open.is_empty()) {
        (Some(mut document), true) if document.children.len() == 1 => Ok(document.children.remove(0)),
        _ => Err(XmlError::Malformed),
    }
}
