//! Copying what can be read of a project into a new one.
//!
//! It is the way out when a project's folder cannot be written to any more. What cannot
//! be read is named and left behind; nothing of the old project changes. What is only in
//! memory is the session's to add.

use super::error::{Problem, StoreError};
use super::folder::ProjectFolder;
use super::layout;
use crate::model::{AnnotatorName, ArticleId};
use std::path::Path;
use std::sync::Arc;

/// Copies every article, annotation set, history and gold file that can be read, and
/// names those that cannot.
///
/// # Errors
/// When the new project cannot be written to.
pub fn copy_readable(from: &ProjectFolder, to: &ProjectFolder) -> Result<Vec<Problem>, StoreError> {
    let mut copy = Copy { from, to, problems: Vec::new() };
    copy.history(&layout::schema_history())?;
    let ids = from.article_ids().map(|(ids, _)| ids);
    for id in copy.keep(ids).unwrap_or_default() {
        copy.article(&id)?;
    }
    let sets = from.annotated();
    for (article, annotator) in copy.keep(sets).unwrap_or_default() {
        copy.set(&article, &annotator)?;
    }
    let gold = from.article_files(Path::new(layout::GOLD), &mut Vec::new());
    for article in copy.keep(gold).unwrap_or_default() {
        copy.file(&Path::new(layout::GOLD).join(format!("{article}.ron")))?;
    }
    Ok(copy.problems)
}

struct Copy<'a> {
    from: &'a ProjectFolder,
    to: &'a ProjectFolder,
    problems: Vec<Problem>,
}

impl Copy<'_> {
    fn keep<T>(&mut self, read: Result<T, StoreError>) -> Option<T> {
        read.map_err(|error| self.problems.push(Problem::from(&error))).ok()
    }

    /// Copies a file as it stands; false where there is none, or it cannot be read.
    fn file(&mut self, file: &Path) -> Result<bool, StoreError> {
        let read = self.from.disk().read(file);
        let Some(bytes) = self.keep(read).flatten() else { return Ok(false) };
        self.to.disk().create_new(file, &bytes).map(|()| true)
    }

    fn article(&mut self, id: &ArticleId) -> Result<(), StoreError> {
        let read = self.from.read_article(id);
        let Some(article) = self.keep(read) else { return Ok(()) };
        self.to.add_article(&article)
    }

    /// A set and its history belong together: both are copied or neither.
    fn set(&mut self, id: &ArticleId, annotator: &AnnotatorName) -> Result<(), StoreError> {
        let article = self.from.read_article(id).map(Arc::new);
        let set = article.and_then(|article| self.from.read_set(&article, annotator));
        if self.keep(set).is_some() {
            self.file(&layout::set(annotator, id))?;
            self.history(&layout::history(annotator, id))?;
        }
        Ok(())
    }

    /// Copies a history with all its parts.
    fn history(&mut self, history: &Path) -> Result<(), StoreError> {
        let archives = self.from.archives(history);
        for archive in self.keep(archives).unwrap_or_default() {
            self.file(&archive)?;
        }
        self.file(history).map(|_| ())
    }
}
