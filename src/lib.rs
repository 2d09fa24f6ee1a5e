//! Copydesk, a copy desk for training data: annotate news articles, review, export.
//!
//! Data flows one way through the modules, and dependencies point the same way:
//! `text -> model -> edit -> formats -> store -> session -> { cli, app }`.
//! `docs/ARCHITECTURE.md` has the map and the invariants.

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
