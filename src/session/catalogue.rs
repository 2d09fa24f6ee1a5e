//! The article list: what is known of every article without opening it, filtered and
//! sorted. It is filled in the background while the window is already in use.

use crate::model::{AnnotationSet, AnnotatorName, ArticleId, LabelId, State};
use crate::store::{ProjectFolder, Summary, summary};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};

use super::saver::Wake;

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
}

/// Which states the list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StateFilter {
    /// All of them.
    #[default]
    Any,
    /// Never annotated.
    Unseen,
    /// Begun and not finished.
    InProgress,
    /// Finished with at least one annotation.
    Done,
    /// Finished, and nothing was there to mark.
    DoneAndEmpty,
    /// Not finished.
    Unfinished,
}

impl StateFilter {
    /// The filters in the order of their menu.
    pub const ALL: [Self; 6] = [
        Self::Any,
        Self::Unfinished,
        Self::Unseen,
        Self::InProgress,
        Self::Done,
        Self::DoneAndEmpty,
    ];

    /// What the menu shows.
    pub fn name(self) -> &'static str {
        match self {
            Self::Any => "Any state",
            Self::Unseen => "Unseen",
            Self::InProgress => "In progress",
            Self::Done => "Done",
            Self::DoneAndEmpty => "Done and empty",
            Self::Unfinished => "Unfinished",
        }
    }

    fn admits(self, entry: &Entry) -> bool {
        let state = entry.state();
        match self {
            Self::Any => true,
            Self::Unseen => state == State::Unseen,
            Self::InProgress => state == State::InProgress,
            Self::Done => state == State::Done && entry.annotations() > 0,
            Self::DoneAndEmpty => state == State::Done && entry.annotations() == 0,
            Self::Unfinished => state != State::Done,
        }
    }
}

/// The order of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// By id, as the folder has them.
    #[default]
    Name,
    /// By headline.
    Title,
    /// By day, the newest first.
    Newest,
    /// By day, the oldest first.
    Oldest,
    /// By outlet.
    Source,
    /// Unfinished ones first.
    State,
    /// The most annotations first.
    MostAnnotations,
    /// The longest text first.
    Longest,
}

impl Sort {
    /// The orders in the order of their menu.
    pub const ALL: [Self; 8] = [
        Self::Name,
        Self::Title,
        Self::Newest,
        Self::Oldest,
        Self::Source,
        Self::State,
        Self::MostAnnotations,
        Self::Longest,
    ];

    /// What the menu shows.
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "File name",
            Self::Title => "Headline",
            Self::Newest => "Newest first",
            Self::Oldest => "Oldest first",
            Self::Source => "Source",
            Self::State => "State",
            Self::MostAnnotations => "Most annotations",
            Self::Longest => "Longest first",
        }
    }
}

/// Which articles the list shows, and in which order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Words that title, source or id must hold.
    pub text: String,
    /// Which states.
    pub state: StateFilter,
    /// A label that at least one annotation must have.
    pub label: Option<LabelId>,
    /// The order.
    pub sort: Sort,
}

impl Filter {
    /// Whether anything is left out.
    pub fn is_narrowing(&self) -> bool {
        !self.text.trim().is_empty() || self.state != StateFilter::Any || self.label.is_some()
    }

    fn admits(&self, entry: &Entry, words: &[String]) -> bool {
        if !self.state.admits(entry) {
            return false;
        }
        if let Some(label) = &self.label {
            let has =
                entry.summary.as_ref().is_some_and(|found| found.by_label.contains_key(label));
            if !has {
                return false;
            }
        }
        let source = entry.summary.as_ref().map_or("", |summary| &summary.source);
        let haystack = format!("{} {source} {}", entry.title(), entry.id).to_lowercase();
        words.iter().all(|word| haystack.contains(word))
    }
}

/// Every article of the project.
pub struct Catalogue {
    entries: Vec<Entry>,
    places: HashMap<ArticleId, usize>,
    filter: Filter,
    visible: Vec<usize>,
    is_stale: bool,
    scan: Option<Scan>,
}

struct Scan {
    results: Receiver<Entry>,
    is_cancelled: Arc<AtomicBool>,
    is_read: usize,
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
            places: HashMap::new(),
            filter: Filter::default(),
            visible: Vec::new(),
            is_stale: true,
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
                    scan.is_read += 1;
                    has_changed = true;
                    self.fill(entry);
                }
                Err(std::sync::mpsc::TryRecvError::Empty) => {
                    self.scan = Some(scan);
                    break;
                }
                Err(std::sync::mpsc::TryRecvError::Disconnected) => break,
            }
        }
        self.is_stale |= has_changed;
        has_changed
    }

    /// How many articles have been read of how many, while that goes on.
    pub fn progress(&self) -> Option<(usize, usize)> {
        self.scan.as_ref().map(|scan| (scan.is_read, self.entries.len()))
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
        if self.is_stale {
            self.refresh();
        }
        &self.visible
    }

    /// The filter.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Changes the filter.
    pub fn set_filter(&mut self, filter: Filter) {
        self.is_stale |= filter != self.filter;
        self.filter = filter;
    }

    /// How many articles are done.
    pub fn done(&self) -> usize {
        self.entries.iter().filter(|entry| entry.state() == State::Done).count()
    }

    /// The next article in the list after one that is not done, starting over at the end.
    pub fn next_unfinished(&mut self, after: Option<&ArticleId>) -> Option<ArticleId> {
        let order = self.order_after(after);
        let unfinished =
            |id: &&ArticleId| self.entry(id).is_some_and(|entry| entry.state() != State::Done);
        order.iter().find(unfinished).cloned()
    }

    /// The article below or above one in the list.
    pub fn neighbour(&mut self, of: &ArticleId, is_below: bool) -> Option<ArticleId> {
        self.visible();
        let here = self.visible.iter().position(|place| self.entries[*place].id == *of);
        let there = match here {
            Some(here) if is_below => here.checked_add(1),
            Some(here) => here.checked_sub(1),
            None => Some(0),
        };
        let place = self.visible.get(there?)?;
        Some(self.entries[*place].id.clone())
    }

    /// Brings the entry of a set up to date after an edit.
    pub fn update(&mut self, set: &AnnotationSet) {
        let place = self.places.get(set.article().id()).copied();
        let Some(entry) = place.and_then(|place| self.entries.get_mut(place)) else { return };
        if let Some(summary) = &mut entry.summary {
            summary.state = set.state();
            summary.annotations = set.len();
            summary.by_label = count_labels(set);
            self.is_stale = true;
        }
    }

    /// Adds an article that was just imported, or replaces what was known of it.
    pub fn add(&mut self, id: ArticleId, summary: Option<Summary>) {
        self.fill(Entry { id, summary, fault: None });
        self.is_stale = true;
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
        self.entries.push(entry);
    }

    fn fill(&mut self, entry: Entry) {
        match self.places.get(&entry.id) {
            Some(place) => self.entries[*place] = entry,
            None => self.insert(entry),
        }
    }

    fn refresh(&mut self) {
        let words: Vec<_> =
            self.filter.text.to_lowercase().split_whitespace().map(str::to_owned).collect();
        let mut visible: Vec<usize> = (0..self.entries.len())
            .filter(|place| self.filter.admits(&self.entries[*place], &words))
            .collect();
        visible.sort_by(|a, b| compare(&self.entries[*a], &self.entries[*b], self.filter.sort));
        self.visible = visible;
        self.is_stale = false;
    }
}

fn compare(a: &Entry, b: &Entry, sort: Sort) -> std::cmp::Ordering {
    let date = |entry: &Entry| entry.summary.as_ref().and_then(|summary| summary.date);
    let source = |entry: &Entry| {
        entry.summary.as_ref().map(|summary| summary.source.to_lowercase()).unwrap_or_default()
    };
    let chars = |entry: &Entry| entry.summary.as_ref().map_or(0, |summary| summary.chars.0);
    let by_sort = match sort {
        Sort::Name => std::cmp::Ordering::Equal,
        Sort::Title => a.title().to_lowercase().cmp(&b.title().to_lowercase()),
        Sort::Newest => date(b).cmp(&date(a)),
        Sort::Oldest => date(a).cmp(&date(b)),
        Sort::Source => source(a).cmp(&source(b)),
        Sort::State => a.state().cmp(&b.state()),
        Sort::MostAnnotations => b.annotations().cmp(&a.annotations()),
        Sort::Longest => chars(b).cmp(&chars(a)),
    };
    by_sort.then_with(|| a.id.cmp(&b.id))
}

/// How many annotations of a set have each label.
pub fn count_labels(set: &AnnotationSet) -> BTreeMap<LabelId, usize> {
    let mut counts = BTreeMap::new();
    for annotation in set.annotations() {
        *counts.entry(annotation.label.clone()).or_default() += 1;
    }
    counts
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
    });
    Scan { results, is_cancelled, is_read: 0 }
}
