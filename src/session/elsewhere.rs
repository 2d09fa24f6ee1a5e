//! The way out when saving fails and goes on failing: a copy of the project in another
//! folder, with everything that is only in memory.
//!
//! What can be read of the old folder is copied, sets that are only in memory are laid
//! beside it, and every step that is not durable yet is saved there as a step of its own,
//! so the copy is a project like any other and its undo history goes on ([`rescue`]). What
//! the copy lacks is listed ([`missing`]); nobody is told that everything is saved when it
//! is not. The old folder is not touched, and the session goes on trying to save there.

mod missing;
mod rescue;
#[cfg(test)]
mod tests;

pub use missing::{Copied, Missing};

use super::{Notice, Session};
use crate::model::IdSource;
use crate::store::StoreError;
use missing::Known;
use rescue::Rescue;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};

/// A copy under way.
pub(super) struct Elsewhere {
    root: PathBuf,
    /// How many steps had been taken when it was begun.
    steps: u64,
    result: Receiver<Result<Copied, StoreError>>,
}

impl Session {
    /// Saves a copy of the project, with what is not saved yet, in an empty or new folder.
    /// It is made in the background; [`Self::take_copy`] says when it is done.
    pub fn save_elsewhere(&mut self, root: &Path) {
        if self.elsewhere.is_some() {
            self.notify(Notice::info("A copy is being saved already"));
            return;
        }
        if self.is_migrating() {
            // Half of it is in the files, everything before it too, and nothing in memory.
            let text = "The schema is being changed; a copy can be saved when it is. Nothing is \
                        in the window alone meanwhile";
            self.notify(Notice::info(text));
            return;
        }
        let (rescue, known) = self.rescue();
        let (sender, result) = channel();
        let (target, wake) = (root.to_owned(), Arc::clone(&self.wake));
        std::thread::spawn(move || {
            // Nobody waits any more when the session is gone.
            let _ = sender.send(rescue.save_to(&target, &known));
            wake();
        });
        let steps = self.steps_taken;
        self.elsewhere = Some(Elsewhere { root: root.to_owned(), steps, result });
    }

    fn rescue(&self) -> (Rescue, Known) {
        let rescue = Rescue {
            folder: self.folder.clone(),
            project: self.project.clone(),
            annotator: self.by().clone(),
            sets: self.sets.values().cloned().collect(),
            unsaved: self.saver.unsaved(),
            ids: IdSource::random(),
        };
        (rescue, Known::of(&self.catalogue, &self.project, &self.annotator))
    }

    /// Whether a copy is being made.
    pub fn is_copying(&self) -> bool {
        self.elsewhere.is_some()
    }

    /// What became of a copy that was asked for, once it is known, and once.
    ///
    /// # Errors
    /// In one sentence, when no copy was made; nothing is left in its folder then.
    pub fn take_copy(&mut self) -> Option<Result<Copied, String>> {
        let elsewhere = self.elsewhere.take()?;
        match elsewhere.result.try_recv() {
            Err(TryRecvError::Empty) => {
                self.elsewhere = Some(elsewhere);
                None
            }
            Err(TryRecvError::Disconnected) => {
                let root = elsewhere.root.display();
                Some(Err(format!("{root}: the copy could not be made; try another folder")))
            }
            Ok(Ok(mut copied)) => {
                let later = self.steps_taken - elsewhere.steps;
                copied.missing.extend((later > 0).then_some(Missing::Later(later)));
                Some(Ok(copied))
            }
            Ok(Err(error)) => Some(Err(error.to_string())),
        }
    }
}
