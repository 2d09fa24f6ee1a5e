//! `copydesk export`: a dataset out of a project.

use super::output::{Failure, Outcome, Output, Verdict, count};
use super::progress::ProgressLine;
use super::store_failure;
use crate::formats::{
    self, Choice, Columns, Format, Loss, Misfits, Overlaps, Remedy, TagScheme, Tokenizer,
    TokenizerFile, WriteOptions,
};
use crate::model::AnnotatorName;
use crate::session::export::{
    ExportError, ExportReport, ExportRequest, Losses, Split, SplitCounts, Whose, export,
    read_tokenizer,
};
use crate::store::Opened;
use serde::Serialize;
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::NamedTempFile;

/// Export annotations as a dataset
///
/// What is written is read back and compared before it appears, and what the format cannot
/// hold is listed. Without --unfinished only articles that are marked as done are written;
/// those that are done and empty are, too. With --split, articles that tell the same and
/// articles about one event stay in one split, and the same seed gives the same files.
#[derive(Debug, clap::Args)]
pub(super) struct ExportArguments {
    #[command(flatten)]
    project: super::ProjectArgument,
    /// The format
    #[arg(long, value_parser = super::formats::writable())]
    format: String,
    /// The file or folder to make
    #[arg(long, value_name = "PATH")]
    out: PathBuf,
    /// One annotator's work instead of everybody's
    #[arg(long, value_name = "NAME", value_parser = super::annotator)]
    annotator: Option<AnnotatorName>,
    /// The adjudicated version
    #[arg(long, conflicts_with_all = ["annotator", "shares"])]
    gold: bool,
    /// What any annotator said, once, with the share of annotators who said it (soft labels)
    #[arg(long, conflicts_with = "annotator")]
    shares: bool,
    /// Articles too that are not marked as done
    #[arg(long)]
    unfinished: bool,
    /// Divide into train and test (80/20), or train, dev and test (80/10/10)
    #[arg(long, value_name = "SHARES")]
    split: Option<String>,
    /// What chance begins with when articles are divided; 1 unless given
    #[arg(long, requires = "split")]
    seed: Option<u64>,
    /// What token formats divide texts into; spacy unless given
    #[arg(long, value_parser = tokenizers())]
    tokens: Option<String>,
    /// A model's own tokenizer (tokenizer.json of Hugging Face) that divides texts instead;
    /// for a program that was built with the feature `tokenizers`
    #[arg(long, value_name = "FILE", conflicts_with = "tokens")]
    tokenizer: Option<PathBuf>,
    /// Which of two overlapping annotations a format gets that holds one: outermost (unless
    /// given), innermost, file-per-label, or labels in order (claim,actor)
    #[arg(long, value_name = "RULE")]
    overlaps: Option<String>,
    /// Whether annotations that cut a token, or have several ranges, grow (unless given) or
    /// are left out
    #[arg(long, value_parser = ["expand", "drop"])]
    misfits: Option<String>,
    /// How tags mark the beginning and the end of an annotation; iob2 unless given
    #[arg(long, value_parser = ["iob2", "bioes"])]
    scheme: Option<String>,
    /// The columns of CoNLL: token and tag as in 2002 (unless given), or four as in 2003
    #[arg(long, value_parser = ["2002", "2003"])]
    columns: Option<String>,
    /// Write every loss to this file, one JSON object a line
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Treat losses as an error: write nothing where anything is lost
    #[arg(long)]
    strict: bool,
}

fn tokenizers() -> clap::builder::PossibleValuesParser {
    Tokenizer::ALL.map(|(_, name)| name).into()
}

pub(super) fn run(arguments: &ExportArguments, output: &mut Output) -> Outcome {
    let root = &arguments.project.project;
    let Opened { folder, project, .. } = super::open(root, output)?;
    let request = request(arguments, &project.schema)?;
    if let Whose::Annotator(name) = &request.whose
        && !project.annotators.contains(name)
    {
        let known: Vec<_> = project.annotators.iter().map(ToString::to_string).collect();
        let known = known.join(", ");
        return Err(Failure::Call(format!("there is no annotator {name}; there are {known}")));
    }
    let mut losses = LossLines::begin(arguments.report.as_deref())?;
    let mut line = ProgressLine::new();
    let outcome = export(
        &folder,
        &request,
        &mut |progress| {
            line.draw(progress.done, Some(progress.total), &request.out);
            ControlFlow::Continue(())
        },
        &mut |loss| losses.add(loss),
    );
    line.clear();
    // A report is wanted most where losses were not allowed.
    if let Ok(_) | Err(ExportError::Lossy(_)) = &outcome {
        losses.close()?;
    }
    let report = outcome.map_err(|error| failure(root, error))?;
    for problem in &report.problems {
        output.remark(super::problem_line(root, problem))?;
    }
    say(&report, &request.out, output)?;
    Ok(Verdict::Done)
}

fn request(
    arguments: &ExportArguments,
    schema: &Arc<crate::model::Schema>,
) -> Result<ExportRequest, Failure> {
    let format = formats::by_id(&arguments.format)
        .ok_or_else(|| Failure::Call(format!("there is no format {}", arguments.format)))?;
    refuse_unused(arguments, format)?;
    let seed = arguments.seed.unwrap_or(1);
    let split = arguments.split.as_deref().map(|shares| Split::parse(shares, seed));
    let split = split.transpose().map_err(|error| Failure::Call(error.to_string()))?;
    let chosen = |option: &Option<String>, name: &str| option.as_deref() == Some(name);
    let tokenizer = Tokenizer::ALL.iter().find(|(_, name)| chosen(&arguments.tokens, name));
    let order = arguments.overlaps.as_deref();
    let options = WriteOptions {
        tokenizer: tokenizer.map_or_else(Tokenizer::default, |(tokenizer, _)| *tokenizer),
        learned: arguments.tokenizer.as_deref().map(learned).transpose()?,
        overlaps: order.map_or(Ok(Overlaps::default()), |rule| overlaps(rule, schema))?,
        misfits: if chosen(&arguments.misfits, "drop") { Misfits::Drop } else { Misfits::Expand },
        scheme: if chosen(&arguments.scheme, "bioes") { TagScheme::Bioes } else { TagScheme::Iob2 },
        columns: if chosen(&arguments.columns, "2003") { Columns::Four } else { Columns::Two },
        ..WriteOptions::new(Arc::clone(schema))
    };
    Ok(ExportRequest {
        format,
        whose: match &arguments.annotator {
            Some(name) => Whose::Annotator(name.clone()),
            None if arguments.gold => Whose::Gold,
            None if arguments.shares => Whose::Shares,
            None => Whose::All,
        },
        only: None,
        unfinished: arguments.unfinished,
        is_strict: arguments.strict,
        split,
        options,
        out: arguments.out.clone(),
    })
}

/// An option that changes nothing in the format is a mistake of who gave it.
fn refuse_unused(arguments: &ExportArguments, format: &Format) -> Result<(), Failure> {
    let uses = |format: &Format, choice| {
        format.writes.is_some_and(|writer| writer.chooses.contains(&choice))
    };
    let given = [
        ("--tokens", Choice::Tokens, arguments.tokens.is_some()),
        ("--tokenizer", Choice::Tokens, arguments.tokenizer.is_some()),
        ("--overlaps", Choice::Overlaps, arguments.overlaps.is_some()),
        ("--misfits", Choice::Misfits, arguments.misfits.is_some()),
        ("--scheme", Choice::Scheme, arguments.scheme.is_some()),
        ("--columns", Choice::Columns, arguments.columns.is_some()),
    ];
    let mut given = given.into_iter().filter(|(.., is_given)| *is_given);
    match given.find(|(_, choice, _)| !uses(format, *choice)) {
        None => Ok(()),
        Some((flag, choice, _)) => {
            Err(super::formats::not_asked(flag, format, |other| uses(other, choice)))
        }
    }
}

/// Reads a model's own tokenizer.
fn learned(path: &Path) -> Result<TokenizerFile, Failure> {
    read_tokenizer(path).map_err(Failure::Call)
}

fn overlaps(rule: &str, schema: &crate::model::Schema) -> Result<Overlaps, Failure> {
    match rule {
        "outermost" => return Ok(Overlaps::Outermost),
        "innermost" => return Ok(Overlaps::Innermost),
        "file-per-label" => return Ok(Overlaps::FilePerLabel),
        _ => {}
    }
    let order: Vec<_> = rule.split(',').map(|label| label.trim().to_owned()).collect();
    let known: Vec<_> = schema.labels().iter().map(|label| label.id.as_str()).collect();
    match order.iter().find(|label| !known.contains(&label.as_str())) {
        None => Ok(Overlaps::LabelOrder(order)),
        Some(label) => Err(Failure::Call(format!(
            "--overlaps {rule}: there is no label “{label}”; write outermost, innermost, \
             file-per-label, or labels out of {}",
            known.join(",")
        ))),
    }
}

fn failure(root: &Path, error: ExportError) -> Failure {
    match error {
        ExportError::Store(error) => store_failure(root, &error),
        ExportError::Exists(_) | ExportError::Split(_) => Failure::Call(error.to_string()),
        error => Failure::Data(error.to_string()),
    }
}

fn say(report: &ExportReport, out: &Path, output: &mut Output) -> Result<(), Failure> {
    for SplitCounts { name, articles, empty, labels, .. } in &report.splits {
        let name = if name == "all" { String::new() } else { format!("{name}: ") };
        let labels: Vec<_> =
            labels.iter().map(|(label, count)| format!("{label} {count}")).collect();
        let labels = if labels.is_empty() { "none".to_owned() } else { labels.join(", ") };
        let articles = count(*articles, "article");
        output.line(format_args!("{name}{articles} ({empty} empty); annotations: {labels}"))?;
    }
    if report.unfinished > 0 {
        let articles = count(report.unfinished, "article");
        output.remark(format_args!(
            "note: {articles} left out, not marked as done; --unfinished writes them too"
        ))?;
    }
    if report.undated > 0 {
        let articles = count(report.undated, "article");
        output.remark(format_args!(
            "note: {articles} without a date: only copies are kept in one split with them, and \
             not what tells of the same event"
        ))?;
    }
    if report.gold_left_out {
        output.remark(
            "note: the adjudicated version is left out, since the format cannot tell it from an \
             annotator's work; --gold writes it",
        )?;
    }
    say_losses(&report.losses, output)?;
    output.line(format_args!("written and read back: {}", out.display()))
}

fn say_losses(losses: &Losses, output: &mut Output) -> Result<(), Failure> {
    for (kind, done, lost) in losses.iter() {
        let done = match done {
            Remedy::LeftOut => "left out",
            Remedy::Expanded => "expanded",
            Remedy::Divided => "divided",
            Remedy::Changed => "changed",
        };
        output.remark(format_args!("lost: {}, {done}: {}", kind.words(), lost.count))?;
    }
    Ok(())
}

/// A loss as `--report` writes it.
#[derive(Serialize)]
struct LossLine<'a> {
    article: &'a str,
    annotator: &'a str,
    annotation: &'a str,
    text: &'a str,
    lost: &'static str,
    what: &'a str,
    done: &'static str,
}

/// The file of `--report`: written beside its place, and put there when the export is, or
/// when its losses forbid it.
struct LossLines<'a> {
    file: Option<(&'a Path, BufWriter<NamedTempFile>)>,
    failed: Option<std::io::Error>,
}

impl<'a> LossLines<'a> {
    fn begin(path: Option<&'a Path>) -> Result<Self, Failure> {
        let file = path.map(|path| {
            if path.symlink_metadata().is_ok() {
                let path = path.display();
                return Err(Failure::Call(format!(
                    "{path} is there already; choose another file for --report, or move it away"
                )));
            }
            let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
            let file = NamedTempFile::new_in(parent.unwrap_or(Path::new(".")));
            file.map(|file| (path, BufWriter::new(file))).map_err(|error| unwritable(path, &error))
        });
        Ok(Self { file: file.transpose()?, failed: None })
    }

    fn add(&mut self, loss: &Loss) {
        let Some((_, file)) = &mut self.file else { return };
        let line = LossLine {
            article: &loss.article,
            annotator: &loss.annotator,
            annotation: &loss.annotation,
            text: &loss.surface,
            lost: loss.kind.id(),
            what: &loss.what,
            done: loss.done.id(),
        };
        let written = serde_json::to_writer(&mut *file, &line).map_err(std::io::Error::from);
        let written = written.and_then(|()| file.write_all(b"\n"));
        if let Err(error) = written {
            self.failed.get_or_insert(error);
        }
    }

    fn close(self) -> Result<(), Failure> {
        let Some((path, file)) = self.file else { return Ok(()) };
        if let Some(error) = self.failed {
            return Err(unwritable(path, &error));
        }
        let file = file.into_inner().map_err(|error| unwritable(path, error.error()))?;
        let kept = file.persist_noclobber(path);
        kept.map(|_| ()).map_err(|error| unwritable(path, &error.error))
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Call(format!("{}: {error}; choose another file for --report", path.display()))
}
