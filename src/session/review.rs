//! Review: what the annotators of an open project differ in, and settling it.

mod reading;

pub use reading::{Reviewed, review_articles};
