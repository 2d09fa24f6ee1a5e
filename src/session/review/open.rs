//! The open article with everybody's annotations side by side.
//!
//! They are read and compared in the background, for an article may have many and the
//! files of six annotators are long. Others go on working meanwhile, so the files are
//! looked at once a second, from outside, and read again when they are others; in the
//! background too, for a drive that is far or gone takes its time to answer.

use super::reading::{Reviewed, review_article};
use super::{CaseKey, Session};
use crate::model::{AnnotationSet, AnnotatorName, Article, ArticleId, Mention, Remark};
use crate::review::{
    Adjudication, Case, Comparison, Likeness, Progress, Rulings, Standing, Version, likeness,
};
use crate::session::Notice;
use crate::store::{ProjectFolder, Sight, StoreError};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::{Duration, Instant};

/// How often the files of the others are looked at.
const PAUSE: Duration = Duration::from_secs(1);

/// The open article before the reviewer.
#[derive(Debug)]
pub struct OpenReview {
    reviewed: Reviewed,
    /// What each case was about when it was read.
    mentions: Vec<Vec<Mention>>,
    standings: Vec<Standing>,
    sights: Vec<Sight>,
    looked: Instant,
    looking: Option<Receiver<Vec<Sight>>>,
}

impl OpenReview {
    /// The article.
    pub fn article(&self) -> &Arc<Article> {
        &self.reviewed.article
    }

    /// What the annotators differ in: the cases in text order.
    pub fn comparison(&self) -> &Comparison {
        &self.reviewed.comparison
    }

    /// The sets, in the order of the comparison's annotators.
    pub fn sets(&self) -> &[AnnotationSet] {
        &self.reviewed.sets
    }

    /// Where a case stands; O(1).
    pub fn standing(&self, index: usize) -> &Standing {
        self.standings.get(index).unwrap_or(&Standing::Open)
    }

    /// How many cases are settled; O(n).
    pub fn progress(&self) -> Progress {
        let settled = self.standings.iter().filter(|standing| **standing != Standing::Open);
        Progress { settled: settled.count(), cases: self.standings.len() }
    }

    /// Who says what about a case, that of most annotators first.
    pub fn versions(&self, case: &Case) -> Vec<Version<'_>> {
        let sets: Vec<_> = self.reviewed.sets.iter().collect();
        self.reviewed.comparison.versions(case, &sets)
    }

    /// What a case is called from outside.
    pub fn key(&self, index: usize) -> Option<CaseKey> {
        let Mention { annotator, id, .. } = self.mentions.get(index)?.first()?;
        let article = self.article().id().clone();
        Some(CaseKey { article, annotator: annotator.clone(), id: *id })
    }

    /// The case of a key, as an index.
    pub fn index_of(&self, key: &CaseKey) -> Option<usize> {
        let comparison = &self.reviewed.comparison;
        let is_here = key.article == *self.article().id();
        is_here.then(|| comparison.case_with(&key.annotator, key.id)).flatten()
    }

    /// What makes a case like others; `None` where it is like none.
    pub fn likeness(&self, case: &Case) -> Option<Likeness> {
        let sets: Vec<_> = self.reviewed.sets.iter().collect();
        likeness(&self.reviewed.comparison, case, &sets)
    }

    /// The comments on any annotation of a case: those of its annotators, and those in gold.
    pub fn comments<'a>(&'a self, index: usize, gold: &'a AnnotationSet) -> Vec<&'a Remark> {
        let mentions = self.mentions.get(index).map(Vec::as_slice).unwrap_or_default();
        let is_about = |remark: &&Remark| {
            let is_on = |mention: &Mention| remark.is_on(&mention.annotator, mention.id);
            remark.comment().is_some() && mentions.iter().any(is_on)
        };
        let sets = self.reviewed.sets.iter().chain([gold]);
        let mut found: Vec<_> = sets.flat_map(AnnotationSet::remarks).filter(is_about).collect();
        found.sort_by_key(|remark| (remark.at, remark.id));
        found
    }

    pub(super) fn reviewed(&self) -> &Reviewed {
        &self.reviewed
    }

    /// Finds out anew what is settled, after gold changed; O(n).
    pub(super) fn update(&mut self, gold: &AnnotationSet) {
        if gold.article().id() != self.article().id() {
            return;
        }
        let rulings = Rulings::of(gold);
        let standing = |mentions: &Vec<Mention>| rulings.standing(gold, mentions.iter());
        self.standings = self.mentions.iter().map(standing).collect();
    }
}

/// The reading of the open article's sets.
pub(super) struct Opening {
    article: Arc<Article>,
    result: Receiver<Opened>,
}

/// How the files looked from outside before they were read, and what was read.
type Opened = (Vec<Sight>, Result<Option<Read>, StoreError>);

/// What was read, with what each case is about.
type Read = (Reviewed, Vec<Vec<Mention>>);

impl Session {
    /// Whether the open article's sets are to be read.
    pub(super) fn is_open_review_due(&self) -> bool {
        let Some(open) = &self.open else { return false };
        let is_read = self.review.open.as_ref().is_some_and(|review| {
            review.article().id() == open.article.id()
                && review.article().hash() == open.article.hash()
        });
        let is_nothing = self.review.docket.has_nothing_of(open.article.id());
        !is_read && !is_nothing && open.read_only.is_none()
    }

    pub(super) fn open_review_when_due(&mut self) {
        let is_due = self.is_open_review_due() || self.has_open_review_changed();
        let Some(open) = self.open.as_ref().filter(|_| is_due) else { return };
        let article = Arc::clone(&open.article);
        let is_under_way = |opening: &Opening| {
            opening.article.id() == article.id() && opening.article.hash() == article.hash()
        };
        if self.review.opening.as_ref().is_some_and(is_under_way) {
            return;
        }
        let (sender, result) = channel();
        let (folder, scope, wake) = (self.folder.clone(), self.scope(1), Arc::clone(&self.wake));
        let id = article.id().clone();
        std::thread::spawn(move || {
            // Looked at before they are read: what changes in between is seen the next time.
            let sights = sights_of(&folder, &id, &scope.annotators);
            let read = review_article(&folder, &id, &scope.annotators, &scope);
            let read = read.map(|reviewed| reviewed.map(with_mentions));
            // A session that is gone does not ask for it any more.
            let _ = sender.send((sights, read));
            wake();
        });
        self.review.opening = Some(Opening { article, result });
    }

    /// Has the files of the others looked at, once in a while; true when they were others
    /// than those that were read.
    fn has_open_review_changed(&mut self) -> bool {
        let annotators = &self.project.annotators;
        let Some(review) = self.review.open.as_mut() else { return false };
        if let Some(looking) = review.looking.take() {
            match looking.try_recv() {
                Ok(now) => {
                    review.looked = Instant::now();
                    return review.sights != now;
                }
                // A drive that does not answer is asked once.
                Err(TryRecvError::Empty) => review.looking = Some(looking),
                Err(TryRecvError::Disconnected) => review.looked = Instant::now(),
            }
            return false;
        }
        if review.looked.elapsed() >= PAUSE {
            let (folder, id) = (self.folder.clone(), review.article().id().clone());
            let (annotators, wake) = (annotators.clone(), Arc::clone(&self.wake));
            let (sender, looking) = channel();
            let known = review.sights.clone();
            std::thread::spawn(move || {
                let now = sights_of(&folder, &id, &annotators);
                let has_changed = now != known;
                // A session that is gone does not ask for it any more.
                let _ = sender.send(now);
                if has_changed {
                    wake();
                }
            });
            review.looking = Some(looking);
        }
        false
    }

    pub(super) fn poll_opening(&mut self) -> bool {
        let Some(opening) = self.review.opening.take() else { return false };
        match opening.result.try_recv() {
            Err(TryRecvError::Empty) => {
                self.review.opening = Some(opening);
                return false;
            }
            Err(TryRecvError::Disconnected) => {
                self.review.docket.note_nothing_of(opening.article.id());
            }
            Ok((_, Err(error))) => {
                // It is said once, and tried again when reviewing begins anew.
                self.review.docket.note_nothing_of(opening.article.id());
                self.notify(Notice::error(error));
            }
            Ok((sights, Ok(read))) => self.take_opened(opening.article.as_ref(), sights, read),
        }
        self.touch();
        true
    }

    fn take_opened(&mut self, article: &Article, sights: Vec<Sight>, read: Option<Read>) {
        let Some((reviewed, mentions)) = read else {
            self.review.docket.note_nothing_of(article.id());
            self.review.open = None;
            return;
        };
        let gold = self.sets.get(&(article.id().clone(), AnnotatorName::gold()));
        if let Some(gold) = gold {
            self.review.docket.take(&reviewed, &mentions, gold);
        }
        let standings = vec![Standing::Open; mentions.len()];
        let looked = Instant::now();
        let mut review =
            OpenReview { reviewed, mentions, standings, sights, looked, looking: None };
        if let Some(gold) = gold {
            review.update(gold);
        }
        self.review.open = Some(review);
        self.find_selected();
        self.select_followed();
    }
}

/// How the files of some annotators look from outside.
fn sights_of(folder: &ProjectFolder, id: &ArticleId, annotators: &[AnnotatorName]) -> Vec<Sight> {
    annotators.iter().map(|name| folder.sight(id, name)).collect()
}

/// What each case of an article is about.
pub(super) fn with_mentions(reviewed: Reviewed) -> Read {
    let sets: Vec<_> = reviewed.sets.iter().collect();
    let nothing = AnnotationSet::new(Arc::clone(&reviewed.article), AnnotatorName::gold());
    let adjudication = Adjudication::new(&reviewed.comparison, &sets, &nothing);
    let cases = reviewed.comparison.cases.iter();
    let mentions = cases.map(|case| adjudication.mentions(case)).collect();
    (reviewed, mentions)
}
