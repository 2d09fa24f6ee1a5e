//! `copydesk check`: integrity and lint of a project.

use super::output::{Failure, Outcome, Output, Verdict, count};
use super::progress::ProgressLine;
use super::{problem_line, store_failure};
use crate::store::{Problem, ProjectFolder, check};
use serde::Serialize;
use std::path::Path;

/// Check that a project is whole
///
/// Reads every file, compares every annotation with the text it was made on and with the
/// schema, and lists what it finds: faults, and things worth knowing. Nothing is changed.
#[derive(Debug, clap::Args)]
pub(super) struct CheckArguments {
    #[command(flatten)]
    project: super::ProjectArgument,
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
}

#[derive(Serialize)]
struct Row<'a> {
    file: String,
    line: Option<u32>,
    fault: bool,
    what: &'a str,
    remedy: &'a str,
}

impl<'a> Row<'a> {
    fn of(problem: &'a Problem) -> Self {
        // With slashes everywhere: the output is the same on every system.
        let parts: Vec<_> =
            problem.file.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        let Problem { line, what, remedy, is_fault, .. } = problem;
        Self { file: parts.join("/"), line: *line, fault: *is_fault, what, remedy }
    }
}

pub(super) fn run(arguments: &CheckArguments, output: &mut Output) -> Outcome {
    let root = &arguments.project.project;
    let problems = problems(root)?;
    let faults = problems.iter().filter(|problem| problem.is_fault).count();
    let notes = problems.len() - faults;
    if arguments.json {
        let problems = problems.iter().map(Row::of).collect();
        output.json(&Report { ok: faults == 0, faults, notes, problems })?;
    } else {
        for problem in &problems {
            let mark = if problem.is_fault { "fault" } else { "note" };
            output.line(format_args!("{mark}  {}", problem_line(root, problem)))?;
        }
        output.line(format_args!("{}, {}", count(faults, "fault"), count(notes, "note")))?;
    }
    Ok(if faults > 0 { Verdict::DataAtFault } else { Verdict::Done })
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
