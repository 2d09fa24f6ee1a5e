//! Writes a line for each token; a file for each layer and, if chosen, for each label.

use super::super::document::{Document, Layer};
use super::super::error::FormatError;
use super::super::tags;
use super::super::writing::{Batch, Columns, Overlaps, Piece};
use super::DOCSTART;

pub(super) fn write(batch: &Batch<'_>) -> Result<Vec<Piece>, FormatError> {
    let mut pieces = Vec::new();
    for document in batch.documents {
        if document.tokens.is_empty() {
            let what = format!("the article “{}” has no words", document.name);
            return Err(FormatError::Unwritable(what));
        }
        for layer in &document.layers {
            let file = match layer.annotator.as_str() {
                "" => format!("{}.conll", batch.split),
                annotator => format!("{}@{annotator}.conll", batch.split),
            };
            let labels = labels(batch, layer);
            if labels.is_empty() {
                pieces.push(Piece { path: file, bytes: lines(document, layer, batch, None) });
                continue;
            }
            pieces.extend(labels.into_iter().map(|label| Piece {
                path: format!("{}/{file}", super::super::writing::file_name(label)),
                bytes: lines(document, layer, batch, Some(label)),
            }));
        }
    }
    Ok(pieces)
}

/// The labels that have a file each; none where all are in one. Every article is in the
/// file of every label of the schema, so that the files can be compared line by line.
fn labels<'a>(batch: &Batch<'a>, layer: &'a Layer) -> Vec<&'a str> {
    if batch.options.overlaps != Overlaps::FilePerLabel {
        return Vec::new();
    }
    let mut labels: Vec<&str> =
        batch.options.schema.labels().iter().map(|label| label.id.as_str()).collect();
    for annotation in &layer.annotations {
        if !labels.contains(&annotation.label.as_str()) {
            labels.push(&annotation.label);
        }
    }
    labels
}

fn lines(document: &Document, layer: &Layer, batch: &Batch<'_>, only: Option<&str>) -> Vec<u8> {
    let between = match batch.options.columns {
        Columns::Two => " ",
        Columns::Four => " -X- _ ",
    };
    let first = match batch.options.columns {
        Columns::Two => " O",
        Columns::Four => " -X- -X- O",
    };
    let tags = tags::tags(layer, &document.tokens, batch.options.scheme, only);
    let mut lines = format!("{DOCSTART}{}{first}\n", document.name);
    lines.reserve(3 * document.text.len());
    let mut sentences = document.sentences.iter().map(|sentence| sentence.start()).peekable();
    for (token, tag) in document.tokens.iter().zip(&tags) {
        if sentences.next_if_eq(&token.start()).is_some() {
            lines.push('\n');
        }
        for part in [&document.text[*token], between, tag, "\n"] {
            lines.push_str(part);
        }
    }
    lines.push('\n');
    lines.into_bytes()
}
