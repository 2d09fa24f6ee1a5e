//! Decisions about many cases at once: made in the background, carried out as one step.
//!
//! What cannot be read is left out and named, and keeps nothing else from being decided.
//! Nothing of a decision that is stopped is done.

use super::reading::{Reviewed, Scope, review_article};
use super::{CaseKey, Session};
use crate::edit::Transaction;
use crate::model::{AnnotationSet, AnnotatorName, Article, ArticleId, IdSource, Mention, Span};
use crate::review::{Adjudication, Case, Decision, Standing};
use crate::session::steps::SetChange;
use crate::session::{Notice, SessionError, Wake};
use crate::store::{ProjectFolder, StoreError, in_order};
use crate::text::{TextRange, TextSize};
use std::collections::{BTreeMap, HashMap};
use std::ops::{ControlFlow, Range};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};

/// The files that could not be read and are named one by one.
const NAMED: usize = 3;

impl Session {
    pub(super) fn accept_agreeing_everywhere(
        &mut self,
        at_least: usize,
    ) -> Result<(), SessionError> {
        self.start_bulk(Order::Agreeing(at_least), None)
    }

    pub(super) fn decide_alike(
        &mut self,
        keys: Vec<CaseKey>,
        decision: Decision,
    ) -> Result<(), SessionError> {
        let pattern = match (&decision, keys.first()) {
            (Decision::Edited { span, .. }, Some(model)) => Some(self.pattern(model, span)?),
            _ => None,
        };
        let mut tasks: BTreeMap<ArticleId, Vec<Seen>> = BTreeMap::new();
        for key in keys {
            let Some(entry) = self.review.docket.entry(&key) else { continue };
            let seen = (key, entry.mentions.clone());
            tasks.entry(entry.key.article.clone()).or_default().push(seen);
        }
        self.start_bulk(Order::Alike(decision, pattern), Some(tasks.into_iter().collect()))
    }

    /// What a span that was edited in one case is in others like it.
    fn pattern(&self, model: &CaseKey, span: &Span) -> Result<Pattern, SessionError> {
        self.ensure_read()?;
        let gone = SessionError::Missing("the case is gone; look at the list again");
        let review = self.open_review().filter(|open| *open.article().id() == model.article);
        let entry = self.review.docket.entry(model).zip(review);
        let (entry, review) = entry.ok_or(gone)?;
        let from = entry.extent.start();
        Ok(Pattern { from, texts: texts(span.ranges(), review.article()).collect() })
    }

    fn start_bulk(&mut self, order: Order, tasks: Option<Vec<Task>>) -> Result<(), SessionError> {
        self.ensure_not_deciding()?;
        self.ensure_writing()?;
        let own = self.sets.iter().filter(|((_, annotator), _)| annotator.is_gold());
        let worker = Worker {
            folder: self.folder.clone(),
            scope: self.scope(1),
            by: self.by().clone(),
            gold: own.map(|((article, _), set)| (article.clone(), set.clone())).collect(),
            order,
        };
        self.review.bulk = Some(worker.start(tasks, Arc::clone(&self.wake)));
        Ok(())
    }

    /// Carries out what was decided in the background, as one step. True when it is over.
    pub(super) fn poll_bulk(&mut self) -> bool {
        let Some(mut bulk) = self.review.bulk.take() else { return false };
        loop {
            match bulk.results.try_recv() {
                Ok(Ok(decided)) => bulk.decided.extend(decided),
                Ok(Err(error)) => bulk.unread.push(error),
                Err(TryRecvError::Empty) => {
                    self.review.bulk = Some(bulk);
                    return false;
                }
                Err(TryRecvError::Disconnected) => break,
            }
        }
        if let Err(error) = self.carry_out(std::mem::take(&mut bulk.decided), &bulk.order) {
            self.notify(Notice::error(error));
        }
        if let Some(words) = unread_words(&bulk.unread) {
            self.notify(Notice::warning(words));
        }
        true
    }

    fn carry_out(&mut self, decided: Vec<Decided>, order: &Order) -> Result<(), SessionError> {
        let cases = decided.iter().map(|decided| decided.cases).sum();
        let mut changes: Vec<SetChange> = Vec::with_capacity(decided.len());
        for Decided { article, gold, transaction, .. } in decided {
            let key = (article, AnnotatorName::gold());
            self.sets.entry(key.clone()).or_insert(gold);
            changes.push((key, transaction));
        }
        let what = match order {
            Order::Agreeing(_) => accepted_words(cases),
            Order::Alike(Decision::Reject, _) => format!("Reject {}", cases_words(cases)),
            Order::Alike(..) => format!("Settle {}", cases_words(cases)),
        };
        let done = what.replacen("Accept", "Accepted", 1).replacen("Reject", "Rejected", 1);
        let done = done.replacen("Settle", "Settled", 1);
        self.run_step(what, changes, None)?;
        self.notify(Notice::info(done));
        Ok(())
    }
}

fn cases_words(cases: usize) -> String {
    format!("{cases} case{} alike", if cases == 1 { "" } else { "s" })
}

/// What accepting is called as a step.
pub(super) fn accepted_words(cases: usize) -> String {
    format!("Accept {cases} agreeing case{}", if cases == 1 { "" } else { "s" })
}

/// What was left out because it could not be read, by its files.
fn unread_words(unread: &[StoreError]) -> Option<String> {
    if unread.is_empty() {
        return None;
    }
    let named: Vec<_> = unread.iter().take(NAMED).map(ToString::to_string).collect();
    let more = match unread.len() - named.len() {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    Some(format!("Left out, because it cannot be read: {}{more}", named.join("; ")))
}

/// A case, and what it was about when the reviewer looked at it.
type Seen = (CaseKey, Vec<Mention>);

/// An article with the cases of it that are to be decided; none for all that agree.
type Task = (ArticleId, Vec<Seen>);

/// What is decided about many cases.
#[derive(Clone, Debug)]
enum Order {
    /// Each of the named cases alike, as far as it is open; an edited one by its pattern.
    Alike(Decision, Option<Pattern>),
    /// Every open case that at least so many annotators agree on.
    Agreeing(usize),
}

/// An edited span, as it can be found again in a case that is exactly alike.
#[derive(Clone, Debug)]
struct Pattern {
    /// Where the case begins that it was edited in.
    from: TextSize,
    /// The text of each of its ranges.
    texts: Vec<String>,
}

impl Pattern {
    /// The span in another case; `None` where the words around it are others, so that it
    /// would not be the same.
    fn span_in(&self, span: &Span, case: &Case, article: &Article) -> Option<Span> {
        let by = i64::from(u32::from(case.extent.start())) - i64::from(u32::from(self.from));
        let moved = |at: TextSize| -> Option<TextSize> {
            u32::try_from(i64::from(u32::from(at)) + by).ok().map(TextSize::new)
        };
        let range = |range: &TextRange| {
            let (start, end) = (moved(range.start())?, moved(range.end())?);
            (start <= end).then(|| TextRange::new(start, end))
        };
        let ranges: Vec<_> = span.ranges().iter().map(range).collect::<Option<_>>()?;
        let is_same = texts(&ranges, article).eq(self.texts.iter().cloned());
        is_same.then(|| Span::from_ranges(ranges).ok()).flatten()
    }
}

/// The texts of some ranges; empty where there is no such range.
fn texts(ranges: &[TextRange], article: &Article) -> impl Iterator<Item = String> {
    let text = |range: &TextRange| article.text().get(Range::<usize>::from(*range));
    ranges.iter().map(move |range| text(range).unwrap_or_default().to_owned())
}

/// What was decided in one article.
struct Decided {
    article: ArticleId,
    /// The gold set that it was decided for.
    gold: AnnotationSet,
    transaction: Transaction,
    cases: usize,
}

/// What became of one article.
type Outcome = Result<Option<Decided>, StoreError>;

/// Decisions under way.
pub(super) struct Bulk {
    results: Receiver<Outcome>,
    decided: Vec<Decided>,
    unread: Vec<StoreError>,
    order: Order,
    /// The articles that are done, and all.
    progress: Arc<(AtomicUsize, AtomicUsize)>,
    is_cancelled: Arc<AtomicBool>,
}

impl Bulk {
    pub(super) fn progress(&self) -> (usize, usize) {
        let (done, of) = &*self.progress;
        (done.load(Ordering::Relaxed), of.load(Ordering::Relaxed))
    }
}

impl Drop for Bulk {
    fn drop(&mut self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }
}

/// Makes the transactions of many articles, on threads of its own.
struct Worker {
    folder: ProjectFolder,
    scope: Scope,
    by: AnnotatorName,
    /// The gold sets in memory, which may be ahead of their files.
    gold: HashMap<ArticleId, AnnotationSet>,
    order: Order,
}

impl Worker {
    fn start(self, tasks: Option<Vec<Task>>, wake: Wake) -> Bulk {
        let (sender, results) = channel();
        let progress = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
        let is_cancelled = Arc::<AtomicBool>::default();
        let bulk = Bulk {
            results,
            decided: Vec::new(),
            unread: Vec::new(),
            order: self.order.clone(),
            progress: Arc::clone(&progress),
            is_cancelled: Arc::clone(&is_cancelled),
        };
        std::thread::spawn(move || {
            match tasks.map_or_else(|| self.every_article(), Ok) {
                Ok(tasks) => self.run(&tasks, &sender, &progress, &is_cancelled),
                // A session that is gone does not ask for it any more.
                Err(error) => drop(sender.send(Err(error))),
            }
            drop(sender);
            wake();
        });
        bulk
    }

    /// Every article that somebody has begun.
    fn every_article(&self) -> Result<Vec<Task>, StoreError> {
        let mut articles: Vec<_> =
            self.folder.annotated()?.into_iter().map(|(article, _)| (article, vec![])).collect();
        articles.dedup();
        Ok(articles)
    }

    fn run(
        &self,
        tasks: &[Task],
        sender: &Sender<Outcome>,
        (done, of): &(AtomicUsize, AtomicUsize),
        is_cancelled: &AtomicBool,
    ) {
        of.store(tasks.len(), Ordering::Relaxed);
        let work = |index: usize| {
            let (article, seen) = &tasks[index];
            self.article(article, seen)
        };
        in_order(tasks.len(), work, |decided| {
            done.fetch_add(1, Ordering::Relaxed);
            let is_over = is_cancelled.load(Ordering::Relaxed) || sender.send(decided).is_err();
            if is_over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
    }

    fn article(&self, id: &ArticleId, seen: &[Seen]) -> Outcome {
        let scope = &self.scope;
        let Some(reviewed) = review_article(&self.folder, id, &scope.annotators, scope)? else {
            return Ok(None);
        };
        let gold = match self.gold.get(id) {
            Some(gold) => gold.clone(),
            None => self.folder.read_set(&reviewed.article, &AnnotatorName::gold())?.set,
        };
        let sets: Vec<_> = reviewed.sets.iter().collect();
        let mut adjudication = Adjudication::new(&reviewed.comparison, &sets, &gold);
        let cases = self.decide(&mut adjudication, &reviewed, seen);
        let transaction = adjudication.into_transaction();
        let article = id.clone();
        Ok((cases > 0).then_some(Decided { article, gold, transaction, cases }))
    }

    /// Decides what is open; a case that the decision does not fit is left open.
    fn decide(
        &self,
        adjudication: &mut Adjudication<'_>,
        reviewed: &Reviewed,
        seen: &[Seen],
    ) -> usize {
        let mut ids = IdSource::random();
        let (decision, pattern) = match &self.order {
            Order::Alike(decision, pattern) => (decision, pattern.as_ref()),
            Order::Agreeing(at_least) => {
                let accepted = adjudication.accept_agreeing(*at_least, &self.by, &mut ids);
                return accepted.map_or(0, |accepted| accepted.len());
            }
        };
        let comparison = &reviewed.comparison;
        let mut decided = 0;
        for (key, mentions) in seen {
            let Some(index) = comparison.case_with(&key.annotator, key.id) else { continue };
            let Some(case) = comparison.cases.get(index) else { continue };
            let Some(decision) = fitted(decision, pattern, case, &reviewed.article) else {
                continue;
            };
            // What became another case meanwhile is not what the reviewer looked at.
            let is_as_seen = adjudication.mentions(case) == *mentions;
            if is_as_seen && adjudication.standing(case) == Standing::Open {
                let done = adjudication.decide(index, &decision, &self.by, &mut ids);
                decided += usize::from(done.is_ok());
            }
        }
        decided
    }
}

/// A decision as it is for one of several cases: an edited span is where this case has it.
fn fitted(
    decision: &Decision,
    pattern: Option<&Pattern>,
    case: &Case,
    article: &Article,
) -> Option<Decision> {
    let mut fitted = decision.clone();
    if let (Decision::Edited { span, .. }, Some(pattern)) = (&mut fitted, pattern) {
        *span = pattern.span_in(span, case, article)?;
    }
    Some(fitted)
}
