//! Copydesk, a copy desk for training data: annotate news articles, review, export.
//!
//! Data flows one way through the modules, and dependencies point the same way:
//! `text -> model -> edit -> formats -> agreement -> store -> session -> { cli, app }`.
//! `docs/ARCHITECTURE.md` has the map and the invariants.

pub mod agreement;
#[cfg(feature = "gui")]
pub mod app;
pub mod cli;
pub mod edit;
pub mod formats;
pub mod model;
pub mod review;
pub mod session;
pub mod store;
pub mod text;
