//! Search in the open article and across the project.
//!
//! The open article is searched at once; the project is searched in the background, hits
//! appear as they are found, and a new search or closing the list ends the old one. Where
//! an index keeps the texts of all articles in one file, that is searched instead of the
//! articles' own files; what is found, and in which order, is the same.

pub(super) mod sweep;

use super::article::OpenArticle;
use super::saver::Wake;
use crate::model::ArticleId;
use crate::store::{ProjectFolder, Texts};
use crate::text::{SearchPattern, TextRange};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError};
pub(super) use sweep::{Known, Target};

/// More hits than this are not listed; the list says so.
const MOST_HITS: usize = 10_000;
/// The characters of context kept on either side of a hit.
const CONTEXT: usize = 60;

/// One place that a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The article.
    pub article: ArticleId,
    /// Its headline.
    pub title: Arc<str>,
    /// Where in its text.
    pub range: TextRange,
    /// The words before the hit.
    pub before: String,
    /// The hit as it stands in the text.
    pub found: String,
    /// The words after the hit.
    pub after: String,
}

/// A search and what it has found so far.
#[derive(Default)]
pub struct Search {
    query: String,
    pattern: Option<SearchPattern>,
    is_project: bool,
    hits: Vec<Hit>,
    /// The places in the open article, for painting.
    here: Vec<TextRange>,
    current: Option<usize>,
    job: Option<Job>,
    /// Whether the project is to be searched as soon as it is known what is in it.
    is_due: bool,
    progress: (usize, usize),
    open: Option<ArticleId>,
    revision: u64,
}

pub(super) struct Job {
    pub(super) results: Receiver<(usize, Vec<Hit>)>,
    is_cancelled: Arc<AtomicBool>,
}

impl Drop for Job {
    fn drop(&mut self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }
}

impl Search {
    /// What is looked for.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// Whether every article is searched.
    pub fn is_project(&self) -> bool {
        self.is_project
    }

    /// The hits found so far, in the order of articles and text.
    pub fn hits(&self) -> &[Hit] {
        &self.hits
    }

    /// The places in the open article.
    pub fn here(&self) -> &[TextRange] {
        &self.here
    }

    /// The hit that was gone to last.
    pub fn current(&self) -> Option<usize> {
        self.current
    }

    /// How many articles have been searched of how many, while that goes on.
    pub fn progress(&self) -> Option<(usize, usize)> {
        (self.is_due || self.job.is_some()).then_some(self.progress)
    }

    /// Whether there were more hits than are listed.
    pub fn is_cut(&self) -> bool {
        self.hits.len() >= MOST_HITS
    }

    /// Counts up whenever the hits change: what was made from one revision's hits holds
    /// until the next.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Ends the search; what it has found so far stays.
    pub(super) fn stop(&mut self) {
        self.job = None;
        self.is_due = false;
    }

    pub(super) fn set_current(&mut self, hit: usize) {
        self.current = Some(hit);
    }

    pub(super) fn find_here(&mut self, query: &str, open: Option<&OpenArticle>) {
        self.begin(query, false);
        self.article_opened(open);
    }

    /// Begins a search of the project, which waits for [`Self::start`].
    pub(super) fn find_everywhere(&mut self, query: &str, open: Option<&OpenArticle>) {
        self.begin(query, true);
        self.article_opened(open);
        self.is_due = self.pattern.is_some();
    }

    /// Whether a search of the project waits for [`Self::start`].
    pub(super) fn is_due(&self) -> bool {
        self.is_due
    }

    /// Starts the search that waits, in these articles in this order.
    pub(super) fn start(
        &mut self,
        folder: &ProjectFolder,
        targets: Vec<Target>,
        texts: Option<Texts>,
        wake: &Wake,
    ) {
        self.is_due = false;
        if let Some(pattern) = &self.pattern {
            self.progress = (0, targets.len());
            let (folder, pattern) = (folder.clone(), pattern.clone());
            self.job = Some(sweep::start(folder, targets, texts, pattern, Arc::clone(wake)));
        }
    }

    /// Finds the places in an article that was just opened.
    pub(super) fn article_opened(&mut self, open: Option<&OpenArticle>) {
        self.revision += 1;
        self.here.clear();
        if !self.is_project {
            self.hits.clear();
            self.current = None;
        }
        self.open = open.map(|open| open.article.id().clone());
        let Some((pattern, open)) = self.pattern.as_ref().zip(open) else { return };
        let text = open.article.text();
        self.here = pattern.find_all(text).take(MOST_HITS).collect();
        if !self.is_project {
            let title: Arc<str> = open.article.meta().title.as_str().into();
            let hit = |range: &TextRange| hit(open.article.id(), &title, text, *range);
            self.hits = self.here.iter().map(hit).collect();
        }
    }

    /// Takes in what the background has found. True when something changed.
    pub(super) fn poll(&mut self) -> bool {
        let Some(job) = self.job.take() else { return false };
        let mut has_changed = false;
        let mut is_over = false;
        loop {
            match job.results.try_recv() {
                Ok((searched, hits)) => {
                    self.progress.0 = searched;
                    self.hits.extend(hits);
                    has_changed = true;
                }
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => {
                    is_over = true;
                    break;
                }
            }
        }
        self.revision += u64::from(has_changed);
        self.hits.truncate(MOST_HITS);
        if !is_over && !self.is_cut() {
            self.job = Some(job);
        }
        has_changed || is_over
    }

    /// The hit after or before the current one, starting over at the end.
    pub(super) fn neighbour(&self, is_next: bool) -> Option<usize> {
        let count = self.hits.len();
        let step = if is_next { 1 } else { count.checked_sub(1)? };
        match self.current {
            _ if count == 0 => None,
            Some(current) => Some((current + step) % count),
            None if is_next => Some(0),
            None => Some(count - 1),
        }
    }

    fn begin(&mut self, query: &str, is_project: bool) {
        let open = self.open.take();
        *self = Self {
            query: query.to_owned(),
            pattern: SearchPattern::new(query),
            is_project,
            open,
            revision: self.revision + 1,
            ..Self::default()
        };
    }
}

fn hit(article: &ArticleId, title: &Arc<str>, text: &str, range: TextRange) -> Hit {
    let (start, end) = (usize::from(range.start()), usize::from(range.end()));
    // No further than the context reaches: a paragraph may be a million characters long.
    let before: Vec<char> =
        text[..start].chars().rev().take_while(|c| *c != '\n').take(CONTEXT).collect();
    Hit {
        article: article.clone(),
        title: Arc::clone(title),
        range,
        before: before.into_iter().rev().collect(),
        found: text[start..end].replace('\n', " "),
        after: text[end..].chars().take_while(|c| *c != '\n').take(CONTEXT).collect(),
    }
}

#[cfg(test)]
mod tests;
