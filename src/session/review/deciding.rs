//! Decisions about one case, about many, and the way from case to case.

use super::reading::{Reviewed, Scope, review_article};
use super::{CaseKey, Session};
use crate::edit::Transaction;
use crate::model::{AnnotationSet, AnnotatorName, ArticleId, IdSource, Mention};
use crate::review::{Adjudication, Decision, DecisionError, Standing};
use crate::session::steps::SetChange;
use crate::session::{Notice, SessionError};
use crate::store::{ProjectFolder, StoreError, in_order};
use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, channel};

/// The characters of a text that a step's name quotes.
const QUOTED: usize = 30;

impl Session {
    /// Selects a case, opens its article and brings it into view.
    pub(super) fn select_case(&mut self, key: Option<CaseKey>) -> Result<(), SessionError> {
        let Some(key) = key else {
            self.review.selected = None;
            return Ok(());
        };
        self.open_article(&key.article)?;
        let extent = match self.review.docket.entry(&key) {
            Some(entry) => Some(entry.extent),
            None => self.open_review().and_then(|review| {
                let index = review.index_of(&key)?;
                review.comparison().cases.get(index).map(|case| case.extent)
            }),
        };
        if let Some(extent) = extent {
            self.reveal(extent);
        }
        self.review.selected = Some(key);
        self.touch();
        Ok(())
    }

    /// The keys of the cases that the docket shows, in its order.
    fn shown_cases(&self) -> Vec<CaseKey> {
        self.review.docket.entries().map(|entry| entry.key.clone()).collect()
    }

    pub(super) fn step_to_case(&mut self, is_next: bool) -> Result<(), SessionError> {
        let cases = self.shown_cases();
        let here = self.review.selected.as_ref();
        let at = here.and_then(|here| cases.iter().position(|key| key == here));
        let next = match (at, is_next) {
            (Some(at), true) => cases.get(at + 1),
            (Some(at), false) => at.checked_sub(1).and_then(|at| cases.get(at)),
            (None, true) => cases.first(),
            (None, false) => cases.last(),
        };
        next.map_or(Ok(()), |key| self.select_case(Some(key.clone())))
    }

    pub(super) fn next_open_case(&mut self) -> Result<(), SessionError> {
        let shown: Vec<_> = self.review.docket.entries().collect();
        let place = self.review.selected.as_ref().and_then(|key| {
            let entry = self.review.docket.entry(key)?;
            Some((entry.key.article.clone(), entry.extent.start(), entry.key.clone()))
        });
        let is_behind = |entry: &&&super::DocketEntry| {
            place.as_ref().is_none_or(|(article, start, key)| {
                (&entry.key.article, entry.extent.start()) >= (article, *start) && entry.key != *key
            })
        };
        let open = |entry: &&&super::DocketEntry| entry.is_open();
        let next = shown.iter().filter(is_behind).find(open).or_else(|| shown.iter().find(open));
        match next.map(|entry| entry.key.clone()) {
            Some(key) => self.select_case(Some(key)),
            None => {
                self.say_nothing_open();
                Ok(())
            }
        }
    }

    /// The transaction that decisions about the open article make; what it is made of is
    /// read by then.
    fn adjudicate(
        &mut self,
        decide: impl FnOnce(
            &mut Adjudication<'_>,
            &AnnotatorName,
            &mut IdSource,
        ) -> Result<(), DecisionError>,
    ) -> Result<Transaction, SessionError> {
        self.ensure_not_deciding()?;
        let by = self.by().clone();
        let key = self.open_key()?;
        const UNREAD: &str = "the annotators’ work is still being read; try again in a moment";
        let gold = self.sets.get(&key).ok_or(SessionError::Missing(UNREAD))?;
        let open = self.review.open.as_ref().filter(|open| *open.article().id() == key.0);
        let Reviewed { sets, comparison, .. } =
            open.ok_or(SessionError::Missing(UNREAD))?.reviewed();
        let sets: Vec<_> = sets.iter().collect();
        let mut adjudication = Adjudication::new(comparison, &sets, gold);
        decide(&mut adjudication, &by, &mut self.ids)?;
        Ok(adjudication.into_transaction())
    }

    /// The selected case of the open article.
    fn selected_index(&self) -> Result<(CaseKey, usize), SessionError> {
        let none = SessionError::Missing("select a case first");
        let key = self.review.selected.clone().ok_or(none)?;
        let index = self.open_review().and_then(|review| review.index_of(&key));
        Ok((key, index.ok_or(DecisionError::NoCase)?))
    }

    /// What a step about a case is called.
    fn quoted(&self, key: &CaseKey) -> String {
        let text = self.review.docket.entry(key).map_or("", |entry| &entry.text);
        let quoted: String = text.chars().take(QUOTED).collect();
        if text.is_empty() { "a case".to_owned() } else { format!("“{quoted}”") }
    }

    pub(super) fn decide(&mut self, decision: &Decision) -> Result<(), SessionError> {
        let (key, index) = self.selected_index()?;
        let transaction =
            self.adjudicate(|adjudication, by, ids| adjudication.decide(index, decision, by, ids))?;
        let what = match decision {
            Decision::Reject => format!("Reject {}", self.quoted(&key)),
            _ => format!("Settle {}", self.quoted(&key)),
        };
        self.edit_open(what, transaction)?;
        // The case is decided by now, whether or not the next one can be shown.
        if let Err(error) = self.next_open_case() {
            self.notify(Notice::warning(error.to_string()));
        }
        Ok(())
    }

    pub(super) fn reopen(&mut self) -> Result<(), SessionError> {
        let (key, index) = self.selected_index()?;
        let transaction = self.adjudicate(|adjudication, _, _| adjudication.reopen(index))?;
        self.edit_open(format!("Open {} again", self.quoted(&key)), transaction)
    }

    pub(super) fn accept_agreeing(&mut self, at_least: usize) -> Result<(), SessionError> {
        let mut accepted = 0;
        let transaction = self.adjudicate(|adjudication, by, ids| {
            accepted = adjudication.accept_agreeing(at_least, by, ids)?.len();
            Ok(())
        })?;
        self.edit_open(accepted_words(accepted), transaction)?;
        let done = accepted_words(accepted).replacen("Accept", "Accepted", 1);
        self.notify(Notice::info(done));
        Ok(())
    }

    pub(super) fn accept_agreeing_everywhere(
        &mut self,
        at_least: usize,
    ) -> Result<(), SessionError> {
        let articles = self.folder.annotated()?.into_iter().map(|(article, _)| article);
        let mut articles: Vec<_> = articles.collect();
        articles.dedup();
        let tasks = articles.into_iter().map(|article| (article, Vec::new())).collect();
        self.start_bulk(Order::Agreeing(at_least), tasks)
    }

    pub(super) fn decide_alike(
        &mut self,
        keys: Vec<CaseKey>,
        decision: Decision,
    ) -> Result<(), SessionError> {
        let mut tasks: BTreeMap<ArticleId, Vec<Seen>> = BTreeMap::new();
        for key in keys {
            let Some(entry) = self.review.docket.entry(&key) else { continue };
            let seen = (key, entry.mentions.clone());
            tasks.entry(entry.key.article.clone()).or_default().push(seen);
        }
        self.start_bulk(Order::Alike(decision), tasks.into_iter().collect())
    }

    fn start_bulk(
        &mut self,
        order: Order,
        tasks: Vec<(ArticleId, Vec<Seen>)>,
    ) -> Result<(), SessionError> {
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
                Ok(Err(error)) => {
                    self.notify(Notice::error(error));
                    return true;
                }
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
            Order::Alike(Decision::Reject) => format!("Reject {}", cases_words(cases)),
            Order::Alike(_) => format!("Settle {}", cases_words(cases)),
        };
        self.run_step(what.clone(), changes, None)?;
        self.notify(Notice::info(what));
        Ok(())
    }
}

fn cases_words(cases: usize) -> String {
    format!("{cases} case{} alike", if cases == 1 { "" } else { "s" })
}

fn accepted_words(cases: usize) -> String {
    format!("Accept {cases} agreeing case{}", if cases == 1 { "" } else { "s" })
}

impl From<DecisionError> for SessionError {
    fn from(error: DecisionError) -> Self {
        match error {
            DecisionError::Edit(error) => Self::Edit(error),
            error => Self::Review(error),
        }
    }
}

/// A case, and what it was about when the reviewer looked at it.
type Seen = (CaseKey, Vec<Mention>);

/// What is decided about many cases.
#[derive(Clone, Debug)]
enum Order {
    /// Each of the named cases alike, as far as it is open.
    Alike(Decision),
    /// Every open case that at least so many annotators agree on.
    Agreeing(usize),
}

/// What was decided in one article.
struct Decided {
    article: ArticleId,
    /// The gold set that it was decided for.
    gold: AnnotationSet,
    transaction: Transaction,
    cases: usize,
}

/// Decisions under way.
pub(super) struct Bulk {
    results: Receiver<Result<Option<Decided>, StoreError>>,
    decided: Vec<Decided>,
    order: Order,
    done: Arc<AtomicUsize>,
    of: usize,
    is_cancelled: Arc<AtomicBool>,
}

impl Bulk {
    pub(super) fn progress(&self) -> (usize, usize) {
        (self.done.load(Ordering::Relaxed), self.of)
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
    fn start(self, tasks: Vec<(ArticleId, Vec<Seen>)>, wake: crate::session::Wake) -> Bulk {
        let (sender, results) = channel();
        let (is_cancelled, done) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let bulk = Bulk {
            results,
            decided: Vec::new(),
            order: self.order.clone(),
            done: Arc::clone(&done),
            of: tasks.len(),
            is_cancelled: Arc::clone(&is_cancelled),
        };
        std::thread::spawn(move || {
            let work = |index: usize| {
                let (article, seen) = &tasks[index];
                self.article(article, seen)
            };
            in_order(tasks.len(), work, |decided| {
                done.fetch_add(1, Ordering::Relaxed);
                let is_over = is_cancelled.load(Ordering::Relaxed) || sender.send(decided).is_err();
                if is_over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            drop(sender);
            wake();
        });
        bulk
    }

    fn article(&self, id: &ArticleId, seen: &[Seen]) -> Result<Option<Decided>, StoreError> {
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
        let decision = match &self.order {
            Order::Alike(decision) => decision,
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
            // What became another case meanwhile is not what the reviewer looked at.
            let is_as_seen = adjudication.mentions(case) == *mentions;
            if is_as_seen && adjudication.standing(case) == Standing::Open {
                let done = adjudication.decide(index, decision, &self.by, &mut ids);
                decided += usize::from(done.is_ok());
            }
        }
        decided
    }
}
