//! The inspector: everything about the selected annotation.

use crate::app::request::Requests;
use crate::session::Session;
use egui::Ui;

/// The panel's own state.
#[derive(Default)]
pub struct State {
    wants_note_focus: bool,
}

impl State {
    /// Puts the focus into the note.
    pub fn focus_note(&mut self) {
        self.wants_note_focus = true;
    }
}

/// Draws the panel.
pub fn ui(_ui: &mut Ui, _session: &Session, _state: &mut State, _out: &mut Requests) {}
