//! Bringing a step onto a text that was corrected after it was made.
//!
//! A window goes on with the text that it shows until it has taken over a corrected one,
//! so a step may be on its way that was made on the earlier text. Its annotations move as
//! those on disk do.

use super::replica::Done;
use crate::edit::{Edit, Transaction};
use crate::model::Article;
use crate::store::anchors::{Anchors, Fit, Placed, surface_of};
use crate::store::error::{Cause, StoreError};
use crate::store::folder::ProjectFolder;
use crate::store::layout;
use std::sync::Arc;

/// What was done on one text, as if it had been done on another.
pub(super) fn onto(
    done: Done,
    folder: &ProjectFolder,
    made_on: &Arc<Article>,
    now: &Arc<Article>,
) -> Result<Done, StoreError> {
    let mut anchors = Anchors::between(folder, made_on, Arc::clone(now));
    let mut moved = |transaction: Transaction| -> Result<Transaction, StoreError> {
        let edits = transaction.edits.into_iter();
        let edits = edits.map(|edit| moved(edit, made_on, &mut anchors));
        let edits: Result<Vec<_>, Cause> = edits.collect();
        let at = |cause| StoreError::new(layout::article(now.id()), cause);
        edits.map(Transaction::from).map_err(at)
    };
    Ok(Done { forward: moved(done.forward)?, backward: moved(done.backward)? })
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
