//! The transactions behind what people do: label, move, relabel, relate, delete.
//!
//! Each function reads a set and returns edits that fit it; none of them changes it.

use super::transaction::{Edit, EditError, Transaction};
use crate::model::{
    Annotation, AnnotationId, AnnotationSet, AttributeId, AttributeValue, LabelId, Relation,
    RelationId, Schema, Span, State, now,
};
use std::collections::BTreeSet;

/// Adds an annotation; an unseen article is in progress from its first one on.
pub fn add_annotation(set: &AnnotationSet, annotation: Annotation) -> Transaction {
    let mut edits = begin(set);
    edits.push(Edit::add(annotation));
    edits.into()
}

/// Deletes annotations together with every relation that starts or ends at one of them.
pub fn delete_annotations(set: &AnnotationSet, ids: &[AnnotationId]) -> Transaction {
    // Each once, although it may start at one of them and end at another.
    let relations: BTreeSet<_> =
        ids.iter().flat_map(|id| set.relations_of(*id)).map(|relation| relation.id).collect();
    let mut edits: Vec<_> = relations.into_iter().map(Edit::Unrelate).collect();
    edits.extend(ids.iter().map(|id| Edit::Remove(*id)));
    edits.into()
}

/// Moves an annotation to another span; id, attributes and relations stay.
pub fn set_span(
    set: &AnnotationSet,
    id: AnnotationId,
    span: Span,
) -> Result<Transaction, EditError> {
    replace(set, id, |annotation| {
        annotation.span = span;
        // Whoever says where it is has looked.
        annotation.was = None;
    })
}

/// Gives an annotation another label. Attributes that the new label has too, and whose
/// values fit there, are kept; relations that the schema does not admit any more go.
pub fn set_label(
    set: &AnnotationSet,
    schema: &Schema,
    id: AnnotationId,
    label: &LabelId,
) -> Result<Transaction, EditError> {
    let mut edits: Vec<_> = set
        .relations_of(id)
        .filter(|relation| !still_admitted(set, schema, relation, id, label))
        .map(|relation| Edit::Unrelate(relation.id))
        .collect();
    let replaced = replace(set, id, |annotation| {
        annotation.label = label.clone();
        annotation.attributes.retain(|attribute, value| {
            let found = schema.label(label).and_then(|label| label.attribute(attribute));
            found.is_some_and(|found| found.kind.admits(value))
        });
    })?;
    edits.extend(replaced.edits);
    Ok(edits.into())
}

/// Sets or, with `None`, clears one attribute.
pub fn set_attribute(
    set: &AnnotationSet,
    id: AnnotationId,
    attribute: &AttributeId,
    value: Option<AttributeValue>,
) -> Result<Transaction, EditError> {
    replace(set, id, |annotation| match value {
        Some(value) => {
            annotation.attributes.insert(attribute.clone(), value);
        }
        None => {
            annotation.attributes.remove(attribute);
        }
    })
}

/// Replaces the note; an empty one takes it away.
pub fn set_note(
    set: &AnnotationSet,
    id: AnnotationId,
    note: &str,
) -> Result<Transaction, EditError> {
    replace(set, id, |annotation| note.trim().clone_into(&mut annotation.note))
}

/// Adds a relation; one that says the same already makes the transaction empty.
pub fn add_relation(set: &AnnotationSet, relation: Relation) -> Transaction {
    let known = set.relations_of(relation.from).any(|other| {
        other.kind == relation.kind && other.from == relation.from && other.to == relation.to
    });
    if known { Transaction::default() } else { vec![Edit::relate(relation)].into() }
}

fn begin(set: &AnnotationSet) -> Vec<Edit> {
    if set.state() == State::Unseen { vec![Edit::State(State::InProgress)] } else { Vec::new() }
}

fn replace(
    set: &AnnotationSet,
    id: AnnotationId,
    change: impl FnOnce(&mut Annotation),
) -> Result<Transaction, EditError> {
    let old = set.annotation(id).ok_or(EditError::NoAnnotation(id))?;
    let mut changed = old.clone();
    change(&mut changed);
    if changed == *old {
        return Ok(Transaction::default());
    }
    changed.modified = Some(now());
    Ok(vec![Edit::replace(changed)].into())
}

fn still_admitted(
    set: &AnnotationSet,
    schema: &Schema,
    relation: &Relation,
    id: AnnotationId,
    label: &LabelId,
) -> bool {
    let label_at = |end: AnnotationId| {
        if end == id { Some(label) } else { set.annotation(end).map(|found| &found.label) }
    };
    let kind = schema.relation(&relation.kind);
    let ends = label_at(relation.from).zip(label_at(relation.to));
    // A type that the schema lacks is a fault to report, not a reason to lose the link.
    kind.zip(ends).is_none_or(|(kind, (from, to))| kind.admits(from, to))
}

impl Edit {
    /// The annotation that an edit touches, if it touches one.
    pub fn annotation(&self) -> Option<AnnotationId> {
        match self {
            Self::Add(annotation) | Self::Replace(annotation) => Some(annotation.id),
            Self::Remove(id) => Some(*id),
            Self::Relate(_)
            | Self::Unrelate(_)
            | Self::Remark(_)
            | Self::Unremark(_)
            | Self::State(_) => None,
        }
    }

    /// The relation that an edit touches, if it touches one.
    pub fn relation(&self) -> Option<RelationId> {
        match self {
            Self::Relate(relation) => Some(relation.id),
            Self::Unrelate(id) => Some(*id),
            _ => None,
        }
    }
}
