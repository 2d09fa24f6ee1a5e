//! Everything that a repair mends, and what it must leave alone.

use super::*;
use crate::edit::StepKind;
use crate::model::{AnnotationSet, ArticleMeta, RelationId, RelationTypeId};
use crate::store::{Writer, testing};
use std::fs;
use std::time::{Duration, SystemTime};

const SET: &str = "annotations/annotator-1/siege.ron";
const HISTORY: &str = "history/annotator-1/siege.ron";

/// A project with two annotations that are linked, and their history.
fn desk() -> (tempfile::TempDir, ProjectFolder, AnnotationSet) {
    let (temporary, folder) = testing::folder();
    let mut set = AnnotationSet::new(testing::article(), testing::annotator());
    let kind = RelationTypeId::new("source").unwrap();
    let (from, to) = (AnnotationId(1), AnnotationId(2));
    let edits = vec![
        Edit::add(testing::mark(1, 7)),
        Edit::add(testing::mark(2, 23)),
        Edit::relate(Relation { id: RelationId(3), kind, from, to }),
    ];
    let step = testing::step(1, &mut set, edits);
    let mut writer = Writer::new(folder.clone());
    writer.commit(StepKind::Do, &step).unwrap();
    writer.flush().unwrap();
    (temporary, folder, set)
}

fn change(folder: &ProjectFolder, file: &str, from: &str, to: &str) {
    let path = folder.root().join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from} in {text}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

fn mend(folder: &ProjectFolder) -> RepairReport {
    repair(folder, &mut |_, _| {}).unwrap()
}

fn set(folder: &ProjectFolder) -> AnnotationSet {
    let loaded = folder.read_set(&testing::article(), &testing::annotator()).unwrap();
    assert_eq!(loaded.problems, vec![]);
    loaded.set
}

fn said(report: &RepairReport, what: &str) {
    assert!(report.done.iter().any(|done| done.what.contains(what)), "{:?}", report.done);
}

#[test]
fn a_sound_project_is_left_alone() {
    let (_temporary, folder, before) = desk();
    let report = mend(&folder);
    assert_eq!((report.done, report.backup), (vec![], None));
    assert_eq!(set(&folder), before);
}

#[test]
fn torn_ends_and_left_over_files_go() {
    let (_temporary, folder, before) = desk();
    folder.disk().append(Path::new(HISTORY), b"(step: \"0000").unwrap();
    let [old, new] = ["articles/.copydesk-1.tmp", "articles/.copydesk-2.tmp"].map(|name| {
        let path = folder.root().join(name);
        fs::write(&path, "half").unwrap();
        path
    });
    let long_ago = SystemTime::now() - Duration::from_secs(3_600);
    fs::File::options().write(true).open(&old).unwrap().set_modified(long_ago).unwrap();
    let report = mend(&folder);
    said(&report, "moved to siege.ron.torn-1");
    said(&report, "half written");
    assert!(!old.exists() && new.exists(), "somebody may be writing the new one");
    assert_eq!(set(&folder), before);
}

#[test]
fn a_set_behind_its_history_is_written() {
    let (_temporary, folder, mut before) = desk();
    let step = testing::step(2, &mut before, vec![Edit::add(testing::mark(4, 7))]);
    Writer::new(folder.clone()).commit(StepKind::Do, &step).unwrap();
    let report = mend(&folder);
    said(&report, "the history is 1 step ahead");
    let backup = folder.root().join(report.backup.unwrap()).join(SET);
    assert!(!fs::read_to_string(backup).unwrap().contains("000004"));
    assert_eq!(set(&folder), before);
}

#[test]
fn an_unreadable_set_is_rebuilt_from_a_history_that_knows_it_all() {
    let (_temporary, folder, before) = desk();
    change(&folder, SET, "annotations: [", "annotations: [[[");
    said(&mend(&folder), "rebuilt from its history");
    assert_eq!(set(&folder), before);
    fs::write(folder.root().join(SET), [0; 300]).unwrap();
    said(&mend(&folder), "rebuilt from its history");
    assert_eq!(set(&folder), before);
    // An annotation that the history does not know would be lost.
    change(&folder, SET, "annotations: [", "annotations: [[[(id: \"zzzzzz\"");
    let report = mend(&folder);
    assert_eq!(report.done, vec![]);
    assert!(report.left.iter().any(|problem| problem.is_fault && problem.file == Path::new(SET)));
}

#[test]
fn ids_relations_and_offsets_are_mended() {
    let (_temporary, folder, before) = desk();
    // The second stands twice, and its relation leads nowhere.
    let path = folder.root().join(SET);
    let text = fs::read_to_string(&path).unwrap();
    let line = text.lines().find(|line| line.contains("id: \"000001\"")).unwrap();
    let twice = text.replacen(line, &format!("{line}\n{line}"), 1);
    fs::write(&path, twice.replace("to: \"000002\"", "to: \"000009\"")).unwrap();
    let report = mend(&folder);
    said(&report, "a second 000001 (actor) has the fresh id");
    said(&report, "the relation 000003 (source, 000001 to 000009) led nowhere");
    assert_eq!((set(&folder).len(), set(&folder).relations().count()), (3, 0));
    assert_eq!(before.len(), 2);
    change(&folder, SET, "(0, 7, \"Several\")", "(3, 10, \"Several\")");
    said(&mend(&folder), "are now 0..7");
    change(&folder, SET, "(0, 7, \"Several\")", "(0, 9, \"Elsewhere\")");
    let report = mend(&folder);
    said(&report, "is nowhere in the article; it is kept at 0");
    let unsure = set(&folder).annotations().filter(|found| found.was.is_some()).count();
    assert_eq!(unsure, 1);
}

#[test]
fn line_ends_that_git_changed_are_changed_back() {
    let (_temporary, folder) = testing::folder();
    let id = ArticleId::new("lines").unwrap();
    let article = Article::new(id.clone(), ArticleMeta::default(), "One\nTwo\nThree");
    folder.add_article(&article).unwrap();
    let path = folder.root().join("articles/lines.ron");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace('\n', "\r\n")).unwrap();
    assert!(folder.read_article(&id).is_err());
    said(&mend(&folder), "line feeds again");
    assert_eq!(folder.read_article(&id).unwrap(), article);
}

#[test]
fn a_missing_history_is_noted() {
    let (_temporary, folder, _) = desk();
    fs::remove_dir_all(folder.root().join("history")).unwrap();
    let report = mend(&folder);
    assert!(report.left.iter().any(|problem| problem.what.contains("history is missing")));
    assert!(
        report.left.iter().all(|problem| !problem.is_fault || problem.file != Path::new(HISTORY))
    );
}

#[test]
fn what_a_newer_version_wrote_is_left_as_it_is() {
    let (_temporary, folder, _) = desk();
    change(&folder, SET, "format: 1", "format: 2");
    let newer = fs::read(folder.root().join(SET)).unwrap();
    let report = mend(&folder);
    assert_eq!(report.done, vec![]);
    assert_eq!(fs::read(folder.root().join(SET)).unwrap(), newer);
}

#[cfg(unix)]
#[test]
fn nothing_behind_a_link_is_cut() {
    let (_temporary, folder, _) = desk();
    let (project, link) = (folder.root().join("project.ron"), folder.root().join(HISTORY));
    // Without a line feed at its end it looks like a torn line.
    let whole = fs::read_to_string(&project).unwrap().trim_end().to_owned();
    fs::write(&project, &whole).unwrap();
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink("../../project.ron", &link).unwrap();
    mend(&folder);
    assert_eq!(fs::read_to_string(&project).unwrap(), whole);
}

#[test]
fn what_a_person_changed_by_hand_is_not_reverted() {
    let (_temporary, folder, _) = desk();
    // First a change that stands, then one that breaks the file.
    change(&folder, SET, "label: \"actor\"", "label: \"claim\"");
    change(&folder, SET, "annotations: [", "annotations: [[[");
    let before = fs::read(folder.root().join(SET)).unwrap();
    let report = mend(&folder);
    assert_eq!(report.done, vec![]);
    let named = |found: &&Problem| found.is_fault && found.file == Path::new(SET);
    assert!(report.left.iter().any(|found| named(&found)), "{:?}", report.left);
    assert_eq!(fs::read(folder.root().join(SET)).unwrap(), before);
}

#[test]
fn what_was_changed_by_hand_while_a_window_was_open_is_rebuilt_as_it_was_changed() {
    let (_temporary, folder, _) = desk();
    let article = testing::article();
    let (loaded, shown) = folder.read_shown(&article, &testing::annotator()).unwrap();
    let mut writer = Writer::new(folder.clone());
    writer.show(article.id(), &testing::annotator(), shown);
    change(&folder, SET, "label: \"actor\"", "label: \"claim\"");
    let mut before = loaded.set;
    let step = testing::step(9, &mut before, vec![Edit::add(testing::mark(4, 7))]);
    writer.commit(StepKind::Do, &step).unwrap();
    writer.flush().unwrap();
    let changed = set(&folder);
    assert!(changed.annotations().any(|found| found.label.as_str() == "claim"));
    assert_eq!(changed.len(), 3);
    change(&folder, SET, "annotations: [", "annotations: [[[");
    said(&mend(&folder), "rebuilt from its history");
    assert_eq!(set(&folder), changed);
}

#[cfg(unix)]
#[test]
fn one_strange_file_is_named_and_the_rest_is_mended() {
    let (_temporary, folder, before) = desk();
    let history = folder.root().join("history/annotator-1");
    let huge = fs::File::create(history.join("huge.ron")).unwrap();
    huge.set_len(10 * 1024 * 1024 * 1024).unwrap();
    let pipe = history.join("pipe.ron");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let outside = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(outside.path(), folder.root().join("history/other")).unwrap();
    folder.disk().append(Path::new(HISTORY), b"(step: \"0000").unwrap();
    let report = mend(&folder);
    said(&report, "moved to siege.ron.torn-1");
    for name in ["huge.ron", "pipe.ron", "other"] {
        let named = |found: &Problem| found.file.to_string_lossy().contains(name);
        assert!(report.left.iter().any(named), "{name} in {:?}", report.left);
    }
    assert_eq!(set(&folder), before);
    assert!(pipe.exists() && history.join("huge.ron").exists());
}

#[test]
fn a_compaction_that_was_stopped_half_way_is_finished() {
    let (_temporary, folder, mut before) = desk();
    let mut writer = Writer::new(folder.clone());
    for id in 10..20 {
        let step = testing::step(id, &mut before, vec![Edit::add(testing::mark(id, 7))]);
        writer.commit(StepKind::Do, &step).unwrap();
    }
    writer.flush().unwrap();
    let whole = |folder: &ProjectFolder| {
        folder.whole_history(Path::new(HISTORY)).unwrap().bytes.into_owned()
    };
    let lines = whole(&folder);
    let owner = (testing::annotator(), testing::article().id().clone());
    assert!(folder.archive_lines(Some(&owner), 300, 300).unwrap());
    let doubled = fs::metadata(folder.root().join(HISTORY)).unwrap().len();
    said(&mend(&folder), "siege.ron.old-1 has too, were taken out");
    assert!(fs::metadata(folder.root().join(HISTORY)).unwrap().len() < doubled);
    assert_eq!(whole(&folder), lines);
    assert_eq!(mend(&folder).done, vec![]);
}

/// A project with something of everything that is mended.
fn broken(root: &Path) -> ProjectFolder {
    let folder = testing::create(root);
    let mut set = AnnotationSet::new(testing::article(), testing::annotator());
    let mut writer = Writer::new(folder.clone());
    let first = testing::step(1, &mut set, vec![Edit::add(testing::mark(1, 7))]);
    writer.commit(StepKind::Do, &first).unwrap();
    writer.flush().unwrap();
    let behind = fs::read(root.join(SET)).unwrap();
    let second = testing::step(2, &mut set, vec![Edit::add(testing::mark(2, 23))]);
    writer.commit(StepKind::Do, &second).unwrap();
    writer.flush().unwrap();
    fs::write(root.join(SET), behind).unwrap();
    folder.disk().append(Path::new(HISTORY), b"(step: \"0000").unwrap();
    folder
}

#[test]
fn trouble_at_any_operation_of_a_repair_loses_nothing_and_the_next_one_ends_it() {
    let both = [AnnotationId(1), AnnotationId(2)];
    testing::in_all_trouble(
        broken,
        1,
        |folder| {
            let report = repair(folder, &mut |_, _| {})?;
            // One file that fails stops no repair, and is named.
            let is_left = |problem: &&Problem| {
                let is_of_disk = problem.remedy == "check the disk and retry";
                let is_of_these = [SET, HISTORY].iter().any(|file| problem.file == Path::new(file));
                is_of_disk || (is_of_these && !testing::is_of_empty_schema(problem))
            };
            match report.left.iter().find(is_left) {
                Some(left) => Err(StoreError::new(SET, Cause::BadValue(left.to_string()))),
                None => Ok(()),
            }
        },
        |folder, is_done| {
            let loaded = folder.read_set(&testing::article(), &testing::annotator()).unwrap();
            assert!(both.iter().all(|id| loaded.set.annotation(*id).is_some()));
            assert!(!is_done || loaded.problems.is_empty(), "{:?}", loaded.problems);
        },
    );
}

/// A project in which git left a conflict in a set and its history, both of three steps.
fn merged(root: &Path) -> ProjectFolder {
    let folder = testing::create(root);
    let mut set = AnnotationSet::new(testing::article(), testing::annotator());
    let mut steps = String::new();
    let mut sides = Vec::new();
    for (id, len) in [(1, 7), (2, 23), (4, 23)] {
        let mut side = set.clone();
        let step = testing::step(id, &mut side, vec![Edit::add(testing::mark(id, len))]);
        let line = wire::write_line(StepKind::Do, step.at, &step, &step.changes[0], testing::TEXT);
        let mark = Some(wire::Mark { step: step.id, lines: 1 });
        match id {
            1 => (set, steps) = (side, line),
            _ => sides.push((line, wire::write_set(&side, mark))),
        }
    }
    let marked =
        |ours: &str, theirs: &str| format!("<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> other\n");
    let lines = format!("{steps}{}", marked(&sides[0].0, &sides[1].0));
    folder.disk().replace(Path::new(HISTORY), lines.as_bytes()).unwrap();
    let sets = marked(&sides[0].1, &sides[1].1);
    folder.disk().replace(Path::new(SET), sets.as_bytes()).unwrap();
    folder
}

/// A project whose history has a spoiled line that its set lacks, a step that fits without it
/// and one that does not.
fn spoiled(root: &Path) -> ProjectFolder {
    let folder = testing::create(root);
    let mut set = AnnotationSet::new(testing::article(), testing::annotator());
    let mut writer = Writer::new(folder.clone());
    let noted = Annotation { note: "why".to_owned(), ..testing::mark(3, 23) };
    for (id, edit) in [
        (1, Edit::add(testing::mark(1, 7))),
        (3, Edit::add(testing::mark(3, 23))),
        (4, Edit::add(testing::mark(4, 23))),
        (5, Edit::replace(noted)),
    ] {
        let step = testing::step(id, &mut set, vec![edit]);
        writer.commit(StepKind::Do, &step).unwrap();
        if id == 1 {
            writer.flush().unwrap();
        }
    }
    let path = root.join(HISTORY);
    let lines = fs::read_to_string(&path).unwrap();
    let second = lines.lines().nth(1).unwrap();
    fs::write(&path, lines.replace(second, "garbage")).unwrap();
    folder
}

/// What a repair of these must come to, whatever goes wrong at any operation of it.
fn mends_in_all_trouble(make: fn(&Path) -> ProjectFolder, wanted: &[u64]) {
    let files = ["annotations/annotator-1", "history/annotator-1"];
    testing::in_all_trouble(
        make,
        2,
        |folder| {
            let report = repair(folder, &mut |_, _| {})?;
            let is_left = |problem: &&Problem| {
                let is_of_disk = problem.remedy == "check the disk and retry";
                let is_of_these = files.iter().any(|folder| problem.file.starts_with(folder));
                is_of_disk
                    || (is_of_these && problem.is_fault && !testing::is_of_empty_schema(problem))
            };
            match report.left.iter().find(is_left) {
                Some(left) => Err(StoreError::new(SET, Cause::BadValue(left.to_string()))),
                None => Ok(()),
            }
        },
        |folder, is_done| {
            let all = files.iter().flat_map(|of| fs::read_dir(folder.root().join(of)).unwrap());
            let all: String =
                all.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect();
            let named = |id: &u64| all.contains(&format!("add((id: \"{}\"", AnnotationId(*id)));
            assert!(wanted.iter().all(named), "{all}");
            if is_done {
                let loaded = folder.read_set(&testing::article(), &testing::annotator()).unwrap();
                let ids: HashSet<_> = loaded.set.annotations().map(|found| found.id.0).collect();
                assert_eq!(ids, wanted.iter().copied().collect());
            }
        },
    );
}

#[test]
fn trouble_at_any_operation_of_putting_two_sides_together_loses_nothing() {
    mends_in_all_trouble(merged, &[1, 2, 4]);
}

#[test]
fn trouble_at_any_operation_of_taking_out_a_spoiled_line_loses_nothing() {
    mends_in_all_trouble(spoiled, &[1, 4]);
}
