//! Bringing the names of files to a project's schema.
//!
//! A label of a file becomes the project's label of the same id or name, or the one that
//! somebody chose for it; what the schema lacks is added to it: labels, attributes, the
//! choices of an attribute, kinds of relations. Nothing that was in a file is dropped in
//! silence: a value that an attribute cannot take is told.

use crate::edit::id_from_name;
use crate::formats::{Outline, OutlineLabel, Warning};
use crate::model::{
    Attribute, AttributeId, AttributeKind, AttributeValue, Color, Label, LabelId, RelationType,
    RelationTypeId, Schema,
};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// The choices that an attribute is given before it is taken for free text.
const MOST_CHOICES: usize = 100;
/// The labels and relations of a file that are added without being used.
const MOST_DECLARED: usize = 1_000;

/// What somebody chose for the labels of files: the file's label and the project's.
pub type LabelMap = BTreeMap<String, LabelId>;

/// A schema that grows by what files need.
pub(super) struct Adoption {
    labels: Vec<Label>,
    /// The labels that the project had before.
    own: HashSet<LabelId>,
    relations: Vec<RelationType>,
    /// The kinds of relations that the project had before.
    own_relations: HashSet<RelationTypeId>,
    /// Labels of files that have become one, and were not told yet.
    joined: Vec<String>,
    /// Which labels relations were let to link.
    admitted: Vec<(RelationTypeId, LabelId, LabelId)>,
    chosen: LabelMap,
    outline: Outline,
    /// Where each label of the files went.
    known: BTreeMap<String, LabelId>,
    /// Whether the schema is another one now.
    has_grown: bool,
}

impl Adoption {
    pub(super) fn new(schema: &Schema, chosen: LabelMap) -> Self {
        Self {
            labels: schema.labels().to_vec(),
            own: schema.labels().iter().map(|label| label.id.clone()).collect(),
            relations: schema.relations().to_vec(),
            own_relations: schema.relations().iter().map(|kind| kind.id.clone()).collect(),
            joined: Vec::new(),
            admitted: Vec::new(),
            chosen,
            outline: Outline::default(),
            known: BTreeMap::new(),
            has_grown: false,
        }
    }

    /// Learns what a file declares, so that what is added is added as it says.
    pub(super) fn learn(&mut self, outline: Outline) {
        self.outline.add(outline);
    }

    /// Adds what files declare and the schema lacks, whether anything uses it or not. The
    /// attributes of labels that the project had are added when they are used.
    pub(super) fn take_in_declared(&mut self) {
        let Outline { labels, relations } = self.outline.clone();
        for declared in labels.into_iter().take(MOST_DECLARED) {
            let Some(id) = self.label(&declared.label).filter(|id| !self.own.contains(id)) else {
                continue;
            };
            let Some(label) = self.labels.iter_mut().find(|label| label.id == id) else { continue };
            for attribute in attributes_of(&declared) {
                if find_attribute(label, &attribute.name).is_none() {
                    label.attributes.push(attribute);
                    self.has_grown = true;
                }
            }
            label.attributes = unique(std::mem::take(&mut label.attributes));
        }
        for declared in relations.into_iter().take(MOST_DECLARED) {
            // One without a name is any relation.
            if !declared.kind.trim().is_empty() {
                self.relation(&declared.kind);
            }
        }
    }

    /// Whether there is something that [`Self::take_grown`] would give.
    pub(super) fn has_grown(&self) -> bool {
        self.has_grown
    }

    /// The schema with everything that was added since the last time; `None` where that
    /// is nothing.
    pub(super) fn take_grown(&mut self) -> Option<Arc<Schema>> {
        if !std::mem::take(&mut self.has_grown) {
            return None;
        }
        // What is added is checked as it is added, so this cannot fail; if it did, the
        // project would stay as it is.
        Schema::new(self.labels.clone(), self.relations.clone()).ok().map(Arc::new)
    }

    /// What is to be said of the labels that somebody chose something for and no file has.
    pub(super) fn unmet_warnings(&self) -> Vec<Warning> {
        let is_met = |theirs: &str| {
            self.known.keys().any(|name| name.to_lowercase() == theirs.to_lowercase())
        };
        let unmet = self.chosen.keys().filter(|theirs| !is_met(theirs));
        let warning = |label: &String| Warning {
            line: None,
            what: format!("no annotation has the label “{label}”, for which another was chosen"),
        };
        unmet.map(warning).collect()
    }

    /// Takes in a schema that somebody else has changed meanwhile: what is there is as it
    /// says, and what was added here and is not there is added to it. What was deleted
    /// meanwhile stays deleted.
    pub(super) fn rebase(&mut self, schema: &Schema) {
        let labels = std::mem::replace(&mut self.labels, schema.labels().to_vec());
        let relations = std::mem::replace(&mut self.relations, schema.relations().to_vec());
        for label in labels {
            match self.labels.iter_mut().find(|known| known.id == label.id) {
                Some(known) => add_attributes(known, label.attributes),
                None if self.own.contains(&label.id) => {}
                None => self.labels.push(label),
            }
        }
        for relation in relations {
            let is_there = self.relations.iter().any(|known| known.id == relation.id);
            if !is_there && !self.own_relations.contains(&relation.id) {
                self.relations.push(relation);
            }
        }
        for (kind, from, to) in std::mem::take(&mut self.admitted) {
            self.admit_ends(&kind, (&from, &to));
        }
        self.own_relations.extend(schema.relations().iter().map(|kind| kind.id.clone()));
        self.own.extend(schema.labels().iter().map(|label| label.id.clone()));
        self.has_grown = self.labels != schema.labels() || self.relations != schema.relations();
        // What went by a label that is gone is looked for again when it is next met.
        let labels = &self.labels;
        self.known.retain(|_, id| labels.iter().any(|label| label.id == *id));
    }

    /// Takes back that what grew was taken: it could not be written.
    pub(super) fn put_back_grown(&mut self) {
        self.has_grown = true;
    }

    /// The project's label for a label of a file.
    ///
    /// `None` where no id can be made of it.
    pub(super) fn label(&mut self, name: &str) -> Option<LabelId> {
        if let Some(id) = self.known.get(name) {
            return Some(id.clone());
        }
        let id = self.find_label(name).or_else(|| self.add_label(name))?;
        let is_chosen = |name: &str| self.chosen.contains_key(name);
        let others = self.known.iter().filter(|(_, known)| **known == id).map(|(name, _)| name);
        let other = others.filter(|name| !is_chosen(name)).min();
        if let Some(other) = other.filter(|_| !is_chosen(name)) {
            self.joined.push(format!("the labels “{other}” and “{name}” are one here: {id}"));
        }
        self.known.insert(name.to_owned(), id.clone());
        Some(id)
    }

    /// Which labels of files have become one, in sentences; each is told once.
    pub(super) fn take_joined(&mut self) -> Vec<String> {
        std::mem::take(&mut self.joined)
    }

    /// Whether the schema has a label for a label of a file, or somebody chose one.
    pub(super) fn has_label(&self, name: &str) -> bool {
        self.known.contains_key(name) || self.find_label(name).is_some()
    }

    fn find_label(&self, name: &str) -> Option<LabelId> {
        let mut chosen = self.chosen.iter();
        let in_any_case = chosen.find(|(theirs, _)| theirs.to_lowercase() == name.to_lowercase());
        let chosen = self.chosen.get(name).or(in_any_case.map(|(_, id)| id));
        // Somebody may have deleted or renamed it meanwhile.
        let is_gone = |id: &LabelId| {
            self.own.contains(id) && !self.labels.iter().any(|label| label.id == *id)
        };
        if let Some(id) = chosen.filter(|id| !is_gone(id)) {
            return Some(id.clone());
        }
        let slug = id_from_name(name);
        // A label that this import added is only found by its own name: two names of a file
        // that make one id are two labels.
        let same_id = |label: &&Label| {
            label.id.as_str() == name || (self.own.contains(&label.id) && label.id.as_str() == slug)
        };
        let same_name = |label: &&Label| label.name.to_lowercase() == name.trim().to_lowercase();
        let labels = &self.labels;
        let found = labels.iter().find(same_id).or_else(|| labels.iter().find(same_name));
        found.map(|label| label.id.clone())
    }

    fn add_label(&mut self, name: &str) -> Option<LabelId> {
        let declared = self.outline.labels.iter().find(|label| label.label == name).cloned();
        let declared = declared.unwrap_or_default();
        let taken: Vec<_> = self.labels.iter().map(|label| label.id.as_str()).collect();
        let id = LabelId::new(free_id(name, "label", &taken)).ok()?;
        self.labels.push(Label {
            id: id.clone(),
            name: shown_name(&declared, name),
            key: None,
            color: declared.color.unwrap_or_else(|| Color::nth(self.labels.len())),
            guideline: String::new(),
            attributes: unique(attributes_of(&declared).collect()),
        });
        self.has_grown = true;
        Some(id)
    }

    /// The project's attribute and value for those of a file, and what is to be said about
    /// them; or why there is none.
    pub(super) fn value(
        &mut self,
        label: &LabelId,
        name: &str,
        value: &AttributeValue,
    ) -> Result<(AttributeId, AttributeValue, Option<String>), String> {
        let Some(label) = self.labels.iter_mut().find(|known| known.id == *label) else {
            return Err(format!("there is no label {label} to have the attribute {name}"));
        };
        let at = match find_attribute(label, name) {
            Some(at) => at,
            None => {
                let taken: Vec<_> = label.attributes.iter().map(|known| known.id.clone()).collect();
                let added = attribute(name, kind_of(value), &taken)
                    .ok_or_else(|| format!("the attribute “{name}” has no name to go by"))?;
                label.attributes.push(added);
                self.has_grown = true;
                label.attributes.len() - 1
            }
        };
        let attribute = &mut label.attributes[at];
        let told = match (&attribute.kind, value) {
            (AttributeKind::Choice(_), AttributeValue::List(items)) if items.len() > 1 => {
                let all = items.join("|");
                return Err(format!(
                    "the attribute {name} has one choice and cannot be “{all}”; make it one of \
                     several choices in the schema and import again"
                ));
            }
            (AttributeKind::Text, AttributeValue::List(items)) if items.len() > 1 => {
                let all = items.join("|");
                Some(format!("the attribute {name} is text, and the list is the text “{all}”"))
            }
            _ => None,
        };
        let (value, has_grown) = fitted(&mut attribute.kind, value)
            .ok_or_else(|| format!("the attribute {name} cannot be “{value}”"))?;
        self.has_grown |= has_grown;
        Ok((attribute.id.clone(), value, told))
    }

    /// The project's kind of relation for a kind of a file.
    ///
    /// `None` where no id can be made of it.
    pub(super) fn relation(&mut self, kind: &str) -> Option<RelationTypeId> {
        let slug = id_from_name(kind);
        let found = self.relations.iter().find(|known| {
            known.id.as_str() == kind
                || known.id.as_str() == slug
                || known.name.to_lowercase() == kind.to_lowercase()
        });
        if let Some(found) = found {
            return Some(found.id.clone());
        }
        let declared = self.outline.relations.iter().find(|known| known.kind == kind).cloned();
        let declared = declared.unwrap_or_default();
        let ends = |names: &[String]| {
            let known =
                |name: &String| self.known.get(name).cloned().or_else(|| self.find_label(name));
            // Where one of the labels is not here, any may be meant.
            names.iter().map(known).collect::<Option<Vec<_>>>().unwrap_or_default()
        };
        let (from, to) = (ends(&declared.from), ends(&declared.to));
        let taken: Vec<_> = self.relations.iter().map(|known| known.id.as_str()).collect();
        let id = free_id(kind, "relation", &taken);
        let id = RelationTypeId::new(id).ok()?;
        self.relations.push(RelationType {
            id: id.clone(),
            name: kind.trim().to_owned(),
            from: unique_ids(from),
            to: unique_ids(to),
            required: false,
            guideline: String::new(),
        });
        self.has_grown = true;
        Some(id)
    }

    /// Lets a kind of relation link two labels, as a file has it; what is to be said of that,
    /// where the schema did not admit it before.
    pub(super) fn admit_ends(
        &mut self,
        kind: &RelationTypeId,
        (from, to): (&LabelId, &LabelId),
    ) -> Vec<String> {
        let Some(kind) = self.relations.iter_mut().find(|known| known.id == *kind) else {
            return Vec::new();
        };
        let mut told = Vec::new();
        if admit(&mut kind.from, from) {
            told.push(format!("the relation {} may start at {from} now", kind.id));
        }
        if admit(&mut kind.to, to) {
            told.push(format!("the relation {} may point to {to} now", kind.id));
        }
        if !told.is_empty() {
            self.has_grown = true;
            self.admitted.push((kind.id.clone(), from.clone(), to.clone()));
        }
        told
    }
}

/// Lets a relation have a label at one of its ends; whether it could not. No labels there
/// are any.
fn admit(ends: &mut Vec<LabelId>, label: &LabelId) -> bool {
    let is_new = !ends.is_empty() && !ends.contains(label);
    if is_new {
        ends.push(label.clone());
    }
    is_new
}

/// Labels each once: two labels of a file may be one here.
fn unique_ids(ids: Vec<LabelId>) -> Vec<LabelId> {
    let mut taken = HashSet::new();
    ids.into_iter().filter(|id| taken.insert(id.clone())).collect()
}

/// The attributes that a file declares for a label. What is declared without kind and values
/// is known by the first value that comes.
fn attributes_of(declared: &OutlineLabel) -> impl Iterator<Item = Attribute> {
    declared.attributes.iter().filter_map(|(name, values)| {
        let kind = declared.kind_of(name).cloned();
        let kind = kind.or_else(|| (!values.is_empty()).then(|| kind_of_declared(values)))?;
        attribute(name, kind, &[])
    })
}

/// Adds the attributes that a label lacks, and the choices that they lack.
fn add_attributes(label: &mut Label, attributes: Vec<Attribute>) {
    for attribute in attributes {
        let same = label.attributes.iter_mut().find(|known| known.id == attribute.id);
        let Some(same) = same else {
            label.attributes.push(attribute);
            continue;
        };
        if let (
            AttributeKind::Choice(known) | AttributeKind::Choices(known),
            AttributeKind::Choice(more) | AttributeKind::Choices(more),
        ) = (&mut same.kind, &attribute.kind)
        {
            // More than an attribute may have are lacking in the schema, which a check tells.
            let _ = grown(known, more);
        }
    }
}

/// What people call a label that is added.
fn shown_name(declared: &OutlineLabel, label: &str) -> String {
    let name = if declared.name.trim().is_empty() { label } else { &declared.name };
    let name: String = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() { "Label".to_owned() } else { name }
}

/// An id made of a name that none of the others is.
fn free_id(name: &str, otherwise: &str, taken: &[&str]) -> String {
    let slug = id_from_name(name);
    let slug = slug.trim_start_matches(['.', '-']);
    let slug = if slug.is_empty() { otherwise } else { slug };
    let numbered = (2..).map(|number| format!("{slug}_{number}"));
    std::iter::once(slug.to_owned())
        .chain(numbered)
        .find(|id| !taken.contains(&id.as_str()))
        .unwrap_or_default()
}

fn attribute(name: &str, kind: AttributeKind, taken: &[AttributeId]) -> Option<Attribute> {
    let taken: Vec<_> = taken.iter().map(AttributeId::as_str).collect();
    Some(Attribute {
        id: AttributeId::new(free_id(name, "attribute", &taken)).ok()?,
        name: name.trim().to_owned(),
        kind,
        required: false,
        guideline: String::new(),
    })
}

/// Attributes of which no two have one id.
fn unique(attributes: Vec<Attribute>) -> Vec<Attribute> {
    let mut unique: Vec<Attribute> = Vec::new();
    for attribute in attributes {
        if unique.iter().all(|known| known.id != attribute.id) {
            unique.push(attribute);
        }
    }
    unique
}

fn find_attribute(label: &Label, name: &str) -> Option<usize> {
    let slug = id_from_name(name);
    let by_id = label
        .attributes
        .iter()
        .position(|known| known.id.as_str() == name || known.id.as_str() == slug);
    let lower = name.trim().to_lowercase();
    by_id.or_else(|| label.attributes.iter().position(|known| known.name.to_lowercase() == lower))
}

/// The kind of an attribute that a file declares with the values it may take.
fn kind_of_declared(values: &[String]) -> AttributeKind {
    let mut choices: Vec<String> = Vec::new();
    for value in values.iter().filter(|value| !value.trim().is_empty()) {
        if !choices.contains(value) {
            choices.push(value.clone());
        }
    }
    if choices.is_empty() { AttributeKind::Flag } else { AttributeKind::Choice(choices) }
}

/// The kind of an attribute of which only one value is known.
fn kind_of(value: &AttributeValue) -> AttributeKind {
    match value {
        AttributeValue::Text(_) => AttributeKind::Text,
        AttributeValue::List(items) => AttributeKind::Choices(items.clone()),
        AttributeValue::Integer(_) => AttributeKind::Integer { min: None, max: None },
        AttributeValue::Decimal(_) => AttributeKind::Decimal { min: None, max: None },
        AttributeValue::Flag(_) => AttributeKind::Flag,
    }
}

/// A value as a kind of attribute takes it, and whether the kind had to grow for it;
/// `None` where it cannot.
fn fitted(kind: &mut AttributeKind, value: &AttributeValue) -> Option<(AttributeValue, bool)> {
    if kind.admits(value) {
        return Some((value.clone(), false));
    }
    let text = match value {
        AttributeValue::List(items) => items.join("|"),
        AttributeValue::Flag(flag) => flag.to_string(),
        other => other.to_string(),
    };
    let text = text.trim();
    let fitted = match kind {
        AttributeKind::Text => AttributeValue::Text(text.to_owned()),
        AttributeKind::Flag => AttributeValue::Flag(match text.to_lowercase().as_str() {
            "true" | "yes" | "1" => true,
            "false" | "no" | "0" => false,
            _ => return None,
        }),
        AttributeKind::Integer { .. } => AttributeValue::Integer(text.parse().ok()?),
        AttributeKind::Decimal { .. } => {
            AttributeValue::Decimal(text.parse().ok().filter(|number: &f64| number.is_finite())?)
        }
        AttributeKind::Choice(choices) => {
            return grown(choices, &[text.to_owned()])
                .map(|has_grown| (AttributeValue::Text(text.to_owned()), has_grown));
        }
        AttributeKind::Choices(choices) => {
            let is_one = choices.iter().any(|choice| choice == text);
            let items: Vec<_> = match is_one {
                true => vec![text.to_owned()],
                false => text.split('|').map(|item| item.trim().to_owned()).collect(),
            };
            let has_grown = grown(choices, &items)?;
            // Values stand in the schema's order, each once.
            let chosen = choices.iter().filter(|choice| items.contains(choice)).cloned();
            return Some((AttributeValue::List(chosen.collect()), has_grown));
        }
    };
    kind.admits(&fitted).then_some((fitted, false))
}

/// Adds choices that are not there yet; whether there were any, `None` where there would
/// be too many.
fn grown(choices: &mut Vec<String>, items: &[String]) -> Option<bool> {
    let mut has_grown = false;
    for item in items.iter().filter(|item| !item.is_empty()) {
        if !choices.contains(item) {
            if choices.len() >= MOST_CHOICES {
                return None;
            }
            choices.push(item.clone());
            has_grown = true;
        }
    }
    Some(has_grown)
}

#[cfg(test)]
mod tests;
