//! doccano's JSON lines: an article a line with its labels, a file for each annotator.
//!
//! Offsets count UTF-16 units, or grapheme clusters in projects of that mode; some tools
//! write code points. No line says which, and none has the words. So the first is taken
//! unless another one fits and it does not; where that would mistake what is written
//! here, the line says its unit.
//!
//! Annotations without relations are written as `label: [[start, end, name]]`, and with
//! them as `entities` and `relations`, whichever the schema asks for. Labels of articles
//! as a whole, and comments, are left out.

use super::document::{Annotation, Document, Layer, Relation};
use super::error::FormatError;
use super::fit;
use super::loss::Loss;
use super::places::Places;
use super::reading::{Ask, ReadOptions, Reader, Sink, Source, Warning, stem};
use super::records::{self, Parsed};
use super::writing::{Annotators, Batch, Choice, Frame, Layout, Piece, WriteOptions, Writer};
use super::{Format, OffsetUnit, meta, names};
use crate::model::{Schema, Span};
use crate::text::{TextRange, TextSize};
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};
use unicode_segmentation::UnicodeSegmentation;

pub(super) const FORMAT: Format = Format {
    id: "doccano",
    name: "doccano JSONL",
    extensions: &["jsonl"],
    offsets: OffsetUnit::Utf16Units,
    companions: &[],
    reads: Some(Reader::Records(read)),
    asks: &[Ask::TextColumn],
    writes: Some(Writer {
        chooses: &[Choice::Misfits],
        layout: Layout::Folder,
        annotators: Annotators::One,
        batch: 1,
        fit,
        write,
        frame: Frame::NONE,
        finish,
    }),
    holds: "overlapping annotations, relations, metadata; a file for each annotator",
    loses: "annotations of several ranges, attributes, notes, states, origins",
};

/// What doccano calls the file of all annotators, and of none.
const NOBODY: [&str; 2] = ["all", "unknown"];
/// The fields that hold a text, and the labels.
const TEXT_FIELDS: [&str; 2] = ["text", "data"];
const LABEL_FIELDS: [&str; 3] = ["label", "labels", "entities"];
/// The other fields that are understood.
const KNOWN: [&str; 9] =
    ["id", "name", "title", "source", "date", "url", "language", "relations", "offset_unit"];

/// What offsets count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Utf16,
    CodePoints,
    Graphemes,
}

impl Unit {
    const ALL: [(Self, &'static str); 3] = [
        (Self::Utf16, "utf-16"),
        (Self::CodePoints, "code-points"),
        (Self::Graphemes, "graphemes"),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(unit, _)| *unit == self).map_or("", |(_, name)| name)
    }
}

/// A label as the line has it.
struct Marked {
    id: String,
    label: String,
    start: u64,
    end: u64,
}

fn read(
    source: &mut dyn Source,
    path: &str,
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> Result<(), FormatError> {
    let annotator = Some(stem(path)).filter(|stem| !NOBODY.contains(stem)).unwrap_or_default();
    records::lines(source, sink, |number, line| parse(number, line, annotator, options))
}

fn parse(number: u32, line: &str, annotator: &str, options: &ReadOptions) -> Parsed {
    let object: Map<String, Value> = serde_json::from_str(line).map_err(|error| {
        FormatError::malformed(number, format!("column {}: {error}", error.column()))
    })?;
    let string = |name: &str| object.get(name).and_then(Value::as_str);
    let mut fields = TEXT_FIELDS.into_iter();
    let field = match &options.text_column {
        Some(column) => Some(column.as_str()),
        None => fields.find(|name| string(name).is_some()),
    };
    let Some((field, text)) = field.and_then(|name| Some((name, string(name)?))) else {
        let names: Vec<_> = object.keys().take(8).map(String::as_str).collect();
        return Err(FormatError::Malformed {
            line: Some(number),
            what: format!("no field holds the text; the fields are {}", names.join(", ")),
            remedy: "name the field that holds it with --text-column",
        });
    };
    if text.trim().is_empty() {
        return Err(FormatError::malformed(number, "the text is empty"));
    }
    let mut told = Vec::new();
    let is_known =
        |name: &str| name == field || KNOWN.contains(&name) || LABEL_FIELDS.contains(&name);
    let is_empty = |value: &Value| match value {
        Value::Null => true,
        Value::Array(all) => all.is_empty(),
        Value::Object(all) => all.is_empty(),
        _ => false,
    };
    let unknown = object.iter().filter(|(name, value)| !is_known(name) && !is_empty(value));
    let unknown: Vec<_> = unknown.map(|(name, _)| name.as_str()).collect();
    if !unknown.is_empty() {
        told.push(format!("left out: the fields {}", unknown.join(", ")));
    }
    let marked = marked(&object, &mut told);
    let layer = layer(text, &marked, &object, annotator, &mut told);
    let about = meta::of_object(&object, &mut told);
    let mut document = Document { layers: vec![layer], ..Document::bare(about, text) };
    document.name = match object.get("name").or_else(|| object.get("id")) {
        Some(Value::String(name)) => name.clone(),
        Some(Value::Number(id)) => id.to_string(),
        _ => String::new(),
    };
    Ok((Some(document), told.into_iter().map(|what| Warning::at(number, what)).collect()))
}

/// The labels of spans, in either form.
fn marked(object: &Map<String, Value>, told: &mut Vec<String>) -> Vec<Marked> {
    let mut all = Vec::new();
    let lists = LABEL_FIELDS.iter().filter_map(|name| object.get(*name)?.as_array());
    for entry in lists.flatten() {
        match one_marked(entry) {
            Some(marked) => all.push(marked),
            None if entry.is_string() => {
                told.push(format!("left out: {entry}, a label of the article as a whole"));
            }
            None => told.push(format!("left out: {entry:.60}, which is no label of a span")),
        }
    }
    all
}

fn one_marked(entry: &Value) -> Option<Marked> {
    if let Some([start, end, label]) = entry.as_array().map(Vec::as_slice) {
        let (start, end) = (start.as_u64()?, end.as_u64()?);
        return Some(Marked { id: String::new(), label: label.as_str()?.to_owned(), start, end });
    }
    Some(Marked {
        id: entry.get("id").map(id_of).unwrap_or_default(),
        label: entry.get("label")?.as_str()?.to_owned(),
        start: entry.get("start_offset")?.as_u64()?,
        end: entry.get("end_offset")?.as_u64()?,
    })
}

fn id_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn layer(
    text: &str,
    marked: &[Marked],
    object: &Map<String, Value>,
    annotator: &str,
    told: &mut Vec<String>,
) -> Layer {
    let offsets: Vec<_> = marked.iter().map(|marked| (marked.start, marked.end)).collect();
    let said = object.get("offset_unit").and_then(Value::as_str);
    let said = Unit::ALL.iter().find(|(_, name)| Some(*name) == said).map(|(unit, _)| *unit);
    let unit = said.unwrap_or_else(|| likely_unit(text, &offsets));
    if said.is_none() && unit != Unit::Utf16 {
        told.push(format!("the offsets count {}", unit.name()));
    }
    let ranges = Ranges::new(text, unit);
    let mut layer = Layer::of(annotator);
    let mut known: HashMap<&str, usize> = HashMap::new();
    for Marked { id, label, start, end } in marked {
        let span = ranges.range(*start, *end).and_then(|range| Span::new(range).ok());
        let Some(span) = span else {
            told.push(format!("left out: {label} from {start} to {end}, which is not in the text"));
            continue;
        };
        known.entry(id).or_insert(layer.annotations.len());
        layer.annotations.push(Annotation { id: id.clone(), ..Annotation::new(label, span) });
    }
    for link in object.get("relations").and_then(Value::as_array).into_iter().flatten() {
        let end = |name: &str| known.get(id_of(link.get(name)?).as_str()).copied();
        let kind = link.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        match end("from_id").zip(end("to_id")) {
            Some((from, to)) => {
                let id = link.get("id").map(id_of).unwrap_or_default();
                layer.relations.push(Relation { id, kind, from, to });
            }
            None => {
                told.push(format!("left out: the relation {kind}, one of whose ends is not there"));
            }
        }
    }
    layer
}

/// Offsets of a unit as ranges of a text.
enum Ranges<'a> {
    Places(Places<'a>),
    /// Where each grapheme cluster begins, and the end of the text.
    Graphemes(Vec<TextSize>),
}

impl<'a> Ranges<'a> {
    fn new(text: &'a str, unit: Unit) -> Self {
        match unit {
            Unit::Utf16 => Self::Places(Places::new(text, OffsetUnit::Utf16Units)),
            Unit::CodePoints => Self::Places(Places::new(text, OffsetUnit::CodePoints)),
            Unit::Graphemes => {
                let size = |bytes: usize| TextSize::new(u32::try_from(bytes).unwrap_or(u32::MAX));
                let starts = text.grapheme_indices(true).map(|(at, _)| size(at));
                Self::Graphemes(starts.chain([TextSize::of(text)]).collect())
            }
        }
    }

    fn range(&self, start: u64, end: u64) -> Option<TextRange> {
        match self {
            Self::Places(places) => places.range(start, end),
            Self::Graphemes(starts) => {
                let at = |offset: u64| starts.get(usize::try_from(offset).ok()?).copied();
                let (start, end) = (at(start)?, at(end)?);
                (start < end).then(|| TextRange::new(start, end))
            }
        }
    }
}

/// What the offsets of a line count: UTF-16 units, unless none of them is the edge of
/// words then and all of them are in another unit.
fn likely_unit(text: &str, offsets: &[(u64, u64)]) -> Unit {
    if offsets.is_empty() || (text.is_ascii() && !text.contains('\r')) {
        return Unit::Utf16;
    }
    let are_edges = |unit: Unit| -> Vec<bool> {
        let ranges = Ranges::new(text, unit);
        let range = |(start, end): &(u64, u64)| ranges.range(*start, *end);
        offsets
            .iter()
            .map(|pair| range(pair).is_some_and(|range| is_of_words(text, range)))
            .collect()
    };
    if are_edges(Unit::Utf16).contains(&true) {
        return Unit::Utf16;
    }
    let others = [Unit::CodePoints, Unit::Graphemes];
    let other = others.into_iter().find(|unit| !are_edges(*unit).contains(&false));
    other.unwrap_or(Unit::Utf16)
}

/// Whether a range begins and ends with words, and not within them.
fn is_of_words(text: &str, range: TextRange) -> bool {
    let (start, end) = (usize::from(range.start()), usize::from(range.end()));
    let (Some(before), Some(inside), Some(after)) =
        (text.get(..start), text.get(start..end), text.get(end..))
    else {
        return false;
    };
    let is_letter = |found: Option<char>| found.is_some_and(char::is_alphanumeric);
    let (first, last) = (inside.chars().next(), inside.chars().next_back());
    inside.trim() == inside
        && !(is_letter(before.chars().next_back()) && is_letter(first))
        && !(is_letter(last) && is_letter(after.chars().next()))
}

fn fit(mut document: Document, options: &WriteOptions, losses: &mut Vec<Loss>) -> Document {
    fit::drop_history(&mut document);
    fit::drop_states(&mut document, losses);
    fit::drop_rest(&mut document, losses);
    names::file_per_annotator(&mut document, options, losses);
    document.tokens.clear();
    document.sentences.clear();
    fit::drop_attributes(&mut document, losses);
    fit::drop_notes(&mut document, losses);
    fit::one_range(&mut document, options.misfits, losses);
    for layer in &mut document.layers {
        if NOBODY.contains(&layer.annotator.as_str()) {
            layer.annotator.push('_');
        }
    }
    if has_relations(&document, &options.schema) {
        number(&mut document);
    } else {
        fit::drop_ids(&mut document);
    }
    fit::sort(&mut document);
    document
}

/// Whether lines are written as entities with relations: the project knows relations, or
/// the article has some.
fn has_relations(document: &Document, schema: &Schema) -> bool {
    !schema.relations().is_empty()
        || document.layers.iter().any(|layer| !layer.relations.is_empty())
}

/// doccano's ids are numbers.
fn number(document: &mut Document) {
    for layer in &mut document.layers {
        let annotations = layer.annotations.iter_mut().map(|found| &mut found.id);
        number_all(annotations);
        number_all(layer.relations.iter_mut().map(|link| &mut link.id));
    }
}

fn number_all<'a>(ids: impl Iterator<Item = &'a mut String>) {
    let mut taken = HashSet::new();
    let mut unnumbered = Vec::new();
    for id in ids {
        let number = id.parse::<u64>().ok().filter(|number| number.to_string() == *id);
        match number {
            Some(number) if taken.insert(number) => {}
            _ => unnumbered.push(id),
        }
    }
    let mut next = 1;
    for id in unnumbered {
        while !taken.insert(next) {
            next += 1;
        }
        *id = next.to_string();
    }
}

fn write(batch: &Batch<'_>) -> Result<Vec<Piece>, FormatError> {
    let folder = if batch.split == "all" { String::new() } else { format!("{}/", batch.split) };
    let mut pieces = Vec::new();
    for document in batch.documents {
        let places = Places::new(&document.text, OffsetUnit::Utf16Units);
        for layer in &document.layers {
            let line = line(document, layer, &places, &batch.options.schema);
            let mut bytes = serde_json::to_vec(&line).map_err(FormatError::unwritable)?;
            bytes.push(b'\n');
            let name = if layer.annotator.is_empty() { NOBODY[0] } else { &layer.annotator };
            pieces.push(Piece { path: format!("{folder}{name}.jsonl"), bytes });
        }
    }
    Ok(pieces)
}

fn line(document: &Document, layer: &Layer, places: &Places<'_>, schema: &Schema) -> Value {
    let mut line = Map::new();
    let meta = &document.meta;
    let date = meta.date.map(|date| date.to_string()).unwrap_or_default();
    let mut set = |name: &str, value: &str| {
        if !value.is_empty() {
            line.insert(name.to_owned(), Value::from(value));
        }
    };
    set("text", &document.text);
    set("name", &document.name);
    set("title", &meta.title);
    set("source", &meta.source);
    set("date", &date);
    set("url", &meta.url);
    set("language", &meta.language);
    let offsets: Vec<_> = layer
        .annotations
        .iter()
        .map(|found| found.span.extent())
        .map(|at| (u64::from(places.offset(at.start())), u64::from(places.offset(at.end()))))
        .collect();
    if likely_unit(&document.text, &offsets) != Unit::Utf16 {
        set("offset_unit", Unit::Utf16.name());
    }
    let id = |id: &str| id.parse::<u64>().map_or(Value::Null, Value::from);
    let marked = layer.annotations.iter().zip(offsets);
    if !has_relations(document, schema) {
        let marked = marked.map(|(found, (start, end))| json!([start, end, found.label]));
        line.insert("label".to_owned(), marked.collect());
        return Value::Object(line);
    }
    let entities = marked.map(|(found, (start, end))| {
        json!({"id": id(&found.id), "label": found.label, "start_offset": start, "end_offset": end})
    });
    line.insert("entities".to_owned(), entities.collect());
    let relations = layer.relations.iter().map(|link| {
        let end = |at: usize| id(&layer.annotations[at].id);
        json!({
            "id": id(&link.id), "type": link.kind,
            "from_id": end(link.from), "to_id": end(link.to),
        })
    });
    line.insert("relations".to_owned(), relations.collect());
    Value::Object(line)
}

/// The file of labels that doccano imports into a project.
fn finish(summary: &super::writing::Summary<'_>) -> Vec<Piece> {
    let labels = summary.options.schema.labels().iter();
    let labels: Vec<_> = labels
        .map(|label| {
            json!({
                "text": label.id.as_str(),
                "background_color": label.color.to_string(),
                "text_color": "#ffffff",
                "suffix_key": label.key.map(String::from),
            })
        })
        .collect();
    let bytes = format!("{:#}\n", Value::from(labels)).into_bytes();
    vec![Piece { path: "label_config.json".to_owned(), bytes }]
}

#[cfg(test)]
mod tests;
