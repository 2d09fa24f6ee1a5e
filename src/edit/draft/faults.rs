//! What is not yet right with a working copy, and at which field.

use super::{AttributeDraft, DraftId, Fate, KindName, SchemaDraft, color, number};
use crate::model::{AttributeId, LabelId, RelationTypeId};
use std::collections::HashMap;

/// The fields of a part that can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DraftField {
    /// The name that the window shows.
    Name,
    /// The id in files.
    Id,
    /// A label's key.
    Key,
    /// A label's colour.
    Color,
    /// What an attribute offers.
    Choices,
    /// An attribute's least and greatest number.
    Range,
    /// What is to become of it.
    Fate,
}

/// One thing to mend before a copy can be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftFault {
    /// The label or relation type to open.
    pub part: DraftId,
    /// The label, attribute or relation type itself.
    pub at: DraftId,
    /// Its field.
    pub field: DraftField,
    /// What is wrong and what to do.
    pub text: String,
}

impl SchemaDraft {
    /// Everything to mend, in the order of the copy.
    pub fn faults(&self) -> Vec<DraftFault> {
        let mut faults = Faults::default();
        let mut ids = HashMap::new();
        let mut keys: HashMap<char, &str> = HashMap::new();
        for label in &self.labels {
            faults.part = Some(label.uid);
            if let Fate::Merge(into) = label.fate {
                let into = self.label_of(into).filter(|into| into.fate == Fate::Keep);
                match into.map(|into| into.origin.is_some()) {
                    Some(true) => {}
                    Some(false) => {
                        let text = "The label it is merged into is new; apply that one first";
                        faults.add(label.uid, DraftField::Fate, text);
                    }
                    None => {
                        let text = "The label it is merged into goes as well; choose another";
                        faults.add(label.uid, DraftField::Fate, text);
                    }
                }
            }
            if label.fate != Fate::Keep {
                continue;
            }
            faults.name(label.uid, &label.name);
            faults.id(label.uid, &label.id, LabelId::new(&label.id).is_ok(), &mut ids);
            match single(&label.key) {
                Ok(None) => {}
                Ok(Some(key)) => match keys.get(&key) {
                    Some(other) => {
                        let text = format!("{} belongs to {other}", key.to_uppercase());
                        faults.add(label.uid, DraftField::Key, text);
                    }
                    None => {
                        keys.insert(key, &label.name);
                    }
                },
                Err(()) => faults.add(label.uid, DraftField::Key, "One letter or digit"),
            }
            if color(&label.color).is_none() {
                faults.add(label.uid, DraftField::Color, "Six digits 0–9 and A–F, like #1F6FB5");
            }
            let mut attribute_ids = HashMap::new();
            for attribute in label.attributes.iter().filter(|found| found.fate == Fate::Keep) {
                faults.attribute(attribute, &mut attribute_ids);
            }
        }
        let mut ids = HashMap::new();
        for relation in &self.relations {
            if relation.fate != Fate::Keep || self.goes_with_labels(relation) {
                continue;
            }
            faults.part = Some(relation.uid);
            faults.name(relation.uid, &relation.name);
            let is_word = RelationTypeId::new(&relation.id).is_ok();
            faults.id(relation.uid, &relation.id, is_word, &mut ids);
        }
        faults.found
    }
}

/// A key as it is typed: none, one character in lower case, or too much.
pub(super) fn single(text: &str) -> Result<Option<char>, ()> {
    let mut letters = text.trim().chars();
    match (letters.next(), letters.next()) {
        (None, _) => Ok(None),
        (Some(key), None) if !key.is_whitespace() => Ok(key.to_lowercase().next()),
        _ => Err(()),
    }
}

#[derive(Default)]
struct Faults {
    part: Option<DraftId>,
    found: Vec<DraftFault>,
}

impl Faults {
    fn add(&mut self, at: DraftId, field: DraftField, text: impl Into<String>) {
        let part = self.part.unwrap_or(at);
        self.found.push(DraftFault { part, at, field, text: text.into() });
    }

    /// Without a name there is often no id either, and one message is enough.
    fn name(&mut self, at: DraftId, name: &str) {
        if name.trim().is_empty() {
            self.add(at, DraftField::Name, "Give it a name");
        }
    }

    fn id<'a>(
        &mut self,
        at: DraftId,
        id: &'a str,
        is_word: bool,
        taken: &mut HashMap<&'a str, DraftId>,
    ) {
        let has_no_name = self.found.last().is_some_and(|last| last.at == at);
        if is_word {
            if taken.insert(id, at).is_some() {
                self.add(at, DraftField::Id, format!("{id} stands twice; change one of them"));
            }
        } else if !(id.is_empty() && has_no_name) {
            let text = "Letters, digits, “.”, “_” and “-”, without spaces";
            self.add(at, DraftField::Id, text);
        }
    }

    fn attribute<'a>(
        &mut self,
        attribute: &'a AttributeDraft,
        ids: &mut HashMap<&'a str, DraftId>,
    ) {
        let at = attribute.uid;
        self.name(at, &attribute.name);
        self.id(at, &attribute.id, AttributeId::new(&attribute.id).is_ok(), ids);
        if attribute.kind.has_choices() {
            self.choices(attribute);
        }
        let is_range = match attribute.kind {
            KindName::Integer => is_range::<i64>(&attribute.min, &attribute.max),
            KindName::Decimal => is_range::<f64>(&attribute.min, &attribute.max),
            _ => Ok(()),
        };
        if let Err(text) = is_range {
            self.add(at, DraftField::Range, text);
        }
    }

    fn choices(&mut self, attribute: &AttributeDraft) {
        let texts: Vec<&str> = attribute.choices.iter().map(|choice| choice.text.trim()).collect();
        let twice = texts.iter().enumerate().find(|(at, text)| texts[..*at].contains(text));
        if texts.is_empty() {
            self.add(attribute.uid, DraftField::Choices, "Add something to choose from");
        } else if texts.contains(&"") {
            self.add(attribute.uid, DraftField::Choices, "One of the choices is empty");
        } else if let Some((_, text)) = twice {
            self.add(attribute.uid, DraftField::Choices, format!("{text} stands twice"));
        }
    }
}

fn is_range<T: std::str::FromStr + PartialOrd>(min: &str, max: &str) -> Result<(), &'static str> {
    match (number::<T>(min), number::<T>(max)) {
        (Some(min), Some(max)) => match min.zip(max) {
            Some((min, max)) if min > max => Err("The least is above the greatest"),
            _ => Ok(()),
        },
        _ => Err("Numbers, or empty for no limit"),
    }
}
