//! A history that was cut is the history that it was.

use super::*;
use crate::edit::{Change, Edit, History, Step};
use crate::model::{AnnotationId, AnnotationSet, State};
use crate::store::error::Problem;
use crate::store::testing;
use crate::store::writer::Writer;
use crate::store::{check, copy_readable};
use proptest::prelude::*;

/// How many bytes stay in these tests.
const KEPT: u64 = 700;

fn owner() -> Owner {
    (testing::annotator(), testing::article().id().clone())
}

fn history() -> PathBuf {
    layout::history_of(Some(&owner()))
}

fn audit(folder: &ProjectFolder) -> Vec<u8> {
    folder.whole_history(&history()).unwrap().bytes.into_owned()
}

fn line_count(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte == b'\n').count()
}

fn archive(folder: &ProjectFolder) -> bool {
    folder.archive_lines(Some(&owner()), KEPT, KEPT).unwrap()
}

fn compact(folder: &ProjectFolder, writer: &mut Writer) -> Option<Compacted> {
    archive(folder);
    writer.cut_history(Some(&owner())).unwrap()
}

fn read(folder: &ProjectFolder) -> AnnotationSet {
    folder.read_set(&testing::article(), &testing::annotator()).unwrap().set
}

/// A person at work, by the undo history that a new session reads each time.
struct Desk {
    folder: ProjectFolder,
    writer: Writer,
    set: AnnotationSet,
    next: u64,
}

impl Desk {
    fn new(folder: &ProjectFolder) -> Self {
        let (folder, set) = (folder.clone(), read(folder));
        Self { writer: Writer::new(folder.clone()), folder, set, next: 1 }
    }

    fn recorded(&self) -> History {
        let mut history = History::default();
        let (steps, problems) = self.folder.read_steps(&testing::annotator()).unwrap();
        assert_eq!(problems, vec![]);
        for (kind, step) in steps {
            history.record(kind, step);
        }
        history
    }

    fn commit(&mut self, kind: StepKind, step: &Step) {
        self.writer.commit(kind, step).unwrap();
    }

    fn label(&mut self) {
        let edits = vec![Edit::add(testing::mark(self.next, 7))];
        let step = testing::step(self.next, &mut self.set, edits);
        self.next += 1;
        self.commit(StepKind::Do, &step);
    }

    fn travel(&mut self, kind: StepKind) {
        let recorded = self.recorded();
        let is_undo = kind == StepKind::Undo;
        let step = if is_undo { recorded.to_undo() } else { recorded.to_redo() };
        let Some(step) = step.cloned() else { return };
        let Change::Set { forward, backward, .. } = &step.changes[0] else { return };
        let edits = if is_undo { backward } else { forward };
        edits.apply(&mut self.set).unwrap();
        self.commit(kind, &step);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Whatever was done, cut and begun to be cut in whatever order: the audit only grows
    /// by what was done, and the set and what can be undone are those of the whole of it.
    #[test]
    fn compacting_is_the_identity_for_everybody_who_reads(
        acts in prop::collection::vec(0..10u8, 1..60)
    ) {
        let (_temporary, folder) = testing::folder();
        let mut desk = Desk::new(&folder);
        let mut before = audit(&folder);
        for act in acts {
            match act {
                0..=3 => desk.label(),
                4 | 5 => desk.travel(StepKind::Undo),
                6 => desk.travel(StepKind::Redo),
                7 => drop(compact(&folder, &mut desk.writer)),
                // A crash between the two moves.
                8 => { archive(&folder); }
                _ => {
                    desk.writer.flush().unwrap();
                    desk.writer = Writer::new(folder.clone());
                }
            }
            let now = audit(&folder);
            prop_assert!(now.starts_with(&before));
            let came = line_count(&now[before.len()..]);
            prop_assert!(came <= usize::from(act < 7), "{} lines came by {}", came, act);
            before = now;
            prop_assert_eq!(&read(&folder), &desk.set);
            let (annotator, article) = owner();
            let told = folder.trail(&annotator, &article, None).unwrap().0.len();
            prop_assert_eq!(told, line_count(&before));
            let problems = check(&folder, &mut |_, _| {});
            // The labels of these tests are in no schema.
            let is_sound = |found: &Problem| !found.is_fault || found.what.contains("schema");
            prop_assert!(problems.iter().all(is_sound), "{:?}", problems);
        }
        // Nobody's annotation file is needed.
        desk.writer.flush().unwrap();
        let _ = std::fs::remove_file(folder.root().join(layout::set(&owner().0, &owner().1)));
        prop_assert_eq!(&read(&folder), &desk.set);
        // Everything can be taken back, one step after the other.
        while desk.recorded().to_undo().is_some() {
            desk.travel(StepKind::Undo);
        }
        prop_assert!(read(&folder).is_empty());
    }
}

/// A history of so many steps, each of a label, with its annotation file.
fn worked(steps: u64) -> (tempfile::TempDir, ProjectFolder, Desk) {
    let (temporary, folder) = testing::folder();
    let mut desk = Desk::new(&folder);
    (0..steps).for_each(|_| desk.label());
    desk.writer.flush().unwrap();
    (temporary, folder, desk)
}

#[test]
fn the_newest_lines_stay_and_those_that_the_file_lacks() {
    let (_temporary, folder, mut desk) = worked(10);
    let before = audit(&folder);
    let compacted = compact(&folder, &mut desk.writer).unwrap();
    let live = folder.disk().read(&history()).unwrap().unwrap();
    assert!(live.len() as u64 >= KEPT && (live.len() as u64) < 2 * KEPT);
    let old = folder.disk().read(&compacted.archive).unwrap().unwrap();
    assert_eq!([old, live].concat(), before);
    assert_eq!(compacted.archive, PathBuf::from("history/annotator-1/siege.ron.old-1"));
    // The file does not follow, and the lines that it lacks are not cut.
    (0..10).for_each(|_| desk.label());
    let lacking = audit(&folder).len() - before.len();
    compact(&folder, &mut desk.writer).unwrap();
    let live = folder.disk().len(&history()).unwrap().unwrap() as usize;
    assert!(live > lacking, "{live} bytes of {lacking}");
    assert_eq!(compact(&folder, &mut desk.writer), None, "nothing is left to cut");
    // The writer goes on without having to look at anything again.
    desk.label();
    assert!(desk.writer.take_news().is_empty());
    assert_eq!(read(&folder), desk.set);
}

#[test]
fn an_older_annotation_file_gets_what_it_lacks_from_the_archives() {
    let (_temporary, folder, mut desk) = worked(6);
    let file = layout::set(&owner().0, &owner().1);
    let old = folder.disk().read(&file).unwrap().unwrap();
    (0..12).for_each(|_| desk.label());
    desk.travel(StepKind::Undo);
    desk.writer.flush().unwrap();
    compact(&folder, &mut desk.writer).unwrap();
    folder.disk().replace(&file, &old).unwrap();
    assert_eq!(read(&folder), desk.set);
    desk.label();
    assert_eq!(read(&folder).len(), 18);
}

#[test]
fn a_step_is_undone_and_done_again_across_the_border() {
    let (_temporary, folder, mut desk) = worked(10);
    compact(&folder, &mut desk.writer).unwrap();
    (0..9).for_each(|_| desk.travel(StepKind::Undo));
    desk.writer.flush().unwrap();
    compact(&folder, &mut desk.writer).unwrap();
    desk.writer = Writer::new(folder.clone());
    assert_eq!(read(&folder).len(), 1);
    (0..9).for_each(|_| desk.travel(StepKind::Redo));
    assert_eq!(read(&folder).len(), 10);
    assert_eq!(desk.recorded().undoable(), 10);
    let trail = folder.trail(&owner().0, &owner().1, Some(AnnotationId(9))).unwrap().0;
    let kinds: Vec<_> = trail.iter().map(|line| line.kind).collect();
    assert_eq!(kinds, [StepKind::Do, StepKind::Undo, StepKind::Redo]);
}

#[test]
fn archives_are_checked_copied_and_missed() {
    let (_temporary, folder, mut desk) = worked(10);
    compact(&folder, &mut desk.writer).unwrap();
    (0..10).for_each(|_| desk.label());
    desk.writer.flush().unwrap();
    compact(&folder, &mut desk.writer).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = ProjectFolder::create(elsewhere.path(), &testing::project()).unwrap();
    assert_eq!(copy_readable(&folder, &copy).unwrap(), vec![]);
    assert_eq!(audit(&copy), audit(&folder));
    let archive = layout::archive(&history(), 1);
    copy.disk().append(&archive, b"(no line)\n").unwrap();
    let problems = check(&copy, &mut |_, _| {});
    assert!(problems.iter().any(|found| found.file == archive && found.line.is_some()));
    copy.disk().remove(&archive).unwrap();
    let problems = check(&copy, &mut |_, _| {});
    let missed = layout::archive(&history(), 2);
    assert!(problems.iter().any(|found| found.file == missed && found.what.contains("missing")));
}

#[test]
fn what_somebody_writes_between_the_two_moves_stays() {
    let (_temporary, folder, mut desk) = worked(10);
    let mut other = Writer::new(folder.clone());
    assert!(archive(&folder));
    let step = testing::step(99, &mut desk.set, vec![Edit::State(State::Done)]);
    other.commit(StepKind::Do, &step).unwrap();
    assert!(desk.writer.cut_history(Some(&owner())).unwrap().is_some());
    assert_eq!(desk.writer.cut_history(Some(&owner())).unwrap(), None);
    assert_eq!(read(&folder), desk.set);
    desk.label();
    assert_eq!(read(&folder), desk.set);
    assert_eq!(line_count(&audit(&folder)), 12);
}
