//! Agreement of a project: gathering everybody's sets and measuring them, in the background.
//!
//! What is measured is what is on disk. A window that has edits on their way there may ask
//! again when they are saved.

use super::review::Viewer;
use super::saver::Wake;
use crate::agreement::corpus::{CodedArticle, Corpus};
use crate::agreement::report::{Report, ReportOptions, csv, html};
use crate::agreement::{Cancelled, Progress};
use crate::model::{AnnotationSet, AnnotatorName, ArticleId, Project, State};
use crate::store::{Problem, ProjectFolder, StoreError, in_order};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

/// What is to be measured.
#[derive(Clone, Debug, Default)]
pub struct AgreementQuery {
    /// Whom to compare; nobody for all annotators of the project.
    pub annotators: Vec<AnnotatorName>,
    /// Whose sets stand for gold; they are not compared as an annotator then.
    pub gold: Option<AnnotatorName>,
    /// Whether articles count that an annotator has begun and not finished.
    pub unfinished: bool,
    /// For whom: articles in which they may not see others' work are left out. The command
    /// line has nobody there.
    pub viewer: Option<Viewer>,
    /// How to measure.
    pub options: ReportOptions,
}

/// What was measured.
#[derive(Debug)]
pub struct Agreement {
    /// The numbers.
    pub report: Report,
    /// What could not be read, and so is not in them.
    pub problems: Vec<Problem>,
}

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum AgreementError {
    /// The project cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It was cancelled.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// Measuring that goes on; dropping it ends it.
#[derive(Debug)]
pub struct AgreementJob {
    progress: Arc<Progress>,
    result: Receiver<Result<Agreement, AgreementError>>,
}

impl AgreementJob {
    /// Begins to measure on a thread of its own; `wake` is called when it is done.
    pub fn start(
        folder: ProjectFolder,
        project: Project,
        query: AgreementQuery,
        wake: Wake,
    ) -> Self {
        let progress = Arc::new(Progress::default());
        let (sender, result) = channel();
        let job = Self { progress: Arc::clone(&progress), result };
        std::thread::spawn(move || {
            // Nobody waits any more for what was cancelled.
            let _ = sender.send(measure(&folder, &project, &query, &progress));
            wake();
        });
        job
    }

    /// How many parts of the work are done, of how many that are known so far.
    pub fn progress(&self) -> (usize, usize) {
        self.progress.state()
    }

    /// What was measured, once it is.
    pub fn poll(&self) -> Option<Result<Agreement, AgreementError>> {
        self.result.try_recv().ok()
    }
}

impl Drop for AgreementJob {
    fn drop(&mut self) {
        self.progress.cancel();
    }
}

/// How a report is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportFormat {
    /// One page that needs nothing else.
    Html,
    /// One number a row.
    Csv,
}

impl ReportFormat {
    /// The format that the ending of a file's name says, if it says one.
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "html" | "htm" => Some(Self::Html),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }

    /// Writes the report of a project with a name to a file, whole or not at all; a file
    /// that is there is replaced.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(self, report: &Report, project: &str, path: &Path) -> std::io::Result<()> {
        let text = match self {
            Self::Html => html(report, project),
            Self::Csv => csv(report),
        };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path).map(drop).map_err(|error| error.error)
    }
}

/// Gathers and measures, on this thread and all cores.
///
/// # Errors
/// When the project's folders cannot be read, or it is cancelled.
pub fn measure(
    folder: &ProjectFolder,
    project: &Project,
    query: &AgreementQuery,
    progress: &Progress,
) -> Result<Agreement, AgreementError> {
    let (corpus, problems) = gather(folder, project, query, progress)?;
    let report = Report::of(&corpus, &project.schema, &query.options, progress)?;
    Ok(Agreement { report, problems })
}

/// Reads the articles that the annotators have; those that two of them have, gold counted
/// among them, are compared, and of the others is told when they were worked on.
fn gather(
    folder: &ProjectFolder,
    project: &Project,
    query: &AgreementQuery,
    progress: &Progress,
) -> Result<(Corpus, Vec<Problem>), AgreementError> {
    let asked = if query.annotators.is_empty() { &project.annotators } else { &query.annotators };
    let mut annotators: Vec<AnnotatorName> = Vec::new();
    for name in asked.iter().filter(|name| Some(*name) != query.gold.as_ref()) {
        // Who is named twice is one person.
        if !annotators.contains(name) {
            annotators.push(name.clone());
        }
    }
    let mut have: BTreeMap<ArticleId, BTreeSet<AnnotatorName>> = BTreeMap::new();
    for (article, annotator) in folder.annotated()? {
        let is_asked = annotators.contains(&annotator) || Some(&annotator) == query.gold.as_ref();
        if is_asked && query.viewer.as_ref().is_none_or(|viewer| viewer.may_open(&article)) {
            have.entry(article).or_default().insert(annotator);
        }
    }
    let is_anybodys =
        |names: &BTreeSet<AnnotatorName>| names.iter().any(|name| annotators.contains(name));
    let articles: Vec<ArticleId> =
        have.into_iter().filter(|(_, names)| is_anybodys(names)).map(|(id, _)| id).collect();
    progress.expect(articles.len());
    let reading = Reading { folder, annotators: &annotators, query };
    let mut corpus = Corpus::new(annotators.clone(), &project.schema);
    let mut problems = Vec::new();
    let read = |at: usize| reading.article(&articles[at]);
    in_order(articles.len(), read, |(read, mut found)| {
        match read {
            Some(Read::Shared(coded)) => corpus.push(*coded),
            Some(Read::Alone(annotator, set)) => corpus.push_alone(annotator, &set),
            None => {}
        }
        problems.append(&mut found);
        if progress.advance().is_err() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    progress.check()?;
    Ok((corpus, problems))
}

/// What was read of an article.
enum Read {
    /// Two have it or more.
    Shared(Box<CodedArticle>),
    /// This annotator alone has it.
    Alone(usize, Box<AnnotationSet>),
}

struct Reading<'a> {
    folder: &'a ProjectFolder,
    annotators: &'a [AnnotatorName],
    query: &'a AgreementQuery,
}

impl Reading<'_> {
    /// An article with the sets that count, and what could not be read.
    fn article(&self, id: &ArticleId) -> (Option<Read>, Vec<Problem>) {
        let article = match self.folder.read_article(id) {
            Ok(article) => Arc::new(article),
            Err(error) => return (None, vec![Problem::from(&error)]),
        };
        let viewer = self.query.viewer.as_ref();
        match viewer.map_or(Ok(true), |viewer| viewer.may_look(self.folder, &article)) {
            Ok(true) => {}
            Ok(false) => return (None, Vec::new()),
            Err(error) => return (None, vec![Problem::from(&error)]),
        }
        let mut problems = Vec::new();
        let mut set = |annotator: &AnnotatorName| -> Option<AnnotationSet> {
            match self.folder.read_set(&article, annotator) {
                Ok(loaded) => Some(loaded.set).filter(|set| self.counts(set)),
                Err(error) => {
                    problems.push(Problem::from(&error));
                    None
                }
            }
        };
        let sets: Vec<_> = self.annotators.iter().map(&mut set).collect();
        let gold = self.query.gold.as_ref().and_then(&mut set);
        let counting = sets.iter().flatten().count() + usize::from(gold.is_some());
        let read = match sets.iter().position(Option::is_some) {
            _ if counting > 1 => {
                let sets: Vec<_> = sets.iter().map(Option::as_ref).collect();
                let coded = CodedArticle::new(&article, &sets, gold.as_ref());
                Some(Read::Shared(Box::new(coded)))
            }
            Some(at) => {
                let set = sets.into_iter().nth(at).flatten();
                set.map(|set| Read::Alone(at, Box::new(set)))
            }
            None => None,
        };
        (read, problems)
    }

    fn counts(&self, set: &AnnotationSet) -> bool {
        match set.state() {
            State::Done => true,
            State::InProgress => self.query.unfinished,
            State::Unseen => false,
        }
    }
}

impl super::Session {
    /// Begins to measure agreement in the project as it is on disk, as far as whoever is at
    /// work may see it; the session is woken when it is done.
    pub fn measure_agreement(&self, query: AgreementQuery) -> AgreementJob {
        let query = AgreementQuery { viewer: Some(self.viewer()), ..query };
        let (folder, wake) = (self.folder.clone(), Arc::clone(&self.wake));
        AgreementJob::start(folder, self.project.clone(), query, wake)
    }
}
