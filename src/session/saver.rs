//! Saving in the background.
//!
//! Steps go to a thread that owns the store's writer. It appends each step to the
//! history files (from then on a crash loses nothing), and when nothing more waits it
//! has the annotation files follow: another thread makes each of a copy of its set, and
//! no step ever waits for that. What could not be written stays in the queue and is
//! tried again, so that a full disk or a vanished folder costs no work as long as the
//! window is open. A step on what cannot be read is set aside with all that build on it,
//! and the rest goes on. Corrections and changes of the schema stand between the steps; one
//! that has not begun is given up while saving fails, for it is in no copy.
//!
//! Somebody else may have changed a set that the window shows. The writer takes that in;
//! what the set became waits here until the window has nothing on its way to the disk and
//! takes it over. Until then its steps are brought onto what is on disk.

mod worker;

use super::SetKey;
use super::compact::Tally;
use super::schema::Task;
use crate::edit::{Conflict, Step, StepKind};
use crate::model::{AnnotationSet, AnnotatorName, Article, StepId};
use crate::store::{ProjectFolder, Shown};
use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use worker::Worker;

/// How long a window may wait for what is nearly done.
const SHORTLY: Duration = Duration::from_millis(400);
/// How long is waited for the thread when the project is closed. What it has not written
/// by then it goes on with alone.
const CLOSING: Duration = Duration::from_secs(10);

/// What is said when the saving thread is gone.
const STOPPED: &str = "the saving thread has broken down, and nothing more is saved here; save a \
                       copy of the project elsewhere, with what is not saved, then close Copydesk \
                       and open it again";

/// Where saving stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaveState {
    /// Everything is in the annotation files.
    Saved,
    /// Something is on its way to the disk.
    Saving,
    /// Something could not be written; it is kept and tried again.
    Failed(String),
}

/// A step that is not durable yet.
#[derive(Debug)]
pub(super) struct Unsaved {
    /// Whether it was done, undone or done again.
    pub(super) kind: StepKind,
    /// The step.
    pub(super) step: Arc<Step>,
    /// The texts that it was made on.
    pub(super) texts: Vec<Arc<Article>>,
}

enum Job {
    Commit(Arc<Unsaved>),
    /// Something that has to be done between two steps.
    Between(Box<dyn FnOnce() + Send>),
    /// The schema is changed, and the sets with it.
    Migrate(Box<Task>),
    Annotator(AnnotatorName),
    /// A set was read to be shown.
    Show(SetKey, Box<Shown>),
    /// The files of a set may have changed.
    Look(SetKey),
    /// The history of a set is compacted if it is large.
    Tidy(SetKey),
    /// All long histories of an annotator are compacted.
    Compact(AnnotatorName),
    RetryNow,
    /// Files are to follow without waiting for a pause.
    Hurry,
    /// What was begun on another thread is done.
    Made,
    Close,
}

/// What became of a set on disk that the window shows.
pub(super) struct Update {
    /// The set.
    pub(super) set: AnnotationSet,
    /// What both sides had changed.
    pub(super) conflicts: Vec<Conflict>,
}

struct Shared {
    state: SaveState,
    pending: usize,
    /// The steps that are not durable yet, in the order they were made.
    unsaved: VecDeque<Arc<Unsaved>>,
    durable: (u64, Option<Instant>),
    /// Sets that are others on disk than in the window, as they are after the last step.
    updates: BTreeMap<SetKey, Update>,
    /// Sets that changed on disk and could not be read.
    unread: Vec<String>,
    /// Changes of what is said of labels that somebody else was quicker than, and why they
    /// were given up.
    refused: Vec<(StepId, String)>,
    /// What a compaction that was asked for has done.
    tally: Option<Tally>,
}

/// Called from the saving thread when the state changes, to wake the window.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// The saving thread and the way to it.
pub(super) struct Saver {
    jobs: Sender<Job>,
    shared: Arc<Mutex<Shared>>,
    thread: Option<JoinHandle<()>>,
}

impl Saver {
    /// Starts the thread.
    pub(super) fn start(folder: ProjectFolder, wake: Wake) -> Self {
        let (jobs, inbox) = channel();
        let shared = Arc::new(Mutex::new(Shared {
            state: SaveState::Saved,
            pending: 0,
            unsaved: VecDeque::new(),
            durable: (0, None),
            updates: BTreeMap::new(),
            unread: Vec::new(),
            refused: Vec::new(),
            tally: None,
        }));
        let end = End { shared: Arc::clone(&shared), wake: Arc::clone(&wake) };
        let worker = Worker::new(folder, (jobs.clone(), inbox), Arc::clone(&shared), wake);
        let run = move || {
            let _told_when_it_breaks_down = end;
            worker.run();
        };
        let thread = std::thread::Builder::new().name("saver".into()).spawn(run).ok();
        Self { jobs, shared, thread }
    }

    /// Puts a step that was done, undone or redone on its way to the disk, with the texts
    /// that it was made on.
    pub(super) fn commit(&self, kind: StepKind, step: Arc<Step>, texts: Vec<Arc<Article>>) {
        let unsaved = Arc::new(Unsaved { kind, step, texts });
        lock(&self.shared).unsaved.push_back(Arc::clone(&unsaved));
        self.send(Job::Commit(unsaved));
    }

    /// The steps that are not durable yet, in the order they were made.
    pub(super) fn unsaved(&self) -> Vec<Arc<Unsaved>> {
        lock(&self.shared).unsaved.iter().cloned().collect()
    }

    /// Has something done when every step so far is durable, and before any other.
    pub(super) fn between(&self, task: impl FnOnce() + Send + 'static) {
        self.send(Job::Between(Box::new(task)));
    }

    /// Has the schema changed when every step so far is durable, and before any other.
    pub(super) fn migrate(&self, task: Task) {
        self.send(Job::Migrate(Box::new(task)));
    }

    /// Adds an annotator to the project file.
    pub(super) fn add_annotator(&self, name: AnnotatorName) {
        self.send(Job::Annotator(name));
    }

    /// Notes which set is shown, and how its files looked when it was read.
    pub(super) fn show(&self, key: SetKey, shown: Shown) {
        // Nothing that is to be saved; a thread that is gone is told of with the next step.
        let _ = self.jobs.send(Job::Show(key, Box::new(shown)));
    }

    /// Has the files of a set looked at, which may have changed.
    pub(super) fn look(&self, key: SetKey) {
        let _ = self.jobs.send(Job::Look(key));
    }

    /// Takes the sets that are others on disk than in the window; none as long as
    /// anything is on its way to the disk, for they would lack it.
    pub(super) fn take_updates(&self) -> BTreeMap<SetKey, Update> {
        let mut shared = lock(&self.shared);
        if shared.pending > 0 { BTreeMap::new() } else { std::mem::take(&mut shared.updates) }
    }

    /// Takes what is wrong with sets that changed on disk and cannot be read.
    pub(super) fn take_unread(&self) -> Vec<String> {
        std::mem::take(&mut lock(&self.shared).unread)
    }

    /// Takes the steps that were given up, and why.
    pub(super) fn take_refused(&self) -> Vec<(StepId, String)> {
        std::mem::take(&mut lock(&self.shared).refused)
    }

    /// Has the history of a set compacted if it is large.
    pub(super) fn tidy(&self, key: SetKey) {
        let _ = self.jobs.send(Job::Tidy(key));
    }

    /// Has all long histories of an annotator compacted.
    pub(super) fn compact(&self, annotator: AnnotatorName) {
        let _ = self.jobs.send(Job::Compact(annotator));
    }

    /// Takes what a compaction that was asked for has done.
    pub(super) fn take_tally(&self) -> Option<Tally> {
        lock(&self.shared).tally.take()
    }

    /// Tries at once what failed.
    pub(super) fn retry(&self) {
        self.send(Job::RetryNow);
    }

    /// Has the annotation files follow at once, without waiting for a pause.
    pub(super) fn hurry(&self) {
        // A thread that is gone has nothing left to write.
        let _ = self.jobs.send(Job::Hurry);
    }

    /// Where saving stands.
    pub(super) fn state(&self) -> SaveState {
        lock(&self.shared).state.clone()
    }

    /// How many steps have become durable, and when the last one did.
    pub(super) fn durable(&self) -> (u64, Option<Instant>) {
        lock(&self.shared).durable
    }

    /// Waits until everything is saved or something failed; for tests and the command
    /// line, never for the window.
    pub(super) fn wait(&self) -> SaveState {
        self.wait_for(Duration::MAX)
    }

    /// As [`Self::wait`], but no longer than a window can stand still: a write to a share
    /// that is dead may take minutes to fail.
    pub(super) fn wait_shortly(&self) -> SaveState {
        self.wait_for(SHORTLY)
    }

    fn wait_for(&self, most: Duration) -> SaveState {
        self.hurry();
        let started = Instant::now();
        loop {
            let state = self.state();
            if state != SaveState::Saving || started.elapsed() >= most {
                return state;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn send(&self, job: Job) {
        {
            let mut shared = lock(&self.shared);
            shared.pending += 1;
            if shared.state == SaveState::Saved {
                shared.state = SaveState::Saving;
            }
        }
        if self.jobs.send(job).is_err() {
            lock(&self.shared).state = SaveState::Failed(STOPPED.to_owned());
        }
    }
}

/// Says that the saving thread has broken down, at once and whatever it was doing.
struct End {
    shared: Arc<Mutex<Shared>>,
    wake: Wake,
}

impl Drop for End {
    fn drop(&mut self) {
        if std::thread::panicking() {
            lock(&self.shared).state = SaveState::Failed(STOPPED.to_owned());
            (self.wake)();
        }
    }
}

impl Drop for Saver {
    fn drop(&mut self) {
        // A failed send means that the thread is gone already.
        let _ = self.jobs.send(Job::Close);
        let Some(thread) = self.thread.take() else { return };
        let started = Instant::now();
        while !thread.is_finished() && started.elapsed() < CLOSING {
            std::thread::sleep(Duration::from_micros(500));
        }
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn a_saving_thread_that_breaks_down_is_told_at_once() {
        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path().join("project");
        let annotator = AnnotatorName::new("annotator-1").unwrap();
        let bundled = crate::store::BundledSchema::Simple;
        crate::session::Session::create(&root, "p", bundled, annotator).unwrap();
        let folder = ProjectFolder::open(&root).unwrap().folder;
        let is_woken = Arc::new(AtomicBool::new(false));
        let wakes = Arc::clone(&is_woken);
        let saver = Saver::start(folder, Arc::new(move || wakes.store(true, Ordering::Relaxed)));
        assert_eq!(saver.wait(), SaveState::Saved);
        is_woken.store(false, Ordering::Relaxed);
        saver.between(|| panic!("on purpose"));
        let SaveState::Failed(why) = saver.wait() else { panic!("it is still saving") };
        assert!(why.contains("save a copy of the project elsewhere"), "{why}");
        assert!(is_woken.load(Ordering::Relaxed), "the window has to show it");
        saver.retry();
        assert_eq!(saver.wait(), SaveState::Failed(why));
    }
}
