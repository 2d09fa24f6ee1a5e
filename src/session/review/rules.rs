//! Who may see what: assignments, and names behind letters.
//!
//! A project may hold its annotators to their own articles (`own_only`). Then the list, the
//! search and the way to an article end at them, and what others made of an article shows
//! only to who has finished it. The files are in everybody's folder all the same: this keeps
//! honest people independent of each other, it keeps no secret.

use super::Session;
use crate::model::{AnnotatorName, ArticleId, Assignment};
use crate::review::{Draw, draw, pseudonyms};
use crate::session::{Notice, SessionError};
use std::collections::HashSet;
use std::sync::Arc;

impl Session {
    /// Who annotates what, and what annotators may see.
    pub fn assignment(&self) -> &Assignment {
        &self.review.assignment
    }

    /// Whether the annotator may open an article.
    pub fn may_open(&self, article: &ArticleId) -> bool {
        let assignment = &self.review.assignment;
        !assignment.restricts(&self.annotator) || assignment.is_assigned(&self.annotator, article)
    }

    /// What an annotator is called here: their name, or in a blind review their letter. The
    /// present annotator and the reviewer are always called by name.
    pub fn shown_name(&self, annotator: &AnnotatorName) -> String {
        let is_self = annotator == self.by() || annotator.is_gold();
        if !self.review.assignment.blind || self.reviewer().is_none() || is_self {
            return annotator.to_string();
        }
        let letters = pseudonyms(&self.project.annotators, self.review.assignment.seed);
        letters.get(annotator).map_or_else(|| "?".to_owned(), String::clone)
    }

    /// The annotators in the order in which they are to be shown, so that in a blind review
    /// the order tells nothing either.
    pub fn shown_annotators(&self) -> Vec<(AnnotatorName, String)> {
        let names = self.project.annotators.iter();
        let mut shown: Vec<_> = names.map(|name| (name.clone(), self.shown_name(name))).collect();
        if self.review.assignment.blind && self.reviewer().is_some() {
            shown.sort_by(|one, other| one.1.cmp(&other.1));
        }
        shown
    }

    /// Reads who annotates what, and keeps the list to it.
    pub(in crate::session) fn load_assignment(&mut self) {
        match self.folder.read_assignment() {
            Ok(assignment) => self.review.assignment = Arc::new(assignment),
            Err(error) => self.notify(Notice::warning(error.to_string())),
        }
        self.keep_list_to_assignment();
    }

    fn keep_list_to_assignment(&mut self) {
        let assignment = &self.review.assignment;
        let own = assignment
            .restricts(&self.annotator)
            .then(|| Arc::new(assignment.of(&self.annotator).cloned().collect::<HashSet<_>>()));
        self.catalogue.keep_to(own);
    }

    /// Assigns the articles that nobody has yet.
    pub(super) fn assign(&mut self, of: &Draw) -> Result<(), SessionError> {
        let (articles, _) = self.folder.article_ids()?;
        let mut drawn = 0;
        self.change_assignment(|assignment| {
            drawn = draw(assignment, &articles, of)?;
            Ok(())
        })?;
        let noun = if drawn == 1 { "article" } else { "articles" };
        self.notify(Notice::info(format!("Assigned {drawn} {noun}")));
        Ok(())
    }

    /// Changes what annotators and reviewers see of each other.
    pub(super) fn set_rules(&mut self, own_only: bool, blind: bool) -> Result<(), SessionError> {
        self.change_assignment(|assignment| {
            (assignment.own_only, assignment.blind) = (own_only, blind);
            Ok(())
        })
    }

    fn change_assignment(
        &mut self,
        change: impl FnOnce(&mut Assignment) -> Result<(), SessionError>,
    ) -> Result<(), SessionError> {
        if self.review.assignment.restricts(self.by()) {
            return Err(SessionError::Missing(
                "who annotates what is for those to change who have no articles of their own",
            ));
        }
        self.review.assignment = Arc::new(self.folder.change_assignment(change)?);
        self.keep_list_to_assignment();
        self.touch();
        Ok(())
    }
}
