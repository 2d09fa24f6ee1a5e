//! `annotation.conf` and `visual.conf`: what types there are, and how they look.
//!
//! Read are types, what their relations may join, attributes with their values, names and
//! background colours. Which type is above which, and how often an argument may stand, is
//! left out.

use super::super::colors;
use super::super::reading::{Outline, OutlineLabel, OutlineRelation};
use super::super::writing::{Piece, Summary};
use crate::model::{Attribute, AttributeKind, Label, LabelId, Schema};
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;

/// The most values that a range of numbers is written as.
const MOST_VALUES: i64 = 50;
/// The most types that an argument's description is followed through.
const MOST_TYPES: usize = 10_000;

/// What the configurations declare.
pub(super) fn outline(annotation: &str, visual: &str) -> Outline {
    let sections = sections(annotation);
    let section = |names: &[&str]| -> Vec<Entry<'_>> {
        let entries = names.iter().filter_map(|name| sections.get(name));
        entries.flatten().filter_map(|line| entry(line)).collect()
    };
    let (entities, events) = (section(&["entities", "spans"]), section(&["events"]));
    let mut types =
        Types { entities: names(&entities), events: names(&events), macros: BTreeMap::new() };
    for line in sections.values().flatten() {
        if let Some((name, value)) =
            line.trim().split_once(">=").filter(|(name, _)| name.starts_with('<'))
        {
            types.macros.insert(format!("{name}>"), value);
        }
    }
    let mut outline = Outline::default();
    let mut taken = HashSet::new();
    for label in types.entities.iter().chain(&types.events) {
        if taken.insert(*label) {
            outline
                .labels
                .push(OutlineLabel { label: (*label).to_owned(), ..OutlineLabel::default() });
        }
    }
    for Entry { name, arguments } in section(&["relations"]) {
        let end = |role: &str| {
            let found = arguments.iter().find(|(known, _)| *known == role);
            found.map(|(_, value)| types.all_of(value)).unwrap_or_default()
        };
        let (from, to) = (end("Arg1"), end("Arg2"));
        if outline.relations.iter().all(|known| known.kind != name) {
            outline.relations.push(OutlineRelation { kind: name.to_owned(), from, to });
        }
    }
    for Entry { name, arguments } in section(&["attributes"]) {
        attribute(&mut outline, &types, name, &arguments);
    }
    look(&mut outline, visual);
    outline
}

fn attribute(outline: &mut Outline, types: &Types<'_>, name: &str, arguments: &[(&str, &str)]) {
    let find =
        |key: &str| arguments.iter().find(|(known, _)| *known == key).map(|(_, value)| *value);
    let bearers: HashSet<String> =
        types.all_of(find("Arg").unwrap_or("<ANY>")).into_iter().collect();
    let values: Vec<String> = find("Value")
        .map(|values| values.split('|').map(str::to_owned).collect())
        .unwrap_or_default();
    for label in &mut outline.labels {
        let is_new = label.attributes.iter().all(|(known, _)| known != name);
        if is_new && (bearers.is_empty() || bearers.contains(&label.label)) {
            label.attributes.push((name.to_owned(), values.clone()));
        }
    }
}

/// The lines of each section, without comments, separators and empty ones.
fn sections(conf: &str) -> BTreeMap<&str, Vec<&str>> {
    let mut sections: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut section = "";
    for line in conf.lines() {
        let trimmed = line.trim();
        if trimmed.starts_with('#') || trimmed.chars().all(|sign| sign == '-') {
            continue;
        }
        match trimmed.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            Some(name) => section = name,
            None => sections.entry(section).or_default().push(line),
        }
    }
    sections
}

/// A type with its arguments by role.
struct Entry<'a> {
    name: &'a str,
    arguments: Vec<(&'a str, &'a str)>,
}

/// Reads a line of a section; `None` for a macro and for a type that only orders others.
fn entry(line: &str) -> Option<Entry<'_>> {
    let line = line.trim();
    let (name, arguments) = line.split_once([' ', '\t']).unwrap_or((line, ""));
    if name.starts_with(['!', '<']) {
        return None;
    }
    let argument = |argument: &'_ str| -> Option<(usize, usize)> {
        let at = argument.find(':')?;
        Some((at, at + 1))
    };
    let arguments = arguments
        .split(',')
        .filter_map(|part| {
            let part = part.trim();
            let (end, start) = argument(part)?;
            let role = part.get(..end)?.trim_end_matches(['?', '*', '+']);
            let role = role.split('{').next().unwrap_or(role);
            Some((role, part.get(start..)?.trim()))
        })
        .collect();
    Some(Entry { name, arguments })
}

fn names<'a>(entries: &[Entry<'a>]) -> Vec<&'a str> {
    // A type may have other names behind a bar; the first is the one that is written.
    entries.iter().filter_map(|entry| entry.name.split('|').next()).collect()
}

struct Types<'a> {
    entities: Vec<&'a str>,
    events: Vec<&'a str>,
    macros: BTreeMap<String, &'a str>,
}

impl Types<'_> {
    /// The types that a description stands for; none for any.
    fn all_of(&self, description: &str) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        let mut taken: HashSet<String> = HashSet::new();
        let mut open: Vec<&str> = description.split('|').rev().collect();
        let mut seen: HashSet<&str> = HashSet::new();
        while let Some(part) = open.pop() {
            let part = part.trim();
            let mut add = |name: &str| {
                if taken.insert(name.to_owned()) {
                    all.push(name.to_owned());
                }
            };
            match part {
                "<ANY>" => return Vec::new(),
                "<ENTITY>" => self.entities.iter().for_each(|name| add(name)),
                "<EVENT>" => self.events.iter().for_each(|name| add(name)),
                part => match self.macros.get(part) {
                    // A macro that names itself would never end.
                    Some(value) if seen.insert(part) => open.extend(value.split('|').rev()),
                    Some(_) => {}
                    None if part.is_empty() || part.starts_with('<') => {}
                    None => add(part),
                },
            }
            if all.len() > MOST_TYPES {
                return Vec::new();
            }
        }
        all
    }
}

/// Adds names and colours.
fn look(outline: &mut Outline, visual: &str) {
    let sections = sections(visual);
    let mut names = BTreeMap::new();
    for line in sections.get("labels").into_iter().flatten() {
        let mut parts = line.split('|').map(str::trim);
        if let (Some(label), Some(name)) = (parts.next(), parts.next()) {
            names.insert(label, name);
        }
    }
    let mut colors = BTreeMap::new();
    for line in sections.get("drawing").into_iter().flatten() {
        let Some((label, settings)) = line.trim().split_once(char::is_whitespace) else { continue };
        let background =
            settings.split(',').find_map(|setting| setting.trim().strip_prefix("bgColor:"));
        if let Some(color) = background.and_then(colors::read) {
            colors.insert(label, color);
        }
    }
    for label in &mut outline.labels {
        let own = label.label.as_str();
        let name = names.get(own).filter(|name| **name != own);
        label.color = colors.get(own).or_else(|| colors.get("SPAN_DEFAULT")).copied();
        label.name = name.map(|name| (*name).to_owned()).unwrap_or_default();
    }
}

/// The configurations of an export, one pair for each split, which is a collection.
pub(super) fn finish(summary: &Summary<'_>) -> Vec<Piece> {
    let schema = &summary.options.schema;
    let mut pieces = Vec::new();
    for (split, _) in summary.splits {
        let folder = if split == "all" { String::new() } else { format!("{split}/") };
        let mut add = |name: &str, content: String| {
            pieces.push(Piece { path: format!("{folder}{name}"), bytes: content.into_bytes() });
        };
        add("annotation.conf", annotation_conf(schema));
        add("visual.conf", visual_conf(schema));
    }
    pieces
}

fn annotation_conf(schema: &Schema) -> String {
    let mut conf = String::from("[entities]\n\n");
    for label in schema.labels() {
        let _ = writeln!(conf, "{}", label.id);
    }
    conf.push_str("\n[relations]\n\n");
    for relation in schema.relations() {
        let (from, to) = (ends(&relation.from), ends(&relation.to));
        let _ = writeln!(conf, "{}\tArg1:{from}, Arg2:{to}", relation.id);
    }
    conf.push_str("\n[events]\n\n[attributes]\n\n");
    for (attribute, bearers) in attributes(schema) {
        let _ = write!(conf, "{}\tArg:{}", attribute.id, bearers.join("|"));
        let values = values(&attribute.kind);
        if !values.is_empty() {
            let _ = write!(conf, ", Value:{}", values.join("|"));
        }
        conf.push('\n');
    }
    conf
}

fn ends(labels: &[LabelId]) -> String {
    if labels.is_empty() {
        return "<ENTITY>".to_owned();
    }
    labels.iter().map(LabelId::as_str).collect::<Vec<_>>().join("|")
}

/// Each attribute with the labels that have it; of one id and different values there is
/// a line for each.
fn attributes(schema: &Schema) -> Vec<(&Attribute, Vec<&str>)> {
    let mut attributes: Vec<(&Attribute, Vec<&str>)> = Vec::new();
    for label in schema.labels() {
        for attribute in &label.attributes {
            let same = |(known, _): &&mut (&Attribute, _)| {
                known.id == attribute.id && known.kind == attribute.kind
            };
            match attributes.iter_mut().find(same) {
                Some((_, bearers)) => bearers.push(label.id.as_str()),
                None => attributes.push((attribute, vec![label.id.as_str()])),
            }
        }
    }
    attributes
}

/// The values that brat offers; none where it cannot list them.
fn values(kind: &AttributeKind) -> Vec<String> {
    match kind {
        AttributeKind::Choice(values) | AttributeKind::Choices(values) => values.clone(),
        AttributeKind::Integer { min: Some(min), max: Some(max) }
            if max.saturating_sub(*min) < MOST_VALUES =>
        {
            (*min..=*max).map(|number| number.to_string()).collect()
        }
        _ => Vec::new(),
    }
}

fn visual_conf(schema: &Schema) -> String {
    let mut conf = String::from("[labels]\n\n");
    let shown = |name: &str| name.replace(['|', '\n', '\r'], " ");
    for Label { id, name, .. } in schema.labels() {
        let _ = writeln!(conf, "{id} | {}", shown(name));
    }
    for relation in schema.relations() {
        let _ = writeln!(conf, "{} | {}", relation.id, shown(&relation.name));
    }
    conf.push_str(
        "\n[drawing]\n\nSPAN_DEFAULT\tfgColor:black, bgColor:lightgreen, borderColor:darken\n",
    );
    conf.push_str("ARC_DEFAULT\tcolor:black, arrowHead:triangle-5\n");
    for label in schema.labels() {
        let _ = writeln!(conf, "{}\tbgColor:{}", label.id, label.color);
    }
    conf
}
