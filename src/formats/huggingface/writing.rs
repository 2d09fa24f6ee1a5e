//! Writing Parquet, column by column.

use super::features::{self, tag_names};
use super::{ANNOTATORS, OURS, SPANS, TOKENS, split_name};
use crate::formats::document::{Document, Layer, LayerKind};
use crate::formats::error::FormatError;
use crate::formats::places::Places;
use crate::formats::writing::{Batch, Piece, WriteOptions};
use crate::formats::{OffsetUnit, fit, tags};
use crate::model::{AttributeValue, State};
use crate::text::TextSize;
use arrow_array::{ArrayRef, Int64Array, ListArray, RecordBatch, StringArray, StructArray};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{Field, Fields, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use std::collections::HashMap;
use std::sync::Arc;

pub(super) fn write(batch: &Batch<'_>) -> Result<Vec<Piece>, FormatError> {
    let mut pieces = vec![
        piece(batch, SPANS, spans_rows(batch.documents))?,
        piece(batch, TOKENS, tokens_rows(batch.documents, batch.options))?,
    ];
    if batch.options.has_several_annotators {
        pieces.push(piece(batch, ANNOTATORS, annotators_rows(batch.documents))?);
    }
    Ok(pieces)
}

type Column = (&'static str, ArrayRef);

fn piece(batch: &Batch<'_>, config: &str, rows: Vec<Column>) -> Result<Piece, FormatError> {
    let split = split_name(batch.split);
    let columns = features::columns(config, batch.options);
    // The key is looked for in the Arrow schema, not among the file's own keys.
    let metadata = HashMap::from([
        ("huggingface".to_owned(), features::as_json(&columns)),
        (OURS.to_owned(), config.to_owned()),
    ]);
    let (names, arrays): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    let fields = fields(names.into_iter().zip(&arrays));
    let schema = Arc::new(Schema::new_with_metadata(fields, metadata));
    let rows = RecordBatch::try_new(schema.clone(), arrays).map_err(FormatError::unwritable)?;
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), schema, Some(properties))
        .map_err(FormatError::unwritable)?;
    writer.write(&rows).map_err(FormatError::unwritable)?;
    let bytes = writer.into_inner().map_err(FormatError::unwritable)?;
    Ok(Piece { path: format!("{config}/{split}-{:05}.parquet", batch.number), bytes })
}

fn fields<'a>(columns: impl Iterator<Item = (&'static str, &'a ArrayRef)>) -> Fields {
    columns.map(|(name, array)| Field::new(name, array.data_type().clone(), true)).collect()
}

fn texts<T: AsRef<str>>(values: impl Iterator<Item = T>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

fn numbers(values: impl Iterator<Item = i64>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(values))
}

fn rows(columns: Vec<Column>) -> ArrayRef {
    let (names, arrays): (Vec<_>, Vec<_>) = columns.into_iter().unzip();
    Arc::new(StructArray::new(fields(names.into_iter().zip(&arrays)), arrays, None))
}

/// Divides values into lists of these lengths.
fn lists(values: ArrayRef, lengths: impl Iterator<Item = usize>) -> ArrayRef {
    let field = Arc::new(Field::new_list_field(values.data_type().clone(), true));
    let offsets = OffsetBuffer::from_lengths(lengths.collect::<Vec<_>>());
    Arc::new(ListArray::new(field, offsets, values, None))
}

/// A document with one of its layers; with none where it has none.
type Part<'a> = (&'a Document, Option<&'a Layer>);

fn parts(documents: &[Document]) -> Vec<Part<'_>> {
    let mut parts = Vec::with_capacity(documents.len());
    for document in documents {
        if document.layers.is_empty() {
            parts.push((document, None));
        }
        parts.extend(document.layers.iter().map(|layer| (document, Some(layer))));
    }
    parts
}

fn spans_rows(documents: &[Document]) -> Vec<Column> {
    let parts = parts(documents);
    let mut columns =
        article_columns(&parts.iter().map(|(document, _)| *document).collect::<Vec<_>>());
    columns.extend(layer_columns(&parts));
    columns
}

fn annotators_rows(documents: &[Document]) -> Vec<Column> {
    let parts: Vec<Part<'_>> =
        parts(documents).into_iter().filter(|(_, layer)| layer.is_some()).collect();
    let mut columns = article_columns(&documents.iter().collect::<Vec<_>>());
    let lengths = documents.iter().map(|document| document.layers.len());
    columns.push(("annotators", lists(rows(layer_columns(&parts)), lengths)));
    columns
}

fn article_columns(documents: &[&Document]) -> Vec<Column> {
    let documents = || documents.iter().copied();
    let about = |field: fn(&Document) -> &str| texts(documents().map(field));
    let date =
        |document: &Document| document.meta.date.map(|date| date.to_string()).unwrap_or_default();
    vec![
        ("id", about(|document| &document.name)),
        ("text", about(|document| &document.text)),
        ("title", about(|document| &document.meta.title)),
        ("source", about(|document| &document.meta.source)),
        ("date", texts(documents().map(date))),
        ("url", about(|document| &document.meta.url)),
        ("language", about(|document| &document.meta.language)),
    ]
}

fn layer_columns(parts: &[Part<'_>]) -> Vec<Column> {
    let layers = || parts.iter().map(|(_, layer)| *layer);
    let relations: Vec<_> = layers().flatten().flat_map(|layer| &layer.relations).collect();
    let index = |at: usize| i64::try_from(at).unwrap_or(i64::MAX);
    let relation_columns = vec![
        ("id", texts(relations.iter().map(|relation| &relation.id))),
        ("kind", texts(relations.iter().map(|relation| &relation.kind))),
        ("from", numbers(relations.iter().map(|relation| index(relation.from)))),
        ("to", numbers(relations.iter().map(|relation| index(relation.to)))),
    ];
    let counts = layers().map(|layer| layer.map_or(0, |layer| layer.relations.len()));
    vec![
        ("annotator", texts(layers().map(|layer| layer.map_or("", |layer| &layer.annotator)))),
        ("kind", texts(layers().map(kind))),
        ("state", texts(layers().map(|layer| state(layer.and_then(|layer| layer.state))))),
        ("spans", span_column(parts)),
        ("relations", lists(rows(relation_columns), counts)),
    ]
}

fn kind(layer: Option<&Layer>) -> &'static str {
    match layer.map(|layer| layer.kind) {
        None => "",
        Some(LayerKind::Annotator) => "annotator",
        Some(LayerKind::Gold) => "gold",
        Some(LayerKind::Predictions) => "predictions",
    }
}

fn state(state: Option<State>) -> &'static str {
    match state {
        None => "",
        Some(State::Unseen) => "unseen",
        Some(State::InProgress) => "in_progress",
        Some(State::Done) => "done",
    }
}

/// The annotations of each part, as lists of rows.
fn span_column(parts: &[Part<'_>]) -> ArrayRef {
    let mut all = Vec::new();
    let (mut starts, mut ends) = (Vec::new(), Vec::new());
    let (mut range_starts, mut range_ends) = (Vec::new(), Vec::new());
    for (document, layer) in parts {
        let places = Places::new(&document.text, OffsetUnit::CodePoints);
        let offset = |byte: TextSize| i64::from(places.offset(byte));
        for annotation in layer.iter().flat_map(|layer| &layer.annotations) {
            all.push((*document, annotation));
            starts.push(offset(annotation.span.start()));
            ends.push(offset(annotation.span.end()));
            if annotation.span.is_discontinuous() {
                let ranges = annotation.span.ranges();
                range_starts.extend(ranges.iter().map(|range| offset(range.start())));
                range_ends.extend(ranges.iter().map(|range| offset(range.end())));
            }
        }
    }
    let annotations = || all.iter().map(|(_, annotation)| *annotation);
    let attributes = || annotations().flat_map(|annotation| &annotation.attributes);
    let range_columns = vec![
        ("start", numbers(range_starts.into_iter())),
        ("end", numbers(range_ends.into_iter())),
    ];
    let range_counts = annotations().map(|annotation| match annotation.span.ranges().len() {
        1 => 0,
        several => several,
    });
    let attribute_columns = vec![
        ("name", texts(attributes().map(|(name, _)| name))),
        ("value", texts(attributes().map(|(_, value)| text_of(value)))),
    ];
    let attribute_counts = annotations().map(|annotation| annotation.attributes.len());
    let surface = all.iter().map(|(document, found)| found.span.surface(&document.text));
    let columns = vec![
        ("id", texts(annotations().map(|annotation| &annotation.id))),
        ("label", texts(annotations().map(|annotation| &annotation.label))),
        ("start", numbers(starts.into_iter())),
        ("end", numbers(ends.into_iter())),
        ("text", texts(surface)),
        ("ranges", lists(rows(range_columns), range_counts)),
        ("attributes", lists(rows(attribute_columns), attribute_counts)),
        ("note", texts(annotations().map(|annotation| &annotation.note))),
    ];
    let counts = parts.iter().map(|(_, layer)| layer.map_or(0, |layer| layer.annotations.len()));
    lists(rows(columns), counts)
}

/// The text that every value is after fitting.
fn text_of(value: &AttributeValue) -> &str {
    match value {
        AttributeValue::Text(text) => text,
        _ => "",
    }
}

fn tokens_rows(documents: &[Document], options: &WriteOptions) -> Vec<Column> {
    let numbers_of: HashMap<String, i64> = tag_names(options).into_iter().zip(0..).collect();
    let (mut names, mut annotators) = (Vec::new(), Vec::new());
    let (mut words, mut tags) = (Vec::new(), Vec::new());
    let mut lengths = Vec::new();
    for document in documents {
        // What tags cannot say is told on the card: it is all in the other configuration.
        let mut told = Vec::new();
        let mut flat = document.clone();
        fit::tokenize(&mut flat, options);
        fit::one_range(&mut flat, options.misfits, &mut told);
        fit::on_tokens(&mut flat, options.misfits, &mut told);
        fit::flat(&mut flat, &options.overlaps, &mut told);
        for layer in &flat.layers {
            names.push(document.name.as_str());
            annotators.push(layer.annotator.clone());
            lengths.push(flat.tokens.len());
            words.extend(flat.tokens.iter().map(|token| &document.text[*token]));
            // A label that no schema knows has no number: minus one is none to `datasets`.
            let found = tags::tags(layer, &flat.tokens, options.scheme, None);
            tags.extend(found.iter().map(|tag| numbers_of.get(tag).copied().unwrap_or(-1)));
        }
    }
    vec![
        ("id", texts(names.into_iter())),
        ("annotator", texts(annotators.into_iter())),
        ("tokens", lists(texts(words.into_iter()), lengths.iter().copied())),
        ("ner_tags", lists(numbers(tags.into_iter()), lengths.iter().copied())),
    ]
}
