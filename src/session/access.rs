//! Who may annotate: the annotator's lock in the hands of this session.
//!
//! A session that finds its annotator locked is read-only: everything can be looked at,
//! nothing changed. It may take the lock over; the window that had it finds that out by
//! the note beside the lock, saves what it still has, and is read-only from then on. The
//! files are safe without any of this (the writer sees to that); the lock keeps people
//! from working against each other. A window that waits gets the lock by itself when its
//! holder is closed or dead.

use super::following::Wait;
use super::{Notice, SaveState, Session, SessionError};
use crate::model::AnnotatorName;
use crate::store::{AnnotatorLock, Holder, Locking};
use std::time::{Duration, Instant};

/// Why a session is read-only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// Who works as the annotator, where that is known.
    pub holder: Option<Holder>,
    /// Whether this session had the lock before.
    pub was_taken: bool,
}

/// What this session has of its annotator's lock.
#[derive(Debug, Default)]
pub(super) struct Access {
    pub(super) lock: Option<AnnotatorLock>,
    pub(super) blocked: Option<Blocked>,
    /// Whether nobody has been told yet that it is blocked.
    is_new: bool,
    /// A lock that could not be taken.
    missed: Option<Missed>,
}

/// A lock that could not be taken, which is tried again.
#[derive(Debug)]
struct Missed {
    tried: Instant,
    /// What was said of it.
    notice: Notice,
}

/// How long it takes until it is tried again.
const PAUSE: Duration = Duration::from_secs(2);

impl Session {
    /// Why nothing can be changed, where another window works as the annotator.
    pub fn blocked(&self) -> Option<&Blocked> {
        self.access.blocked.as_ref()
    }

    /// Whether the session has become read-only since this was last asked, so that
    /// somebody has to decide.
    pub fn take_lock_question(&mut self) -> bool {
        std::mem::take(&mut self.access.is_new)
    }

    /// One sentence: "annotator-1 is being edited by process 4711 on host desk-3 since
    /// 14:02"; empty when nobody else does.
    pub fn blocked_words(&self) -> String {
        let Some(blocked) = &self.access.blocked else { return String::new() };
        let who = blocked.holder.as_ref().map(Holder::words);
        let who = who.unwrap_or_else(|| "another window".to_owned());
        if blocked.was_taken {
            format!("{} was taken over by {who}", self.annotator)
        } else {
            format!("{} is being edited by {who}", self.annotator)
        }
    }

    /// Works as the annotator from now on; the window that did turns read-only.
    ///
    /// # Errors
    /// When the note that says so cannot be written.
    pub fn take_over(&mut self) -> Result<(), SessionError> {
        let lock = self.folder.take_over(&self.annotator)?;
        self.write_again(lock);
        Ok(())
    }

    /// Goes on with a lock whose holder is gone.
    pub(super) fn take_free_lock(&mut self, annotator: &AnnotatorName, lock: AnnotatorLock) {
        // Somebody may have chosen another annotator since; the lock is let go then.
        if *annotator == self.annotator && self.access.blocked.is_some() {
            self.write_again(lock);
            let text = format!("The other window is closed: {annotator} can write here again");
            self.notify(Notice::info(text));
        }
    }

    fn write_again(&mut self, lock: AnnotatorLock) {
        let refused = SessionError::Blocked(self.blocked_words());
        self.withdraw(Notice::error(refused));
        self.follower.wait_for_lock(None);
        self.access = Access::default();
        self.access.lock = Some(lock);
        // What the other window did can be undone in this one.
        self.load_history();
        self.touch();
    }

    /// Lets go of one annotator's lock and takes that of the present one.
    pub(super) fn take_lock(&mut self) {
        // The old one first: it may be the same.
        self.access = Access::default();
        self.follower.wait_for_lock(None);
        match self.folder.lock_annotator(&self.annotator) {
            Locking::Locked(lock) => {
                if !lock.is_supported() {
                    let text = "This drive knows no locks: that nobody else works as this \
                                annotator is only known from a note beside the annotations";
                    self.notify(Notice::warning(text));
                }
                self.access.lock = Some(lock);
            }
            Locking::Held(holder) => self.block(Blocked { holder, was_taken: false }),
            Locking::Impossible(error) => {
                let text = format!(
                    "No lock could be taken, and it is tried again: until then nobody else is kept \
                     from working as this annotator. {error}"
                );
                let notice = Notice::warning(text);
                self.notify(notice.clone());
                self.access.missed = Some(Missed { tried: Instant::now(), notice });
            }
        }
    }

    /// Tries again to take a lock that could not be taken, such as on a disk that was full.
    fn take_missed_lock(&mut self) {
        let Some(missed) = self.access.missed.take_if(|missed| missed.tried.elapsed() > PAUSE)
        else {
            return;
        };
        match self.folder.lock_annotator(&self.annotator) {
            Locking::Locked(lock) => self.access.lock = Some(lock),
            Locking::Held(holder) => self.block(Blocked { holder, was_taken: false }),
            Locking::Impossible(_) => {
                self.access.missed = Some(Missed { tried: Instant::now(), ..missed });
                return;
            }
        }
        self.withdraw(missed.notice);
    }

    /// Refuses what would change something while another window works, or while a text or
    /// the schema is being changed.
    pub(super) fn ensure_writing(&self) -> Result<(), SessionError> {
        match self.access.blocked {
            Some(_) => Err(SessionError::Blocked(self.blocked_words())),
            None if self.is_correcting() => {
                Err(SessionError::Missing("a text is being corrected; try again in a moment"))
            }
            None if self.is_migrating() => {
                Err(SessionError::Missing("the schema is being changed; wait until it is"))
            }
            None => Ok(()),
        }
    }

    /// Refuses what needs everything before it on the disk while saving fails: it would be
    /// in no copy that somebody saves elsewhere.
    pub(super) fn ensure_saving(&self, refusal: &'static str) -> Result<(), SessionError> {
        match self.save_state() {
            SaveState::Failed(_) => Err(SessionError::Unsaved(refusal)),
            SaveState::Saved | SaveState::Saving => Ok(()),
        }
    }

    /// Refuses what needs everything saved, after a moment for what nearly is; `refusal` is
    /// said where saving fails.
    pub(super) fn ensure_saved(&self, refusal: &'static str) -> Result<(), SessionError> {
        match self.saver.wait_shortly() {
            SaveState::Saved => Ok(()),
            SaveState::Saving => Err(SessionError::Unsaved(
                "this is still being saved; try again when the window says “Saved”",
            )),
            SaveState::Failed(_) => Err(SessionError::Unsaved(refusal)),
        }
    }

    /// Looks whether somebody took the lock over.
    pub(super) fn look_at_lock(&mut self) {
        if let Some(holder) = self.access.lock.as_ref().and_then(AnnotatorLock::taken_by) {
            self.block(Blocked { holder: Some(holder), was_taken: true });
            self.armed = None;
            self.more = None;
        }
    }

    /// Tries to get the lock itself, where only the note was signed so far, or none.
    pub(super) fn hold_lock(&mut self) {
        self.take_missed_lock();
        if let Some(lock) = &mut self.access.lock {
            lock.secure();
        }
    }

    fn block(&mut self, blocked: Blocked) {
        let (annotator, was_taken) = (self.annotator.clone(), blocked.was_taken);
        self.follower.wait_for_lock(Some(Wait { annotator, was_taken }));
        self.access = Access { lock: None, blocked: Some(blocked), is_new: true, missed: None };
    }
}
