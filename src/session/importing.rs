//! Importing in the background while the window stays in use.

use super::import::{ImportReport, ImportRequest, Outcome, import};
use super::saver::Wake;
use super::{Action, Notice, Session};
use crate::model::{AnnotatorName, ArticleId, TextHash};
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

/// What became of the import, and what the list shows of each new article.
struct Finished {
    report: ImportReport,
    summaries: Vec<(ArticleId, Option<Summary>)>,
}

#[derive(Default)]
struct SharedProgress {
    done: AtomicUsize,
    total: AtomicUsize,
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
        if self.import.is_some() {
            self.notify(Notice::info("An import is under way; wait for it or cancel it"));
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
        let wake = Arc::clone(&self.wake);
        self.import =
            Some(start(self.folder.clone(), self.annotator.clone(), request, known, unread, wake));
    }

    /// How many files have been dealt with of how many found, while an import goes on.
    pub fn import_progress(&self) -> Option<(usize, usize)> {
        let progress = &self.import.as_ref()?.progress;
        let total = progress.total.load(Ordering::Relaxed);
        Some((progress.done.load(Ordering::Relaxed), total))
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
            Ok(Finished { report, summaries }) => {
                self.take_in(&report, summaries);
                self.import_report = Some(report);
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
        for (id, summary) in summaries {
            self.catalogue.add(id, summary);
        }
        let known = report.outcomes.iter().find_map(|outcome| match outcome {
            Outcome::Known { id, .. } => Some(id.clone()),
            _ => None,
        });
        if let Some(id) = report.imported().next().cloned().or(known) {
            self.perform(Action::OpenArticle(id));
        }
    }
}

fn start(
    folder: ProjectFolder,
    annotator: AnnotatorName,
    request: ImportRequest,
    mut known: HashMap<TextHash, ArticleId>,
    unread: Vec<ArticleId>,
    wake: Wake,
) -> ImportJob {
    let (sender, finished) = channel();
    let progress = Arc::new(SharedProgress::default());
    let shared = Arc::clone(&progress);
    std::thread::spawn(move || {
        for id in unread {
            if let Ok(article) = folder.read_article(&id) {
                known.insert(article.hash(), id);
            }
        }
        let report = import(&folder, &request, &mut known, &mut |now| {
            shared.done.store(now.done, Ordering::Relaxed);
            shared.total.store(now.total.unwrap_or(0), Ordering::Relaxed);
            wake();
            if shared.is_cancelled.load(Ordering::Relaxed) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        let summarise = |id: &ArticleId| (id.clone(), summary(&folder, id, &annotator).ok());
        let summaries = report.imported().map(summarise).collect();
        // A window that was closed meanwhile does not ask for the report any more.
        let _ = sender.send(Finished { report, summaries });
        wake();
    });
    ImportJob { finished, progress }
}
