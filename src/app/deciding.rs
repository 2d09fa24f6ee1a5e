//! The answers to where an annotation belongs whose text is gone from a corrected article:
//! it is right where it is, it belongs somewhere else, or it goes.

use super::request::Requests;
use super::widgets::link;
use crate::model::Annotation;
use crate::session::Action;
use egui::Ui;

/// Draws the three answers in a row.
pub fn answers_ui(ui: &mut Ui, annotation: &Annotation, is_placing: bool, out: &mut Requests) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 14.0;
        if link(ui, "It is right here").clicked() {
            out.act(Action::SetSpan(annotation.id, annotation.span.clone()));
        }
        let other = if is_placing { "Select the text…" } else { "Choose another place" };
        if link(ui, other).clicked() {
            out.act(Action::PlaceAnew((!is_placing).then_some(annotation.id)));
        }
        if link(ui, "Delete").clicked() {
            out.act(Action::Delete(annotation.id));
        }
    });
}
