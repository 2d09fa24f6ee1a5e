//! Datasets in the background: what an export would be, and the export itself.
//!
//! A rehearsal does everything that an export does and writes nothing. It tells what is
//! known so far while it goes on, and a new one takes the place of the one before. One
//! export runs at a time, and can be cancelled; then nothing of it is left.

use super::export::{ExportError, ExportProgress, ExportReport, ExportRequest, export, rehearse};
use super::saver::Wake;
use super::{Notice, Session};
use crate::store::ProjectFolder;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often the window is told how far it has come.
const INTERVAL: Duration = Duration::from_millis(80);

/// What an export would be, as far as it is known.
#[derive(Clone, Debug, Default)]
pub struct Rehearsal {
    /// What would be written, and lost.
    pub report: ExportReport,
    /// The first records, shortened to be looked at.
    pub first: String,
    /// The articles looked at, of how many.
    pub done: usize,
    /// All articles.
    pub total: usize,
    /// Whether this is all.
    pub is_complete: bool,
    /// Why there can be no such export.
    pub failed: Option<String>,
}

/// An export that was written.
#[derive(Clone, Debug)]
pub struct Exported {
    /// What was asked for.
    pub request: ExportRequest,
    /// What was written.
    pub report: ExportReport,
}

/// The work on a dataset that goes on in the background.
#[derive(Debug, Default)]
pub(super) struct Exports {
    rehearsal: Option<RehearsalJob>,
    export: Option<ExportJob>,
    exported: Option<Exported>,
}

#[derive(Debug)]
struct RehearsalJob {
    shared: Arc<Mutex<Arc<Rehearsal>>>,
    is_over: Arc<AtomicBool>,
}

impl Drop for RehearsalJob {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

#[derive(Debug)]
struct ExportJob {
    request: ExportRequest,
    progress: Arc<Mutex<ExportProgress>>,
    is_cancelled: Arc<AtomicBool>,
    finished: Receiver<Result<ExportReport, ExportError>>,
}

impl Drop for ExportJob {
    fn drop(&mut self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }
}

impl Session {
    /// Finds out what an export would be; one that was being rehearsed is forgotten. Who is
    /// held to their own articles gets no other work.
    pub fn rehearse_export(&mut self, request: ExportRequest) {
        if let Some(why) = self.hindrance_to_export(&request) {
            self.forget_rehearsal();
            self.notify(Notice::error(why));
            return;
        }
        let shared = Arc::new(Mutex::new(Arc::default()));
        let is_over = Arc::new(AtomicBool::new(false));
        let job = RehearsalJob { shared: Arc::clone(&shared), is_over: Arc::clone(&is_over) };
        self.exports.rehearsal = Some(job);
        let (folder, wake) = (self.folder.clone(), Arc::clone(&self.wake));
        std::thread::spawn(move || rehearsing(&folder, &request, &shared, &is_over, &wake));
    }

    /// Forgets what a rehearsal found.
    pub(super) fn forget_rehearsal(&mut self) {
        self.exports.rehearsal = None;
    }

    /// What is known of the last rehearsal that was asked for; O(1).
    pub fn rehearsal(&self) -> Option<Arc<Rehearsal>> {
        Some(Arc::clone(&lock(&self.exports.rehearsal.as_ref()?.shared)))
    }

    /// Writes a dataset in the background. One export runs at a time. Who is held to their
    /// own articles gets no other work.
    pub fn start_export(&mut self, request: ExportRequest) {
        if let Some(why) = self.hindrance_to_export(&request) {
            self.notify(Notice::error(why));
            return;
        }
        if self.exports.export.is_some() {
            self.notify(Notice::info("An export is under way; wait for it or cancel it"));
            return;
        }
        self.exports.exported = None;
        let progress = Arc::new(Mutex::new(ExportProgress { done: 0, total: 0 }));
        let is_cancelled = Arc::new(AtomicBool::new(false));
        let (sender, finished) = channel();
        self.exports.export = Some(ExportJob {
            request: request.clone(),
            progress: Arc::clone(&progress),
            is_cancelled: Arc::clone(&is_cancelled),
            finished,
        });
        let (folder, wake) = (self.folder.clone(), Arc::clone(&self.wake));
        std::thread::spawn(move || {
            let mut tell = |now: ExportProgress| {
                *lock(&progress) = now;
                wake();
                flow(&is_cancelled)
            };
            let result = export(&folder, &request, &mut tell, &mut |_| {});
            // A window that was closed meanwhile does not ask for it any more.
            let _ = sender.send(result);
            wake();
        });
    }

    /// How far an export has come, while one goes on.
    pub fn export_progress(&self) -> Option<ExportProgress> {
        self.exports.export.as_ref().map(|job| *lock(&job.progress))
    }

    /// Ends the export that is under way; nothing of it is left.
    pub fn cancel_export(&self) {
        if let Some(job) = &self.exports.export {
            job.is_cancelled.store(true, Ordering::Relaxed);
        }
    }

    /// The last export, until another one begins.
    pub fn exported(&self) -> Option<&Exported> {
        self.exports.exported.as_ref()
    }

    /// Takes in a finished export.
    pub(super) fn poll_export(&mut self) -> bool {
        let Some(job) = self.exports.export.take() else { return false };
        match job.finished.try_recv() {
            Err(TryRecvError::Empty) => {
                self.exports.export = Some(job);
                return false;
            }
            Err(TryRecvError::Disconnected) => {
                self.notify(Notice::error("The export stopped; try it again"));
            }
            Ok(Ok(report)) => {
                let name = shown_name(&job.request.out);
                self.notify(Notice::info(format!("Written and read back: {name}")));
                let request = job.request.clone();
                self.exports.exported = Some(Exported { request, report });
            }
            Ok(Err(ExportError::Cancelled)) => {
                self.notify(Notice::info(ExportError::Cancelled.to_string()));
            }
            Ok(Err(error)) => self.notify(Notice::error(error.to_string())),
        }
        true
    }
}

fn rehearsing(
    folder: &ProjectFolder,
    request: &ExportRequest,
    shared: &Mutex<Arc<Rehearsal>>,
    is_over: &AtomicBool,
    wake: &Wake,
) {
    let mut told: Option<Instant> = None;
    let mut beginning = String::new();
    let outcome = rehearse(folder, request, &mut |report, first, now| {
        if told.is_none_or(|told| told.elapsed() >= INTERVAL) {
            told = Some(Instant::now());
            let ExportProgress { done, total } = now;
            let (report, first) = (report.clone(), first.to_owned());
            let now = Rehearsal { report, first, done, total, ..Rehearsal::default() };
            *lock(shared) = Arc::new(now);
            wake();
        }
        if beginning.is_empty() {
            first.clone_into(&mut beginning);
        }
        flow(is_over)
    });
    let total = lock(shared).total;
    let mut found = Rehearsal {
        first: beginning,
        done: total,
        total,
        is_complete: true,
        ..Rehearsal::default()
    };
    match outcome {
        Ok(report) => found.report = report,
        Err(error) => found.failed = Some(error.to_string()),
    }
    *lock(shared) = Arc::new(found);
    wake();
}

fn flow(is_over: &AtomicBool) -> ControlFlow<()> {
    if is_over.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

/// A panic while it was held left nothing half: it holds plain values.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn shown_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
}
