//! Reading back what was written, and comparing everything.
//!
//! The pieces of a batch are put together to files in memory, read by the format's own
//! reader, and compared with the fitted documents: text, tokens, every annotation with
//! its offsets and words, every relation. An export that fails here is never put in
//! place.

use super::Format;
use super::document::{Document, Layer};
use super::error::FormatError;
use super::reading::{Input, Read, ReadOptions, Reader};
use super::writing::{Batch, Columns, Frame, Piece};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Cursor;

/// Holds a batch to what was to be written.
///
/// # Errors
/// [`FormatError::Unproven`] with the first article that reads otherwise than it was
/// written; the reader's error where it cannot be read at all.
pub fn prove(format: &Format, batch: &Batch<'_>, pieces: &[Piece]) -> Result<(), FormatError> {
    let Some(writer) = format.writes else {
        return Err(FormatError::NotWritable { format: format.id });
    };
    let options = ReadOptions {
        columns: (batch.options.columns == Columns::Four).then_some((0, 3)),
        ..ReadOptions::default()
    };
    // A split's folder is a collection of its own, and not the name of an annotator.
    let root = format!("{}/", batch.split);
    let read = read_pieces(format, pieces, &root, writer.frame, &options)?;
    let mut found = merged(read);
    // What is in order already need not be copied to be put into it.
    let mut wanted = match is_merged(batch.documents) {
        true => Cow::Borrowed(batch.documents),
        false => Cow::Owned(merged(batch.documents.to_vec())),
    };
    // Files of one annotator each hold the articles in an order of their own.
    found.sort_by(|a, b| a.name.cmp(&b.name));
    if !wanted.is_sorted_by(|a, b| a.name <= b.name) {
        wanted.to_mut().sort_by(|a, b| a.name.cmp(&b.name));
    }
    for (at, wanted) in wanted.iter().enumerate() {
        let found = found.get(at);
        if found != Some(wanted) {
            return Err(FormatError::Unproven {
                article: wanted.name.clone(),
                what: difference(wanted, found),
            });
        }
    }
    match found.get(wanted.len()) {
        None => Ok(()),
        Some(more) => Err(FormatError::Unproven {
            article: more.name.clone(),
            what: "it was not to be written".to_owned(),
        }),
    }
}

/// Reads pieces as the files that they make, with paths below the folder `root`.
pub(super) fn read_pieces(
    format: &Format,
    pieces: &[Piece],
    root: &str,
    frame: Frame,
    options: &ReadOptions,
) -> Result<Vec<Document>, FormatError> {
    let mut order = Vec::new();
    let mut files: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    for piece in pieces {
        let path = piece.path.strip_prefix(root).unwrap_or(&piece.path);
        let file = files.entry(path).or_insert_with(|| {
            order.push(path);
            Vec::new()
        });
        let before = if file.is_empty() { frame.head } else { frame.between };
        file.extend_from_slice(before.as_bytes());
        file.extend_from_slice(&piece.bytes);
    }
    files.values_mut().for_each(|file| file.extend_from_slice(frame.tail.as_bytes()));
    let mut documents = Vec::new();
    for path in order {
        if !format.is_main(path) {
            continue;
        }
        let read = read_file(format, path, &files, options)?;
        if let Some(refused) = read.refused.into_iter().next() {
            return Err(refused);
        }
        documents.extend(read.documents);
    }
    Ok(documents)
}

fn read_file(
    format: &Format,
    path: &str,
    files: &BTreeMap<&str, Vec<u8>>,
    options: &ReadOptions,
) -> Result<Read, FormatError> {
    let bytes = files.get(path).map_or(&[][..], Vec::as_slice);
    match format.reads {
        None => Err(FormatError::NotReadable { format: format.id }),
        Some(Reader::Whole(reader)) => {
            let beside = |name: &str| files.get(beside(path, name).as_str()).cloned();
            reader(&Input { bytes, path, beside: &beside, options })
        }
        Some(Reader::Records(reader)) => {
            let mut read = Read::default();
            reader(&mut Cursor::new(bytes), path, options, &mut read)?;
            Ok(read)
        }
    }
}

/// The path of a file that is named relative to another file's folder.
pub(super) fn beside(path: &str, name: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in name.split('/') {
        match part {
            ".." => {
                parts.pop();
            }
            "." => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Documents of one name and text put together to one with all their layers, in the
/// order in which the names came first; layers of one annotator put together too.
pub(super) fn merged(documents: Vec<Document>) -> Vec<Document> {
    let mut merged: Vec<Document> = Vec::with_capacity(documents.len());
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for document in documents {
        let at = known.get(&document.name).filter(|_| !document.name.is_empty()).copied();
        let same = at.and_then(|at| merged.get_mut(at)).filter(|same| same.text == document.text);
        let Some(same) = same else {
            known.insert(document.name.clone(), merged.len());
            merged.push(document);
            continue;
        };
        for layer in document.layers {
            add(&mut same.layers, layer);
        }
    }
    for document in &mut merged {
        document.layers.iter_mut().for_each(Layer::sort);
        document.layers.sort_by(|a, b| a.annotator.cmp(&b.annotator));
    }
    merged
}

/// Whether [`merged`] would change nothing, and no name comes before one that it follows.
fn is_merged(documents: &[Document]) -> bool {
    let is_in_order = |document: &Document| {
        let layers = &document.layers;
        layers.iter().all(Layer::is_sorted) && layers.is_sorted_by(|a, b| a.annotator < b.annotator)
    };
    documents.iter().all(is_in_order) && documents.is_sorted_by(|a, b| a.name < b.name)
}

fn add(layers: &mut Vec<Layer>, layer: Layer) {
    let of = |known: &Layer| known.annotator == layer.annotator && known.kind == layer.kind;
    let Some(same) = layers.iter_mut().find(|known| of(known)) else { return layers.push(layer) };
    let before = same.annotations.len();
    same.annotations.extend(layer.annotations);
    same.relations.extend(layer.relations.into_iter().map(|mut relation| {
        relation.from += before;
        relation.to += before;
        relation
    }));
    same.rest.extend(layer.rest);
}

/// What differs first between what was to be written and what was read.
fn difference(wanted: &Document, found: Option<&Document>) -> String {
    let Some(found) = found else { return "it is not there".to_owned() };
    if wanted.name != found.name {
        return format!("it is called “{}”", found.name);
    }
    if wanted.text != found.text {
        return "its text is another".to_owned();
    }
    if wanted.meta != found.meta {
        return "its metadata are others".to_owned();
    }
    if (&wanted.tokens, &wanted.sentences) != (&found.tokens, &found.sentences) {
        return "its tokens or sentences are others".to_owned();
    }
    for (at, layer) in wanted.layers.iter().enumerate() {
        let Some(other) = found.layers.get(at) else {
            return format!("the annotations of “{}” are not there", layer.annotator);
        };
        let mut pairs = layer.annotations.iter().zip(&other.annotations);
        if let Some((one, other)) = pairs.find(|(one, other)| one != other) {
            let surface = one.span.excerpt(&wanted.text, 60);
            return format!("“{surface}” ({}) is “{other:?}” instead of “{one:?}”", one.label);
        }
        if layer != other {
            return format!(
                "“{}” has {} annotations and {} relations instead of {} and {}",
                layer.annotator,
                other.annotations.len(),
                other.relations.len(),
                layer.annotations.len(),
                layer.relations.len()
            );
        }
    }
    "it has more annotators".to_owned()
}
