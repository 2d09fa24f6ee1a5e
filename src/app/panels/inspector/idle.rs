//! What the inspector says when no annotation is selected: how to begin, or what can
//! be done with the selected text.

use super::header::{label_row, quote_ui};
use super::{State, command_link, more_link_ui};
use crate::app::request::Requests;
use crate::app::widgets::{muted, section_title, small};
use crate::session::command::CommandId;
use crate::session::{Action, Session};
use crate::text::TextRange;
use egui::{Label, Ui};

/// Draws it.
pub(super) fn ui(ui: &mut Ui, session: &Session, state: &mut State, out: &mut Requests) {
    match session.selection().text {
        Some(range) => text_ui(ui, session, range, out),
        None => begin_ui(ui, session),
    }
    if session.offer().is_some() {
        ui.add_space(12.0);
        state.wants_more |= more_link_ui(ui, session, None, out);
    }
}

fn begin_ui(ui: &mut Ui, session: &Session) {
    if session.set().is_none() {
        ui.label(small(ui, "Open an article to begin"));
        return;
    }
    section_title(ui, "How to begin");
    ui.add_space(6.0);
    ui.spacing_mut().item_spacing.y = 8.0;
    for hint in [
        "Select text and press a label’s key",
        "Hold Alt to select by letter",
        "Click a label to keep it armed: every drag then labels at once",
        "Click a highlight to see and change what is known of it",
    ] {
        ui.add(Label::new(muted(ui, hint)).wrap());
    }
}

fn text_ui(ui: &mut Ui, session: &Session, range: TextRange, out: &mut Requests) {
    let text = session.set().map_or("", |set| set.article().text());
    let words = text.get(usize::from(range.start())..usize::from(range.end()));
    section_title(ui, "Selected text");
    ui.add_space(2.0);
    quote_ui(ui, words.unwrap_or_default(), 5);
    ui.add_space(8.0);
    if session.selection().part_of.is_some() {
        command_link(ui, "Add as a part", CommandId::AddRange, out);
        ui.add_space(4.0);
    }
    section_title(ui, "Label it");
    ui.add_space(2.0);
    ui.spacing_mut().item_spacing.y = 0.0;
    for label in session.schema().labels() {
        if label_row(ui, label, false, 0.0).clicked() {
            out.act(Action::Label(label.id.clone()));
        }
    }
}
