//! Review: what the annotators of an open project differ in, and settling it.
//!
//! A session reviews by working on the gold sets instead of somebody's own, under the
//! reviewer's name: the article list shows how far gold is, every action that edits
//! annotations edits gold, and the gold lock lets one reviewer work at a time. What is
//! added here is the other side of the table: `open` has everybody's annotations of the
//! open article side by side, `docket` lists the cases of the whole project, and
//! `deciding` carries out decisions, each as one undo step. Who may see what is in `rules`.
//! There are no lanes, colours or keys here.

mod action;
mod assigning;
mod bulk;
mod commands;
mod comments;
mod deciding;
mod docket;
mod guideline;
mod letters;
mod matrix;
mod news;
mod open;
mod precedents;
mod reading;
mod remarks;
mod restamp;
mod rules;
mod viewer;

pub use action::{CaseKey, ReviewAction};
pub use assigning::{DrawPlan, DrawStep, ground, plan_draw};
pub use docket::{Behind, Docket, DocketEntry, DocketFilter};
pub use matrix::progress_matrix;
pub use open::OpenReview;
pub use precedents::LookUp;
pub use reading::{Reviewed, Scope, review_articles};
pub(super) use restamp::keep_settled;
pub use viewer::Viewer;

use super::{Notice, SaveState, Session, SessionError};
use crate::edit::{Change, Step};
use crate::model::{AnnotatorName, Assignment, Schema};
use assigning::{DrawDoing, DrawJob};
use bulk::Bulk;
use comments::{Said, SaidJob};
use docket::DocketJob;
use letters::Lettering;
use news::News;
use open::Opening;
use precedents::LookUpJob;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

/// What a session has of its review.
#[derive(Default)]
pub(super) struct Review {
    /// Who reviews, while somebody does; the session's annotator is gold then.
    reviewer: Option<AnnotatorName>,
    /// Who reviewed last since the project was opened.
    last_reviewer: Option<AnnotatorName>,
    /// Whether articles are compared too that annotators have only begun.
    unfinished: bool,
    open: Option<OpenReview>,
    opening: Option<Opening>,
    docket: Docket,
    listing: Option<DocketJob>,
    selected: Option<CaseKey>,
    /// Whether the first open case of the open article is to be selected once it is listed.
    follows: bool,
    bulk: Option<Bulk>,
    look_up: Option<LookUp>,
    looking: Option<LookUpJob>,
    assignment: Arc<Assignment>,
    /// Who has articles of their own, so that asking for it costs nothing in every frame.
    assigned: HashSet<AnnotatorName>,
    /// Whose letter is which, while names are hidden.
    letters: Lettering,
    drawing: Option<DrawJob>,
    /// What was drawn since the project was opened, oldest first.
    draws: Vec<DrawDoing>,
    news: News,
    said: Option<Said>,
    hearing: Option<SaidJob>,
}

impl Session {
    /// Who reviews, while the session works on gold.
    pub fn reviewer(&self) -> Option<&AnnotatorName> {
        self.review.reviewer.as_ref()
    }

    /// Who reviews, or did last since the project was opened.
    pub fn last_reviewer(&self) -> Option<&AnnotatorName> {
        self.review.last_reviewer.as_ref()
    }

    /// Who does what is done: the reviewer, or else the annotator.
    pub(super) fn by(&self) -> &AnnotatorName {
        self.review.reviewer.as_ref().unwrap_or(&self.annotator)
    }

    /// Whether articles are compared too that annotators have only begun.
    pub fn compares_unfinished(&self) -> bool {
        self.review.unfinished
    }

    /// The open article's annotations side by side, once they are read; `None` while nobody
    /// reviews, while they are being read, and where nobody has come far enough.
    pub fn open_review(&self) -> Option<&OpenReview> {
        let open = self.open.as_ref()?;
        self.review.open.as_ref().filter(|review| review.article().id() == open.article.id())
    }

    /// The cases of the whole project.
    pub fn docket(&self) -> &Docket {
        &self.review.docket
    }

    /// The case that decisions are about.
    pub fn selected_case(&self) -> Option<&CaseKey> {
        self.review.selected.as_ref()
    }

    /// How many articles of how many a decision about many cases has been carried out in.
    pub fn review_progress(&self) -> Option<(usize, usize)> {
        self.review.bulk.as_ref().map(Bulk::progress)
    }

    /// Waits until the open article and the docket are read and every decision is carried
    /// out; for tests and the command line.
    pub fn wait_for_review(&mut self) {
        while self.is_reviewing_busily() {
            self.poll();
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }

    fn is_reviewing_busily(&self) -> bool {
        let review = &self.review;
        let is_unread = review.reviewer.is_some() && self.is_open_review_due();
        let is_listing = review.listing.is_some() || !review.news.cases.is_empty();
        let is_reading = review.opening.is_some() || is_listing;
        let is_drawing = review.drawing.is_some();
        is_unread || is_reading || is_drawing || review.bulk.is_some() || self.is_looking_up()
    }

    /// Whose sets are compared.
    pub(super) fn scope(&self, at_least: usize) -> Scope {
        let annotators = self.project.annotators.clone();
        let viewer = Some(self.viewer());
        Scope { annotators, unfinished: self.review.unfinished, at_least, viewer }
    }

    pub(super) fn perform_review(&mut self, action: ReviewAction) -> Result<(), SessionError> {
        use ReviewAction as A;
        if action.is_for_reviewers() && self.review.reviewer.is_none() {
            return Err(SessionError::Missing("begin reviewing first"));
        }
        match action {
            A::Begin => self.begin_review(),
            A::End => self.end_review(),
            A::Unfinished(unfinished) => {
                self.review.unfinished = unfinished;
                self.read_review_again();
                Ok(())
            }
            A::Refresh => {
                self.read_review_again();
                Ok(())
            }
            A::Filter(filter) => {
                self.review.docket.set_filter(filter);
                Ok(())
            }
            A::Select(key) => self.select_case(key),
            A::Next => self.step_to_case(true),
            A::Previous => self.step_to_case(false),
            A::NextOpen => self.next_open_case(),
            A::Decide(decision) => self.decide(&decision),
            A::Reopen => self.reopen(),
            A::DecideAlike(keys, decision) => self.decide_alike(keys, decision),
            A::AcceptAgreeing(at_least) => self.accept_agreeing(at_least),
            A::AcceptAgreeingEverywhere(at_least) => self.accept_agreeing_everywhere(at_least),
            A::Stop => {
                self.review.bulk = None;
                Ok(())
            }
            A::Comment { on, text } => self.comment(&on, &text),
            A::Uncomment(id) => self.uncomment(id),
            A::LookUp(surfaces) => {
                self.look_up(&surfaces);
                Ok(())
            }
            A::AddToGuideline(label, text) => self.write_guideline(&label, &text),
            A::Assign(draw, own_only) => self.assign(draw, own_only),
            A::TakeDrawBack => self.take_draw_back(),
            A::SetRules { own_only, blind } => self.set_rules(own_only, blind),
        }
    }

    /// Works as somebody else, which ends a review; as gold, which begins one.
    pub(super) fn work_as(&mut self, name: AnnotatorName) -> Result<(), SessionError> {
        if name.is_gold() {
            return self.begin_review();
        }
        self.end_review()?;
        self.switch_annotator(name)
    }

    fn begin_review(&mut self) -> Result<(), SessionError> {
        if self.review.reviewer.is_some() {
            return Ok(());
        }
        self.hindrance_to_review().map_or(Ok(()), |why| Err(SessionError::Missing(why)))?;
        let reviewer = self.annotator.clone();
        // Whose steps are read depends on it, so it is there before gold is opened.
        self.review.reviewer = Some(reviewer);
        if let Err(error) = self.switch_annotator(AnnotatorName::gold()) {
            self.review.reviewer = None;
            return Err(error);
        }
        self.review.last_reviewer.clone_from(&self.review.reviewer);
        self.read_review_again();
        Ok(())
    }

    fn end_review(&mut self) -> Result<(), SessionError> {
        let Some(reviewer) = self.review.reviewer.clone() else { return Ok(()) };
        if self.review.bulk.is_some() {
            return Err(SessionError::Missing(DECIDING));
        }
        self.ensure_saved("not everything is saved yet; save it before you go on as an annotator")?;
        let before = std::mem::take(&mut self.review);
        let news = News::after(&before.news);
        let Review { unfinished, assignment, assigned, letters, drawing, draws, .. } = before;
        let kept = Review { unfinished, assignment, assigned, letters, ..Review::default() };
        let last_reviewer = Some(reviewer.clone());
        self.review = Review { drawing, draws, news, last_reviewer, ..kept };
        self.switch_annotator(reviewer)
    }

    /// Ends the review of somebody who has got articles of their own meanwhile, and is held
    /// to them, as soon as all is saved. True when it has ended.
    fn end_held_review(&mut self) -> bool {
        // Decisions that are not made yet are nobody's any more.
        self.review.bulk = None;
        self.review.docket = Docket::default();
        (self.review.open, self.review.opening, self.review.listing) = (None, None, None);
        let has_ended = self.save_state() == SaveState::Saved && self.end_review().is_ok();
        if has_ended {
            let text = "Reviewing has ended: you have articles of your own now, and are held to \
                        them";
            self.notify(Notice::warning(text));
        }
        has_ended
    }

    /// Reads everybody's sets again: the open article's and the docket.
    pub(super) fn read_review_again(&mut self) {
        if self.review.reviewer.is_none() {
            return;
        }
        self.review.open = None;
        self.review.opening = None;
        self.start_docket();
    }

    /// Takes in what the background has read or decided. True when something changed.
    pub(super) fn poll_review(&mut self) -> bool {
        self.keep_letters();
        let has_looked_up = self.poll_look_up() | self.poll_draw() | self.poll_comments();
        if self.review.reviewer.is_none() {
            return has_looked_up;
        }
        if self.is_held() {
            return self.end_held_review() || has_looked_up;
        }
        self.open_review_when_due();
        let has_opened = self.poll_opening();
        let has_listed = self.poll_docket();
        let has_decided = self.poll_bulk();
        has_opened || has_listed || has_decided || has_looked_up
    }

    /// What follows for the review from every step.
    pub(super) fn update_review(&mut self, step: &Arc<Step>) {
        for change in &step.changes {
            if let Change::Set { article, .. } = change {
                self.note_precedent(article);
            }
        }
        if self.review.reviewer.is_none() {
            return;
        }
        for change in &step.changes {
            let (article, annotator) = match change {
                Change::Set { article, annotator, .. } => (article, annotator),
                // Colours, keys and guidelines are in no set.
                Change::Schema { before, after } if ids(before) == ids(after) => continue,
                Change::Schema { .. } => {
                    self.read_review_again();
                    return;
                }
            };
            if annotator.is_gold()
                && let Some(gold) = self.sets.get(&(article.clone(), annotator.clone()))
            {
                self.review.docket.update(gold);
                if let Some(open) = self.review.open.as_mut() {
                    open.update(gold);
                }
            }
        }
    }

    /// Refuses a decision while one about many cases is being carried out.
    pub(super) fn ensure_not_deciding(&self) -> Result<(), SessionError> {
        match self.review.bulk {
            Some(_) => Err(SessionError::Missing(DECIDING)),
            None => Ok(()),
        }
    }

    fn say_nothing_open(&mut self) {
        self.notify(Notice::info(if self.review.docket.is_complete() {
            "Every case that passes the filter is settled"
        } else {
            "No case that is open has been read yet; the list is still being read"
        }));
    }
}

/// What sets call labels, their attributes and relations by.
fn ids(schema: &Schema) -> BTreeSet<(&str, &str)> {
    let attributes = schema.labels().iter().flat_map(|label| {
        label.attributes.iter().map(|attribute| (label.id.as_str(), attribute.id.as_str()))
    });
    let labels = schema.labels().iter().map(|label| (label.id.as_str(), ""));
    let relations = schema.relations().iter().map(|relation| ("", relation.id.as_str()));
    labels.chain(attributes).chain(relations).collect()
}

/// Why a decision has to wait.
const DECIDING: &str = "decisions are being carried out; wait until they are, or stop them";
