//! Tables: our own, with a row for each annotation, and those of others with a column of
//! texts.
//!
//! In our own the first column says what a row is: an `article` with its text and what is
//! known about it; below it its `annotator`s, and below each of them their `annotation`s
//! and `relation`s. Offsets count code points, ends are exclusive. Cells that a
//! spreadsheet would take for a formula have an apostrophe before them, which is taken
//! away again here; spreadsheets do not show it. `docs/FORMATS.md` documents the columns.

mod held;
mod quotes;
mod reading;
#[cfg(test)]
mod tests;

use super::document::{Annotation, Document, Layer, LayerKind};
use super::error::FormatError;
use super::loss::Loss;
use super::places::Places;
use super::reading::{Ask, Reader};
use super::writing::{Annotators, Batch, Frame, Layout, Piece, WriteOptions, Writer};
use super::{Format, OffsetUnit, fit, jsonl, names, unwritable};
use crate::model::State;
use std::borrow::Cow;

pub(super) const FORMAT: Format = Format {
    id: "csv",
    name: "CSV table",
    extensions: &["csv"],
    companions: &[],
    offsets: OffsetUnit::CodePoints,
    reads: Some(Reader::Records(reading::read)),
    asks: &[Ask::TextColumn],
    writes: Some(Writer {
        chooses: &[],
        layout: Layout::File,
        annotators: Annotators::Several,
        batch: 1,
        fit,
        write,
        frame: Frame { head: HEAD, ..Frame::NONE },
        finish: Writer::nothing_more,
    }),
    holds: "articles with metadata, all annotators, attributes, relations, notes, states",
    loses: "who made an annotation how and when",
};

/// The names of the columns, as the file's first line.
const HEAD: &str = "row,article,annotator,id,label,start,end,ranges,text,attributes,note,from,to,\
                    state,title,source,date,url,language\n";

/// The cells of a row; most rows leave most of them empty.
#[derive(Default)]
struct Row<'a> {
    row: &'static str,
    article: &'a str,
    annotator: &'a str,
    id: &'a str,
    label: &'a str,
    start: Option<u32>,
    end: Option<u32>,
    ranges: String,
    text: Cow<'a, str>,
    attributes: String,
    note: &'a str,
    from: &'a str,
    to: &'a str,
    state: &'static str,
    title: &'a str,
    source: &'a str,
    date: String,
    url: &'a str,
    language: &'a str,
}

impl Row<'_> {
    /// The cells in the order of the columns.
    fn cells(&self) -> [Cow<'_, str>; 19] {
        let number = |number: Option<u32>| number.map(|number| number.to_string().into());
        [
            self.row.into(),
            harmless(self.article),
            harmless(self.annotator),
            harmless(self.id),
            harmless(self.label),
            number(self.start).unwrap_or_default(),
            number(self.end).unwrap_or_default(),
            self.ranges.as_str().into(),
            harmless(&self.text),
            self.attributes.as_str().into(),
            harmless(self.note),
            harmless(self.from),
            harmless(self.to),
            self.state.into(),
            harmless(self.title),
            harmless(self.source),
            self.date.as_str().into(),
            harmless(self.url),
            harmless(self.language),
        ]
    }
}

/// Whether a spreadsheet takes a cell for a formula: by its first sign, also where white
/// space or the wide form of the sign stands there.
fn is_formula(cell: &str) -> bool {
    cell.starts_with(['\t', '\r', '\n'])
        || cell.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

/// Puts an apostrophe before a cell that is a formula, or would be one without the
/// apostrophes that it begins with, so that taking one away is right again.
fn harmless(cell: &str) -> Cow<'_, str> {
    let is_harmless = !is_formula(cell.trim_start_matches('\''));
    if is_harmless { cell.into() } else { format!("'{cell}").into() }
}

/// The cell as it was before [`harmless`].
fn as_written(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_formula(rest.trim_start_matches('\'')) => rest,
        _ => cell,
    }
}

fn fit(mut document: Document, _: &WriteOptions, losses: &mut Vec<Loss>) -> Document {
    // A table with a zero byte is taken for one in UTF-16, here and by spreadsheets.
    unwritable::replace(&mut document, |character| character != '\0', losses);
    fit::tidy_metadata(&mut document, losses);
    fit::drop_rest(&mut document, losses);
    fit::drop_history(&mut document);
    document.tokens.clear();
    document.sentences.clear();
    for annotation in document.layers.iter_mut().flat_map(|layer| &mut layer.annotations) {
        // The attributes are an object, whose names have no order of their own.
        annotation.attributes.sort_by(|one, other| one.0.cmp(&other.0));
    }
    names::unique_ids(&mut document);
    document
}

fn write(batch: &Batch<'_>) -> Result<Vec<Piece>, FormatError> {
    let mut table = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    for document in batch.documents {
        for row in rows(document) {
            let cells = row.cells();
            table
                .write_record(cells.iter().map(|cell| cell.as_bytes()))
                .map_err(FormatError::unwritable)?;
        }
    }
    let bytes = table.into_inner().map_err(FormatError::unwritable)?;
    Ok(vec![Piece { path: format!("{}.csv", batch.split), bytes }])
}

fn rows(document: &Document) -> Vec<Row<'_>> {
    let places = Places::new(&document.text, OffsetUnit::CodePoints);
    let meta = &document.meta;
    let mut rows = vec![Row {
        row: "article",
        article: &document.name,
        text: (&*document.text).into(),
        title: &meta.title,
        source: &meta.source,
        date: meta.date.map(|date| date.to_string()).unwrap_or_default(),
        url: &meta.url,
        language: &meta.language,
        ..Row::default()
    }];
    for layer in &document.layers {
        let row = |row| Row {
            row,
            article: &document.name,
            annotator: &layer.annotator,
            ..Row::default()
        };
        rows.push(Row { label: kind(layer), state: state(layer), ..row("annotator") });
        rows.extend(layer.annotations.iter().map(|found| Row {
            article: &document.name,
            annotator: &layer.annotator,
            ..annotation(found, document, &places)
        }));
        let end = |at: usize| layer.annotations.get(at).map_or("", |end| &end.id);
        rows.extend(layer.relations.iter().map(|link| Row {
            id: &link.id,
            label: &link.kind,
            from: end(link.from),
            to: end(link.to),
            ..row("relation")
        }));
    }
    rows
}

fn annotation<'a>(found: &'a Annotation, document: &Document, places: &Places<'_>) -> Row<'a> {
    let attributes: serde_json::Map<_, _> = found
        .attributes
        .iter()
        .map(|(name, value)| (name.clone(), jsonl::value_of(value)))
        .collect();
    let is_empty = attributes.is_empty();
    // Numbers with dots between them are neither dates nor times to any spreadsheet.
    let range = |range: &crate::text::TextRange| {
        format!("{}..{}", places.offset(range.start()), places.offset(range.end()))
    };
    let ranges: Vec<_> = found.span.ranges().iter().map(range).collect();
    Row {
        row: "annotation",
        id: &found.id,
        label: &found.label,
        start: Some(places.offset(found.span.start())),
        end: Some(places.offset(found.span.end())),
        ranges: if ranges.len() > 1 { ranges.join(" ") } else { String::new() },
        text: found.span.surface(&document.text).into(),
        attributes: if is_empty {
            String::new()
        } else {
            serde_json::Value::Object(attributes).to_string()
        },
        note: &found.note,
        ..Row::default()
    }
}

fn kind(layer: &Layer) -> &'static str {
    match layer.kind {
        LayerKind::Annotator => "annotator",
        LayerKind::Gold => "gold",
        LayerKind::Predictions => "predictions",
    }
}

fn state(layer: &Layer) -> &'static str {
    match layer.state {
        None => "",
        Some(State::Unseen) => "unseen",
        Some(State::InProgress) => "in_progress",
        Some(State::Done) => "done",
    }
}
