//! The assignment problem: who goes with whom, at the greatest gain, exactly.
//!
//! Rows and columns are given with the pairs that gain something; all else stays alone.
//! That is what matching annotations and γ's best alignment of two annotators both are.
//! Pairs lie close to one another in a text, so each search for a place ends nearby, and
//! the whole takes little more time than there are pairs.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// A pair that may be matched.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pair {
    pub(crate) row: usize,
    pub(crate) column: usize,
    /// What matching the two gains; pairs that gain nothing are never matched.
    pub(crate) gain: f64,
}

/// For each row the column it is matched with, such that the sum of gains is the greatest
/// there is. Which of several equally good answers is found depends on the order of rows
/// and columns alone.
///
/// Shortest augmenting paths with prices that keep all reduced costs at zero or above
/// (Kuhn 1955; Jonker and Volgenant 1987), each row having a place of its own that costs
/// nothing. O(rows · pairs · log) at worst.
pub(crate) fn best_matching(rows: usize, columns: usize, pairs: &[Pair]) -> Vec<Option<usize>> {
    let mut solver = Solver::new(rows, columns, pairs);
    for row in 0..rows {
        solver.place(row);
    }
    solver.column_of
}

/// A column, or the place where a row stays alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Column(usize),
    Alone(usize),
}

/// An end that can be reached, and at what cost; the cheapest is the greatest.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Reached {
    cost: f64,
    end: End,
}

impl Eq for Reached {}

impl Ord for Reached {
    fn cmp(&self, other: &Self) -> Ordering {
        other.cost.total_cmp(&self.cost).then_with(|| other.end.cmp(&self.end))
    }
}

impl PartialOrd for Reached {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

struct Solver {
    /// For each row its columns and gains, from `starts[row]` to `starts[row + 1]`.
    edges: Vec<(usize, f64)>,
    starts: Vec<usize>,
    row_price: Vec<f64>,
    column_price: Vec<f64>,
    column_of: Vec<Option<usize>>,
    row_of: Vec<Option<usize>>,
    /// In the search that is going on: the cost of each column and the row it is reached
    /// from. Only `touched` columns are set back.
    cost: Vec<f64>,
    from: Vec<usize>,
    is_settled: Vec<bool>,
    touched: Vec<usize>,
    heap: BinaryHeap<Reached>,
}

impl Solver {
    fn new(rows: usize, columns: usize, pairs: &[Pair]) -> Self {
        let gainful = || pairs.iter().filter(|pair| pair.gain > 0.0);
        let mut starts = vec![0; rows + 1];
        for pair in gainful() {
            starts[pair.row + 1] += 1;
        }
        for row in 0..rows {
            starts[row + 1] += starts[row];
        }
        let mut edges = vec![(0, 0.0); starts[rows]];
        let mut next = starts.clone();
        let mut row_price = vec![0.0f64; rows];
        for pair in gainful() {
            edges[next[pair.row]] = (pair.column, pair.gain);
            next[pair.row] += 1;
            row_price[pair.row] = row_price[pair.row].max(pair.gain);
        }
        Self {
            edges,
            starts,
            row_price,
            column_price: vec![0.0; columns],
            column_of: vec![None; rows],
            row_of: vec![None; columns],
            cost: vec![f64::INFINITY; columns],
            from: vec![0; columns],
            is_settled: vec![false; columns],
            touched: Vec::new(),
            heap: BinaryHeap::new(),
        }
    }

    /// Finds the cheapest way to give a row a place, moving others, and takes it.
    fn place(&mut self, row: usize) {
        // The rows of the search tree, each with what it costs to get there.
        let mut tree = vec![(row, 0.0)];
        self.leave(row, 0.0);
        let (last, total) = loop {
            // A row's own place always can be reached.
            let Some(Reached { cost, end }) = self.heap.pop() else { break (End::Alone(row), 0.0) };
            let End::Column(column) = end else { break (end, cost) };
            if self.is_settled[column] {
                continue;
            }
            self.is_settled[column] = true;
            let Some(holder) = self.row_of[column] else { break (end, cost) };
            tree.push((holder, cost));
            self.leave(holder, cost);
        };
        for (row, cost) in tree {
            self.row_price[row] -= total - cost;
        }
        for column in &self.touched {
            if self.is_settled[*column] {
                self.column_price[*column] += total - self.cost[*column];
            }
        }
        self.shift(row, last);
        for column in self.touched.drain(..) {
            self.cost[column] = f64::INFINITY;
            self.is_settled[column] = false;
        }
        self.heap.clear();
    }

    /// Takes up what can be reached from a row that was reached at this cost.
    fn leave(&mut self, row: usize, cost: f64) {
        let price = self.row_price[row];
        self.heap.push(Reached { cost: cost + price, end: End::Alone(row) });
        for (column, gain) in &self.edges[self.starts[row]..self.starts[row + 1]] {
            // Rounding must not make a cost negative.
            let step = (price + self.column_price[*column] - gain).max(0.0);
            let reached = cost + step;
            if !self.is_settled[*column] && reached < self.cost[*column] {
                if self.cost[*column] == f64::INFINITY {
                    self.touched.push(*column);
                }
                self.cost[*column] = reached;
                self.from[*column] = row;
                self.heap.push(Reached { cost: reached, end: End::Column(*column) });
            }
        }
    }

    /// Moves the rows on the way to an end one place on.
    fn shift(&mut self, first: usize, end: End) {
        let mut free = match end {
            End::Column(column) => Some(column),
            End::Alone(row) => {
                let left = self.column_of[row].take();
                if row == first {
                    return;
                }
                left
            }
        };
        while let Some(column) = free {
            let row = self.from[column];
            self.row_of[column] = Some(row);
            let left = self.column_of[row].replace(column);
            if row == first {
                return;
            }
            free = left;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The greatest gain, by trying everything.
    fn best_by_trying(row: usize, rows: usize, taken: &mut Vec<usize>, pairs: &[Pair]) -> f64 {
        if row == rows {
            return 0.0;
        }
        let mut best = best_by_trying(row + 1, rows, taken, pairs);
        for pair in pairs.iter().filter(|pair| pair.row == row) {
            if !taken.contains(&pair.column) {
                taken.push(pair.column);
                best = best.max(pair.gain + best_by_trying(row + 1, rows, taken, pairs));
                taken.pop();
            }
        }
        best
    }

    proptest! {
        #[test]
        fn nothing_gains_more(
            found in prop::collection::btree_map((0..6usize, 0..6usize), -2..20i32, 0..20)
        ) {
            let pair = |((row, column), gain): (&(usize, usize), &i32)| {
                Pair { row: *row, column: *column, gain: f64::from(*gain) / 3.0 }
            };
            let pairs: Vec<_> = found.iter().map(pair).collect();
            let matched = best_matching(6, 6, &pairs);
            let gain_of = |(row, column): (usize, &Option<usize>)| {
                column.map(|column| f64::from(found[&(row, column)]) / 3.0)
            };
            let gain: f64 = matched.iter().enumerate().filter_map(gain_of).sum();
            let mut columns: Vec<_> = matched.iter().flatten().collect();
            columns.sort_unstable();
            columns.dedup();
            prop_assert_eq!(columns.len(), matched.iter().flatten().count());
            prop_assert!((gain - best_by_trying(0, 6, &mut Vec::new(), &pairs)).abs() < 1e-9);
        }
    }
}
