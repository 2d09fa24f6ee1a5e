//! The family of 2016: uα, |uα and cuα (Krippendorff, Mathet, Bouvry and Widlöcher 2016, "On
//! the reliability of unitizing textual continua").
//!
//! Every place of every continuum has a value from each coder: a category, or φ in a gap.
//! Places with two coders are what is compared, so coders may miss articles.

use super::super::Score;
use super::super::unit::{Category, Stretch, Unit, merged};
use super::Continuum;

/// The three alphas.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct UAlpha {
    /// uα: where units are, and what they are.
    pub units: Score,
    /// |uα: where units are, whatever they are.
    pub presence: Score,
    /// cuα: what they are, where both coders have one.
    pub coding: Score,
}

/// How often which value meets which, over any number of articles. Two of them for the same
/// categories can be added up, which is what resampling articles does.
#[derive(Clone, Debug, PartialEq)]
pub struct Coincidences {
    /// Categories and φ, which is the first value.
    size: usize,
    /// ℓck, row by row.
    meeting: Vec<f64>,
    /// K_c: Σl of gaps for φ, Σl² of units for a category.
    within: Vec<f64>,
    /// The same of what of a unit meets any unit, for cuα.
    within_valued: Vec<f64>,
}

/// A coder's continuum: all of it, in order, by value and unit.
struct Cut {
    stretches: Vec<(Stretch, usize)>,
}

impl Coincidences {
    /// Nothing, for so many categories.
    pub fn none(categories: usize) -> Self {
        let size = categories + 1;
        let none = || vec![0.0; size];
        Self { size, meeting: vec![0.0; size * size], within: none(), within_valued: none() }
    }

    /// An article, all categories at once. Where units are nested or stacked, the shortest
    /// one has the place; what an inner unit leaves of an outer one are units of their own.
    /// O(n log n + n · nesting).
    pub fn of(continuum: &Continuum<'_>, categories: usize) -> Self {
        let cuts = continuum.coders.iter().map(|units| cut(units, continuum.length));
        Self::of_cuts(&cuts.collect::<Vec<_>>(), categories)
    }

    /// An article, one category against everything else: nothing is lost where categories
    /// are nested.
    pub fn of_category(continuum: &Continuum<'_>, category: Category) -> Self {
        let cut = |units: &&[Unit]| {
            let own = units.iter().filter(|unit| unit.category == category);
            let parts = merged(own.flat_map(|unit| unit.parts().iter().copied()).collect());
            with_gaps(parts.into_iter().map(|part| (part, 1)), continuum.length)
        };
        Self::of_cuts(&continuum.coders.iter().map(cut).collect::<Vec<_>>(), 1)
    }

    fn of_cuts(cuts: &[Cut], categories: usize) -> Self {
        let mut found = Self::none(categories);
        if cuts.len() < 2 {
            return found;
        }
        let others = cuts.len() as f64 - 1.0;
        for (at, one) in cuts.iter().enumerate() {
            for (stretch, value) in &one.stretches {
                let len = f64::from(stretch.len());
                found.within[*value] += if *value == 0 { len } else { len * len };
            }
            for (_, other) in cuts.iter().enumerate().filter(|(other, _)| *other != at) {
                found.add_pair(one, other, others);
            }
        }
        found
    }

    /// What one coder's stretches meet of another's.
    fn add_pair(&mut self, one: &Cut, other: &Cut, others: f64) {
        let mut rest = other.stretches.as_slice();
        for (stretch, value) in &one.stretches {
            let mut valued = 0.0;
            while let [(that, met), after @ ..] = rest {
                let shared = f64::from(stretch.shared(*that));
                self.meeting[value * self.size + met] += shared / others;
                if *met > 0 {
                    valued += shared;
                }
                if that.end > stretch.end {
                    break;
                }
                rest = after;
            }
            if *value > 0 {
                self.within_valued[*value] += valued * valued / others;
            }
        }
    }

    /// Adds those of other articles for the same categories.
    pub fn add(&mut self, other: &Self) {
        let add = |own: &mut Vec<f64>, more: &[f64]| {
            own.iter_mut().zip(more).for_each(|(own, more)| *own += more);
        };
        add(&mut self.meeting, &other.meeting);
        add(&mut self.within, &other.within);
        add(&mut self.within_valued, &other.within_valued);
    }

    /// The three alphas.
    pub fn alphas(&self) -> UAlpha {
        let rows: Vec<&[f64]> = self.meeting.chunks(self.size).collect();
        let valued: Vec<f64> = rows.iter().skip(1).flat_map(|row| &row[1..]).copied().collect();
        UAlpha {
            units: alpha(&self.meeting, &self.within),
            presence: self.presence(),
            coding: alpha(&valued, &self.within_valued[1..]),
        }
    }

    /// |uα: all categories made one.
    fn presence(&self) -> Score {
        let mut meeting = [0.0; 4];
        for (at, shared) in self.meeting.iter().enumerate() {
            let (one, other) = (at / self.size, at % self.size);
            meeting[2 * usize::from(one > 0) + usize::from(other > 0)] += shared;
        }
        alpha(&meeting, &[self.within[0], self.within[1..].iter().sum()])
    }
}

/// 1 − (ℓ·· − Σℓcc) / (ε·· − Σεcc), where εck = ℓ··(ℓc·ℓ·k − [c=k]K_c) / (ℓ··² − ΣK).
fn alpha(meeting: &[f64], within: &[f64]) -> Score {
    let size = within.len();
    let total: f64 = meeting.iter().sum();
    let same: f64 = (0..size).map(|at| meeting[at * size + at]).sum();
    let row = |at: usize| meeting[at * size..(at + 1) * size].iter().sum::<f64>();
    // The whole of ε is ℓ··, so only its diagonal has to be found.
    let by_chance: f64 = (0..size).map(|at| row(at).powi(2) - within[at]).sum();
    let pairs = total * total - within.iter().sum::<f64>();
    let expected = total - total * by_chance / pairs;
    // A single value leaves nothing but rounding.
    if expected.is_nan() || expected <= 1e-9 * total {
        return Score::Undefined;
    }
    Score::beyond_chance(total - same, expected)
}

/// Cuts a continuum so that the shortest unit has each place.
fn cut(units: &[Unit], length: u32) -> Cut {
    let mut ends: Vec<u32> = Vec::new();
    for part in units.iter().flat_map(Unit::parts) {
        ends.extend([part.start, part.end]);
    }
    ends.sort_unstable();
    ends.dedup();
    let mut order: Vec<&Unit> = units.iter().collect();
    order.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
    let mut owners = vec![0; ends.len()];
    for (number, unit) in order.iter().enumerate() {
        for part in unit.parts() {
            let from = ends.partition_point(|end| *end < part.start);
            let to = ends.partition_point(|end| *end < part.end);
            owners[from..to].fill(number + 1);
        }
    }
    let mut pieces: Vec<(Stretch, usize)> = Vec::new();
    for (cell, owner) in ends.windows(2).zip(&owners).filter(|(_, owner)| **owner > 0) {
        match pieces.last_mut() {
            Some((last, number)) if number == owner && last.end == cell[0] => last.end = cell[1],
            _ => pieces.push((Stretch { start: cell[0], end: cell[1] }, *owner)),
        }
    }
    let value = |owner: usize| order[owner - 1].category.0 as usize + 1;
    with_gaps(pieces.into_iter().map(|(stretch, owner)| (stretch, value(owner))), length)
}

/// Puts gaps between stretches that are in order.
fn with_gaps(stretches: impl Iterator<Item = (Stretch, usize)>, length: u32) -> Cut {
    let mut whole = Vec::new();
    let mut last = 0;
    for (stretch, value) in stretches {
        if stretch.start > last {
            whole.push((Stretch { start: last, end: stretch.start }, 0));
        }
        last = stretch.end;
        whole.push((stretch, value));
    }
    if length > last {
        whole.push((Stretch { start: last, end: length }, 0));
    }
    Cut { stretches: whole }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(written: &[(u32, u32, u32)]) -> Vec<Unit> {
        let unit = |(label, start, end): &(u32, u32, u32)| {
            Unit::new(Stretch::new(*start, *end), Category(*label))
        };
        written.iter().map(unit).collect()
    }

    /// The example of the paper; categories are 1 to 7.
    fn example() -> [Vec<Unit>; 3] {
        [
            units(&[(1, 2, 9), (2, 11, 17), (5, 24, 30), (6, 32, 36), (6, 36, 44), (7, 44, 60)]),
            units(&[(1, 2, 9), (3, 11, 17), (5, 19, 25), (6, 32, 44)]),
            units(&[(1, 2, 9), (4, 11, 17), (5, 21, 27), (6, 32, 36), (6, 36, 40), (6, 40, 44)]),
        ]
    }

    #[test]
    fn published_values() {
        let coders = example();
        let coders = coders.iter().map(Vec::as_slice).collect();
        let found = Coincidences::of(&Continuum { length: 60, coders }, 8).alphas();
        let shown = [found.units, found.presence, found.coding];
        let shown = shown.map(|score| format!("{:.5}", score.value().unwrap()));
        assert_eq!(shown, ["0.50967", "0.41323", "0.72408"]);
    }

    #[test]
    fn coders_may_miss_articles() {
        let [alex, paul, suzan] = example();
        let all = Continuum { length: 60, coders: vec![&alex, &paul, &suzan] };
        let mut found = Coincidences::of(&all, 8);
        let before = found.alphas();
        found.add(&Coincidences::of(&Continuum { length: 60, coders: vec![&alex] }, 8));
        assert_eq!(found.alphas(), before);
        found.add(&Coincidences::of(&Continuum { length: 60, coders: vec![&alex, &alex] }, 8));
        assert!(found.alphas().units.value() > before.units.value());
    }

    #[test]
    fn nested_units_are_compared_place_by_place() {
        let outer = units(&[(3, 0, 40), (0, 10, 20)]);
        let whole = units(&[(3, 0, 40)]);
        let same = Coincidences::of(&Continuum { length: 50, coders: vec![&outer, &outer] }, 4);
        assert_eq!(same.alphas().coding, Score::Known(1.0));
        let pair = Continuum { length: 50, coders: vec![&outer, &whole] };
        let all = Coincidences::of(&pair, 4).alphas();
        assert!(all.units.value().unwrap() < 1.0);
        assert_eq!(Coincidences::of_category(&pair, Category(3)).alphas().units, Score::Known(1.0));
    }

    #[test]
    fn an_empty_continuum_says_nothing() {
        let found = Coincidences::of(&Continuum { length: 50, coders: vec![&[], &[]] }, 4).alphas();
        assert_eq!(found, UAlpha::default());
    }
}
