//! Brings a document to what brat can hold.

use super::super::document::{Document, Layer};
use super::super::fit;
use super::super::loss::{Loss, LossKind, Remedy};
use super::super::names;
use super::super::writing::{WriteOptions, file_name};
use super::{event_of, is_id, is_line_end, read, write};
use crate::model::{AttributeValue, Span};
use crate::text::{TextRange, TextSize};
use std::collections::{HashMap, HashSet};

pub(super) fn fit(
    mut document: Document,
    options: &WriteOptions,
    losses: &mut Vec<Loss>,
) -> Document {
    let name = file_name(&document.name);
    if name != document.name {
        let before = std::mem::replace(&mut document.name, name);
        losses.push(Loss::of_article(&document, "", LossKind::Name, before, Remedy::Changed));
    }
    fit::keep_meta(&mut document, &[], losses);
    fit::drop_history(&mut document);
    fit::drop_states(&mut document, losses);
    names::file_per_annotator(&mut document, options, losses);
    names::clean_names(&mut document, clean_name, losses);
    document.tokens.clear();
    document.sentences.clear();
    fit::change_values(&mut document, losses, |_, value| match value {
        // An attribute without a value is a flag that is set.
        AttributeValue::Text(_) | AttributeValue::Flag(true) => None,
        other => Some(AttributeValue::Text(fit::text_of(other))),
    });
    values(&mut document, losses);
    notes(&mut document, losses);
    divide_at_line_ends(&mut document, losses);
    for at in 0..document.layers.len() {
        // A line that is understood by now may have an id that is another's, and so on.
        loop {
            number(&mut document.layers[at]);
            document.layers[at].sort();
            let before = document.layers[at].rest.clone();
            rest(&mut document, at, losses);
            if document.layers[at].rest == before {
                break;
            }
        }
    }
    document
}

/// A name as brat's files and configurations can write it.
fn clean_name(name: &str) -> String {
    let is_free = |c: char| !c.is_whitespace() && !c.is_control() && !":|,;<>!".contains(c);
    let name: String = name.chars().map(|c| if is_free(c) { c } else { '_' }).collect();
    if name.is_empty() { "_".to_owned() } else { name }
}

/// A value is on one line.
fn values(document: &mut Document, losses: &mut Vec<Loss>) {
    fit::each_annotation(document, losses, |document, layer, at| {
        let mut changed = Vec::new();
        for (name, value) in &mut document.layers[layer].annotations[at].attributes {
            let AttributeValue::Text(text) = value else { continue };
            let line = one_line(text);
            if line != *text {
                changed.push(name.clone());
                *text = line;
            }
        }
        (!changed.is_empty()).then(|| (LossKind::Attributes, Remedy::Changed, changed.join(", ")))
    });
}

/// A note is on one line.
fn notes(document: &mut Document, losses: &mut Vec<Loss>) {
    fit::each_annotation(document, losses, |document, layer, at| {
        let note = &mut document.layers[layer].annotations[at].note;
        let line = note.replace(is_line_end, " ");
        let is_changed = line != *note;
        *note = line;
        is_changed.then(|| (LossKind::Note, Remedy::Changed, "line ends".to_owned()))
    });
}

fn one_line(text: &str) -> String {
    text.replace(|character| is_line_end(character) || character == '\t', " ")
}

/// An annotation over line ends gets a range for each line, without the white space at
/// its edges; one that is on white space alone is left out.
fn divide_at_line_ends(document: &mut Document, losses: &mut Vec<Loss>) {
    for layer in 0..document.layers.len() {
        let mut gone = vec![false; document.layers[layer].annotations.len()];
        for (at, gone) in gone.iter_mut().enumerate() {
            let span = &document.layers[layer].annotations[at].span;
            let has_end = |range: &TextRange| document.text[*range].contains(is_line_end);
            if !span.ranges().iter().any(has_end) {
                continue;
            }
            let parts = span.ranges().iter().flat_map(|range| lines(&document.text, *range));
            let divided = Span::from_ranges(parts.collect());
            let done = if divided.is_ok() { Remedy::Divided } else { Remedy::LeftOut };
            losses.push(Loss::of(document, layer, at, LossKind::CrossesLine, done));
            match divided {
                Ok(span) => document.layers[layer].annotations[at].span = span,
                Err(_) => *gone = true,
            }
        }
        fit::remove(document, layer, |at| gone[at], losses);
    }
}

fn lines(text: &str, range: TextRange) -> Vec<TextRange> {
    let words = &text[range];
    let start_of = |part: &str| part.as_ptr() as usize - words.as_ptr() as usize;
    let parts = words.split(is_line_end).map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| TextRange::at(range.start() + size(start_of(part)), TextSize::of(part)))
        .collect()
}

fn size(bytes: usize) -> TextSize {
    TextSize::new(u32::try_from(bytes).unwrap_or(u32::MAX))
}

/// Gives annotations and relations ids of brat's kind, and keeps those that they have.
fn number(layer: &mut Layer) {
    let kept: HashSet<String> = layer.rest.iter().map(|line| id_of(line).to_owned()).collect();
    let mut taken = kept.clone();
    let mut next = 1;
    let has_own = |id: &str, letter, taken: &mut HashSet<String>| {
        is_id(id, letter) && taken.insert(id.to_owned())
    };
    let own: Vec<bool> =
        layer.annotations.iter().map(|found| has_own(&found.id, 'T', &mut taken)).collect();
    let own_links: Vec<bool> =
        layer.relations.iter().map(|link| has_own(&link.id, 'R', &mut taken)).collect();
    // What a line speaks of that is not there must not come to be by chance.
    taken.extend(layer.rest.iter().flat_map(|line| references(line)).map(str::to_owned));
    for (annotation, has_own) in layer.annotations.iter_mut().zip(own) {
        if !has_own {
            annotation.id = free('T', &mut next, &mut taken);
        }
    }
    let events = sound_events(layer, &kept);
    next = 1;
    for (relation, has_own) in layer.relations.iter_mut().zip(own_links) {
        let is_argument = event_of(&relation.id).is_some_and(|(event, _)| events.contains(event));
        if !has_own && !is_argument {
            relation.id = free('R', &mut next, &mut taken);
        }
    }
}

fn free(letter: char, next: &mut usize, taken: &mut HashSet<String>) -> String {
    loop {
        let id = format!("{letter}{next}");
        *next += 1;
        if taken.insert(id.clone()) {
            return id;
        }
    }
}

fn id_of(line: &str) -> &str {
    line.split('\t').next().unwrap_or_default()
}

/// The events that relations can be written as: all of one start at one annotation, and
/// every argument that is an event is one, and stands where the relation points.
fn sound_events(layer: &Layer, kept: &HashSet<String>) -> HashSet<String> {
    let mut triggers: HashMap<String, usize> = triggers_in_rest(layer);
    let is_kept: HashSet<String> = triggers.keys().cloned().collect();
    let mut unsound: HashSet<String> = HashSet::new();
    for relation in &layer.relations {
        let Some((event, _)) = event_of(&relation.id) else { continue };
        let trigger = *triggers.entry(event.to_owned()).or_insert(relation.from);
        if trigger != relation.from || is_kept.contains(event) || kept.contains(event) {
            unsound.insert(event.to_owned());
        }
    }
    let mut is_more = true;
    while is_more {
        let before = unsound.len();
        for relation in &layer.relations {
            let Some((event, Some(target))) = event_of(&relation.id) else { continue };
            let is_sound = triggers.get(target) == Some(&relation.to)
                && (!unsound.contains(target) || is_kept.contains(target));
            if !is_sound {
                unsound.insert(event.to_owned());
            }
        }
        is_more = unsound.len() > before;
    }
    triggers
        .into_keys()
        .filter(|event| !unsound.contains(event) && !is_kept.contains(event))
        .collect()
}

/// The triggers of events that are kept as lines.
fn triggers_in_rest(layer: &Layer) -> HashMap<String, usize> {
    let events = || layer.rest.iter().filter(|line| line.starts_with('E'));
    if events().next().is_none() {
        return HashMap::new();
    }
    let annotations = layer.annotations.iter().enumerate();
    let at: HashMap<&str, usize> = annotations.map(|(at, found)| (found.id.as_str(), at)).collect();
    let trigger = |line: &String| {
        let (id, data) = line.split_once('\t')?;
        let (_, trigger) = data.split_whitespace().next()?.split_once(':')?;
        Some((id.to_owned(), *at.get(trigger)?))
    };
    events().filter_map(trigger).collect()
}

/// Keeps the lines of brat that nothing here can hold, as long as what they speak of is
/// there, and takes in those that can be understood by now.
fn rest(document: &mut Document, layer: usize, losses: &mut Vec<Loss>) {
    if document.layers[layer].rest.is_empty() {
        return;
    }
    let annotator = document.layers[layer].annotator.clone();
    loop {
        let known = known_ids(&document.layers[layer]);
        let (kept, gone): (Vec<_>, Vec<_>) = std::mem::take(&mut document.layers[layer].rest)
            .into_iter()
            .partition(|line| is_line(line) && references(line).all(|id| known.contains(id)));
        document.layers[layer].rest = kept;
        if gone.is_empty() {
            break;
        }
        losses.extend(gone.into_iter().map(|line| {
            Loss::of_article(document, &annotator, LossKind::Foreign, line, Remedy::LeftOut)
        }));
    }
    let ann = write::ann(&document.text, &document.layers[layer]);
    let (mut understood, _) = read::annotations(&document.text, &ann, annotator);
    understood.sort();
    document.layers[layer] = understood;
}

fn is_line(line: &str) -> bool {
    let id = id_of(line);
    let letters = id.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_kind = letters == "*"
        || letters.strip_prefix('#').unwrap_or(letters).bytes().all(|b| b.is_ascii_alphabetic());
    is_kind && !letters.is_empty() && line.contains('\t') && !line.contains(is_line_end)
}

fn known_ids(layer: &Layer) -> HashSet<String> {
    let annotations = layer.annotations.iter().map(|found| found.id.as_str());
    let relations =
        layer.relations.iter().map(|link| link.id.split(':').next().unwrap_or_default());
    let rest = layer.rest.iter().map(|line| id_of(line));
    annotations.chain(relations).chain(rest).map(str::to_owned).collect()
}

/// The spans, events and relations that a line speaks of.
fn references(line: &str) -> impl Iterator<Item = &str> {
    let data = line.split('\t').nth(1).unwrap_or_default();
    data.split_whitespace()
        .skip(usize::from(!line.starts_with('E')))
        .map(|part| part.rsplit(':').next().unwrap_or(part))
        .filter(|id| ['T', 'E', 'R'].into_iter().any(|letter| is_id(id, letter)))
}
