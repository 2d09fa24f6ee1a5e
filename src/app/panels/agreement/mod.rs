//! The agreement dashboard: how far annotators agree, and where they do not.

use crate::app::request::Requests;
use crate::session::Session;
use egui::Ui;

/// What the dashboard keeps from frame to frame.
#[derive(Default)]
pub struct State {}

impl State {
    /// Draws what to compare, at the left.
    pub fn choices_ui(&mut self, _ui: &mut Ui, _session: &mut Session, _out: &mut Requests) {}

    /// Draws the measures.
    pub fn ui(&mut self, _ui: &mut Ui, _session: &mut Session, _out: &mut Requests) {}
}
