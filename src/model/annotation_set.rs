//! Everything one annotator said about one article.

use super::annotation::{Annotation, Relation, Span};
use super::article::Article;
use super::id::{AnnotationId, AnnotatorName, LabelId, RelationId, RemarkId};
use super::remark::Remark;
use crate::text::RangeIndex;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;
use text_size::{TextRange, TextSize};

/// How far an annotator has come with an article.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Never annotated.
    #[default]
    Unseen,
    /// Begun.
    InProgress,
    /// Finished; without annotations it is the answer "nothing to mark".
    Done,
}

/// An annotation's place in the order of a set, which is text order: by start, the
/// longer first, then id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(TextSize, Reverse<TextSize>, AnnotationId);

impl Place {
    /// Where an annotation stands in the sets that it is in.
    pub fn of(annotation: &Annotation) -> Self {
        Self::in_extent(annotation.span.extent(), annotation.id)
    }

    /// The annotation that stands there.
    pub fn id(self) -> AnnotationId {
        self.2
    }

    fn in_extent(extent: TextRange, id: AnnotationId) -> Self {
        Self(extent.start(), Reverse(extent.end()), id)
    }

    fn extent(self) -> TextRange {
        TextRange::new(self.0, self.1.0)
    }
}

/// One annotator's annotations and relations on one article, in text order.
///
/// Only `edit` changes a set; the methods that do are visible in the crate and the
/// architecture test watches who calls them. What is derived from the annotations (which
/// overlap a place, which are related, how many have a label) is kept up with each change,
/// so that a change costs the same among ten annotations as among a hundred thousand.
#[derive(Clone, Debug)]
pub struct AnnotationSet {
    article: Arc<Article>,
    annotator: AnnotatorName,
    state: State,
    /// Shared with the clones of the set, so that a copy of a large one is cheap.
    annotations: BTreeMap<Place, Arc<Annotation>>,
    extents: HashMap<AnnotationId, TextRange>,
    by_extent: RangeIndex<AnnotationId>,
    label_counts: BTreeMap<LabelId, usize>,
    relations: BTreeMap<RelationId, Relation>,
    /// Each relation at both of its ends.
    related: BTreeSet<(AnnotationId, RelationId)>,
    /// Shared with the clones of the set, as annotations are.
    remarks: BTreeMap<RemarkId, Arc<Remark>>,
}

impl PartialEq for AnnotationSet {
    fn eq(&self, other: &Self) -> bool {
        self.article == other.article
            && self.annotator == other.annotator
            && self.state == other.state
            && self.annotations == other.annotations
            && self.relations == other.relations
            && self.remarks == other.remarks
    }
}

impl AnnotationSet {
    /// An unseen article: nothing said yet.
    pub fn new(article: Arc<Article>, annotator: AnnotatorName) -> Self {
        Self {
            article,
            annotator,
            state: State::Unseen,
            annotations: BTreeMap::new(),
            extents: HashMap::new(),
            by_extent: RangeIndex::new(AnnotationId(0)),
            label_counts: BTreeMap::new(),
            relations: BTreeMap::new(),
            related: BTreeSet::new(),
            remarks: BTreeMap::new(),
        }
    }

    /// The article that is annotated.
    pub fn article(&self) -> &Arc<Article> {
        &self.article
    }

    /// Whose set it is.
    pub fn annotator(&self) -> &AnnotatorName {
        &self.annotator
    }

    /// How far the annotator has come.
    pub fn state(&self) -> State {
        self.state
    }

    /// The number of annotations.
    pub fn len(&self) -> usize {
        self.annotations.len()
    }

    /// Whether nothing is annotated.
    pub fn is_empty(&self) -> bool {
        self.annotations.is_empty()
    }

    /// The annotations in text order: by start, the longer first, then id.
    pub fn annotations(&self) -> impl DoubleEndedIterator<Item = &Annotation> {
        self.annotations.values().map(Arc::as_ref)
    }

    /// The annotations after a place in text order, whether or not one stands there;
    /// all of them for `None`. O(log n) to begin.
    pub fn annotations_after(&self, place: Option<Place>) -> impl Iterator<Item = &Annotation> {
        let from = place.map_or(Bound::Unbounded, Bound::Excluded);
        self.annotations.range((from, Bound::Unbounded)).map(|(_, found)| &**found)
    }

    /// One annotation; O(log n).
    pub fn annotation(&self, id: AnnotationId) -> Option<&Annotation> {
        self.annotations.get(&self.place(id)?).map(Arc::as_ref)
    }

    /// The first annotation after this one in text order; O(log n).
    pub fn next_after(&self, id: AnnotationId) -> Option<&Annotation> {
        self.annotations_after(Some(self.place(id)?)).next()
    }

    /// The last annotation before this one in text order; O(log n).
    pub fn previous_before(&self, id: AnnotationId) -> Option<&Annotation> {
        self.annotations.range(..self.place(id)?).next_back().map(|(_, found)| &**found)
    }

    /// The annotations that cover an offset, smallest first, the later of equals first;
    /// O(log n + k) in those nearby.
    pub fn covering(&self, offset: TextSize) -> Vec<&Annotation> {
        let Some(end) = offset.checked_add(1.into()) else { return Vec::new() };
        let mut found = self.touching(TextRange::new(offset, end));
        found.reverse();
        found.sort_by_key(|annotation| annotation.span.covered());
        found
    }

    /// The annotations with a range that shares at least one byte with `range`, or has an
    /// empty one inside, in text order; O(log n + k log k) in those whose extent does.
    pub fn touching(&self, range: TextRange) -> Vec<&Annotation> {
        let places = self.by_extent.overlapping(range).filter_map(|id| self.place(id));
        let mut places: Vec<_> = places.collect();
        places.sort_unstable();
        let found = places.iter().filter_map(|place| self.annotations.get(place));
        found.map(Arc::as_ref).filter(|annotation| annotation.span.overlaps(range)).collect()
    }

    /// The annotations that start in a range, in text order; O(log n) to the first.
    pub fn starting_in(&self, range: TextRange) -> impl Iterator<Item = &Annotation> {
        let first = |at: TextSize| Place(at, Reverse(TextSize::new(u32::MAX)), AnnotationId(0));
        let found = self.annotations.range(first(range.start())..first(range.end()));
        found.map(|(_, annotation)| &**annotation)
    }

    /// The annotations that start and end where a span does, gaps aside, in the order of
    /// their ids; O(log n + k).
    pub fn with_extent_of(&self, span: &Span) -> impl Iterator<Item = &Annotation> {
        let from = Place::in_extent(span.extent(), AnnotationId(0));
        let to = Place::in_extent(span.extent(), AnnotationId(u64::MAX));
        self.annotations.range(from..=to).map(|(_, found)| &**found)
    }

    /// The first annotation with exactly these ranges and this label, which may be this
    /// very one; O(log n + k) in those with its extent.
    pub fn same_as(&self, annotation: &Annotation) -> Option<&Annotation> {
        let mut others = self.with_extent_of(&annotation.span);
        others.find(|other| other.label == annotation.label && other.span == annotation.span)
    }

    /// How many annotations have each label, those that occur; O(1).
    pub fn label_counts(&self) -> &BTreeMap<LabelId, usize> {
        &self.label_counts
    }

    /// The relations in the order of their ids.
    pub fn relations(&self) -> impl Iterator<Item = &Relation> {
        self.relations.values()
    }

    /// One relation.
    pub fn relation(&self, id: RelationId) -> Option<&Relation> {
        self.relations.get(&id)
    }

    /// The relations that start or end at an annotation, in the order of their ids;
    /// O(log n + k).
    pub fn relations_of(&self, id: AnnotationId) -> impl Iterator<Item = &Relation> {
        let at_it = self.related.range((id, RelationId(0))..=(id, RelationId(u64::MAX)));
        at_it.filter_map(|(_, relation)| self.relations.get(relation))
    }

    /// The comments and rulings in the order of their ids.
    pub fn remarks(&self) -> impl Iterator<Item = &Remark> {
        self.remarks.values().map(Arc::as_ref)
    }

    /// One comment or ruling; O(log n).
    pub fn remark(&self, id: RemarkId) -> Option<&Remark> {
        self.remarks.get(&id).map(Arc::as_ref)
    }

    /// The text that an annotation covers, ranges joined by ` … `.
    pub fn surface(&self, annotation: &Annotation) -> String {
        annotation.span.surface(self.article.text())
    }

    /// The first `most` characters of that text, with `…` behind them where there are
    /// more; O(`most`).
    pub fn excerpt(&self, annotation: &Annotation, most: usize) -> String {
        annotation.span.excerpt(self.article.text(), most)
    }

    /// Whether a range lies in the text with both ends between characters.
    pub fn admits(&self, range: TextRange) -> bool {
        let text = self.article.text();
        text.get(range.start().into()..range.end().into()).is_some()
    }

    /// Whether an annotation, a relation or a remark has this number as its id; O(log n).
    pub fn is_taken(&self, number: u64) -> bool {
        self.extents.contains_key(&AnnotationId(number))
            || self.relations.contains_key(&RelationId(number))
            || self.remarks.contains_key(&RemarkId(number))
    }

    fn place(&self, id: AnnotationId) -> Option<Place> {
        self.extents.get(&id).map(|extent| Place::in_extent(*extent, id))
    }

    /// Puts an annotation in whose id is free; O(log n). It shares the name of its label
    /// with the others of that label.
    pub(crate) fn insert_annotation(&mut self, mut annotation: Annotation) {
        debug_assert!(self.annotation(annotation.id).is_none());
        if let Some((label, _)) = self.label_counts.get_key_value(&annotation.label) {
            annotation.label = label.clone();
        }
        *self.label_counts.entry(annotation.label.clone()).or_default() += 1;
        let place = Place::of(&annotation);
        self.extents.insert(annotation.id, place.extent());
        self.by_extent.insert(place.extent(), annotation.id);
        self.annotations.insert(place, Arc::new(annotation));
    }

    /// Takes an annotation out; O(log n).
    pub(crate) fn take_annotation(&mut self, id: AnnotationId) -> Option<Annotation> {
        let place = Place::in_extent(self.extents.remove(&id)?, id);
        self.by_extent.remove(place.extent(), id);
        let taken = self.annotations.remove(&place)?;
        if let Some(count) = self.label_counts.get_mut(&taken.label) {
            *count -= 1;
            if *count == 0 {
                self.label_counts.remove(&taken.label);
            }
        }
        Some(Arc::unwrap_or_clone(taken))
    }

    /// Puts a relation in whose id is free; O(log n).
    pub(crate) fn insert_relation(&mut self, relation: Relation) {
        debug_assert!(self.relation(relation.id).is_none());
        self.related.insert((relation.from, relation.id));
        self.related.insert((relation.to, relation.id));
        self.relations.insert(relation.id, relation);
    }

    /// Takes a relation out; O(log n).
    pub(crate) fn take_relation(&mut self, id: RelationId) -> Option<Relation> {
        let taken = self.relations.remove(&id)?;
        self.related.remove(&(taken.from, id));
        self.related.remove(&(taken.to, id));
        Some(taken)
    }

    /// Puts a remark in whose id is free; O(log n).
    pub(crate) fn insert_remark(&mut self, remark: Remark) {
        debug_assert!(self.remark(remark.id).is_none());
        self.remarks.insert(remark.id, Arc::new(remark));
    }

    /// Takes a remark out; O(log n).
    pub(crate) fn take_remark(&mut self, id: RemarkId) -> Option<Remark> {
        self.remarks.remove(&id).map(Arc::unwrap_or_clone)
    }

    pub(crate) fn put_state(&mut self, state: State) -> State {
        std::mem::replace(&mut self.state, state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::{Edit, Transaction, add_annotation, delete_annotations};
    use crate::model::{ArticleId, ArticleMeta, RelationTypeId};
    use proptest::prelude::*;
    use std::time::{Duration, Instant};

    fn empty_set(text: &str) -> AnnotationSet {
        let id = ArticleId::new("a").unwrap();
        let article = Article::new(id, ArticleMeta::default(), text);
        AnnotationSet::new(Arc::new(article), AnnotatorName::new("ann").unwrap())
    }

    fn range(start: u32, len: u32) -> TextRange {
        TextRange::at(start.into(), len.into())
    }

    fn annotation(id: u64, label: &str, span: Span) -> Annotation {
        Annotation::new(AnnotationId(id), LabelId::new(label).unwrap(), span)
    }

    const LENGTH: u32 = 60;

    fn edit() -> impl Strategy<Value = Edit> {
        let part = (0..LENGTH - 20, 1..20u32).prop_map(|(start, len)| range(start, len));
        let span = prop::collection::vec(part, 1..4)
            .prop_filter_map("overlap", |ranges| Span::from_ranges(ranges).ok());
        let made = (0..9u64, "[a-c]", span);
        let made = made.prop_map(|(id, label, span)| annotation(id, &label, span));
        prop_oneof![
            3 => made.clone().prop_map(Edit::add),
            1 => (0..9u64).prop_map(|id| Edit::Remove(AnnotationId(id))),
            2 => made.prop_map(Edit::replace),
            3 => (9..14u64, 0..9u64, 0..9u64).prop_map(|(id, from, to)| Edit::relate(Relation {
                id: RelationId(id),
                kind: RelationTypeId::new("at").unwrap(),
                from: AnnotationId(from),
                to: AnnotationId(to),
            })),
            1 => (9..14u64).prop_map(|id| Edit::Unrelate(RelationId(id))),
        ]
    }

    proptest! {
        #[test]
        fn what_is_derived_is_what_a_walk_over_all_would_find(
            edits in prop::collection::vec(edit(), 0..80),
            asked in (0..LENGTH, 0..20u32),
        ) {
            let mut set = empty_set(&"x".repeat(LENGTH as usize));
            for edit in edits {
                let _ = Transaction::from(vec![edit]).apply(&mut set);
            }
            let asked = range(asked.0, asked.1);
            let touches =
                |one: &&TextRange| one.start() < asked.end() && asked.start() < one.end();
            let expected: Vec<_> = set
                .annotations()
                .filter(|found| found.span.ranges().iter().any(|range| touches(&range)))
                .collect();
            prop_assert_eq!(set.touching(asked), expected);
            let mut covering: Vec<_> =
                set.annotations().filter(|found| found.span.contains(asked.start())).collect();
            covering.reverse();
            covering.sort_by_key(|found| found.span.covered());
            prop_assert_eq!(set.covering(asked.start()), covering);
            let mut counts = BTreeMap::new();
            for found in set.annotations() {
                *counts.entry(found.label.clone()).or_insert(0) += 1;
            }
            prop_assert_eq!(set.label_counts(), &counts);
            for id in (0..14).map(AnnotationId) {
                let at_it = |relation: &&Relation| relation.from == id || relation.to == id;
                let expected: Vec<_> = set.relations().filter(at_it).collect();
                prop_assert_eq!(set.relations_of(id).collect::<Vec<_>>(), expected);
                let is_taken =
                    set.annotation(id).is_some() || set.relation(RelationId(id.0)).is_some();
                prop_assert_eq!(set.is_taken(id.0), is_taken);
            }
        }
    }

    #[test]
    fn annotations_share_the_names_of_their_labels() {
        let mut set = empty_set("one two");
        for id in 0..2 {
            let span = Span::new(range(id as u32, 3)).unwrap();
            add_annotation(&set, annotation(id, "a", span)).apply(&mut set).unwrap();
        }
        let names: Vec<_> = set.annotations().map(|found| found.label.as_str().as_ptr()).collect();
        assert_eq!(names[0], names[1]);
    }

    /// Ten thousand of these would take minutes if each looked at all the others.
    #[test]
    fn an_edit_costs_the_same_among_a_hundred_thousand_annotations() {
        let step = 100;
        let mut set = empty_set(&"x".repeat(100_000 * step as usize));
        let make = |id: u64| {
            let span = Span::new(range(id as u32 * step, 20)).unwrap();
            Edit::add(annotation(id, "a", span))
        };
        let all: Vec<_> = (0..100_000).map(make).collect();
        Transaction::from(all).apply(&mut set).unwrap();
        let began = Instant::now();
        for at in 0..10_000u32 {
            let id = 1_000_000 + u64::from(at);
            assert!(!set.is_taken(id));
            let span = Span::new(range(at * 9 * step + 10, 40)).unwrap();
            let made = annotation(id, "b", span);
            assert!(set.same_as(&made).is_none());
            add_annotation(&set, made).apply(&mut set).unwrap();
            assert_eq!(set.covering((at * 9 * step + 15).into()).len(), 2);
            delete_annotations(&set, &[AnnotationId(id)]).apply(&mut set).unwrap();
        }
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        assert_eq!(set.len(), 100_000);
    }
}
