//! Two coders, one category each for every item: κ, π and S from one table.

use super::super::Score;

/// How often the first coder chose one category (row) while the second chose another
/// (column).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CodingTable {
    size: usize,
    counts: Vec<f64>,
}

impl CodingTable {
    /// A table without items for so many categories.
    pub fn new(size: usize) -> Self {
        Self { size, counts: vec![0.0; size * size] }
    }

    /// A table of counts, row by row.
    pub fn from_rows<const N: usize>(rows: [[f64; N]; N]) -> Self {
        Self { size: N, counts: rows.into_iter().flatten().collect() }
    }

    /// Counts items of which the coders said these; categories beyond the table are left
    /// out.
    pub fn add(&mut self, first: usize, second: usize, items: f64) {
        if first < self.size && second < self.size {
            self.counts[first * self.size + second] += items;
        }
    }

    /// Adds the items of a table for as many categories.
    pub fn add_all(&mut self, other: &Self) {
        for (own, more) in self.counts.iter_mut().zip(&other.counts) {
            *own += more;
        }
    }

    /// The number of items.
    pub fn items(&self) -> f64 {
        self.counts.iter().sum()
    }

    /// The share of items with the same category from both.
    pub fn observed(&self) -> Score {
        let same: f64 = (0..self.size).map(|at| self.counts[at * self.size + at]).sum();
        Score::ratio(same, self.items())
    }

    /// κ = (Po − Pe) / (1 − Pe), each coder with their own distribution (Cohen 1960).
    pub fn cohen(&self) -> Score {
        self.beyond(|row, column| row * column)
    }

    /// π, both coders with one distribution (Scott 1955).
    pub fn scott(&self) -> Score {
        self.beyond(|row, column| ((row + column) / 2.0).powi(2))
    }

    /// S, every category as likely as any other (Bennett, Alpert and Goldstein 1954).
    pub fn bennett(&self) -> Score {
        let by_chance = 1.0 / self.size as f64;
        self.beyond(|_, _| by_chance * by_chance)
    }

    /// (Po − Pe) / (1 − Pe), with what each category adds to Pe given the two shares of it.
    fn beyond(&self, by_chance: impl Fn(f64, f64) -> f64) -> Score {
        let items = self.items();
        let Score::Known(observed) = self.observed() else { return Score::Undefined };
        let share = |category: usize| {
            let row = &self.counts[category * self.size..(category + 1) * self.size];
            let column = self.counts.iter().skip(category).step_by(self.size);
            by_chance(row.iter().sum::<f64>() / items, column.sum::<f64>() / items)
        };
        let expected: f64 = (0..self.size).map(share).sum();
        // Where all is one category, rounding must not make a number of nothing.
        if 1.0 - expected < 1e-12 {
            return Score::Undefined;
        }
        Score::ratio(observed - expected, 1.0 - expected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(score: Score, expected: f64, digits: i32) {
        let within = 0.5 * 10f64.powi(-digits) + 1e-12;
        assert!((score.value().unwrap() - expected).abs() <= within, "{score:?}");
    }

    #[test]
    fn published_tables() {
        // Cohen 1960, page 45; the page prints .492.
        let cohen = [[88.0, 14.0, 18.0], [10.0, 40.0, 10.0], [2.0, 6.0, 12.0]];
        near(CodingTable::from_rows(cohen).cohen(), 0.4915, 4);
        // Artstein and Poesio 2008, example 1.
        let table = CodingTable::from_rows([[20.0, 20.0], [10.0, 50.0]]);
        near(table.cohen(), 0.348, 3);
        near(table.scott(), 0.341, 3);
        near(table.bennett(), 0.4, 12);
    }

    #[test]
    fn one_category_alone_says_nothing() {
        let mut table = CodingTable::new(2);
        assert_eq!(table.cohen(), Score::Undefined);
        table.add(1, 1, 7.0);
        assert_eq!(table.observed(), Score::Known(1.0));
        assert_eq!((table.cohen(), table.scott()), (Score::Undefined, Score::Undefined));
    }
}
