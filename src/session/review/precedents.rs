//! Looking up how a text was settled so far, in the background.
//!
//! The search of the project finds the articles with the words, from the index where there
//! is one; of those that somebody has finished the sets are read and counted. What changes
//! afterwards, here or on disk, is counted anew for its articles alone.

use super::Session;
use crate::model::{AnnotationSet, AnnotatorName, ArticleId, Assignment, State};
use crate::review::Precedents;
use crate::session::search::sweep;
use crate::session::{SaveState, SessionError, Wake};
use crate::store::{ProjectFolder, StoreError, in_order};
use crate::text::{SearchPattern, occurrences_of_words};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, channel};

/// A text that is longer settles nothing for others.
const LONGEST: usize = 200;

/// What was asked for, and what is known of it so far.
#[derive(Debug)]
pub struct LookUp {
    /// The text.
    pub surface: String,
    /// How it was settled.
    pub precedents: Precedents,
    /// Whether every article has been looked at.
    pub is_complete: bool,
    /// For whom: another one may see other sets.
    by: AnnotatorName,
}

/// A look-up under way.
pub(super) struct LookUpJob {
    result: Receiver<Precedents>,
    /// The articles that are counted anew; none where all are.
    again: Option<BTreeSet<ArticleId>>,
    is_cancelled: Arc<AtomicBool>,
}

impl Drop for LookUpJob {
    fn drop(&mut self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }
}

impl Session {
    /// How the text was settled that was last asked for.
    pub fn precedents(&self) -> Option<&LookUp> {
        self.review.look_up.as_ref().filter(|known| known.by == *self.by())
    }

    pub(super) fn look_up(&mut self, surface: &str) -> Result<(), SessionError> {
        let surface = surface.split_whitespace().collect::<Vec<_>>().join(" ");
        if self.precedents().is_some_and(|known| known.surface == surface) {
            return Ok(());
        }
        self.review.looking = None;
        let pattern = SearchPattern::new(&surface).filter(|_| surface.len() <= LONGEST);
        let precedents = Precedents::default();
        let is_complete = pattern.is_none();
        let by = self.by().clone();
        self.review.look_up =
            Some(LookUp { surface: surface.clone(), precedents, is_complete, by });
        self.review.news.precedents.clear();
        let Some(pattern) = pattern else { return Ok(()) };
        if self.saver.state() != SaveState::Saved {
            // What is on its way to the disk is counted when it is there.
            let open = self.open.as_ref().map(|open| open.article.id().clone());
            self.review.news.precedents.extend(open);
        }
        let (targets, texts) = self.catalogue.all_targets();
        self.count_in(surface, None, move |search| {
            let silent: Wake = Arc::new(|| {});
            let hits = sweep::start(search.folder.clone(), targets, texts, pattern, silent);
            let found = hits.results.iter().flat_map(|(_, hits)| hits);
            found.map(|hit| hit.article).collect()
        });
        Ok(())
    }

    /// Counts in the background, in the articles that `find` finds or in these alone.
    fn count_in(
        &mut self,
        surface: String,
        again: Option<BTreeSet<ArticleId>>,
        find: impl FnOnce(&Looking) -> BTreeSet<ArticleId> + Send + 'static,
    ) {
        let is_cancelled = Arc::new(AtomicBool::new(false));
        let (sender, result) = channel();
        let search = Looking {
            folder: self.folder.clone(),
            by: self.by().clone(),
            assignment: Arc::clone(&self.review.assignment),
            surface,
            is_cancelled: Arc::clone(&is_cancelled),
        };
        let wake = Arc::clone(&self.wake);
        std::thread::spawn(move || {
            let articles = find(&search);
            // A session that is gone does not ask for it any more.
            let _ = sender.send(search.count(&articles).unwrap_or_default());
            wake();
        });
        self.review.looking = Some(LookUpJob { result, again, is_cancelled });
    }

    /// Counts anew in articles whose sets have changed, once all is on disk.
    fn look_again(&mut self) {
        let is_free = self.review.looking.is_none() && self.saver.state() == SaveState::Saved;
        let Some(known) = self.precedents().filter(|known| is_free && known.is_complete) else {
            return;
        };
        let surface = known.surface.clone();
        let articles = std::mem::take(&mut self.review.news.precedents);
        if articles.is_empty() || SearchPattern::new(&surface).is_none() || surface.len() > LONGEST
        {
            return;
        }
        let these = articles.clone();
        self.count_in(surface, Some(articles), move |_| these);
    }

    /// Takes in what was found. True when something changed.
    pub(super) fn poll_look_up(&mut self) -> bool {
        self.look_again();
        let Some(job) = self.review.looking.take() else { return false };
        match job.result.try_recv() {
            Ok(found) => {
                let Some(known) = &mut self.review.look_up else { return false };
                let before = known.precedents.clone();
                match &job.again {
                    Some(articles) => {
                        known.precedents.forget(articles);
                        known.precedents.add(found);
                    }
                    None => known.precedents = found,
                }
                let was_complete = std::mem::replace(&mut known.is_complete, true);
                !was_complete || known.precedents != before
            }
            Err(TryRecvError::Empty) => {
                self.review.looking = Some(job);
                false
            }
            Err(TryRecvError::Disconnected) => false,
        }
    }
}

struct Looking {
    folder: ProjectFolder,
    by: AnnotatorName,
    assignment: Arc<Assignment>,
    surface: String,
    is_cancelled: Arc<AtomicBool>,
}

impl Looking {
    /// Counts in articles with the words; what cannot be read is named elsewhere already.
    fn count(&self, articles: &BTreeSet<ArticleId>) -> Result<Precedents, StoreError> {
        let mut sets: BTreeMap<ArticleId, Vec<AnnotatorName>> = BTreeMap::new();
        for (article, annotator) in self.folder.annotated()? {
            if articles.contains(&article) {
                sets.entry(article).or_default().push(annotator);
            }
        }
        let sets: Vec<_> = sets.into_iter().collect();
        let mut precedents = Precedents::default();
        let read = |index: usize| {
            let (article, annotators) = &sets[index];
            self.read(article, annotators).unwrap_or_default()
        };
        in_order(sets.len(), read, |sets| {
            precedents.count(&self.surface, &sets);
            match self.is_cancelled.load(Ordering::Relaxed) {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        });
        Ok(precedents)
    }

    /// The sets of an article that whoever asks may see: their own always, others' and gold
    /// as the project has it.
    fn read(
        &self,
        article: &ArticleId,
        annotators: &[AnnotatorName],
    ) -> Result<Vec<AnnotationSet>, StoreError> {
        let article = Arc::new(self.folder.read_article(article)?);
        if occurrences_of_words(article.text(), &self.surface).is_empty() {
            return Ok(Vec::new());
        }
        let sets = annotators.iter().map(|name| Ok(self.folder.read_set(&article, name)?.set));
        let mut sets: Vec<_> = sets.collect::<Result<_, StoreError>>()?;
        let own = sets.iter().find(|set| *set.annotator() == self.by);
        let own = own.map_or(State::Unseen, AnnotationSet::state);
        let is_own = self.assignment.is_assigned(&self.by, article.id());
        if !self.assignment.may_compare(&self.by, article.id(), own) {
            // Gold is for everybody to learn from, but not about their own unfinished work.
            sets.retain(|set| {
                *set.annotator() == self.by || (set.annotator().is_gold() && !is_own)
            });
        }
        Ok(sets)
    }
}
