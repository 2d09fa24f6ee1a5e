//! Reading and replacing `assignment.ron`.

use super::error::StoreError;
use super::folder::ProjectFolder;
use super::layout;
use super::lock::Exclusive;
use super::wire;
use crate::model::Assignment;
use std::path::Path;

impl ProjectFolder {
    /// Who annotates what; nobody anything where there is no such file.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read_assignment(&self) -> Result<Assignment, StoreError> {
        let name = Path::new(layout::ASSIGNMENT);
        let Some(bytes) = self.disk().read(name)? else { return Ok(Assignment::default()) };
        wire::text(&bytes).and_then(wire::read_assignment).map_err(|fault| fault.of(name, 0))
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
        let text = wire::write_assignment(&assignment);
        self.disk().replace(Path::new(layout::ASSIGNMENT), text.as_bytes())?;
        Ok(assignment)
    }
}
