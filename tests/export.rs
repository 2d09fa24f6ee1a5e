//! Datasets out of a project: what is in them, and that they appear whole or not at all.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use copydesk::formats::{self, WriteOptions};
use copydesk::model::{AnnotatorName, Article, ArticleId, ArticleMeta, State};
use copydesk::session::export::{ExportError, ExportReport, ExportRequest, Split, Whose, export};
use copydesk::session::import::{ImportRequest, import};
use copydesk::session::{Action, Session};
use copydesk::store::{Opened, ProjectFolder, check};
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use support::{article, label, project, range, session};
use tempfile::TempDir;

/// A project in which the raid is annotated and done, the march done and empty.
fn finished() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    project(folder.path());
    let mut session = session(folder.path());
    session.perform(Action::LabelRange(label("actor"), range("Several militants")));
    session.perform(Action::LabelRange(label("location"), range("Karachi’s old town")));
    session.perform(Action::SetState(State::Done));
    session.perform(Action::OpenArticle(article("march")));
    session.perform(Action::SetState(State::Done));
    session.wait_until_saved();
    folder
}

fn request(root: &Path, out: &Path) -> ExportRequest {
    let Opened { project, .. } = ProjectFolder::open(root).unwrap();
    ExportRequest {
        format: formats::by_id("jsonl").unwrap(),
        whose: Whose::All,
        only: None,
        unfinished: false,
        is_strict: false,
        split: None,
        options: WriteOptions::new(project.schema),
        out: out.to_owned(),
    }
}

fn run(root: &Path, request: &ExportRequest) -> Result<ExportReport, ExportError> {
    let folder = ProjectFolder::open(root).unwrap().folder;
    export(&folder, request, &mut |_| ControlFlow::Continue(()), &mut |_| {})
}

/// Everything in a folder by its path, hidden files too.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn finished_articles_are_written_with_offsets_in_code_points() {
    let (project, out) = (finished(), tempfile::tempdir().unwrap());
    let file = out.path().join("data.jsonl");
    let report = run(project.path(), &request(project.path(), &file)).unwrap();
    assert_eq!((report.splits[0].articles, report.splits[0].empty), (2, 1));
    let text = fs::read_to_string(&file).unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["id"], &lines[1]["id"]), (&"march".into(), &"raid".into()));
    assert_eq!(lines[0]["annotations"], serde_json::json!([]));
    let place = &lines[1]["annotations"][1];
    assert_eq!(place["text"], "Karachi’s old town");
    let whole: Vec<char> = lines[1]["text"].as_str().unwrap().chars().collect();
    let at = |end: usize| place["spans"][0][end].as_u64().unwrap() as usize;
    assert_eq!(whole[at(0)..at(1)].iter().collect::<String>(), "Karachi’s old town");
}

#[test]
fn unfinished_articles_are_left_out_and_told_unless_asked_for() {
    let (project, out) = (finished(), tempfile::tempdir().unwrap());
    let folder = ProjectFolder::open(project.path()).unwrap().folder;
    let new =
        Article::new(ArticleId::new("new").unwrap(), ArticleMeta::default(), "Nobody read it");
    folder.add_article(&new).unwrap();
    let request = request(project.path(), &out.path().join("a.jsonl"));
    let report = run(project.path(), &request).unwrap();
    assert_eq!((report.splits[0].articles, report.unfinished), (2, 1));
    let all = ExportRequest { unfinished: true, out: out.path().join("b.jsonl"), ..request };
    let report = run(project.path(), &all).unwrap();
    assert_eq!((report.splits[0].articles, report.unfinished), (3, 0));
}

/// What other tools wrote into a title is no reason for an article not to be exported.
#[test]
fn untidy_metadata_are_written_or_told_as_a_loss_by_every_format() {
    let (project, out) = (finished(), tempfile::tempdir().unwrap());
    let folder = ProjectFolder::open(project.path()).unwrap().folder;
    let about = ArticleMeta {
        title: " Police \u{1} kill  three\n".to_owned(),
        source: "\u{feff}AFP\u{a0}".to_owned(),
        url: " https://example.org/1 ".to_owned(),
        language: "English language".to_owned(),
        ..ArticleMeta::default()
    };
    let new = Article::new(ArticleId::new("untidy").unwrap(), about, "Three were killed.");
    folder.add_article(&new).unwrap();
    for format in formats::FORMATS.iter().filter(|format| format.writes.is_some()) {
        let out = out.path().join(format.id);
        let request = request(project.path(), &out);
        let request = ExportRequest { format, unfinished: true, ..request };
        run(project.path(), &request).unwrap_or_else(|error| panic!("{}: {error}", format.id));
        assert!(out.exists(), "{}", format.id);
    }
}

#[test]
fn an_export_is_there_whole_or_not_at_all() {
    let (project, out) = (finished(), tempfile::tempdir().unwrap());
    let file = out.path().join("data.jsonl");
    let wanted = request(project.path(), &file);
    let folder = ProjectFolder::open(project.path()).unwrap().folder;
    let cancelled = export(&folder, &wanted, &mut |_| ControlFlow::Break(()), &mut |_| {});
    assert!(matches!(cancelled, Err(ExportError::Cancelled)));
    assert!(files(out.path()).is_empty());
    fs::write(&file, "mine").unwrap();
    assert!(matches!(run(project.path(), &wanted), Err(ExportError::Exists(_))));
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    let damaged = project.path().join("articles/raid.ron");
    fs::write(&damaged, "(").unwrap();
    let elsewhere = ExportRequest { out: out.path().join("other"), ..wanted };
    assert!(matches!(run(project.path(), &elsewhere), Err(ExportError::Store(_))));
    assert_eq!(files(out.path()), [file]);
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let (project, out) = (finished(), tempfile::tempdir().unwrap());
    let make = |name: &str| {
        let split = Some(Split::parse("50/50", 3).unwrap());
        let out = out.path().join(name);
        run(project.path(), &ExportRequest { split, ..request(project.path(), &out) }).unwrap();
        let names: Vec<_> =
            files(&out).iter().map(|file| file.file_name().unwrap().to_owned()).collect();
        assert_eq!(names, ["manifest.json", "test.jsonl", "train.jsonl"]);
        files(&out).iter().map(|file| fs::read(file).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(make("one"), make("two"));
    let manifest = fs::read_to_string(out.path().join("one/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    assert_eq!(manifest["splits"].as_array().unwrap().len(), 2);
    assert_eq!(manifest["files"][0]["sha256"].as_str().unwrap().len(), 64);
}

/// The same bytes need the same choices, so each stands in the manifest.
#[test]
fn a_manifest_says_all_that_was_chosen_and_stands_beside_an_export_of_one_file() {
    let (project, out) = (finished(), tempfile::tempdir().unwrap());
    let manifest = |path: &str| -> serde_json::Value {
        serde_json::from_str(&fs::read_to_string(out.path().join(path)).unwrap()).unwrap()
    };
    let file = out.path().join("data.jsonl");
    let wanted = request(project.path(), &file);
    run(project.path(), &wanted).unwrap();
    let told = manifest("data.jsonl.manifest.json");
    assert_eq!(told["files"][0]["path"], "data.jsonl");
    assert_eq!(told["files"][0]["bytes"], fs::metadata(&file).unwrap().len());
    fs::remove_file(&file).unwrap();
    assert!(matches!(run(project.path(), &wanted), Err(ExportError::Exists(_))));
    assert!(!file.exists());
    let folder = ExportRequest {
        format: formats::by_id("conll").unwrap(),
        split: Some(Split::parse("60/40", 3).unwrap()),
        options: WriteOptions {
            overlaps: formats::Overlaps::LabelOrder(vec!["claim".to_owned(), "actor".to_owned()]),
            columns: formats::Columns::Four,
            tokenizer: formats::Tokenizer::Words,
            ..wanted.options.clone()
        },
        out: out.path().join("folder"),
        ..wanted
    };
    run(project.path(), &folder).unwrap();
    let told = manifest("folder/manifest.json");
    assert_eq!((&told["split"], &told["seed"]), (&"60/40".into(), &3.into()));
    assert_eq!((&told["tokens"], &told["columns"]), (&"words".into(), &"2003".into()));
    assert_eq!(told["label_order"], serde_json::json!(["claim", "actor"]));
    // A manifest is no article where exports are imported again.
    let mut request = ImportRequest::of_paths([out.path().to_owned()]);
    request.format = formats::by_id("label-studio");
    let folder = ProjectFolder::open(project.path()).unwrap().folder;
    let report =
        import(&folder, &request, &mut Default::default(), &mut |_| ControlFlow::Continue(()));
    assert!(!report.has_refused(), "{:?}", report.outcomes);
}

#[test]
fn gold_that_a_format_cannot_tell_from_others_is_said_to_be_left_out() {
    let (project, out) = (finished(), tempfile::tempdir().unwrap());
    let line = r#"{"text": "Ali fled", "annotators": [{"name": "gold", "kind": "gold"}],
        "annotations": [{"annotator": "gold", "label": "actor", "spans": [[0, 3]]}]}"#;
    let file = out.path().join("gold.jsonl");
    fs::write(&file, line.replace('\n', "")).unwrap();
    let folder = ProjectFolder::open(project.path()).unwrap().folder;
    let bring = ImportRequest::of_paths([file]);
    import(&folder, &bring, &mut Default::default(), &mut |_| ControlFlow::Continue(()));
    for (format, whose, is_left_out) in [
        ("brat", Whose::All, true),
        ("jsonl", Whose::All, false),
        ("brat", Whose::Gold, false),
        ("brat", Whose::Shares, false),
    ] {
        let out = out.path().join(format!("{format}-{whose:?}"));
        let request = ExportRequest {
            format: formats::by_id(format).unwrap(),
            whose,
            ..request(project.path(), &out)
        };
        let report = run(project.path(), &request).unwrap();
        assert_eq!(report.gold_left_out, is_left_out, "{format} {:?}", request.whose);
    }
}

/// A model is an annotator in a project, and was a person in every export.
#[test]
fn predictions_stay_predictions_until_somebody_takes_them_over() {
    let (project, out) = (finished(), tempfile::tempdir().unwrap());
    let tasks = r#"[{"data": {"text": "Ali fled"}, "predictions": [{"model_version": "m1",
        "result": [{"id": "r", "type": "labels", "value": {"start": 0, "end": 3, "labels":
        ["actor"]}}]}]}]"#;
    let file = out.path().join("tasks.json");
    fs::write(&file, tasks).unwrap();
    let folder = ProjectFolder::open(project.path()).unwrap().folder;
    let bring = ImportRequest::of_paths([file]);
    let report =
        import(&folder, &bring, &mut Default::default(), &mut |_| ControlFlow::Continue(()));
    assert!(format!("{report:?}").contains("of an annotator, m1"), "{report:?}");
    let kinds = |name: &str| {
        let request =
            ExportRequest { unfinished: true, ..request(project.path(), &out.path().join(name)) };
        run(project.path(), &request).unwrap();
        let text = fs::read_to_string(&request.out).unwrap();
        text.matches(r#"{"name":"m1","kind":"predictions""#).count()
    };
    assert_eq!(kinds("before.jsonl"), 1);
    for format in formats::FORMATS.iter().filter(|format| format.writes.is_some()) {
        let out = out.path().join(format.id);
        let all = ExportRequest { format, unfinished: true, ..request(project.path(), &out) };
        run(project.path(), &all).unwrap_or_else(|error| panic!("{}: {error}", format.id));
    }
    let name = AnnotatorName::new("m1").unwrap();
    let mut session = Session::open(project.path(), Some(name), Arc::new(|| {})).unwrap();
    let id = ProjectFolder::open(project.path()).unwrap().folder.article_ids().unwrap().0;
    let id = id.into_iter().find(|id| !["march", "raid"].contains(&id.as_str())).unwrap();
    session.perform(Action::OpenArticle(id));
    session.perform(Action::SetState(State::Done));
    session.wait_until_saved();
    assert_eq!(kinds("after.jsonl"), 0);
}

#[test]
fn what_is_put_around_records_is_not_put_around_a_configuration() {
    let (project, out) = (finished(), tempfile::tempdir().unwrap());
    let request = ExportRequest {
        format: formats::by_id("label-studio").unwrap(),
        ..request(project.path(), &out.path().join("tasks"))
    };
    run(project.path(), &request).unwrap();
    let read = |name: &str| fs::read_to_string(request.out.join(name)).unwrap();
    let tasks: serde_json::Value = serde_json::from_str(&read("all.json")).unwrap();
    assert_eq!(tasks.as_array().unwrap().len(), 2);
    let configuration = read("label_config.xml");
    assert!(configuration.starts_with("<View>"), "{configuration}");
    assert!(configuration.trim_end().ends_with("</View>"), "{configuration}");
}

/// Runs the program, and kills it a while after it has begun, if it has not ended before.
fn killed_after(arguments: &[&str], has_begun: impl Fn() -> bool, time: Duration) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_copydesk"))
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !has_begun() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    std::thread::sleep(time);
    child.kill().unwrap();
    child.wait().unwrap();
}

fn assert_sound(folder: &ProjectFolder) {
    let problems = check(folder, &mut |_, _| {});
    let faults: Vec<_> = problems.into_iter().filter(|found| found.is_fault).collect();
    assert!(faults.is_empty(), "{faults:?}");
}

/// Articles with an annotation of each of two annotators, one a line.
fn lines(count: usize) -> String {
    let line = |number: usize| {
        format!(
            "{{\"id\": \"n{number}\", \"text\": \"Ali fled {number}\", \"annotations\": [{{\"annotator\": \
             \"a\", \"label\": \"actor\", \"spans\": [[0, 3]]}}, {{\"annotator\": \"b\", \"label\": \
             \"claim\", \"spans\": [[0, 8]]}}]}}\n"
        )
    };
    (0..count).map(line).collect()
}

/// Whenever an import is killed, what is there is whole, and the same import again brings
/// the rest of it: every article once, with everybody's annotations.
#[test]
fn an_import_that_is_killed_leaves_whole_articles_and_can_be_repeated() {
    const COUNT: usize = 1500;
    let place = tempfile::tempdir().unwrap();
    let root = place.path().join("p");
    project(&root);
    let file = place.path().join("in.jsonl");
    fs::write(&file, lines(COUNT)).unwrap();
    let (project, input) = (root.to_str().unwrap(), file.to_str().unwrap());
    let folder = ProjectFolder::open(&root).unwrap().folder;
    let mut random = fastrand::Rng::with_seed(20_261_123);
    for _ in 0..8 {
        let time = Duration::from_millis(random.u64(20..900));
        killed_after(&["import", project, input], || true, time);
        assert_sound(&folder);
    }
    let run = Command::new(env!("CARGO_BIN_EXE_copydesk"))
        .args(["import", project, input])
        .output()
        .unwrap();
    assert!(run.status.success(), "{run:?}");
    assert_sound(&folder);
    let (ids, _) = folder.article_ids().unwrap();
    assert_eq!(ids.len(), COUNT + 2);
    let annotators = folder.read_project().unwrap().0.annotators;
    for id in ids.iter().filter(|id| id.as_str().starts_with('n')) {
        let article = Arc::new(folder.read_article(id).unwrap());
        let sets = annotators.iter().map(|name| folder.read_set(&article, name).unwrap().set);
        assert_eq!(sets.map(|set| set.len()).sum::<usize>(), 2, "{id}");
    }
}

/// What a killed export leaves is hidden, is in nobody's way, and goes with the next one.
#[test]
fn an_export_that_is_killed_leaves_nothing_for_long() {
    let place = tempfile::tempdir().unwrap();
    let root = place.path().join("p");
    project(&root);
    let file = place.path().join("in.jsonl");
    fs::write(&file, lines(700)).unwrap();
    let (project, input) = (root.to_str().unwrap(), file.to_str().unwrap());
    let mut import = Command::new(env!("CARGO_BIN_EXE_copydesk"));
    let import = import.args(["import", project, input]).stdout(Stdio::null());
    assert!(import.status().unwrap().success());
    // The worst place for an export is the project itself.
    let out = root.join("dataset");
    let arguments =
        ["export", project, "--format", "brat", "--unfinished", "--out", out.to_str().unwrap()];
    let folder = ProjectFolder::open(&root).unwrap().folder;
    let left = || {
        let entries = fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().file_name());
        let names = entries.filter_map(|name| name.into_string().ok());
        let mut left: Vec<_> = names.filter(|name| name.contains("-export-")).collect();
        left.sort();
        left
    };
    let mut was_killed_writing = false;
    for time in (0..40).map(|step| Duration::from_millis(step * 5)) {
        let before = left();
        killed_after(&arguments, || left() != before, time);
        let left = left();
        let folders = left.iter().filter(|name| !name.ends_with(".lock")).count();
        was_killed_writing |= folders == 1;
        assert!(folders <= 1, "each removes what the one before left: {left:?}");
        if out.exists() {
            break;
        }
    }
    assert!(was_killed_writing, "none was killed while it wrote");
    assert_sound(&folder);
    let run = Command::new(env!("CARGO_BIN_EXE_copydesk"))
        .args(arguments.map(|word| word.replace("dataset", "another")))
        .output()
        .unwrap();
    assert!(run.status.success(), "{run:?}");
    assert_eq!(left(), [""; 0]);
}
