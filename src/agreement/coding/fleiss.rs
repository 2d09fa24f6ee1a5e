//! Any number of coders, the same number for every item: Fleiss' κ.

use super::super::Score;

/// Fleiss' κ and what it is made of (Fleiss 1971, "Measuring nominal scale agreement among
/// many raters").
#[derive(Clone, Debug, PartialEq)]
pub struct Fleiss {
    /// The mean share of pairs of coders that agree on an item.
    pub observed: Score,
    /// That share by chance.
    pub expected: Score,
    /// (Po − Pe) / (1 − Pe).
    pub kappa: Score,
    /// The same for each category against all others.
    pub by_category: Vec<Score>,
}

/// What is counted of items, so that the items of several articles can be added up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FleissTable {
    items: f64,
    /// Over items, the share of pairs of coders that agree.
    agreeing: f64,
    /// Ordered pairs of coders.
    pairs: f64,
    /// For each category over items, the share of coders who chose it.
    shares: Vec<f64>,
    /// For each category the ordered pairs of which only the first chose it.
    split: Vec<f64>,
}

impl FleissTable {
    /// A table without items for so many categories.
    pub fn new(categories: usize) -> Self {
        Self { shares: vec![0.0; categories], split: vec![0.0; categories], ..Self::default() }
    }

    /// Counts an item by how many coders chose each category; categories beyond the table
    /// are left out, and so is an item with fewer than two coders. O(categories).
    pub fn add(&mut self, item: &[u32]) {
        let coders: f64 = item.iter().copied().map(f64::from).sum();
        if coders < 2.0 {
            return;
        }
        let squares: f64 = item.iter().map(|chose| f64::from(*chose).powi(2)).sum();
        self.items += 1.0;
        self.agreeing += (squares - coders) / (coders * (coders - 1.0));
        self.pairs += coders * (coders - 1.0);
        for ((share, split), chose) in self.shares.iter_mut().zip(&mut self.split).zip(item) {
            let chose = f64::from(*chose);
            *share += chose / coders;
            *split += chose * (coders - chose);
        }
    }

    /// Adds the items of a table for as many categories.
    pub fn add_all(&mut self, other: &Self) {
        self.items += other.items;
        self.agreeing += other.agreeing;
        self.pairs += other.pairs;
        for (own, more) in self.shares.iter_mut().zip(&other.shares) {
            *own += more;
        }
        for (own, more) in self.split.iter_mut().zip(&other.split) {
            *own += more;
        }
    }

    /// κ and what it is made of. O(categories).
    pub fn measured(&self) -> Fleiss {
        let share = |sum: &f64| sum / self.items;
        let observed = Score::ratio(self.agreeing, self.items);
        let expected = if self.items == 0.0 {
            Score::Undefined
        } else {
            Score::Known(self.shares.iter().map(|sum| share(sum).powi(2)).sum())
        };
        let kappa = match (observed, expected) {
            (Score::Known(observed), Score::Known(expected)) if 1.0 - expected > 1e-12 => {
                Score::beyond_chance(1.0 - observed, 1.0 - expected)
            }
            _ => Score::Undefined,
        };
        let of = |(split, sum): (&f64, &f64)| {
            Score::beyond_chance(*split, self.pairs * share(sum) * (1.0 - share(sum)))
        };
        let by_category = self.split.iter().zip(&self.shares).map(of).collect();
        Fleiss { observed, expected, kappa, by_category }
    }
}

/// κ of items, each with how many coders chose each category. Items with fewer than two
/// coders say nothing and are left out; where the number of coders differs from item to
/// item, each item counts alike. O(items · categories).
pub fn fleiss(items: &[Vec<u32>]) -> Fleiss {
    let mut table = FleissTable::new(items.iter().map(Vec::len).max().unwrap_or(0));
    items.iter().for_each(|item| table.add(item));
    table.measured()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fleiss 1971, table 1: thirty patients, six psychiatrists each, five diagnoses.
    const DIAGNOSES: [[u32; 5]; 30] = [
        [0, 0, 0, 6, 0],
        [0, 3, 0, 0, 3],
        [0, 1, 4, 0, 1],
        [0, 0, 0, 0, 6],
        [0, 3, 0, 3, 0],
        [2, 0, 4, 0, 0],
        [0, 0, 4, 0, 2],
        [2, 0, 3, 1, 0],
        [2, 0, 0, 4, 0],
        [0, 0, 0, 0, 6],
        [1, 0, 0, 5, 0],
        [1, 1, 0, 4, 0],
        [0, 3, 3, 0, 0],
        [1, 0, 0, 5, 0],
        [0, 2, 0, 3, 1],
        [0, 0, 5, 0, 1],
        [3, 0, 0, 1, 2],
        [5, 1, 0, 0, 0],
        [0, 2, 0, 4, 0],
        [1, 0, 2, 0, 3],
        [0, 0, 0, 0, 6],
        [0, 1, 0, 5, 0],
        [0, 2, 0, 1, 3],
        [2, 0, 0, 4, 0],
        [1, 0, 0, 4, 1],
        [0, 5, 0, 1, 0],
        [4, 0, 0, 0, 2],
        [0, 2, 0, 4, 0],
        [1, 0, 5, 0, 0],
        [0, 0, 0, 0, 6],
    ];

    /// By hand, from the table: its columns sum to 26, 26, 30, 55 and 43 of 180, and its
    /// squares to 680. So Po = (680 − 180) / (30·6·5) = 5/9; Pe = (26² + 26² + 30² + 55² +
    /// 43²) / 180² = 7126/32400 = 3563/16200; κ = (5/9 − Pe) / (1 − Pe) = 5437/12637. Of each
    /// category the pairs that it splits are Σ n(6 − n) = 84, 84, 60, 101 and 71, and its κ is
    /// 1 − split / (900 p (1 − p)): for the first 1 − 84 / (900 · 26/180 · 154/180) = 35/143.
    #[test]
    fn every_digit_is_that_of_the_table() {
        let found = fleiss(&DIAGNOSES.map(|item| item.to_vec()));
        let near = |score: Score, exact: f64| {
            let value = score.value().unwrap();
            assert!((value - exact).abs() < 1e-14, "{value} is not {exact}");
        };
        near(found.observed, 5.0 / 9.0);
        near(found.expected, 3563.0 / 16200.0);
        near(found.kappa, 5437.0 / 12637.0);
        let exact = [35.0 / 143.0, 35.0 / 143.0, 0.52, 3239.0 / 6875.0, 3335.0 / 5891.0];
        assert_eq!(found.by_category.len(), exact.len());
        found.by_category.iter().zip(exact).for_each(|(score, exact)| near(*score, exact));
    }

    /// The paper rounds on the way: shares to three digits, from which it has .2201 and the
    /// values of the categories.
    #[test]
    fn published_values() {
        let found = fleiss(&DIAGNOSES.map(|item| item.to_vec()));
        assert_eq!(format!("{:.4}", found.observed.value().unwrap()), "0.5556");
        assert_eq!(found.kappa.to_string(), "0.430");
        let rounded = |value: f64| (value * 1e3).round() / 1e3;
        let share =
            |at: usize| DIAGNOSES.iter().map(|item| f64::from(item[at])).sum::<f64>() / 180.0;
        let printed: f64 = (0..5).map(|at| rounded(share(at)).powi(2)).sum();
        assert_eq!(format!("{printed:.4}"), "0.2201");
        let published = ["0.248", "0.248", "0.517", "0.470", "0.565"];
        for (at, published) in published.iter().enumerate() {
            let squares: f64 = DIAGNOSES.iter().map(|item| f64::from(item[at]).powi(2)).sum();
            let share = rounded(share(at));
            let agreeing = rounded((squares - 180.0 * share) / (900.0 * share));
            assert_eq!(format!("{:.3}", (agreeing - share) / (1.0 - share)), *published);
            assert!(
                (found.by_category[at].value().unwrap() - (agreeing - share) / (1.0 - share)).abs()
                    < 4e-3
            );
        }
    }

    #[test]
    fn items_of_one_coder_are_no_agreement() {
        let found = fleiss(&[vec![1, 0], vec![0, 1]]);
        assert_eq!((found.observed, found.kappa), (Score::Undefined, Score::Undefined));
        assert_eq!(fleiss(&[vec![3, 0], vec![3, 0]]).kappa, Score::Undefined);
    }
}
