//! Keeping the letters of a blind review on this computer.
//!
//! They are drawn when names begin to be hidden and stay the same until names are shown
//! again, so that a reviewer knows A for A tomorrow. They stand beside the locks, which git
//! passes over: a copy of the project tells nobody whose letter is whose, and a reviewer at
//! another computer has letters of their own.

use super::backup::hide;
use super::error::StoreError;
use super::folder::ProjectFolder;
use super::layout;
use super::lock::Exclusive;
use super::wire;
use crate::model::{AnnotatorName, Letters};
use std::path::Path;

impl ProjectFolder {
    /// Everybody's letters; who has none yet gets one, and it is kept.
    ///
    /// # Errors
    /// When those that are kept cannot be read, or new ones not be kept.
    pub fn letters(&self, annotators: &[AnnotatorName]) -> Result<Letters, StoreError> {
        let known = self.read_letters()?;
        if known.without(annotators).is_empty() {
            return Ok(known);
        }
        let _exclusive = Exclusive::take(self.disk())?;
        // Another window may have drawn meanwhile.
        let mut letters = self.read_letters()?;
        if letters.admit(annotators, &mut fastrand::Rng::new()) {
            hide(self.disk())?;
            let text = wire::write_letters(&letters);
            self.disk().replace(Path::new(layout::LETTERS), text.as_bytes())?;
        }
        Ok(letters)
    }

    fn read_letters(&self) -> Result<Letters, StoreError> {
        let name = Path::new(layout::LETTERS);
        let Some(bytes) = self.disk().read(name)? else { return Ok(Letters::default()) };
        wire::text(&bytes).and_then(wire::read_letters).map_err(|fault| fault.of(name, 0))
    }

    /// Forgets the letters, so that new ones are drawn when names are hidden again: by then
    /// people have seen whose were whose.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn forget_letters(&self) -> Result<(), StoreError> {
        let _exclusive = Exclusive::take(self.disk())?;
        self.disk().remove(Path::new(layout::LETTERS))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    #[test]
    fn letters_are_kept_until_they_are_forgotten_and_git_does_not_see_them() {
        let (temporary, folder) = testing::folder();
        let names: Vec<_> =
            (0..9).map(|at| AnnotatorName::new(format!("ann-{at}")).unwrap()).collect();
        let first = folder.letters(&names[..6]).unwrap();
        assert_eq!(folder.letters(&names[..6]).unwrap(), first);
        let more = folder.letters(&names).unwrap();
        assert_eq!(more.order()[..6], *first.order());
        let ignored = std::fs::read_to_string(temporary.path().join(".copydesk/.gitignore"));
        assert_eq!(ignored.unwrap(), "*\n");
        folder.forget_letters().unwrap();
        folder.forget_letters().unwrap();
        // Of nine people the same order comes once in 362,880 draws.
        assert_ne!(folder.letters(&names).unwrap(), more);
    }
}
