//! Why a file or a record of it cannot be read or written, and what to do.

use super::LARGEST_ARTICLE;

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
    /// The bytes are not what the format asks for.
    #[error("{what}; {remedy}")]
    Malformed {
        /// Where in the file, counted from one, if that is known.
        line: Option<u32>,
        /// What is wrong.
        what: String,
        /// What to do.
        remedy: &'static str,
    },
    /// The file cannot be read to its end.
    #[error("it cannot be read: {0}; check the disk and retry")]
    Unreadable(String),
    /// What was to be written cannot be put into the format.
    #[error("it cannot be written in this format: {0}; choose another one")]
    Unwritable(String),
    /// What was written reads otherwise than it was to be written.
    #[error(
        "reading back what was written, the article “{article}” is not the same: {what}; nothing \
         was put in place, choose another format and tell the makers of Copydesk"
    )]
    Unproven {
        /// The article.
        article: String,
        /// What differs.
        what: String,
    },
    /// The program was built without the crate that reads tokenizers.
    #[error(
        "this program was built without tokenizers of Hugging Face; build it with \
         --features tokenizers, or choose another with --tokens"
    )]
    NoTokenizers,
    /// The format can only be read.
    #[error("the format {format} can be read but not written; choose another one")]
    NotWritable {
        /// The format's id.
        format: &'static str,
    },
    /// The format can only be written.
    #[error("the format {format} can be written but not read; choose another one")]
    NotReadable {
        /// The format's id.
        format: &'static str,
    },
}

impl FormatError {
    /// What a crate that writes the format says.
    pub(super) fn unwritable(error: impl std::fmt::Display) -> Self {
        Self::Unwritable(error.to_string())
    }

    /// What is wrong with a place of a file, and the usual remedy.
    pub(super) fn malformed(line: impl Into<Option<u32>>, what: impl Into<String>) -> Self {
        let remedy = "mend it, or write the file anew with the tool that made it";
        Self::Malformed { line: line.into(), what: what.into(), remedy }
    }

    /// Where in the file the fault is, counted from one.
    pub fn line(&self) -> Option<u32> {
        match self {
            Self::Undecodable { line, .. } | Self::Malformed { line, .. } => *line,
            _ => None,
        }
    }
}
