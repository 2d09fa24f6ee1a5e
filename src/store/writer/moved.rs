//! Bringing a step onto a text that was corrected after it was made.
//!
//! A window goes on with the text that it shows until it has taken over a corrected one,
//! so a step may be on its way that was made on the earlier text. Its annotations move as
//! those on disk do.

use super::replica::Done;
use crate::edit::{Edit, Transaction};
use crate::model::{AnnotationSet, Article, ArticleId};
use crate::store::anchors::{Anchors, Fit, Placed, surface_of};
use crate::store::error::{Cause, StoreError};
use crate::store::folder::ProjectFolder;
use crate::store::layout;
use std::collections::HashMap;
use std::sync::Arc;

/// The texts that a step was made on, by their articles.
pub(super) struct MadeOn<'a>(HashMap<&'a ArticleId, &'a Arc<Article>>);

impl<'a> MadeOn<'a> {
    pub(super) fn new(texts: &'a [Arc<Article>]) -> Self {
        Self(texts.iter().map(|text| (text.id(), text)).collect())
    }

    /// What was done to a set as if it had been done on the article as it is now.
    pub(super) fn bring(
        &self,
        done: Done,
        folder: &ProjectFolder,
        now: &Arc<Article>,
    ) -> Result<Done, StoreError> {
        let made_on = self.0.get(now.id()).filter(|made_on| made_on.hash() != now.hash());
        let Some(made_on) = made_on else { return Ok(done) };
        let mut anchors = Anchors::between(folder, made_on, Arc::clone(now));
        let mut bring = |transaction: Transaction| -> Result<Transaction, StoreError> {
            let edits = transaction.edits.into_iter();
            let edits = edits.map(|edit| moved(edit, made_on, &mut anchors));
            let edits: Result<Vec<_>, Cause> = edits.collect();
            let at = |cause| StoreError::new(layout::article(now.id()), cause);
            edits.map(Transaction::from).map_err(at)
        };
        Ok(Done { forward: bring(done.forward)?, backward: bring(done.backward)? })
    }
}

impl ProjectFolder {
    /// A set that was made on an earlier text, or the same, as if it had been made on this
    /// one.
    ///
    /// # Errors
    /// When the texts have no place in common for an annotation.
    pub fn brought_onto(
        &self,
        set: &AnnotationSet,
        now: &Arc<Article>,
    ) -> Result<AnnotationSet, StoreError> {
        let mut edits: Vec<_> = set.annotations().cloned().map(Edit::add).collect();
        edits.extend(set.relations().cloned().map(Edit::relate));
        edits.extend(set.remarks().cloned().map(Edit::remark));
        edits.push(Edit::State(set.state()));
        let done = Done { forward: edits.into(), backward: Transaction::default() };
        let texts = [Arc::clone(set.article())];
        let Done { forward, .. } = MadeOn::new(&texts).bring(done, self, now)?;
        let mut brought = AnnotationSet::new(Arc::clone(now), set.annotator().clone());
        forward.apply(&mut brought).map_err(|error| {
            let what = format!("cannot be moved: {error}");
            StoreError::new(layout::set(set.annotator(), now.id()), Cause::BadValue(what))
        })?;
        Ok(brought)
    }
}

fn moved(mut edit: Edit, made_on: &Article, anchors: &mut Anchors) -> Result<Edit, Cause> {
    if let Edit::Add(annotation) | Edit::Replace(annotation) = &mut edit {
        let text = made_on.text();
        let ranges = annotation.span.ranges().iter();
        let ranges: Vec<_> = ranges.map(|range| (*range, text[*range].to_owned())).collect();
        let placed = anchors.place(Some(made_on.hash()), annotation.id, &ranges)?;
        if let Some(Placed { span, fit, .. }) = placed {
            if fit == Fit::Gone {
                annotation.was.get_or_insert_with(|| surface_of(&ranges).into());
            }
            annotation.span = span;
        }
    }
    Ok(edit)
}
