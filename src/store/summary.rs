//! What the list of articles shows of each, without keeping the article.
//!
//! Every summary is read from the files themselves; an index that answers for a large
//! project at once is to come, and will give the same values.

use super::error::StoreError;
use super::folder::ProjectFolder;
use crate::model::{AnnotatorName, ArticleId, LabelId, State, TextHash};
use crate::text::CodePoints;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One article in the list, as one annotator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The article.
    pub article: ArticleId,
    /// The headline; empty when it is not known, as the next three.
    pub title: String,
    /// The outlet.
    pub source: String,
    /// The day of publication.
    pub date: Option<Date>,
    /// ISO 639-1 code.
    pub language: String,
    /// The length of the text.
    pub chars: CodePoints,
    /// The hash of the text: equal for articles imported twice.
    pub hash: TextHash,
    /// How far the annotator has come.
    pub state: State,
    /// The number of annotations.
    pub annotations: usize,
    /// The number of annotations with each label, those that occur.
    pub by_label: BTreeMap<LabelId, usize>,
}

/// Reads the summary of one article; O(its files).
///
/// # Errors
/// When the article or the annotator's file cannot be read.
pub fn summary(
    folder: &ProjectFolder,
    article: &ArticleId,
    annotator: &AnnotatorName,
) -> Result<Summary, StoreError> {
    let article = Arc::new(folder.read_article(article)?);
    let set = folder.read_set(&article, annotator)?.set;
    let mut by_label = BTreeMap::new();
    for annotation in set.annotations() {
        *by_label.entry(annotation.label.clone()).or_default() += 1;
    }
    let meta = article.meta();
    Ok(Summary {
        article: article.id().clone(),
        title: meta.title.clone(),
        source: meta.source.clone(),
        date: meta.date,
        language: meta.language.clone(),
        chars: CodePoints(article.text().chars().count() as u32),
        hash: article.hash(),
        state: set.state(),
        annotations: set.len(),
        by_label,
    })
}
