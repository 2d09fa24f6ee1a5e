//! Trouble with the disk while the window is open: what is not saved stays in memory, is
//! said plainly, is tried again, and can be saved elsewhere.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

mod support;

use copydesk::edit::SchemaDraft;
use copydesk::model::{AnnotatorName, Article, ArticleMeta, State};
use copydesk::session::command::CommandId;
use copydesk::session::{Action, Copied, Missing, SaveState, Session};
use copydesk::store::{ProjectFolder, check};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use support::{annotations, article, label, project, range};

fn mark(session: &mut Session, id: &str, words: &str) {
    session.try_perform(Action::LabelRange(label(id), range(words))).unwrap();
}

/// Waits, as the window does, until saving stands where it should.
fn wait_until(session: &Session, is_so: impl Fn(&SaveState) -> bool) -> SaveState {
    let until = Instant::now() + Duration::from_secs(120);
    while !is_so(&session.save_state()) && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(5));
    }
    session.save_state()
}

fn has_failed(state: &SaveState) -> bool {
    matches!(state, SaveState::Failed(_))
}

fn copy(session: &mut Session, root: &Path) -> Result<Copied, String> {
    session.save_elsewhere(root);
    let until = Instant::now() + Duration::from_secs(120);
    while Instant::now() < until {
        if let Some(made) = session.take_copy() {
            return made;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    panic!("the copy takes for ever");
}

/// What the steps of a history are called, in the order of its lines.
fn steps(history: &Path) -> Vec<String> {
    let text = fs::read_to_string(history).unwrap();
    let what = |line: &str| Some(line.split_once("what: \"")?.1.split_once('"')?.0.to_owned());
    text.lines().map(|line| what(line).unwrap()).collect()
}

fn faults(root: &Path) -> Vec<String> {
    let folder = ProjectFolder::open(root).unwrap().folder;
    let found = check(&folder, &mut |_, _| {});
    found.iter().filter(|found| found.is_fault).map(ToString::to_string).collect()
}

#[test]
fn a_vanished_folder_is_named_and_saved_to_by_itself_when_it_is_back() {
    let temporary = tempfile::tempdir().unwrap();
    let (root, away) = (temporary.path().join("project"), temporary.path().join("away"));
    project(&root);
    let mut session = support::session(&root);
    fs::rename(&root, &away).unwrap();
    mark(&mut session, "actor", "Several militants");
    let SaveState::Failed(why) = wait_until(&session, has_failed) else { panic!("it was saved") };
    assert!(why.contains("vanished") && why.contains("connect the drive"), "{why}");
    mark(&mut session, "claim", "The operation");
    session.perform(Action::Command(CommandId::Undo));
    fs::rename(&away, &root).unwrap();
    // Nobody asks for it.
    assert_eq!(wait_until(&session, |state| *state == SaveState::Saved), SaveState::Saved);
    drop(session);
    assert_eq!(annotations(&support::session(&root)), ["actor: Several militants"]);
    assert_eq!(faults(&root), Vec::<String>::new());
}

#[test]
#[cfg(unix)]
fn a_folder_that_may_not_be_written_is_named_until_it_may() {
    use std::os::unix::fs::PermissionsExt;
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let history = temporary.path().join("history");
    let allow = |mode| fs::set_permissions(&history, fs::Permissions::from_mode(mode)).unwrap();
    allow(0o555);
    if fs::write(history.join("probe"), "").is_ok() {
        allow(0o755);
        eprintln!("SKIPPED: this user may write everywhere, so nothing can be forbidden");
        return;
    }
    let mut session = support::session(temporary.path());
    mark(&mut session, "actor", "Several militants");
    let SaveState::Failed(why) = wait_until(&session, has_failed) else { panic!("it was saved") };
    assert!(why.contains("access was refused") && why.contains("give yourself"), "{why}");
    allow(0o755);
    assert_eq!(wait_until(&session, |state| *state == SaveState::Saved), SaveState::Saved);
}

#[test]
fn undo_goes_by_the_order_of_lines_when_the_clock_jumps_back() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut first = support::session(temporary.path());
    mark(&mut first, "actor", "Several militants");
    mark(&mut first, "claim", "The operation");
    first.wait_until_saved();
    drop(first);
    // The second line is a year older than the first, and the third is from now.
    let file = temporary.path().join("history/tester/raid.ron");
    let text = fs::read_to_string(&file).unwrap();
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    let at = lines[1].find("at: \"").unwrap() + 5;
    lines[1].replace_range(at..at + 4, "1999");
    fs::write(&file, lines.join("\n") + "\n").unwrap();
    let mut second = support::session(temporary.path());
    second.perform(Action::Command(CommandId::Undo));
    assert_eq!(annotations(&second), ["actor: Several militants"]);
    second.wait_until_saved();
    drop(second);
    let third = support::session(temporary.path());
    assert_eq!(third.history().undoable(), 1);
    assert_eq!(annotations(&third), ["actor: Several militants"]);
}

#[test]
fn what_cannot_be_saved_is_saved_elsewhere_with_its_history() {
    let temporary = tempfile::tempdir().unwrap();
    let (root, copied) = (temporary.path().join("project"), temporary.path().join("copy"));
    project(&root);
    let mut session = support::session(&root);
    mark(&mut session, "actor", "Several militants");
    session.perform(Action::OpenArticle(article("march")));
    session.perform(Action::SetState(State::Done));
    session.perform(Action::OpenArticle(article("raid")));
    session.wait_until_saved();
    // A folder where a file belongs: histories cannot be appended to any more.
    let history = root.join("history/tester/raid.ron");
    let kept = fs::read(&history).unwrap();
    fs::remove_file(&history).unwrap();
    fs::create_dir(&history).unwrap();
    mark(&mut session, "claim", "The operation");
    let mut draft = SchemaDraft::of(session.schema());
    draft.labels[0].name = "Actors".to_owned();
    let plan = draft.plan(session.schema()).unwrap();
    session.perform(Action::Migrate(plan, "Rename".to_owned()));
    assert!(has_failed(&wait_until(&session, has_failed)));
    let made = copy(&mut session, &copied).unwrap();
    let lost = Missing::History((article("raid"), session.annotator().clone()));
    assert!(made.missing.contains(&lost), "{made:?}");
    assert!(made.words().contains("only a part"), "{}", made.words());
    assert_eq!(faults(&copied), Vec::<String>::new());
    let lines = steps(&copied.join("history/tester/raid.ron"));
    assert_eq!(lines[1..], ["Label as Claim"], "{lines:?}");
    assert_eq!(steps(&copied.join("history/project.ron")), ["Rename"]);
    let mut there = support::session(&copied);
    assert_eq!(annotations(&there), annotations(&session));
    assert_eq!(there.schema(), session.schema());
    there.perform(Action::Command(CommandId::Undo));
    assert_eq!(there.wait_until_saved(), SaveState::Saved);
    there.perform(Action::OpenArticle(article("march")));
    assert_eq!(there.set().unwrap().state(), State::Done);
    // The old folder is none the worse.
    fs::remove_dir(&history).unwrap();
    fs::write(&history, kept).unwrap();
    drop(session);
    assert_eq!(faults(&root), Vec::<String>::new());
}

#[test]
fn the_work_of_a_project_that_is_gone_is_saved_elsewhere() {
    let temporary = tempfile::tempdir().unwrap();
    let (root, copied) = (temporary.path().join("project"), temporary.path().join("copy"));
    project(&root);
    let mut session = support::session(&root);
    mark(&mut session, "actor", "Several militants");
    session.wait_until_saved();
    fs::remove_dir_all(&root).unwrap();
    mark(&mut session, "claim", "The operation");
    assert!(has_failed(&wait_until(&session, has_failed)));
    let made = copy(&mut session, &copied).unwrap();
    assert!(!made.is_whole());
    let (raid, march) = (article("raid"), article("march"));
    let me = session.annotator().clone();
    assert!(made.missing.contains(&Missing::Article(march)), "{:?}", made.missing);
    assert!(made.missing.contains(&Missing::History((raid, me))), "{:?}", made.missing);
    let others = made.missing.iter().filter(|one| matches!(one, Missing::Other(_)));
    assert_eq!(others.count(), 1, "the folder is away, which is said once: {:?}", made.missing);
    assert_eq!(faults(&copied), Vec::<String>::new());
    let there = support::session(&copied);
    assert_eq!(annotations(&there), annotations(&session));
    assert!(!root.exists());
}

#[test]
fn a_copy_goes_into_an_empty_folder_only() {
    let temporary = tempfile::tempdir().unwrap();
    let (root, full) = (temporary.path().join("project"), temporary.path().join("full"));
    project(&root);
    project(&full);
    let mut session = support::session(&root);
    assert!(copy(&mut session, &full).unwrap_err().contains("is a Copydesk project already"));
    assert_eq!(faults(&full), Vec::<String>::new());
}

#[test]
fn a_copy_inside_the_project_or_around_it_is_refused_by_name() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("above/project");
    project(&root);
    let mut session = support::session(&root);
    for inside in [root.clone(), root.join("copy/deeper")] {
        let why = copy(&mut session, &inside).unwrap_err();
        assert!(why.contains("lies inside the project") && why.contains("beside"), "{why}");
    }
    assert!(!root.join("copy").exists());
    // Also while the drive that it lies on is away, and the folder above it is empty.
    fs::remove_dir_all(&root).unwrap();
    let why = copy(&mut session, &temporary.path().join("above")).unwrap_err();
    assert!(why.contains("holds the project"), "{why}");
    assert_eq!(fs::read_dir(temporary.path().join("above")).unwrap().count(), 0);
}

#[test]
fn a_drive_that_is_away_and_leaves_an_empty_folder_is_no_whole_project() {
    let temporary = tempfile::tempdir().unwrap();
    let (root, copied) = (temporary.path().join("project"), temporary.path().join("copy"));
    project(&root);
    let other = AnnotatorName::new("other").unwrap();
    let mut colleague = Session::open(&root, Some(other), Arc::new(|| {})).unwrap();
    colleague.try_perform(Action::OpenArticle(article("march"))).unwrap();
    colleague.try_perform(Action::SetState(State::Done)).unwrap();
    assert_eq!(colleague.wait_until_saved(), SaveState::Saved);
    drop(colleague);
    let mut session = support::session(&root);
    session.try_perform(Action::OpenArticle(article("march"))).unwrap();
    session.try_perform(Action::SetState(State::Done)).unwrap();
    session.try_perform(Action::OpenArticle(article("raid"))).unwrap();
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    session.wait_until_listed();
    fs::remove_dir_all(&root).unwrap();
    fs::create_dir(&root).unwrap();
    mark(&mut session, "actor", "Several militants");
    let made = copy(&mut session, &copied).unwrap();
    let told: Vec<_> = made.missing.iter().map(|one| one.words(ToString::to_string)).collect();
    assert!(told.contains(&"All that other did, as far as there is any".to_owned()), "{told:?}");
    assert!(!told.iter().any(|line| line.contains("tester in raid")), "{told:?}");
    assert_eq!(annotations(&support::session(&copied)), ["actor: Several militants"]);
}

#[test]
fn an_article_that_somebody_took_away_does_not_keep_the_rest_from_being_saved() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut session = support::session(temporary.path());
    let (file, away) = (temporary.path().join("articles/raid.ron"), temporary.path().join("away"));
    fs::rename(&file, &away).unwrap();
    mark(&mut session, "actor", "Several militants");
    wait_until(&session, has_failed);
    session.try_perform(Action::OpenArticle(article("march"))).unwrap();
    session.try_perform(Action::SetState(State::Done)).unwrap();
    let history = temporary.path().join("history/tester/march.ron");
    let until = Instant::now() + Duration::from_secs(120);
    while !history.exists() {
        assert!(Instant::now() < until, "the march waits for the raid");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(has_failed(&session.save_state()), "the raid is still not saved");
    fs::rename(&away, &file).unwrap();
    assert_eq!(wait_until(&session, |state| *state == SaveState::Saved), SaveState::Saved);
    drop(session);
    assert_eq!(annotations(&support::session(temporary.path())), ["actor: Several militants"]);
}

#[test]
fn two_articles_that_cannot_be_written_do_not_keep_the_rest_from_being_saved() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let folder = ProjectFolder::open(temporary.path()).unwrap().folder;
    let third = Article::new(article("strike"), ArticleMeta::default(), "Dockers went on strike.");
    folder.add_article(&third).unwrap();
    let mut session = support::session(temporary.path());
    let file = |id: &str| temporary.path().join(format!("articles/{id}.ron"));
    let away = |id: &str| temporary.path().join(format!("away-{id}"));
    for id in ["raid", "march"] {
        session.try_perform(Action::OpenArticle(article(id))).unwrap();
        fs::rename(file(id), away(id)).unwrap();
        session.try_perform(Action::SetState(State::Done)).unwrap();
        wait_until(&session, has_failed);
    }
    session.try_perform(Action::OpenArticle(article("strike"))).unwrap();
    session.try_perform(Action::SetState(State::Done)).unwrap();
    let history = temporary.path().join("history/tester/strike.ron");
    let until = Instant::now() + Duration::from_secs(120);
    while !history.exists() {
        assert!(Instant::now() < until, "the strike waits for the two others");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(has_failed(&session.save_state()));
    for id in ["raid", "march"] {
        fs::rename(away(id), file(id)).unwrap();
    }
    assert_eq!(wait_until(&session, |state| *state == SaveState::Saved), SaveState::Saved);
}

#[test]
fn a_set_that_became_unreadable_is_saved_by_itself_once_it_is_mended() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut session = support::session(temporary.path());
    mark(&mut session, "actor", "Several militants");
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    let file = temporary.path().join("annotations/tester/raid.ron");
    let kept = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("<<<<<<< HEAD\n{kept}=======\n{kept}>>>>>>> theirs\n")).unwrap();
    mark(&mut session, "claim", "The operation");
    // Also when another article is open by the time that it is mended.
    session.try_perform(Action::OpenArticle(article("march"))).unwrap();
    assert!(has_failed(&wait_until(&session, has_failed)));
    std::thread::sleep(Duration::from_millis(2_500));
    assert!(has_failed(&session.save_state()));
    fs::write(&file, kept).unwrap();
    assert_eq!(wait_until(&session, |state| *state == SaveState::Saved), SaveState::Saved);
    drop(session);
    let there = annotations(&support::session(temporary.path()));
    assert_eq!(there, ["actor: Several militants", "claim: The operation"]);
}

#[test]
fn undo_across_articles_goes_by_what_was_done_last_when_the_clock_was_ahead() {
    let temporary = tempfile::tempdir().unwrap();
    project(temporary.path());
    let mut first = support::session(temporary.path());
    mark(&mut first, "actor", "Several militants");
    first.wait_until_saved();
    drop(first);
    // The clock was ahead by decades when that was done, and has been put right since.
    let file = temporary.path().join("history/tester/raid.ron");
    let text = fs::read_to_string(&file).unwrap();
    let at = text.find("at: \"").unwrap() + 5;
    fs::write(&file, format!("{}2099{}", &text[..at], &text[at + 4..])).unwrap();
    let mut second = support::session(temporary.path());
    second.wait_for_history();
    second.try_perform(Action::OpenArticle(article("march"))).unwrap();
    second.try_perform(Action::SetState(State::Done)).unwrap();
    second.try_perform(Action::SetState(State::InProgress)).unwrap();
    second.try_perform(Action::Command(CommandId::Undo)).unwrap();
    assert_eq!(second.wait_until_saved(), SaveState::Saved);
    drop(second);
    let mut third = support::session(temporary.path());
    third.wait_for_history();
    third.try_perform(Action::Command(CommandId::Undo)).unwrap();
    let open = |session: &Session| session.article().unwrap().article.id().clone();
    assert_eq!(open(&third), article("march"), "that was done last");
    third.try_perform(Action::Command(CommandId::Undo)).unwrap();
    assert_eq!((open(&third), annotations(&third)), (article("raid"), vec![]));
    assert_eq!(third.history().undoable(), 0);
}
