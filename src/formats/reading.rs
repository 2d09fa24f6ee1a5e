//! What readers are given and what they give back.
//!
//! A file that is one article, or a few, is read whole ([`Reader::Whole`]). A file of
//! records, which may be larger than the memory, is read one record after the other
//! ([`Reader::Records`]): what was read goes to a [`Sink`] at once, and so does what was
//! guessed, and what had to be refused, so that one bad record does not cost the rest.

use super::document::Document;
use super::error::FormatError;
use crate::model::{AttributeKind, Color};
use std::fmt;
use std::io::{BufRead, Seek};
use std::ops::ControlFlow;

/// The bytes of a file that may be larger than the memory.
pub trait Source: BufRead + Seek + Send {}

impl<T: BufRead + Seek + Send> Source for T {}

/// Turns files into documents.
#[derive(Clone, Copy, Debug)]
pub enum Reader {
    /// A whole file at once, together with the files that belong to it.
    Whole(fn(&Input<'_>) -> Result<Read, FormatError>),
    /// A file of records. An error ends the file; a bad record is refused and the next one read.
    Records(ReadRecords),
}

/// Reads a file of records: its bytes, its path as [`Input::path`] has it, how to read
/// it, and where to put what is found.
pub type ReadRecords =
    fn(&mut dyn Source, &str, &ReadOptions, &mut dyn Sink) -> Result<(), FormatError>;

/// A whole file.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Its path below the folder that is imported, with `/` between the parts; only the
    /// name where the file itself was named.
    pub path: &'a str,
    /// Gives the bytes of another file by its path, relative to this file's folder
    /// (`../annotation.conf`); `None` where there is none. Nothing outside of the folder
    /// that is imported is given.
    pub beside: &'a dyn Fn(&str) -> Option<Vec<u8>>,
    /// How to read it.
    pub options: &'a ReadOptions,
}

impl<'a> Input<'a> {
    /// A file that stands alone and is read as usual.
    pub fn alone(bytes: &'a [u8], path: &'a str) -> Self {
        const OPTIONS: &ReadOptions = &ReadOptions::USUAL;
        Self { bytes, path, beside: &|_| None, options: OPTIONS }
    }

    /// The file's name without folders and without the last ending.
    pub fn stem(&self) -> &'a str {
        stem(self.path)
    }

    /// The name of the folder that the file lies in; `None` where that is not known.
    pub fn folder(&self) -> Option<&'a str> {
        let folder = self.path.rsplit_once('/')?.0;
        Some(folder.rsplit_once('/').map_or(folder, |(_, name)| name))
    }
}

/// A path's last part without its last ending.
pub(super) fn stem(path: &str) -> &str {
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    name.rsplit_once('.').map_or(name, |(stem, _)| if stem.is_empty() { name } else { stem })
}

/// An option of reading that a format may leave open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// [`ReadOptions::text_column`].
    TextColumn,
    /// [`ReadOptions::columns`].
    Columns,
}

/// How files are read where they leave a choice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// The column or field that holds the text; `None` for the usual names.
    pub text_column: Option<String>,
    /// The columns of a CoNLL file, counted from zero: the token's and the tag's; `None`
    /// for the first and the last.
    pub columns: Option<(usize, usize)>,
}

impl ReadOptions {
    /// As files are usually.
    pub const USUAL: Self = Self { text_column: None, columns: None };
}

/// Takes what a reader finds, in the order of the file.
pub trait Sink {
    /// A document; `Break` ends the reading.
    fn document(&mut self, document: Document) -> ControlFlow<()>;
    /// Something that was guessed or left out.
    fn warn(&mut self, warning: Warning);
    /// A record that is none; the next one is read.
    fn refuse(&mut self, error: FormatError);
    /// What the file says about its labels without using them.
    fn outline(&mut self, outline: Outline);
}

/// What one file gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Read {
    /// The documents in the order of the file.
    pub documents: Vec<Document>,
    /// What was guessed or left out.
    pub warnings: Vec<Warning>,
    /// The records that could not be read.
    pub refused: Vec<FormatError>,
    /// What the file says about its labels without using them.
    pub outline: Outline,
}

impl Read {
    /// One article, and what was noticed about it.
    pub(super) fn one(document: Document, warnings: Vec<Warning>) -> Self {
        Self { documents: vec![document], warnings, ..Self::default() }
    }
}

impl Sink for Read {
    fn document(&mut self, document: Document) -> ControlFlow<()> {
        self.documents.push(document);
        ControlFlow::Continue(())
    }

    fn warn(&mut self, warning: Warning) {
        self.warnings.push(warning);
    }

    fn refuse(&mut self, error: FormatError) {
        self.refused.push(error);
    }

    fn outline(&mut self, outline: Outline) {
        self.outline.add(outline);
    }
}

/// Labels, attributes and relations that a file declares, used or not: brat's
/// `annotation.conf`, Label Studio's labelling config, the ClassLabels of a dataset.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outline {
    /// The labels in the order of the file.
    pub labels: Vec<OutlineLabel>,
    /// The kinds of relations in the order of the file.
    pub relations: Vec<OutlineRelation>,
}

/// A label that a file declares.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OutlineLabel {
    /// What annotations call it.
    pub label: String,
    /// What people call it; empty for the same.
    pub name: String,
    /// Its colour.
    pub color: Option<Color>,
    /// Its attributes with the values they may take; none for any, or for yes and no.
    pub attributes: Vec<(String, Vec<String>)>,
    /// What kind of values some of them take, where the file says so.
    pub kinds: Vec<(String, AttributeKind)>,
}

impl OutlineLabel {
    /// What kind of values an attribute takes; `None` where the file does not say.
    pub fn kind_of(&self, attribute: &str) -> Option<&AttributeKind> {
        self.kinds.iter().find(|(name, _)| name == attribute).map(|(_, kind)| kind)
    }
}

/// A kind of relation that a file declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutlineRelation {
    /// What relations call it.
    pub kind: String,
    /// The labels it may start at; empty for any.
    pub from: Vec<String>,
    /// The labels it may point to; empty for any.
    pub to: Vec<String>,
}

impl Outline {
    /// Adds what another file declares and this one does not.
    pub fn add(&mut self, other: Self) {
        for label in other.labels {
            match self.labels.iter_mut().find(|known| known.label == label.label) {
                None => self.labels.push(label),
                Some(known) => {
                    for attribute in label.attributes {
                        if !known.attributes.iter().any(|(name, _)| *name == attribute.0) {
                            known.attributes.push(attribute);
                        }
                    }
                    for kind in label.kinds {
                        if !known.kinds.iter().any(|(name, _)| *name == kind.0) {
                            known.kinds.push(kind);
                        }
                    }
                }
            }
        }
        for relation in other.relations {
            if !self.relations.iter().any(|known| known.kind == relation.kind) {
                self.relations.push(relation);
            }
        }
    }
}

/// Something that was guessed or left out while reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Where in the file, counted from one.
    pub line: Option<u32>,
    /// What happened, in a sentence without a full stop.
    pub what: String,
}

impl Warning {
    /// Of the file as a whole.
    pub(super) fn whole_file(what: impl Into<String>) -> Self {
        Self { line: None, what: what.into() }
    }

    /// Of a line, counted from one.
    pub(super) fn at(line: u32, what: impl Into<String>) -> Self {
        Self { line: Some(line), what: what.into() }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        f.write_str(&self.what)
    }
}
