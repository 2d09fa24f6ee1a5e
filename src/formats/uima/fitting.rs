//! What all formats of UIMA cannot hold.

use super::{CURATOR, NOTE, SPAN, VALUE, short_name};
use crate::formats::document::{Document, LayerKind};
use crate::formats::fit;
use crate::formats::loss::{Loss, LossKind, Remedy};
use crate::formats::writing::{WriteOptions, file_name};

/// Features with a meaning of their own, which no attribute may be called.
const RESERVED: [&str; 5] = [VALUE, NOTE, "begin", "end", "sofa"];

/// Brings a document to one range an annotation, names that are identifiers, and a file
/// for each annotator.
pub(super) fn fit(document: &mut Document, options: &WriteOptions, losses: &mut Vec<Loss>) {
    fit::drop_rest(document, losses);
    fit::one_range(document, options.misfits, losses);
    fit::drop_states(document, losses);
    fit::drop_history(document);
    tell_layers_apart(document, losses);
    name_everything(document, losses);
}

/// The adjudicated version gets the name that INCEpTION gives it, predictions become an
/// annotator's, and no two layers the same file.
fn tell_layers_apart(document: &mut Document, losses: &mut Vec<Loss>) {
    let mut taken: Vec<String> = Vec::new();
    for at in 0..document.layers.len() {
        let layer = &mut document.layers[at];
        let before = (layer.annotator.clone(), layer.kind);
        match layer.kind {
            LayerKind::Gold => layer.annotator = CURATOR.to_owned(),
            LayerKind::Annotator | LayerKind::Predictions => layer.kind = LayerKind::Annotator,
        }
        while taken.contains(&file_name(&layer.annotator)) {
            layer.annotator.push_str("-2");
        }
        if layer.annotator == CURATOR {
            layer.kind = LayerKind::Gold;
        }
        taken.push(file_name(&layer.annotator));
        let is_told =
            layer.kind != before.1 || layer.kind != LayerKind::Gold && layer.annotator != before.0;
        if is_told {
            let what = layer.annotator.clone();
            losses.push(Loss::of_article(
                document,
                &before.0,
                LossKind::Annotator,
                what,
                Remedy::Changed,
            ));
        }
    }
}

/// Labels and kinds of relations are not empty, and attributes are called by identifiers.
fn name_everything(document: &mut Document, losses: &mut Vec<Loss>) {
    for layer in 0..document.layers.len() {
        for at in 0..document.layers[layer].annotations.len() {
            for (before, after) in rename(document, layer, at) {
                let loss = Loss::of(document, layer, at, LossKind::Name, Remedy::Changed);
                losses.push(loss.with(format!("{before} is called {after}")));
            }
        }
        for relation in &mut document.layers[layer].relations {
            if relation.kind.is_empty() {
                relation.kind = "relation".to_owned();
            }
        }
    }
}

/// Renames what must be renamed of one annotation; gives the old and new names.
fn rename(document: &mut Document, layer: usize, at: usize) -> Vec<(String, String)> {
    let annotation = &mut document.layers[layer].annotations[at];
    let mut renamed = Vec::new();
    if annotation.label.is_empty() {
        annotation.label = short_name(SPAN).to_owned();
        renamed.push((String::new(), annotation.label.clone()));
    }
    for index in 0..annotation.attributes.len() {
        let before = annotation.attributes[index].0.clone();
        let mut after = feature_name(&before);
        let is_taken = |name: &str| {
            let mut all = annotation.attributes.iter().enumerate();
            all.any(|(other, (known, _))| other != index && known == name)
        };
        while is_taken(&after) {
            after.push('_');
        }
        if after != before {
            annotation.attributes[index].0.clone_from(&after);
            renamed.push((before, after));
        }
    }
    renamed
}

/// A name as features may have it in XML and in Java: letters, digits and low lines.
pub(super) fn feature_name(name: &str) -> String {
    let safe = |character: char| if is_name_character(character) { character } else { '_' };
    let mut safe: String = name.chars().map(safe).collect();
    if safe.is_empty() || safe.starts_with(|first: char| first.is_ascii_digit()) {
        safe.insert(0, '_');
    }
    if RESERVED.contains(&safe.as_str()) {
        safe.push('_');
    }
    safe
}

fn is_name_character(character: char) -> bool {
    // XML has no names with the letters in this range, which stand in circles.
    let is_letter = character >= '\u{c0}' && !('\u{2190}'..'\u{2c00}').contains(&character);
    character.is_ascii_alphanumeric() || is_letter && character.is_alphabetic() || character == '_'
}
