//! `copydesk import`: articles into a project.

use super::output::{Failure, Outcome as Ending, Output, Verdict, count, place};
use super::progress::ProgressLine;
use super::store_failure;
use crate::formats;
use crate::model::{AnnotatorName, ArticleId, TextHash};
use crate::session::import::{ImportReport, ImportRequest, Outcome, Source, import};
use crate::store::{Opened, ProjectFolder};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// Import articles from files and folders
///
/// The format is chosen by a file's ending, else by its content. In folders, hidden files,
/// symbolic links and files with an ending that no format has are passed over with a note.
/// A text that the project has already is not imported again.
#[derive(Debug, clap::Args)]
pub(super) struct ImportArguments {
    #[command(flatten)]
    project: super::ProjectArgument,
    /// Files, and folders with everything in them
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Read everything as this format, whatever its ending
    #[arg(long, value_parser = super::formats::readable())]
    format: Option<String>,
    /// Add this annotator to the project
    #[arg(long, value_name = "NAME", value_parser = super::annotator)]
    annotator: Option<AnnotatorName>,
}

pub(super) fn run(arguments: &ImportArguments, output: &mut Output) -> Ending {
    let root = &arguments.project.project;
    let Opened { folder, mut project, .. } = super::open(root, output)?;
    if let Some(annotator) = &arguments.annotator
        && !project.annotators.contains(annotator)
    {
        project.annotators.push(annotator.clone());
        folder.write_project(&project).map_err(|error| store_failure(root, &error))?;
    }
    let mut known = known_texts(root, &folder, output)?;
    let request = ImportRequest {
        sources: arguments.files.iter().cloned().map(Source::Path).collect(),
        format: arguments.format.as_deref().and_then(formats::by_id),
    };
    let mut line = ProgressLine::new();
    let report = import(&folder, &request, &mut known, &mut |progress| {
        line.draw(progress.done, progress.total, progress.next);
        ControlFlow::Continue(())
    });
    line.clear();
    say(&report, output)?;
    let is_missing = |path: &PathBuf| !path.exists() && !path.is_symlink();
    Ok(match report.has_refused() {
        _ if arguments.files.iter().any(is_missing) => Verdict::CallAtFault,
        true => Verdict::DataAtFault,
        false => Verdict::Done,
    })
}

/// The texts of the project by their hashes. An article that cannot be read is said and
/// passed over: it must not keep others out.
fn known_texts(
    root: &Path,
    folder: &ProjectFolder,
    output: &mut Output,
) -> Result<HashMap<TextHash, ArticleId>, Failure> {
    let (ids, _) = folder.article_ids().map_err(|error| store_failure(root, &error))?;
    let mut known = HashMap::with_capacity(ids.len());
    let mut line = ProgressLine::new();
    for (done, id) in ids.iter().enumerate() {
        line.draw(done, Some(ids.len()), Path::new(id.as_str()));
        match folder.read_article(id) {
            Ok(article) => {
                known.insert(article.hash(), id.clone());
            }
            Err(error) => {
                line.clear();
                output.remark(super::problem_line(root, &(&error).into()))?;
            }
        }
    }
    line.clear();
    Ok(known)
}

fn say(report: &ImportReport, output: &mut Output) -> Result<(), Failure> {
    let (mut new, mut known, mut refused, mut skipped) = (0, 0, 0, 0);
    for outcome in &report.outcomes {
        match outcome {
            Outcome::Imported { id, title, path, warnings } => {
                new += 1;
                output.line(format_args!("{id}  {title}"))?;
                for warning in warnings {
                    let place = place(path, warning.line);
                    output.remark(format_args!("{place}: note: {}", warning.what))?;
                }
            }
            Outcome::Known { id, path } => {
                known += 1;
                let path = path.display();
                output.remark(format_args!("{path}: note: its text is already here as {id}"))?;
            }
            Outcome::Refused { path, line, why } => {
                refused += 1;
                output.remark(format_args!("{}: {why}", place(path, *line)))?;
            }
            Outcome::Skipped { path, why } => {
                skipped += 1;
                output.remark(format_args!("{}: note: passed over: {why}", path.display()))?;
            }
        }
    }
    let new = count(new, "article");
    output.line(format_args!(
        "{new} imported, {known} already here, {refused} refused, {skipped} passed over"
    ))
}
