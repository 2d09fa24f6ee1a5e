//! The way out when saving fails and goes on failing: a complete copy of the project in
//! another folder, with everything that is only in memory.
//!
//! What can be read of the old folder is copied. For each set in memory that the copy
//! lacks or that is ahead of it, one step is saved there that makes up the difference, so
//! the copy is a project like any other and its undo history goes on. The old folder is
//! not touched, and the session goes on trying to save there.

use super::{Notice, Session};
use crate::edit::{Change, Edit, Step, StepKind, Transaction};
use crate::model::{AnnotationSet, AnnotatorName, IdSource, Project};
use crate::store::{Problem, ProjectFolder, StoreError, Writer, copy_readable};
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, TryRecvError, channel};

/// A copy under way.
pub(super) struct Elsewhere {
    root: PathBuf,
    result: Receiver<Result<Vec<Problem>, StoreError>>,
}

/// Everything that a copy is made of.
struct Rescue {
    folder: ProjectFolder,
    project: Project,
    annotator: AnnotatorName,
    sets: Vec<AnnotationSet>,
    ids: IdSource,
}

impl Session {
    /// Saves a complete copy of the project, with what is not saved yet, in an empty or
    /// new folder. It is made in the background; [`Self::take_copy`] says when it is done.
    pub fn save_elsewhere(&mut self, root: &Path) {
        if self.elsewhere.is_some() {
            self.notify(Notice::info("A copy is being saved already"));
            return;
        }
        let rescue = Rescue {
            folder: self.folder.clone(),
            project: self.project.clone(),
            annotator: self.annotator.clone(),
            sets: self.sets.values().cloned().collect(),
            ids: IdSource::random(),
        };
        let (sender, result) = channel();
        let (target, wake) = (root.to_owned(), self.wake.clone());
        std::thread::spawn(move || {
            // Nobody waits any more when the session is gone.
            let _ = sender.send(rescue.save_to(&target));
            wake();
        });
        self.elsewhere = Some(Elsewhere { root: root.to_owned(), result });
    }

    /// The folder of a copy that was asked for and is complete now, once.
    pub fn take_copy(&mut self) -> Option<PathBuf> {
        let elsewhere = self.elsewhere.take()?;
        match elsewhere.result.try_recv() {
            Err(TryRecvError::Empty) => {
                self.elsewhere = Some(elsewhere);
                None
            }
            Err(TryRecvError::Disconnected) => {
                self.notify(Notice::error("The copy could not be made; try another folder"));
                None
            }
            Ok(Err(error)) => {
                self.notify(Notice::error(format!("No copy was saved: {error}")));
                None
            }
            Ok(Ok(problems)) => {
                self.report(problems);
                Some(elsewhere.root)
            }
        }
    }
}

impl Rescue {
    fn save_to(mut self, root: &Path) -> Result<Vec<Problem>, StoreError> {
        let folder = ProjectFolder::create(root, &self.project)?;
        let mut problems = copy_readable(&self.folder, &folder)?;
        // The schema's history may lack the last change, and project.ron has it.
        folder.end_schema_history()?;
        let mut writer = Writer::new(folder.clone());
        for set in std::mem::take(&mut self.sets) {
            problems.extend(self.save_set(&set, &folder, &mut writer)?);
        }
        writer.flush()?;
        Ok(problems)
    }

    fn save_set(
        &mut self,
        set: &AnnotationSet,
        folder: &ProjectFolder,
        writer: &mut Writer,
    ) -> Result<Vec<Problem>, StoreError> {
        let article = set.article();
        if folder.read_article(article.id()).is_err() {
            folder.add_article(article)?;
        }
        let loaded = folder.read_set(article, set.annotator())?;
        let forward = difference(&loaded.set, set);
        let mut copy = loaded.set;
        // The difference of two sets always fits the first.
        let Ok(backward) = forward.apply(&mut copy) else { return Ok(loaded.problems) };
        if !forward.is_empty() {
            let step = Step {
                id: self.ids.step(),
                at: Timestamp::now(),
                by: self.annotator.clone(),
                what: "Save elsewhere what was not saved".to_owned(),
                changes: vec![Change::Set {
                    article: article.id().clone(),
                    annotator: set.annotator().clone(),
                    forward,
                    backward,
                }],
            };
            writer.commit(StepKind::Do, &step)?;
        }
        Ok(Vec::new())
    }
}

/// What makes one set of another: relations go first and come last, for they need both
/// of their ends.
fn difference(from: &AnnotationSet, to: &AnnotationSet) -> Transaction {
    let mut edits = Vec::new();
    for relation in from.relations() {
        if to.relation(relation.id) != Some(relation) {
            edits.push(Edit::Unrelate(relation.id));
        }
    }
    for annotation in from.annotations() {
        if to.annotation(annotation.id).is_none() {
            edits.push(Edit::Remove(annotation.id));
        }
    }
    for annotation in to.annotations() {
        match from.annotation(annotation.id) {
            None => edits.push(Edit::Add(annotation.clone())),
            Some(other) if other != annotation => edits.push(Edit::Replace(annotation.clone())),
            Some(_) => {}
        }
    }
    for relation in to.relations() {
        if from.relation(relation.id) != Some(relation) {
            edits.push(Edit::Relate(relation.clone()));
        }
    }
    if from.state() != to.state() {
        edits.push(Edit::State(to.state()));
    }
    edits.into()
}

#[cfg(test)]
mod tests {
    use crate::model::{AnnotatorName, Article, ArticleId, ArticleMeta, State};
    use crate::session::{Action, SaveState, Session};
    use crate::store::{BundledSchema, Faults, ProjectFolder, Trouble};
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    fn wait_until(session: &Session, is_so: impl Fn(&SaveState) -> bool) -> SaveState {
        let until = Instant::now() + Duration::from_secs(20);
        while !is_so(&session.save_state()) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
        }
        session.save_state()
    }

    #[test]
    fn a_full_disk_is_named_and_saved_to_by_itself_when_there_is_room() {
        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path().join("project");
        let annotator = AnnotatorName::new("annotator-1").unwrap();
        Session::create(&root, "p", BundledSchema::Simple, annotator).unwrap();
        let id = ArticleId::new("a").unwrap();
        let article = Article::new(id.clone(), ArticleMeta::default(), "Officials said so");
        ProjectFolder::open(&root).unwrap().folder.add_article(&article).unwrap();
        let mut session = Session::open(&root, None, Arc::new(|| {})).unwrap();
        session.try_perform(Action::OpenArticle(id)).unwrap();
        for trouble in [Trouble::Full, Trouble::Gone] {
            Faults::here().plan(trouble, 2);
            for state in [State::Done, State::InProgress] {
                session.try_perform(Action::SetState(state)).unwrap();
            }
            let state = wait_until(&session, |state| matches!(state, SaveState::Failed(_)));
            let SaveState::Failed(why) = state else { panic!("{state:?}") };
            let is_plain = trouble != Trouble::Full || why.contains("the disk is full; make room");
            assert!(is_plain, "{why}");
            Faults::here().heal();
            let state = wait_until(&session, |state| *state == SaveState::Saved);
            assert_eq!(state, SaveState::Saved);
        }
    }
}
