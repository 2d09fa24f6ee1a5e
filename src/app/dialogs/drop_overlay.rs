//! What the window says while files are held over it.

use crate::app::theme::{Tokens, sizes};
use crate::app::widgets::{quoted, small};
use egui::{Align, Area, Id, Layout, Order, Pos2, Rect, Shape, Stroke, Ui, UiBuilder, Vec2};

/// Draws it while files hover over the window.
pub(super) fn ui(ui: &Ui, has_project: bool) {
    let is_hovered = ui.input(|input| !input.raw.hovered_files.is_empty());
    if !is_hovered {
        return;
    }
    let window = ui.ctx().content_rect();
    let area = Area::new(Id::unique("drop")).order(Order::Tooltip).fixed_pos(window.min);
    area.interactable(false).fade_in(false).show(ui.ctx(), |ui| {
        let tokens = Tokens::of(ui.ctx());
        ui.painter().rect_filled(window, 0.0, tokens.page.gamma_multiply(0.9));
        let border = window.shrink(20.0);
        let stroke = Stroke::new(1.5, tokens.accent);
        ui.painter().extend(dashed(border, stroke));
        let middle = Rect::from_center_size(window.center(), Vec2::new(420.0, 80.0));
        let layout = Layout::top_down(Align::Center);
        ui.scope_builder(UiBuilder::new().max_rect(middle).layout(layout), |ui| {
            let (title, below) = if has_project {
                ("Drop to import", "Text, Markdown, web pages, and whole folders of them")
            } else {
                ("Open a project first", "Articles are imported into a project")
            };
            ui.label(quoted(title, 26.0));
            ui.label(small(ui, below).size(sizes::UI_TEXT));
        });
    });
}

fn dashed(rect: Rect, stroke: Stroke) -> Vec<Shape> {
    let corners: [Pos2; 5] = [
        rect.left_top(),
        rect.right_top(),
        rect.right_bottom(),
        rect.left_bottom(),
        rect.left_top(),
    ];
    Shape::dashed_line(&corners, stroke, 8.0, 6.0)
}
