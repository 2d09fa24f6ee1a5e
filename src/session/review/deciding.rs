//! Decisions about one case or one article, and the way from case to case.

use super::bulk::accepted_words;
use super::reading::Reviewed;
use super::{CaseKey, DocketEntry, DocketFilter, Session};
use crate::edit::Transaction;
use crate::model::{AnnotatorName, ArticleId, IdSource};
use crate::review::{Adjudication, Decision, DecisionError, Progress};
use crate::session::{Notice, SessionError};
use crate::text::TextRange;

/// Why nothing can be decided about the open article yet.
const UNREAD: &str = "the annotators’ work is still being read; try again in a moment";

/// The characters of a text that a step's name quotes.
const QUOTED: usize = 30;

impl Session {
    /// Selects a case, opens its article and brings it into view.
    pub(super) fn select_case(&mut self, key: Option<CaseKey>) -> Result<(), SessionError> {
        let Some(key) = key else {
            (self.review.selected, self.review.follows) = (None, false);
            return Ok(());
        };
        self.open_article(&key.article)?;
        self.review.follows = false;
        self.review.selected = Some(key);
        self.find_selected();
        if let Some(extent) = self.selected_extent() {
            self.reveal(extent);
        }
        self.touch();
        Ok(())
    }

    /// Goes on to an article that was opened otherwise than by one of its cases: "this
    /// article" means it from now on, and its first open case is selected, which the next key
    /// is meant for. Where that is not listed yet it is selected once it is.
    pub(in crate::session) fn follow_to_article(&mut self, left: Option<&ArticleId>) {
        let Some(open) = self.open.as_ref() else { return };
        let here = open.article.id().clone();
        let filter = self.review.docket.filter();
        if left.is_some() && filter.article.as_ref() == left {
            let filter = DocketFilter { article: Some(here.clone()), ..filter.clone() };
            self.review.docket.set_filter(filter);
        }
        self.review.follows = left.is_some();
        if self.review.selected.as_ref().is_none_or(|key| key.article != here) {
            self.review.selected = None;
            self.select_followed();
        }
    }

    /// Selects the first open case of the open article, where that was gone on to and none is
    /// selected yet.
    pub(super) fn select_followed(&mut self) {
        let Some(open) = self.open.as_ref().filter(|_| self.review.follows) else { return };
        let here = open.article.id();
        if self.review.selected.is_some() || !self.review.docket.has_listed(here) {
            return;
        }
        let is_next = |entry: &&DocketEntry| entry.key.article == *here && entry.is_open();
        let next = self.review.docket.entries().find(is_next);
        let next = next.map(|entry| (entry.key.clone(), entry.extent));
        self.review.follows = false;
        if let Some((key, extent)) = next {
            self.review.selected = Some(key);
            self.reveal(extent);
        }
    }

    /// Forgets which cases were opened again, before a step that may open some.
    pub(in crate::session) fn forget_reopened(&mut self) {
        let _ = self.review.docket.take_reopened();
    }

    /// Goes back to the case that was opened again by the undone step; where that opened
    /// several it is for the reviewer to choose.
    pub(in crate::session) fn select_reopened(&mut self) -> Result<(), SessionError> {
        match self.review.docket.take_reopened().as_slice() {
            [key] if self.reviewer().is_some() => self.select_case(Some(key.clone())),
            _ => Ok(()),
        }
    }

    /// How many cases of the open article are open.
    pub(in crate::session) fn open_cases_here(&self) -> usize {
        let Some(open) = &self.open else { return 0 };
        let Progress { settled, cases } = self.review.docket.progress_of(open.article.id());
        cases - settled
    }

    /// Calls the selected case by the name that the list has for it, once it is listed: it
    /// may have been selected by any of its annotations.
    pub(super) fn find_selected(&mut self) {
        let Some(key) = &self.review.selected else { return };
        let docket = &self.review.docket;
        if docket.entry(key).is_none()
            && let Some(entry) = docket.entry_about(key)
        {
            self.review.selected = Some(entry.key.clone());
        }
    }

    /// Where the selected case stands; an agreed one is in no list.
    fn selected_extent(&self) -> Option<TextRange> {
        let key = self.review.selected.as_ref()?;
        let listed = self.review.docket.entry(key).map(|entry| entry.extent);
        listed.or_else(|| {
            let review = self.open_review()?;
            let index = review.index_of(key)?;
            review.comparison().cases.get(index).map(|case| case.extent)
        })
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
        let selected = self.review.selected.as_ref();
        let place = selected.map(|key| &key.article).zip(self.selected_extent());
        let is_behind = |entry: &&&DocketEntry| {
            place.is_none_or(|(article, extent)| {
                let here = (article, extent.start());
                (&entry.key.article, entry.extent.start()) >= here && Some(&entry.key) != selected
            })
        };
        let open = |entry: &&&DocketEntry| entry.is_open();
        let next = shown.iter().filter(is_behind).find(open).or_else(|| shown.iter().find(open));
        match next.map(|entry| entry.key.clone()) {
            Some(key) => self.select_case(Some(key)),
            None => {
                self.say_nothing_open();
                Ok(())
            }
        }
    }

    /// Whether what the annotators made of the open article is still being read, so that
    /// nothing can be decided about it yet.
    pub fn is_review_unread(&self) -> bool {
        self.reviewer().is_some() && self.open_review().is_none() && self.is_open_review_due()
    }

    /// Refuses a decision about an article that is still being read.
    pub(super) fn ensure_read(&self) -> Result<(), SessionError> {
        if self.is_review_unread() { Err(SessionError::Missing(UNREAD)) } else { Ok(()) }
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
        self.ensure_read()?;
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
}

impl From<DecisionError> for SessionError {
    fn from(error: DecisionError) -> Self {
        match error {
            DecisionError::Edit(error) => Self::Edit(error),
            error => Self::Review(error),
        }
    }
}
