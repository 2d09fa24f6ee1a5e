//! Words about a case: a comment, or a ruling for the guideline of a label.

use super::Selected;
use super::versions::cut;
use crate::app::request::Requests;
use crate::app::widgets::{named, primary_button, small, text_field};
use crate::model::LabelId;
use crate::review::Standing;
use crate::session::review::ReviewAction;
use crate::session::{Action, Session};
use egui::{Key, Ui};

/// What is being written.
pub(super) struct Writing {
    text: String,
    wants_focus: bool,
}

impl Writing {
    pub(super) fn empty() -> Self {
        Self { text: String::new(), wants_focus: true }
    }

    /// Begins with what was decided.
    pub(super) fn ruling(session: &Session, selected: &Selected<'_>) -> Self {
        let words = cut(selected.text(), 80);
        let label = label_of(session, selected);
        let label = label.map(|label| session.label_name(&label)).unwrap_or_default();
        let text = match is_rejected(session, selected) {
            true => format!("“{words}” is no {label}"),
            false => format!("“{words}” is {label}"),
        };
        Self { text, wants_focus: true }
    }

    /// Draws the field and its button; true when it is to be sent. `is_closed` is set when
    /// the field was left with Escape.
    fn ui(&mut self, ui: &mut Ui, hint: &str, button: &str, is_closed: &mut bool) -> bool {
        let mut is_sent = false;
        ui.horizontal(|ui| {
            let width = ui.available_width() - 150.0;
            ui.allocate_ui(egui::Vec2::new(width, 30.0), |ui| {
                let field = text_field(ui, &mut self.text, hint, hint);
                if std::mem::take(&mut self.wants_focus) {
                    field.request_focus();
                    // The field may have been left with its caret in another text.
                    caret_at_end(ui, &field, &self.text);
                }
                if field.lost_focus() {
                    let pressed = |key| ui.input(|input| input.key_pressed(key));
                    is_sent = pressed(Key::Enter);
                    *is_closed = pressed(Key::Escape);
                }
            });
            let is_enabled = !self.text.trim().is_empty();
            is_sent |= named(primary_button(ui, button, is_enabled), button).clicked();
            is_sent &= is_enabled;
        });
        is_sent
    }
}

fn caret_at_end(ui: &Ui, field: &egui::Response, text: &str) {
    let mut state = egui::TextEdit::load_state(ui.ctx(), field.id).unwrap_or_default();
    let end = egui::text::CCursor::new(text.chars().count());
    state.cursor.set_char_range(Some(egui::text::CCursorRange::one(end)));
    state.store(ui.ctx(), field.id);
}

/// Draws the field for a comment; true when it is to be closed.
pub(super) fn comment_ui(
    ui: &mut Ui,
    session: &Session,
    selected: &Selected<'_>,
    writing: &mut Writing,
    out: &mut Requests,
) -> bool {
    let mut is_closed = false;
    if !writing.ui(ui, "Comment on this case", "Comment", &mut is_closed) {
        return is_closed;
    }
    let marks = selected.case().map_or(&[][..], |case| &case.marks);
    let annotators = &selected.review.comparison().annotators;
    let on = marks.iter().filter_map(|mark| Some((annotators.get(mark.by)?.clone(), mark.id)));
    let (on, text) = (on.collect(), writing.text.clone());
    if session.reviewer().is_some() {
        out.act(Action::Review(ReviewAction::Comment { on, text }));
    }
    true
}

/// Draws the field for a ruling; true when it is to be closed.
pub(super) fn ruling_ui(
    ui: &mut Ui,
    session: &Session,
    selected: &Selected<'_>,
    writing: &mut Writing,
    out: &mut Requests,
) -> bool {
    let mut is_closed = false;
    let Some(label) = label_of(session, selected) else { return true };
    let name = session.label_name(&label);
    ui.label(small(ui, format!("A new line in the guideline of {name}")));
    if !writing.ui(ui, "Ruling", "Add to guideline", &mut is_closed) {
        return is_closed;
    }
    let text = writing.text.clone();
    out.act(Action::Review(ReviewAction::AddToGuideline(label, text)));
    true
}

/// The label that was decided on, else the one that most annotators gave.
fn label_of(session: &Session, selected: &Selected<'_>) -> Option<LabelId> {
    let gold = match selected.review.standing(selected.index) {
        Standing::Settled(ids) => {
            ids.first().and_then(|id| session.set()?.annotation(*id)).map(|a| a.label.clone())
        }
        Standing::Open => None,
    };
    let most = || {
        let versions = selected.review.versions(selected.case()?);
        versions.first().map(|version| version.annotation.label.clone())
    };
    gold.or_else(most)
}

fn is_rejected(session: &Session, selected: &Selected<'_>) -> bool {
    match selected.review.standing(selected.index) {
        Standing::Settled(ids) => {
            !ids.iter().any(|id| session.set().is_some_and(|gold| gold.annotation(*id).is_some()))
        }
        Standing::Open => false,
    }
}
