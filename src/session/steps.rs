//! Doing, undoing and redoing steps: the only place where a session changes data.

use super::{Notice, RecordedStep, SaveState, Session, SessionError, SetKey};
use crate::edit::{Change, OnRecord, Step, StepKind, Transaction};
use crate::model::{Article, ArticleId, Schema};
use std::sync::Arc;

/// What one set is to become in a step.
pub(super) type SetChange = (SetKey, Transaction);

impl Session {
    /// Applies a transaction to the open set as a step of its own.
    pub(super) fn edit_open(
        &mut self,
        what: impl Into<String>,
        transaction: Transaction,
    ) -> Result<(), SessionError> {
        let key = self.open_key()?;
        self.run_step(what.into(), vec![(key, transaction)], None)
    }

    /// Applies one step to any number of sets and, if given, the schema; wholly or not
    /// at all.
    pub(super) fn run_step(
        &mut self,
        what: String,
        sets: Vec<SetChange>,
        schema: Option<Arc<Schema>>,
    ) -> Result<(), SessionError> {
        self.ensure_writing()?;
        let mut changes = Vec::new();
        for (key, forward) in sets {
            if forward.is_empty() {
                continue;
            }
            match self.apply(&key, &forward) {
                Ok(backward) => {
                    let (article, annotator) = key;
                    changes.push(Change::Set { article, annotator, forward, backward });
                }
                Err(error) => {
                    self.roll_back(&changes);
                    return Err(error);
                }
            }
        }
        if let Some(after) = schema.filter(|after| **after != *self.project.schema) {
            let before = std::mem::replace(&mut self.project.schema, Arc::clone(&after));
            changes.push(Change::Schema { before, after });
        }
        if changes.is_empty() {
            return Ok(());
        }
        let id = self.ids.step();
        let at = self.folder.stamp();
        let by = self.by().clone();
        let step = Arc::new(Step { id, at, by, what, changes });
        self.history.record(StepKind::Do, RecordedStep::Here(Arc::clone(&step)));
        self.after_step(StepKind::Do, &step);
        Ok(())
    }

    /// Takes the last step back and shows where that was.
    pub(super) fn undo(&mut self) -> Result<(), SessionError> {
        let step = self.history.to_undo().cloned();
        let nothing = self.nothing_on_record("nothing to undo");
        let step = step.ok_or(SessionError::Missing(nothing))?;
        self.forget_reopened();
        self.travel(StepKind::Undo, &step)?;
        self.read_further_back();
        self.select_reopened()
    }

    /// Does the last undone step again and shows where that is.
    pub(super) fn redo(&mut self) -> Result<(), SessionError> {
        let step = self.history.to_redo().cloned();
        let nothing = self.nothing_on_record("nothing to redo");
        let step = step.ok_or(SessionError::Missing(nothing))?;
        self.travel(StepKind::Redo, &step)
    }

    fn travel(&mut self, kind: StepKind, recorded: &RecordedStep) -> Result<(), SessionError> {
        if let RecordedStep::Draw(step) = recorded {
            return self.draw_again(kind, step);
        }
        self.ensure_writing()?;
        self.ensure_not_deciding()?;
        if let Some(correction) = recorded.correction()? {
            return self.correct_again(kind, correction);
        }
        if let Some(step) = recorded.filed() {
            return self.migrate_again(kind, step);
        }
        let shown = |id: &ArticleId| self.text_of(id);
        let read = recorded.read_on(&shown).inspect_err(|error| {
            // A line that cannot be read stays so; a folder that is away comes back.
            if !error.is_passing() {
                self.history.forget(recorded.id());
            }
        })?;
        let Some(step) = &read else { return Ok(()) };
        self.ensure_own(step)?;
        self.ensure_same_texts(step)?;
        let changes: Vec<Change> = match kind {
            StepKind::Undo => step.changes.iter().rev().map(Change::inverse).collect(),
            StepKind::Do | StepKind::Redo => step.changes.clone(),
        };
        for (done, change) in changes.iter().enumerate() {
            if let Err(error) = self.apply_change(change) {
                self.roll_back(&changes[..done]);
                // A step that does not fit never will; a folder that is away comes back.
                if matches!(error, SessionError::Edit(_)) {
                    self.history.forget(step.id);
                }
                return Err(error);
            }
        }
        self.history.record(kind, recorded.clone());
        self.after_step(kind, step);
        // The step is done by now, whether or not its place can be shown.
        if let Err(error) = self.show_place_of(&changes) {
            self.notify(Notice::warning(error.to_string()));
        }
        let done = if kind == StepKind::Undo { "Undone" } else { "Done again" };
        self.notify(Notice::info(format!("{done}: {}", step.what)));
        Ok(())
    }

    /// The text of an article that sets in memory are made on.
    fn text_of(&self, id: &ArticleId) -> Option<Arc<Article>> {
        let of_mine = self.sets.get(&(id.clone(), self.annotator.clone()));
        of_mine.map(|set| Arc::clone(set.article()))
    }

    /// Refuses a step on gold to who may not review any more.
    fn ensure_own(&self, step: &Step) -> Result<(), SessionError> {
        let is_on_gold = |change: &Change| match change {
            Change::Set { annotator, .. } => annotator.is_gold(),
            Change::Schema { .. } => false,
        };
        if self.is_held() && step.changes.iter().any(is_on_gold) {
            return Err(SessionError::Missing(
                "this was done to gold, and you have articles of your own now, to which this \
                 project holds you",
            ));
        }
        Ok(())
    }

    /// Refuses a step whose places are those of a text that was corrected since; the steps
    /// are read again from the files, where each stands with its text.
    fn ensure_same_texts(&mut self, step: &Step) -> Result<(), SessionError> {
        for change in &step.changes {
            let Change::Set { article, annotator, .. } = change else { continue };
            let key = (article.clone(), annotator.clone());
            self.load_set(&key, None)?;
            let now = self.sets.get(&key).map(|set| set.article().hash());
            if self.texts.get(article).is_some_and(|then| Some(*then) != now) {
                if self.saver.state() == SaveState::Saved {
                    self.load_history();
                }
                return Err(SessionError::Missing(
                    "the text was corrected meanwhile; what was done before is being read again, \
                     so try again in a moment",
                ));
            }
        }
        Ok(())
    }

    /// Opens the article that a step changed, when it changed only one, and selects
    /// what it changed there.
    fn show_place_of(&mut self, changes: &[Change]) -> Result<(), SessionError> {
        let mut sets = changes.iter().filter_map(|change| match change {
            Change::Set { article, annotator, forward, .. } if *annotator == self.annotator => {
                Some((article, forward))
            }
            Change::Set { .. } | Change::Schema { .. } => None,
        });
        let (Some((article, forward)), None) = (sets.next(), sets.next()) else { return Ok(()) };
        self.open_article(article)?;
        let touched = forward.edits.iter().rev().find_map(|edit| edit.annotation());
        let exists =
            touched.filter(|id| self.set().is_some_and(|set| set.annotation(*id).is_some()));
        self.selection.select_annotation(None);
        if let Some(id) = exists {
            self.select_and_reveal(id);
        }
        Ok(())
    }

    fn apply_change(&mut self, change: &Change) -> Result<(), SessionError> {
        match change {
            Change::Set { article, annotator, forward, .. } => {
                let key = (article.clone(), annotator.clone());
                self.apply(&key, forward).map(|_| ())
            }
            Change::Schema { after, .. } => {
                self.project.schema = Arc::clone(after);
                Ok(())
            }
        }
    }

    fn apply(
        &mut self,
        key: &SetKey,
        transaction: &Transaction,
    ) -> Result<Transaction, SessionError> {
        self.load_set(key, None)?;
        let set = self.sets.get_mut(key).ok_or(SessionError::Missing("open an article first"))?;
        Ok(transaction.apply(set)?)
    }

    /// Takes back changes that were just applied; their inverses fit by construction.
    fn roll_back(&mut self, applied: &[Change]) {
        for change in applied.iter().rev() {
            if let Err(error) = self.apply_change(&change.inverse()) {
                self.notify(Notice::error(error));
            }
        }
    }

    /// What follows every step: saving, the article list, everything derived.
    fn after_step(&mut self, kind: StepKind, step: &Arc<Step>) {
        self.steps_taken += 1;
        let mut texts = Vec::with_capacity(step.changes.len());
        for change in &step.changes {
            let Change::Set { article, annotator, .. } = change else { continue };
            let text = self.sets.get(&(article.clone(), annotator.clone()));
            texts.extend(text.map(|set| Arc::clone(set.article())));
        }
        self.texts.extend(texts.iter().map(|text| (text.id().clone(), text.hash())));
        self.saver.commit(kind, Arc::clone(step), texts);
        for change in &step.changes {
            let Change::Set { article, annotator, .. } = change else { continue };
            if *annotator == self.annotator {
                let key = (article.clone(), annotator.clone());
                if let Some(set) = self.sets.get(&key) {
                    self.catalogue.update(set);
                }
            }
        }
        let selected = self.selection.annotation;
        let is_gone = |id| self.set().is_none_or(|set| set.annotation(id).is_none());
        if selected.is_some_and(is_gone) {
            self.selection.select_annotation(None);
        }
        self.update_review(step);
        self.update_offer(step);
        self.update_lints(step);
        self.touch();
    }
}
