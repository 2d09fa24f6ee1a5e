//! Who looks, and what of others' work that person may see.
//!
//! Everything that reads several people's sets for somebody in the window takes a [`Viewer`]
//! along: the list of cases, the article side by side, the numbers of agreement and the
//! words behind them. The command line has none, because whoever has it has the files.

use crate::model::{AnnotatorName, Article, ArticleId, Assignment};
use crate::store::{ProjectFolder, StoreError};
use std::sync::Arc;

/// Somebody at the window, under the rules of the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// The reviewer, or else the annotator.
    pub name: AnnotatorName,
    /// The rules.
    pub assignment: Arc<Assignment>,
}

impl Viewer {
    /// Whether they are held to their own articles; O(n).
    pub fn is_held(&self) -> bool {
        self.assignment.restricts(&self.name)
    }

    /// Whether they may have anything of an article before their eyes; O(n).
    pub fn may_open(&self, article: &ArticleId) -> bool {
        !self.is_held() || self.assignment.is_assigned(&self.name, article)
    }

    /// Whether they may see what others made of an article: all may who are held to
    /// nothing, others once they have finished it. Reads their own set where that decides.
    ///
    /// # Errors
    /// When that set cannot be read.
    pub fn may_look(
        &self,
        folder: &ProjectFolder,
        article: &Arc<Article>,
    ) -> Result<bool, StoreError> {
        if !self.is_held() {
            return Ok(true);
        }
        if !self.assignment.is_assigned(&self.name, article.id()) {
            return Ok(false);
        }
        let own = folder.read_set(article, &self.name)?.set.state();
        Ok(self.assignment.may_compare(&self.name, article.id(), own))
    }
}
