//! The best alignment of three or more annotators.
//!
//! With n annotators and P = n(n−1)/2 pairs of them, a unitary alignment of k units costs
//! the mean of P dissimilarities; a unit left alone costs Δ∅. So aligning k units saves
//! (k−1)·P·Δ∅ + Σ(Δ∅ − d) over their pairs (all of it divided by P), and the best alignment
//! is the packing of the units with the greatest saving. A candidate that saves less than
//! its parts do is never needed, which leaves few: a unit u of one must save by being in it,
//! Σ_v (d(u,v) − Δ∅) ≤ P·Δ∅, and so must every half of it against the other half.
//!
//! Candidates that share no unit are independent, so the packing is solved for each connected
//! part by itself, exactly ([`super::packing`]).

use super::super::progress::Progress;
use super::dissimilarity::{ByStart, Dissimilarity, Segment};
use super::packing::{Candidates, pack};
use super::{GammaError, TIE};

/// More candidates than this are given up.
const MOST_CANDIDATES: usize = 500_000;

pub(super) fn align(
    annotators: &[Vec<Segment>],
    dissimilarity: &Dissimilarity,
    progress: &Progress,
) -> Result<Vec<Vec<Option<usize>>>, GammaError> {
    let units = units_in_order(annotators);
    let candidates = Search::new(annotators, &units, dissimilarity).run(progress)?;
    let packed = pack(units.len(), &candidates, progress)?;
    let mut is_aligned = vec![false; units.len()];
    let mut unitary = Vec::with_capacity(units.len());
    for candidate in packed {
        let mut one = vec![None; annotators.len()];
        for unit in candidates.members(candidate) {
            let (annotator, at) = units[*unit as usize];
            one[annotator] = Some(at);
            is_aligned[*unit as usize] = true;
        }
        unitary.push(one);
    }
    for (unit, (annotator, at)) in units.iter().enumerate() {
        if !is_aligned[unit] {
            let mut one = vec![None; annotators.len()];
            one[*annotator] = Some(*at);
            unitary.push(one);
        }
    }
    Ok(unitary)
}

/// Each unit's annotator and number, all of them from left to right: the packing goes that
/// way.
fn units_in_order(annotators: &[Vec<Segment>]) -> Vec<(usize, usize)> {
    let of = |(annotator, units): (usize, &Vec<Segment>)| {
        (0..units.len()).map(move |at| (annotator, at))
    };
    let mut units: Vec<_> = annotators.iter().enumerate().flat_map(of).collect();
    let middle = |(annotator, at): &(usize, usize)| {
        let unit = &annotators[*annotator][*at];
        unit.start + unit.end
    };
    units.sort_by(|one, other| middle(one).total_cmp(&middle(other)).then_with(|| one.cmp(other)));
    units
}

/// Looks for candidates.
struct Search<'a> {
    units: &'a [(usize, usize)],
    annotators: &'a [Vec<Segment>],
    dissimilarity: &'a Dissimilarity,
    /// The place of each annotator's unit among all.
    places: Vec<Vec<u32>>,
    near: Vec<ByStart>,
    /// P · Δ∅.
    room: f64,
    found: Candidates,
}

/// A candidate that is being put together: units, and what each costs against the others.
#[derive(Clone, Default)]
struct Partial {
    members: Vec<u32>,
    /// Σ(d − Δ∅) to the other members.
    excess: Vec<f64>,
}

impl<'a> Search<'a> {
    fn new(
        annotators: &'a [Vec<Segment>],
        units: &'a [(usize, usize)],
        dissimilarity: &'a Dissimilarity,
    ) -> Self {
        let mut places: Vec<Vec<u32>> =
            annotators.iter().map(|units| vec![0; units.len()]).collect();
        for (place, (annotator, at)) in units.iter().enumerate() {
            places[*annotator][*at] = place as u32;
        }
        let count = annotators.len() as f64;
        Self {
            units,
            annotators,
            dissimilarity,
            places,
            near: annotators.iter().map(|units| ByStart::of(units)).collect(),
            room: count * (count - 1.0) / 2.0 * dissimilarity.empty,
            found: Candidates::default(),
        }
    }

    fn run(mut self, progress: &Progress) -> Result<Candidates, GammaError> {
        for place in 0..self.units.len() {
            let (annotator, _) = self.units[place];
            let partial = Partial { members: vec![place as u32], excess: vec![0.0] };
            let near = self.nearby(place, annotator);
            self.extend(&partial, annotator + 1, &near)?;
            progress.check()?;
        }
        Ok(self.found)
    }

    /// For each annotator the units that one may be aligned with at all; of those before it
    /// none, because they come upon it themselves.
    fn nearby(&self, place: usize, annotator: usize) -> Vec<Vec<u32>> {
        let unit = self.unit(place as u32);
        // Each other unit of a candidate makes room for one Δ∅ more.
        let most = self.room + (self.annotators.len() - 1) as f64 * self.dissimilarity.empty;
        let reach = self.dissimilarity.reach(most);
        let of = |other: usize| {
            if other <= annotator {
                return Vec::new();
            }
            let near = self.near[other].near(unit, reach).filter(|at| {
                self.dissimilarity.between(unit, &self.annotators[other][*at]) <= most
            });
            near.map(|at| self.places[other][at]).collect()
        };
        (0..self.annotators.len()).map(of).collect()
    }

    fn unit(&self, place: u32) -> &'a Segment {
        let (annotator, at) = self.units[place as usize];
        &self.annotators[annotator][at]
    }

    /// Puts units of the annotators from `next` on to a partial candidate, in every way.
    fn extend(
        &mut self,
        partial: &Partial,
        next: usize,
        near: &[Vec<u32>],
    ) -> Result<(), GammaError> {
        for annotator in next..self.annotators.len() {
            // What those after this one may still bring.
            let hope = (self.annotators.len() - 1 - annotator) as f64 * self.dissimilarity.empty;
            for place in &near[annotator] {
                let Some(longer) = self.with(partial, *place, self.room + hope) else { continue };
                self.keep(&longer)?;
                self.extend(&longer, annotator + 1, near)?;
            }
        }
        Ok(())
    }

    /// A partial candidate with one unit more; `None` where a unit costs more than `most`
    /// against the others.
    fn with(&self, partial: &Partial, place: u32, most: f64) -> Option<Partial> {
        let unit = self.unit(place);
        let mut longer = partial.clone();
        let mut own = 0.0;
        for (member, excess) in partial.members.iter().zip(&mut longer.excess) {
            let more =
                self.dissimilarity.between(self.unit(*member), unit) - self.dissimilarity.empty;
            *excess += more;
            own += more;
        }
        longer.members.push(place);
        longer.excess.push(own);
        longer.excess.iter().all(|excess| *excess <= most).then_some(longer)
    }

    /// Keeps a candidate that saves as much as its parts.
    fn keep(&mut self, partial: &Partial) -> Result<(), GammaError> {
        let is_needed = partial.excess.iter().all(|excess| *excess <= self.room)
            && (partial.members.len() < 4 || self.saves_by_halves(&partial.members));
        if !is_needed {
            return Ok(());
        }
        let joins = (partial.members.len() - 1) as f64;
        let excess = partial.excess.iter().sum::<f64>() / 2.0;
        let saving = joins * (self.room + TIE) - excess;
        self.found.push(&partial.members, saving);
        if self.found.len() > MOST_CANDIDATES { Err(GammaError::TooTangled) } else { Ok(()) }
    }

    /// Whether each way to make two of a candidate saves no less than it costs.
    fn saves_by_halves(&self, members: &[u32]) -> bool {
        let halves = 1..(1u32 << (members.len() - 1)) - 1;
        halves.into_iter().all(|half| {
            let is_in = |at: usize| half >> at & 1 == 1;
            let mut excess = 0.0;
            for one in (0..members.len()).filter(|at| is_in(*at)) {
                for other in (0..members.len()).filter(|at| !is_in(*at)) {
                    let (one, other) = (self.unit(members[one]), self.unit(members[other]));
                    excess += self.dissimilarity.between(one, other) - self.dissimilarity.empty;
                }
            }
            excess <= self.room
        })
    }
}
