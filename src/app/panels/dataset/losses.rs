//! What a format cannot hold, by kind, and each annotation that it happens to.

use super::findings::capitalized;
use crate::app::theme::{Tokens, sizes};
use crate::app::widgets::{link, message, small, strong};
use crate::app::wording::{count, counted};
use crate::formats::Remedy;
use crate::model::AnnotatorName;
use crate::session::Session;
use crate::session::export::{LossCount, Losses};
use egui::{Frame, Ui};

/// The losses of one kind that are shown.
const SHOWN: usize = 40;

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
    frame.show(ui, |ui| {
        for (index, (kind, done, lost)) in losses.iter().enumerate() {
            let is_open = *opened == Some(index);
            ui.horizontal(|ui| {
                ui.set_min_height(sizes::ROW);
                ui.label(strong(count(lost.count)));
                ui.label(capitalized(kind.words()));
                ui.label(small(ui, remedy(done)));
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
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
