//! A working copy of a schema, as somebody edits it.
//!
//! Ids, keys, colours and numbers are still text here, because half of what is being
//! typed is not valid yet; [`SchemaDraft::faults`] says what is wrong and where, and
//! [`SchemaDraft::plan`] turns the copy into migrations. Every part remembers which
//! part of the schema it began as, so that a changed id is a rename that annotations
//! follow and not a deletion beside an addition. What is to go stays in the copy with
//! its [`Fate`], so that it can be shown and be brought back until all is applied.

mod faults;
mod plan;
#[cfg(test)]
mod tests;

pub use faults::{DraftFault, DraftField};
pub use plan::PlanError;

use crate::model::{
    Attribute, AttributeId, AttributeKind, Color, Label, LabelId, RelationType, RelationTypeId,
    Schema,
};

/// Names a part of a working copy for as long as the copy lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DraftId(u32);

/// What is to become of a part of the schema.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fate {
    /// It stays.
    #[default]
    Keep,
    /// It goes, with everything that was annotated with it.
    Delete,
    /// It goes, and its annotations become ones of another label.
    Merge(DraftId),
}

/// The kinds of attributes by name, without what belongs to each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KindName {
    /// One of several choices.
    Choice,
    /// Any number of choices.
    Choices,
    /// A whole number.
    Integer,
    /// A number.
    Decimal,
    /// Free text.
    Text,
    /// Yes or no.
    Flag,
}

impl KindName {
    /// The kinds in the order of their menu.
    pub const ALL: [Self; 6] =
        [Self::Choice, Self::Choices, Self::Integer, Self::Decimal, Self::Text, Self::Flag];

    /// The kind of an attribute.
    pub fn of(kind: &AttributeKind) -> Self {
        match kind {
            AttributeKind::Choice(_) => Self::Choice,
            AttributeKind::Choices(_) => Self::Choices,
            AttributeKind::Integer { .. } => Self::Integer,
            AttributeKind::Decimal { .. } => Self::Decimal,
            AttributeKind::Text => Self::Text,
            AttributeKind::Flag => Self::Flag,
        }
    }

    /// What menus show.
    pub fn name(self) -> &'static str {
        match self {
            Self::Choice => "One choice",
            Self::Choices => "Several choices",
            Self::Integer => "Whole number",
            Self::Decimal => "Number",
            Self::Text => "Text",
            Self::Flag => "Yes or no",
        }
    }

    /// Whether there is something to choose from.
    pub fn has_choices(self) -> bool {
        matches!(self, Self::Choice | Self::Choices)
    }

    /// Whether a range can limit it.
    pub fn has_range(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal)
    }
}

/// One choice of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChoiceDraft {
    /// Names it in the copy.
    pub uid: DraftId,
    /// The choice that it was in the schema.
    pub origin: Option<String>,
    /// As it is written in files.
    pub text: String,
}

/// One attribute of a label.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributeDraft {
    /// Names it in the copy.
    pub uid: DraftId,
    /// The attribute that it was in the schema.
    pub origin: Option<AttributeId>,
    /// As files name it.
    pub id: String,
    /// As the window names it.
    pub name: String,
    /// What values it takes.
    pub kind: KindName,
    /// What there is to choose from, where the kind has choices.
    pub choices: Vec<ChoiceDraft>,
    /// The least number; empty for none.
    pub min: String,
    /// The greatest number; empty for none.
    pub max: String,
    /// Whether annotations without it are to be checked.
    pub required: bool,
    /// How to decide.
    pub guideline: String,
    /// What is to become of it; it cannot be merged.
    pub fate: Fate,
}

/// One label.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelDraft {
    /// Names it in the copy.
    pub uid: DraftId,
    /// The label that it was in the schema.
    pub origin: Option<LabelId>,
    /// As files name it.
    pub id: String,
    /// As the window names it.
    pub name: String,
    /// The key that labels at once; empty for none.
    pub key: String,
    /// The colour as `#RRGGBB`.
    pub color: String,
    /// How to decide.
    pub guideline: String,
    /// Its attributes in order.
    pub attributes: Vec<AttributeDraft>,
    /// What is to become of it.
    pub fate: Fate,
}

/// One relation type.
#[derive(Clone, Debug, PartialEq)]
pub struct RelationDraft {
    /// Names it in the copy.
    pub uid: DraftId,
    /// The relation type that it was in the schema.
    pub origin: Option<RelationTypeId>,
    /// As files name it.
    pub id: String,
    /// As the window names it.
    pub name: String,
    /// The labels it may start at; empty for any.
    pub from: Vec<DraftId>,
    /// The labels it may point to; empty for any.
    pub to: Vec<DraftId>,
    /// Whether annotations without one are to be checked.
    pub required: bool,
    /// How to decide.
    pub guideline: String,
    /// What is to become of it; it cannot be merged.
    pub fate: Fate,
}

/// A working copy of a schema.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SchemaDraft {
    /// The labels in order.
    pub labels: Vec<LabelDraft>,
    /// The relation types in order.
    pub relations: Vec<RelationDraft>,
    next: u32,
}

impl SchemaDraft {
    /// A copy of a schema in which nothing has changed yet.
    pub fn of(schema: &Schema) -> Self {
        let mut draft = Self::default();
        for label in schema.labels() {
            let label = draft.label(label);
            draft.labels.push(label);
        }
        for relation in schema.relations() {
            let relation = draft.relation(relation);
            draft.relations.push(relation);
        }
        draft
    }

    /// A label of the copy.
    pub fn label_of(&self, uid: DraftId) -> Option<&LabelDraft> {
        self.labels.iter().find(|label| label.uid == uid)
    }

    /// Adds a label without a name yet.
    pub fn add_label(&mut self, color: String) -> DraftId {
        let uid = self.fresh();
        self.labels.push(LabelDraft {
            uid,
            origin: None,
            id: String::new(),
            name: String::new(),
            key: String::new(),
            color,
            guideline: String::new(),
            attributes: Vec::new(),
            fate: Fate::Keep,
        });
        uid
    }

    /// Adds a relation type without a name yet, between any labels.
    pub fn add_relation(&mut self) -> DraftId {
        let uid = self.fresh();
        self.relations.push(RelationDraft {
            uid,
            origin: None,
            id: String::new(),
            name: String::new(),
            from: Vec::new(),
            to: Vec::new(),
            required: false,
            guideline: String::new(),
            fate: Fate::Keep,
        });
        uid
    }

    /// Adds an attribute without a name yet to a label.
    pub fn add_attribute(&mut self, label: DraftId) -> Option<DraftId> {
        let uid = self.fresh();
        let label = self.labels.iter_mut().find(|found| found.uid == label)?;
        label.attributes.push(AttributeDraft {
            uid,
            origin: None,
            id: String::new(),
            name: String::new(),
            kind: KindName::Choice,
            choices: Vec::new(),
            min: String::new(),
            max: String::new(),
            required: false,
            guideline: String::new(),
            fate: Fate::Keep,
        });
        Some(uid)
    }

    /// Adds a choice without a name yet to an attribute.
    pub fn add_choice(&mut self, attribute: DraftId) -> Option<DraftId> {
        let uid = self.fresh();
        let attributes = self.labels.iter_mut().flat_map(|label| &mut label.attributes);
        let attribute = attributes.into_iter().find(|found| found.uid == attribute)?;
        attribute.choices.push(ChoiceDraft { uid, origin: None, text: String::new() });
        Some(uid)
    }

    /// Deletes a label: one that the schema has is marked, a new one is dropped, and so
    /// is every mention of it.
    pub fn delete_label(&mut self, uid: DraftId) {
        for label in self.labels.iter_mut().filter(|label| label.uid == uid) {
            label.fate = Fate::Delete;
        }
        self.labels.retain(|label| label.uid != uid || label.origin.is_some());
        if self.label_of(uid).is_none() {
            for relation in &mut self.relations {
                relation.from.retain(|end| *end != uid);
                relation.to.retain(|end| *end != uid);
            }
        }
    }

    /// Deletes a relation type: one that the schema has is marked, a new one is dropped.
    pub fn delete_relation(&mut self, uid: DraftId) {
        for relation in self.relations.iter_mut().filter(|relation| relation.uid == uid) {
            relation.fate = Fate::Delete;
        }
        self.relations.retain(|relation| relation.uid != uid || relation.origin.is_some());
    }

    /// Whether a relation type goes because it could only start at, or only point to,
    /// labels that are deleted: without them its list would be empty and admit all.
    pub fn goes_with_labels(&self, relation: &RelationDraft) -> bool {
        [&relation.from, &relation.to]
            .into_iter()
            .any(|ends| !ends.is_empty() && self.kept_ends(ends).is_empty())
    }

    /// The labels that are left of a relation type's ends, merged ones replaced.
    pub fn kept_ends(&self, ends: &[DraftId]) -> Vec<DraftId> {
        let mut left = Vec::new();
        for end in ends {
            let kept = match self.label_of(*end).map(|label| label.fate) {
                Some(Fate::Keep) => *end,
                Some(Fate::Merge(into)) => into,
                Some(Fate::Delete) | None => continue,
            };
            if !left.contains(&kept) {
                left.push(kept);
            }
        }
        left
    }

    fn fresh(&mut self) -> DraftId {
        self.next += 1;
        DraftId(self.next)
    }

    fn label(&mut self, label: &Label) -> LabelDraft {
        let uid = self.fresh();
        let attributes = label.attributes.iter().map(|found| self.attribute(found)).collect();
        LabelDraft {
            uid,
            origin: Some(label.id.clone()),
            id: label.id.to_string(),
            name: label.name.clone(),
            key: label.key.map(|key| key.to_uppercase().to_string()).unwrap_or_default(),
            color: label.color.to_string(),
            guideline: label.guideline.clone(),
            attributes,
            fate: Fate::Keep,
        }
    }

    fn attribute(&mut self, attribute: &Attribute) -> AttributeDraft {
        let uid = self.fresh();
        let (min, max) = match &attribute.kind {
            AttributeKind::Integer { min, max } => (text_of(min), text_of(max)),
            AttributeKind::Decimal { min, max } => (text_of(min), text_of(max)),
            _ => Default::default(),
        };
        AttributeDraft {
            uid,
            origin: Some(attribute.id.clone()),
            id: attribute.id.to_string(),
            name: attribute.name.clone(),
            kind: KindName::of(&attribute.kind),
            choices: choices(&attribute.kind).iter().map(|choice| self.choice(choice)).collect(),
            min,
            max,
            required: attribute.required,
            guideline: attribute.guideline.clone(),
            fate: Fate::Keep,
        }
    }

    fn choice(&mut self, choice: &str) -> ChoiceDraft {
        let uid = self.fresh();
        ChoiceDraft { uid, origin: Some(choice.to_owned()), text: choice.to_owned() }
    }

    fn relation(&mut self, relation: &RelationType) -> RelationDraft {
        let uid = self.fresh();
        let labels = &self.labels;
        let ends = |ids: &[LabelId]| -> Vec<DraftId> {
            let named = |label: &&LabelDraft| {
                label.origin.as_ref().is_some_and(|origin| ids.contains(origin))
            };
            labels.iter().filter(named).map(|label| label.uid).collect()
        };
        RelationDraft {
            uid,
            origin: Some(relation.id.clone()),
            id: relation.id.to_string(),
            name: relation.name.clone(),
            from: ends(&relation.from),
            to: ends(&relation.to),
            required: relation.required,
            guideline: relation.guideline.clone(),
            fate: Fate::Keep,
        }
    }
}

/// An id made of a name: lower case, words joined by underscores.
pub fn id_from_name(name: &str) -> String {
    let mut id = String::new();
    for character in name.trim().chars().flat_map(char::to_lowercase) {
        if character.is_alphanumeric() || matches!(character, '.' | '-') {
            id.push(character);
        } else if !id.is_empty() && !id.ends_with('_') {
            id.push('_');
        }
    }
    id.trim_end_matches('_').to_owned()
}

fn text_of(number: &Option<impl ToString>) -> String {
    number.as_ref().map(ToString::to_string).unwrap_or_default()
}

fn choices(kind: &AttributeKind) -> &[String] {
    match kind {
        AttributeKind::Choice(choices) | AttributeKind::Choices(choices) => choices,
        _ => &[],
    }
}

/// A number that is typed; empty for none.
fn number<T: std::str::FromStr>(text: &str) -> Option<Option<T>> {
    let text = text.trim().replace('−', "-");
    if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
}

fn color(text: &str) -> Option<Color> {
    let text = text.trim();
    Color::from_hex(text).or_else(|| Color::from_hex(&format!("#{text}")))
}
