//! Which annotations of an article are the same thing said by several annotators.
//!
//! Annotators are aligned two at a time ([`super::facts::aligned`]). Aligned annotations with
//! the same label go together, best pair first, and a pair joins the groups of its two
//! annotations unless an annotator would then stand twice in one: so a group has each
//! annotator at most once and each annotation is in at most one group, however many compare
//! theirs with it. That is how the cases of review come about too.

use super::super::corpus::{Coded, CodedArticle, Mark};
use super::super::unit::Category;
use super::facts::PairFacts;
use std::cmp::Ordering;

/// An annotation by its annotator and its place among theirs.
pub(super) type Place = (usize, usize);

/// Two aligned annotations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) one: Place,
    pub(super) other: Place,
    /// The index of their case in the report.
    pub(super) case: usize,
}

/// One thing, said by two annotators or more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) category: Category,
    /// One annotation of each annotator, in the order of annotators.
    pub(super) said: Vec<Place>,
    /// Those of them that are aligned.
    pub(super) links: Vec<Link>,
}

/// How much two annotations with the same label speak for each other.
struct Merit {
    link: Link,
    likeness: f64,
    equal: usize,
}

impl Merit {
    /// The better one first; of equal ones the one that comes first in the report.
    fn order(&self, other: &Self) -> Ordering {
        let likeness = other.likeness.total_cmp(&self.likeness);
        let equal = likeness.then(other.equal.cmp(&self.equal));
        equal
            .then_with(|| (self.link.one, self.link.other).cmp(&(other.link.one, other.link.other)))
    }
}

/// The things that annotators of an article said alike, in the order of the report.
/// `first_cases` is where the cases of each pair begin. O(p log p) in the aligned pairs.
pub(super) fn items(
    article: &CodedArticle,
    pairs: &[PairFacts],
    first_cases: &[usize],
) -> Vec<Item> {
    let set = |person: usize| article.sets.get(person).and_then(Option::as_ref);
    let mut merits = Vec::new();
    for (pair, first_case) in pairs.iter().zip(first_cases) {
        let (Some(first), Some(second)) = (set(pair.annotators.0), set(pair.annotators.1)) else {
            continue;
        };
        let links = pair.aligned.iter().map(|(one, other)| Link {
            one: (pair.annotators.0, *one),
            other: (pair.annotators.1, *other),
            // Cases begin with the first annotator's units in their order.
            case: first_case + one,
        });
        merits.extend(links.filter_map(|link| merit(first, second, link)));
    }
    merits.sort_unstable_by(Merit::order);
    let mut groups = Groups::new(article);
    merits.iter().for_each(|merit| groups.join(merit.link));
    groups.finish(article, merits)
}

/// `None` where labels differ.
fn merit(first: &Coded, second: &Coded, link: Link) -> Option<Merit> {
    let (one, other) = (&first.units[link.one.1], &second.units[link.other.1]);
    let equal = equal_attributes(&first.marks[link.one.1], &second.marks[link.other.1]);
    let likeness = one.likeness(other).value().unwrap_or(0.0);
    (one.category == other.category).then_some(Merit { link, likeness, equal })
}

/// How many attributes have the same value in both.
pub(super) fn equal_attributes(one: &Mark, other: &Mark) -> usize {
    let equal = one.attributes.iter().filter(|(id, value)| other.attributes.get(id) == Some(value));
    equal.count()
}

/// Groups under way: each annotation begins as a group of its own.
struct Groups {
    /// Where the annotations of each annotator begin.
    from: Vec<usize>,
    /// The group of each annotation.
    of: Vec<usize>,
    /// The annotations of each group; none of one that was joined to another.
    members: Vec<Vec<Place>>,
}

impl Groups {
    fn new(article: &CodedArticle) -> Self {
        let (mut from, mut members) = (Vec::new(), Vec::new());
        for (person, set) in article.sets.iter().enumerate() {
            from.push(members.len());
            let units = set.as_ref().map_or(0, |set| set.units.len());
            members.extend((0..units).map(|at| vec![(person, at)]));
        }
        Self { from, of: (0..members.len()).collect(), members }
    }

    fn group_of(&self, (person, at): Place) -> usize {
        self.of[self.from[person] + at]
    }

    fn join(&mut self, Link { one, other, .. }: Link) {
        let (one, other) = (self.group_of(one), self.group_of(other));
        let (into, from) = (one.min(other), one.max(other));
        let is_there = |person| self.members[into].iter().any(|(by, _)| *by == person);
        if into == from || self.members[from].iter().any(|(by, _)| is_there(*by)) {
            return;
        }
        let moved = std::mem::take(&mut self.members[from]);
        for (person, at) in &moved {
            self.of[self.from[*person] + at] = into;
        }
        self.members[into].extend(moved);
        self.members[into].sort_unstable();
    }

    fn finish(self, article: &CodedArticle, merits: Vec<Merit>) -> Vec<Item> {
        let mut links = vec![Vec::new(); self.members.len()];
        for Merit { link, .. } in merits {
            let group = self.group_of(link.one);
            if group == self.group_of(link.other) {
                links[group].push(link);
            }
        }
        let groups = self.members.into_iter().zip(links).filter(|(said, _)| said.len() > 1);
        let item = |(said, mut links): (Vec<Place>, Vec<Link>)| {
            links.sort_unstable_by_key(|link| link.case);
            let (person, at) = said.first()?;
            let category = article.sets[*person].as_ref()?.units[*at].category;
            Some(Item { category, said, links })
        };
        groups.filter_map(item).collect()
    }
}
