//! Everything one annotator said about one article.

use super::annotation::{Annotation, Relation};
use super::article::Article;
use super::id::{AnnotationId, AnnotatorName, RelationId};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
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

/// An annotation's place in the order of a set: by start, the longer first, then id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place(TextSize, Reverse<TextSize>, AnnotationId);

impl Place {
    fn of(annotation: &Annotation) -> Self {
        Self(annotation.span.start(), Reverse(annotation.span.end()), annotation.id)
    }
}

/// One annotator's annotations and relations on one article, in text order.
///
/// Only `edit` changes a set; the methods that do are visible in the crate and the
/// architecture test watches who calls them.
#[derive(Clone, Debug)]
pub struct AnnotationSet {
    article: Arc<Article>,
    annotator: AnnotatorName,
    state: State,
    annotations: BTreeMap<Place, Annotation>,
    places: HashMap<AnnotationId, Place>,
    relations: BTreeMap<RelationId, Relation>,
}

impl PartialEq for AnnotationSet {
    fn eq(&self, other: &Self) -> bool {
        self.article == other.article
            && self.annotator == other.annotator
            && self.state == other.state
            && self.annotations == other.annotations
            && self.relations == other.relations
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
            places: HashMap::new(),
            relations: BTreeMap::new(),
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
        self.annotations.values()
    }

    /// One annotation; O(log n).
    pub fn annotation(&self, id: AnnotationId) -> Option<&Annotation> {
        self.annotations.get(self.places.get(&id)?)
    }

    /// The first annotation after this one in text order.
    pub fn next_after(&self, id: AnnotationId) -> Option<&Annotation> {
        let place = self.places.get(&id)?;
        let after = (std::ops::Bound::Excluded(*place), std::ops::Bound::Unbounded);
        self.annotations.range(after).next().map(|(_, annotation)| annotation)
    }

    /// The last annotation before this one in text order.
    pub fn previous_before(&self, id: AnnotationId) -> Option<&Annotation> {
        self.annotations.range(..self.places.get(&id)?).next_back().map(|(_, found)| found)
    }

    /// The annotations that cover an offset, smallest first, the later of equals first;
    /// O(n) in the annotations that start before it.
    pub fn covering(&self, offset: TextSize) -> Vec<&Annotation> {
        let end = Place(offset, Reverse(0.into()), AnnotationId(u64::MAX));
        let mut found: Vec<_> = self
            .annotations
            .range(..=end)
            .map(|(_, annotation)| annotation)
            .filter(|annotation| annotation.span.contains(offset))
            .collect();
        found.reverse();
        found.sort_by_key(|annotation| annotation.span.covered());
        found
    }

    /// The annotations of which a range overlaps this one, in text order.
    pub fn touching(&self, range: TextRange) -> Vec<&Annotation> {
        let meets = |other: &TextRange| other.start() < range.end() && range.start() < other.end();
        self.annotations().filter(|found| found.span.ranges().iter().any(meets)).collect()
    }

    /// The annotations that start in a range, in text order; O(log n) to the first.
    pub fn starting_in(&self, range: TextRange) -> impl Iterator<Item = &Annotation> {
        let first = |at: TextSize| Place(at, Reverse(TextSize::new(u32::MAX)), AnnotationId(0));
        self.annotations.range(first(range.start())..first(range.end())).map(|(_, found)| found)
    }

    /// Whether an annotation with exactly these ranges and this label exists.
    pub fn has_same(&self, annotation: &Annotation) -> bool {
        let from = Place(annotation.span.start(), Reverse(annotation.span.end()), AnnotationId(0));
        let to = Place(from.0, from.1, AnnotationId(u64::MAX));
        self.annotations
            .range(from..=to)
            .any(|(_, other)| other.label == annotation.label && other.span == annotation.span)
    }

    /// The relations in the order of their ids.
    pub fn relations(&self) -> impl Iterator<Item = &Relation> {
        self.relations.values()
    }

    /// One relation.
    pub fn relation(&self, id: RelationId) -> Option<&Relation> {
        self.relations.get(&id)
    }

    /// The relations that start or end at an annotation; O(relations).
    pub fn relations_of(&self, id: AnnotationId) -> impl Iterator<Item = &Relation> {
        self.relations.values().filter(move |relation| relation.from == id || relation.to == id)
    }

    /// The text that an annotation covers, ranges joined by ` … `.
    pub fn surface(&self, annotation: &Annotation) -> String {
        annotation.span.surface(self.article.text())
    }

    /// Whether a range lies in the text with both ends between characters.
    pub fn admits(&self, range: TextRange) -> bool {
        let text = self.article.text();
        text.get(range.start().into()..range.end().into()).is_some()
    }

    /// The numbers taken by annotations and relations, for choosing new ids.
    pub fn taken_ids(&self) -> HashSet<u64> {
        let annotations = self.places.keys().map(|id| id.0);
        annotations.chain(self.relations.keys().map(|id| id.0)).collect()
    }

    pub(crate) fn insert_annotation(&mut self, annotation: Annotation) {
        let place = Place::of(&annotation);
        self.places.insert(annotation.id, place);
        self.annotations.insert(place, annotation);
    }

    pub(crate) fn take_annotation(&mut self, id: AnnotationId) -> Option<Annotation> {
        let place = self.places.remove(&id)?;
        self.annotations.remove(&place)
    }

    pub(crate) fn insert_relation(&mut self, relation: Relation) {
        self.relations.insert(relation.id, relation);
    }

    pub(crate) fn take_relation(&mut self, id: RelationId) -> Option<Relation> {
        self.relations.remove(&id)
    }

    pub(crate) fn put_state(&mut self, state: State) -> State {
        std::mem::replace(&mut self.state, state)
    }
}
