//! The cases of the whole project: which annotators differ about what, and what of it is
//! settled.
//!
//! The list is filled in the background, article by article on every core, and holds the
//! cases about which somebody differs; of agreed ones it knows how many there are. A
//! decision changes the standing of its cases at once, from the gold set alone. Articles
//! whose files others change are read again in the same way (`news`).

use super::open::with_mentions;
use super::reading::{Reviewed, Scope, begun, review_article};
use super::{CaseKey, Session};
use crate::model::{AnnotationSet, AnnotatorName, ArticleId, LabelId, Mention};
use crate::review::{DifferenceKind, Likeness, Progress, Rulings, Standing, likeness};
use crate::session::{Notice, Wake};
use crate::store::{ProjectFolder, StoreError, in_order};
use crate::text::TextRange;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};

/// The letters that an entry quotes.
const QUOTED: usize = 80;
/// The articles that wait to be taken in.
const WAITING: usize = 256;

/// One case about which somebody differs.
#[derive(Clone, Debug, PartialEq)]
pub struct DocketEntry {
    /// What it is called.
    pub key: CaseKey,
    /// From the first byte that anybody marked to the last.
    pub extent: TextRange,
    /// The beginning of what stands there.
    pub text: String,
    /// In what annotators differ, each kind once.
    pub kinds: BTreeSet<DifferenceKind>,
    /// The labels that were given.
    pub labels: BTreeSet<LabelId>,
    /// Whose sets were compared.
    pub annotators: Arc<[AnnotatorName]>,
    /// The annotations that it is about.
    pub mentions: Vec<Mention>,
    /// What makes it like others; `None` where it is like none.
    pub likeness: Option<Likeness>,
    /// Where it stands.
    pub standing: Standing,
}

impl DocketEntry {
    /// Whether it has to be decided.
    pub fn is_open(&self) -> bool {
        self.standing == Standing::Open
    }
}

/// Which cases the list shows; what is `None` or empty leaves nothing out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DocketFilter {
    /// Only those of this article.
    pub article: Option<ArticleId>,
    /// Only those with a difference of this kind.
    pub kind: Option<DifferenceKind>,
    /// Only those to which somebody gave this label.
    pub label: Option<LabelId>,
    /// Only those that this annotator marked, or is the one who did not.
    pub annotator: Option<AnnotatorName>,
    /// Only those that have to be decided.
    pub only_open: bool,
}

impl DocketFilter {
    fn admits(&self, entry: &DocketEntry) -> bool {
        self.article.as_ref().is_none_or(|article| *article == entry.key.article)
            && self.kind.is_none_or(|kind| entry.kinds.contains(&kind))
            && self.label.as_ref().is_none_or(|label| entry.labels.contains(label))
            && self.annotator.as_ref().is_none_or(|name| entry.annotators.contains(name))
            && (!self.only_open || entry.is_open())
    }
}

/// What is known of one article.
#[derive(Clone, Debug, Default)]
struct Listed {
    entries: Vec<DocketEntry>,
    /// The cases about which all say the same, and what each is about.
    agreed: Vec<Vec<Mention>>,
    settled_agreed: usize,
}

/// The list of cases.
#[derive(Debug, Default)]
pub struct Docket {
    articles: BTreeMap<ArticleId, Listed>,
    /// Articles that nobody has come far enough with.
    nothing: BTreeSet<ArticleId>,
    filter: DocketFilter,
    is_complete: bool,
}

impl Docket {
    /// The cases that pass the filter, by article and in text order; O(n).
    pub fn entries(&self) -> impl Iterator<Item = &DocketEntry> {
        self.all().filter(|entry| self.filter.admits(entry))
    }

    fn all(&self) -> impl Iterator<Item = &DocketEntry> {
        self.articles.values().flat_map(|listed| &listed.entries)
    }

    /// One case; O(cases of its article).
    pub fn entry(&self, key: &CaseKey) -> Option<&DocketEntry> {
        let mut entries = self.articles.get(&key.article)?.entries.iter();
        entries.find(|entry| entry.key == *key)
    }

    /// The other open cases that are exactly like one; O(n).
    pub fn alike(&self, key: &CaseKey) -> Vec<&DocketEntry> {
        let like = self.entry(key).and_then(|entry| entry.likeness);
        let is_alike = |entry: &&DocketEntry| {
            like.is_some() && entry.likeness == like && entry.is_open() && entry.key != *key
        };
        self.all().filter(is_alike).collect()
    }

    /// What is shown.
    pub fn filter(&self) -> &DocketFilter {
        &self.filter
    }

    /// Whether every article has been read.
    pub fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// How many cases of the project are settled, agreed ones included; O(n).
    pub fn progress(&self) -> Progress {
        let mut progress = Progress::default();
        for listed in self.articles.values() {
            let settled = listed.entries.iter().filter(|entry| !entry.is_open()).count();
            progress.settled += settled + listed.settled_agreed;
            progress.cases += listed.entries.len() + listed.agreed.len();
        }
        progress
    }

    /// How many cases of one article are settled; O(its cases).
    pub fn progress_of(&self, article: &ArticleId) -> Progress {
        let Some(listed) = self.articles.get(article) else { return Progress::default() };
        let settled = listed.entries.iter().filter(|entry| !entry.is_open()).count();
        Progress {
            settled: settled + listed.settled_agreed,
            cases: listed.entries.len() + listed.agreed.len(),
        }
    }

    pub(super) fn set_filter(&mut self, filter: DocketFilter) {
        self.filter = filter;
    }

    pub(super) fn has_nothing_of(&self, article: &ArticleId) -> bool {
        self.nothing.contains(article)
    }

    pub(super) fn note_nothing_of(&mut self, article: &ArticleId) {
        self.articles.remove(article);
        self.nothing.insert(article.clone());
    }

    /// Takes in what was read of an article.
    pub(super) fn take(
        &mut self,
        reviewed: &Reviewed,
        mentions: &[Vec<Mention>],
        gold: &AnnotationSet,
    ) {
        self.put(reviewed.article.id().clone(), list(reviewed, mentions, gold));
    }

    fn put(&mut self, article: ArticleId, listed: Listed) {
        self.nothing.remove(&article);
        self.articles.insert(article, listed);
    }

    /// Finds out anew what is settled in an article, after gold changed.
    pub(super) fn update(&mut self, gold: &AnnotationSet) {
        if let Some(listed) = self.articles.get_mut(gold.article().id()) {
            settle(listed, gold);
        }
    }
}

fn settle(listed: &mut Listed, gold: &AnnotationSet) {
    let rulings = Rulings::of(gold);
    for entry in &mut listed.entries {
        entry.standing = rulings.standing(gold, entry.mentions.iter());
    }
    let agreed = listed.agreed.iter();
    let is_settled =
        |mentions: &&Vec<Mention>| rulings.standing(gold, mentions.iter()) != Standing::Open;
    listed.settled_agreed = agreed.filter(is_settled).count();
}

fn list(reviewed: &Reviewed, mentions: &[Vec<Mention>], gold: &AnnotationSet) -> Listed {
    let Reviewed { article, sets, comparison } = reviewed;
    let sets: Vec<_> = sets.iter().collect();
    let annotators: Arc<[AnnotatorName]> = comparison.annotators.as_slice().into();
    let mut listed = Listed::default();
    for (case, mentions) in comparison.cases.iter().zip(mentions) {
        if case.is_agreed() {
            listed.agreed.push(mentions.clone());
            continue;
        }
        let Some(first) = mentions.first() else { continue };
        let marked = case.marks.iter().filter_map(|mark| sets.get(mark.by)?.annotation(mark.id));
        let text = article.text().get(std::ops::Range::<usize>::from(case.extent));
        listed.entries.push(DocketEntry {
            key: CaseKey {
                article: article.id().clone(),
                annotator: first.annotator.clone(),
                id: first.id,
            },
            extent: case.extent,
            text: text.unwrap_or_default().chars().take(QUOTED).collect(),
            kinds: case.differences.iter().map(|difference| difference.kind()).collect(),
            labels: marked.map(|found| found.label.clone()).collect(),
            annotators: Arc::clone(&annotators),
            mentions: mentions.clone(),
            likeness: likeness(comparison, case, &sets),
            standing: Standing::Open,
        });
    }
    settle(&mut listed, gold);
    listed
}

/// The reading of the whole list, or of some articles again.
pub(super) struct DocketJob {
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
    pub(super) fn start_docket(&mut self) {
        let filter = std::mem::take(&mut self.review.docket).filter;
        self.review.docket = Docket { filter, ..Docket::default() };
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

    pub(super) fn poll_docket(&mut self) -> bool {
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
    }
}
