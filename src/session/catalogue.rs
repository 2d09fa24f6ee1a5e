//! The article list: what is known of every article without opening it, filtered and
//! sorted. It is filled in the background while the window is already in use.
//!
//! A project may hold 100,000 articles, so nothing is done twice: the order is kept
//! apart from the filter, so that a letter typed into the filter sorts nothing; what
//! the filter looks through is kept in lower case once it is needed; an edit moves its
//! own article and no other; and while many articles are being read, the list takes them
//! in a few times a second instead of one by one.
//!
//! Where the project has an [index](crate::store::Index), the list is complete at once.
//! The [`keeper`] then looks for what has changed since, and keeps the index up.

mod filter;
mod keeper;
mod order;

use crate::model::{AnnotationSet, AnnotatorName, ArticleId, State};
use crate::store::{
    Index, Indexed, Problem, ProjectFolder, SetSummary, StoreError, Summary, TextPlace, Texts,
};
use keeper::{Keeper, News};
use order::compare;
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::saver::Wake;
use super::search::{Known, Target};
pub use filter::{Filter, Sort, StateFilter};

/// While articles are being read, the list takes them in no more often than this.
const PAUSE: Duration = Duration::from_millis(200);
/// And it takes no more than one part in this of the window's time.
const SHARE: u32 = 20;
/// What was read is taken in for no longer than this in one frame.
const SLICE: Duration = Duration::from_millis(4);
/// So many articles find their places in the list one by one; for more it is sorted.
const FEW: usize = 16;

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
        self.summary.as_ref().map_or(State::Unseen, |summary| summary.set.state)
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
        self.summary.as_ref().map_or(0, |summary| summary.set.annotations)
    }

    /// The headline, or the id until it is known.
    pub fn title(&self) -> &str {
        match &self.summary {
            Some(summary) if !summary.title.is_empty() => &summary.title,
            _ => self.id.as_str(),
        }
    }

    /// The outlet; empty until it is known.
    fn source(&self) -> &str {
        self.summary.as_ref().map_or("", |summary| &summary.source)
    }

    /// What the filter's words are looked for in.
    fn haystack(&self) -> String {
        format!("{} {} {}", self.title(), self.source(), self.id).to_lowercase()
    }
}

/// Every article of the project.
pub struct Catalogue {
    entries: Vec<Entry>,
    /// For each entry, where its text stands among the texts of the index.
    texts_at: Vec<Option<TextPlace>>,
    texts: Option<Texts>,
    /// For each entry, what the filter looks through; empty until it does.
    haystacks: Vec<String>,
    places: HashMap<ArticleId, usize>,
    filter: Filter,
    /// The articles that the annotator may see, where not all.
    only: Option<Arc<HashSet<ArticleId>>>,
    /// Every entry by id.
    by_id: Vec<usize>,
    /// Every entry in the order of the list, and those of them that pass the filter.
    order: Vec<usize>,
    visible: Vec<usize>,
    is_order_stale: bool,
    is_visible_stale: bool,
    /// Entries that have changed and are not in their places yet.
    news: HashSet<usize>,
    refreshed: Option<Instant>,
    /// What the list took to sort and sift last.
    cost: Duration,
    /// How many articles may be seen, and how many of them are done.
    listed: usize,
    done: usize,
    /// What edits have made of sets that may not be in the files yet.
    edited: HashMap<ArticleId, SetSummary>,
    /// What has changed and is not in the index yet.
    unindexed: HashSet<ArticleId>,
    problems: Vec<Problem>,
    keeper: Keeper,
    wake: Wake,
    reading: Option<Progress>,
    /// Whether the files are to be looked at once more when they have been.
    is_again_due: bool,
}

/// How far the background has come.
struct Progress {
    /// Whether it is known what has changed.
    is_checked: bool,
    read: usize,
    of: usize,
}

impl Catalogue {
    /// Lists the articles, with what the index knows of them, and starts reading the
    /// others in the background: first for this annotator, then for the others, so that
    /// the index has them. O(n); without an index it lists a folder, and then the names
    /// in there that are no articles are problems.
    ///
    /// # Errors
    /// When the folder of the articles cannot be read.
    pub fn start(
        folder: &ProjectFolder,
        annotator: &AnnotatorName,
        others: &[AnnotatorName],
        wake: &Wake,
    ) -> Result<Self, StoreError> {
        let (index, indexed) = Index::load(folder, Some(annotator));
        let is_loaded = index.is_loaded();
        let (mut problems, mut ids) = (Vec::new(), Vec::new());
        if !is_loaded {
            (ids, problems) = folder.article_ids()?;
        }
        let texts = index.texts();
        let others = others.iter().filter(|other| *other != annotator).cloned().collect();
        let mut catalogue = Self {
            entries: Vec::new(),
            texts_at: Vec::new(),
            texts,
            haystacks: Vec::new(),
            places: HashMap::with_capacity(indexed.len() + ids.len()),
            filter: Filter::default(),
            only: None,
            by_id: Vec::new(),
            order: Vec::new(),
            visible: Vec::new(),
            is_order_stale: true,
            is_visible_stale: true,
            news: HashSet::new(),
            refreshed: None,
            cost: Duration::ZERO,
            listed: 0,
            done: 0,
            edited: HashMap::new(),
            unindexed: HashSet::new(),
            problems,
            keeper: Keeper::start(index, others, Arc::clone(wake)),
            wake: Arc::clone(wake),
            reading: Some(Progress { is_checked: !is_loaded, read: 0, of: ids.len() }),
            is_again_due: false,
        };
        for Indexed { id, summary, place } in indexed {
            let entry = Entry { id, summary: Some(summary), fault: None };
            catalogue.append(entry, Some(place));
        }
        for id in ids {
            catalogue.append(Entry { id, summary: None, fault: None }, None);
        }
        catalogue.by_id = (0..catalogue.entries.len()).collect();
        Ok(catalogue)
    }

    /// Takes in what the background has read. True when something changed.
    pub fn poll(&mut self) -> bool {
        let began = Instant::now();
        let mut has_changed = false;
        while began.elapsed() < SLICE {
            let Some(news) = self.keeper.news() else { return has_changed };
            has_changed = true;
            self.take(news);
        }
        // There is more for the next frame.
        (self.wake)();
        has_changed
    }

    /// How many articles have been read of how many, while that goes on. Looking for
    /// what has changed since the index was written is not counted.
    pub fn progress(&self) -> Option<(usize, usize)> {
        let reading = self.reading.as_ref().filter(|reading| reading.of > 0);
        reading.map(|reading| (reading.read, reading.of))
    }

    /// Whether the background is still looking for what has changed, or reading it.
    pub fn is_reading(&self) -> bool {
        self.reading.is_some()
    }

    /// Whether it is known which articles there are, and which of them have to be read.
    pub fn is_checked(&self) -> bool {
        self.reading.as_ref().is_none_or(|reading| reading.is_checked)
    }

    /// Takes what was noticed in the folder of the articles.
    pub fn take_problems(&mut self) -> Vec<Problem> {
        std::mem::take(&mut self.problems)
    }

    /// Every article, by id but for those that came while the project was open.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Keeps the list to some articles, or to none in particular.
    pub(super) fn keep_to(&mut self, only: Option<Arc<HashSet<ArticleId>>>) {
        if self.only == only {
            return;
        }
        self.only = only;
        self.is_visible_stale = true;
        (self.listed, self.done) = (0, 0);
        for entry in &self.entries {
            let may_show = self.only.as_ref().is_none_or(|only| only.contains(&entry.id));
            self.listed += usize::from(may_show);
            self.done += usize::from(may_show && entry.state() == State::Done);
        }
    }

    /// What an article adds to those that are done.
    fn done_of(&self, entry: &Entry) -> usize {
        usize::from(self.may_show(&entry.id) && entry.state() == State::Done)
    }

    fn may_show(&self, id: &ArticleId) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(id))
    }

    /// The first article by id that may be seen.
    pub fn first(&self) -> Option<&Entry> {
        let mut entries = self.by_id.iter().filter_map(|place| self.entries.get(*place));
        entries.find(|entry| self.may_show(&entry.id))
    }

    /// One article.
    pub fn entry(&self, id: &ArticleId) -> Option<&Entry> {
        self.places.get(id).and_then(|place| self.entries.get(*place))
    }

    /// The articles that pass the filter, in its order. O(1) when nothing has changed,
    /// O(n) for an edit, without sorting.
    pub fn visible(&mut self) -> &[usize] {
        let pause = PAUSE.max(self.cost * SHARE);
        let is_due =
            self.reading.is_none() || self.refreshed.is_none_or(|at| at.elapsed() >= pause);
        if !self.news.is_empty() && is_due {
            let news = std::mem::take(&mut self.news);
            self.refreshed = Some(Instant::now());
            if news.len() > FEW {
                self.is_order_stale = true;
            } else if !self.is_order_stale {
                self.put_in_place(&news);
            }
        }
        if self.is_order_stale || self.is_visible_stale {
            let began = Instant::now();
            if self.is_order_stale {
                self.sort();
            }
            self.sift();
            self.cost = began.elapsed();
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
        if self.haystacks.is_empty() && !self.filter.text.trim().is_empty() {
            self.haystacks = self.entries.iter().map(Entry::haystack).collect();
        }
    }

    /// How many articles may be seen.
    pub fn listed(&self) -> usize {
        self.listed
    }

    /// How many of the articles that may be seen are done.
    pub fn done(&self) -> usize {
        self.done
    }

    /// The next article in the list after one that is not done, starting over at the end.
    pub fn next_unfinished(&mut self, after: Option<&ArticleId>) -> Option<ArticleId> {
        let start = after.and_then(|after| self.row_of(after)).map_or(0, |row| row + 1);
        let (before, from) = {
            self.visible();
            self.visible.split_at_checked(start)?
        };
        let (before, from) = (before.iter(), from.iter());
        // One that cannot be opened would be the next one for ever.
        let is_unfinished = |entry: &&Entry| {
            entry.fault.is_none() && entry.state() != State::Done && Some(&entry.id) != after
        };
        let mut rows = from.chain(before).filter_map(|place| self.entries.get(*place));
        rows.find(is_unfinished).map(|entry| entry.id.clone())
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
        let edited = SetSummary::of(set);
        let mut entry = self.entries[place].clone();
        if let Some(summary) = &mut entry.summary {
            summary.set = edited.clone();
        }
        if self.replace(place, entry) {
            self.news.insert(place);
        }
        self.edited.insert(id.clone(), edited);
        self.unindexed.insert(id.clone());
    }

    /// Adds an article that was just imported, or replaces what was known of it.
    pub fn add(&mut self, id: ArticleId, summary: Option<Summary>) {
        self.add_all(vec![(id, summary)]);
    }

    /// As [`Self::add`], for many; O(n log n) where there are new ones among them.
    pub fn add_all(&mut self, articles: Vec<(ArticleId, Option<Summary>)>) {
        let is_new = |id: &ArticleId| !self.places.contains_key(id);
        let new: Vec<_> =
            articles.iter().map(|(id, _)| id).filter(|id| is_new(id)).cloned().collect();
        self.append_new(&new);
        for (id, summary) in articles {
            self.unindexed.insert(id.clone());
            self.fill(Entry { id, summary, fault: None });
        }
    }

    /// Everything that was edited is in the files by now, so that the index may follow.
    pub fn all_saved(&mut self) {
        if self.reading.is_some() || self.unindexed.is_empty() {
            return;
        }
        // What is read from now on has the edits in it.
        self.edited.clear();
        self.keeper.reread(std::mem::take(&mut self.unindexed).into_iter().collect());
    }

    /// Looks at every file from outside and reads again what has changed, in the
    /// background; edits that are not in the files yet are not lost.
    pub fn look_again(&mut self) {
        // What is being looked at may have been read before it changed.
        self.is_again_due = self.reading.is_some();
        if !self.is_again_due {
            self.reading = Some(Progress { is_checked: true, read: 0, of: 0 });
            self.keeper.look_again();
        }
    }

    /// As [`Self::look_again`], after something else than an edit changed sets whose edits were
    /// all in the files: what these had made of them counts no more.
    pub fn look_again_at_edited(&mut self) {
        self.edited.clear();
        self.look_again();
    }

    /// What a search of the whole project goes through, in the order of the ids: what may be
    /// seen; O(n).
    pub(super) fn targets(&self) -> (Vec<Target>, Option<Texts>) {
        let (mut targets, texts) = self.all_targets();
        targets.retain(|target| self.may_show(&target.id));
        (targets, texts)
    }

    /// Every article, with where the index has its text; O(n).
    pub(super) fn all_targets(&self) -> (Vec<Target>, Option<Texts>) {
        let target = |place: &usize| {
            let entry = &self.entries[*place];
            let known = entry.summary.as_ref().zip(self.texts_at[*place]);
            let text = known.map(|(known, place)| Known {
                title: Arc::clone(&known.title),
                hash: known.hash,
                place,
            });
            Target { id: entry.id.clone(), text }
        };
        (self.by_id.iter().map(target).collect(), self.texts.clone())
    }

    fn take(&mut self, news: News) {
        match news {
            News::Listed { changed, gone, problems } => {
                self.problems.extend(problems);
                self.remove(&gone);
                self.append_new(&changed);
                if let Some(reading) = &mut self.reading {
                    (reading.is_checked, reading.of) = (true, changed.len());
                }
            }
            News::Read(entries) => {
                if let Some(reading) = &mut self.reading {
                    reading.read += entries.len();
                }
                entries.into_iter().for_each(|entry| self.fill(entry));
            }
            News::Texts(texts, places) => {
                if texts.is_none() {
                    self.texts_at.fill(None);
                }
                self.texts = texts;
                for (id, at) in places {
                    if let Some(place) = self.places.get(&id) {
                        self.texts_at[*place] = Some(at);
                    }
                }
            }
            News::Over => {
                self.reading = None;
                if self.is_again_due {
                    self.look_again();
                }
            }
        }
    }

    fn append(&mut self, entry: Entry, text: Option<TextPlace>) {
        self.places.insert(entry.id.clone(), self.entries.len());
        self.listed += usize::from(self.may_show(&entry.id));
        self.done += self.done_of(&entry);
        if !self.haystacks.is_empty() {
            self.haystacks.push(entry.haystack());
        }
        self.entries.push(entry);
        self.texts_at.push(text);
    }

    /// Lists articles that are not in the list yet; O(n), however many they are.
    fn append_new(&mut self, ids: &[ArticleId]) {
        let before = self.entries.len();
        for id in ids {
            if !self.places.contains_key(id) {
                self.append(Entry { id: id.clone(), summary: None, fault: None }, None);
            }
        }
        if self.entries.len() > before {
            self.by_id.extend(before..self.entries.len());
            self.by_id.sort_by(|a, b| self.entries[*a].id.cmp(&self.entries[*b].id));
            self.is_order_stale = true;
        }
    }

    /// Puts an entry in place of another; whether its place in the list may be another.
    fn replace(&mut self, place: usize, entry: Entry) -> bool {
        let words = self.filter.words();
        let was_shown = self.admits(place, &words);
        let before = std::mem::replace(&mut self.entries[place], entry);
        let now = &self.entries[place];
        self.done = self.done + self.done_of(now) - self.done_of(&before);
        let is_same_text = before.summary.as_ref().map(|summary| summary.hash)
            == now.summary.as_ref().map(|summary| summary.hash);
        if !is_same_text {
            self.texts_at[place] = None;
        }
        let has_same_words = before.title() == now.title()
            && before.summary.as_ref().map(|summary| &summary.source)
                == now.summary.as_ref().map(|summary| &summary.source);
        if !has_same_words && let Some(haystack) = self.haystacks.get_mut(place) {
            *haystack = now.haystack();
        }
        let is_same_key = compare(&before, now, self.filter.sort) == Ordering::Equal;
        !is_same_key || was_shown != self.admits(place, &words)
    }

    fn fill(&mut self, mut entry: Entry) {
        if let Some((edited, summary)) = self.edited.get(&entry.id).zip(entry.summary.as_mut()) {
            summary.set = edited.clone();
        }
        if let Some(place) = self.places.get(&entry.id).copied() {
            if self.replace(place, entry) {
                self.news.insert(place);
            }
            return;
        }
        let place = self.entries.len();
        let at = self.by_id.partition_point(|other| self.entries[*other].id < entry.id);
        self.by_id.insert(at, place);
        self.append(entry, None);
        self.news.insert(place);
    }

    /// Forgets articles that are gone; O(n).
    pub(super) fn remove(&mut self, gone: &[ArticleId]) {
        if gone.is_empty() {
            return;
        }
        let gone: HashSet<_> = gone.iter().collect();
        let old = std::mem::take(&mut self.entries);
        let texts_at = std::mem::take(&mut self.texts_at);
        self.places.clear();
        self.haystacks.clear();
        self.news.clear();
        (self.listed, self.done) = (0, 0);
        for (entry, text) in old.into_iter().zip(texts_at) {
            if !gone.contains(&entry.id) {
                self.append(entry, text);
            }
        }
        if !self.filter.text.trim().is_empty() {
            self.haystacks = self.entries.iter().map(Entry::haystack).collect();
        }
        self.by_id = (0..self.entries.len()).collect();
        self.by_id.sort_by(|a, b| self.entries[*a].id.cmp(&self.entries[*b].id));
        self.is_order_stale = true;
    }
}

#[cfg(test)]
mod tests;
