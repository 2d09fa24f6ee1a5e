//! The window: eframe's application and everything that is drawn.
//!
//! A panel reads the session and its own view state and returns actions; no rule of
//! the program lives here. View state (scroll, hover, measured heights) may be dropped
//! at any moment.

pub mod text_view;
pub mod theme;
pub mod wording;
