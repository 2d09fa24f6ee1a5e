//! The note on the selected annotation, and the way to a comment.

use super::drafts::Field;
use super::{State, typing_ui};
use crate::app::request::Requests;
use crate::app::theme::Tokens;
use crate::app::widgets::{key_cap, named, section_title};
use crate::model::Annotation;
use crate::session::Action;
use crate::session::command::CommandId;
use egui::{Align, Layout, Margin, RichText, TextEdit, Ui};

/// Draws the note.
pub(super) fn ui(ui: &mut Ui, annotation: &Annotation, state: &mut State, out: &mut Requests) {
    ui.horizontal(|ui| {
        section_title(ui, "Note");
        if let Some(key) = CommandId::EditNote.info().keys.first() {
            ui.add_space(4.0);
            key_cap(ui, &key.text());
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            super::comments::link_ui(ui, annotation, state);
        });
    });
    let wants_focus = std::mem::take(&mut state.wants_note_focus);
    let verdict = |text: &str| {
        let is_new = text.trim() != annotation.note;
        Ok(is_new.then(|| Action::SetNote(annotation.id, text.trim().to_owned())))
    };
    ui.push_id((annotation.id, "note"), |ui| {
        let (drafts, note) = (&mut state.drafts, annotation.note.clone());
        let response = typing_ui(ui, drafts, &Field::Note, note, out, verdict, |ui, text| {
            let hint = RichText::new("For other people").color(Tokens::of(ui.ctx()).faint);
            let edit = TextEdit::multiline(text)
                .hint_text(hint)
                .margin(Margin::symmetric(8, 6))
                .desired_rows(2)
                .desired_width(ui.available_width());
            named(ui.add(edit), "Note")
        });
        if wants_focus {
            response.request_focus();
            response.scroll_to_me(None);
        }
    });
}
