//! What an export lost, counted, with examples of each kind.

use super::ExportError;
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

/// The losses of an export that must have none.
#[derive(Default)]
pub(super) struct Forbidden {
    first: Option<String>,
    count: usize,
}

impl Forbidden {
    /// Takes note of the losses of a batch.
    pub(super) fn add(&mut self, losses: &[Loss]) {
        self.count += losses.len();
        if let (None, Some(loss)) = (&self.first, losses.first()) {
            let Loss { article, annotator, surface, kind, .. } = loss;
            let by = if annotator.is_empty() { String::new() } else { format!(", {annotator}") };
            self.first = Some(format!("{article}{by}: “{surface}” ({})", kind.words()));
        }
    }

    /// Whether there are none so far.
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// An error where there is any.
    pub(super) fn outcome(self) -> Result<(), ExportError> {
        match (self.first, self.count) {
            (None, _) => Ok(()),
            (Some(first), 1) => Err(ExportError::Lossy(first)),
            (Some(first), count) => {
                Err(ExportError::Lossy(format!("{first}, and {} more", count - 1)))
            }
        }
    }
}
