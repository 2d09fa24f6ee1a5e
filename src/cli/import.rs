//! `copydesk import`: articles into a project.

use super::output::{Failure, Outcome as Ending, Output, Verdict, count, place};
use super::progress::ProgressLine;
use super::store_failure;
use crate::formats;
use crate::model::{AnnotatorName, ArticleId, TextHash};
use crate::session::import::{ImportReport, ImportRequest, Outcome, Source, import};
use crate::store::{CorrectedSet, Opened, ProjectFolder, Replaced};
use crate::text::TextRange;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// Import articles from files and folders
///
/// The format is chosen by a file's ending, else by its content. In folders, hidden files,
/// symbolic links and files with an ending that no format has are passed over with a note.
/// A text that the project has already is not imported again. With --update, a file that
/// is a newer version of an article (by its name, its address, or headline, source and
/// date) corrects that article's text, and everybody's annotations move with it.
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
    /// Correct the texts of articles that are here already
    #[arg(long)]
    update: bool,
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
        update: arguments.update,
    };
    let mut line = ProgressLine::new();
    let report = import(&folder, &request, &mut known, &mut |progress| {
        line.draw(progress.done, progress.total, progress.next);
        ControlFlow::Continue(())
    });
    line.clear();
    say(&report, arguments.update, output)?;
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

fn say(report: &ImportReport, update: bool, output: &mut Output) -> Result<(), Failure> {
    let (mut new, mut corrected, mut known, mut refused, mut skipped) = (0, 0, 0, 0, 0);
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
            Outcome::Updated { id, title, path, sets, warnings } => {
                corrected += 1;
                output.line(format_args!("{id}  {title}"))?;
                for set in sets {
                    say_set(id, set, output)?;
                }
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
    let corrected = if update { format!(" {corrected} corrected,") } else { String::new() };
    output.line(format_args!(
        "{new} imported,{corrected} {known} already here, {refused} refused, {skipped} passed over"
    ))
}

/// What a correction did to one annotator's set: a line, and one for each annotation that
/// somebody should look at.
fn say_set(id: &ArticleId, set: &CorrectedSet, output: &mut Output) -> Result<(), Failure> {
    let CorrectedSet { annotator, same, changed, unsure } = set;
    let all = count(set.len(), "annotation");
    output.line(format_args!(
        "  {annotator}: {all}, {same} with the same text, {} corrected, {} to check",
        changed.len(),
        unsure.len()
    ))?;
    let rows = changed.iter().map(|row| ("corrected", row));
    for (what, row) in rows.chain(unsure.iter().map(|row| ("to check ", row))) {
        let Replaced { annotation, label, before, after } = row;
        let at =
            |range: TextRange| format!("{}..{}", u32::from(range.start()), u32::from(range.end()));
        output.line(format_args!(
            "    {what}  {annotation} {label} in {id}: “{}” at {} is now “{}” at {}",
            before.1,
            at(before.0),
            after.1,
            at(after.0)
        ))?;
    }
    Ok(())
}
