//! Changes of the schema: counted, done in parts, undone, cancelled, and in trouble.

mod crashes;
mod cut_off;

use super::FiledStep;
use super::task::{Ended, Task};
use crate::edit::{Fate, Migration, SchemaDraft, Step, StepKind};
use crate::model::{
    AnnotatorName, Article, ArticleId, ArticleMeta, IdSource, LabelId, RelationTypeId,
};
use crate::session::command::CommandId;
use crate::session::{Action, SaveState, Session};
use crate::store::{BundledSchema, Faults, ProjectFolder, SchemaChange, Trouble, Writer, check};
use crate::text::TextRange;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

fn range(start: u32, end: u32) -> TextRange {
    TextRange::new(start.into(), end.into())
}

/// A claim that names its source, an actor.
fn session() -> (tempfile::TempDir, Session) {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    let annotator = AnnotatorName::new("annotator-1").unwrap();
    Session::create(&root, "p", BundledSchema::Simple, annotator).unwrap();
    let id = ArticleId::new("a").unwrap();
    let article = Article::new(id.clone(), ArticleMeta::default(), "Officials said so");
    ProjectFolder::open(&root).unwrap().folder.add_article(&article).unwrap();
    let mut session = Session::open(&root, None, Arc::new(|| {})).unwrap();
    let mut act = |action| session.try_perform(action).unwrap();
    act(Action::OpenArticle(id));
    act(Action::LabelRange(LabelId::new("actor").unwrap(), range(0, 9)));
    act(Action::LabelRange(LabelId::new("claim").unwrap(), range(10, 17)));
    let set = session.set().unwrap();
    let ids: Vec<_> = set.annotations().map(|annotation| annotation.id).collect();
    let kind = RelationTypeId::new("source").unwrap();
    let relate = Action::Relate { kind, from: ids[1], to: ids[0] };
    session.try_perform(relate).unwrap();
    (temporary, session)
}

fn preview(session: &mut Session, edit: impl FnOnce(&mut SchemaDraft)) -> String {
    let schema = Arc::clone(session.schema());
    let mut draft = SchemaDraft::of(&schema);
    edit(&mut draft);
    let migrations = draft.plan(&schema).unwrap();
    session.wait_until_saved();
    session.preview_migration(&migrations).wait().unwrap().sentence()
}

#[test]
fn a_preview_counts_everything_once() {
    let (_temporary, mut session) = session();
    let nothing = preview(&mut session, |draft| draft.labels[0].name = "X".to_owned());
    assert_eq!(nothing, "No annotation is touched");
    let renamed = preview(&mut session, |draft| {
        draft.labels[0].id = "claim".to_owned();
        let at = draft.labels.iter().rposition(|label| label.id == "claim").unwrap();
        draft.labels[at].id = "actor".to_owned();
        draft.relations[0].id = "said_by".to_owned();
    });
    assert_eq!(renamed, "Annotations: 2 changed; relations: 1 changed, in 1 file");
    let deleted = preview(&mut session, |draft| draft.delete_label(draft.labels[0].uid));
    assert_eq!(deleted, "Annotations: 1 deleted; relations: 1 deleted, in 1 file");
    let unrelated = preview(&mut session, |draft| draft.delete_relation(draft.relations[0].uid));
    assert_eq!(unrelated, "Relations: 1 deleted, in 1 file");
}

#[test]
fn a_migration_is_one_step() {
    let (_temporary, mut session) = session();
    let before = (session.set().unwrap().clone(), Arc::clone(session.schema()));
    let mut draft = SchemaDraft::of(&before.1);
    let into = draft.labels[0].uid;
    draft.labels.last_mut().unwrap().fate = Fate::Merge(into);
    draft.labels[0].id = "person".to_owned();
    let migrations = draft.plan(&before.1).unwrap();
    session.try_perform(Action::Migrate(migrations, "Change schema".to_owned())).unwrap();
    session.wait_until_migrated();
    assert!(session.schema().label(&LabelId::new("person").unwrap()).is_some());
    session.try_perform(Action::Command(CommandId::Undo)).unwrap();
    session.wait_until_migrated();
    assert_eq!(session.set(), Some(&before.0));
    assert_eq!(session.schema(), &before.1);
}

const TEXT: &str = "Officials said so";

fn label(id: &str) -> LabelId {
    LabelId::new(id).unwrap()
}

/// A project of several articles with one actor each.
fn many(root: &Path, articles: usize) -> Session {
    let annotator = AnnotatorName::new("annotator-1").unwrap();
    Session::create(root, "p", BundledSchema::Simple, annotator).unwrap();
    let folder = ProjectFolder::open(root).unwrap().folder;
    for number in 0..articles {
        let id = ArticleId::new(format!("a{number}")).unwrap();
        let text = format!("{TEXT}, {number}");
        folder.add_article(&Article::new(id, ArticleMeta::default(), text)).unwrap();
    }
    let mut session = Session::open(root, None, Arc::new(|| {})).unwrap();
    for number in 0..articles {
        let id = ArticleId::new(format!("a{number}")).unwrap();
        session.try_perform(Action::OpenArticle(id)).unwrap();
        session.try_perform(Action::LabelRange(label("actor"), range(0, 9))).unwrap();
    }
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    session
}

fn rename(to: &str) -> Migration {
    Migration::RenameLabel { from: label("actor"), to: label(to) }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to),
            false => drop(fs::copy(entry.path(), to).unwrap()),
        }
    }
}

/// How often a label stands in the annotation files.
fn files_with(root: &Path, label: &str) -> usize {
    let files = fs::read_dir(root.join("annotations/annotator-1")).unwrap();
    let files = files.map(|file| file.unwrap());
    // What was being written when the drive went stays beside them.
    let files = files.filter(|file| !file.file_name().to_string_lossy().starts_with('.'));
    let texts = files.map(|file| fs::read_to_string(file.path()).unwrap());
    texts.filter(|text| text.contains(&format!("label: \"{label}\""))).count()
}

/// A task that writes one article after the other, and the way to hear of its end.
fn task(folder: &ProjectFolder, migration: &Migration) -> (Task, Receiver<Ended>) {
    let schema = folder.read_project().unwrap().0.schema;
    let plan = super::Plan::new(&schema, std::slice::from_ref(migration)).unwrap();
    let by = AnnotatorName::new("annotator-1").unwrap();
    let (id, at) = (IdSource::random().step(), folder.stamp());
    let step = Step { id, at, by, what: "Rename".to_owned(), changes: Vec::new() };
    let lock = folder.lock_schema().unwrap().unwrap();
    let (mut task, end) = Task::new(folder, (StepKind::Do, step), (&schema, Some(plan)), lock);
    task.most = (1, 1);
    (task, end)
}

fn faults(folder: &ProjectFolder) -> Vec<String> {
    let problems = check(folder, &mut |_, _| {});
    problems.iter().filter(|problem| problem.is_fault).map(ToString::to_string).collect()
}

#[test]
fn what_was_changed_everywhere_is_taken_back_and_done_again_after_a_restart() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    let mut session = many(&root, 5);
    session.try_perform(Action::Migrate(vec![rename("agent")], "Rename".to_owned())).unwrap();
    let refused = session.try_perform(Action::LabelRange(label("claim"), range(0, 9)));
    assert!(refused.unwrap_err().to_string().contains("the schema is being changed"));
    session.wait_until_migrated();
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    session.poll();
    let told: Vec<_> = session.take_notices().into_iter().map(|notice| notice.text).collect();
    assert_eq!(told, ["Done: Rename"]);
    assert_eq!((files_with(&root, "agent"), files_with(&root, "actor")), (5, 0));
    drop(session);
    for (command, is) in [(CommandId::Undo, "actor"), (CommandId::Redo, "agent")] {
        let mut session = Session::open(&root, None, Arc::new(|| {})).unwrap();
        session.wait_for_history();
        session.try_perform(Action::Command(command)).unwrap();
        session.wait_until_migrated();
        assert_eq!(session.wait_until_saved(), SaveState::Saved);
        assert!(session.schema().label(&label(is)).is_some());
        assert_eq!(files_with(&root, is), 5);
    }
    assert_eq!(faults(&ProjectFolder::open(&root).unwrap().folder), Vec::<String>::new());
}

#[test]
fn what_is_cancelled_in_time_changes_nothing() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    drop(many(&root, 3));
    let folder = ProjectFolder::open(&root).unwrap().folder;
    let (mut task, end) = task(&folder, &rename("agent"));
    task.shared.is_cancelled.store(true, Ordering::Relaxed);
    assert!(task.advance(&mut Writer::new(folder.clone())).unwrap());
    assert!(matches!(end.recv().unwrap(), Ended::Cancelled));
    assert_eq!(files_with(&root, "actor"), 3);
    assert!(folder.read_project().unwrap().0.schema.label(&label("actor")).is_some());
}

#[test]
fn a_set_that_cannot_be_read_stops_it_before_it_begins_and_names_the_file() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    drop(many(&root, 3));
    fs::write(root.join("annotations/annotator-1/a1.ron"), "(").unwrap();
    let folder = ProjectFolder::open(&root).unwrap().folder;
    let (mut task, end) = task(&folder, &rename("agent"));
    assert!(task.advance(&mut Writer::new(folder)).unwrap());
    let Ended::Failed(error) = end.recv().unwrap() else { panic!("it went on") };
    assert!(error.to_string().contains("a1.ron"), "{error}");
    assert_eq!(files_with(&root, "actor"), 2);
}

#[test]
fn what_was_written_down_and_cannot_be_removed_is_told_with_its_cause() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    drop(many(&root, 2));
    let folder = ProjectFolder::open(&root).unwrap().folder;
    let mut writer = Writer::new(folder.clone());
    let (mut task, end) = task(&folder, &rename("agent"));
    assert!(!task.advance(&mut writer).unwrap());
    assert!(!task.advance(&mut writer).unwrap());
    let journal = root.join(SchemaChange::FILE);
    fs::remove_file(&journal).unwrap();
    fs::create_dir(&journal).unwrap();
    while !task.advance(&mut writer).unwrap() {}
    let Ended::Done { stays: Some(error), .. } = end.recv().unwrap() else { panic!("not told") };
    assert!(error.to_string().contains("schema-change.ron"), "{error}");
    assert_eq!(files_with(&root, "agent"), 2);
}

#[test]
fn a_change_that_can_neither_be_written_nor_taken_back_is_not_said_to_be_undone() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    let mut session = many(&root, 2);
    let folder = ProjectFolder::open(&root).unwrap().folder;
    let (mut task, end) = task(&folder, &rename("agent"));
    assert!(!task.advance(&mut Writer::new(folder)).unwrap());
    fs::create_dir(root.join(SchemaChange::FILE)).unwrap();
    let step = FiledStep { id: task.step.id, at: task.step.at, what: "Rename".to_owned() };
    session.start_migration(task, end, Arc::new(step));
    session.wait_until_migrated();
    let told: Vec<_> = session.take_notices().into_iter().map(|notice| notice.text).collect();
    let is_told = told.iter().any(|text| text.contains("“Rename”, may be there in part"));
    assert!(is_told, "{told:?}");
}

/// The thread breaks down when it wakes the window for the second time.
#[test]
fn a_change_that_had_begun_when_the_saving_thread_broke_down_is_said_to_be_there_in_part() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    drop(many(&root, 3));
    let left = Arc::new(AtomicUsize::new(usize::MAX));
    let lives = Arc::clone(&left);
    let wake = move || {
        let is_saver = std::thread::current().name() == Some("saver");
        if is_saver && lives.fetch_sub(1, Ordering::Relaxed) == 1 {
            panic!("on purpose");
        }
    };
    let mut session = Session::open(&root, None, Arc::new(wake)).unwrap();
    session.wait_until_saved();
    let folder = ProjectFolder::open(&root).unwrap().folder;
    let (task, end) = task(&folder, &rename("agent"));
    let step = FiledStep { id: task.step.id, at: task.step.at, what: "Rename".to_owned() };
    left.store(2, Ordering::Relaxed);
    session.start_migration(task, end, Arc::new(step));
    session.wait_until_migrated();
    let told: Vec<_> = session.take_notices().into_iter().map(|notice| notice.text).collect();
    assert!(told.iter().any(|text| text.contains("is there in part")), "{told:?}");
    assert_eq!(files_with(&root, "agent"), 1);
    assert!(matches!(session.save_state(), SaveState::Failed(_)));
    drop(session);
    let mut session = Session::open(&root, None, Arc::new(|| {})).unwrap();
    session.wait_until_migrated();
    assert_eq!(files_with(&root, "agent"), 3);
}

#[test]
fn a_set_that_is_spoiled_meanwhile_is_named_and_the_others_are_changed() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    drop(many(&root, 3));
    let folder = ProjectFolder::open(&root).unwrap().folder;
    let mut writer = Writer::new(folder.clone());
    let (mut task, end) = task(&folder, &rename("agent"));
    assert!(!task.advance(&mut writer).unwrap());
    fs::write(root.join("annotations/annotator-1/a1.ron"), "(").unwrap();
    while !task.advance(&mut writer).unwrap() {}
    let Ended::Done { schema, missed, .. } = end.recv().unwrap() else { panic!("it stopped") };
    assert!(schema.label(&label("agent")).is_some());
    let missed: Vec<_> = missed.into_values().collect();
    assert!(missed.len() == 1 && missed[0].contains("a1.ron"), "{missed:?}");
    assert_eq!(files_with(&root, "agent"), 2);
}

#[test]
fn trouble_at_any_moment_of_it_is_waited_out_and_nothing_is_done_twice() {
    let original = tempfile::tempdir().unwrap();
    let project = original.path().join("project");
    drop(many(&project, 2));
    for trouble in [Trouble::Full, Trouble::Gone, Trouble::Hiccup] {
        for after in 0.. {
            // There are hundreds of rounds with dozens of syncs each.
            let temporary = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
            let temporary = temporary.unwrap();
            let root = temporary.path().join("project");
            copy(&project, &root);
            let folder = ProjectFolder::open(&root).unwrap().folder;
            let mut writer = Writer::new(folder.clone());
            let (mut task, end) = task(&folder, &rename("agent"));
            let step = task.step.id;
            Faults::here().plan(trouble, after);
            let mut has_failed = false;
            loop {
                match task.advance(&mut writer) {
                    Ok(true) => break,
                    Ok(false) => {}
                    Err(error) => {
                        assert!(error.is_passing(), "{error}");
                        has_failed = true;
                        Faults::here().heal();
                    }
                }
            }
            let has_struck = Faults::here().heal();
            assert!(matches!(end.recv().unwrap(), Ended::Done { missed, .. } if missed.is_empty()));
            writer.flush().unwrap();
            assert_eq!(files_with(&root, "agent"), 2, "{trouble:?} after {after}");
            assert_eq!(faults(&folder), Vec::<String>::new());
            let reach = folder.reach_of(step, StepKind::Undo, &|_| {}, &|| true).unwrap();
            assert_eq!(reach.len(), 2);
            if !has_failed && !has_struck {
                break;
            }
        }
    }
}

#[test]
fn of_two_windows_that_say_something_else_of_a_label_the_second_is_told_and_loses_nothing_else() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    let mut first = many(&root, 1);
    let other = AnnotatorName::new("other").unwrap();
    let mut second = Session::open(&root, Some(other), Arc::new(|| {})).unwrap();
    let named = |session: &Session, name: &str| {
        let mut draft = SchemaDraft::of(session.schema());
        draft.labels[0].name = name.to_owned();
        Action::Migrate(draft.plan(session.schema()).unwrap(), "Rename".to_owned())
    };
    first.try_perform(named(&first, "Doers")).unwrap();
    assert_eq!(first.wait_until_saved(), SaveState::Saved);
    second.try_perform(named(&second, "Players")).unwrap();
    assert_eq!(second.wait_until_saved(), SaveState::Saved);
    second.poll();
    let notices = second.take_notices();
    let told = |text: &str| notices.iter().any(|notice| notice.text.contains(text));
    assert!(told("make your change of the schema once more"), "{notices:?}");
    assert_eq!(second.schema().labels()[0].name, "Doers");
    assert!(second.history().to_undo().is_none());
    second.try_perform(named(&second, "Players")).unwrap();
    assert_eq!(second.wait_until_saved(), SaveState::Saved);
    let project = ProjectFolder::open(&root).unwrap().project;
    assert_eq!(project.schema.labels()[0].name, "Players");
}

#[test]
fn an_article_that_is_away_keeps_nothing_else_from_being_changed_or_taken_back() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    let mut session = many(&root, 3);
    let away = root.join("articles/a1.ron");
    let text = fs::read(&away).unwrap();
    session.try_perform(Action::Migrate(vec![rename("agent")], "Rename".to_owned())).unwrap();
    session.wait_until_migrated();
    fs::remove_file(&away).unwrap();
    session.try_perform(Action::Command(CommandId::Undo)).unwrap();
    session.wait_until_migrated();
    assert_eq!((files_with(&root, "actor"), files_with(&root, "agent")), (2, 1));
    session.try_perform(Action::Migrate(vec![rename("doer")], "Rename".to_owned())).unwrap();
    session.wait_until_migrated();
    assert_eq!((files_with(&root, "doer"), files_with(&root, "agent")), (2, 1));
    let told: Vec<_> = session.take_notices().into_iter().map(|notice| notice.text).collect();
    assert!(told.iter().any(|text| text.contains("a1")), "{told:?}");
    fs::write(&away, text).unwrap();
}

#[test]
fn what_somebody_annotates_meanwhile_is_changed_too() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    drop(many(&root, 2));
    let folder = ProjectFolder::open(&root).unwrap().folder;
    let late = root.join("annotations/annotator-1/a1.ron");
    let annotated = fs::read_to_string(&late).unwrap();
    let history = root.join("history/annotator-1/a1.ron");
    let kept = fs::read(&history).unwrap();
    fs::remove_file(&late).unwrap();
    fs::remove_file(&history).unwrap();
    let mut writer = Writer::new(folder.clone());
    let (mut task, end) = task(&folder, &rename("agent"));
    assert!(!task.advance(&mut writer).unwrap());
    fs::write(&late, annotated).unwrap();
    fs::write(&history, kept).unwrap();
    while !task.advance(&mut writer).unwrap() {}
    assert!(matches!(end.recv().unwrap(), Ended::Done { .. }));
    assert_eq!((files_with(&root, "agent"), files_with(&root, "actor")), (2, 0));
}

#[test]
fn a_change_that_cannot_be_taken_back_any_more_keeps_nothing_else_from_being() {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    let mut session = many(&root, 1);
    session.try_perform(Action::Migrate(vec![rename("agent")], "Rename".to_owned())).unwrap();
    session.wait_until_migrated();
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    // Somebody else says something else of a label.
    let other = AnnotatorName::new("other").unwrap();
    let mut second = Session::open(&root, Some(other), Arc::new(|| {})).unwrap();
    let mut draft = SchemaDraft::of(second.schema());
    draft.labels[0].name = "Doers".to_owned();
    let plan = draft.plan(second.schema()).unwrap();
    second.try_perform(Action::Migrate(plan, "Rename".to_owned())).unwrap();
    assert_eq!(second.wait_until_saved(), SaveState::Saved);
    session.try_perform(Action::Command(CommandId::Undo)).unwrap();
    session.wait_until_migrated();
    let what = |session: &Session| session.history().to_undo().map(|step| step.what().to_owned());
    assert_ne!(what(&session).as_deref(), Some("Rename"));
    session.try_perform(Action::Command(CommandId::Undo)).unwrap();
    assert_eq!(session.set().unwrap().len(), 0);
}

/// What the window says did not happen must not be there after a restart, whenever the
/// drive went and came back.
#[test]
fn a_change_that_was_given_up_has_left_nothing_behind() {
    let original = tempfile::tempdir().unwrap();
    let project = original.path().join("project");
    drop(many(&project, 2));
    for after in 0.. {
        let temporary = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        let temporary = temporary.unwrap();
        let root = temporary.path().join("project");
        copy(&project, &root);
        let mut session = Session::open(&root, None, Arc::new(|| {})).unwrap();
        session.wait_until_listed();
        Faults::here().plan(Trouble::Gone, after);
        let begun =
            session.try_perform(Action::Migrate(vec![rename("agent")], "Rename".to_owned()));
        let until = Instant::now() + Duration::from_millis(100);
        while session.is_migrating() && Instant::now() < until {
            session.poll();
            std::thread::sleep(Duration::from_millis(1));
        }
        let has_struck = Faults::here().heal();
        session.retry_saving();
        session.wait_until_migrated();
        let until = Instant::now() + Duration::from_secs(120);
        while session.wait_until_saved() != SaveState::Saved {
            assert!(Instant::now() < until, "{:?} after {after}", session.save_state());
            std::thread::sleep(Duration::from_millis(2));
        }
        let is = session.schema().label(&label("agent")).is_some();
        assert!(begun.is_ok() || !is);
        drop(session);
        let folder = ProjectFolder::open(&root).unwrap();
        assert_eq!(folder.project.schema.label(&label("agent")).is_some(), is, "after {after}");
        assert_eq!(files_with(&root, "agent"), if is { 2 } else { 0 }, "after {after}");
        assert_eq!(faults(&folder.folder), Vec::<String>::new(), "after {after}");
        if !has_struck {
            break;
        }
    }
}
