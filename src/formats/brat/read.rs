//! Reads an `.ann` file with the text and the configuration beside it.

use super::super::document::{Annotation, Document, Layer, Relation};
use super::super::error::FormatError;
use super::super::once::Once;
use super::super::places::{Found, Places};
use super::super::reading::{Input, Outline, Read, Warning};
use super::super::{LARGEST_ARTICLE, OffsetUnit};
use super::{conf, is_id, is_line_end};
use crate::model::{AttributeValue, Span};
use std::collections::HashMap;

/// Where configurations are looked for: the folder of the file and those above it.
const FOLDERS: [&str; 3] = ["", "../", "../../"];

/// The most attributes that one annotation is read with.
const MOST_ATTRIBUTES: usize = 1_000;

pub(super) fn read(input: &Input<'_>) -> Result<Read, FormatError> {
    let article = article(input)?;
    let lines = utf8(input.bytes)?;
    let (layer, warnings) = annotations(&article.text, lines, article.annotator);
    let document = Document {
        name: article.name,
        text: article.text.into(),
        layers: vec![layer],
        ..Document::default()
    };
    Ok(Read { outline: outline(input), ..Read::one(document, warnings) })
}

struct Article {
    name: String,
    annotator: String,
    text: String,
}

/// Finds the text of a file and who its annotator is: `article.ann` beside `article.txt`
/// is by the one whose name the folder has, `article.alice.ann` beside `article.txt` is
/// by alice. A folder with a configuration in it is a collection, and no annotator.
fn article(input: &Input<'_>) -> Result<Article, FormatError> {
    let stem = input.stem();
    let text = |name: &str| (input.beside)(&format!("{name}.txt"));
    let folder = || {
        let is_collection = (input.beside)("annotation.conf").is_some();
        input.folder().filter(|_| !is_collection).unwrap_or_default()
    };
    let by_suffix = || {
        stem.rmatch_indices('.').find_map(|(at, _)| {
            let (name, annotator) = (stem.get(..at)?, stem.get(at + 1..)?);
            Some((name, annotator, text(name)?))
        })
    };
    let (name, annotator, bytes) = text(stem)
        .map(|bytes| (stem, folder(), bytes))
        .or_else(by_suffix)
        .or_else(|| Some((stem, folder(), text(&format!("../{stem}"))?)))
        .ok_or_else(|| FormatError::Malformed {
            line: None,
            what: format!("there is no text {stem}.txt beside it"),
            remedy: "put the article's text into the same folder and retry",
        })?;
    if bytes.len() as u64 > LARGEST_ARTICLE {
        return Err(FormatError::TooLarge);
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            return Err(FormatError::malformed(
                None,
                format!(
                    "the text {name}.txt is not valid UTF-8 from byte {}",
                    error.utf8_error().valid_up_to()
                ),
            ));
        }
    };
    if text.trim().is_empty() {
        return Err(FormatError::Empty);
    }
    Ok(Article { name: name.to_owned(), annotator: annotator.to_owned(), text })
}

fn utf8(bytes: &[u8]) -> Result<&str, FormatError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        FormatError::Undecodable { encoding: "UTF-8", line: u32::try_from(line).ok() }
    })
}

fn outline(input: &Input<'_>) -> Outline {
    let nearest = |name: &str| {
        let bytes = FOLDERS.iter().find_map(|folder| (input.beside)(&format!("{folder}{name}")));
        String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned()
    };
    conf::outline(&nearest("annotation.conf"), &nearest("visual.conf"))
}

/// The annotations of an `.ann` file, and what is to be said about it.
pub(super) fn annotations(text: &str, ann: &str, annotator: String) -> (Layer, Vec<Warning>) {
    let mut reading = Reading {
        places: Places::new(text, OffsetUnit::CodePoints),
        text,
        layer: Layer::of(annotator),
        warnings: Vec::new(),
        spans: HashMap::new(),
        events: HashMap::new(),
        triggers: HashMap::new(),
        once: Once::new("left out of a project: further lines that only brat knows"),
    };
    let lines: Vec<Line<'_>> = (1_u32..).zip(ann.split('\n')).filter_map(line).collect();
    let of = |first: char| lines.iter().filter(move |line| line.id.starts_with(first));
    of('T').for_each(|line| reading.span(line));
    of('E').for_each(|line| reading.trigger(line));
    of('E').for_each(|line| reading.event(line));
    for line in &lines {
        match line.id.chars().next() {
            Some('T' | 'E') => {}
            Some('R') => reading.relation(line),
            Some('A' | 'M') => reading.attribute(line),
            Some('#') => reading.note(line),
            Some('N') => reading.keep(line, "what is said of entries of a database (N)"),
            Some('*') => reading.keep(line, "which annotations are the same thing (*)"),
            _ => reading.keep(line, "a line of unknown kind"),
        }
    }
    let Reading { layer, mut warnings, once, .. } = reading;
    warnings.extend(once.warnings());
    (layer, warnings)
}

/// A line: an id, what it says, and words.
struct Line<'a> {
    number: u32,
    whole: &'a str,
    id: &'a str,
    data: &'a str,
    tail: Option<&'a str>,
}

fn line((number, whole): (u32, &str)) -> Option<Line<'_>> {
    let whole = whole.strip_suffix('\r').unwrap_or(whole);
    let mut fields = whole.splitn(3, '\t');
    let id = fields.next().filter(|_| !whole.trim().is_empty())?;
    Some(Line { number, whole, id, data: fields.next().unwrap_or_default(), tail: fields.next() })
}

struct Event {
    /// The line that it is said in; another one with its id is none.
    line: u32,
    trigger: usize,
    has_arguments: bool,
}

struct Reading<'a> {
    places: Places<'a>,
    text: &'a str,
    layer: Layer,
    warnings: Vec<Warning>,
    spans: HashMap<&'a str, usize>,
    events: HashMap<&'a str, Event>,
    /// How many events an annotation is the trigger of.
    triggers: HashMap<usize, u32>,
    /// What many lines have.
    once: Once,
}

impl<'a> Reading<'a> {
    fn warn(&mut self, line: &Line<'_>, what: impl Into<String>) {
        self.warnings.push(Warning::at(line.number, what));
    }

    /// Keeps a line that says what only brat can; `what` is told once for all such lines.
    fn keep(&mut self, line: &Line<'_>, what: &str) {
        self.once
            .note(line.number, format!("left out of a project: {what}, which only brat knows"));
        self.layer.rest.push(line.whole.to_owned());
    }

    /// Keeps a line that is at fault.
    fn keep_and_warn(&mut self, line: &Line<'_>, why: &str) {
        self.warn(line, format!("left out of a project: {}, {why}", line.id));
        self.layer.rest.push(line.whole.to_owned());
    }

    fn span(&mut self, line: &Line<'a>) {
        if self.spans.contains_key(line.id) {
            return self.keep_and_warn(line, "whose id stands twice");
        }
        let Some((label, offsets)) = line.data.split_once(' ') else {
            return self.keep_and_warn(line, "which says no offsets");
        };
        let pair = |pair: &str| {
            let (start, end) = pair.trim().split_once(' ')?;
            Some((start.parse::<u64>().ok()?, end.trim().parse::<u64>().ok()?))
        };
        let Some(pairs) = offsets.split(';').map(pair).collect::<Option<Vec<_>>>() else {
            return self.keep_and_warn(line, "whose offsets are no numbers");
        };
        if pairs.iter().any(|(start, end)| start == end) {
            return self.keep_and_warn(line, "which is on no words");
        }
        match self.place(&pairs, line.tail) {
            Err(why) => self.keep_and_warn(line, &why),
            Ok((span, told)) => {
                if let Some(told) = told {
                    self.warn(line, format!("{}: {told}", line.id));
                }
                self.spans.insert(line.id, self.layer.annotations.len());
                let annotation =
                    Annotation { id: line.id.to_owned(), ..Annotation::new(label, span) };
                self.layer.annotations.push(annotation);
            }
        }
    }

    /// The span of offsets, and what is to be said about it; or why it is none.
    fn place(
        &self,
        pairs: &[(u64, u64)],
        words: Option<&str>,
    ) -> Result<(Span, Option<String>), String> {
        let ranges: Option<Vec<_>> =
            pairs.iter().map(|(start, end)| self.places.range(*start, *end)).collect();
        let words = words.unwrap_or_default();
        if let Some(ranges) = &ranges {
            let parts: Vec<_> = ranges.iter().map(|range| &self.text[*range]).collect();
            if words.trim().is_empty() || is_said(&parts.join(" "), words) {
                let span = Span::from_ranges(ranges.clone()).map_err(|error| error.to_string())?;
                return Ok((span, None));
            }
        }
        if let [(start, end)] = pairs {
            let found = self.places.checked(*start, *end, words);
            return match found.ok_or("whose words are nowhere in the text")? {
                Found::Right(range) => Ok((Span::new(range).map_err(|e| e.to_string())?, None)),
                Found::Moved(range, how) => {
                    Ok((Span::new(range).map_err(|e| e.to_string())?, Some(how)))
                }
            };
        }
        let parts: Vec<_> = pairs.iter().map(|(start, end)| [*start, *end]).collect();
        let found = self.places.checked_parts(&parts, words.trim_end());
        let (ranges, told) = found.ok_or("whose offsets are not in the text")?;
        let span = Span::from_ranges(ranges).map_err(|error| error.to_string())?;
        Ok((span, told))
    }

    /// Notes where an event stands.
    fn trigger(&mut self, line: &Line<'a>) {
        let trigger = line.data.split_whitespace().next().and_then(|first| first.split_once(':'));
        let Some((kind, trigger)) = trigger else { return };
        let Some(at) = self.spans.get(trigger).copied() else { return };
        let is_same = self.layer.annotations.get(at).is_some_and(|found| found.label == kind);
        if !is_same || !is_id(line.id, 'E') || self.events.contains_key(line.id) {
            return;
        }
        let has_arguments = line.data.split_whitespace().nth(1).is_some();
        *self.triggers.entry(at).or_default() += 1;
        self.events.insert(line.id, Event { line: line.number, trigger: at, has_arguments });
    }

    fn event(&mut self, line: &Line<'a>) {
        let mut arguments = line.data.split_whitespace();
        arguments.next();
        let own = self.events.get(line.id).filter(|event| event.line == line.number);
        let Some(from) = own.map(|event| event.trigger) else {
            return self.keep_and_warn(line, "whose trigger is not there, or another's");
        };
        let relation = |argument: &str| {
            let (role, target) = argument.split_once(':').filter(|(role, _)| !role.is_empty())?;
            let (id, to) = match self.events.get(target) {
                Some(event) => (format!("{}:{target}", line.id), event.trigger),
                None => (line.id.to_owned(), *self.spans.get(target)?),
            };
            Some(Relation { id, kind: role.to_owned(), from, to })
        };
        match arguments.map(relation).collect::<Option<Vec<_>>>() {
            None => {
                if let Some(event) = self.events.get_mut(line.id) {
                    event.has_arguments = false;
                }
                self.keep_and_warn(line, "one of whose arguments is not there");
            }
            // An event without arguments says no more than that its trigger is one.
            Some(relations) if relations.is_empty() => {
                self.keep(line, "an event without arguments");
            }
            Some(relations) => {
                let what = "an event is read as relations from its trigger, one for each argument";
                self.once.note(line.number, what.to_owned());
                self.layer.relations.extend(relations);
            }
        }
    }

    fn relation(&mut self, line: &Line<'a>) {
        let mut parts = line.data.split_whitespace();
        let kind = parts.next().unwrap_or_default();
        let ends: Vec<_> = parts.filter_map(|part| part.split_once(':')).collect();
        let at = |role: &str| {
            let (_, id) = ends.iter().find(|(known, _)| *known == role)?;
            self.spans.get(id).copied()
        };
        let has_more = line.tail.is_some_and(|tail| !tail.trim().is_empty());
        match (at("Arg1"), at("Arg2")) {
            (Some(from), Some(to)) if ends.len() == 2 && !has_more && is_id(line.id, 'R') => {
                let (id, kind) = (line.id.to_owned(), kind.to_owned());
                self.layer.relations.push(Relation { id, kind, from, to });
            }
            // Relations of events, and with roles of their own, are nothing else's.
            _ if ends.iter().all(|(_, id)| self.is_known(id)) => {
                self.keep(line, "a relation of events, or in other roles than Arg1 and Arg2");
            }
            _ => self.keep_and_warn(line, "one of whose ends is not there"),
        }
    }

    fn is_known(&self, id: &str) -> bool {
        self.spans.contains_key(id) || self.events.contains_key(id)
    }

    /// The annotation that an attribute or a note of a span or an event stands with.
    fn bearer(&mut self, id: &str) -> Option<&mut Annotation> {
        let at = match self.events.get(id) {
            // What is said of an event stands with its trigger where that is clear.
            Some(event) => (event.has_arguments && self.triggers.get(&event.trigger) == Some(&1))
                .then_some(event.trigger),
            None => self.spans.get(id).copied(),
        };
        self.layer.annotations.get_mut(at?)
    }

    fn attribute(&mut self, line: &Line<'a>) {
        let mut parts = line.data.splitn(3, ' ');
        let (name, target) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let value = parts.next();
        let has_more = line.tail.is_some_and(|tail| !tail.trim().is_empty());
        let is_known = self.is_known(target);
        match self.bearer(target) {
            Some(annotation)
                if !has_more
                    && annotation.attributes.len() < MOST_ATTRIBUTES
                    && annotation.attributes.iter().all(|(known, _)| known != name) =>
            {
                let value = value.map_or(AttributeValue::Flag(true), |value| {
                    AttributeValue::Text(value.to_owned())
                });
                annotation.attributes.push((name.to_owned(), value));
            }
            Some(_) => self.keep_and_warn(line, "an attribute that stands twice"),
            None if is_known => self.keep(line, "an attribute of an event that no relation is"),
            None => self.keep_and_warn(line, "an attribute of something that is not there"),
        }
    }

    fn note(&mut self, line: &Line<'a>) {
        let Some((kind, target)) = line.data.split_once(' ') else {
            return self.keep_and_warn(line, "a note on nothing");
        };
        let words = line.tail.unwrap_or_default();
        match self.bearer(target) {
            Some(annotation)
                if kind == "AnnotatorNotes" && !words.is_empty() && annotation.note.is_empty() =>
            {
                annotation.note = words.to_owned();
            }
            Some(_) if kind == "AnnotatorNotes" => {
                self.keep(line, "a second note on an annotation, or an empty one");
            }
            Some(_) => self.keep(line, "a note of another kind than AnnotatorNotes"),
            None => self.keep(line, "a note on what is no annotation"),
        }
    }
}

/// Whether the words of a file are those of the text: alike but for line ends, which some
/// programs write as a space, and for what may follow them on the line.
fn is_said(text: &str, words: &str) -> bool {
    if let Some(more) = words.strip_prefix(text) {
        return more.trim().is_empty();
    }
    text.contains(is_line_end) && text.replace(is_line_end, " ").trim_end() == words.trim_end()
}
