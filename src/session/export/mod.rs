//! Writing datasets: from a project to files that load elsewhere.
//!
//! The window and the command line export through the one function [`export`]. What is
//! asked for is first laid out (`plan`: which articles, in which split), then batches
//! are read, fitted, written and proven on all cores (`pipeline`) and put one after the
//! other into a folder beside the place they are for (`staging`), and when everything is
//! there it is moved into place at once. An export appears whole or not at all, and nothing that is
//! there already is overwritten.
//!
//! What a format can hold and how it is written is the affair of `formats`; memory is
//! bounded by a few batches, whatever the project's size.

mod documents;
mod learned;
mod losses;
mod manifest;
mod pipeline;
mod plan;
mod preview;
mod splits;
mod staging;

use crate::formats::{
    Format, FormatError, Layout, Loss, Piece, Summary, WriteOptions, Writer, prove,
};
use crate::model::{AnnotatorName, ArticleId};
use crate::store::{Problem, ProjectFolder, StoreError};
use documents::Reading;
pub use learned::read_tokenizer;
use losses::Forbidden;
pub use losses::{LossCount, Losses};
pub use manifest::ManifestFile;
use plan::{Plan, PlannedBatch};
pub use splits::{Split, SplitError};
use staging::Staging;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Whose annotations are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The adjudicated version.
    Gold,
    /// One annotator's.
    Annotator(AnnotatorName),
    /// All annotators', each told from the others as the format can.
    All,
    /// What any of them said, once, each with the share of annotators who said it: soft
    /// labels.
    Shares,
}

/// What to write, how, and where to.
#[derive(Clone, Debug)]
pub struct ExportRequest {
    /// The format, which must be one that is written.
    pub format: &'static Format,
    /// Whose annotations.
    pub whose: Whose,
    /// Which articles; all of them where it is `None`.
    pub only: Option<Arc<BTreeSet<ArticleId>>>,
    /// Whether articles that nobody has marked as done are written too.
    pub unfinished: bool,
    /// Whether a loss ends the export.
    pub is_strict: bool,
    /// How articles are divided; `None` for all in one.
    pub split: Option<Split>,
    /// How the format leaves it open.
    pub options: WriteOptions,
    /// The file or folder that is made; there must be nothing of that name.
    pub out: PathBuf,
}

/// How far an export has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportProgress {
    /// The articles that are written, or looked at where they are divided first.
    pub done: usize,
    /// All articles of the project.
    pub total: usize,
}

/// What was written.
#[derive(Clone, Debug, Default)]
pub struct ExportReport {
    /// The splits with what is in each.
    pub splits: Vec<SplitCounts>,
    /// What the format could not hold.
    pub losses: Losses,
    /// The articles that were left out because nobody has finished them.
    pub unfinished: usize,
    /// Whether there is gold that was left out of everybody's work, because a file of the
    /// format cannot tell it from an annotator's.
    pub gold_left_out: bool,
    /// The articles without a date, where articles are divided: nothing tells which of them
    /// are about the same event.
    pub undated: usize,
    /// What was noticed while the project was read.
    pub problems: Vec<Problem>,
    /// The files with their sizes and hashes, in order.
    pub files: Vec<ManifestFile>,
}

/// What a split holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SplitCounts {
    /// Its name; `all` where nothing is divided.
    pub name: String,
    /// Its articles.
    pub articles: usize,
    /// Those of them in which nothing is annotated.
    pub empty: usize,
    /// The annotations by label.
    pub labels: BTreeMap<String, usize>,
    /// How many articles have how many annotations.
    pub sizes: BTreeMap<usize, usize>,
}

/// The articles that one core reads, one after the other, before it hands them on.
const TOGETHER: usize = 16;
/// About what a loss takes in memory, in bytes.
const BYTES_OF_A_LOSS: usize = 256;
/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The project cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The format cannot be written, or what was written does not read as it should.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// A file cannot be written.
    #[error("{file}: {source}; check the disk and the folder's permissions", file = file.display())]
    Io {
        /// Which one.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There is something of that name.
    #[error("{there} is there already; choose another name, or move it away", there = .0.display())]
    Exists(PathBuf),
    /// There is nothing to write.
    #[error(
        "no article is finished, so there is nothing to write; mark articles as done, or write \
         unfinished ones too"
    )]
    Nothing,
    /// The format cannot hold everything, and that was not allowed.
    #[error(
        "{0}; nothing was written, since losses were not allowed: choose a format that holds it"
    )]
    Lossy(String),
    /// The articles cannot be divided so.
    #[error(transparent)]
    Split(#[from] SplitError),
    /// It was cancelled.
    #[error("the export was cancelled, and nothing was written")]
    Cancelled,
}

/// Writes what is asked for, proven by reading it back. Beside one file (`data.jsonl`)
/// stands what says what is in it (`data.jsonl.manifest.json`), in a folder `manifest.json`.
///
/// `progress` is called between articles and ends the export with `Break`; `lost` gets
/// every loss as it is found, in the order of the articles.
///
/// # Errors
/// Whatever goes wrong, nothing is left at the place that was asked for.
pub fn export(
    folder: &ProjectFolder,
    request: &ExportRequest,
    progress: &mut dyn FnMut(ExportProgress) -> ControlFlow<()>,
    lost: &mut dyn FnMut(&Loss),
) -> Result<ExportReport, ExportError> {
    let writer = writer(request)?;
    let reading = Reading::new(folder, request)?;
    let plan = Plan::make(&reading, request, writer.batch, progress)?;
    let mut staging = Staging::begin(&request.out, writer.frame)?;
    let mut forbidden = Forbidden::default();
    let mut report = each_batch(&reading, request, &plan, |encoded, done, report| {
        if progress(done).is_break() {
            return Err(ExportError::Cancelled);
        }
        encoded.losses.iter().for_each(&mut *lost);
        if request.is_strict {
            forbidden.add(&encoded.losses);
        }
        let made = count(encoded, report)?;
        // Nothing will be put in place, but who wants no loss wants to know of all of them.
        if forbidden.is_empty() { put(made, &mut staging) } else { Ok(()) }
    })?;
    forbidden.outcome()?;
    if report.splits.iter().all(|split| split.articles == 0) {
        return Err(ExportError::Nothing);
    }
    finish(request, &reading, &mut report, staging)?;
    Ok(report)
}

/// Does everything that an export does, proof included, and writes nothing. `seen` gets
/// what is known after each batch, with the first record as soon as there is one, and
/// ends the rehearsal with `Break`.
///
/// # Errors
/// Whatever would end the export, except that something is in its place.
pub fn rehearse(
    folder: &ProjectFolder,
    request: &ExportRequest,
    seen: &mut dyn FnMut(&ExportReport, &str, ExportProgress) -> ControlFlow<()>,
) -> Result<ExportReport, ExportError> {
    let writer = writer(request)?;
    let reading = Reading::new(folder, request)?;
    let nothing = ExportReport::default();
    let plan = Plan::make(&reading, request, writer.batch, &mut |done| seen(&nothing, "", done))?;
    let mut first = String::new();
    let mut number = 0;
    each_batch(&reading, request, &plan, |encoded, done, report| {
        if first.is_empty() && encoded.counts.articles > 0 {
            let batches = plan.batches.get(number..).unwrap_or_default();
            first = preview::first_records(&reading, request, batches)?;
        }
        number += 1;
        count(encoded, report)?;
        match seen(report, &first, done) {
            ControlFlow::Break(()) => Err(ExportError::Cancelled),
            ControlFlow::Continue(()) => Ok(()),
        }
    })
}

fn writer(request: &ExportRequest) -> Result<Writer, FormatError> {
    request.format.writes.ok_or(FormatError::NotWritable { format: request.format.id })
}

/// Reads, fits, writes and proves every batch on all cores, and hands them on in order.
fn each_batch(
    reading: &Reading<'_>,
    request: &ExportRequest,
    plan: &Plan,
    mut hand_on: impl FnMut(Encoded, ExportProgress, &mut ExportReport) -> Result<(), ExportError>,
) -> Result<ExportReport, ExportError> {
    let mut report = ExportReport {
        splits: plan.counts(),
        gold_left_out: reading.gold_left_out(),
        undated: plan.undated,
        unfinished: plan.unfinished,
        ..ExportReport::default()
    };
    let mut outcome = Ok(());
    let mut done = 0;
    let together = TOGETHER / writer(request)?.batch.max(1);
    pipeline::in_order(
        plan.batches.len(),
        together,
        |number| {
            let encoded = encode(reading, request, &plan.batches[number]);
            let bytes = encoded.bytes();
            (encoded, bytes)
        },
        |encoded| {
            done += encoded.read;
            let progress = ExportProgress { done, total: plan.articles };
            outcome = hand_on(encoded, progress, &mut report);
            if outcome.is_err() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        },
    );
    outcome.map(|()| report)
}

/// A batch that is ready to be put in its place.
struct Encoded {
    split: usize,
    /// The articles that were looked at.
    read: usize,
    counts: SplitCounts,
    unfinished: usize,
    losses: Vec<Loss>,
    problems: Vec<Problem>,
    made: Result<Made, ExportError>,
}

/// What a batch is on disk.
enum Made {
    /// Pieces for files that grow.
    Pieces(Vec<Piece>),
    /// Files that are whole by themselves, with their hashes.
    Files(Vec<(Piece, String)>),
}

impl Encoded {
    /// About how many bytes it takes.
    fn bytes(&self) -> usize {
        let pieces: usize = match &self.made {
            Ok(Made::Pieces(pieces)) => pieces.iter().map(|piece| piece.bytes.len()).sum(),
            Ok(Made::Files(files)) => files.iter().map(|(piece, _)| piece.bytes.len()).sum(),
            Err(_) => 0,
        };
        pieces + self.losses.len() * BYTES_OF_A_LOSS
    }
}

fn encode(reading: &Reading<'_>, request: &ExportRequest, batch: &PlannedBatch) -> Encoded {
    let mut encoded = Encoded {
        split: batch.split,
        read: batch.articles.len(),
        counts: SplitCounts::default(),
        unfinished: 0,
        losses: Vec::new(),
        problems: Vec::new(),
        made: Ok(Made::Pieces(Vec::new())),
    };
    let pieces = pieces(reading, request, batch, &mut encoded);
    let are_whole = request.format.writes.is_some_and(|writer| writer.layout == Layout::Files);
    let with_hash = |piece: Piece| {
        let sha256 = staging::sha256(&piece.bytes);
        (piece, sha256)
    };
    encoded.made = pieces.map(|pieces| match are_whole {
        true => Made::Files(pieces.into_iter().map(with_hash).collect()),
        false => Made::Pieces(pieces),
    });
    encoded
}

fn pieces(
    reading: &Reading<'_>,
    request: &ExportRequest,
    batch: &PlannedBatch,
    encoded: &mut Encoded,
) -> Result<Vec<Piece>, ExportError> {
    let format = request.format;
    let writer = format.writes.ok_or(FormatError::NotWritable { format: format.id })?;
    let mut documents = Vec::with_capacity(batch.articles.len());
    for article in &batch.articles {
        match reading.document(article, &mut encoded.problems, &mut encoded.losses)? {
            None => encoded.unfinished += 1,
            Some(document) => {
                encoded.counts.add(&document);
                documents.push((writer.fit)(document, reading.options(), &mut encoded.losses));
            }
        }
    }
    if documents.is_empty() {
        return Ok(Vec::new());
    }
    let batch = crate::formats::Batch {
        documents: &documents,
        split: &batch.name,
        number: batch.number,
        options: reading.options(),
    };
    let pieces = (writer.write)(&batch)?;
    prove(format, &batch, &pieces)?;
    Ok(pieces)
}

fn put(made: Made, staging: &mut Staging) -> Result<(), ExportError> {
    match made {
        Made::Pieces(pieces) => pieces.iter().try_for_each(|piece| staging.append(piece)),
        Made::Files(files) => {
            files.into_iter().try_for_each(|(piece, sha256)| staging.whole(piece, sha256))
        }
    }
}

/// Adds a batch to what is told of the export, and gives back what it is on disk.
fn count(encoded: Encoded, report: &mut ExportReport) -> Result<Made, ExportError> {
    encoded.losses.into_iter().for_each(|loss| report.losses.add(loss));
    report.problems.extend(encoded.problems);
    report.unfinished += encoded.unfinished;
    if let Some(split) = report.splits.get_mut(encoded.split) {
        split.join(encoded.counts);
    }
    encoded.made
}

/// Adds what a format writes last, and the manifest, and moves all into place.
fn finish(
    request: &ExportRequest,
    reading: &Reading<'_>,
    report: &mut ExportReport,
    mut staging: Staging,
) -> Result<(), ExportError> {
    let writer = writer(request)?;
    let splits: Vec<_> =
        report.splits.iter().map(|split| (split.name.clone(), split.articles)).collect();
    let (project, options) = (reading.project_name(), reading.options());
    let summary = Summary { project, options, splits: &splits };
    for piece in (writer.finish)(&summary) {
        staging.add(&piece)?;
    }
    let is_one_file = writer.layout == Layout::File && staging.files() == 1;
    report.files = staging.close()?;
    if is_one_file
        && let (Some(file), Some(name)) = (report.files.first_mut(), request.out.file_name())
    {
        file.path = name.to_string_lossy().into_owned();
    }
    staging.write_manifest(&manifest::manifest(request, report))?;
    staging.move_to(&request.out, is_one_file)
}

impl SplitCounts {
    fn add(&mut self, document: &crate::formats::Document) {
        self.articles += 1;
        let mut size = 0;
        for annotation in document.layers.iter().flat_map(|layer| &layer.annotations) {
            *self.labels.entry(annotation.label.clone()).or_default() += 1;
            size += 1;
        }
        self.empty += usize::from(size == 0);
        *self.sizes.entry(size).or_default() += 1;
    }

    fn join(&mut self, other: Self) {
        self.articles += other.articles;
        self.empty += other.empty;
        for (label, count) in other.labels {
            *self.labels.entry(label).or_default() += count;
        }
        for (size, count) in other.sizes {
            *self.sizes.entry(size).or_default() += count;
        }
    }
}

/// A path with an error of the file system.
fn io(file: &Path) -> impl FnOnce(std::io::Error) -> ExportError + '_ {
    move |source| ExportError::Io { file: file.to_owned(), source }
}

#[cfg(test)]
mod tests;
