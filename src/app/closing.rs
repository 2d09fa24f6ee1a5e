//! Closing the window: what is not saved is saved first, and where that fails the user
//! decides.

use super::request::{Dialog, Request, Requests};
use super::widgets::{card, link, primary_button, small, strong};
use crate::session::{SaveState, Session};
use egui::{Context, Id, Modal, Ui, ViewportCommand};

/// Whether the window is to close.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Closing {
    /// Nobody asked.
    #[default]
    No,
    /// As soon as everything is saved.
    WhenSaved,
    /// At once, whatever is lost.
    AtOnce,
}

impl Closing {
    /// Looks whether the window was asked to close, and holds it open while something
    /// is not saved.
    pub fn check(&mut self, ctx: &Context, session: Option<&Session>) {
        let state = session.map_or(SaveState::Saved, Session::save_state);
        let is_copying = session.is_some_and(Session::is_copying);
        if ctx.input(|input| input.viewport().close_requested())
            && *self != Self::AtOnce
            && (state != SaveState::Saved || is_copying)
        {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            *self = Self::WhenSaved;
            if let Some(session) = session {
                // As long as nothing of it is written it can be made again.
                session.cancel_migration();
                session.hurry_saving();
            }
        }
        if *self == Self::WhenSaved && state == SaveState::Saved && !is_copying {
            *self = Self::AtOnce;
            ctx.send_viewport_cmd(ViewportCommand::Close);
        }
    }

    /// Asks what to do while saving fails, or a copy is being made.
    pub fn ui(&mut self, ui: &Ui, session: Option<&Session>, out: &mut Requests) {
        if *self != Self::WhenSaved {
            return;
        }
        if session.is_some_and(Session::is_copying) {
            return self.copying_ui(ui);
        }
        let Some(SaveState::Failed(why)) = session.map(Session::save_state) else { return };
        let frame = card(ui).inner_margin(20);
        Modal::new(Id::unique("closing")).frame(frame).show(ui.ctx(), |ui| {
            ui.set_width(460.0);
            ui.label(strong("Not everything is saved").size(15.0));
            ui.add_space(4.0);
            ui.label(why);
            ui.label(small(
                ui,
                "Your work is kept as long as the window is open, and tried again. Save elsewhere, \
                 also in the File menu, makes a copy of the project with all of it",
            ));
            ui.add_space(10.0);
            ui.horizontal(|ui| {
                if primary_button(ui, "Try again", true).clicked() {
                    out.ask(Request::RetrySaving);
                }
                if link(ui, "Save elsewhere…").clicked() {
                    *self = Self::No;
                    out.ask(Request::Show(Dialog::SaveElsewhere));
                }
                if link(ui, "Keep the window open").clicked() {
                    *self = Self::No;
                }
                if link(ui, "Close and lose it").clicked() {
                    *self = Self::AtOnce;
                    ui.ctx().send_viewport_cmd(ViewportCommand::Close);
                }
            });
        });
    }

    /// What is copied may be on a drive that never answers, so nobody is made to wait.
    fn copying_ui(&mut self, ui: &Ui) {
        let frame = card(ui).inner_margin(20);
        Modal::new(Id::unique("closing")).frame(frame).show(ui.ctx(), |ui| {
            ui.set_width(460.0);
            ui.label(strong("A copy of the project is being saved").size(15.0));
            ui.add_space(4.0);
            ui.label(small(
                ui,
                "The window closes when it is there. Of half a copy nothing can be used: closing \
                 now means that there is none",
            ));
            ui.add_space(10.0);
            ui.horizontal(|ui| {
                if primary_button(ui, "Keep the window open", true).clicked() {
                    *self = Self::No;
                }
                if link(ui, "Close without the copy").clicked() {
                    *self = Self::AtOnce;
                    ui.ctx().send_viewport_cmd(ViewportCommand::Close);
                }
            });
        });
    }
}
