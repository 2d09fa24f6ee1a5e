//! Brings an article to tokens with a tag each.

use super::super::document::Document;
use super::super::fit;
use super::super::loss::{Loss, LossKind, Remedy};
use super::super::names;
use super::super::writing::WriteOptions;
use super::DOCSTART;
use crate::model::Span;
use crate::text::{TextRange, TextSize};

pub(super) fn fit(
    mut document: Document,
    options: &WriteOptions,
    losses: &mut Vec<Loss>,
) -> Document {
    let name = clean(&document.name);
    if name != document.name {
        let before = std::mem::replace(&mut document.name, name);
        losses.push(Loss::of_article(&document, "", LossKind::Name, before, Remedy::Changed));
    }
    fit::keep_meta(&mut document, &[], losses);
    fit::drop_history(&mut document);
    fit::drop_states(&mut document, losses);
    fit::drop_rest(&mut document, losses);
    names::file_per_annotator(&mut document, options, losses);
    names::clean_names(&mut document, clean_label, losses);
    fit::drop_attributes(&mut document, losses);
    fit::drop_notes(&mut document, losses);
    fit::drop_relations(&mut document, losses);
    fit::one_range(&mut document, options.misfits, losses);
    fit::tokenize(&mut document, options);
    fit::on_tokens(&mut document, options.misfits, losses);
    fit::within_sentences(&mut document, losses);
    fit::flat(&mut document, &options.overlaps, losses);
    fit::drop_ids(&mut document);
    respace(&mut document, losses);
    fit::sort(&mut document);
    document
}

/// A word that can stand in a column.
fn clean(word: &str) -> String {
    let is_free = |c: char| !c.is_whitespace() && !c.is_control();
    word.chars().map(|c| if is_free(c) { c } else { '_' }).collect()
}

fn clean_label(label: &str) -> String {
    let label = clean(label);
    if label.is_empty() { "_".to_owned() } else { label }
}

/// Puts a space between two tokens and a line feed between two sentences, and moves the
/// annotations along.
fn respace(document: &mut Document, losses: &mut Vec<Loss>) {
    let (mut text, mut tokens) = (String::with_capacity(document.text.len()), Vec::new());
    let mut sentences: Vec<TextRange> = Vec::new();
    let mut own = document.sentences.iter().copied().peekable();
    let mut until = TextSize::new(0);
    for token in &document.tokens {
        while own.next_if(|sentence| sentence.end() <= token.start()).is_some() {}
        let is_start = sentences.is_empty() || token.start() >= until;
        if is_start {
            // Tokens between two sentences are one of their own.
            until = match own.peek() {
                Some(sentence) if sentence.start() <= token.start() => sentence.end(),
                Some(sentence) => sentence.start(),
                None => TextSize::of(&*document.text),
            };
        }
        if !text.is_empty() {
            text.push(if is_start { '\n' } else { ' ' });
        }
        let start = TextSize::of(text.as_str());
        text.push_str(&form(&document.text[*token]));
        let placed = TextRange::new(start, TextSize::of(text.as_str()));
        tokens.push(placed);
        match sentences.last_mut() {
            Some(last) if !is_start => *last = last.cover(placed),
            _ => sentences.push(placed),
        }
    }
    for annotation in document.layers.iter_mut().flat_map(|layer| &mut layer.annotations) {
        let extent = annotation.span.extent();
        let first = document.tokens.partition_point(|token| token.end() <= extent.start());
        let count = fit::touched(&document.tokens, extent).len();
        let placed = tokens.get(first).zip(tokens.get((first + count).saturating_sub(1)));
        if let Some(Ok(span)) = placed.map(|(first, last)| Span::new(first.cover(*last))) {
            annotation.span = span;
        }
    }
    document.tokens = tokens;
    document.sentences = sentences;
    if *document.text != *text {
        let what = "white space between tokens";
        losses.push(Loss::of_article(document, "", LossKind::Text, what, Remedy::Changed));
        document.text = text.into();
    }
}

/// A token as its line says it. One that would begin an article does not.
fn form(token: &str) -> String {
    match token.strip_prefix(DOCSTART) {
        Some(rest) => format!("_DOCSTART-{}", clean(rest)),
        None => clean(token),
    }
}
