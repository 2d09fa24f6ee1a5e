//! Messages that come and go at the lower right. Errors stay until they are closed.

use super::request::Requests;
use super::theme::Tokens;
use super::widgets::card;
use crate::session::{Notice, Weight};
use egui::{Align2, Area, Id, Order, Sense, Stroke, Ui, Vec2};

/// Seconds that a message stays.
const STAY: f64 = 5.0;
/// Messages shown at once; older ones go first.
const MOST: usize = 4;

struct Toast {
    notice: Notice,
    /// When it came up, in seconds; set in the first frame that shows it.
    since: Option<f64>,
}

/// The messages that are shown.
#[derive(Default)]
pub struct Toasts(Vec<Toast>);

impl Toasts {
    /// Shows a message. The same one twice in a row is shown once.
    pub fn add(&mut self, notice: Notice) {
        self.0.retain(|toast| toast.notice != notice);
        self.0.push(Toast { notice, since: None });
        // Errors are kept over messages that can be overlooked.
        while self.0.len() > MOST {
            let passing = self.0.iter().position(|toast| toast.notice.weight != Weight::Error);
            self.0.remove(passing.unwrap_or(0));
        }
    }

    /// Draws them.
    pub fn ui(&mut self, ui: &Ui, _out: &mut Requests) {
        let now = ui.input(|input| input.time);
        self.0.retain(|toast| {
            let age = toast.since.map_or(0.0, |since| now - since);
            toast.notice.weight == Weight::Error || age < STAY
        });
        if self.0.is_empty() {
            return;
        }
        let mut closed = None;
        Area::new(Id::unique("messages"))
            .order(Order::Foreground)
            .anchor(Align2::RIGHT_BOTTOM, Vec2::new(-16.0, -42.0))
            .show(ui.ctx(), |ui| {
                for (index, toast) in self.0.iter_mut().enumerate() {
                    toast.since.get_or_insert(now);
                    if toast_ui(ui, &toast.notice) {
                        closed = Some(index);
                    }
                    ui.add_space(6.0);
                }
            });
        if let Some(index) = closed {
            self.0.remove(index);
        }
        ui.ctx().request_repaint_after_secs(0.5);
    }
}

/// One message; true when its cross was pressed.
fn toast_ui(ui: &mut Ui, notice: &Notice) -> bool {
    let tokens = Tokens::of(ui.ctx());
    let color = match notice.weight {
        Weight::Info => tokens.accent,
        Weight::Warning | Weight::Error => tokens.warning,
    };
    card(ui)
        .show(ui, |ui| {
            ui.set_max_width(380.0);
            ui.horizontal(|ui| {
                let (dot, _) = ui.allocate_exact_size(Vec2::new(10.0, 18.0), Sense::hover());
                ui.painter().circle(dot.center(), 3.5, color, Stroke::NONE);
                ui.add(egui::Label::new(&notice.text).wrap());
                let cross = ui.add(egui::Button::new("×").frame(false));
                super::widgets::named(cross, "Close message").clicked()
            })
            .inner
        })
        .inner
}
