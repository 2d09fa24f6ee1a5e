//! α_U of one category (Krippendorff 1995, "On the reliability of unitizing continuous
//! data"; 2004, "Content Analysis", section 11.6). With more than two coders prefer the
//! family of 2016.

use super::super::Score;
use super::super::unit::{Category, Stretch, merged};
use super::Continuum;

/// How far coders differ in one category, or in several together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Disagreement {
    /// Do, as found.
    pub observed: f64,
    /// De, by chance.
    pub expected: f64,
}

impl Disagreement {
    /// α_U = 1 − Do / De; undefined where no unit could have differed.
    pub fn alpha(self) -> Score {
        Score::beyond_chance(self.observed, self.expected)
    }

    /// Over categories: Do and De are averaged, not the alphas.
    pub fn mean(categories: &[Self]) -> Self {
        let count = categories.len().max(1) as f64;
        let sum = |part: fn(&Self) -> f64| categories.iter().map(part).sum::<f64>() / count;
        Self { observed: sum(|one| one.observed), expected: sum(|one| one.expected) }
    }
}

/// α_U of a category over articles laid end to end; units are only compared within an
/// article. `None` where the articles have not all the same number of coders, or fewer than
/// two: this measure knows no missing data.
///
/// Do = 2·ΣΣδ² / (m(m−1)L²), with δ² = (b−b')² + (e−e')² for units that overlap and l² for a
/// unit in a gap of the other coder; De = 2/L · Σ_units[(N−1)/3·(2l³−3l²+l) +
/// l²·Σ_{gaps≥l}(gap−l+1)] / (mL(mL−1) − Σl(l−1)). O(n log n) in the units.
pub fn unitizing_alpha(continua: &[Continuum<'_>], category: Category) -> Option<Disagreement> {
    let coders = continua.first()?.coders.len();
    if coders < 2 || continua.iter().any(|continuum| continuum.coders.len() != coders) {
        return None;
    }
    let m = coders as f64;
    let length: f64 = continua.iter().map(|continuum| f64::from(continuum.length)).sum();
    let mut squares = 0.0;
    let mut chance = Chance::default();
    let mut open = vec![0.0; coders];
    for continuum in continua {
        let stretches = |units: &&[super::Unit]| {
            let own = units.iter().filter(|unit| unit.category == category);
            merged(own.flat_map(|unit| unit.parts().iter().copied()).collect())
        };
        let stretches: Vec<Vec<Stretch>> = continuum.coders.iter().map(stretches).collect();
        for (at, one) in stretches.iter().enumerate() {
            squares += stretches[at + 1..].iter().map(|other| difference(one, other)).sum::<f64>();
        }
        for (gap, units) in open.iter_mut().zip(&stretches) {
            chance.add(gap, units, continuum.length);
        }
    }
    chance.gaps.extend(open.into_iter().filter(|gap| *gap > 0.0));
    let observed = 2.0 * squares / (m * (m - 1.0) * length * length);
    let expected = chance.expected(m * length) * 2.0 / length;
    Some(if chance.units.is_empty() {
        Disagreement::default()
    } else {
        Disagreement { observed, expected }
    })
}

/// Σδ² of two coders' units, which are in order and do not overlap.
fn difference(one: &[Stretch], other: &[Stretch]) -> f64 {
    let squared = |this: u32, that: u32| f64::from(this.abs_diff(that)).powi(2);
    let alone = |units: &[Stretch], others: &[Stretch]| -> f64 {
        let in_gap = units.iter().filter(|unit| touched(unit, others).is_empty());
        in_gap.map(|unit| f64::from(unit.len()).powi(2)).sum()
    };
    let mut sum = alone(one, other) + alone(other, one);
    for unit in one {
        let ends = |that: &Stretch| squared(unit.start, that.start) + squared(unit.end, that.end);
        sum += touched(unit, other).iter().map(ends).sum::<f64>();
    }
    sum
}

/// The units that overlap one.
fn touched<'a>(unit: &Stretch, others: &'a [Stretch]) -> &'a [Stretch] {
    let from = others.partition_point(|other| other.end <= unit.start);
    let to = others.partition_point(|other| other.start < unit.end);
    &others[from..to.max(from)]
}

/// The lengths that units and gaps have, whoever made them.
#[derive(Default)]
struct Chance {
    units: Vec<f64>,
    gaps: Vec<f64>,
}

impl Chance {
    /// Takes in a coder's units of one article; `open` is the gap that reaches into it, and
    /// then the one that reaches out of it.
    fn add(&mut self, open: &mut f64, units: &[Stretch], length: u32) {
        let mut last = 0;
        for unit in units {
            let gap = *open + f64::from(unit.start - last);
            if gap > 0.0 {
                self.gaps.push(gap);
            }
            self.units.push(f64::from(unit.len()));
            (*open, last) = (0.0, unit.end);
        }
        *open += f64::from(length.saturating_sub(last));
    }

    /// The sum over units, divided by the ways two of them could lie; `places` is mL.
    fn expected(&mut self, places: f64) -> f64 {
        self.gaps.sort_unstable_by(f64::total_cmp);
        // The sum of the gaps from each on, so that no unit goes through them all.
        let mut from = vec![0.0; self.gaps.len() + 1];
        for at in (0..self.gaps.len()).rev() {
            from[at] = from[at + 1] + self.gaps[at];
        }
        let others = self.units.len() as f64 - 1.0;
        let mut sum = 0.0;
        for l in &self.units {
            let first = self.gaps.partition_point(|gap| gap < l);
            let room = from[first] - (l - 1.0) * (self.gaps.len() - first) as f64;
            sum += others / 3.0 * (2.0 * l.powi(3) - 3.0 * l * l + l) + l * l * room;
        }
        let within: f64 = self.units.iter().map(|l| l * (l - 1.0)).sum();
        sum / (places * (places - 1.0) - within)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::unit::Unit;
    use super::*;

    fn units(written: &[(u32, u32, u32)]) -> Vec<Unit> {
        // The continuum of the example begins at 150.
        let unit = |(start, end, label): &(u32, u32, u32)| {
            Unit::new(Stretch::new(start - 150, end - 150), Category(*label))
        };
        written.iter().map(unit).collect()
    }

    fn example() -> [Vec<Unit>; 2] {
        let k = [(180, 240, 1), (300, 350, 1)];
        let a = [(225, 295, 0), (370, 400, 0)];
        let b = [(220, 300, 0), (355, 375, 0), (400, 420, 0)];
        [units(&[&a[..], &k].concat()), units(&[&b[..], &k].concat())]
    }

    /// By hand. Of c, two pairs of units overlap: (225 − 220)² + (295 − 300)² = 50, and
    /// (370 − 355)² + (400 − 375)² = 850; and [400, 420) lies in a gap of A: 20² = 400. In all
    /// that is 1300, so Do = 2·1300 / (2·1·300²) = 13/900. Units are 70, 30, 80, 20, 20 long and gaps 75, 75, 50, 70, 55, 25, 30, so the
    /// sum of De is 2,767,160 and its divisor 600·599 − Σl(l−1) = 346,620: De = 2/300 ·
    /// 2767160/346620 = 69179/1299825. Of k the units are 60, 50, 60, 50 and De is
    /// 127621/2605650; nobody disagrees.
    #[test]
    fn every_digit_is_that_of_the_example() {
        let [a, b] = example();
        let continuum = Continuum { length: 300, coders: vec![&a, &b] };
        let c = unitizing_alpha(std::slice::from_ref(&continuum), Category(0)).unwrap();
        let k = unitizing_alpha(&[continuum], Category(1)).unwrap();
        let near = |value: f64, exact: f64| {
            assert!((value - exact).abs() < 1e-14, "{value} is not {exact}");
        };
        near(c.observed, 13.0 / 900.0);
        near(c.expected, 69179.0 / 1_299_825.0);
        near(c.alpha().value().unwrap(), 201_615.0 / 276_716.0);
        near(k.observed, 0.0);
        near(k.expected, 127_621.0 / 2_605_650.0);
        let both = Disagreement::mean(&[c, k]).alpha().value().unwrap();
        near(both, 7_925_853_267.0 / 9_230_432_738.0);
    }

    /// Krippendorff 2004, page 254, which has .8591 overall from the four digits that it
    /// prints of the others.
    #[test]
    fn published_values() {
        let [a, b] = example();
        let continuum = Continuum { length: 300, coders: vec![&a, &b] };
        let c = unitizing_alpha(std::slice::from_ref(&continuum), Category(0)).unwrap();
        let k = unitizing_alpha(&[continuum], Category(1)).unwrap();
        assert_eq!(format!("{:.4} {:.4}", c.observed, c.expected), "0.0144 0.0532");
        assert_eq!(format!("{:.4}", c.alpha().value().unwrap()), "0.7286");
        assert_eq!(k.alpha(), Score::Known(1.0));
        let printed = |value: f64| (value * 1e4).round() / 1e4;
        let rounded = |one: Disagreement| Disagreement {
            observed: printed(one.observed),
            expected: printed(one.expected),
        };
        let overall = Disagreement::mean(&[rounded(c), rounded(k)]).alpha();
        assert_eq!(format!("{:.4}", overall.value().unwrap()), "0.8591");
    }

    #[test]
    fn a_gap_reaches_from_one_article_into_the_next() {
        let [a, b] = example();
        let whole = Continuum { length: 300, coders: vec![&a, &b] };
        // The same continuum, cut where neither coder has a unit.
        let cut = 275;
        let head = |units: &[Unit]| {
            let head = units.iter().filter(|unit| unit.extent().end <= cut);
            head.cloned().collect::<Vec<_>>()
        };
        let (first, second) = (head(&a), head(&b));
        let parts = [
            Continuum { length: cut, coders: vec![&first, &second] },
            Continuum { length: 300 - cut, coders: vec![&[], &[]] },
        ];
        let found = unitizing_alpha(&parts, Category(0)).unwrap();
        let expected = unitizing_alpha(&[whole], Category(0)).unwrap();
        assert!((found.alpha().value().unwrap() - expected.alpha().value().unwrap()).abs() < 1e-12);
    }

    #[test]
    fn nothing_marked_is_undefined_and_missing_coders_are_not_guessed() {
        let continuum = Continuum { length: 300, coders: vec![&[], &[]] };
        assert_eq!(
            unitizing_alpha(std::slice::from_ref(&continuum), Category(0)).unwrap().alpha(),
            Score::Undefined
        );
        let alone = Continuum { length: 300, coders: vec![&[]] };
        assert_eq!(unitizing_alpha(&[continuum, alone], Category(0)), None);
    }
}
