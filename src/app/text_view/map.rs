//! The strip at the right edge: a map of the article, and its scroll bar.
//!
//! The map shows the text by its bytes, not by its height on the screen: so nothing on
//! it moves when text is measured, zoomed or reflowed, and what it costs depends on its
//! own height and not on the number of annotations.

use super::layout::LayoutEngine;
use super::page::Page;
use super::paint::Brush;
use crate::app::theme::{LabelShades, sizes};
use crate::model::AnnotationSet;
use crate::text::{TextRange, TextSize};
use egui::{Color32, Mesh, Rect, Response, Sense, Shape, Stroke, StrokeKind, Ui, Vec2};
use std::sync::Arc;

/// The height of a tick in points.
const TICK: f32 = 2.0;
/// The labels that one tick can show side by side.
const SIDE_BY_SIDE: usize = 3;
/// The annotations that are looked at for one tick.
const LOOKED_AT: usize = 8;

/// The ticks of the map, kept until something that they show changes.
#[derive(Default)]
pub(super) struct Map {
    key: Option<Key>,
    ticks: Arc<Mesh>,
}

#[derive(Clone, Copy, PartialEq)]
struct Key {
    revision: u64,
    is_compared: bool,
    strip: Rect,
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
        engine: &mut LayoutEngine,
        view: Rect,
    ) -> Response {
        let corner = egui::pos2(view.right() - sizes::MAP_STRIP, view.top());
        let strip = Rect::from_min_max(corner, view.right_bottom());
        let response = ui.interact(strip, ui.scope_id().with("map"), Sense::CLICK | Sense::DRAG);
        let name = "Map of the article";
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ScrollBar, true, name));
        let bytes = page.text().len().max(1) as f64;
        let per_point = bytes / f64::from(view.height().max(1.0));
        let is_longer = page.total() > f64::from(view.height());
        if let Some(pointer) = response.interact_pointer_pos().filter(|_| is_longer) {
            let byte = f64::from(pointer.y - view.top()) * per_point;
            page.show_byte(engine, byte, view.height());
        }
        let painter = brush.painter;
        painter.vline(strip.left(), strip.y_range(), Stroke::new(1.0, brush.tokens.hairline));
        if is_longer {
            let y_of = |y: f64| strip.top() + (page.byte_at(y) / per_point) as f32;
            let top = y_of(0.0);
            let bottom = y_of(f64::from(view.height())).max(top + 12.0);
            let thumb = Rect::from_x_y_ranges(strip.left() + 1.0..=strip.right(), top..=bottom);
            let is_lit = response.hovered() || response.dragged();
            let color = if is_lit { brush.tokens.selection } else { brush.tokens.hover };
            painter.rect_filled(thumb, 0.0, color);
            self.show_ticks(brush, page, strip);
            // Where ticks stand close the ground of the thumb cannot be seen.
            let stroke = Stroke::new(1.0, brush.tokens.muted);
            painter.rect_stroke(thumb, 1.0, stroke, StrokeKind::Inside);
        } else {
            self.show_ticks(brush, page, strip);
        }
        response
    }

    fn show_ticks(&mut self, brush: &Brush<'_>, page: &mut Page, strip: Rect) {
        self.refresh(brush, page, strip);
        brush.painter.add(Shape::Mesh(Arc::clone(&self.ticks)));
    }

    fn refresh(&mut self, brush: &Brush<'_>, page: &mut Page, strip: Rect) {
        let key = Key {
            revision: brush.session.revision(),
            is_compared: brush.compared.is_some(),
            strip,
            hits: brush.session.search().revision(),
            is_dark: brush.tokens.is_dark,
        };
        if self.key == Some(key) {
            return;
        }
        self.key = Some(key);
        page.work.maps += 1;
        let mut ticks = Mesh::default();
        let rows = (strip.height() / TICK).max(1.0) as usize;
        let bytes = page.text().len();
        // Where nearly every row has annotations they are a ground for what is looked for.
        let count = brush.session.set().map_or(0, AnnotationSet::len);
        let strength = if count > rows { 0.4 } else { 1.0 };
        let start_of = |row: usize| TextSize::new((bytes * row / rows) as u32);
        for row in 0..rows {
            let range = TextRange::new(start_of(row), start_of(row + 1));
            let y = strip.top() + row as f32 * TICK;
            let tick = |left: f32, right: f32| {
                let size = Vec2::new(right - left, TICK);
                Rect::from_min_size(egui::pos2(strip.left() + left, y), size)
            };
            let colors = colors_in(brush, range);
            let width = (sizes::MAP_STRIP - 5.0) / colors.len().max(1) as f32;
            for (column, color) in colors.into_iter().enumerate() {
                let left = 3.0 + column as f32 * width;
                ticks.add_colored_rect(tick(left, left + width), color.gamma_multiply(strength));
            }
            if has_hit(brush.session.search().here(), range) {
                ticks.add_colored_rect(tick(1.0, sizes::MAP_STRIP), brush.tokens.hit_line);
            }
        }
        self.ticks = Arc::new(ticks);
    }
}

/// The first different colours of the annotations that start in a range.
fn colors_in(brush: &Brush<'_>, range: TextRange) -> Vec<Color32> {
    if let Some(compared) = brush.compared {
        return compared.colors_in(range, brush.session.schema(), brush.tokens);
    }
    let mut colors = Vec::new();
    let Some(set) = brush.session.set() else { return colors };
    for annotation in set.starting_in(range).take(LOOKED_AT) {
        let LabelShades { line, .. } = brush.shades(&annotation.label);
        if !colors.contains(&line) {
            colors.push(line);
        }
        if colors.len() == SIDE_BY_SIDE {
            break;
        }
    }
    colors
}

/// Whether one of the hits, which are in text order, starts in a range.
fn has_hit(hits: &[TextRange], range: TextRange) -> bool {
    let first = hits.partition_point(|hit| hit.start() < range.start());
    hits.get(first).is_some_and(|hit| hit.start() < range.end())
}
