//! Why annotators differ, and what is settled.
//!
//! [`compare`] aligns any number of annotation sets of one article and gives [`Case`]s:
//! one case is one thing in the text that some annotators marked, with who marked it and
//! in what they differ. [`Adjudication`] turns decisions about cases into a transaction on
//! the gold set, [`Precedents`] count how a text was settled before, and [`draw`] says who
//! annotates what. There is deliberately no file, no thread and no window here, and nothing
//! changes a set.

mod adjudicate;
mod align;
mod assign;
mod compare;
mod content;
mod precedent;
mod rulings;

pub use adjudicate::{Adjudication, Decision, DecisionError, Progress, Standing};
pub use assign::{Begun, Draw, DrawError, Matrix, Standing as AnnotatorStanding, draw, matrix};
pub use compare::{Case, Comparison, Difference, DifferenceKind, Link, Mark, Version, compare};
pub use content::{Likeness, likeness, said};
pub use precedent::{Instance, Precedents, context};
pub use rulings::Rulings;
