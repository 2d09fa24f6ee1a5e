//! What is in a copy elsewhere, and what is said to be missing from it.

use super::{Copied, Missing};
use crate::edit::{Migration, Step, StepKind};
use crate::model::{AnnotatorName, Article, ArticleId, ArticleMeta, IdSource, LabelId, State};
use crate::session::command::CommandId;
use crate::session::{Action, SaveState, Session};
use crate::store::{BundledSchema, Correction, Faults, ProjectFolder, SchemaChange, Trouble};
use crate::text::{TextRange, TextSize};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

fn wait_until(session: &Session, is_so: impl Fn(&SaveState) -> bool) -> SaveState {
    let until = Instant::now() + Duration::from_secs(120);
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

fn copy(session: &mut Session, root: &Path) -> Copied {
    session.save_elsewhere(root);
    let until = Instant::now() + Duration::from_secs(120);
    loop {
        match session.take_copy() {
            Some(Ok(made)) => return made,
            Some(Err(why)) => panic!("{why}"),
            None => {}
        }
        assert!(Instant::now() < until, "the copy takes for ever");
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
    Faults::here().plan(Trouble::Full, 0);
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
    there.try_perform(Action::Command(CommandId::Undo)).unwrap();
    assert_eq!(marked(&there)[1..], ["Karachi"]);
}

/// Each of them in a window that heard of the change, and in one that did not.
#[test]
fn a_change_of_the_schema_that_was_cut_off_is_finished_in_the_copy() {
    for hears in [false, true] {
        let temporary = tempfile::tempdir().unwrap();
        let (root, copied) = (temporary.path().join("project"), temporary.path().join("copy"));
        let mut session = worked(&root);
        mark(&mut session, "Karachi");
        assert_eq!(session.wait_until_saved(), SaveState::Saved);
        let actor = LabelId::new("actor").unwrap();
        let agent = LabelId::new("agent").unwrap();
        let rename = Migration::RenameLabel { from: actor.clone(), to: agent.clone() };
        let journal = Path::new(SchemaChange::FILE);
        let folder = session.folder().clone();
        let by = AnnotatorName::new("somebody").unwrap();
        let (id, at) = (IdSource::random().step(), folder.stamp());
        let step = Step { id, at, by: by.clone(), what: "Rename".to_owned(), changes: Vec::new() };
        let migrations = vec![rename];
        let change = SchemaChange { kind: StepKind::Do, step, migrations, holder: None };
        folder.begin_schema_change(&change).unwrap();
        // The schema has its part, and the set has not.
        let files = ["annotations", "history"].map(|of| root.join(of).join("annotator-1/a.ron"));
        let before = files.each_ref().map(|file| std::fs::read(file).unwrap());
        Session::open(&root, Some(by), Arc::new(|| {})).unwrap().wait_until_migrated();
        for (file, before) in files.iter().zip(before) {
            std::fs::write(file, before).unwrap();
        }
        folder.begin_schema_change(&change).unwrap();
        if hears {
            drop(session);
            let lock = folder.lock_schema().unwrap().unwrap();
            session = self::session(&root);
            drop(lock);
        }
        let made = copy(&mut session, &copied);
        assert!(made.is_whole(), "{made:?}");
        assert!(copied.join(journal).exists());
        let mut there = Session::open(&copied, None, Arc::new(|| {})).unwrap();
        there.wait_until_migrated();
        assert!(!copied.join(journal).exists());
        there.try_perform(Action::OpenArticle(article())).unwrap();
        let labels: Vec<_> =
            there.set().unwrap().annotations().map(|found| found.label.clone()).collect();
        assert_eq!(labels, std::slice::from_ref(&agent));
        assert!(there.schema().label(&agent).is_some() && there.schema().label(&actor).is_none());
    }
}

#[test]
fn a_set_that_cannot_be_read_is_listed_and_taken_from_the_window() {
    let temporary = tempfile::tempdir().unwrap();
    let (root, copied) = (temporary.path().join("project"), temporary.path().join("copy"));
    let mut session = worked(&root);
    mark(&mut session, "Karachi");
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    let file = Path::new("annotations").join(session.annotator().as_str()).join("a.ron");
    std::fs::write(root.join(&file), "(").unwrap();
    let made = copy(&mut session, &copied);
    let [Missing::Other(problem), kept @ .., Missing::History((id, _))] = made.missing.as_slice()
    else {
        panic!("{made:?}");
    };
    assert_eq!((&problem.file, id), (&file, &article()));
    assert_eq!(kept.len(), 2, "the file and its history are kept aside: {kept:?}");
    assert_eq!(marked(&self::session(&copied)), ["Karachi"]);
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

/// What the steps of a history are called, in the order of its lines.
fn steps(history: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(history).unwrap();
    let what = |line: &str| Some(line.split_once("what: \"")?.1.split_once('"')?.0.to_owned());
    text.lines().map(|line| what(line).unwrap()).collect()
}

#[test]
fn every_unsaved_step_is_a_line_of_its_own_in_the_copy() {
    let temporary = tempfile::tempdir().unwrap();
    let (root, copied) = (temporary.path().join("project"), temporary.path().join("copy"));
    let mut session = worked(&root);
    mark(&mut session, "Karachi");
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    session.wait_until_listed();
    Faults::here().plan(Trouble::Full, 0);
    mark(&mut session, "three hours");
    session.try_perform(Action::SetState(State::Done)).unwrap();
    session.try_perform(Action::Command(CommandId::Undo)).unwrap();
    wait_until(&session, |state| matches!(state, SaveState::Failed(_)));
    let made = copy(&mut session, &copied);
    Faults::here().heal();
    assert_eq!(made.missing, vec![]);
    assert!(made.words().starts_with("Everything is saved in"), "{}", made.words());
    let lines = steps(&copied.join("history/annotator-1/a.ron"));
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert_eq!(lines[2], lines[3]);
    let mut there = self::session(&copied);
    there.wait_for_history();
    assert_eq!(marked(&there), ["Karachi", "three hours"]);
    there.try_perform(Action::Command(CommandId::Undo)).unwrap();
    assert_eq!(marked(&there), ["Karachi"]);
}

#[test]
fn a_step_that_became_durable_while_the_copy_was_made_is_there_once() {
    let temporary = tempfile::tempdir().unwrap();
    let (root, copied) = (temporary.path().join("project"), temporary.path().join("copy"));
    let mut session = worked(&root);
    Faults::here().plan(Trouble::Full, 0);
    mark(&mut session, "Karachi");
    let mut draft = crate::edit::SchemaDraft::of(session.schema());
    draft.labels[0].name = "Actors".to_owned();
    let plan = draft.plan(session.schema()).unwrap();
    session.try_perform(Action::Migrate(plan, "Rename".to_owned())).unwrap();
    wait_until(&session, |state| matches!(state, SaveState::Failed(_)));
    let (rescue, known) = session.rescue();
    Faults::here().heal();
    assert_eq!(wait_until(&session, |state| *state == SaveState::Saved), SaveState::Saved);
    assert_eq!(rescue.save_to(&copied, &known).unwrap().missing, vec![]);
    assert_eq!(steps(&copied.join("history/annotator-1/a.ron")).len(), 1);
    assert_eq!(steps(&copied.join("history/project.ron")), ["Rename"]);
    assert_eq!(self::session(&copied).schema(), session.schema());
}

#[test]
fn what_needs_everything_saved_is_refused_while_nothing_is_and_does_not_wait_in_secret() {
    let temporary = tempfile::tempdir().unwrap();
    let mut session = worked(&temporary.path().join("project"));
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    let correct = || Action::CorrectText(TextRange::empty(TextSize::new(0)), "Two: ".to_owned());
    let migrate = || {
        let label = |id| LabelId::new(id).unwrap();
        let rename = Migration::RenameLabel { from: label("actor"), to: label("agent") };
        Action::Migrate(vec![rename], "Rename".to_owned())
    };
    Faults::here().plan(Trouble::Full, 0);
    mark(&mut session, "Karachi");
    // It may still look as if the step were on its way.
    for action in [correct(), migrate()] {
        if session.try_perform(action).is_ok() {
            session.wait_until_corrected();
            session.wait_until_migrated();
        }
    }
    wait_until(&session, |state| matches!(state, SaveState::Failed(_)));
    for action in [correct(), migrate()] {
        let refused = session.try_perform(action).unwrap_err().to_string();
        assert!(refused.contains("not everything is saved"), "{refused}");
    }
    Faults::here().heal();
    assert_eq!(wait_until(&session, |state| *state == SaveState::Saved), SaveState::Saved);
    assert_eq!(&**session.article().unwrap().article.text(), TEXT);
    assert!(session.schema().label(&LabelId::new("actor").unwrap()).is_some());
    session.try_perform(correct()).unwrap();
    session.wait_until_corrected();
    assert!(session.article().unwrap().article.text().starts_with("Two: "));
}
