//! From a working copy to the migrations that lead there.
//!
//! What reaches into annotations comes first, in an order in which every step is a
//! valid schema: relation types, labels that are merged, labels that go, labels that get
//! another name (through a spare name where two swap theirs), attributes, values. What touches no annotation is
//! one [`Migration::Redefine`] at the end, and nothing at all where nothing is left.

use super::faults::single;
use super::{
    AttributeDraft, DraftFault, DraftId, Fate, KindName, LabelDraft, RelationDraft, SchemaDraft,
    choices, color, number,
};
use crate::edit::{MOST_MIGRATIONS, Migration, MigrationError};
use crate::model::{
    Attribute, AttributeId, AttributeKind, Label, LabelId, RelationType, RelationTypeId, Schema,
};
use std::collections::HashSet;

/// Why a copy cannot be turned into migrations.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PlanError {
    /// Something is to be mended first.
    #[error("{}", .0.first().map_or("", |fault| fault.text.as_str()))]
    Faults(Vec<DraftFault>),
    /// More at once than a change of the schema may be.
    #[error(
        "these are {0} changes at once, and {MOST_MIGRATIONS} are the most; do some of them first"
    )]
    TooMany(usize),
    /// The copy does not fit the schema.
    #[error(transparent)]
    Migration(#[from] MigrationError),
}

impl SchemaDraft {
    /// The migrations from a schema, the one that the copy was made of, to the copy.
    ///
    /// # Errors
    /// When something is to be mended first, or these are more than [`MOST_MIGRATIONS`].
    pub fn plan(&self, schema: &Schema) -> Result<Vec<Migration>, PlanError> {
        let faults = self.faults();
        if !faults.is_empty() {
            return Err(PlanError::Faults(faults));
        }
        let mut migrations = Vec::new();
        self.plan_relations(&mut migrations);
        self.plan_labels(&mut migrations);
        for label in self.kept_labels() {
            let origin = label.origin.as_ref().and_then(|origin| schema.label(origin));
            if let Some((origin, id)) = origin.zip(LabelId::new(&label.id).ok()) {
                plan_attributes(label, &id, origin, &mut migrations);
            }
        }
        // One more may put the texts right at the end.
        if migrations.len() >= MOST_MIGRATIONS {
            return Err(PlanError::TooMany(migrations.len()));
        }
        let mut reached = schema.clone();
        for migration in &migrations {
            reached = migration.schema(&reached)?;
        }
        let wanted = self.schema().map_err(MigrationError::from)?;
        if reached != wanted {
            migrations.push(Migration::Redefine(wanted));
        }
        Ok(migrations)
    }

    fn kept_labels(&self) -> impl Iterator<Item = &LabelDraft> {
        self.labels.iter().filter(|label| label.fate == Fate::Keep)
    }

    fn kept_relations(&self) -> impl Iterator<Item = &RelationDraft> {
        let stays = |relation: &&RelationDraft| {
            relation.fate == Fate::Keep && !self.goes_with_labels(relation)
        };
        self.relations.iter().filter(stays)
    }

    /// Relation types come before labels, because one whose labels all go vanishes from
    /// the schema with the last of them.
    fn plan_relations(&self, migrations: &mut Vec<Migration>) {
        for relation in &self.relations {
            let goes = relation.fate != Fate::Keep || self.goes_with_labels(relation);
            let gone = relation.origin.clone().filter(|_| goes);
            migrations.extend(gone.map(Migration::DeleteRelation));
        }
        let names = self.kept_relations().filter_map(|relation| {
            Some((relation.origin.as_ref()?.to_string(), relation.id.clone()))
        });
        for (from, to) in in_order(names.collect()) {
            if let (Ok(from), Ok(to)) = (RelationTypeId::new(from), RelationTypeId::new(to)) {
                migrations.push(Migration::RenameRelation { from, to });
            }
        }
    }

    /// Merges before deletions, so that nothing is deleted that was to be merged.
    fn plan_labels(&self, migrations: &mut Vec<Migration>) {
        for label in &self.labels {
            let Fate::Merge(into) = label.fate else { continue };
            let into = self.label_of(into).and_then(|into| into.origin.clone());
            if let Some((from, into)) = label.origin.clone().zip(into) {
                migrations.push(Migration::MergeLabel { from, into });
            }
        }
        for label in self.labels.iter().filter(|label| label.fate == Fate::Delete) {
            migrations.extend(label.origin.clone().map(Migration::DeleteLabel));
        }
        let names = self
            .kept_labels()
            .filter_map(|label| Some((label.origin.as_ref()?.to_string(), label.id.clone())));
        for (from, to) in in_order(names.collect()) {
            if let (Ok(from), Ok(to)) = (LabelId::new(from), LabelId::new(to)) {
                migrations.push(Migration::RenameLabel { from, to });
            }
        }
    }

    /// The schema that the copy stands for. Call it when there are no faults.
    fn schema(&self) -> Result<Schema, crate::model::SchemaError> {
        let labels: Vec<Label> = self.kept_labels().filter_map(label).collect();
        let relations = self.kept_relations().filter_map(|found| self.relation_type(found));
        Schema::new(labels, relations.collect())
    }

    fn relation_type(&self, relation: &RelationDraft) -> Option<RelationType> {
        let ends = |ends: &[DraftId]| -> Vec<LabelId> {
            let kept = self.kept_ends(ends);
            let ids = kept.into_iter().filter_map(|uid| LabelId::new(&self.label_of(uid)?.id).ok());
            ids.collect()
        };
        Some(RelationType {
            id: RelationTypeId::new(&relation.id).ok()?,
            name: relation.name.trim().to_owned(),
            from: ends(&relation.from),
            to: ends(&relation.to),
            required: relation.required,
            guideline: relation.guideline.trim().to_owned(),
        })
    }
}

fn plan_attributes(
    label: &LabelDraft,
    id: &LabelId,
    origin: &Label,
    migrations: &mut Vec<Migration>,
) {
    for attribute in label.attributes.iter().filter(|found| found.fate != Fate::Keep) {
        if let Some(attribute) = attribute.origin.clone() {
            migrations.push(Migration::DeleteAttribute { label: id.clone(), attribute });
        }
    }
    let kept = || label.attributes.iter().filter(|found| found.fate == Fate::Keep);
    let names =
        kept().filter_map(|found| Some((found.origin.as_ref()?.to_string(), found.id.clone())));
    for (from, to) in in_order(names.collect()) {
        if let (Ok(from), Ok(to)) = (AttributeId::new(from), AttributeId::new(to)) {
            migrations.push(Migration::RenameAttribute { label: id.clone(), from, to });
        }
    }
    for attribute in kept() {
        let origin = attribute.origin.as_ref().and_then(|found| origin.attribute(found));
        let now = AttributeId::new(&attribute.id).ok();
        if let Some((origin, now)) = origin.zip(now) {
            plan_values(attribute, id, &now, origin, migrations);
        }
    }
}

fn plan_values(
    attribute: &AttributeDraft,
    label: &LabelId,
    id: &AttributeId,
    origin: &Attribute,
    migrations: &mut Vec<Migration>,
) {
    if attribute.kind.has_choices() {
        let origins = || attribute.choices.iter().filter_map(|choice| choice.origin.as_ref());
        for choice in choices(&origin.kind) {
            if !origins().any(|kept| kept == choice) {
                let (label, attribute) = (label.clone(), id.clone());
                let choice = choice.clone();
                migrations.push(Migration::DeleteChoice { label, attribute, choice });
            }
        }
        let names = attribute
            .choices
            .iter()
            .filter_map(|choice| Some((choice.origin.clone()?, choice.text.trim().to_owned())));
        let had = choices(&origin.kind);
        let names = names.filter(|(from, _)| had.contains(from)).collect();
        for (from, to) in in_order(names) {
            let (label, attribute) = (label.clone(), id.clone());
            migrations.push(Migration::RenameChoice { label, attribute, from, to });
        }
    }
    if KindName::of(&origin.kind) != attribute.kind {
        let (label, attribute, kind) = (label.clone(), id.clone(), kind(attribute));
        migrations.push(Migration::ChangeKind { label, attribute, kind });
    }
}

/// The renames that are needed, in an order in which no name is ever taken twice.
/// `names` are all that stay, also those that keep their name, and are different at
/// the start and at the end. Where names go round in a circle, one waits aside.
fn in_order(names: Vec<(String, String)>) -> Vec<(String, String)> {
    let mut taken: HashSet<String> = names.iter().map(|(from, _)| from.clone()).collect();
    let mut wanted: Vec<_> = names.into_iter().filter(|(from, to)| from != to).collect();
    let mut steps = Vec::new();
    while !wanted.is_empty() {
        let free = wanted.iter().position(|(_, to)| !taken.contains(to));
        let (from, to) = match free {
            Some(at) => wanted.remove(at),
            None => {
                let (from, to) = wanted.remove(0);
                let ends = |name: &String| wanted.iter().any(|(_, to)| to == name);
                let spare = (1..).map(|number| format!("{from}_{number}"));
                let spare = spare
                    .into_iter()
                    .find(|name| !taken.contains(name) && !ends(name) && *name != to);
                let spare = spare.unwrap_or_else(|| from.clone());
                wanted.push((spare.clone(), to));
                (from, spare)
            }
        };
        taken.remove(&from);
        taken.insert(to.clone());
        steps.push((from, to));
    }
    steps
}

fn label(label: &LabelDraft) -> Option<Label> {
    let kept = label.attributes.iter().filter(|attribute| attribute.fate == Fate::Keep);
    Some(Label {
        id: LabelId::new(&label.id).ok()?,
        name: label.name.trim().to_owned(),
        key: single(&label.key).ok().flatten(),
        color: color(&label.color)?,
        guideline: label.guideline.trim().to_owned(),
        attributes: kept.filter_map(attribute).collect(),
    })
}

fn attribute(attribute: &AttributeDraft) -> Option<Attribute> {
    Some(Attribute {
        id: AttributeId::new(&attribute.id).ok()?,
        name: attribute.name.trim().to_owned(),
        kind: kind(attribute),
        required: attribute.required,
        guideline: attribute.guideline.trim().to_owned(),
    })
}

fn kind(attribute: &AttributeDraft) -> AttributeKind {
    let choices = || attribute.choices.iter().map(|choice| choice.text.trim().to_owned()).collect();
    let (min, max) = (&attribute.min, &attribute.max);
    match attribute.kind {
        KindName::Choice => AttributeKind::Choice(choices()),
        KindName::Choices => AttributeKind::Choices(choices()),
        KindName::Integer => {
            AttributeKind::Integer { min: number(min).flatten(), max: number(max).flatten() }
        }
        KindName::Decimal => {
            AttributeKind::Decimal { min: number(min).flatten(), max: number(max).flatten() }
        }
        KindName::Text => AttributeKind::Text,
        KindName::Flag => AttributeKind::Flag,
    }
}
