//! Making the copy: first what can be read, then what is only in memory.
//!
//! A set that the copy has from the old folder is taken as it is there: whatever somebody
//! else did to it is not the window's to take back. One that could not be read is laid
//! down as the window had it before its unsaved steps. The steps follow in their order,
//! each as it was made, and are brought onto what they meet as in any other project.

use super::{Copied, Known, Missing};
use crate::edit::{Change, Edit, Step, StepKind, Transaction};
use crate::model::{AnnotationSet, AnnotatorName, IdSource, Project, Schema, StepId};
use crate::session::SetKey;
use crate::session::saver::Unsaved;
use crate::store::{
    Cause, Owner, Problem, ProjectFolder, StoreError, Writer, copy_readable, make_copy,
};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// What the step is called that lays down a set which only the window still had.
const FROM_MEMORY: &str = "Taken from the window, for the old file could not be read";

/// Everything that a copy is made of.
pub(super) struct Rescue {
    pub(super) folder: ProjectFolder,
    pub(super) project: Project,
    pub(super) annotator: AnnotatorName,
    pub(super) sets: Vec<AnnotationSet>,
    /// The steps that are not durable, in the order they were made.
    pub(super) unsaved: Vec<Arc<Unsaved>>,
    pub(super) ids: IdSource,
}

impl Rescue {
    /// Makes the copy and says what it lacks.
    pub(super) fn save_to(mut self, root: &Path, known: &Known) -> Result<Copied, StoreError> {
        let old = self.folder.clone();
        self.take_schema_that_is_changed();
        let project = Project { schema: self.schema_before(), ..self.project.clone() };
        let missing = make_copy(&old, root, &project, |copy| {
            let mut missing = self.fill(copy)?;
            missing.splice(0..0, known.missing_in(copy, &old)?);
            Ok(missing)
        })?;
        Ok(Copied { root: root.to_owned(), missing })
    }

    fn fill(&mut self, copy: &ProjectFolder) -> Result<Vec<Missing>, StoreError> {
        let problems = copy_readable(&self.folder, copy)?;
        let mut missing: Vec<_> = problems.into_iter().map(Missing::Other).collect();
        // The schema's history may lack the last change, and project.ron has it.
        copy.end_schema_history()?;
        let mut writer = Writer::new(copy.clone());
        for set in std::mem::take(&mut self.sets) {
            let laid = self.lay_down(&set, copy, &mut writer);
            missing.extend(kept(laid)?);
        }
        let mut there = There::default();
        for unsaved in std::mem::take(&mut self.unsaved) {
            let saved =
                there.lacks(copy, &unsaved).and_then(|step| save_step(&unsaved, step, &mut writer));
            missing.extend(kept(saved)?);
        }
        writer.flush()?;
        if copy.read_project()?.0.schema != self.project.schema {
            copy.write_project(&self.project)?;
            copy.end_schema_history()?;
        }
        Ok(missing)
    }

    /// A change of the schema that was cut off is finished in the copy, from where it stands
    /// in the files, of which this window may not have heard.
    fn take_schema_that_is_changed(&mut self) {
        let changes_schema = |unsaved: &Arc<Unsaved>| {
            unsaved.step.changes.iter().any(|change| matches!(change, Change::Schema { .. }))
        };
        if matches!(self.folder.schema_change(), Ok(Some(_)))
            && !self.unsaved.iter().any(changes_schema)
            && let Ok((there, _)) = self.folder.read_project()
        {
            self.project.schema = there.schema;
        }
    }

    /// The schema from before the first unsaved change of it.
    fn schema_before(&self) -> Arc<Schema> {
        let first = self.unsaved.iter().find_map(|unsaved| {
            let changes = unsaved.step.changes.iter();
            changes.into_iter().find_map(|change| match change {
                Change::Schema { before, after } => Some(match unsaved.kind {
                    StepKind::Undo => Arc::clone(after),
                    StepKind::Do | StepKind::Redo => Arc::clone(before),
                }),
                Change::Set { .. } => None,
            })
        });
        first.unwrap_or_else(|| Arc::clone(&self.project.schema))
    }

    /// Adds the article of a set in memory, and the set as it was before the unsaved steps,
    /// where the copy lacks them. Says when its history is lost by that.
    fn lay_down(
        &mut self,
        set: &AnnotationSet,
        copy: &ProjectFolder,
        writer: &mut Writer,
    ) -> Result<Option<Missing>, StoreError> {
        let id = set.article().id();
        if copy.read_article(id).is_err() {
            copy.add_article(set.article())?;
        }
        let key = (id.clone(), set.annotator().clone());
        let text = Arc::new(copy.read_article(id)?);
        if copy.has_set(&key.0, &key.1)? {
            // It has to be one that steps can be made on.
            return copy.read_set(&text, &key.1).map(|_| None);
        }
        let before = copy.brought_onto(&self.before_unsaved(set, &key), &text)?;
        let Some(step) = self.step_to(&before) else { return Ok(None) };
        writer.commit(StepKind::Do, &step)?;
        Ok(Some(Missing::History(key)))
    }

    /// A set as it was before the unsaved steps; as it is, where they cannot be taken back.
    fn before_unsaved(&self, set: &AnnotationSet, key: &SetKey) -> AnnotationSet {
        let mut before = set.clone();
        for unsaved in self.unsaved.iter().rev() {
            for change in unsaved.step.changes.iter().rev() {
                let Change::Set { article, annotator, forward, backward } = change else {
                    continue;
                };
                if (article, annotator) != (&key.0, &key.1) {
                    continue;
                }
                let undo = if unsaved.kind == StepKind::Undo { forward } else { backward };
                if undo.apply(&mut before).is_err() {
                    return set.clone();
                }
            }
        }
        before
    }

    /// The step that makes a set out of nothing, if it takes one.
    fn step_to(&mut self, set: &AnnotationSet) -> Option<Step> {
        let (article, annotator) = (set.article(), set.annotator());
        let mut nothing = AnnotationSet::new(Arc::clone(article), annotator.clone());
        let mut edits: Vec<_> = set.annotations().cloned().map(Edit::add).collect();
        edits.extend(set.relations().cloned().map(Edit::relate));
        edits.extend(set.remarks().cloned().map(Edit::remark));
        if set.state() != nothing.state() {
            edits.push(Edit::State(set.state()));
        }
        let forward = Transaction::from(edits);
        if forward.is_empty() {
            return None;
        }
        // What a set is made of fits one with nothing in it.
        let backward = forward.apply(&mut nothing).ok()?;
        let (article, annotator) = (article.id().clone(), annotator.clone());
        Some(Step {
            id: self.ids.step(),
            at: self.folder.stamp(),
            by: self.annotator.clone(),
            what: FROM_MEMORY.to_owned(),
            changes: vec![Change::Set { article, annotator, forward, backward }],
        })
    }
}

/// Which doings of steps the copy has: some may have become durable in the old folder
/// after the unsaved ones were listed and before their history was copied.
#[derive(Default)]
struct There {
    /// For each history whether its steps stand as done, by their last lines.
    done: HashMap<Option<Owner>, HashMap<StepId, bool>>,
}

impl There {
    /// A step without what the copy has of it already.
    fn lacks(&mut self, copy: &ProjectFolder, unsaved: &Unsaved) -> Result<Step, StoreError> {
        let mut step = Step::clone(&unsaved.step);
        let mut changes = Vec::with_capacity(step.changes.len());
        for change in step.changes {
            let owner = match &change {
                Change::Set { article, annotator, .. } => {
                    Some((annotator.clone(), article.clone()))
                }
                Change::Schema { .. } => None,
            };
            if !self.done.contains_key(&owner) {
                self.done.insert(owner.clone(), copy.last_doings(owner.as_ref())?);
            }
            let known = self.done.entry(owner).or_default();
            let is_there = match (unsaved.kind, known.get(&step.id)) {
                (_, None) => false,
                (StepKind::Do, Some(_)) => true,
                (StepKind::Undo, Some(is_done)) => !is_done,
                (StepKind::Redo, Some(is_done)) => *is_done,
            };
            if !is_there {
                known.insert(step.id, unsaved.kind != StepKind::Undo);
                changes.push(change);
            }
        }
        step.changes = changes;
        Ok(step)
    }
}

/// Saves one step. A change of the schema that does not follow the one in the copy is left
/// out, for the copy gets the schema of the window in any case.
fn save_step(
    unsaved: &Unsaved,
    mut step: Step,
    writer: &mut Writer,
) -> Result<Option<Missing>, StoreError> {
    let Unsaved { kind, texts, .. } = unsaved;
    match writer.commit_on(*kind, &step, texts) {
        Err(StoreError { cause: Cause::SchemaChanged, .. }) => {
            step.changes.retain(|change| matches!(change, Change::Set { .. }));
            writer.commit_on(*kind, &step, texts)?;
        }
        saved => saved?,
    }
    Ok(None)
}

/// What could not be brought into the copy is told, and no reason to leave the rest behind;
/// a copy that cannot be written to is one.
fn kept(saved: Result<Option<Missing>, StoreError>) -> Result<Option<Missing>, StoreError> {
    match saved {
        Err(error) if !matches!(error.cause, Cause::Io(_) | Cause::Vanished | Cause::Busy) => {
            Ok(Some(Missing::Other(Problem::from(&error))))
        }
        saved => saved,
    }
}
