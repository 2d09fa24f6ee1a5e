//! Looking up how texts were settled so far, in the background.
//!
//! The search of the project finds the articles with the words, from the index where there
//! is one; of those that somebody has finished the sets are read and counted. What changes
//! afterwards, here or on disk, is counted anew for its articles alone. Selections change
//! faster than a project can be searched: there is one look-up at a time, it begins after a
//! rest, and it ends when its text is left.

use crate::model::{AnnotationSet, AnnotatorName, ArticleId, Assignment, State};
use crate::review::Precedents;
use crate::session::search::{Target, sweep};
use crate::session::{SaveState, Session, Wake};
use crate::store::{ProjectFolder, StoreError, Texts, in_order};
use crate::text::{SearchPattern, occurrences_of_words};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread::Thread;
use std::time::{Duration, Instant};

/// How long a text is selected before it is looked up.
const REST: Duration = Duration::from_millis(150);

/// How long to wait before a project is read again that was away.
const AGAIN: Duration = Duration::from_secs(2);

/// A text that is longer settles nothing for others.
const LONGEST: usize = 200;

/// What was asked for, and what is known of it so far.
#[derive(Debug)]
pub struct LookUp {
    /// The texts.
    pub surfaces: Vec<String>,
    /// How each of them was settled.
    pub precedents: Vec<Precedents>,
    /// Whether every article has been looked at.
    pub is_complete: bool,
    /// When the project could not be read the last time, which is tried again.
    failed: Option<Instant>,
    /// For whom: another one may see other sets.
    by: AnnotatorName,
}

/// A look-up under way; dropped, it ends.
pub(super) struct LookUpJob {
    result: Receiver<Result<Vec<Precedents>, StoreError>>,
    /// The articles that are counted anew; none where all are.
    again: Option<BTreeSet<ArticleId>>,
    is_left: Arc<AtomicBool>,
    thread: Thread,
}

impl LookUpJob {
    /// Has it end soon: its text was left, and nobody asks for what it finds.
    fn leave(&self) {
        self.is_left.store(true, Ordering::Relaxed);
        self.thread.unpark();
    }
}

impl Drop for LookUpJob {
    fn drop(&mut self) {
        self.leave();
    }
}

impl Session {
    /// How the texts were settled that were last asked for.
    pub fn precedents(&self) -> Option<&LookUp> {
        self.review.look_up.as_ref().filter(|known| known.by == *self.by())
    }

    /// Whether a text is being looked up.
    pub(super) fn is_looking_up(&self) -> bool {
        let waits = |known: &LookUp| !known.is_complete && known.failed.is_none();
        self.review.looking.is_some() || self.precedents().is_some_and(waits)
    }

    /// Has texts looked up, as soon as a look-up of others has ended.
    pub(super) fn look_up(&mut self, surfaces: &[String]) {
        let words = |surface: &String| surface.split_whitespace().collect::<Vec<_>>().join(" ");
        let surfaces: Vec<_> = surfaces.iter().map(words).collect();
        if self.precedents().is_some_and(|known| known.surfaces == surfaces) {
            if let Some(known) = &mut self.review.look_up {
                // What could not be read may be there again.
                known.failed = None;
            }
            return;
        }
        if let Some(job) = &self.review.looking {
            job.leave();
        }
        let (precedents, by) = (vec![Precedents::default(); surfaces.len()], self.by().clone());
        let is_complete = patterns(&surfaces).is_empty();
        self.review.look_up = Some(LookUp { surfaces, precedents, is_complete, failed: None, by });
        self.review.news.precedents.clear();
        if self.saver.state() != SaveState::Saved {
            // What is on its way to the disk is counted when it is there.
            let open = self.open.as_ref().map(|open| open.article.id().clone());
            self.review.news.precedents.extend(open);
        }
    }

    /// Starts the look-up that waits, or counts anew in articles whose sets have changed,
    /// once all is on disk.
    fn start_look_up(&mut self) {
        if self.review.looking.is_some() {
            return;
        }
        let Some(known) = self.precedents() else { return };
        if known.failed.is_some_and(|failed| failed.elapsed() < AGAIN) {
            return;
        }
        let (surfaces, is_complete) = (known.surfaces.clone(), known.is_complete);
        let patterns = patterns(&surfaces);
        if patterns.is_empty() {
            return;
        }
        if !is_complete {
            let (targets, texts) = self.catalogue.all_targets();
            self.count_in(surfaces, None, move |looking| {
                let find = |pattern| looking.find(targets.clone(), texts.clone(), pattern);
                patterns.into_iter().flat_map(find).collect()
            });
        } else if self.saver.state() == SaveState::Saved {
            let articles = std::mem::take(&mut self.review.news.precedents);
            if !articles.is_empty() {
                let these = articles.clone();
                self.count_in(surfaces, Some(articles), move |_| these);
            }
        }
    }

    /// Counts in the background, in the articles that `find` finds or in these alone.
    fn count_in(
        &mut self,
        surfaces: Vec<String>,
        again: Option<BTreeSet<ArticleId>>,
        find: impl FnOnce(&Looking) -> BTreeSet<ArticleId> + Send + 'static,
    ) {
        let is_left = Arc::new(AtomicBool::new(false));
        let (sender, result) = channel();
        let looking = Looking {
            folder: self.folder.clone(),
            by: self.by().clone(),
            assignment: Arc::clone(&self.review.assignment),
            surfaces,
            is_left: Arc::clone(&is_left),
        };
        let wake = Arc::clone(&self.wake);
        let started = std::thread::spawn(move || {
            std::thread::park_timeout(REST);
            let articles = find(&looking);
            // A session that is gone does not ask for it any more.
            let _ = sender.send(looking.count(&articles));
            wake();
        });
        let thread = started.thread().clone();
        self.review.looking = Some(LookUpJob { result, again, is_left, thread });
    }

    /// Takes in what was found. True when something changed.
    pub(super) fn poll_look_up(&mut self) -> bool {
        let has_changed = self.take_look_up();
        self.start_look_up();
        has_changed
    }

    fn take_look_up(&mut self) -> bool {
        let Some(job) = self.review.looking.take() else { return false };
        let found = match job.result.try_recv() {
            Ok(found) => found,
            Err(TryRecvError::Empty) => {
                self.review.looking = Some(job);
                return false;
            }
            // A thread that broke down found nothing, and would not the next time.
            Err(TryRecvError::Disconnected) => Ok(Vec::new()),
        };
        if job.is_left.load(Ordering::Relaxed) {
            return false;
        }
        let Some(known) = &mut self.review.look_up else { return false };
        known.failed = found.is_err().then(Instant::now);
        let Ok(found) = found else {
            // What is away is not settled, nor is it not.
            self.review.news.precedents.extend(job.again.iter().flatten().cloned());
            return false;
        };
        let before = known.precedents.clone();
        for precedents in &mut known.precedents {
            match &job.again {
                Some(articles) => precedents.forget(articles),
                None => *precedents = Precedents::default(),
            }
        }
        known.precedents.iter_mut().zip(found).for_each(|(known, found)| known.add(found));
        let was_complete = std::mem::replace(&mut known.is_complete, true);
        !was_complete || known.precedents != before
    }
}

/// What a text is searched with; none where it settles nothing for others.
fn pattern(surface: &str) -> Option<SearchPattern> {
    SearchPattern::new(surface).filter(|_| surface.len() <= LONGEST)
}

fn patterns(surfaces: &[String]) -> Vec<SearchPattern> {
    surfaces.iter().filter_map(|surface| pattern(surface)).collect()
}

struct Looking {
    folder: ProjectFolder,
    by: AnnotatorName,
    assignment: Arc<Assignment>,
    surfaces: Vec<String>,
    is_left: Arc<AtomicBool>,
}

impl Looking {
    fn is_left(&self) -> bool {
        self.is_left.load(Ordering::Relaxed)
    }

    /// The articles that have the words.
    fn find(
        &self,
        targets: Vec<Target>,
        texts: Option<Texts>,
        pattern: SearchPattern,
    ) -> BTreeSet<ArticleId> {
        if self.is_left() {
            return BTreeSet::new();
        }
        let silent: Wake = Arc::new(|| {});
        let hits = sweep::start(self.folder.clone(), targets, texts, pattern, silent);
        let found = hits.results.iter().take_while(|_| !self.is_left());
        found.flat_map(|(_, hits)| hits).map(|hit| hit.article).collect()
    }

    /// Counts in articles with the words; a file that cannot be read is named elsewhere
    /// already.
    ///
    /// # Errors
    /// When the project is away.
    fn count(&self, articles: &BTreeSet<ArticleId>) -> Result<Vec<Precedents>, StoreError> {
        let mut precedents = vec![Precedents::default(); self.surfaces.len()];
        if self.is_left() {
            return Ok(precedents);
        }
        let mut sets: BTreeMap<ArticleId, Vec<AnnotatorName>> = BTreeMap::new();
        for (article, annotator) in self.folder.annotated()? {
            if articles.contains(&article) {
                sets.entry(article).or_default().push(annotator);
            }
        }
        let sets: Vec<_> = sets.into_iter().collect();
        let read = |index: usize| {
            let (article, annotators) = &sets[index];
            self.read(article, annotators)
        };
        let mut away = None;
        in_order(sets.len(), read, |sets| {
            match sets {
                Ok(sets) => {
                    for (precedents, surface) in precedents.iter_mut().zip(&self.surfaces) {
                        if pattern(surface).is_some() {
                            precedents.count(surface, &sets);
                        }
                    }
                }
                Err(error) if error.is_passing() && !error.is_of_one_file() => away = Some(error),
                Err(_) => {}
            }
            match away.is_some() || self.is_left() {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        });
        away.map_or(Ok(precedents), Err)
    }

    /// The sets of an article that whoever asks may see: their own always, others' and gold
    /// as the project has it.
    fn read(
        &self,
        article: &ArticleId,
        annotators: &[AnnotatorName],
    ) -> Result<Vec<AnnotationSet>, StoreError> {
        let article = Arc::new(self.folder.read_article(article)?);
        let stands = |surface: &String| !occurrences_of_words(article.text(), surface).is_empty();
        if !self.surfaces.iter().any(stands) {
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
