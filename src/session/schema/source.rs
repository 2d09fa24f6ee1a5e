//! From where a change of the schema knows what becomes of each set.
//!
//! Done for the first time it asks the plan that its migrations make; taken back, or done
//! again, it reads the histories, in which every set says what was done to it. A change that
//! was cut off asks the same, but for the sets that it reached already.

use super::plan::{Plan, Reach, annotated, by_article};
use super::task::{Task, is_waited_out, unchanged};
use crate::edit::{Change, Migration, StepKind};
use crate::model::ArticleId;
use crate::session::SessionError;
use crate::store::StoreError;
use rayon::prelude::*;
use std::collections::VecDeque;
use std::sync::atomic::Ordering;

/// From where the edits come.
#[derive(Debug)]
pub(super) enum Source {
    /// They are found by migrations.
    Plan(Plan),
    /// By migrations that were written down; they are fitted to the schema first.
    CutOff(Vec<Migration>),
    /// They stand in the histories.
    Histories,
}

impl Source {
    /// What has to be written down to go on after a crash.
    pub(super) fn migrations(&self) -> Vec<Migration> {
        match self {
            Self::Plan(plan) => plan.migrations(),
            Self::CutOff(migrations) => migrations.clone(),
            Self::Histories => Vec::new(),
        }
    }
}

impl Task {
    /// The articles that it touches, and what becomes of the schema.
    pub(super) fn look(&mut self) -> Result<Vec<Reach>, SessionError> {
        if self.is_resumed {
            // This window may not have heard yet of what is there of it.
            self.schema = self.folder.read_project()?.0.schema;
        }
        if let Source::CutOff(migrations) = &self.source {
            self.source = Source::Plan(self.plan_again(migrations)?);
        }
        match &self.source {
            Source::Plan(plan) => {
                if !self.is_resumed || !self.schema_is_there()? {
                    self.of_schema = Some(plan.of_schema());
                }
                let all = annotated(&self.folder)?;
                self.shared.begin(all.len());
                let touched = self.touched(all);
                self.without_missed(touched)
            }
            Source::CutOff(_) | Source::Histories => self.look_at_histories(),
        }
    }

    /// What was annotated with the old schema since it was looked through; `None` where
    /// nobody could tell that.
    pub(super) fn look_again(&self) -> Option<VecDeque<Reach>> {
        if !matches!(self.source, Source::Plan(_)) {
            return None;
        }
        let all = annotated(&self.folder).ok()?;
        let touched = self.touched(all).into_iter().filter_map(Result::ok);
        Some(touched.filter(|(article, _)| !self.missed.contains_key(article)).collect())
    }

    /// What becomes of the sets of an article.
    pub(super) fn changes(&self, reach: &Reach) -> Result<Vec<Change>, SessionError> {
        let Self { folder, step, .. } = self;
        match &self.source {
            Source::Plan(plan) if self.may_stand(plan) => plan.rest(folder, step.id, reach),
            Source::Plan(plan) => plan.changes(folder, reach),
            Source::CutOff(_) | Source::Histories => {
                let (article, annotators) = reach;
                let change = |annotator: &_| {
                    let owner = (Clone::clone(annotator), article.clone());
                    folder.change_in(step.id, Some(&owner)).transpose()
                };
                Ok(annotators.iter().filter_map(change).collect::<Result<_, _>>()?)
            }
        }
    }

    /// Whether the step may stand in sets of which the plan would not see it.
    fn may_stand(&self, plan: &Plan) -> bool {
        match self.rounds {
            0 => self.is_resumed,
            _ => !plan.is_repeatable(),
        }
    }

    /// Those of some articles that a plan touches, or that cannot be read; spread over the
    /// cores.
    fn touched(&self, all: Vec<Reach>) -> Vec<Result<Reach, (ArticleId, SessionError)>> {
        let touched = all.into_par_iter().filter_map(|reach| {
            if self.is_stopped() {
                return None;
            }
            self.shared.advance();
            match self.changes(&reach) {
                Ok(changes) if changes.is_empty() => None,
                Ok(_) => Some(Ok(reach)),
                Err(error) => Some(Err((reach.0, error))),
            }
        });
        touched.collect()
    }

    /// Notes what cannot be reached. Before anything is written, only sets that have no
    /// article are left alone; of what is there in part, all that can be done is done.
    fn without_missed(
        &mut self,
        touched: Vec<Result<Reach, (ArticleId, SessionError)>>,
    ) -> Result<Vec<Reach>, SessionError> {
        let (mut left, mut missed) = (Vec::new(), Vec::new());
        for touched in touched {
            match touched {
                Ok(reach) => left.push(reach),
                Err((article, SessionError::Store(error))) if error.is_of_one_file() => {
                    let why = format!("the annotations of {article}, whose text is not there");
                    missed.push((article, why));
                }
                Err((article, error)) if self.is_resumed && !is_passing(&error) => {
                    missed.push((article, unchanged(&error)));
                }
                Err((_, error)) => return Err(error),
            }
        }
        self.missed.extend(missed);
        Ok(left)
    }

    fn look_at_histories(&mut self) -> Result<Vec<Reach>, SessionError> {
        let change = self.folder.change_in(self.step.id, None)?;
        if self.is_resumed && change.is_none() {
            return Err(NOT_THERE);
        }
        if !self.is_resumed || !self.schema_is_there()? {
            self.of_schema = change;
        }
        if self.folder.is_of_schema_alone(self.step.id)? {
            return Ok(Vec::new());
        }
        let goes_on = || {
            self.shared.advance();
            !self.is_stopped()
        };
        let begin = |total| {
            self.shared.begin(total);
            self.shared.is_of_histories.store(true, Ordering::Relaxed);
        };
        let reach = self.folder.reach_of(self.step.id, self.kind, &begin, &goes_on)?;
        let mut sets: Vec<_> =
            reach.into_iter().map(|(annotator, article)| (article, annotator)).collect();
        sets.sort();
        Ok(by_article(sets))
    }

    /// The plan of a change that was cut off: its migrations on the schema that they were
    /// made for.
    fn plan_again(&self, migrations: &[Migration]) -> Result<Plan, SessionError> {
        match self.folder.change_in(self.step.id, None)? {
            None => Ok(Plan::new(&self.schema, migrations)?),
            Some(Change::Schema { before, after }) => {
                let plan = Plan::new(&before, migrations)?;
                match plan.of_schema() {
                    Change::Schema { after: made, .. } if made == after => Ok(plan),
                    _ => Err(NOT_THERE),
                }
            }
            Some(Change::Set { .. }) => Err(NOT_THERE),
        }
    }

    /// Whether the schema has its part of a change that was cut off.
    fn schema_is_there(&self) -> Result<bool, StoreError> {
        let last = self.folder.last_of(self.step.id, None)?;
        Ok(last.is_some_and(|last| (last == StepKind::Undo) == (self.kind == StepKind::Undo)))
    }

    fn is_stopped(&self) -> bool {
        self.shared.is_cancelled() && !self.is_resumed
    }
}

/// What was written down of a change that was cut off is not what the history says.
const NOT_THERE: SessionError =
    SessionError::Missing("the history of the schema tells of no such change");

fn is_passing(error: &SessionError) -> bool {
    matches!(error, SessionError::Store(error) if is_waited_out(error))
}
