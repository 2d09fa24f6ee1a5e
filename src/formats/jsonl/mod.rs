//! Our own JSONL: one article a line, with everything that a project knows.
//!
//! Offsets count code points, ends are exclusive, and each annotation has its words
//! beside them. `docs/FORMATS.md` documents the fields. Any other file of one JSON object
//! a line is read for its text, title and the like.

mod reading;
mod strays;
#[cfg(test)]
mod tests;

use super::document::{Annotation, Document, LayerKind};
use super::error::FormatError;
use super::fit;
use super::loss::Loss;
use super::places::Places;
use super::reading::{Ask, Reader};
use super::writing::{Annotators, Batch, Frame, Layout, Piece, WriteOptions, Writer};
use super::{Format, OffsetUnit, names};
use crate::model::{AttributeValue, Origin, State};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(super) const FORMAT: Format = Format {
    id: "jsonl",
    name: "JSON lines",
    extensions: &["jsonl", "ndjson"],
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
        frame: Frame::NONE,
        finish: Writer::nothing_more,
    }),
    holds: "everything: articles, all annotators, attributes, relations, notes, origins",
    loses: "the history of each annotation",
};

/// The names under which other programs keep a text.
const TEXT_FIELDS: [&str; 5] = ["text", "body", "content", "article", "data"];

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    #[serde(default)]
    id: String,
    #[serde(borrow)]
    text: std::borrow::Cow<'a, str>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    title: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    source: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    url: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    language: String,
    #[serde(default)]
    annotators: Vec<LineAnnotator>,
    #[serde(default)]
    annotations: Vec<LineAnnotation>,
    #[serde(default)]
    relations: Vec<LineRelation>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LineAnnotator {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    state: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LineAnnotation {
    #[serde(default)]
    id: String,
    #[serde(default)]
    annotator: String,
    label: String,
    spans: Vec<[u64; 2]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    attributes: serde_json::Map<String, Value>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    note: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    origin: Option<LineOrigin>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created: Option<jiff::Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    modified: Option<jiff::Timestamp>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum LineOrigin {
    Manual,
    Suggestion(String),
    Import(String),
    Adjudication(Vec<String>),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LineRelation {
    #[serde(default)]
    id: String,
    #[serde(default)]
    annotator: String,
    kind: String,
    from: String,
    to: String,
}

/// The value of an attribute; `None` for nothing.
pub(super) fn read_value(value: Value) -> Option<AttributeValue> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(flag) => AttributeValue::Flag(flag),
        Value::String(text) => AttributeValue::Text(text),
        Value::Array(items) => AttributeValue::List(
            items
                .into_iter()
                .map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned))
                .collect(),
        ),
        Value::Object(_) => AttributeValue::Text(value.to_string()),
        Value::Number(number) => match number.as_i64() {
            Some(number) => AttributeValue::Integer(number),
            None => AttributeValue::Decimal(number.as_f64()?),
        },
    })
}

fn fit(mut document: Document, _: &WriteOptions, losses: &mut Vec<Loss>) -> Document {
    fit::drop_rest(&mut document, losses);
    document.tokens.clear();
    document.sentences.clear();
    names::unique_ids(&mut document);
    document
}

fn write(batch: &Batch<'_>) -> Result<Vec<Piece>, FormatError> {
    let mut bytes = Vec::new();
    for document in batch.documents {
        serde_json::to_writer(&mut bytes, &line(document)).map_err(FormatError::unwritable)?;
        bytes.push(b'\n');
    }
    Ok(vec![Piece { path: format!("{}.jsonl", batch.split), bytes }])
}

fn line(document: &Document) -> Line<'_> {
    let places = Places::new(&document.text, OffsetUnit::CodePoints);
    let mut line = Line {
        id: document.name.clone(),
        text: (&*document.text).into(),
        title: document.meta.title.clone(),
        source: document.meta.source.clone(),
        date: document.meta.date.map(|date| date.to_string()),
        url: document.meta.url.clone(),
        language: document.meta.language.clone(),
        annotators: Vec::new(),
        annotations: Vec::new(),
        relations: Vec::new(),
    };
    for layer in &document.layers {
        let kind = match layer.kind {
            LayerKind::Annotator => None,
            LayerKind::Gold => Some("gold".to_owned()),
            LayerKind::Predictions => Some("predictions".to_owned()),
        };
        let state = layer.state.map(|state| match state {
            State::Done => "done".to_owned(),
            State::InProgress => "in_progress".to_owned(),
            State::Unseen => "unseen".to_owned(),
        });
        line.annotators.push(LineAnnotator { name: layer.annotator.clone(), kind, state });
        let annotations = layer.annotations.iter();
        line.annotations.extend(
            annotations.map(|found| line_annotation(found, &layer.annotator, document, &places)),
        );
        line.relations.extend(layer.relations.iter().map(|relation| LineRelation {
            id: relation.id.clone(),
            annotator: layer.annotator.clone(),
            kind: relation.kind.clone(),
            from: layer.annotations[relation.from].id.clone(),
            to: layer.annotations[relation.to].id.clone(),
        }));
    }
    line
}

fn line_annotation(
    found: &Annotation,
    annotator: &str,
    document: &Document,
    places: &Places<'_>,
) -> LineAnnotation {
    let offset = |at| u64::from(places.offset(at));
    let spans = found.span.ranges().iter().map(|at| [offset(at.start()), offset(at.end())]);
    LineAnnotation {
        id: found.id.clone(),
        annotator: annotator.to_owned(),
        label: found.label.clone(),
        spans: spans.collect(),
        text: Some(found.span.surface(&document.text)),
        attributes: found
            .attributes
            .iter()
            .map(|(name, value)| (name.clone(), value_of(value)))
            .collect(),
        note: found.note.clone(),
        origin: found.origin.as_ref().map(|origin| match origin {
            Origin::Manual => LineOrigin::Manual,
            Origin::Suggestion(source) => LineOrigin::Suggestion(source.clone()),
            Origin::Import(file) => LineOrigin::Import(file.clone()),
            Origin::Adjudication(names) => {
                LineOrigin::Adjudication(names.iter().map(ToString::to_string).collect())
            }
        }),
        created: found.created,
        modified: found.modified,
    }
}

/// The value of an attribute as JSON.
pub(super) fn value_of(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::Text(text) => Value::from(text.as_str()),
        AttributeValue::List(items) => Value::from(items.clone()),
        AttributeValue::Integer(number) => Value::from(*number),
        AttributeValue::Decimal(number) => Value::from(*number),
        AttributeValue::Flag(flag) => Value::from(*flag),
    }
}
