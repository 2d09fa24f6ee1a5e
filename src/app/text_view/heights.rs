//! Heights of paragraphs, estimated until measured, and sums over them.
//!
//! A Fenwick tree in f64: at ten million pixels an f32 is off by whole pixels.

/// Heights by paragraph with prefix sums in O(log n).
#[derive(Clone, Debug, Default)]
pub(super) struct Heights {
    heights: Vec<f64>,
    tree: Vec<f64>,
}

impl Heights {
    /// Builds the sums; O(n).
    pub(super) fn new(heights: Vec<f64>) -> Self {
        let mut tree = vec![0.0; heights.len() + 1];
        for (index, height) in heights.iter().enumerate() {
            tree[index + 1] += height;
            let parent = index + 1 + lowest_bit(index + 1);
            if parent < tree.len() {
                tree[parent] += tree[index + 1];
            }
        }
        Self { heights, tree }
    }

    /// Replaces one height; O(log n).
    pub(super) fn set(&mut self, index: usize, height: f64) {
        let change = height - self.heights[index];
        if change == 0.0 {
            return;
        }
        self.heights[index] = height;
        let mut at = index + 1;
        while at < self.tree.len() {
            self.tree[at] += change;
            at += lowest_bit(at);
        }
    }

    /// One paragraph's height.
    pub(super) fn get(&self, index: usize) -> f64 {
        self.heights[index]
    }

    /// Where a paragraph starts: the sum of the heights before it; O(log n).
    pub(super) fn top(&self, index: usize) -> f64 {
        let mut at = index.min(self.heights.len());
        let mut sum = 0.0;
        while at > 0 {
            sum += self.tree[at];
            at -= lowest_bit(at);
        }
        sum
    }

    /// The sum of all heights.
    pub(super) fn total(&self) -> f64 {
        self.top(self.heights.len())
    }

    /// The paragraph that holds a place, and how far below its top the place is;
    /// places outside go to the first or the last paragraph. O(log n).
    pub(super) fn at(&self, y: f64) -> (usize, f64) {
        let mut at = 0;
        let mut rest = y.max(0.0);
        let mut step = (self.tree.len().max(2) - 1).next_power_of_two();
        while step > 0 {
            if at + step < self.tree.len() && self.tree[at + step] <= rest {
                at += step;
                rest -= self.tree[at];
            }
            step /= 2;
        }
        if at >= self.heights.len() {
            let last = self.heights.len().saturating_sub(1);
            return (last, self.heights.last().copied().unwrap_or(0.0));
        }
        (at, rest)
    }
}

fn lowest_bit(number: usize) -> usize {
    number & number.wrapping_neg()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sums_and_places_agree_with_adding_up(
            start in prop::collection::vec(0u32..50, 1..60),
            changes in prop::collection::vec((0usize..60, 0u32..50), 0..30),
            y in 0u32..1500,
        ) {
            let mut naive: Vec<f64> = start.iter().map(|height| f64::from(*height)).collect();
            let mut heights = Heights::new(naive.clone());
            for (index, height) in changes {
                let index = index % naive.len();
                naive[index] = f64::from(height);
                heights.set(index, f64::from(height));
            }
            for index in 0..=naive.len() {
                prop_assert_eq!(heights.top(index), naive[..index].iter().sum::<f64>());
            }
            let y = f64::from(y);
            let (index, rest) = heights.at(y);
            if y < heights.total() {
                prop_assert!(rest < naive[index] && heights.top(index) + rest == y);
            } else {
                prop_assert_eq!(index, naive.len() - 1);
            }
        }
    }
}
