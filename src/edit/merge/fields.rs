//! One annotation that two sides changed, brought together part by part.
//!
//! Which annotations are the same one is not asked here.

use crate::model::{Annotation, AttributeId, Span};
use std::collections::BTreeSet;

/// A part of an annotation that has a value of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// The label.
    Label,
    /// Where it stands, and whether somebody has to look at that.
    Span,
    /// One attribute.
    Attribute(AttributeId),
    /// The remark.
    Note,
}

/// The annotation with what either side changed, and the parts that both did.
pub(super) fn merge_fields(
    before: Option<&Annotation>,
    ours: &Annotation,
    theirs: &Annotation,
) -> (Annotation, Vec<Field>) {
    let mut merged = ours.clone();
    let mut fields = Vec::new();
    let base = before.map(|before| (&before.label, place_of(before), before.note.as_str()));
    if is_theirs(base.map(|base| base.0), &ours.label, &theirs.label, Field::Label, &mut fields) {
        merged.label.clone_from(&theirs.label);
    }
    let (place, other) = (place_of(ours), place_of(theirs));
    if is_theirs(base.map(|base| base.1).as_ref(), &place, &other, Field::Span, &mut fields) {
        put_where(&mut merged, theirs);
    }
    let (note, other) = (ours.note.as_str(), theirs.note.as_str());
    if is_theirs(base.map(|base| base.2).as_ref(), &note, &other, Field::Note, &mut fields) {
        merged.note.clone_from(&theirs.note);
    }
    let keys = ours.attributes.iter().chain(theirs.attributes.iter());
    let keys: BTreeSet<_> = keys.map(|(id, _)| id.clone()).collect();
    for id in keys {
        let base = before.map(|before| before.attributes.get(&id));
        let (own, other) = (ours.attributes.get(&id), theirs.attributes.get(&id));
        if is_theirs(base.as_ref(), &own, &other, Field::Attribute(id.clone()), &mut fields) {
            match other {
                Some(value) => merged.attributes.insert(id, value.clone()),
                None => merged.attributes.remove(&id),
            };
        }
    }
    if before.is_some_and(|before| before.origin == ours.origin) {
        merged.origin.clone_from(&theirs.origin);
    }
    if before.is_some_and(|before| before.created == ours.created) {
        merged.created = theirs.created;
    }
    merged.modified = match before.map(|before| before.modified) {
        Some(before) if before == theirs.modified => ours.modified,
        Some(before) if before == ours.modified => theirs.modified,
        _ => ours.modified.max(theirs.modified),
    };
    (merged, fields)
}

/// Where an annotation stands, and the mark that somebody has to look at that: the mark is
/// about the span, and one without the other would lose it or bring back a settled one.
fn place_of(annotation: &Annotation) -> (&Span, Option<&str>) {
    (&annotation.span, annotation.was.as_deref())
}

/// Puts an annotation where another stands, as sure as that one is of it.
fn put_where(annotation: &mut Annotation, other: &Annotation) {
    annotation.span.clone_from(&other.span);
    annotation.was.clone_from(&other.was);
}

/// Whether a part becomes as they have it. A part that both changed, and differently,
/// stays ours and is noted.
fn is_theirs<T: PartialEq>(
    base: Option<&T>,
    ours: &T,
    theirs: &T,
    field: Field,
    both: &mut Vec<Field>,
) -> bool {
    if ours == theirs || base == Some(theirs) {
        return false;
    }
    let only_they = base == Some(ours);
    if !only_they {
        both.push(field);
    }
    only_they
}

/// An annotation with some parts of another.
pub(super) fn with_fields(now: &Annotation, theirs: &Annotation, fields: &[Field]) -> Annotation {
    let mut changed = now.clone();
    for field in fields {
        match field {
            Field::Label => changed.label.clone_from(&theirs.label),
            Field::Span => put_where(&mut changed, theirs),
            Field::Note => changed.note.clone_from(&theirs.note),
            Field::Attribute(id) => match theirs.attributes.get(id) {
                Some(value) => {
                    changed.attributes.insert(id.clone(), value.clone());
                }
                None => {
                    changed.attributes.remove(id);
                }
            },
        }
    }
    changed.modified = theirs.modified.max(changed.modified);
    changed
}
