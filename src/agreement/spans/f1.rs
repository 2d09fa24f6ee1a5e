//! Pairwise F1, the headline: what share of what two annotators marked both marked.
//!
//! F1 needs no true negatives, and is what κ comes to when there are many of them
//! (Hripcsak and Rothschild 2005, "Agreement, the F-measure, and reliability in information
//! retrieval").

use super::super::Score;
use super::super::unit::{Category, Unit};
use super::matching::{identical, overlapping};

/// How much of a span has to be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// The same ranges.
    Exact,
    /// At least one place.
    Overlap,
}

/// How many units two annotators have, and how many of them are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Those that both have.
    pub both: u64,
    /// Those of the first annotator.
    pub first: u64,
    /// Those of the second one.
    pub second: u64,
}

impl Tally {
    /// 2·|A∩B| / (|A| + |B|); undefined where neither marked anything.
    pub fn f1(self) -> Score {
        Score::ratio(2.0 * self.both as f64, (self.first + self.second) as f64)
    }

    /// Of the second one's units, the share that the first one has: precision, where the
    /// first is gold.
    pub fn precision(self) -> Score {
        Score::ratio(self.both as f64, self.second as f64)
    }

    /// Of the first one's units, the share that the second one has: recall, where the first
    /// is gold.
    pub fn recall(self) -> Score {
        Score::ratio(self.both as f64, self.first as f64)
    }
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.both += other.both;
        self.first += other.first;
        self.second += other.second;
    }
}

/// Counts all units of an article.
pub fn f1_tally(first: &[Unit], second: &[Unit], extent: Extent) -> Tally {
    let both = matches(first, second, extent).len() as u64;
    Tally { both, first: first.len() as u64, second: second.len() as u64 }
}

/// Counts the units of each of so many categories. The sum is that of [`f1_tally`],
/// because only units of one category are matched.
pub fn f1_by_category(
    first: &[Unit],
    second: &[Unit],
    extent: Extent,
    categories: usize,
) -> Vec<Tally> {
    let mut tallies = vec![Tally::default(); categories];
    let mut count = |category: Category, add: fn(&mut Tally)| {
        if let Some(tally) = tallies.get_mut(category.0 as usize) {
            add(tally);
        }
    };
    first.iter().for_each(|unit| count(unit.category, |tally| tally.first += 1));
    second.iter().for_each(|unit| count(unit.category, |tally| tally.second += 1));
    for (at, _) in matches(first, second, extent) {
        count(first[at].category, |tally| tally.both += 1);
    }
    tallies
}

fn matches(first: &[Unit], second: &[Unit], extent: Extent) -> Vec<(usize, usize)> {
    match extent {
        Extent::Exact => identical(first, second),
        Extent::Overlap => overlapping(first, second),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::unit::Stretch;
    use super::*;

    fn unit(parts: &[(u32, u32)], label: u32) -> Unit {
        let parts = parts.iter().map(|(start, end)| Stretch::new(*start, *end)).collect();
        Unit::from_parts(parts, Category(label)).unwrap()
    }

    #[test]
    fn nested_stacked_and_discontinuous_spans_are_counted_by_hand() {
        // A claim, an actor in it, and a quotation around “he said”.
        let first = [unit(&[(0, 40)], 3), unit(&[(0, 9)], 0), unit(&[(50, 60), (70, 80)], 3)];
        // The actor one word longer, twice; the quotation without its gap.
        let second =
            [unit(&[(0, 40)], 3), unit(&[(0, 14)], 0), unit(&[(0, 14)], 0), unit(&[(50, 80)], 3)];
        let exact = f1_tally(&first, &second, Extent::Exact);
        assert_eq!(exact, Tally { both: 1, first: 3, second: 4 });
        let overlap = f1_tally(&first, &second, Extent::Overlap);
        assert_eq!(overlap.both, 3);
        assert_eq!(overlap.f1(), Score::Known(6.0 / 7.0));
        let by_label = f1_by_category(&first, &second, Extent::Overlap, 4);
        assert_eq!(by_label[0], Tally { both: 1, first: 1, second: 2 });
        assert_eq!(by_label[3].f1(), Score::Known(1.0));
        assert_eq!(by_label[1].f1(), Score::Undefined);
    }
}
