//! Word documents (`.docx`): the text of paragraphs, tables and notes.
//!
//! A paragraph is a line; the cells of a table's row stand on one line with tabs between
//! them; footnotes and endnotes come after the text, in their order. What was deleted
//! while changes were tracked is left out, what was inserted is there. Headers, footers,
//! comments, pictures and all that is looks are left out. Nothing is unpacked to the disk.

mod parts;
#[cfg(test)]
mod tests;

use super::{Document, Format, FormatError, Input, LARGEST_ARTICLE, OffsetUnit, Read, Reader};
use super::{Warning, meta};
use crate::model::ArticleMeta;
use parts::Parts;
use quick_xml::Reader as XmlReader;
use quick_xml::events::{BytesStart, Event};

pub(super) const FORMAT: Format = Format {
    id: "docx",
    name: "Word document",
    extensions: &["docx"],
    companions: &[],
    offsets: OffsetUnit::None,
    reads: Some(Reader::Whole(read)),
    asks: &[],
    writes: None,
    holds: "the text of paragraphs, tables, footnotes and endnotes; the title",
    loses: "looks, pictures, headers and footers, comments, deleted text",
};

/// How deep elements may be nested; Word's own are below fifty.
const DEEPEST: usize = 512;

fn read(input: &Input<'_>) -> Result<Read, FormatError> {
    let mut parts = Parts::open(input.bytes)?;
    let main = parts.main()?;
    let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder);
    let beside = |name: &str| {
        if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
    };
    let Some(xml) = parts.text(&main)? else {
        return Err(FormatError::malformed(None, "there is no document in it"));
    };
    let mut text = words(&xml, &main)?;
    for notes in ["footnotes.xml", "endnotes.xml"] {
        if let Some(xml) = parts.text(&beside(notes))? {
            let notes = words(&xml, notes)?;
            if !notes.trim().is_empty() {
                text.push('\n');
                text.push_str(notes.trim_start_matches('\n'));
            }
        }
    }
    let text = text.trim_end();
    if text.trim().is_empty() {
        return Err(FormatError::Empty);
    }
    if text.len() as u64 > LARGEST_ARTICLE {
        return Err(FormatError::TooLarge);
    }
    let mut warnings = Vec::new();
    if parts.text(&beside("comments.xml"))?.is_some() {
        warnings.push(Warning::whole_file("left out: the comments"));
    }
    let title = match parts.text("docProps/core.xml")? {
        Some(xml) => meta::one_line(&content(&xml, "title")?),
        None => String::new(),
    };
    let about = ArticleMeta { title, ..ArticleMeta::default() };
    Ok(Read::one(Document::bare(about, text), warnings))
}

/// What is wrong with a part of the document.
fn damaged(part: &str, error: impl std::fmt::Display) -> FormatError {
    FormatError::malformed(None, format!("{part} is damaged: {error}"))
}

/// The text of an element that is there once, and has only text in it.
fn content(xml: &str, name: &str) -> Result<String, FormatError> {
    let mut found = String::new();
    let mut is_in = false;
    each_event(xml, name, |event| {
        match event {
            Piece::Start(start) => is_in = start.local_name().as_ref() == name,
            Piece::End(_) => is_in = false,
            Piece::Text(text) if is_in => found.push_str(text),
            Piece::Text(_) => {}
        }
        Ok(())
    })?;
    Ok(found)
}

/// What the parts of a document are read as.
enum Piece<'a> {
    Start(&'a BytesStart<'a>),
    End(&'a str),
    Text(&'a str),
}

/// Gives `each` the elements and texts of a part in their order. Entities that the part
/// declares itself are not known, so none can grow.
fn each_event(
    xml: &str,
    part: &str,
    mut each: impl FnMut(Piece<'_>) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    let mut reader = XmlReader::from_str(xml);
    let mut depth = 0_usize;
    loop {
        match reader.read_event().map_err(|error| damaged(part, error))? {
            Event::Start(start) => {
                depth += 1;
                if depth > DEEPEST {
                    return Err(FormatError::TooDeep { limit: DEEPEST });
                }
                each(Piece::Start(&start))?;
            }
            Event::Empty(start) => {
                each(Piece::Start(&start))?;
                each(Piece::End(start.local_name().as_ref()))?;
            }
            Event::End(end) => {
                depth = depth.saturating_sub(1);
                each(Piece::End(end.local_name().as_ref()))?;
            }
            Event::Text(text) => each(Piece::Text(&text.xml10_content()))?,
            Event::CData(text) => each(Piece::Text(&text.xml10_content()))?,
            Event::GeneralRef(reference) => {
                let mut buffer = [0; 4];
                let known = quick_xml::escape::resolve_predefined_entity(&reference);
                let character =
                    reference.resolve_char_ref().map_err(|error| damaged(part, error))?;
                let text = known.or(character.map(|found| &*found.encode_utf8(&mut buffer)));
                let unknown = || damaged(part, format!("&{}; is unknown", &*reference));
                each(Piece::Text(text.ok_or_else(unknown)?))?;
            }
            Event::DocType(_) => return Err(damaged(part, "it declares a document type")),
            Event::Eof if depth == 0 => return Ok(()),
            Event::Eof => return Err(damaged(part, "it ends within an element")),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
    }
}

/// The words of a part, a line for each paragraph and row.
fn words(xml: &str, part: &str) -> Result<String, FormatError> {
    let mut words = Words::default();
    each_event(xml, part, |piece| {
        match piece {
            Piece::Start(start) => words.start(start),
            Piece::End(name) => words.end(name),
            Piece::Text(text) => words.text(text),
        }
        Ok(())
    })?;
    // References of characters can name what ends a line elsewhere.
    Ok(words.text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', ""))
}

#[derive(Default)]
struct Words {
    text: String,
    /// The elements within an element of words; only their text counts.
    is_in_words: bool,
    /// How deep within what is not to be read.
    skipped: usize,
    /// The texts around the cells that are open, the outermost first, each with whether
    /// its row has a cell already.
    around: Vec<(String, bool)>,
}

impl Words {
    fn start(&mut self, start: &BytesStart<'_>) {
        let name = start.local_name();
        if self.skipped > 0 || is_skipped(start) {
            self.skipped += 1;
            return;
        }
        match name.as_ref() {
            "t" => self.is_in_words = true,
            "tab" => self.text.push('\t'),
            "br" | "cr" => self.text.push('\n'),
            "noBreakHyphen" => self.text.push('\u{2011}'),
            "tr" => self.around.push((String::new(), false)),
            "tc" => {
                let before = std::mem::take(&mut self.text);
                self.around.push((before, false));
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        match name {
            "t" => self.is_in_words = false,
            "p" => self.text.push('\n'),
            "tc" => {
                let Some((before, _)) = self.around.pop() else { return };
                let cell = std::mem::replace(&mut self.text, before);
                if let Some((_, has_cell)) = self.around.last_mut() {
                    if *has_cell {
                        self.text.push('\t');
                    }
                    *has_cell = true;
                }
                self.text.push_str(&cell.trim().replace('\n', " "));
            }
            "tr" => {
                self.around.pop();
                self.text.push('\n');
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.is_in_words && self.skipped == 0 {
            self.text.push_str(text);
        }
    }
}

/// What is not to be read: the second form of what stands in a newer one before it, tab
/// stops, which are called like tabs, and the lines that separate notes.
fn is_skipped(start: &BytesStart<'_>) -> bool {
    match start.local_name().as_ref() {
        "Fallback" | "pPr" => true,
        "footnote" | "endnote" => start
            .attributes()
            .flatten()
            .any(|attribute| attribute.key.local_name().as_ref() == "type"),
        _ => false,
    }
}
