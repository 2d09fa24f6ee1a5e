//! The undo history from before the project was opened, read in the background.
//!
//! Whoever opens a project can work, and undo what they do, at once. What they did
//! before joins below it: first that of the open article, then the newest steps of the
//! whole project. A fixed number of steps is kept, as lines of their files; when undo
//! comes near their end, eight times as many are read.

use super::Session;
use super::review::DrawStep;
use super::saver::Wake;
use super::schema::FiledStep;
use crate::edit::{Earlier, OnRecord, Step};
use crate::model::{AnnotatorName, Article, ArticleId, StepId};
use crate::store::{Correction, PastStep, PastSteps, ProjectFolder, StoreError};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, channel};

/// How many steps are read when a project opens; at some hundred bytes each.
const RECENT: usize = 10_000;
/// How many times as many the next reading gives.
const GROWTH: usize = 8;
/// More are read when fewer than this can be undone.
const RUNNING_OUT: usize = 200;

/// A step that can be undone: of this session, or one from before that is read when it
/// is needed.
#[derive(Clone, Debug)]
pub enum RecordedStep {
    /// Done since the project was opened.
    Here(Arc<Step>),
    /// From the files.
    Past(Arc<PastStep>),
    /// A change of the schema that was made here and is in the files alone.
    Filed(Arc<FiledStep>),
    /// A draw of who annotates what, which changes no annotation.
    Draw(Arc<DrawStep>),
}

impl RecordedStep {
    /// What it is called in the menu.
    pub fn what(&self) -> &str {
        match self {
            Self::Here(step) => &step.what,
            Self::Past(step) => step.what(),
            Self::Filed(step) => step.what(),
            Self::Draw(draw) => &draw.step.what,
        }
    }

    /// The change of the schema that the step is, where it may reach into every set.
    pub(super) fn filed(&self) -> Option<Arc<FiledStep>> {
        match self {
            Self::Past(step) if step.changes_schema() => Some(Arc::new(FiledStep::of(step))),
            Self::Filed(step) => Some(Arc::clone(step)),
            Self::Here(_) | Self::Past(_) | Self::Draw(_) => None,
        }
    }

    /// The step itself; `None` for a change of the schema that is in the files alone.
    ///
    /// # Errors
    /// When a line of it cannot be read.
    pub fn read(&self) -> Result<Option<Arc<Step>>, StoreError> {
        self.read_on(&|_| None)
    }

    /// The step itself, at its places in the articles that the session has in memory;
    /// `None` for one that is in the files alone.
    pub(super) fn read_on(
        &self,
        shown: &dyn Fn(&ArticleId) -> Option<Arc<Article>>,
    ) -> Result<Option<Arc<Step>>, StoreError> {
        match self {
            Self::Here(step) => Ok(Some(Arc::clone(step))),
            Self::Past(step) => step.read(shown).map(Arc::new).map(Some),
            Self::Filed(_) => Ok(None),
            Self::Draw(draw) => Ok(Some(Arc::clone(&draw.step))),
        }
    }

    /// The correction of a text that the step is.
    pub(super) fn correction(&self) -> Result<Option<Correction>, StoreError> {
        match self {
            // One that was made here is read from the files, like all steps before it.
            Self::Here(_) | Self::Filed(_) | Self::Draw(_) => Ok(None),
            Self::Past(step) => step.correction(),
        }
    }
}

impl OnRecord for RecordedStep {
    fn id(&self) -> StepId {
        match self {
            Self::Here(step) => step.id,
            Self::Past(step) => step.id(),
            Self::Filed(step) => step.id(),
            Self::Draw(draw) => draw.step.id,
        }
    }
}

/// Where reading stands.
#[derive(Default)]
pub(super) enum Past {
    /// It begins with the next look at it, when it is known which article is open.
    Due {
        /// How many steps to read.
        most: usize,
    },
    /// It goes on.
    Reading(PastJob),
    /// It is done.
    Read {
        /// How many steps were asked for.
        most: usize,
        /// Whether there are older ones.
        has_more: bool,
    },
    /// It failed, and was said.
    #[default]
    Failed,
}

pub(super) struct PastJob {
    results: Receiver<Result<PastSteps, StoreError>>,
    most: usize,
    is_cancelled: Arc<AtomicBool>,
}

impl Drop for PastJob {
    fn drop(&mut self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }
}

impl Session {
    /// Forgets the undo history and lets that of the annotator be read.
    pub(super) fn load_history(&mut self) {
        self.history = crate::edit::History::default();
        self.texts.clear();
        self.past = Past::Due { most: RECENT };
    }

    /// Whether steps from before are still being read, so that more may become undoable.
    pub fn is_reading_history(&self) -> bool {
        matches!(self.past, Past::Due { .. } | Past::Reading(_))
    }

    /// Waits until the undo history is there; for tests and the command line.
    pub fn wait_for_history(&mut self) {
        while self.is_reading_history() {
            self.poll();
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }

    /// Takes in steps that were read. True when something changed.
    pub(super) fn poll_past(&mut self) -> bool {
        match std::mem::take(&mut self.past) {
            Past::Due { most } => {
                let first = self.open.as_ref().map(|open| open.article.id().clone());
                let (folder, by) = (self.folder.clone(), self.by().clone());
                self.past = Past::Reading(start(folder, by, first, most, Arc::clone(&self.wake)));
                false
            }
            Past::Reading(job) => self.take_in_past(job),
            past => {
                self.past = past;
                false
            }
        }
    }

    fn take_in_past(&mut self, job: PastJob) -> bool {
        let mut has_changed = false;
        loop {
            match job.results.try_recv() {
                Ok(Ok(PastSteps { steps, has_more, problems })) => {
                    let to_record = |Earlier { kind, count, at, step }| Earlier {
                        kind,
                        count,
                        at,
                        step: RecordedStep::Past(step),
                    };
                    let steps = steps.into_iter().map(to_record).collect();
                    self.history.set_earlier(self.with_draws(steps));
                    self.report(problems);
                    self.past = Past::Read { most: job.most, has_more };
                    has_changed = true;
                }
                Ok(Err(error)) => {
                    self.notify_unread(&error);
                    return true;
                }
                Err(TryRecvError::Empty) => {
                    self.past = Past::Reading(job);
                    return has_changed;
                }
                Err(TryRecvError::Disconnected) => return has_changed,
            }
        }
    }

    /// Lets older steps be read when undo is near the end of those that are there.
    pub(super) fn read_further_back(&mut self) {
        if let Past::Read { most, has_more: true } = self.past
            && self.history.undoable() < RUNNING_OUT
        {
            self.past = Past::Due { most: most.saturating_mul(GROWTH) };
            (self.wake)();
        }
    }

    /// Why there is nothing to undo or redo.
    pub(super) fn nothing_on_record(&self, nothing: &'static str) -> &'static str {
        if self.is_reading_history() {
            "What was done before is still being read; try again in a moment"
        } else {
            nothing
        }
    }
}

fn start(
    folder: ProjectFolder,
    by: AnnotatorName,
    first: Option<ArticleId>,
    most: usize,
    wake: Wake,
) -> PastJob {
    let (sender, results) = channel();
    let is_cancelled = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&is_cancelled);
    std::thread::spawn(move || {
        // The newest steps of all bring those of the open article again, and what cannot
        // be read of it is said then.
        if let Some(Ok(past)) = first.map(|article| folder.past_steps_of(&by, &article)) {
            let _ = sender.send(Ok(PastSteps { problems: Vec::new(), ..past }));
            wake();
        }
        let past = folder.past_steps(&by, most, &|| stop.load(Ordering::Relaxed));
        // A window that was closed meanwhile does not ask for it any more.
        let _ = sender.send(past);
        drop(sender);
        wake();
    });
    PastJob { results, most, is_cancelled }
}
