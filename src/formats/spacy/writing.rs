//! Writing DocBin files.

use super::strings::Symbols;
use super::{About, BEGINS, ENT_IOB, ENT_TYPE, Flags, GROUP, INSIDE, ORTH, OUTSIDE};
use crate::formats::document::{Document, Layer, LayerKind};
use crate::formats::error::FormatError;
use crate::formats::fit;
use crate::formats::writing::{Batch, Piece, file_name};
use crate::text::{TextRange, TextSize};
use serde::{Serialize, Serializer};
use std::collections::{BTreeMap, HashMap};
use std::io::Write as _;

/// Bytes that MessagePack writes as bytes and not as a list of numbers.
struct Bytes<'a>(&'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

#[derive(Serialize)]
struct BinOut<'a> {
    version: &'static str,
    attrs: [u64; 3],
    tokens: Bytes<'a>,
    spaces: Bytes<'a>,
    lengths: Bytes<'a>,
    strings: Vec<&'a str>,
    cats: Vec<BTreeMap<(), ()>>,
    flags: Vec<Flags>,
    span_groups: Vec<Bytes<'a>>,
    user_data: Vec<Bytes<'a>>,
}

#[derive(Serialize)]
struct GroupOut<'a> {
    name: &'static str,
    attrs: BTreeMap<(), ()>,
    spans: Vec<Bytes<'a>>,
}

/// A token of spaCy: a word or white space, and whether a blank follows.
struct Token {
    range: TextRange,
    has_blank: bool,
}

/// All tokens that spaCy divides a text into, white space included.
fn with_white_space(text: &str, words: &[TextRange]) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::with_capacity(words.len());
    let mut until = TextSize::new(0);
    let blank = TextSize::of(' ');
    let nothing = TextRange::empty(TextSize::of(text));
    for word in words.iter().chain([&nothing]) {
        let mut gap = TextRange::new(until, word.start());
        if let Some(before) = tokens.last_mut().filter(|_| text[gap].starts_with(' ')) {
            before.has_blank = true;
            gap = TextRange::new(gap.start() + blank, gap.end());
        }
        if !gap.is_empty() {
            let has_blank = gap.len() > blank && text[gap].ends_with(' ');
            let end = if has_blank { gap.end() - blank } else { gap.end() };
            tokens.push(Token { range: TextRange::new(gap.start(), end), has_blank });
        }
        if !word.is_empty() {
            tokens.push(Token { range: *word, has_blank: false });
        }
        until = word.end();
    }
    tokens
}

pub(super) fn write(batch: &Batch<'_>) -> Result<Vec<Piece>, FormatError> {
    let mut bins: BTreeMap<String, Bin<'_>> = BTreeMap::new();
    let symbols = Symbols::new();
    for document in batch.documents {
        let tokens = with_white_space(&document.text, &document.tokens);
        let layers = document.layers.iter().map(Some);
        let alone = document.layers.is_empty().then_some(None);
        for layer in layers.chain(alone) {
            let bin = bins.entry(path(batch, layer)).or_default();
            bin.add(document, layer, &tokens, &symbols)?;
        }
    }
    bins.into_iter().map(|(path, bin)| Ok(Piece { path, bytes: bin.packed()? })).collect()
}

fn path(batch: &Batch<'_>, layer: Option<&Layer>) -> String {
    let file = format!("{}-{:05}.spacy", batch.split, batch.number);
    match layer.filter(|_| batch.options.has_several_annotators) {
        Some(layer) => format!("{}/{file}", file_name(&layer.annotator)),
        None => file,
    }
}

/// A file while it is filled.
#[derive(Default)]
struct Bin<'a> {
    strings: HashMap<&'a str, u64>,
    tokens: Vec<u8>,
    spaces: Vec<u8>,
    lengths: Vec<u8>,
    groups: Vec<Vec<u8>>,
    about: Vec<Vec<u8>>,
}

impl<'a> Bin<'a> {
    fn number(&mut self, text: &'a str, symbols: &Symbols) -> u64 {
        *self.strings.entry(text).or_insert_with(|| symbols.number(text))
    }

    fn add(
        &mut self,
        document: &'a Document,
        layer: Option<&'a Layer>,
        tokens: &[Token],
        symbols: &Symbols,
    ) -> Result<(), FormatError> {
        let outside = if layer.is_some() { OUTSIDE } else { 0 };
        let mut tags = vec![(outside, 0); tokens.len()];
        let mut spans = Vec::new();
        if let Some(layer) = layer {
            let overlapping = fit::overlapping(layer);
            let mut places = Places { at: 0, characters: 0, text: &document.text };
            for (annotation, overlaps) in layer.annotations.iter().zip(overlapping) {
                let label = self.number(&annotation.label, symbols);
                let extent = annotation.span.extent();
                let first = tokens.partition_point(|token| token.range.end() <= extent.start());
                let end = tokens.partition_point(|token| token.range.start() < extent.end());
                if overlaps {
                    spans.push(places.span(label, first..end, extent));
                    continue;
                }
                for (at, tag) in tags.iter_mut().take(end).enumerate().skip(first) {
                    *tag = (if at == first { BEGINS } else { INSIDE }, label);
                }
            }
        }
        for (token, (iob, label)) in tokens.iter().zip(tags) {
            let word = self.number(&document.text[token.range], symbols);
            for number in [word, iob, label] {
                self.tokens.extend_from_slice(&number.to_le_bytes());
            }
            self.spaces.push(token.has_blank.into());
        }
        let length = i32::try_from(tokens.len()).map_err(FormatError::unwritable)?;
        self.lengths.extend_from_slice(&length.to_le_bytes());
        self.groups.push(groups(&spans)?);
        self.about.push(packed(&about(document, layer))?);
        Ok(())
    }

    fn packed(&self) -> Result<Vec<u8>, FormatError> {
        let count = self.groups.len();
        let mut strings: Vec<_> = self.strings.keys().copied().collect();
        strings.sort_unstable();
        let flags = || Flags { has_unknown_spaces: false };
        let bytes = packed(&BinOut {
            version: "0.1",
            attrs: [ORTH, ENT_IOB, ENT_TYPE],
            tokens: Bytes(&self.tokens),
            spaces: Bytes(&self.spaces),
            lengths: Bytes(&self.lengths),
            strings,
            cats: vec![BTreeMap::new(); count],
            flags: std::iter::repeat_with(flags).take(count).collect(),
            span_groups: self.groups.iter().map(|bytes| Bytes(bytes)).collect(),
            user_data: self.about.iter().map(|bytes| Bytes(bytes)).collect(),
        })?;
        let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(&bytes).map_err(FormatError::unwritable)?;
        packer.finish().map_err(FormatError::unwritable)
    }
}

fn packed(value: &impl Serialize) -> Result<Vec<u8>, FormatError> {
    rmp_serde::to_vec_named(value).map_err(FormatError::unwritable)
}

/// Counts characters up to places that come in order.
struct Places<'a> {
    at: usize,
    characters: u32,
    text: &'a str,
}

impl Places<'_> {
    fn span(&mut self, label: u64, tokens: std::ops::Range<usize>, extent: TextRange) -> Vec<u8> {
        let start: usize = extent.start().into();
        self.characters += count(&self.text[self.at..start]);
        self.at = start;
        let end = self.characters + count(&self.text[extent]);
        let mut span = vec![0; 16];
        span.extend_from_slice(&label.to_be_bytes());
        let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        for number in [number(tokens.start), number(tokens.end), self.characters, end] {
            span.extend_from_slice(&number.to_be_bytes());
        }
        span
    }
}

fn count(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

/// The span groups of a document as spaCy keeps them: names by the bytes of a group, and
/// an empty list for none.
fn groups(spans: &[Vec<u8>]) -> Result<Vec<u8>, FormatError> {
    if spans.is_empty() {
        return packed(&[(); 0].as_slice());
    }
    let spans = spans.iter().map(|span| Bytes(span)).collect();
    let group = packed(&GroupOut { name: GROUP, attrs: BTreeMap::new(), spans })?;
    packed(&Groups(&group))
}

struct Groups<'a>(&'a [u8]);

impl Serialize for Groups<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(Bytes(self.0), [GROUP])])
    }
}

fn about(document: &Document, layer: Option<&Layer>) -> About {
    let meta = &document.meta;
    let kind = match layer.map(|layer| layer.kind) {
        Some(LayerKind::Gold) => "gold",
        Some(LayerKind::Predictions) => "predictions",
        Some(LayerKind::Annotator) | None => "",
    };
    About {
        name: document.name.clone(),
        annotator: layer.map(|layer| layer.annotator.clone()),
        kind: kind.to_owned(),
        title: meta.title.clone(),
        source: meta.source.clone(),
        date: meta.date.map(|date| date.to_string()).unwrap_or_default(),
        url: meta.url.clone(),
        language: meta.language.clone(),
    }
}
