//! Corrected texts: what moves, what is listed, and crashes in between.

use super::*;
use crate::edit::{Change, Edit};
use crate::model::{
    Annotation, AnnotationId, AnnotationSet, ArticleMeta, Relation, RelationId, RelationTypeId,
    Span,
};
use crate::store::disk::fault::{self, Faults, Trouble};
use crate::store::{Writer, check, testing};
use crate::text::TextSize;
use std::path::Path;

const OLD: &str = "Several militans stormed the “police” headquarters.\nThe police fled on Friday.";
const NEW: &str = "BREAKING\nSeveral militants stormed the “police” headquarters.\nThe army came.";

fn article(text: &str) -> Article {
    Article::new(ArticleId::new("raid").unwrap(), ArticleMeta::default(), text)
}

fn mark(id: u64, words: &[&str]) -> Annotation {
    let range = |words: &&str| {
        let at = OLD.find(words).unwrap() as u32;
        TextRange::at(at.into(), TextSize::of(*words))
    };
    let span = Span::from_ranges(words.iter().map(range).collect()).unwrap();
    Annotation { span, ..testing::mark(id, 1) }
}

/// A project whose one annotator marked an actor with a typo, the headquarters, a
/// discontinuous one and a day that is going to disappear.
fn folder() -> (tempfile::TempDir, ProjectFolder) {
    let (temporary, folder) = testing::folder();
    folder.add_article(&article(OLD)).unwrap();
    let mut set = AnnotationSet::new(Arc::new(article(OLD)), testing::annotator());
    let relation = Relation {
        id: RelationId(9),
        kind: RelationTypeId::new("source").unwrap(),
        from: AnnotationId(1),
        to: AnnotationId(4),
    };
    let edits = vec![
        Edit::add(mark(1, &["Several militans"])),
        Edit::add(mark(2, &["headquarters"])),
        Edit::add(mark(3, &["stormed", "police"])),
        Edit::add(mark(4, &["on Friday"])),
        Edit::relate(relation),
    ];
    let step = testing::step(1, &mut set, edits);
    let mut writer = Writer::new(folder.clone());
    writer.commit(StepKind::Do, &step).unwrap();
    writer.flush().unwrap();
    (temporary, folder)
}

fn surfaces(set: &AnnotationSet) -> Vec<(u64, String, Option<String>)> {
    let told = |found: &Annotation| {
        (found.id.0, set.surface(found), found.was.as_deref().map(str::to_owned))
    };
    let mut told: Vec<_> = set.annotations().map(told).collect();
    told.sort();
    told
}

fn expected() -> Vec<(u64, String, Option<String>)> {
    let same = |id, text: &str| (id, text.to_owned(), None);
    vec![same(1, "Several militants"), same(2, "headquarters"), same(3, "stormed … police")]
}

fn read(folder: &ProjectFolder) -> (AnnotationSet, Vec<crate::store::Problem>) {
    let article = Arc::new(folder.read_article(&ArticleId::new("raid").unwrap()).unwrap());
    let loaded = folder.read_set(&article, &testing::annotator()).unwrap();
    (loaded.set, loaded.problems)
}

fn assert_moved(folder: &ProjectFolder) {
    let (set, _) = read(folder);
    let told = surfaces(&set);
    assert_eq!(told[..3], expected());
    assert_eq!((told[3].0, told[3].2.as_deref()), (4, Some("on Friday")), "nothing disappears");
    assert_eq!(set.relations().count(), 1);
}

#[test]
fn annotations_move_with_a_corrected_text_and_what_is_gone_is_listed() {
    let (_temporary, folder) = folder();
    let preview = folder.preview_correction(&article(NEW)).unwrap();
    assert_eq!(&**folder.read_article(article(NEW).id()).unwrap().text(), OLD);
    let report = folder.correct_article(&article(NEW), StepId(77)).unwrap();
    assert_eq!(report, preview);
    let [set] = report.as_slice() else { panic!("one set") };
    assert_eq!((set.same, set.changed.len(), set.unsure.len()), (2, 1, 1));
    assert_eq!(set.changed[0].after.1, "Several militants");
    assert_eq!(set.unsure[0].before.1, "on Friday");
    assert_moved(&folder);
    assert_eq!(read(&folder).1, vec![], "the file fits the new text");
    let trail = folder.trail(&testing::annotator(), article(NEW).id(), None).unwrap().0;
    assert_eq!(trail.last().unwrap().by.as_str(), PROGRAM);
    let told = |recalled: &Option<Box<crate::store::Recalled>>| recalled.clone().unwrap().surface;
    let typo = &trail.last().unwrap().annotations[0];
    assert_eq!(
        (told(&typo.before).as_str(), told(&typo.after).as_str()),
        ("Several militans", "Several militants")
    );
    let problems = check(&folder, &mut |_, _| {});
    let unsure = problems.iter().filter(|problem| problem.what.contains("was “on Friday”"));
    assert_eq!(unsure.count(), 1, "{problems:?}");
}

#[test]
fn a_history_that_cannot_be_counted_has_no_line_of_a_correction_that_was_taken_back() {
    let (_temporary, folder) = folder();
    let history = layout::history(&testing::annotator(), article(OLD).id());
    // An older part that nobody reads who only loads the set.
    let archive = std::fs::File::create(folder.root().join(layout::archive(&history, 1))).unwrap();
    archive.set_len(crate::store::disk::LARGEST + 1).unwrap();
    let before = std::fs::read(folder.root().join(&history)).unwrap();
    let corrected = article(&OLD.replace("militans", "militants"));
    let error = folder.correct_article(&corrected, StepId(77)).unwrap_err();
    assert!(matches!(error.cause, Cause::TooLarge { .. }), "{error}");
    assert_eq!(std::fs::read(folder.root().join(&history)).unwrap(), before);
    assert_eq!(&**folder.read_article(corrected.id()).unwrap().text(), OLD);
}

#[test]
fn what_was_done_before_a_correction_is_undone_where_it_is_now() {
    let (_temporary, folder) = folder();
    let mut set = read(&folder).0;
    let noted = Annotation { note: "why".to_owned(), ..mark(2, &["headquarters"]) };
    let step = testing::step(2, &mut set, vec![Edit::replace(noted)]);
    Writer::new(folder.clone()).commit(StepKind::Do, &step).unwrap();
    folder.correct_article(&article(NEW), StepId(77)).unwrap();
    let steps = folder.read_steps(&testing::annotator()).unwrap().0;
    assert_eq!(steps.len(), 2, "a correction is nobody's to undo");
    let mut writer = Writer::new(folder.clone());
    writer.commit(StepKind::Undo, &steps[1].1).unwrap();
    writer.flush().unwrap();
    let (set, _) = read(&folder);
    let place = set.annotation(AnnotationId(2)).unwrap();
    assert_eq!((set.surface(place).as_str(), place.note.as_str()), ("headquarters", ""));
}

#[test]
fn what_was_deleted_before_its_words_were_is_listed_when_it_comes_back() {
    let (_temporary, folder) = folder();
    let mut set = read(&folder).0;
    let edits = vec![Edit::Unrelate(RelationId(9)), Edit::Remove(AnnotationId(4))];
    let step = testing::step(2, &mut set, edits);
    Writer::new(folder.clone()).commit(StepKind::Do, &step).unwrap();
    folder.correct_article(&article(NEW), StepId(77)).unwrap();
    let steps = folder.read_steps(&testing::annotator()).unwrap().0;
    let mut writer = Writer::new(folder.clone());
    writer.commit(StepKind::Undo, &steps[1].1).unwrap();
    writer.flush().unwrap();
    assert_moved(&folder);
    writer.commit(StepKind::Redo, &steps[1].1).unwrap();
    writer.flush().unwrap();
    assert_eq!(surfaces(&read(&folder).0), expected());
}

fn correction(step: u64, before: &str, after: &str) -> Correction {
    let (before, after) = (article(before).hash(), article(after).hash());
    let article = article(OLD).id().clone();
    Correction { step: StepId(step), by: testing::annotator(), article, before, after }
}

/// The corrections that the histories hold, as undo would find them.
fn recorded(folder: &ProjectFolder) -> Vec<(StepKind, Option<Correction>)> {
    let past = folder.past_steps(&testing::annotator(), 100, &|| false).unwrap();
    past.steps.iter().map(|doing| (doing.kind, doing.step.correction().unwrap())).collect()
}

#[test]
fn a_correction_of_an_annotator_is_taken_back_exactly_and_done_again() {
    let (_temporary, folder) = folder();
    let other = AnnotatorName::new("annotator-2").unwrap();
    let mut theirs = AnnotationSet::new(Arc::new(article(OLD)), other.clone());
    let step = testing::step(5, &mut theirs, vec![Edit::add(mark(1, &["on Friday"]))]);
    Writer::new(folder.clone()).commit(StepKind::Do, &step).unwrap();
    let read_all = || {
        let now = Arc::new(folder.read_article(article(OLD).id()).unwrap());
        let read = |name: &AnnotatorName| folder.read_set(&now, name).unwrap();
        let sets = [&testing::annotator(), &other].map(read);
        (now.text().to_string(), sets.map(|loaded| (loaded.set, loaded.problems.len())))
    };
    let before = read_all();
    let correction = correction(77, OLD, NEW);
    let report = folder.correct_as(&correction, &article(NEW)).unwrap();
    assert_eq!(report.iter().map(|set| set.unsure.len()).sum::<usize>(), 2);
    assert_moved(&folder);
    let after = read_all();
    assert_eq!(recorded(&folder)[1], (StepKind::Do, Some(correction.clone())));
    for _ in 0..2 {
        folder.correct_again(StepKind::Undo, &correction).unwrap();
        assert_eq!(read_all().0, before.0);
        assert_eq!(read_all().1.map(|(set, _)| set), before.1.clone().map(|(set, _)| set));
        folder.correct_again(StepKind::Redo, &correction).unwrap();
        assert_eq!(read_all(), after);
    }
    let problems = check(&folder, &mut |_, _| {});
    // That the labels are in no schema is an affair of annotating.
    let faults = problems.iter().filter(|found| found.is_fault);
    let of_annotating = ["correct it in the window", "open the article, and say under"];
    let is_known = |remedy: &str| of_annotating.iter().any(|known| remedy.starts_with(known));
    assert!(faults.clone().all(|found| is_known(&found.remedy)), "{problems:?}");
    let kinds: Vec<_> = recorded(&folder).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(
        kinds[1..],
        [StepKind::Do, StepKind::Undo, StepKind::Redo, StepKind::Undo, StepKind::Redo]
    );
    // Made to a text that is not there any more.
    let refused = folder.correct_as(&correction, &article("Another")).unwrap_err();
    assert!(matches!(refused.cause, Cause::ChangedOnDisk), "{refused}");
}

#[test]
fn a_crash_between_a_line_and_its_file_leaves_the_way_back_open() {
    let gone = OLD.replace("headquarters", "zz");
    let back: [fn(&ProjectFolder, &Correction); 2] = [
        |folder, correction| {
            folder.correct_again(StepKind::Undo, correction).unwrap();
        },
        |folder, _| {
            folder.correct_article(&article(OLD), StepId(78)).unwrap();
        },
    ];
    for back in back {
        let (_temporary, folder) = folder();
        let before = read(&folder).0;
        let file = layout::set(&testing::annotator(), article(OLD).id());
        let bytes = folder.disk().read(&file).unwrap().unwrap();
        let correction = correction(77, OLD, &gone);
        folder.correct_as(&correction, &article(&gone)).unwrap();
        folder.disk().replace(&file, &bytes).unwrap();
        back(&folder, &correction);
        assert_eq!(surfaces(&read(&folder).0), surfaces(&before));
    }
}

proptest::proptest! {
    /// Whatever the texts are, taking a correction back is the identity.
    #[test]
    fn taking_back_a_correction_restores_every_annotation(
        old in "[a-c éक्\n]{1,40}", new in "[a-c éक्\n]{1,40}",
        places in proptest::collection::vec((0..40usize, 1..12usize), 0..6),
    ) {
        let (_temporary, folder) = testing::folder();
        folder.add_article(&article(&old)).unwrap();
        let mut set = AnnotationSet::new(Arc::new(article(&old)), testing::annotator());
        let ends: Vec<u32> = (0..=old.len()).filter(|at| old.is_char_boundary(*at)).map(|at| at as u32).collect();
        let at = |at: usize| ends[at.min(ends.len() - 1)];
        let marks = (1..).zip(places).filter_map(|(id, (from, len))| {
            let range = TextRange::new(at(from).into(), at(from + len).into());
            Some(Edit::add(Annotation { span: Span::new(range).ok()?, ..testing::mark(id, 1) }))
        });
        let step = testing::step(1, &mut set, marks.collect());
        let mut writer = Writer::new(folder.clone());
        writer.commit(StepKind::Do, &step).unwrap();
        let correction = correction(77, &old, &new);
        folder.correct_as(&correction, &article(&new)).unwrap();
        folder.correct_again(StepKind::Undo, &correction).unwrap();
        proptest::prop_assert_eq!(read(&folder), (set, vec![]));
    }
}

#[test]
fn a_window_at_work_is_named_and_keeps_its_files_to_itself() {
    let (_temporary, folder) = folder();
    let other = AnnotatorName::new("annotator-2").unwrap();
    let Locking::Locked(lock) = folder.lock_annotator(&testing::annotator()) else {
        panic!("free")
    };
    let refused = folder.correct_article(&article(NEW), StepId(77)).unwrap_err();
    let message = refused.to_string();
    assert!(message.contains("annotator-1: is being edited by process"), "{message}");
    assert_eq!(&**folder.read_article(article(NEW).id()).unwrap().text(), OLD);
    let refused = crate::store::repair(&folder, &mut |_, _| {}).unwrap_err();
    assert!(matches!(refused.cause, Cause::Held(_)), "{refused}");
    // Another annotator may correct the text all the same.
    let file = layout::set(&testing::annotator(), article(OLD).id());
    let before = folder.disk().read(&file).unwrap();
    let correction = Correction { by: other, ..correction(77, OLD, NEW) };
    let report = folder.correct_as(&correction, &article(NEW)).unwrap();
    assert_eq!(report.len(), 1, "only the corrector's own set was written");
    assert_eq!(folder.disk().read(&file).unwrap(), before);
    assert_moved(&folder);
    drop(lock);
    folder.correct_again(StepKind::Undo, &correction).unwrap();
    assert_eq!(surfaces(&read(&folder).0)[3], (4, "on Friday".to_owned(), None));
}

#[test]
fn the_earlier_text_can_be_brought_back() {
    let (_temporary, folder) = folder();
    let before = read(&folder).0;
    folder.correct_article(&article(NEW), StepId(77)).unwrap();
    let earlier = layout::earlier_article(article(OLD).id(), article(OLD).hash());
    let earlier = folder.read_article_at(&earlier, article(OLD).id()).unwrap();
    folder.correct_article(&earlier, StepId(78)).unwrap();
    let (after, problems) = read(&folder);
    assert_eq!(problems, vec![]);
    let spans = |set: &AnnotationSet| {
        let first = set.annotations().filter(|found| found.id.0 < 4);
        first.map(|found| found.span.clone()).collect::<Vec<_>>()
    };
    assert_eq!(spans(&after), spans(&before));
}

/// Corrects with every trouble after every number of operations. Where the process lives
/// on, a correction that failed has either been taken back or can be.
fn trouble_anywhere(
    prepare: impl Fn(&ProjectFolder),
    correct: impl Fn(&ProjectFolder) -> Result<Vec<CorrectedSet>, StoreError>,
    is_undoable: bool,
) {
    for trouble in [Trouble::Full, Trouble::Hiccup, Trouble::Crash, Trouble::CrashInside] {
        for operations in 0.. {
            let (_temporary, folder) = folder();
            prepare(&folder);
            let before = recorded(&folder).len();
            let was_new = is_new(&folder);
            Faults::here().plan(trouble, operations);
            let corrected = correct(&folder);
            let struck = fault::heal();
            assert_whole(&folder);
            if is_undoable && !trouble.is_crash() && is_new(&folder) != was_new {
                let lines = recorded(&folder).len();
                assert!(
                    lines > before,
                    "{trouble:?} after {operations} cannot be undone: {corrected:?}"
                );
            }
            if !struck {
                corrected.unwrap();
                break;
            }
        }
    }
}

fn is_new(folder: &ProjectFolder) -> bool {
    &**folder.read_article(article(NEW).id()).unwrap().text() == NEW
}

/// Every annotation is there, on the text that is there.
fn assert_whole(folder: &ProjectFolder) {
    if is_new(folder) {
        return assert_moved(folder);
    }
    let (set, _) = read(folder);
    let told = surfaces(&set);
    assert_eq!((told.len(), told[1..3].to_vec()), (4, expected()[1..].to_vec()));
    assert_eq!(set.relations().count(), 1);
}

#[test]
fn trouble_anywhere_in_a_correction_loses_nothing() {
    let first = correction(77, OLD, NEW);
    trouble_anywhere(|_| {}, |folder| folder.correct_article(&article(NEW), StepId(77)), false);
    trouble_anywhere(|_| {}, |folder| folder.correct_as(&first, &article(NEW)), true);
    let done = |folder: &ProjectFolder| drop(folder.correct_as(&first, &article(NEW)).unwrap());
    trouble_anywhere(done, |folder| folder.correct_again(StepKind::Undo, &first), true);
}

#[test]
fn the_earlier_text_brings_what_was_displaced_back_to_its_words() {
    let (_temporary, folder) = folder();
    let before = read(&folder).0;
    folder.correct_article(&article(NEW), StepId(77)).unwrap();
    assert_moved(&folder);
    let report = folder.correct_article(&article(OLD), StepId(78)).unwrap();
    assert!(report.iter().all(|set| set.unsure.is_empty()), "{report:?}");
    assert_eq!(surfaces(&read(&folder).0), surfaces(&before));
    // Also a text that is not quite the earlier one.
    folder.correct_article(&article(NEW), StepId(79)).unwrap();
    let close = OLD.replace("Several", "At dawn several");
    folder.correct_article(&article(&close), StepId(80)).unwrap();
    let told = surfaces(&read(&folder).0);
    assert_eq!(told[3], (4, "on Friday".to_owned(), None));
    assert_eq!(told[1..3], surfaces(&before)[1..3]);
}

#[test]
fn words_that_are_back_somewhere_else_or_twice_are_left_to_somebody_to_decide() {
    let (_temporary, folder) = folder();
    folder.correct_article(&article(NEW), StepId(77)).unwrap();
    for text in [
        format!("{NEW} It was on Friday that they left, and on Friday that they came."),
        format!("What happened on Friday: {NEW}"),
    ] {
        folder.correct_article(&article(&text), StepId(78)).unwrap();
        let told = surfaces(&read(&folder).0);
        assert_eq!((told[3].0, told[3].2.as_deref()), (4, Some("on Friday")), "{told:?}");
    }
}

#[test]
fn lost_words_that_come_back_under_a_set_that_did_not_follow_are_found() {
    let (_temporary, folder) = folder();
    let before = surfaces(&read(&folder).0);
    folder.correct_article(&article(NEW), StepId(77)).unwrap();
    folder.keep_earlier(&article(NEW)).unwrap();
    // The article alone is put back, as git does with one file.
    let file = layout::article(article(OLD).id());
    folder.disk().replace(&file, wire::write_article(&article(OLD)).as_bytes()).unwrap();
    let (set, problems) = read(&folder);
    assert_eq!(surfaces(&set)[3], before[3]);
    assert!(problems.iter().all(|problem| !problem.what.contains("which the project does not")));
}

#[test]
fn a_set_that_a_window_has_yet_to_bring_along_is_no_fault() {
    let (_temporary, folder) = folder();
    let file = layout::set(&testing::annotator(), article(OLD).id());
    let history = layout::history(&testing::annotator(), article(OLD).id());
    let keep = |file: &Path| folder.disk().read(file).unwrap().unwrap();
    let (set, lines) = (keep(&file), keep(&history));
    let close = OLD.replace("Several", "At dawn several");
    folder.correct_article(&article(&close), StepId(77)).unwrap();
    // As if the annotator had been at work in a window, which was left to follow by itself.
    folder.disk().replace(&file, &set).unwrap();
    folder.disk().replace(&history, &lines).unwrap();
    let problems = check(&folder, &mut |_, _| {});
    let told: Vec<_> = problems
        .iter()
        .filter(|problem| problem.what.contains("was made before the text"))
        .collect();
    let [told] = told.as_slice() else { panic!("{problems:?}") };
    assert!(!told.is_fault && told.remedy.is_empty(), "{told:?}");
    assert!(problems.iter().all(|problem| !problem.what.contains("is gone from")), "{problems:?}");
}

#[test]
fn a_step_from_before_a_correction_is_not_taken_for_one_from_behind_it() {
    let (_temporary, folder) = testing::folder();
    // After the correction the “a” of “and” stands where the one that is marked stood.
    let (old, new) = ("a cat and a dog", "now a cat and a dog");
    let at = |text: &str, start: u32| {
        assert_eq!(&text[start as usize..start as usize + 1], "a");
        Span::new(TextRange::at(start.into(), TextSize::new(1))).unwrap()
    };
    folder.add_article(&article(old)).unwrap();
    let mut set = AnnotationSet::new(Arc::new(article(old)), testing::annotator());
    let marked = Annotation { span: at(old, 10), ..testing::mark(1, 1) };
    let step = testing::step(1, &mut set, vec![Edit::add(marked.clone())]);
    let mut writer = Writer::new(folder.clone());
    writer.commit(StepKind::Do, &step).unwrap();
    folder.correct_as(&correction(77, old, new), &article(new)).unwrap();
    let placed = read(&folder).0;
    assert_eq!(placed.annotation(AnnotationId(1)).unwrap().span, at(new, 14));
    // The file is lost, and the history says it all.
    folder.disk().remove(&layout::set(&testing::annotator(), article(old).id())).unwrap();
    assert_eq!(read(&folder).0, placed);
    let steps = folder.read_steps(&testing::annotator()).unwrap().0;
    let Change::Set { forward, .. } = &steps[0].1.changes[0] else { panic!("{steps:?}") };
    assert_eq!(forward.edits, vec![Edit::add(Annotation { span: at(new, 14), ..marked })]);
}
