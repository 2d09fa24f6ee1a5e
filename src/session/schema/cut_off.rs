//! A change of the schema that a crash cut off: known when the project is opened, and
//! finished.
//!
//! The file that says what was being done is there as long as the change is not whole. Whoever
//! finds it, may write, and gets the lock that goes with such a change, finishes it; a window
//! that is still at it has the lock. What does not fit any more is kept under another name
//! and told, and keeps nobody from working.

use super::task::{Ended, Task};
use super::{FiledStep, Session};
use crate::edit::StepKind;
use crate::session::{Notice, SessionError};
use crate::store::{ProjectFolder, SchemaChange, StoreError, Writer};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long to wait before looking again whether somebody else has finished.
const PAUSE: Duration = Duration::from_secs(2);

/// What this session knows of a change that may have been cut off.
#[derive(Debug, Default)]
pub(in crate::session) enum CutOff {
    /// There is none.
    #[default]
    None,
    /// There is one that cannot be finished here now: another window is at it, or this one may
    /// not write.
    Left {
        /// When that was looked at.
        looked: Instant,
    },
}

/// What became of a change of the schema that was cut off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// One sentence: that it is finished, or why it could not be.
    pub what: String,
    /// What it could not reach, each in words.
    pub missed: Vec<String>,
}

/// Finishes a change of the schema that was cut off, without a window; `None` where there is
/// none, or another process is at it. One that does not fit any more is kept under another
/// name.
///
/// # Errors
/// When the disk is full or away; it can be tried again.
pub fn finish_schema_change(folder: &ProjectFolder) -> Result<Option<Finished>, StoreError> {
    let Some(lock) = folder.lock_schema()? else { return Ok(None) };
    let change = match folder.schema_change() {
        Ok(None) => return Ok(None),
        Ok(Some(change)) => change,
        Err(error) if error.is_passing() => return Err(error),
        Err(error) => {
            let what = keep_unfit(folder, "", &error.into());
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
    Ok(ended.try_recv().ok().map(|ended| match ended {
        Ended::Done { missed: all, .. } => {
            let missed = all.into_values().map(missed).collect();
            Finished { what: finished(kind, &name), missed }
        }
        Ended::Unfit(error) | Ended::Failed(error) => {
            Finished { what: keep_unfit(folder, &name, &error), missed: Vec::new() }
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

/// What is said when all of it is there.
pub(super) fn finished(kind: StepKind, what: &str) -> String {
    format!("{}; it has been finished", cut_off(kind, what))
}

/// Keeps what is known of a change that cannot be finished under another name; gives back
/// what is to be said of it.
pub(super) fn keep_unfit(folder: &ProjectFolder, what: &str, error: &SessionError) -> String {
    let what = if what.is_empty() { String::new() } else { format!(", “{what}”,") };
    let kept = match folder.keep_unfit_schema_change() {
        Ok(file) => format!("What is known of it is kept as {}", file.display()),
        Err(error) => error.to_string(),
    };
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
                if !is_known && !self.folder.is_schema_being_changed() {
                    let what = cut_off(change.kind, &change.step.what);
                    let text = format!(
                        "{what}. It is finished when the project is opened by somebody who can \
                         write to it"
                    );
                    self.notify(Notice::warning(text));
                }
                self.cut_off = CutOff::Left { looked: Instant::now() };
            }
            Err(error) if error.is_passing() => {
                self.cut_off = CutOff::Left { looked: Instant::now() };
                if !is_known {
                    self.notify_unread(&error);
                }
            }
            Err(error) if self.may_finish() => {
                let why = keep_unfit(&self.folder, "", &error.into());
                self.notify(Notice::warning(why));
            }
            Err(error) => self.notify(Notice::warning(error.to_string())),
        }
    }

    /// Looks again now and then while there is something to wait for.
    pub(super) fn poll_cut_off(&mut self) -> bool {
        match self.cut_off {
            CutOff::Left { looked } if looked.elapsed() > PAUSE => {
                self.look_for_cut_off();
                self.is_migrating()
            }
            CutOff::Left { .. } | CutOff::None => false,
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
                self.cut_off = CutOff::Left { looked: Instant::now() };
                if !is_known {
                    let text = "The schema is being changed in another window".to_owned();
                    self.notify(Notice::info(text));
                }
                return;
            }
            Err(error) => return self.notify(Notice::error(error)),
        };
        // Whoever had the lock a moment ago may have finished it.
        if !matches!(self.folder.schema_change(), Ok(Some(there)) if there == change) {
            return;
        }
        let (id, at, what) = (change.step.id, change.step.at, change.step.what.clone());
        let step = Arc::new(FiledStep { id, at, what });
        let (task, ended) = Task::resumed(&self.folder, change, &self.project.schema, lock);
        self.start_migration(task, ended, step);
    }
}
