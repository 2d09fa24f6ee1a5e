//! What an annotator should look at again: annotations that do not fit the schema,
//! or that leave out what it requires. Lint never changes anything.

use super::annotation::{Annotation, AttributeValue};
use super::annotation_set::AnnotationSet;
use super::id::AnnotationId;
use super::schema::{AttributeKind, Label, Schema};
use std::fmt::Arguments;

/// One thing to check, about one annotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lint {
    /// Where to look.
    pub annotation: AnnotationId,
    /// What is the matter, in words that name the annotation's text.
    pub what: String,
    /// Whether the data is at fault, rather than incomplete.
    pub is_fault: bool,
    /// Whether it is about a place that somebody has to decide on, because the text that
    /// was there is gone.
    pub is_unsure: bool,
}

/// The characters of a surface text that a lint quotes.
const QUOTED: usize = 32;

/// Everything to check in one annotation set, in text order; O(n log n).
pub fn lint(set: &AnnotationSet, schema: &Schema) -> Vec<Lint> {
    set.annotations().flat_map(|annotation| lint_annotation(set, schema, annotation)).collect()
}

/// What to check in one annotation of a set, the relations that start at it included;
/// faults first. O(log n + k), where k counts its values, its relations and the
/// annotations with the same extent.
pub fn lint_annotation(set: &AnnotationSet, schema: &Schema, annotation: &Annotation) -> Vec<Lint> {
    let mut report = Report { set, annotation, found: Vec::new() };
    match schema.label(&annotation.label) {
        Some(label) => report.values(label),
        None => {
            let id = &annotation.label;
            report.add(format_args!("has the label {id}, which the schema lacks"), true);
        }
    }
    report.lost_text();
    report.relations(schema);
    report.found.sort_by_key(|lint| !lint.is_fault);
    report.found
}

/// What has been found about one annotation so far.
struct Report<'a> {
    set: &'a AnnotationSet,
    annotation: &'a Annotation,
    found: Vec<Lint>,
}

impl Report<'_> {
    fn add(&mut self, what: Arguments<'_>, is_fault: bool) {
        let what = format!("“{}” {what}", self.set.excerpt(self.annotation, QUOTED));
        self.found.push(Lint { annotation: self.annotation.id, what, is_fault, is_unsure: false });
    }

    /// The annotation's text, where it is gone.
    fn lost_text(&mut self) {
        let Some(was) = &self.annotation.was else { return };
        let was: String = was.chars().take(QUOTED).collect();
        self.add(
            format_args!("was “{was}”, which does not stand there in the corrected text"),
            true,
        );
        if let Some(lint) = self.found.last_mut() {
            lint.is_unsure = true;
        }
    }

    /// The annotation by itself, and beside others of its kind.
    fn values(&mut self, label: &Label) {
        let annotation = self.annotation;
        for (id, value) in &annotation.attributes {
            let kind = label.attribute(id).map(|attribute| &attribute.kind);
            if !kind.is_some_and(|kind| kind.admits(value)) {
                let what = format_args!("has {id} “{value}”, which the schema does not admit");
                self.add(what, true);
            }
        }
        for attribute in label.attributes.iter().filter(|attribute| attribute.required) {
            if !annotation.attributes.contains_key(&attribute.id) {
                self.add(format_args!("has no {}", attribute.name.to_lowercase()), false);
            }
        }
        if !figures_ascend(annotation, label) {
            self.add(format_args!("has figures that do not ascend"), false);
        }
        // The first of two equals is not the one too many.
        if self.set.same_as(annotation).is_some_and(|first| first.id != annotation.id) {
            self.add(format_args!("is marked twice as {}", label.name.to_lowercase()), false);
        }
    }

    /// The relations that start at the annotation, and those that should.
    fn relations(&mut self, schema: &Schema) {
        let Self { set, annotation, .. } = *self;
        let starting =
            || set.relations_of(annotation.id).filter(|relation| relation.from == annotation.id);
        for relation in starting() {
            let Some(to) = set.annotation(relation.to) else { continue };
            let kind = schema.relation(&relation.kind);
            if !kind.is_some_and(|kind| kind.admits(&annotation.label, &to.label)) {
                let kind = &relation.kind;
                let what = format_args!("has a relation {kind} that the schema does not admit");
                self.add(what, true);
            }
        }
        for kind in schema.relations().iter().filter(|kind| kind.required) {
            let is_due = kind.from.contains(&annotation.label);
            if is_due && !starting().any(|relation| relation.kind == kind.id) {
                self.add(format_args!("has no {}", kind.name.to_lowercase()), false);
            }
        }
    }
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
