//! `copydesk check`: integrity and lint of a project.

use super::output::{Failure, Outcome, Output, Verdict, count};
use super::progress::ProgressLine;
use super::{problem_line, store_failure};
use crate::store::{Problem, ProjectFolder, RepairReport, Repaired, check, repair};
use serde::Serialize;
use std::path::Path;

/// Check that a project is whole
///
/// Reads every file, compares every annotation with the text it was made on and with the
/// schema, and lists what it finds: faults, and things worth knowing. Nothing is changed
/// without --repair.
#[derive(Debug, clap::Args)]
pub(super) struct CheckArguments {
    #[command(flatten)]
    project: super::ProjectArgument,
    /// Put right what can be, after a backup, and list what was done; refused while a
    /// window works on the project
    #[arg(long)]
    repair: bool,
    /// Print JSON instead of lines
    #[arg(long)]
    json: bool,
}

/// The answer as `--json` shows it.
#[derive(Serialize)]
struct Report<'a> {
    ok: bool,
    faults: usize,
    notes: usize,
    problems: Vec<Row<'a>>,
    /// What was put right; left out without `--repair`.
    #[serde(skip_serializing_if = "Option::is_none")]
    repairs: Option<Vec<RepairRow<'a>>>,
    /// Where the files are as they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    backup: Option<Option<String>>,
}

#[derive(Serialize)]
struct RepairRow<'a> {
    file: String,
    what: &'a str,
}

#[derive(Serialize)]
struct Row<'a> {
    file: String,
    line: Option<u32>,
    fault: bool,
    what: &'a str,
    remedy: &'a str,
}

impl<'a> RepairRow<'a> {
    fn of(done: &'a Repaired) -> Self {
        Self { file: slashed(&done.file), what: &done.what }
    }
}

impl<'a> Row<'a> {
    fn of(problem: &'a Problem) -> Self {
        let Problem { line, what, remedy, is_fault, .. } = problem;
        Self { file: slashed(&problem.file), line: *line, fault: *is_fault, what, remedy }
    }
}

/// With slashes everywhere: the output is the same on every system.
fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

pub(super) fn run(arguments: &CheckArguments, output: &mut Output) -> Outcome {
    let root = &arguments.project.project;
    let (problems, repaired) = if arguments.repair {
        let repaired = repaired(root)?;
        (repaired.left.clone(), Some(repaired))
    } else {
        (problems(root)?, None)
    };
    let faults = problems.iter().filter(|problem| problem.is_fault).count();
    let notes = problems.len() - faults;
    if arguments.json {
        let problems = problems.iter().map(Row::of).collect();
        let repairs =
            repaired.as_ref().map(|repaired| repaired.done.iter().map(RepairRow::of).collect());
        let backup = repaired.as_ref().map(|repaired| repaired.backup.as_deref().map(slashed));
        output.json(&Report { ok: faults == 0, faults, notes, problems, repairs, backup })?;
    } else {
        say(root, &problems, repaired.as_ref(), output)?;
        output.line(format_args!("{}, {}", count(faults, "fault"), count(notes, "note")))?;
    }
    Ok(if faults > 0 { Verdict::DataAtFault } else { Verdict::Done })
}

fn say(
    root: &Path,
    problems: &[Problem],
    repaired: Option<&RepairReport>,
    output: &mut Output,
) -> Result<(), Failure> {
    if let Some(RepairReport { done, backup, .. }) = repaired {
        for Repaired { file, what } in done {
            output.line(format_args!("repaired  {}: {what}", root.join(file).display()))?;
        }
        let kept = backup.as_ref().map_or_else(String::new, |backup| {
            format!("; the files as they were are in {}", root.join(backup).display())
        });
        output.line(format_args!("{}{kept}", count(done.len(), "repair")))?;
    }
    for problem in problems {
        let mark = if problem.is_fault { "fault" } else { "note" };
        output.line(format_args!("{mark}  {}", problem_line(root, problem)))?;
    }
    Ok(())
}

fn repaired(root: &Path) -> Result<RepairReport, Failure> {
    let opened = ProjectFolder::open(root).map_err(|error| store_failure(root, &error))?;
    let mut line = ProgressLine::new();
    let report = repair(&opened.folder, &mut |done, total| line.draw(done, Some(total), root));
    line.clear();
    report.map_err(|error| store_failure(root, &error))
}

/// Everything wrong or worth knowing. A broken `project.ron` is one of these things; a
/// path that is no project is a wrong call.
fn problems(root: &Path) -> Result<Vec<Problem>, Failure> {
    let folder = match ProjectFolder::open(root) {
        Ok(opened) => opened.folder,
        Err(error) => {
            return match store_failure(root, &error) {
                Failure::Data(_) => Ok(vec![Problem::from(&error)]),
                failure => Err(failure),
            };
        }
    };
    let mut line = ProgressLine::new();
    let found = check(&folder, &mut |done, total| line.draw(done, Some(total), root));
    line.clear();
    Ok(found)
}
