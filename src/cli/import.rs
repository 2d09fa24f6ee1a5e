//! `copydesk import`: articles into a project.

use super::output::{Failure, Outcome as Ending, Output, Verdict, count, place};
use super::progress::ProgressLine;
use super::store_failure;
use crate::formats::{self, Ask, ReadOptions, Warning};
use crate::model::{AnnotatorName, ArticleId, LabelId, Project, TextHash};
use crate::session::import::{
    AddedSet, ImportReport, ImportRequest, Outcome, Scope, Source, import, survey,
};
use crate::store::{CorrectedSet, Opened, ProjectFolder, Replaced, Writer};
use crate::text::TextRange;
use std::cmp::Ordering;
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
///
/// Annotations in a file come with it: each annotator's become theirs, and what the schema
/// lacks is added to it, unless --map says which label is meant.
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
    /// Add this annotator to the project; annotations for which a file names nobody are theirs
    #[arg(long, value_name = "NAME", value_parser = super::annotator)]
    annotator: Option<AnnotatorName>,
    /// Take a label of the files for one of the project (PER=actor); may stand several times
    #[arg(long, value_name = "THEIRS=OURS", value_parser = mapping)]
    map: Vec<(String, LabelId)>,
    /// Import nothing where anything would be guessed, left out or refused
    #[arg(long)]
    strict: bool,
    /// The column or field that holds the text
    #[arg(long, value_name = "NAME")]
    text_column: Option<String>,
    /// The columns of the token and of its tag in CoNLL files, counted from zero (0,3)
    #[arg(long, value_name = "TOKEN,TAG", value_parser = columns)]
    columns: Option<(usize, usize)>,
}

/// The records of one file that are told when they are refused one after the other.
const ALIKE: usize = 5;

fn mapping(text: &str) -> Result<(String, LabelId), String> {
    let (theirs, ours) = text.rsplit_once('=').ok_or("write the file's label, =, and ours")?;
    let ours = LabelId::new(ours.trim()).map_err(|error| error.to_string())?;
    Ok((theirs.trim().to_owned(), ours))
}

fn columns(text: &str) -> Result<(usize, usize), String> {
    let (token, tag) = text.split_once(',').ok_or("write two numbers and a comma")?;
    let number = |text: &str| text.trim().parse().map_err(|_| format!("“{text}” is no number"));
    Ok((number(token)?, number(tag)?))
}

pub(super) fn run(arguments: &ImportArguments, output: &mut Output) -> Ending {
    let root = &arguments.project.project;
    let Opened { folder, mut project, .. } = super::open(root, output)?;
    if let Some(annotator) = &arguments.annotator
        && !project.annotators.contains(annotator)
    {
        let apart = annotator.ensure_own_folder(&project.annotators);
        apart.map_err(|error| Failure::Call(error.to_string()))?;
        project.annotators.push(annotator.clone());
        let added = Writer::new(folder.clone()).add_annotator(annotator);
        added.map_err(|error| store_failure(root, &error))?;
    }
    let request = request(arguments, &project)?;
    let is_missing = |path: &PathBuf| !path.exists() && !path.is_symlink();
    let is_any_missing = arguments.files.iter().any(is_missing);
    if arguments.strict && is_lossy(&project, &request, output)? {
        return Ok(if is_any_missing { Verdict::CallAtFault } else { Verdict::DataAtFault });
    }
    let mut known = known_texts(root, &folder, output)?;
    let mut line = ProgressLine::new();
    let report = import(&folder, &request, &mut known, &mut |progress| {
        line.draw(progress.done, progress.total, progress.next);
        ControlFlow::Continue(())
    });
    line.clear();
    say(&report, arguments.update, output)?;
    Ok(match report.has_refused() {
        _ if is_any_missing => Verdict::CallAtFault,
        true => Verdict::DataAtFault,
        false => Verdict::Done,
    })
}

fn request(arguments: &ImportArguments, project: &Project) -> Result<ImportRequest, Failure> {
    let ours = |(_, label): &&(String, LabelId)| project.schema.label(label).is_none();
    if let Some((_, label)) = arguments.map.iter().find(ours) {
        let known: Vec<_> =
            project.schema.labels().iter().map(|label| label.id.to_string()).collect();
        let known = known.join(", ");
        return Err(Failure::Call(format!("--map: there is no label {label}; there are {known}")));
    }
    let format = arguments.format.as_deref().and_then(formats::by_id);
    for (ask, flag, is_given) in [
        (Ask::TextColumn, "--text-column", arguments.text_column.is_some()),
        (Ask::Columns, "--columns", arguments.columns.is_some()),
    ] {
        if let Some(format) = format.filter(|format| is_given && !format.asks.contains(&ask)) {
            return Err(super::formats::not_asked(flag, format, |other| other.asks.contains(&ask)));
        }
    }
    Ok(ImportRequest {
        sources: arguments.files.iter().cloned().map(Source::Path).collect(),
        format,
        update: arguments.update,
        options: ReadOptions {
            text_column: arguments.text_column.clone(),
            columns: arguments.columns,
        },
        annotator: arguments.annotator.clone(),
        labels: arguments.map.iter().cloned().collect(),
    })
}

/// Whether anything would be guessed, left out or refused; each is said.
fn is_lossy(
    project: &Project,
    request: &ImportRequest,
    output: &mut Output,
) -> Result<bool, Failure> {
    let mut line = ProgressLine::new();
    let survey = survey(project, request, Scope::Everything, &mut |progress| {
        line.draw(progress.done, progress.total, progress.next);
        ControlFlow::Continue(())
    });
    line.clear();
    for (path, warning) in &survey.warnings {
        output.remark(format_args!("{}: {}", place(path, warning.line), warning.what))?;
    }
    if !survey.warnings.is_empty() {
        let count = count(survey.warnings.len(), "warning");
        output.remark(format_args!("{count}; nothing was imported, because of --strict"))?;
    }
    Ok(!survey.warnings.is_empty())
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
    let mut alike = (Path::new(""), 0_usize);
    // Articles that are here with everything that the files say of them: the first, and how
    // many more.
    let (mut first, mut more) = (None, 0_usize);
    for outcome in &report.outcomes {
        match outcome {
            Outcome::Imported { id, title, path, added, warnings } => {
                new += 1;
                output.line(format_args!("{id}  {title}"))?;
                say_added(added, output)?;
                say_warnings(path, warnings, output)?;
            }
            Outcome::Updated { id, title, path, sets, added, warnings } => {
                corrected += 1;
                output.line(format_args!("{id}  {title}"))?;
                for set in sets {
                    say_set(id, set, output)?;
                }
                say_added(added, output)?;
                say_warnings(path, warnings, output)?;
            }
            Outcome::Known { id, path, added, warnings } => {
                known += 1;
                match (added.is_empty(), first) {
                    (true, None) => first = Some((id, path)),
                    (true, Some(_)) => more += 1,
                    (false, _) => output.line(format_args!("{id}"))?,
                }
                say_added(added, output)?;
                say_warnings(path, warnings, output)?;
            }
            Outcome::Noted { path, warnings } => say_warnings(path, warnings, output)?,
            Outcome::Refused { path, line, why } => {
                refused += 1;
                alike = (path, if alike.0 == path { alike.1 + 1 } else { 1 });
                match alike.1.cmp(&ALIKE) {
                    Ordering::Less => {
                        output.remark(format_args!("{}: {why}", place(path, *line)))?;
                    }
                    Ordering::Equal => {
                        let path = path.display();
                        output.remark(format_args!("{path}: and more of its records"))?;
                    }
                    Ordering::Greater => {}
                }
            }
            Outcome::Skipped { path, why } => {
                skipped += 1;
                output.remark(format_args!("{}: note: passed over: {why}", path.display()))?;
            }
        }
    }
    if let Some((id, path)) = first {
        let path = path.display();
        // An import that was cut off and is begun again finds thousands.
        let more = if more > 0 { format!(", and so are {more} more") } else { String::new() };
        output.remark(format_args!("{path}: note: its text is already here as {id}{more}"))?;
    }
    let new = count(new, "article");
    let corrected = if update { format!(" {corrected} corrected,") } else { String::new() };
    output.line(format_args!(
        "{new} imported,{corrected} {known} already here, {refused} refused, {skipped} passed over"
    ))
}

/// The annotations that came with an article: a line for each annotator.
fn say_added(added: &[AddedSet], output: &mut Output) -> Result<(), Failure> {
    for AddedSet { annotator, added } in added {
        output.line(format_args!("  {annotator}: {} added", count(*added, "annotation")))?;
    }
    Ok(())
}

fn say_warnings(path: &Path, warnings: &[Warning], output: &mut Output) -> Result<(), Failure> {
    for warning in warnings {
        let place = place(path, warning.line);
        output.remark(format_args!("{place}: note: {}", warning.what))?;
    }
    Ok(())
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
        let Replaced { annotation, label, before, after, elsewhere } = row;
        let at =
            |range: TextRange| format!("{}..{}", u32::from(range.start()), u32::from(range.end()));
        output.line(format_args!(
            "    {what}  {annotation} {label} in {id}: “{}” at {} is now “{}” at {}{}",
            before.1,
            at(before.0),
            after.1,
            at(after.0),
            elsewhere
                .map_or_else(String::new, |place| format!("; its words stand at {}", at(place)))
        ))?;
    }
    Ok(())
}
