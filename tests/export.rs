//! Datasets out of a project: what is in them, and that they appear whole or not at all.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use copydesk::formats::{self, WriteOptions};
use copydesk::model::{Article, ArticleId, ArticleMeta, State};
use copydesk::session::Action;
use copydesk::session::export::{ExportError, ExportReport, ExportRequest, Split, Whose, export};
use copydesk::store::{Opened, ProjectFolder};
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
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
