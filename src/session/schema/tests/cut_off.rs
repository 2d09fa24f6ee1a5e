//! A change that was cut off, as a session meets it: finished and told, left to whoever may
//! write, kept aside where it does not fit.

use super::*;
use crate::session::schema::{Session, finish_schema_change};
use crate::store::Holder;

/// A project of three articles in which a rename is cut off after the first.
fn cut_off(root: &Path) -> ProjectFolder {
    drop(many(root, 3));
    let folder = ProjectFolder::open(root).unwrap().folder;
    let (mut task, _end) = task(&folder, &rename("agent"));
    let mut writer = Writer::new(folder.clone());
    assert!(!task.advance(&mut writer).unwrap());
    assert!(!task.advance(&mut writer).unwrap());
    folder
}

fn open(root: &Path, name: &str) -> Session {
    let name = AnnotatorName::new(name).unwrap();
    Session::open(root, Some(name), Arc::new(|| {})).unwrap()
}

fn told(session: &mut Session) -> Vec<String> {
    session.take_notices().into_iter().map(|notice| notice.text).collect()
}

#[test]
fn it_is_finished_when_the_project_is_opened_and_undo_takes_back_all_of_it() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    let folder = cut_off(&root);
    assert_eq!((files_with(&root, "agent"), files_with(&root, "actor")), (1, 2));
    let found = check(&folder, &mut |_, _| {});
    let named = found.iter().find(|found| found.what.contains("“Rename”, was cut off"));
    assert!(named.unwrap().is_fault && named.unwrap().remedy.contains("--repair"), "{found:?}");
    let mut session = open(&root, "annotator-1");
    assert!(session.migration_progress().unwrap().is_writing, "it cannot be cancelled");
    session.wait_until_migrated();
    let expected = "A change of the schema, “Rename”, was cut off; it has been finished";
    assert!(told(&mut session).contains(&expected.to_owned()));
    assert_eq!((files_with(&root, "agent"), files_with(&root, "actor")), (3, 0));
    assert_eq!(session.durable().0, 0, "nobody here did a step");
    session.wait_for_history();
    assert_eq!(session.history().to_undo().unwrap().what(), "Rename");
    session.try_perform(Action::Command(CommandId::Undo)).unwrap();
    session.wait_until_migrated();
    assert_eq!((files_with(&root, "agent"), files_with(&root, "actor")), (0, 3));
    assert_ne!(session.history().to_undo().unwrap().what(), "Rename");
    session.try_perform(Action::Command(CommandId::Redo)).unwrap();
    session.wait_until_migrated();
    assert_eq!((files_with(&root, "agent"), files_with(&root, "actor")), (3, 0));
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    assert_eq!(faults(&folder), Vec::<String>::new());
}

/// The lines of the sets were on disk, and that of the schema was torn: undo took back the
/// schema alone then.
#[test]
fn one_of_which_the_schema_alone_is_missing_is_taken_back_whole() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    drop(many(&root, 1));
    let before = fs::read(root.join("project.ron")).unwrap();
    let folder = ProjectFolder::open(&root).unwrap().folder;
    let (mut task, _end) = task(&folder, &rename("agent"));
    let (kind, step) = (StepKind::Do, task.step.clone());
    let mut writer = Writer::new(folder.clone());
    while !task.advance(&mut writer).unwrap() {}
    drop((task, writer));
    let migrations = vec![rename("agent")];
    folder.begin_schema_change(&SchemaChange { kind, step, migrations, holder: None }).unwrap();
    fs::write(root.join("project.ron"), before).unwrap();
    fs::remove_file(root.join("history/project.ron")).unwrap();
    let mut session = open(&root, "annotator-1");
    session.wait_until_migrated();
    assert_eq!((files_with(&root, "agent"), files_with(&root, "actor")), (1, 0));
    session.wait_for_history();
    session.try_perform(Action::Command(CommandId::Undo)).unwrap();
    session.wait_until_migrated();
    assert_eq!((files_with(&root, "agent"), files_with(&root, "actor")), (0, 1));
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    assert_eq!(faults(&folder), Vec::<String>::new());
}

#[test]
fn who_may_not_write_is_told_and_who_may_finishes_it() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    drop(many(&root, 3));
    let first = open(&root, "annotator-1");
    let folder = ProjectFolder::open(&root).unwrap().folder;
    let (mut task, _end) = task(&folder, &rename("agent"));
    let mut writer = Writer::new(folder);
    assert!(!task.advance(&mut writer).unwrap());
    assert!(!task.advance(&mut writer).unwrap());
    // While somebody is at it nothing was cut off.
    let mut reader = open(&root, "annotator-1");
    assert!(reader.blocked().is_some() && !reader.is_migrating());
    assert!(told(&mut reader).iter().all(|text| !text.contains("cut off")));
    drop(reader);
    drop((task, writer));
    let mut reader = open(&root, "annotator-1");
    assert!(reader.blocked().is_some() && !reader.is_migrating());
    assert!(told(&mut reader).iter().any(|text| text.contains("“Rename”, was cut off")));
    let mut other = open(&root, "other");
    assert!(other.is_migrating());
    other.wait_until_migrated();
    assert_eq!(files_with(&root, "agent"), 3);
    drop(first);
}

#[test]
fn a_window_that_comes_upon_it_finishes_it_before_the_next_change() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    let mut session = many(&root, 3);
    let folder = ProjectFolder::open(&root).unwrap().folder;
    let (mut task, _end) = task(&folder, &rename("agent"));
    let mut writer = Writer::new(folder);
    assert!(!task.advance(&mut writer).unwrap());
    assert!(!task.advance(&mut writer).unwrap());
    let next = || {
        let (from, to) = (label("claim"), label("statement"));
        Action::Migrate(vec![Migration::RenameLabel { from, to }], "Next".to_owned())
    };
    let refused = session.try_perform(next()).unwrap_err().to_string();
    assert!(refused.contains("in another window"), "{refused}");
    drop((task, writer));
    let refused = session.try_perform(next()).unwrap_err().to_string();
    assert!(refused.contains("has to be finished first"), "{refused}");
    session.wait_until_migrated();
    assert_eq!(files_with(&root, "agent"), 3);
    session.try_perform(next()).unwrap();
    session.wait_until_migrated();
    let told = told(&mut session);
    assert!(session.schema().label(&label("statement")).is_some(), "{told:?}");
}

#[test]
fn what_cannot_be_read_or_does_not_fit_is_kept_and_told_and_keeps_nobody_from_working() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    let session = many(&root, 1);
    let (id, at) = (IdSource::random().step(), session.folder().stamp());
    let by = AnnotatorName::new("annotator-1").unwrap();
    drop(session);
    let folder = ProjectFolder::open(&root).unwrap().folder;
    let step = Step { id, at, by, what: "Rename".to_owned(), changes: Vec::new() };
    let gone = Migration::DeleteLabel(label("nothing"));
    let migrations = vec![gone];
    let change = SchemaChange { kind: StepKind::Do, step: step.clone(), migrations, holder: None };
    let undo = SchemaChange { kind: StepKind::Undo, step, migrations: Vec::new(), holder: None };
    let journal = root.join(".copydesk/schema-change.ron");
    for (number, change) in [Some(change), Some(undo), None].into_iter().enumerate() {
        match change {
            Some(change) => folder.begin_schema_change(&change).unwrap(),
            None => fs::write(&journal, "(format: 1, step: [[[").unwrap(),
        }
        let mut session = open(&root, "annotator-1");
        session.wait_until_migrated();
        let told = told(&mut session);
        let kept = format!("schema-change.ron.unfit-{}", number + 1);
        let is_named = |text: &String| text.contains("cannot be finished") && text.contains(&kept);
        assert!(told.iter().any(is_named), "{told:?}");
        assert!(journal.with_file_name(&kept).exists() && !journal.exists());
        let id = ArticleId::new("a0").unwrap();
        session.try_perform(Action::OpenArticle(id)).unwrap();
        session.try_perform(Action::LabelRange(label("claim"), range(10, 14))).unwrap();
        assert_eq!(session.wait_until_saved(), SaveState::Saved);
    }
    let found = check(&folder, &mut |_, _| {});
    let kept = found.iter().filter(|found| found.what.contains("could not be finished"));
    assert_eq!(kept.count(), 3);
    assert_eq!(faults(&folder), Vec::<String>::new());
    assert_eq!(finish_schema_change(&folder).unwrap(), None);
}

#[test]
fn what_another_version_wrote_down_stays_for_that_version() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    drop(many(&root, 1));
    let folder = ProjectFolder::open(&root).unwrap().folder;
    let journal = root.join(".copydesk/schema-change.ron");
    let newer = "(format: 9, step: [[1]])";
    let unknown = "(format: 1, step: \"7\", shiny: 1)";
    for written in [newer, unknown] {
        fs::write(&journal, written).unwrap();
        let mut session = open(&root, "annotator-1");
        let is_told = |session: &mut Session| {
            told(session).iter().any(|text| text.contains("another version of Copydesk"))
        };
        assert!(is_told(&mut session));
        session.try_perform(Action::OpenArticle(ArticleId::new("a0").unwrap())).unwrap();
        session.try_perform(Action::LabelRange(label("claim"), range(10, 14))).unwrap();
        assert_eq!(session.wait_until_saved(), SaveState::Saved);
        let change = Action::Migrate(vec![rename("agent")], "Rename".to_owned());
        session.try_perform(change).unwrap_err();
        assert!(is_told(&mut session), "it is told why the schema cannot be changed");
        finish_schema_change(&folder).unwrap_err();
        assert_eq!(fs::read_to_string(&journal).unwrap(), written);
    }
}

#[test]
fn what_cannot_be_read_is_left_alone_while_somebody_changes_the_schema() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    drop(many(&root, 1));
    let folder = ProjectFolder::open(&root).unwrap().folder;
    let journal = root.join(".copydesk/schema-change.ron");
    fs::write(&journal, "(format: 1, step: [[[").unwrap();
    let lock = folder.lock_schema().unwrap().unwrap();
    let mut session = open(&root, "annotator-1");
    assert!(journal.exists(), "{:?}", told(&mut session));
    drop(lock);
    let until = Instant::now() + Duration::from_secs(120);
    while journal.exists() && Instant::now() < until {
        session.poll();
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(journal.with_file_name("schema-change.ron.unfit-1").exists());
}

#[test]
fn what_another_computer_began_is_left_to_it_until_somebody_asks_for_a_repair() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    let folder = cut_off(&root);
    let change = folder.schema_change().unwrap().unwrap();
    let since = folder.stamp();
    let holder = Holder::noted("far-away".to_owned(), 4711, since, "copydesk".to_owned());
    folder.begin_schema_change(&SchemaChange { holder: Some(holder), ..change }).unwrap();
    let mut session = open(&root, "annotator-1");
    assert!(!session.is_migrating());
    let who = "process 4711 on host far-away";
    assert!(told(&mut session).iter().any(|text| text.contains(who)));
    let (from, to) = (label("claim"), label("statement"));
    let next = Action::Migrate(vec![Migration::RenameLabel { from, to }], "Next".to_owned());
    session.try_perform(next).unwrap_err();
    assert!(told(&mut session).iter().any(|text| text.contains(who)));
    assert_eq!((files_with(&root, "agent"), files_with(&root, "actor")), (1, 2));
    drop(session);
    assert!(finish_schema_change(&folder).unwrap().is_some());
    assert_eq!((files_with(&root, "agent"), files_with(&root, "actor")), (3, 0));
    assert_eq!(faults(&folder), Vec::<String>::new());
}

#[test]
fn a_set_that_cannot_be_read_is_named_and_the_rest_is_finished() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    let folder = cut_off(&root);
    let file = root.join("annotations/annotator-1/a2.ron");
    let kept = fs::read(&file).unwrap();
    fs::write(&file, "(").unwrap();
    let finished = finish_schema_change(&folder).unwrap().unwrap();
    assert!(finished.missed.len() == 1 && finished.missed[0].contains("a2.ron"), "{finished:?}");
    fs::write(&file, kept).unwrap();
    assert_eq!((files_with(&root, "agent"), files_with(&root, "actor")), (2, 1));
}

/// The histories cannot even be read here.
#[test]
fn a_colour_is_taken_back_after_a_restart_without_a_look_at_any_set() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    let mut session = many(&root, 2);
    let colours = |session: &Session| {
        session.schema().labels().iter().map(|label| label.color).collect::<Vec<_>>()
    };
    let before = colours(&session);
    let mut draft = SchemaDraft::of(session.schema());
    draft.labels[0].color = "#123456".to_owned();
    let plan = draft.plan(session.schema()).unwrap();
    session.try_perform(Action::Migrate(plan, "Colour".to_owned())).unwrap();
    assert_ne!(colours(&session), before);
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    drop(session);
    let mut session = open(&root, "annotator-1");
    session.wait_for_history();
    for number in 0..2 {
        let history = root.join(format!("history/annotator-1/a{number}.ron"));
        fs::remove_file(&history).unwrap();
        fs::create_dir(&history).unwrap();
    }
    session.try_perform(Action::Command(CommandId::Undo)).unwrap();
    session.wait_until_migrated();
    assert_eq!(colours(&session), before, "{:?}", told(&mut session));
}

#[test]
fn two_labels_that_change_names_with_each_other_do_so_once() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    let mut session = many(&root, 2);
    let swap = |from: &str, to: &str| Migration::RenameLabel { from: label(from), to: label(to) };
    let swap = vec![swap("actor", "x"), swap("claim", "actor"), swap("x", "claim")];
    session.try_perform(Action::Migrate(swap, "Swap".to_owned())).unwrap();
    session.wait_until_migrated();
    assert_eq!((files_with(&root, "claim"), files_with(&root, "actor")), (2, 0));
    session.try_perform(Action::Command(CommandId::Undo)).unwrap();
    session.wait_until_migrated();
    assert_eq!((files_with(&root, "claim"), files_with(&root, "actor")), (0, 2));
}

/// What was annotated in the middle of it has a second line of the same step.
#[test]
fn what_came_in_between_is_taken_back_and_done_again_with_the_rest() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    drop(many(&root, 2));
    let folder = ProjectFolder::open(&root).unwrap().folder;
    let mut other = open(&root, "other");
    other.try_perform(Action::OpenArticle(ArticleId::new("a0").unwrap())).unwrap();
    other.try_perform(Action::LabelRange(label("actor"), range(0, 9))).unwrap();
    assert_eq!(other.wait_until_saved(), SaveState::Saved);
    let (mut task, end) = task(&folder, &rename("agent"));
    let mut writer = Writer::new(folder.clone());
    // Looked through, and the first article written; the other window does not know of it yet.
    assert!(!task.advance(&mut writer).unwrap());
    assert!(!task.advance(&mut writer).unwrap());
    other.try_perform(Action::LabelRange(label("actor"), range(10, 14))).unwrap();
    assert_eq!(other.wait_until_saved(), SaveState::Saved);
    while !task.advance(&mut writer).unwrap() {}
    assert!(matches!(end.recv().unwrap(), Ended::Done { .. }));
    drop((task, writer, other));
    let text = || fs::read_to_string(root.join("annotations/other/a0.ron")).unwrap();
    assert_eq!(text().matches("label: \"agent\"").count(), 2, "{}", text());
    for (command, is, count) in [(CommandId::Undo, "actor", 2), (CommandId::Redo, "agent", 2)] {
        let mut session = open(&root, "annotator-1");
        session.wait_for_history();
        session.try_perform(Action::Command(command)).unwrap();
        session.wait_until_migrated();
        assert_eq!(session.wait_until_saved(), SaveState::Saved);
        let found = text().matches(&format!("label: \"{is}\"")).count();
        assert_eq!(found, count, "{command:?}: {:?} in {}", told(&mut session), text());
    }
    assert_eq!(faults(&folder), Vec::<String>::new());
}
