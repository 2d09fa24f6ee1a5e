//! The cases of the whole project: which annotators differ about what, and what of it is
//! settled.
//!
//! The list is filled in the background (`listing`), article by article on every core, and
//! holds the cases about which somebody differs; of agreed ones it knows how many there are.
//! A decision changes the standing of its cases at once, from the gold set alone. Articles
//! whose files others change are read again in the same way (`news`). What a frame asks for
//! every time is counted once and remembered until the list changes.

mod entry;
mod listing;

pub use entry::{Behind, DocketEntry, DocketFilter};
pub(super) use listing::DocketJob;

use super::CaseKey;
use super::reading::Reviewed;
use crate::model::{AnnotationSet, AnnotatorName, ArticleId, Mention};
use crate::review::{Progress, Rulings, Standing, context, likeness};
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The letters that an entry quotes.
const QUOTED: usize = 80;

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
    counted: Counted,
    /// The cases that steps have opened again since that was last asked for.
    reopened: Vec<CaseKey>,
}

/// What was counted since the list last changed.
#[derive(Debug, Default)]
struct Counted {
    progress: OnceCell<Progress>,
    shown: OnceCell<usize>,
    alike: RefCell<Option<(CaseKey, usize)>>,
}

impl Docket {
    /// The cases that pass the filter, by article and in text order; O(n).
    pub fn entries(&self) -> impl Iterator<Item = &DocketEntry> {
        self.all().filter(|entry| self.filter.admits(entry))
    }

    /// How many cases pass the filter; O(n) once after each change, O(1) then.
    pub fn shown(&self) -> usize {
        *self.counted.shown.get_or_init(|| self.entries().count())
    }

    fn all(&self) -> impl Iterator<Item = &DocketEntry> {
        self.articles.values().flat_map(|listed| &listed.entries)
    }

    /// One case; O(cases of its article).
    pub fn entry(&self, key: &CaseKey) -> Option<&DocketEntry> {
        let mut entries = self.articles.get(&key.article)?.entries.iter();
        entries.find(|entry| entry.key == *key)
    }

    /// The case that is about an annotation, or that a gold annotation came of; O(cases of
    /// the article).
    pub fn entry_about(&self, key: &CaseKey) -> Option<&DocketEntry> {
        let entries = &self.articles.get(&key.article)?.entries;
        entries.iter().find(|entry| entry.is_about(&key.annotator, key.id))
    }

    /// How many other open cases are exactly like one; O(n) once after each change and for
    /// each case, O(1) then.
    pub fn alike_count(&self, key: &CaseKey) -> usize {
        let mut counted = self.counted.alike.borrow_mut();
        if let Some((_, count)) = counted.as_ref().filter(|(of, _)| of == key) {
            return *count;
        }
        let count = self.alike(key).len();
        *counted = Some((key.clone(), count));
        count
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

    /// How many cases of the project are settled, agreed ones included; O(n) once after each
    /// change, O(1) then.
    pub fn progress(&self) -> Progress {
        *self.counted.progress.get_or_init(|| self.count_progress())
    }

    fn count_progress(&self) -> Progress {
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
        self.counted = Counted::default();
    }

    /// Whether the cases of an article are known.
    pub(super) fn has_listed(&self, article: &ArticleId) -> bool {
        self.articles.contains_key(article)
    }

    pub(super) fn has_nothing_of(&self, article: &ArticleId) -> bool {
        self.nothing.contains(article)
    }

    pub(super) fn note_nothing_of(&mut self, article: &ArticleId) {
        self.counted = Counted::default();
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
        self.counted = Counted::default();
        self.nothing.remove(&article);
        self.articles.insert(article, listed);
    }

    /// Finds out anew what is settled in an article, after gold changed.
    pub(super) fn update(&mut self, gold: &AnnotationSet) {
        self.counted = Counted::default();
        if let Some(listed) = self.articles.get_mut(gold.article().id()) {
            let was_open: Vec<_> = listed.entries.iter().map(DocketEntry::is_open).collect();
            settle(listed, gold);
            let reopened = listed.entries.iter().zip(was_open);
            let reopened = reopened.filter(|(entry, was_open)| entry.is_open() && !was_open);
            self.reopened.extend(reopened.map(|(entry, _)| entry.key.clone()));
        }
    }

    /// The cases that steps have opened again since that was last asked for.
    pub(super) fn take_reopened(&mut self) -> Vec<CaseKey> {
        std::mem::take(&mut self.reopened)
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
    let names = |of: &[usize]| of.iter().filter_map(|by| annotators.get(*by)).cloned().collect();
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
            around: context(article.text(), case.extent),
            kinds: case.differences.iter().map(|difference| difference.kind()).collect(),
            labels: marked.map(|found| found.label.clone()).collect(),
            annotators: Arc::clone(&annotators),
            apart: names(&comparison.apart(case, &sets)),
            mentions: mentions.clone(),
            likeness: likeness(comparison, case, &sets),
            standing: Standing::Open,
        });
    }
    settle(&mut listed, gold);
    listed
}
