//! Files of a project as text, for programs that make large projects.
//!
//! Whoever makes a hundred thousand articles to measure with does not want each of them
//! synced. These are the same texts that the [`Writer`](super::Writer) writes, with where
//! they belong; work of people goes through the writer and nowhere else.

use super::layout;
use super::wire::{self, Mark};
use crate::edit::{Change, Edit, Step, StepKind};
use crate::model::{AnnotationSet, Article, StepId};
use std::path::PathBuf;

/// The file of an article: its path in the project, and what stands in it. O(n).
pub fn rendered_article(article: &Article) -> (PathBuf, String) {
    (layout::article(article.id()), wire::write_article(article))
}

/// The files of an annotation set that was made annotation by annotation, each in a step of
/// its own: the history first, likewise. `steps` gives the steps' ids, and no id twice.
pub fn rendered_work(
    set: &AnnotationSet,
    mut steps: impl FnMut() -> StepId,
) -> [(PathBuf, String); 2] {
    let (article, annotator) = (set.article(), set.annotator());
    let mut history = String::new();
    let mut last = None;
    for annotation in set.annotations() {
        let change = Change::Set {
            article: article.id().clone(),
            annotator: annotator.clone(),
            forward: vec![Edit::add(annotation.clone())].into(),
            backward: vec![Edit::Remove(annotation.id)].into(),
        };
        let (id, at, by) = (steps(), annotation.created, annotator.clone());
        let what = format!("Label as {}", annotation.label);
        let step = Step { id, at, by, what, changes: vec![change] };
        let [change] = step.changes.as_slice() else { continue };
        history += &wire::write_line(StepKind::Do, at, &step, change, article.text());
        last = Some(Mark { step: id, lines: 1 });
    }
    [
        (layout::history(annotator, article.id()), history),
        (layout::set(annotator, article.id()), wire::write_set(set, last)),
    ]
}

/// The file of an annotation set without a history, likewise.
pub fn rendered_set(set: &AnnotationSet) -> (PathBuf, String) {
    let file = layout::set(set.annotator(), set.article().id());
    (file, wire::write_set(set, None))
}
