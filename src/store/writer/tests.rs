//! What is committed is on disk, whatever happens and whoever else writes.

use super::*;
use crate::edit::Edit;
use crate::model::{AnnotationId, State};
use crate::store::disk::fault;
use crate::store::testing;
use proptest::prelude::*;
use std::path::PathBuf;

fn read(folder: &ProjectFolder) -> AnnotationSet {
    folder.read_set(&testing::article(), &testing::annotator()).unwrap().set
}

fn history_lines(folder: &ProjectFolder) -> usize {
    let file = layout::history(&testing::annotator(), testing::article().id());
    let bytes = folder.disk().read(&file).unwrap().unwrap_or_default();
    assert!(bytes.is_empty() || bytes.ends_with(b"\n"));
    bytes.iter().filter(|byte| **byte == b'\n').count()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    /// Do, undo and redo at random, flush at times, lose the writer at times: what is
    /// read is always what was committed.
    #[test]
    fn whatever_was_committed_is_read_after_a_crash(
        acts in prop::collection::vec((0..6u8, testing::edits()), 1..12)
    ) {
        let (_temporary, folder) = testing::folder();
        let mut writer = Writer::new(folder.clone());
        let mut set = read(&folder);
        let (mut done, mut undone): (Vec<Step>, Vec<Step>) = (Vec::new(), Vec::new());
        for (number, (act, edits)) in acts.into_iter().enumerate() {
            let apply = |step: &Step, back: bool, set: &mut AnnotationSet| {
                let Change::Set { forward, backward, .. } = &step.changes[0] else { return };
                let edits = if back { backward } else { forward };
                edits.apply(set).unwrap();
            };
            match act {
                0 | 1 => {
                    let mut copy = set.clone();
                    let fits = |edit: &Edit| {
                        Transaction::from(vec![edit.clone()]).apply(&mut copy).is_ok()
                    };
                    let edits = edits.into_iter().filter(fits).collect();
                    let step = testing::step(number as u64 + 1, &mut set, edits);
                    writer.commit(StepKind::Do, &step).unwrap();
                    done.push(step);
                    undone.clear();
                }
                2 | 3 => if let Some(step) = done.pop() {
                    writer.commit(StepKind::Undo, &step).unwrap();
                    apply(&step, true, &mut set);
                    undone.push(step);
                },
                4 => if let Some(step) = undone.pop() {
                    writer.commit(StepKind::Redo, &step).unwrap();
                    apply(&step, false, &mut set);
                    done.push(step);
                },
                _ => {
                    if edits.len() > 3 {
                        writer.flush().unwrap();
                        prop_assert!(!writer.has_unflushed());
                    }
                    writer = Writer::new(folder.clone());
                }
            }
            prop_assert_eq!(&read(&folder), &set);
        }
        let mut history = crate::edit::History::default();
        let (steps, problems) = folder.read_steps(&testing::annotator()).unwrap();
        prop_assert_eq!(problems, vec![]);
        for (kind, step) in steps {
            history.record(kind, step);
        }
        prop_assert_eq!(history.to_undo().map(|step| &**step), done.last());
        prop_assert_eq!(history.to_redo().map(|step| &**step), undone.last());
    }
}

#[test]
fn a_fault_at_any_operation_loses_and_doubles_nothing() {
    for operations in 0.. {
        let (_temporary, folder) = testing::folder();
        let mut writer = Writer::new(folder.clone());
        let mut set = read(&folder);
        let first = testing::step(1, &mut set, vec![Edit::add(testing::mark(1, 7))]);
        writer.commit(StepKind::Do, &first).unwrap();
        writer.flush().unwrap();
        let before = set.clone();
        let mut second = testing::step(2, &mut set, vec![Edit::State(State::Done)]);
        let schema = Arc::new(Schema::default());
        second.changes.push(Change::Schema { before: schema.clone(), after: schema });
        fault::after(operations);
        let committed = writer.commit(StepKind::Do, &second);
        let flushed = committed.is_ok().then(|| writer.flush());
        let struck = fault::heal();
        // The disk, seen by somebody who opens the project now.
        let found = read(&folder);
        if committed.is_ok() {
            assert_eq!(found, set);
        } else {
            assert!(found == before || found == set);
            writer.commit(StepKind::Do, &second).unwrap();
        }
        writer.flush().unwrap();
        assert!(!writer.has_unflushed());
        assert_eq!(read(&folder), set);
        assert_eq!(history_lines(&folder), 2);
        if !struck {
            assert!(matches!(flushed, Some(Ok(()))));
            break;
        }
    }
}

#[test]
fn a_writer_moves_to_a_thread_of_its_own() {
    fn moves<T: Send + 'static>() {}
    moves::<Writer>();
    moves::<StoreError>();
}

#[test]
fn a_torn_line_is_kept_aside_when_the_next_step_is_written() {
    let (_temporary, folder) = testing::folder();
    let mut set = read(&folder);
    let first = testing::step(1, &mut set, vec![Edit::add(testing::mark(1, 7))]);
    Writer::new(folder.clone()).commit(StepKind::Do, &first).unwrap();
    let file = layout::history(&testing::annotator(), testing::article().id());
    for (number, torn) in ["(step: \"00", "\0\0\0\0\n"].into_iter().enumerate() {
        folder.disk().append(&file, torn.as_bytes()).unwrap();
        let loaded = folder.read_set(&testing::article(), &testing::annotator()).unwrap();
        assert_eq!(loaded.set, set);
        assert!(loaded.problems.iter().any(|problem| problem.what.contains("cut short")));
        let id = number as u64 + 2;
        let next = testing::step(id, &mut set, vec![Edit::add(testing::mark(id, 7))]);
        Writer::new(folder.clone()).commit(StepKind::Do, &next).unwrap();
        let aside = PathBuf::from(format!("{}.torn-{}", file.display(), number + 1));
        assert_eq!(folder.disk().read(&aside).unwrap().unwrap(), torn.as_bytes());
    }
    assert_eq!(read(&folder), set);
    assert_eq!(history_lines(&folder), 3);
}

/// Their annotation file in the place of ours, with a last step of theirs or ours.
fn put_theirs(folder: &ProjectFolder, set: &AnnotationSet, mark: Option<Mark>) {
    let file = layout::set(&testing::annotator(), testing::article().id());
    folder.disk().replace(&file, wire::write_set(set, mark).as_bytes()).unwrap();
}

fn mark_of(step: u64) -> Option<Mark> {
    Some(Mark { step: StepId(step), lines: 1 })
}

#[test]
fn a_file_that_somebody_else_changed_is_merged_and_its_annotations_stay() {
    for (theirs, is_flushed) in [(1, true), (1, false), (77, true), (77, false)] {
        let (_temporary, folder) = testing::folder();
        let mut writer = Writer::new(folder.clone());
        let mut set = read(&folder);
        let first = testing::step(1, &mut set, vec![Edit::add(testing::mark(1, 7))]);
        writer.commit(StepKind::Do, &first).unwrap();
        writer.flush().unwrap();
        let mut other = set.clone();
        testing::step(9, &mut other, vec![Edit::add(testing::mark(9, 7))]);
        let second = testing::step(2, &mut set, vec![Edit::add(testing::mark(2, 7))]);
        if is_flushed {
            put_theirs(&folder, &other, mark_of(theirs));
            writer.commit(StepKind::Do, &second).unwrap();
        } else {
            writer.commit(StepKind::Do, &second).unwrap();
            put_theirs(&folder, &other, mark_of(theirs));
            writer.look(testing::article().id(), &testing::annotator()).unwrap();
        }
        let ids = |set: &AnnotationSet| set.annotations().map(|one| one.id.0).collect::<Vec<_>>();
        if is_flushed {
            assert_eq!(ids(&read(&folder)), [1, 2, 9], "before the file follows");
        }
        writer.flush().unwrap();
        assert_eq!(ids(&read(&folder)), [1, 2, 9]);
        assert!(writer.take_news().values().all(Vec::is_empty));
        assert!(writer.take_news().is_empty(), "told once");
        // Somebody who only has the history, or appends to it, has the same.
        if theirs == 77 {
            let file = layout::set(&testing::annotator(), testing::article().id());
            std::fs::remove_file(folder.root().join(file)).unwrap();
            assert_eq!(ids(&read(&folder)), [1, 2, 9]);
        }
    }
}

#[test]
fn two_writers_that_know_nothing_of_each_other_lose_nothing() {
    let (_temporary, folder) = testing::folder();
    let mut writers = [Writer::new(folder.clone()), Writer::new(folder.clone())];
    let mut sets = [read(&folder), read(&folder)];
    for number in 1..=40_u64 {
        let side = (number % 3 % 2) as usize;
        let edits = vec![Edit::add(testing::mark(number, 7))];
        let step = testing::step(number, &mut sets[side], edits);
        writers[side].commit(StepKind::Do, &step).unwrap();
        if number % 5 == 0 {
            writers[side].flush().unwrap();
        }
        assert_eq!(read(&folder).len() as u64, number);
    }
    for writer in &mut writers {
        writer.flush().unwrap();
    }
    assert_eq!(read(&folder).len(), 40);
    assert_eq!(history_lines(&folder), 40);
}

#[test]
fn what_both_changed_stays_ours_and_their_file_is_kept() {
    let (_temporary, folder) = testing::folder();
    let mut writer = Writer::new(folder.clone());
    let mut set = read(&folder);
    let first = testing::step(1, &mut set, vec![Edit::add(testing::mark(1, 7))]);
    writer.commit(StepKind::Do, &first).unwrap();
    writer.flush().unwrap();
    let noted = |note: &str| {
        let mut noted = testing::mark(1, 7);
        note.clone_into(&mut noted.note);
        vec![Edit::replace(noted)]
    };
    let mut other = set.clone();
    testing::step(9, &mut other, noted("theirs"));
    put_theirs(&folder, &other, mark_of(1));
    let second = testing::step(2, &mut set, noted("ours"));
    writer.commit(StepKind::Do, &second).unwrap();
    writer.flush().unwrap();
    assert_eq!(read(&folder).annotation(AnnotationId(1)).unwrap().note, "ours");
    let news = writer.take_news();
    assert_eq!(news.values().map(Vec::len).collect::<Vec<_>>(), [1]);
    let file = layout::set(&testing::annotator(), testing::article().id());
    let aside = PathBuf::from(format!("{}.theirs-1", file.display()));
    let kept = folder.disk().read(&aside).unwrap().unwrap();
    assert!(String::from_utf8(kept).unwrap().contains("note: \"theirs\""));
}

#[test]
fn what_changed_between_being_read_and_the_first_edit_is_noticed() {
    let (_temporary, folder) = testing::folder();
    let (article, annotator) = (testing::article(), testing::annotator());
    let (loaded, shown) = folder.read_shown(&article, &annotator).unwrap();
    let mut other = loaded.set.clone();
    testing::step(9, &mut other, vec![Edit::add(testing::mark(9, 7))]);
    put_theirs(&folder, &other, None);
    let mut writer = Writer::new(folder.clone());
    writer.show(article.id(), &annotator, shown);
    let mut set = loaded.set;
    let step = testing::step(1, &mut set, vec![Edit::add(testing::mark(1, 7))]);
    writer.commit(StepKind::Do, &step).unwrap();
    assert_eq!(writer.take_news().len(), 1);
    assert_eq!(writer.set(article.id(), &annotator).unwrap().len(), 2);
    writer.flush().unwrap();
    assert_eq!(read(&folder).len(), 2);
}

#[test]
fn a_step_on_what_cannot_be_read_is_refused_whole() {
    let (_temporary, folder) = testing::folder();
    let mut writer = Writer::new(folder.clone());
    let mut set = read(&folder);
    let mut step = testing::step(1, &mut set, vec![Edit::add(testing::mark(1, 7))]);
    let mut other = step.changes[0].clone();
    let second = AnnotatorName::new("annotator-2").unwrap();
    let file = layout::set(&second, testing::article().id());
    folder.disk().replace(&file, b"neither whole nor empty").unwrap();
    if let Change::Set { annotator, .. } = &mut other {
        *annotator = second;
    }
    step.changes.push(other);
    assert!(matches!(
        writer.commit(StepKind::Do, &step),
        Err(StoreError { cause: Cause::Syntax(_), .. })
    ));
    assert!(!writer.has_unflushed());
    assert_eq!(history_lines(&folder), 0);
    step.changes.pop();
    writer.commit(StepKind::Do, &step).unwrap();
    assert_eq!(read(&folder), set);
}

#[test]
fn what_is_done_again_after_the_text_was_corrected_moves_with_it() {
    let (_temporary, folder) = testing::folder();
    let mut writer = Writer::new(folder.clone());
    let mut set = read(&folder);
    let step = testing::step(1, &mut set, vec![Edit::add(testing::mark(1, 7))]);
    writer.commit(StepKind::Do, &step).unwrap();
    writer.flush().unwrap();
    let kept = {
        let bytes = |file: PathBuf| folder.disk().read(&file).unwrap().unwrap();
        (testing::annotator(), bytes(layout::set(&testing::annotator(), set.article().id())))
    };
    let step = testing::step(2, &mut set, vec![Edit::add(testing::mark(2, 7))]);
    writer.commit(StepKind::Do, &step).unwrap();
    // The text is corrected, and a file sync puts the rest back as it was before the step.
    let id = testing::article().id().clone();
    let corrected = format!("Corrected: {}", testing::TEXT);
    let corrected = Article::new(id.clone(), testing::article().meta().clone(), corrected);
    folder.correct_article(&corrected, StepId(77)).unwrap();
    folder.disk().replace(&layout::set(&kept.0, &id), &kept.1).unwrap();
    folder.disk().remove(&layout::history(&kept.0, &id)).unwrap();
    writer.look(&id, &testing::annotator()).unwrap();
    let ours = writer.set(&id, &testing::annotator()).unwrap();
    let surfaces: Vec<_> = ours.annotations().map(|found| ours.surface(found)).collect();
    assert_eq!(surfaces, ["Several", "Several"]);
}
