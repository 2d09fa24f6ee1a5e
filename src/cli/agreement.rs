//! `copydesk agreement`: how far annotators agree, as tables, JSON, HTML or CSV.

mod json;
mod tables;

use super::output::{Failure, Outcome, Output, Verdict};
use super::progress::ProgressLine;
use super::{problem_line, store_failure};
use crate::agreement::bootstrap::Bootstrap;
use crate::agreement::gamma::GammaOptions;
use crate::agreement::report::ReportOptions;
use crate::model::{AnnotatorName, Project};
use crate::session::agreement::{
    Agreement, AgreementError, AgreementJob, AgreementQuery, ReportFormat,
};
use crate::store::Opened;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How often is looked whether the work is done.
const LOOK: Duration = Duration::from_millis(5);

/// Measure how far annotators agree
///
/// Compares the articles that two annotators or more have finished: pairwise F1, unitizing
/// alpha, gamma, and kappa over tokens with its caveat, each with an interval; by annotators,
/// label and article; labels against labels; boundaries; attributes; over time. What there is
/// nothing to measure of is undefined.
#[derive(Debug, clap::Args)]
pub(super) struct AgreementArguments {
    #[command(flatten)]
    project: super::ProjectArgument,
    /// Whom to compare, with commas between; all annotators of the project if left out
    #[arg(long, value_name = "A,B", value_delimiter = ',', value_parser = super::annotator)]
    annotators: Vec<AnnotatorName>,
    /// Measure everybody against gold, or against this annotator's sets in its place
    #[arg(
        long,
        value_name = "NAME",
        num_args = 0..=1,
        default_missing_value = "gold",
        value_parser = super::annotator_or_gold
    )]
    gold: Option<AnnotatorName>,
    /// Compare articles too that somebody has begun and not finished
    #[arg(long)]
    unfinished: bool,
    /// Leave out gamma, which takes the most time
    #[arg(long)]
    no_gamma: bool,
    /// How many random continua gamma is measured against
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..))]
    samples: u16,
    /// How often articles are drawn for the intervals
    #[arg(long, value_name = "N", default_value_t = 500)]
    resamples: u16,
    /// The seed of all that is drawn; the same seed gives the same numbers
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print JSON instead of tables
    #[arg(long)]
    json: bool,
    /// Write the report to this file, as HTML or CSV by its ending, instead of printing it;
    /// the file must not be there yet
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    out: Option<PathBuf>,
}

impl AgreementArguments {
    fn query(&self) -> AgreementQuery {
        let gamma = GammaOptions {
            samples: self.samples.into(),
            seed: self.seed,
            ..GammaOptions::default()
        };
        let bootstrap = Bootstrap { resamples: self.resamples.into(), seed: self.seed };
        AgreementQuery {
            annotators: self.annotators.clone(),
            gold: self.gold.clone(),
            unfinished: self.unfinished,
            viewer: None,
            options: ReportOptions { gamma: (!self.no_gamma).then_some(gamma), bootstrap },
        }
    }
}

pub(super) fn run(arguments: &AgreementArguments, output: &mut Output) -> Outcome {
    let root = &arguments.project.project;
    let format = |out| format_of(out).map(|format| (out, format));
    let write = arguments.out.as_deref().map(format).transpose()?;
    if let Some((path, _)) = write.filter(|(path, _)| path.symlink_metadata().is_ok()) {
        let path = path.display();
        let words =
            format!("{path} is there already; choose another file for --out, or move it away");
        return Err(Failure::Call(words));
    }
    let Opened { folder, project, .. } = super::open(root, output)?;
    let gold = arguments.gold.iter().filter(|name| !name.is_gold());
    for name in arguments.annotators.iter().chain(gold) {
        ensure_known(name, &project)?;
    }
    let name = project.name.clone();
    let job = AgreementJob::start(folder, project, arguments.query(), Arc::new(|| {}));
    let Agreement { report, problems } = wait(&job, root)?;
    for problem in &problems {
        output.remark(problem_line(root, problem))?;
    }
    match write {
        Some((path, format)) => {
            format.write(&report, &name, path).map_err(|error| not_written(path, &error))?;
            output.line(format_args!("{}: written", path.display()))?;
        }
        None if arguments.json => output.json(&json::Json::of(&report, &name))?,
        None => tables::print(&report, &name, output)?,
    }
    Ok(if problems.is_empty() { Verdict::Done } else { Verdict::DataAtFault })
}

fn format_of(path: &Path) -> Result<ReportFormat, Failure> {
    ReportFormat::of(path).ok_or_else(|| {
        Failure::Call(format!(
            "{}: the ending says no format; name a file that ends in .html or .csv",
            path.display()
        ))
    })
}

fn ensure_known(name: &AnnotatorName, project: &Project) -> Result<(), Failure> {
    if project.annotators.contains(name) {
        return Ok(());
    }
    let known: Vec<_> = project.annotators.iter().map(AnnotatorName::as_str).collect();
    let known = if known.is_empty() { "nobody yet".to_owned() } else { known.join(", ") };
    Err(Failure::Call(format!("{name} is no annotator of this project; it has {known}")))
}

fn wait(job: &AgreementJob, root: &Path) -> Result<Agreement, Failure> {
    let mut line = ProgressLine::new();
    let result = loop {
        if let Some(result) = job.poll() {
            break result;
        }
        let (done, of) = job.progress();
        line.draw(done, Some(of), root);
        std::thread::sleep(LOOK);
    };
    line.clear();
    result.map_err(|error| match error {
        AgreementError::Store(error) => store_failure(root, &error),
        AgreementError::Cancelled(cancelled) => Failure::Data(cancelled.to_string()),
    })
}

fn not_written(path: &Path, error: &std::io::Error) -> Failure {
    let path = path.display();
    Failure::Call(format!("{path}: cannot be written: {error}; name a file in a folder of yours"))
}
