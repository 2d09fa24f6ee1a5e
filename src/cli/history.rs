//! `copydesk history`: who did what in an article.

use super::output::{Failure, Outcome, Output, Verdict};
use super::store_failure;
use crate::model::{AnnotationId, AnnotatorName, ArticleId, Project};
use crate::session::TrailEntry;
use crate::store::{Opened, ProjectFolder, TrailLine};
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::Path;

/// Tell who did what in an article
///
/// Every step that was saved, undone ones included, with what it changed: annotator by
/// annotator, oldest first.
#[derive(Debug, clap::Args)]
pub(super) struct HistoryArguments {
    #[command(flatten)]
    project: super::ProjectArgument,
    /// The article's id
    #[arg(value_name = "ARTICLE", value_parser = super::article)]
    article: ArticleId,
    /// Only what touched this annotation
    #[arg(long, value_name = "ID", value_parser = annotation)]
    annotation: Option<AnnotationId>,
    /// Only the set of this annotator
    #[arg(long, value_name = "NAME", value_parser = super::annotator_or_gold)]
    annotator: Option<AnnotatorName>,
    /// Print JSON instead of lines
    #[arg(long)]
    json: bool,
}

fn annotation(id: &str) -> Result<AnnotationId, String> {
    id.parse::<AnnotationId>().map_err(|error| error.to_string())
}

/// A line as `--json` shows it.
#[derive(Serialize)]
struct Row {
    set: String,
    step: String,
    at: String,
    by: String,
    kind: &'static str,
    what: String,
    changes: Vec<String>,
    annotations: Vec<String>,
}

pub(super) fn run(arguments: &HistoryArguments, output: &mut Output) -> Outcome {
    let root = &arguments.project.project;
    let Opened { folder, project, .. } = super::open(root, output)?;
    let article = &arguments.article;
    let failure = |error| store_failure(root, &error);
    ensure_annotator(&folder, &project, arguments.annotator.as_ref(), root)?;
    let sets = folder.annotated().map_err(failure)?;
    let names = sets.into_iter().filter(|(of, _)| of == article).map(|(_, name)| name);
    let names: Vec<_> =
        names.filter(|name| arguments.annotator.as_ref().is_none_or(|only| only == name)).collect();
    if names.is_empty() && !folder.article_ids().map_err(failure)?.0.contains(article) {
        return Err(Failure::Call(format!("{}: has no article {article}", root.display())));
    }
    let mut verdict = Verdict::Done;
    let mut found: Vec<(AnnotatorName, TrailLine)> = Vec::new();
    for name in names {
        let (lines, problems) =
            folder.trail(&name, article, arguments.annotation).map_err(failure)?;
        found.extend(lines.into_iter().map(|line| (name.clone(), line)));
        for problem in problems {
            verdict = Verdict::DataAtFault;
            output.remark(super::problem_line(root, &problem))?;
        }
    }
    let told = found.iter().map(|(set, line)| (set, line, TrailEntry::of(line, &project.schema)));
    if arguments.json {
        output.json(&told.map(|(set, line, entry)| row(set, line, entry)).collect::<Vec<_>>())?;
        return Ok(verdict);
    }
    for (set, line, entry) in told {
        let whose = if *set == line.by { String::new() } else { format!(" in the set of {set}") };
        let (title, changes) = (entry.title(), entry.changes.join("; "));
        let between = if changes.is_empty() { "" } else { ": " };
        output
            .line(format_args!("{:.0}  {}{whose}  {title}{between}{changes}", line.at, line.by))?;
    }
    Ok(verdict)
}

/// Refuses the name of somebody who has nothing in a project, as a mistyped one has.
pub(super) fn ensure_annotator(
    folder: &ProjectFolder,
    project: &Project,
    wanted: Option<&AnnotatorName>,
    root: &Path,
) -> Result<(), Failure> {
    let Some(wanted) = wanted else { return Ok(()) };
    let sets = folder.annotated().map_err(|error| store_failure(root, &error))?;
    let with_sets = sets.into_iter().map(|(_, name)| name);
    let known: BTreeSet<_> = project.annotators.iter().cloned().chain(with_sets).collect();
    if known.contains(wanted) {
        return Ok(());
    }
    let known: Vec<_> = known.iter().map(AnnotatorName::as_str).collect();
    let known = if known.is_empty() { "nobody".to_owned() } else { known.join(", ") };
    let root = root.display();
    Err(Failure::Call(format!("{root}: has no annotator {wanted}; there is {known}")))
}

fn row(set: &AnnotatorName, line: &TrailLine, entry: TrailEntry) -> Row {
    use crate::edit::StepKind as K;
    let kind = match line.kind {
        K::Do => "do",
        K::Undo => "undo",
        K::Redo => "redo",
    };
    Row {
        set: set.to_string(),
        step: line.step.to_string(),
        at: format!("{:.3}", line.at),
        by: line.by.to_string(),
        kind,
        what: entry.what,
        changes: entry.changes,
        annotations: line.annotations.iter().map(|touched| touched.id.to_string()).collect(),
    }
}
