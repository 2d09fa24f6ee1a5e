//! A change of the schema on its way through all sets, on the saving thread.
//!
//! First everything is looked through, so that nothing is begun that cannot be read; that
//! can be cancelled. Then batches of articles are written, each durable by itself, the
//! schema with the first. What fails for now (a full disk) is tried again by the saving
//! thread from where it stopped. A small project is one batch, like any other step of several
//! files. Then it looks again, for what others annotated meanwhile.

use super::plan::{Plan, Reach, annotated, by_article};
use crate::edit::{Change, Step, StepKind};
use crate::model::{Article, ArticleId, Schema};
use crate::session::SessionError;
use crate::store::{ProjectFolder, StoreError, Writer};
use rayon::prelude::*;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::Sender;

/// About how many sets, and how many edits, are written at once. Others who write wait as
/// long for their turn.
pub(super) const BATCH: (usize, usize) = (200, 20_000);
/// How often everything is looked through again for what others did meanwhile.
const ROUNDS: u32 = 3;

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
    Done { schema: Arc<Schema>, missed: BTreeMap<ArticleId, String> },
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
    /// The articles that it could not reach, and why.
    pub(super) missed: BTreeMap<ArticleId, String>,
    /// About how many sets, and how many edits, are written at once; one where an article
    /// cannot be written, which must not keep others from being.
    pub(super) most: (usize, usize),
    /// How often everything was looked through again.
    pub(super) rounds: u32,
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
    /// The articles.
    taken: Vec<ArticleId>,
    /// What could not be read.
    missed: Vec<(ArticleId, String)>,
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
            Ok(true) if self.finds_more() => Ok(false),
            Ok(true) => {
                let (schema, missed) = (Arc::clone(&self.schema), std::mem::take(&mut self.missed));
                Ok(self.end(Ended::Done { schema, missed }))
            }
            Ok(false) => Ok(false),
            Err(error) if is_waited_out(&error) => Err(error),
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

    /// Looks again when everything is written: somebody else may have annotated with the old
    /// schema meanwhile, which their window did not know to be old.
    fn finds_more(&mut self) -> bool {
        let Source::Plan(plan) = &self.source else { return false };
        self.rounds += 1;
        let Ok(all) = annotated(&self.folder) else { return false };
        let touched = self.touched(plan, all).into_iter().filter_map(Result::ok);
        let left: VecDeque<_> =
            touched.filter(|(article, _)| !self.missed.contains_key(article)).collect();
        self.shared.total.fetch_add(left.len(), Ordering::Relaxed);
        let has_more = !left.is_empty() && self.rounds <= ROUNDS;
        self.left = Some(left);
        has_more
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
                self.of_schema = Some(plan.of_schema());
                self.shared.begin(all.len(), false);
                let (mut left, mut orphans) = (Vec::new(), Vec::new());
                for touched in self.touched(plan, all) {
                    match touched {
                        Ok(reach) => left.push(reach),
                        Err((article, error)) if is_orphaned(&error) => orphans.push(article),
                        Err((_, error)) => return Err(error),
                    }
                }
                for article in orphans {
                    let why = format!("the annotations of {article}, whose text is not there");
                    self.missed.insert(article, why);
                }
                Ok(left)
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

    /// Those of some articles that a plan touches, or that cannot be read; spread over the
    /// cores.
    fn touched(
        &self,
        plan: &Plan,
        all: Vec<Reach>,
    ) -> Vec<Result<Reach, (ArticleId, SessionError)>> {
        let touched = all.into_par_iter().filter_map(|reach| {
            if self.shared.is_cancelled() {
                return None;
            }
            self.shared.advance();
            match plan.changes(&self.folder, &reach) {
                Ok(changes) if changes.is_empty() => None,
                Ok(_) => Some(Ok(reach)),
                Err(error) => Some(Err((reach.0, error))),
            }
        });
        touched.collect()
    }

    /// Writes the next articles; true when none is left.
    fn write_batch(&mut self, writer: &mut Writer) -> Result<bool, StoreError> {
        // What could not be written is written as it was found then: a line of it that
        // could not be cut off yet would make it look done.
        let mut batch = self.failed.take().map_or_else(|| self.batch(), Ok)?;
        match self.commit(writer, &batch.step, &batch.texts) {
            Err(error) if is_waited_out(&error) => {
                self.failed = Some(batch);
                return Err(error);
            }
            // Before anything is written it is the whole that fails.
            Err(error) if self.of_schema.is_some() => return Err(error),
            // One file cannot be written, or somebody spoiled it meanwhile.
            Err(_) if batch.taken.len() > 1 => {
                self.most = (1, 1);
                return Ok(false);
            }
            Err(error) => {
                let article = batch.taken.first().cloned();
                batch.missed.extend(article.map(|article| (article, unchanged(&error))));
            }
            Ok(()) => {}
        }
        self.missed.extend(batch.missed);
        if let Some(left) = &mut self.left {
            left.drain(..batch.taken.len());
        }
        self.shared.done.fetch_add(batch.taken.len(), Ordering::Relaxed);
        // A file that cannot be written now is behind its history, and follows.
        let _ = writer.flush();
        Ok(self.left.as_ref().is_none_or(VecDeque::is_empty))
    }

    /// What is to be written next.
    fn batch(&self) -> Result<Batch, StoreError> {
        let mut step = self.step.clone();
        step.changes.extend(self.of_schema.clone());
        let mut batch = Batch { step, texts: Vec::new(), taken: Vec::new(), missed: Vec::new() };
        let (mut sets, mut edits) = (0, 0);
        for reach in self.left.iter().flatten() {
            if sets >= self.most.0 || edits >= self.most.1 {
                break;
            }
            batch.taken.push(reach.0.clone());
            let read = || {
                let changes = self.changes(reach)?;
                Ok::<_, SessionError>((changes, self.folder.read_article(&reach.0)?))
            };
            match read() {
                Ok((changes, article)) => {
                    sets += changes.len();
                    edits += changes.iter().map(size).sum::<usize>();
                    batch.texts.push(Arc::new(article));
                    batch.step.changes.extend(changes);
                }
                Err(SessionError::Store(error)) if is_waited_out(&error) => return Err(error),
                // It could be read when everything was looked through.
                Err(error) => batch.missed.push((reach.0.clone(), unchanged(&error))),
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

/// Whether it is worth to wait: the disk is full or away, which one file is not.
fn is_waited_out(error: &StoreError) -> bool {
    error.is_passing() && !error.is_of_one_file()
}

/// Whether sets have no article.
fn is_orphaned(error: &SessionError) -> bool {
    matches!(error, SessionError::Store(error) if error.is_of_one_file())
}

/// What is said of an article that could not be reached.
fn unchanged(error: &dyn std::fmt::Display) -> String {
    format!("{error}; nobody’s annotations of this article were changed")
}

/// The number of edits.
fn size(change: &Change) -> usize {
    match change {
        Change::Set { forward, .. } => forward.edits.len(),
        Change::Schema { .. } => 1,
    }
}
