//! Why annotators differ, and what is settled.
//!
//! [`compare`] aligns any number of annotation sets of one article and gives [`Case`]s:
//! one case is one thing in the text that some annotators marked, with who marked it and
//! in what they differ. There is deliberately no file, no thread and no window here, and
//! nothing changes a set: what is decided comes out as a transaction on the gold set.

mod align;
mod compare;

pub use compare::{Case, Comparison, Difference, DifferenceKind, Link, Mark, Version, compare};
