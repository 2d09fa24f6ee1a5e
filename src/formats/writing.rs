//! What writers are given and what they give back.
//!
//! A format can hold only so much. So writing has two halves: [`Writer::fit`] brings a
//! document to what the format can hold and says what is lost, by annotation; and
//! [`Writer::write`] puts what fits into bytes, exactly. The law between them is that
//! reading what was written gives the fitted documents back, all of them and in every
//! offset; `proof` holds each batch to it before anything is put in place.
//!
//! Both are pure, so batches are fitted, written and proven on all cores at once.

use super::document::Document;
use super::error::FormatError;
use super::learned::TokenizerFile;
use super::loss::Loss;
use super::tokens::Tokenizer;
use crate::model::Schema;
use std::sync::Arc;

/// How a format is written.
#[derive(Clone, Copy, Debug)]
pub struct Writer {
    /// Which of the options make a difference.
    pub chooses: &'static [Choice],
    /// What the export is on disk.
    pub layout: Layout,
    /// Whether what one file holds may come from several annotators.
    pub annotators: Annotators,
    /// How many documents are written at once: one for formats of a file each, more where
    /// documents share a file that cannot be appended to.
    pub batch: usize,
    /// Brings a document to what the format can hold, and says what it cannot. Doing so
    /// twice changes nothing more.
    pub fit: fn(Document, &WriteOptions, &mut Vec<Loss>) -> Document,
    /// Puts fitted documents into bytes.
    pub write: fn(&Batch<'_>) -> Result<Vec<Piece>, FormatError>,
    /// What stands before, between and after pieces of one file.
    pub frame: Frame,
    /// The files that are made when everything is written: configurations and cards.
    pub finish: fn(&Summary<'_>) -> Vec<Piece>,
}

impl Writer {
    /// For formats without configurations and cards.
    pub fn nothing_more(_: &Summary<'_>) -> Vec<Piece> {
        Vec::new()
    }
}

/// An option that a format may leave open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// [`WriteOptions::tokenizer`].
    Tokens,
    /// [`WriteOptions::overlaps`].
    Overlaps,
    /// [`WriteOptions::misfits`].
    Misfits,
    /// [`WriteOptions::scheme`].
    Scheme,
    /// [`WriteOptions::columns`].
    Columns,
}

/// What an export is on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// One file for each split.
    File,
    /// A folder of files, to which pieces are added one after the other.
    Folder,
    /// A folder in which every piece is a file of its own, whole by itself.
    Files,
}

/// Whose annotations one file of a format holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Annotators {
    /// One annotator's; the writer makes a file for each layer.
    One,
    /// Several annotators', and it says whose is whose.
    Several,
}

/// What pieces of one file are put together with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// Before the first piece.
    pub head: &'static str,
    /// Between two pieces.
    pub between: &'static str,
    /// After the last piece.
    pub tail: &'static str,
}

impl Frame {
    /// Pieces are put one after the other.
    pub const NONE: Self = Self { head: "", between: "", tail: "" };
}

/// Fitted documents that are written at once.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// The documents.
    pub documents: &'a [Document],
    /// The split they belong to (`train`); `all` where nothing is split.
    pub split: &'a str,
    /// Which batch of its split, counted from zero.
    pub number: usize,
    /// How to write them.
    pub options: &'a WriteOptions,
}

/// Bytes that go to the end of a file of the export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The file's path below the export's folder, with `/` between the parts. For
    /// [`Layout::File`] a name that differs by split alone (`train.jsonl`).
    pub path: String,
    /// What is added to it.
    pub bytes: Vec<u8>,
}

/// What was written, for configurations and cards.
#[derive(Clone, Copy, Debug)]
pub struct Summary<'a> {
    /// The project's name.
    pub project: &'a str,
    /// How it was written.
    pub options: &'a WriteOptions,
    /// The splits in their order with the number of documents in each; one called `all`
    /// where nothing is split.
    pub splits: &'a [(String, usize)],
}

/// How documents are written where a format leaves a choice.
#[derive(Clone, Debug)]
pub struct WriteOptions {
    /// The labels, attributes and relations there are.
    pub schema: Arc<Schema>,
    /// Whether several annotators are written, so that files have to tell them apart.
    pub has_several_annotators: bool,
    /// What token formats divide texts into, where a document has no tokens of its own.
    pub tokenizer: Tokenizer,
    /// A model's own tokenizer, which is used instead.
    pub learned: Option<TokenizerFile>,
    /// What becomes of annotations that overlap where the format cannot hold them.
    pub overlaps: Overlaps,
    /// What becomes of annotations that do not fit otherwise.
    pub misfits: Misfits,
    /// How tags mark the beginning and the end of an annotation.
    pub scheme: TagScheme,
    /// The columns of CoNLL.
    pub columns: Columns,
}

impl WriteOptions {
    /// The usual choices.
    pub fn new(schema: Arc<Schema>) -> Self {
        Self {
            schema,
            has_several_annotators: false,
            tokenizer: Tokenizer::default(),
            learned: None,
            overlaps: Overlaps::default(),
            misfits: Misfits::default(),
            scheme: TagScheme::default(),
            columns: Columns::default(),
        }
    }
}

/// Which of two overlapping annotations a format gets that holds only one of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Overlaps {
    /// The longer one.
    #[default]
    Outermost,
    /// The shorter one.
    Innermost,
    /// The one whose label comes first here; a label that is not here comes last.
    LabelOrder(Vec<String>),
    /// Both, in a file for each label; of one label the longer one.
    FilePerLabel,
}

/// What becomes of an annotation that cuts a token, or has several ranges where a
/// format holds only one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Misfits {
    /// It grows to the tokens' edges, and over what lies between its ranges.
    #[default]
    Expand,
    /// It is left out.
    Drop,
}

/// How tags mark an annotation's tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TagScheme {
    /// B begins, I goes on.
    #[default]
    Iob2,
    /// B begins, I goes on, E ends, S is one token alone.
    Bioes,
}

/// The columns of a CoNLL file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Columns {
    /// `FORM NER`, as in 2002.
    #[default]
    Two,
    /// `FORM POS CHUNK NER`, as in 2003.
    Four,
}

/// The name of a file that holds one layer of a document where each annotator has one:
/// `annotator-1/article.ann` where there are several annotators, `article.ann` else; in
/// the folder of its split, where there are splits.
pub(super) fn layer_path(
    batch: &Batch<'_>,
    document: &Document,
    layer: usize,
    ending: &str,
) -> String {
    let split = if batch.split == "all" { String::new() } else { format!("{}/", batch.split) };
    let annotator = match document.layers.get(layer) {
        Some(layer) if batch.options.has_several_annotators && !layer.annotator.is_empty() => {
            format!("{}/", file_name(&layer.annotator))
        }
        _ => String::new(),
    };
    format!("{split}{annotator}{}.{ending}", file_name(&document.name))
}

/// A name that is safe as a file's on every system: no separators, no leading dot.
pub(super) fn file_name(name: &str) -> String {
    let safe = |character: char| match character {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
        character if character.is_control() => '_',
        character => character,
    };
    let name: String = name.chars().map(safe).collect();
    let name = name.trim_matches(['.', ' ']);
    if name.is_empty() { "article".to_owned() } else { name.to_owned() }
}
