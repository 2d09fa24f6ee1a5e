//! Krippendorff's α: any number of coders, values missing, values of any level.

use super::super::Score;

/// What the difference between two values means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Values are the same or not.
    Nominal,
    /// Values have an order; how many values lie between two says how far apart they are.
    Ordinal,
    /// Differences mean the same everywhere.
    Interval,
    /// Proportions count, and zero means none; no value is negative.
    Ratio,
}

/// α = 1 − Do / De, and the two.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Alpha {
    /// The mean difference between values of one item.
    pub observed: Score,
    /// The mean difference between any two values.
    pub expected: Score,
    /// α itself: 1 for perfect agreement, 0 for what chance gives.
    pub alpha: Score,
}

/// α of items, each with the values that it was given, by however many coders (Krippendorff
/// 2004, "Content Analysis", chapter 11). An item with fewer than two values cannot be
/// paired and is left out, its value too. Nominal values are any numbers, one a category.
///
/// O(n log n + d²) in the values and the different ones among them; nominal O(n log n).
pub fn krippendorff_alpha<Item: AsRef<[f64]>>(items: &[Item], metric: Metric) -> Alpha {
    let pairable = || items.iter().map(AsRef::as_ref).filter(|item| item.len() > 1);
    let values = Values::of(pairable().flatten().copied().collect());
    let mut observed = 0.0;
    for item in pairable() {
        let mut sum = 0.0;
        for (at, one) in item.iter().enumerate() {
            sum += item[at + 1..]
                .iter()
                .map(|other| values.distance(*one, *other, metric))
                .sum::<f64>();
        }
        observed += 2.0 * sum / (item.len() - 1) as f64;
    }
    let total = values.total();
    let observed = Score::ratio(observed, total);
    let expected = Score::ratio(values.all_differences(metric), total * (total - 1.0));
    let alpha = match (observed, expected) {
        (Score::Known(observed), Score::Known(expected)) => {
            Score::beyond_chance(observed, expected)
        }
        _ => Score::Undefined,
    };
    Alpha { observed, expected, alpha }
}

/// The different values in order, and how many come before each.
struct Values {
    different: Vec<f64>,
    /// One more than there are values: the last is the number of all.
    before: Vec<f64>,
}

impl Values {
    fn of(mut all: Vec<f64>) -> Self {
        all.sort_unstable_by(f64::total_cmp);
        let (mut different, mut before): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
        for (at, value) in all.iter().enumerate() {
            if different.last() != Some(value) {
                different.push(*value);
                before.push(at as f64);
            }
        }
        before.push(all.len() as f64);
        Self { different, before }
    }

    fn total(&self) -> f64 {
        self.before.last().copied().unwrap_or(0.0)
    }

    /// δ² of two values.
    fn distance(&self, one: f64, other: f64, metric: Metric) -> f64 {
        if one == other {
            return 0.0;
        }
        match metric {
            Metric::Nominal => 1.0,
            Metric::Ordinal => {
                let place = |value: f64| self.different.partition_point(|known| *known < value);
                self.between(place(one), place(other)).powi(2)
            }
            Metric::Interval => (one - other).powi(2),
            Metric::Ratio => ((one - other) / (one + other)).powi(2),
        }
    }

    /// The values from one place among the different ones to another, the two themselves
    /// counted half.
    fn between(&self, one: usize, other: usize) -> f64 {
        let middle = |at: usize| f64::midpoint(self.before[at], self.before[at + 1]);
        (middle(one) - middle(other)).abs()
    }

    fn count(&self, at: usize) -> f64 {
        self.before[at + 1] - self.before[at]
    }

    /// The sum of δ² over all ordered pairs of values.
    fn all_differences(&self, metric: Metric) -> f64 {
        let places = 0..self.different.len();
        if metric == Metric::Nominal {
            let same: f64 = places.map(|at| self.count(at).powi(2)).sum();
            return self.total().powi(2) - same;
        }
        let mut sum = 0.0;
        for one in places.clone() {
            for other in one + 1..places.end {
                let distance = match metric {
                    Metric::Ordinal => self.between(one, other).powi(2),
                    _ => self.distance(self.different[one], self.different[other], metric),
                };
                sum += 2.0 * self.count(one) * self.count(other) * distance;
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(items: &[&str], expected: &[(Metric, &str)]) {
        // A column for each coder; a point where the value is missing.
        let values = |item: &&str| -> Vec<f64> {
            item.chars().filter_map(|value| value.to_digit(10)).map(f64::from).collect()
        };
        let items: Vec<_> = items.iter().map(values).collect();
        for (metric, expected) in expected {
            let found = krippendorff_alpha(&items, *metric).alpha.value().unwrap();
            let digits = expected.len() - 2;
            assert_eq!(format!("{found:.digits$}"), *expected, "{metric:?}");
        }
    }

    #[test]
    fn published_values_of_two_coders() {
        // Krippendorff 2004, pages 224 and 227.
        let two = ["10", "11", "01", "00", "00", "01", "00", "01", "00", "00"];
        check(&two, &[(Metric::Nominal, "0.095")]);
        let more = ["00", "01", "11", "11", "11", "11", "12", "22", "22", "22", "22", "22"];
        check(&more, &[(Metric::Nominal, "0.734")]);
    }

    #[test]
    fn published_values_with_missing_data() {
        // Krippendorff 2004, page 230.
        let four = [
            "11.1", "2232", "3333", "3333", "2222", "1234", "4444", "1121", "2222", ".555", "..11",
            "..3.",
        ];
        let expected = [
            (Metric::Nominal, "0.743"),
            (Metric::Ordinal, "0.815"),
            (Metric::Interval, "0.849"),
            (Metric::Ratio, "0.797"),
        ];
        check(&four, &expected);
        // Hayes and Krippendorff 2007, page 84.
        let five = [
            "112.2", "1101.", "2333.", ".00.0", "000.0", "000.0", "102.1", "1.20.", "222.2",
            "2111.", ".100.", "0000.", "1222.", "33223", "111.1", "111.1", "212.2", "1233.",
            "1101.", "000.0", "0011.", "00.00", "2333.", "0000.", "12.22", "0111.", "00010",
            "1212.", "1122.", "112.2", "110.0", "2121.", "22.22", "3222.", "222.2", "223.2",
            "222.2", "22.12", "2222.", "111.1",
        ];
        check(&five, &[(Metric::Ordinal, "0.7598")]);
    }

    #[test]
    fn published_values_of_three_coders() {
        // Krippendorff 1980, page 139.
        let three = ["111", "122", "222", "444", "144", "222", "123", "333", "222"];
        let expected =
            [(Metric::Nominal, "0.642"), (Metric::Interval, "0.547"), (Metric::Ratio, "0.483")];
        check(&three, &expected);
    }

    #[test]
    fn values_that_cannot_be_paired_or_never_differ_are_undefined() {
        for items in [vec![], vec![vec![1.0], vec![2.0]], vec![vec![1.0, 1.0]]] {
            assert_eq!(krippendorff_alpha(&items, Metric::Interval).alpha, Score::Undefined);
        }
        let with_zero = [vec![0.0, 0.0], vec![0.0, 2.0]];
        assert!(krippendorff_alpha(&with_zero, Metric::Ratio).alpha.value().is_some());
    }
}
