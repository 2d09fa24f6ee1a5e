//! A change of the schema on its way through all sets, on the saving thread.
//!
//! First everything is looked through, so that nothing is begun that cannot be read; that
//! can be cancelled. Then it is written down what is being done (the journal), and batches
//! of articles are written, each durable by itself, the schema with the first. What fails
//! for now (a full disk) is tried again by the saving thread from where it stopped. Then it
//! looks again, for what others annotated meanwhile, and the journal goes.
//!
//! A change that was cut off goes the same way once more, as it was written down; what it
//! reached already it leaves alone. It cannot be cancelled, and what cannot be read does not
//! stop it: half of it is there. What is left to do is found by `source`.

use super::cut_off::keep_unfit;
use super::plan::{Plan, Reach};
use super::source::Source;
use crate::edit::{Change, Step, StepKind, Transaction};
use crate::model::{AnnotatorName, Article, ArticleId, Schema};
use crate::session::SessionError;
use crate::store::{ProjectFolder, SchemaChange, SchemaLock, StoreError, Writer};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

/// About how many sets, and how many edits, are written at once. Others who write wait as
/// long for their turn.
const BATCH: (usize, usize) = (200, 20_000);
/// How often everything is looked through again for what others did meanwhile.
const ROUNDS: u32 = 3;

/// Where a change of the schema stands, for the window to read.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) done: AtomicUsize,
    /// The articles or histories there are to look through, or the articles to write.
    pub(super) total: AtomicUsize,
    pub(super) is_of_histories: AtomicBool,
    pub(super) is_writing: AtomicBool,
    pub(super) is_cancelled: AtomicBool,
    /// Whether something of it may be in the files.
    pub(super) has_begun: AtomicBool,
}

impl Shared {
    pub(super) fn begin(&self, total: usize) {
        self.done.store(0, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
        self.is_of_histories.store(false, Ordering::Relaxed);
    }

    pub(super) fn advance(&self) {
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
    Done {
        schema: Arc<Schema>,
        missed: BTreeMap<ArticleId, String>,
        /// Why what was written down of it cannot be taken away.
        stays: Option<StoreError>,
    },
    /// It was cancelled before anything was written.
    Cancelled,
    /// Nothing was written.
    Failed(SessionError),
    /// It could not be written, and what is there of it, if there is any, could not be taken
    /// back: why to either.
    Stuck(StoreError, StoreError),
    /// It was cut off, and what was written down of it does not fit any more; what to say of
    /// that.
    Unfit(String),
}

/// Whether it is written down that the change is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Journal {
    Absent,
    /// Writing it failed, or taking it away did.
    Unsure,
    Written,
}

/// A change of the schema that is under way.
pub(in crate::session) struct Task {
    pub(super) folder: ProjectFolder,
    pub(super) kind: StepKind,
    /// The step without what it changes.
    pub(super) step: Step,
    pub(super) source: Source,
    /// Whether it was cut off, and is finished now.
    pub(super) is_resumed: bool,
    journal: Journal,
    /// What is still to be written; nothing before everything was looked through.
    left: Option<VecDeque<Reach>>,
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
    failed: Option<Batch>,
    pub(super) shared: Arc<Shared>,
    /// Let go of before anybody hears of the end, who may begin the next one then.
    lock: Option<SchemaLock>,
    ended: Sender<Ended>,
}

/// Some articles with what becomes of them.
struct Batch {
    step: Step,
    /// The texts that the step is made on.
    texts: Vec<Arc<Article>>,
    /// The articles.
    taken: Vec<ArticleId>,
    /// What could not be read.
    missed: Vec<(ArticleId, String)>,
}

impl Task {
    /// A change by migrations, or one that is taken back or done again where there is no
    /// plan; with the way to hear of its end.
    pub(super) fn new(
        folder: &ProjectFolder,
        (kind, step): (StepKind, Step),
        (schema, plan): (&Arc<Schema>, Option<Plan>),
        lock: SchemaLock,
    ) -> (Self, Receiver<Ended>) {
        let (ended, end) = channel();
        let task = Self {
            folder: folder.clone(),
            kind,
            step,
            source: plan.map_or(Source::Histories, Source::Plan),
            is_resumed: false,
            journal: Journal::Absent,
            left: None,
            of_schema: None,
            schema: Arc::clone(schema),
            missed: BTreeMap::new(),
            most: BATCH,
            rounds: 0,
            failed: None,
            shared: Arc::new(Shared::default()),
            lock: Some(lock),
            ended,
        };
        (task, end)
    }

    /// A change that was cut off, to be finished.
    pub(super) fn resumed(
        folder: &ProjectFolder,
        change: SchemaChange,
        schema: &Arc<Schema>,
        lock: SchemaLock,
    ) -> (Self, Receiver<Ended>) {
        // Where no lock says so, others are told by the journal that this process is at it.
        let journal = match change.writer_beside(lock.is_real()) {
            None if lock.is_real() => Journal::Written,
            _ => Journal::Unsure,
        };
        let SchemaChange { kind, step, migrations, holder: _ } = change;
        let source = match kind {
            StepKind::Do => Source::CutOff(migrations),
            StepKind::Undo | StepKind::Redo => Source::Histories,
        };
        let (task, end) = Self::new(folder, (kind, step), (schema, None), lock);
        task.shared.has_begun.store(true, Ordering::Relaxed);
        // Nobody can cancel what is there in part.
        task.shared.is_writing.store(true, Ordering::Relaxed);
        (Self { source, is_resumed: true, journal, ..task }, end)
    }

    /// Goes on by a batch; true when nothing is left.
    ///
    /// # Errors
    /// What may succeed later; the task is then where it was.
    pub(in crate::session) fn advance(&mut self, writer: &mut Writer) -> Result<bool, StoreError> {
        if self.left.is_none() {
            return self.look_through();
        }
        match self.go_on(writer) {
            Ok(true) if self.finds_more() => Ok(false),
            Ok(true) => self.finish(),
            Ok(false) => Ok(false),
            Err(error) => self.stop_at(error, writer),
        }
    }

    /// Finds out what there is to write; true when that ends it.
    fn look_through(&mut self) -> Result<bool, StoreError> {
        match self.look() {
            Err(SessionError::Store(error)) if self.is_resumed && is_waited_out(&error) => {
                Err(error)
            }
            Err(error) if self.is_resumed => Ok(self.end_unfit(&error)),
            Err(error) => Ok(self.end(Ended::Failed(error))),
            Ok(_) if self.shared.is_cancelled() && !self.is_resumed => {
                Ok(self.end(Ended::Cancelled))
            }
            Ok(left) => {
                self.shared.begin(left.len());
                self.shared.is_writing.store(true, Ordering::Relaxed);
                self.left = Some(left.into());
                Ok(false)
            }
        }
    }

    /// Looks again when everything is written: somebody else may have annotated with the old
    /// schema meanwhile, which their window did not know to be old.
    fn finds_more(&mut self) -> bool {
        self.rounds += 1;
        let Some(left) = self.look_again() else { return false };
        self.shared.total.fetch_add(left.len(), Ordering::Relaxed);
        let has_more = !left.is_empty() && self.rounds <= ROUNDS;
        self.left = Some(left);
        has_more
    }

    /// Whether something of it is written, so that it has to go on.
    pub(in crate::session) fn has_begun(&self) -> bool {
        self.journal != Journal::Absent || self.is_written()
    }

    /// Whether it is a step that somebody waits for and that is durable now.
    pub(in crate::session) fn is_done(&self) -> bool {
        !self.is_resumed && self.is_written()
    }

    fn is_written(&self) -> bool {
        self.left.is_some() && self.of_schema.is_none()
    }

    /// Writes the next articles, and before the first of them what is being done. Where the
    /// schema alone changes, its line is there or not.
    fn go_on(&mut self, writer: &mut Writer) -> Result<bool, StoreError> {
        self.shared.has_begun.store(true, Ordering::Relaxed);
        let has_sets = self.left.as_ref().is_some_and(|left| !left.is_empty());
        if has_sets && self.journal != Journal::Written {
            let (kind, step) = (self.kind, self.step.clone());
            let migrations = self.source.migrations();
            self.journal = Journal::Unsure;
            let change = SchemaChange { kind, step, migrations, holder: None };
            self.folder.begin_schema_change(&change)?;
            self.journal = Journal::Written;
        }
        self.write_batch(writer)
    }

    /// What is not begun leaves nothing behind, and can be given up; what is begun waits for
    /// better times, unless there can be none.
    fn stop_at(&mut self, error: StoreError, writer: &mut Writer) -> Result<bool, StoreError> {
        if !self.is_resumed && self.of_schema.is_some() {
            match (is_waited_out(&error), self.withdraw(writer)) {
                (false, Err(again)) if is_waited_out(&again) => return Err(again),
                (false, Err(again)) => return Ok(self.end(Ended::Stuck(error, again))),
                // Where it could not be withdrawn it has begun, and goes on when that is over.
                (true, _) | (false, Ok(())) => {}
            }
        }
        match (is_waited_out(&error), self.is_resumed) {
            (true, _) => Err(error),
            (false, true) => Ok(self.end_unfit(&error.into())),
            (false, false) => Ok(self.end(Ended::Failed(error.into()))),
        }
    }

    /// Makes sure that nothing is there of a change of which no part is durable.
    fn withdraw(&mut self, writer: &mut Writer) -> Result<(), StoreError> {
        if self.journal != Journal::Absent {
            // The lines first: without the journal nobody would know what they are.
            writer.cut_failed()?;
            self.journal = Journal::Unsure;
            self.folder.end_schema_change()?;
            self.journal = Journal::Absent;
        }
        self.shared.has_begun.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// All of it is durable.
    fn finish(&mut self) -> Result<bool, StoreError> {
        let mut stays = None;
        if self.journal != Journal::Absent {
            match self.folder.end_schema_change() {
                Err(error) if is_waited_out(&error) => return Err(error),
                // Who finds it again finds nothing left to do, but to take it away.
                Err(error) => stays = Some(error),
                Ok(()) => {}
            }
        }
        let (schema, missed) = (Arc::clone(&self.schema), std::mem::take(&mut self.missed));
        Ok(self.end(Ended::Done { schema, missed, stays }))
    }

    /// It cannot be finished: what is known of it is kept, while nobody else can be at it.
    fn end_unfit(&mut self, error: &SessionError) -> bool {
        let why = match &self.lock {
            Some(lock) => keep_unfit(&self.folder, Some((self.kind, &self.step)), error, lock),
            None => error.to_string(),
        };
        self.end(Ended::Unfit(why))
    }

    fn end(&mut self, how: Ended) -> bool {
        self.lock = None;
        // A window that was closed meanwhile does not ask any more.
        let _ = self.ended.send(how);
        true
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
        if let [Change::Schema { .. }] = batch.step.changes.as_slice() {
            let beside = self.set_beside_schema()?;
            batch.step.changes.extend(beside.map(|(article, annotator)| Change::Set {
                article,
                annotator,
                forward: Transaction::default(),
                backward: Transaction::default(),
            }));
        }
        Ok(batch)
    }

    /// Some set, where the schema's line must not say that it stands alone: others may follow
    /// it, and where the change was cut off they may be written already.
    fn set_beside_schema(&self) -> Result<Option<(ArticleId, AnnotatorName)>, StoreError> {
        if let Some((article, annotators)) = self.left.iter().flatten().next() {
            let annotator = annotators.first();
            return Ok(annotator.map(|annotator| (article.clone(), annotator.clone())));
        }
        match self.is_resumed {
            true => Ok(self.folder.annotated()?.into_iter().next()),
            false => Ok(None),
        }
    }

    fn commit(
        &mut self,
        writer: &mut Writer,
        step: &Step,
        texts: &[Arc<Article>],
    ) -> Result<(), StoreError> {
        match self.is_resumed || self.rounds > 0 {
            true => writer.commit_more(self.kind, step, texts)?,
            false => writer.commit_on(self.kind, step, texts)?,
        }
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
pub(super) fn is_waited_out(error: &StoreError) -> bool {
    error.is_passing() && !error.is_of_one_file()
}

/// What is said of an article that could not be reached.
pub(super) fn unchanged(error: &dyn std::fmt::Display) -> String {
    format!("{error}; nobody’s annotations of this article were changed")
}

/// The number of edits.
fn size(change: &Change) -> usize {
    match change {
        Change::Set { forward, .. } => forward.edits.len(),
        Change::Schema { .. } => 1,
    }
}
