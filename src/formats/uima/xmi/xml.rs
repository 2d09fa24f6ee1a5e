//! XML for those who trust nobody: no entities but the five of XML, no endless nesting,
//! and the line of every element.

use crate::formats::error::FormatError;
use crate::formats::places::short;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use std::borrow::Cow;

/// A part of a file.
pub(in crate::formats::uima) enum Node<'a> {
    Open(Element<'a>),
    Empty(Element<'a>),
    Text(Cow<'a, str>),
    Close,
}

/// An element's name and attributes.
pub(in crate::formats::uima) struct Element<'a> {
    start: BytesStart<'a>,
    line: u32,
}

/// The parts of a file one after the other.
pub(in crate::formats::uima) struct Elements<'a> {
    reader: Reader<&'a [u8]>,
    source: &'a str,
    /// How far lines have been counted, in bytes.
    at: usize,
    line: u32,
}

/// The most attributes of one element; every type of every known type system has fewer.
const MOST_ATTRIBUTES: usize = 2000;

impl<'a> Elements<'a> {
    pub(in crate::formats::uima) fn new(source: &'a str) -> Result<Self, FormatError> {
        let mut reader = Reader::from_str(source);
        reader.config_mut().check_end_names = true;
        Ok(Self { reader, source, at: 0, line: 1 })
    }

    /// The next part with the line on which it ends; `None` at the end of the file.
    pub(in crate::formats::uima) fn next(
        &mut self,
    ) -> Result<Option<(u32, Node<'a>)>, FormatError> {
        loop {
            let event = self.reader.read_event();
            let line = self.count_lines();
            let bad = |what: String| FormatError::malformed(line, what);
            let node = match event.map_err(|error| bad(format!("it is not valid XML: {error}")))? {
                Event::Eof => return Ok(None),
                Event::Start(start) => Node::Open(Element { start, line }),
                Event::Empty(start) => Node::Empty(Element { start, line }),
                Event::End(_) => Node::Close,
                Event::Text(text) => Node::Text(text.into_inner()),
                Event::CData(text) => Node::Text(text.into_inner()),
                Event::GeneralRef(name) => {
                    let name: &str = &name;
                    let text = unescape(&format!("&{name};")).map(Cow::into_owned);
                    let what = || bad(format!("the entity &{}; is not known", short(name)));
                    Node::Text(Cow::Owned(text.map_err(|_| what())?))
                }
                Event::DocType(_) => {
                    return Err(FormatError::Malformed {
                        line: Some(line),
                        what: "it declares a document type, which could expand without end"
                            .to_owned(),
                        remedy: "take the <!DOCTYPE …> out and retry",
                    });
                }
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => continue,
            };
            return Ok(Some((line, node)));
        }
    }

    fn count_lines(&mut self) -> u32 {
        let now = usize::try_from(self.reader.buffer_position()).unwrap_or(self.at);
        let passed = self.source.as_bytes().get(self.at..now).unwrap_or_default();
        let lines = passed.iter().filter(|byte| **byte == b'\n').count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.at = now.max(self.at);
        self.line
    }
}

impl Element<'_> {
    /// Its name with its prefix.
    pub(in crate::formats::uima) fn name(&self) -> &str {
        self.start.name().0
    }

    /// Gives `each` the attributes by name and value.
    pub(in crate::formats::uima) fn attributes(
        &self,
        mut each: impl FnMut(&str, String) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        let bad = |what: String| FormatError::malformed(self.line, what);
        for (count, attribute) in self.start.attributes().with_checks(false).enumerate() {
            let attribute =
                attribute.map_err(|error| bad(format!("it is not valid XML: {error}")))?;
            if count >= MOST_ATTRIBUTES {
                return Err(bad(format!("an element has more than {MOST_ATTRIBUTES} attributes")));
            }
            let value = attribute.normalized_value(XmlVersion::Explicit1_0);
            let value = value.map_err(|error| bad(format!("it is not valid XML: {error}")))?;
            each(attribute.key.0, value.into_owned())?;
        }
        Ok(())
    }
}

/// Writes a text, whose characters XML 1.0 all has, as an attribute's value.
pub(in crate::formats::uima) fn escape(text: &str, into: &mut String) {
    for character in text.chars() {
        match character {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '"' => into.push_str("&quot;"),
            // Other white space than spaces is made spaces of unless it is written so.
            '\t' | '\n' | '\r' | '\u{7f}'..='\u{9f}' | '\u{2028}' => {
                into.push_str(&format!("&#{};", u32::from(character)));
            }
            character => into.push(character),
        }
    }
}

/// Whether XML 1.0 has a way to write a character (its production `Char`).
pub(in crate::formats::uima) fn is_character(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => true,
        '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => false,
        _ => true,
    }
}
