//! Saving in the background.
//!
//! Steps go to a thread that owns the store's writer. It appends each step to the
//! history files (from then on a crash loses nothing), and when nothing more waits it
//! has the annotation files follow: another thread makes each of a copy of its set, and
//! no step ever waits for that. What could not be written stays in the queue and is
//! tried again, so that a full disk or a vanished folder costs no work as long as the
//! window is open. A step on what cannot be read is set aside with all that build on it,
//! and the rest goes on.
//!
//! Somebody else may have changed a set that the window shows. The writer takes that in;
//! what the set became waits here until the window has nothing on its way to the disk and
//! takes it over. Until then its steps are brought onto what is on disk.

use super::SetKey;
use crate::edit::{Change, Conflict, Step, StepKind};
use crate::model::{AnnotationSet, AnnotatorName};
use crate::store::{Made, ProjectFolder, Shown, StoreError, Writer};
use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long to wait before trying again what failed.
const RETRY: Duration = Duration::from_secs(2);
/// How often a closing window tries to save before it gives up.
const LAST_TRIES: u32 = 3;

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

enum Job {
    Commit(StepKind, Arc<Step>),
    Annotator(AnnotatorName),
    /// A set was read to be shown.
    Show(SetKey, Shown),
    /// The files of a set may have changed.
    Look(SetKey),
    RetryNow,
    /// Files are to follow without waiting for a pause.
    Hurry,
    /// The file that was begun is made.
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
    durable: (u64, Option<Instant>),
    /// Sets that are others on disk than in the window, as they are after the last step.
    updates: BTreeMap<SetKey, Update>,
    /// Sets that changed on disk and could not be read.
    unread: Vec<String>,
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
            durable: (0, None),
            updates: BTreeMap::new(),
            unread: Vec::new(),
        }));
        let worker = Worker {
            outdated: BTreeMap::new(),
            set_aside: Vec::new(),
            why_aside: None,
            writer: Writer::new(folder),
            making: None,
            is_made: false,
            is_hurried: false,
            to_self: jobs.clone(),
            inbox,
            queue: VecDeque::new(),
            shared: Arc::clone(&shared),
            wake,
            is_closing: false,
        };
        let thread = std::thread::Builder::new().name("saver".into()).spawn(|| worker.run()).ok();
        Self { jobs, shared, thread }
    }

    /// Puts a step that was done, undone or redone on its way to the disk.
    pub(super) fn commit(&self, kind: StepKind, step: Arc<Step>) {
        self.send(Job::Commit(kind, step));
    }

    /// Adds an annotator to the project file.
    pub(super) fn add_annotator(&self, name: AnnotatorName) {
        self.send(Job::Annotator(name));
    }

    /// Notes which set is shown, and how its files looked when it was read.
    pub(super) fn show(&self, key: SetKey, shown: Shown) {
        // Nothing that is to be saved; a thread that is gone is told of with the next step.
        let _ = self.jobs.send(Job::Show(key, shown));
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
        self.hurry();
        loop {
            let state = self.state();
            if state != SaveState::Saving {
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
            let message = "the saving thread has stopped; copy your work and restart".to_owned();
            lock(&self.shared).state = SaveState::Failed(message);
        }
    }
}

impl Drop for Saver {
    fn drop(&mut self) {
        // A failed send means that the thread is gone already.
        let _ = self.jobs.send(Job::Close);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Worker {
    /// Updates that a step came after, to be told anew with it.
    outdated: BTreeMap<SetKey, Vec<Conflict>>,
    /// Steps that do not fit what is on disk, and those that touch the same sets.
    set_aside: Vec<Job>,
    why_aside: Option<String>,
    writer: Writer,
    /// The annotation file that is being made.
    making: Option<JoinHandle<Made>>,
    is_made: bool,
    is_hurried: bool,
    to_self: Sender<Job>,
    inbox: Receiver<Job>,
    queue: VecDeque<Job>,
    shared: Arc<Mutex<Shared>>,
    wake: Wake,
    is_closing: bool,
}

impl Worker {
    fn run(mut self) {
        loop {
            let failed = self.work().err();
            if self.is_closing {
                return self.close(failed);
            }
            if failed.is_none() {
                self.begin_file();
            }
            self.tell_news();
            self.report(failed.as_ref());
            self.receive(failed.is_some());
        }
    }

    /// Writes what is left, as far as that can be done.
    fn close(mut self, mut failed: Option<StoreError>) {
        self.take_file();
        for last in 1..=LAST_TRIES {
            failed = failed.or_else(|| self.writer.flush().err());
            self.tell_news();
            self.report(failed.as_ref());
            if failed.is_none() || last == LAST_TRIES {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
            failed = self.work().err();
        }
    }

    /// Begins the annotation file that is due, on a thread of its own.
    fn begin_file(&mut self) {
        if self.making.is_some() {
            return;
        }
        let Some(draft) = self.writer.draft(self.is_hurried) else {
            self.is_hurried &= self.writer.has_unflushed();
            return;
        };
        let done = self.to_self.clone();
        self.making = Some(std::thread::spawn(move || {
            let made = draft.make();
            // Whoever is gone needs no word.
            let _ = done.send(Job::Made);
            made
        }));
    }

    /// Takes the annotation file that was being made, once it is.
    fn take_file(&mut self) {
        match self.making.take().map(JoinHandle::join) {
            Some(Ok(made)) => self.writer.put(made),
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            None => {}
        }
    }

    /// Waits for the next job, or for the time to try again or to write a file.
    fn receive(&mut self, has_failed: bool) {
        let due = match &self.making {
            Some(_) => None,
            None => self.writer.next_due(self.is_hurried),
        };
        let due = due.map(|due| due.saturating_duration_since(Instant::now()));
        let first = match if has_failed { Some(RETRY) } else { due } {
            Some(pause) => self.inbox.recv_timeout(pause),
            None => self.inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match first {
            Ok(job) => self.take(job),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => self.is_closing = true,
        }
        while let Ok(job) = self.inbox.try_recv() {
            self.take(job);
        }
    }

    fn take(&mut self, job: Job) {
        match job {
            Job::Close => self.is_closing = true,
            Job::Hurry => self.is_hurried = true,
            Job::Made => self.is_made = true,
            Job::RetryNow => {
                self.writer.forget_failures();
                // What was set aside goes first: everything later was done after it.
                let aside = std::mem::take(&mut self.set_aside);
                self.why_aside = None;
                for job in aside.into_iter().rev() {
                    self.queue.push_front(job);
                }
                self.count_off(false);
            }
            job => self.queue.push_back(job),
        }
    }

    fn work(&mut self) -> Result<(), StoreError> {
        while let Some(job) = self.queue.pop_front() {
            if self.builds_on_what_is_aside(&job) {
                self.set_aside.push(job);
                continue;
            }
            let done = match &job {
                Job::Commit(kind, step) => self.writer.commit(*kind, step),
                Job::Annotator(name) => self.writer.add_annotator(name),
                Job::Show(..) | Job::Look(_) => {
                    self.follow(job);
                    continue;
                }
                Job::RetryNow | Job::Hurry | Job::Made | Job::Close => Ok(()),
            };
            match done {
                Ok(()) => {
                    if let Job::Commit(_, step) = &job {
                        self.outdate(step);
                    }
                    self.count_off(matches!(job, Job::Commit(..)));
                }
                Err(error) if error.is_passing() => {
                    self.queue.push_front(job);
                    return Err(error);
                }
                Err(error) => {
                    self.why_aside.get_or_insert_with(|| error.to_string());
                    self.set_aside.push(job);
                }
            }
        }
        if std::mem::take(&mut self.is_made) {
            self.take_file();
        }
        Ok(())
    }

    fn follow(&mut self, job: Job) {
        match job {
            Job::Show((article, annotator), shown) => {
                self.writer.show(&article, &annotator, shown);
            }
            Job::Look(key) => {
                // What is away comes back, and is looked at again then.
                if let Err(error) = self.writer.look(&key.0, &key.1)
                    && !error.is_passing()
                {
                    lock(&self.shared).unread.push(error.to_string());
                }
            }
            _ => {}
        }
    }

    /// What was told of the sets that a step touched lacks the step.
    fn outdate(&mut self, step: &Step) {
        let mut shared = lock(&self.shared);
        for change in &step.changes {
            let Change::Set { article, annotator, .. } = change else { continue };
            let key = (article.clone(), annotator.clone());
            if let Some(update) = shared.updates.remove(&key) {
                self.outdated.entry(key).or_default().extend(update.conflicts);
            }
        }
    }

    /// Gives the window what the writer found on disk.
    fn tell_news(&mut self) {
        for ((annotator, article), conflicts) in self.writer.take_news() {
            self.outdated.entry((article, annotator)).or_default().extend(conflicts);
        }
        for (key, mut conflicts) in std::mem::take(&mut self.outdated) {
            let Some(set) = self.writer.set(&key.0, &key.1) else { continue };
            let mut shared = lock(&self.shared);
            if let Some(before) = shared.updates.remove(&key) {
                conflicts.splice(0..0, before.conflicts);
            }
            shared.updates.insert(key, Update { set, conflicts });
        }
    }

    fn builds_on_what_is_aside(&self, job: &Job) -> bool {
        let Job::Commit(_, step) = job else { return false };
        self.set_aside.iter().any(|aside| match aside {
            Job::Commit(_, aside) => touch_the_same(aside, step),
            _ => false,
        })
    }

    fn count_off(&self, is_step: bool) {
        let mut shared = lock(&self.shared);
        shared.pending = shared.pending.saturating_sub(1);
        if is_step {
            shared.durable = (shared.durable.0 + 1, Some(Instant::now()));
        }
    }

    fn report(&self, failed: Option<&StoreError>) {
        {
            let mut shared = lock(&self.shared);
            let failed = failed.map(ToString::to_string).or_else(|| self.why_aside.clone());
            let failed = failed.or_else(|| self.writer.failure().map(ToOwned::to_owned));
            shared.state = match failed {
                Some(why) => SaveState::Failed(why),
                None if shared.pending == 0 && !self.writer.has_unflushed() => SaveState::Saved,
                None => SaveState::Saving,
            };
        }
        (self.wake)();
    }
}

fn touch_the_same(a: &Step, b: &Step) -> bool {
    a.changes.iter().any(|a| {
        b.changes.iter().any(|b| match (a, b) {
            (
                Change::Set { article, annotator, .. },
                Change::Set { article: other, annotator: others, .. },
            ) => article == other && annotator == others,
            (Change::Schema { .. }, Change::Schema { .. }) => true,
            _ => false,
        })
    })
}
