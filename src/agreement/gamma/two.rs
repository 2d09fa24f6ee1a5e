//! The best alignment of two annotators: an assignment problem.
//!
//! Aligning two units saves 2Δ∅ − d against leaving both alone, so a pair that costs more
//! than 2Δ∅ is in no best alignment, and only units near each other have to be looked at.

use super::super::assignment::{Pair, best_matching};
use super::TIE;
use super::dissimilarity::{ByStart, Dissimilarity, Segment};

pub(super) fn align(
    first: &[Segment],
    second: &[Segment],
    dissimilarity: &Dissimilarity,
) -> Vec<Vec<Option<usize>>> {
    let most = 2.0 * dissimilarity.empty;
    let reach = dissimilarity.reach(most);
    let near = ByStart::of(second);
    let mut pairs = Vec::new();
    for (row, segment) in first.iter().enumerate() {
        for column in near.near(segment, reach) {
            let gain = most + TIE - dissimilarity.between(segment, &second[column]);
            if gain > 0.0 {
                pairs.push(Pair { row, column, gain });
            }
        }
    }
    let found = best_matching(first.len(), second.len(), &pairs);
    let mut is_aligned = vec![false; second.len()];
    found.iter().flatten().for_each(|column| is_aligned[*column] = true);
    let alone = is_aligned.iter().enumerate().filter(|(_, is_aligned)| !**is_aligned);
    let alone = alone.map(|(column, _)| vec![None, Some(column)]);
    let rows = found.iter().enumerate().map(|(row, column)| vec![Some(row), *column]);
    rows.chain(alone).collect()
}
