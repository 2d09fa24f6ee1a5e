//! Histories that were removed, spoiled, or merged by git: what is there stays usable, what
//! is missing is said, and nothing that was there is lost.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "support/sandbox.rs"]
mod sandbox;
mod support;

use copydesk::edit::{Migration, SchemaDraft};
use copydesk::model::{ArticleId, Span, State};
use copydesk::session::command::CommandId;
use copydesk::session::{Action, Session, Weight};
use copydesk::store::{Problem, ProjectFolder, check};
use copydesk::text::{TextRange, TextSize};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use support::{annotations, annotator, article, label, project, range, session};

const SET: &str = "annotations/tester/raid.ron";
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
    open.try_perform(Action::SetState(State::Done)).unwrap();
    open.wait_until_saved();
    let told = found(&root);
    assert!(!told.iter().any(|told| told.to_string().contains("history")), "{told:?}");
}

/// What git leaves of a file that two sides changed: what both have at its beginning and its
/// end, and both sides between.
fn merged(ours: &str, theirs: &str) -> String {
    let (a, b): (Vec<_>, Vec<_>) = (ours.lines().collect(), theirs.lines().collect());
    let least = a.len().min(b.len());
    let head = (0..least).take_while(|at| a[*at] == b[*at]).count();
    let is_same = |at: &usize| a[a.len() - 1 - at] == b[b.len() - 1 - at];
    let tail = (0..least - head).take_while(is_same).count();
    let (our, their) = (&a[head..a.len() - tail], &b[head..b.len() - tail]);
    let all = [&a[..head], &["<<<<<<< HEAD"], our, &["======="], their, &[">>>>>>> other"]];
    let all: Vec<_> = all.into_iter().flatten().chain(&a[a.len() - tail..]).copied().collect();
    all.join("\n") + "\n"
}

/// Lets two copies of a project go on by themselves, and merges the second's raid into the
/// first as git does.
fn merge(root: &Path, ours: impl Fn(&mut Session), theirs: impl Fn(&mut Session)) {
    let other = root.with_file_name("other");
    sandbox::copy(root, &other);
    for (root, work) in [(root, &ours as &dyn Fn(&mut Session)), (&other, &theirs)] {
        let mut open = session(root);
        work(&mut open);
        open.wait_until_saved();
    }
    for file in [SET, HISTORY] {
        let sides = [root, &other].map(|root| fs::read_to_string(root.join(file)).unwrap());
        fs::write(root.join(file), merged(&sides[0], &sides[1])).unwrap();
    }
}

fn repaired(root: &Path) -> String {
    let done = copydesk(&["check", "--repair", root.to_str().unwrap()]);
    String::from_utf8(done.stdout).unwrap()
}

#[test]
fn what_git_could_not_merge_is_named_by_file_and_line() {
    let (_temporary, root) = desk();
    fs::create_dir_all(root.join("gold")).unwrap();
    let gold = fs::read_to_string(root.join(SET)).unwrap().replace("\"tester\"", "\"gold\"");
    fs::write(root.join("gold/raid.ron"), gold).unwrap();
    let assigned = "(\n    format: 1,\n    seed: 7,\n    own_only: false,\n    blind: false,\n    \
                    articles: [\n        (\"raid\", [\"tester\"]),\n    ],\n)\n";
    fs::write(root.join("assignment.ron"), assigned).unwrap();
    let files = [
        (SET, 6),
        (HISTORY, 2),
        ("gold/raid.ron", 6),
        ("assignment.ron", 4),
        ("articles/raid.ron", 4),
        // Within its text, where the file can be read all the same.
        ("articles/march.ron", 7),
        ("project.ron", 3),
    ];
    for (file, line) in files {
        let path = root.join(file);
        let whole = fs::read_to_string(&path).unwrap();
        let mut lines: Vec<_> = whole.lines().collect();
        let at = line - 1;
        let other = lines[at].replace('1', "2");
        lines.splice(at..=at, ["<<<<<<< HEAD", lines[at], "=======", &other, ">>>>>>> other"]);
        fs::write(&path, lines.join("\n") + "\n").unwrap();
        let done = copydesk(&["check", root.to_str().unwrap()]);
        assert_eq!(done.status.code(), Some(1), "{file}");
        let said = String::from_utf8(done.stdout).unwrap();
        let told = format!("{file}:{line}: holds a conflict that git left in it");
        assert!(said.contains(&told), "{told}: {said}");
        let count = said.matches("holds a conflict").count();
        assert_eq!(count, 1, "once is enough: {said}");
        let is_mendable = [SET, HISTORY, "gold/raid.ron"].contains(&file);
        let line = said.lines().find(|said| said.contains(&told)).unwrap();
        assert_eq!(line.contains("check --repair"), is_mendable, "{line}");
        assert!(line.contains("git checkout --ours"), "{line}");
        fs::write(&path, whole).unwrap();
    }
}

#[test]
fn a_merge_of_two_sides_that_touch_different_things_is_put_together() {
    let (_temporary, root) = desk();
    merge(
        &root,
        |open| mark(open, "actor", "three police officers"),
        |open| {
            mark(open, "casualty", "civilian");
            open.try_perform(Action::SetState(State::Done)).unwrap();
        },
    );
    let marked = [SET, HISTORY].map(|file| fs::read_to_string(root.join(file)).unwrap());
    let mut open = Session::open(&root, Some(annotator()), Arc::new(|| {})).unwrap();
    open.try_perform(Action::OpenArticle(ArticleId::new("raid").unwrap())).unwrap();
    assert!(open.try_perform(Action::SetState(State::Done)).is_err(), "it is read-only");
    drop(open);
    let said = repaired(&root);
    assert!(said.contains("stand one behind the other now, and raid.ron.torn-1 has it"), "{said}");
    assert!(said.contains("rebuilt from its history, and raid.ron.theirs-1 has it"), "{said}");
    assert!(!said.contains("fault  "), "{said}");
    // Kept as git left them.
    let kept = ["annotations/tester/raid.ron.theirs-1", "history/tester/raid.ron.torn-1"];
    for (kept, marked) in kept.iter().zip(&marked) {
        assert_eq!(fs::read_to_string(root.join(kept)).unwrap(), *marked);
    }
    let mut open = session(&root);
    let all = annotations(&open);
    assert_eq!(all.len(), 5, "{all:?}");
    assert!(all.contains(&"casualty: civilian".to_owned()), "{all:?}");
    assert!(all.contains(&"actor: three police officers".to_owned()), "{all:?}");
    assert_eq!(open.set().unwrap().state(), State::Done);
    assert_eq!(open.history().undoable(), 6);
    open.perform(Action::Command(CommandId::Undo));
    open.perform(Action::Command(CommandId::Undo));
    open.perform(Action::Command(CommandId::Undo));
    assert_eq!(annotations(&open).len(), 3);
}

/// Settles the annotation file as `git checkout --ours` or `--theirs` does it.
fn check_out(root: &Path, whose: &str) {
    let marked = fs::read_to_string(root.join(SET)).unwrap();
    let (mut side, mut text) = ("both", String::new());
    for line in marked.lines() {
        match line.get(..7) {
            Some("<<<<<<<") => side = "ours",
            Some("=======") => side = "theirs",
            Some(">>>>>>>") => side = "both",
            _ if side == "both" || side == whose => text += &format!("{line}\n"),
            _ => {}
        }
    }
    fs::write(root.join(SET), text).unwrap();
}

/// A side that moved an edge, or said how far the article is, adds no annotation whose
/// absence could be seen.
#[test]
fn what_a_side_did_without_a_new_annotation_is_in_a_merge_too() {
    let moves = |open: &mut Session| {
        let set = open.set().unwrap();
        let found = set.annotations().find(|one| set.surface(one) == "Several militants");
        let id = found.unwrap().id;
        let span = Span::new(range("militants")).unwrap();
        open.try_perform(Action::SetSpan(id, span)).unwrap();
    };
    let ends = |open: &mut Session| open.try_perform(Action::SetState(State::Done)).unwrap();
    let adds = |open: &mut Session| mark(open, "casualty", "civilian");
    for whose in ["ours", "theirs"] {
        for is_ours_adding in [false, true] {
            for side in [&moves as &dyn Fn(&mut Session), &ends] {
                let (_temporary, root) = desk();
                match is_ours_adding {
                    true => merge(&root, adds, side),
                    false => merge(&root, side, adds),
                }
                check_out(&root, whose);
                let said = repaired(&root);
                assert!(said.contains("stand one behind the other now"), "{whose}: {said}");
                let open = session(&root);
                let all = annotations(&open);
                assert_eq!(all.len(), 4, "{whose}: {all:?}");
                let has_moved = all.contains(&"actor: militants".to_owned());
                let is_done = open.set().unwrap().state() == State::Done;
                assert!(has_moved != is_done, "{whose}: {all:?}");
            }
        }
    }
}

#[test]
fn two_sides_that_say_otherwise_how_far_an_article_is_are_left_to_a_person() {
    let (_temporary, root) = desk();
    let state =
        |state| move |open: &mut Session| open.try_perform(Action::SetState(state)).unwrap();
    merge(&root, state(State::Done), state(State::Unseen));
    let said = repaired(&root);
    assert!(said.contains("both sides say how far the article is"), "{said}");
}

#[test]
fn a_merge_in_which_one_file_was_settled_by_hand_is_finished() {
    let sides = || {
        let (temporary, root) = desk();
        merge(
            &root,
            |open| mark(open, "actor", "three police officers"),
            |open| mark(open, "casualty", "civilian"),
        );
        (temporary, root)
    };
    for whose in ["ours", "theirs"] {
        let (_temporary, root) = sides();
        check_out(&root, whose);
        let said = repaired(&root);
        assert!(said.contains("stand one behind the other now"), "{whose}: {said}");
        assert_eq!(annotations(&session(&root)).len(), 5, "{whose}");
    }
    // By `merge=union`, which knows nothing of order.
    let (_temporary, root) = sides();
    let marked = fs::read_to_string(root.join(HISTORY)).unwrap();
    let is_line = |line: &&str| line.starts_with('(');
    let united: Vec<_> = marked.lines().filter(is_line).collect();
    fs::write(root.join(HISTORY), united.join("\n") + "\n").unwrap();
    let said = repaired(&root);
    assert!(said.contains("rebuilt from its history"), "{said}");
    assert_eq!(annotations(&session(&root)).len(), 5);
}

#[test]
fn what_both_sides_changed_is_left_to_a_person() {
    let (_temporary, root) = desk();
    let noted = |note: &'static str| {
        move |open: &mut Session| {
            let id = open.set().unwrap().annotations().next().unwrap().id;
            open.try_perform(Action::SetNote(id, note.to_owned())).unwrap();
        }
    };
    merge(&root, noted("one"), noted("two"));
    let marked = [SET, HISTORY].map(|file| fs::read_to_string(root.join(file)).unwrap());
    let said = repaired(&root);
    assert!(said.contains("was not settled, for both sides changed "), "{said}");
    for (file, marked) in [SET, HISTORY].iter().zip(&marked) {
        assert_eq!(fs::read_to_string(root.join(file)).unwrap(), *marked);
    }
}

/// Puts something else in the place of a line, counted from one.
fn spoil(root: &Path, history: &str, line: usize, by: &[u8]) {
    let path = root.join(history);
    let bytes = fs::read(&path).unwrap();
    let mut lines: Vec<_> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    lines[line - 1] = by;
    fs::write(path, lines.concat()).unwrap();
}

fn undo_all(open: &mut Session) -> usize {
    let mut undone = 0;
    while open.history().undoable() > 0 {
        open.try_perform(Action::Command(CommandId::Undo)).unwrap();
        open.wait_until_migrated();
        undone += 1;
    }
    undone
}

fn audit(root: &Path) -> Vec<String> {
    let folder = ProjectFolder::open(root).unwrap().folder;
    let (trail, problems) = folder.trail(&annotator(), &article("raid"), None).unwrap();
    assert_eq!(problems, vec![]);
    trail.into_iter().map(|line| line.what).collect()
}

#[test]
fn a_spoiled_line_ends_undo_and_is_taken_out_by_a_repair_that_loses_nothing() {
    for garbage in [&b"garbage\n"[..], b"(step: \"\xff\n", b"\n", b"(step: \"0000\0\", at\n"] {
        let (_temporary, root) = desk();
        spoil(&root, HISTORY, 2, garbage);
        let spoiled = fs::read(root.join(HISTORY)).unwrap();
        let mut open = session(&root);
        assert_eq!(annotations(&open).len(), 3, "the annotation file is the truth");
        let told = warnings(&mut open);
        let reach = format!("{HISTORY}:2: undo reaches back to this line and no further");
        assert!(told.iter().any(|told| told.contains(&reach)), "{told:?}");
        assert_eq!(undo_all(&mut open), 1);
        open.try_perform(Action::Command(CommandId::Redo)).unwrap();
        open.wait_until_saved();
        drop(open);
        let (now, whole) = (fs::read(root.join(HISTORY)).unwrap(), spoiled.len());
        assert_eq!(now[..whole], spoiled);
        let said = repaired(&root);
        assert!(said.contains("line 2 could not be read and is out"), "{said}");
        assert!(!said.contains("fault  "), "{said}");
        let kept = fs::read(root.join("history/tester/raid.ron.torn-1")).unwrap();
        assert_eq!(kept, now, "kept whole");
        let gap = "A line that could not be read is missing here";
        let label = "Label as ";
        let audit = audit(&root);
        assert_eq!(audit.len(), 5, "{audit:?}");
        assert!(audit[1] == gap && audit[0].starts_with(label) && audit[2].starts_with(label));
        assert!(!repaired(&root).contains("torn-2"), "once is enough");
        let mut open = session(&root);
        let told = warnings(&mut open);
        assert!(told.iter().all(|told| told.contains("raid.ron.torn-1")), "{told:?}");
        assert_eq!((annotations(&open).len(), undo_all(&mut open)), (3, 1));
        assert_eq!(annotations(&open).len(), 2);
    }
}

#[test]
fn lines_behind_a_spoiled_one_are_taken_over_as_far_as_they_fit() {
    let (_temporary, root) = desk();
    let set = fs::read(root.join(SET)).unwrap();
    let mut open = session(&root);
    mark(&mut open, "casualty", "civilian");
    let civilian = open.selection().annotation.unwrap();
    mark(&mut open, "actor", "three police officers");
    open.try_perform(Action::SetNote(civilian, "one".to_owned())).unwrap();
    open.wait_until_saved();
    drop(open);
    // The file lacks the last three steps, and the first of these is spoiled: the second fits
    // without it, and the third does not.
    fs::write(root.join(SET), set).unwrap();
    spoil(&root, HISTORY, 4, b"garbage\n");
    let mut open = Session::open(&root, Some(annotator()), Arc::new(|| {})).unwrap();
    open.perform(Action::OpenArticle(article("raid")));
    assert!(open.try_perform(Action::SetState(State::Done)).is_err(), "it cannot be read");
    drop(open);
    let said = repaired(&root);
    assert!(said.contains("1 later step does not fit without that"), "{said}");
    assert!(!said.contains("fault  "), "{said}");
    assert_eq!(audit(&root).len(), 7, "six lines, and one that says where undo ends");
    let mut open = session(&root);
    let all = annotations(&open);
    assert_eq!(all.len(), 4, "{all:?}");
    assert!(all.contains(&"actor: three police officers".to_owned()), "{all:?}");
    assert_eq!(undo_all(&mut open), 0, "what was left out cannot be undone");
    mark(&mut open, "location", "police headquarters");
    open.wait_until_saved();
    drop(open);
    let mut open = session(&root);
    assert_eq!((annotations(&open).len(), undo_all(&mut open)), (5, 1));
    assert!(found(&root).iter().all(|found| !found.is_fault));
}

#[test]
fn a_step_of_several_files_is_not_undone_by_half() {
    let (_temporary, root) = desk();
    let mut open = session(&root);
    let march = |open: &mut Session, words: &str| {
        open.try_perform(Action::OpenArticle(article("march"))).unwrap();
        let at = support::MARCH.find(words).unwrap() as u32;
        let range = TextRange::at(TextSize::new(at), TextSize::of(words));
        open.try_perform(Action::LabelRange(label("location"), range)).unwrap();
    };
    march(&mut open, "Quetta");
    let (from, to) = (label("location"), label("place"));
    let rename = Migration::RenameLabel { from, to: to.clone() };
    open.try_perform(Action::Migrate(vec![rename], "Rename".to_owned())).unwrap();
    open.wait_until_migrated();
    let last = TextRange::at(TextSize::new(0), TextSize::of("Protesters"));
    open.try_perform(Action::LabelRange(label("actor"), last)).unwrap();
    let last = TextRange::at(TextSize::new(27), TextSize::of("Hundreds"));
    open.try_perform(Action::LabelRange(label("actor"), last)).unwrap();
    open.wait_until_saved();
    drop(open);
    spoil(&root, "history/tester/march.ron", 3, b"garbage\n");
    let mut open = session(&root);
    assert_eq!(undo_all(&mut open), 1, "the renaming reaches into the spoiled history");
    assert!(open.schema().label(&to).is_some());
}

#[test]
fn a_spoiled_history_of_the_schema_is_repaired_too() {
    let (_temporary, root) = desk();
    let mut open = session(&root);
    for name in ["One", "Two", "Three"] {
        let mut draft = SchemaDraft::of(open.schema());
        draft.labels[0].name = name.to_owned();
        let plan = draft.plan(open.schema()).unwrap();
        open.try_perform(Action::Migrate(plan, "Rename".to_owned())).unwrap();
        open.wait_until_migrated();
    }
    open.wait_until_saved();
    drop(open);
    spoil(&root, "history/project.ron", 2, b"(garbage)\n");
    let said = repaired(&root);
    assert!(said.contains("line 2 could not be read and is out"), "{said}");
    let mut open = session(&root);
    assert_eq!(open.schema().labels()[0].name, "Three");
    assert_eq!(undo_all(&mut open), 1, "the rest stands before it");
    assert_eq!(open.schema().labels()[0].name, "Two");
}

/// The annotation file names the spoiled line as its last: what stands behind it is work.
#[test]
fn lines_behind_the_spoiled_one_that_a_file_names_as_its_last_are_taken_over() {
    let (_temporary, root) = desk();
    let before = fs::read(root.join(SET)).unwrap();
    let mut open = session(&root);
    mark(&mut open, "actor", "three police officers");
    mark(&mut open, "casualty", "civilian");
    open.wait_until_saved();
    let wanted = annotations(&open);
    drop(open);
    fs::write(root.join(SET), before).unwrap();
    spoil(&root, HISTORY, 3, b"garbage\n");
    let said = repaired(&root);
    assert!(said.contains("line 3 could not be read and is out"), "{said}");
    assert_eq!(annotations(&session(&root)), wanted);
}

/// Whichever state of it the set file has: reading looks at the end of a history alone where
/// that shows that nothing is behind.
#[test]
fn a_set_is_read_as_its_history_says_whatever_state_its_file_has() {
    let (_temporary, root) = desk();
    let mut open = session(&root);
    let id = open.set().unwrap().annotations().next().unwrap().id;
    let mut files = vec![fs::read(root.join(SET)).unwrap()];
    let mut perform = |open: &mut Session, action: Action| {
        open.try_perform(action).unwrap();
        open.wait_until_saved();
        files.push(fs::read(root.join(SET)).unwrap());
    };
    for number in 0..12 {
        perform(&mut open, Action::SetNote(id, format!("{number} {}", "long ".repeat(90))));
    }
    for command in [CommandId::Undo, CommandId::Redo, CommandId::Undo, CommandId::Redo] {
        perform(&mut open, Action::Command(command));
    }
    perform(&mut open, Action::SetState(State::Done));
    assert!(fs::metadata(root.join(HISTORY)).unwrap().len() > 10_000, "longer than its end");
    let wanted = open.set().unwrap().clone();
    drop(open);
    let folder = ProjectFolder::open(&root).unwrap().folder;
    let article = Arc::new(folder.read_article(&article("raid")).unwrap());
    let states = files.iter().enumerate();
    for (at, file) in states {
        fs::write(root.join(SET), file).unwrap();
        let read = folder.read_set(&article, &annotator()).unwrap();
        assert_eq!(read.set, wanted, "of state {at}");
        assert_eq!(read.problems.is_empty(), at + 1 == files.len(), "of state {at}");
    }
}
