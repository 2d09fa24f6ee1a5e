//! A file's lines, taken apart: its head, and for each sentence its text and its rows.

use super::head::{self, LayerHead};
use super::{ANNOTATOR, DOCUMENT, MAGIC, TEXT};
use crate::formats::error::FormatError;
use crate::formats::places::short;

/// A file, taken apart.
#[derive(Default)]
pub(super) struct Sheet<'a> {
    pub(super) layers: Vec<LayerHead>,
    /// Whose the annotations are and what the article is called, escaped; `None` where
    /// the file does not say.
    pub(super) annotator: Option<&'a str>,
    pub(super) name: Option<&'a str>,
    pub(super) sentences: Vec<Block<'a>>,
}

/// A sentence.
pub(super) struct Block<'a> {
    /// The line on which it begins.
    pub(super) line: u32,
    /// The lines of its text, escaped.
    pub(super) texts: Vec<&'a str>,
    pub(super) rows: Vec<Row<'a>>,
}

/// A token, or a part of one.
pub(super) struct Row<'a> {
    pub(super) line: u32,
    /// What others call it: `2-7`, or `2-7.1` for a part of a token.
    pub(super) unit: &'a str,
    /// Where it stands, in units of the file; the end is exclusive.
    pub(super) begin: u64,
    pub(super) end: u64,
    pub(super) words: &'a str,
    /// One for each column of each layer.
    pub(super) cells: Vec<&'a str>,
}

impl Row<'_> {
    /// Whether it is a whole token.
    pub(super) fn is_token(&self) -> bool {
        !self.unit.contains('.') && self.begin < self.end
    }
}

/// Takes a file apart.
pub(super) fn sheet(text: &str) -> Result<Sheet<'_>, FormatError> {
    if !text.starts_with(MAGIC) {
        let what = match text.lines().next().and_then(|line| line.strip_prefix("#FORMAT=")) {
            Some(other) => format!("it is {}, of which only WebAnno TSV 3 is read", short(other)),
            None => "it does not begin with #FORMAT=WebAnno TSV 3".to_owned(),
        };
        return Err(FormatError::Malformed {
            line: Some(1),
            what,
            remedy: "export it as WebAnno TSV 3 or as UIMA CAS XMI",
        });
    }
    let mut sheet = Sheet::default();
    let mut columns = 0;
    for (number, line) in (1..).zip(text.split('\n')) {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if let Some(words) = line.strip_prefix(TEXT) {
            match sheet.sentences.last_mut() {
                Some(block) if block.rows.is_empty() => block.texts.push(words),
                _ => {
                    let rows = Vec::new();
                    sheet.sentences.push(Block { line: number, texts: vec![words], rows });
                }
            }
        } else if line.is_empty() {
        } else if let Some(block) = sheet.sentences.last_mut() {
            // Other lines with a number sign are remarks, and tokens never begin with one.
            if !line.starts_with('#') {
                block.rows.push(row(number, line, columns)?);
            }
        } else if let Some(annotator) = line.strip_prefix(ANNOTATOR) {
            sheet.annotator = Some(annotator);
        } else if let Some(name) = line.strip_prefix(DOCUMENT) {
            sheet.name = Some(name);
        } else if let Some(layer) = head::layer(number, line)? {
            columns += layer.columns.len();
            sheet.layers.push(layer);
        } else if !line.starts_with('#') {
            return Err(FormatError::malformed(number, "a token stands before any #Text="));
        }
    }
    Ok(sheet)
}

fn row(line: u32, source: &str, columns: usize) -> Result<Row<'_>, FormatError> {
    let bad = |what: &str| FormatError::malformed(line, what);
    let mut fields = source.split('\t');
    let (unit, offsets) = (fields.next().unwrap_or_default(), fields.next());
    let offsets = offsets.and_then(|offsets| {
        let (begin, end) = offsets.split_once('-')?;
        Some((begin.parse().ok()?, end.parse().ok()?))
    });
    let (begin, end): (u64, u64) =
        offsets.ok_or_else(|| bad("the second column holds no offsets such as 0-4"))?;
    if end < begin {
        return Err(bad("the token ends before it begins"));
    }
    let words = fields.next().ok_or_else(|| bad("the token is missing"))?;
    let mut cells: Vec<_> = fields.collect();
    if cells.len() == columns + 1 && cells.last() == Some(&"") {
        cells.pop();
    }
    if cells.len() != columns {
        let count = cells.len();
        return Err(bad(&format!("there are {count} cells instead of {columns}")));
    }
    Ok(Row { line, unit, begin, end, words, cells })
}
