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
use std::sync::Arc;
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
            annotator: self.by().clone(),
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

    /// Saves what a set in memory has and the copy lacks. A set that cannot be read, or
    /// not be brought onto the text that the copy has, is a problem and no reason to leave
    /// the others behind.
    fn save_set(
        &mut self,
        set: &AnnotationSet,
        folder: &ProjectFolder,
        writer: &mut Writer,
    ) -> Result<Vec<Problem>, StoreError> {
        let id = set.article().id();
        if folder.read_article(id).is_err() {
            folder.add_article(set.article())?;
        }
        let (copy, set, problems) = match both(set, folder) {
            Ok(both) => both,
            Err(error) => return Ok(vec![Problem::from(&error)]),
        };
        let Some(step) = self.step_between(copy, &set) else { return Ok(problems) };
        writer.commit(StepKind::Do, &step)?;
        Ok(Vec::new())
    }

    /// The step that makes up the difference, if there is one.
    fn step_between(&mut self, mut copy: AnnotationSet, set: &AnnotationSet) -> Option<Step> {
        let forward = difference(&copy, set);
        if forward.is_empty() {
            return None;
        }
        // The difference of two sets always fits the first.
        let backward = forward.apply(&mut copy).ok()?;
        let (article, annotator) = (set.article().id().clone(), set.annotator().clone());
        Some(Step {
            id: self.ids.step(),
            at: Timestamp::now(),
            by: self.annotator.clone(),
            what: "Save elsewhere what was not saved".to_owned(),
            changes: vec![Change::Set { article, annotator, forward, backward }],
        })
    }
}

/// A set as the copy has it and as it is in memory, both on the text that the copy has:
/// that may have been corrected without the window having followed yet, and offsets on two
/// texts cannot be compared.
fn both(
    set: &AnnotationSet,
    folder: &ProjectFolder,
) -> Result<(AnnotationSet, AnnotationSet, Vec<Problem>), StoreError> {
    let text = Arc::new(folder.read_article(set.article().id())?);
    let loaded = folder.read_set(&text, set.annotator())?;
    let set = folder.brought_onto(set, &text)?;
    Ok((loaded.set, set, loaded.problems))
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
    for remark in from.remarks().filter(|remark| to.remark(remark.id) != Some(remark)) {
        edits.insert(0, Edit::Unremark(remark.id));
    }
    let new = to.remarks().filter(|remark| from.remark(remark.id) != Some(remark));
    edits.extend(new.cloned().map(Edit::Remark));
    if from.state() != to.state() {
        edits.push(Edit::State(to.state()));
    }
    edits.into()
}

#[cfg(test)]
mod tests {
    use super::Rescue;
    use crate::model::{
        AnnotationSet, AnnotatorName, Article, ArticleId, ArticleMeta, IdSource, LabelId, State,
    };
    use crate::session::{Action, SaveState, Session};
    use crate::store::{BundledSchema, Correction, Faults, ProjectFolder, Trouble, Writer};
    use crate::text::{TextRange, TextSize};
    use std::path::Path;
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    fn wait_until(session: &Session, is_so: impl Fn(&SaveState) -> bool) -> SaveState {
        let until = Instant::now() + Duration::from_secs(20);
        while !is_so(&session.save_state()) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
        }
        session.save_state()
    }

    const TEXT: &str = "Several militants held Karachi for three hours, officials said";

    fn article() -> ArticleId {
        ArticleId::new("a").unwrap()
    }

    fn session(root: &Path) -> Session {
        let mut session = Session::open(root, None, Arc::new(|| {})).unwrap();
        session.try_perform(Action::OpenArticle(article())).unwrap();
        session
    }

    /// A project with an article, and its session.
    fn worked(root: &Path) -> Session {
        let annotator = AnnotatorName::new("annotator-1").unwrap();
        Session::create(root, "p", BundledSchema::Simple, annotator).unwrap();
        let article = Article::new(article(), ArticleMeta::default(), TEXT);
        ProjectFolder::open(root).unwrap().folder.add_article(&article).unwrap();
        session(root)
    }

    fn mark(session: &mut Session, words: &str) {
        let at = TextSize::new(TEXT.find(words).unwrap() as u32);
        let range = TextRange::at(at, TextSize::of(words));
        let label = LabelId::new("actor").unwrap();
        session.try_perform(Action::LabelRange(label, range)).unwrap();
    }

    fn marked(session: &Session) -> Vec<String> {
        let set = session.set().unwrap();
        set.annotations().map(|found| set.surface(found)).collect()
    }

    /// Corrects the text as another program does.
    fn correct_elsewhere(root: &Path, words: &str, with: &str) {
        let folder = ProjectFolder::open(root).unwrap().folder;
        let now = folder.read_article(&article()).unwrap();
        let corrected =
            Article::new(article(), ArticleMeta::default(), now.text().replace(words, with));
        let correction = Correction {
            step: IdSource::random().step(),
            by: AnnotatorName::new("somebody").unwrap(),
            article: article(),
            before: now.hash(),
            after: corrected.hash(),
        };
        folder.correct_as(&correction, &corrected).unwrap();
    }

    fn copy(session: &mut Session, root: &Path) {
        session.save_elsewhere(root);
        let until = Instant::now() + Duration::from_secs(20);
        while session.take_copy().is_none() {
            assert!(Instant::now() < until, "{:?}", session.take_notices());
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    #[test]
    fn what_was_made_on_the_text_before_a_correction_moves_with_it_into_the_copy() {
        let temporary = tempfile::tempdir().unwrap();
        let (root, copied) = (temporary.path().join("project"), temporary.path().join("copy"));
        let mut session = worked(&root);
        mark(&mut session, "Several militants");
        mark(&mut session, "Karachi");
        assert_eq!(session.wait_until_saved(), SaveState::Saved);
        Faults::here().plan(Trouble::Gone, 0);
        mark(&mut session, "three hours");
        wait_until(&session, |state| matches!(state, SaveState::Failed(_)));
        // Trouble is that of a thread.
        let other = move || correct_elsewhere(&root, "Several militants", "They all");
        std::thread::spawn(other).join().unwrap();
        copy(&mut session, &copied);
        Faults::here().heal();
        let mut there = self::session(&copied);
        there.wait_for_history();
        assert_eq!(marked(&there)[1..], ["Karachi", "three hours"]);
        let lost = there.set().unwrap().annotations().next().unwrap();
        assert_eq!(lost.was.as_deref(), Some("Several militants"));
        there.try_perform(Action::Command(crate::session::command::CommandId::Undo)).unwrap();
        assert_eq!(marked(&there)[1..], ["Karachi"]);
    }

    #[test]
    fn a_set_that_cannot_be_read_is_listed_and_the_copy_goes_on() {
        let temporary = tempfile::tempdir().unwrap();
        let session = worked(&temporary.path().join("project"));
        let root = temporary.path().join("copy");
        let project = session.project.clone();
        let folder = ProjectFolder::create(&root, &project).unwrap();
        let set: AnnotationSet = session.set().unwrap().clone();
        folder.add_article(set.article()).unwrap();
        let file = Path::new("annotations").join(set.annotator().as_str()).join("a.ron");
        std::fs::create_dir_all(root.join(&file).parent().unwrap()).unwrap();
        std::fs::write(root.join(&file), "(").unwrap();
        let mut rescue = Rescue {
            folder: folder.clone(),
            project,
            annotator: set.annotator().clone(),
            sets: Vec::new(),
            ids: IdSource::random(),
        };
        let problems = rescue.save_set(&set, &folder, &mut Writer::new(folder.clone())).unwrap();
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].file, file);
    }

    #[test]
    fn a_full_disk_is_named_and_saved_to_by_itself_when_there_is_room() {
        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path().join("project");
        let mut session = worked(&root);
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
