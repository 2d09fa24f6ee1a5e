//! The four scores of SemEval-2013 task 9 (Segura-Bedmar et al. 2013): an annotator against
//! gold, more or less strictly.

use super::super::Score;
use super::super::unit::Unit;

/// What counts as right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// The same span and label.
    Strict,
    /// The same span, whatever the label.
    Exact,
    /// Overlapping spans are half right, whatever the label.
    Partial,
    /// Overlapping spans with the same label.
    Type,
}

impl Scheme {
    /// All four, from the strictest.
    pub const ALL: [Self; 4] = [Self::Strict, Self::Exact, Self::Partial, Self::Type];

    /// What the task calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Exact => "exact",
            Self::Partial => "partial",
            Self::Type => "type",
        }
    }
}

/// The counts of one scheme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SemEval {
    /// COR: right.
    pub correct: u64,
    /// INC: matched and wrong.
    pub incorrect: u64,
    /// PAR: half right; only of [`Scheme::Partial`].
    pub partial: u64,
    /// MIS: gold that nothing was matched with.
    pub missed: u64,
    /// SPU: units that no gold was matched with.
    pub spurious: u64,
}

impl SemEval {
    /// POS, the number of gold units.
    pub fn possible(&self) -> u64 {
        self.correct + self.incorrect + self.partial + self.missed
    }

    /// ACT, the number of units that are judged.
    pub fn actual(&self) -> u64 {
        self.correct + self.incorrect + self.partial + self.spurious
    }

    /// (COR + PAR/2) / ACT.
    pub fn precision(&self) -> Score {
        Score::ratio(self.right(), self.actual() as f64)
    }

    /// (COR + PAR/2) / POS.
    pub fn recall(&self) -> Score {
        Score::ratio(self.right(), self.possible() as f64)
    }

    /// The harmonic mean of both.
    pub fn f1(&self) -> Score {
        Score::ratio(2.0 * self.right(), (self.actual() + self.possible()) as f64)
    }

    fn right(&self) -> f64 {
        self.correct as f64 + 0.5 * self.partial as f64
    }
}

impl std::ops::AddAssign for SemEval {
    fn add_assign(&mut self, other: Self) {
        self.correct += other.correct;
        self.incorrect += other.incorrect;
        self.partial += other.partial;
        self.missed += other.missed;
        self.spurious += other.spurious;
    }
}

/// Counts one article.
///
/// Units are matched with gold one to one, in text order: first those that are right (by
/// [`Scheme::Type`] those with the same span and label), then each of the others with the
/// first gold that is left and overlaps; by [`Scheme::Type`] rather with one of its label,
/// of those with the one whose ends are nearest. O(n · m).
pub fn semeval(gold: &[Unit], judged: &[Unit], scheme: Scheme) -> SemEval {
    let mut counts = SemEval::default();
    let mut is_taken = vec![false; gold.len()];
    let mut rest = Vec::new();
    let order = in_text_order(judged);
    let gold_order = in_text_order(gold);
    for at in order {
        let unit = &judged[at];
        let is_right = |other: &Unit| {
            let has_label = matches!(scheme, Scheme::Exact | Scheme::Partial)
                || unit.category == other.category;
            has_label && unit.is_same_span(other)
        };
        let found =
            gold_order.iter().find(|gold_at| !is_taken[**gold_at] && is_right(&gold[**gold_at]));
        match found {
            Some(found) => {
                is_taken[*found] = true;
                counts.correct += 1;
            }
            None => rest.push(unit),
        }
    }
    for unit in rest {
        let free = gold_order.iter().copied();
        let free = free.filter(|at| !is_taken[*at] && gold[*at].shared(unit) > 0);
        let first = free.clone().next();
        let same = free.filter(|at| scheme == Scheme::Type && gold[*at].category == unit.category);
        let nearest = same.min_by_key(|at| between_ends(&gold[*at], unit));
        let Some(found) = nearest.or(first) else {
            counts.spurious += 1;
            continue;
        };
        is_taken[found] = true;
        *match (scheme, nearest) {
            (Scheme::Type, Some(_)) => &mut counts.correct,
            (Scheme::Partial, _) => &mut counts.partial,
            _ => &mut counts.incorrect,
        } += 1;
    }
    counts.missed = is_taken.iter().filter(|is_taken| !**is_taken).count() as u64;
    counts
}

fn in_text_order(units: &[Unit]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..units.len()).collect();
    order.sort_by(|one, other| units[*one].cmp(&units[*other]));
    order
}

fn between_ends(one: &Unit, other: &Unit) -> u32 {
    let (one, other) = (one.extent(), other.extent());
    one.start.abs_diff(other.start) + one.end.abs_diff(other.end)
}

#[cfg(test)]
mod tests {
    use super::super::super::unit::{Category, Stretch};
    use super::*;

    fn unit(start: u32, end: u32, label: u32) -> Unit {
        Unit::new(Stretch::new(start, end), Category(label))
    }

    fn count(gold: &[Unit], judged: &[Unit]) -> [[u64; 5]; 4] {
        Scheme::ALL.map(|scheme| {
            let SemEval { correct, incorrect, partial, missed, spurious } =
                semeval(gold, judged, scheme);
            [correct, incorrect, partial, missed, spurious]
        })
    }

    #[test]
    fn one_gold_and_two_overlapping_units() {
        let found = count(&[unit(0, 10, 0)], &[unit(0, 4, 0), unit(5, 9, 0)]);
        assert_eq!(found, [[0, 1, 0, 0, 1], [0, 1, 0, 0, 1], [0, 0, 1, 0, 1], [1, 0, 0, 0, 1]]);
    }

    #[test]
    fn the_five_cases_of_the_task() {
        let gold = [unit(0, 4, 0), unit(10, 14, 0), unit(20, 24, 0), unit(30, 34, 0)];
        // The same; another label; a longer span; nothing; and one of its own.
        let judged = [unit(0, 4, 0), unit(10, 14, 1), unit(20, 28, 0), unit(50, 54, 0)];
        let [strict, exact, partial, kind] = count(&gold, &judged);
        assert_eq!(strict, [1, 2, 0, 1, 1]);
        assert_eq!(exact, [2, 1, 0, 1, 1]);
        assert_eq!(partial, [2, 0, 1, 1, 1]);
        assert_eq!(kind, [2, 1, 0, 1, 1]);
        let partial = semeval(&gold, &judged, Scheme::Partial);
        assert_eq!((partial.possible(), partial.actual()), (4, 4));
        assert_eq!(partial.precision(), Score::Known(2.5 / 4.0));
        assert_eq!(semeval(&[], &[], Scheme::Strict).f1(), Score::Undefined);
    }

    #[test]
    fn an_exact_match_is_not_taken_by_an_earlier_overlap() {
        let gold = [unit(4, 10, 0)];
        let judged = [unit(0, 6, 0), unit(4, 10, 0)];
        assert_eq!(count(&gold, &judged)[0], [1, 0, 0, 0, 1]);
    }
}
