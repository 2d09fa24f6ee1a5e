//! Who annotates which article, and what annotators may see of each other.

use super::annotation_set::State;
use super::id::{AnnotatorName, ArticleId};
use std::collections::BTreeMap;

/// The assignment of a project: the content of `assignment.ron`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assignment {
    /// What decides the draw, and the letters of a blind review.
    pub seed: u64,
    /// Whether annotators see their own articles alone, and what others made of one only
    /// when they have finished it.
    pub own_only: bool,
    /// Whether a reviewer sees letters in the place of annotators' names.
    pub blind: bool,
    /// Who annotates what. Articles that are not in it are nobody's.
    pub articles: BTreeMap<ArticleId, Vec<AnnotatorName>>,
}

impl Assignment {
    /// Whether an article is one of an annotator's; O(log n).
    pub fn is_assigned(&self, annotator: &AnnotatorName, article: &ArticleId) -> bool {
        self.articles.get(article).is_some_and(|names| names.contains(annotator))
    }

    /// The articles of an annotator, in the order of their ids; O(n).
    pub fn of<'a>(&'a self, annotator: &'a AnnotatorName) -> impl Iterator<Item = &'a ArticleId> {
        let own = self.articles.iter().filter(|(_, names)| names.contains(annotator));
        own.map(|(article, _)| article)
    }

    /// Whether somebody is held to their own articles: they have some, and the project says
    /// so. Who has none manages or reviews, and sees everything.
    pub fn restricts(&self, annotator: &AnnotatorName) -> bool {
        self.own_only && !annotator.is_gold() && self.of(annotator).next().is_some()
    }

    /// Whether somebody may see what others made of an article, being so far with it
    /// themselves; O(n).
    pub fn may_compare(&self, annotator: &AnnotatorName, article: &ArticleId, own: State) -> bool {
        let has_finished = self.is_assigned(annotator, article) && own == State::Done;
        has_finished || !self.restricts(annotator)
    }
}
