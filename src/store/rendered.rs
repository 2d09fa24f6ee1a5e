//! Files of a project as text, for programs that make large projects.
//!
//! Whoever makes a hundred thousand articles to measure with does not want each of them
//! synced. These are the same texts that the [`Writer`](super::Writer) writes, with where
//! they belong; work of people goes through the writer and nowhere else.

use super::{layout, wire};
use crate::model::{AnnotationSet, Article};
use std::path::PathBuf;

/// The file of an article: its path in the project, and what stands in it. O(n).
pub fn rendered_article(article: &Article) -> (PathBuf, String) {
    (layout::article(article.id()), wire::write_article(article))
}

/// The file of an annotation set without a history, likewise.
pub fn rendered_set(set: &AnnotationSet) -> (PathBuf, String) {
    let file = layout::set(set.annotator(), set.article().id());
    (file, wire::write_set(set, None))
}
