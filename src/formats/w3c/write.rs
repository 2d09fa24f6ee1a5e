//! From annotations to JSON-LD.
//!
//! Fields stand in the order of their names, as every JSON value of ours has them.

use super::CONTEXT;
use crate::formats::OffsetUnit;
use crate::formats::document::{Annotation, Document, Layer, LayerKind};
use crate::formats::error::FormatError;
use crate::formats::places::Places;
use crate::formats::writing::{Batch, Piece, file_name};
use crate::model::AttributeValue;
use crate::text::TextRange;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Collection<'a> {
    #[serde(rename = "@context")]
    context: &'static str,
    creator: Vec<Creator<'a>>,
    first: Page<'a>,
    id: &'static str,
    label: &'a str,
    total: usize,
    r#type: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    id: &'static str,
    items: Vec<Item<'a>>,
    start_index: usize,
    r#type: &'static str,
}

#[derive(Clone, Copy, Serialize)]
struct Creator<'a> {
    name: &'a str,
    r#type: &'static str,
}

#[derive(Serialize)]
struct Item<'a> {
    body: Vec<Body<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<jiff::Timestamp>,
    creator: Creator<'a>,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    modified: Option<jiff::Timestamp>,
    motivation: &'static str,
    target: Targets<'a>,
    r#type: &'static str,
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'static str>,
    purpose: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Cow<'a, str>>,
}

/// What an annotation is about: places in a text, or another annotation.
#[derive(Serialize)]
#[serde(untagged)]
enum Targets<'a> {
    Places(Vec<Target<'a>>),
    Annotation(String),
}

#[derive(Serialize)]
struct Target<'a> {
    selector: (Position, Quote<'a>),
    source: &'a str,
}

#[derive(Serialize)]
struct Position {
    end: u32,
    start: u32,
    r#type: &'static str,
}

#[derive(Serialize)]
struct Quote<'a> {
    exact: &'a str,
    prefix: &'a str,
    suffix: &'a str,
    r#type: &'static str,
}

/// How much is quoted before and after an annotation, in characters.
const CONTEXT_CHARACTERS: usize = 32;

pub(super) fn write(batch: &Batch<'_>) -> Result<Vec<Piece>, FormatError> {
    let folder = if batch.split == "all" { String::new() } else { format!("{}/", batch.split) };
    let mut pieces = Vec::new();
    for document in batch.documents {
        let name = file_name(&document.name);
        let source = format!("{}.txt", encode(&name));
        let collection = collection(document, &source);
        let mut bytes = serde_json::to_vec(&collection).map_err(FormatError::unwritable)?;
        bytes.push(b'\n');
        pieces.push(Piece { path: format!("{folder}{name}.jsonld"), bytes });
        let bytes = document.text.as_bytes().to_vec();
        pieces.push(Piece { path: format!("{folder}{name}.txt"), bytes });
    }
    Ok(pieces)
}

/// A file's name as an address relative to the collection's.
fn encode(name: &str) -> String {
    let mut address = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '.' | '_' | '~' => address.push(character),
            character => {
                let mut buffer = [0; 4];
                for byte in character.encode_utf8(&mut buffer).bytes() {
                    address.push_str(&format!("%{byte:02X}"));
                }
            }
        }
    }
    address
}

fn collection<'a>(document: &'a Document, source: &'a str) -> Collection<'a> {
    let places = Places::new(&document.text, OffsetUnit::CodePoints);
    let mut items = Vec::new();
    for (at, layer) in document.layers.iter().enumerate() {
        let creator = creator(layer);
        for (nth, annotation) in layer.annotations.iter().enumerate() {
            let targets = annotation.span.ranges().iter();
            let targets = targets.map(|range| target(document, source, *range, &places)).collect();
            items.push(item(id(at, nth), annotation, creator, targets));
        }
        for (nth, relation) in layer.relations.iter().enumerate() {
            let to = Body {
                format: None,
                purpose: "linking",
                source: Some(id(at, relation.to)),
                r#type: "SpecificResource",
                value: None,
            };
            items.push(Item {
                body: vec![textual("tagging", relation.kind.as_str()), to],
                created: None,
                creator,
                id: format!("#l{at}-r{nth}"),
                modified: None,
                motivation: "linking",
                target: Targets::Annotation(id(at, relation.from)),
                r#type: "Annotation",
            });
        }
    }
    Collection {
        context: CONTEXT,
        creator: document.layers.iter().map(creator).collect(),
        id: "",
        label: &document.name,
        total: items.len(),
        first: Page { id: "#page", items, start_index: 0, r#type: "AnnotationPage" },
        r#type: "AnnotationCollection",
    }
}

/// What an annotation is called within the collection.
fn id(layer: usize, annotation: usize) -> String {
    format!("#l{layer}-a{annotation}")
}

fn creator(layer: &Layer) -> Creator<'_> {
    let kind = match layer.kind {
        LayerKind::Annotator => "Person",
        LayerKind::Gold => "Organization",
        LayerKind::Predictions => "Software",
    };
    Creator { name: &layer.annotator, r#type: kind }
}

fn textual<'a>(purpose: &'static str, value: impl Into<Cow<'a, str>>) -> Body<'a> {
    let value = Some(value.into());
    Body { format: None, purpose, source: None, r#type: "TextualBody", value }
}

fn item<'a>(
    id: String,
    annotation: &'a Annotation,
    creator: Creator<'a>,
    targets: Vec<Target<'a>>,
) -> Item<'a> {
    let mut bodies = vec![textual("tagging", annotation.label.as_str())];
    if !annotation.attributes.is_empty() {
        let format = Some("application/json");
        bodies.push(Body { format, ..textual("describing", described(annotation)) });
    }
    if !annotation.note.is_empty() {
        bodies.push(textual("commenting", annotation.note.as_str()));
    }
    Item {
        body: bodies,
        created: annotation.created,
        creator,
        id,
        modified: annotation.modified,
        motivation: "tagging",
        target: Targets::Places(targets),
        r#type: "Annotation",
    }
}

/// The attributes as a JSON object.
fn described(annotation: &Annotation) -> String {
    #[derive(Serialize)]
    #[serde(untagged)]
    enum Value<'a> {
        Text(&'a str),
        List(&'a [String]),
        Integer(i64),
        Decimal(f64),
        Flag(bool),
    }
    fn value(value: &AttributeValue) -> Value<'_> {
        match value {
            AttributeValue::Text(text) => Value::Text(text),
            AttributeValue::List(items) => Value::List(items),
            AttributeValue::Integer(number) => Value::Integer(*number),
            AttributeValue::Decimal(number) => Value::Decimal(*number),
            AttributeValue::Flag(flag) => Value::Flag(*flag),
        }
    }
    let attributes: BTreeMap<&str, Value<'_>> =
        annotation.attributes.iter().map(|(name, held)| (name.as_str(), value(held))).collect();
    // Nothing in it can fail: its keys are strings.
    serde_json::to_string(&attributes).unwrap_or_default()
}

fn target<'a>(
    document: &'a Document,
    source: &'a str,
    range: TextRange,
    places: &Places<'_>,
) -> Target<'a> {
    let text = &*document.text;
    let (start, end): (usize, usize) = (range.start().into(), range.end().into());
    let before = text[..start].char_indices().rev().take(CONTEXT_CHARACTERS).last();
    let after = text[end..].char_indices().nth(CONTEXT_CHARACTERS);
    let prefix = &text[before.map_or(start, |(at, _)| at)..start];
    let suffix = &text[end..after.map_or(text.len(), |(at, _)| end + at)];
    let (start, end) = (places.offset(range.start()), places.offset(range.end()));
    let position = Position { end, start, r#type: "TextPositionSelector" };
    let exact = &text[range];
    let quote = Quote { exact, prefix, suffix, r#type: "TextQuoteSelector" };
    Target { selector: (position, quote), source }
}
