//! What an annotator should look at again: annotations that do not fit the schema,
//! or that leave out what it requires. Lint never changes anything.

use super::annotation::{Annotation, AttributeValue};
use super::annotation_set::AnnotationSet;
use super::id::AnnotationId;
use super::schema::{AttributeKind, Label, Schema};

/// One thing to check, about one annotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lint {
    /// Where to look.
    pub annotation: AnnotationId,
    /// What is the matter, in words that name the annotation's text.
    pub what: String,
    /// Whether the data is at fault, rather than incomplete.
    pub is_fault: bool,
}

/// The characters of a surface text that a lint quotes.
const QUOTED: usize = 32;

/// Everything to check in one annotation set, in text order; O(n log n).
pub fn lint(set: &AnnotationSet, schema: &Schema) -> Vec<Lint> {
    let mut found = Vec::new();
    let mut previous: Option<&Annotation> = None;
    for annotation in set.annotations() {
        let mut report = |what: String, is_fault| {
            let what = format!("“{}” {what}", quote(&set.surface(annotation)));
            found.push(Lint { annotation: annotation.id, what, is_fault });
        };
        let Some(label) = schema.label(&annotation.label) else {
            let id = &annotation.label;
            report(format!("has the label {id}, which the schema lacks"), true);
            continue;
        };
        for (id, value) in &annotation.attributes {
            let kind = label.attribute(id).map(|attribute| &attribute.kind);
            if !kind.is_some_and(|kind| kind.admits(value)) {
                report(format!("has {id} “{value}”, which the schema does not admit"), true);
            }
        }
        for attribute in label.attributes.iter().filter(|attribute| attribute.required) {
            if !annotation.attributes.contains_key(&attribute.id) {
                report(format!("has no {}", attribute.name.to_lowercase()), false);
            }
        }
        if !figures_ascend(annotation, label) {
            report("has figures that do not ascend".to_owned(), false);
        }
        if previous
            .is_some_and(|other| other.span == annotation.span && other.label == annotation.label)
        {
            report(format!("is marked twice as {}", label.name.to_lowercase()), false);
        }
        previous = Some(annotation);
    }
    lint_relations(set, schema, &mut found);
    found
}

/// Whole numbers next to each other in a label are one figure (low, best, high), from
/// the least to the greatest.
fn figures_ascend(annotation: &Annotation, label: &Label) -> bool {
    let mut last: Option<i64> = None;
    label.attributes.iter().all(|attribute| {
        if !matches!(attribute.kind, AttributeKind::Integer { .. }) {
            last = None;
            return true;
        }
        let Some(AttributeValue::Integer(number)) = annotation.attributes.get(&attribute.id) else {
            return true;
        };
        last.replace(*number).is_none_or(|before| before <= *number)
    })
}

fn lint_relations(set: &AnnotationSet, schema: &Schema, found: &mut Vec<Lint>) {
    let mut related = std::collections::HashSet::new();
    for relation in set.relations() {
        related.insert((relation.from, &relation.kind));
        let ends = set.annotation(relation.from).zip(set.annotation(relation.to));
        let Some((from, to)) = ends else { continue };
        let kind = schema.relation(&relation.kind);
        if !kind.is_some_and(|kind| kind.admits(&from.label, &to.label)) {
            let (quoted, kind) = (quote(&set.surface(from)), &relation.kind);
            let what = format!("“{quoted}” has a relation {kind} that the schema does not admit");
            found.push(Lint { annotation: from.id, what, is_fault: true });
        }
    }
    let required = || schema.relations().iter().filter(|relation| relation.required);
    if required().next().is_none() {
        return;
    }
    for annotation in set.annotations() {
        for kind in required().filter(|kind| kind.from.contains(&annotation.label)) {
            if !related.contains(&(annotation.id, &kind.id)) {
                let quoted = quote(&set.surface(annotation));
                let what = format!("“{quoted}” has no {}", kind.name.to_lowercase());
                found.push(Lint { annotation: annotation.id, what, is_fault: false });
            }
        }
    }
}

fn quote(surface: &str) -> String {
    let mut quoted: String = surface.chars().take(QUOTED).collect();
    if quoted.len() < surface.len() {
        quoted.push('…');
    }
    quoted
}
