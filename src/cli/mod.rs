//! The command line: the same engine as the window, for scripts.
//!
//! One file for each subcommand, and each of them thin: it turns arguments into calls of
//! `store` and `session` and their answers into lines. What they print is a contract,
//! written down in `docs/CLI.md`: results go to standard output, everything else to
//! standard error as `copydesk: file:line: what; remedy`, and the exit code says whose
//! fault it was. There are deliberately no rules of the program here, and nothing here
//! panics on bad data or on a reader that goes away.

mod agreement;
mod assign;
mod check;
mod compact;
mod differences;
mod export;
mod formats;
mod history;
mod import;
mod new;
mod output;
mod progress;
mod stats;
mod window;

use crate::model::{AnnotatorName, ArticleId};
use crate::store::{Cause, Opened, Problem, ProjectFolder, StoreError};
use clap::{Parser, Subcommand};
use output::{Failure, Output, place};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const AFTER_HELP: &str = "\
A project that is called like a command is opened as ./new.

Exit codes: 0 done; 1 the data is at fault (a file that cannot be read, a broken project);
2 the call is at fault (a wrong option, a path that does not exist).";

/// Mark up news articles: annotate, review, export.
#[derive(Debug, Parser)]
#[command(name = "copydesk", version, args_conflicts_with_subcommands = true)]
#[command(after_help = AFTER_HELP)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    window: window::WindowArguments,
}

#[derive(Debug, Subcommand)]
enum Command {
    New(new::NewArguments),
    Import(import::ImportArguments),
    Export(export::ExportArguments),
    Stats(stats::StatsArguments),
    Agreement(agreement::AgreementArguments),
    Assign(assign::AssignArguments),
    Differences(differences::DifferencesArguments),
    Check(check::CheckArguments),
    History(history::HistoryArguments),
    Compact(compact::CompactArguments),
    Formats(formats::FormatsArguments),
}

/// Runs the program with the arguments of the process.
pub fn run() -> ExitCode {
    let started = std::time::Instant::now();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(message) => {
            // Help that nobody reads to its end is no failure.
            let _ = message.print();
            return ExitCode::from(u8::try_from(message.exit_code()).unwrap_or(2));
        }
    };
    let mut output = Output::new();
    let verdict = match arguments.command {
        None => window::run(&arguments.window, started),
        Some(Command::New(arguments)) => new::run(&arguments, &mut output),
        Some(Command::Import(arguments)) => import::run(&arguments, &mut output),
        Some(Command::Export(arguments)) => export::run(&arguments, &mut output),
        Some(Command::Stats(arguments)) => stats::run(&arguments, &mut output),
        Some(Command::Agreement(arguments)) => agreement::run(&arguments, &mut output),
        Some(Command::Assign(arguments)) => assign::run(&arguments, &mut output),
        Some(Command::Differences(arguments)) => differences::run(&arguments, &mut output),
        Some(Command::Check(arguments)) => check::run(&arguments, &mut output),
        Some(Command::History(arguments)) => history::run(&arguments, &mut output),
        Some(Command::Compact(arguments)) => compact::run(&arguments, &mut output),
        Some(Command::Formats(arguments)) => formats::run(&arguments, &mut output),
    };
    output.close(verdict)
}

/// Reads an annotator's name from an argument.
fn annotator(name: &str) -> Result<AnnotatorName, String> {
    AnnotatorName::new(name).map_err(|error| error.to_string())
}

/// Reads whose set is meant from an argument: an annotator's, or gold.
fn annotator_or_gold(name: &str) -> Result<AnnotatorName, String> {
    AnnotatorName::of_set(name).map_err(|error| error.to_string())
}

/// Reads an article's id from an argument.
fn article(id: &str) -> Result<ArticleId, String> {
    ArticleId::new(id).map_err(|error| error.to_string())
}

/// The project that a command works on.
#[derive(Debug, clap::Args)]
struct ProjectArgument {
    /// The project's folder
    project: PathBuf,
}

/// Opens a project and says what was noticed on the way.
fn open(root: &Path, output: &mut Output) -> Result<Opened, Failure> {
    let opened = ProjectFolder::open(root).map_err(|error| store_failure(root, &error))?;
    for problem in &opened.problems {
        output.remark(problem_line(root, problem))?;
    }
    Ok(opened)
}

/// Files inside the project are named relative to it; people are elsewhere.
fn seen_from_here(root: &Path, file: &Path) -> PathBuf {
    if file == root { root.to_owned() } else { root.join(file) }
}

/// A path that is no project, or one that is taken, was named wrongly; all else is data.
fn store_failure(root: &Path, error: &StoreError) -> Failure {
    let is_root = error.file == root;
    let file = seen_from_here(root, &error.file);
    let message = format!("{}: {}; {}", place(&file, error.line), error.cause, error.remedy());
    match error.cause {
        Cause::NotFound if is_root => Failure::Call(message),
        Cause::NotAProject | Cause::AlreadyProject | Cause::NotEmpty => Failure::Call(message),
        _ => Failure::Data(message),
    }
}

/// `project/file:line: what; remedy`.
fn problem_line(root: &Path, problem: &Problem) -> String {
    let place = place(&seen_from_here(root, &problem.file), problem.line);
    let Problem { what, remedy, .. } = problem;
    if remedy.is_empty() {
        format!("{place}: {what}")
    } else {
        format!("{place}: {what}; {remedy}")
    }
}
