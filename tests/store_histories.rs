//! Histories that were removed, spoiled, or merged by git: what is there stays usable, what
//! is missing is said, and nothing that was there is lost.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use copydesk::model::ArticleId;
use copydesk::session::{Action, Session, Weight};
use copydesk::store::{Problem, ProjectFolder, check};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use support::{annotator, label, project, range, session};

const HISTORY: &str = "history/tester/raid.ron";

fn mark(session: &mut Session, id: &str, words: &str) {
    session.try_perform(Action::LabelRange(label(id), range(words))).unwrap();
}

/// A project with three steps in the raid, all saved.
fn desk() -> (tempfile::TempDir, PathBuf) {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    project(&root);
    let mut open = session(&root);
    mark(&mut open, "actor", "Several militants");
    mark(&mut open, "location", "Karachi");
    mark(&mut open, "claim", "The operation");
    open.wait_until_saved();
    (temporary, root)
}

/// What a check says that is no affair of the schema or of what is still to be annotated.
fn found(root: &Path) -> Vec<Problem> {
    let folder = ProjectFolder::open(root).unwrap().folder;
    check(&folder, &mut |_, _| {})
}

fn warnings(session: &mut Session) -> Vec<String> {
    let told = session.take_notices().into_iter();
    told.filter(|told| told.weight == Weight::Warning).map(|told| told.text).collect()
}

fn copydesk(arguments: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_copydesk")).args(arguments).output().unwrap()
}

#[test]
fn a_history_that_was_removed_is_told_on_opening_and_by_the_check() {
    let (_temporary, root) = desk();
    let missing = "its history is missing";
    fs::remove_file(root.join(HISTORY)).unwrap();
    let noted = |what: &str| {
        let found: Vec<_> =
            found(&root).into_iter().filter(|one| one.what.contains(what)).collect();
        assert!(found.iter().all(|found| !found.is_fault), "nothing else is lost: {found:?}");
        found.len()
    };
    assert_eq!(noted(missing), 1);
    let mut open = session(&root);
    assert_eq!(open.set().unwrap().len(), 3);
    let told = warnings(&mut open);
    assert_eq!(told.iter().filter(|told| told.contains(missing)).count(), 1, "{told:?}");
    // The next step begins a new history, and that does not hide it.
    mark(&mut open, "actor", "three police officers");
    open.wait_until_saved();
    drop(open);
    assert_eq!((noted(missing), noted("begins behind steps")), (0, 1));
    let mut open = session(&root);
    assert_eq!(warnings(&mut open), Vec::<String>::new(), "the window has said it");
    assert_eq!(open.history().undoable(), 1);
}

#[test]
fn annotations_that_came_with_an_import_have_no_history_to_miss() {
    let (temporary, root) = desk();
    let file = temporary.path().join("new.jsonl");
    let line = "{\"id\": \"new\", \"text\": \"Ali fled.\", \"annotations\": [{\"label\": \
                \"actor\", \"spans\": [[0, 3]], \"annotator\": \"tester\"}]}\n";
    fs::write(&file, line).unwrap();
    let done = copydesk(&["import", root.to_str().unwrap(), file.to_str().unwrap()]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(!root.join("history/tester/new.ron").exists());
    let mut open = Session::open(&root, Some(annotator()), Arc::new(|| {})).unwrap();
    let id = ArticleId::new("new").unwrap();
    open.try_perform(Action::OpenArticle(id)).unwrap();
    assert_eq!(open.set().unwrap().len(), 1);
    assert_eq!(warnings(&mut open), Vec::<String>::new());
    open.try_perform(Action::SetState(copydesk::model::State::Done)).unwrap();
    open.wait_until_saved();
    let told = found(&root);
    assert!(!told.iter().any(|told| told.to_string().contains("history")), "{told:?}");
}
