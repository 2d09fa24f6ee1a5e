//! W3C Web Annotation: a collection in JSON-LD for each article, with its text beside it.
//!
//! Each annotation points into the text with a position, counted in code points, and a
//! quotation with what stands before and after; one of several ranges has several
//! targets. Its label is a body that tags, its note one that comments, its attributes
//! one that describes, as JSON. A relation is an annotation that links two others. The
//! creator is the annotator: a person, a program where its type is Software, and the
//! project as a whole (an Organization) for the adjudicated version.

mod read;
mod texts;
mod write;

use super::document::Document;
use super::fit;
use super::loss::{Loss, LossKind, Remedy};
use super::reading::Reader;
use super::writing::{Annotators, Frame, Layout, WriteOptions, Writer};
use super::{Format, OffsetUnit};
use crate::model::Span;
use crate::text::{TextRange, TextSize, grapheme_at};

pub(super) const FORMAT: Format = Format {
    id: "w3c",
    name: "W3C Web Annotation",
    extensions: &["jsonld", "json"],
    companions: &["txt"],
    offsets: OffsetUnit::CodePoints,
    reads: Some(Reader::Whole(read::read)),
    asks: &[],
    writes: Some(Writer {
        chooses: &[],
        layout: Layout::Files,
        annotators: Annotators::Several,
        batch: 1,
        fit,
        write: write::write,
        frame: Frame::NONE,
        finish: Writer::nothing_more,
    }),
    holds: "all annotators, annotations of several ranges, attributes, relations, notes, times",
    loses: "annotations that end within a character, states, what is known about an article",
};

/// What a JSON-LD file of annotations begins with.
const CONTEXT: &str = "http://www.w3.org/ns/anno.jsonld";

fn fit(mut document: Document, _: &WriteOptions, losses: &mut Vec<Loss>) -> Document {
    fit::drop_rest(&mut document, losses);
    fit::keep_meta(&mut document, &[], losses);
    fit::drop_states(&mut document, losses);
    document.tokens.clear();
    document.sentences.clear();
    for annotation in document.layers.iter_mut().flat_map(|layer| &mut layer.annotations) {
        annotation.origin = None;
        // A JSON object has no order.
        annotation.attributes.sort_by(|one, other| one.0.cmp(&other.0));
    }
    fit::finite_numbers(&mut document, losses);
    name_everything(&mut document, losses);
    grow_to_graphemes(&mut document, losses);
    fit::drop_ids(&mut document);
    fit::sort(&mut document);
    document
}

/// A tag is not empty.
fn name_everything(document: &mut Document, losses: &mut Vec<Loss>) {
    const UNNAMED: &str = "annotation";
    for layer in 0..document.layers.len() {
        for at in 0..document.layers[layer].annotations.len() {
            if document.layers[layer].annotations[at].label.is_empty() {
                let loss = Loss::of(document, layer, at, LossKind::Name, Remedy::Changed);
                losses.push(loss.with(UNNAMED));
                document.layers[layer].annotations[at].label = UNNAMED.to_owned();
            }
        }
        for relation in &mut document.layers[layer].relations {
            if relation.kind.is_empty() {
                relation.kind = "relation".to_owned();
            }
        }
    }
}

/// The standard forbids selections that end within what a reader sees as one character.
fn grow_to_graphemes(document: &mut Document, losses: &mut Vec<Loss>) {
    let text = document.text.clone();
    let end = |at: TextSize| {
        let grapheme = grapheme_at(&text, at);
        if grapheme.start() == at { at } else { grapheme.end() }
    };
    let start = |at: TextSize| grapheme_at(&text, at).start().min(at);
    let whole = |range: &TextRange| TextRange::new(start(range.start()), end(range.end()));
    for layer in 0..document.layers.len() {
        for at in 0..document.layers[layer].annotations.len() {
            let span = &document.layers[layer].annotations[at].span;
            let mut ranges: Vec<TextRange> = span.ranges().iter().map(whole).collect();
            if ranges.as_slice() == span.ranges() {
                continue;
            }
            // Two ranges may have grown to the same character.
            ranges.dedup_by(|next, last| {
                let overlap = next.start() < last.end();
                if overlap {
                    *last = last.cover(*next);
                }
                overlap
            });
            if let Ok(span) = Span::from_ranges(ranges) {
                losses.push(Loss::of(document, layer, at, LossKind::Text, Remedy::Expanded));
                document.layers[layer].annotations[at].span = span;
            }
        }
    }
}

#[cfg(test)]
mod tests;
