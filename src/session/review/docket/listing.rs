//! Reading the list of cases in the background, whole or some articles again.

use super::{Listed, list};
use crate::model::{AnnotatorName, ArticleId};
use crate::session::review::Session;
use crate::session::review::open::with_mentions;
use crate::session::review::reading::{Scope, begun, review_article};
use crate::session::{Notice, Wake};
use crate::store::{ProjectFolder, StoreError, in_order};
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};

/// The articles that wait to be taken in.
const WAITING: usize = 256;

/// The reading of the whole list, or of some articles again.
pub(in crate::session::review) struct DocketJob {
    results: Receiver<Result<(ArticleId, Option<Listed>), StoreError>>,
    progress: Arc<(AtomicUsize, AtomicUsize)>,
    is_cancelled: Arc<AtomicBool>,
}

impl Drop for DocketJob {
    fn drop(&mut self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }
}

/// What runs on the thread of a reading.
struct Reader {
    folder: ProjectFolder,
    scope: Scope,
    progress: Arc<(AtomicUsize, AtomicUsize)>,
    is_cancelled: Arc<AtomicBool>,
    results: SyncSender<Result<(ArticleId, Option<Listed>), StoreError>>,
    wake: Wake,
}

impl Reader {
    /// Reads the cases of these articles, or of all that somebody has begun.
    fn run(&self, only: Option<BTreeSet<ArticleId>>) {
        let everybody = || self.scope.annotators.clone();
        let articles = match only {
            Some(only) => Ok(only.into_iter().map(|article| (article, everybody())).collect()),
            None => begun(&self.folder, &self.scope),
        };
        let articles: Vec<_> = match articles {
            Ok(articles) => articles,
            Err(error) => {
                // A session that is gone does not ask for it any more.
                let _ = self.results.send(Err(error));
                return;
            }
        };
        self.progress.1.store(articles.len(), Ordering::Relaxed);
        let read = |index: usize| {
            let (article, names) = &articles[index];
            self.read(article, names).map(|listed| (article.clone(), listed))
        };
        in_order(articles.len(), read, |read| {
            self.progress.0.fetch_add(1, Ordering::Relaxed);
            let is_over =
                self.is_cancelled.load(Ordering::Relaxed) || self.results.send(read).is_err();
            (self.wake)();
            if is_over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
    }

    fn read(
        &self,
        article: &ArticleId,
        names: &[AnnotatorName],
    ) -> Result<Option<Listed>, StoreError> {
        let Some(reviewed) = review_article(&self.folder, article, names, &self.scope)? else {
            return Ok(None);
        };
        let gold = self.folder.read_set(&reviewed.article, &AnnotatorName::gold())?.set;
        let (reviewed, mentions) = with_mentions(reviewed);
        Ok(Some(list(&reviewed, &mentions, &gold)))
    }
}

impl Session {
    /// Reads the list anew; the filter stays.
    pub(in crate::session::review) fn start_docket(&mut self) {
        let filter = std::mem::take(&mut self.review.docket).filter;
        self.review.docket = super::Docket { filter, ..Default::default() };
        self.review.news.cases.clear();
        self.read_docket(None);
    }

    fn read_docket(&mut self, only: Option<BTreeSet<ArticleId>>) {
        let (sender, results) = sync_channel(WAITING);
        let progress = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
        let is_cancelled = Arc::new(AtomicBool::new(false));
        let reader = Reader {
            folder: self.folder.clone(),
            scope: self.scope(1),
            progress: Arc::clone(&progress),
            is_cancelled: Arc::clone(&is_cancelled),
            results: sender,
            wake: Arc::clone(&self.wake),
        };
        std::thread::spawn(move || {
            let wake = Arc::clone(&reader.wake);
            reader.run(only);
            // The end of the list is seen once nobody can send any more.
            drop(reader);
            wake();
        });
        self.review.listing = Some(DocketJob { results, progress, is_cancelled });
    }

    /// How many articles of how many have been read, while cases are being read.
    pub fn docket_progress(&self) -> Option<(usize, usize)> {
        let (done, of) = &*self.review.listing.as_ref()?.progress;
        Some((done.load(Ordering::Relaxed), of.load(Ordering::Relaxed)))
    }

    /// Reads the cases of articles again that have changed on disk.
    fn read_news(&mut self) {
        let articles = std::mem::take(&mut self.review.news.cases);
        if !articles.is_empty() {
            self.read_docket(Some(articles));
        }
    }

    pub(in crate::session::review) fn poll_docket(&mut self) -> bool {
        if self.review.listing.is_none() {
            self.read_news();
        }
        let Some(job) = self.review.listing.take() else { return false };
        let mut has_changed = false;
        loop {
            match job.results.try_recv() {
                Ok(Ok((article, listed))) => self.take_listed(article, listed),
                Ok(Err(error)) => self.notify(Notice::warning(error.to_string())),
                Err(TryRecvError::Empty) => {
                    self.review.listing = Some(job);
                    return has_changed;
                }
                Err(TryRecvError::Disconnected) => {
                    self.review.docket.is_complete = true;
                    self.touch();
                    return true;
                }
            }
            has_changed = true;
        }
    }

    fn take_listed(&mut self, article: ArticleId, listed: Option<Listed>) {
        let Some(listed) = listed else {
            self.review.docket.note_nothing_of(&article);
            return;
        };
        self.review.docket.put(article.clone(), listed);
        // What is in memory may be ahead of the file.
        if let Some(gold) = self.sets.get(&(article, AnnotatorName::gold())) {
            self.review.docket.update(gold);
        }
        self.find_selected();
    }
}
