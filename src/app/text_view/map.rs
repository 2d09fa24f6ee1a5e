//! The strip at the right edge: a map of the article, and its scroll bar.

use super::page::Page;
use super::paint::Brush;
use crate::app::theme::sizes;
use egui::{Color32, Rect, Response, Sense, Stroke, Ui, Vec2};

/// The ticks of the map, kept until something that they show changes.
#[derive(Default)]
pub(super) struct Map {
    key: Option<Key>,
    ticks: Vec<(f32, Color32, bool)>,
}

#[derive(Clone, Copy, PartialEq)]
struct Key {
    revision: u64,
    total: f64,
    height: f32,
    hits: u64,
    is_dark: bool,
}

impl Map {
    /// Paints the map and scrolls the page when it is clicked or dragged.
    pub(super) fn ui(
        &mut self,
        ui: &Ui,
        brush: &Brush<'_>,
        page: &mut Page,
        view: Rect,
    ) -> Response {
        let rect = Rect::from_min_max(
            egui::pos2(view.right() - sizes::MAP_STRIP, view.top()),
            view.right_bottom(),
        );
        let response = ui.interact(rect, ui.scope_id().with("map"), Sense::CLICK | Sense::DRAG);
        let name = "Map of the article";
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ScrollBar, true, name));
        let total = page.total() + f64::from(view.height()) * 0.5;
        let per_point = total.max(f64::from(view.height())) / f64::from(view.height());
        if let Some(pointer) = response.interact_pointer_pos() {
            let y = f64::from(pointer.y - view.top()) * per_point;
            page.scroll_to(y - f64::from(view.height()) * 0.5, view.height());
        }
        self.refresh(brush, page, view.height(), per_point);
        let painter = brush.painter;
        painter.vline(rect.left(), rect.y_range(), Stroke::new(1.0, brush.tokens.hairline));
        if total > f64::from(view.height()) {
            let top = view.top() + (page.scroll() / per_point) as f32;
            let height = (f64::from(view.height()) / per_point) as f32;
            let thumb = Rect::from_min_size(
                egui::pos2(rect.left() + 1.0, top),
                Vec2::new(rect.width() - 1.0, height.max(12.0)),
            );
            let is_lit = response.hovered() || response.dragged();
            let color = if is_lit { brush.tokens.selection } else { brush.tokens.hover };
            painter.rect_filled(thumb, 0.0, color);
        }
        for (y, color, is_hit) in &self.ticks {
            let inset = if *is_hit { 1.0 } else { 3.0 };
            let tick = Rect::from_min_max(
                egui::pos2(rect.left() + inset, view.top() + y),
                egui::pos2(rect.right() - inset + 1.0, view.top() + y + 2.0),
            );
            painter.rect_filled(tick, 0.0, *color);
        }
        response
    }

    fn refresh(&mut self, brush: &Brush<'_>, page: &Page, height: f32, per_point: f64) {
        let key = Key {
            revision: page.marks_revision,
            total: page.total(),
            height,
            hits: brush.session.search().revision(),
            is_dark: brush.tokens.is_dark,
        };
        if self.key == Some(key) {
            return;
        }
        self.key = Some(key);
        self.ticks.clear();
        let y_of = |offset| (page.rough_y(offset) / per_point) as f32;
        for hit in brush.session.search().here() {
            self.push(y_of(hit.start()), brush.tokens.accent, true);
        }
        for mark in page.marks.all() {
            self.push(y_of(mark.ranges[0].start()), brush.shades(&mark.label).line, false);
        }
    }

    /// One tick a place: those that would cover the last one entirely are left out.
    fn push(&mut self, y: f32, color: Color32, is_hit: bool) {
        let y = y.round();
        if self.ticks.last() != Some(&(y, color, is_hit)) {
            self.ticks.push((y, color, is_hit));
        }
    }
}
