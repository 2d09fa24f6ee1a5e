//! spaCy's DocBin (`.spacy`): zlib over MessagePack, all documents of a file in one array
//! of numbers.
//!
//! A spaCy text is its tokens, each with or without a blank after it; white space that is
//! more than that blank is a token of its own. So a text is kept exactly, and annotations
//! stand on tokens. Annotations that overlap nothing are `doc.ents`, the others
//! `doc.spans["sc"]`, where spaCy's span categorizer looks for them. The article's name,
//! metadata and annotator are in `doc.user_data`. Sentences, part of speech and the other
//! layers of spaCy are not read.

mod reading;
mod strings;
#[cfg(test)]
mod tests;
mod writing;

use super::document::Document;
use super::loss::{Loss, LossKind, Remedy};
use super::reading::Reader;
use super::writing::{Annotators, Choice, Frame, Layout, WriteOptions, Writer};
use super::{Format, OffsetUnit, fit};
use crate::text::{TextRange, TextSize};
use serde::{Deserialize, Serialize};

pub(super) const FORMAT: Format = Format {
    id: "spacy",
    name: "spaCy DocBin",
    extensions: &["spacy"],
    companions: &[],
    offsets: OffsetUnit::CodePoints,
    reads: Some(Reader::Records(reading::read)),
    asks: &[],
    writes: Some(Writer {
        chooses: &[Choice::Tokens, Choice::Misfits],
        layout: Layout::Files,
        annotators: Annotators::One,
        batch: 500,
        fit,
        write: writing::write,
        frame: Frame::NONE,
        finish: Writer::nothing_more,
    }),
    holds: "texts, tokens, annotations on tokens (overlapping ones in spans[\"sc\"]), metadata",
    loses: "attributes, relations, notes, several ranges, what cuts a token",
};

/// The numbers of the attributes that a token has in a file: its word, how it belongs to
/// an entity, and the entity's label.
const ORTH: u64 = 65;
const ENT_IOB: u64 = 77;
const ENT_TYPE: u64 = 78;
/// The entry of a knowledge base that an entity is, by the hash of its name.
const ENT_KB_ID: u64 = 452;

/// What `ENT_IOB` says of a token: that nothing is known is zero.
const INSIDE: u64 = 1;
const OUTSIDE: u64 = 2;
const BEGINS: u64 = 3;

/// The span group that spaCy's span categorizer reads.
const GROUP: &str = "sc";

#[derive(Serialize, Deserialize)]
struct Flags {
    #[serde(default)]
    has_unknown_spaces: bool,
}

/// What `doc.user_data` says about the article.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct About {
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotator: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    kind: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    title: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    source: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    date: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    url: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    language: String,
}

fn fit(mut document: Document, options: &WriteOptions, losses: &mut Vec<Loss>) -> Document {
    fit::drop_rest(&mut document, losses);
    fit::drop_attributes(&mut document, losses);
    fit::drop_notes(&mut document, losses);
    fit::drop_relations(&mut document, losses);
    fit::drop_history(&mut document);
    fit::drop_states(&mut document, losses);
    fit::tokenize(&mut document, options);
    document.sentences.clear();
    document.tokens = gapless(&document.text, &document.tokens);
    fit::one_range(&mut document, options.misfits, losses);
    fit::on_tokens(&mut document, options.misfits, losses);
    fit::sort(&mut document);
    once(&mut document, losses);
    fit::drop_ids(&mut document);
    document
}

/// The same label on the same tokens twice is once to spaCy.
fn once(document: &mut Document, losses: &mut Vec<Loss>) {
    for layer in 0..document.layers.len() {
        let pairs = document.layers[layer].annotations.windows(2);
        let is_again =
            pairs.map(|pair| pair[0].label == pair[1].label && pair[0].span == pair[1].span);
        let is_again: Vec<bool> = std::iter::once(false).chain(is_again).collect();
        let again = is_again.iter().enumerate().filter(|(_, is_again)| **is_again);
        losses.extend(
            again.map(|(at, _)| Loss::of(document, layer, at, LossKind::Overlap, Remedy::LeftOut)),
        );
        fit::remove(document, layer, |at| is_again[at], losses);
    }
}

/// Tokens without those of white space, and with all that stands between them.
fn gapless(text: &str, tokens: &[TextRange]) -> Vec<TextRange> {
    let mut all = Vec::with_capacity(tokens.len());
    let mut until = TextSize::new(0);
    for token in tokens.iter().filter(|token| !text[**token].trim().is_empty()) {
        all.extend(words_between(text, until, token.start()));
        all.push(*token);
        until = token.end();
    }
    all.extend(words_between(text, until, TextSize::of(text)));
    all
}

fn words_between(text: &str, from: TextSize, to: TextSize) -> Option<TextRange> {
    let between = text.get(from.into()..to.into())?;
    let words = between.trim();
    let start = from + TextSize::of(&between[..between.len() - between.trim_start().len()]);
    (!words.is_empty()).then(|| TextRange::at(start, TextSize::of(words)))
}
