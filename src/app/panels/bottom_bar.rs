//! The bar at the bottom: what to check, how many annotations, the zoom, the keys.

use crate::app::request::Requests;
use crate::app::theme::Tokens;
use crate::app::widgets::{button_message, named, small};
use crate::app::wording::counted;
use crate::session::command::CommandId;
use crate::session::{Action, Session};
use egui::{Align, Button, Layout, RichText, Ui};

/// The things to check that are named in the bar.
const NAMED: usize = 2;

/// Draws the bar.
pub fn ui(ui: &mut Ui, session: Option<&mut Session>, out: &mut Requests) {
    ui.horizontal_centered(|ui| {
        ui.spacing_mut().item_spacing.x = 18.0;
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 18.0;
            if quiet_button(ui, "? shortcuts").clicked() {
                out.run(CommandId::Shortcuts);
            }
            let zoom = format!("{:.0}%", ui.ctx().zoom_factor() * 100.0);
            if quiet_button(ui, &zoom).on_hover_text("Zoom; click for 100%").clicked() {
                out.run(CommandId::ZoomReset);
            }
            let Some(session) = session else { return };
            if let Some(set) = session.set() {
                ui.label(small(ui, counted(set.len(), "annotation", "annotations")));
            }
            if let Some((read, of)) = session.catalogue().progress() {
                ui.label(small(ui, format!("Reading {read} of {of} articles")));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| lints_ui(ui, session, out));
        });
    });
}

fn lints_ui(ui: &mut Ui, session: &Session, out: &mut Requests) {
    if session.selection().relating_from.is_some() {
        ui.label(small(ui, "Click the annotation it points to, or press Esc"));
        return;
    }
    if session.selection().placing.is_some() {
        ui.label(small(ui, "Select the text where the annotation belongs, or press Esc"));
        return;
    }
    let lints = session.lints();
    let Some(article) = session.article().filter(|_| !lints.is_empty()) else { return };
    let color = Tokens::of(ui.ctx()).warning;
    let text = RichText::new(format!("{} to check", lints.len())).size(12.0).color(color);
    let button = ui.add(Button::new(text).frame_when_inactive(false));
    if button.on_hover_text("List all of them").clicked() {
        out.run(CommandId::ThingsToCheck);
    }
    let named = lints.annotations().flat_map(|(id, _)| session.lints_of(id)).take(NAMED);
    for lint in named {
        if ui.available_width() < 160.0 {
            break;
        }
        if quiet_button(ui, &lint.what).on_hover_text("Go there").clicked() {
            out.act(Action::GoToAnnotation(article.article.id().clone(), lint.annotation));
        }
    }
}

fn quiet_button(ui: &mut Ui, text: &str) -> egui::Response {
    let words = button_message(ui, small(ui, text));
    named(ui.add(Button::new(words).frame_when_inactive(false).truncate()), text)
}
