//! The window: eframe's application and everything that is drawn.
//!
//! `desk` is the application: it draws the panels, gathers their requests and carries
//! them out. A panel (`panels/`) or dialog (`dialogs/`) reads the session and its own
//! view state and returns requests; no rule of the program lives here. View state
//! (scroll, hover, measured heights) may be dropped at any moment.

mod closing;
mod deciding;
mod desk;
mod dialogs;
mod keyboard;
mod lettering;
mod palette;
mod panels;
mod request;
pub mod text_view;
pub mod theme;
mod toasts;
mod trace;
mod widgets;
mod wording;

pub use desk::{Desk, WindowOptions, run};
