//! What the cores make together is what one of them would have made alone.

use super::*;
use crate::edit::{Edit, Transaction};
use crate::formats::FORMATS;
use crate::model::{
    Annotation, AnnotationId, AnnotationSet, Article, ArticleId, ArticleMeta, LabelId, Project,
    Span, State,
};
use crate::store::{BundledSchema, bundled_schema};
use crate::text::TextRange;
use std::fs;
use std::sync::Arc;

/// Articles of very different lengths, so that those behind are ready before those in front.
fn project(root: &Path) -> ProjectFolder {
    let annotator = AnnotatorName::new("a").unwrap();
    let schema = Arc::new(bundled_schema(BundledSchema::Simple).unwrap());
    let project = Project { name: "Many".to_owned(), annotators: vec![annotator.clone()], schema };
    let folder = ProjectFolder::create(root, &project).unwrap();
    let made: Vec<_> = (0..70).map(|number| annotated(number, &annotator)).collect();
    let articles: Vec<_> =
        made.iter().map(|set| (&**set.article(), std::slice::from_ref(set))).collect();
    assert!(folder.add_articles(&articles).iter().all(Result::is_ok));
    folder
}

fn annotated(number: u64, annotator: &AnnotatorName) -> AnnotationSet {
    let length = if number.is_multiple_of(16) { 400 } else { 1 };
    let text = format!("Police 🚓 number {number}. ").repeat(length) + "The end.";
    let id = ArticleId::new(format!("article-{number:03}")).unwrap();
    let article = Arc::new(Article::new(id, ArticleMeta::default(), text));
    let mut set = AnnotationSet::new(article, annotator.clone());
    let span = Span::new(TextRange::new(0.into(), 6.into())).unwrap();
    let label = LabelId::new("actor").unwrap();
    let found = Annotation::new(AnnotationId(number + 1), label, span);
    let edits = vec![Edit::add(found), Edit::State(State::Done)];
    Transaction::from(edits).apply(&mut set).unwrap();
    set
}

fn request(folder: &ProjectFolder, format: &'static Format, out: PathBuf) -> ExportRequest {
    let schema = folder.read_project().unwrap().0.schema;
    ExportRequest {
        format,
        whose: Whose::All,
        only: None,
        unfinished: false,
        is_strict: false,
        split: None,
        options: WriteOptions::new(schema),
        out,
    }
}

/// The export as one thread makes it, batch by batch.
fn one_after_the_other(folder: &ProjectFolder, request: &ExportRequest) {
    let writer = writer(request).unwrap();
    let reading = Reading::new(folder, request).unwrap();
    let go_on = &mut |_| ControlFlow::Continue(());
    let plan = Plan::make(&reading, request, writer.batch, go_on).unwrap();
    let mut staging = Staging::begin(&request.out, writer.frame).unwrap();
    let mut report = ExportReport { splits: plan.counts(), ..ExportReport::default() };
    for batch in &plan.batches {
        let encoded = encode(&reading, request, batch);
        put(count(encoded, &mut report).unwrap(), &mut staging).unwrap();
    }
    finish(request, &reading, &mut report, staging).unwrap();
}

/// Every file at a place, by its path below it.
fn files(at: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut left = vec![at.to_owned()];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            let name = path.strip_prefix(at).unwrap().to_owned();
            found.insert(name, fs::read(&path).unwrap());
        }
    }
    found
}

#[test]
fn all_cores_write_what_one_would_write() {
    let place = tempfile::tempdir().unwrap();
    let folder = project(&place.path().join("project"));
    for format in FORMATS.iter().filter(|format| format.writes.is_some()) {
        let path = |how: &str| place.path().join(format!("{how}-{}", format.id));
        let (one, all) = (path("one"), path("all"));
        one_after_the_other(&folder, &request(&folder, format, one.clone()));
        let wanted = request(&folder, format, all.clone());
        let report = export(&folder, &wanted, &mut |_| ControlFlow::Continue(()), &mut |_| {});
        assert_eq!(report.unwrap().splits[0].articles, 70, "{}", format.id);
        assert!(files(&one) == files(&all), "{}", format.id);
        assert!(!files(&all).is_empty());
    }
}

#[test]
fn an_export_that_is_cancelled_in_the_middle_leaves_nothing() {
    let place = tempfile::tempdir().unwrap();
    let folder = project(&place.path().join("project"));
    let exports = place.path().join("exports");
    fs::create_dir(&exports).unwrap();
    for format in FORMATS.iter().filter(|format| format.writes.is_some_and(|it| it.batch == 1)) {
        let mut seen = 0;
        let progress = &mut |progress: ExportProgress| {
            seen = progress.done;
            if seen >= 33 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let wanted = request(&folder, format, exports.join(format.id));
        let cancelled = export(&folder, &wanted, progress, &mut |_| {});
        assert!(matches!(cancelled, Err(ExportError::Cancelled)), "{}", format.id);
        assert_eq!(seen, 33);
        assert_eq!(fs::read_dir(&exports).unwrap().count(), 0, "{}", format.id);
    }
}

/// What is left of a text without the white space that makes it readable.
fn dense(text: &str) -> String {
    text.split_whitespace().collect()
}

#[test]
fn the_first_records_are_what_the_export_writes_and_in_its_order() {
    let place = tempfile::tempdir().unwrap();
    let folder = project(&place.path().join("project"));
    // Nobody has finished the first article, so it is not among the records.
    let id = ArticleId::new("a-first-one").unwrap();
    folder.add_article(&Article::new(id, ArticleMeta::default(), "Not begun.")).unwrap();
    for format in FORMATS.iter().filter(|format| format.writes.is_some()) {
        let wanted = request(&folder, format, place.path().join(format.id));
        let mut first = String::new();
        let seen = &mut |_: &ExportReport, now: &str, _| {
            now.clone_into(&mut first);
            ControlFlow::Continue(())
        };
        rehearse(&folder, &wanted, seen).unwrap();
        export(&folder, &wanted, &mut |_| ControlFlow::Continue(()), &mut |_| {}).unwrap();
        assert!(first.contains("actor") || first.contains("article-000"), "{}: {first}", format.id);
        if let Some(lines) = first.strip_prefix("The file is not text.") {
            assert_eq!(lines.matches("\"id\":\"article-00").count(), 3, "{}: {lines}", format.id);
            continue;
        }
        // What is left out of long strings, and behind the end, has a mark in its place.
        let parts: Vec<_> = first.split('…').map(dense).collect();
        let is_written = |bytes: &Vec<u8>| {
            let written = dense(&String::from_utf8_lossy(bytes));
            let mut left = written.as_str();
            let is_begin = left.starts_with(&parts[0]);
            is_begin
                && parts.iter().all(|part| {
                    let found = left.find(part.as_str()).map(|at| &left[at + part.len()..]);
                    left = found.unwrap_or_default();
                    found.is_some()
                })
        };
        assert!(files(&wanted.out).values().any(is_written), "{}: {first}", format.id);
    }
}
