//! How far everybody has come with what was assigned, from the files.

use crate::model::{AnnotatorName, ArticleId, Assignment, State};
use crate::review::{Matrix, matrix};
use crate::store::{Problem, ProjectFolder, StoreError, in_order, summary};
use std::collections::HashMap;
use std::ops::ControlFlow;

/// Reads how far these annotators are with every article; gives back what could not be
/// read beside the matrix. O(n) in their files, on every core: not for the window's thread.
///
/// # Errors
/// When a folder of the project cannot be read.
pub fn progress_matrix(
    folder: &ProjectFolder,
    annotators: &[AnnotatorName],
    assignment: &Assignment,
) -> Result<(Matrix, Vec<Problem>), StoreError> {
    let (articles, mut problems) = folder.article_ids()?;
    let mut sets = folder.annotated()?;
    sets.retain(|(_, annotator)| annotators.contains(annotator));
    let mut states: HashMap<&(ArticleId, AnnotatorName), State> = HashMap::new();
    let read = |index: usize| {
        let (article, annotator) = &sets[index];
        (index, summary(folder, article, annotator).map(|summary| summary.set.state))
    };
    in_order(sets.len(), read, |(index, state)| {
        match (sets.get(index), state) {
            (Some(key), Ok(state)) => drop(states.insert(key, state)),
            (_, Err(error)) => problems.push(Problem::from(&error)),
            (None, Ok(_)) => {}
        }
        ControlFlow::Continue(())
    });
    let state = |article: &ArticleId, name: &AnnotatorName| {
        states.get(&(article.clone(), name.clone())).copied().unwrap_or_default()
    };
    Ok((matrix(assignment, &articles, annotators, state), problems))
}
