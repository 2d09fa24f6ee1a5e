//! What it costs when two units differ.

use super::super::unit::{Category, Unit};

/// A unit on a line of real numbers, as samples are made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    /// Where it starts.
    pub start: f64,
    /// Where it ends; beyond the start.
    pub end: f64,
    /// What it is tagged as.
    pub category: Category,
}

impl Segment {
    /// How long it is.
    pub fn len(&self) -> f64 {
        self.end - self.start
    }

    /// Whether it has no length.
    pub fn is_empty(&self) -> bool {
        self.end <= self.start
    }
}

/// From a unit's first place to its last.
impl From<&Unit> for Segment {
    fn from(unit: &Unit) -> Self {
        let extent = unit.extent();
        Self { start: extent.start.into(), end: extent.end.into(), category: unit.category }
    }
}

/// d = α·d_pos + β·d_cat (Mathet et al. 2015, section 4.2), with categories that are the
/// same or not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dissimilarity {
    /// The weight of positions.
    pub alpha: f64,
    /// The weight of categories.
    pub beta: f64,
    /// Δ∅, the cost of a unit that nothing is aligned with; above zero.
    pub empty: f64,
}

impl Default for Dissimilarity {
    fn default() -> Self {
        Self { alpha: 1.0, beta: 1.0, empty: 1.0 }
    }
}

impl Dissimilarity {
    /// d of two units, d_pos being ((|Δs| + |Δe|) / (l₁ + l₂))² · Δ∅.
    pub fn between(&self, one: &Segment, other: &Segment) -> f64 {
        let apart = (one.start - other.start).abs() + (one.end - other.end).abs();
        let position = (apart / (one.len() + other.len())).powi(2);
        let category = if one.category == other.category { 0.0 } else { 1.0 };
        (self.alpha * position + self.beta * category) * self.empty
    }

    /// The disorder of a unitary alignment: the mean over pairs of annotators, each pair
    /// with an empty unit costing Δ∅.
    pub(super) fn of_unitary(&self, annotators: &[Vec<Segment>], one: &[Option<usize>]) -> f64 {
        let unit = |at: usize| one[at].and_then(|unit| annotators[at].get(unit));
        let (mut sum, mut pairs) = (0.0, 0.0);
        for first in 0..one.len() {
            for second in first + 1..one.len() {
                pairs += 1.0;
                sum += match (unit(first), unit(second)) {
                    (Some(first), Some(second)) => self.between(first, second),
                    _ => self.empty,
                };
            }
        }
        if pairs > 0.0 { sum / pairs } else { self.empty }
    }

    /// How far apart the starts of two units can be, in their lengths together, if they do
    /// not cost more than `most`.
    pub(super) fn reach(&self, most: f64) -> f64 {
        (most / (self.alpha * self.empty)).sqrt()
    }
}

/// One annotator's segments by where they start, to find those near another one.
pub(super) struct ByStart {
    order: Vec<(f64, usize)>,
    longest: f64,
}

impl ByStart {
    pub(super) fn of(segments: &[Segment]) -> Self {
        let starts = segments.iter().enumerate().map(|(at, segment)| (segment.start, at));
        let mut order: Vec<_> = starts.collect();
        order.sort_by(|one, other| one.0.total_cmp(&other.0));
        let longest = segments.iter().map(Segment::len).fold(0.0, f64::max);
        Self { order, longest }
    }

    /// All that may be within reach of a segment, and some more.
    pub(super) fn near(&self, segment: &Segment, reach: f64) -> impl Iterator<Item = usize> + '_ {
        let away = reach * (segment.len() + self.longest);
        let from = self.order.partition_point(|(start, _)| *start < segment.start - away);
        let to = self.order.partition_point(|(start, _)| *start <= segment.start + away);
        self.order[from..to.max(from)].iter().map(|(_, at)| *at)
    }
}
