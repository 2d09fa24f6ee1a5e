//! The labels: colour, name, count and key; a click keeps a label armed.

use crate::app::request::Requests;
use crate::app::theme::{LabelShades, Tokens, sizes};
use crate::app::widgets::{
    hairline, paint_key, paint_line, row, section_title, small, strong, words,
};
use crate::model::Label;
use crate::session::command::CommandId;
use crate::session::{Action, Session};
use egui::{Align2, FontId, Frame, Margin, Pos2, Rect, ScrollArea, Stroke, StrokeKind, Ui, Vec2};

/// The share of the panel's height that the list may take before it scrolls.
const SHARE: f32 = 0.45;

/// Draws the list.
pub fn ui(ui: &mut Ui, session: &Session, out: &mut Requests) {
    let margin = Margin { left: 16, right: 16, top: 14, bottom: 6 };
    Frame::new().inner_margin(margin).show(ui, |ui| {
        section_title(ui, "Labels");
    });
    ui.spacing_mut().item_spacing.y = 0.0;
    let counts = session.label_counts();
    let most = ui.available_height() * SHARE;
    ScrollArea::vertical().id_salt("labels").max_height(most).show(ui, |ui| {
        for label in session.schema().labels() {
            label_ui(ui, session, label, counts.get(&label.id).copied().unwrap_or(0), out);
        }
    });
    if session.schema().labels().is_empty() {
        Frame::new().inner_margin(Margin::symmetric(16, 4)).show(ui, |ui| {
            ui.label(small(ui, "The schema has no labels yet"));
            if crate::app::widgets::link(ui, "Add labels…").clicked() {
                out.run(CommandId::SchemaEditor);
            }
        });
    }
    ui.add_space(10.0);
    hairline(ui);
}

fn label_ui(ui: &mut Ui, session: &Session, label: &Label, count: usize, out: &mut Requests) {
    let tokens = Tokens::of(ui.ctx());
    let is_armed = session.armed() == Some(&label.id);
    let shades = LabelShades::of(label.color, tokens);
    let state = if is_armed { "armed" } else { "not armed" };
    let response = row(ui, sizes::ROW, is_armed, &format!("{}, {count}, {state}", label.name));
    let rect = response.rect.shrink2(Vec2::new(sizes::PANEL_MARGIN, 0.0));
    let middle = rect.center().y;
    let swatch = Rect::from_center_size(Pos2::new(rect.left() + 6.0, middle), Vec2::splat(12.0));
    ui.painter().rect_filled(swatch, 3.0, shades.line);
    if is_armed {
        let around = swatch.expand(2.5);
        ui.painter().rect_stroke(around, 5.0, Stroke::new(1.5, shades.line), StrokeKind::Inside);
    }
    let mut right = rect.right();
    if let Some(key) = label.key {
        right = paint_key(ui, rect.right_center(), &key.to_uppercase().to_string()) - 10.0;
    }
    let font = FontId::proportional(sizes::UI_TEXT);
    let at = Pos2::new(right, middle);
    ui.painter().text(at, Align2::RIGHT_CENTER, count.to_string(), font.clone(), tokens.muted);
    let left = Pos2::new(rect.left() + 22.0, middle);
    paint_line(ui, left, &label.name, font, tokens.text, right - left.x - 36.0);
    if response.clicked() {
        let armed = (!is_armed).then(|| label.id.clone());
        out.act(Action::Arm(armed));
    }
    response.on_hover_ui(|ui| guideline_ui(ui, label));
}

/// The guideline of a label, as it shows on hover.
pub fn guideline_ui(ui: &mut Ui, label: &Label) {
    ui.set_max_width(340.0);
    words(ui, strong(&label.name));
    if label.guideline.is_empty() {
        ui.label(small(ui, "No guideline yet; write one in Article › Schema"));
    } else {
        words(ui, &label.guideline);
    }
    ui.add_space(2.0);
    ui.label(small(ui, "Click to keep it armed: every drag then labels at once"));
}
