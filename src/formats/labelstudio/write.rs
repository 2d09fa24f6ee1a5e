//! Writes tasks, one for each article.

use super::super::OffsetUnit;
use super::super::document::{Annotation, Document, Layer, LayerKind};
use super::super::error::FormatError;
use super::super::places::Places;
use super::super::writing::{Batch, Piece};
use super::{LABELS, TEXT};
use crate::model::{AttributeKind, AttributeValue, Schema};
use serde::Serialize;
use serde_json::Value;

#[derive(Serialize)]
struct Task<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    data: Data<'a>,
    annotations: Vec<Made<'a>>,
    predictions: Vec<Made<'a>>,
}

#[derive(Serialize)]
struct Data<'a> {
    text: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    title: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    source: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "str::is_empty")]
    url: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    language: &'a str,
}

#[derive(Serialize)]
struct Made<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_by: Option<User<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model_version: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ground_truth: Option<bool>,
    result: Vec<Item<'a>>,
}

/// A person of Label Studio: the number it gave them, or their address.
#[derive(Serialize)]
#[serde(untagged)]
enum User<'a> {
    Number(u64),
    Address { email: &'a str },
}

#[derive(Serialize)]
#[serde(untagged)]
enum Item<'a> {
    Result {
        id: &'a str,
        from_name: &'a str,
        to_name: &'static str,
        #[serde(rename = "type")]
        kind: &'static str,
        value: ItemValue<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        meta: Option<Meta<'a>>,
    },
    Relation {
        #[serde(rename = "type")]
        kind: &'static str,
        from_id: &'a str,
        to_id: &'a str,
        direction: &'static str,
        labels: Vec<&'a str>,
    },
    AsItIs(Value),
}

#[derive(Serialize)]
struct Meta<'a> {
    text: [&'a str; 1],
}

#[derive(Serialize)]
struct ItemValue<'a> {
    start: u32,
    end: u32,
    #[serde(flatten)]
    says: Says<'a>,
}

/// What a result says; the name of the field is that of its kind.
#[derive(Serialize)]
#[serde(untagged)]
enum Says<'a> {
    Label { text: &'a str, labels: [&'a str; 1] },
    Choices { choices: Vec<&'a str> },
    Integer { number: i64 },
    Decimal { number: f64 },
    Words { text: [&'a str; 1] },
}

pub(super) fn write(batch: &Batch<'_>) -> Result<Vec<Piece>, FormatError> {
    let mut pieces = Vec::with_capacity(batch.documents.len());
    for (at, document) in batch.documents.iter().enumerate() {
        // The task's number is its name where it has no other, so it is not made up then.
        let number = batch.number * batch.documents.len() + at + 1;
        let task = task(document, number, &batch.options.schema);
        let bytes = serde_json::to_vec(&task).map_err(FormatError::unwritable)?;
        pieces.push(Piece { path: format!("{}.json", batch.split), bytes });
    }
    Ok(pieces)
}

fn task<'a>(document: &'a Document, number: usize, schema: &Schema) -> Task<'a> {
    let meta = &document.meta;
    let data = Data {
        text: &document.text,
        name: &document.name,
        title: &meta.title,
        source: &meta.source,
        date: meta.date.map(|date| date.to_string()),
        url: &meta.url,
        language: &meta.language,
    };
    let places = Places::new(&document.text, OffsetUnit::CodePoints);
    let (predictions, annotations): (Vec<_>, Vec<_>) =
        document.layers.iter().partition(|layer| layer.kind == LayerKind::Predictions);
    let made = |layers: Vec<&'a Layer>| {
        layers.into_iter().map(|layer| made(layer, document, &places, schema)).collect()
    };
    let id = (!document.name.is_empty()).then_some(number);
    Task { id, data, annotations: made(annotations), predictions: made(predictions) }
}

fn made<'a>(
    layer: &'a Layer,
    document: &'a Document,
    places: &Places<'_>,
    schema: &Schema,
) -> Made<'a> {
    let name = Some(layer.annotator.as_str()).filter(|name| !name.is_empty());
    let is_prediction = layer.kind == LayerKind::Predictions;
    let mut result = Vec::new();
    for annotation in &layer.annotations {
        result.push(region(annotation, document, places));
        let attributes = annotation.attributes.iter();
        result.extend(
            attributes.map(|(name, value)| attribute(annotation, name, value, places, schema)),
        );
    }
    result.extend(layer.relations.iter().map(|link| Item::Relation {
        kind: "relation",
        from_id: &layer.annotations[link.from].id,
        to_id: &layer.annotations[link.to].id,
        direction: "right",
        labels: Some(link.kind.as_str()).filter(|kind| !kind.is_empty()).into_iter().collect(),
    }));
    let kept = layer.rest.iter().filter_map(|line| serde_json::from_str(line).ok());
    result.extend(kept.map(Item::AsItIs));
    Made {
        completed_by: name.filter(|_| !is_prediction).map(user),
        model_version: name.filter(|_| is_prediction),
        ground_truth: (layer.kind == LayerKind::Gold).then_some(true),
        result,
    }
}

fn user(name: &str) -> User<'_> {
    match name.parse::<u64>() {
        Ok(number) if number.to_string() == name => User::Number(number),
        _ => User::Address { email: name },
    }
}

fn offsets(annotation: &Annotation, places: &Places<'_>) -> (u32, u32) {
    let extent = annotation.span.extent();
    (places.offset(extent.start()), places.offset(extent.end()))
}

fn region<'a>(annotation: &'a Annotation, document: &'a Document, places: &Places<'_>) -> Item<'a> {
    let (start, end) = offsets(annotation, places);
    let text = &document.text[annotation.span.extent()];
    let note = Some(annotation.note.as_str()).filter(|note| !note.is_empty());
    Item::Result {
        id: &annotation.id,
        from_name: LABELS,
        to_name: TEXT,
        kind: "labels",
        value: ItemValue { start, end, says: Says::Label { text, labels: [&annotation.label] } },
        meta: note.map(|note| Meta { text: [note] }),
    }
}

fn attribute<'a>(
    annotation: &'a Annotation,
    name: &'a str,
    value: &'a AttributeValue,
    places: &Places<'_>,
    schema: &Schema,
) -> Item<'a> {
    let (start, end) = offsets(annotation, places);
    let (kind, says) = match value {
        AttributeValue::Text(text) if is_free_text(annotation, name, schema) => {
            ("textarea", Says::Words { text: [text] })
        }
        AttributeValue::Text(text) => ("choices", Says::Choices { choices: vec![text] }),
        AttributeValue::List(items) => {
            ("choices", Says::Choices { choices: items.iter().map(String::as_str).collect() })
        }
        AttributeValue::Integer(number) => ("number", Says::Integer { number: *number }),
        AttributeValue::Decimal(number) => ("number", Says::Decimal { number: *number }),
        AttributeValue::Flag(flag) => {
            ("choices", Says::Choices { choices: vec![if *flag { "true" } else { "false" }] })
        }
    };
    Item::Result {
        id: &annotation.id,
        from_name: name,
        to_name: TEXT,
        kind,
        value: ItemValue { start, end, says },
        meta: None,
    }
}

/// Whether words are free, and not one of a few: the schema says so, or knows nothing of it.
fn is_free_text(annotation: &Annotation, name: &str, schema: &Schema) -> bool {
    let mut labels = schema.labels().iter();
    let label = labels.find(|label| label.id.as_str() == annotation.label);
    let known = label.and_then(|label| label.attributes.iter().find(|own| own.id.as_str() == name));
    !known.is_some_and(|known| {
        matches!(
            known.kind,
            AttributeKind::Choice(_) | AttributeKind::Choices(_) | AttributeKind::Flag
        )
    })
}
