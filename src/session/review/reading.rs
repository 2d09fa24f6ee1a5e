//! Reading what several annotators said about the articles of a project, on every core.

use super::viewer::Viewer;
use crate::model::{AnnotationSet, AnnotatorName, Article, ArticleId, State};
use crate::review::{Comparison, compare};
use crate::store::{ProjectFolder, StoreError, in_order};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

/// An article with what its annotators said, compared.
#[derive(Debug)]
pub struct Reviewed {
    /// The article.
    pub article: Arc<Article>,
    /// The sets, in the order of the comparison's annotators.
    pub sets: Vec<AnnotationSet>,
    /// What they differ in.
    pub comparison: Comparison,
}

/// Which sets are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Of whom.
    pub annotators: Vec<AnnotatorName>,
    /// Those too that were only begun.
    pub unfinished: bool,
    /// How many sets of an article there must be.
    pub at_least: usize,
    /// Who looks; nobody is held to any rules where it is `None`.
    pub viewer: Option<Viewer>,
}

impl Scope {
    /// Whether whoever looks may see what others made of an article.
    fn may_look(&self, folder: &ProjectFolder, article: &Arc<Article>) -> Result<bool, StoreError> {
        self.viewer.as_ref().map_or(Ok(true), |viewer| viewer.may_look(folder, article))
    }
}

/// Compares every article with enough sets, and hands them over in the order of their ids
/// until `take` fails. What cannot be read is handed over as an error. O(n), on every core;
/// articles that nobody has begun are not read.
///
/// # Errors
/// When a folder of the project cannot be read.
pub fn review_articles<E>(
    folder: &ProjectFolder,
    scope: &Scope,
    take: &mut dyn FnMut(Result<Reviewed, StoreError>) -> Result<(), E>,
) -> Result<Result<(), E>, StoreError> {
    let articles = begun(folder, scope)?;
    let mut outcome = Ok(());
    let read = |index: usize| {
        let (article, names) = &articles[index];
        review_article(folder, article, names, scope)
    };
    in_order(articles.len(), read, |read| {
        let Some(read) = read.transpose() else { return ControlFlow::Continue(()) };
        match take(read) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                outcome = Err(error);
                ControlFlow::Break(())
            }
        }
    });
    Ok(outcome)
}

/// Who has a set of which article, where these are enough; in the order of the articles.
///
/// # Errors
/// When a folder of the project cannot be read.
pub(super) fn begun(
    folder: &ProjectFolder,
    scope: &Scope,
) -> Result<Vec<(ArticleId, Vec<AnnotatorName>)>, StoreError> {
    let mut articles: BTreeMap<ArticleId, Vec<AnnotatorName>> = BTreeMap::new();
    for (article, annotator) in folder.annotated()? {
        articles.entry(article).or_default().push(annotator);
    }
    for names in articles.values_mut() {
        let own = scope.annotators.iter().filter(|name| names.contains(name));
        *names = own.cloned().collect();
    }
    articles.retain(|_, names| names.len() >= scope.at_least.max(1));
    Ok(articles.into_iter().collect())
}

/// One article; `None` where too few have come far enough.
///
/// # Errors
/// When the article or one of the sets cannot be read.
pub(super) fn review_article(
    folder: &ProjectFolder,
    id: &ArticleId,
    annotators: &[AnnotatorName],
    scope: &Scope,
) -> Result<Option<Reviewed>, StoreError> {
    let article = Arc::new(folder.read_article(id)?);
    if !scope.may_look(folder, &article)? {
        return Ok(None);
    }
    let mut sets = Vec::with_capacity(annotators.len());
    for annotator in annotators {
        let set = folder.read_set(&article, annotator)?.set;
        if is_far_enough(set.state(), scope.unfinished) {
            sets.push(set);
        }
    }
    if sets.len() < scope.at_least.max(1) {
        return Ok(None);
    }
    let comparison = compare(&sets.iter().collect::<Vec<_>>());
    Ok(Some(Reviewed { article, sets, comparison }))
}

/// Whether what an annotator says about an article is to be compared.
fn is_far_enough(state: State, unfinished: bool) -> bool {
    match state {
        State::Done => true,
        State::InProgress => unfinished,
        State::Unseen => false,
    }
}
