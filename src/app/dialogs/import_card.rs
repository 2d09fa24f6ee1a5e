//! How far an import has come: a card at the lower right while one works on.

use super::super::request::{Request, Requests};
use crate::app::theme::Tokens;
use crate::app::widgets::{card, link};
use crate::app::wording::count;
use crate::session::{ImportProgress, Session};
use egui::{Align, Align2, Area, Id, Layout, Order, Rect, Sense, Ui, Vec2};

const WIDTH: f32 = 300.0;
/// Seconds before the card comes up: most imports are over by then.
const DELAY: f64 = 0.4;

/// The card's state.
#[derive(Default)]
pub(super) struct State {
    since: Option<f64>,
    /// What it takes at the lower right.
    pub(super) height: f32,
}

impl State {
    /// Draws the card while an import goes on.
    pub(super) fn ui(&mut self, ui: &Ui, session: Option<&Session>, out: &mut Requests) {
        self.height = 0.0;
        let Some(progress) = session.and_then(Session::import_progress) else {
            self.since = None;
            return;
        };
        let now = ui.input(|input| input.time);
        if now - *self.since.get_or_insert(now) < DELAY {
            ui.ctx().request_repaint_after_secs(DELAY as f32);
            return;
        }
        let frame = card(ui).inner_margin(12);
        let shown = Area::new(Id::unique("import card"))
            .order(Order::Foreground)
            .anchor(Align2::RIGHT_BOTTOM, Vec2::new(-16.0, -42.0))
            .accessible_name("Import")
            .show(ui.ctx(), |ui| {
                frame.show(ui, |ui| {
                    ui.set_width(WIDTH);
                    progress_ui(ui, progress, out);
                })
            });
        self.height = shown.response.rect.height() + 8.0;
    }
}

/// The progress with a bar and the way to end it.
pub(super) fn progress_ui(ui: &mut Ui, progress: ImportProgress, out: &mut Requests) {
    let ImportProgress { done, total, articles } = progress;
    ui.horizontal(|ui| {
        // The total is not known while folders are still being looked through.
        ui.label(match total {
            0 => "Looking for files".to_owned(),
            1 if articles > 1 => format!("Importing, {} articles so far", count(articles)),
            total => format!("Importing {} of {}", count(done), count(total)),
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if link(ui, "Cancel import").clicked() {
                out.ask(Request::CancelImport);
            }
        });
    });
    let tokens = Tokens::of(ui.ctx());
    let (bar, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 3.0), Sense::hover());
    ui.painter().rect_filled(bar, 1.5, tokens.hairline);
    let share = if total == 0 { 0.0 } else { done as f32 / total as f32 };
    let size = Vec2::new(bar.width() * share.clamp(0.0, 1.0), bar.height());
    ui.painter().rect_filled(Rect::from_min_size(bar.min, size), 1.5, tokens.saved);
}
