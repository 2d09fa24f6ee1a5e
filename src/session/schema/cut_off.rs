//! A change of the schema that a crash cut off: known when the project is opened, and
//! finished.
//!
//! The file that says what was being done is there as long as the change is not whole. Whoever
//! finds it, may write, and gets the lock that goes with such a change, finishes it; a window
//! that is still at it has the lock. Where no lock tells, as between two computers, it is left
//! to the process that is written down with it. What does not fit any more is kept under
//! another name and told, and keeps nobody from working; what another version wrote is left
//! to that.

use super::task::{Ended, Task};
use super::{FiledStep, Session};
use crate::edit::{Step, StepKind};
use crate::session::{Notice, SessionError};
use crate::store::{
    AtChange, Cause, Holder, ProjectFolder, SchemaChange, SchemaLock, StoreError, Writer,
};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, Instant};

/// How long to wait before looking again whether somebody else has finished.
const PAUSE: Duration = Duration::from_secs(2);

/// What this session knows of a change that may have been cut off.
#[derive(Debug, Default)]
pub(in crate::session) enum CutOff {
    /// There is none.
    #[default]
    None,
    /// There is one that cannot be finished here now: somebody else is at it, or this window
    /// may not write.
    Left {
        /// When that was looked at.
        looked: Instant,
        /// Whether there is something to do now, which is being looked at in the background.
        looking: Option<Receiver<bool>>,
    },
}

impl CutOff {
    fn left() -> Self {
        Self::Left { looked: Instant::now(), looking: None }
    }
}

/// What became of a change of the schema that was cut off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// One sentence: that it is finished, or why it could not be.
    pub what: String,
    /// What it could not reach, each in words.
    pub missed: Vec<String>,
}

/// Finishes a change of the schema that was cut off, without a window, also one that was begun
/// on another computer; `None` where there is none, or another process of this one is at it.
/// One that does not fit any more is kept under another name.
///
/// # Errors
/// When the disk is full or away; it can be tried again. When another version of Copydesk
/// wrote down what is being done.
pub fn finish_schema_change(folder: &ProjectFolder) -> Result<Option<Finished>, StoreError> {
    let Some(lock) = folder.lock_schema()? else { return Ok(None) };
    let change = match folder.schema_change() {
        Ok(None) => return Ok(None),
        Ok(Some(change)) => change,
        Err(error) if error.is_passing() || is_of_another_version(&error) => return Err(error),
        Err(error) => {
            let what = keep_unfit(folder, None, &error.into(), &lock);
            return Ok(Some(Finished { what, missed: Vec::new() }));
        }
    };
    let (kind, name) = (change.kind, change.step.what.clone());
    let schema = folder.read_project()?.0.schema;
    let (mut task, ended) = Task::resumed(folder, change, &schema, lock);
    let mut writer = Writer::new(folder.clone());
    while !task.advance(&mut writer)? {}
    writer.flush()?;
    let missed = |missed: String| format!("The change of the schema has not reached {missed}");
    let Ok(ended) = ended.try_recv() else { return Ok(None) };
    Ok(Some(match ended {
        Ended::Done { missed: all, stays: left, .. } => {
            let missed = all.into_values().map(missed);
            let missed = missed.chain(left.as_ref().map(stays)).collect();
            Finished { what: finished(kind, &name), missed }
        }
        Ended::Unfit(what) => Finished { what, missed: Vec::new() },
        Ended::Failed(SessionError::Store(error)) | Ended::Stuck(error, _) => return Err(error),
        Ended::Failed(error) => {
            let what = format!("{}, and is not finished: {error}", cut_off(kind, &name));
            Finished { what, missed: Vec::new() }
        }
        Ended::Cancelled => Finished { what: cut_off(kind, &name), missed: Vec::new() },
    }))
}

/// "A change of the schema, “Rename actor”, was cut off".
fn cut_off(kind: StepKind, what: &str) -> String {
    match kind {
        StepKind::Do => format!("A change of the schema, “{what}”, was cut off"),
        StepKind::Undo => format!("Taking back a change of the schema, “{what}”, was cut off"),
        StepKind::Redo => format!("Doing again a change of the schema, “{what}”, was cut off"),
    }
}

/// What is said where the file cannot be taken away that says what was being done.
pub(super) fn stays(error: &StoreError) -> String {
    format!(
        "The schema is changed, and what was written down of that cannot be removed; until it is, \
         no other change of the schema can be made: {error}"
    )
}

/// What is said when all of it is there.
pub(super) fn finished(kind: StepKind, what: &str) -> String {
    format!("{}; it has been finished", cut_off(kind, what))
}

/// Whether another version of Copydesk wrote a file, which can read it.
fn is_of_another_version(error: &StoreError) -> bool {
    matches!(error.cause, Cause::Format { .. } | Cause::UnknownField(_))
}

/// Keeps what is known of a change that cannot be finished under another name, if it still is
/// what was read, or cannot be read; gives back what is to be said of it.
pub(super) fn keep_unfit(
    folder: &ProjectFolder,
    of: Option<(StepKind, &Step)>,
    error: &SessionError,
    lock: &SchemaLock,
) -> String {
    let is_it = match (folder.schema_change(), of) {
        (Ok(Some(there)), Some((kind, step))) => (there.kind, there.step.id) == (kind, step.id),
        (Err(again), None) => !again.is_passing() && !is_of_another_version(&again),
        _ => false,
    };
    let kept = match is_it.then(|| folder.keep_unfit_schema_change(lock)) {
        Some(Ok(file)) => format!("What is known of it is kept as {}", file.display()),
        Some(Err(error)) => error.to_string(),
        None => "What was known of it has been changed meanwhile, and was left alone".to_owned(),
    };
    let what = of.map_or_else(String::new, |(_, step)| format!(", “{}”,", step.what));
    format!(
        "A change of the schema{what} was cut off and cannot be finished: {error}. Check the \
         project, and make the change anew. {kept}"
    )
}

impl Session {
    /// Begins to finish a change of the schema that was cut off, where there is one and this
    /// session may write.
    pub(in crate::session) fn look_for_cut_off(&mut self) {
        let is_known = matches!(self.cut_off, CutOff::Left { .. });
        self.cut_off = CutOff::None;
        if self.is_migrating() {
            return;
        }
        match self.folder.schema_change() {
            Ok(None) => {}
            Ok(Some(change)) if self.may_finish() => self.finish_cut_off(change, is_known),
            Ok(Some(change)) => {
                let what = cut_off(change.kind, &change.step.what);
                match self.folder.who_is_at(&change) {
                    AtChange::Locked => self.leave(is_known, None),
                    AtChange::Perhaps(holder) => self.leave_to(is_known, &change, &holder),
                    AtChange::Nobody => {
                        let text = format!(
                            "{what}. It is finished when the project is opened by somebody who \
                             can write to it"
                        );
                        self.leave(is_known, Some(Notice::warning(text)));
                    }
                }
            }
            Err(error) if error.is_passing() => {
                self.leave(is_known, None);
                if !is_known {
                    self.notify_unread(&error);
                }
            }
            Err(error) if is_of_another_version(&error) => {
                let text = format!(
                    "A change of the schema was begun by another version of Copydesk, which \
                     alone can finish it: {error}"
                );
                self.leave(is_known, Some(Notice::warning(text)));
            }
            Err(error) if self.may_finish() => self.keep_unread(error, is_known),
            Err(error) => self.notify(Notice::warning(error.to_string())),
        }
    }

    /// Looks again now and then while there is something to wait for; the files are read in
    /// the background.
    pub(super) fn poll_cut_off(&mut self) -> bool {
        if matches!(self.cut_off, CutOff::None) {
            return false;
        }
        let may_finish = self.may_finish();
        let CutOff::Left { looked, looking } = &mut self.cut_off else { return false };
        match looking.as_ref().map(Receiver::try_recv) {
            Some(Ok(true)) => {
                self.look_for_cut_off();
                return self.is_migrating();
            }
            Some(Ok(false) | Err(TryRecvError::Disconnected)) => {
                (*looked, *looking) = (Instant::now(), None);
            }
            Some(Err(TryRecvError::Empty)) => {}
            None if looked.elapsed() > PAUSE => {
                let (sender, answer) = channel();
                let (folder, wake) = (self.folder.clone(), Arc::clone(&self.wake));
                std::thread::spawn(move || {
                    let has_news = has_news(&folder, may_finish);
                    // Nobody asks any more when the session is gone.
                    let _ = sender.send(has_news);
                    if has_news {
                        wake();
                    }
                });
                *looking = Some(answer);
            }
            None => {}
        }
        false
    }

    /// Leaves the change alone for now, and says why, once.
    fn leave(&mut self, is_known: bool, why: Option<Notice>) {
        self.cut_off = CutOff::left();
        if let Some(why) = why.filter(|_| !is_known) {
            self.notify(why);
        }
    }

    /// Leaves the change to a process that may be at it.
    fn leave_to(&mut self, is_known: bool, change: &SchemaChange, holder: &Holder) {
        let (what, who) = (&change.step.what, holder.words());
        let text = format!(
            "A change of the schema, “{what}”, is being written by {who}, or was cut off there. It \
             is finished when the project is opened there; where that cannot be, “copydesk check \
             --repair” finishes it here"
        );
        self.leave(is_known, Some(Notice::warning(text)));
    }

    /// Keeps what cannot be read under another name, while nobody else can be at it.
    fn keep_unread(&mut self, error: StoreError, is_known: bool) {
        match self.folder.lock_schema() {
            Ok(Some(lock)) => {
                let why = keep_unfit(&self.folder, None, &error.into(), &lock);
                self.notify(Notice::warning(why));
            }
            Ok(None) => self.leave(is_known, None),
            Err(error) => self.notify(Notice::error(error)),
        }
    }

    /// Whether this session may write: nobody else works as the annotator, and the folder is
    /// not closed to everybody.
    fn may_finish(&self) -> bool {
        self.access.lock.is_some()
            && self.ensure_writing().is_ok()
            && self.import_progress().is_none()
    }

    fn finish_cut_off(&mut self, change: SchemaChange, is_known: bool) {
        let lock = match self.folder.lock_schema() {
            Ok(Some(lock)) => lock,
            Ok(None) => {
                let text = "The schema is being changed in another window".to_owned();
                return self.leave(is_known, Some(Notice::info(text)));
            }
            Err(error) => return self.notify(Notice::error(error)),
        };
        // Whoever had the lock a moment ago may have finished it.
        if !matches!(self.folder.schema_change(), Ok(Some(there)) if there == change) {
            return;
        }
        if let Some(holder) = change.writer_beside(lock.is_real()) {
            return self.leave_to(is_known, &change, holder);
        }
        let (id, at, what) = (change.step.id, change.step.at, change.step.what.clone());
        let step = Arc::new(FiledStep { id, at, what });
        let (task, ended) = Task::resumed(&self.folder, change, &self.project.schema, lock);
        self.start_migration(task, ended, step);
    }
}

/// Whether there is something to do about a change that was left alone: it is whole, or may be
/// finished now.
fn has_news(folder: &ProjectFolder, may_finish: bool) -> bool {
    match folder.schema_change() {
        Ok(None) => true,
        Ok(Some(change)) => may_finish && folder.who_is_at(&change) == AtChange::Nobody,
        Err(error) => may_finish && !error.is_passing() && !is_of_another_version(&error),
    }
}
