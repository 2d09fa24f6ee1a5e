//! Bringing articles into a project: from files, folders and the clipboard.
//!
//! The window and the command line import through the one function [`import`]. It never
//! stops at a bad file: every file ends in an [`Outcome`], and what was imported before
//! a cancellation stays. A text that the project has already is noticed by its hash and
//! not imported again, whatever its file is called. An import may also bring corrected
//! texts of articles that are here ([`ImportRequest::update`]).
//!
//! Annotations that a file holds come with it: each annotator's become a set of theirs,
//! the schema gets what it lacks (`adoption`), and [`survey`] tells beforehand what that
//! will be. Files of records are read one record after the other, so that memory is
//! bounded by the largest article.
//!
//! What a file's bytes mean is the affair of `formats`, and how an article is written
//! that of `store`; here are only the order of things, the ids, and the care for what
//! stands in a file system besides plain files.

mod adoption;
mod arrival;
mod files;
mod gather;
mod layers;
mod survey;
mod update;

use crate::formats::{Format, ReadOptions, Warning};
use crate::model::{AnnotatorName, ArticleId, TextHash};
use crate::store::{CorrectedSet, ProjectFolder};
pub use adoption::LabelMap;
use arrival::Arrivals;
use files::{Manner, read_file, read_text};
use gather::Found;
use std::collections::HashMap;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
pub use survey::{Scope, Survey, survey};

/// Where articles come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file, or a folder with everything in it.
    Path(PathBuf),
    /// A text that was pasted or dropped: plain, or HTML as browsers copy it.
    Text {
        /// What reports call it.
        name: String,
        /// The text.
        text: String,
    },
}

impl Source {
    /// What reports call it.
    fn path(&self) -> PathBuf {
        match self {
            Self::Path(path) => path.clone(),
            Self::Text { name, .. } => PathBuf::from(name),
        }
    }
}

/// What to import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportRequest {
    /// From where, in this order.
    pub sources: Vec<Source>,
    /// How to read all of it; `None` to choose by ending and content.
    pub format: Option<&'static Format>,
    /// Whether an article that is here already gets its text from the file, and its
    /// annotations move with it.
    pub update: bool,
    /// How files are read where they leave a choice.
    pub options: ReadOptions,
    /// Who made annotations for which a file names nobody.
    pub annotator: Option<AnnotatorName>,
    /// The project's labels for labels of files; others are found by id and name, or added.
    pub labels: LabelMap,
}

impl ImportRequest {
    /// Asks for files and folders, each read by its ending and content.
    pub fn of_paths(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        Self { sources: paths.into_iter().map(Source::Path).collect(), ..Self::default() }
    }
}

/// How far an import has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The files dealt with.
    pub done: usize,
    /// The files found; `None` while folders are still being looked through.
    pub total: Option<usize>,
    /// The articles found in the file so far; zero where it was not begun.
    pub articles: usize,
    /// The file or folder that comes next.
    pub next: &'a Path,
}

/// Annotations that came with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddedSet {
    /// Whose they are.
    pub annotator: AnnotatorName,
    /// How many are new.
    pub added: usize,
}

/// What became of one article, or of one file that gave none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is in the project now.
    Imported {
        /// Its id.
        id: ArticleId,
        /// Its headline.
        title: String,
        /// The file it came from.
        path: PathBuf,
        /// The annotations that came with it.
        added: Vec<AddedSet>,
        /// What was guessed or left out.
        warnings: Vec<Warning>,
    },
    /// The project has an article with this text already.
    Known {
        /// The id of that article.
        id: ArticleId,
        /// The file that holds the text again.
        path: PathBuf,
        /// The annotations that came with it.
        added: Vec<AddedSet>,
        /// What was guessed or left out.
        warnings: Vec<Warning>,
    },
    /// An article of the project has its text now.
    Updated {
        /// The id of that article.
        id: ArticleId,
        /// Its headline now.
        title: String,
        /// The file it came from.
        path: PathBuf,
        /// What became of everybody's annotations.
        sets: Vec<CorrectedSet>,
        /// The annotations that came with it.
        added: Vec<AddedSet>,
        /// What was guessed or left out.
        warnings: Vec<Warning>,
    },
    /// Something was noticed about a file that belongs to no article of it.
    Noted {
        /// The file.
        path: PathBuf,
        /// What was guessed or left out.
        warnings: Vec<Warning>,
    },
    /// It could not be imported.
    Refused {
        /// The file or folder.
        path: PathBuf,
        /// The line at fault, counted from one, where there is one.
        line: Option<u32>,
        /// What is wrong and what to do.
        why: String,
    },
    /// It lies in a folder and is nothing to import.
    Skipped {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        why: &'static str,
    },
}

/// What became of everything, in the order of the sources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// One outcome for each article and each file that gave none.
    pub outcomes: Vec<Outcome>,
    /// Whether the import was cancelled; what it had imported by then stays.
    pub cancelled: bool,
}

impl ImportReport {
    /// The ids of the articles that are new, in order.
    pub fn imported(&self) -> impl Iterator<Item = &ArticleId> {
        self.outcomes.iter().filter_map(|outcome| match outcome {
            Outcome::Imported { id, .. } => Some(id),
            _ => None,
        })
    }

    /// Whether a file was refused.
    pub fn has_refused(&self) -> bool {
        self.outcomes.iter().any(|outcome| matches!(outcome, Outcome::Refused { .. }))
    }
}

/// Imports what is asked for and says what became of it.
///
/// `known` holds the texts of the project; the new ones are added to it. `progress` is
/// called before every file and article, and ends the import with `Break`. No call waits:
/// pipes and devices are refused without being opened.
pub fn import(
    folder: &ProjectFolder,
    request: &ImportRequest,
    known: &mut HashMap<TextHash, ArticleId>,
    progress: &mut dyn FnMut(Progress<'_>) -> ControlFlow<()>,
) -> ImportReport {
    let ControlFlow::Continue(found) = gather::gather(request, progress) else {
        return ImportReport { cancelled: true, ..ImportReport::default() };
    };
    let mut arrivals = match Arrivals::new(folder, request, known) {
        Ok(arrivals) => arrivals,
        Err(error) => {
            let (path, why) = (folder.root().to_owned(), error.to_string());
            let refused = Outcome::Refused { path, line: None, why };
            return ImportReport { outcomes: vec![refused], cancelled: false };
        }
    };
    let is_cancelled = each_file(found, request, progress, &mut arrivals).is_break();
    ImportReport { outcomes: arrivals.close(), cancelled: is_cancelled }
}

/// Who is given what files hold.
trait Reception {
    /// Something else than a file was found.
    fn settled(&mut self, outcome: Outcome);
    /// Gives a file, whose documents go to the sink that `read` is called with.
    fn file(
        &mut self,
        source: Arriving<'_>,
        progress: &mut dyn FnMut(usize) -> ControlFlow<()>,
        read: &mut dyn FnMut(&mut dyn crate::formats::Sink) -> Result<(), Refusal>,
    );
}

/// Where documents come from.
#[derive(Clone, Copy)]
struct Arriving<'a> {
    /// What reports call it.
    path: &'a Path,
    /// Whether it is a file, so that its name tells something.
    is_file: bool,
}

/// Reads every file that was found; `Break` when that was cancelled.
fn each_file(
    found: Vec<Found>,
    request: &ImportRequest,
    progress: &mut dyn FnMut(Progress<'_>) -> ControlFlow<()>,
    reception: &mut dyn Reception,
) -> ControlFlow<()> {
    let total = Some(found.len());
    let manner = Manner { format: request.format, options: &request.options };
    for (done, item) in found.into_iter().enumerate() {
        let path = item.path().to_owned();
        let mut outcome = progress(Progress { done, total, articles: 0, next: &path });
        outcome?;
        let mut tell = |articles| {
            outcome = progress(Progress { done, total, articles, next: &path });
            outcome
        };
        let (source, is_file) = (path.as_path(), matches!(item, Found::File(_)));
        let source = Arriving { path: source, is_file };
        match item {
            Found::Settled(settled) => reception.settled(settled),
            Found::Text { text, .. } => {
                reception.file(source, &mut tell, &mut |sink| read_text(&text, manner, sink));
            }
            Found::File(file) => {
                reception.file(source, &mut tell, &mut |sink| read_file(&file, manner, sink));
            }
        }
        outcome?;
    }
    ControlFlow::Continue(())
}

/// Why a file gives nothing.
struct Refusal {
    line: Option<u32>,
    why: String,
}

/// What went wrong with a file or folder of the file system, and what to do.
fn io_words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it does not exist; check the path".to_owned(),
        io::ErrorKind::PermissionDenied => {
            "access was refused; give yourself the right to read it".to_owned()
        }
        _ => format!("it cannot be read: {error}; check the disk and retry"),
    }
}

#[cfg(test)]
mod tests;
