//! `copydesk check`: integrity and lint of a project.

use super::output::{Failure, Outcome, Output, Verdict, count};
use super::progress::ProgressLine;
use super::{problem_line, store_failure};
use crate::session::finish_schema_change;
use crate::store::{
    Problem, ProjectFolder, RepairReport, Repaired, SchemaChange, StoreError, check, repair,
};
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
    let finished = finished(&opened.folder).map_err(|error| store_failure(root, &error))?;
    let mut line = ProgressLine::new();
    let report = repair(&opened.folder, &mut |done, total| line.draw(done, Some(total), root));
    line.clear();
    let mut report = report.map_err(|error| store_failure(root, &error))?;
    report.done.splice(0..0, finished);
    Ok(report)
}

/// Finishes a change of the schema that was cut off, while nobody works on the project.
fn finished(folder: &ProjectFolder) -> Result<Option<Repaired>, StoreError> {
    let _locks = folder.lock_everybody()?;
    let finished = match finish_schema_change(folder) {
        // What another version wrote stays for it, and is named among what is left.
        Err(error) if !error.is_passing() => None,
        finished => finished?,
    };
    Ok(finished.map(|finished| {
        let what = [vec![finished.what], finished.missed].concat().join("; ");
        Repaired { file: SchemaChange::FILE.into(), what }
    }))
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::edit::{Migration, Step, StepKind};
    use crate::model::{AnnotatorName, LabelId, StepId};
    use crate::session::Session;
    use crate::store::BundledSchema;

    #[test]
    fn a_change_of_the_schema_that_was_cut_off_is_a_fault_and_repaired_by_finishing_it() {
        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path().join("project");
        let by = AnnotatorName::new("annotator-1").unwrap();
        Session::create(&root, "p", BundledSchema::Simple, by.clone()).unwrap();
        let folder = ProjectFolder::open(&root).unwrap().folder;
        let what = "Rename actor".to_owned();
        let step = Step { id: StepId(7), at: folder.stamp(), by, what, changes: Vec::new() };
        let agent = LabelId::new("agent").unwrap();
        let (from, to) = (LabelId::new("actor").unwrap(), agent.clone());
        let migrations = vec![Migration::RenameLabel { from, to }];
        let change = SchemaChange { kind: StepKind::Do, step, migrations, holder: None };
        folder.begin_schema_change(&change).unwrap();
        let found = problems(&root).unwrap();
        assert!(found.iter().any(|found| found.is_fault && found.what.contains("was cut off")));
        let RepairReport { done, left, .. } = repaired(&root).unwrap();
        assert_eq!(done.len(), 1, "{done:?}");
        assert!(done[0].what.ends_with("was cut off; it has been finished"), "{done:?}");
        assert!(left.iter().all(|left| !left.is_fault), "{left:?}");
        assert!(folder.read_project().unwrap().0.schema.label(&agent).is_some());
    }
}
