//! Keeping settled what was settled when the schema changes.
//!
//! A ruling holds as long as its annotations say what they said. Another id of a label
//! makes all of them say something else without anybody having changed their mind, so the
//! rulings that held before a migration are made to hold after it, in the same step.

use crate::edit::{Edit, EditError, Transaction};
use crate::model::{AnnotationSet, Mention, Remark};
use crate::review::said;

/// Adds to what becomes of the sets of one article what keeps the rulings of its gold set;
/// each set has its transaction.
///
/// # Errors
/// When a transaction does not fit its set.
pub(in crate::session) fn keep_settled(
    sets: &[AnnotationSet],
    transactions: &mut [Transaction],
) -> Result<(), EditError> {
    let gold = sets.iter().position(|set| set.annotator().is_gold());
    let Some((gold, at)) = gold.and_then(|at| Some((sets.get(at)?, at))) else { return Ok(()) };
    let mut pairs = Vec::with_capacity(sets.len());
    for (before, transaction) in sets.iter().zip(&*transactions) {
        if !transaction.is_empty() && !before.annotator().is_gold() {
            let mut after = before.clone();
            transaction.apply(&mut after)?;
            pairs.push((before, after));
        }
    }
    let stamped = gold.remarks().filter_map(|remark| stamped(remark, &pairs));
    let edits = stamped.flat_map(|remark| [Edit::Unremark(remark.id), Edit::remark(remark)]);
    transactions[at].edits.extend(edits);
    Ok(())
}

/// A ruling as it has to read afterwards; `None` where it stays as it is.
fn stamped(remark: &Remark, pairs: &[(&AnnotationSet, AnnotationSet)]) -> Option<Remark> {
    remark.ruling()?;
    let mut stamped = remark.clone();
    for Mention { annotator, id, said: said_then } in &mut stamped.on {
        let pair = pairs.iter().find(|(before, _)| before.annotator() == annotator);
        let Some((before, after)) = pair else { continue };
        let found = before.annotation(*id).zip(after.annotation(*id));
        let Some((was, is)) = found else { continue };
        if said(before, was) == *said_then {
            *said_then = said(after, is);
        }
    }
    (stamped != *remark).then_some(stamped)
}
