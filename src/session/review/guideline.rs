//! Writing a ruling into the guideline of a label, from where it was made.

use super::Session;
use crate::edit::Migration;
use crate::model::{LabelId, Schema};
use crate::session::SessionError;

impl Session {
    /// Puts a paragraph behind the guideline of a label; one undo step, like every change
    /// of the schema.
    pub(super) fn write_guideline(
        &mut self,
        label: &LabelId,
        text: &str,
    ) -> Result<(), SessionError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(SessionError::Missing("a guideline needs words"));
        }
        let mut labels = self.schema().labels().to_vec();
        let found = labels.iter_mut().find(|found| found.id == *label);
        let found = found.ok_or(SessionError::Missing("the schema has no such label any more"))?;
        let before = found.guideline.trim_end();
        let between = if before.is_empty() { "" } else { "\n" };
        found.guideline = format!("{before}{between}{text}");
        let name = found.name.clone();
        let relations = self.schema().relations().to_vec();
        let schema = Schema::new(labels, relations).map_err(crate::edit::MigrationError::from)?;
        self.migrate(&[Migration::Redefine(schema)], format!("Add to the guideline of {name}"))
    }
}
