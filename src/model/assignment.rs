//! Who annotates which article, and what annotators may see of each other.

use super::annotation_set::State;
use super::id::{AnnotatorName, ArticleId};
use std::collections::BTreeMap;

/// The assignment of a project: the content of `assignment.ron`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assignment {
    /// What decides the draw.
    pub seed: u64,
    /// Whether annotators see their own articles alone, and what others made of one only
    /// when they have finished it.
    pub own_only: bool,
    /// Whether the window shows letters in the place of annotators' names.
    pub blind: bool,
    /// Who annotates what. Articles that are not in it are nobody's.
    pub articles: BTreeMap<ArticleId, Vec<AnnotatorName>>,
}

/// What an assignment changed, article by article, so that it can be taken back although
/// others have assigned other articles since.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssignmentChange {
    /// The seed before and after.
    seed: (u64, u64),
    /// Whether annotators see their own articles alone, before and after.
    own_only: (bool, bool),
    /// The annotators of an article before and after; nobody where the list is empty.
    articles: BTreeMap<ArticleId, (Vec<AnnotatorName>, Vec<AnnotatorName>)>,
}

impl AssignmentChange {
    /// What leads from one assignment to another: who annotates what, and whether they are
    /// held to it, which a draw decides as well. O(n log n).
    pub fn between(before: &Assignment, after: &Assignment) -> Self {
        let names = |of: &Assignment, id: &ArticleId| of.articles.get(id).cloned();
        let ids = before.articles.keys().chain(after.articles.keys());
        let both = ids.map(|id| {
            let (was, is) = (names(before, id), names(after, id));
            (id.clone(), (was.unwrap_or_default(), is.unwrap_or_default()))
        });
        let articles = both.filter(|(_, (was, is))| was != is).collect();
        let own_only = (before.own_only, after.own_only);
        Self { seed: (before.seed, after.seed), own_only, articles }
    }

    /// How many articles it is about.
    pub fn len(&self) -> usize {
        self.articles.len()
    }

    /// Whether it is about none, and so no draw.
    pub fn is_empty(&self) -> bool {
        self.articles.is_empty()
    }

    /// Each article's annotators before and after, in the order of ids.
    pub fn articles(&self) -> impl Iterator<Item = (&[AnnotatorName], &[AnnotatorName])> {
        self.articles.values().map(|(was, is)| (was.as_slice(), is.as_slice()))
    }

    /// The change that takes this one back.
    pub fn inverse(&self) -> Self {
        let turned = |(id, (was, is)): (&ArticleId, &(Vec<_>, Vec<_>))| {
            (id.clone(), (is.clone(), was.clone()))
        };
        let articles = self.articles.iter().map(turned).collect();
        let own_only = (self.own_only.1, self.own_only.0);
        Self { seed: (self.seed.1, self.seed.0), own_only, articles }
    }

    /// Makes the change where an assignment is still as it was before it; gives back how
    /// many articles stay as somebody else has assigned them since. O(n log n).
    pub fn apply(&self, assignment: &mut Assignment) -> usize {
        if assignment.seed == self.seed.0 {
            assignment.seed = self.seed.1;
        }
        if assignment.own_only == self.own_only.0 {
            assignment.own_only = self.own_only.1;
        }
        let mut others = 0;
        for (id, (was, is)) in &self.articles {
            let now = assignment.articles.get(id).map_or(&[][..], Vec::as_slice);
            if now != was.as_slice() {
                others += usize::from(now != is.as_slice());
            } else if is.is_empty() {
                assignment.articles.remove(id);
            } else {
                assignment.articles.insert(id.clone(), is.clone());
            }
        }
        others
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<AnnotatorName> {
        names.iter().map(|name| AnnotatorName::new(*name).unwrap()).collect()
    }

    fn of(articles: &[(&str, &[&str])], seed: u64) -> Assignment {
        let article = |(id, who): &(&str, &[&str])| (ArticleId::new(*id).unwrap(), names(who));
        Assignment {
            seed,
            articles: articles.iter().map(article).collect(),
            ..Assignment::default()
        }
    }

    #[test]
    fn whether_annotators_are_held_to_their_articles_is_taken_back_with_them() {
        let before = of(&[], 1);
        let after = Assignment { own_only: true, ..of(&[("a", &["ann"])], 2) };
        let change = AssignmentChange::between(&before, &after);
        let mut now = after.clone();
        change.inverse().apply(&mut now);
        assert_eq!(now, before);
        change.apply(&mut now);
        assert_eq!(now, after);
        // Somebody has freed them since: that stays.
        let mut freed = Assignment { own_only: false, ..after };
        change.inverse().apply(&mut freed);
        assert!(!freed.own_only);
    }

    #[test]
    fn a_change_is_taken_back_and_what_others_assigned_since_stays() {
        let before = of(&[("a", &["ann"])], 1);
        let after = of(&[("a", &["ben"]), ("b", &["ann"]), ("c", &["ann", "ben"])], 2);
        let change = AssignmentChange::between(&before, &after);
        assert_eq!(change.len(), 3);
        let mut taken_back = after.clone();
        assert_eq!(change.inverse().apply(&mut taken_back), 0);
        assert_eq!(taken_back, before);
        assert_eq!(change.apply(&mut taken_back), 0);
        assert_eq!(taken_back, after);
        // Somebody gave b to cat, and d to ann, before it is taken back.
        let mut later = after;
        later.articles.extend(of(&[("b", &["cat"]), ("d", &["ann"])], 0).articles);
        assert_eq!(change.inverse().apply(&mut later), 1);
        assert_eq!(later, of(&[("a", &["ann"]), ("b", &["cat"]), ("d", &["ann"])], 1));
    }
}
