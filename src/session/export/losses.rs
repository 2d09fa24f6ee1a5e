//! What an export lost, counted, with examples of each kind.

use crate::formats::{Loss, LossKind, Remedy};
use std::collections::BTreeMap;

/// The losses of a kind that are kept to be shown; all of them go to a report file.
const SHOWN: usize = 200;

/// How often something was lost in one way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LossCount {
    /// How many.
    pub count: usize,
    /// The first of them.
    pub examples: Vec<Loss>,
}

/// The losses of an export by what was lost and what was done about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Losses(BTreeMap<(LossKind, Remedy), LossCount>);

impl Losses {
    pub(super) fn add(&mut self, loss: Loss) {
        let count = self.0.entry((loss.kind, loss.done)).or_default();
        count.count += 1;
        if count.examples.len() < SHOWN {
            count.examples.push(loss);
        }
    }

    /// Whether nothing was lost.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each way in which something was lost.
    pub fn iter(&self) -> impl Iterator<Item = (LossKind, Remedy, &LossCount)> {
        self.0.iter().map(|((kind, done), count)| (*kind, *done, count))
    }
}
