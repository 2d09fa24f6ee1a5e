//! From annotations to XML.

use super::super::Ids;
use super::xml::escape;
use crate::formats::OffsetUnit;
use crate::formats::document::{Annotation, Document, Layer};
use crate::formats::error::FormatError;
use crate::formats::places::Places;
use crate::formats::writing::{Batch, Piece, layer_path};
use crate::model::AttributeValue;
use crate::text::{TextRange, TextSize};
use std::fmt::Write as _;

const HEAD: &str = "<xmi:XMI xmlns:xmi=\"http://www.omg.org/XMI\" \
    xmlns:cas=\"http:///uima/cas.ecore\" \
    xmlns:metadata=\"http:///de/tudarmstadt/ukp/dkpro/core/api/metadata/type.ecore\" \
    xmlns:segmentation=\"http:///de/tudarmstadt/ukp/dkpro/core/api/segmentation/type.ecore\" \
    xmlns:api=\"http:///de/tudarmstadt/ukp/clarin/webanno/api/type.ecore\" \
    xmlns:custom=\"http:///webanno/custom.ecore\" xmi:version=\"2.0\">\n  \
    <cas:NULL xmi:id=\"0\"/>\n";

pub(super) fn write(batch: &Batch<'_>) -> Result<Vec<Piece>, FormatError> {
    let mut pieces = Vec::new();
    for document in batch.documents {
        let places = Places::new(&document.text, OffsetUnit::Utf16Units);
        for at in 0..document.layers.len().max(1) {
            let path = layer_path(batch, document, at, "xmi");
            let bytes = file(document, document.layers.get(at), &places).into_bytes();
            pieces.push(Piece { path, bytes });
        }
    }
    Ok(pieces)
}

fn file(document: &Document, layer: Option<&Layer>, places: &Places<'_>) -> String {
    let mut file = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{HEAD}");
    let ids = Ids::of(document, layer);
    let end = places.offset(TextSize::of(&*document.text));
    let _ = write!(
        file,
        "  <metadata:DocumentMetaData xmi:id=\"{}\" sofa=\"1\" begin=\"0\" end=\"{end}\"",
        Ids::DOCUMENT
    );
    let meta = &document.meta;
    let language = if meta.language.is_empty() { "x-unspecified" } else { &meta.language };
    attribute("language", language, &mut file);
    for (name, value) in
        [("documentTitle", &meta.title), ("documentId", &document.name), ("documentUri", &meta.url)]
    {
        if !value.is_empty() {
            attribute(name, value, &mut file);
        }
    }
    file.push_str("/>\n");
    if let Some(layer) = layer {
        let _ = write!(file, "  <api:CASMetadata xmi:id=\"{}\"", Ids::CAS_METADATA);
        attribute("username", &layer.annotator, &mut file);
        file.push_str("/>\n");
    }
    for (name, id, ranges) in [
        ("segmentation:Token", ids.tokens, &document.tokens),
        ("segmentation:Sentence", ids.sentences, &document.sentences),
    ] {
        for (range, id) in ranges.iter().zip(id..) {
            open(name, id, *range, places, &mut file);
            file.push_str("/>\n");
        }
    }
    if let Some(layer) = layer {
        annotations(layer, &ids, places, &mut file);
    }
    file.push_str(
        "  <cas:Sofa xmi:id=\"1\" sofaNum=\"1\" sofaID=\"_InitialView\" mimeType=\"text\"",
    );
    attribute("sofaString", &document.text, &mut file);
    file.push_str("/>\n  <cas:View sofa=\"1\" members=\"");
    for (nth, id) in ids.members(layer.is_some()).enumerate() {
        let _ = write!(file, "{}{id}", if nth > 0 { " " } else { "" });
    }
    file.push_str("\"/>\n</xmi:XMI>\n");
    file
}

fn annotations(layer: &Layer, ids: &Ids, places: &Places<'_>, file: &mut String) {
    for (found, id) in layer.annotations.iter().zip(ids.annotations..) {
        open("custom:Span", id, found.span.extent(), places, file);
        features(found, file);
    }
    for (relation, id) in layer.relations.iter().zip(ids.relations..) {
        // As in INCEpTION, a relation stands where it points to.
        let to = layer.annotations[relation.to].span.extent();
        open("custom:Relation", id, to, places, file);
        attribute("value", &relation.kind, file);
        for (name, end) in [("Governor", relation.from), ("Dependent", relation.to)] {
            let _ = write!(file, " {name}=\"{}\"", ids.annotations + end);
        }
        file.push_str("/>\n");
    }
}

fn features(found: &Annotation, file: &mut String) {
    attribute("value", &found.label, file);
    if !found.note.is_empty() {
        attribute("note", &found.note, file);
    }
    let mut lists = String::new();
    for (name, value) in &found.attributes {
        match value {
            AttributeValue::Text(text) => attribute(name, text, file),
            AttributeValue::List(items) => {
                for item in items {
                    let _ = write!(lists, "<{name}>");
                    escape(item, &mut lists);
                    let _ = write!(lists, "</{name}>");
                }
            }
            _ => {}
        }
    }
    if lists.is_empty() {
        file.push_str("/>\n");
    } else {
        let _ = writeln!(file, ">{lists}</custom:Span>");
    }
}

fn open(name: &str, id: usize, range: TextRange, places: &Places<'_>, file: &mut String) {
    let (begin, end) = (places.offset(range.start()), places.offset(range.end()));
    let _ = write!(file, "  <{name} xmi:id=\"{id}\" sofa=\"1\" begin=\"{begin}\" end=\"{end}\"");
}

fn attribute(name: &str, value: &str, file: &mut String) {
    let _ = write!(file, " {name}=\"");
    escape(value, file);
    file.push('"');
}
