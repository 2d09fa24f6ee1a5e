//! UIMA JSON CAS: types, structures and views as the serialiser of UIMA and dkpro-cassis
//! write them.
//!
//! Offsets count UTF-16 units. The types are in the file, so that numbers, yes and no and
//! lists come back as what they are. Features begin with `@` where they are references and
//! with `#` where they are numbers that JSON has no letters for.

use super::cas::{Cas, Sofa, Structure, Value as Held};
use super::type_system::{self, CAS_METADATA, DOCUMENT, Range, Written};
use super::{Ids, NOTE, RELATION, SENTENCE, SPAN, TOKEN, VALUE, utf8, xmi};
use crate::formats::document::{Document, Layer};
use crate::formats::error::FormatError;
use crate::formats::fit;
use crate::formats::loss::Loss;
use crate::formats::places::Places;
use crate::formats::reading::{Input, Read, Reader};
use crate::formats::writing::{
    Annotators, Batch, Choice, Frame, Layout, Piece, WriteOptions, Writer, layer_path,
};
use crate::formats::{Format, OffsetUnit};
use crate::model::{AttributeValue, Schema};
use crate::text::{TextRange, TextSize};
use serde_json::{Map, Value, json};

pub(in crate::formats) const FORMAT: Format = Format {
    id: "cas-json",
    name: "UIMA CAS JSON",
    extensions: &["cas.json", "json"],
    companions: &[],
    offsets: OffsetUnit::Utf16Units,
    reads: Some(Reader::Whole(read)),
    asks: &[],
    writes: Some(Writer {
        chooses: &[Choice::Misfits],
        layout: Layout::Files,
        annotators: Annotators::One,
        batch: 1,
        fit,
        write,
        frame: Frame::NONE,
        finish: Writer::nothing_more,
    }),
    holds: "annotations that nest and overlap, attributes of every kind, relations, notes, \
            tokens, titles, addresses and languages",
    loses: "several ranges, states, sources and dates of articles",
};

fn read(input: &Input<'_>) -> Result<Read, FormatError> {
    let source = utf8(input.bytes)?;
    let file: Map<String, Value> = serde_json::from_str(source).map_err(|error| {
        let what = format!("column {}: {error}", error.column());
        FormatError::malformed(u32::try_from(error.line()).ok(), what)
    })?;
    let mut cas = Cas::default();
    if let Some(Value::Object(types)) = file.get("%TYPES") {
        types.iter().for_each(|(name, declared)| add_type(name, declared, &mut cas));
    }
    match file.get("%FEATURE_STRUCTURES") {
        Some(Value::Array(all)) => all.iter().for_each(|found| add(found, None, &mut cas)),
        Some(Value::Object(all)) => {
            all.iter().for_each(|(id, found)| add(found, id.parse().ok(), &mut cas));
        }
        // A CAS without any structure leaves them out.
        None if file.contains_key("%VIEWS") => {}
        _ => {
            let what = "it has no %FEATURE_STRUCTURES, as every JSON CAS has";
            return Err(FormatError::malformed(1, what));
        }
    }
    cas.documents(input)
}

fn add_type(name: &str, declared: &Value, cas: &mut Cas) {
    let Value::Object(declared) = declared else { return };
    let parent = declared.get("%SUPER_TYPE").and_then(Value::as_str).unwrap_or("uima.cas.TOP");
    cas.types.add(name, parent);
    for (feature, about) in declared {
        if let Some(range) = about.get("%RANGE").and_then(Value::as_str) {
            let range = Range { type_name: range.to_owned(), is_shared: true };
            cas.types.add_feature(name, feature, range);
        }
    }
}

/// Adds a structure; `id` is its key where structures are keyed by id.
fn add(found: &Value, id: Option<u64>, cas: &mut Cas) {
    let Value::Object(found) = found else { return };
    let number = |name: &str| found.get(name).and_then(Value::as_u64);
    let string = |name: &str| found.get(name).and_then(Value::as_str);
    let id = number("%ID").or(id);
    let type_name = string("%TYPE").unwrap_or("uima.cas.TOP").to_owned();
    if type_name == "uima.cas.Sofa" {
        cas.sofas.push(Sofa {
            id: id.unwrap_or_default(),
            name: string("sofaID").unwrap_or_default().to_owned(),
            text: string("sofaString").map(Into::into),
        });
        return;
    }
    let features = found.iter().filter_map(|(name, value)| match name.as_str() {
        "%ELEMENTS" => Some(("elements".to_owned(), elements(&type_name, value)?)),
        name => feature(name, value),
    });
    let features = features.collect();
    cas.structures.push(Structure {
        line: None,
        id,
        type_name,
        sofa: number("@sofa"),
        begin: number("begin"),
        end: number("end"),
        features,
    });
}

fn feature(name: &str, value: &Value) -> Option<(String, Held)> {
    if name.starts_with('%') || matches!(name, "begin" | "end" | "@sofa") {
        return None;
    }
    if let Some(name) = name.strip_prefix(['@', '^']) {
        return Some((name.to_owned(), Held::References(vec![value.as_u64()?])));
    }
    let plain = match value {
        Value::Null => return None,
        Value::Bool(flag) => AttributeValue::Flag(*flag),
        Value::String(text) => AttributeValue::Text(text.clone()),
        Value::Number(number) => match number.as_i64() {
            Some(number) => AttributeValue::Integer(number),
            None => AttributeValue::Decimal(number.as_f64()?),
        },
        Value::Array(items) => AttributeValue::List(items.iter().map(word).collect()),
        Value::Object(_) => AttributeValue::Text(value.to_string()),
    };
    Some((name.trim_start_matches('#').to_owned(), Held::Plain(plain)))
}

/// What a list holds: other structures, or words and numbers by its type.
fn elements(type_name: &str, value: &Value) -> Option<Held> {
    let items = value.as_array()?;
    let is_of_structures = type_name == "uima.cas.FSArray"
        || type_name.strip_suffix("[]").is_some_and(|of| !of.starts_with("uima.cas."));
    Some(if is_of_structures {
        Held::References(items.iter().filter_map(Value::as_u64).collect())
    } else {
        Held::Plain(AttributeValue::List(items.iter().map(word).collect()))
    })
}

fn word(item: &Value) -> String {
    item.as_str().map_or_else(|| item.to_string(), str::to_owned)
}

fn fit(mut document: Document, options: &WriteOptions, losses: &mut Vec<Loss>) -> Document {
    fit::finite_numbers(&mut document, losses);
    xmi::fit_for_cas(&mut document, options, losses);
    fit::sort(&mut document);
    document
}

fn write(batch: &Batch<'_>) -> Result<Vec<Piece>, FormatError> {
    let mut pieces = Vec::new();
    let types = types(&batch.options.schema);
    for document in batch.documents {
        let places = Places::new(&document.text, OffsetUnit::Utf16Units);
        for at in 0..document.layers.len().max(1) {
            let layer = document.layers.get(at);
            let ids = Ids::of(document, layer);
            let members: Vec<_> = ids.members(layer.is_some()).collect();
            let file = json!({
                "%TYPES": types,
                "%FEATURE_STRUCTURES": structures(document, layer, &ids, &places),
                "%VIEWS": { "_InitialView": { "%SOFA": 1, "%MEMBERS": members } },
            });
            let bytes = serde_json::to_vec(&file).map_err(FormatError::unwritable)?;
            pieces.push(Piece { path: layer_path(batch, document, at, "cas.json"), bytes });
        }
    }
    Ok(pieces)
}

fn types(schema: &Schema) -> Map<String, Value> {
    let declare = |(name, parent, features): Written| {
        let mut declared = Map::new();
        declared.insert("%NAME".to_owned(), name.into());
        declared.insert("%SUPER_TYPE".to_owned(), parent.into());
        for (feature, range) in features {
            // Arrays are called by their items in this format.
            let range = if range == "uima.cas.StringArray" { "uima.cas.String[]" } else { range };
            let about = json!({ "%NAME": feature, "%RANGE": range });
            declared.insert(feature, about);
        }
        (name.to_owned(), Value::Object(declared))
    };
    type_system::written(schema).into_iter().map(declare).collect()
}

fn structures(
    document: &Document,
    layer: Option<&Layer>,
    ids: &Ids,
    places: &Places<'_>,
) -> Vec<Value> {
    let mut all = vec![json!({
        "%ID": 1, "%TYPE": "uima.cas.Sofa", "sofaNum": 1, "sofaID": "_InitialView",
        "mimeType": "text", "sofaString": &*document.text,
    })];
    let whole = TextRange::up_to(TextSize::of(&*document.text));
    let meta = &document.meta;
    let mut about = placed(Ids::DOCUMENT, DOCUMENT, whole, places);
    let language = if meta.language.is_empty() { "x-unspecified" } else { &meta.language };
    about.insert("language".to_owned(), language.into());
    for (name, value) in
        [("documentTitle", &meta.title), ("documentId", &document.name), ("documentUri", &meta.url)]
    {
        if !value.is_empty() {
            about.insert(name.to_owned(), value.as_str().into());
        }
    }
    all.push(about.into());
    if let Some(layer) = layer {
        let (id, user) = (Ids::CAS_METADATA, &layer.annotator);
        all.push(json!({ "%ID": id, "%TYPE": CAS_METADATA, "username": user }));
    }
    for (name, id, ranges) in
        [(TOKEN, ids.tokens, &document.tokens), (SENTENCE, ids.sentences, &document.sentences)]
    {
        let ranges = ranges.iter().zip(id..);
        all.extend(ranges.map(|(range, id)| placed(id, name, *range, places).into()));
    }
    if let Some(layer) = layer {
        annotations(layer, ids, places, &mut all);
    }
    all
}

fn annotations(layer: &Layer, ids: &Ids, places: &Places<'_>, all: &mut Vec<Value>) {
    let mut lists = Vec::new();
    for (found, id) in layer.annotations.iter().zip(ids.annotations..) {
        let mut span = placed(id, SPAN, found.span.extent(), places);
        span.insert(VALUE.to_owned(), found.label.as_str().into());
        if !found.note.is_empty() {
            span.insert(NOTE.to_owned(), found.note.as_str().into());
        }
        for (name, value) in &found.attributes {
            let value = match value {
                AttributeValue::Text(text) => text.as_str().into(),
                AttributeValue::Integer(number) => (*number).into(),
                AttributeValue::Decimal(number) => (*number).into(),
                AttributeValue::Flag(flag) => (*flag).into(),
                AttributeValue::List(items) => {
                    let id = ids.end + lists.len();
                    let array = "uima.cas.StringArray";
                    lists.push(json!({ "%ID": id, "%TYPE": array, "%ELEMENTS": items }));
                    span.insert(format!("@{name}"), id.into());
                    continue;
                }
            };
            span.insert(name.clone(), value);
        }
        all.push(span.into());
    }
    for (relation, id) in layer.relations.iter().zip(ids.relations..) {
        let to = layer.annotations[relation.to].span.extent();
        let mut link = placed(id, RELATION, to, places);
        link.insert(VALUE.to_owned(), relation.kind.as_str().into());
        link.insert("@Governor".to_owned(), (ids.annotations + relation.from).into());
        link.insert("@Dependent".to_owned(), (ids.annotations + relation.to).into());
        all.push(link.into());
    }
    all.append(&mut lists);
}

/// A structure that stands on text.
fn placed(id: usize, name: &str, range: TextRange, places: &Places<'_>) -> Map<String, Value> {
    let (begin, end) = (places.offset(range.start()), places.offset(range.end()));
    let entries: [(&str, Value); 5] = [
        ("%ID", id.into()),
        ("%TYPE", name.into()),
        ("@sofa", 1.into()),
        ("begin", begin.into()),
        ("end", end.into()),
    ];
    entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests;
