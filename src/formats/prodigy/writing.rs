//! Writing tasks.

use super::{Task, TaskEnd, TaskMeta, TaskRelation, TaskSpan, TaskToken};
use crate::formats::OffsetUnit;
use crate::formats::document::{Annotation, Document, Layer, LayerKind};
use crate::formats::error::FormatError;
use crate::formats::fit::touched;
use crate::formats::places::Places;
use crate::formats::writing::{Batch, Piece};
use crate::model::{AttributeValue, State};
use serde_json::Value;
use sha2::{Digest, Sha256};

pub(super) fn write(batch: &Batch<'_>) -> Result<Vec<Piece>, FormatError> {
    let mut bytes = Vec::new();
    for document in batch.documents {
        let places = Places::new(&document.text, OffsetUnit::CodePoints);
        let alone = document.layers.is_empty().then_some(None);
        for layer in document.layers.iter().map(Some).chain(alone) {
            let task = task(document, layer, &places)?;
            serde_json::to_writer(&mut bytes, &task).map_err(FormatError::unwritable)?;
            bytes.push(b'\n');
        }
    }
    Ok(vec![Piece { path: format!("{}.jsonl", batch.split), bytes }])
}

fn task<'a>(
    document: &'a Document,
    layer: Option<&Layer>,
    places: &Places<'_>,
) -> Result<Task<'a>, FormatError> {
    let spans: Option<Vec<TaskSpan>> = layer
        .map(|layer| layer.annotations.iter().map(|found| span(found, document, places)).collect());
    let relations = layer.map(|layer| relations(layer, spans.as_deref().unwrap_or_default()));
    let input_hash = hash(&[document.text.as_bytes()]);
    let said = serde_json::to_vec(&spans).map_err(FormatError::unwritable)?;
    Ok(Task {
        text: (&*document.text).into(),
        tokens: tokens(document, places),
        relations: relations.unwrap_or_default(),
        meta: about(document, layer),
        session: Value::Null,
        answer: layer
            .and_then(|layer| layer.state)
            .filter(|state| *state == State::Done)
            .map(|_| "accept".to_owned()),
        annotator: layer
            .map(|layer| layer.annotator.clone())
            .filter(|annotator| !annotator.is_empty()),
        input_hash,
        task_hash: hash(&[&input_hash.to_le_bytes(), &said]),
        spans,
    })
}

/// A number by which Prodigy knows inputs and tasks again. It takes any that is the same
/// for the same and fits into four bytes.
fn hash(parts: &[&[u8]]) -> i64 {
    let mut hasher = Sha256::new();
    parts.iter().for_each(|part| hasher.update(part));
    let digest = hasher.finalize();
    digest.first_chunk().map_or(0, |bytes| i32::from_le_bytes(*bytes)).into()
}

fn tokens<'a>(document: &'a Document, places: &Places<'_>) -> Vec<TaskToken<'a>> {
    let token = |(id, range): (usize, &crate::text::TextRange)| {
        let end: usize = range.end().into();
        TaskToken {
            text: document.text[*range].into(),
            start: places.offset(range.start()).into(),
            end: places.offset(range.end()).into(),
            id: id as u64,
            ws: document.text[end..].starts_with(' '),
        }
    };
    document.tokens.iter().enumerate().map(token).collect()
}

fn span(found: &Annotation, document: &Document, places: &Places<'_>) -> TaskSpan {
    let extent = found.span.extent();
    let first = document.tokens.partition_point(|token| token.end() <= extent.start());
    let last = (first + touched(&document.tokens, extent).len()).saturating_sub(1);
    let attributes = found.attributes.iter();
    TaskSpan {
        start: places.offset(extent.start()).into(),
        end: places.offset(extent.end()).into(),
        token_start: Some(first as u64),
        token_end: Some(last as u64),
        label: found.label.clone(),
        text: Some(document.text[extent].to_owned()),
        id: Some(Value::from(found.id.as_str())),
        attributes: attributes.map(|(name, value)| (name.clone(), value_of(value))).collect(),
        note: found.note.clone(),
    }
}

/// Links stand between the last tokens of two spans.
fn relations(layer: &Layer, spans: &[TaskSpan]) -> Vec<TaskRelation> {
    let end = |at: usize| {
        let span = spans.get(at)?;
        Some(TaskEnd {
            start: span.start,
            end: span.end,
            token_start: span.token_start?,
            token_end: span.token_end?,
            label: Some(span.label.clone()),
            id: span.id.clone(),
        })
    };
    let relation = |link: &crate::formats::document::Relation| {
        let (from, to) = (end(link.from)?, end(link.to)?);
        Some(TaskRelation {
            head: from.token_end,
            child: to.token_end,
            label: link.kind.clone(),
            head_span: Some(from),
            child_span: Some(to),
            id: link.id.clone(),
        })
    };
    layer.relations.iter().filter_map(relation).collect()
}

fn about(document: &Document, layer: Option<&Layer>) -> TaskMeta {
    let value = |text: &str| if text.is_empty() { Value::Null } else { Value::from(text) };
    let meta = &document.meta;
    TaskMeta {
        id: value(&document.name),
        title: value(&meta.title),
        source: value(&meta.source),
        date: value(&meta.date.map(|date| date.to_string()).unwrap_or_default()),
        url: value(&meta.url),
        language: value(&meta.language),
        kind: value(match layer.map(|layer| layer.kind) {
            Some(LayerKind::Gold) => "gold",
            Some(LayerKind::Predictions) => "predictions",
            Some(LayerKind::Annotator) | None => "",
        }),
    }
}

/// The text that every value is after fitting.
fn value_of(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::Text(text) => Value::from(text.as_str()),
        _ => Value::Null,
    }
}
