//! Our own JSONL: one article a line, with everything that a project knows.
//!
//! Offsets count code points, ends are exclusive, and each annotation has its words
//! beside them. `docs/FORMATS.md` documents the fields. Any other file of one JSON object
//! a line is read for its text, title and the like.

use super::document::{Annotation, Document, Layer, LayerKind, Relation};
use super::error::FormatError;
use super::fit;
use super::loss::Loss;
use super::places::{Found, Places};
use super::reading::{ReadOptions, Reader, Sink, Source, Warning};
use super::records::{self, Parsed};
use super::writing::{Annotators, Batch, Frame, Layout, Piece, WriteOptions, Writer};
use super::{Format, OffsetUnit, meta, names};
use crate::model::{AnnotatorName, ArticleMeta, AttributeValue, Origin, Span, State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

pub(super) const FORMAT: Format = Format {
    id: "jsonl",
    name: "JSON lines",
    extensions: &["jsonl", "ndjson"],
    companions: &[],
    offsets: OffsetUnit::CodePoints,
    reads: Some(Reader::Records(read)),
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
struct LineAnnotator {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    state: Option<String>,
}

#[derive(Serialize, Deserialize)]
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
struct LineRelation {
    #[serde(default)]
    id: String,
    #[serde(default)]
    annotator: String,
    kind: String,
    from: String,
    to: String,
}

fn read(
    source: &mut dyn Source,
    _: &str,
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> Result<(), FormatError> {
    records::lines(source, sink, |number, line| parse(number, line, options))
}

fn parse(number: u32, line: &str, options: &ReadOptions) -> Parsed {
    let ours = options.text_column.is_none().then(|| serde_json::from_str::<Line<'_>>(line));
    match ours {
        Some(Ok(line)) => document(number, line),
        Some(Err(error)) if line.contains("\"annotations\"") && !error.is_syntax() => {
            Err(malformed(number, &error))
        }
        _ => foreign(number, line, options),
    }
}

fn malformed(number: u32, error: &serde_json::Error) -> FormatError {
    FormatError::malformed(number, format!("column {}: {error}", error.column()))
}

/// An object of another program: its text and what is known about it.
fn foreign(number: u32, line: &str, options: &ReadOptions) -> Parsed {
    let object: serde_json::Map<String, Value> =
        serde_json::from_str(line).map_err(|error| malformed(number, &error))?;
    let string = |name: &str| object.get(name).and_then(Value::as_str);
    let text = match &options.text_column {
        Some(column) => string(column),
        None => TEXT_FIELDS.into_iter().find_map(string),
    };
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        let names: Vec<_> = object.keys().take(8).map(String::as_str).collect();
        return Err(FormatError::Malformed {
            line: Some(number),
            what: format!("no field holds the text; the fields are {}", names.join(", ")),
            remedy: "name the field that holds it with --text-column",
        });
    };
    let field = |names: &[&str]| names.iter().find_map(|name| string(name)).unwrap_or_default();
    let about = ArticleMeta {
        title: meta::one_line(field(&["title", "headline"])),
        source: meta::one_line(field(&["source", "publisher", "outlet"])),
        date: meta::date(field(&["date", "published", "published_at", "date_publish"])),
        url: meta::one_line(field(&["url", "link"])),
        language: meta::language_code(field(&["language", "lang"])),
    };
    let name = object.get("id").map(|id| match id {
        Value::String(id) => id.clone(),
        other => other.to_string(),
    });
    let mut document = Document::bare(about, text);
    document.name = name.unwrap_or_default();
    Ok((Some(document), Vec::new()))
}

fn document(number: u32, line: Line<'_>) -> Parsed {
    if line.text.trim().is_empty() {
        return Err(FormatError::malformed(number, "the text is empty"));
    }
    let text = line.text.into_owned();
    let mut warnings = Vec::new();
    let mut layers: Vec<Layer> = line.annotators.into_iter().map(layer).collect();
    // Where each annotation went, by annotator and id.
    let mut known: BTreeMap<(usize, String), usize> = BTreeMap::new();
    let places = Places::new(&text, OffsetUnit::CodePoints);
    for found in line.annotations {
        let at = layer_of(&mut layers, &found.annotator);
        let id = found.id.clone();
        match annotation(found, &places) {
            Err(what) => warnings.push(Warning::at(number, what)),
            Ok((annotation, told)) => {
                warnings.extend(told.into_iter().map(|what| Warning::at(number, what)));
                known.insert((at, id), layers[at].annotations.len());
                layers[at].annotations.push(annotation);
            }
        }
    }
    for LineRelation { id, annotator, kind, from, to } in line.relations {
        let at = layer_of(&mut layers, &annotator);
        let end = |id: &str| known.get(&(at, id.to_owned())).copied();
        match end(&from).zip(end(&to)) {
            Some((from, to)) => layers[at].relations.push(Relation { id, kind, from, to }),
            None => warnings.push(Warning::at(
                number,
                format!(
                    "left out: the relation {kind} from {from} to {to}, one of which is not there"
                ),
            )),
        }
    }
    let about = ArticleMeta {
        title: line.title,
        source: line.source,
        date: line.date.as_deref().and_then(meta::date),
        url: line.url,
        language: line.language,
    };
    let document = Document { name: line.id, layers, ..Document::bare(about, text) };
    Ok((Some(document), warnings))
}

fn layer(found: LineAnnotator) -> Layer {
    let kind = match found.kind.as_deref() {
        Some("gold") => LayerKind::Gold,
        Some("predictions") => LayerKind::Predictions,
        _ => LayerKind::Annotator,
    };
    let state = match found.state.as_deref() {
        Some("done") => Some(State::Done),
        Some("in_progress") => Some(State::InProgress),
        Some("unseen") => Some(State::Unseen),
        _ => None,
    };
    Layer { kind, state, ..Layer::of(found.name) }
}

fn layer_of(layers: &mut Vec<Layer>, annotator: &str) -> usize {
    layers.iter().position(|layer| layer.annotator == annotator).unwrap_or_else(|| {
        layers.push(Layer::of(annotator));
        layers.len() - 1
    })
}

/// The annotation and what is to be said about it, or why it is none.
fn annotation(
    found: LineAnnotation,
    places: &Places<'_>,
) -> Result<(Annotation, Option<String>), String> {
    let LineAnnotation { id, label, spans, text, .. } = &found;
    let none = |why: &str| format!("left out: the annotation {id} ({label}), {why}");
    let mut told = None;
    let ranges = match (spans.as_slice(), text) {
        ([[start, end]], Some(words)) => match places.checked(*start, *end, words) {
            None => return Err(none("whose words are nowhere in the text")),
            Some(Found::Right(range)) => vec![range],
            Some(Found::Moved(range, how)) => {
                told = Some(format!("the annotation {id} ({label}): {how}"));
                vec![range]
            }
        },
        _ => {
            let range = |[start, end]: &[u64; 2]| places.range(*start, *end);
            let ranges: Option<Vec<_>> = spans.iter().map(range).collect();
            ranges.ok_or_else(|| none("whose offsets are not in the text"))?
        }
    };
    let span = Span::from_ranges(ranges).map_err(|error| none(&error.to_string()))?;
    let attributes = found.attributes.into_iter();
    let annotation = Annotation {
        id: found.id,
        attributes: attributes
            .filter_map(|(name, value)| Some((name, read_value(value)?)))
            .collect(),
        note: found.note,
        origin: found.origin.and_then(read_origin),
        created: found.created,
        modified: found.modified,
        ..Annotation::new(found.label, span)
    };
    Ok((annotation, told))
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

fn read_origin(origin: LineOrigin) -> Option<Origin> {
    Some(match origin {
        LineOrigin::Manual => Origin::Manual,
        LineOrigin::Suggestion(source) => Origin::Suggestion(source),
        LineOrigin::Import(file) => Origin::Import(file),
        LineOrigin::Adjudication(names) => Origin::Adjudication(
            names.into_iter().map(AnnotatorName::new).collect::<Result<_, _>>().ok()?,
        ),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::testing::{check_law, documents, options};
    use crate::formats::{Input, Read};
    use proptest::prelude::*;

    fn read_line(line: &str) -> Read {
        FORMAT.read(&Input::alone(line.as_bytes(), "x.jsonl")).unwrap()
    }

    proptest! {
        #[test]
        fn nothing_at_all_is_lost(document in documents()) {
            let losses = check_law(&FORMAT, document, &options());
            prop_assert_eq!(losses, vec![]);
        }
    }

    #[test]
    fn lines_of_other_programs_give_their_text() {
        let read = read_line(
            "{\"id\": 7, \"headline\": \"A\\nb\", \"body\": \"Gunmen fled\", \"x\": [1]}",
        );
        assert_eq!((&*read.documents[0].name, &*read.documents[0].text), ("7", "Gunmen fled"));
        assert_eq!(read.documents[0].meta.title, "A b");
        let read = read_line("{\"story\": \"x\"}\n[1]\n{\"text\": \"x\", \"annotations\": 3}");
        assert!(read.documents.is_empty());
        assert!(read.refused[0].to_string().contains("--text-column"));
        assert_eq!(
            read.refused.iter().map(FormatError::line).collect::<Vec<_>>(),
            [Some(1), Some(2), Some(3)]
        );
    }

    #[test]
    fn offsets_of_another_unit_and_ends_that_are_missing_are_told() {
        let read = read_line(concat!(
            "{\"text\": \"🙂 Karachi\", \"annotations\": [",
            "{\"id\": \"1\", \"label\": \"l\", \"spans\": [[3, 10]], \"text\": \"Karachi\"},",
            "{\"id\": \"2\", \"label\": \"l\", \"spans\": [[3, 99]]}],",
            "\"relations\": [{\"kind\": \"at\", \"from\": \"1\", \"to\": \"2\"}]}"
        ));
        let layer = &read.documents[0].layers[0];
        assert_eq!(layer.annotations[0].span.surface(&read.documents[0].text), "Karachi");
        let told: Vec<_> = read.warnings.iter().map(ToString::to_string).collect();
        assert_eq!((layer.annotations.len(), told.len()), (1, 3), "{told:?}");
        assert!(
            told[0].contains("UTF-16") && told[1].contains("offsets") && told[2].contains("at")
        );
    }
}
