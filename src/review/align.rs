//! Which annotations of several annotators mean the same thing in the text.
//!
//! Two annotations of different annotators that share at least one byte are a candidate
//! pair. Pairs are taken from the best to the worst, and a pair joins the groups of its two
//! annotations unless an annotator would then stand twice in one group. That is greedy on
//! purpose: an exact match is never given up for the sake of a sum somewhere else in the
//! article, and what happens in one sentence changes nothing in the next, so the groups are
//! those that a reader would make. An alignment of the greatest sum (the assignment
//! problem) promises neither.
//!
//! The order of pairs, best first:
//! 1. the same label and at least half of the bytes that either covers in common;
//! 2. different labels and at least half in common: one annotator's actor is another's
//!    location;
//! 3. the same label with less in common.
//!
//! Different labels with less than half in common are two things: a claim is not the actor
//! that it quotes. Within a class the greater overlap goes first (Jaccard's index over the
//! covered bytes, so that gaps of discontinuous spans count for nothing), then the greater
//! number of equal attribute values, then text order. Names and ids of annotators decide
//! nothing but the order among two identical annotations of one annotator, which are taken
//! in the order of their ids.

use crate::model::{Annotation, AnnotationSet, Span};
use std::cmp::Reverse;

/// One annotation and whose it is, as an index into the sets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marked<'a> {
    pub(super) by: usize,
    pub(super) found: &'a Annotation,
}

/// Half of what two annotations cover, as a share of 2³².
const HALF: u64 = 1 << 31;

/// What makes one pair better than another; the greater, the better.
type Merit = (u8, u64, u32, Reverse<(u32, u32)>);

/// Groups the annotations of sets of one article, at most one of each set in a group, and
/// every annotation in exactly one. Groups come in text order of their first annotations,
/// and annotations within a group in the order of the sets. O(n log n + p log p) in the
/// annotations and the pairs that overlap.
pub(super) fn align<'a>(sets: &[&'a AnnotationSet]) -> Vec<Vec<Marked<'a>>> {
    let items = in_text_order(sets);
    let mut groups = Groups::new(&items);
    for (_, _, _, Reverse((one, other))) in pairs(&items) {
        groups.join(one, other);
    }
    groups.finish()
}

/// All annotations of all sets in text order, those in one place in the order of labels, so
/// that the order says nothing of the annotators where it can.
fn in_text_order<'a>(sets: &[&'a AnnotationSet]) -> Vec<Marked<'a>> {
    let mut items: Vec<Marked<'a>> = Vec::with_capacity(sets.iter().map(|set| set.len()).sum());
    for (by, set) in sets.iter().enumerate() {
        items.extend(set.annotations().map(|found| Marked { by, found }));
    }
    items.sort_unstable_by(|one, other| {
        let place = |item: &Marked<'_>| (item.found.span.start(), Reverse(item.found.span.end()));
        place(one)
            .cmp(&place(other))
            .then_with(|| one.found.label.cmp(&other.found.label))
            .then_with(|| (one.by, one.found.id).cmp(&(other.by, other.found.id)))
    });
    items
}

/// The candidate pairs, best first.
fn pairs(items: &[Marked<'_>]) -> Vec<Merit> {
    let mut pairs = Vec::with_capacity(items.len() * 2);
    for (index, one) in items.iter().enumerate() {
        let end = one.found.span.end();
        let behind = items.iter().enumerate().skip(index + 1);
        for (other_index, other) in behind.take_while(|(_, other)| other.found.span.start() < end) {
            if one.by != other.by {
                let places = Reverse((index as u32, other_index as u32));
                pairs.extend(merit(one.found, other.found, places));
            }
        }
    }
    pairs.sort_unstable_by(|one, other| other.cmp(one));
    pairs
}

/// How good a pair is; `None` where the two cannot mean the same thing.
fn merit(one: &Annotation, other: &Annotation, places: Reverse<(u32, u32)>) -> Option<Merit> {
    let overlap = overlap(&one.span, &other.span);
    let class = match (one.label == other.label, overlap >= HALF) {
        (true, true) => 2,
        (false, true) => 1,
        (true, false) if overlap > 0 => 0,
        _ => return None,
    };
    Some((class, overlap, equal_attributes(one, other), places))
}

/// What two spans have in common of the bytes that either covers, from 0 to 2³²; O(k) in
/// their ranges.
fn overlap(one: &Span, other: &Span) -> u64 {
    if one == other {
        return 1 << 32;
    }
    let mut common = 0;
    let (mut these, mut those) = (one.ranges().iter(), other.ranges().iter());
    let (mut this, mut that) = (these.next(), those.next());
    while let (Some(own), Some(its)) = (this, that) {
        common += own.intersect(*its).map_or(0, |shared| u64::from(u32::from(shared.len())));
        if own.end() <= its.end() {
            this = these.next();
        } else {
            that = those.next();
        }
    }
    let covered = |span: &Span| u64::from(u32::from(span.covered()));
    (common << 32) / (covered(one) + covered(other) - common)
}

fn equal_attributes(one: &Annotation, other: &Annotation) -> u32 {
    let equal = one.attributes.iter().filter(|(id, value)| other.attributes.get(id) == Some(value));
    equal.count() as u32
}

/// Groups under way: each annotation begins as a group of its own.
struct Groups<'i, 'a> {
    items: &'i [Marked<'a>],
    /// The group of each annotation.
    of: Vec<u32>,
    /// The annotations of each group; empty for one that was joined to another.
    members: Vec<Vec<u32>>,
}

impl<'i, 'a> Groups<'i, 'a> {
    fn new(items: &'i [Marked<'a>]) -> Self {
        let all = 0..items.len() as u32;
        Self { items, of: all.clone().collect(), members: all.map(|item| vec![item]).collect() }
    }

    fn by(&self, item: u32) -> usize {
        self.items[item as usize].by
    }

    fn join(&mut self, one: u32, other: u32) {
        let (one, other) = (self.of[one as usize], self.of[other as usize]);
        let (into, from) = (one.min(other), one.max(other));
        let (these, those) = (&self.members[into as usize], &self.members[from as usize]);
        let is_there = |by| these.iter().any(|item| self.by(*item) == by);
        if into == from || those.iter().any(|item| is_there(self.by(*item))) {
            return;
        }
        let moved = std::mem::take(&mut self.members[from as usize]);
        for item in &moved {
            self.of[*item as usize] = into;
        }
        self.members[into as usize].extend(moved);
    }

    fn finish(self) -> Vec<Vec<Marked<'a>>> {
        let mut groups: Vec<_> =
            self.members.into_iter().filter(|group| !group.is_empty()).collect();
        groups.sort_unstable_by_key(|group| group.iter().min().copied());
        let items = self.items;
        let marked = |group: Vec<u32>| {
            let mut group: Vec<_> = group.iter().map(|item| items[*item as usize]).collect();
            group.sort_unstable_by_key(|marked| marked.by);
            group
        };
        groups.into_iter().map(marked).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::TextRange;

    fn span(ranges: &[(u32, u32)]) -> Span {
        let ranges =
            ranges.iter().map(|(start, end)| TextRange::new((*start).into(), (*end).into()));
        Span::from_ranges(ranges.collect()).unwrap()
    }

    #[test]
    fn gaps_do_not_count_as_overlap() {
        let whole = span(&[(0, 10)]);
        assert_eq!(overlap(&whole, &span(&[(0, 5)])), HALF);
        assert_eq!(overlap(&whole, &span(&[(0, 2), (7, 10)])), HALF);
        assert_eq!(overlap(&span(&[(0, 2), (8, 10)]), &span(&[(2, 8)])), 0);
        assert_eq!(overlap(&span(&[(0, 4), (6, 10)]), &span(&[(2, 8), (9, 12)])), (5 << 32) / 12);
    }
}
