//! Importing in the background while the window stays in use.

use super::import::{ImportReport, ImportRequest, Outcome, import};
use super::saver::Wake;
use super::{Action, Notice, Session};
use crate::model::{ArticleId, TextHash};
use crate::store::{ProjectFolder, summary};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, channel};

/// An import that is under way.
pub(super) struct ImportJob {
    report: Receiver<ImportReport>,
    progress: Arc<SharedProgress>,
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
        self.import = Some(start(self.folder.clone(), request, known, unread, wake));
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
        match job.report.try_recv() {
            Ok(report) => {
                self.take_in(&report);
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

    fn take_in(&mut self, report: &ImportReport) {
        let imported: Vec<_> = report.imported().cloned().collect();
        for id in &imported {
            let summary = summary(&self.folder, id, &self.annotator).ok();
            self.catalogue.add(id.clone(), summary);
        }
        let known = report.outcomes.iter().find_map(|outcome| match outcome {
            Outcome::Known { id, .. } => Some(id.clone()),
            _ => None,
        });
        if let Some(id) = imported.into_iter().next().or(known) {
            self.perform(Action::OpenArticle(id));
        }
    }
}

fn start(
    folder: ProjectFolder,
    request: ImportRequest,
    mut known: HashMap<TextHash, ArticleId>,
    unread: Vec<ArticleId>,
    wake: Wake,
) -> ImportJob {
    let (sender, report) = channel();
    let progress = Arc::new(SharedProgress::default());
    let shared = Arc::clone(&progress);
    std::thread::spawn(move || {
        for id in unread {
            if let Ok(article) = folder.read_article(&id) {
                known.insert(article.hash(), id);
            }
        }
        let finished = import(&folder, &request, &mut known, &mut |now| {
            shared.done.store(now.done, Ordering::Relaxed);
            shared.total.store(now.total.unwrap_or(0), Ordering::Relaxed);
            wake();
            if shared.is_cancelled.load(Ordering::Relaxed) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        // A window that was closed meanwhile does not ask for the report any more.
        let _ = sender.send(finished);
        wake();
    });
    ImportJob { report, progress }
}
