//! The article list with its filter, and the search.

use crate::app::request::Requests;
use crate::session::Session;
use egui::Ui;

/// The panel's own state.
#[derive(Default)]
pub struct State {
    wants_filter_focus: bool,
    search: Option<bool>,
}

impl State {
    /// Puts the focus into the filter.
    pub fn focus_filter(&mut self) {
        self.wants_filter_focus = true;
    }

    /// Opens the search in the article or, with `in_project`, in every article.
    pub fn find(&mut self, in_project: bool) {
        self.search = Some(in_project);
    }
}

/// Draws the panel.
pub fn ui(ui: &mut Ui, session: &mut Session, _state: &mut State, out: &mut Requests) {
    let visible = session.catalogue().visible().to_vec();
    for index in visible {
        let entry = session.catalogue().entries()[index].clone();
        if ui.button(entry.title()).clicked() {
            out.act(crate::session::Action::OpenArticle(entry.id));
        }
    }
}
