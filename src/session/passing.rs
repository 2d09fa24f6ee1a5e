//! Messages that hold only as long as something is not saved, or the folder is away.
//!
//! What cannot be done until saving works again is refused with a message that stays. When
//! everything is saved it says what is not so any more, and is taken back.

use super::{Notice, SaveState, Session, SessionError};
use crate::store::{Cause, StoreError};

/// What was said that will not hold for ever.
#[derive(Default)]
pub(super) struct Passing {
    /// Until everything is saved.
    unsaved: Vec<Notice>,
    /// Until what could not be reached is saved to again.
    unreached: Vec<Notice>,
    has_failed: bool,
}

impl Session {
    /// Says that something could not be read in the background, unless the same keeps
    /// everything from being saved, which is said already.
    pub(super) fn notify_unread(&mut self, error: &StoreError) {
        if matches!(self.save_state(), SaveState::Failed(why) if why == error.to_string()) {
            return;
        }
        self.remember_unreached(error);
        self.notify(Notice::error(error));
    }

    /// Remembers a refusal, which whoever asked shows, where it holds for a while only.
    pub(super) fn remember_refusal(&mut self, error: &SessionError) {
        match error {
            SessionError::Unsaved(_) => remember(&mut self.passing.unsaved, Notice::error(error)),
            SessionError::Store(error) => self.remember_unreached(error),
            _ => {}
        }
    }

    fn remember_unreached(&mut self, error: &StoreError) {
        if matches!(error.cause, Cause::Vanished) {
            remember(&mut self.passing.unreached, Notice::error(error));
        }
    }

    /// Takes back what does not hold any more. A folder from which nothing was to be saved
    /// may still be away when everything is saved.
    pub(super) fn poll_passing(&mut self) {
        let over = match self.save_state() {
            SaveState::Saving => return,
            SaveState::Failed(_) => {
                self.passing.has_failed = true;
                return;
            }
            SaveState::Saved if std::mem::take(&mut self.passing.has_failed) => {
                let Passing { unsaved, unreached, .. } = std::mem::take(&mut self.passing);
                [unsaved, unreached].concat()
            }
            SaveState::Saved => std::mem::take(&mut self.passing.unsaved),
        };
        over.into_iter().for_each(|notice| self.withdraw(notice));
    }
}

fn remember(notices: &mut Vec<Notice>, notice: Notice) {
    if !notices.contains(&notice) {
        notices.push(notice);
    }
}
