//! Parsing what was cut into records on all cores.
//!
//! A file of a hundred thousand records is parsed in large blocks by all cores. The proof
//! of an export reads one article at a time, on a thread of which there is one for each core
//! already: waking the others for it costs more than reading it.

use rayon::prelude::*;

/// Fewer records than this are not worth waking other threads for.
const FEW: usize = 8;

/// What `parse` makes of each record, in their order.
pub(super) fn parse_all<R: Send, T: Send>(
    records: Vec<R>,
    parse: impl Fn(R) -> T + Sync + Send,
) -> Vec<T> {
    match records.len() {
        0..FEW => records.into_iter().map(parse).collect(),
        _ => records.into_par_iter().map(parse).collect(),
    }
}
