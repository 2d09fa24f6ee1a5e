//! Brings a document to what Label Studio can hold.

use super::super::document::{Document, Layer, LayerKind};
use super::super::fit;
use super::super::loss::{Loss, LossKind, Remedy};
use super::super::names;
use super::super::writing::WriteOptions;
use super::read::partition_rest;
use crate::model::{AttributeValue, State};

pub(super) fn fit(
    mut document: Document,
    options: &WriteOptions,
    losses: &mut Vec<Loss>,
) -> Document {
    fit::drop_history(&mut document);
    names::clean_names(&mut document, clean_name, losses);
    document.tokens.clear();
    document.sentences.clear();
    fit::one_range(&mut document, options.misfits, losses);
    names::unique_ids(&mut document);
    fit::change_values(&mut document, losses, |_, value| as_choice(value));
    for layer in &mut document.layers {
        layer.relations.iter_mut().for_each(|link| link.id.clear());
        layer.sort();
    }
    for at in 0..document.layers.len() {
        let (kept, gone) = partition_rest(&document.layers[at]);
        document.layers[at].rest = kept;
        let annotator = document.layers[at].annotator.clone();
        losses.extend(gone.into_iter().map(|line| {
            Loss::of_article(&document, &annotator, LossKind::Foreign, line, Remedy::LeftOut)
        }));
    }
    states(&mut document, losses);
    document
}

/// An annotation without results is one of somebody who was done and found nothing; so
/// somebody who found nothing and was not done is not there.
fn states(document: &mut Document, losses: &mut Vec<Loss>) {
    let is_told = |layer: &Layer, state| state == State::Done && says_nothing(layer);
    fit::drop_states_but(document, is_told, losses);
    let layers = std::mem::take(&mut document.layers);
    let (gone, kept): (Vec<_>, Vec<_>) =
        layers.into_iter().partition(|layer| layer.state.is_none() && says_nothing(layer));
    document.layers = kept;
    losses.extend(gone.iter().map(|layer| {
        let what = "an annotator who said nothing";
        Loss::of_article(document, &layer.annotator, LossKind::Annotator, what, Remedy::LeftOut)
    }));
}

/// Whether a layer is written as an annotation without results.
fn says_nothing(layer: &Layer) -> bool {
    let is_empty =
        layer.annotations.is_empty() && layer.relations.is_empty() && layer.rest.is_empty();
    is_empty && layer.kind != LayerKind::Predictions
}

/// A control of the configuration must have a name.
fn clean_name(name: &str) -> String {
    if name.is_empty() { "_".to_owned() } else { name.to_owned() }
}

/// Yes and no are choices, and a list of one is a choice; the schema tells them apart.
fn as_choice(value: &AttributeValue) -> Option<AttributeValue> {
    match value {
        AttributeValue::Flag(flag) => Some(AttributeValue::Text(flag.to_string())),
        AttributeValue::List(items) if items.len() == 1 => {
            Some(AttributeValue::Text(items.concat()))
        }
        _ => None,
    }
}
