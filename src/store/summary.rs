//! What the list of articles shows of each, without keeping the article.
//!
//! [`summary`] reads it from the files. The [index](super::Index) keeps it for a project of
//! any size and gives the same values; it is made by the same functions.

use super::error::StoreError;
use super::folder::ProjectFolder;
use crate::model::{
    AnnotationSet, AnnotatorName, Article, ArticleId, LabelId, RelationTypeId, State, TextHash,
};
use crate::text::CodePoints;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How often each of some ids occurs, in their order; those that occur.
pub type Counts<Id> = Box<[(Id, u32)]>;

/// One article in the list, as one annotator sees it.
///
/// A large project has a hundred thousand of them in memory, so the words that repeat
/// are shared and the counts are packed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The headline; empty when it is not known, as the next three.
    pub title: Arc<str>,
    /// The outlet.
    pub source: Arc<str>,
    /// The day of publication.
    pub date: Option<Date>,
    /// ISO 639-1 code.
    pub language: Arc<str>,
    /// The length of the text.
    pub chars: CodePoints,
    /// The hash of the text: equal for articles imported twice.
    pub hash: TextHash,
    /// How far the annotator has come, and with how much.
    pub set: SetSummary,
}

/// What the list shows of an annotation set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetSummary {
    /// How far the annotator has come.
    pub state: State,
    /// The number of annotations.
    pub annotations: usize,
    /// The number of annotations with each label.
    pub by_label: Counts<LabelId>,
    /// The number of relations of each type.
    pub by_relation: Counts<RelationTypeId>,
}

impl Summary {
    /// An article that nobody has looked at yet; O(n) in its text.
    pub fn unseen(article: &Article) -> Self {
        let meta = article.meta();
        Self {
            title: meta.title.as_str().into(),
            source: meta.source.as_str().into(),
            date: meta.date,
            language: meta.language.as_str().into(),
            chars: CodePoints(article.text().chars().count() as u32),
            hash: article.hash(),
            set: SetSummary::default(),
        }
    }
}

impl Default for SetSummary {
    fn default() -> Self {
        let (by_label, by_relation) = (Counts::default(), Counts::default());
        Self { state: State::Unseen, annotations: 0, by_label, by_relation }
    }
}

impl SetSummary {
    /// Sums up a set; O(labels + relations).
    pub fn of(set: &AnnotationSet) -> Self {
        let mut by_relation = BTreeMap::new();
        for relation in set.relations() {
            *by_relation.entry(relation.kind.clone()).or_default() += 1;
        }
        let by_label = set.label_counts().iter();
        Self {
            state: set.state(),
            annotations: set.len(),
            by_label: by_label.map(|(label, count)| (label.clone(), *count as u32)).collect(),
            by_relation: by_relation.into_iter().collect(),
        }
    }

    /// Whether an annotation has a label; O(labels).
    pub fn has_label(&self, label: &LabelId) -> bool {
        self.by_label.iter().any(|(other, _)| other == label)
    }
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
    let set = SetSummary::of(&folder.read_set(&article, annotator)?.set);
    Ok(Summary { set, ..Summary::unseen(&article) })
}
