//! Closing the window: what is not saved is saved first, and where that fails, or where
//! something is left to decide, the user decides.

use super::request::{Dialog, Request, Requests};
use super::widgets::{card, link, primary_button, small, strong};
use super::wording::counted;
use crate::session::{SaveState, Session};
use egui::{Context, Id, Modal, Ui, ViewportCommand};

/// Whether the window is to close.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Closing {
    /// Nobody asked.
    #[default]
    No,
    /// As soon as nothing keeps it.
    WhenFree,
    /// At once, whatever is lost.
    AtOnce,
}

/// What keeps the window from closing, the most urgent of it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Keeps {
    /// Saving goes on.
    Saving,
    /// Saving fails, for this reason.
    Failing(String),
    /// A copy of the project is being made.
    Copying,
    /// So many conflicts with what others changed are put off, which nothing remembers.
    Conflicts(usize),
}

impl Keeps {
    fn of(session: &Session) -> Option<Self> {
        if session.is_copying() {
            return Some(Self::Copying);
        }
        match session.save_state() {
            SaveState::Failed(why) => Some(Self::Failing(why)),
            SaveState::Saved => {
                let conflicts = session.conflicts().len();
                (conflicts > 0).then_some(Self::Conflicts(conflicts))
            }
            SaveState::Saving => Some(Self::Saving),
        }
    }
}

impl Closing {
    /// Looks whether the window was asked to close, and holds it open while something
    /// keeps it.
    pub fn check(&mut self, ctx: &Context, session: Option<&Session>) {
        let keeps = session.and_then(Keeps::of);
        if ctx.input(|input| input.viewport().close_requested())
            && *self != Self::AtOnce
            && keeps.is_some()
        {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            *self = Self::WhenFree;
            if let Some(session) = session {
                // As long as nothing of it is written it can be made again.
                session.cancel_migration();
                session.hurry_saving();
            }
        }
        if *self == Self::WhenFree && keeps.is_none() {
            self.close(ctx);
        }
    }

    fn close(&mut self, ctx: &Context) {
        *self = Self::AtOnce;
        ctx.send_viewport_cmd(ViewportCommand::Close);
    }

    /// Asks what to do about what keeps the window.
    pub fn ui(&mut self, ui: &Ui, session: Option<&Session>, out: &mut Requests) {
        if *self != Self::WhenFree {
            return;
        }
        match session.and_then(Keeps::of) {
            Some(Keeps::Failing(why)) => self.failing_ui(ui, &why, out),
            Some(Keeps::Copying) => self.copying_ui(ui),
            Some(Keeps::Conflicts(number)) => self.conflicts_ui(ui, number, out),
            Some(Keeps::Saving) | None => {}
        }
    }

    fn failing_ui(&mut self, ui: &Ui, why: &str, out: &mut Requests) {
        question(ui, "Not everything is saved", |ui| {
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
                    self.close(ui.ctx());
                }
            });
        });
    }

    /// What is copied may be on a drive that never answers, so nobody is made to wait.
    fn copying_ui(&mut self, ui: &Ui) {
        question(ui, "A copy of the project is being saved", |ui| {
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
                    self.close(ui.ctx());
                }
            });
        });
    }

    fn conflicts_ui(&mut self, ui: &Ui, number: usize, out: &mut Requests) {
        let what = counted(number, "conflict", "conflicts");
        question(ui, &format!("{what} with changes on disk to decide"), |ui| {
            ui.label(small(
                ui,
                "They are shown with both versions as long as the window is open. Closing it keeps \
                 your version; the other one stays in a file beside it, which copydesk check names",
            ));
            ui.add_space(10.0);
            ui.horizontal(|ui| {
                if primary_button(ui, "Decide now", true).clicked() {
                    *self = Self::No;
                    out.ask(Request::Show(Dialog::Conflicts));
                }
                if link(ui, "Keep yours and close").clicked() {
                    self.close(ui.ctx());
                }
                if link(ui, "Keep the window open").clicked() {
                    *self = Self::No;
                }
            });
        });
    }
}

/// Asks before anything else goes on.
fn question(ui: &Ui, title: &str, rest: impl FnOnce(&mut Ui)) {
    let frame = card(ui).inner_margin(20);
    Modal::new(Id::unique("closing")).frame(frame).show(ui.ctx(), |ui| {
        ui.set_width(460.0);
        ui.label(strong(title).size(15.0));
        ui.add_space(4.0);
        rest(ui);
    });
}
