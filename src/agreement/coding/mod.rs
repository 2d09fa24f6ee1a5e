//! Agreement on items that are given: which category, or which value, each coder chose.
//!
//! Spans are no such items. What is measured here are tokens (with a caveat), attributes
//! of annotations that were matched first, and published tables.

mod alpha;
mod fleiss;
mod table;

pub use alpha::{Alpha, Metric, krippendorff_alpha};
pub use fleiss::{Fleiss, FleissTable, fleiss};
pub use table::CodingTable;
