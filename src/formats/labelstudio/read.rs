//! Reads tasks.

use super::super::document::{Annotation, Document, Layer, LayerKind, Relation};
use super::super::elements::{self, Parsed};
use super::super::error::FormatError;
use super::super::once::Once;
use super::super::places::{Found, Places, short};
use super::super::reading::{ReadOptions, Sink, Source, Warning};
use super::super::{OffsetUnit, meta};
use super::config;
use crate::model::{AttributeValue, Span, State};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::io::Read as _;

/// The names under which a text is kept.
const TEXT_FIELDS: [&str; 5] = ["text", "body", "content", "article", "html"];
/// The fields of a task's data that an article knows.
const KNOWN: [&str; 6] = ["name", "title", "source", "date", "url", "language"];
/// The most bytes of a labelling configuration.
const LARGEST_CONFIG: u64 = 8 << 20;
/// The most attributes that one region is read with.
const MOST_ATTRIBUTES: usize = 1_000;

#[derive(Deserialize)]
struct Task {
    #[serde(default)]
    id: Value,
    #[serde(default)]
    data: Map<String, Value>,
    #[serde(default, alias = "completions")]
    annotations: Vec<Made>,
    #[serde(default)]
    predictions: Vec<Made>,
    #[serde(default)]
    drafts: Value,
}

/// What one annotator, or one model, made of a task.
#[derive(Deserialize)]
struct Made {
    #[serde(default)]
    completed_by: Value,
    #[serde(default)]
    model_version: Value,
    #[serde(default)]
    result: Vec<Item>,
    #[serde(default)]
    was_cancelled: Value,
    #[serde(default)]
    ground_truth: Value,
    #[serde(default)]
    score: Value,
}

#[derive(Deserialize)]
struct Item {
    #[serde(default)]
    id: Value,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    from_name: Value,
    #[serde(default)]
    value: ItemValue,
    #[serde(default)]
    meta: Value,
    #[serde(default)]
    from_id: String,
    #[serde(default)]
    to_id: String,
    #[serde(default)]
    direction: Value,
    #[serde(default)]
    labels: Value,
    #[serde(default)]
    score: Value,
}

/// Fields of every kind of result; each kind uses some of them.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ItemValue {
    start: Value,
    end: Value,
    text: Value,
    labels: Value,
    hypertextlabels: Value,
    #[serde(rename = "globalOffsets")]
    global_offsets: Value,
    choices: Value,
    number: Value,
    rating: Value,
}

pub(super) fn read(
    source: &mut dyn Source,
    _: &str,
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> Result<(), FormatError> {
    let first = source.fill_buf().map_err(|error| FormatError::Unreadable(error.to_string()))?;
    if first.trim_ascii_start().first() == Some(&b'<') {
        return read_config(source, sink);
    }
    let once = Once::new("left out: further things that are not read");
    let read = elements::read(source, sink, |line, element| parse(line, element, options, &once));
    once.warnings().for_each(|warning| sink.warn(warning));
    read
}

fn read_config(source: &mut dyn Source, sink: &mut dyn Sink) -> Result<(), FormatError> {
    let mut config = String::new();
    let read = source.take(LARGEST_CONFIG).read_to_string(&mut config);
    read.map_err(|error| FormatError::Unreadable(error.to_string()))?;
    sink.outline(config::outline(&config)?);
    Ok(())
}

fn parse(line: u32, element: &str, options: &ReadOptions, once: &Once) -> Parsed {
    let task: Task = serde_json::from_str(element).map_err(|error| {
        // The element's first line is that of the file where it begins.
        let below = u32::try_from(error.line().saturating_sub(1)).unwrap_or(u32::MAX);
        FormatError::malformed(
            line.saturating_add(below),
            format!("column {}: {error}", error.column()),
        )
    })?;
    let id = id(&task.id);
    let field = text_field(&task, options);
    let Some((field, text)) = field.and_then(|name| Some((name, task.data.get(name)?.as_str()?)))
    else {
        let names: Vec<_> = task.data.keys().take(8).map(String::as_str).collect();
        return Err(FormatError::Malformed {
            line: Some(line),
            what: format!("the task {id} has no text; its data are {}", names.join(", ")),
            remedy: "name the field that holds it with --text-column",
        });
    };
    if text.trim().is_empty() {
        return Err(FormatError::malformed(line, format!("the text of the task {id} is empty")));
    }
    let unknown = |name: &&String| *name != field && !KNOWN.contains(&name.as_str());
    for name in task.data.keys().filter(unknown) {
        once.note(line, format!("left out: the data “{}”, which is not read", short(name)));
    }
    let mut made = Vec::new();
    made.extend(task.annotations.iter().map(|made| ("annotations", made)));
    made.extend(task.predictions.iter().map(|made| ("predictions", made)));
    let mut reading = Reading {
        places: Places::new(text, OffsetUnit::CodePoints),
        element,
        line,
        once,
        whole: None,
        told: Vec::new(),
    };
    let about = meta::of_object(&task.data, &mut reading.told);
    if task.drafts.as_array().is_some_and(|drafts| !drafts.is_empty()) {
        once.note(line, "left out: drafts, which nobody has submitted".to_owned());
    }
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let layers = made.into_iter().map(|(list, made)| {
        let at = counts.entry(list).or_default();
        *at += 1;
        reading.layer(list, *at - 1, made)
    });
    let layers = layers.flatten().collect();
    let warnings = reading.told.into_iter().map(|what| {
        Warning::at(line, if id.is_empty() { what } else { format!("task {id}: {what}") })
    });
    let warnings = warnings.collect();
    let mut document = Document { layers, ..Document::bare(about, text) };
    document.name = task.data.get("name").and_then(Value::as_str).map_or(id, str::to_owned);
    Ok((Some(document), warnings))
}

/// A string, or the number that stands for one.
fn id(value: &Value) -> String {
    match value {
        Value::String(id) => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => String::new(),
    }
}

/// The field with the text: the one that was named, one with a usual name, or the only
/// string where there are regions of a text.
fn text_field<'a>(task: &'a Task, options: &'a ReadOptions) -> Option<&'a str> {
    if let Some(column) = &options.text_column {
        return Some(column);
    }
    let is_string = |name: &str| task.data.get(name).is_some_and(Value::is_string);
    if let Some(name) = TEXT_FIELDS.into_iter().find(|name| is_string(name)) {
        return Some(name);
    }
    let all = task.annotations.iter().chain(&task.predictions);
    let has_regions = all.flat_map(|made| &made.result).any(is_region);
    let mut strings = task.data.keys().filter(|name| is_string(name));
    let only = strings.next().filter(|_| has_regions && strings.next().is_none())?;
    Some(only.as_str())
}

fn is_region(item: &Item) -> bool {
    matches!(item.kind.as_str(), "labels" | "hypertextlabels")
}

/// The strings of a list, or the only one.
fn strings(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

struct Reading<'a> {
    places: Places<'a>,
    element: &'a str,
    /// The line that it begins in.
    line: u32,
    /// What many tasks have.
    once: &'a Once,
    /// The element with all its fields, once there is something to be kept as it is.
    whole: Option<Value>,
    told: Vec<String>,
}

impl Reading<'_> {
    /// What somebody made of a task; `None` where they made nothing and skipped it. Who
    /// submitted it without a result was done and found nothing.
    fn layer(&mut self, list: &str, number: usize, made: &Made) -> Option<Layer> {
        let annotator = annotator(made, list == "predictions");
        let kind = match list {
            "predictions" => LayerKind::Predictions,
            _ if made.ground_truth == Value::Bool(true) => LayerKind::Gold,
            _ => LayerKind::Annotator,
        };
        let mut layer = Layer { kind, ..Layer::of(annotator) };
        let mut scores = made.result.iter().map(|item| &item.score).chain([&made.score]);
        if scores.any(|score| !score.is_null()) {
            self.once.note(self.line, "left out: scores".to_owned());
        }
        if made.was_cancelled == Value::Bool(true) {
            self.told.push(format!("{} skipped it; that is left out", layer.annotator));
            if made.result.is_empty() {
                return None;
            }
            layer.state = Some(State::InProgress);
        } else if made.result.is_empty() && kind != LayerKind::Predictions {
            layer.state = Some(State::Done);
        }
        let mut known: HashMap<String, usize> = HashMap::new();
        for item in made.result.iter().filter(|item| is_region(item)) {
            self.region(item, &mut layer, &mut known);
        }
        for (at, item) in made.result.iter().enumerate().filter(|(_, item)| !is_region(item)) {
            let is_understood = match item.kind.as_str() {
                "relation" => self.relation(item, &mut layer, &known),
                _ => attribute(item, &mut layer, &known),
            };
            if !is_understood {
                self.tell_foreign(item, &known);
                layer.rest.extend(self.as_it_is(list, number, at));
            }
        }
        Some(layer)
    }

    /// Tells a result that only Label Studio can hold.
    fn tell_foreign(&self, item: &Item, known: &HashMap<String, usize>) {
        let of = match known.contains_key(&id(&item.id)) {
            _ if item.kind == "relation" => "one of whose ends is not there",
            true => "which its region cannot hold",
            false => "about the text as a whole",
        };
        let kind = short(&item.kind);
        self.once
            .note(self.line, format!("left out of a project: a result of the type “{kind}” {of}"));
    }

    /// A result as the file has it.
    fn as_it_is(&mut self, list: &str, number: usize, at: usize) -> Option<String> {
        let whole = self
            .whole
            .get_or_insert_with(|| serde_json::from_str(self.element).unwrap_or_default());
        let list = whole.get(list).or_else(|| whole.get("completions"))?;
        Some(list.get(number)?.get("result")?.get(at)?.to_string())
    }

    fn region(&mut self, item: &Item, layer: &mut Layer, known: &mut HashMap<String, usize>) {
        let id = id(&item.id);
        let value = &item.value;
        let labels = match item.kind.as_str() {
            "labels" => strings(&value.labels),
            _ => strings(&value.hypertextlabels),
        };
        let offset = |name: &str, own: &Value| {
            own.as_u64().or_else(|| value.global_offsets.get(name).and_then(Value::as_u64))
        };
        let (start, end) = (offset("start", &value.start), offset("end", &value.end));
        let found = start.zip(end).and_then(|(start, end)| match value.text.as_str() {
            None => self.places.range(start, end).map(Found::Right),
            Some(words) => self.places.checked(start, end, words),
        });
        let range = match found {
            None => {
                let what = format!("left out: the region {id}, whose offsets are not in the text");
                return self.told.push(what);
            }
            Some(Found::Right(range)) => range,
            Some(Found::Moved(range, how)) => {
                self.told.push(format!("the region {id}: {how}"));
                range
            }
        };
        let Ok(span) = Span::new(range) else { return };
        let note = strings(&item.meta.get("text").cloned().unwrap_or_default()).join("\n");
        if labels.is_empty() {
            self.told.push(format!("left out: the region {id}, which has no label"));
        }
        for (at, label) in labels.into_iter().enumerate() {
            let id = if at == 0 { id.clone() } else { format!("{id}-{}", at + 1) };
            known.entry(id.clone()).or_insert(layer.annotations.len());
            let note = note.clone();
            let annotation = Annotation { id, note, ..Annotation::new(label, span.clone()) };
            layer.annotations.push(annotation);
        }
    }

    fn relation(&mut self, item: &Item, layer: &mut Layer, known: &HashMap<String, usize>) -> bool {
        let end = |id: &str| known.get(id).copied();
        let Some((from, to)) = end(&item.from_id).zip(end(&item.to_id)) else {
            return false;
        };
        let (from, to) = match item.direction.as_str() {
            Some("left") => (to, from),
            Some("bi") => {
                self.told
                    .push("a relation of both directions is read as one to the right".to_owned());
                (from, to)
            }
            _ => (from, to),
        };
        let mut kinds = strings(&item.labels);
        if kinds.is_empty() {
            kinds.push("");
        }
        layer.relations.extend(kinds.into_iter().map(|kind| Relation {
            id: String::new(),
            kind: kind.to_owned(),
            from,
            to,
        }));
        true
    }
}

/// Who made it: an address, a number, or the model's version.
fn annotator(made: &Made, is_prediction: bool) -> String {
    if is_prediction {
        return id(&made.model_version);
    }
    match &made.completed_by {
        Value::Object(user) => {
            let field = |name: &str| user.get(name).map(id).filter(|text| !text.is_empty());
            field("email").or_else(|| field("username")).or_else(|| field("id")).unwrap_or_default()
        }
        other => id(other),
    }
}

/// Adds an attribute to its region; whether it is one.
fn attribute(item: &Item, layer: &mut Layer, known: &HashMap<String, usize>) -> bool {
    let Some((at, name, value)) = attribute_of(item, layer, known) else { return false };
    let Some(annotation) = layer.annotations.get_mut(at) else { return false };
    annotation.attributes.push((name.to_owned(), value));
    true
}

/// The annotation of an attribute, its name and its value; `None` where it is none, or
/// the annotation has it already.
fn attribute_of<'a>(
    item: &'a Item,
    layer: &Layer,
    known: &HashMap<String, usize>,
) -> Option<(usize, &'a str, AttributeValue)> {
    let at = *known.get(&id(&item.id))?;
    let attributes = &layer.annotations.get(at)?.attributes;
    let name = item.from_name.as_str().filter(|name| !name.is_empty())?;
    let is_new = attributes.iter().all(|(known, _)| known != name);
    (is_new && attributes.len() < MOST_ATTRIBUTES).then_some((at, name, value(item)?))
}

/// The lines of a layer that are results which the reader leaves as they are, and the
/// others.
pub(super) fn partition_rest(layer: &Layer) -> (Vec<String>, Vec<String>) {
    let ids = layer.annotations.iter().enumerate();
    let known: HashMap<String, usize> = ids.map(|(at, found)| (found.id.clone(), at)).collect();
    layer.rest.iter().cloned().partition(|line| {
        let Ok(item) = serde_json::from_str::<Item>(line) else { return false };
        let is_relation = item.kind == "relation";
        let has_ends = known.contains_key(&item.from_id) && known.contains_key(&item.to_id);
        match is_relation {
            true => !has_ends,
            false => !is_region(&item) && attribute_of(&item, layer, &known).is_none(),
        }
    })
}

fn value(item: &Item) -> Option<AttributeValue> {
    let number = |number: &Value| match number.as_i64() {
        Some(number) => Some(AttributeValue::Integer(number)),
        None => number.as_f64().map(AttributeValue::Decimal),
    };
    let owned = |all: Vec<&str>| all.into_iter().map(str::to_owned).collect();
    match item.kind.as_str() {
        "number" => number(&item.value.number),
        "rating" => number(&item.value.rating),
        "textarea" => Some(AttributeValue::Text(strings(&item.value.text).join("\n"))),
        "choices" => Some(match strings(&item.value.choices).as_slice() {
            [only] => AttributeValue::Text((*only).to_owned()),
            all => AttributeValue::List(owned(all.to_vec())),
        }),
        _ => None,
    }
}
