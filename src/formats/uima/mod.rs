//! The formats of UIMA, DKPro, WebAnno and INCEpTION: WebAnno TSV, CAS XMI and JSON CAS.
//!
//! The three say the same in different letters: layers are types with features, and an
//! article is annotated by one person a file. What that means here is decided once, in
//! this module, so that the three readers agree:
//!
//! - The label is the layer's value feature (`value`, `PosValue`, `DependencyType`) where
//!   it is set, else the layer's short name. Lemmas and the like, whose value may be any
//!   word, keep the short name.
//! - Every other feature is an attribute, but for `note`, which is the note.
//! - Relation layers, slots, chains and any other reference between annotations are
//!   relations. Where one ends at a bare token, the token becomes an annotation.
//!
//! Written are one layer for spans and one for relations, because a relation layer of
//! INCEpTION links annotations of one layer only; the label is the span's `value`.

mod cas;
mod fitting;
pub(super) mod json;
pub(super) mod tsv;
mod type_system;
pub(super) mod xmi;

use super::document::{Document, Layer, LayerKind};
use super::error::FormatError;
use super::reading::{Input, Warning};
use std::collections::BTreeMap;

const TOKEN: &str = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Token";
const SENTENCE: &str = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Sentence";
/// The layer that is written for annotations.
const SPAN: &str = "webanno.custom.Span";
/// The layer that is written for relations.
const RELATION: &str = "webanno.custom.Relation";
/// The feature that holds the label of what is written.
const VALUE: &str = "value";
/// The feature that holds an annotation's note.
const NOTE: &str = "note";
/// What INCEpTION calls the annotator of the adjudicated version.
const CURATOR: &str = "CURATION_USER";

/// The features that hold a layer's label, the first of them that is set.
const LABEL_FEATURES: [&str; 3] = [VALUE, "PosValue", "DependencyType"];
/// DKPro's layers whose value is a word of the text's language and no label.
const OPEN_LAYERS: [&str; 4] = ["Lemma", "Stem", "SurfaceForm", "MorphologicalFeatures"];

/// A type's name without its packages.
fn short_name(type_name: &str) -> &str {
    type_name.rsplit_once('.').map_or(type_name, |(_, name)| name)
}

/// The features that may hold the label of a layer's annotations.
fn label_features(type_name: &str) -> &'static [&'static str] {
    if OPEN_LAYERS.contains(&short_name(type_name)) { &[] } else { &LABEL_FEATURES }
}

/// The article's name and the annotator's as INCEpTION lays its exports out
/// (`annotation/article.txt/annotator.xmi`), else by file and folder.
fn names_by_path<'a>(input: &Input<'a>) -> (&'a str, &'a str) {
    let mut parts = input.path.rsplit('/').skip(1);
    let (folder, above) = (parts.next().unwrap_or_default(), parts.next());
    match above {
        Some("annotation" | "curation") => (folder, input.stem()),
        _ => (input.stem(), folder),
    }
}

/// What kind of layer an annotator's name stands for.
fn kind_of(annotator: &str) -> LayerKind {
    if annotator == CURATOR { LayerKind::Gold } else { LayerKind::Annotator }
}

/// A file's text, without a byte order mark.
fn utf8(bytes: &[u8]) -> Result<&str, FormatError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let lines = good.iter().filter(|byte| **byte == b'\n').count();
        let line = u32::try_from(lines + 1).ok();
        FormatError::Undecodable { encoding: "UTF-8", line }
    })
}

/// The ids of the structures of a CAS, in the order in which they are written.
struct Ids {
    tokens: usize,
    sentences: usize,
    annotations: usize,
    relations: usize,
    /// One more than the last.
    end: usize,
}

impl Ids {
    const DOCUMENT: usize = 2;
    const CAS_METADATA: usize = 3;

    fn of(document: &Document, layer: Option<&Layer>) -> Self {
        let tokens = Self::CAS_METADATA + 1;
        let sentences = tokens + document.tokens.len();
        let annotations = sentences + document.sentences.len();
        let relations = annotations + layer.map_or(0, |layer| layer.annotations.len());
        let end = relations + layer.map_or(0, |layer| layer.relations.len());
        Self { tokens, sentences, annotations, relations, end }
    }

    /// The structures that a view lists.
    fn members(&self, has_layer: bool) -> impl Iterator<Item = usize> {
        let skipped = (!has_layer).then_some(Self::CAS_METADATA);
        (Self::DOCUMENT..self.end).filter(move |id| Some(*id) != skipped)
    }
}

/// Things of which there may be thousands in a file, told once each, with their number.
#[derive(Default)]
struct Told(BTreeMap<String, (Option<u32>, usize)>);

impl Told {
    fn add(&mut self, line: Option<u32>, what: impl Into<String>) {
        self.0.entry(what.into()).or_insert((line, 0)).1 += 1;
    }

    /// The warnings, each with the line of the first case.
    fn warnings(self) -> impl Iterator<Item = Warning> {
        self.0.into_iter().map(|(what, (line, count))| Warning {
            line,
            what: if count == 1 { what } else { format!("{what}; {count} times") },
        })
    }
}

#[cfg(test)]
mod tests;
