//! From rows to annotations.

use super::super::{NOTE, TOKEN, utf8};
use super::super::{Told, kind_of, label_features, names_by_path, short_name};
use super::cells::{numbered, split, unescape, value};
use super::head::{Column, Kind, LayerHead};
use super::rows::{Row, Sheet, sheet};
use super::text::assemble;
use crate::formats::document::{Annotation, Document, Layer, Relation};
use crate::formats::error::FormatError;
use crate::formats::places::short;
use crate::formats::reading::{Input, Read};
use crate::model::{AttributeValue, Span};
use crate::text::TextRange;
use std::collections::HashMap;

pub(super) fn read(input: &Input<'_>) -> Result<Read, FormatError> {
    let source = utf8(input.bytes)?;
    let sheet = sheet(source)?;
    let assembled = assemble(&sheet.sentences)?;
    if assembled.text.trim().is_empty() {
        return Err(FormatError::Empty);
    }
    let (name, annotator) = names_by_path(input);
    let mut document = Document {
        name: sheet.name.map_or_else(|| name.to_owned(), unescape),
        text: assembled.text.into(),
        ..Document::default()
    };
    let mut told = Told::default();
    let ranges = assembled.ranges;
    divide(&sheet, &ranges, &mut document, &mut told);
    let mut layer = Layer::of(sheet.annotator.map_or_else(|| annotator.to_owned(), unescape));
    layer.kind = kind_of(&layer.annotator);
    Builder::new(&sheet, &ranges, &mut layer, &mut told).build();
    if sheet.annotator.is_some() || !sheet.layers.is_empty() {
        document.layers.push(layer);
    }
    let warnings = assembled.warning.into_iter().chain(told.warnings()).collect();
    Ok(Read::one(document, warnings))
}

/// The tokens and, from the first to the last token of each, the sentences.
fn divide(sheet: &Sheet<'_>, ranges: &[TextRange], document: &mut Document, told: &mut Told) {
    let mut ranges = ranges.iter();
    for block in &sheet.sentences {
        let mut sentence: Option<TextRange> = None;
        for (row, range) in block.rows.iter().zip(&mut ranges) {
            if !row.is_token() {
                continue;
            }
            if document.tokens.last().is_some_and(|last| range.start() < last.end()) {
                told.add(Some(row.line), "left out: a token that overlaps the one before it");
                continue;
            }
            document.tokens.push(*range);
            sentence = Some(sentence.map_or(*range, |sentence| sentence.cover(*range)));
        }
        document.sentences.extend(sentence);
    }
}

/// An annotation as far as its rows have been read.
struct Open {
    layer: usize,
    /// The row on which it begins.
    row: usize,
    range: TextRange,
    annotation: Half,
}

/// What its first row says about it.
#[derive(Default)]
struct Half {
    label: Option<String>,
    attributes: Vec<(String, AttributeValue)>,
    note: String,
}

/// A relation whose ends are known by row and number, not yet by index.
struct Link<'a> {
    line: u32,
    kind: String,
    from: End<'a>,
    to: End<'a>,
}

/// An annotation that a cell points to.
#[derive(Clone, Copy)]
enum End<'a> {
    /// One that was read, by its index.
    Open(usize),
    /// The one of a layer that begins on a row; with its number where there are several.
    At { type_name: &'a str, row: usize, number: Option<u32> },
}

/// Gathers the annotations of a file.
struct Builder<'a> {
    sheet: &'a Sheet<'a>,
    rows: Vec<&'a Row<'a>>,
    ranges: &'a [TextRange],
    row_of: HashMap<&'a str, usize>,
    open: Vec<Open>,
    /// Annotations with a number, by layer and number.
    by_number: HashMap<(usize, u32), usize>,
    /// Annotations by the row on which they begin.
    by_row: HashMap<usize, Vec<usize>>,
    /// The links of chains: by layer, number of the chain and place in it.
    chains: std::collections::BTreeMap<(usize, u32, u32), (usize, String)>,
    links: Vec<Link<'a>>,
    layer: &'a mut Layer,
    told: &'a mut Told,
}

impl<'a> Builder<'a> {
    fn new(
        sheet: &'a Sheet<'a>,
        ranges: &'a [TextRange],
        layer: &'a mut Layer,
        told: &'a mut Told,
    ) -> Self {
        let rows: Vec<_> = sheet.sentences.iter().flat_map(|block| &block.rows).collect();
        let row_of = rows.iter().enumerate().map(|(at, row)| (row.unit, at)).collect();
        Self {
            sheet,
            rows,
            ranges,
            row_of,
            open: Vec::new(),
            by_number: HashMap::new(),
            by_row: HashMap::new(),
            chains: std::collections::BTreeMap::new(),
            links: Vec::new(),
            layer,
            told,
        }
    }

    fn build(mut self) {
        for at in 0..self.rows.len() {
            let mut cells = self.rows[at].cells.as_slice();
            for (index, head) in self.sheet.layers.iter().enumerate() {
                let (own, rest) = cells.split_at(head.columns.len().min(cells.len()));
                cells = rest;
                if own.iter().all(|cell| *cell == "_") {
                    continue;
                }
                match head.kind {
                    Kind::Span => self.spans(at, index, head, own),
                    Kind::Relation => self.relations(at, head, own),
                    Kind::Chain => self.chain(at, index, head, own),
                }
            }
        }
        self.link_chains();
        self.finish();
    }

    /// The annotations of a layer on a row.
    fn spans(&mut self, at: usize, index: usize, head: &'a LayerHead, cells: &[&'a str]) {
        // Fillers have numbers of their own, which are no annotation's of this layer.
        let columns: Vec<(&'a Column, Vec<&'a str>)> =
            head.columns.iter().zip(cells.iter().map(|cell| split(cell, '|').collect())).collect();
        let count = columns.iter().map(|(_, items)| items.len()).max().unwrap_or_default();
        for item in 0..count {
            let number = columns
                .iter()
                .filter(|(column, _)| !matches!(column, Column::Fillers(_)))
                .find_map(|(_, items)| numbered(items.get(item)?).1);
            let known = number.and_then(|number| self.by_number.get(&(index, number)).copied());
            if let Some(open) = known {
                self.open[open].range = self.open[open].range.cover(self.ranges[at]);
                continue;
            }
            let opened = self.open_at(at, index, number);
            let mut roles = Vec::new();
            for (column, items) in &columns {
                let Some(item) = items.get(item) else { continue };
                match column {
                    Column::Feature(name) => self.feature(opened, name, numbered(item).0),
                    Column::Roles(name) => {
                        let all = split(numbered(item).0, ';');
                        roles = all.map(|role| value(role).unwrap_or(name.clone())).collect();
                    }
                    Column::Fillers(type_name) => {
                        let roles = std::mem::take(&mut roles);
                        self.fillers(at, opened, type_name, roles, item);
                    }
                    Column::Base(_) => {}
                }
            }
        }
    }

    fn open_at(&mut self, row: usize, layer: usize, number: Option<u32>) -> usize {
        let at = self.open.len();
        let annotation = Half::default();
        self.open.push(Open { layer, row, range: self.ranges[row], annotation });
        self.by_row.entry(row).or_default().push(at);
        if let Some(number) = number {
            self.by_number.insert((layer, number), at);
        }
        at
    }

    /// What a feature's value is to an annotation: its label, note or an attribute.
    fn feature(&mut self, open: usize, name: &str, item: &str) {
        let Some(value) = value(item) else { return };
        let type_name = &self.sheet.layers[self.open[open].layer].type_name;
        let half = &mut self.open[open].annotation;
        if label_features(type_name).contains(&name) && half.label.is_none() {
            half.label = Some(value);
        } else if name == NOTE {
            half.note = value;
        } else if !half.attributes.iter().any(|(known, _)| known == name) {
            half.attributes.push((name.to_owned(), AttributeValue::Text(value)));
        }
    }

    /// Relations from the host of slots to what fills them.
    fn fillers(&mut self, at: usize, host: usize, of: &'a str, roles: Vec<String>, item: &'a str) {
        let line = self.rows[at].line;
        for (role, filler) in roles.into_iter().zip(split(item, ';')) {
            if filler == "_" || filler == "*" {
                continue;
            }
            let (unit, number) = numbered(filler);
            match self.row_of.get(unit) {
                Some(row) => {
                    let to = End::At { type_name: of, row: *row, number };
                    self.links.push(Link { line, kind: role, from: End::Open(host), to });
                }
                None => self.told.add(Some(line), missing(&role, unit)),
            }
        }
    }

    /// The relations that end on a row.
    fn relations(&mut self, at: usize, head: &'a LayerHead, cells: &[&'a str]) {
        let line = self.rows[at].line;
        let base = head.columns.iter().zip(cells).find_map(|(column, cell)| match column {
            Column::Base(base) => Some((base.as_str(), *cell)),
            _ => None,
        });
        let Some((base, starts)) = base else {
            return self
                .told
                .add(Some(line), format!("left out: {}, without a base", head.type_name));
        };
        let features: Vec<(&str, Vec<&str>)> = head
            .columns
            .iter()
            .zip(cells)
            .filter_map(|(column, cell)| match column {
                Column::Feature(name) => Some((name.as_str(), split(cell, '|').collect())),
                _ => None,
            })
            .collect();
        for (item, start) in split(starts, '|').enumerate() {
            let (unit, ends) = match start.strip_suffix(']').and_then(|rest| rest.split_once('[')) {
                Some((unit, ends)) => (unit, ends.split_once('_')),
                None => (start, None),
            };
            let number = |text: &str| text.parse().ok().filter(|number| *number > 0);
            let (source, target) =
                ends.map_or((None, None), |(from, to)| (number(from), number(to)));
            let kind = self.kind_of_relation(line, head, &features, item);
            match self.row_of.get(unit) {
                Some(row) => {
                    let from = End::At { type_name: base, row: *row, number: source };
                    let to = End::At { type_name: base, row: at, number: target };
                    self.links.push(Link { line, kind, from, to });
                }
                None => self.told.add(Some(line), missing(&kind, unit)),
            }
        }
    }

    /// The value of a relation's label feature; its other features are told as left out.
    fn kind_of_relation(
        &mut self,
        line: u32,
        head: &LayerHead,
        features: &[(&str, Vec<&str>)],
        item: usize,
    ) -> String {
        let mut kind = None;
        for (name, items) in features {
            let Some(value) = items.get(item).copied().and_then(value) else { continue };
            if label_features(&head.type_name).contains(name) && kind.is_none() {
                kind = Some(value);
            } else {
                self.told.add(Some(line), format!("left out: {name} of {}", head.type_name));
            }
        }
        kind.unwrap_or_else(|| short_name(&head.type_name).to_owned())
    }

    /// The links of chains on a row: `relation->chain-place` and `type[chain]`.
    fn chain(&mut self, at: usize, index: usize, head: &'a LayerHead, cells: &[&'a str]) {
        let [relations, types] = cells else { return };
        let line = self.rows[at].line;
        for (relation, type_item) in split(relations, '|').zip(split(types, '|')) {
            let place = relation.rsplit_once("->").and_then(|(kind, place)| {
                let (chain, place) = place.split_once('-')?;
                Some((kind, chain.parse::<u32>().ok()?, place.parse::<u32>().ok()?))
            });
            let Some((kind, chain, place)) = place else {
                let what = format!("left out: a link of {}, which names no place", head.type_name);
                self.told.add(Some(line), what);
                continue;
            };
            if let Some((open, _)) = self.chains.get(&(index, chain, place)) {
                let open = &mut self.open[*open];
                open.range = open.range.cover(self.ranges[at]);
                continue;
            }
            let open = self.open_at(at, index, None);
            self.open[open].annotation.label = value(numbered(type_item).0);
            let kind = value(kind).unwrap_or_else(|| "next".to_owned());
            self.chains.insert((index, chain, place), (open, kind));
        }
    }

    fn link_chains(&mut self) {
        let mut before: Option<((usize, u32), usize, String)> = None;
        for ((layer, chain, _), (open, kind)) in std::mem::take(&mut self.chains) {
            if let Some((of, from, kind)) = before.take()
                && of == (layer, chain)
            {
                let line = self.rows[self.open[open].row].line;
                let (from, to) = (End::Open(from), End::Open(open));
                self.links.push(Link { line, kind, from, to });
            }
            before = Some(((layer, chain), open, kind));
        }
    }

    /// The annotation that a cell points to; a bare token becomes one.
    fn end(&mut self, end: End<'a>) -> Option<usize> {
        let (type_name, row, number) = match end {
            End::Open(open) => return Some(open),
            End::At { type_name, row, number } => (type_name, row, number),
        };
        let is_of = |layer: usize| {
            let known = self.sheet.layers.get(layer).map_or(TOKEN, |head| &head.type_name);
            known == type_name || type_name == "uima.tcas.Annotation"
        };
        let found = match number {
            Some(number) => (0..self.sheet.layers.len())
                .filter(|layer| is_of(*layer))
                .find_map(|layer| self.by_number.get(&(layer, number)).copied()),
            None => {
                let mut here = self.by_row.get(&row).into_iter().flatten().copied();
                here.find(|open| is_of(self.open[*open].layer))
            }
        };
        if found.is_some() || type_name != TOKEN {
            return found;
        }
        let open = self.open_at(row, usize::MAX, None);
        self.open[open].annotation.label = Some(short_name(TOKEN).to_owned());
        Some(open)
    }

    /// Gives the layer what was gathered.
    fn finish(mut self) {
        let links: Vec<_> = std::mem::take(&mut self.links)
            .into_iter()
            .map(|link| (link.line, link.kind, self.end(link.from), self.end(link.to)))
            .collect();
        let mut now_at = Vec::with_capacity(self.open.len());
        for open in std::mem::take(&mut self.open) {
            let type_name = self.sheet.layers.get(open.layer).map_or(TOKEN, |head| &head.type_name);
            let Half { label, attributes, note } = open.annotation;
            let label = label.unwrap_or_else(|| short_name(type_name).to_owned());
            let Ok(span) = Span::new(open.range) else {
                let line = self.rows[open.row].line;
                self.told.add(Some(line), format!("left out: {}, on no text", short(&label)));
                now_at.push(None);
                continue;
            };
            now_at.push(Some(self.layer.annotations.len()));
            let annotation = Annotation { attributes, note, ..Annotation::new(label, span) };
            self.layer.annotations.push(annotation);
        }
        for (line, kind, from, to) in links {
            let at = |end: Option<usize>| end.and_then(|end| now_at.get(end).copied().flatten());
            match at(from).zip(at(to)) {
                Some((from, to)) => {
                    let id = String::new();
                    self.layer.relations.push(Relation { id, kind, from, to });
                }
                None => self.told.add(Some(line), missing(&kind, "an annotation")),
            }
        }
    }
}

fn missing(kind: &str, end: &str) -> String {
    let (kind, end) = (short(kind), short(end));
    format!("left out: the relation {kind} to or from {end} that is not there")
}
