//! A matrix: names at the top and the left, coloured cells with their number.

use super::view::Named;
use crate::app::theme::{Tokens, sizes};
use crate::app::widgets::paint_line;
use egui::{
    Align2, Color32, CornerRadius, FontId, Pos2, Rect, Response, ScrollArea, Sense, Stroke,
    StrokeKind, Ui, Vec2, WidgetInfo,
};

const ROW: f32 = 34.0;
const HEAD: f32 = 28.0;
/// Cells are between these wide.
const NARROW: f32 = 62.0;
const WIDE: f32 = 112.0;
const NAMES: f32 = 132.0;

/// A cell that can be opened, or only read.
pub(super) struct GridCell {
    pub(super) text: String,
    pub(super) ground: Option<Color32>,
    /// What assistive technology reads, and what rests under the pointer.
    pub(super) name: String,
    pub(super) opens: bool,
    pub(super) is_opened: bool,
}

/// A matrix of named rows and columns; `cell` gives none where nothing stands.
pub(super) struct Grid<'a> {
    pub(super) id: &'static str,
    pub(super) rows: &'a [Named],
    pub(super) columns: &'a [Named],
    pub(super) cell: &'a dyn Fn(usize, usize) -> Option<GridCell>,
}

impl Grid<'_> {
    /// Draws it; gives back the row and column of the cell that was clicked.
    pub(super) fn ui(&self, ui: &mut Ui) -> Option<(usize, usize)> {
        let room = ui.available_width() - NAMES - 4.0;
        let width = (room / self.columns.len().max(1) as f32).floor().clamp(NARROW, WIDE);
        let scroll = ScrollArea::horizontal().id_salt(("agreement grid", self.id));
        scroll.show(ui, |ui| self.cells_ui(ui, width)).inner
    }

    fn cells_ui(&self, ui: &mut Ui, width: f32) -> Option<(usize, usize)> {
        let tokens = Tokens::of(ui.ctx());
        let size = Vec2::new(
            NAMES + width * self.columns.len() as f32,
            HEAD + ROW * self.rows.len() as f32 + 8.0,
        );
        let (rect, whole) = ui.allocate_exact_size(size, Sense::hover());
        let font = FontId::proportional(sizes::SMALL_TEXT);
        for (at, column) in self.columns.iter().enumerate() {
            let left = rect.left() + NAMES + width * at as f32;
            let part = Rect::from_min_size(Pos2::new(left, rect.top()), Vec2::new(width, HEAD));
            head(ui, part, column, &whole, ("column", at));
        }
        let mut clicked = None;
        for (row, named) in self.rows.iter().enumerate() {
            let top = rect.top() + HEAD + ROW * row as f32;
            let left = Pos2::new(rect.left(), top + ROW / 2.0);
            let mut at = left + Vec2::new(4.0, 0.0);
            if let Some(color) = named.color {
                swatch(ui, at + Vec2::new(5.0, 0.0), color);
                at.x += 18.0;
            }
            let room = rect.left() + NAMES - at.x - 8.0;
            paint_line(
                ui,
                at,
                &named.name,
                FontId::proportional(sizes::UI_TEXT),
                tokens.text,
                room,
            );
            for column in 0..self.columns.len() {
                let corner = Pos2::new(rect.left() + NAMES + width * column as f32, top);
                let part = Rect::from_min_size(corner, Vec2::new(width, ROW)).shrink(1.0);
                if self.cell_ui(ui, part, (row, column), &whole, &font) {
                    clicked = Some((row, column));
                }
            }
        }
        clicked
    }

    /// Draws a cell; true when it was clicked.
    fn cell_ui(
        &self,
        ui: &Ui,
        part: Rect,
        (row, column): (usize, usize),
        whole: &Response,
        font: &FontId,
    ) -> bool {
        let tokens = Tokens::of(ui.ctx());
        let Some(cell) = (self.cell)(row, column) else { return false };
        if let Some(ground) = cell.ground {
            ui.painter().rect_filled(part, CornerRadius::same(4), ground);
        }
        let sense = if cell.opens { Sense::click() } else { Sense::hover() };
        let response = ui.interact(part, whole.id.with((row, column)), sense);
        let role = if cell.opens { egui::Role::Button } else { egui::Role::Label };
        response.widget_info(|| WidgetInfo::selected(role, true, cell.is_opened, &cell.name));
        let color = if cell.ground.is_some() { tokens.text } else { tokens.muted };
        ui.painter().text(part.center(), Align2::CENTER_CENTER, &cell.text, font.clone(), color);
        if cell.is_opened || response.has_focus() || (cell.opens && response.hovered()) {
            let color = if cell.is_opened { tokens.accent } else { tokens.faint };
            let stroke = Stroke::new(1.0, color);
            ui.painter().rect_stroke(part, CornerRadius::same(4), stroke, StrokeKind::Inside);
        }
        response.on_hover_text(cell.name).clicked()
    }
}

/// Draws a column's name in the middle, cut where it has no room.
fn head(ui: &Ui, part: Rect, named: &Named, whole: &Response, salt: (&str, usize)) {
    let tokens = Tokens::of(ui.ctx());
    let font = FontId::proportional(sizes::SMALL_TEXT);
    let swatch_room = if named.color.is_some() { 14.0 } else { 0.0 };
    let galley = ui.painter().layout_no_wrap(named.name.clone(), font.clone(), tokens.muted);
    let room = part.width() - 8.0 - swatch_room;
    let width = galley.size().x.min(room);
    let mut left = part.center().x - (width + swatch_room) / 2.0;
    if let Some(color) = named.color {
        swatch(ui, Pos2::new(left + 4.5, part.center().y), color);
        left += swatch_room;
    }
    let place = Pos2::new(left, part.center().y);
    paint_line(ui, place, &named.name, font, tokens.muted, room.max(8.0) + 1.0);
    if galley.size().x > room {
        ui.interact(part, whole.id.with(salt), Sense::hover()).on_hover_text(&named.name);
    }
}

fn swatch(ui: &Ui, center: Pos2, color: Color32) {
    let rect = Rect::from_center_size(center, Vec2::splat(sizes::SWATCH));
    ui.painter().rect_filled(rect, CornerRadius::same(2), color);
}
