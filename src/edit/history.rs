//! Steps and the undo history.

use super::transaction::Transaction;
use crate::model::{AnnotatorName, ArticleId, Schema, StepId};
use jiff::Timestamp;
use std::sync::Arc;

/// One thing that a step changed, with the way back.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// An annotation set.
    Set {
        /// The article.
        article: ArticleId,
        /// Whose set.
        annotator: AnnotatorName,
        /// What was done.
        forward: Transaction,
        /// What undoes it.
        backward: Transaction,
    },
    /// The schema.
    Schema {
        /// The schema before.
        before: Arc<Schema>,
        /// The schema after.
        after: Arc<Schema>,
    },
}

impl Change {
    /// The change that undoes this one.
    pub fn inverse(&self) -> Self {
        match self.clone() {
            Self::Set { article, annotator, forward, backward } => {
                Self::Set { article, annotator, forward: backward, backward: forward }
            }
            Self::Schema { before, after } => Self::Schema { before: after, after: before },
        }
    }
}

/// What a user did at once: the unit of undo.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The same in every file that the step touched.
    pub id: StepId,
    /// When, to the millisecond.
    pub at: Timestamp,
    /// Who.
    pub by: AnnotatorName,
    /// What it is called in the menu: "Label as Actor".
    pub what: String,
    /// What it changed; at most one change for each set and one of the schema.
    pub changes: Vec<Change>,
}

/// How a step came to be written down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StepKind {
    /// Somebody did it.
    #[default]
    Do,
    /// Somebody took it back.
    Undo,
    /// Somebody did it again after taking it back.
    Redo,
}

/// The steps that can be undone and redone, without limit.
///
/// The history only keeps the order; whoever holds the data applies a step first and
/// then tells the history, so that a step that did not fit is never on record.
#[derive(Clone, Debug, Default)]
pub struct History {
    done: Vec<Arc<Step>>,
    undone: Vec<Arc<Step>>,
}

impl History {
    /// The step that undo would take back.
    pub fn to_undo(&self) -> Option<&Arc<Step>> {
        self.done.last()
    }

    /// The step that redo would do again.
    pub fn to_redo(&self) -> Option<&Arc<Step>> {
        self.undone.last()
    }

    /// Puts on record that a step was done, undone or redone. Doing something new
    /// forgets what was undone before.
    pub fn record(&mut self, kind: StepKind, step: Arc<Step>) {
        match kind {
            StepKind::Do => {
                self.undone.clear();
                self.done.push(step);
            }
            StepKind::Undo => {
                take_out(&mut self.done, step.id);
                self.undone.push(step);
            }
            StepKind::Redo => {
                take_out(&mut self.undone, step.id);
                self.done.push(step);
            }
        }
    }

    /// Drops a step that no longer fits what it was made for.
    pub fn forget(&mut self, id: StepId) {
        take_out(&mut self.done, id);
        take_out(&mut self.undone, id);
    }

    /// The number of steps that can be undone.
    pub fn undoable(&self) -> usize {
        self.done.len()
    }
}

/// Takes a step out, nearly always the last one: looked for from the end.
fn take_out(steps: &mut Vec<Arc<Step>>, id: StepId) {
    if let Some(at) = steps.iter().rposition(|step| step.id == id) {
        steps.remove(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(id: u64) -> Arc<Step> {
        let by = AnnotatorName::new("ann").unwrap();
        let at = Timestamp::UNIX_EPOCH;
        Arc::new(Step { id: StepId(id), at, by, what: id.to_string(), changes: vec![] })
    }

    #[test]
    fn doing_something_new_forgets_what_was_undone() {
        let mut history = History::default();
        history.record(StepKind::Do, step(1));
        history.record(StepKind::Do, step(2));
        history.record(StepKind::Undo, step(2));
        assert_eq!(history.to_undo(), Some(&step(1)));
        assert_eq!(history.to_redo(), Some(&step(2)));
        history.record(StepKind::Redo, step(2));
        history.record(StepKind::Undo, step(2));
        history.record(StepKind::Do, step(3));
        assert_eq!(history.to_redo(), None);
        assert_eq!(history.undoable(), 2);
    }
}
