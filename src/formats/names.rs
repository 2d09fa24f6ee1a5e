//! Names and ids as a format can write them: of labels, of annotations, of annotators.
//!
//! What each format allows is its own to say; here is what they do about it, with a loss
//! for each name that changes. Nothing here knows a project's rules for names.

use super::document::{Document, Layer, LayerKind};
use super::fit;
use super::loss::{Loss, LossKind, Remedy};
use super::writing::{WriteOptions, file_name};
use std::collections::HashSet;

/// Brings the names of labels, attributes and relations to what the format can write.
/// An attribute whose name becomes that of another one is left out.
pub(super) fn clean_names(
    document: &mut Document,
    clean: impl Fn(&str) -> String,
    losses: &mut Vec<Loss>,
) {
    fit::each_annotation(document, losses, |document, layer, at| {
        let annotation = &mut document.layers[layer].annotations[at];
        let mut changed = Vec::new();
        let mut rename = |name: &mut String| {
            let cleaned = clean(name);
            if cleaned != *name {
                changed.push(std::mem::replace(name, cleaned));
            }
        };
        rename(&mut annotation.label);
        annotation.attributes.iter_mut().for_each(|(name, _)| rename(name));
        let mut taken = HashSet::new();
        annotation.attributes.retain(|(name, _)| taken.insert(name.clone()));
        (!changed.is_empty()).then(|| (LossKind::Name, Remedy::Changed, changed.join(", ")))
    });
    for layer in 0..document.layers.len() {
        for at in 0..document.layers[layer].relations.len() {
            let relation = &mut document.layers[layer].relations[at];
            let cleaned = clean(&relation.kind);
            if cleaned != relation.kind {
                let before = std::mem::replace(&mut relation.kind, cleaned);
                let from = relation.from;
                let loss = Loss::of(document, layer, from, LossKind::Name, Remedy::Changed);
                losses.push(loss.with(before));
            }
        }
    }
}

/// Prepares a document for formats that tell annotators apart by their files: each layer
/// gets a name of its own that is safe in a path, and none where only one is written.
pub(super) fn file_per_annotator(
    document: &mut Document,
    options: &WriteOptions,
    losses: &mut Vec<Loss>,
) {
    if document.layers.is_empty() {
        document.layers.push(Layer::default());
    }
    let mut taken = HashSet::new();
    for at in 0..document.layers.len() {
        let layer = &mut document.layers[at];
        let wanted = match (layer.kind, layer.annotator.as_str()) {
            (LayerKind::Gold, "") => "gold",
            (LayerKind::Predictions, "") => "predictions",
            (_, name) => name,
        };
        let name = match options.has_several_annotators && !wanted.is_empty() {
            true => free(&file_name(wanted), &mut taken),
            false => String::new(),
        };
        let kind = std::mem::take(&mut layer.kind);
        let before = std::mem::replace(&mut layer.annotator, name.clone());
        if kind != LayerKind::Annotator || name != before {
            let done = if name.is_empty() { Remedy::LeftOut } else { Remedy::Changed };
            losses.push(Loss::of_article(
                document,
                &before,
                LossKind::Annotator,
                before.clone(),
                done,
            ));
        }
    }
}

/// The name, with a number behind it where it is taken already.
fn free(name: &str, taken: &mut HashSet<String>) -> String {
    let numbered = (2_u32..).map(|number| format!("{name}-{number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    let free = names.find(|name| !taken.contains(name)).unwrap_or_default();
    taken.insert(free.clone());
    free
}

/// Gives every annotation of a layer an id of its own, for formats whose relations name
/// their ends by it, and puts all in order.
pub(super) fn unique_ids(document: &mut Document) {
    for layer in &mut document.layers {
        layer.sort();
        let mut taken: HashSet<String> = HashSet::new();
        for (at, annotation) in layer.annotations.iter_mut().enumerate() {
            if annotation.id.is_empty() || taken.contains(&annotation.id) {
                annotation.id = (at + 1..)
                    .map(|number| format!("a{number}"))
                    .find(|id| !taken.contains(id))
                    .unwrap_or_default();
            }
            taken.insert(annotation.id.clone());
        }
        layer.sort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::testing::{document, options};

    #[test]
    fn annotators_get_files_of_their_own() {
        let mut document = document("[actor x]");
        document.layers = ["a/b", "a_b", "", ""].map(Layer::of).into();
        document.layers[2].kind = LayerKind::Gold;
        let options = WriteOptions { has_several_annotators: true, ..options() };
        let mut losses = Vec::new();
        file_per_annotator(&mut document, &options, &mut losses);
        let names: Vec<_> = document.layers.iter().map(|layer| layer.annotator.as_str()).collect();
        assert_eq!(names, ["a_b", "a_b-2", "gold", ""]);
        assert_eq!(losses.len(), 3);
        file_per_annotator(&mut document, &options, &mut losses);
        assert_eq!(losses.len(), 3, "twice is once");
    }

    #[test]
    fn attributes_whose_names_become_one_are_told() {
        let mut document = document("[actor x]");
        let value = crate::model::AttributeValue::Flag(true);
        document.layers[0].annotations[0].attributes =
            vec![("a b".to_owned(), value.clone()), ("a_b".to_owned(), value)];
        let mut losses = Vec::new();
        clean_names(&mut document, |name| name.replace(' ', "_"), &mut losses);
        assert_eq!(document.layers[0].annotations[0].attributes.len(), 1);
        assert_eq!((losses.len(), losses[0].what.as_str()), (1, "a b"));
    }
}
