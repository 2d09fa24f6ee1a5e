//! Exchange formats: bytes of other programs to [`Document`]s, and documents to bytes.
//!
//! One table, [`FORMATS`], says what there is; the command line's help, the dialogs and
//! the tests are made of it, so that a format is added in one place, with its reader and
//! its writer side by side in one file. A reader hands back what it had to guess or
//! leave out as [`Warning`]s, a writer what the format cannot hold as [`Loss`]es: nothing
//! is dropped silently, and nothing here prints. What is written is read back and
//! compared ([`prove`]).
//!
//! There is deliberately no file access: who calls gives the bytes, checks their number
//! against [`LARGEST_ARTICLE`] before that, and puts the file's name in front of an error
//! or a warning. What labels and ids become in a project is not known here either.

mod brat;
mod colors;
mod conll;
mod cores;
mod csv;
mod decode;
mod doccano;
mod document;
mod docx;
mod elements;
mod error;
mod fit;
mod html;
mod huggingface;
mod jsonl;
mod labelstudio;
mod learned;
mod lines;
mod loading;
mod loss;
mod markdown;
mod meta;
mod names;
mod once;
mod pdf;
mod places;
mod prodigy;
mod proof;
mod reading;
mod records;
mod sniff;
mod spacy;
mod tags;
#[cfg(test)]
mod testing;
mod text;
mod tokens;
mod uima;
mod unwritable;
mod w3c;
mod writing;

pub use document::{Annotation, Document, Layer, LayerKind, Relation};
pub use error::FormatError;
pub use learned::TokenizerFile;
pub use loading::loads_with;
pub use loss::{Loss, LossKind, Remedy};
pub use meta::title_of;
pub use proof::prove;
pub use reading::{
    Ask, Input, Outline, OutlineLabel, OutlineRelation, Read, ReadOptions, Reader, Sink, Source,
    Warning,
};
pub use sniff::{HEAD, choose};
pub use tokens::Tokenizer;
pub use writing::{
    Annotators, Batch, Choice, Columns, Frame, Layout, Misfits, Overlaps, Piece, Summary,
    TagScheme, WriteOptions, Writer,
};

/// The most bytes that an article may have, as a file and as text. Callers look at a
/// file's size before they read it.
pub const LARGEST_ARTICLE: u64 = 64 * 1024 * 1024;

/// What a format counts its offsets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetUnit {
    /// The format holds articles without annotations.
    None,
    /// Unicode code points.
    CodePoints,
    /// UTF-16 code units.
    Utf16Units,
}

impl OffsetUnit {
    /// The unit as it is written in `--json` and in the documentation.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::CodePoints => "code points",
            Self::Utf16Units => "UTF-16 units",
        }
    }
}

/// One row of the table of formats.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// What `--format` calls it.
    pub id: &'static str,
    /// What the window calls it.
    pub name: &'static str,
    /// The endings of its files, lower case, without the dot; the usual one first.
    pub extensions: &'static [&'static str],
    /// What its offsets count.
    pub offsets: OffsetUnit,
    /// The endings of files that belong to a file of the format and are not read by
    /// themselves where they lie beside one (brat's texts).
    pub companions: &'static [&'static str],
    /// Reads it; `None` where it can only be written.
    pub reads: Option<Reader>,
    /// Which of the options of reading make a difference.
    pub asks: &'static [Ask],
    /// Writes it; `None` where it can only be read.
    pub writes: Option<Writer>,
    /// What of a file is kept.
    pub holds: &'static str,
    /// What of a file is left out.
    pub loses: &'static str,
}

impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Format {}

/// Every format there is, in the order of the lists that people see.
pub static FORMATS: &[Format] = &[
    text::FORMAT,
    markdown::FORMAT,
    html::FORMAT,
    jsonl::FORMAT,
    brat::FORMAT,
    conll::FORMAT,
    labelstudio::FORMAT,
    doccano::FORMAT,
    uima::tsv::FORMAT,
    uima::xmi::FORMAT,
    uima::json::FORMAT,
    w3c::FORMAT,
    spacy::FORMAT,
    huggingface::FORMAT,
    prodigy::FORMAT,
    csv::FORMAT,
    docx::FORMAT,
    pdf::FORMAT,
];

/// The format with this id.
pub fn by_id(id: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.id == id)
}

/// The format whose configuration a file is, by its path and its first bytes: what labels
/// there are, in a file that holds no article (Label Studio's `label_config.xml`).
pub fn configured_by(path: &str, head: &[u8]) -> Option<&'static Format> {
    let is_one = path.to_ascii_lowercase().ends_with(".xml") && labelstudio::is_config(head);
    by_id(labelstudio::FORMAT.id).filter(|_| is_one)
}

/// Whether files with the ending of this one are read by any format.
pub fn is_known(path: &str) -> bool {
    FORMATS.iter().any(|format| format.reads.is_some() && format.is_main(path))
}

impl Format {
    /// Reads a whole file, for formats whose files are articles and for small ones of
    /// records.
    ///
    /// # Errors
    /// [`FormatError::NotReadable`] for a format that is only written, else what the
    /// reader finds wrong with the bytes.
    pub fn read(&self, input: &Input<'_>) -> Result<Read, FormatError> {
        match self.reads {
            None => Err(FormatError::NotReadable { format: self.id }),
            Some(Reader::Whole(_)) if input.bytes.len() as u64 > LARGEST_ARTICLE => {
                Err(FormatError::TooLarge)
            }
            Some(Reader::Whole(reader)) => reader(input),
            Some(Reader::Records(reader)) => {
                let mut read = Read::default();
                let mut source = std::io::Cursor::new(input.bytes);
                reader(&mut source, input.path, input.options, &mut read)?;
                Ok(read)
            }
        }
    }

    /// Whether a file of the format is one to read, and not one that belongs to another.
    pub fn is_main(&self, path: &str) -> bool {
        let has = |endings: &[&str]| {
            let lower = path.to_ascii_lowercase();
            endings.iter().any(|ending| {
                lower.strip_suffix(ending).is_some_and(|rest| rest.ends_with(['.', '/']))
            })
        };
        has(self.extensions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::TextRange;
    use proptest::prelude::*;

    #[test]
    fn the_table_is_sound() {
        for (index, format) in FORMATS.iter().enumerate() {
            let others = &FORMATS[..index];
            assert!(others.iter().all(|other| other.id != format.id), "{} twice", format.id);
            for extension in format.extensions {
                assert_eq!(*extension, extension.to_ascii_lowercase());
                assert!(format.is_main(&format!("folder/a.{}", extension.to_uppercase())));
            }
            assert_eq!(by_id(format.id), Some(format));
            assert!(!format.holds.is_empty() && !format.loses.is_empty());
        }
    }

    /// What every reader promises of whatever it accepts.
    fn check_promises(format: &Format, read: &Read) {
        for article in &read.documents {
            let is_inside = |at: TextRange| {
                article.text.get(usize::from(at.start())..usize::from(at.end())).is_some()
            };
            let annotations = article.layers.iter().flat_map(|layer| &layer.annotations);
            assert!(annotations.flat_map(|found| found.span.ranges()).all(|at| is_inside(*at)));
            // What follows are articles alone; formats of annotations give what they say.
            if format.writes.is_some() {
                continue;
            }
            assert!(!article.text.trim().is_empty());
            assert!(!article.text.contains(['\r', '\0']));
            assert!(!article.text.starts_with('\u{feff}') && !article.text.ends_with('\n'));
            assert!(!article.meta.title.is_empty() && !article.meta.title.contains('\n'));
            assert!(matches!(article.meta.language.len(), 0 | 2));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_bring_a_reader_down(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            for format in FORMATS {
                if let Ok(read) = format.read(&Input::alone(&bytes, "")) {
                    check_promises(format, &read);
                }
            }
        }

        #[test]
        fn no_markup_brings_a_reader_down(
            source in "([a-z ]{0,9}|<[a-z/!]{1,6}>|[-#*_`\\[\\]()|>&;:\"'=]|\r?\n|[^\0]){0,80}"
        ) {
            for format in FORMATS {
                if let Ok(read) = format.read(&Input::alone(source.as_bytes(), "")) {
                    check_promises(format, &read);
                }
            }
        }
    }
}
