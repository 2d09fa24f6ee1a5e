//! From annotations to JSON-LD.

use super::CONTEXT;
use crate::formats::OffsetUnit;
use crate::formats::document::{Annotation, Document, Layer, LayerKind};
use crate::formats::error::FormatError;
use crate::formats::places::Places;
use crate::formats::writing::{Batch, Piece, file_name};
use crate::model::AttributeValue;
use crate::text::TextRange;
use serde_json::{Map, Value, json};

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

fn collection(document: &Document, source: &str) -> Value {
    let places = Places::new(&document.text, OffsetUnit::CodePoints);
    let mut items = Vec::new();
    for (at, layer) in document.layers.iter().enumerate() {
        let creator = creator(layer);
        for (nth, annotation) in layer.annotations.iter().enumerate() {
            let targets = annotation.span.ranges().iter();
            let targets: Vec<_> =
                targets.map(|range| target(document, source, *range, &places)).collect();
            items.push(item(&id(at, nth), annotation, &creator, &targets));
        }
        for (nth, relation) in layer.relations.iter().enumerate() {
            items.push(json!({
                "id": format!("#l{at}-r{nth}"),
                "type": "Annotation",
                "creator": creator,
                "motivation": "linking",
                "body": [
                    { "type": "TextualBody", "purpose": "tagging", "value": relation.kind },
                    { "type": "SpecificResource", "purpose": "linking", "source": id(at, relation.to) },
                ],
                "target": id(at, relation.from),
            }));
        }
    }
    json!({
        "@context": CONTEXT,
        "id": "",
        "type": "AnnotationCollection",
        "label": document.name,
        "creator": document.layers.iter().map(creator).collect::<Vec<_>>(),
        "total": items.len(),
        "first": { "id": "#page", "type": "AnnotationPage", "startIndex": 0, "items": items },
    })
}

/// What an annotation is called within the collection.
fn id(layer: usize, annotation: usize) -> String {
    format!("#l{layer}-a{annotation}")
}

fn creator(layer: &Layer) -> Value {
    let kind = match layer.kind {
        LayerKind::Annotator => "Person",
        LayerKind::Gold => "Organization",
        LayerKind::Predictions => "Software",
    };
    json!({ "type": kind, "name": layer.annotator })
}

fn item(id: &str, annotation: &Annotation, creator: &Value, targets: &[Value]) -> Value {
    let text = |purpose: &str, value: &str| json!({ "type": "TextualBody", "purpose": purpose, "value": value });
    let mut bodies = vec![text("tagging", &annotation.label)];
    if !annotation.attributes.is_empty() {
        let attributes: Map<String, Value> = annotation
            .attributes
            .iter()
            .map(|(name, value)| (name.clone(), value_of(value)))
            .collect();
        let mut body = text("describing", &Value::Object(attributes).to_string());
        body["format"] = "application/json".into();
        bodies.push(body);
    }
    if !annotation.note.is_empty() {
        bodies.push(text("commenting", &annotation.note));
    }
    let mut item = json!({
        "id": id,
        "type": "Annotation",
        "creator": creator,
        "motivation": "tagging",
        "body": bodies,
        "target": targets,
    });
    for (name, time) in [("created", annotation.created), ("modified", annotation.modified)] {
        if let Some(time) = time {
            item[name] = time.to_string().into();
        }
    }
    item
}

fn value_of(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::Text(text) => Value::from(text.as_str()),
        AttributeValue::List(items) => Value::from(items.clone()),
        AttributeValue::Integer(number) => Value::from(*number),
        AttributeValue::Decimal(number) => Value::from(*number),
        AttributeValue::Flag(flag) => Value::from(*flag),
    }
}

fn target(document: &Document, source: &str, range: TextRange, places: &Places<'_>) -> Value {
    let text = &*document.text;
    let (start, end): (usize, usize) = (range.start().into(), range.end().into());
    let before = text[..start].char_indices().rev().take(CONTEXT_CHARACTERS).last();
    let after = text[end..].char_indices().nth(CONTEXT_CHARACTERS);
    let prefix = &text[before.map_or(start, |(at, _)| at)..start];
    let suffix = &text[end..after.map_or(text.len(), |(at, _)| end + at)];
    let (start, end) = (places.offset(range.start()), places.offset(range.end()));
    json!({
        "source": source,
        "selector": [
            { "type": "TextPositionSelector", "start": start, "end": end },
            { "type": "TextQuoteSelector", "exact": &text[range], "prefix": prefix, "suffix": suffix },
        ],
    })
}
