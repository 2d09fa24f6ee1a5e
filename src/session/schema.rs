//! Changes of the schema across the whole project, each an undoable step.
//!
//! One that says something else of labels and touches no annotation is a step like any
//! other. One that may reach into every set goes to the saving thread (`task`), a batch of
//! articles after the other, and is kept in the files alone: taking it back reads it from
//! there. What it does to an article is found by a `plan`, which previews ask too. Until it
//! is there nothing else can be changed.

mod plan;
mod task;

pub(super) use task::Task;

use super::past::RecordedStep;
use super::{Notice, Session, SessionError};
use crate::edit::{Change, Edit, Migration, Step, StepKind};
use crate::model::{ArticleId, Schema, StepId};
use crate::store::{PastStep, ProjectFolder};
use jiff::Timestamp;
use plan::{Plan, annotated};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use task::{BATCH, Ended, Shared, Source};

/// What a change of the schema would touch. Everything counts once, however many
/// migrations reach it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MigrationPreview {
    /// Annotations that change.
    pub changed: usize,
    /// Annotations that are deleted.
    pub deleted: usize,
    /// Relations that change.
    pub relinked: usize,
    /// Relations that are deleted.
    pub unrelated: usize,
    /// The articles this happens in, with the annotator and the number of edits.
    pub places: Vec<(String, usize)>,
}

impl MigrationPreview {
    /// Whether no annotation is touched.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// One sentence: what happens, and where.
    pub fn sentence(&self) -> String {
        if self.is_empty() {
            return "No annotation is touched".to_owned();
        }
        let annotations = clause("Annotations", self.changed, self.deleted);
        let relations = clause("relations", self.relinked, self.unrelated);
        let parts: Vec<_> = [annotations, relations].into_iter().flatten().collect();
        let files = if self.places.len() == 1 { "file" } else { "files" };
        let mut sentence = format!("{}, in {} {files}", parts.join("; "), self.places.len());
        if sentence.starts_with('r') {
            sentence.replace_range(..1, "R");
        }
        sentence
    }

    /// Counts what a change does to one set.
    fn count(&mut self, change: &Change) {
        let Change::Set { article, annotator, forward, .. } = change else { return };
        self.places.push((format!("{article} · {annotator}"), forward.edits.len()));
        let mut changed = HashSet::new();
        let mut relinked = HashSet::new();
        let mut unrelated = HashSet::new();
        for edit in &forward.edits {
            match edit {
                Edit::Replace(annotation) => {
                    changed.insert(annotation.id);
                }
                Edit::Remove(id) => {
                    changed.remove(id);
                    self.deleted += 1;
                }
                Edit::Unrelate(id) => {
                    relinked.remove(id);
                    unrelated.insert(*id);
                }
                // A relation put back was taken out just before, to change its name.
                Edit::Relate(relation) => {
                    unrelated.remove(&relation.id);
                    relinked.insert(relation.id);
                }
                Edit::Add(_) | Edit::Remark(_) | Edit::Unremark(_) | Edit::State(_) => {}
            }
        }
        self.changed += changed.len();
        self.relinked += relinked.len();
        self.unrelated += unrelated.len();
    }

    /// This one and what comes behind it.
    fn and(mut self, other: Self) -> Self {
        self.changed += other.changed;
        self.deleted += other.deleted;
        self.relinked += other.relinked;
        self.unrelated += other.unrelated;
        self.places.extend(other.places);
        self
    }
}

fn clause(what: &str, changed: usize, deleted: usize) -> Option<String> {
    match (changed, deleted) {
        (0, 0) => None,
        (changed, 0) => Some(format!("{what}: {changed} changed")),
        (0, deleted) => Some(format!("{what}: {deleted} deleted")),
        (changed, deleted) => Some(format!("{what}: {changed} changed, {deleted} deleted")),
    }
}

/// A preview that is being counted in the background; dropped, it ends.
#[derive(Debug)]
pub struct MigrationCount {
    outcome: Receiver<Result<MigrationPreview, SessionError>>,
    shared: Arc<Shared>,
}

impl MigrationCount {
    /// The preview, once it is there; it is given once.
    pub fn take(&self) -> Option<Result<MigrationPreview, SessionError>> {
        self.outcome.try_recv().ok()
    }

    /// Waits for the preview; for tests.
    ///
    /// # Errors
    /// When a migration does not fit the schema, or a file cannot be read: then nothing
    /// may be changed, because what cannot be read could not be migrated.
    pub fn wait(&self) -> Result<MigrationPreview, SessionError> {
        let gone = SessionError::Missing("the counting has stopped");
        self.outcome.recv().unwrap_or(Err(gone))
    }

    /// How many articles are counted, and how many there are.
    pub fn progress(&self) -> (usize, usize) {
        (self.shared.done.load(Ordering::Relaxed), self.shared.total.load(Ordering::Relaxed))
    }
}

impl Drop for MigrationCount {
    fn drop(&mut self) {
        self.shared.is_cancelled.store(true, Ordering::Relaxed);
    }
}

/// How far a change of the schema has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MigrationProgress {
    /// The articles that were looked through, or written.
    pub done: usize,
    /// How many there are; zero while that is being found out.
    pub total: usize,
    /// Whether it is being written, and cannot be cancelled any more.
    pub is_writing: bool,
}

/// A change of the schema that is under way.
pub(super) struct Running {
    kind: StepKind,
    step: Arc<FiledStep>,
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
    /// Begins to count what migrations, one after the other, would touch.
    pub fn preview_migration(&self, migrations: &[Migration]) -> MigrationCount {
        let (sender, outcome) = channel();
        let shared = Arc::new(Shared::default());
        let plan = Plan::new(&self.project.schema, migrations);
        let (folder, wake, counted) =
            (self.folder.clone(), Arc::clone(&self.wake), Arc::clone(&shared));
        std::thread::spawn(move || {
            let preview = plan.map_err(SessionError::from);
            // Whoever closed the dialog meanwhile does not ask for it any more.
            let _ = sender.send(preview.and_then(|plan| count(&folder, &plan, &counted)));
            wake();
        });
        MigrationCount { outcome, shared }
    }

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
        self.run_migration(StepKind::Do, Arc::new(step), Source::Plan(plan))
    }

    /// Takes a change of the schema back, or does it again.
    pub(super) fn migrate_again(
        &mut self,
        kind: StepKind,
        step: Arc<FiledStep>,
    ) -> Result<(), SessionError> {
        self.run_migration(kind, step, Source::Histories)
    }

    fn run_migration(
        &mut self,
        kind: StepKind,
        step: Arc<FiledStep>,
        source: Source,
    ) -> Result<(), SessionError> {
        self.ensure_writing()?;
        self.ensure_saving("not everything is saved yet; change the schema when it is")?;
        self.ensure_not_deciding()?;
        if self.import_progress().is_some() {
            return Err(SessionError::Missing(
                "an import goes on; change the schema when it is over",
            ));
        }
        let (sender, ended) = channel();
        let shared = Arc::new(Shared::default());
        let FiledStep { id, at, what } = &*step;
        let (by, what) = (self.by().clone(), what.clone());
        self.saver.migrate(Task {
            folder: self.folder.clone(),
            kind,
            step: Step { id: *id, at: *at, by, what, changes: Vec::new() },
            source,
            left: None,
            of_schema: None,
            schema: Arc::clone(&self.project.schema),
            missed: BTreeMap::new(),
            most: BATCH,
            rounds: 0,
            failed: None,
            shared: Arc::clone(&shared),
            ended: sender,
        });
        self.migrating = Some(Running { kind, step, ended, shared });
        Ok(())
    }

    /// Takes in what became of a change of the schema. True when something changed.
    pub(super) fn poll_migration(&mut self) -> bool {
        let Some(running) = self.migrating.take() else { return false };
        match running.ended.try_recv() {
            Ok(Ended::Done { schema, missed }) => self.take_migrated(running, schema, missed),
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
            Err(TryRecvError::Empty) => {
                self.migrating = Some(running);
                return false;
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
        let Running { kind, step, .. } = running;
        self.project.schema = schema;
        if self.armed.as_ref().is_some_and(|label| self.project.schema.label(label).is_none()) {
            self.armed = None;
        }
        let said = match kind {
            StepKind::Do => format!("Done: {}", step.what),
            StepKind::Undo => format!("Undone: {}", step.what),
            StepKind::Redo => format!("Done again: {}", step.what),
        };
        self.history.record(kind, RecordedStep::Filed(step));
        self.steps_taken += 1;
        self.sets.clear();
        self.read_open_again();
        self.catalogue.look_again();
        self.read_review_again();
        self.notify(Notice::info(said));
        for why in missed.into_values() {
            self.notify(Notice::warning(format!("The change of the schema has not reached {why}")));
        }
    }
}

/// What a plan would touch.
fn count(
    folder: &ProjectFolder,
    plan: &Plan,
    shared: &Shared,
) -> Result<MigrationPreview, SessionError> {
    if !plan.reaches_sets() {
        return Ok(MigrationPreview::default());
    }
    let all = annotated(folder)?;
    shared.total.store(all.len(), Ordering::Relaxed);
    let previews = all.into_par_iter().map(|reach| {
        let mut preview = MigrationPreview::default();
        if !shared.is_cancelled() {
            for change in plan.changes(folder, &reach)? {
                preview.count(&change);
            }
            shared.done.fetch_add(1, Ordering::Relaxed);
        }
        Ok(preview)
    });
    // The first failure in the order of the articles, whichever thread met one first.
    let previews: Vec<Result<_, SessionError>> = previews.collect();
    previews.into_iter().try_fold(MigrationPreview::default(), |sum, one| Ok(sum.and(one?)))
}

#[cfg(test)]
mod tests;
