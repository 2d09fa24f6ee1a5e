//! How a text was settled so far: what it was labelled as, and where nobody labelled it.
//!
//! The text counts wherever it stands as whole words (`text::occurrences_of_words`: runs of
//! white space are alike, and the first letter may be large or small). An occurrence is
//! labelled by the annotations with exactly its range, and otherwise unlabelled, whatever
//! longer annotation it stands in. Where gold has settled the place gold alone counts: in an
//! article whose gold is done everywhere, and before that where gold has an annotation with
//! exactly that range or a ruling on what somebody marked there. In any other place each
//! annotator's set counts that is done.

use super::content::said;
use super::rulings::Rulings;
use crate::model::{Annotation, AnnotationSet, AnnotatorName, ArticleId, LabelId, State};
use crate::text::{TextRange, occurrences_of_words};
use std::collections::{BTreeMap, BTreeSet};

/// The letters on either side of an occurrence that are kept with it.
const AROUND: usize = 24;
/// The letters of a long occurrence that are.
const LONG: usize = 60;

/// One occurrence, as one set has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instance {
    /// The article.
    pub article: ArticleId,
    /// Where, in bytes.
    pub range: (u32, u32),
    /// In whose set; gold's own name for gold.
    pub annotator: AnnotatorName,
    /// It with some letters around it, on one line.
    pub context: String,
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
    /// Counts the occurrences in one article; sets that are not done are passed over, but
    /// for what gold has settled already. O(n) in the text.
    pub fn count(&mut self, surface: &str, sets: &[AnnotationSet]) {
        let Some(first) = sets.first() else { return };
        let gold = sets.iter().find(|set| set.annotator().is_gold());
        let is_done = |set: &&AnnotationSet| set.state() == State::Done;
        let others: Vec<_> = sets.iter().filter(|set| !set.annotator().is_gold()).collect();
        let rulings = gold.map(Rulings::of).unwrap_or_default();
        for range in occurrences_of_words(first.article().text(), surface) {
            let settles =
                |gold: &&AnnotationSet| is_done(gold) || is_settled(range, gold, &rulings, &others);
            match gold.filter(settles) {
                Some(gold) => self.count_one(range, gold),
                None => others.iter().filter(|set| is_done(set)).for_each(|set| {
                    self.count_one(range, set);
                }),
            }
        }
    }

    fn count_one(&mut self, range: TextRange, set: &AnnotationSet) {
        let instance = Instance {
            article: set.article().id().clone(),
            range: (range.start().into(), range.end().into()),
            annotator: set.annotator().clone(),
            context: context(set.article().text(), range),
        };
        let mut labels: Vec<_> = exact(set, range).map(|found| Some(found.label.clone())).collect();
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

/// A place with some letters around it, on one line; ends that are cut show an ellipsis. Of
/// a long place only the beginning is there.
pub fn context(text: &str, range: TextRange) -> String {
    let (start, end) = (usize::from(range.start()), usize::from(range.end()));
    let end = text
        .get(start..end)
        .and_then(|own| own.char_indices().nth(LONG))
        .map_or(end, |(at, _)| start + at);
    let (before, after) = (text.get(..start).unwrap_or(""), text.get(end..).unwrap_or(""));
    let from = before.char_indices().rev().nth(AROUND - 1).map_or(0, |(at, _)| at);
    let to = after.char_indices().nth(AROUND).map_or(after.len(), |(at, _)| at);
    let words = text.get(from..end + to).unwrap_or("").split_whitespace().collect::<Vec<_>>();
    let dots = |is_cut| if is_cut { "…" } else { "" };
    format!("{}{}{}", dots(from > 0), words.join(" "), dots(to < after.len()))
}

/// The annotations with exactly a range.
fn exact(set: &AnnotationSet, range: TextRange) -> impl Iterator<Item = &Annotation> {
    set.touching(range).into_iter().filter(move |found| found.span.ranges() == [range])
}

/// Whether gold has said something of a place: it has an annotation there, or a ruling on
/// what somebody marked there and still says.
fn is_settled(
    range: TextRange,
    gold: &AnnotationSet,
    rulings: &Rulings,
    others: &[&AnnotationSet],
) -> bool {
    let is_ruled = |set: &&AnnotationSet| {
        exact(set, range).any(|found| {
            let ruled = rulings.get(set.annotator(), found.id);
            ruled.is_some_and(|ruled| {
                let is_there = |id| gold.annotation(id).is_some();
                ruled.said == said(set, found) && ruled.gold.is_none_or(is_there)
            })
        })
    };
    exact(gold, range).next().is_some() || others.iter().any(is_ruled)
}
