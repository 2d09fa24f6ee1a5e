//! Prodigy's tasks: one JSON object a line, with tokens, spans and relations.
//!
//! Each line is what one annotator (`_annotator_id`) said about a text. Offsets count code
//! points, ends are exclusive, but `token_end` is the last token itself. Prodigy hands on
//! what it does not know: an annotation's id, attributes and note are further fields of a
//! span that its windows do not show. A line without an `answer` is a task that waits to
//! be done.

mod strays;
#[cfg(test)]
mod tests;
mod writing;

use super::document::{Annotation, Document, Layer, LayerKind, Relation};
use super::error::FormatError;
use super::loss::Loss;
use super::once::Once;
use super::places::{Found, Places, short};
use super::reading::{ReadOptions, Reader, Sink, Source, Warning};
use super::records::{self, Parsed};
use super::writing::{Annotators, Choice, Frame, Layout, WriteOptions, Writer};
use super::{Format, OffsetUnit, fit, meta, names};
use crate::model::{ArticleMeta, AttributeValue, Span, State};
use crate::text::TextRange;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::HashMap;

pub(super) const FORMAT: Format = Format {
    id: "prodigy",
    name: "Prodigy tasks",
    extensions: &["jsonl"],
    companions: &[],
    offsets: OffsetUnit::CodePoints,
    reads: Some(Reader::Records(read)),
    asks: &[],
    writes: Some(Writer {
        chooses: &[Choice::Tokens, Choice::Misfits],
        layout: Layout::File,
        annotators: Annotators::Several,
        batch: 1,
        fit,
        write: writing::write,
        frame: Frame::NONE,
        finish: Writer::nothing_more,
    }),
    holds: "annotations on tokens, also overlapping ones, all annotators, attributes as text, \
            relations, notes, metadata",
    loses: "several ranges, what cuts a token, states but done",
};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Task<'a> {
    #[serde(borrow)]
    text: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tokens: Vec<TaskToken<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    spans: Option<Vec<TaskSpan>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    relations: Vec<TaskRelation>,
    #[serde(default)]
    meta: TaskMeta,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
    #[serde(rename = "_annotator_id", default, skip_serializing_if = "Option::is_none")]
    annotator: Option<String>,
    #[serde(rename = "_session_id", default, skip_serializing)]
    session: Value,
    #[serde(rename = "_input_hash", default)]
    input_hash: i64,
    #[serde(rename = "_task_hash", default)]
    task_hash: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TaskToken<'a> {
    #[serde(borrow)]
    text: Cow<'a, str>,
    start: u64,
    end: u64,
    #[serde(default)]
    id: u64,
    #[serde(default)]
    ws: bool,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TaskSpan {
    start: u64,
    end: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token_start: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token_end: Option<u64>,
    #[serde(default)]
    label: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<Value>,
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    attributes: serde_json::Map<String, Value>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    note: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TaskRelation {
    head: u64,
    child: u64,
    label: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    head_span: Option<TaskEnd>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    child_span: Option<TaskEnd>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    id: String,
}

/// The span at an end of a relation.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TaskEnd {
    start: u64,
    end: u64,
    #[serde(default)]
    token_start: u64,
    #[serde(default)]
    token_end: u64,
    #[serde(default)]
    label: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<Value>,
}

/// What Prodigy shows below a text.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct TaskMeta {
    #[serde(skip_serializing_if = "Value::is_null")]
    id: Value,
    #[serde(skip_serializing_if = "Value::is_null")]
    title: Value,
    #[serde(skip_serializing_if = "Value::is_null")]
    source: Value,
    #[serde(skip_serializing_if = "Value::is_null")]
    date: Value,
    #[serde(skip_serializing_if = "Value::is_null")]
    url: Value,
    #[serde(skip_serializing_if = "Value::is_null")]
    language: Value,
    #[serde(skip_serializing_if = "Value::is_null")]
    kind: Value,
}

fn read(
    source: &mut dyn Source,
    _: &str,
    _: &ReadOptions,
    sink: &mut dyn Sink,
) -> Result<(), FormatError> {
    let once = Once::new("left out: further fields, which are not read");
    let read = records::lines(source, sink, |number, line| parse(number, line, &once));
    once.warnings().for_each(|warning| sink.warn(warning));
    read
}

fn parse(number: u32, line: &str, once: &Once) -> Parsed {
    if let Ok(task) = serde_json::from_str::<Task<'_>>(line) {
        return document(number, &task);
    }
    // Ours are read at once; what others add to a task is taken out of it and told.
    let malformed = |error: serde_json::Error| {
        let column = match error.column() {
            0 => String::new(),
            column => format!("column {column}: "),
        };
        FormatError::malformed(number, format!("{column}{error}"))
    };
    let mut task: Value = serde_json::from_str(line).map_err(malformed)?;
    strays::take(&mut task, &mut |name| {
        once.note(number, format!("left out: the field “{}”, which is not read", short(name)));
    });
    document(number, &Task::deserialize(&task).map_err(malformed)?)
}

fn document(number: u32, task: &Task<'_>) -> Parsed {
    if task.text.trim().is_empty() {
        return Err(FormatError::malformed(number, "the text is empty"));
    }
    let mut told = Vec::new();
    let places = Places::new(&task.text, OffsetUnit::CodePoints);
    let mut tokens = Vec::with_capacity(task.tokens.len());
    let mut grid = Grid::default();
    for token in &task.tokens {
        match places.checked(token.start, token.end, &token.text) {
            Some(Found::Right(range)) => {
                grid.add(token, range);
                tokens.push(range);
            }
            Some(Found::Moved(range, how)) => {
                // What is wrong with one is wrong with all behind it.
                if !std::mem::replace(&mut grid.is_moved, true) {
                    told.push(format!("the token “{}”, and maybe more: {how}", short(&token.text)));
                }
                grid.add(token, range);
                tokens.push(range);
            }
            None => told.push(format!("left out: the token “{}”, which is not there", token.text)),
        }
    }
    tokens.sort_by_key(|token| (token.start(), token.end()));
    let before = tokens.len();
    let mut until = 0.into();
    tokens.retain(|token| {
        let is_after = token.start() >= until;
        until = if is_after { token.end() } else { until };
        is_after
    });
    if tokens.len() < before {
        told.push("left out: tokens within other tokens".to_owned());
    }
    let layers = layer(task, &places, &grid, &mut told).into_iter().collect();
    let (date, no_date) = meta::told_date(&text_of(&task.meta.date));
    told.extend(no_date);
    let document = Document {
        name: text_of(&task.meta.id),
        meta: ArticleMeta {
            title: meta::one_line(&text_of(&task.meta.title)),
            source: meta::one_line(&text_of(&task.meta.source)),
            date,
            url: meta::one_line(&text_of(&task.meta.url)),
            language: meta::language_code(&text_of(&task.meta.language)),
        },
        layers,
        tokens,
        text: (&*task.text).into(),
        sentences: Vec::new(),
    };
    Ok((Some(document), told.into_iter().map(|what| Warning::at(number, what)).collect()))
}

/// A value as text; nothing for none.
fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Where the tokens of a task are, by the offsets that it gives them.
#[derive(Default)]
struct Grid {
    starts: HashMap<u64, TextRange>,
    ends: HashMap<u64, TextRange>,
    /// Whether one is elsewhere than the task says.
    is_moved: bool,
}

impl Grid {
    fn add(&mut self, token: &TaskToken<'_>, range: TextRange) {
        self.starts.insert(token.start, range);
        self.ends.insert(token.end, range);
    }

    /// The range from the token that begins where a span does to the one that ends there.
    fn range(&self, span: &TaskSpan) -> Option<TextRange> {
        let (first, last) = (self.starts.get(&span.start)?, self.ends.get(&span.end)?);
        (first.start() < last.end()).then(|| TextRange::new(first.start(), last.end()))
    }
}

/// What the task's annotator said; `None` where nobody said anything yet.
fn layer(
    task: &Task<'_>,
    places: &Places<'_>,
    grid: &Grid,
    told: &mut Vec<String>,
) -> Option<Layer> {
    let spans = match task.answer.as_deref() {
        Some("reject") => {
            told.push("left out: the annotations, which were rejected".to_owned());
            return None;
        }
        _ => task.spans.as_ref()?,
    };
    let kind = match text_of(&task.meta.kind).as_str() {
        "gold" => LayerKind::Gold,
        "predictions" => LayerKind::Predictions,
        _ => LayerKind::Annotator,
    };
    let state = match task.answer.as_deref() {
        Some("accept") => Some(State::Done),
        Some("ignore") => Some(State::InProgress),
        _ => None,
    };
    // A session is a person's, and stands alone where a task was not told its annotator.
    let annotator = task.annotator.clone().unwrap_or_else(|| text_of(&task.session));
    let mut layer = Layer { kind, state, ..Layer::of(annotator) };
    let ends = Ends::of(spans);
    let mut now_at = Vec::with_capacity(spans.len());
    for span in spans {
        now_at.push(annotation(span, places, grid, told).map(|found| {
            layer.annotations.push(found);
            layer.annotations.len() - 1
        }));
    }
    for relation in &task.relations {
        let end = |end: &Option<TaskEnd>| now_at.get(ends.find(end.as_ref()?)?).copied().flatten();
        match end(&relation.head_span).zip(end(&relation.child_span)) {
            Some((from, to)) => {
                let (id, kind) = (relation.id.clone(), relation.label.clone());
                layer.relations.push(Relation { id, kind, from, to });
            }
            None => told.push(format!(
                "left out: the relation {}, which is not between two annotations",
                relation.label
            )),
        }
    }
    Some(layer)
}

/// The first span of each id, and at each place with each label and with any.
struct Ends<'a> {
    by_id: HashMap<String, usize>,
    by_place: HashMap<(u64, u64, Option<&'a str>), usize>,
}

impl<'a> Ends<'a> {
    fn of(spans: &'a [TaskSpan]) -> Self {
        let (mut by_id, mut by_place) = (HashMap::new(), HashMap::new());
        for (at, span) in spans.iter().enumerate() {
            if let Some(id) = &span.id {
                by_id.entry(id.to_string()).or_insert(at);
            }
            for label in [None, Some(span.label.as_str())] {
                by_place.entry((span.start, span.end, label)).or_insert(at);
            }
        }
        Self { by_id, by_place }
    }

    /// The span at an end of a relation.
    fn find(&self, end: &TaskEnd) -> Option<usize> {
        match &end.id {
            Some(id) => self.by_id.get(&id.to_string()).copied(),
            None => self.by_place.get(&(end.start, end.end, end.label.as_deref())).copied(),
        }
    }
}

fn annotation(
    span: &TaskSpan,
    places: &Places<'_>,
    grid: &Grid,
    told: &mut Vec<String>,
) -> Option<Annotation> {
    let label = span.label.as_str();
    let range = match &span.text {
        None => {
            let stated = places.range(span.start, span.end);
            let moved = grid.range(span).filter(|range| grid.is_moved && Some(*range) != stated);
            if moved.is_some() {
                told.push(format!("the annotation {label}: it stands where its tokens are"));
            }
            moved.or(stated)
        }
        Some(words) => places.checked(span.start, span.end, words).map(|found| match found {
            Found::Right(range) => range,
            Found::Moved(range, how) => {
                told.push(format!("the annotation {label}: {how}"));
                range
            }
        }),
    };
    let Some(span_of) = range.and_then(|range| Span::new(range).ok()) else {
        told.push(format!("left out: the annotation {label}, whose offsets are not in the text"));
        return None;
    };
    let attribute =
        |(name, value): (&String, &Value)| (name.clone(), AttributeValue::Text(text_of(value)));
    Some(Annotation {
        id: span.id.as_ref().map(text_of).unwrap_or_default(),
        attributes: span.attributes.iter().map(attribute).collect(),
        note: span.note.clone(),
        ..Annotation::new(label, span_of)
    })
}

fn fit(mut document: Document, options: &WriteOptions, losses: &mut Vec<Loss>) -> Document {
    fit::tidy_metadata(&mut document, losses);
    fit::drop_rest(&mut document, losses);
    fit::drop_history(&mut document);
    fit::values_as_text(&mut document, losses);
    // An accepted task is done; all others are still to be done.
    fit::drop_states_but(&mut document, |_, state| state == State::Done, losses);
    for layer in &mut document.layers {
        // The attributes are an object, whose names have no order of their own.
        for annotation in &mut layer.annotations {
            annotation.attributes.sort_by(|one, other| one.0.cmp(&other.0));
        }
    }
    fit::tokenize(&mut document, options);
    document.sentences.clear();
    fit::one_range(&mut document, options.misfits, losses);
    fit::on_tokens(&mut document, options.misfits, losses);
    names::unique_ids(&mut document);
    document
}
