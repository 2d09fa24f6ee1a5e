//! A CAS as both of its formats hold it, and what it says as documents.
//!
//! Each view with a text is a document. Tokens and sentences are DKPro's; every other
//! structure that stands on text is an annotation, and what refers from one to another a
//! relation. What stands on no text is told and left out.

use super::type_system::{CAS_METADATA, DOCUMENT, Types};
use super::{NOTE, SENTENCE, TOKEN, Told, kind_of, label_features, names_by_path, short_name, xmi};
use crate::formats::OffsetUnit;
use crate::formats::document::{Annotation, Document, Layer, Relation};
use crate::formats::error::FormatError;
use crate::formats::places::{Places, short};
use crate::formats::reading::{Input, Read};
use crate::model::{ArticleMeta, AttributeValue, Span};
use crate::text::TextRange;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Structures with their types.
#[derive(Default)]
pub(super) struct Cas {
    pub(super) sofas: Vec<Sofa>,
    pub(super) structures: Vec<Structure>,
    pub(super) types: Types,
}

/// A text of a CAS.
#[derive(Default)]
pub(super) struct Sofa {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) text: Option<Arc<str>>,
}

/// A feature structure.
#[derive(Debug, Default)]
pub(super) struct Structure {
    pub(super) line: Option<u32>,
    pub(super) id: Option<u64>,
    pub(super) type_name: String,
    pub(super) sofa: Option<u64>,
    /// Where it stands, in UTF-16 units, the end exclusive.
    pub(super) begin: Option<u64>,
    pub(super) end: Option<u64>,
    pub(super) features: Vec<(String, Value)>,
}

/// What a feature holds.
#[derive(Debug, PartialEq)]
pub(super) enum Value {
    Plain(AttributeValue),
    /// Other structures, by id.
    References(Vec<u64>),
}

impl Structure {
    fn feature(&self, name: &str) -> Option<&Value> {
        self.features.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// A feature's text; `None` where it is empty.
    fn text(&self, name: &str) -> Option<&str> {
        match self.feature(name) {
            Some(Value::Plain(AttributeValue::Text(text))) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// The one structure that a feature refers to.
    fn reference(&self, name: &str) -> Option<u64> {
        match self.feature(name) {
            Some(Value::References(ids)) => ids.first().copied(),
            _ => None,
        }
    }

    /// The annotations that a relation layer's structure links.
    fn ends(&self) -> Option<(u64, u64)> {
        self.reference("Governor").zip(self.reference("Dependent"))
    }

    /// Whether it is part of what another one says: a list, a slot's link, a chain.
    fn is_part(&self) -> bool {
        self.type_name.starts_with("uima.cas.")
            || self.type_name.ends_with("[]")
            || self.reference("target").is_some()
            || self.reference("first").is_some()
            || self.type_name == CAS_METADATA
    }

    /// Whether it is about the text as a whole, or about the project.
    fn is_metadata(&self, types: &Types) -> bool {
        types.is_a(&self.type_name, "uima.tcas.DocumentAnnotation")
            || self.type_name == "uima.tcas.DocumentAnnotation"
            || self.type_name == DOCUMENT
    }
}

impl Cas {
    /// The documents, one for each text.
    pub(super) fn documents(&self, input: &Input<'_>) -> Result<Read, FormatError> {
        let by_id: HashMap<u64, &Structure> =
            self.structures.iter().filter_map(|found| Some((found.id?, found))).collect();
        let mut read = Read::default();
        let mut told = Told::default();
        for sofa in &self.sofas {
            let Some(text) = sofa.text.as_ref().filter(|text| !text.trim().is_empty()) else {
                continue;
            };
            let mut document = View::new(self, &by_id, sofa, text, &mut told).read(input);
            if !read.documents.is_empty() {
                document.name = format!("{}-{}", document.name, sofa.name);
            }
            read.documents.push(document);
        }
        for structure in &self.structures {
            let is_placed = structure.sofa.is_some() && structure.begin.is_some();
            if !is_placed && !structure.is_part() && !structure.is_metadata(&self.types) {
                let what = format!("left out: {}, which stands on no text", structure.type_name);
                told.add(structure.line, what);
            }
        }
        if read.documents.is_empty() {
            return Err(FormatError::Empty);
        }
        read.warnings = told.warnings().collect();
        Ok(read)
    }
}

/// How many references of any text are followed.
const MOST_REFERENCES: usize = 1_000_000;

/// What a reference leads to.
enum Target<'a> {
    /// An annotation or a token.
    Placed(u64),
    /// A slot's link, with its role, to what fills it.
    Link(Option<&'a str>, u64),
    /// The items of a list of words or numbers.
    Items(Vec<String>),
}

/// A text with the structures on it, as they become a document.
struct View<'a> {
    cas: &'a Cas,
    by_id: &'a HashMap<u64, &'a Structure>,
    sofa: &'a Sofa,
    text: &'a Arc<str>,
    places: Places<'a>,
    layer: Layer,
    /// Where the annotations of structures are, by the structures' ids.
    annotation_of: HashMap<u64, usize>,
    /// How many references are still followed: lists that many annotations share could
    /// make any number of relations of a small file.
    references_left: usize,
    told: &'a mut Told,
}

impl<'a> View<'a> {
    fn new(
        cas: &'a Cas,
        by_id: &'a HashMap<u64, &'a Structure>,
        sofa: &'a Sofa,
        text: &'a Arc<str>,
        told: &'a mut Told,
    ) -> Self {
        let places = Places::new(text, OffsetUnit::Utf16Units);
        let (layer, annotation_of) = (Layer::default(), HashMap::new());
        let references_left = MOST_REFERENCES + 10 * cas.structures.len();
        Self { cas, by_id, sofa, text, places, layer, annotation_of, references_left, told }
    }

    fn read(mut self, input: &Input<'_>) -> Document {
        let (name, folder) = names_by_path(input);
        let mut document =
            Document { name: name.to_owned(), text: self.text.clone(), ..Document::default() };
        let structures = self.cas.structures.iter();
        let here: Vec<_> = structures.filter(|found| found.sofa == Some(self.sofa.id)).collect();
        for structure in &here {
            self.place(structure, &mut document);
        }
        for structure in &here {
            self.relate(structure);
        }
        self.layer.annotations.iter_mut().for_each(xmi::sort_features);
        document.tokens = self.apart(document.tokens);
        document.sentences = self.apart(document.sentences);
        let mut all = self.cas.structures.iter().filter(|found| found.type_name == CAS_METADATA);
        let user = all.next().map(|found| found.text("username").unwrap_or_default());
        if user.is_some() || !self.layer.annotations.is_empty() {
            self.layer.annotator = user.unwrap_or(folder).to_owned();
            self.layer.kind = kind_of(&self.layer.annotator);
            document.layers.push(self.layer);
        }
        document
    }

    /// Puts a structure where it belongs in a document.
    fn place(&mut self, structure: &'a Structure, document: &mut Document) {
        let types = &self.cas.types;
        if structure.is_metadata(types) {
            about(structure, document);
        } else if structure.begin.is_none() || structure.ends().is_some() {
            // What it says is said by its ends, or by what refers to it.
        } else if types.is_a(&structure.type_name, TOKEN) {
            document.tokens.extend(self.range(structure));
        } else if types.is_a(&structure.type_name, SENTENCE) {
            document.sentences.extend(self.range(structure));
        } else {
            self.annotate(structure);
        }
    }

    /// Where a structure stands; told where that is nowhere.
    fn range(&mut self, structure: &Structure) -> Option<TextRange> {
        let (begin, end) = structure.begin.zip(structure.end)?;
        let range = self.places.range(begin, end);
        if range.is_none() {
            let name = short_name(&structure.type_name);
            let why = if begin == end { "on no text" } else { "whose offsets are not in the text" };
            self.told.add(structure.line, format!("left out: {name}, {why}"));
        }
        range
    }

    fn annotate(&mut self, structure: &'a Structure) -> Option<usize> {
        let span = Span::new(self.range(structure)?).ok()?;
        let mut label = None;
        let mut annotation = Annotation::new(short_name(&structure.type_name), span);
        let is_link = structure.feature("referenceType").is_some();
        for (name, value) in &structure.features {
            let Value::Plain(value) = value else { continue };
            let is_label = label_features(&structure.type_name).contains(&name.as_str())
                || is_link && name == "referenceType";
            match value {
                AttributeValue::Text(text) if is_label && label.is_none() => {
                    label = Some(text.clone()).filter(|text| !text.is_empty());
                }
                AttributeValue::Text(text) if name == NOTE => annotation.note.clone_from(text),
                // It is what the chain's relation is called.
                _ if name == "referenceRelation" => {}
                value => annotation.attributes.push((name.clone(), value.clone())),
            }
        }
        if let Some(label) = label {
            annotation.label = label;
        }
        let at = self.layer.annotations.len();
        self.layer.annotations.push(annotation);
        structure.id.map(|id| self.annotation_of.insert(id, at));
        Some(at)
    }

    /// The relations that a structure makes.
    fn relate(&mut self, structure: &'a Structure) {
        if let Some((from, to)) = structure.ends() {
            return self.link(structure, from, to);
        }
        let own = structure.id.and_then(|id| self.annotation_of.get(&id).copied());
        let Some(own) = own else { return };
        for (name, value) in &structure.features {
            let Value::References(ids) = value else { continue };
            let is_next = name == "next";
            let kind = structure.text("referenceRelation").filter(|_| is_next).unwrap_or(name);
            for target in self.targets(ids) {
                let (kind, to) = match target {
                    Target::Placed(id) => (kind, self.end(id)),
                    Target::Link(role, id) => (role.unwrap_or(name), self.end(id)),
                    Target::Items(items) => {
                        let list = AttributeValue::List(items);
                        self.layer.annotations[own].attributes.push((name.clone(), list));
                        continue;
                    }
                };
                self.relation(structure, kind, Some(own), to);
            }
        }
    }

    /// A structure of a relation layer, whose features besides its label are left out.
    fn link(&mut self, structure: &'a Structure, from: u64, to: u64) {
        let (from, to) = (self.end(from), self.end(to));
        let features = label_features(&structure.type_name);
        let label = features.iter().find_map(|name| Some((*name, structure.text(name)?)));
        for (name, value) in &structure.features {
            let is_label = label.is_some_and(|(label, _)| label == name);
            let is_plain = matches!(value, Value::Plain(_));
            if is_plain && !is_label && structure.text(name) != Some("") {
                let what = format!("left out: {name} of {}", structure.type_name);
                self.told.add(structure.line, what);
            }
        }
        let kind = label.map_or(short_name(&structure.type_name), |(_, kind)| kind);
        self.relation(structure, kind, from, to);
    }

    fn relation(
        &mut self,
        structure: &Structure,
        kind: &str,
        from: Option<usize>,
        to: Option<usize>,
    ) {
        match from.zip(to) {
            Some((from, to)) => {
                let (id, kind) = (String::new(), kind.to_owned());
                self.layer.relations.push(Relation { id, kind, from, to });
            }
            None => {
                let kind = short(kind);
                let what = format!("left out: the relation {kind}, one end of which is not there");
                self.told.add(structure.line, what);
            }
        }
    }

    /// The annotation that a structure has become. A token's is its part of speech, as in
    /// WebAnno TSV; a bare token becomes one now.
    fn end(&mut self, id: u64) -> Option<usize> {
        if let Some(known) = self.annotation_of.get(&id) {
            return Some(*known);
        }
        let structure: &'a Structure = self.by_id.get(&id).copied()?;
        let speech = structure.reference("pos").and_then(|id| self.annotation_of.get(&id));
        if let Some(speech) = speech {
            return Some(*speech);
        }
        let is_token = self.cas.types.is_a(&structure.type_name, TOKEN);
        let is_here = structure.sofa == Some(self.sofa.id);
        if !is_token || !is_here {
            return None;
        }
        let span = Span::new(self.range(structure)?).ok()?;
        let at = self.layer.annotations.len();
        self.layer.annotations.push(Annotation::new(short_name(TOKEN), span));
        self.annotation_of.insert(id, at);
        Some(at)
    }

    /// What references lead to, through lists and the links of slots.
    fn targets(&mut self, ids: &[u64]) -> Vec<Target<'a>> {
        // Lists may hold themselves, so each is looked into once.
        let mut lists: HashSet<u64> = HashSet::new();
        let mut ahead: Vec<u64> = ids.iter().rev().copied().collect();
        let mut found = Vec::new();
        while let Some(id) = ahead.pop() {
            let Some(left) = self.references_left.checked_sub(1) else {
                self.told.add(None, "left out: references beyond the first million");
                break;
            };
            self.references_left = left;
            let Some(structure) = self.by_id.get(&id).copied() else {
                // Zero stands for none.
                if id != 0 {
                    found.push(Target::Placed(id));
                }
                continue;
            };
            let is_link = structure.begin.is_none();
            if let Some(target) = structure.reference("target").filter(|_| is_link) {
                found.push(Target::Link(structure.text("role"), target));
            } else if let Some(Value::References(elements)) = structure.feature("elements") {
                if lists.insert(id) {
                    ahead.extend(elements.iter().rev());
                }
            } else if let Some(Value::Plain(AttributeValue::List(items))) =
                structure.feature("elements")
            {
                found.push(Target::Items(items.clone()));
            } else if let Some(head) = structure.reference("head") {
                if lists.insert(id) {
                    ahead.extend(structure.reference("tail"));
                    ahead.push(head);
                }
            } else if !structure.type_name.starts_with("uima.cas.") {
                found.push(Target::Placed(id));
            }
        }
        found
    }

    /// Ranges in order, without those that overlap the one before.
    fn apart(&mut self, mut ranges: Vec<TextRange>) -> Vec<TextRange> {
        ranges.sort_unstable_by_key(|range| (range.start(), range.end()));
        let mut last: Option<TextRange> = None;
        ranges.retain(|range| {
            let is_apart = last.is_none_or(|last| last.end() <= range.start());
            if is_apart {
                last = Some(*range);
            } else {
                self.told.add(None, "left out: a token or sentence that overlaps another");
            }
            is_apart
        });
        ranges
    }
}

/// What a file says about the article as a whole.
fn about(structure: &Structure, document: &mut Document) {
    if let Some(name) = structure.text("documentId") {
        document.name = name.to_owned();
    }
    let is_web = |url: &&str| url.starts_with("http://") || url.starts_with("https://");
    let known = |name| structure.text(name).unwrap_or_default().to_owned();
    let ArticleMeta { title, url, language, .. } = &mut document.meta;
    *title = known("documentTitle");
    *url = structure.text("documentUri").filter(is_web).unwrap_or_default().to_owned();
    *language = known("language");
    if language == "x-unspecified" {
        language.clear();
    }
}
