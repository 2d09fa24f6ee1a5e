//! A change of the schema on its way through all sets, on the saving thread.
//!
//! First everything is looked through, so that nothing is begun that cannot be read; that
//! can be cancelled. Then batches of articles are written, each durable by itself, the
//! schema with the first. What fails for now (a full disk) is tried again by the saving
//! thread from where it stopped. A small project is one batch, so there the step is in all
//! files or in none, like any other.

use super::plan::{Plan, Reach, annotated, by_article};
use crate::edit::{Change, Step, StepKind};
use crate::model::{Article, Schema};
use crate::session::SessionError;
use crate::store::{ProjectFolder, StoreError, Writer};
use rayon::prelude::*;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::Sender;

/// About how many edits are written at once.
pub(super) const BATCH: usize = 20_000;

/// Where a change of the schema stands, for the window to read.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) done: AtomicUsize,
    /// The articles there are to look through, or to write.
    pub(super) total: AtomicUsize,
    pub(super) is_writing: AtomicBool,
    pub(super) is_cancelled: AtomicBool,
}

impl Shared {
    fn begin(&self, total: usize, is_writing: bool) {
        self.done.store(0, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
        self.is_writing.store(is_writing, Ordering::Relaxed);
    }

    fn advance(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Relaxed)
    }
}

/// What became of it.
#[derive(Debug)]
pub(super) enum Ended {
    /// All of it is durable; sets that could not be read any more are named.
    Done { schema: Arc<Schema>, missed: Vec<String> },
    /// It was cancelled before anything was written.
    Cancelled,
    /// Nothing was written.
    Failed(SessionError),
}

/// From where the edits come.
#[derive(Debug)]
pub(super) enum Source {
    /// They are found by migrations.
    Plan(Plan),
    /// They stand in the histories.
    Histories,
}

/// A change of the schema that is under way.
pub(in crate::session) struct Task {
    pub(super) folder: ProjectFolder,
    pub(super) kind: StepKind,
    /// The step without what it changes.
    pub(super) step: Step,
    pub(super) source: Source,
    /// What is still to be written; nothing before everything was looked through.
    pub(super) left: Option<VecDeque<Reach>>,
    /// The change of the schema, until it is written; then the schema.
    pub(super) of_schema: Option<Change>,
    pub(super) schema: Arc<Schema>,
    pub(super) missed: Vec<String>,
    /// About how many edits are written at once; one where an article cannot be written,
    /// which must not keep others from being.
    pub(super) most: usize,
    /// What could not be written the last time.
    pub(super) failed: Option<Batch>,
    pub(super) shared: Arc<Shared>,
    pub(super) ended: Sender<Ended>,
}

/// Some articles with what becomes of them.
pub(super) struct Batch {
    step: Step,
    /// The texts that the step is made on.
    texts: Vec<Arc<Article>>,
    /// How many articles.
    taken: usize,
    /// What could not be read.
    missed: Vec<String>,
}

impl Task {
    /// Goes on by a batch; true when nothing is left.
    ///
    /// # Errors
    /// What may succeed later; the task is then where it was.
    pub(in crate::session) fn advance(&mut self, writer: &mut Writer) -> Result<bool, StoreError> {
        if self.left.is_none() {
            return Ok(self.look_through());
        }
        match self.write_batch(writer) {
            Ok(true) => {
                let (schema, missed) = (Arc::clone(&self.schema), std::mem::take(&mut self.missed));
                Ok(self.end(Ended::Done { schema, missed }))
            }
            Ok(false) => Ok(false),
            Err(error) if error.is_passing() => Err(error),
            Err(error) => Ok(self.end(Ended::Failed(error.into()))),
        }
    }

    /// Finds out what there is to write; true when that ends it.
    fn look_through(&mut self) -> bool {
        match self.look() {
            Err(error) => self.end(Ended::Failed(error)),
            Ok(_) if self.shared.is_cancelled() => self.end(Ended::Cancelled),
            Ok(left) => {
                self.shared.begin(left.len(), true);
                self.left = Some(left.into());
                false
            }
        }
    }

    /// Whether something of it is written.
    pub(in crate::session) fn has_begun(&self) -> bool {
        self.left.is_some() && self.of_schema.is_none()
    }

    fn end(&self, how: Ended) -> bool {
        // A window that was closed meanwhile does not ask any more.
        let _ = self.ended.send(how);
        true
    }

    /// The articles that it touches.
    fn look(&mut self) -> Result<Vec<Reach>, SessionError> {
        match &self.source {
            Source::Plan(plan) => {
                let all = annotated(&self.folder)?;
                self.shared.begin(all.len(), false);
                self.of_schema = Some(plan.of_schema());
                let touched = all.into_par_iter().filter_map(|reach| {
                    if self.shared.is_cancelled() {
                        return None;
                    }
                    self.shared.advance();
                    match plan.changes(&self.folder, &reach) {
                        Ok(changes) if changes.is_empty() => None,
                        Ok(_) => Some(Ok(reach)),
                        Err(error) => Some(Err(error)),
                    }
                });
                touched.collect()
            }
            Source::Histories => {
                let step = self.step.id;
                self.of_schema = self.folder.change_in(step, None)?;
                let reach = self.folder.reach_of(step, &|| self.shared.is_cancelled())?;
                let mut sets: Vec<_> =
                    reach.into_iter().map(|(annotator, article)| (article, annotator)).collect();
                sets.sort();
                Ok(by_article(sets))
            }
        }
    }

    /// Writes the next articles; true when none is left.
    fn write_batch(&mut self, writer: &mut Writer) -> Result<bool, StoreError> {
        // What could not be written is written as it was found then: a line of it that
        // could not be cut off yet would make it look done.
        let mut batch = self.failed.take().map_or_else(|| self.batch(), Ok)?;
        match self.commit(writer, &batch.step, &batch.texts) {
            Err(error) if error.is_passing() => {
                self.failed = Some(batch);
                return Err(error);
            }
            // Before anything is written it is the whole that fails.
            Err(error) if self.of_schema.is_some() => return Err(error),
            // Somebody spoiled a file meanwhile.
            Err(_) if batch.taken > 1 => {
                self.most = 1;
                return Ok(false);
            }
            Err(error) => batch.missed.push(error.to_string()),
            Ok(()) => {}
        }
        self.missed.extend(batch.missed);
        if let Some(left) = &mut self.left {
            left.drain(..batch.taken);
        }
        self.shared.done.fetch_add(batch.taken, Ordering::Relaxed);
        // A file that cannot be written now is behind its history, and follows.
        let _ = writer.flush();
        Ok(self.left.as_ref().is_none_or(VecDeque::is_empty))
    }

    /// What is to be written next.
    fn batch(&self) -> Result<Batch, StoreError> {
        let mut step = self.step.clone();
        step.changes.extend(self.of_schema.clone());
        let mut batch = Batch { step, texts: Vec::new(), taken: 0, missed: Vec::new() };
        let mut edits = 0;
        for reach in self.left.iter().flatten() {
            if edits >= self.most {
                break;
            }
            batch.taken += 1;
            match self.changes(reach) {
                Ok(changes) => {
                    edits += changes.iter().map(size).sum::<usize>();
                    batch.texts.push(Arc::new(self.folder.read_article(&reach.0)?));
                    batch.step.changes.extend(changes);
                }
                // It could be read when everything was looked through.
                Err(SessionError::Store(error)) if error.is_passing() => return Err(error),
                Err(error) => batch.missed.push(error.to_string()),
            }
        }
        Ok(batch)
    }

    fn changes(&self, reach: &Reach) -> Result<Vec<Change>, SessionError> {
        match &self.source {
            Source::Plan(plan) => plan.changes(&self.folder, reach),
            Source::Histories => {
                let (article, annotators) = reach;
                let change = |annotator: &_| {
                    let owner = (Clone::clone(annotator), article.clone());
                    self.folder.change_in(self.step.id, Some(&owner)).transpose()
                };
                Ok(annotators.iter().filter_map(change).collect::<Result<_, _>>()?)
            }
        }
    }

    fn commit(
        &mut self,
        writer: &mut Writer,
        step: &Step,
        texts: &[Arc<Article>],
    ) -> Result<(), StoreError> {
        writer.commit_on(self.kind, step, texts)?;
        let done = self.of_schema.take().map(|change| match self.kind {
            StepKind::Undo => change.inverse(),
            StepKind::Do | StepKind::Redo => change,
        });
        if let Some(Change::Schema { after, .. }) = done {
            self.schema = after;
        }
        Ok(())
    }
}

/// The number of edits.
fn size(change: &Change) -> usize {
    match change {
        Change::Set { forward, .. } => forward.edits.len(),
        Change::Schema { .. } => 1,
    }
}
