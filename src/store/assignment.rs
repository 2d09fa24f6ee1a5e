//! Reading and replacing `assignment.ron`, and taking back the last draw.
//!
//! The file has no history: what it said before the last draw and after it is kept beside
//! the locks, on the computer that drew, until that is taken back or the next one comes.

use super::backup::hide;
use super::error::StoreError;
use super::folder::ProjectFolder;
use super::layout;
use super::lock::Exclusive;
use super::wire;
use crate::model::{Assignment, AssignmentChange};
use std::path::Path;

impl ProjectFolder {
    /// Who annotates what; nobody anything where there is no such file.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read_assignment(&self) -> Result<Assignment, StoreError> {
        Ok(self.read_assignment_of(layout::ASSIGNMENT)?.unwrap_or_default())
    }

    fn read_assignment_of(&self, file: &str) -> Result<Option<Assignment>, StoreError> {
        let name = Path::new(file);
        let Some(bytes) = self.disk().read(name)? else { return Ok(None) };
        let read = wire::text(&bytes).and_then(wire::read_assignment);
        read.map(Some).map_err(|fault| fault.of(name, 0))
    }

    fn write_assignment(&self, file: &str, assignment: &Assignment) -> Result<(), StoreError> {
        self.disk().replace(Path::new(file), wire::write_assignment(assignment).as_bytes())
    }

    /// Changes who annotates what: reads the file, changes what it says and replaces it,
    /// while nobody else writes. Gives back what it says now.
    ///
    /// # Errors
    /// When the file there cannot be read, and so must not be replaced, or not written, or
    /// when the change fails; the file is as it was then.
    pub fn change_assignment<E: From<StoreError>>(
        &self,
        change: impl FnOnce(&mut Assignment) -> Result<(), E>,
    ) -> Result<Assignment, E> {
        let _exclusive = Exclusive::take(self.disk())?;
        let mut assignment = self.read_assignment()?;
        change(&mut assignment)?;
        self.write_assignment(layout::ASSIGNMENT, &assignment)?;
        Ok(assignment)
    }

    /// The same for a draw, which can be taken back afterwards, also after a restart. Gives
    /// back what it changed too.
    ///
    /// # Errors
    /// As for [`Self::change_assignment`].
    pub fn draw_assignment<E: From<StoreError>>(
        &self,
        draw: impl FnOnce(&mut Assignment) -> Result<(), E>,
    ) -> Result<(Assignment, AssignmentChange), E> {
        let _exclusive = Exclusive::take(self.disk())?;
        let before = self.read_assignment()?;
        let mut after = before.clone();
        draw(&mut after)?;
        let change = AssignmentChange::between(&before, &after);
        if !change.is_empty() {
            // Kept first: with what is kept and never came about nothing is taken back.
            hide(self.disk())?;
            self.write_assignment(layout::BEFORE_DRAW, &before)?;
            self.write_assignment(layout::AFTER_DRAW, &after)?;
        }
        self.write_assignment(layout::ASSIGNMENT, &after)?;
        Ok((after, change))
    }

    /// What the last draw on this computer changed; `None` where there was none, or it was
    /// taken back.
    ///
    /// # Errors
    /// When what is kept of it cannot be read.
    pub fn last_draw(&self) -> Result<Option<AssignmentChange>, StoreError> {
        let before = self.read_assignment_of(layout::BEFORE_DRAW)?;
        let both = before.zip(self.read_assignment_of(layout::AFTER_DRAW)?);
        let change = both.map(|(before, after)| AssignmentChange::between(&before, &after));
        Ok(change.filter(|change| !change.is_empty()))
    }

    /// Takes back what a draw changed, where the file is still as it left it, and forgets the
    /// last draw. Gives back what the file says now, and how many articles stay as others
    /// have assigned them since.
    ///
    /// # Errors
    /// As for [`Self::change_assignment`].
    pub fn take_draw_back(
        &self,
        change: &AssignmentChange,
    ) -> Result<(Assignment, usize), StoreError> {
        let mut others = 0;
        let now = self.change_assignment(|assignment| -> Result<(), StoreError> {
            others = change.inverse().apply(assignment);
            Ok(())
        })?;
        for file in [layout::BEFORE_DRAW, layout::AFTER_DRAW] {
            self.disk().remove(Path::new(file))?;
        }
        Ok((now, others))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ArticleId;
    use crate::store::testing;

    fn draw(folder: &ProjectFolder, seed: u64) -> Result<(), StoreError> {
        let drawn = folder.draw_assignment(|assignment| -> Result<(), StoreError> {
            *assignment = drawn(seed);
            Ok(())
        });
        drawn.map(|_| ())
    }

    fn drawn(seed: u64) -> Assignment {
        let article = ArticleId::new(format!("siege-{seed}")).unwrap();
        let articles = [(article, vec![testing::annotator()])].into();
        Assignment { seed, articles, ..Assignment::default() }
    }

    fn drawn_once(root: &Path) -> ProjectFolder {
        let folder = testing::create(root);
        draw(&folder, 1).unwrap();
        folder
    }

    #[test]
    fn trouble_at_any_operation_of_a_draw_leaves_this_one_or_the_one_before() {
        testing::in_all_trouble(
            drawn_once,
            1,
            |folder| draw(folder, 2),
            |folder, is_done| {
                let now = folder.read_assignment().unwrap();
                assert!(now == drawn(2) || (!is_done && now == drawn(1)), "{now:?}");
                // Taking back what is kept of a draw that never came about changes nothing.
                let last = folder.last_draw().unwrap();
                if let Some(last) = last.filter(|_| now == drawn(1)) {
                    let mut same = now.clone();
                    last.inverse().apply(&mut same);
                    assert!(same == now || same.articles.is_empty(), "{same:?}");
                }
            },
        );
    }

    #[test]
    fn trouble_at_any_operation_of_taking_a_draw_back_leaves_it_there_or_gone() {
        testing::in_all_trouble(
            drawn_once,
            1,
            |folder| match folder.last_draw()? {
                Some(last) => folder.take_draw_back(&last).map(|_| ()),
                None => Ok(()),
            },
            |folder, is_done| {
                let now = folder.read_assignment().unwrap();
                assert!(now.articles.is_empty() || (!is_done && now == drawn(1)), "{now:?}");
            },
        );
    }
}
