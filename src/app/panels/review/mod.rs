//! Review mode: what annotators differ in, and settling it.

use crate::app::request::Requests;
use crate::session::Session;
use egui::Ui;

/// What the mode keeps from frame to frame.
#[derive(Default)]
pub struct State {}

impl State {
    /// Draws the list of differences at the left.
    pub fn list_ui(&mut self, _ui: &mut Ui, _session: &mut Session, _out: &mut Requests) {}

    /// Draws the article with everybody's annotations, and the card of the selected case.
    pub fn article_ui(&mut self, _ui: &mut Ui, _session: &mut Session, _out: &mut Requests) {}
}
