//! Kills at random moments.
//!
//! A child process, which is this file's test binary once more, opens a project as the
//! window does and edits at random, its texts too, and has long histories compacted. It writes down each step after the session reported
//! it durable, and is killed with SIGKILL. A change of the schema that was cut off is finished
//! by opening the project. Then the law: every step that was written down
//! is in the history, the sets are what the histories make, every file loads, a check
//! finds no fault, and a session opens and goes on. The next child works on what this one
//! left.
//!
//! A trial that fails says its seed, from which what each child does and when it is killed
//! are drawn, and leaves the project's folder where it is. `COPYDESK_CRASH_SEED=<seed>` runs
//! the same trials again; the moment of a kill still depends on the machine.
//!
//! `COPYDESK_CRASHES=10000 cargo test --release --all-features --test crash` is the long
//! form.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use copydesk::edit::{Change, Migration, OnRecord, SchemaDraft, StepKind};
use copydesk::model::{
    AnnotationId, AnnotationSet, AnnotatorName, ArticleId, Label, LabelId, Schema, Span, State,
};
use copydesk::session::command::CommandId;
use copydesk::session::{Action, RecordedStep, SaveState, Session};
use copydesk::store::{KEPT_HISTORY, ProjectFolder, check};
use copydesk::text::{TextRange, TextSize};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;
use support::{annotator, article, project, text};

/// Names the project to a child.
const CHILD: &str = "COPYDESK_CRASH_CHILD";
/// What a child draws its edits from.
const CHILD_SEED: &str = "COPYDESK_CRASH_CHILD_SEED";
/// The seed of the whole, to repeat it.
const SEED: &str = "COPYDESK_CRASH_SEED";
/// How often to kill, for the long form.
const CRASHES: &str = "COPYDESK_CRASHES";
/// From how many kills on it is the long form.
const LONG: u64 = 1000;
/// How many kills a project takes before a new one is made.
const KILLS_OF_A_PROJECT: u64 = 25;
/// What a child's lines begin with, to be told from those of the test harness.
const MARK: &str = "durable ";

/// The child: not a test of its own, it ends at once unless a parent asked for it.
#[test]
fn child() {
    let Some(root) = std::env::var_os(CHILD) else { return };
    let mut session = Session::open(&PathBuf::from(root), Some(annotator()), Arc::new(|| {}));
    let session = session.as_mut().unwrap();
    // What the one before left of a change of the schema is finished first.
    session.wait_until_migrated();
    session.wait_for_history();
    let seed = std::env::var(CHILD_SEED).unwrap().parse().unwrap();
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut events, mut told) = (Vec::new(), 0);
    say("ready");
    loop {
        if random.u8(..30) == 0 {
            correct(session, &mut random);
            continue;
        }
        let before = newest(session);
        let is_counted = act(session, &mut random);
        let after = newest(session);
        if is_counted && before != after {
            events.push(event(&before, &after));
        }
        session.take_notices();
        // At times several steps are under way at once, as for a quick typist.
        let waits = random.u8(..4) > 0;
        loop {
            let durable = session.durable().0 as usize;
            for event in events.iter().take(durable).skip(told) {
                say(&format!("{MARK}{event}"));
            }
            told = told.max(durable.min(events.len()));
            if !waits || told == events.len() {
                break;
            }
            std::thread::yield_now();
        }
    }
}

/// Past the test harness, which keeps what tests print.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(format!("\n{line}\n").as_bytes()).unwrap();
    out.flush().unwrap();
}

/// The last steps that can be undone and redone, and how many there are.
type Newest = (usize, Option<String>, Option<String>);

fn newest(session: &Session) -> Newest {
    let history = session.history();
    let id = |step: Option<&RecordedStep>| step.map(|step| step.id().to_string());
    (history.undoable(), id(history.to_undo()), id(history.to_redo()))
}

/// What happened between two looks, as the parent reads it from the history.
fn event(before: &Newest, after: &Newest) -> String {
    let (kind, id) = match after.0.cmp(&before.0) {
        std::cmp::Ordering::Less => ("Undo", &before.1),
        _ if after.1 == before.2 => ("Redo", &after.1),
        _ => ("Do", &after.1),
    };
    format!("{kind} {}", id.as_deref().unwrap_or_default())
}

/// Does something at random; whether it is a step that is counted.
fn act(session: &mut Session, random: &mut fastrand::Rng) -> bool {
    let ids: Vec<AnnotationId> = session
        .set()
        .into_iter()
        .flat_map(AnnotationSet::annotations)
        .map(|found| found.id)
        .collect();
    let one = random.choice(&ids).copied();
    let labels: Vec<_> = session.schema().labels().iter().map(|label| label.id.clone()).collect();
    let action = match (random.u8(..28), one) {
        (0 | 1, _) => Action::OpenArticle(article(random.choice(["raid", "march"]).unwrap())),
        (2..=4, _) => Action::Command(CommandId::Undo),
        (5 | 6, _) => Action::Command(CommandId::Redo),
        (7, _) => Action::SetState(State::Done),
        (8, _) => Action::SetState(State::InProgress),
        (9, _) => {
            let mut schema = SchemaDraft::of(session.schema());
            schema.labels[0].name = format!("Actor {}", random.u16(..));
            let plan: Vec<Migration> = schema.plan(session.schema()).unwrap();
            Action::Migrate(plan, "Rename".to_owned())
        }
        (26 | 27, _) => Action::Command(CommandId::CompactHistories),
        (24 | 25, _) => Action::Migrate(vec![migration(session, random)], "Migrate".to_owned()),
        (10..=12, Some(id)) => Action::Delete(id),
        (13, Some(id)) => Action::SetNote(id, "a note ".repeat(random.usize(..300))),
        (14, Some(id)) if may_be_rebel(session, id) => {
            Action::SetAttribute(id, support::attribute("kind"), text("rebel"))
        }
        (15, Some(id)) => match words(session, random).map(Span::new) {
            Some(Ok(span)) => Action::SetSpan(id, span),
            _ => Action::Delete(id),
        },
        _ => match words(session, random) {
            Some(range) => Action::LabelRange(random.choice(labels).unwrap(), range),
            None => Action::OpenArticle(article("raid")),
        },
    };
    session.perform(action);
    // A change of the schema is done and taken back on the saving thread, and so is a
    // correction, while which other articles can be looked at.
    session.wait_until_migrated();
    let is_correction = session.is_correcting();
    if is_correction {
        session.perform(Action::OpenArticle(article(random.choice(["raid", "march"]).unwrap())));
        wait_for_correction(session);
    }
    !is_correction
}

/// The undo history is read anew after a correction, which is not counted among the steps.
fn wait_for_correction(session: &mut Session) {
    session.wait_until_corrected();
    session.wait_for_history();
}

/// Whether the label of an annotation knows rebels, whatever it is called by now.
fn may_be_rebel(session: &Session, id: AnnotationId) -> bool {
    let found = session.set().and_then(|set| set.annotation(id));
    let label = found.and_then(|found| session.schema().label(&found.label));
    let kind = label.and_then(|label| label.attribute(&support::attribute("kind")));
    kind.zip(text("rebel")).is_some_and(|(kind, rebel)| kind.kind.admits(&rebel))
}

/// A change that reaches into every set, or one more label where there are few.
fn migration(session: &Session, random: &mut fastrand::Rng) -> Migration {
    let labels = session.schema().labels();
    let mut ids: Vec<_> = labels.iter().map(|label| label.id.clone()).collect();
    random.shuffle(&mut ids);
    let fresh = LabelId::new(format!("label-{}", random.u32(..))).unwrap();
    match (random.u8(..4), ids.as_slice()) {
        (0, [from, into, _, _, ..]) => {
            Migration::MergeLabel { from: from.clone(), into: into.clone() }
        }
        (1, [gone, _, _, _, ..]) => Migration::DeleteLabel(gone.clone()),
        (0 | 1, _) => {
            let mut more = labels.to_vec();
            let new = Label { id: fresh, key: None, attributes: Vec::new(), ..more[0].clone() };
            more.push(new);
            let relations = session.schema().relations().to_vec();
            Migration::Redefine(Schema::new(more, relations).unwrap())
        }
        (_, ids) => Migration::RenameLabel { from: ids[0].clone(), to: fresh },
    }
}

/// Puts a word before the text of the open article, so that everything moves.
fn correct(session: &mut Session, random: &mut fastrand::Rng) {
    let word = format!("{:016x} ", random.u64(..));
    session.perform(Action::CorrectText(TextRange::empty(TextSize::new(0)), word));
    wait_for_correction(session);
}

/// Some letters of the open article.
fn words(session: &Session, random: &mut fastrand::Rng) -> Option<TextRange> {
    let text = session.article()?.article.text();
    // The headline's line is where words are put by corrections. When one of them is undone,
    // words annotated there are gone, as they should be: a thing to check, and no loss.
    let body = text.find('\n').map_or(0, |end| end + 1);
    let places: Vec<_> = text.char_indices().map(|(at, _)| at).filter(|at| *at >= body).collect();
    // A letter or two stand everywhere: where the text was corrected nobody could tell which
    // of them a line of the history means.
    let start = random.usize(..places.len() - 10);
    let end = (start + random.usize(8..30)).min(places.len() - 1);
    let at = |place: usize| TextSize::new(places[place] as u32);
    Some(TextRange::new(at(start), at(end)))
}

/// Starts a child, kills it after a while, and gives back what it reported.
fn kill_a_child(root: &Path, random: &mut fastrand::Rng) -> Vec<String> {
    // Some die while they open the project, most at work.
    let waits_for_start = random.u8(..8) > 0;
    let after = Duration::from_micros(random.u64(..150_000));
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["child", "--exact", "--nocapture", "--test-threads=1"])
        .env(CHILD, root)
        .env(CHILD_SEED, random.u64(..).to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    let (lines, heard) = channel();
    let reader = std::thread::spawn(move || {
        for line in out.lines().map_while(Result::ok) {
            if lines.send(line).is_err() {
                break;
            }
        }
    });
    let mut all = Vec::new();
    let mut is_ready = !waits_for_start;
    while !is_ready {
        match heard.recv_timeout(Duration::from_secs(30)) {
            Ok(line) if line == "ready" => is_ready = true,
            Ok(line) => all.push(line),
            Err(_) => panic!("the child did not start: {all:?}"),
        }
    }
    std::thread::sleep(after);
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    reader.join().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!errors.contains("panicked"), "{errors}");
    all.extend(heard);
    // A line that the kill cut short was not said.
    let is_whole = |line: &str| line.split(' ').nth(1).is_some_and(|id| id.len() >= 6);
    let reports = all.iter().filter_map(|line| line.strip_prefix(MARK));
    reports.filter(|line| is_whole(line)).map(str::to_owned).collect()
}

type Key = (ArticleId, AnnotatorName);

/// Finishes a change of the schema that a kill cut off, as the next window does; whether there
/// was one.
fn finish(root: &Path) -> bool {
    let folder = ProjectFolder::open(root).unwrap().folder;
    if folder.schema_change().unwrap().is_none() {
        return false;
    }
    let mut session = Session::open(root, Some(annotator()), Arc::new(|| {})).unwrap();
    session.wait_until_migrated();
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    let told = session.take_notices();
    assert!(told.iter().any(|told| told.text.ends_with("it has been finished")), "{told:?}");
    assert_eq!(folder.schema_change().unwrap(), None);
    true
}

/// The law. `reported` is everything that any child reported for this project.
fn check_the_law(root: &Path, reported: &[String]) {
    let opened = ProjectFolder::open(root).unwrap();
    let folder = &opened.folder;
    let faults: Vec<_> =
        check(folder, &mut |_, _| {}).into_iter().filter(|found| found.is_fault).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    let (steps, _) = folder.read_steps(&annotator()).unwrap();
    let mut found: HashMap<String, u32> = HashMap::new();
    let mut sets: HashMap<Key, AnnotationSet> = HashMap::new();
    let mut schema = None;
    for (kind, step) in &steps {
        *found.entry(format!("{kind:?} {}", step.id)).or_default() += 1;
        for change in &step.changes {
            let change = if *kind == StepKind::Undo { change.inverse() } else { change.clone() };
            match change {
                Change::Set { article, annotator, forward, .. } => {
                    let text = Arc::new(folder.read_article(&article).unwrap());
                    let empty = || AnnotationSet::new(text, annotator.clone());
                    let set = sets.entry((article, annotator.clone())).or_insert_with(empty);
                    forward.apply(set).unwrap();
                }
                Change::Schema { after, .. } => schema = Some(after),
            }
        }
    }
    for event in reported {
        let left = found.get_mut(event);
        let left = left.filter(|left| **left > 0);
        *left.unwrap_or_else(|| panic!("{event} was reported durable and is lost")) -= 1;
    }
    for ((id, name), set) in &sets {
        let read = folder.read_set(set.article(), name).unwrap().set;
        assert_eq!(read, *set, "{id} is not what its history makes");
    }
    if let Some(schema) = schema {
        assert_eq!(opened.project.schema, schema);
    }
}

/// Says where a trial is; the harness shows that of one that fails.
#[expect(clippy::print_stdout, reason = "a failing trial has to say how it can be repeated")]
fn tell(trial: &str) {
    println!("{trial}");
}

/// Keeps the project as the kill left it beside the one that is worked on.
fn keep_as_killed(root: &Path) {
    let kept = root.with_file_name("as-killed");
    if kept.exists() {
        std::fs::remove_dir_all(&kept).unwrap();
    }
    copy(root, &kept);
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        match path.is_dir() {
            true => copy(&path, &to.join(name)),
            false => drop(std::fs::copy(path, to.join(name)).unwrap()),
        }
    }
}

/// Makes the history of the raid so long that it is compacted when somebody asks for it.
fn grow_history(root: &Path) {
    let mut session = Session::open(root, Some(annotator()), Arc::new(|| {})).unwrap();
    session.wait_for_history();
    session.try_perform(Action::OpenArticle(article("raid"))).unwrap();
    let actor = session.schema().labels()[0].id.clone();
    session.try_perform(Action::LabelRange(actor, support::range("Several militants"))).unwrap();
    let marked = session.selection().annotation.unwrap();
    for word in ["one ", "two ", "three ", ""] {
        let note = word.repeat((KEPT_HISTORY / 10) as usize);
        session.try_perform(Action::SetNote(marked, note)).unwrap();
    }
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
    let history = root.join("history/tester/raid.ron");
    assert!(std::fs::metadata(history).unwrap().len() > KEPT_HISTORY);
}

/// Whether the history of the raid has an archive.
fn is_compacted(root: &Path) -> bool {
    root.join("history/tester/raid.ron.old-1").exists()
}

/// A session opens, does something and saves it.
fn go_on(root: &Path) {
    let mut session = Session::open(root, Some(annotator()), Arc::new(|| {})).unwrap();
    session.wait_for_history();
    session.try_perform(Action::OpenArticle(article("raid"))).unwrap();
    let other = match session.set().unwrap().state() {
        State::Done => State::InProgress,
        State::Unseen | State::InProgress => State::Done,
    };
    session.try_perform(Action::SetState(other)).unwrap();
    assert_eq!(session.wait_until_saved(), SaveState::Saved);
}

#[test]
fn whatever_was_reported_durable_survives_a_kill_at_any_moment() {
    let usual = std::env::var(CRASHES).ok().and_then(|number| number.parse().ok());
    let crashes: u64 = usual.unwrap_or(200);
    let seed = std::env::var(SEED).ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| fastrand::u64(..));
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut total, mut cut_off, mut compacted) = (0, 0, 0);
    for project_number in 0..crashes.div_ceil(KILLS_OF_A_PROJECT) {
        let mut temporary = tempfile::tempdir().unwrap();
        let root = temporary.path().join("project");
        project(&root);
        if project_number % 4 == 0 {
            grow_history(&root);
        }
        // Kept unless all of it holds.
        temporary.disable_cleanup(true);
        let mut reported = Vec::new();
        let kills = KILLS_OF_A_PROJECT.min(crashes - project_number * KILLS_OF_A_PROJECT);
        for kill in 0..kills {
            tell(&format!(
                "seed {seed}, project {project_number}, kill {kill}: {}",
                root.display()
            ));
            reported.extend(kill_a_child(&root, &mut random));
            keep_as_killed(&root);
            cut_off += u64::from(finish(&root));
            check_the_law(&root, &reported);
            if kill % 8 == 7 {
                go_on(&root);
            }
        }
        compacted += u64::from(is_compacted(&root));
        temporary.disable_cleanup(false);
        total += reported.len();
    }
    assert!(total as u64 > crashes, "{total} steps in {crashes} lives are no test");
    // Only the long form asks for it: children draw what they do, and how far one comes
    // before it is killed depends on the machine, so in a few lives it may never happen.
    assert!(compacted > 0 || crashes < LONG, "no history was compacted");
    assert!(cut_off > crashes / 50, "{cut_off} changes of the schema cut off are no test");
}
