//! Exchange formats: bytes from elsewhere in, articles out.
//!
//! One table, [`FORMATS`], says what there is; the command line's help, the file
//! dialogs and the tests are made of it, so that a format is added in one place. A
//! reader turns the bytes of a file into [`ReadArticle`]s and hands back what it had to
//! guess or leave out as [`Warning`]s: nothing is dropped silently, and nothing here
//! prints.
//!
//! There is deliberately no file access: who calls has read the bytes, checked their
//! number against [`LARGEST_ARTICLE`] before that, and puts the file's name in front of
//! an error or a warning. Ids are the project's affair and are not given here either.

mod decode;
mod html;
mod lines;
mod markdown;
mod meta;
mod text;

use crate::model::ArticleMeta;
use std::fmt;

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

/// Turns the bytes of one file into articles.
pub type Reader = fn(&[u8]) -> Result<Read, FormatError>;

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
    /// Reads it; `None` where it can only be written.
    pub reads: Option<Reader>,
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
pub static FORMATS: &[Format] = &[text::FORMAT, markdown::FORMAT, html::FORMAT];

/// The format with this id.
pub fn by_id(id: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.id == id)
}

/// The format whose files end so, in either case; `extension` is without the dot.
pub fn by_extension(extension: &str) -> Option<&'static Format> {
    FORMATS
        .iter()
        .find(|format| format.extensions.iter().any(|known| known.eq_ignore_ascii_case(extension)))
}

/// What the bytes look like: HTML by its first tag, else text, which then says so if
/// they are not text at all.
pub fn by_content(bytes: &[u8]) -> &'static Format {
    if html::looks_like(bytes) { &html::FORMAT } else { &text::FORMAT }
}

/// The format to read a file with: by its ending, else by its content.
pub fn choose(extension: Option<&str>, bytes: &[u8]) -> &'static Format {
    extension.and_then(by_extension).unwrap_or_else(|| by_content(bytes))
}

impl Format {
    /// Reads the bytes of one file.
    ///
    /// # Errors
    /// [`FormatError::NotReadable`] for a format that is only written, else what the
    /// reader finds wrong with the bytes.
    pub fn read(&self, bytes: &[u8]) -> Result<Read, FormatError> {
        let reader = self.reads.ok_or(FormatError::NotReadable { format: self.id })?;
        if bytes.len() as u64 > LARGEST_ARTICLE {
            return Err(FormatError::TooLarge);
        }
        reader(bytes)
    }
}

/// An article as it came in, without an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadArticle {
    /// What the file says about the article, or lets one infer.
    pub meta: ArticleMeta,
    /// The whole text: headline first where there is one, lines ended by line feeds,
    /// none at the end.
    pub text: String,
}

/// What one file gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// The articles in the order of the file.
    pub articles: Vec<ReadArticle>,
    /// What was guessed or left out.
    pub warnings: Vec<Warning>,
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
    fn whole_file(what: impl Into<String>) -> Self {
        Self { line: None, what: what.into() }
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

/// Why a file gives no article: what is wrong with it, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// The bytes are something else than text.
    #[error("it is not text but {looks_like}; {remedy}")]
    NotText {
        /// What they seem to be.
        looks_like: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// There is nothing to annotate.
    #[error("there is no text in it; leave it out, or put the article's text into it")]
    Empty,
    /// More than [`LARGEST_ARTICLE`].
    #[error(
        "it is larger than {} MiB, the most an article may have; split it into articles",
        LARGEST_ARTICLE / (1024 * 1024)
    )]
    TooLarge,
    /// The bytes are not what their encoding allows.
    #[error(
        "it is not valid {encoding}; open it in an editor, mend the damaged place and save it \
         as UTF-8"
    )]
    Undecodable {
        /// The encoding it claims or seems to have.
        encoding: &'static str,
        /// Where the first damage is, counted from one, if that is known.
        line: Option<u32>,
    },
    /// A web page without an article in it.
    #[error(
        "there is no article to be found in this page; copy the article's text into a text file \
         and import that"
    )]
    NoArticle,
    /// A web page that nests elements beyond reason.
    #[error(
        "its elements are nested more than {limit} deep; copy the article's text into a text \
         file and import that"
    )]
    TooDeep {
        /// The most that is read.
        limit: usize,
    },
    /// A web page with a text in it that takes too long to handle.
    #[error(
        "a stretch of its text is too long without any element in it; copy the article's text \
         into a text file and import that"
    )]
    TooLongText,
    /// A web page with more elements than any article has.
    #[error(
        "the page has more than {limit} parts; copy the article's text into a text file and \
         import that"
    )]
    TooManyNodes {
        /// The most that are read.
        limit: usize,
    },
    /// The format can only be written.
    #[error("the format {format} can be written but not read; choose another one")]
    NotReadable {
        /// The format's id.
        format: &'static str,
    },
}

impl FormatError {
    /// Where in the file the fault is, counted from one.
    pub fn line(&self) -> Option<u32> {
        match self {
            Self::Undecodable { line, .. } => *line,
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_table_is_sound() {
        for (index, format) in FORMATS.iter().enumerate() {
            let others = &FORMATS[..index];
            assert!(others.iter().all(|other| other.id != format.id), "{} twice", format.id);
            for extension in format.extensions {
                assert_eq!(*extension, extension.to_ascii_lowercase());
                assert_eq!(by_extension(&extension.to_uppercase()), Some(format));
            }
            assert_eq!(by_id(format.id), Some(format));
            assert!(!format.holds.is_empty() && !format.loses.is_empty());
        }
    }

    #[test]
    fn a_format_is_chosen_by_ending_then_by_content() {
        let cases: &[(Option<&str>, &str, &str)] = &[
            (Some("md"), "<p>", "markdown"),
            (Some("HTM"), "plain", "html"),
            (Some("txt"), "<html>", "text"),
            (Some("log"), "plain", "text"),
            (None, "\u{feff} \n<!-- saved --> <!DOCTYPE html>", "html"),
            (None, "<meta charset='utf-8'><p>pasted", "html"),
            (None, "<3 is a heart", "text"),
            (None, "", "text"),
        ];
        for (extension, content, expected) in cases {
            let chosen = choose(*extension, content.as_bytes());
            assert_eq!(chosen.id, *expected, "{extension:?} {content:?}");
        }
    }

    /// What every reader promises of whatever it accepts.
    fn check_promises(read: &Read) {
        for article in &read.articles {
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
                if let Ok(read) = format.read(&bytes) {
                    check_promises(&read);
                }
            }
        }

        #[test]
        fn no_markup_brings_a_reader_down(
            source in "([a-z ]{0,9}|<[a-z/!]{1,6}>|[-#*_`\\[\\]()|>&;:\"'=]|\r?\n|[^\0]){0,80}"
        ) {
            for format in FORMATS {
                if let Ok(read) = format.read(source.as_bytes()) {
                    check_promises(&read);
                }
            }
        }
    }
}
