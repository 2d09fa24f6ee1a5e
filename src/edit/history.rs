//! Steps and the undo history.

use super::transaction::Transaction;
use crate::model::{AnnotatorName, ArticleId, Schema, StepId};
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};
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

/// What a history keeps: a step, or something that can be read as one when it is needed.
pub trait OnRecord {
    /// The step's id.
    fn id(&self) -> StepId;
}

impl OnRecord for Arc<Step> {
    fn id(&self) -> StepId {
        self.id
    }
}

/// One doing of a step before this history began: the step's n-th, counted from one.
#[derive(Clone, Debug)]
pub struct Earlier<S> {
    /// Done, undone or done again.
    pub kind: StepKind,
    /// Which of the step's doings it is.
    pub count: u32,
    /// When.
    pub at: Timestamp,
    /// The step.
    pub step: S,
}

/// The steps that can be undone and redone, without limit.
///
/// The history only keeps the order; whoever holds the data applies a step first and
/// then tells the history, so that a step that did not fit is never on record.
///
/// What was done before may come later ([`Self::set_earlier`]): reading it takes time,
/// and nobody should wait for it who has just begun to work.
#[derive(Clone, Debug)]
pub struct History<S = Arc<Step>> {
    done: Vec<S>,
    undone: Vec<S>,
    /// What was recorded here, in order.
    since: Vec<(StepKind, S)>,
    /// The steps that were recorded here, and how often each was done before.
    before: HashMap<StepId, u32>,
    /// How often each of the earlier steps was done.
    known: HashMap<StepId, u32>,
    forgotten: HashSet<StepId>,
}

impl<S> Default for History<S> {
    fn default() -> Self {
        Self {
            done: Vec::new(),
            undone: Vec::new(),
            since: Vec::new(),
            before: HashMap::new(),
            known: HashMap::new(),
            forgotten: HashSet::new(),
        }
    }
}

impl<S: OnRecord + Clone> History<S> {
    /// The step that undo would take back.
    pub fn to_undo(&self) -> Option<&S> {
        self.done.last()
    }

    /// The step that redo would do again.
    pub fn to_redo(&self) -> Option<&S> {
        self.undone.last()
    }

    /// Puts on record that a step was done, undone or redone. Doing something new
    /// forgets what was undone before.
    pub fn record(&mut self, kind: StepKind, step: S) {
        let times = self.known.get(&step.id()).copied().unwrap_or(0);
        self.before.entry(step.id()).or_insert(times);
        self.since.push((kind, step.clone()));
        self.place(kind, step);
    }

    fn place(&mut self, kind: StepKind, step: S) {
        match kind {
            StepKind::Do => {
                self.undone.clear();
                self.done.push(step);
            }
            StepKind::Undo => {
                take_out(&mut self.done, step.id());
                self.undone.push(step);
            }
            StepKind::Redo => {
                take_out(&mut self.undone, step.id());
                self.done.push(step);
            }
        }
    }

    /// Puts what was done before this history began below what was recorded since, in
    /// place of what was known of it; oldest first. It may hold what was recorded here,
    /// for the files that it is read from hold that too: nothing is doubled. O(n).
    pub fn set_earlier(&mut self, earlier: Vec<Earlier<S>>) {
        self.known.clear();
        self.done.clear();
        self.undone.clear();
        for Earlier { kind, count, step, .. } in earlier {
            let id = step.id();
            let is_here = self.before.get(&id).is_some_and(|before| count > *before);
            if is_here || self.forgotten.contains(&id) {
                continue;
            }
            let known = self.known.entry(id).or_default();
            *known = count.max(*known);
            self.place(kind, step);
        }
        for (kind, step) in self.since.clone() {
            if !self.forgotten.contains(&step.id()) {
                self.place(kind, step);
            }
        }
    }

    /// Drops a step that no longer fits what it was made for.
    pub fn forget(&mut self, id: StepId) {
        self.forgotten.insert(id);
        take_out(&mut self.done, id);
        take_out(&mut self.undone, id);
    }

    /// The number of steps that can be undone.
    pub fn undoable(&self) -> usize {
        self.done.len()
    }
}

/// Takes a step out, nearly always the last one: looked for from the end.
fn take_out<S: OnRecord>(steps: &mut Vec<S>, id: StepId) {
    if let Some(at) = steps.iter().rposition(|step| step.id() == id) {
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

    fn earlier(kind: StepKind, count: u32, id: u64) -> Earlier<Arc<Step>> {
        Earlier { kind, count, at: Timestamp::UNIX_EPOCH, step: step(id) }
    }

    fn ids(steps: &[Arc<Step>]) -> Vec<u64> {
        steps.iter().map(|step| step.id.0).collect()
    }

    #[test]
    fn what_was_done_before_goes_below_and_nothing_is_doubled() {
        let mut history = History::default();
        history.set_earlier(vec![earlier(StepKind::Do, 1, 1), earlier(StepKind::Do, 1, 2)]);
        history.record(StepKind::Undo, step(2));
        history.record(StepKind::Do, step(3));
        // Read again, and by now the files hold some of what was recorded meanwhile.
        history.set_earlier(vec![
            earlier(StepKind::Do, 1, 9),
            earlier(StepKind::Do, 1, 1),
            earlier(StepKind::Do, 1, 2),
            earlier(StepKind::Undo, 2, 2),
            earlier(StepKind::Do, 1, 3),
        ]);
        assert_eq!(ids(&history.done), [9, 1, 3]);
        assert_eq!(history.to_redo(), None);
        history.forget(StepId(1));
        history.set_earlier(vec![earlier(StepKind::Do, 1, 1)]);
        assert_eq!(ids(&history.done), [3]);
    }
}
