//! What a change of the schema would touch, counted beforehand in the background.
//!
//! Nothing is changed here, and nothing is decided: the same plan is asked that the change
//! itself asks.

use super::plan::{Plan, annotated};
use super::task::Shared;
use crate::edit::{Change, Edit, Migration};
use crate::model::{AnnotatorName, ArticleId};
use crate::session::{Session, SessionError};
use crate::store::ProjectFolder;
use rayon::prelude::*;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, channel};

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
    pub places: Vec<((ArticleId, AnnotatorName), usize)>,
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

    /// Counts what a change does to one set.
    fn count(&mut self, change: &Change) {
        let Change::Set { article, annotator, forward, .. } = change else { return };
        let place = (article.clone(), annotator.clone());
        self.places.push((place, forward.edits.len()));
        let mut changed = HashSet::new();
        let mut relinked = HashSet::new();
        let mut unrelated = HashSet::new();
        for edit in &forward.edits {
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

    /// This one and what comes behind it.
    fn and(mut self, other: Self) -> Self {
        self.changed += other.changed;
        self.deleted += other.deleted;
        self.relinked += other.relinked;
        self.unrelated += other.unrelated;
        self.places.extend(other.places);
        self
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

/// A preview that is being counted in the background; dropped, it ends.
#[derive(Debug)]
pub struct MigrationCount {
    outcome: Receiver<Result<MigrationPreview, SessionError>>,
    shared: Arc<Shared>,
}

impl MigrationCount {
    /// The preview, once it is there; it is given once.
    pub fn take(&self) -> Option<Result<MigrationPreview, SessionError>> {
        self.outcome.try_recv().ok()
    }

    /// Waits for the preview; for tests.
    ///
    /// # Errors
    /// When a migration does not fit the schema, or a file cannot be read: then nothing
    /// may be changed, because what cannot be read could not be migrated.
    pub fn wait(&self) -> Result<MigrationPreview, SessionError> {
        let gone = SessionError::Missing("the counting has stopped");
        self.outcome.recv().unwrap_or(Err(gone))
    }

    /// How many articles are counted, and how many there are.
    pub fn progress(&self) -> (usize, usize) {
        (self.shared.done.load(Ordering::Relaxed), self.shared.total.load(Ordering::Relaxed))
    }
}

impl Drop for MigrationCount {
    fn drop(&mut self) {
        self.shared.is_cancelled.store(true, Ordering::Relaxed);
    }
}

impl Session {
    /// Begins to count what migrations, one after the other, would touch.
    pub fn preview_migration(&self, migrations: &[Migration]) -> MigrationCount {
        let (sender, outcome) = channel();
        let shared = Arc::new(Shared::default());
        let plan = Plan::new(&self.project.schema, migrations);
        let (folder, wake, counted) =
            (self.folder.clone(), Arc::clone(&self.wake), Arc::clone(&shared));
        std::thread::spawn(move || {
            let preview = plan.map_err(SessionError::from);
            // Whoever closed the dialog meanwhile does not ask for it any more.
            let _ = sender.send(preview.and_then(|plan| count(&folder, &plan, &counted)));
            wake();
        });
        MigrationCount { outcome, shared }
    }
}

/// What a plan would touch.
fn count(
    folder: &ProjectFolder,
    plan: &Plan,
    shared: &Shared,
) -> Result<MigrationPreview, SessionError> {
    if !plan.reaches_sets() {
        return Ok(MigrationPreview::default());
    }
    let all = annotated(folder)?;
    shared.total.store(all.len(), Ordering::Relaxed);
    let previews = all.into_par_iter().map(|reach| {
        let mut preview = MigrationPreview::default();
        if !shared.is_cancelled() {
            for change in plan.changes(folder, &reach)? {
                preview.count(&change);
            }
            shared.done.fetch_add(1, Ordering::Relaxed);
        }
        Ok(preview)
    });
    // The first failure in the order of the articles, whichever thread met one first.
    let previews: Vec<Result<_, SessionError>> = previews.collect();
    previews.into_iter().try_fold(MigrationPreview::default(), |sum, one| Ok(sum.and(one?)))
}
