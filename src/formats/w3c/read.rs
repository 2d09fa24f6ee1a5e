//! From JSON-LD to annotations.

use super::texts::{About, Link, by_text, warning};
use crate::formats::document::{Annotation, Document, Layer, LayerKind, Relation};
use crate::formats::error::FormatError;
use crate::formats::places::{Found, Places, short};
use crate::formats::reading::{Input, Read, Warning, stem};
use crate::formats::{LARGEST_ARTICLE, OffsetUnit};
use crate::model::{AttributeValue, Span};
use crate::text::TextRange;
use serde_json::{Map, Value};
use std::collections::HashMap;

pub(super) type Object = Map<String, Value>;

/// The most bytes of all texts that one file is about, which are in memory together.
const MOST_TEXT: u64 = 4 * LARGEST_ARTICLE;

pub(super) fn read(input: &Input<'_>) -> Result<Read, FormatError> {
    let bytes = input.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input.bytes);
    let file: Value = serde_json::from_slice(bytes).map_err(|error| {
        let what = format!("column {}: {error}", error.column());
        FormatError::malformed(u32::try_from(error.line()).ok(), what)
    })?;
    let items = items(&file).ok_or_else(|| {
        FormatError::malformed(
            1,
            "it is no annotation, and neither a page nor a collection of them",
        )
    })?;
    let mut read = Read::default();
    let texts = by_text(&items, &mut read.warnings);
    // What is said of the file as a whole is said of its only text.
    let whole = Some(&file).filter(|_| texts.len() == 1);
    let mut bytes = 0;
    for about in &texts {
        let source = about.source.as_deref();
        let text = text(input, source, whole.is_some())?;
        bytes += text.len() as u64;
        if bytes > MOST_TEXT {
            return Err(FormatError::Malformed {
                line: None,
                what: format!("the texts that it is about have more than {} MiB", MOST_TEXT >> 20),
                remedy: "divide it into files of fewer texts",
            });
        }
        let creators = whole.and_then(|file| file.get("creator"));
        let mut document = Reading::new(&text, &mut read.warnings).document(creators, about);
        let label = whole.and_then(|file| file.get("label")).and_then(Value::as_str);
        let own_name = source.map(stem);
        document.name = label.or(own_name).unwrap_or(input.stem()).to_owned();
        read.documents.push(document);
    }
    Ok(read)
}

/// The annotations of a file, however many wrappings they are in.
fn items(file: &Value) -> Option<Vec<&Object>> {
    let is =
        |object: &Object, name: &str| one_or_many(object.get("type")).any(|found| found == name);
    match file {
        Value::Array(_) => Some(objects(Some(file))),
        Value::Object(object) if is(object, "Annotation") => Some(vec![object]),
        Value::Object(object) if is(object, "AnnotationPage") => Some(objects(object.get("items"))),
        Value::Object(object) if is(object, "AnnotationCollection") => {
            let items = object.get("first").and_then(|page| page.get("items"));
            Some(objects(items))
        }
        _ => None,
    }
}

fn objects(items: Option<&Value>) -> Vec<&Object> {
    one_or_many(items).filter_map(Value::as_object).collect()
}

/// The values of a property that may have one or several.
pub(super) fn one_or_many(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    match value {
        Some(Value::Array(all)) => all.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    }
    .iter()
}

/// The text that annotations point into: the file of that name, or the one called like the
/// collection where there is only one.
fn text(input: &Input<'_>, source: Option<&str>, is_only: bool) -> Result<String, FormatError> {
    let own = format!("{}.txt", input.stem());
    let named = source.and_then(|source| (input.beside)(source));
    let Some(bytes) = named.or_else(|| is_only.then(|| (input.beside)(&own))?) else {
        let name = source.unwrap_or(&own);
        return Err(FormatError::Malformed {
            line: None,
            what: format!("the text that it is about, “{}”, is not beside it", short(name)),
            remedy: "put it there as a text file with the same name",
        });
    };
    if bytes.len() as u64 > LARGEST_ARTICLE {
        return Err(FormatError::TooLarge);
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| FormatError::Undecodable { encoding: "UTF-8", line: None })?;
    if text.trim().is_empty() { Err(FormatError::Empty) } else { Ok(text) }
}

/// An article whose annotations are being read.
struct Reading<'a> {
    text: &'a str,
    places: Places<'a>,
    layers: Vec<Layer>,
    /// The layer of each creator, by kind and name.
    by_creator: HashMap<(LayerKind, String), usize>,
    /// Annotations by what the file calls them: their layer and place in it.
    known: HashMap<&'a str, (usize, usize)>,
    warnings: &'a mut Vec<Warning>,
}

impl<'a> Reading<'a> {
    fn new(text: &'a str, warnings: &'a mut Vec<Warning>) -> Self {
        let places = Places::new(text, OffsetUnit::CodePoints);
        let (layers, by_creator, known) = (Vec::new(), HashMap::new(), HashMap::new());
        Self { text, places, layers, by_creator, known, warnings }
    }

    /// `creators` are those of a collection.
    fn document(mut self, creators: Option<&Value>, about: &About<'a>) -> Document {
        // A collection names its creators, also those who found nothing.
        for creator in one_or_many(creators) {
            self.layer(Some(creator));
        }
        for (item, targets) in &about.annotations {
            self.annotate(item, targets);
        }
        for link in &about.links {
            self.link(link);
        }
        Document { text: self.text.into(), layers: self.layers, ..Document::default() }
    }

    fn warn(&mut self, item: &Object, what: &str) {
        self.warnings.push(warning(item, what));
    }

    /// The layer of a creator, by name and kind.
    fn layer(&mut self, creator: Option<&Value>) -> usize {
        let named = creator.and_then(|creator| {
            creator.as_str().or_else(|| creator.get("name").or(creator.get("id"))?.as_str())
        });
        let annotator = named.unwrap_or_default();
        let kind = match creator.and_then(|creator| creator.get("type")?.as_str()) {
            Some("Software") => LayerKind::Predictions,
            Some("Organization") => LayerKind::Gold,
            _ => LayerKind::Annotator,
        };
        let next = self.layers.len();
        let at = *self.by_creator.entry((kind, annotator.to_owned())).or_insert(next);
        if at == next {
            self.layers.push(Layer { kind, ..Layer::of(annotator) });
        }
        at
    }

    fn annotate(&mut self, item: &'a Object, targets: &[&Value]) {
        let mut ranges = Vec::with_capacity(targets.len());
        for target in targets {
            match self.range(target) {
                Ok((range, told)) => {
                    ranges.push(range);
                    if let Some(told) = told {
                        self.warn(item, &told);
                    }
                }
                Err(why) => return self.warn(item, &format!("left out: {why}")),
            }
        }
        let span = match Span::from_ranges(ranges) {
            Ok(span) => span,
            Err(error) => return self.warn(item, &format!("left out: {error}")),
        };
        let mut annotation = Annotation::new("", span);
        for body in one_or_many(item.get("body").or(item.get("bodyValue"))) {
            if !describe(&mut annotation, body) {
                self.warn(item, "left out: a body that is neither a tag nor a comment");
            }
        }
        if annotation.label.is_empty() {
            let motivation = one_or_many(item.get("motivation")).find_map(Value::as_str);
            annotation.label = motivation.unwrap_or("annotation").to_owned();
        }
        let time = |name: &str| item.get(name)?.as_str()?.parse().ok();
        (annotation.created, annotation.modified) = (time("created"), time("modified"));
        let layer = self.layer(one_or_many(item.get("creator")).next());
        if let Some(id) = item.get("id").and_then(Value::as_str) {
            self.known.insert(id, (layer, self.layers[layer].annotations.len()));
        }
        self.layers[layer].annotations.push(annotation);
    }

    /// The range of a target, and what is to be said about it; else why there is none.
    fn range(&self, target: &Value) -> Result<(TextRange, Option<String>), String> {
        let selectors = || one_or_many(target.get("selector"));
        let of = |name: &str| selectors().find(|it| it.get("type").is_some_and(|it| it == name));
        let position = of("TextPositionSelector").and_then(|position| {
            Some((position.get("start")?.as_u64()?, position.get("end")?.as_u64()?))
        });
        let quote = of("TextQuoteSelector");
        let part = |name: &str| quote.and_then(|quote| quote.get(name)?.as_str());
        match (position, part("exact").filter(|exact| !exact.is_empty())) {
            (Some((start, end)), Some(exact)) => match self.places.checked(start, end, exact) {
                Some(Found::Right(range)) => Ok((range, None)),
                Some(Found::Moved(range, told)) => Ok((range, Some(told))),
                None => Err("its words are nowhere in the text".to_owned()),
            },
            (Some((start, end)), None) => self
                .places
                .range(start, end)
                .map(|range| (range, None))
                .ok_or_else(|| "its offsets are not in the text".to_owned()),
            (None, Some(exact)) => {
                let (before, after) = (part("prefix").unwrap_or(""), part("suffix").unwrap_or(""));
                let (start, told) = self.quoted(before, exact, after)?;
                let len = u32::try_from(exact.len()).map_err(|error| error.to_string())?;
                Ok((TextRange::at(start.into(), len.into()), told.map(str::to_owned)))
            }
            (None, None) => Err("it selects neither a position nor a quotation".to_owned()),
        }
    }

    /// Where words begin that stand between others, and what is to be said about it.
    fn quoted(
        &self,
        before: &str,
        exact: &str,
        after: &str,
    ) -> Result<(u32, Option<&'static str>), String> {
        // Twice, for the words with and without what is around them.
        if !self.places.may_search() || !self.places.may_search() {
            return Err("too many words were looked for in this text".to_owned());
        }
        let whole = format!("{before}{exact}{after}");
        let mut places = self.text.match_indices(&whole).map(|(at, _)| at + before.len());
        let (start, told) = match (places.next(), places.next()) {
            (Some(start), None) => (start, None),
            (Some(start), Some(_)) => {
                (start, Some("its words stand at several places; the first is taken"))
            }
            (None, _) => {
                let start = self.text.find(exact).ok_or("its words are nowhere in the text")?;
                let told = "its words do not stand between those that it says; the first place \
                            of the words is taken";
                (start, Some(told))
            }
        };
        Ok((u32::try_from(start).map_err(|error| error.to_string())?, told))
    }

    fn link(&mut self, &Link { item, from, to }: &Link<'a>) {
        let ends = self.known.get(from).copied().zip(self.known.get(to).copied());
        let Some(((layer, from), (other, to))) = ends else {
            return self.warn(item, "left out: it links what was left out");
        };
        if layer != other {
            return self.warn(item, "left out: it links annotations of two annotators");
        }
        let tags = one_or_many(item.get("body")).find(|body| purpose(body) == Some("tagging"));
        let kind = tags.and_then(|tag| tag.get("value")?.as_str()).unwrap_or("linking").to_owned();
        self.layers[layer].relations.push(Relation { id: String::new(), kind, from, to });
    }
}

pub(super) fn purpose(body: &Value) -> Option<&str> {
    body.get("purpose")?.as_str()
}

/// Adds what a body says to an annotation; false where it says nothing that can be held.
fn describe(annotation: &mut Annotation, body: &Value) -> bool {
    let value = body.as_str().or_else(|| body.get("value")?.as_str());
    let address = || body.get("source").or(body.get("id")).and_then(Value::as_str);
    match (purpose(body), value) {
        (Some("describing"), Some(json)) if is_json(body) => {
            let attributes: Option<Object> = serde_json::from_str(json).ok();
            let values = attributes.into_iter().flatten();
            let held = values.filter_map(|(name, value)| Some((name, read_value(value)?)));
            annotation.attributes.extend(held);
            true
        }
        (Some("commenting" | "describing" | "replying"), Some(note)) => {
            if !annotation.note.is_empty() {
                annotation.note.push('\n');
            }
            annotation.note.push_str(note);
            true
        }
        _ if annotation.label.is_empty() => {
            value.or_else(address).map(|label| annotation.label = label.to_owned()).is_some()
        }
        _ => false,
    }
}

fn is_json(body: &Value) -> bool {
    body.get("format").is_some_and(|format| format == "application/json")
}

fn read_value(value: Value) -> Option<AttributeValue> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(flag) => AttributeValue::Flag(flag),
        Value::String(text) => AttributeValue::Text(text),
        Value::Array(items) => {
            let word = |item: Value| item.as_str().map_or_else(|| item.to_string(), str::to_owned);
            AttributeValue::List(items.into_iter().map(word).collect())
        }
        Value::Object(_) => AttributeValue::Text(value.to_string()),
        Value::Number(number) => match number.as_i64() {
            Some(number) => AttributeValue::Integer(number),
            None => AttributeValue::Decimal(number.as_f64()?),
        },
    })
}
