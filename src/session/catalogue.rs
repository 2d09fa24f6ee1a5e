//! The article list: what is known of every article without opening it, filtered and
//! sorted. It is filled in the background while the window is already in use.
//!
//! A project may hold 100,000 articles, so nothing is done twice: the order is kept
//! apart from the filter, so that a letter typed into the filter sorts nothing; what
//! the filter looks through is kept in lower case; and while articles are still being
//! read, the list takes them in a few times a second instead of one by one.

mod filter;

use crate::model::{AnnotationSet, AnnotatorName, ArticleId, LabelId, State};
use crate::store::{ProjectFolder, Summary, summary};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use super::saver::Wake;
pub use filter::{Filter, Sort, StateFilter};

/// While articles are being read, the list takes them in no more often than this.
const PAUSE: Duration = Duration::from_millis(200);

/// What the list shows of one article.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Which article.
    pub id: ArticleId,
    /// What is known of it; `None` until it has been read.
    pub summary: Option<Summary>,
    /// Why it cannot be opened, where that is so.
    pub fault: Option<String>,
}

impl Entry {
    /// How far the annotator has come.
    pub fn state(&self) -> State {
        self.summary.as_ref().map_or(State::Unseen, |summary| summary.state)
    }

    /// The one state of the menu that the article is in, which tells apart articles
    /// that are done and have annotations from those where there was nothing to mark.
    pub fn standing(&self) -> StateFilter {
        match self.state() {
            State::Unseen => StateFilter::Unseen,
            State::InProgress => StateFilter::InProgress,
            State::Done if self.annotations() == 0 => StateFilter::DoneAndEmpty,
            State::Done => StateFilter::Done,
        }
    }

    /// The number of annotations.
    pub fn annotations(&self) -> usize {
        self.summary.as_ref().map_or(0, |summary| summary.annotations)
    }

    /// The headline, or the id until it is known.
    pub fn title(&self) -> &str {
        match &self.summary {
            Some(summary) if !summary.title.is_empty() => &summary.title,
            _ => self.id.as_str(),
        }
    }

    /// What the filter's words are looked for in.
    fn haystack(&self) -> String {
        let source = self.summary.as_ref().map_or("", |summary| &summary.source);
        format!("{} {source} {}", self.title(), self.id).to_lowercase()
    }
}

/// What an edit says of an article before the background has read it.
struct Edited {
    state: State,
    annotations: usize,
    by_label: BTreeMap<LabelId, usize>,
}

/// Every article of the project.
pub struct Catalogue {
    entries: Vec<Entry>,
    /// For each entry, what the filter looks through.
    haystacks: Vec<String>,
    places: HashMap<ArticleId, usize>,
    filter: Filter,
    /// Every entry in the order of the list, and those of them that pass the filter.
    order: Vec<usize>,
    visible: Vec<usize>,
    is_order_stale: bool,
    is_visible_stale: bool,
    /// Whether the background has read something that the list does not show yet.
    has_news: bool,
    refreshed: Option<Instant>,
    done: usize,
    edited: HashMap<ArticleId, Edited>,
    scan: Option<Scan>,
}

struct Scan {
    results: Receiver<Entry>,
    is_cancelled: Arc<AtomicBool>,
    read: usize,
}

impl Drop for Scan {
    fn drop(&mut self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }
}

impl Catalogue {
    /// Lists the articles by id and starts reading them in the background.
    pub fn start(
        folder: &ProjectFolder,
        ids: Vec<ArticleId>,
        annotator: &AnnotatorName,
        wake: &Wake,
    ) -> Self {
        let mut catalogue = Self {
            entries: Vec::new(),
            haystacks: Vec::new(),
            places: HashMap::new(),
            filter: Filter::default(),
            order: Vec::new(),
            visible: Vec::new(),
            is_order_stale: true,
            is_visible_stale: true,
            has_news: false,
            refreshed: None,
            done: 0,
            edited: HashMap::new(),
            scan: None,
        };
        for id in &ids {
            catalogue.insert(Entry { id: id.clone(), summary: None, fault: None });
        }
        catalogue.scan = Some(scan(folder.clone(), ids, annotator.clone(), Arc::clone(wake)));
        catalogue
    }

    /// Takes in what the background has read. True when something changed.
    pub fn poll(&mut self) -> bool {
        let Some(mut scan) = self.scan.take() else { return false };
        let mut has_changed = false;
        loop {
            match scan.results.try_recv() {
                Ok(entry) => {
                    scan.read += 1;
                    has_changed = true;
                    self.fill(entry);
                }
                Err(std::sync::mpsc::TryRecvError::Empty) => {
                    self.scan = Some(scan);
                    break;
                }
                Err(std::sync::mpsc::TryRecvError::Disconnected) => {
                    self.edited.clear();
                    has_changed = true;
                    break;
                }
            }
        }
        self.has_news |= has_changed;
        has_changed
    }

    /// How many articles have been read of how many, while that goes on.
    pub fn progress(&self) -> Option<(usize, usize)> {
        self.scan.as_ref().map(|scan| (scan.read, self.entries.len()))
    }

    /// Every article, by id.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// One article.
    pub fn entry(&self, id: &ArticleId) -> Option<&Entry> {
        self.places.get(id).and_then(|place| self.entries.get(*place))
    }

    /// The articles that pass the filter, in its order.
    pub fn visible(&mut self) -> &[usize] {
        let is_due = self.scan.is_none() || self.refreshed.is_none_or(|at| at.elapsed() >= PAUSE);
        if self.has_news && is_due {
            self.has_news = false;
            self.is_order_stale = true;
            self.refreshed = Some(Instant::now());
        }
        if self.is_order_stale {
            self.sort();
        }
        if self.is_order_stale || self.is_visible_stale {
            self.sift();
        }
        self.is_order_stale = false;
        self.is_visible_stale = false;
        &self.visible
    }

    /// The article in a row of the list as [`Self::visible`] last had it.
    pub fn shown(&self, row: usize) -> Option<&Entry> {
        self.visible.get(row).and_then(|place| self.entries.get(*place))
    }

    /// The row of the list that an article is in.
    pub fn row_of(&mut self, id: &ArticleId) -> Option<usize> {
        let place = *self.places.get(id)?;
        self.visible().iter().position(|other| *other == place)
    }

    /// The filter.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Changes the filter.
    pub fn set_filter(&mut self, filter: Filter) {
        self.is_order_stale |= filter.sort != self.filter.sort;
        self.is_visible_stale |= filter != self.filter;
        self.filter = filter;
    }

    /// How many articles are done.
    pub fn done(&self) -> usize {
        self.done
    }

    /// The next article in the list after one that is not done, starting over at the end.
    pub fn next_unfinished(&mut self, after: Option<&ArticleId>) -> Option<ArticleId> {
        let order = self.order_after(after);
        // One that cannot be opened would be the next one for ever.
        let unfinished = |id: &&ArticleId| {
            self.entry(id)
                .is_some_and(|entry| entry.fault.is_none() && entry.state() != State::Done)
        };
        order.iter().find(unfinished).cloned()
    }

    /// The article below or above one in the list.
    pub fn neighbour(&mut self, of: &ArticleId, is_below: bool) -> Option<ArticleId> {
        let there = match self.row_of(of) {
            Some(here) if is_below => here.checked_add(1),
            Some(here) => here.checked_sub(1),
            None => Some(0),
        };
        self.shown(there?).map(|entry| entry.id.clone())
    }

    /// Brings the entry of a set up to date after an edit.
    pub fn update(&mut self, set: &AnnotationSet) {
        let id = set.article().id();
        let Some(place) = self.places.get(id).copied() else { return };
        let by_label = set.label_counts().clone();
        let edited = Edited { state: set.state(), annotations: set.len(), by_label };
        let mut entry = self.entries[place].clone();
        edited.describe(&mut entry);
        self.replace(place, entry);
        if self.scan.is_some() {
            // The background may have read the files before this edit was in them.
            self.edited.insert(id.clone(), edited);
        }
        self.is_order_stale |= matches!(self.filter.sort, Sort::State | Sort::MostAnnotations);
        self.is_visible_stale |= self.filter.is_narrowing();
    }

    /// Adds an article that was just imported, or replaces what was known of it.
    pub fn add(&mut self, id: ArticleId, summary: Option<Summary>) {
        self.fill(Entry { id, summary, fault: None });
        self.is_order_stale = true;
    }

    fn order_after(&mut self, after: Option<&ArticleId>) -> Vec<ArticleId> {
        self.visible();
        let ids: Vec<_> =
            self.visible.iter().map(|place| self.entries[*place].id.clone()).collect();
        let start = after.and_then(|after| ids.iter().position(|id| id == after));
        let (before, from) = ids.split_at(start.map_or(0, |start| start + 1));
        from.iter().chain(before).filter(|id| Some(*id) != after).cloned().collect()
    }

    fn insert(&mut self, entry: Entry) {
        self.places.insert(entry.id.clone(), self.entries.len());
        self.done += usize::from(entry.state() == State::Done);
        self.haystacks.push(entry.haystack());
        self.entries.push(entry);
    }

    fn replace(&mut self, place: usize, entry: Entry) {
        self.done -= usize::from(self.entries[place].state() == State::Done);
        self.done += usize::from(entry.state() == State::Done);
        self.haystacks[place] = entry.haystack();
        self.entries[place] = entry;
    }

    fn fill(&mut self, mut entry: Entry) {
        if let Some(edited) = self.edited.get(&entry.id) {
            edited.describe(&mut entry);
        }
        match self.places.get(&entry.id) {
            Some(place) => self.replace(*place, entry),
            None => self.insert(entry),
        }
    }

    fn sort(&mut self) {
        let entries = &self.entries;
        let mut order: Vec<usize> = (0..entries.len()).collect();
        order.sort_by(|a, b| entries[*a].id.cmp(&entries[*b].id));
        let summary = |place: &usize| entries[*place].summary.as_ref();
        // These sorts are stable: what is equal stays in the order of the ids.
        match self.filter.sort {
            Sort::Name => {}
            Sort::Title => order.sort_by_cached_key(|place| entries[*place].title().to_lowercase()),
            Sort::Newest => order.sort_by_key(|place| Reverse(summary(place).and_then(|s| s.date))),
            Sort::Oldest => order.sort_by_key(|place| {
                // Articles without a day come last in either direction.
                let date = summary(place).and_then(|summary| summary.date);
                (date.is_none(), date)
            }),
            Sort::Source => order.sort_by_cached_key(|place| {
                summary(place).map(|summary| summary.source.to_lowercase()).unwrap_or_default()
            }),
            Sort::State => order.sort_by_key(|place| entries[*place].state()),
            Sort::MostAnnotations => {
                order.sort_by_key(|place| Reverse(entries[*place].annotations()));
            }
            Sort::Longest => {
                order.sort_by_key(|place| Reverse(summary(place).map_or(0, |s| s.chars.0)));
            }
        }
        self.order = order;
    }

    fn sift(&mut self) {
        let words: Vec<_> =
            self.filter.text.to_lowercase().split_whitespace().map(str::to_owned).collect();
        let admits = |place: &usize| {
            self.filter.admits(&self.entries[*place], &self.haystacks[*place], &words)
        };
        self.visible = self.order.iter().copied().filter(admits).collect();
    }
}

impl Edited {
    fn describe(&self, entry: &mut Entry) {
        if let Some(summary) = &mut entry.summary {
            summary.state = self.state;
            summary.annotations = self.annotations;
            summary.by_label = self.by_label.clone();
        }
    }
}

fn scan(folder: ProjectFolder, ids: Vec<ArticleId>, annotator: AnnotatorName, wake: Wake) -> Scan {
    let (sender, results) = channel();
    let is_cancelled = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&is_cancelled);
    std::thread::spawn(move || {
        for id in ids {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let entry = match summary(&folder, &id, &annotator) {
                Ok(summary) => Entry { id, summary: Some(summary), fault: None },
                Err(error) => Entry { id, summary: None, fault: Some(error.to_string()) },
            };
            if sender.send(entry).is_err() {
                return;
            }
            wake();
        }
        // Once more, when it can be seen that this was all.
        drop(sender);
        wake();
    });
    Scan { results, is_cancelled, read: 0 }
}

#[cfg(test)]
mod tests;
