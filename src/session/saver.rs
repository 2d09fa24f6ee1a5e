//! Saving in the background.
//!
//! Steps go to a thread that owns the store's writer. It appends each step to the
//! history files (from then on a crash loses nothing), and when nothing more waits it
//! writes the annotation files. What could not be written stays in the queue and is
//! tried again, so that a full disk or a vanished folder costs no work as long as the
//! window is open.

use crate::edit::{Step, StepKind};
use crate::model::AnnotatorName;
use crate::store::{ProjectFolder, StoreError, Writer};
use std::collections::VecDeque;
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
    RetryNow,
    Close,
}

struct Shared {
    state: SaveState,
    pending: usize,
    durable: (u64, Option<Instant>),
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
        }));
        let worker = Worker {
            writer: Writer::new(folder.clone()),
            folder,
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

    /// Tries at once what failed.
    pub(super) fn retry(&self) {
        self.send(Job::RetryNow);
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
    folder: ProjectFolder,
    writer: Writer,
    inbox: Receiver<Job>,
    queue: VecDeque<Job>,
    shared: Arc<Mutex<Shared>>,
    wake: Wake,
    is_closing: bool,
}

impl Worker {
    fn run(mut self) {
        let mut tries = 0;
        loop {
            let failed = self.work().err();
            self.report(failed.as_ref());
            if self.is_closing {
                tries += 1;
                if failed.is_none() || tries == LAST_TRIES {
                    return;
                }
                std::thread::sleep(Duration::from_millis(100));
                continue;
            }
            self.receive(failed.is_some());
        }
    }

    /// Waits for the next job, or after a failure for the time to try again.
    fn receive(&mut self, has_failed: bool) {
        let first = if has_failed {
            self.inbox.recv_timeout(RETRY)
        } else {
            self.inbox.recv().map_err(|_| RecvTimeoutError::Disconnected)
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
            job => self.queue.push_back(job),
        }
    }

    fn work(&mut self) -> Result<(), StoreError> {
        while let Some(job) = self.queue.front() {
            match job {
                Job::Commit(kind, step) => self.writer.commit(*kind, step)?,
                Job::Annotator(name) => self.folder.add_annotator(name)?,
                Job::RetryNow | Job::Close => {}
            }
            let is_step = matches!(job, Job::Commit(..));
            self.queue.pop_front();
            let mut shared = lock(&self.shared);
            shared.pending = shared.pending.saturating_sub(1);
            if is_step {
                shared.durable = (shared.durable.0 + 1, Some(Instant::now()));
            }
        }
        self.writer.flush()
    }

    fn report(&self, failed: Option<&StoreError>) {
        {
            let mut shared = lock(&self.shared);
            shared.state = match failed {
                Some(error) => SaveState::Failed(error.to_string()),
                None if shared.pending == 0 => SaveState::Saved,
                None => SaveState::Saving,
            };
        }
        (self.wake)();
    }
}
