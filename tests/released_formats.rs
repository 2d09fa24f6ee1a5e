//! A project of every released format opens in this version, and says what it said then.
//!
//! `tests/data/projects/<version>` is a project as that version wrote it, with every
//! feature that it had, and `<version>.txt` what it held. Neither is ever written again:
//! what could be read yesterday is readable tomorrow. `v1-reviewed` has what came to format 1
//! with review: gold, comments and rulings, an assignment, an archive of a history.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use copydesk::edit::{Change, StepKind};
use copydesk::model::{
    Annotation, AnnotationSet, AnnotatorName, Assignment, Attribute, Origin, Project, Remark,
    RemarkKind, State,
};
use copydesk::store::{Opened, ProjectFolder};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// Every version, by name.
const VERSIONS: [&str; 2] = ["v1", "v1-reviewed"];

/// Opening may change a project: a copy of it is opened.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            fs::copy(path, to.join(name)).unwrap();
        }
    }
}

/// Everything that a project holds, in words that do not depend on the types of the model.
fn told(root: &Path) -> String {
    let Opened { folder, project, .. } = ProjectFolder::open(root).unwrap();
    let mut out = String::new();
    tell_project(&mut out, &project);
    for id in folder.article_ids().unwrap().0 {
        let article = Arc::new(folder.read_article(&id).unwrap());
        let meta = article.meta();
        let date = meta.date.map(|date| date.to_string()).unwrap_or_default();
        writeln!(
            out,
            "\narticle {id}: {} | {} | {date} | {} | {}",
            meta.title, meta.source, meta.url, meta.language
        )
        .unwrap();
        writeln!(out, "{:?}", article.text()).unwrap();
        for (_, annotator) in folder.annotated().unwrap().into_iter().filter(|(of, _)| *of == id) {
            tell_set(&mut out, &folder.read_set(&article, &annotator).unwrap().set);
        }
    }
    tell_assignment(&mut out, &folder.read_assignment().unwrap());
    let has_gold = root.join("gold").exists();
    let gold = has_gold.then(AnnotatorName::gold);
    for annotator in project.annotators.iter().chain(&gold) {
        writeln!(out, "\nsteps of {annotator}").unwrap();
        for (kind, step) in folder.read_steps(annotator).unwrap().0 {
            let kind = match kind {
                StepKind::Do => "do",
                StepKind::Undo => "undo",
                StepKind::Redo => "redo",
            };
            let changes = step.changes.iter().map(|change| match change {
                Change::Set { article, annotator, forward, backward } => {
                    format!(
                        "{annotator}/{article} {}/{}",
                        forward.edits.len(),
                        backward.edits.len()
                    )
                }
                Change::Schema { .. } => "schema".to_owned(),
            });
            let changes: Vec<_> = changes.collect();
            writeln!(out, "{kind} {} {} {:?} {}", step.id, step.at, step.what, changes.join(", "))
                .unwrap();
        }
    }
    out
}

fn tell_project(out: &mut String, project: &Project) {
    let names: Vec<_> = project.annotators.iter().map(ToString::to_string).collect();
    writeln!(out, "project {}: {}", project.name, names.join(", ")).unwrap();
    for label in project.schema.labels() {
        writeln!(out, "label {} {} {:?} {:?}", label.id, label.name, label.key, label.guideline)
            .unwrap();
        for Attribute { id, name, kind, required, guideline } in &label.attributes {
            writeln!(out, "  {id} {name} {kind:?} {required} {guideline:?}").unwrap();
        }
    }
    for relation in project.schema.relations() {
        let ends = |ends: &[copydesk::model::LabelId]| {
            ends.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
        };
        let (from, to) = (ends(&relation.from), ends(&relation.to));
        writeln!(out, "relation {} {} {from}>{to}", relation.id, relation.name).unwrap();
    }
}

fn tell_set(out: &mut String, set: &AnnotationSet) {
    let state = match set.state() {
        State::Unseen => "unseen",
        State::InProgress => "in progress",
        State::Done => "done",
    };
    writeln!(out, "set of {}: {state}", set.annotator()).unwrap();
    for found in set.annotations() {
        tell_annotation(out, set, found);
    }
    for relation in set.relations() {
        writeln!(out, "  {} {} {}>{}", relation.id, relation.kind, relation.from, relation.to)
            .unwrap();
    }
    for Remark { id, by, at, on, what } in set.remarks() {
        let what = match what {
            RemarkKind::Comment(text) => format!("comment {text:?}"),
            RemarkKind::Ruling(Some(gold)) => format!("ruling {gold}"),
            RemarkKind::Ruling(None) => "rejected".to_owned(),
        };
        let on = on.iter().map(|mention| format!("{}/{}", mention.annotator, mention.id));
        writeln!(out, "  {id} {by} {at} {what} on {}", on.collect::<Vec<_>>().join(" ")).unwrap();
    }
}

fn tell_assignment(out: &mut String, assignment: &Assignment) {
    let Assignment { seed, own_only, blind, articles } = assignment;
    if articles.is_empty() {
        return;
    }
    writeln!(out, "\nassignment: seed {seed}, own only {own_only}, blind {blind}").unwrap();
    for (article, names) in articles {
        let names: Vec<_> = names.iter().map(ToString::to_string).collect();
        writeln!(out, "  {article}: {}", names.join(", ")).unwrap();
    }
}

fn tell_annotation(out: &mut String, set: &AnnotationSet, found: &Annotation) {
    let ranges = found.span.ranges().iter().map(|range| format!("{range:?}"));
    let ranges = ranges.collect::<Vec<_>>().join(" ");
    let values = found.attributes.iter().map(|(id, value)| format!("{id}={value:?}"));
    let values = values.collect::<Vec<_>>().join(" ");
    let origin = match &found.origin {
        Origin::Manual => "manual".to_owned(),
        Origin::Suggestion(source) => format!("suggestion {source}"),
        Origin::Import(source) => format!("import {source}"),
        Origin::Adjudication(names) => format!("adjudication {}", names.len()),
    };
    let Annotation { id, label, note, was, created, modified, .. } = found;
    let (was, surface) = (was.as_deref().unwrap_or_default(), set.surface(found));
    let modified = modified.map(|at| at.to_string()).unwrap_or_default();
    writeln!(out, "  {id} {label} {ranges} {surface:?} [{values}] note {note:?} was {was:?} {origin} {created} {modified}").unwrap();
}

#[test]
fn projects_of_every_released_format_say_what_they_said() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/projects");
    let mut seen = Vec::new();
    for entry in fs::read_dir(&corpus).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_dir() {
            continue;
        }
        seen.push(path.file_name().unwrap().to_string_lossy().into_owned());
        let temporary = tempfile::tempdir().unwrap();
        copy(&path, temporary.path());
        let expected = path.with_extension("txt");
        let told = told(temporary.path());
        if !expected.exists() {
            fs::write(&expected, told).unwrap();
            panic!("{} was written; look it through and keep it", expected.display());
        }
        assert_eq!(told, fs::read_to_string(&expected).unwrap(), "{}", path.display());
    }
    seen.sort();
    assert_eq!(seen, VERSIONS, "each version that was released stays, and a new one is named here");
}
