//! How a text was settled so far: what it was labelled as, and where nobody labelled it.
//!
//! The text counts wherever it stands as whole words (`text::occurrences_of_words`: runs of
//! white space are alike, and the first letter may be large or small). An occurrence is
//! labelled by the annotations with exactly its range, and otherwise unlabelled, whatever
//! longer annotation it stands in. In an article whose gold is done gold alone counts, in
//! any other each annotator's set that is done.

use crate::model::{AnnotationSet, AnnotatorName, ArticleId, LabelId, State};
use crate::text::{TextRange, occurrences_of_words};
use std::collections::{BTreeMap, BTreeSet};

/// One occurrence, as one set has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instance {
    /// The article.
    pub article: ArticleId,
    /// Where, in bytes.
    pub range: (u32, u32),
    /// In whose set; gold's own name for gold.
    pub annotator: AnnotatorName,
}

impl Instance {
    /// Where it stands.
    pub fn range(&self) -> TextRange {
        TextRange::new(self.range.0.into(), self.range.1.into())
    }

    /// Whether a reviewer settled it.
    pub fn is_gold(&self) -> bool {
        self.annotator.is_gold()
    }
}

/// How a text was settled so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Precedents {
    by_label: BTreeMap<Option<LabelId>, Vec<Instance>>,
}

impl Precedents {
    /// Counts the occurrences in one article; sets that are not done are passed over. O(n)
    /// in the text.
    pub fn count(&mut self, surface: &str, sets: &[AnnotationSet]) {
        let done = |set: &&AnnotationSet| set.state() == State::Done;
        let gold = sets.iter().filter(done).find(|set| set.annotator().is_gold());
        let others = sets.iter().filter(done).filter(|set| !set.annotator().is_gold());
        let counted: Vec<_> = match gold {
            Some(gold) => vec![gold],
            None => others.collect(),
        };
        let Some(first) = counted.first() else { return };
        for range in occurrences_of_words(first.article().text(), surface) {
            for set in &counted {
                self.count_one(range, set);
            }
        }
    }

    fn count_one(&mut self, range: TextRange, set: &AnnotationSet) {
        let instance = Instance {
            article: set.article().id().clone(),
            range: (range.start().into(), range.end().into()),
            annotator: set.annotator().clone(),
        };
        let exact = set.touching(range).into_iter().filter(|found| found.span.ranges() == [range]);
        let mut labels: Vec<_> = exact.map(|found| Some(found.label.clone())).collect();
        labels.dedup();
        if labels.is_empty() {
            labels.push(None);
        }
        for label in labels {
            self.by_label.entry(label).or_default().push(instance.clone());
        }
    }

    /// Takes out what was counted in some articles; O(n).
    pub fn forget(&mut self, articles: &BTreeSet<ArticleId>) {
        for found in self.by_label.values_mut() {
            found.retain(|instance| !articles.contains(&instance.article));
        }
        self.by_label.retain(|_, found| !found.is_empty());
    }

    /// Takes in what was counted in other articles; O(n log n).
    pub fn add(&mut self, other: Self) {
        for (label, found) in other.by_label {
            let known = self.by_label.entry(label).or_default();
            known.extend(found);
            known.sort();
        }
    }

    /// What the text was labelled as and how often, the most frequent first; `None` is
    /// "unlabelled" and comes last. With the places, by article and in text order.
    pub fn labels(&self) -> Vec<(Option<&LabelId>, &[Instance])> {
        let labels = self.by_label.iter();
        let mut labels: Vec<_> =
            labels.map(|(label, found)| (label.as_ref(), found.as_slice())).collect();
        labels.sort_by_key(|(label, found)| (label.is_none(), std::cmp::Reverse(found.len())));
        labels
    }

    /// Whether the text was never met in a set that is done.
    pub fn is_empty(&self) -> bool {
        self.by_label.is_empty()
    }
}
