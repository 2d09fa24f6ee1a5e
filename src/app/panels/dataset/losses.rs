//! What a format cannot hold, by kind, and each annotation that it happens to.

use super::findings::capitalized;
use crate::app::theme::{Tokens, sizes};
use crate::app::widgets::{link, message, small, strong};
use crate::app::wording::{count, counted};
use crate::formats::Remedy;
use crate::model::AnnotatorName;
use crate::session::Session;
use crate::session::export::{LossCount, Losses};
use egui::{Align, Frame, Layout, Ui, Vec2};

/// The losses of one kind that are shown.
const SHOWN: usize = 40;
/// The room of the words that show and hide them, in points.
const LINK: f32 = 48.0;
/// The room of a digit, in points.
const DIGIT: f32 = 9.0;

/// Draws the losses by kind, those of one kind one by one; `none` where there are none.
pub(super) fn ui(
    ui: &mut Ui,
    session: &Session,
    losses: &Losses,
    none: &str,
    opened: &mut Option<usize>,
) {
    if losses.is_empty() {
        ui.label(small(ui, none));
        return;
    }
    let tokens = Tokens::of(ui.ctx());
    let frame = Frame::new()
        .stroke(egui::Stroke::new(1.0, tokens.hairline))
        .corner_radius(sizes::CORNER)
        .inner_margin(egui::Margin::symmetric(12, 4));
    let most = losses.iter().map(|(.., lost)| lost.count).max().unwrap_or_default();
    let column = DIGIT * count(most).chars().count() as f32;
    frame.show(ui, |ui| {
        for (index, (kind, done, lost)) in losses.iter().enumerate() {
            let is_open = *opened == Some(index);
            ui.horizontal(|ui| {
                let room = Vec2::new((ui.available_width() - LINK).max(LINK), sizes::ROW);
                let side_by_side = Layout::left_to_right(Align::Center).with_main_wrap(true);
                ui.allocate_ui_with_layout(room, side_by_side, |ui| {
                    ui.set_min_size(room);
                    number_ui(ui, lost.count, column);
                    ui.label(capitalized(kind.words()));
                    ui.label(small(ui, remedy(done)));
                });
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    if link(ui, if is_open { "hide" } else { "show" }).clicked() {
                        *opened = (!is_open).then_some(index);
                    }
                });
            });
            if is_open {
                examples_ui(ui, session, lost);
            }
        }
    });
}

/// Draws a number at the right of its column.
fn number_ui(ui: &mut Ui, number: usize, column: f32) {
    let size = Vec2::new(column, ui.spacing().interact_size.y);
    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
        ui.set_min_size(size);
        ui.label(strong(count(number)));
    });
}

fn examples_ui(ui: &mut Ui, session: &Session, lost: &LossCount) {
    for loss in lost.examples.iter().take(SHOWN) {
        let what = if loss.what.is_empty() { String::new() } else { format!(" · {}", loss.what) };
        let by = if loss.annotator.is_empty() { "" } else { " · " };
        let surface = match loss.surface.is_empty() {
            true => String::new(),
            false => format!("“{}” · ", loss.surface),
        };
        let who = AnnotatorName::of_set(&loss.annotator).map(|name| session.shown_name(&name));
        let who = who.unwrap_or_else(|_| loss.annotator.clone());
        let line = format!("{surface}{}{by}{who}{what}", loss.article);
        message(ui, small(ui, line));
    }
    if lost.count > SHOWN {
        let more = counted(lost.count - SHOWN, "more", "more");
        ui.label(small(ui, format!("and {more}; copydesk export --report lists all of them")));
    }
    ui.add_space(6.0);
}

fn remedy(done: Remedy) -> &'static str {
    match done {
        Remedy::LeftOut => "left out",
        Remedy::Expanded => "expanded",
        Remedy::Divided => "divided",
        Remedy::Changed => "changed",
    }
}
