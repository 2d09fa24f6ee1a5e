//! Agreement on spans, two annotators at a time: who marked the same, and how often.
//!
//! Nothing here corrects for chance, because what was not marked cannot be counted: of the
//! spans that nobody chose there is no number. Stacked, nested and discontinuous spans are
//! units like any other.

mod f1;
mod matching;
mod semeval;
mod tokens;

pub use f1::{Extent, Tally, f1_by_category, f1_tally};
pub use matching::{aligned, identical, overlapping};
pub use semeval::{Scheme, SemEval, semeval};
pub use tokens::{TOKEN_KAPPA_CAVEAT, token_choices, token_table, token_values};
