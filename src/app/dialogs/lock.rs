//! Somebody else works as this annotator: look on, take over, or be somebody else.

use super::frame::Sheet;
use crate::app::request::Requests;
use crate::app::widgets::{hairline, link, primary_button, small, text_field};
use crate::model::AnnotatorName;
use crate::session::{Action, Session};
use egui::{Context, Key, Ui};

/// The dialog's state.
#[derive(Default)]
pub(super) struct State {
    chooses: bool,
    name: String,
}

impl State {
    /// Opens when the session has just become read-only.
    pub(super) fn take(session: &mut Session) -> Option<Self> {
        session.take_lock_question().then(Self::default)
    }

    /// Draws the dialog; true when it is to be closed.
    pub(super) fn ui(
        &mut self,
        ctx: &Context,
        session: Option<&Session>,
        out: &mut Requests,
    ) -> bool {
        let Some(session) = session.filter(|session| session.blocked().is_some()) else {
            return true;
        };
        let shown = Sheet::new("Somebody is at work", 460.0).show(ctx, |ui| {
            ui.add(egui::Label::new(session.blocked_words()).wrap());
            let text = "Two windows of one annotator would work against each other. Whatever you \
                        choose, nothing is lost";
            ui.add(egui::Label::new(small(ui, text)).wrap());
            ui.add_space(12.0);
            let mut is_done = false;
            ui.horizontal(|ui| {
                is_done |= primary_button(ui, "Open read-only", true).clicked();
                ui.add_space(8.0);
                if link(ui, "Take over").clicked() {
                    out.act(Action::TakeOver);
                    is_done = true;
                }
                ui.add_space(8.0);
                if link(ui, "Choose another annotator").clicked() {
                    self.chooses = true;
                }
            });
            if self.chooses {
                is_done |= self.choice_ui(ui, session, out);
            }
            is_done
        });
        shown.is_closed || shown.inner
    }

    /// Everybody else, and a field for somebody new; true when one was chosen.
    fn choice_ui(&mut self, ui: &mut Ui, session: &Session, out: &mut Requests) -> bool {
        ui.add_space(10.0);
        hairline(ui);
        ui.add_space(8.0);
        let mut chosen = None;
        let others = session.choosable_annotators();
        for name in others.iter().filter(|name| *name != session.annotator()) {
            if link(ui, name.as_str()).clicked() {
                chosen = Some(name.clone());
            }
        }
        ui.add_space(4.0);
        let field = text_field(ui, &mut self.name, "Somebody new", "Name of another annotator");
        let has_entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if has_entered && let Ok(name) = AnnotatorName::new(self.name.trim()) {
            chosen = Some(name);
        }
        let is_chosen = chosen.is_some();
        if let Some(name) = chosen {
            out.act(Action::SwitchAnnotator(name));
        }
        is_chosen
    }
}
