//! Bringing articles into a project: from files, folders and the clipboard.
//!
//! The window and the command line import through the one function [`import`]. It never
//! stops at a bad file: every file ends in an [`Outcome`], and what was imported before
//! a cancellation stays. A text that the project has already is noticed by its hash and
//! not imported again, whatever its file is called. An import may also bring corrected
//! texts of articles that are here ([`ImportRequest::update`]).
//!
//! What a file's bytes mean is the affair of `formats`, and how an article is written
//! that of `store`; here are only the order of things, the ids, and the care for what
//! stands in a file system besides plain files.

mod gather;
mod update;

use crate::formats::{self, Document, Format, FormatError, Input, LARGEST_ARTICLE, Warning};
use crate::model::{Article, ArticleId, TextHash};
use crate::store::{Cause, CorrectedSet, ProjectFolder, StoreError};
use gather::Found;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use update::Updates;

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
    /// The file or folder that comes next.
    pub next: &'a Path,
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
        /// What was guessed or left out.
        warnings: Vec<Warning>,
    },
    /// The project has an article with this text already.
    Known {
        /// The id of that article.
        id: ArticleId,
        /// The file that holds the text again.
        path: PathBuf,
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
/// called before every file and ends the import with `Break`. No call waits: pipes and
/// devices are refused without being opened.
pub fn import(
    folder: &ProjectFolder,
    request: &ImportRequest,
    known: &mut HashMap<TextHash, ArticleId>,
    progress: &mut dyn FnMut(Progress<'_>) -> ControlFlow<()>,
) -> ImportReport {
    let mut report = ImportReport::default();
    let ControlFlow::Continue(found) = gather::gather(request, progress) else {
        report.cancelled = true;
        return report;
    };
    let taken = match folder.article_ids() {
        Ok((ids, _)) => ids.into_iter().collect(),
        Err(error) => {
            let (path, why) = (folder.root().to_owned(), error.to_string());
            report.outcomes.push(Outcome::Refused { path, line: None, why });
            return report;
        }
    };
    let updates = request.update.then(Updates::default);
    let mut desk = Desk { folder, known, taken, numbers: HashMap::new(), updates };
    let total = Some(found.len());
    for (done, item) in found.into_iter().enumerate() {
        if progress(Progress { done, total, next: item.path() }).is_break() {
            report.cancelled = true;
            break;
        }
        desk.take_in(item, request.format, &mut report.outcomes);
    }
    report
}

/// The project as an import sees it.
struct Desk<'a> {
    folder: &'a ProjectFolder,
    known: &'a mut HashMap<TextHash, ArticleId>,
    taken: HashSet<ArticleId>,
    /// The last number given behind an id, so that a thousand files of one name are not a
    /// million comparisons.
    numbers: HashMap<ArticleId, u32>,
    /// Where articles that are here already are corrected.
    updates: Option<Updates>,
}

impl Desk<'_> {
    fn take_in(
        &mut self,
        found: Found,
        format: Option<&'static Format>,
        outcomes: &mut Vec<Outcome>,
    ) {
        let (path, bytes, named_by_file) = match found {
            Found::Settled(outcome) => return outcomes.push(outcome),
            Found::Text { name, text } => (PathBuf::from(name), Ok(text.into_bytes()), false),
            Found::File(path) => {
                let bytes = bytes_of(&path);
                (path, bytes, true)
            }
        };
        let read = bytes.and_then(|bytes| {
            let extension = path.extension().and_then(|ending| ending.to_str());
            let extension = extension.filter(|_| named_by_file);
            let format = format.unwrap_or_else(|| formats::choose(extension, &bytes));
            format.read(&Input::alone(&bytes, &path.to_string_lossy())).map_err(Refusal::from)
        });
        let read = match read {
            Ok(read) => read,
            Err(Refusal { line, why }) => {
                return outcomes.push(Outcome::Refused { path, line, why });
            }
        };
        let mut warnings = read.warnings;
        for article in read.documents {
            // Only the first article of a file carries what was noticed about the file.
            let warnings = std::mem::take(&mut warnings);
            let name = path.file_stem().filter(|_| named_by_file);
            let name = name.map_or_else(
                || article.meta.title.clone(),
                |stem| stem.to_string_lossy().into_owned(),
            );
            outcomes.push(self.add(article, &name, path.clone(), warnings));
        }
    }

    fn add(
        &mut self,
        read: Document,
        name: &str,
        path: PathBuf,
        warnings: Vec<Warning>,
    ) -> Outcome {
        let hash = TextHash::of(&read.text);
        if let Some(id) = self.known.get(&hash) {
            return Outcome::Known { id: id.clone(), path };
        }
        let wanted = ArticleId::from_title(name);
        if let Some(updates) = &mut self.updates {
            match updates.update(self.folder, &read, &wanted, &self.taken) {
                Ok(Some((id, title, sets))) => {
                    self.known.insert(hash, id.clone());
                    return Outcome::Updated { id, title, path, sets, warnings };
                }
                Ok(None) => {}
                Err(error) => return Outcome::Refused { path, line: None, why: error.to_string() },
            }
        }
        let Document { meta, text, .. } = read;
        loop {
            let id = self.free_id(&wanted);
            match self.folder.add_article(&Article::new(id.clone(), meta.clone(), text.clone())) {
                Ok(()) => {
                    self.known.insert(hash, id.clone());
                    return Outcome::Imported { id, title: meta.title, path, warnings };
                }
                // Where case does not count in file names, a file of another name may be in
                // the way, and another program may have been faster; the next number is free.
                Err(StoreError { cause: Cause::Exists, .. }) => {}
                Err(error) => return Outcome::Refused { path, line: None, why: error.to_string() },
            }
        }
    }

    /// The id itself or the first number behind it that is free. Ids are lower case, so
    /// two of them never share a file where case does not count.
    fn free_id(&mut self, wanted: &ArticleId) -> ArticleId {
        let mut id = wanted.clone();
        let number = self.numbers.entry(wanted.clone()).or_insert(1);
        while self.taken.contains(&id) {
            *number += 1;
            id = wanted.numbered(*number);
        }
        self.taken.insert(id.clone());
        id
    }
}

/// Why a file gives nothing.
struct Refusal {
    line: Option<u32>,
    why: String,
}

impl From<FormatError> for Refusal {
    fn from(error: FormatError) -> Self {
        Self { line: error.line(), why: error.to_string() }
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Self { line: None, why: io_words(&error) }
    }
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

/// The bytes of a regular file that is not larger than an article may be.
fn bytes_of(path: &Path) -> Result<Vec<u8>, Refusal> {
    let length = std::fs::metadata(path)?.len();
    if length > LARGEST_ARTICLE {
        return Err(FormatError::TooLarge.into());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    // One byte more than allowed tells a file that grows while it is read.
    File::open(path)?.take(LARGEST_ARTICLE + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
