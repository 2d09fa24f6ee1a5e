//! Two processes on one project: nothing lost, nothing mixed.
//!
//! The processes are this very test program, started again with a task in its
//! environment. Each edits at random, changes the schema now and then, and writes down what was reported saved; afterwards
//! every file must load, and what was written down must be there or have been changed by
//! a later edit of either. The long form:
//!
//!     cargo test --release --all-features --test two_processes -- --ignored

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use copydesk::edit::{Change, Migration};
use copydesk::model::{AnnotationId, AnnotationSet, AnnotatorName, ArticleId, RelationId, State};
use copydesk::session::command::CommandId;
use copydesk::session::{Action, SaveState, Session};
use copydesk::store::{ProjectFolder, check};
use copydesk::text::{TextRange, TextSize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::Arc;
use std::time::Duration;
use support::{article, label, relation};

const TASK: &str = "COPYDESK_TEST_TASK";

/// How a process behaves towards the lock.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Manner {
    /// It takes over whenever it finds that it lost the lock.
    TakesOver,
    /// It takes over once and then never looks again.
    Ignores,
}

/// What one process is to do.
struct Task {
    root: PathBuf,
    log: PathBuf,
    annotator: AnnotatorName,
    seed: u64,
    edits: usize,
    manner: Manner,
}

impl Task {
    fn start(&self) -> Child {
        let manner = if self.manner == Manner::Ignores { "ignores" } else { "takes-over" };
        let parts = [
            self.root.display().to_string(),
            self.log.display().to_string(),
            self.annotator.to_string(),
            self.seed.to_string(),
            self.edits.to_string(),
            manner.to_owned(),
        ];
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "one_of_the_processes"])
            .env(TASK, parts.join("\n"))
            .spawn()
            .unwrap()
    }

    fn read(text: &str) -> Self {
        let parts: Vec<_> = text.lines().collect();
        Self {
            root: parts[0].into(),
            log: parts[1].into(),
            annotator: AnnotatorName::new(parts[2]).unwrap(),
            seed: parts[3].parse().unwrap(),
            edits: parts[4].parse().unwrap(),
            manner: if parts[5] == "ignores" { Manner::Ignores } else { Manner::TakesOver },
        }
    }
}

/// The process: does nothing unless it was given a task.
#[test]
fn one_of_the_processes() {
    if let Ok(task) = std::env::var(TASK) {
        Editor::start(Task::read(&task)).run();
    }
}

const HOLD: &str = "COPYDESK_TEST_HOLD";

/// The process: holds the lock until it is killed.
#[test]
fn one_that_holds_the_lock() {
    if let Ok(root) = std::env::var(HOLD) {
        let held = support::session(Path::new(&root));
        assert!(held.blocked().is_none());
        std::thread::sleep(Duration::from_secs(60));
    }
}

#[test]
fn the_lock_of_a_killed_process_is_taken_silently() {
    let temporary = tempfile::tempdir().unwrap();
    support::project(temporary.path());
    let folder = ProjectFolder::open(temporary.path()).unwrap().folder;
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "one_that_holds_the_lock"])
        .env(HOLD, temporary.path())
        .spawn()
        .unwrap();
    while folder.holder(&support::annotator()).is_none() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let second = support::session(temporary.path());
    let holder = second.blocked().unwrap().holder.clone().unwrap();
    assert_eq!(holder.process, child.id());
    drop(second);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(folder.holder(&support::annotator()), Some(holder), "its note is left");
    let mut third = support::session(temporary.path());
    assert!(third.blocked().is_none() && !third.take_lock_question());
}

struct Editor {
    task: Task,
    session: Session,
    random: fastrand::Rng,
    /// What was done and not yet reported saved.
    done: Vec<String>,
    saved: Vec<String>,
}

impl Editor {
    fn start(task: Task) -> Self {
        let annotator = Some(task.annotator.clone());
        let mut session = Session::open(&task.root, annotator, Arc::new(|| {})).unwrap();
        session.wait_for_history();
        if session.blocked().is_some() {
            session.try_perform(Action::TakeOver).unwrap();
        }
        let random = fastrand::Rng::with_seed(task.seed);
        Self { task, session, random, done: Vec::new(), saved: Vec::new() }
    }

    fn run(mut self) {
        for number in 0..self.task.edits {
            if self.task.manner == Manner::TakesOver {
                self.session.poll();
                if self.session.blocked().is_some() {
                    self.session.try_perform(Action::TakeOver).unwrap();
                }
            }
            let id = if self.random.bool() { "raid" } else { "march" };
            self.session.try_perform(Action::OpenArticle(article(id))).unwrap();
            self.edit(number);
            if self.random.u8(..4) == 0 {
                self.save();
            }
        }
        self.save();
        fs::write(&self.task.log, self.saved.join("\n")).unwrap();
    }

    fn save(&mut self) {
        let state = self.session.wait_until_saved();
        assert_eq!(state, SaveState::Saved);
        self.saved.append(&mut self.done);
    }

    /// Does something and writes down what that was.
    fn edit(&mut self, number: usize) {
        let before = self.session.set().unwrap().clone();
        let Some(action) = self.action(&before, number) else { return };
        // What does not fit (a relation that the schema lacks, a change of the schema while the
        // other process is at one) is part of the trial.
        let _ = self.session.try_perform(action);
        self.session.wait_until_migrated();
        let after = self.session.set().unwrap();
        let place = after.article().id();
        assert_eq!(place, before.article().id());
        for one in before.annotations().filter(|one| after.annotation(one.id).is_none()) {
            self.done.push(format!("remove {place} {}", one.id));
        }
        for one in after.annotations() {
            if before.annotation(one.id).is_none() {
                self.done.push(format!("add {place} {}", one.id));
            }
            if before.annotation(one.id).map_or("", |old| &old.note) != one.note {
                self.done.push(format!("note {place} {} {}", one.id, one.note));
            }
        }
        for one in before.relations().filter(|one| after.relation(one.id).is_none()) {
            self.done.push(format!("unrelate {place} {}", one.id));
        }
        for one in after.relations().filter(|one| before.relation(one.id).is_none()) {
            self.done.push(format!("relate {place} {} {} {}", one.id, one.from, one.to));
        }
    }

    fn action(&mut self, set: &AnnotationSet, number: usize) -> Option<Action> {
        let ids: Vec<_> = set.annotations().map(|one| one.id).collect();
        let (who, seed) = (&self.task.annotator, self.task.seed);
        // Now and then the actors get another name, in the sets of both.
        let actors = ["actor", "agent"].map(label);
        let [from, to] = match self.session.schema().label(&actors[0]) {
            Some(_) => actors,
            None => [actors[1].clone(), actors[0].clone()],
        };
        if number % 20 == 19 {
            let rename = Migration::RenameLabel { from, to };
            return Some(Action::Migrate(vec![rename], "Rename".to_owned()));
        }
        Some(match self.random.u8(..10) {
            0..=4 => {
                let len = set.article().text().len() as u32;
                let name = [from.as_str(), "location", "casualty", "claim"][self.random.usize(..4)];
                let range = TextRange::at(TextSize::new(self.random.u32(..len - 12)), 9.into());
                Action::LabelRange(label(name), range)
            }
            5 | 6 => {
                let note = format!("{who}-{seed}-{number}");
                Action::SetNote(self.random.choice(ids)?, note)
            }
            7 => Action::Delete(self.random.choice(ids)?),
            8 => {
                let claims = set.annotations().filter(|one| one.label == label("claim"));
                let actors = set.annotations().filter(|one| one.label == from);
                let claims: Vec<_> = claims.map(|one| one.id).collect();
                let actors: Vec<_> = actors.map(|one| one.id).collect();
                let (from, to) = (self.random.choice(claims)?, self.random.choice(actors)?);
                Action::Relate { kind: relation("source"), from, to }
            }
            _ if self.random.bool() => {
                let place = set.article().id();
                let step = self.session.history().to_undo()?;
                let is_here = |change: &Change| matches!(change, Change::Set { article, .. } if article == place);
                step.read()
                    .ok()??
                    .changes
                    .iter()
                    .all(is_here)
                    .then_some(Action::Command(CommandId::Undo))?
            }
            _ => Action::SetState(if self.random.bool() { State::Done } else { State::InProgress }),
        })
    }
}

/// What either process reported saved.
#[derive(Default)]
struct Reported {
    added: BTreeSet<(ArticleId, AnnotationId)>,
    removed: BTreeSet<(ArticleId, AnnotationId)>,
    related: BTreeMap<(ArticleId, RelationId), [AnnotationId; 2]>,
    unrelated: BTreeSet<(ArticleId, RelationId)>,
    /// The last note of each process.
    notes: BTreeMap<(ArticleId, AnnotationId), Vec<String>>,
}

impl Reported {
    fn read(&mut self, log: &Path) {
        let mut last = BTreeMap::new();
        for line in fs::read_to_string(log).unwrap().lines() {
            let parts: Vec<_> = line.split(' ').collect();
            let place = article(parts[1]);
            let id = |at: usize| parts[at].parse::<AnnotationId>().unwrap();
            match parts[0] {
                "add" => drop(self.added.insert((place, id(2)))),
                "remove" => drop(self.removed.insert((place, id(2)))),
                "note" => drop(last.insert((place, id(2)), parts[3].to_owned())),
                "relate" => {
                    let relation = RelationId(id(2).0);
                    self.related.insert((place, relation), [id(3), id(4)]);
                }
                "unrelate" => drop(self.unrelated.insert((place, RelationId(id(2).0)))),
                other => panic!("{other}"),
            }
        }
        for (key, note) in last {
            self.notes.entry(key).or_default().push(note);
        }
    }

    /// Whether everything is in a set, or was changed by somebody.
    fn compare(&self, set: &AnnotationSet) {
        let here = |place: &ArticleId| place == set.article().id();
        let gone = |id: &AnnotationId| self.removed.contains(&(set.article().id().clone(), *id));
        for (_, id) in self.added.iter().filter(|(place, _)| here(place)) {
            assert!(set.annotation(*id).is_some() || gone(id), "{id} is lost");
        }
        for one in set.annotations() {
            let key = (set.article().id().clone(), one.id);
            assert!(self.added.contains(&key), "{} came from nowhere", one.id);
            let notes = self.notes.get(&key);
            let is_known = notes.map_or(one.note.is_empty(), |notes| notes.contains(&one.note));
            assert!(is_known, "{}: {:?} instead of {notes:?}", one.id, one.note);
        }
        let stay = self.related.iter().filter(|(key, _)| !self.unrelated.contains(key));
        for ((_, id), ends) in stay.filter(|((place, _), _)| here(place)) {
            let is_there = set.relation(*id).is_some();
            assert!(is_there || ends.iter().any(gone), "the relation {id} is lost");
        }
    }
}

fn sets(folder: &ProjectFolder, annotator: &AnnotatorName) -> Vec<AnnotationSet> {
    let read = |id: &str| {
        let read = Arc::new(folder.read_article(&article(id)).unwrap());
        folder.read_set(&read, annotator).unwrap().set
    };
    ["raid", "march"].map(read).into()
}

/// Lets two processes edit, and looks at what is left.
fn trial(annotators: [&str; 2], manner: Manner, edits: usize, seed: u64) {
    let temporary = tempfile::tempdir().unwrap();
    let root = temporary.path().join("project");
    support::project(&root);
    let tasks = [0, 1].map(|side| Task {
        root: root.clone(),
        log: temporary.path().join(format!("log-{side}")),
        annotator: AnnotatorName::new(annotators[side]).unwrap(),
        seed: seed + side as u64,
        edits,
        manner,
    });
    let children = tasks.each_ref().map(Task::start);
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let folder = ProjectFolder::open(&root).unwrap().folder;
    let faults = check(&folder, &mut |_, _| {}).into_iter().filter(|found| {
        // Random annotations break rules of annotating; files must not break theirs.
        found.remedy != "correct it in the window" && found.is_fault
    });
    assert_eq!(faults.collect::<Vec<_>>(), vec![]);
    assert_eq!(folder.schema_change().unwrap(), None, "a change of the schema is not finished");
    let is_one = annotators[0] == annotators[1];
    let groups: Vec<Vec<&Task>> = if is_one {
        vec![tasks.iter().collect()]
    } else {
        tasks.iter().map(|task| vec![task]).collect()
    };
    for group in groups {
        let mut reported = Reported::default();
        group.iter().for_each(|task| reported.read(&task.log));
        assert!(reported.added.len() > edits / 5, "the trial did something");
        let annotator = &group[0].annotator;
        let found = sets(&folder, annotator);
        found.iter().for_each(|set| reported.compare(set));
        // The history alone says the same.
        fs::remove_dir_all(root.join("annotations").join(annotator.as_str())).unwrap();
        assert_eq!(sets(&folder, annotator), found);
    }
}

#[test]
fn two_annotators_lose_and_mix_nothing() {
    trial(["one", "two"], Manner::TakesOver, 100, 1);
}

#[test]
fn one_annotator_in_two_windows_that_take_over_from_each_other_loses_nothing() {
    trial(["one", "one"], Manner::TakesOver, 100, 10);
}

#[test]
fn one_annotator_in_two_windows_that_ignore_the_lock_loses_nothing() {
    trial(["one", "one"], Manner::Ignores, 100, 20);
}

#[test]
#[ignore = "the long form: a thousand edits each"]
fn a_thousand_edits_each() {
    for seed in 0..3 {
        trial(["one", "two"], Manner::TakesOver, 1000, 100 + seed);
        trial(["one", "one"], Manner::TakesOver, 1000, 200 + seed);
        trial(["one", "one"], Manner::Ignores, 1000, 300 + seed);
    }
}
