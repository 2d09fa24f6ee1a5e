//! Agreement between annotators: the measures.
//!
//! Pure functions over plain data: no files, no session, no window.

pub mod bootstrap;
pub mod coding;
pub mod corpus;
pub mod gamma;
pub mod report;
pub mod spans;
pub mod unitizing;

mod assignment;
mod progress;
mod score;
mod seed;
mod unit;

pub use progress::{Cancelled, Progress};
pub use score::Score;
pub use unit::{Category, Stretch, Unit};
