//! Changes of the schema across the whole project, as one undoable step.

use super::steps::SetChange;
use super::{Session, SessionError};
use crate::edit::{Edit, Migration};
use crate::model::Schema;
use std::sync::Arc;

/// What a change of the schema would touch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MigrationPreview {
    /// Annotations that change.
    pub changed: usize,
    /// Annotations that are deleted.
    pub deleted: usize,
    /// Relations that are deleted.
    pub unrelated: usize,
    /// The articles this happens in, with the annotator and the number of edits.
    pub places: Vec<(String, usize)>,
}

impl MigrationPreview {
    /// Whether no annotation is touched.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// One sentence: what happens, and where.
    pub fn sentence(&self) -> String {
        if self.is_empty() {
            return "No annotation is touched".to_owned();
        }
        let mut parts = Vec::new();
        for (count, what) in [
            (self.changed, "changed"),
            (self.deleted, "deleted"),
            (self.unrelated, "relations removed"),
        ] {
            if count > 0 {
                parts.push(format!("{count} {what}"));
            }
        }
        format!("Annotations: {}, in {} files", parts.join(", "), self.places.len())
    }
}

impl Session {
    /// What migrations, one after the other, would touch. Reads every annotation set.
    ///
    /// # Errors
    /// When a migration does not fit the schema, or a file cannot be read: then nothing
    /// may be changed, because what cannot be read could not be migrated.
    pub fn preview_migration(
        &mut self,
        migrations: &[Migration],
    ) -> Result<MigrationPreview, SessionError> {
        let (_, changes) = self.plan_migration(migrations)?;
        let mut preview = MigrationPreview::default();
        for ((article, annotator), transaction) in &changes {
            if transaction.is_empty() {
                continue;
            }
            for edit in &transaction.edits {
                match edit {
                    Edit::Replace(_) => preview.changed += 1,
                    Edit::Remove(_) => preview.deleted += 1,
                    Edit::Unrelate(_) => preview.unrelated += 1,
                    // A relation put back under its new name was taken out just before.
                    Edit::Relate(_) => preview.unrelated -= 1,
                    Edit::Add(_) | Edit::State(_) => {}
                }
            }
            preview.places.push((format!("{article} · {annotator}"), transaction.edits.len()));
        }
        Ok(preview)
    }

    /// Changes the schema and everything that follows from it, as one step.
    pub(super) fn migrate(
        &mut self,
        migrations: &[Migration],
        what: String,
    ) -> Result<(), SessionError> {
        let (schema, changes) = self.plan_migration(migrations)?;
        self.run_step(what, changes, Some(schema))?;
        if self.armed.as_ref().is_some_and(|label| self.project.schema.label(label).is_none()) {
            self.armed = None;
        }
        Ok(())
    }

    /// The schema after all migrations and the edits of every set that they touch.
    /// Each set's edits are found by applying the migrations to a copy in turn.
    fn plan_migration(
        &mut self,
        migrations: &[Migration],
    ) -> Result<(Arc<Schema>, Vec<SetChange>), SessionError> {
        let mut schemas = vec![Schema::clone(&self.project.schema)];
        for migration in migrations {
            let next = migration.schema(&schemas[schemas.len() - 1])?;
            schemas.push(next);
        }
        let touches_sets =
            migrations.iter().any(|migration| !matches!(migration, Migration::Redefine(_)));
        let mut changes = Vec::new();
        if touches_sets {
            for key in self.folder.annotated()? {
                self.load_set(&key, None)?;
                let Some(set) = self.sets.get(&key) else { continue };
                let mut copy = set.clone();
                let mut edits = Vec::new();
                for (migration, after) in migrations.iter().zip(&schemas[1..]) {
                    let transaction = migration.edits(&copy, after);
                    transaction.apply(&mut copy)?;
                    edits.extend(transaction.edits);
                }
                changes.push((key, edits.into()));
            }
        }
        let after = schemas.pop().unwrap_or_default();
        Ok((Arc::new(after), changes))
    }
}
