//! WebAnno TSV 3: a token a line, with the annotations of each layer in columns.
//!
//! Offsets count UTF-16 units. The text is put together from the `#Text=` lines; what
//! lies between sentences is not in the file but where it says so, and is then taken
//! for line feeds. Written are white space between sentences that is something else (at
//! the end of a `#Text=`), and two lines of the head that others pass over: whose the
//! annotations are and what the article is called.

mod cells;
mod head;
mod read;
mod rows;
mod text;
mod write;

use super::fitting;
use crate::formats::document::Document;
use crate::formats::fit;
use crate::formats::loss::{Loss, LossKind, Remedy};
use crate::formats::reading::Reader;
use crate::formats::tokens::sentences;
use crate::formats::writing::{Annotators, Choice, Frame, Layout, WriteOptions, Writer};
use crate::formats::{Format, OffsetUnit};
use crate::model::{AttributeValue, Span};
use crate::text::TextRange;

pub(in crate::formats) const FORMAT: Format = Format {
    id: "webanno-tsv",
    name: "WebAnno TSV 3.3",
    extensions: &["tsv"],
    companions: &[],
    offsets: OffsetUnit::Utf16Units,
    reads: Some(Reader::Whole(read::read)),
    asks: &[],
    writes: Some(Writer {
        chooses: &[Choice::Tokens, Choice::Misfits],
        layout: Layout::Files,
        annotators: Annotators::One,
        batch: 1,
        fit,
        write: write::write,
        frame: Frame::NONE,
        finish: Writer::nothing_more,
    }),
    holds: "annotations that nest and overlap, attributes as text, relations, notes, tokens",
    loses: "several ranges, white space at an annotation's edges, states, what is known about \
            an article",
};

/// What the first line of a file begins with.
const MAGIC: &str = "#FORMAT=WebAnno TSV 3";
/// Begins the line with a sentence's text.
const TEXT: &str = "#Text=";
/// Begins the line that says whose the annotations are; our own.
const ANNOTATOR: &str = "#Annotator=";
/// Begins the line that says what the article is called; our own.
const DOCUMENT: &str = "#Document=";

fn fit(mut document: Document, options: &WriteOptions, losses: &mut Vec<Loss>) -> Document {
    fit::keep_meta(&mut document, &[], losses);
    fitting::fit(&mut document, options, losses);
    fit::values_as_text(&mut document, losses);
    drop_empty_values(&mut document, losses);
    divide(&mut document, options);
    trim(&mut document, losses);
    fit::drop_ids(&mut document);
    fit::sort(&mut document);
    document
}

/// A cell cannot tell an empty value from none.
fn drop_empty_values(document: &mut Document, losses: &mut Vec<Loss>) {
    for layer in 0..document.layers.len() {
        for at in 0..document.layers[layer].annotations.len() {
            let attributes = &mut document.layers[layer].annotations[at].attributes;
            let is_empty = |value: &AttributeValue| *value == AttributeValue::Text(String::new());
            let gone: Vec<_> = attributes.extract_if(.., |(_, value)| is_empty(value)).collect();
            if !gone.is_empty() {
                let names: Vec<_> = gone.into_iter().map(|(name, _)| name).collect();
                let loss = Loss::of(document, layer, at, LossKind::Attributes, Remedy::LeftOut);
                losses.push(loss.with(names.join(", ")));
            }
        }
    }
}

/// Tokens that lines can hold and sentences that are made of them, in place of others.
fn divide(document: &mut Document, options: &WriteOptions) {
    let text = &document.text;
    let is_line = |token: &TextRange| !text[*token].contains(['\t', '\n', '\r']);
    let is_word = |token: &TextRange| !text[*token].starts_with(char::is_whitespace);
    if !document.tokens.iter().all(|token| is_line(token) && is_word(token)) {
        document.tokens.clear();
    }
    fit::tokenize(document, options);
    let are_whole = document.sentences.iter().try_fold(0, |from, sentence| {
        let rest = document.tokens.get(from..)?;
        let count = rest.iter().take_while(|token| token.end() <= sentence.end()).count();
        let ends = rest.first().zip(rest.get(count.checked_sub(1)?));
        ends.filter(|(first, last)| first.cover(**last) == *sentence).map(|_| from + count)
    });
    if are_whole != Some(document.tokens.len()) {
        document.sentences = sentences(&document.text, &document.tokens);
    }
}

/// Annotations begin and end within tokens; what touches none is left out.
fn trim(document: &mut Document, losses: &mut Vec<Loss>) {
    for layer in 0..document.layers.len() {
        let mut gone = vec![false; document.layers[layer].annotations.len()];
        for (at, gone) in gone.iter_mut().enumerate() {
            let extent = document.layers[layer].annotations[at].span.extent();
            let touched = fit::touched(&document.tokens, extent);
            let trimmed = touched.first().zip(touched.last()).and_then(|(first, last)| {
                extent.intersect(first.cover(*last)).and_then(|range| Span::new(range).ok())
            });
            if trimmed.as_ref().is_some_and(|span| span.extent() == extent) {
                continue;
            }
            let done = if trimmed.is_some() { Remedy::Changed } else { Remedy::LeftOut };
            losses.push(Loss::of(document, layer, at, LossKind::Text, done));
            match trimmed {
                Some(span) => document.layers[layer].annotations[at].span = span,
                None => *gone = true,
            }
        }
        fit::remove(document, layer, |at| gone[at], losses);
    }
}

#[cfg(test)]
mod tests;
