//! Changes of the schema across the whole project, each an undoable step.
//!
//! One that says something else of labels and touches no annotation is a step like any
//! other. One that may reach into every set goes to the saving thread (`task`), a batch of
//! articles after the other, and is kept in the files alone: taking it back reads it from
//! there. What it does to an article is found by a `plan`, which a `preview` asks too. Until
//! it is there nothing else can be changed. One that a crash cut off is known by what was
//! written down of it, and finished when the project is opened (`cut_off`).

mod cut_off;
mod plan;
mod preview;
mod source;
mod task;

pub(super) use cut_off::CutOff;
pub use cut_off::{Finished, finish_schema_change};
pub use preview::{MigrationCount, MigrationPreview};
pub(super) use task::Task;

use super::past::RecordedStep;
use super::{Notice, Session, SessionError};
use crate::edit::{Change, Migration, Step, StepKind};
use crate::model::{ArticleId, Schema, StepId};
use crate::store::PastStep;
use jiff::Timestamp;
use plan::Plan;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, TryRecvError};
use task::{Ended, Shared};

/// How far a change of the schema has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MigrationProgress {
    /// The articles that were looked through, or written.
    pub done: usize,
    /// How many there are; zero while that is being found out.
    pub total: usize,
    /// Whether it is histories that are looked through, and counted, instead of articles.
    pub is_of_histories: bool,
    /// Whether it is being written, and cannot be cancelled any more.
    pub is_writing: bool,
}

/// A change of the schema that is under way.
pub(super) struct Running {
    kind: StepKind,
    step: Arc<FiledStep>,
    /// Whether it was cut off, and is finished now.
    is_resumed: bool,
    ended: Receiver<Ended>,
    shared: Arc<Shared>,
}

/// A step that reaches everywhere and is kept in the files alone.
#[derive(Debug)]
pub struct FiledStep {
    id: StepId,
    at: Timestamp,
    what: String,
}

impl FiledStep {
    /// One from before.
    pub(super) fn of(step: &PastStep) -> Self {
        Self { id: step.id(), at: step.at(), what: step.what().to_owned() }
    }

    /// Which.
    pub fn id(&self) -> StepId {
        self.id
    }

    /// What it is called in the menu.
    pub fn what(&self) -> &str {
        &self.what
    }
}

impl Session {
    /// Whether the schema is being changed, so that nothing else can be.
    pub fn is_migrating(&self) -> bool {
        self.migrating.is_some()
    }

    /// How far a change of the schema has come, while there is one.
    pub fn migration_progress(&self) -> Option<MigrationProgress> {
        let shared = &self.migrating.as_ref()?.shared;
        Some(MigrationProgress {
            done: shared.done.load(Ordering::Relaxed),
            total: shared.total.load(Ordering::Relaxed),
            is_of_histories: shared.is_of_histories.load(Ordering::Relaxed),
            is_writing: shared.is_writing.load(Ordering::Relaxed),
        })
    }

    /// Ends a change of the schema that is not being written yet.
    pub fn cancel_migration(&self) {
        if let Some(running) = &self.migrating {
            running.shared.is_cancelled.store(true, Ordering::Relaxed);
        }
    }

    /// Waits until the schema is changed; for tests and the command line.
    pub fn wait_until_migrated(&mut self) {
        while self.is_migrating() {
            self.poll();
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }

    /// Changes the schema and everything that follows from it, as one step: at once where
    /// no annotation can change, else in the background.
    pub(super) fn migrate(
        &mut self,
        migrations: &[Migration],
        what: String,
    ) -> Result<(), SessionError> {
        let plan = Plan::new(&self.project.schema, migrations)?;
        if !plan.reaches_sets() {
            if let Change::Schema { after, .. } = plan.of_schema() {
                self.run_step(what, Vec::new(), Some(after))?;
            }
            return Ok(());
        }
        let step = FiledStep { id: self.ids.step(), at: self.folder.stamp(), what };
        self.run_migration(StepKind::Do, Arc::new(step), Some(plan))
    }

    /// Takes a change of the schema back, or does it again.
    pub(super) fn migrate_again(
        &mut self,
        kind: StepKind,
        step: Arc<FiledStep>,
    ) -> Result<(), SessionError> {
        self.run_migration(kind, step, None)
    }

    fn run_migration(
        &mut self,
        kind: StepKind,
        step: Arc<FiledStep>,
        plan: Option<Plan>,
    ) -> Result<(), SessionError> {
        self.ensure_writing()?;
        self.ensure_saving("not everything is saved yet; change the schema when it is")?;
        self.ensure_not_deciding()?;
        if self.import_progress().is_some() {
            return Err(SessionError::Missing(
                "an import goes on; change the schema when it is over",
            ));
        }
        let Some(lock) = self.folder.lock_schema()? else {
            return Err(SessionError::Missing(
                "the schema is being changed in another window; wait until it is",
            ));
        };
        if !matches!(self.folder.schema_change(), Ok(None)) {
            drop(lock);
            // Whoever is refused is told the reason each time.
            self.cut_off = CutOff::None;
            self.look_for_cut_off();
            return Err(SessionError::Missing(
                "a change of the schema was cut off and has to be finished first; try again when \
                 it is",
            ));
        }
        let FiledStep { id, at, what } = &*step;
        let (by, what) = (self.by().clone(), what.clone());
        let done = Step { id: *id, at: *at, by, what, changes: Vec::new() };
        let of = (&self.project.schema, plan);
        let (task, ended) = Task::new(&self.folder, (kind, done), of, lock);
        self.start_migration(task, ended, step);
        Ok(())
    }

    fn start_migration(&mut self, task: Task, ended: Receiver<Ended>, step: Arc<FiledStep>) {
        let (kind, is_resumed, shared) = (task.kind, task.is_resumed, Arc::clone(&task.shared));
        self.migrating = Some(Running { kind, step, is_resumed, ended, shared });
        self.saver.migrate(task);
    }

    /// Takes in what became of a change of the schema. True when something changed.
    pub(super) fn poll_migration(&mut self) -> bool {
        let Some(running) = self.migrating.take() else { return self.poll_cut_off() };
        match running.ended.try_recv() {
            Ok(Ended::Done { schema, missed, stays }) => {
                self.take_migrated(running, schema, missed);
                if let Some(error) = stays {
                    self.notify(Notice::warning(cut_off::stays(&error)));
                }
            }
            Ok(Ended::Cancelled) => self.notify(Notice::info("Cancelled; the schema is as it was")),
            Ok(Ended::Failed(error)) => {
                // What does not fit any more must not keep what was done before it from being
                // taken back; a folder that is away comes back.
                let is_passing = matches!(&error, SessionError::Store(error) if error.is_passing());
                if running.kind != StepKind::Do && !is_passing {
                    self.history.forget(running.step.id);
                }
                self.notify(Notice::error(error));
            }
            Ok(Ended::Stuck(error, again)) => {
                let what = &running.step.what;
                let text = format!(
                    "The change of the schema, “{what}”, may be there in part: {error}. Taking it \
                     back failed too: {again}. It is finished when the schema is changed the next \
                     time, or the project opened"
                );
                self.notify(Notice::warning(text));
            }
            Ok(Ended::Unfit(why)) => self.notify(Notice::warning(why)),
            Err(TryRecvError::Empty) => {
                self.migrating = Some(running);
                return false;
            }
            Err(TryRecvError::Disconnected) if running.shared.has_begun.load(Ordering::Relaxed) => {
                let what = &running.step.what;
                let text = format!(
                    "The change of the schema, “{what}”, was broken off and is there in part; \
                     close Copydesk and open the project again, which finishes it"
                );
                self.notify(Notice::warning(text));
            }
            Err(TryRecvError::Disconnected) => {
                let text = "The schema is as it was, because not everything before it could be \
                            saved; change it when that is done";
                self.notify(Notice::error(text));
            }
        }
        true
    }

    /// Everything that is derived from the schema or from sets is another now.
    fn take_migrated(
        &mut self,
        running: Running,
        schema: Arc<Schema>,
        missed: BTreeMap<ArticleId, String>,
    ) {
        let Running { kind, step, is_resumed, .. } = running;
        self.project.schema = schema;
        if self.armed.as_ref().is_some_and(|label| self.project.schema.label(label).is_none()) {
            self.armed = None;
        }
        let said = match kind {
            _ if is_resumed => cut_off::finished(kind, &step.what),
            StepKind::Do => format!("Done: {}", step.what),
            StepKind::Undo => format!("Undone: {}", step.what),
            StepKind::Redo => format!("Done again: {}", step.what),
        };
        match is_resumed {
            // Its lines are in the files, of which some may have been read already.
            true => self.load_history(),
            false => self.history.record(kind, RecordedStep::Filed(step)),
        }
        self.steps_taken += 1;
        self.sets.clear();
        self.read_open_again();
        self.catalogue.look_again_at_edited();
        self.read_review_again();
        self.notify(Notice::info(said));
        for why in missed.into_values() {
            self.notify(Notice::warning(format!("The change of the schema has not reached {why}")));
        }
    }
}

#[cfg(test)]
mod tests;
