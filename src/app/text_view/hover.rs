//! What the text under a resting pointer is marked as: every annotation there, the
//! innermost first, those included for which there was no room to draw a line.

use super::TextView;
use super::input::Gesture;
use super::paint::shades;
use crate::app::theme::{Tokens, sizes};
use crate::app::widgets::{small, strong, words};
use crate::model::{Annotation, gist};
use crate::session::Session;
use egui::{Response, Sense, Ui, Vec2};

/// The annotations that are named; more than these are counted.
const NAMED: usize = 8;

/// Shows the list when the pointer rests on an annotation and does nothing else.
pub(super) fn ui(view: &TextView, response: &Response, session: &Session) {
    let is_idle = view.gesture == Gesture::Idle && session.armed().is_none();
    // What is selected is in the inspector, and the list would cover its neighbours.
    let is_news = view.hovered.is_some() && view.hovered != session.selection().annotation;
    let Some(at) = response.hover_pos().filter(|_| is_idle && is_news) else { return };
    let Some((offset, set)) = view.character_at(at).zip(session.set()) else { return };
    let here = set.covering(offset);
    if here.is_empty() {
        return;
    }
    response.clone().on_hover_ui_at_pointer(|ui| {
        ui.set_max_width(300.0);
        for annotation in here.iter().take(NAMED) {
            line_ui(ui, session, annotation);
        }
        if let Some(more) = here.len().checked_sub(NAMED).filter(|more| *more > 0) {
            ui.label(small(ui, format!("and {more} more")));
        }
    });
}

fn line_ui(ui: &mut Ui, session: &Session, annotation: &Annotation) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let color = shades(session.schema(), &annotation.label, Tokens::of(ui.ctx())).line;
        let (swatch, _) = ui.allocate_exact_size(Vec2::splat(sizes::SWATCH), Sense::hover());
        ui.painter().rect_filled(swatch, 2.0, color);
        words(ui, strong(session.label_name(&annotation.label)));
        let gist = session.set().map(|set| gist(annotation, set, session.schema()));
        if let Some(gist) = gist.filter(|gist| !gist.is_empty()) {
            words(ui, small(ui, gist));
        }
    });
}
