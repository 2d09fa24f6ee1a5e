//! UIMA CAS XMI: structures as XML elements, beside a type system in a file of its own.
//!
//! Offsets count UTF-16 units. Without a type system the readers of other tools refuse
//! the file; this one takes features for text, but those that are always references.
//!
//! It is XML 1.0: of control characters that has tabs and line ends alone. XML 1.1, which
//! has all but a few, is refused by dkpro-cassis and most readers that are not Java, so
//! every other one is replaced and told.

mod read;
mod write;
pub(super) mod xml;

use super::{fitting, type_system};
use crate::formats::document::{Annotation, Document};
use crate::formats::fit::{self, MetaField};
use crate::formats::loss::{Loss, LossKind, Remedy};
use crate::formats::reading::Reader;
use crate::formats::unwritable;
use crate::formats::writing::{
    Annotators, Choice, Frame, Layout, Piece, Summary, WriteOptions, Writer,
};
use crate::formats::{Format, OffsetUnit};
use crate::model::AttributeValue;

pub(in crate::formats) const FORMAT: Format = Format {
    id: "cas-xmi",
    name: "UIMA CAS XMI",
    extensions: &["xmi"],
    companions: &["xml"],
    offsets: OffsetUnit::Utf16Units,
    reads: Some(Reader::Whole(read::read)),
    asks: &[],
    writes: Some(Writer {
        chooses: &[Choice::Misfits],
        layout: Layout::Files,
        annotators: Annotators::One,
        batch: 1,
        fit,
        write: write::write,
        frame: Frame::NONE,
        finish,
    }),
    holds: "annotations that nest and overlap, attributes, relations, notes, tokens, titles, \
            addresses and languages",
    loses: "several ranges, states, sources and dates of articles",
};

/// What the type system is called that is written.
const TYPE_SYSTEM: &str = "TypeSystem.xml";

fn fit(mut document: Document, options: &WriteOptions, losses: &mut Vec<Loss>) -> Document {
    unwritable::replace(&mut document, xml::is_character, losses);
    tell_values(&document, options, losses);
    fit_for_cas(&mut document, options, losses);
    for annotation in document.layers.iter_mut().flat_map(|layer| &mut layer.annotations) {
        for (_, value) in &mut annotation.attributes {
            // The type system says what the text means; lists are elements of their own.
            if !matches!(value, AttributeValue::Text(_) | AttributeValue::List(_)) {
                *value = AttributeValue::Text(fit::text_of(value));
            }
        }
    }
    fit::sort(&mut document);
    document
}

/// What neither of the formats of a CAS can hold.
pub(super) fn fit_for_cas(document: &mut Document, options: &WriteOptions, losses: &mut Vec<Loss>) {
    let is_web = |url: &str| url.starts_with("http://") || url.starts_with("https://");
    let mut kept = vec![MetaField::Title, MetaField::Language];
    if is_web(&document.meta.url) {
        kept.push(MetaField::Url);
    }
    fit::keep_meta(document, &kept, losses);
    fitting::fit(document, options, losses);
    drop_empty_lists(document, losses);
    fit::drop_ids(document);
    for annotation in document.layers.iter_mut().flat_map(|layer| &mut layer.annotations) {
        sort_features(annotation);
    }
}

/// The features of a structure have no order of their own, so they are given one.
pub(super) fn sort_features(annotation: &mut Annotation) {
    annotation.attributes.sort_by(|one, other| one.0.cmp(&other.0));
    annotation.attributes.dedup_by(|one, other| one.0 == other.0);
}

/// Tells the numbers and flags that the type system, which is made of the schema, calls
/// text: it has not the attribute, or has it in two kinds.
fn tell_values(document: &Document, options: &WriteOptions, losses: &mut Vec<Loss>) {
    for (layer, found) in document.layers.iter().enumerate() {
        for (at, annotation) in found.annotations.iter().enumerate() {
            let untold = annotation.attributes.iter().filter(|(name, value)| {
                !type_system::tells(&options.schema, &fitting::feature_name(name), value)
            });
            let names: Vec<_> = untold.map(|(name, _)| name.as_str()).collect();
            if !names.is_empty() {
                let loss = Loss::of(document, layer, at, LossKind::Values, Remedy::Changed);
                losses.push(loss.with(names.join(", ")));
            }
        }
    }
}

/// A list without items is written like none.
fn drop_empty_lists(document: &mut Document, losses: &mut Vec<Loss>) {
    for layer in 0..document.layers.len() {
        for at in 0..document.layers[layer].annotations.len() {
            let attributes = &mut document.layers[layer].annotations[at].attributes;
            let is_empty = |value: &AttributeValue| *value == AttributeValue::List(Vec::new());
            let gone: Vec<_> = attributes.extract_if(.., |(_, value)| is_empty(value)).collect();
            if !gone.is_empty() {
                let names: Vec<_> = gone.into_iter().map(|(name, _)| name).collect();
                let loss = Loss::of(document, layer, at, LossKind::Attributes, Remedy::LeftOut);
                losses.push(loss.with(names.join(", ")));
            }
        }
    }
}

/// The type system that the schema makes.
fn finish(summary: &Summary<'_>) -> Vec<Piece> {
    let mut types = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<typeSystemDescription \
         xmlns=\"http://uima.apache.org/resourceSpecifier\">\n  <types>\n",
    );
    for (name, parent, features) in type_system::written(&summary.options.schema) {
        types.push_str(&format!(
            "    <typeDescription>\n      <name>{name}</name>\n      <description/>\n      \
             <supertypeName>{parent}</supertypeName>\n      <features>\n"
        ));
        for (feature, range) in features {
            types.push_str(&format!(
                "        <featureDescription>\n          <name>{feature}</name>\n          \
                 <description/>\n          <rangeTypeName>{range}</rangeTypeName>\n        \
                 </featureDescription>\n"
            ));
        }
        types.push_str("      </features>\n    </typeDescription>\n");
    }
    types.push_str("  </types>\n</typeSystemDescription>\n");
    vec![Piece { path: TYPE_SYSTEM.to_owned(), bytes: types.into_bytes() }]
}

#[cfg(test)]
mod tests;
