//! Reading lines, ours and those of other programs.
//!
//! A line of ours is parsed as it is; one with a field that nothing here knows, or with a
//! title that is a number, is parsed once more without it, and that is told.

use super::strays::{Unread, text_of};
use super::{
    Line, LineAnnotation, LineAnnotator, LineOrigin, LineRelation, TEXT_FIELDS, read_value,
};
use crate::formats::document::{Annotation, Document, Layer, LayerKind, Relation};
use crate::formats::error::FormatError;
use crate::formats::places::{Found, Places, short};
use crate::formats::reading::{ReadOptions, Sink, Source, Warning};
use crate::formats::records::{self, Parsed};
use crate::formats::{OffsetUnit, meta};
use crate::model::{AnnotatorName, ArticleMeta, Origin, Span, State};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};

/// The fields of a line of ours, and of what stands in its lists.
const FIELDS: [&str; 10] = [
    "id",
    "text",
    "title",
    "source",
    "date",
    "url",
    "language",
    "annotators",
    "annotations",
    "relations",
];
const LISTS: [(&str, &[&str]); 3] = [
    ("annotators", &["name", "kind", "state"]),
    (
        "annotations",
        &[
            "id",
            "annotator",
            "label",
            "spans",
            "text",
            "attributes",
            "note",
            "origin",
            "created",
            "modified",
        ],
    ),
    ("relations", &["id", "annotator", "kind", "from", "to"]),
];
/// The fields that are texts, and of no use as anything else.
const TEXTS: [&str; 5] = ["title", "source", "date", "url", "language"];

pub(super) fn read(
    source: &mut dyn Source,
    _: &str,
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> Result<(), FormatError> {
    let unread = Unread::default();
    let read = records::lines(source, sink, |number, line| parse(number, line, options, &unread));
    unread.warnings().for_each(|warning| sink.warn(warning));
    read
}

fn parse(number: u32, line: &str, options: &ReadOptions, unread: &Unread) -> Parsed {
    if options.text_column.is_none()
        && let Ok(line) = serde_json::from_str::<Line<'_>>(line)
    {
        return document(number, line);
    }
    let mut object: Map<String, Value> =
        serde_json::from_str(line).map_err(|error| malformed(number, &error))?;
    let is_ours = LISTS.iter().any(|(list, _)| object.contains_key(*list));
    if !is_ours || options.text_column.is_some() {
        return foreign(number, object, options, unread);
    }
    let told = take_strays(&mut object, number, unread);
    let object = Value::Object(object);
    let line = Line::deserialize(&object).map_err(|error| malformed(number, &error))?;
    let (found, warnings) = document(number, line)?;
    let told = told.into_iter().map(|what| Warning::at(number, what));
    Ok((found, told.chain(warnings).collect()))
}

fn malformed(number: u32, error: &serde_json::Error) -> FormatError {
    let column = match error.column() {
        0 => String::new(),
        column => format!("column {column}: "),
    };
    FormatError::malformed(number, format!("{column}{error}"))
}

/// Takes what cannot be read out of a line of ours; what is to be said of it.
fn take_strays(object: &mut Map<String, Value>, number: u32, unread: &Unread) -> Vec<String> {
    keep(object, &FIELDS, "", number, unread);
    for (list, fields) in LISTS {
        let Some(Value::Array(items)) = object.get_mut(list) else { continue };
        for item in items.iter_mut().filter_map(Value::as_object_mut) {
            keep(item, fields, list, number, unread);
        }
    }
    if let Some(Value::Number(id)) = object.get("id") {
        let id = id.to_string();
        object.insert("id".to_owned(), id.into());
    }
    let mut told = Vec::new();
    for name in TEXTS {
        let (text, what) = text_of(object, name);
        told.extend(what);
        object.extend(text.map(|text| (name.to_owned(), text.into())));
    }
    told
}

/// Keeps the fields of an object that are known.
fn keep(object: &mut Map<String, Value>, known: &[&str], list: &str, number: u32, unread: &Unread) {
    object.retain(|name, _| {
        let is_known = known.contains(&name.as_str());
        if !is_known {
            let of = if list.is_empty() { String::new() } else { format!("{list}.") };
            unread.note(number, &format!("{of}{name}"));
        }
        is_known
    });
}

/// An object of another program: its text and what is known about it.
fn foreign(
    number: u32,
    mut object: Map<String, Value>,
    options: &ReadOptions,
    unread: &Unread,
) -> Parsed {
    let is_text = |name: &&str| object.get(*name).is_some_and(Value::is_string);
    let named = options.text_column.as_deref();
    let field = match named {
        Some(column) => Some(column).filter(is_text),
        None => TEXT_FIELDS.into_iter().find(is_text),
    };
    let names: Vec<_> = object.keys().take(8).cloned().collect();
    let text = field.and_then(|field| text_of(&mut object, field).0);
    let Some(text) = text.filter(|text| !text.trim().is_empty()) else {
        return Err(FormatError::Malformed {
            line: Some(number),
            what: format!("no field holds the text; the fields are {}", names.join(", ")),
            remedy: "name the field that holds it with --text-column",
        });
    };
    let mut told = Vec::new();
    let mut field = |names: &[&str]| {
        let name = names.iter().find(|name| object.contains_key(**name))?;
        let (text, what) = text_of(&mut object, name);
        told.extend(what);
        text
    };
    let mut line = |names: &[&str]| meta::one_line(&field(names).unwrap_or_default());
    let (title, source, url) = (
        line(&["title", "headline"]),
        line(&["source", "publisher", "outlet"]),
        line(&["url", "link"]),
    );
    let date = line(&["date", "published", "published_at", "date_publish"]);
    let language = meta::language_code(&line(&["language", "lang"]));
    let (date, no_date) = meta::told_date(&date);
    told.extend(no_date);
    let name = object.remove("id").map(|id| match id {
        Value::String(id) => id,
        other => other.to_string(),
    });
    keep(&mut object, &[], "", number, unread);
    let mut document = Document::bare(ArticleMeta { title, source, date, url, language }, text);
    document.name = name.unwrap_or_default();
    let warnings = told.into_iter().map(|what| Warning::at(number, what));
    Ok((Some(document), warnings.collect()))
}

fn document(number: u32, line: Line<'_>) -> Parsed {
    if line.text.trim().is_empty() {
        return Err(FormatError::malformed(number, "the text is empty"));
    }
    let text = line.text.into_owned();
    let mut warnings = Vec::new();
    let annotators = line.annotators.into_iter();
    let mut layers = Layers::default();
    for found in annotators {
        layers.add(layer(number, found, &mut warnings));
    }
    // Where each annotation went, by annotator and id.
    let mut known: BTreeMap<(usize, String), usize> = BTreeMap::new();
    let places = Places::new(&text, OffsetUnit::CodePoints);
    for found in line.annotations {
        let at = layers.of(&found.annotator);
        let id = found.id.clone();
        match annotation(found, &places) {
            Err(what) => warnings.push(Warning::at(number, what)),
            Ok((annotation, told)) => {
                warnings.extend(told.into_iter().map(|what| Warning::at(number, what)));
                let layer = &mut layers.all[at];
                known.insert((at, id), layer.annotations.len());
                layer.annotations.push(annotation);
            }
        }
    }
    for LineRelation { id, annotator, kind, from, to } in line.relations {
        let at = layers.of(&annotator);
        let end = |id: &str| known.get(&(at, id.to_owned())).copied();
        match end(&from).zip(end(&to)) {
            Some((from, to)) => layers.all[at].relations.push(Relation { id, kind, from, to }),
            None => warnings.push(Warning::at(
                number,
                format!(
                    "left out: the relation {kind} from {from} to {to}, one of which is not there"
                ),
            )),
        }
    }
    let (date, told) = meta::told_date(line.date.as_deref().unwrap_or_default());
    warnings.extend(told.map(|what| Warning::at(number, what)));
    let about = ArticleMeta {
        title: line.title,
        source: line.source,
        date,
        url: line.url,
        language: line.language,
    };
    let document = Document { name: line.id, layers: layers.all, ..Document::bare(about, text) };
    Ok((Some(document), warnings))
}

fn layer(number: u32, found: LineAnnotator, warnings: &mut Vec<Warning>) -> Layer {
    let LineAnnotator { name, kind, state } = found;
    let mut unknown = |what: &str, word: &str| {
        let word = short(word);
        let what = format!("left out: the {what} “{word}” of {name}, which is none of ours");
        warnings.push(Warning::at(number, what));
    };
    let kind = match kind.as_deref() {
        Some("gold") => LayerKind::Gold,
        Some("predictions") => LayerKind::Predictions,
        None | Some("annotator") => LayerKind::Annotator,
        Some(other) => {
            unknown("kind", other);
            LayerKind::Annotator
        }
    };
    let state = match state.as_deref() {
        Some("done") => Some(State::Done),
        Some("in_progress") => Some(State::InProgress),
        Some("unseen") => Some(State::Unseen),
        None => None,
        Some(other) => {
            unknown("state", other);
            None
        }
    };
    Layer { kind, state, ..Layer::of(name) }
}

/// The layers of a line, found by their annotators however many there are.
#[derive(Default)]
struct Layers {
    all: Vec<Layer>,
    /// The first layer of each annotator.
    by_name: HashMap<String, usize>,
}

impl Layers {
    fn add(&mut self, layer: Layer) -> usize {
        let at = self.all.len();
        self.by_name.entry(layer.annotator.clone()).or_insert(at);
        self.all.push(layer);
        at
    }

    /// Where an annotator's layer is, which is made where there is none.
    fn of(&mut self, annotator: &str) -> usize {
        let known = self.by_name.get(annotator).copied();
        known.unwrap_or_else(|| self.add(Layer::of(annotator)))
    }
}

/// The annotation and what is to be said about it, or why it is none.
fn annotation(
    mut found: LineAnnotation,
    places: &Places<'_>,
) -> Result<(Annotation, Option<String>), String> {
    let origin = found.origin.take().map(read_origin).transpose();
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
            let words = text.as_deref().unwrap_or_default();
            let (ranges, how) = places
                .checked_parts(spans, words)
                .ok_or_else(|| none("whose offsets are not in the text"))?;
            told = how.map(|how| format!("the annotation {id} ({label}): {how}"));
            ranges
        }
    };
    let span = Span::from_ranges(ranges).map_err(|error| none(&error.to_string()))?;
    let origin = origin.unwrap_or_else(|what| {
        told.get_or_insert(format!("the annotation {id} ({label}): {what}"));
        None
    });
    let attributes = found.attributes.into_iter();
    let annotation = Annotation {
        id: found.id,
        attributes: attributes
            .filter_map(|(name, value)| Some((name, read_value(value)?)))
            .collect(),
        note: found.note,
        origin,
        created: found.created,
        modified: found.modified,
        ..Annotation::new(found.label, span)
    };
    Ok((annotation, told))
}

fn read_origin(origin: LineOrigin) -> Result<Origin, String> {
    Ok(match origin {
        LineOrigin::Manual => Origin::Manual,
        LineOrigin::Suggestion(source) => Origin::Suggestion(source),
        LineOrigin::Import(file) => Origin::Import(file),
        LineOrigin::Adjudication(names) => Origin::Adjudication(
            names
                .into_iter()
                .map(AnnotatorName::new)
                .collect::<Result<_, _>>()
                .map_err(|error| format!("left out: its origin, {error}"))?,
        ),
    })
}
