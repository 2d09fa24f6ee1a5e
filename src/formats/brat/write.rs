//! Writes a text and an `.ann` file beside it for each layer.

use super::super::OffsetUnit;
use super::super::document::{Annotation, Layer, Relation};
use super::super::error::FormatError;
use super::super::fit::text_of;
use super::super::places::Places;
use super::super::writing::{Batch, Piece, layer_path};
use super::event_of;
use crate::model::AttributeValue;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;

pub(super) fn write(batch: &Batch<'_>) -> Result<Vec<Piece>, FormatError> {
    let mut pieces = Vec::new();
    for document in batch.documents {
        for (at, layer) in document.layers.iter().enumerate() {
            let path = |ending| layer_path(batch, document, at, ending);
            pieces.push(Piece { path: path("txt"), bytes: document.text.as_bytes().to_vec() });
            pieces
                .push(Piece { path: path("ann"), bytes: ann(&document.text, layer).into_bytes() });
        }
    }
    Ok(pieces)
}

/// The lines of a layer, as `fit` leaves it.
pub(super) fn ann(text: &str, layer: &Layer) -> String {
    let places = Places::new(text, OffsetUnit::CodePoints);
    let mut ann = String::new();
    for annotation in &layer.annotations {
        span(annotation, text, &places, &mut ann);
    }
    let events = events(layer);
    for (event, arguments) in &events {
        line_of_event(event, arguments, layer, &mut ann);
    }
    for link in layer.relations.iter().filter(|link| event_of(&link.id).is_none()) {
        let end = |at: usize| layer.annotations[at].id.as_str();
        let (from, to) = (end(link.from), end(link.to));
        line(&mut ann, format_args!("{}\t{} Arg1:{from} Arg2:{to}", link.id, link.kind));
    }
    about(layer, &events, &mut ann);
    for kept in &layer.rest {
        line(&mut ann, format_args!("{kept}"));
    }
    ann
}

/// Adds a line; writing into a `String` cannot fail.
fn line(ann: &mut String, line: std::fmt::Arguments<'_>) {
    let _ = writeln!(ann, "{line}");
}

fn span(annotation: &Annotation, text: &str, places: &Places<'_>, ann: &mut String) {
    let ranges = annotation.span.ranges();
    let mut offsets = String::new();
    for range in ranges {
        let between = if offsets.is_empty() { "" } else { ";" };
        let (start, end) = (places.offset(range.start()), places.offset(range.end()));
        let _ = write!(offsets, "{between}{start} {end}");
    }
    let words: Vec<_> = ranges.iter().map(|range| &text[*range]).collect();
    let words = words.join(" ");
    line(ann, format_args!("{}\t{} {offsets}\t{words}", annotation.id, annotation.label));
}

/// The arguments of each event, by its id.
fn events(layer: &Layer) -> BTreeMap<&str, Vec<&Relation>> {
    let mut events: BTreeMap<&str, Vec<&Relation>> = BTreeMap::new();
    for relation in &layer.relations {
        if let Some((event, _)) = event_of(&relation.id) {
            events.entry(event).or_default().push(relation);
        }
    }
    events
}

fn line_of_event(event: &str, arguments: &[&Relation], layer: &Layer, ann: &mut String) {
    let Some(first) = arguments.first() else { return };
    let trigger = &layer.annotations[first.from];
    let mut text = format!("{event}\t{}:{}", trigger.label, trigger.id);
    for argument in arguments {
        let target = event_of(&argument.id).and_then(|(_, target)| target);
        let target = target.unwrap_or(&layer.annotations[argument.to].id);
        let _ = write!(text, " {}:{target}", argument.kind);
    }
    line(ann, format_args!("{text}"));
}

/// Attributes and notes; those of an event's trigger are the event's.
fn about(layer: &Layer, events: &BTreeMap<&str, Vec<&Relation>>, ann: &mut String) {
    let taken: HashSet<&str> =
        layer.rest.iter().filter_map(|line| line.split('\t').next()).collect();
    let mut number = 0;
    let mut free = |letter: char| loop {
        number += 1;
        let id = format!("{letter}{number}");
        if !taken.contains(id.as_str()) {
            return id;
        }
    };
    let bearers = bearers(layer, events);
    let bearer = |at: usize, own: &Annotation| {
        bearers.get(&at).map_or(own.id.clone(), |id| (*id).to_owned())
    };
    let annotations = || layer.annotations.iter().enumerate();
    for (at, annotation) in annotations() {
        for (name, value) in &annotation.attributes {
            let (id, bearer) = (free('A'), bearer(at, annotation));
            match value {
                AttributeValue::Flag(true) => line(ann, format_args!("{id}\t{name} {bearer}")),
                value => line(ann, format_args!("{id}\t{name} {bearer} {}", text_of(value))),
            }
        }
    }
    for (at, annotation) in annotations().filter(|(_, annotation)| !annotation.note.is_empty()) {
        let (id, bearer) = (free('#'), bearer(at, annotation));
        line(ann, format_args!("{id}\tAnnotatorNotes {bearer}\t{}", annotation.note));
    }
}

/// The event that stands for an annotation, which is its trigger and no other one's.
fn bearers<'a>(
    layer: &Layer,
    events: &BTreeMap<&'a str, Vec<&Relation>>,
) -> HashMap<usize, &'a str> {
    let mut bearers = HashMap::new();
    let mut shared = HashSet::new();
    for (event, arguments) in events {
        if let Some(first) = arguments.first()
            && bearers.insert(first.from, *event).is_some()
        {
            shared.insert(first.from);
        }
    }
    let kept = layer.rest.iter().filter(|line| line.starts_with('E'));
    let kept: HashSet<&str> = kept
        .filter_map(|line| line.split('\t').nth(1)?.split_whitespace().next()?.split_once(':'))
        .map(|(_, trigger)| trigger)
        .collect();
    bearers
        .retain(|at, _| !shared.contains(at) && !kept.contains(layer.annotations[*at].id.as_str()));
    bearers
}
