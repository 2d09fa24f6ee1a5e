//! The packing with the greatest saving: units are in at most one candidate each.
//!
//! This is a set packing problem, which is hard in general and easy here, because units lie
//! along a text. Each connected part is solved in three steps:
//!
//! 1. Prices for units such that no candidate saves more than its units' prices together.
//!    Their sum is a bound for every packing, nearly always a tight one ([`prices`]).
//! 2. A sweep from left to right. The first unit that is not yet in a candidate is put into
//!    one or left alone; what matters for the rest is only which later units are taken. A
//!    state is the worse the more its prices exceed what was saved, its loss. A narrow sweep
//!    that keeps few states gives a packing.
//! 3. Where its loss is above zero, a sweep that drops a state only if it is proven not to
//!    be on the way to a better packing: because it lost as much already, or because another
//!    state can do all that it can, at a price that is known, and lost less.
//!
//! Step 3 is exact. Where it would need more than [`MOST_STATES`] states at once it gives up
//! and says so.

use super::super::progress::Progress;
use super::GammaError;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};

/// Sweeps keep no more states than this.
const MOST_STATES: usize = 100_000;
/// How many states the narrow sweep keeps.
const NARROW: usize = 12;
/// What rounding may add up to, against savings of about 1.
const SMALL: f64 = 1e-10;

/// Candidates with their units, each in order, and savings.
#[derive(Clone, Debug, Default)]
pub(super) struct Candidates {
    members: Vec<u32>,
    ends: Vec<usize>,
    savings: Vec<f64>,
}

impl Candidates {
    pub(super) fn push(&mut self, members: &[u32], saving: f64) {
        let from = self.members.len();
        self.members.extend_from_slice(members);
        self.members[from..].sort_unstable();
        self.ends.push(self.members.len());
        self.savings.push(saving);
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn members(&self, at: usize) -> &[u32] {
        let from = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.members[from..self.ends[at]]
    }
}

/// The candidates of the packing with the greatest saving.
pub(super) fn pack(
    units: usize,
    candidates: &Candidates,
    progress: &Progress,
) -> Result<Vec<usize>, GammaError> {
    let prices = prices(units, candidates, progress)?;
    let mut packed = Vec::new();
    for part in parts(units, candidates) {
        progress.check()?;
        packed.extend(Part::new(part, candidates, &prices).solve(progress)?);
    }
    packed.sort_unstable();
    Ok(packed)
}

/// Candidates that are connected by the units they share.
fn parts(units: usize, candidates: &Candidates) -> Vec<Vec<usize>> {
    let mut parent: Vec<usize> = (0..units).collect();
    fn root(parent: &mut [usize], mut at: usize) -> usize {
        while parent[at] != at {
            parent[at] = parent[parent[at]];
            at = parent[at];
        }
        at
    }
    for candidate in 0..candidates.len() {
        let members = candidates.members(candidate);
        for pair in members.windows(2) {
            let (one, other) =
                (root(&mut parent, pair[0] as usize), root(&mut parent, pair[1] as usize));
            parent[other] = one;
        }
    }
    let mut parts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for candidate in 0..candidates.len() {
        let first = candidates.members(candidate)[0] as usize;
        parts.entry(root(&mut parent, first)).or_default().push(candidate);
    }
    let mut parts: Vec<_> = parts.into_values().collect();
    parts.sort_unstable();
    parts
}

/// Prices of units: no candidate saves more than its units cost, and the sum is as low as
/// it gets in reasonable time.
///
/// Coordinate descent on the dual of the linear relaxation, smoothed by a temperature that
/// falls (log-sum-exp instead of the maximum, which would get stuck); a last round without
/// smoothing makes the prices valid. O(rounds · members).
fn prices(
    units: usize,
    candidates: &Candidates,
    progress: &Progress,
) -> Result<Vec<f64>, GammaError> {
    let mut of_unit: Vec<Vec<u32>> = vec![Vec::new(); units];
    for candidate in 0..candidates.len() {
        for unit in candidates.members(candidate) {
            of_unit[*unit as usize].push(candidate as u32);
        }
    }
    let largest = candidates.savings.iter().copied().fold(0.0, f64::max);
    let mut prices = vec![0.0; units];
    let mut sums = vec![0.0; candidates.len()];
    let temperatures = [0.1, 0.03, 0.01, 0.003, 0.001];
    let rounds = temperatures.iter().flat_map(|part| [part * largest; 12]);
    for temperature in rounds.chain([0.0]) {
        progress.check()?;
        for unit in 0..units {
            let slack = |candidate: &u32| {
                candidates.savings[*candidate as usize] - sums[*candidate as usize] + prices[unit]
            };
            let highest = of_unit[unit].iter().map(slack).fold(0.0, f64::max);
            let mut price = highest;
            if temperature > 0.0 {
                let soft = |value: f64| {
                    let cold = (value - highest) / temperature;
                    // What is as far below as this adds nothing that could be told.
                    if cold < -30.0 { 0.0 } else { cold.exp() }
                };
                let sum = soft(0.0) + of_unit[unit].iter().map(|one| soft(slack(one))).sum::<f64>();
                price += temperature * sum.ln();
            }
            let change = price - prices[unit];
            for candidate in &of_unit[unit] {
                sums[*candidate as usize] += change;
            }
            prices[unit] = price;
        }
    }
    Ok(prices)
}

/// A choice in a part: a candidate, by its units in the part, and what it loses.
struct Choice {
    candidate: usize,
    /// The units behind the first one.
    others: Vec<u32>,
    loss: f64,
}

/// A connected part.
struct Part {
    /// For each unit from left to right the candidates that begin with it.
    choices: Vec<Vec<Choice>>,
    /// What is lost when a unit stays alone.
    prices: Vec<f64>,
    /// What may be lost more when a unit is not to be had where it would be of use.
    regret: Vec<f64>,
}

/// How a state came to be: the one before, and what was chosen.
struct Step {
    before: usize,
    candidate: usize,
}

#[derive(Clone)]
struct State {
    loss: f64,
    /// The last step in the arena; `usize::MAX` for none.
    step: usize,
}

/// Later units that are taken, in order.
type Taken = Vec<u32>;

/// What a sweep found.
struct Swept {
    loss: f64,
    candidates: Vec<usize>,
    /// Whether no state was dropped without proof.
    is_exact: bool,
}

impl Part {
    fn new(part: Vec<usize>, candidates: &Candidates, prices: &[f64]) -> Self {
        let mut units: Vec<u32> =
            part.iter().flat_map(|candidate| candidates.members(*candidate)).copied().collect();
        units.sort_unstable();
        units.dedup();
        let place = |unit: &u32| units.partition_point(|other| other < unit) as u32;
        let prices: Vec<f64> = units.iter().map(|unit| prices[*unit as usize]).collect();
        let mut choices: Vec<Vec<Choice>> = units.iter().map(|_| Vec::new()).collect();
        let mut regret = vec![0.0f64; units.len()];
        let savings: HashMap<&[u32], f64> = part
            .iter()
            .map(|candidate| (candidates.members(*candidate), candidates.savings[*candidate]))
            .collect();
        for candidate in part {
            let global = candidates.members(candidate);
            let members: Vec<u32> = global.iter().map(place).collect();
            let price: f64 = members.iter().map(|unit| prices[*unit as usize]).sum();
            let saving = candidates.savings[candidate];
            for (at, unit) in members.iter().enumerate() {
                // Without the unit the others may make a smaller candidate, or fall apart.
                let others = [&global[..at], &global[at + 1..]].concat();
                let still = savings.get(others.as_slice()).copied().unwrap_or(0.0);
                let lost = saving - still - prices[*unit as usize];
                regret[*unit as usize] = regret[*unit as usize].max(lost);
            }
            let loss = (price - saving).max(0.0);
            let choice = Choice { candidate, others: members[1..].to_vec(), loss };
            choices[members[0] as usize].push(choice);
        }
        for choices in &mut choices {
            choices.sort_by(|one, other| one.loss.total_cmp(&other.loss));
        }
        Self { choices, prices, regret }
    }

    fn solve(&self, progress: &Progress) -> Result<Vec<usize>, GammaError> {
        let mut best = self.sweep(f64::INFINITY, NARROW, progress)?;
        let mut width = NARROW;
        while !best.is_exact && best.loss > SMALL {
            width = (width * 16).min(MOST_STATES);
            let wider = self.sweep(best.loss, width, progress)?;
            if !wider.is_exact && width == MOST_STATES {
                return Err(GammaError::TooTangled);
            }
            // An exact sweep that found nothing has proven that there is nothing better.
            let is_exact = wider.is_exact;
            if wider.loss < best.loss {
                best = wider;
            }
            best.is_exact = is_exact;
        }
        Ok(best.candidates)
    }

    /// Goes through the units keeping at most so many states, and only those that lost less
    /// than `most`.
    fn sweep(&self, most: f64, width: usize, progress: &Progress) -> Result<Swept, GammaError> {
        let mut steps: Vec<Step> = Vec::new();
        let mut is_exact = true;
        let mut states: BTreeMap<Taken, State> = BTreeMap::new();
        states.insert(Taken::new(), State { loss: 0.0, step: usize::MAX });
        for unit in 0..self.choices.len() {
            let mut next: BTreeMap<Taken, State> = BTreeMap::new();
            for (taken, state) in states {
                self.go_on(unit as u32, taken, &state, most, &mut next, &mut steps);
            }
            self.drop_dominated(&mut next);
            if next.len() > width {
                is_exact = false;
                keep_best(&mut next, width);
            }
            states = next;
            if unit % 64 == 0 {
                progress.check()?;
            }
        }
        let Some(state) = states.into_values().next() else {
            return Ok(Swept { loss: f64::INFINITY, candidates: Vec::new(), is_exact });
        };
        let mut candidates = Vec::new();
        let mut at = state.step;
        while let Some(step) = steps.get(at) {
            candidates.push(step.candidate);
            at = step.before;
        }
        Ok(Swept { loss: state.loss, candidates, is_exact })
    }

    /// What may become of a state at a unit.
    fn go_on(
        &self,
        unit: u32,
        mut taken: Taken,
        state: &State,
        most: f64,
        next: &mut BTreeMap<Taken, State>,
        steps: &mut Vec<Step>,
    ) {
        if taken.first() == Some(&unit) {
            taken.remove(0);
            reach(next, taken, state.loss, || state.step);
            return;
        }
        for choice in &self.choices[unit as usize] {
            let loss = state.loss + choice.loss;
            if loss >= most {
                break;
            }
            if choice.others.iter().any(|other| taken.binary_search(other).is_ok()) {
                continue;
            }
            let mut longer = taken.clone();
            longer.extend_from_slice(&choice.others);
            longer.sort_unstable();
            reach(next, longer, loss, || {
                steps.push(Step { before: state.step, candidate: choice.candidate });
                steps.len() - 1
            });
        }
        let alone = state.loss + self.prices[unit as usize];
        if alone < most {
            reach(next, taken, alone, || state.step);
        }
    }

    /// Drops states that the best one can do as well as: where it has taken a unit that
    /// another state has left, that costs at most the unit's regret; where it has left one
    /// that the other has taken, at most its price.
    fn drop_dominated(&self, states: &mut BTreeMap<Taken, State>) {
        let better = |one: &(&Taken, &State), other: &(&Taken, &State)| {
            one.1.loss.total_cmp(&other.1.loss).then_with(|| one.0.cmp(other.0))
        };
        let Some((best, loss)) =
            states.iter().min_by(better).map(|(taken, state)| (taken.clone(), state.loss))
        else {
            return;
        };
        states.retain(|taken, state| {
            let only_best = best.iter().filter(|unit| taken.binary_search(unit).is_err());
            let only_this = taken.iter().filter(|unit| best.binary_search(unit).is_err());
            let regret: f64 = only_best.map(|unit| self.regret[*unit as usize]).sum();
            let left: f64 = only_this.map(|unit| self.prices[*unit as usize]).sum();
            *taken == best || state.loss < loss + regret + left
        });
    }
}

/// Puts a state, unless the same one lost less. Of equals the first stays.
fn reach(
    states: &mut BTreeMap<Taken, State>,
    taken: Taken,
    loss: f64,
    step: impl FnOnce() -> usize,
) {
    match states.entry(taken) {
        Entry::Vacant(free) => {
            free.insert(State { loss, step: step() });
        }
        Entry::Occupied(mut held) => {
            if loss < held.get().loss {
                held.insert(State { loss, step: step() });
            }
        }
    }
}

/// Keeps the states that lost least.
fn keep_best(states: &mut BTreeMap<Taken, State>, width: usize) {
    let mut order: Vec<(Taken, State)> = std::mem::take(states).into_iter().collect();
    order.sort_by(|one, other| {
        one.1.loss.total_cmp(&other.1.loss).then_with(|| one.0.cmp(&other.0))
    });
    order.truncate(width);
    states.extend(order);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn best_by_trying(candidates: &Candidates, at: usize, taken: &mut Vec<u32>) -> f64 {
        if at == candidates.len() {
            return 0.0;
        }
        let mut best = best_by_trying(candidates, at + 1, taken);
        let members = candidates.members(at);
        if members.iter().all(|unit| !taken.contains(unit)) {
            let before = taken.len();
            taken.extend_from_slice(members);
            best = best.max(candidates.savings[at] + best_by_trying(candidates, at + 1, taken));
            taken.truncate(before);
        }
        best
    }

    proptest! {
        /// The savings are not those of an alignment, so that prices are loose and the last
        /// step has work to do.
        #[test]
        fn no_packing_saves_more(
            found in prop::collection::vec(
                (prop::collection::btree_set(0..9u32, 2..4), 1..12u32), 0..14
            )
        ) {
            let mut candidates = Candidates::default();
            for (members, saving) in &found {
                let members: Vec<u32> = members.iter().copied().collect();
                candidates.push(&members, f64::from(*saving));
            }
            let packed = pack(9, &candidates, &Progress::default()).unwrap();
            let mut units: Vec<u32> =
                packed.iter().flat_map(|at| candidates.members(*at)).copied().collect();
            units.sort_unstable();
            let count = units.len();
            units.dedup();
            prop_assert_eq!(count, units.len());
            let saved: f64 = packed.iter().map(|at| candidates.savings[*at]).sum();
            prop_assert!((saved - best_by_trying(&candidates, 0, &mut Vec::new())).abs() < 1e-6);
        }
    }
}
