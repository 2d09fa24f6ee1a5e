//! How far long work has come: a card at the lower right while some goes on.

use super::super::request::{Request, Requests};
use crate::app::theme::Tokens;
use crate::app::widgets::{card, link};
use crate::app::wording::count;
use crate::session::{ImportProgress, MigrationProgress, Session};
use egui::{Align, Align2, Area, Id, Layout, Order, Rect, Sense, Ui, Vec2};

const WIDTH: f32 = 300.0;
/// Seconds before the card comes up: most work is over by then.
const DELAY: f64 = 0.4;
/// Seconds between two looks at how far it is.
const TICK: f32 = 0.1;

/// The card's state.
#[derive(Default)]
pub(super) struct State {
    since: Option<f64>,
    /// What it takes at the lower right.
    pub(super) height: f32,
}

impl State {
    /// Draws the card while there is work.
    pub(super) fn ui(&mut self, ui: &Ui, session: Option<&Session>, out: &mut Requests) {
        self.height = 0.0;
        let Some(work) = session.and_then(Work::of) else {
            self.since = None;
            return;
        };
        let now = ui.input(|input| input.time);
        if now - *self.since.get_or_insert(now) < DELAY {
            ui.ctx().request_repaint_after_secs(DELAY as f32);
            return;
        }
        ui.ctx().request_repaint_after_secs(TICK);
        let frame = card(ui).inner_margin(12);
        let shown = Area::new(Id::unique("progress card"))
            .order(Order::Foreground)
            .anchor(Align2::RIGHT_BOTTOM, Vec2::new(-16.0, -42.0))
            .accessible_name(work.name)
            .show(ui.ctx(), |ui| {
                frame.show(ui, |ui| {
                    ui.set_width(WIDTH);
                    work.ui(ui, out);
                })
            });
        self.height = shown.response.rect.height() + 8.0;
    }
}

/// Work that goes on, in words.
pub(super) struct Work {
    name: &'static str,
    words: String,
    /// From zero to one.
    share: f32,
    /// The way to end it, where there is one.
    cancel: Option<(&'static str, Request)>,
}

impl Work {
    fn of(session: &Session) -> Option<Self> {
        let migration = || session.migration_progress().map(Self::of_migration);
        session.import_progress().map(Self::of_import).or_else(migration)
    }

    /// An import.
    pub(super) fn of_import(progress: ImportProgress) -> Self {
        let ImportProgress { done, total, articles } = progress;
        // The total is not known while folders are still being looked through.
        let words = match total {
            0 => "Looking for files".to_owned(),
            1 if articles > 1 => format!("Importing, {} articles so far", count(articles)),
            total => format!("Importing {} of {}", count(done), count(total)),
        };
        let cancel = Some(("Cancel import", Request::CancelImport));
        Self { name: "Import", words, share: share(done, total), cancel }
    }

    fn of_migration(progress: MigrationProgress) -> Self {
        let MigrationProgress { done, total, is_of_histories, is_writing } = progress;
        let verb = if is_writing { "Changing" } else { "Looking through" };
        let things = if is_of_histories { "histories" } else { "articles" };
        let words = match total {
            0 => "Changing the schema".to_owned(),
            total => format!("{verb} {} of {} {things}", count(done), count(total)),
        };
        // What is being written is taken back by undo, once it is there.
        let cancel = (!is_writing).then_some(("Cancel", Request::CancelMigration));
        Self { name: "Change of the schema", words, share: share(done, total), cancel }
    }

    /// The words with a bar and the way to end it.
    pub(super) fn ui(self, ui: &mut Ui, out: &mut Requests) {
        ui.horizontal(|ui| {
            ui.label(&self.words);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if let Some((label, request)) = self.cancel
                    && link(ui, label).clicked()
                {
                    out.ask(request);
                }
            });
        });
        let tokens = Tokens::of(ui.ctx());
        let (bar, _) = ui.allocate_exact_size(Vec2::new(ui.available_width(), 3.0), Sense::hover());
        ui.painter().rect_filled(bar, 1.5, tokens.hairline);
        let size = Vec2::new(bar.width() * self.share, bar.height());
        ui.painter().rect_filled(Rect::from_min_size(bar.min, size), 1.5, tokens.saved);
    }
}

fn share(done: usize, total: usize) -> f32 {
    if total == 0 { 0.0 } else { (done as f32 / total as f32).clamp(0.0, 1.0) }
}
