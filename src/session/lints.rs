//! What to check in the open article, kept up with every step.
//!
//! Only the places where something is to be checked are kept, and how much there is: the
//! words of a lint are made when it is shown ([`Session::lints_of`]). A step lints again
//! what it touched and nothing else; a long article is gone through in slices after it
//! was opened, so that no frame waits for it.

use super::{Session, next_revision};
use crate::edit::{Change, Edit, Step, Transaction};
use crate::model::{Annotation, AnnotationId, AnnotationSet, Lint, Place, Schema, lint_annotation};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The annotations that are linted in one go.
const SLICE: usize = 2_000;

/// How much there is to check in one annotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToCheck {
    /// Lints about faults, which come first.
    pub faults: usize,
    /// All lints; never zero.
    pub number: usize,
}

/// The annotations of the open article that should be looked at again, in text order.
#[derive(Debug, Default)]
pub struct Lints {
    found: BTreeMap<Place, ToCheck>,
    number: usize,
    /// The last annotation that was linted since the article was opened.
    read_to: Option<Place>,
    is_complete: bool,
    revision: u64,
}

impl Lints {
    /// The number of things to check that are known; O(1).
    pub fn len(&self) -> usize {
        self.number
    }

    /// Whether nothing to check is known.
    pub fn is_empty(&self) -> bool {
        self.number == 0
    }

    /// Whether every annotation has been looked at since the article was opened.
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// Another number whenever something to check came, went or may read differently.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The annotations with something to check, in text order, and how much it is.
    pub fn annotations(&self) -> impl Iterator<Item = (AnnotationId, ToCheck)> {
        self.found.iter().map(|(place, to_check)| (place.id(), *to_check))
    }

    /// Forgets everything and begins again: at once where there is little to look at,
    /// else with each [`Self::read_on`].
    fn start(&mut self, set: Option<&AnnotationSet>, schema: &Schema) {
        *self = Self { revision: next_revision(), is_complete: set.is_none(), ..Self::default() };
        if let Some(set) = set.filter(|set| set.len() <= SLICE) {
            self.read_on(set, schema);
        }
    }

    /// Lints the next slice.
    fn read_on(&mut self, set: &AnnotationSet, schema: &Schema) {
        self.revision = next_revision();
        let mut rest = set.annotations_after(self.read_to);
        for annotation in rest.by_ref().take(SLICE) {
            self.read_to = Some(Place::of(annotation));
            self.put(set, schema, annotation);
        }
        self.is_complete = rest.next().is_none();
    }

    /// Lints again what a step touched: `transactions` are the ways forward and back,
    /// which between them hold every touched annotation as it was and as it is.
    fn update(&mut self, set: &AnnotationSet, schema: &Schema, transactions: &[&Transaction]) {
        let mut again = BTreeSet::new();
        for edit in transactions.iter().flat_map(|transaction| &transaction.edits) {
            match edit {
                Edit::Add(annotation) | Edit::Replace(annotation) => {
                    self.take(Place::of(annotation));
                    again.insert(annotation.id);
                    // Others may be, or may have been, the same as this one.
                    again.extend(set.with_extent_of(&annotation.span).map(|other| other.id));
                    again.extend(set.relations_of(annotation.id).map(|relation| relation.from));
                }
                Edit::Relate(relation) => {
                    again.insert(relation.from);
                }
                Edit::Remove(_)
                | Edit::Unrelate(_)
                | Edit::Remark(_)
                | Edit::Unremark(_)
                | Edit::State(_) => {}
            }
        }
        for annotation in again.iter().filter_map(|id| set.annotation(*id)) {
            self.put(set, schema, annotation);
        }
        self.revision = next_revision();
    }

    fn put(&mut self, set: &AnnotationSet, schema: &Schema, annotation: &Annotation) {
        let place = Place::of(annotation);
        self.take(place);
        let lints = lint_annotation(set, schema, annotation);
        if !lints.is_empty() {
            let faults = lints.iter().filter(|lint| lint.is_fault).count();
            self.found.insert(place, ToCheck { faults, number: lints.len() });
            self.number += lints.len();
        }
    }

    fn take(&mut self, place: Place) {
        if let Some(taken) = self.found.remove(&place) {
            self.number -= taken.number;
        }
    }
}

impl Session {
    /// What should be looked at again in the open article.
    pub fn lints(&self) -> &Lints {
        &self.lints
    }

    /// What there is to check in one annotation of the open article, faults first;
    /// O(log n + k) in what it is related to and shares its place with.
    pub fn lints_of(&self, id: AnnotationId) -> Vec<Lint> {
        let Some(set) = self.set() else { return Vec::new() };
        let annotation = set.annotation(id);
        annotation.map_or_else(Vec::new, |found| lint_annotation(set, self.schema(), found))
    }

    /// Looks at the open article from the start, because it or the schema is another one.
    pub(super) fn start_lints(&mut self) {
        let set = self.shown_key().and_then(|key| self.sets.get(&key));
        self.lints.start(set, &self.project.schema);
        if !self.lints.is_complete {
            (self.wake)();
        }
    }

    /// Goes on where a long article has not been looked at yet. True when it did.
    pub(super) fn poll_lints(&mut self) -> bool {
        if self.lints.is_complete {
            return false;
        }
        let set = self.shown_key().and_then(|key| self.sets.get(&key));
        let Some(set) = set else { return false };
        self.lints.read_on(set, &self.project.schema);
        if !self.lints.is_complete {
            (self.wake)();
        }
        true
    }

    /// Takes in what a step did to the open article.
    pub(super) fn update_lints(&mut self, step: &Arc<Step>) {
        let Some(key) = self.shown_key() else { return };
        let mut touched = Vec::new();
        for change in &step.changes {
            match change {
                Change::Set { article, annotator, forward, backward } => {
                    if *article == key.0 && *annotator == key.1 {
                        touched.extend([forward, backward]);
                    }
                }
                Change::Schema { .. } => return self.start_lints(),
            }
        }
        let edits: usize = touched.iter().map(|transaction| transaction.edits.len()).sum();
        match self.sets.get(&key) {
            Some(set) if edits <= 2 * SLICE => {
                self.lints.update(set, &self.project.schema, &touched);
            }
            _ => self.start_lints(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        AnnotatorName, Article, ArticleId, ArticleMeta, Relation, RelationId, Span, lint,
        parse_notation,
    };
    use crate::store::{BundledSchema, bundled_schema};
    use crate::text::TextRange;
    use proptest::prelude::*;

    const TEXT: &str = "Officials said that gunmen came to the old town at night";

    fn set() -> AnnotationSet {
        let article = Article::new(ArticleId::new("a").unwrap(), ArticleMeta::default(), TEXT);
        AnnotationSet::new(Arc::new(article), AnnotatorName::new("x").unwrap())
    }

    /// Claims and actors, and a label that the schema lacks, on few places.
    fn annotation() -> impl Strategy<Value = Annotation> {
        (0..6u64, 0..3usize, 0..3u32).prop_map(|(id, label, at)| {
            let label = ["claim", "actor", "nonsense"][label];
            let mut made = parse_notation(&format!("[{label} x]")).unwrap().annotations.remove(0);
            made.id = AnnotationId(id);
            made.span = Span::new(TextRange::at((at * 4).into(), 4.into())).unwrap();
            made
        })
    }

    fn edit() -> impl Strategy<Value = Edit> {
        prop_oneof![
            4 => annotation().prop_map(Edit::add),
            2 => (0..6u64).prop_map(|id| Edit::Remove(AnnotationId(id))),
            3 => annotation().prop_map(Edit::replace),
            3 => (6..9u64, 0..6u64, 0..6u64).prop_map(|(id, from, to)| Edit::relate(Relation {
                id: RelationId(id),
                kind: crate::model::RelationTypeId::new("source").unwrap(),
                from: AnnotationId(from),
                to: AnnotationId(to),
            })),
            2 => (6..9u64).prop_map(|id| Edit::Unrelate(RelationId(id))),
        ]
    }

    /// Each lint as the session would show it, in text order.
    fn shown(lints: &Lints, set: &AnnotationSet, schema: &Schema) -> Vec<Lint> {
        let mut shown = Vec::new();
        for (id, to_check) in lints.annotations() {
            let found = lint_annotation(set, schema, set.annotation(id).unwrap());
            assert_eq!(found.len(), to_check.number);
            assert_eq!(found.iter().filter(|lint| lint.is_fault).count(), to_check.faults);
            shown.extend(found);
        }
        assert_eq!(lints.len(), shown.len());
        shown
    }

    proptest! {
        #[test]
        fn what_a_step_touches_is_all_that_changes(
            history in prop::collection::vec(prop::collection::vec(edit(), 1..4), 0..40)
        ) {
            let schema = bundled_schema(BundledSchema::Full).unwrap();
            let mut set = set();
            let mut lints = Lints::default();
            lints.start(Some(&set), &schema);
            for edits in history {
                let forward = Transaction::from(edits);
                let Ok(backward) = forward.apply(&mut set) else { continue };
                lints.update(&set, &schema, &[&forward, &backward]);
                prop_assert_eq!(shown(&lints, &set, &schema), lint(&set, &schema));
            }
        }
    }

    #[test]
    fn a_long_article_is_read_in_slices_while_it_is_edited() {
        let schema = bundled_schema(BundledSchema::Full).unwrap();
        let mut set = set();
        let (start, len) = (|id: u64| (id as u32 % 40).into(), 4.into());
        let add = |id: u64| {
            let mut made = parse_notation("[nonsense x]").unwrap().annotations.remove(0);
            made.id = AnnotationId(id);
            made.span = Span::new(TextRange::at(start(id), len)).unwrap();
            Edit::add(made)
        };
        let many: Vec<_> = (1..=SLICE as u64 * 2 + 10).map(add).collect();
        Transaction::from(many).apply(&mut set).unwrap();
        let mut lints = Lints::default();
        lints.start(Some(&set), &schema);
        assert!(lints.is_empty() && !lints.is_complete());
        lints.read_on(&set, &schema);
        assert_eq!(lints.len(), SLICE);
        // One that was read, the last that was, and one that was not.
        let last = lints.read_to.unwrap().id();
        let unread = set.annotations().next_back().unwrap().id;
        let gone = [AnnotationId(40), last, unread].map(Edit::Remove).to_vec();
        let forward = Transaction::from(gone);
        let backward = forward.apply(&mut set).unwrap();
        lints.update(&set, &schema, &[&forward, &backward]);
        while !lints.is_complete() {
            lints.read_on(&set, &schema);
        }
        assert_eq!(shown(&lints, &set, &schema), lint(&set, &schema));
    }
}
