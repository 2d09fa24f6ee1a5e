//! Importing in the background while the window stays in use.
//!
//! Files may hold labels that the schema lacks. They are looked for first, and where there
//! are any the import waits for somebody to say what they are ([`ImportQuestion`]).

use super::import::{
    ImportReport, ImportRequest, LabelMap, Outcome, Progress, Scope, Survey, import, survey,
};
use super::saver::Wake;
use super::{Action, Notice, Session};
use crate::model::{AnnotatorName, ArticleId, Project, TextHash};
use crate::store::{ProjectFolder, Summary, summary};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, channel};

/// An import that is under way.
pub(super) struct ImportJob {
    finished: Receiver<Finished>,
    progress: Arc<SharedProgress>,
}

/// How the work on an import ended.
enum Finished {
    /// What became of it, and what the list shows of each new article.
    Done { report: ImportReport, summaries: Vec<(ArticleId, Option<Summary>)> },
    /// There are labels that the schema lacks.
    Asks(ImportQuestion),
}

/// An import that waits for an answer.
#[derive(Clone, Debug)]
pub struct ImportQuestion {
    /// What is asked for.
    pub request: ImportRequest,
    /// What it would bring.
    pub survey: Survey,
}

/// How far an import has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportProgress {
    /// The files that have been dealt with.
    pub done: usize,
    /// The files that were found; zero while folders are still being looked through.
    pub total: usize,
    /// The articles found so far in the file that comes next.
    pub articles: usize,
}

#[derive(Default)]
struct SharedProgress {
    done: AtomicUsize,
    total: AtomicUsize,
    articles: AtomicUsize,
    is_cancelled: AtomicBool,
}

impl Drop for ImportJob {
    fn drop(&mut self) {
        self.progress.is_cancelled.store(true, Ordering::Relaxed);
    }
}

impl Session {
    /// Imports files and folders in the background. One import runs at a time.
    pub fn start_import(&mut self, request: ImportRequest) {
        self.begin_import(request, true);
    }

    /// What an import waits for; taken away by asking.
    pub fn take_import_question(&mut self) -> Option<ImportQuestion> {
        self.import_question.take()
    }

    /// Goes on with an import that had asked, with the project's labels for those of the
    /// files; labels that are not named are added to the schema.
    pub fn answer_import(&mut self, question: ImportQuestion, labels: LabelMap) {
        let ImportQuestion { mut request, .. } = question;
        request.labels = labels;
        self.begin_import(request, false);
    }

    fn begin_import(&mut self, request: ImportRequest, may_ask: bool) {
        if self.import.is_some() {
            self.notify(Notice::info("An import is under way; wait for it or cancel it"));
            return;
        }
        if self.is_migrating() {
            self.notify(Notice::info("The schema is being changed; import when it is"));
            return;
        }
        let mut known: HashMap<TextHash, ArticleId> = HashMap::new();
        let mut unread = Vec::new();
        for entry in self.catalogue.entries() {
            match &entry.summary {
                Some(summary) => {
                    known.insert(summary.hash, entry.id.clone());
                }
                None => unread.push(entry.id.clone()),
            }
        }
        let job = Job {
            folder: self.folder.clone(),
            annotator: self.annotator.clone(),
            asks_of: may_ask.then(|| self.project.clone()),
            request,
            known,
            unread,
            wake: Arc::clone(&self.wake),
        };
        self.import = Some(job.start());
    }

    /// How far an import has come, while one goes on.
    pub fn import_progress(&self) -> Option<ImportProgress> {
        let progress = &self.import.as_ref()?.progress;
        Some(ImportProgress {
            done: progress.done.load(Ordering::Relaxed),
            total: progress.total.load(Ordering::Relaxed),
            articles: progress.articles.load(Ordering::Relaxed),
        })
    }

    /// Ends the import after the file it is at; what was imported stays.
    pub fn cancel_import(&self) {
        if let Some(job) = &self.import {
            job.progress.is_cancelled.store(true, Ordering::Relaxed);
        }
    }

    /// What became of the last import; taken away by asking.
    pub fn take_import_report(&mut self) -> Option<ImportReport> {
        self.import_report.take()
    }

    /// Takes in a finished import: its articles join the list, a single one is opened.
    pub(super) fn poll_import(&mut self) -> bool {
        let Some(job) = self.import.take() else { return false };
        match job.finished.try_recv() {
            Ok(Finished::Done { report, summaries }) => {
                self.take_in(&report, summaries);
                self.import_report = Some(report);
                true
            }
            Ok(Finished::Asks(question)) => {
                self.import_question = Some(question);
                true
            }
            Err(TryRecvError::Empty) => {
                self.import = Some(job);
                false
            }
            Err(TryRecvError::Disconnected) => {
                self.notify(Notice::error("The import stopped; try it again"));
                true
            }
        }
    }

    fn take_in(&mut self, report: &ImportReport, summaries: Vec<(ArticleId, Option<Summary>)>) {
        self.catalogue.add_all(summaries);
        let known = report.outcomes.iter().find_map(|outcome| match outcome {
            Outcome::Known { id, .. } => Some(id.clone()),
            _ => None,
        });
        if let Some(id) = report.imported().next().cloned().or(known) {
            self.perform(Action::OpenArticle(id));
        }
    }
}

/// What the thread of an import is given.
struct Job {
    folder: ProjectFolder,
    annotator: AnnotatorName,
    /// The project whose schema may lack labels; `None` where nothing is asked any more.
    asks_of: Option<Project>,
    request: ImportRequest,
    known: HashMap<TextHash, ArticleId>,
    /// Articles whose texts are not known yet.
    unread: Vec<ArticleId>,
    wake: Wake,
}

impl Job {
    fn start(self) -> ImportJob {
        let (sender, finished) = channel();
        let progress = Arc::new(SharedProgress::default());
        let shared = Arc::clone(&progress);
        std::thread::spawn(move || {
            let wake = Arc::clone(&self.wake);
            // A window that was closed meanwhile does not ask for the report any more.
            let _ = sender.send(self.run(&shared));
            wake();
        });
        ImportJob { finished, progress }
    }

    fn run(mut self, shared: &SharedProgress) -> Finished {
        let wake = &self.wake;
        let mut progress = |now: Progress<'_>| shared.tell(now, wake);
        if let Some(project) = &self.asks_of {
            let survey = survey(project, &self.request, Scope::Annotations, &mut progress);
            if !survey.unknown.is_empty() && !survey.cancelled {
                return Finished::Asks(ImportQuestion { request: self.request, survey });
            }
        }
        for id in self.unread {
            if let Ok(article) = self.folder.read_article(&id) {
                self.known.insert(article.hash(), id);
            }
        }
        let report = import(&self.folder, &self.request, &mut self.known, &mut progress);
        let summarise =
            |id: &ArticleId| (id.clone(), summary(&self.folder, id, &self.annotator).ok());
        let summaries = report.imported().map(summarise).collect();
        Finished::Done { report, summaries }
    }
}

impl SharedProgress {
    fn tell(&self, now: Progress<'_>, wake: &Wake) -> ControlFlow<()> {
        self.done.store(now.done, Ordering::Relaxed);
        self.total.store(now.total.unwrap_or(0), Ordering::Relaxed);
        self.articles.store(now.articles, Ordering::Relaxed);
        wake();
        if self.is_cancelled.load(Ordering::Relaxed) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}
