//! Comments on the open set while somebody annotates: their own, and what reviewers and
//! other annotators said about their annotations.
//!
//! Others' comments stand in others' files, which are read in the background. Whoever is
//! held to their own articles reads none of them before they have finished the article.

use super::Session;
use crate::model::{AnnotationId, AnnotatorName, Article, ArticleId, Remark};
use crate::store::ProjectFolder;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};

/// On whose set of which article.
type Key = (ArticleId, AnnotatorName);

/// Others' comments on the open set.
#[derive(Debug)]
pub(super) struct Said {
    on: Key,
    remarks: Vec<Remark>,
}

/// Their reading.
pub(super) struct SaidJob {
    on: Key,
    result: Receiver<Vec<Remark>>,
}

impl Session {
    /// The comments on an annotation of the open set, oldest first, with whether whoever is
    /// at work may take them out: those of the set itself, and as far as others' work may be
    /// seen those of others.
    pub fn comments_on(&self, id: AnnotationId) -> Vec<(&Remark, bool)> {
        let Some(set) = self.set() else { return Vec::new() };
        let is_about =
            |remark: &&Remark| remark.comment().is_some() && remark.is_on(set.annotator(), id);
        let own = set.remarks().filter(is_about).map(|remark| (remark, true));
        let said = self.review.said.as_ref().filter(|_| self.may_read_comments().is_some());
        let said = said.filter(|said| Some(&said.on) == self.shown_key().as_ref());
        let others = said.into_iter().flat_map(|said| &said.remarks).filter(is_about);
        let mut found: Vec<_> = own.chain(others.map(|remark| (remark, false))).collect();
        found.sort_by_key(|(remark, _)| (remark.at, remark.id));
        found
    }

    /// The open set, where somebody annotates who may see what others say about it.
    fn may_read_comments(&self) -> Option<Key> {
        let set = self.set().filter(|_| self.review.reviewer.is_none())?;
        let (article, by) = (set.article().id(), set.annotator());
        let may = self.review.assignment.may_compare(by, article, set.state());
        may.then(|| (article.clone(), by.clone()))
    }

    /// Reads others' comments when they are to be read, and takes in what was read. True
    /// when something changed.
    pub(super) fn poll_comments(&mut self) -> bool {
        let has_read = self.take_comments();
        let wanted = self.may_read_comments();
        if wanted.is_none() {
            self.review.said = None;
        }
        let known = self.review.said.as_ref().map(|said| &said.on);
        let is_due = wanted.as_ref() != known || self.review.news.comments;
        if let (Some(on), true, None) = (wanted, is_due, &self.review.hearing) {
            self.review.news.comments = false;
            self.start_comments(on);
        }
        has_read
    }

    fn start_comments(&mut self, on: Key) {
        let Some(article) = self.open.as_ref().map(|open| Arc::clone(&open.article)) else {
            return;
        };
        let others = self.project.annotators.iter().filter(|name| **name != on.1);
        let others: Vec<_> = others.cloned().chain([AnnotatorName::gold()]).collect();
        let (folder, wake) = (self.folder.clone(), Arc::clone(&self.wake));
        let (sender, result) = channel();
        let by = on.1.clone();
        std::thread::spawn(move || {
            // A session that is gone does not ask for it any more.
            let _ = sender.send(remarks_on(&folder, &article, &by, &others));
            wake();
        });
        self.review.hearing = Some(SaidJob { on, result });
    }

    fn take_comments(&mut self) -> bool {
        let Some(job) = self.review.hearing.take() else { return false };
        match job.result.try_recv() {
            Ok(remarks) => {
                let said = Said { on: job.on, remarks };
                let is_new =
                    self.review.said.as_ref().is_none_or(|known| {
                        (&known.on, &known.remarks) != (&said.on, &said.remarks)
                    });
                self.review.said = Some(said);
                is_new
            }
            Err(TryRecvError::Empty) => {
                self.review.hearing = Some(job);
                false
            }
            Err(TryRecvError::Disconnected) => false,
        }
    }

    /// Waits until others' comments on the open set are read; for tests.
    pub fn wait_for_comments(&mut self) {
        let is_reading = |session: &Self| {
            let known = session.review.said.as_ref().map(|said| &said.on);
            let wanted = session.may_read_comments();
            session.review.hearing.is_some() || wanted.is_some() && wanted.as_ref() != known
        };
        while is_reading(self) {
            self.poll();
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }
}

/// What others say about an annotator's set; files that cannot be read are named by the
/// check.
fn remarks_on(
    folder: &ProjectFolder,
    article: &Arc<Article>,
    by: &AnnotatorName,
    others: &[AnnotatorName],
) -> Vec<Remark> {
    let sets = others.iter().filter_map(|name| folder.read_set(article, name).ok());
    let is_about = |remark: &Remark| {
        remark.comment().is_some() && remark.on.iter().any(|mention| mention.annotator == *by)
    };
    let found = sets.flat_map(|loaded| {
        let remarks: Vec<_> =
            loaded.set.remarks().filter(|found| is_about(found)).cloned().collect();
        remarks
    });
    let mut found: Vec<_> = found.collect();
    // In whose files they stand says nothing, and must not while names are hidden.
    found.sort_by_key(|remark| (remark.at, remark.id));
    found
}
