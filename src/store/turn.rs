//! Whose turn it is to add articles: one import at a time among all processes.
//!
//! An import must look what is there and add what is not as one step, or two that run at
//! once bring every article twice. So it holds a [`Turn`] from the look to the end of the
//! adding. That takes longer than a write may (a batch has megabytes, which are synced),
//! and goes through writes of its own; so it is a lock beside the one for writes, and
//! annotating goes on meanwhile.
//!
//! The lock's file counts the turns. Who finds the number that they left knows that nobody
//! has added anything since, and need not look again.

use super::error::{Cause, StoreError};
use super::folder::ProjectFolder;
use super::layout;
use super::lock::open;
use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long an import waits for another one's turn to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// A turn to add articles, which ends when it is dropped or the process dies.
#[derive(Debug)]
pub struct Turn {
    /// Closing it lets go.
    file: Option<File>,
    before: Option<u64>,
    number: Option<u64>,
}

impl ProjectFolder {
    /// Waits for other imports to end their turns. Where files cannot be locked it goes on
    /// without; it must not be asked for by who holds one.
    ///
    /// # Errors
    /// [`Cause::Busy`] after a minute: another process is stuck. [`Cause::OutsideLink`]
    /// where the lock would lie outside the project.
    pub fn take_turn(&self) -> Result<Turn, StoreError> {
        let nothing = Turn { file: None, before: None, number: None };
        let file = match open(self.disk(), Path::new(layout::ADDING)) {
            Ok(file) => file,
            Err(error) if matches!(error.cause, Cause::OutsideLink) => return Err(error),
            Err(_) => return Ok(nothing),
        };
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Turn::counted(file)),
                Err(TryLockError::Error(_)) => return Ok(nothing),
                Err(TryLockError::WouldBlock) if started.elapsed() > PATIENCE => {
                    return Err(StoreError::new(layout::ADDING, Cause::Busy));
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(2)),
            }
        }
    }
}

impl Turn {
    /// Counts the turn in its file. Without a number nobody can tell that nothing was added,
    /// and so looks again: that is slower and as right.
    fn counted(mut file: File) -> Self {
        let mut text = String::new();
        let before = file.read_to_string(&mut text).ok().and_then(|_| text.parse().ok());
        // The first number is any, so that a file that was deleted is none that is known.
        let number = before
            .map_or_else(|| fastrand::u64(..u64::MAX / 2), |before: u64| before.wrapping_add(1));
        let written = file
            .rewind()
            .and_then(|()| file.set_len(0))
            .and_then(|()| file.write_all(number.to_string().as_bytes()));
        Self { file: Some(file), before, number: written.is_ok().then_some(number) }
    }

    /// The number of this turn.
    pub fn number(&self) -> Option<u64> {
        self.number
    }

    /// Whether nobody has had a turn since the one with this number, or nobody could tell
    /// because files cannot be locked.
    pub fn follows(&self, last: Option<u64>) -> bool {
        self.file.is_none() || (last.is_some() && self.before == last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing;

    #[test]
    fn turns_follow_each_other_unless_somebody_else_had_one() {
        let (_root, folder) = testing::folder();
        let first = folder.take_turn().unwrap();
        assert!(!first.follows(None));
        let number = first.number();
        let other = folder.clone();
        let waiting = std::thread::spawn(move || other.take_turn().unwrap().follows(number));
        std::thread::sleep(Duration::from_millis(50));
        assert!(!waiting.is_finished(), "one turn at a time");
        drop(first);
        assert!(waiting.join().unwrap());
        let after = folder.take_turn().unwrap();
        assert!(!after.follows(number), "the other one was between");
        assert!(!after.follows(None));
    }
}
