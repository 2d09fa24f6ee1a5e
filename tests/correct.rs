//! Corrected texts in a session: annotations, steps and other windows follow, and a
//! correction is undone like everything else.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use copydesk::edit::Migration;
use copydesk::model::{Annotation, AnnotatorName, Article, State};
use copydesk::session::command::CommandId;
use copydesk::session::{Action, SaveState, Session};
use copydesk::store::{Correction, ProjectFolder, check};
use copydesk::text::{TextRange, TextSize};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use support::{RAID, annotations, annotator, article, label, project, range, session};

fn mark(session: &mut Session, name: &str, words: &str) {
    session.try_perform(Action::LabelRange(label(name), range(words))).unwrap();
}

fn wait_until(session: &mut Session, mut done: impl FnMut(&mut Session) -> bool) {
    let started = Instant::now();
    while !done(session) {
        assert!(started.elapsed() < Duration::from_secs(120), "waited in vain");
        session.poll();
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn correct(session: &mut Session, words: &str, with: &str) {
    let text = session.article().unwrap().article.text().to_string();
    let at = TextSize::new(text.find(words).unwrap() as u32);
    let range = TextRange::at(at, TextSize::of(words));
    session.try_perform(Action::CorrectText(range, with.to_owned())).unwrap();
    session.wait_until_corrected();
    session.wait_for_history();
}

fn run(session: &mut Session, command: CommandId) {
    session.try_perform(Action::Command(command)).unwrap();
    session.wait_until_corrected();
    session.wait_for_history();
}

fn text(session: &Session) -> String {
    session.article().unwrap().article.text().to_string()
}

fn whole(session: &Session) -> Vec<Annotation> {
    session.set().unwrap().annotations().cloned().collect()
}

/// Corrects the raid as another program does that works as somebody else.
fn correct_elsewhere(root: &Path, words: &str, with: &str) {
    let folder = ProjectFolder::open(root).unwrap().folder;
    let now = folder.read_article(&article("raid")).unwrap();
    let text = now.text().replace(words, with);
    let corrected = Article::new(article("raid"), now.meta().clone(), text);
    let correction = Correction {
        step: copydesk::model::IdSource::random().step(),
        by: AnnotatorName::new("somebody").unwrap(),
        article: article("raid"),
        before: now.hash(),
        after: corrected.hash(),
    };
    folder.correct_as(&correction, &corrected).unwrap();
}

#[test]
fn a_correction_is_a_step_that_is_undone_also_after_a_restart() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut first = session(temporary.path());
    mark(&mut first, "actor", "Several militants");
    mark(&mut first, "location", "Karachi");
    mark(&mut first, "claim", "three hours");
    let before = whole(&first);
    correct(&mut first, "Several militants", "Several armed militants");
    correct(&mut first, "three hours to clear", "a long time to clear");
    assert!(first.take_unsure_question(), "three hours is gone");
    let named = annotations(&first);
    assert_eq!(named[1..2], ["location: Karachi"]);
    assert_eq!(first.set().unwrap().annotations().filter(|one| one.was.is_some()).count(), 1);
    let lost = first.set().unwrap().annotations().find(|one| one.was.is_some()).unwrap().id;
    assert!(first.lints_of(lost).iter().any(|lint| lint.is_unsure && lint.is_fault));
    let after = whole(&first);
    mark_at(&mut first, "uniforms");
    assert_eq!(first.wait_until_saved(), SaveState::Saved);
    drop(first);

    let mut second = session(temporary.path());
    assert_eq!(second.history().to_undo().unwrap().what(), "Label as Actor");
    run(&mut second, CommandId::Undo);
    assert_eq!(whole(&second), after);
    assert_eq!(second.history().to_undo().unwrap().what(), "Correct text");
    run(&mut second, CommandId::Undo);
    run(&mut second, CommandId::Undo);
    assert_eq!(text(&second), RAID);
    assert_eq!(whole(&second), before);
    assert_eq!(second.history().to_undo().unwrap().what(), "Label as Claim");
    run(&mut second, CommandId::Redo);
    run(&mut second, CommandId::Redo);
    assert_eq!(whole(&second), after);
    assert!(text(&second).contains("Several armed") && text(&second).contains("a long time"));
    drop(second);
    let folder = ProjectFolder::open(temporary.path()).unwrap().folder;
    let problems = check(&folder, &mut |_, _| {});
    let of_annotating = ["correct it in the window", "open the article, and say under Things"];
    let is_known = |remedy: &str| of_annotating.iter().any(|known| remedy.starts_with(known));
    assert!(problems.iter().all(|found| is_known(&found.remedy)), "{problems:?}");
}

#[test]
fn looking_elsewhere_while_a_correction_is_undone_leaves_everything_as_if_nobody_had() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut session = session(temporary.path());
    mark(&mut session, "actor", "Several militants");
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    correct(&mut session, "Several militants", "Several armed militants");
    session.try_perform(Action::Command(CommandId::Undo)).unwrap();
    session.try_perform(Action::OpenArticle(article("march"))).unwrap();
    session.wait_until_corrected();
    session.wait_for_history();
    assert_eq!(session.history().to_redo().unwrap().what(), "Correct text");
    assert_eq!(session.history().to_undo().unwrap().what(), "Label as Actor");
    session.try_perform(Action::SetState(State::Done)).unwrap();
    // Before that is saved.
    session.try_perform(Action::OpenArticle(article("raid"))).unwrap();
    assert_eq!(text(&session), RAID);
    mark(&mut session, "location", "Karachi");
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    let told = session.take_notices();
    assert!(told.iter().all(|told| !told.text.contains("from disk")), "{told:?}");
}

#[test]
fn a_copy_has_the_texts_from_before_a_correction() {
    let temporary = tempfile::tempdir().unwrap();
    let (root, copied) = (temporary.path().join("project"), temporary.path().join("copy"));
    project(&root);
    let other = AnnotatorName::new("other").unwrap();
    let open = || Session::open(&root, Some(other.clone()), Arc::new(|| {})).unwrap();
    let mut second = open();
    second.wait_until_listed();
    second.try_perform(Action::OpenArticle(article("raid"))).unwrap();
    mark(&mut second, "claim", "three hours");
    assert_eq!(second.wait_until_saved(), SaveState::Saved);
    drop(second);
    let files = ["annotations/other/raid.ron", "history/other/raid.ron"].map(Path::new);
    let before = files.map(|file| fs::read(root.join(file)).unwrap());
    let mut first = session(&root);
    mark(&mut first, "location", "Karachi");
    correct(&mut first, "three hours to clear", "a long time to clear");
    assert_eq!(first.wait_until_saved(), SaveState::Saved);
    // The other's files come from a computer that has not followed.
    for (file, bytes) in files.iter().zip(&before) {
        fs::write(root.join(file), bytes).unwrap();
    }
    first.save_elsewhere(&copied);
    wait_until(&mut first, |session| session.take_copy().is_some_and(|made| made.is_ok()));
    assert_eq!(first.take_notices().iter().filter(|one| one.text.contains("raid")).count(), 0);

    let read = |root: &Path| {
        let folder = ProjectFolder::open(root).unwrap().folder;
        let text = Arc::new(folder.read_article(&article("raid")).unwrap());
        folder.read_set(&text, &other).unwrap().set
    };
    assert_eq!(read(&copied), read(&root));
    let mut there = session(&copied);
    run(&mut there, CommandId::Undo);
    assert_eq!(text(&there), RAID);
    assert_eq!(annotations(&there), ["location: Karachi"]);
}

fn mark_at(session: &mut Session, words: &str) {
    let at = TextSize::new(text(session).find(words).unwrap() as u32);
    let range = TextRange::at(at, TextSize::of(words));
    session.try_perform(Action::LabelRange(label("actor"), range)).unwrap();
}

#[test]
fn a_correction_says_before_what_it_does_and_is_refused_where_it_cannot_be() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut first = session(temporary.path());
    mark(&mut first, "actor", "Several militants");
    mark(&mut first, "location", "Karachi");
    first.wait_until_saved();
    first.preview_correction(range("Several militants"), "They");
    wait_until(&mut first, |session| session.correction_preview().is_some());
    let sets = first.correction_preview().unwrap().outcome.as_ref().unwrap();
    assert_eq!((sets[0].len(), sets[0].same, sets[0].unsure.len()), (2, 1, 1));
    assert_eq!(text(&first), RAID, "nothing has changed");
    let whole = TextRange::up_to(TextSize::of(RAID));
    for (range, with) in [(whole, ""), (range("Karachi"), "Karachi")] {
        assert!(first.try_perform(Action::CorrectText(range, with.to_owned())).is_err());
    }
    let mut looking_on = session(temporary.path());
    let refused = looking_on.try_perform(Action::CorrectText(range("Karachi"), "Quetta".into()));
    assert!(refused.unwrap_err().to_string().contains("read-only"));
    // While the text is under way nothing is made on the earlier one.
    first.try_perform(Action::CorrectText(range("Karachi"), "Quetta".into())).unwrap();
    assert!(first.try_perform(Action::LabelRange(label("actor"), range("officials"))).is_err());
    first.wait_until_corrected();
    // The other window follows.
    wait_until(&mut looking_on, |session| text(session).contains("Quetta’s old town"));
    assert!(annotations(&looking_on)[1].starts_with("location: Quetta"));
}

#[test]
fn a_window_follows_a_text_that_was_corrected_elsewhere_with_its_sets_and_its_steps() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut first = session(temporary.path());
    for words in ["Several militants", "Karachi", "the adviser"] {
        mark(&mut first, "actor", words);
    }
    run(&mut first, CommandId::Undo);
    first.wait_until_saved();
    correct_elsewhere(temporary.path(), "Several militants", "BREAKING: Dozens of gunmen");
    // What is done before the window knows is moved on its way to the disk.
    first.try_perform(Action::LabelRange(label("claim"), range("uniforms"))).unwrap();
    assert_eq!(first.wait_until_saved(), SaveState::Saved);
    wait_until(&mut first, |session| text(session).contains("BREAKING"));
    first.wait_for_history();
    assert_eq!(annotations(&first)[1..], ["actor: Karachi", "claim: uniforms"]);
    assert_eq!(
        first.set().unwrap().annotations().next().unwrap().was.as_deref(),
        Some("Several militants")
    );
    let notices: Vec<_> = first.take_notices().into_iter().map(|notice| notice.text).collect();
    assert!(
        notices.iter().any(|text| text.contains("1 annotation has lost the text it")),
        "{notices:?}"
    );
    run(&mut first, CommandId::Undo);
    run(&mut first, CommandId::Undo);
    assert_eq!(annotations(&first).len(), 1);
    run(&mut first, CommandId::Redo);
    assert_eq!(annotations(&first)[1], "actor: Karachi");
    assert_eq!(first.wait_until_saved(), SaveState::Saved);
    let seen = whole(&first);
    drop(first);
    let again = session(temporary.path());
    assert_eq!(whole(&again), seen);
    drop(again);
    fs::remove_dir_all(temporary.path().join("annotations/tester")).unwrap();
    assert_eq!(
        annotations(&session(temporary.path()))[1],
        "actor: Karachi",
        "the history says so too"
    );
}

#[test]
fn steps_of_an_article_that_was_corrected_while_another_was_open_are_undone_where_they_are_now() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut first = session(temporary.path());
    mark(&mut first, "actor", "Several militants");
    mark(&mut first, "location", "Karachi");
    run(&mut first, CommandId::Undo);
    first.wait_until_saved();
    first.try_perform(Action::OpenArticle(article("march"))).unwrap();
    correct_elsewhere(temporary.path(), "Gunmen raid", "A dozen gunmen raid a");
    // Refused once, and then done where the text is now.
    if first.try_perform(Action::Command(CommandId::Redo)).is_err() {
        first.wait_for_history();
        run(&mut first, CommandId::Redo);
    }
    assert_eq!(annotations(&first), ["actor: Several militants", "location: Karachi"]);
    assert_eq!(first.wait_until_saved(), SaveState::Saved);
}

#[test]
fn a_new_annotators_folder_is_followed_when_it_appears() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let other = AnnotatorName::new("other").unwrap();
    let open = || Session::open(temporary.path(), Some(other.clone()), Arc::new(|| {})).unwrap();
    let mut looking_on = open();
    looking_on.wait_until_listed();
    looking_on.try_perform(Action::OpenArticle(article("march"))).unwrap();
    wait_until(&mut looking_on, |session| !session.is_reading_history());
    std::thread::sleep(Duration::from_millis(300));
    // A closed article gets its first annotations from a file sync.
    let elsewhere = tempfile::tempdir().unwrap();
    project(elsewhere.path());
    let mut theirs = session(elsewhere.path());
    mark(&mut theirs, "actor", "Several militants");
    theirs.wait_until_saved();
    drop(theirs);
    let file = fs::read_to_string(elsewhere.path().join("annotations/tester/raid.ron")).unwrap();
    let folder = temporary.path().join("annotations/other");
    fs::create_dir_all(&folder).unwrap();
    let file = file.replace(annotator().as_str(), "other");
    fs::write(folder.join("raid.ron"), &file).unwrap();
    let number = |session: &mut Session| {
        let entry = session.catalogue().entry(&article("raid"))?;
        entry.summary.as_ref().map(|summary| summary.set.annotations)
    };
    wait_until(&mut looking_on, |session| number(session) == Some(1));
    // And the folder is watched from then on.
    let empty = file.lines().filter(|line| !line.contains("label: \"actor\"")).collect::<Vec<_>>();
    fs::write(folder.join("raid.ron"), empty.join("\n")).unwrap();
    wait_until(&mut looking_on, |session| number(session) == Some(0));
}

#[test]
fn a_schema_that_two_windows_change_at_once_keeps_the_first_change_and_tells_the_second() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut first = session(temporary.path());
    let other = AnnotatorName::new("other").unwrap();
    let mut second = Session::open(temporary.path(), Some(other), Arc::new(|| {})).unwrap();
    second.try_perform(Action::OpenArticle(article("raid"))).unwrap();
    mark(&mut second, "actor", "Several militants");
    second.wait_until_saved();
    let rename = |name: &str| {
        let migration = Migration::RenameLabel { from: label("actor"), to: label(name) };
        Action::Migrate(vec![migration], format!("Rename to {name}"))
    };
    // The second one has not seen the first one's change when it makes its own.
    first.try_perform(rename("agent")).unwrap();
    first.wait_until_migrated();
    assert_eq!(first.wait_until_saved(), SaveState::Saved);
    second.try_perform(rename("player")).unwrap();
    second.wait_until_migrated();
    let why: Vec<_> = second.take_notices().into_iter().map(|notice| notice.text).collect();
    let is_told = |why: &String| why.contains("make your change of the schema once more");
    assert!(why.iter().any(is_told), "{why:?}");
    // What does not build on it is saved all the same.
    second.try_perform(Action::OpenArticle(article("march"))).unwrap();
    second.try_perform(Action::SetState(State::Done)).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    drop((first, second));
    let again = Session::open(temporary.path(), None, Arc::new(|| {})).unwrap();
    assert!(again.schema().label(&label("agent")).is_some());
    assert!(again.schema().label(&label("player")).is_none());
    let text = fs::read_to_string(temporary.path().join("annotations/other/raid.ron")).unwrap();
    assert!(text.contains("label: \"agent\"") && text.contains("Several militants"), "{text}");
    let text = fs::read_to_string(temporary.path().join("annotations/other/march.ron")).unwrap();
    assert!(text.contains("state: done"), "{text}");
}

#[test]
fn a_correction_that_cannot_be_undone_any_more_keeps_nothing_else_from_being() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut first = session(temporary.path());
    mark(&mut first, "actor", "Several militants");
    correct(&mut first, "three hours", "four hours");
    first.wait_until_saved();
    drop(first);
    correct_elsewhere(temporary.path(), "four hours", "five hours");
    let mut second = session(temporary.path());
    run(&mut second, CommandId::Undo);
    assert!(text(&second).contains("five hours"));
    assert_eq!(annotations(&second).len(), 1);
    run(&mut second, CommandId::Undo);
    assert!(annotations(&second).is_empty(), "the step before it is undone");
    assert!(text(&second).contains("five hours"));
}
