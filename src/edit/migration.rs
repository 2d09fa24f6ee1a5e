//! Changes of the schema that reach into annotations: rename, merge, delete.
//!
//! A migration is a value. It says what the schema becomes and which edits each
//! annotation set needs, so that a preview and the real thing cannot differ.

use super::compose::delete_annotations;
use super::transaction::{Edit, Transaction};
use super::values;
use crate::model::{
    Annotation, AnnotationSet, Attribute, AttributeId, AttributeKind, Label, LabelId, RelationType,
    RelationTypeId, Schema, SchemaError, now,
};

/// How many migrations one change may have: more than anybody makes in the window, and few
/// enough for a file that somebody else made to be gone through set by set.
pub const MOST_MIGRATIONS: usize = 500;

/// One change of the schema.
#[derive(Clone, Debug, PartialEq)]
pub enum Migration {
    /// Replaces labels, keys, colours, attributes, relation types and texts where no id
    /// goes away and annotations need no change.
    Redefine(Schema),
    /// Gives a label another id.
    RenameLabel {
        /// The id until now.
        from: LabelId,
        /// The id from now on; no other label has it.
        to: LabelId,
    },
    /// Makes every annotation of one label one of another, and deletes the first.
    MergeLabel {
        /// The label that goes.
        from: LabelId,
        /// The label that stays.
        into: LabelId,
    },
    /// Deletes a label with its annotations and their relations.
    DeleteLabel(LabelId),
    /// Gives an attribute another id.
    RenameAttribute {
        /// The label it belongs to.
        label: LabelId,
        /// The id until now.
        from: AttributeId,
        /// The id from now on.
        to: AttributeId,
    },
    /// Deletes an attribute with its values.
    DeleteAttribute {
        /// The label it belongs to.
        label: LabelId,
        /// The attribute.
        attribute: AttributeId,
    },
    /// Gives one of an attribute's choices another name; the values follow.
    RenameChoice {
        /// The label that the attribute belongs to.
        label: LabelId,
        /// The attribute.
        attribute: AttributeId,
        /// The choice until now.
        from: String,
        /// The choice from now on.
        to: String,
    },
    /// Takes away one of an attribute's choices, and the values that chose it.
    DeleteChoice {
        /// The label that the attribute belongs to.
        label: LabelId,
        /// The attribute.
        attribute: AttributeId,
        /// The choice.
        choice: String,
    },
    /// Makes an attribute one of another kind; the values that can be said there are.
    ChangeKind {
        /// The label that the attribute belongs to.
        label: LabelId,
        /// The attribute.
        attribute: AttributeId,
        /// The kind from now on.
        kind: AttributeKind,
    },
    /// Gives a relation type another id.
    RenameRelation {
        /// The id until now.
        from: RelationTypeId,
        /// The id from now on.
        to: RelationTypeId,
    },
    /// Deletes a relation type with its relations.
    DeleteRelation(RelationTypeId),
}

/// Why a migration does not fit a schema.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MigrationError {
    /// It names something that the schema lacks.
    #[error("the schema has no {0:?}")]
    Unknown(String),
    /// The result would not be a schema.
    #[error(transparent)]
    Schema(#[from] SchemaError),
}

impl Migration {
    /// The schema after the migration.
    ///
    /// # Errors
    /// When it names what is not there or the result would not be a schema.
    pub fn schema(&self, schema: &Schema) -> Result<Schema, MigrationError> {
        let mut labels = schema.labels().to_vec();
        let mut relations = schema.relations().to_vec();
        match self {
            Self::Redefine(schema) => return Ok(schema.clone()),
            Self::RenameLabel { from, to } => {
                label_mut(&mut labels, from)?.id = to.clone();
                rename_ends(&mut relations, from, Some(to));
            }
            Self::MergeLabel { from, into } => {
                label_mut(&mut labels, from)?;
                label_mut(&mut labels, into)?;
                labels.retain(|label| label.id != *from);
                rename_ends(&mut relations, from, Some(into));
            }
            Self::DeleteLabel(id) => {
                label_mut(&mut labels, id)?;
                labels.retain(|label| label.id != *id);
                rename_ends(&mut relations, id, None);
            }
            Self::RenameAttribute { label, from, to } => {
                attribute_mut(&mut labels, label, from)?.id = to.clone();
            }
            Self::DeleteAttribute { label, attribute } => {
                let label = label_mut(&mut labels, label)?;
                label.attributes.retain(|found| found.id != *attribute);
            }
            Self::RenameChoice { label, attribute, from, to } => {
                let choices = choices_mut(&mut labels, label, attribute)?;
                let found = choices.iter_mut().find(|choice| *choice == from);
                to.clone_into(found.ok_or_else(|| MigrationError::Unknown(from.clone()))?);
            }
            Self::DeleteChoice { label, attribute, choice } => {
                choices_mut(&mut labels, label, attribute)?.retain(|found| found != choice);
            }
            Self::ChangeKind { label, attribute, kind } => {
                attribute_mut(&mut labels, label, attribute)?.kind = kind.clone();
            }
            Self::RenameRelation { from, to } => {
                let found = relations.iter_mut().find(|relation| relation.id == *from);
                found.ok_or_else(|| MigrationError::Unknown(from.to_string()))?.id = to.clone();
            }
            Self::DeleteRelation(id) => relations.retain(|relation| relation.id != *id),
        }
        Ok(Schema::new(labels, relations)?)
    }

    /// What the migration does to one annotation set; empty where it touches nothing.
    /// `after` is the schema that [`Self::schema`] returned.
    pub fn edits(&self, set: &AnnotationSet, after: &Schema) -> Transaction {
        match self {
            Self::Redefine(_) => Transaction::default(),
            Self::RenameLabel { from, to } => {
                replace(set, from, |annotation| annotation.label = to.clone())
            }
            Self::MergeLabel { from, into } => replace(set, from, |annotation| {
                annotation.label = into.clone();
                let label = after.label(into);
                annotation.attributes.retain(|attribute, value| {
                    let found = label.and_then(|label| label.attribute(attribute));
                    found.is_some_and(|found| found.kind.admits(value))
                });
            }),
            Self::DeleteLabel(id) => {
                let gone: Vec<_> = labelled(set, id).map(|annotation| annotation.id).collect();
                delete_annotations(set, &gone)
            }
            Self::RenameAttribute { label, from, to } => replace(set, label, |annotation| {
                if let Some(value) = annotation.attributes.remove(from) {
                    annotation.attributes.insert(to.clone(), value);
                }
            }),
            Self::DeleteAttribute { label, attribute } => replace(set, label, |annotation| {
                annotation.attributes.remove(attribute);
            }),
            Self::RenameChoice { label, attribute, from, to } => {
                replace(set, label, |annotation| {
                    values::rename_choice(&mut annotation.attributes, attribute, from, to);
                })
            }
            Self::DeleteChoice { label, attribute, choice } => replace(set, label, |annotation| {
                values::delete_choice(&mut annotation.attributes, attribute, choice);
            }),
            Self::ChangeKind { label, attribute, kind } => replace(set, label, |annotation| {
                values::change_kind(&mut annotation.attributes, attribute, kind);
            }),
            Self::RenameRelation { from, to } => rename_relations(set, from, to),
            Self::DeleteRelation(id) => {
                let gone = set.relations().filter(|relation| relation.kind == *id);
                gone.map(|relation| Edit::Unrelate(relation.id)).collect::<Vec<_>>().into()
            }
        }
    }
}

fn label_mut<'a>(labels: &'a mut [Label], id: &LabelId) -> Result<&'a mut Label, MigrationError> {
    let found = labels.iter_mut().find(|label| label.id == *id);
    found.ok_or_else(|| MigrationError::Unknown(id.to_string()))
}

fn attribute_mut<'a>(
    labels: &'a mut [Label],
    label: &LabelId,
    id: &AttributeId,
) -> Result<&'a mut Attribute, MigrationError> {
    let label = label_mut(labels, label)?;
    let found = label.attributes.iter_mut().find(|attribute| attribute.id == *id);
    found.ok_or_else(|| MigrationError::Unknown(id.to_string()))
}

fn choices_mut<'a>(
    labels: &'a mut [Label],
    label: &LabelId,
    id: &AttributeId,
) -> Result<&'a mut Vec<String>, MigrationError> {
    match &mut attribute_mut(labels, label, id)?.kind {
        AttributeKind::Choice(choices) | AttributeKind::Choices(choices) => Ok(choices),
        _ => Err(MigrationError::Unknown(format!("choices of {id}"))),
    }
}

/// Relation types that named a label name the new one, or none. A type whose only
/// end went away would admit every label by an empty list, so it goes with it.
fn rename_ends(relations: &mut Vec<RelationType>, from: &LabelId, to: Option<&LabelId>) {
    relations.retain_mut(|relation| {
        [&mut relation.from, &mut relation.to].into_iter().all(|ends| {
            let restricted = !ends.is_empty();
            let renamed: Vec<_> = ends
                .drain(..)
                .filter_map(|end| if end == *from { to.cloned() } else { Some(end) })
                .collect();
            for end in renamed {
                if !ends.contains(&end) {
                    ends.push(end);
                }
            }
            !restricted || !ends.is_empty()
        })
    });
}

fn labelled<'a>(
    set: &'a AnnotationSet,
    label: &'a LabelId,
) -> impl Iterator<Item = &'a Annotation> {
    set.annotations().filter(move |annotation| annotation.label == *label)
}

fn replace(set: &AnnotationSet, label: &LabelId, change: impl Fn(&mut Annotation)) -> Transaction {
    let mut edits = Vec::new();
    for old in labelled(set, label) {
        let mut changed = old.clone();
        change(&mut changed);
        if changed != *old {
            changed.modified = Some(now());
            edits.push(Edit::replace(changed));
        }
    }
    edits.into()
}

fn rename_relations(
    set: &AnnotationSet,
    from: &RelationTypeId,
    to: &RelationTypeId,
) -> Transaction {
    let touched: Vec<_> = set.relations().filter(|relation| relation.kind == *from).collect();
    let taken_out = touched.iter().map(|relation| Edit::Unrelate(relation.id));
    let put_in = touched.iter().map(|relation| {
        let mut renamed = (*relation).clone();
        renamed.kind = to.clone();
        Edit::relate(renamed)
    });
    taken_out.chain(put_in).collect::<Vec<_>>().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        AnnotatorName, Article, ArticleId, ArticleMeta, AttributeValue, Color, parse_notation,
    };
    use std::sync::Arc;

    fn id(text: &str) -> LabelId {
        LabelId::new(text).unwrap()
    }

    fn schema() -> Schema {
        let label = |name: &str| Label {
            id: id(name),
            name: name.to_owned(),
            key: None,
            color: Color { red: 0, green: 0, blue: 0 },
            guideline: String::new(),
            attributes: vec![],
        };
        let source = RelationType {
            id: RelationTypeId::new("source").unwrap(),
            name: String::new(),
            from: vec![id("claim")],
            to: vec![id("actor")],
            required: false,
            guideline: String::new(),
        };
        Schema::new(vec![label("actor"), label("claim")], vec![source]).unwrap()
    }

    fn set(source: &str) -> AnnotationSet {
        let notation = parse_notation(source).unwrap();
        let article =
            Article::new(ArticleId::new("a").unwrap(), ArticleMeta::default(), notation.text);
        let mut set = AnnotationSet::new(Arc::new(article), AnnotatorName::new("x").unwrap());
        let edits: Vec<_> = notation.annotations.into_iter().map(Edit::add).collect();
        Transaction::from(edits).apply(&mut set).unwrap();
        set
    }

    #[test]
    fn merging_and_undoing_a_merge() {
        let mut set = set("[claim [actor Officials] said so]");
        let before = set.clone();
        let merge = Migration::MergeLabel { from: id("claim"), into: id("actor") };
        let after = merge.schema(&schema()).unwrap();
        assert_eq!(after.labels().len(), 1);
        let undo = merge.edits(&set, &after).apply(&mut set).unwrap();
        assert!(set.annotations().all(|annotation| annotation.label == id("actor")));
        undo.apply(&mut set).unwrap();
        assert_eq!(set, before);
    }

    #[test]
    fn deleting_a_label_takes_the_relation_types_that_need_it() {
        let after = Migration::DeleteLabel(id("actor")).schema(&schema()).unwrap();
        assert!(after.relations().is_empty());
        let set = set("[claim [actor Officials] said so]");
        let edits = Migration::DeleteLabel(id("actor")).edits(&set, &after);
        assert_eq!(edits.edits.len(), 1);
    }

    #[test]
    fn a_renamed_choice_takes_its_values_along() {
        let role = AttributeId::new("role").unwrap();
        let mut labels = schema().labels().to_vec();
        labels[0].attributes.push(Attribute {
            id: role.clone(),
            name: "Role".to_owned(),
            kind: AttributeKind::Choice(vec!["source".to_owned(), "target".to_owned()]),
            required: false,
            guideline: String::new(),
        });
        let schema = Schema::new(labels, vec![]).unwrap();
        let mut set = set("[actor Officials] said so");
        let mut official = set.annotations().next().unwrap().clone();
        official.attributes.insert(role.clone(), AttributeValue::Text("source".to_owned()));
        Transaction::from(vec![Edit::replace(official)]).apply(&mut set).unwrap();
        let before = set.clone();
        let (label, attribute) = (id("actor"), role.clone());
        let (from, to) = ("source".to_owned(), "speaker".to_owned());
        let rename = Migration::RenameChoice { label, attribute, from, to };
        let after = rename.schema(&schema).unwrap();
        let undo = rename.edits(&set, &after).apply(&mut set).unwrap();
        let speaker = AttributeValue::Text("speaker".to_owned());
        assert_eq!(set.annotations().next().unwrap().attributes.get(&role), Some(&speaker));
        assert!(after.labels()[0].attributes[0].kind.admits(&speaker));
        assert!(rename.schema(&after).is_err());
        undo.apply(&mut set).unwrap();
        assert_eq!(set, before);
    }

    #[test]
    fn a_rename_to_a_taken_name_is_refused() {
        let rename = Migration::RenameLabel { from: id("claim"), to: id("actor") };
        assert!(matches!(rename.schema(&schema()), Err(MigrationError::Schema(_))));
    }
}
