//! Which units of two annotators are the same thing said twice, one to one.
//!
//! Units that are identical always go together. What is left is settled by an assignment
//! that is best as a whole, so the answer depends neither on who is first nor on luck: the
//! order of the units decides only between answers that are equally good.

use super::super::assignment::{Pair, best_matching};
use super::super::unit::Unit;
use std::cmp::Ordering;

/// Two labels are only confused where the spans are mostly the same: places in both of
/// those in either.
const ALIKE: f64 = 0.5;
/// What a common label counts against places in common.
const SAME_LABEL: f64 = 0.5;

/// Indices into the first and the second annotator's units.
pub type Match = (usize, usize);

/// Units with the same ranges and category; of stacked ones as many as both have.
/// O(n log n).
pub fn identical(first: &[Unit], second: &[Unit]) -> Vec<Match> {
    identical_by(first, second, |_, _| 0)
}

/// The same; of stacked ones those go together with which the sum of what is `equal` about
/// two units is the greatest, so that the order in which they were made decides only where
/// it tells nothing. O(n log n), and the assignment problem of each stack.
fn identical_by(
    first: &[Unit],
    second: &[Unit],
    equal: impl Fn(usize, usize) -> u32,
) -> Vec<Match> {
    let sorted = |units: &[Unit]| {
        let mut order: Vec<usize> = (0..units.len()).collect();
        order.sort_by(|one, other| units[*one].cmp(&units[*other]));
        order
    };
    let (these, those) = (sorted(first), sorted(second));
    let (mut these, mut those) = (these.as_slice(), those.as_slice());
    let mut matches = Vec::new();
    while let (Some(this), Some(that)) = (these.first(), those.first()) {
        let (own, others) = (&first[*this], &second[*that]);
        let stack = these.partition_point(|at| first[*at] <= *own);
        let other_stack = those.partition_point(|at| second[*at] <= *others);
        match own.cmp(others) {
            Ordering::Less => these = &these[stack..],
            Ordering::Greater => those = &those[other_stack..],
            Ordering::Equal => {
                stacked(&these[..stack], &those[..other_stack], &equal, &mut matches);
                (these, those) = (&these[stack..], &those[other_stack..]);
            }
        }
    }
    matches.sort_unstable();
    matches
}

/// Matches units that are all identical.
fn stacked(
    these: &[usize],
    those: &[usize],
    equal: &impl Fn(usize, usize) -> u32,
    matches: &mut Vec<Match>,
) {
    let mut pairs = Vec::new();
    if these.len() > 1 || those.len() > 1 {
        for (row, this) in these.iter().enumerate() {
            for (column, that) in those.iter().enumerate() {
                pairs.push(Pair { row, column, gain: f64::from(equal(*this, *that)) + 1.0 });
            }
        }
    }
    if pairs.iter().all(|pair| pair.gain == 1.0) {
        matches.extend(these.iter().copied().zip(those.iter().copied()));
        return;
    }
    // Every pair gains something, so as many are matched as there are of the fewer.
    let found = best_matching(these.len(), those.len(), &pairs).into_iter().enumerate();
    matches.extend(found.filter_map(|(row, column)| Some((these[row], those[column?]))));
}

/// Units of one category that share at least one place: identical ones first, and of the
/// rest as many as can be matched, and of the ways to do so the one with the greatest sum of
/// likenesses (places in both of those in either).
pub fn overlapping(first: &[Unit], second: &[Unit]) -> Vec<Match> {
    // Likenesses add up to less than one match more.
    let small = 0.5 / (first.len().min(second.len()) + 1) as f64;
    matched(identical(first, second), first, second, |one, other| {
        (one.category == other.category).then(|| 1.0 + small * likeness(one, other))
    })
}

/// Units that mean the same place, whatever their categories: what a confusion of labels,
/// a difference of boundaries or of attributes is told from. Identical ones first, stacked
/// ones such that the most attributes are `equal` (how many two units have with the same
/// value); the rest by the greatest sum of likenesses, a common category counting as much as half of the
/// places in common. Units of two categories are only matched where at least half of the
/// places are in common.
pub fn aligned(first: &[Unit], second: &[Unit], equal: impl Fn(usize, usize) -> u32) -> Vec<Match> {
    matched(identical_by(first, second, equal), first, second, |one, other| {
        let alike = likeness(one, other);
        if one.category == other.category {
            Some(alike + SAME_LABEL)
        } else {
            (alike >= ALIKE).then_some(alike)
        }
    })
}

fn likeness(one: &Unit, other: &Unit) -> f64 {
    one.likeness(other).value().unwrap_or(0.0)
}

/// Identical units, and the best assignment of the others that overlap by these gains.
fn matched(
    mut matches: Vec<Match>,
    first: &[Unit],
    second: &[Unit],
    gain: impl Fn(&Unit, &Unit) -> Option<f64>,
) -> Vec<Match> {
    let is_first = flags(first.len(), matches.iter().map(|(first, _)| *first));
    let is_second = flags(second.len(), matches.iter().map(|(_, second)| *second));
    let mut pairs = Vec::new();
    let near = Neighbours::of(second);
    for (row, one) in first.iter().enumerate().filter(|(row, _)| !is_first[*row]) {
        for column in near.touching(second, one) {
            let other = &second[column];
            if !is_second[column]
                && one.shared(other) > 0
                && let Some(gain) = gain(one, other)
            {
                pairs.push(Pair { row, column, gain });
            }
        }
    }
    if !pairs.is_empty() {
        let found = best_matching(first.len(), second.len(), &pairs);
        let found = found.into_iter().enumerate();
        matches.extend(found.filter_map(|(row, column)| Some((row, column?))));
        matches.sort_unstable();
    }
    matches
}

fn flags(len: usize, set: impl Iterator<Item = usize>) -> Vec<bool> {
    let mut flags = vec![false; len];
    set.for_each(|at| flags[at] = true);
    flags
}

/// Units by where they start, and how far those up to each of them reach.
struct Neighbours {
    by_start: Vec<usize>,
    reach: Vec<u32>,
}

impl Neighbours {
    fn of(units: &[Unit]) -> Self {
        let mut by_start: Vec<usize> = (0..units.len()).collect();
        by_start.sort_by_key(|at| units[*at].extent().start);
        let reach = by_start.iter().scan(0, |reach, at| {
            *reach = units[*at].extent().end.max(*reach);
            Some(*reach)
        });
        let reach = reach.collect();
        Self { by_start, reach }
    }

    /// The units whose extent overlaps that of another one.
    fn touching<'a>(&'a self, units: &'a [Unit], unit: &Unit) -> impl Iterator<Item = usize> + 'a {
        let extent = unit.extent();
        let to = self.by_start.partition_point(|at| units[*at].extent().start < extent.end);
        let from = self.reach[..to].partition_point(|reach| *reach <= extent.start);
        let near = self.by_start[from..to].iter().copied();
        near.filter(move |at| units[*at].extent().end > extent.start)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::unit::{Category, Stretch};
    use super::*;
    use proptest::prelude::*;

    fn units(written: &[(u32, u32, u32)]) -> Vec<Unit> {
        let unit = |(start, end, label): &(u32, u32, u32)| {
            Unit::new(Stretch::new(*start, *end), Category(*label))
        };
        written.iter().map(unit).collect()
    }

    #[test]
    fn stacked_units_are_matched_as_often_as_both_have_them() {
        let (one, two) = (units(&[(0, 4, 0)]), units(&[(0, 4, 0), (0, 4, 0), (0, 4, 1)]));
        assert_eq!(identical(&two, &two), [(0, 0), (1, 1), (2, 2)]);
        assert_eq!((identical(&one, &two).len(), overlapping(&two, &one).len()), (1, 1));
    }

    #[test]
    fn stacked_units_are_matched_so_that_their_attributes_agree_best() {
        let (two, one) = (units(&[(0, 4, 0), (0, 4, 0)]), units(&[(0, 4, 0)]));
        let second_alone = |first: usize, _: usize| u32::from(first == 1);
        assert_eq!(aligned(&two, &one, second_alone), [(1, 0)]);
        let crosswise = |first: usize, second: usize| u32::from(first != second);
        assert_eq!(aligned(&two, &two, crosswise), [(0, 1), (1, 0)]);
        // Two that say little alike are better than one that says more.
        let equal = |first: usize, second: usize| [[3, 2], [2, 0]][first][second];
        assert_eq!(aligned(&two, &two, equal), [(0, 1), (1, 0)]);
    }

    #[test]
    fn a_good_match_is_given_up_where_two_can_be_had() {
        // The first of these is more like the second of those, which only it can have.
        let these = units(&[(0, 10, 0), (9, 12, 0)]);
        let those = units(&[(0, 3, 0), (1, 10, 0)]);
        assert_eq!(overlapping(&these, &those), [(0, 0), (1, 1)]);
    }

    #[test]
    fn identical_units_go_together_whatever_else_could() {
        let these = units(&[(0, 10, 0), (2, 14, 0)]);
        let those = units(&[(0, 10, 0), (0, 2, 0)]);
        assert_eq!(overlapping(&these, &those), [(0, 0)]);
    }

    #[test]
    fn labels_are_confused_only_on_mostly_the_same_words() {
        let claim = units(&[(0, 50, 3)]);
        assert_eq!(aligned(&units(&[(0, 9, 0)]), &claim, |_, _| 0), []);
        assert_eq!(aligned(&units(&[(0, 45, 0)]), &claim, |_, _| 0), [(0, 0)]);
        // The same words with another label are nearer than a letter with the same one.
        let these = units(&[(0, 10, 0)]);
        let those = units(&[(0, 10, 1), (9, 30, 0)]);
        assert_eq!(aligned(&these, &those, |_, _| 0), [(0, 0)]);
    }

    proptest! {
        #[test]
        fn who_is_first_makes_no_difference(
            written in prop::collection::vec((0..30u32, 1..12u32, 0..2u32), 0..12),
            split in 0..12usize,
        ) {
            let all: Vec<_> = written.iter().map(|(at, len, label)| (*at, at + len, *label)).collect();
            let (one, two) = all.split_at(split.min(all.len()));
            let (one, two) = (units(one), units(two));
            let there = overlapping(&one, &two);
            prop_assert_eq!(there.len(), overlapping(&two, &one).len());
            prop_assert!(there.len() >= identical(&one, &two).len());
            for (first, second) in there {
                prop_assert!(one[first].shared(&two[second]) > 0);
                prop_assert_eq!(one[first].category, two[second].category);
            }
        }
    }
}
