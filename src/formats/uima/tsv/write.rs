//! From annotations to rows.

use super::super::{NOTE, RELATION, SPAN, VALUE};
use super::cells::{EMPTY, NONE, escape};
use super::text::escape_text;
use super::{ANNOTATOR, DOCUMENT, MAGIC, TEXT};
use crate::formats::OffsetUnit;
use crate::formats::document::{Annotation, Document, Layer};
use crate::formats::error::FormatError;
use crate::formats::fit::touched;
use crate::formats::places::Places;
use crate::formats::writing::{Batch, Piece, layer_path};
use crate::model::AttributeValue;
use crate::text::{TextRange, TextSize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

pub(super) fn write(batch: &Batch<'_>) -> Result<Vec<Piece>, FormatError> {
    let mut pieces = Vec::new();
    for document in batch.documents {
        if document.tokens.is_empty() {
            let what = format!("“{}” has no words", document.name);
            return Err(FormatError::Unwritable(what));
        }
        let places = Places::new(&document.text, OffsetUnit::Utf16Units);
        for at in 0..document.layers.len().max(1) {
            let layer = document.layers.get(at);
            let path = layer_path(batch, document, at, "tsv");
            let bytes = file(document, layer, &places).into_bytes();
            pieces.push(Piece { path, bytes });
        }
    }
    Ok(pieces)
}

fn file(document: &Document, layer: Option<&Layer>, places: &Places<'_>) -> String {
    let none = Layer::default();
    let table = Table::of(document, layer.unwrap_or(&none), places);
    let mut file = format!("{MAGIC}.3\n");
    table.declare(&mut file);
    line(DOCUMENT, &document.name, &mut file);
    if let Some(layer) = layer {
        line(ANNOTATOR, &layer.annotator, &mut file);
    }
    file.push('\n');
    let mut first = 0;
    for (at, sentence) in document.sentences.iter().enumerate() {
        file.push('\n');
        file.push_str(TEXT);
        escape_text(&document.text[text_range(document, at)], &mut file);
        file.push('\n');
        let count = touched(&document.tokens, *sentence).len();
        (first..first + count).for_each(|token| table.rows(token, &mut file));
        first += count;
    }
    file
}

fn line(start: &str, value: &str, file: &mut String) {
    file.push_str(start);
    escape(value, file);
    file.push('\n');
}

/// The text that is written with a sentence: that of its tokens, and the white space
/// around it that a reader could not guess.
fn text_range(document: &Document, at: usize) -> TextRange {
    let text = &document.text;
    let sentence = document.sentences[at];
    let mut range = sentence;
    let is_only = |range: TextRange, one: char| text[range].chars().all(|found| found == one);
    if at == 0 {
        let before = TextRange::up_to(sentence.start());
        if !is_only(before, ' ') {
            range = range.cover(before);
        }
    }
    let next = document.sentences.get(at + 1);
    let end = next.map_or(TextSize::of(&**text), |next| next.start());
    let after = TextRange::new(sentence.end(), end);
    if next.is_none() || !is_only(after, '\n') {
        range = range.cover(after);
    }
    range
}

/// A token, or a part of one: the token's index, and the part with the longer first.
type Unit = (usize, Option<(TextSize, Reverse<TextSize>)>);

/// A layer's annotations, ordered by rows.
struct Table<'a> {
    document: &'a Document,
    layer: &'a Layer,
    places: &'a Places<'a>,
    /// The attributes that have a column, in alphabetical order.
    names: Vec<&'a str>,
    has_notes: bool,
    /// The annotations of each row.
    rows: BTreeMap<Unit, Vec<usize>>,
    /// The rows that are parts of tokens, numbered within their token.
    parts: HashMap<Unit, usize>,
    /// The row on which each annotation begins.
    firsts: Vec<Unit>,
    /// What tells an annotation from others of its rows; zero where nothing has to.
    numbers: Vec<u32>,
    /// The relations that end at each annotation.
    incoming: Vec<Vec<usize>>,
}

impl<'a> Table<'a> {
    fn of(document: &'a Document, layer: &'a Layer, places: &'a Places<'a>) -> Self {
        let annotations = &layer.annotations;
        let mut names: Vec<&str> = annotations
            .iter()
            .flat_map(|found| found.attributes.iter().map(|(name, _)| name.as_str()))
            .collect();
        names.sort_unstable();
        names.dedup();
        let mut rows: BTreeMap<Unit, Vec<usize>> = BTreeMap::new();
        let units: Vec<Vec<Unit>> =
            annotations.iter().map(|found| units(found.span.extent(), &document.tokens)).collect();
        for (at, units) in units.iter().enumerate() {
            units.iter().for_each(|unit| rows.entry(*unit).or_default().push(at));
        }
        let is_alone = |unit: &Unit| rows.get(unit).is_some_and(|all| all.len() == 1);
        let mut last = 0;
        let number = |units: &Vec<Unit>| {
            let is_numbered = units.len() > 1 || !units.iter().all(is_alone);
            last += u32::from(is_numbered);
            if is_numbered { last } else { 0 }
        };
        let numbers = units.iter().map(number).collect();
        let firsts = units.iter().filter_map(|units| units.first().copied()).collect();
        let mut incoming = vec![Vec::new(); annotations.len()];
        for (at, relation) in layer.relations.iter().enumerate() {
            incoming[relation.to].push(at);
        }
        let has_notes = annotations.iter().any(|found| !found.note.is_empty());
        let mut parts: HashMap<Unit, usize> = HashMap::new();
        let mut before = (usize::MAX, 0);
        for unit in rows.keys().filter(|unit| unit.1.is_some()) {
            before = if before.0 == unit.0 { (unit.0, before.1 + 1) } else { (unit.0, 1) };
            parts.insert(*unit, before.1);
        }
        Self { document, layer, places, names, has_notes, rows, parts, firsts, numbers, incoming }
    }

    /// The lines of the head that name the columns.
    fn declare(&self, file: &mut String) {
        if !self.layer.annotations.is_empty() {
            // Writing to a string cannot fail.
            let _ = write!(file, "#T_SP={SPAN}|{VALUE}");
            for name in self.names.iter().copied().chain(self.has_notes.then_some(NOTE)) {
                let _ = write!(file, "|{name}");
            }
            file.push('\n');
        }
        if !self.layer.relations.is_empty() {
            let _ = writeln!(file, "#T_RL={RELATION}|{VALUE}|BT_{SPAN}");
        }
    }

    /// The rows of a token: its own and those of its parts.
    fn rows(&self, token: usize, file: &mut String) {
        let own = (token, None);
        self.row(own, self.rows.get(&own).map_or(&[][..], Vec::as_slice), file);
        let parts = self.rows.range(own..(token + 1, None)).filter(|(unit, _)| **unit != own);
        parts.for_each(|(unit, here)| self.row(*unit, here, file));
    }

    fn row(&self, unit: Unit, here: &[usize], file: &mut String) {
        self.name(unit, file);
        let range = match unit.1 {
            Some((start, Reverse(end))) => TextRange::new(start, end),
            None => self.document.tokens[unit.0],
        };
        let (begin, end) = (self.places.offset(range.start()), self.places.offset(range.end()));
        let _ = write!(file, "\t{begin}-{end}\t{}\t", &self.document.text[range]);
        if !self.layer.annotations.is_empty() {
            self.cell(here, |found| Some(&found.label), file);
            for name in &self.names {
                self.cell(here, |found| attribute(found, name), file);
            }
            if self.has_notes {
                self.cell(here, |found| Some(&*found.note).filter(|it| !it.is_empty()), file);
            }
        }
        if !self.layer.relations.is_empty() {
            self.relations(here, unit, file);
        }
        file.push('\n');
    }

    /// What a row is called: `2-7`, or `2-7.1` for a part of a token.
    fn name(&self, unit: Unit, file: &mut String) {
        let Document { tokens, sentences, .. } = self.document;
        let start = tokens[unit.0].start();
        let sentence = sentences.partition_point(|sentence| sentence.start() <= start);
        let from = sentences.get(sentence.saturating_sub(1)).map_or(start, |found| found.start());
        let first = tokens.partition_point(|token| token.start() < from);
        let _ = write!(file, "{sentence}-{}", unit.0 - first + 1);
        if let Some(part) = self.parts.get(&unit) {
            let _ = write!(file, ".{part}");
        }
    }

    fn cell(
        &self,
        here: &[usize],
        value: impl Fn(&'a Annotation) -> Option<&'a str>,
        file: &mut String,
    ) {
        for (nth, at) in here.iter().enumerate() {
            if nth > 0 {
                file.push('|');
            }
            match value(&self.layer.annotations[*at]) {
                Some(value) => escape(value, file),
                None => file.push_str(EMPTY),
            }
            if self.numbers[*at] > 0 {
                let _ = write!(file, "[{}]", self.numbers[*at]);
            }
        }
        if here.is_empty() {
            file.push_str(NONE);
        }
        file.push('\t');
    }

    /// The relations that end at annotations that begin here, and where they start.
    fn relations(&self, here: &[usize], unit: Unit, file: &mut String) {
        let begun = here.iter().filter(|at| self.firsts.get(**at) == Some(&unit));
        let all: Vec<_> = begun.flat_map(|at| &self.incoming[*at]).collect();
        if all.is_empty() {
            file.push_str("_\t_\t");
            return;
        }
        for (nth, at) in all.iter().enumerate() {
            file.push_str(if nth > 0 { "|" } else { "" });
            escape(&self.layer.relations[**at].kind, file);
        }
        file.push('\t');
        for (nth, at) in all.iter().enumerate() {
            file.push_str(if nth > 0 { "|" } else { "" });
            let relation = &self.layer.relations[**at];
            self.name(self.firsts[relation.from], file);
            let (from, to) = (self.numbers[relation.from], self.numbers[relation.to]);
            if from > 0 || to > 0 {
                let _ = write!(file, "[{from}_{to}]");
            }
        }
        file.push('\t');
    }
}

fn attribute<'a>(annotation: &'a Annotation, name: &str) -> Option<&'a str> {
    let found = annotation.attributes.iter().find(|(known, _)| known == name);
    found.and_then(|(_, value)| match value {
        AttributeValue::Text(text) => Some(text.as_str()),
        _ => None,
    })
}

/// The tokens and parts of tokens that an annotation covers.
fn units(extent: TextRange, tokens: &[TextRange]) -> Vec<Unit> {
    let first = tokens.partition_point(|token| token.end() <= extent.start());
    let covered = touched(tokens, extent).iter().zip(first..);
    covered
        .filter_map(|(token, at)| {
            let part = token.intersect(extent)?;
            let is_whole = part == *token;
            Some((at, (!is_whole).then_some((part.start(), Reverse(part.end())))))
        })
        .collect()
}
