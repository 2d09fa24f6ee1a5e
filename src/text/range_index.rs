//! Which of many ranges overlap a place, without looking at the others.
//!
//! Ranges are put into bins of 512 bytes, of eight times that, and so on, each into the
//! smallest bin that holds it whole: Kent et al. 2002, "The human genome browser at
//! UCSC", Genome Research 12. A place is overlapped only by ranges in the bins that
//! overlap it, a few on each of nine levels. The index keeps a key with each range and
//! knows nothing of what the keys stand for.

use std::collections::BTreeSet;
use text_size::{TextRange, TextSize};

/// The smallest bins hold 2⁹ bytes.
const SMALLEST: u32 = 9;
/// Each level's bins hold 2³ times as much as those of the level below.
const STEP: u32 = 3;
/// With this many levels the largest bin holds every place that 32 bits can say.
const LEVELS: u32 = 9;

/// Ranges with keys, found by what they overlap. The same range may be in it with any
/// number of keys. About 40 bytes an entry where a key has eight.
#[derive(Clone, Debug)]
pub struct RangeIndex<K> {
    /// In the order of the bins, the smallest ones first.
    entries: BTreeSet<(u32, TextSize, TextSize, K)>,
    least: K,
}

impl<K: Copy + Ord> RangeIndex<K> {
    /// An empty index. No key that is put in may be less than `least`.
    pub fn new(least: K) -> Self {
        Self { entries: BTreeSet::new(), least }
    }

    /// Puts a range in; O(log n). Once is enough: a second time changes nothing.
    pub fn insert(&mut self, range: TextRange, key: K) {
        debug_assert!(key >= self.least);
        self.entries.insert((bin_of(range), range.start(), range.end(), key));
    }

    /// Takes a range out; O(log n). False when it was not in with this key.
    pub fn remove(&mut self, range: TextRange, key: K) -> bool {
        self.entries.remove(&(bin_of(range), range.start(), range.end(), key))
    }

    /// The keys of the ranges that share at least one byte with `range`, or that have an
    /// empty one inside, and of no others; in no order that means anything. O(log n + k),
    /// where k also counts the ranges that are in the bins at either end and miss `range`.
    pub fn overlapping(&self, range: TextRange) -> impl Iterator<Item = K> {
        let last = u32::from(range.end()).checked_sub(1);
        let levels = last.into_iter().flat_map(|last| (0..LEVELS).map(move |level| (level, last)));
        levels.flat_map(move |(level, last)| {
            let first = last.min(range.start().into());
            let from = (bin(level, first), 0.into(), 0.into(), self.least);
            // What starts where `range` ends is beside it.
            let to = (bin(level, last), range.end(), 0.into(), self.least);
            self.entries
                .range(from..to)
                .filter(move |(_, _, end, _)| *end > range.start())
                .map(|(.., key)| *key)
        })
    }
}

/// The smallest bin that holds a range whole; an empty one counts as one byte.
fn bin_of(range: TextRange) -> u32 {
    let first = u32::from(range.start());
    let last = u32::from(range.end()).saturating_sub(1).max(first);
    let level = (0..LEVELS - 1).find(|level| shifted(*level, first) == shifted(*level, last));
    bin(level.unwrap_or(LEVELS - 1), first)
}

/// The bin of one level that a byte lies in.
fn bin(level: u32, at: u32) -> u32 {
    let before: u32 = (0..level).map(|level| shifted(level, u32::MAX) + 1).sum();
    before + shifted(level, at)
}

/// The number of a byte's bin within its level.
fn shifted(level: u32, at: u32) -> u32 {
    at.checked_shr(SMALLEST + STEP * level).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn range(start: u32, len: u32) -> TextRange {
        TextRange::new(start.into(), start.saturating_add(len).into())
    }

    /// Ranges of every order of magnitude, many of them at the borders of bins.
    fn ranges() -> BoxedStrategy<TextRange> {
        let near = |(power, off): (u32, u32)| (1u32 << power).saturating_sub(off);
        let number = || (0..32u32, 0..3u32).prop_map(near);
        let place = (number(), 0..4u32).prop_map(|(at, bins)| at.saturating_add(bins << SMALLEST));
        (place, number()).prop_map(|(at, len)| range(at, len)).boxed()
    }

    fn small_ranges() -> BoxedStrategy<TextRange> {
        (0..3000u32, 0..900u32).prop_map(|(at, len)| range(at, len)).boxed()
    }

    #[derive(Clone, Debug)]
    enum Op {
        Insert(TextRange, u64),
        Remove(usize),
        Ask(TextRange),
    }

    fn ops(ranges: BoxedStrategy<TextRange>) -> impl Strategy<Value = Vec<Op>> {
        let op = prop_oneof![
            4 => (ranges.clone(), 0..9u64).prop_map(|(range, key)| Op::Insert(range, key)),
            2 => any::<prop::sample::Index>().prop_map(|index| Op::Remove(index.index(64))),
            3 => ranges.prop_map(Op::Ask),
        ];
        prop::collection::vec(op, 0..120)
    }

    fn same_as_a_scan(ops: Vec<Op>) {
        let mut index = RangeIndex::new(0);
        let mut naive: Vec<(TextRange, u64)> = Vec::new();
        for op in ops {
            match op {
                Op::Insert(range, key) => {
                    index.insert(range, key);
                    if !naive.contains(&(range, key)) {
                        naive.push((range, key));
                    }
                }
                Op::Remove(at) if at < naive.len() => {
                    let (range, key) = naive.swap_remove(at);
                    assert!(index.remove(range, key));
                    assert!(!index.remove(range, key));
                }
                Op::Remove(_) => assert!(!index.remove(range(7, 7), 99)),
                Op::Ask(asked) => {
                    let overlaps = |range: &TextRange| {
                        range.start() < asked.end() && asked.start() < range.end()
                    };
                    let mut expected: Vec<_> = naive
                        .iter()
                        .filter(|(range, _)| overlaps(range))
                        .map(|(_, key)| *key)
                        .collect();
                    let mut found: Vec<_> = index.overlapping(asked).collect();
                    expected.sort_unstable();
                    found.sort_unstable();
                    assert_eq!(found, expected);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn it_finds_what_a_scan_finds(ops in ops(small_ranges())) {
            same_as_a_scan(ops);
        }

        #[test]
        fn it_finds_what_a_scan_finds_anywhere(ops in ops(ranges())) {
            same_as_a_scan(ops);
        }
    }

    #[test]
    fn bins_of_different_levels_are_different() {
        assert_eq!(bin_of(range(0, 512)), 0);
        assert_eq!(bin_of(range(511, 1)), 0);
        assert_eq!(bin_of(range(512, 1)), 1);
        assert_eq!(bin_of(range(511, 2)), bin(1, 0));
        assert_eq!(bin(1, 0), 1 << 23);
        assert_eq!(bin_of(range(0, u32::MAX)), bin(8, 0));
        assert_eq!(bin(8, u32::MAX), bin(7, u32::MAX) + 1);
    }
}
