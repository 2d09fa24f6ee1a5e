//! The headless application: what actions do, undo across articles and restarts,
//! migrations, and trouble on disk.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use copydesk::edit::Migration;
use copydesk::model::{AnnotatorName, Article, ArticleMeta, AttributeValue, State};
use copydesk::session::command::CommandId;
use copydesk::session::{Action, SaveState, Session, Weight};
use copydesk::store::{ProjectFolder, Writer};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use support::{
    annotations, annotator, article, attribute, label, project, range, relation, session, text,
};

/// How long a test waits for what goes on in the background; for what never comes.
const LIMIT: Duration = Duration::from_secs(120);

fn run(session: &mut Session, command: CommandId) {
    session.try_perform(Action::Command(command)).unwrap();
}

fn mark(session: &mut Session, id: &str, words: &str) {
    session.try_perform(Action::LabelRange(label(id), range(words))).unwrap();
}

/// Everything below a folder but the histories, as text.
fn annotation_files(root: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root.join("annotations")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_label_key_labels_then_relabels_then_arms() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut session = session(temporary.path());
    session.perform(Action::SelectText(Some(range("Several militants"))));
    session.perform(Action::Label(label("actor")));
    assert_eq!(annotations(&session), ["actor: Several militants"]);
    assert_eq!(session.set().unwrap().state(), State::InProgress);
    session.perform(Action::Label(label("claim")));
    assert_eq!(annotations(&session), ["claim: Several militants"]);
    session.perform(Action::SelectAnnotation(None));
    session.perform(Action::Label(label("location")));
    assert_eq!(session.armed(), Some(&label("location")));
    assert_eq!(session.set().unwrap().len(), 1);
}

#[test]
fn labelling_the_same_twice_makes_one_annotation() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut session = session(temporary.path());
    mark(&mut session, "actor", "Several militants");
    mark(&mut session, "actor", "Several militants");
    assert_eq!(annotations(&session).len(), 1);
}

#[test]
fn repeated_clicks_walk_through_overlaps_smallest_first() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut session = session(temporary.path());
    mark(&mut session, "casualty", "At least three police officers");
    mark(&mut session, "actor", "three police officers");
    mark(&mut session, "claim", "At least three police officers and a civilian were killed");
    session.perform(Action::SelectAnnotation(None));
    let at = range("police officers").start();
    let mut seen = Vec::new();
    for _ in 0..4 {
        session.perform(Action::ClickAt(at));
        let id = session.selection().annotation.unwrap();
        seen.push(session.set().unwrap().annotation(id).unwrap().label.to_string());
    }
    assert_eq!(seen, ["actor", "casualty", "claim", "actor"]);
    session.perform(Action::ClickAt(range("Friday").start()));
    assert_eq!(session.selection().annotation, None);
}

#[test]
fn undo_reaches_across_articles_and_restarts() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut first = session(temporary.path());
    mark(&mut first, "actor", "Several militants");
    let id = first.selection().annotation.unwrap();
    first.perform(Action::SetAttribute(id, attribute("kind"), text("rebel")));
    first.perform(Action::OpenArticle(article("march")));
    first.perform(Action::SetState(State::Done));
    assert_eq!(first.wait_until_saved(), SaveState::Saved);
    drop(first);

    let mut second = session(temporary.path());
    assert_eq!(second.history().undoable(), 3);
    run(&mut second, CommandId::Undo);
    assert_eq!(second.article().unwrap().article.id(), &article("march"));
    assert_eq!(second.set().unwrap().state(), State::Unseen);
    run(&mut second, CommandId::Undo);
    assert_eq!(second.article().unwrap().article.id(), &article("raid"));
    assert!(second.set().unwrap().annotation(id).unwrap().attributes.is_empty());
    run(&mut second, CommandId::Undo);
    assert!(second.set().unwrap().is_empty());
    second.wait_until_saved();
    drop(second);

    let mut third = session(temporary.path());
    for _ in 0..3 {
        run(&mut third, CommandId::Redo);
    }
    third.perform(Action::OpenArticle(article("raid")));
    let restored = third.set().unwrap().annotation(id).unwrap();
    assert_eq!(restored.attributes[&attribute("kind")], AttributeValue::Text("rebel".into()));
}

#[test]
fn what_was_saved_survives_without_closing() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut session = session(temporary.path());
    mark(&mut session, "actor", "Several militants");
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    // The process is gone without a goodbye.
    std::mem::forget(session);
    assert_eq!(annotations(&self::session(temporary.path())), ["actor: Several militants"]);
}

#[test]
fn parts_join_and_leave_an_annotation_that_keeps_its_id() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut session = session(temporary.path());
    mark(&mut session, "claim", "The operation");
    let id = session.selection().annotation.unwrap();
    session.perform(Action::SelectText(Some(range("is now over"))));
    run(&mut session, CommandId::AddRange);
    assert_eq!(annotations(&session), ["claim: The operation … is now over"]);
    assert_eq!(session.selection().annotation, Some(id));
    session.perform(Action::RemoveRange(id, 0));
    assert_eq!(annotations(&session), ["claim: is now over"]);
    run(&mut session, CommandId::StartEarlier);
    assert_eq!(annotations(&session), ["claim: said, “is now over"]);
    run(&mut session, CommandId::Undo);
    run(&mut session, CommandId::Undo);
    assert_eq!(annotations(&session), ["claim: The operation … is now over"]);
}

#[test]
fn relations_follow_the_schema_and_go_with_their_ends() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut session = session(temporary.path());
    mark(&mut session, "actor", "the adviser");
    let actor = session.selection().annotation.unwrap();
    mark(&mut session, "claim", "is now over");
    let claim = session.selection().annotation.unwrap();
    // Several types fit: the choice waits, whichever end it was started from.
    session.perform(Action::ProposeRelation(claim, actor));
    assert_eq!(session.selection().relation, Some((claim, actor)));
    session.perform(Action::Relate { kind: relation("source"), from: claim, to: actor });
    assert_eq!(session.set().unwrap().relations().count(), 1);
    session.perform(Action::Delete(actor));
    assert_eq!(session.set().unwrap().relations().count(), 0);
    run(&mut session, CommandId::Undo);
    assert_eq!(session.set().unwrap().relations_of(actor).count(), 1);
}

#[test]
fn relating_by_key_takes_the_next_annotation_that_is_clicked() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut session = session(temporary.path());
    mark(&mut session, "location", "Karachi");
    mark(&mut session, "location", "old town");
    run(&mut session, CommandId::Relate);
    session.perform(Action::ClickAt(range("Karachi").start()));
    let choices = session.selection().relation.is_some();
    let made = session.set().unwrap().relations().count() == 1;
    assert!(choices || made);
    assert_eq!(session.selection().relating_from, None);
}

#[test]
fn label_more_is_one_step_over_whole_words() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut session = session(temporary.path());
    mark(&mut session, "location", "Karachi");
    let offer = session.offer().unwrap().clone();
    assert_eq!(offer.places.len(), 1);
    session.perform(Action::LabelMore(offer.places));
    assert_eq!(annotations(&session), ["location: Karachi", "location: Karachi"]);
    run(&mut session, CommandId::Undo);
    assert_eq!(annotations(&session).len(), 1);
}

#[test]
fn what_is_to_be_checked_follows_every_step() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut session = session(temporary.path());
    let words = |session: &Session| -> Vec<String> {
        let found = session.lints().annotations();
        let found: Vec<_> =
            found.flat_map(|(id, _)| session.lints_of(id)).map(|lint| lint.what).collect();
        assert_eq!(session.lints().len(), found.len());
        assert!(session.lints().is_complete());
        found
    };
    mark(&mut session, "location", "Karachi");
    let other = session.selection().annotation.unwrap();
    assert!(session.lints().is_empty());
    mark(&mut session, "actor", "the adviser");
    let actor = session.selection().annotation.unwrap();
    mark(&mut session, "claim", "is now over");
    let claim = session.selection().annotation.unwrap();
    assert_eq!(words(&session), ["“is now over” has no source"]);
    session.perform(Action::Relate { kind: relation("source"), from: claim, to: actor });
    assert!(words(&session).is_empty());
    // A change at the far end of the relation.
    session.perform(Action::Delete(actor));
    assert_eq!(words(&session), ["“is now over” has no source"]);
    run(&mut session, CommandId::Undo);
    assert!(words(&session).is_empty());
    session.perform(Action::SetLabel(other, label("actor")));
    session.perform(Action::SetSpan(
        other,
        session.set().unwrap().annotation(actor).unwrap().span.clone(),
    ));
    assert_eq!(words(&session), ["“the adviser” is marked twice as actor"]);
    let merge = vec![Migration::MergeLabel { from: label("actor"), into: label("location") }];
    session.try_perform(Action::Migrate(merge, "Merge actor".into())).unwrap();
    session.wait_until_migrated();
    assert!(words(&session).contains(&"“the adviser” is marked twice as location".to_owned()));
    session.perform(Action::OpenArticle(article("march")));
    assert!(words(&session).is_empty());
}

#[test]
fn a_migration_reaches_every_annotator_and_is_one_step() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut session = session(temporary.path());
    mark(&mut session, "actor", "Several militants");
    session.perform(Action::SwitchAnnotator(AnnotatorName::new("other").unwrap()));
    mark(&mut session, "actor", "the adviser");
    session.wait_until_saved();
    let before = annotation_files(temporary.path());
    let merge = vec![Migration::MergeLabel { from: label("actor"), into: label("location") }];
    let preview = session.preview_migration(&merge).wait().unwrap();
    assert_eq!((preview.changed, preview.places.len()), (2, 2));
    session.try_perform(Action::Migrate(merge, "Merge actor".into())).unwrap();
    session.wait_until_migrated();
    session.wait_until_saved();
    assert!(session.schema().label(&label("actor")).is_none());
    let after = annotation_files(temporary.path());
    assert!(after.iter().all(|(_, text)| !text.contains("\"actor\"")));
    run(&mut session, CommandId::Undo);
    session.wait_until_migrated();
    session.wait_until_saved();
    assert!(session.schema().label(&label("actor")).is_some());
    let labels = |files: &[(String, String)]| {
        files.iter().filter(|(_, text)| text.contains("\"actor\"")).count()
    };
    assert_eq!(labels(&annotation_files(temporary.path())), labels(&before));
}

/// A project with an actor in the march, and a session that has read it for a preview.
fn previewed(root: &Path) -> Session {
    project(root);
    let mut first = session(root);
    first.try_perform(Action::OpenArticle(article("march"))).unwrap();
    let words = first.article().unwrap().article.text().chars().take(5).collect::<String>();
    let range = copydesk::text::TextRange::at(0.into(), (words.len() as u32).into());
    first.try_perform(Action::LabelRange(label("actor"), range)).unwrap();
    first.wait_until_saved();
    drop(first);
    let session = session(root);
    let merge = vec![Migration::MergeLabel { from: label("actor"), into: label("location") }];
    assert_eq!(session.preview_migration(&merge).wait().unwrap().changed, 1);
    session
}

/// Changes the label in the file of the march, as another program would.
fn relabel_elsewhere(root: &Path, from: &str, to: &str) {
    let file = root.join("annotations/tester/march.ron");
    let before = fs::read_to_string(&file).unwrap();
    let after = before.replace(&format!("\"{from}\""), &format!("\"{to}\""));
    assert_ne!(before, after);
    fs::write(&file, after).unwrap();
}

fn wait_for_label(session: &mut Session, id: &str) {
    let is_there = |session: &Session| annotations(session)[0].starts_with(id);
    let limit = Instant::now() + LIMIT;
    loop {
        session.poll();
        if is_there(session) {
            return;
        }
        let there = annotations(session);
        assert!(Instant::now() < limit, "{id} never came: {there:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_set_that_a_preview_has_read_is_opened_as_it_is_now_and_followed() {
    let temporary = tempfile::tempdir().unwrap();
    let mut session = previewed(temporary.path());
    relabel_elsewhere(temporary.path(), "actor", "claim");
    session.try_perform(Action::OpenArticle(article("march"))).unwrap();
    assert!(annotations(&session)[0].starts_with("claim"));
    relabel_elsewhere(temporary.path(), "claim", "location");
    wait_for_label(&mut session, "location");
}

#[test]
fn a_set_that_is_opened_while_another_is_being_saved_is_read_again_and_followed() {
    let temporary = tempfile::tempdir().unwrap();
    let mut session = previewed(temporary.path());
    relabel_elsewhere(temporary.path(), "actor", "claim");
    session.try_perform(Action::SetState(State::Done)).unwrap();
    session.try_perform(Action::OpenArticle(article("march"))).unwrap();
    wait_for_label(&mut session, "claim");
    relabel_elsewhere(temporary.path(), "claim", "location");
    wait_for_label(&mut session, "location");
}

#[test]
fn a_file_behind_its_history_is_worth_a_note_and_no_warning() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut first = session(temporary.path());
    mark(&mut first, "actor", "Several militants");
    first.wait_until_saved();
    let file = temporary.path().join("annotations/tester/raid.ron");
    let before = fs::read(&file).unwrap();
    mark(&mut first, "actor", "the adviser");
    first.wait_until_saved();
    drop(first);
    fs::write(&file, before).unwrap();
    let mut session = session(temporary.path());
    assert_eq!(annotations(&session).len(), 2);
    let notices = session.take_notices();
    let words = "the history is 1 step ahead of the annotation file, which follows";
    let told = notices.iter().find(|notice| notice.text.contains(words));
    assert_eq!(told.map(|notice| notice.weight), Some(Weight::Info), "{notices:?}");
}

#[test]
fn an_annotation_file_that_cannot_be_read_makes_the_article_read_only() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let file = temporary.path().join("annotations/tester/raid.ron");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "(format: 1, article: \"raid\", nonsense").unwrap();
    let mut session = session(temporary.path());
    assert!(session.article().unwrap().read_only.is_some());
    let notices = session.take_notices();
    assert!(notices.iter().any(|notice| {
        notice.weight == Weight::Error && notice.text.contains("annotations/tester/raid.ron")
    }));
    let refused = session.try_perform(Action::LabelRange(label("actor"), range("Friday")));
    assert!(refused.is_err());
    session.perform(Action::OpenArticle(article("march")));
    session.try_perform(Action::SetState(State::Done)).unwrap();
    session.wait_until_saved();
    assert_eq!(fs::read_to_string(&file).unwrap(), "(format: 1, article: \"raid\", nonsense");
}

/// Waits, without asking for anything, until saving that failed has been done after all.
#[track_caller]
fn wait_until_all_is_saved(session: &Session) {
    let limit = Instant::now() + LIMIT;
    while session.save_state() != SaveState::Saved {
        assert!(Instant::now() < limit, "never saved: {:?}", session.save_state());
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_vanished_folder_keeps_the_work_until_it_is_back() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    project(&root);
    let mut session = session(&root);
    let away = temporary.path().join("away");
    fs::rename(&root, &away).unwrap();
    mark(&mut session, "actor", "Several militants");
    assert!(matches!(session.wait_until_saved(), SaveState::Failed(_)));
    assert_eq!(annotations(&session).len(), 1);
    fs::rename(&away, &root).unwrap();
    session.retry_saving();
    wait_until_all_is_saved(&session);
    drop(session);
    assert_eq!(annotations(&self::session(&root)), ["actor: Several militants"]);
}

#[test]
fn what_is_said_while_nothing_can_be_saved_is_taken_back_when_it_can() {
    let temporary = tempfile::tempdir().unwrap();
    let (root, away) = (temporary.path().join("project"), temporary.path().join("away"));
    project(&root);
    let mut session = session(&root);
    fs::rename(&root, &away).unwrap();
    mark(&mut session, "actor", "Several militants");
    assert!(matches!(session.wait_until_saved(), SaveState::Failed(_)));
    session.perform(Action::SwitchAnnotator(AnnotatorName::new("other").unwrap()));
    session.perform(Action::OpenArticle(article("march")));
    // A refusal that has nothing to do with it stays.
    session.perform(Action::SwitchAnnotator(AnnotatorName::new("TESTER").unwrap()));
    session.poll();
    let said = session.take_notices();
    let unsaved = said.iter().find(|notice| notice.text.starts_with("not everything is saved"));
    assert_eq!(unsaved.unwrap().weight, Weight::Error);
    let stays = said.iter().find(|notice| notice.text.contains("would be the same folder"));
    assert!(session.take_withdrawn().is_empty());
    fs::rename(&away, &root).unwrap();
    session.retry_saving();
    wait_until(&mut session, |session| session.save_state() == SaveState::Saved);
    session.poll();
    let withdrawn = session.take_withdrawn();
    assert!(withdrawn.contains(unsaved.unwrap()), "{withdrawn:?}");
    let away = said.iter().filter(|notice| notice.text.starts_with("the project's folder has"));
    let away: Vec<_> = away.collect();
    assert!(!away.is_empty() && away.iter().all(|notice| withdrawn.contains(notice)), "{away:?}");
    assert!(!withdrawn.contains(stays.unwrap()));
}

#[test]
fn search_finds_in_the_article_and_across_the_project() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut session = session(temporary.path());
    session.perform(Action::Find("POLICE".into()));
    assert_eq!(session.search().hits().len(), 5);
    session.perform(Action::FindInProject("quetta".into()));
    while session.search().progress().is_some() {
        session.poll();
    }
    assert_eq!(session.search().hits().len(), 2);
    session.perform(Action::GoToHit(0));
    assert_eq!(session.article().unwrap().article.id(), &article("march"));
    assert_eq!(session.search().here().len(), 2);
}

#[test]
fn done_and_next_goes_through_what_is_unfinished() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut session = session(temporary.path());
    run(&mut session, CommandId::DoneAndNext);
    assert_eq!(session.article().unwrap().article.id(), &article("march"));
    run(&mut session, CommandId::DoneAndNext);
    assert_eq!(session.catalogue().done(), 2);
    assert_eq!(session.article().unwrap().article.id(), &article("march"));
}

#[test]
fn opening_what_is_no_project_says_so() {
    let temporary = tempfile::tempdir().unwrap();
    let refused = Session::open(temporary.path(), None, Arc::new(|| {}));
    let message = refused.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(message.contains("copydesk new") || message.contains("project"), "{message}");
}

/// Waits until something is so, for what goes on in the background.
#[track_caller]
fn wait_until(session: &mut Session, mut is_so: impl FnMut(&mut Session) -> bool) {
    let limit = Instant::now() + LIMIT;
    loop {
        session.poll();
        if is_so(session) {
            return;
        }
        assert!(Instant::now() < limit, "what the test waits for here never came");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_step_on_what_cannot_be_read_any_more_stops_nobody_else() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut first = session(temporary.path());
    mark(&mut first, "actor", "Several militants");
    first.wait_until_saved();
    drop(first);
    let mut second = session(temporary.path());
    let file = temporary.path().join("annotations/tester/raid.ron");
    let conflict = "<<<<<<< ours\n";
    fs::write(&file, conflict).unwrap();
    let shown = second.set().unwrap().annotations().next().unwrap().id;
    second.perform(Action::SetNote(shown, "look".into()));
    assert!(matches!(second.wait_until_saved(), SaveState::Failed(_)));
    second.perform(Action::OpenArticle(article("march")));
    second.perform(Action::SetState(State::Done));
    let march = temporary.path().join("annotations/tester/march.ron");
    wait_until(&mut second, |_| march.exists());
    assert!(fs::read_to_string(march).unwrap().contains("state: done"));
    assert!(matches!(second.save_state(), SaveState::Failed(_)), "it is still said");
    assert_eq!(fs::read_to_string(&file).unwrap(), conflict);
}

#[test]
fn an_annotation_that_was_deleted_elsewhere_while_it_was_changed_here_stays_and_is_told() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut session = session(temporary.path());
    mark(&mut session, "actor", "Several militants");
    session.wait_until_saved();
    let shown = session.set().unwrap().annotations().next().unwrap().id;
    // Somebody else takes the annotation away while it is shown here.
    fs::remove_file(temporary.path().join("annotations/tester/raid.ron")).unwrap();
    fs::remove_file(temporary.path().join("history/tester/raid.ron")).unwrap();
    session.perform(Action::SetNote(shown, "look".into()));
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    wait_until(&mut session, |session| !session.conflicts().is_empty());
    assert!(session.take_conflict_question());
    assert_eq!(session.set().unwrap().annotation(shown).unwrap().note, "look");
    let aside = temporary.path().join("annotations/tester/raid.ron.theirs-1");
    assert!(aside.exists());
    session.try_perform(Action::SettleConflicts(vec![0])).unwrap();
    assert!(session.conflicts().is_empty());
    assert_eq!(session.set().unwrap().annotation(shown), None);
    run(&mut session, CommandId::Undo);
    assert_eq!(session.set().unwrap().annotation(shown).unwrap().note, "look");
}

#[test]
fn annotations_that_somebody_else_deleted_are_told_with_the_way_to_get_them_back() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut first = session(temporary.path());
    mark(&mut first, "actor", "Several militants");
    mark(&mut first, "actor", "officials");
    first.wait_until_saved();
    let other = AnnotatorName::new("other").unwrap();
    let mut second = Session::open(temporary.path(), Some(other), Arc::new(|| {})).unwrap();
    let delete = vec![Migration::DeleteLabel(label("actor"))];
    second.try_perform(Action::Migrate(delete, "Delete the label actor".into())).unwrap();
    second.wait_until_migrated();
    assert_eq!(second.wait_until_saved(), SaveState::Saved);
    let told = |session: &mut Session, text: &str| {
        let mut texts: Vec<String> = Vec::new();
        wait_until(session, |session| {
            texts.extend(session.take_notices().into_iter().map(|notice| notice.text));
            texts.iter().any(|told| told == text)
        });
        texts
    };
    let texts = told(
        &mut first,
        "2 annotations deleted by other (“Delete the label actor”); to get them back, that has \
         to be undone there",
    );
    assert!(!texts.iter().any(|text| text.contains("disk: 2 annotations")), "{texts:?}");
    assert!(annotations(&first).is_empty());
    run(&mut second, CommandId::Undo);
    second.wait_until_migrated();
    assert_eq!(second.wait_until_saved(), SaveState::Saved);
    wait_until(&mut first, |first| annotations(first).len() == 2);
    // Somebody's file of another day says nothing of who it was.
    first.wait_until_saved();
    for kind in ["annotations", "history"] {
        fs::remove_file(temporary.path().join(kind).join("tester/raid.ron")).unwrap();
    }
    wait_until(&mut first, |first| annotations(first).is_empty());
    told(
        &mut first,
        "2 annotations were deleted on disk; to get them back, restore the annotation file of \
         tester from a copy or from git",
    );
}

#[test]
fn a_second_window_looks_on_and_may_take_over() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut first = session(temporary.path());
    mark(&mut first, "actor", "Several militants");
    first.wait_until_saved();
    let mut second = session(temporary.path());
    assert!(second.take_lock_question());
    let process = format!("tester is being edited by process {} on host", std::process::id());
    assert!(second.blocked_words().starts_with(&process), "{}", second.blocked_words());
    let refused = second.try_perform(Action::LabelRange(label("actor"), range("Friday")));
    assert!(refused.unwrap_err().to_string().contains("read-only"));
    for command in [CommandId::Undo, CommandId::MarkDone] {
        assert!(second.try_perform(Action::Command(command)).is_err());
    }
    // It follows what the first one does.
    mark(&mut first, "location", "Karachi");
    wait_until(&mut second, |second| second.set().unwrap().len() == 2);
    let texts: Vec<_> = second.take_notices().into_iter().map(|notice| notice.text).collect();
    assert!(texts.contains(&"Updated from disk: 1 annotation".to_owned()), "{texts:?}");
    // Under another name it may work.
    second.perform(Action::SwitchAnnotator(AnnotatorName::new("other").unwrap()));
    assert!(second.blocked().is_none());
    second.perform(Action::SwitchAnnotator(annotator()));
    assert!(second.blocked().is_some());
    second.try_perform(Action::TakeOver).unwrap();
    mark(&mut second, "actor", "the adviser");
    // The first one does not know yet, and what it does is not lost.
    mark(&mut first, "actor", "officials");
    wait_until(&mut first, |first| first.blocked().is_some_and(|blocked| blocked.was_taken));
    assert!(first.try_perform(Action::SetState(State::Done)).is_err());
    for session in [&mut first, &mut second] {
        wait_until(session, |session| session.set().unwrap().len() == 4);
        session.wait_until_saved();
    }
    drop((first, second));
    assert_eq!(annotations(&session(temporary.path())).len(), 4);
}

#[test]
fn what_others_do_to_the_project_is_followed() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut session = session(temporary.path());
    let folder = ProjectFolder::open(temporary.path()).unwrap().folder;
    let new = Article::new(article("new"), ArticleMeta::default(), "Something new");
    folder.add_article(&new).unwrap();
    Writer::new(folder).add_annotator(&AnnotatorName::new("somebody").unwrap()).unwrap();
    wait_until(&mut session, |session| session.catalogue().entries().len() == 3);
    wait_until(&mut session, |session| session.project().annotators.len() == 2);
    fs::remove_file(temporary.path().join("articles/new.ron")).unwrap();
    wait_until(&mut session, |session| session.catalogue().entries().len() == 2);
    session.wait_until_listed();
    // What is written here is not taken for somebody else's.
    session.take_notices();
    for words in ["Several militants", "Karachi", "officials"] {
        mark(&mut session, "actor", words);
        session.wait_until_saved();
        std::thread::sleep(Duration::from_millis(300));
        session.poll();
    }
    assert_eq!(session.take_notices(), vec![]);
    // An annotation file from git, with a last step that nobody here did.
    let file = temporary.path().join("annotations/tester/raid.ron");
    let text = fs::read_to_string(&file).unwrap();
    let line = text.lines().find(|line| line.contains("Karachi")).unwrap();
    let theirs = text.replace(line, "");
    let step = theirs.find("step: \"").unwrap() + 7;
    let theirs = format!("{}zzzzzzzzz1{}", &theirs[..step], &theirs[step + 10..]);
    fs::write(&file, theirs).unwrap();
    wait_until(&mut session, |session| session.set().unwrap().len() == 2);
    mark(&mut session, "location", "Friday");
    session.wait_until_saved();
    drop(session);
    let again = self::session(temporary.path());
    assert_eq!(annotations(&again).len(), 3);
    drop(again);
    fs::remove_file(&file).unwrap();
    assert_eq!(annotations(&self::session(temporary.path())).len(), 3, "the history is whole");
}

#[test]
fn an_article_that_cannot_be_read_is_passed_over() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    fs::write(temporary.path().join("articles/march.ron"), "nonsense").unwrap();
    let mut session = session(temporary.path());
    run(&mut session, CommandId::NextUnfinished);
    assert_eq!(session.article().unwrap().article.id(), &article("raid"));
    session.perform(Action::OpenArticle(article("march")));
    assert!(session.take_notices().iter().any(|notice| notice.text.contains("articles/march.ron")));
}

#[test]
fn an_undo_while_the_folder_is_away_is_not_lost() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    project(&root);
    let mut session = session(&root);
    mark(&mut session, "actor", "Several militants");
    session.perform(Action::OpenArticle(article("march")));
    session.wait_until_saved();
    let away = temporary.path().join("away");
    fs::rename(&root, &away).unwrap();
    session.perform(Action::Command(CommandId::Undo));
    fs::rename(&away, &root).unwrap();
    // Whether it was done then or is only done now, once the folder is back it can be.
    if session.history().to_undo().is_some() {
        run(&mut session, CommandId::Undo);
    }
    session.retry_saving();
    wait_until_all_is_saved(&session);
    drop(session);
    assert!(annotations(&self::session(&root)).is_empty());
}

/// Waits until the session says something.
#[track_caller]
fn wait_until_said(session: &mut Session, words: &str) {
    let limit = Instant::now() + LIMIT;
    let mut told = Vec::new();
    loop {
        session.poll();
        told.extend(session.take_notices().into_iter().map(|notice| notice.text));
        if told.iter().any(|text| text.contains(words)) {
            return;
        }
        assert!(Instant::now() < limit, "“{words}” was never said, but {told:?}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_large_history_is_compacted_when_asked_for_and_when_its_article_is_opened() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut first = session(temporary.path());
    let file = temporary.path().join(format!("history/{}/{}.ron", annotator(), article("raid")));
    let note = "why ".repeat(20_000);
    mark(&mut first, "actor", "Several militants");
    let id = first.selection().annotation.unwrap();
    let mut steps = 1;
    let mut long = |session: &mut Session, megabytes: u64| {
        for number in 0..megabytes * 7 {
            let note = format!("{note}{steps}.{number}");
            session.try_perform(Action::SetNote(id, note)).unwrap();
            steps += 1;
        }
        assert_eq!(session.wait_until_saved(), SaveState::Saved);
        steps
    };
    run(&mut first, CommandId::CompactHistories);
    wait_until_said(&mut first, "No history is long enough");
    long(&mut first, 2);
    run(&mut first, CommandId::CompactHistories);
    wait_until_said(&mut first, "1 history compacted: ");
    let archive = |number: u32| file.with_extension(format!("ron.old-{number}"));
    assert!(archive(1).exists() && fs::metadata(&file).unwrap().len() < 2 << 20);
    let steps = long(&mut first, 6);
    drop(first);
    let mut second = session(temporary.path());
    let limit = Instant::now() + LIMIT;
    loop {
        let bytes = fs::metadata(&file).unwrap().len();
        if archive(2).exists() && bytes < 2 << 20 {
            break;
        }
        assert!(Instant::now() < limit, "never compacted: {bytes} bytes");
        std::thread::sleep(Duration::from_millis(2));
    }
    second.wait_for_history();
    for _ in 0..steps {
        run(&mut second, CommandId::Undo);
    }
    assert!(second.set().unwrap().is_empty());
    assert_eq!(second.wait_until_saved(), SaveState::Saved);
    assert_eq!(second.take_notices().iter().filter(|one| one.weight != Weight::Info).count(), 0);
}

#[test]
#[cfg(target_os = "linux")]
fn a_read_only_window_writes_again_by_itself_once_the_other_is_closed_or_dead() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let first = session(temporary.path());
    let mut second = session(temporary.path());
    assert!(second.blocked().is_some());
    let refused = second.try_perform(Action::SetState(State::Done)).unwrap_err();
    drop(first);
    wait_until(&mut second, |second| second.blocked().is_none());
    let withdrawn = second.take_withdrawn();
    assert!(withdrawn.iter().any(|notice| notice.text == refused.to_string()), "{withdrawn:?}");
    second.try_perform(Action::SetState(State::Done)).unwrap();
    assert_eq!(second.wait_until_saved(), SaveState::Saved);
    drop(second);
    // One that is killed leaves its note behind, and its lock goes with it.
    let locks = temporary.path().join(".copydesk/locks");
    let lock = fs::File::create(locks.join("tester.lock")).unwrap();
    lock.lock().unwrap();
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    let host = host.trim();
    let note = format!(
        "(host: {host:?}, process: 0, since: \"2026-01-01T00:00:00Z\", program: \"copydesk\", \
         nonce: 7)\n"
    );
    fs::write(locks.join("tester.ron"), note).unwrap();
    let mut third = session(temporary.path());
    assert!(third.blocked().is_some());
    drop(lock);
    wait_until(&mut third, |third| third.blocked().is_none());
}

#[test]
fn a_name_that_differs_in_capitals_alone_is_refused() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut session = session(temporary.path());
    let name = AnnotatorName::new("Tester").unwrap();
    let refused = session.try_perform(Action::SwitchAnnotator(name.clone())).unwrap_err();
    assert!(refused.to_string().contains("there is an annotator tester already"), "{refused}");
    assert_eq!(session.annotator(), &annotator());
    drop(session);
    assert!(Session::open(temporary.path(), Some(name), Arc::new(|| {})).is_err());
}

/// A sync or a checkout that takes an annotation file away for a moment deletes nothing,
/// although its history need not begin with what it had.
#[test]
fn an_annotation_file_that_is_away_for_a_while_deletes_nothing() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let (set, history) = ("annotations/tester/raid.ron", "history/tester/raid.ron");
    let [set, history] = [set, history].map(|file| temporary.path().join(file));
    let mut first = session(temporary.path());
    mark(&mut first, "actor", "Several militants");
    mark(&mut first, "location", "Karachi");
    assert_eq!(first.wait_until_saved(), SaveState::Saved);
    drop(first);
    // As sets are that came with an import.
    let text = fs::read_to_string(&set).unwrap();
    let text: Vec<_> = text.lines().filter(|line| !line.trim().starts_with("step")).collect();
    fs::write(&set, text.join("\n") + "\n").unwrap();
    fs::remove_file(&history).unwrap();
    let mut session = session(temporary.path());
    mark(&mut session, "claim", "The operation");
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    let whole = annotations(&session);
    assert_eq!(whole.len(), 3);
    let kept = fs::read(&set).unwrap();
    for is_brought_back in [true, false] {
        fs::remove_file(&set).unwrap();
        // Longer than the window needs to see it, which no test can wait for: nothing happens.
        let until = Instant::now() + Duration::from_secs(3);
        while Instant::now() < until {
            session.poll();
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(annotations(&session), whole);
        if is_brought_back {
            fs::write(&set, &kept).unwrap();
        }
    }
    mark(&mut session, "casualty", "civilian");
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    assert_eq!(annotations(&session).len(), 4);
    drop(session);
    assert_eq!(annotations(&self::session(temporary.path())).len(), 4);
    assert!(!fs::read_to_string(&history).unwrap().contains("Changed on disk"));
}

/// A disk that was full when the window opened has room some day.
#[test]
fn a_lock_that_could_not_be_taken_is_taken_later() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let locks = temporary.path().join(".copydesk/locks");
    let _ = fs::remove_dir_all(&locks);
    fs::create_dir_all(temporary.path().join(".copydesk")).unwrap();
    fs::write(&locks, "in the way").unwrap();
    let mut first = session(temporary.path());
    let said = first.take_notices();
    assert!(
        said.iter().any(|notice| notice.text.starts_with("No lock could be taken")),
        "{said:?}"
    );
    fs::remove_file(&locks).unwrap();
    wait_until(&mut first, |first| !first.take_withdrawn().is_empty());
    assert!(first.blocked().is_none());
    assert!(session(temporary.path()).blocked().is_some(), "it is held");
}
