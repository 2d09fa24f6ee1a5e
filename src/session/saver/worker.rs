//! The thread that saves.
//!
//! Steps go first. Annotation files and archives are made on one more thread, one at a
//! time; what is done here for them is short.

use super::{Job, SaveState, Shared, Unsaved, Update, Wake, lock};
use crate::edit::{Change, Conflict, Step};
use crate::session::SetKey;
use crate::session::compact::{Compaction, Done};
use crate::session::schema::Task;
use crate::store::{Cause, Made, ProjectFolder, ProjectSight, Sight, StoreError, Writer};
use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long to wait before trying again what failed.
const RETRY: Duration = Duration::from_secs(2);
/// How often a closing window tries to save before it gives up.
const LAST_TRIES: u32 = 3;

/// What another thread makes while steps are committed.
enum Product {
    /// An annotation file.
    File(Made),
    /// A part of a compaction.
    Compaction(Done),
}

pub(super) struct Worker {
    /// Updates that a step came after, to be told anew with it.
    outdated: BTreeMap<SetKey, Vec<Conflict>>,
    /// Steps that do not fit what is on disk, and those that touch the same sets.
    set_aside: Vec<Job>,
    why_aside: Option<String>,
    /// How the files looked that they touch before they were tried the last time.
    seen_aside: Vec<Seen>,
    folder: ProjectFolder,
    writer: Writer,
    compaction: Compaction,
    /// What is being made beside the commits.
    making: Option<JoinHandle<Product>>,
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
    /// A worker that waits for its first job. It sends itself word of what is made for it.
    pub(super) fn new(
        folder: ProjectFolder,
        (to_self, inbox): (Sender<Job>, Receiver<Job>),
        shared: Arc<Mutex<Shared>>,
        wake: Wake,
    ) -> Self {
        Self {
            outdated: BTreeMap::new(),
            set_aside: Vec::new(),
            why_aside: None,
            seen_aside: Vec::new(),
            writer: Writer::new(folder.clone()),
            folder,
            compaction: Compaction::default(),
            making: None,
            is_made: false,
            is_hurried: false,
            to_self,
            inbox,
            queue: VecDeque::new(),
            shared,
            wake,
            is_closing: false,
        }
    }

    /// Works until it is told to close.
    pub(super) fn run(mut self) {
        loop {
            let failed = self.work().err();
            if self.is_closing {
                return self.close(failed);
            }
            if failed.is_none() {
                self.begin();
            }
            self.tell_news();
            self.report(failed.as_ref());
            self.receive(failed.is_some());
        }
    }

    /// Writes what is left, as far as that can be done.
    fn close(mut self, mut failed: Option<StoreError>) {
        self.take_made();
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

    /// Begins the annotation file that is due, or else a compaction, on a thread of its own.
    fn begin(&mut self) {
        if self.making.is_some() {
            return;
        }
        if let Some(draft) = self.writer.draft(self.is_hurried) {
            return self.make(move || Product::File(draft.make()));
        }
        self.is_hurried &= self.writer.has_unflushed();
        if let Some(task) = self.compaction.next() {
            let folder = self.folder.clone();
            return self.make(move || Product::Compaction(task.run(&folder)));
        }
        if let Some(tally) = self.compaction.take_tally() {
            lock(&self.shared).tally = Some(tally);
        }
    }

    fn make(&mut self, make: impl FnOnce() -> Product + Send + 'static) {
        let done = self.to_self.clone();
        self.making = Some(std::thread::spawn(move || {
            let made = make();
            // Whoever is gone needs no word.
            let _ = done.send(Job::Made);
            made
        }));
    }

    /// Takes what was being made, once it is.
    fn take_made(&mut self) {
        match self.making.take().map(JoinHandle::join) {
            Some(Ok(Product::File(made))) => self.writer.put(made),
            Some(Ok(Product::Compaction(done))) => self.take_compacted(done),
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            None => {}
        }
    }

    fn take_compacted(&mut self, done: Done) {
        let cut = match done {
            Done::Listed(found) => return self.compaction.listed(found),
            Done::Archived(_, Ok(false)) => return,
            Done::Archived(owner, Ok(true)) => self.writer.cut_history(owner.as_ref()),
            Done::Archived(_, Err(error)) => Err(error),
        };
        match cut {
            Ok(Some(compacted)) => self.compaction.count(&compacted),
            Ok(None) => {}
            Err(error) => self.compaction.fail(&error),
        }
    }

    /// Waits for the next job, or for the time to try again or to write a file.
    fn receive(&mut self, has_failed: bool) {
        let due = match &self.making {
            Some(_) => None,
            None => self.writer.next_due(self.is_hurried),
        };
        let due = due.map(|due| due.saturating_duration_since(Instant::now()));
        let due = match (has_failed, self.set_aside.is_empty()) {
            (true, _) => Some(RETRY),
            // What cannot be read may be mended at any time.
            (false, false) => Some(due.map_or(RETRY, |due| due.min(RETRY))),
            (false, true) => due,
        };
        let first = match due {
            Some(pause) => self.inbox.recv_timeout(pause),
            None => self.inbox.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match first {
            Ok(job) => self.take(job),
            Err(RecvTimeoutError::Timeout) => self.try_what_was_mended(),
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
            Job::Tidy(key) => self.compaction.tidy(key),
            Job::Compact(annotator) => self.compaction.ask(annotator),
            Job::RetryNow => {
                self.writer.forget_failures();
                self.take_up_aside();
                self.count_off(false);
            }
            Job::Look(key) => {
                self.queue.push_back(Job::Look(key));
                self.try_what_was_mended();
            }
            job => self.queue.push_back(job),
        }
    }

    /// Tries again what was set aside. It goes first: everything later was done after it.
    fn take_up_aside(&mut self) {
        self.why_aside = None;
        for job in std::mem::take(&mut self.set_aside).into_iter().rev() {
            self.queue.push_front(job);
        }
    }

    /// Tries what was set aside once a file that it touches looks different. A look is a few
    /// system calls for each step, taken before the files are read: what is mended in
    /// between is seen the next time.
    fn try_what_was_mended(&mut self) {
        if self.set_aside.is_empty() {
            return;
        }
        let seen: Vec<_> = self.set_aside.iter().map(|job| Seen::of(&self.folder, job)).collect();
        if seen != self.seen_aside {
            self.seen_aside = seen;
            self.take_up_aside();
        }
    }

    /// Does what is in the queue. What fails for now is left at its front, with all that
    /// builds on it; where a second step of other files fails too, and not because its own
    /// may not be written, it is not a file's fault but the disk's, and the rest is not tried.
    fn work(&mut self) -> Result<(), StoreError> {
        let mut waiting = VecDeque::new();
        let failed = self.work_on(&mut waiting);
        if failed.is_some() {
            self.refuse_what_needs_all_saved(&mut waiting);
        }
        for job in waiting.into_iter().rev() {
            self.queue.push_front(job);
        }
        if let Some(error) = failed {
            return Err(error);
        }
        if std::mem::take(&mut self.is_made) {
            self.take_made();
        }
        Ok(())
    }

    /// What stands between steps and has not begun is not kept waiting for a disk that may
    /// stay full: it is in no copy that somebody saves elsewhere, and can be asked for again.
    fn refuse_what_needs_all_saved(&self, waiting: &mut VecDeque<Job>) {
        waiting.retain(|job| {
            let is_kept = match job {
                Job::Between(_) => false,
                Job::Migrate(task) => task.has_begun(),
                _ => true,
            };
            if !is_kept {
                self.count_off(false);
            }
            is_kept
        });
    }

    fn work_on(&mut self, waiting: &mut VecDeque<Job>) -> Option<StoreError> {
        let (mut failed, mut has_disk_failed) = (None, false);
        while let Some(job) = self.queue.pop_front() {
            if waits(&job, waiting) {
                waiting.push_back(job);
                continue;
            }
            let job = match job {
                Job::Between(task) => {
                    task();
                    self.count_off(false);
                    continue;
                }
                Job::Migrate(task) => match self.migrate(task) {
                    Ok(()) => continue,
                    Err((task, error)) => {
                        waiting.push_back(Job::Migrate(task));
                        failed = Some(error);
                        break;
                    }
                },
                job => job,
            };
            if self.builds_on_what_is_aside(&job) {
                self.set_aside.push(job);
                continue;
            }
            let done = match &job {
                Job::Commit(made) => self.writer.commit_on(made.kind, &made.step, &made.texts),
                Job::Annotator(name) => self.writer.add_annotator(name),
                Job::Show(..) | Job::Look(_) => {
                    self.follow(job);
                    continue;
                }
                // These were done when they came.
                _ => Ok(()),
            };
            match done {
                Ok(()) => {
                    if let Job::Commit(made) = &job {
                        self.outdate(&made.step);
                        self.forget_unsaved(made);
                    }
                    self.count_off(matches!(job, Job::Commit(..)));
                }
                Err(error) if error.is_passing() => {
                    waiting.push_back(job);
                    // Files that may not be written say nothing of others.
                    let is_of_disk = !error.is_of_one_file();
                    if is_of_disk && std::mem::replace(&mut has_disk_failed, true) {
                        break;
                    }
                    failed.get_or_insert(error);
                }
                Err(error) if matches!(error.cause, Cause::SchemaChanged) => {
                    self.refuse(&job, &error);
                }
                Err(error) => {
                    self.why_aside.get_or_insert_with(|| error.to_string());
                    self.set_aside.push(job);
                }
            }
        }
        failed
    }

    /// Goes on with a change of the schema; what comes meanwhile waits behind it.
    fn migrate(&mut self, mut task: Box<Task>) -> Result<(), (Box<Task>, StoreError)> {
        if !self.set_aside.is_empty() && !task.has_begun() {
            // Whoever waits for its end is told by its end.
            self.count_off(false);
            return Ok(());
        }
        // It has the files follow by itself, and none may be on its way meanwhile.
        self.take_made();
        match task.advance(&mut self.writer) {
            Ok(true) => {
                self.count_off(task.is_done());
                // What was told of sets before may lack it.
                let updates = std::mem::take(&mut lock(&self.shared).updates);
                for (key, update) in updates {
                    self.outdated.entry(key).or_default().extend(update.conflicts);
                }
            }
            Ok(false) => self.queue.push_front(Job::Migrate(task)),
            Err(error) => return Err((task, error)),
        }
        (self.wake)();
        Ok(())
    }

    fn follow(&mut self, job: Job) {
        match job {
            Job::Show((article, annotator), shown) => {
                self.writer.show(&article, &annotator, *shown);
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
        let Job::Commit(made) = job else { return false };
        self.set_aside.iter().any(|aside| match aside {
            Job::Commit(aside) => touch_the_same(&aside.step, &made.step),
            _ => false,
        })
    }

    /// Gives up a change of what is said of labels: it would take back what somebody else
    /// said of them, and what that is nobody here has seen.
    fn refuse(&self, job: &Job, why: &StoreError) {
        let Job::Commit(made) = job else { return };
        lock(&self.shared).refused.push((made.step.id, why.to_string()));
        self.forget_unsaved(made);
        self.count_off(false);
    }

    fn forget_unsaved(&self, made: &Arc<Unsaved>) {
        let mut shared = lock(&self.shared);
        // It is the first one as a rule.
        if let Some(at) = shared.unsaved.iter().position(|other| Arc::ptr_eq(other, made)) {
            shared.unsaved.remove(at);
        }
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

/// How the files look that a step touches.
#[derive(PartialEq, Eq)]
struct Seen {
    sets: Vec<Sight>,
    schema: Option<ProjectSight>,
}

impl Seen {
    fn of(folder: &ProjectFolder, job: &Job) -> Self {
        let Job::Commit(made) = job else {
            return Self { sets: Vec::new(), schema: Some(folder.project_sight()) };
        };
        let (mut sets, mut schema) = (Vec::new(), None);
        for change in &made.step.changes {
            match change {
                Change::Set { article, annotator, .. } => {
                    sets.push(folder.sight(article, annotator));
                }
                Change::Schema { .. } => schema = Some(folder.project_sight()),
            }
        }
        Self { sets, schema }
    }
}

/// Whether a job has to wait for others that could not be done yet: a step for those of
/// the same sets, all but steps for every one of them.
fn waits(job: &Job, waiting: &VecDeque<Job>) -> bool {
    let Job::Commit(made) = job else {
        return !waiting.is_empty() && !matches!(job, Job::Show(..) | Job::Look(_));
    };
    let changes_schema =
        |step: &Step| step.changes.iter().any(|change| matches!(change, Change::Schema { .. }));
    waiting.iter().any(|before| match before {
        // Sets that were made for another schema must not come before it, nor after it.
        Job::Commit(before) => {
            let (before, step) = (&before.step, &made.step);
            changes_schema(step) || changes_schema(before) || touch_the_same(before, step)
        }
        _ => true,
    })
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
