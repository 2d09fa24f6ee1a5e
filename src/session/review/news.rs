//! What changes on disk while the project is open, as far as others' work is shown: the
//! cases of the docket, comments, and what is known of a text.
//!
//! The following says which files the operating system told of, of every annotator and of
//! gold. Here it is remembered which articles are to be read again; the docket, the
//! comments and the look-up read them in the background, each when nothing else of it is
//! being read. Where the system tells of nothing (network drives) the open article's files
//! are looked at, and the rest is as it was until everything is read again.

use super::Session;
use crate::model::{AnnotatorName, ArticleId};
use std::collections::BTreeSet;

/// The articles that are to be read again.
#[derive(Debug, Default)]
pub(super) struct News {
    /// For the docket.
    pub(super) cases: BTreeSet<ArticleId>,
    /// For what was looked up.
    pub(super) precedents: BTreeSet<ArticleId>,
    /// Whether the comments on the open set are.
    pub(super) comments: bool,
    /// How often others' sets were told of.
    others: u64,
}

impl News {
    /// With nothing to be read; the count goes on.
    pub(super) fn after(before: &Self) -> Self {
        Self { others: before.others, ..Self::default() }
    }
}

impl Session {
    /// Remembers what was told of articles (nobody's) and of annotators' sets.
    pub(in crate::session) fn take_news(&mut self, told: &[(ArticleId, Option<AnnotatorName>)]) {
        let open = self.open.as_ref().map(|open| open.article.id().clone());
        for (article, of) in told {
            let is_open = open.as_ref() == Some(article);
            // What is open is followed for itself, and in memory it is ahead of its file.
            let is_shown = is_open && of.as_ref() == Some(&self.annotator);
            if self.reviewer().is_some() && !is_shown && self.catalogue.entry(article).is_some() {
                self.review.news.cases.insert(article.clone());
            }
            self.note_precedent(article);
            let is_others = of.as_ref().is_some_and(|of| *of != self.annotator);
            self.review.news.others += u64::from(is_others);
            self.review.news.comments |= is_open && !is_shown;
        }
    }

    /// Another number whenever the sets of others have changed on disk, as far as the
    /// operating system tells of it.
    pub fn others_told(&self) -> u64 {
        self.review.news.others
    }

    /// Remembers that an article's sets are others than those that were counted.
    pub(super) fn note_precedent(&mut self, article: &ArticleId) {
        if self.review.look_up.is_some() {
            self.review.news.precedents.insert(article.clone());
        }
    }
}
