//! Changes of the schema across the whole project, as one undoable step.

use super::steps::SetChange;
use super::{Session, SessionError};
use crate::edit::{Edit, Migration, Transaction};
use crate::model::Schema;
use std::collections::HashSet;
use std::sync::Arc;

/// What a change of the schema would touch. Everything counts once, however many
/// migrations reach it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MigrationPreview {
    /// Annotations that change.
    pub changed: usize,
    /// Annotations that are deleted.
    pub deleted: usize,
    /// Relations that change.
    pub relinked: usize,
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
        let annotations = clause("Annotations", self.changed, self.deleted);
        let relations = clause("relations", self.relinked, self.unrelated);
        let parts: Vec<_> = [annotations, relations].into_iter().flatten().collect();
        let files = if self.places.len() == 1 { "file" } else { "files" };
        let mut sentence = format!("{}, in {} {files}", parts.join("; "), self.places.len());
        if sentence.starts_with('r') {
            sentence.replace_range(..1, "R");
        }
        sentence
    }

    /// Counts what a transaction does to one set.
    fn count(&mut self, transaction: &Transaction) {
        let mut changed = HashSet::new();
        let mut relinked = HashSet::new();
        let mut unrelated = HashSet::new();
        for edit in &transaction.edits {
            match edit {
                Edit::Replace(annotation) => {
                    changed.insert(annotation.id);
                }
                Edit::Remove(id) => {
                    changed.remove(id);
                    self.deleted += 1;
                }
                Edit::Unrelate(id) => {
                    relinked.remove(id);
                    unrelated.insert(*id);
                }
                // A relation put back was taken out just before, to change its name.
                Edit::Relate(relation) => {
                    unrelated.remove(&relation.id);
                    relinked.insert(relation.id);
                }
                Edit::Add(_) | Edit::Remark(_) | Edit::Unremark(_) | Edit::State(_) => {}
            }
        }
        self.changed += changed.len();
        self.relinked += relinked.len();
        self.unrelated += unrelated.len();
    }
}

fn clause(what: &str, changed: usize, deleted: usize) -> Option<String> {
    match (changed, deleted) {
        (0, 0) => None,
        (changed, 0) => Some(format!("{what}: {changed} changed")),
        (0, deleted) => Some(format!("{what}: {deleted} deleted")),
        (changed, deleted) => Some(format!("{what}: {changed} changed, {deleted} deleted")),
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
            preview.count(transaction);
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
            // What is in memory may be ahead of the files, and be in none of them yet.
            let mut keys = self.folder.annotated()?;
            keys.extend(self.sets.keys().cloned());
            keys.sort();
            keys.dedup();
            for key in keys {
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
            self.keep_settled(&mut changes)?;
        }
        let after = schemas.pop().unwrap_or_default();
        Ok((Arc::new(after), changes))
    }
}

#[cfg(test)]
mod tests {
    use crate::edit::{Fate, SchemaDraft};
    use crate::model::{AnnotatorName, Article, ArticleId, ArticleMeta, LabelId, RelationTypeId};
    use crate::session::command::CommandId;
    use crate::session::{Action, Session};
    use crate::store::{BundledSchema, ProjectFolder};
    use crate::text::TextRange;
    use std::sync::Arc;

    fn range(start: u32, end: u32) -> TextRange {
        TextRange::new(start.into(), end.into())
    }

    /// A claim that names its source, an actor.
    fn session() -> (tempfile::TempDir, Session) {
        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path().join("project");
        let annotator = AnnotatorName::new("annotator-1").unwrap();
        Session::create(&root, "p", BundledSchema::Simple, annotator).unwrap();
        let id = ArticleId::new("a").unwrap();
        let article = Article::new(id.clone(), ArticleMeta::default(), "Officials said so");
        ProjectFolder::open(&root).unwrap().folder.add_article(&article).unwrap();
        let mut session = Session::open(&root, None, Arc::new(|| {})).unwrap();
        let mut act = |action| session.try_perform(action).unwrap();
        act(Action::OpenArticle(id));
        act(Action::LabelRange(LabelId::new("actor").unwrap(), range(0, 9)));
        act(Action::LabelRange(LabelId::new("claim").unwrap(), range(10, 17)));
        let set = session.set().unwrap();
        let ids: Vec<_> = set.annotations().map(|annotation| annotation.id).collect();
        let kind = RelationTypeId::new("source").unwrap();
        let relate = Action::Relate { kind, from: ids[1], to: ids[0] };
        session.try_perform(relate).unwrap();
        (temporary, session)
    }

    fn preview(session: &mut Session, edit: impl FnOnce(&mut SchemaDraft)) -> String {
        let schema = Arc::clone(session.schema());
        let mut draft = SchemaDraft::of(&schema);
        edit(&mut draft);
        let migrations = draft.plan(&schema).unwrap();
        session.preview_migration(&migrations).unwrap().sentence()
    }

    #[test]
    fn a_preview_counts_everything_once() {
        let (_temporary, mut session) = session();
        let nothing = preview(&mut session, |draft| draft.labels[0].name = "X".to_owned());
        assert_eq!(nothing, "No annotation is touched");
        let renamed = preview(&mut session, |draft| {
            draft.labels[0].id = "claim".to_owned();
            let at = draft.labels.iter().rposition(|label| label.id == "claim").unwrap();
            draft.labels[at].id = "actor".to_owned();
            draft.relations[0].id = "said_by".to_owned();
        });
        assert_eq!(renamed, "Annotations: 2 changed; relations: 1 changed, in 1 file");
        let deleted = preview(&mut session, |draft| draft.delete_label(draft.labels[0].uid));
        assert_eq!(deleted, "Annotations: 1 deleted; relations: 1 deleted, in 1 file");
        let unrelated =
            preview(&mut session, |draft| draft.delete_relation(draft.relations[0].uid));
        assert_eq!(unrelated, "Relations: 1 deleted, in 1 file");
    }

    #[test]
    fn a_migration_is_one_step() {
        let (_temporary, mut session) = session();
        let before = (session.set().unwrap().clone(), Arc::clone(session.schema()));
        let mut draft = SchemaDraft::of(&before.1);
        let into = draft.labels[0].uid;
        draft.labels.last_mut().unwrap().fate = Fate::Merge(into);
        draft.labels[0].id = "person".to_owned();
        let migrations = draft.plan(&before.1).unwrap();
        session.try_perform(Action::Migrate(migrations, "Change schema".to_owned())).unwrap();
        assert!(session.schema().label(&LabelId::new("person").unwrap()).is_some());
        session.try_perform(Action::Command(CommandId::Undo)).unwrap();
        assert_eq!(session.set(), Some(&before.0));
        assert_eq!(session.schema(), &before.1);
    }
}
