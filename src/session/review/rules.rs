//! Who may see what of the project, and who may review, assign and export.
//!
//! A project may hold its annotators to their own articles (`own_only`). Then the list, the
//! search and the way to an article end at them, and what others made of an article shows
//! only to who has finished it. The files are in everybody's folder all the same: this keeps
//! honest people independent of each other, it keeps no secret.

use super::docket::DocketFilter;
use super::{Session, Viewer};
use crate::model::{AnnotatorName, ArticleId, Assignment};
use crate::session::export::{ExportRequest, Whose};
use crate::session::{Notice, Selection, SessionError};
use crate::store::StoreError;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

impl Session {
    /// Who annotates what, and what annotators may see.
    pub fn assignment(&self) -> &Assignment {
        &self.review.assignment
    }

    /// Who is at work, under the rules of the project.
    pub fn viewer(&self) -> Viewer {
        Viewer { name: self.by().clone(), assignment: Arc::clone(&self.review.assignment) }
    }

    /// Whether whoever is at work is held to their own articles.
    pub fn is_held(&self) -> bool {
        self.review.assignment.own_only && self.review.assigned.contains(self.by())
    }

    /// Whether whoever is at work may open an article.
    pub fn may_open(&self, article: &ArticleId) -> bool {
        !self.is_held() || self.review.assignment.is_assigned(self.by(), article)
    }

    /// Why the present person cannot review.
    pub fn hindrance_to_review(&self) -> Option<&'static str> {
        self.is_held().then_some(
            "Reviewing is for those who have no articles of their own: this project holds its \
             annotators to theirs",
        )
    }

    /// Why the present person cannot export this; everybody may who is held to nothing, and
    /// others their own work on their own articles.
    pub fn hindrance_to_export(&self, request: &ExportRequest) -> Option<&'static str> {
        let viewer = self.viewer();
        let is_own = request.whose == Whose::Annotator(viewer.name.clone());
        let articles = request.only.as_deref();
        let are_own = articles.is_some_and(|ids| ids.iter().all(|id| viewer.may_open(id)));
        (viewer.is_held() && !(is_own && are_own)).then_some(
            "This project holds its annotators to their own articles: export your own work",
        )
    }

    /// The articles of whoever is held to them; `None` for who is held to nothing.
    pub fn own_articles(&self) -> Option<BTreeSet<ArticleId>> {
        let own = || self.review.assignment.of(self.by()).cloned().collect();
        self.is_held().then(own)
    }

    /// Whose progress whoever is at work may see: everybody's, or their own.
    pub fn followed(&self) -> Vec<AnnotatorName> {
        match self.is_held() {
            true => vec![self.by().clone()],
            false => self.shown_annotators().into_iter().map(|(name, _)| name).collect(),
        }
    }

    /// Reads who annotates what, and keeps the list to it.
    pub(in crate::session) fn load_assignment(&mut self) {
        match self.folder.read_assignment() {
            Ok(assignment) => drop(self.put_assignment(assignment)),
            Err(error) => self.notify(Notice::warning(error.to_string())),
        }
        self.keep_list_to_assignment();
    }

    /// Gives back the one from before.
    fn put_assignment(&mut self, assignment: Assignment) -> Arc<Assignment> {
        self.review.assigned = assignment.articles.values().flatten().cloned().collect();
        let before = std::mem::replace(&mut self.review.assignment, Arc::new(assignment));
        self.draw_letters();
        before
    }

    fn keep_list_to_assignment(&mut self) {
        let own = self.own_articles();
        if own.is_some() {
            // It may be of work that is not to be seen any more.
            self.forget_rehearsal();
        }
        let own = own.map(|own| Arc::new(own.into_iter().collect::<HashSet<_>>()));
        self.catalogue.keep_to(own);
    }

    /// Changes what annotators and reviewers see of each other.
    pub(super) fn set_rules(&mut self, own_only: bool, blind: bool) -> Result<(), SessionError> {
        self.ensure_assigning()?;
        if blind != self.review.assignment.blind {
            // Whose letters they are has been seen, or is about to be.
            self.folder.forget_letters()?;
        }
        let changed = self.folder.change_assignment(|assignment| -> Result<(), SessionError> {
            (assignment.own_only, assignment.blind) = (own_only, blind);
            Ok(())
        })?;
        self.take_assignment(changed);
        Ok(())
    }

    /// Why the present person cannot change who annotates what.
    pub fn hindrance_to_assign(&self) -> Option<&'static str> {
        self.is_held().then_some(
            "Who annotates what is for those to change who have no articles of their own",
        )
    }

    pub(super) fn ensure_assigning(&self) -> Result<(), SessionError> {
        self.hindrance_to_assign().map_or(Ok(()), |why| Err(SessionError::Missing(why)))
    }

    /// Goes by another assignment from now on. An article that is not the annotator's any
    /// more is closed, with everything of it on its way to the disk.
    pub(in crate::session) fn take_assignment(&mut self, assignment: Assignment) {
        let before = self.put_assignment(assignment);
        self.keep_list_to_assignment();
        // Both may be of work that is not to be seen any more.
        (self.review.look_up, self.review.said) = (None, None);
        if self.review.assignment.blind != before.blind {
            // It says by their names whose cases are listed.
            let filter = DocketFilter { behind: None, ..self.review.docket.filter().clone() };
            self.review.docket.set_filter(filter);
        }
        let open = self.open.as_ref().map(|open| open.article.id().clone());
        if open.is_some_and(|open| !self.may_open(&open)) {
            self.open = None;
            self.selection = Selection::default();
            self.follow_open();
            let text =
                "The article that was open is not one of yours any more; your work in it is kept";
            self.notify(Notice::warning(text));
        }
        let by = self.by();
        let shows_others = self.review.assignment.restricts(by) != before.restricts(by);
        if self.reviewer().is_some() && shows_others {
            self.read_review_again();
        }
        self.touch();
    }

    /// Goes by what somebody else made of the file.
    pub(in crate::session) fn follow_assignment(&mut self, read: Result<Assignment, StoreError>) {
        // What differs is read once more: it may be from before this session's own change.
        let is_known = |assignment: &Assignment| *assignment == *self.review.assignment;
        let read =
            if read.as_ref().is_ok_and(is_known) { read } else { self.folder.read_assignment() };
        match read {
            Ok(assignment) if is_known(&assignment) => {}
            Ok(assignment) => {
                self.take_assignment(assignment);
                self.notify(Notice::info("Updated from disk: who annotates what"));
            }
            // A folder that is away is told of by the saving.
            Err(error) if error.is_passing() => {}
            Err(error) => self.notify(Notice::warning(error.to_string())),
        }
    }
}
