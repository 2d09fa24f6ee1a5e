//! Puts a page on the screen: selection, fills, letters, lines, outlines, links.
//!
//! Painting reads the page, the session and what the pointer is over; it changes
//! nothing and decides nothing.

use super::layout::{LineRect, Place};
use super::marks::{LEVELS, Mark, Part};
use super::page::Page;
use crate::app::theme::{LabelShades, LinePattern, Tokens, sizes};
use crate::model::{AnnotationId, LabelId, Schema};
use crate::session::Session;
use crate::text::TextRange;
use egui::epaint::CubicBezierShape;
use egui::{Color32, CornerRadius, FontId, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Vec2};

/// The radius of a drag handle in points.
pub(super) const HANDLE: f32 = 4.0;

/// Where everything of a page is on the screen in one frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// The page's visible part.
    pub(super) view: Rect,
    /// The left edge of the column.
    pub(super) left: f32,
    /// The column's width.
    pub(super) width: f32,
    /// Where margin notes go, where there is room for them.
    pub(super) notes: Option<f32>,
}

/// One paragraph in view: its index and the screen position of its text's corner.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    pub(super) index: usize,
    pub(super) corner: Pos2,
}

/// What painting needs to know besides the page.
pub(super) struct Brush<'a> {
    pub(super) painter: &'a Painter,
    pub(super) tokens: &'static Tokens,
    pub(super) session: &'a Session,
    pub(super) hovered: Option<AnnotationId>,
    /// Text that is selected, or would be when the pointer is let go.
    pub(super) selected_text: Option<TextRange>,
}

impl Brush<'_> {
    pub(super) fn shades(&self, label: &LabelId) -> LabelShades {
        shades(self.session.schema(), label, self.tokens)
    }

    /// Everything behind the letters of a piece.
    pub(super) fn behind(&self, page: &Page, block: Block) {
        let piece = page.range(block.index);
        for hit in ranges_in(self.session.search().here(), piece) {
            self.fill(page, block, &page.rects(block.index, hit), self.tokens.hit);
        }
        for mark in page.marks(block.index) {
            let color = if mark.level == 0 {
                mark.shades.fill
            } else if self.is_lit(mark.id) {
                mark.shades.line.gamma_multiply(0.12)
            } else {
                continue;
            };
            for part in &mark.parts {
                self.fill(page, block, &part.rects, color);
            }
        }
        if let Some(range) = self.selected_text {
            self.fill(page, block, &page.rects(block.index, range), self.tokens.selection);
        }
    }

    /// Everything over the letters of a piece.
    pub(super) fn over(&self, page: &Page, block: Block) {
        for mark in page.marks(block.index) {
            self.lines(page, block, mark);
        }
        self.suggestions(page, block);
        let selection = self.session.selection();
        for mark in page.marks(block.index) {
            if [selection.annotation, selection.relating_from].contains(&Some(mark.id)) {
                self.outline(page, block, mark);
            }
        }
    }

    fn is_lit(&self, id: AnnotationId) -> bool {
        self.hovered == Some(id) || self.session.selection().annotation == Some(id)
    }

    fn fill(&self, page: &Page, block: Block, rects: &[LineRect], color: Color32) {
        for rect in rects {
            if let Some(rect) = box_of(page, block, *rect) {
                self.painter.rect_filled(rect.expand2(Vec2::new(1.0, 0.0)), 3.0, color);
            }
        }
    }

    /// The places that "label more like this" offers: a dotted frame, for they are no
    /// annotations yet.
    fn suggestions(&self, page: &Page, block: Block) {
        let Some((offer, set)) = self.session.offer().zip(self.session.set()) else { return };
        let Some(like) = set.annotation(offer.annotation) else { return };
        let stroke = Stroke::new(1.0, self.shades(&like.label).line);
        for place in ranges_in(&offer.places, page.range(block.index)) {
            for rect in page.rects(block.index, place) {
                let Some(around) = box_of(page, block, rect) else { continue };
                let corners = [
                    around.left_top(),
                    around.right_top(),
                    around.right_bottom(),
                    around.left_bottom(),
                    around.left_top(),
                ];
                self.painter.extend(Shape::dashed_line(&corners, stroke, 2.0, 2.0));
            }
        }
    }

    /// A mark's line on its level, with notches where a discontinuous one breaks.
    fn lines(&self, page: &Page, block: Block, mark: &Mark) {
        if mark.level >= LEVELS {
            return;
        }
        let color = mark.shades.line;
        let is_lit = self.is_lit(mark.id);
        for part in &mark.parts {
            for rect in &part.rects {
                if let Some(line) = line_of(page, block, *rect, mark.level) {
                    let line = if is_lit { line.expand2(Vec2::new(0.0, 0.35)) } else { line };
                    self.line(line, mark.pattern, color);
                }
            }
            let [start, end] = ends_of(page, block, part);
            if let Some(at) = start.filter(|_| part.index > 0) {
                self.notch(page, block, at, mark.level, color);
            }
            let Some(next) = part.next else { continue };
            if let Some(at) = end {
                self.notch(page, block, at, mark.level, color);
            }
            if is_lit {
                let gap = TextRange::new(part.range.end(), next);
                self.thread(page, block, gap, mark.level, color);
            }
        }
        if mark.hidden > 0 {
            self.more(page, block, mark, color);
        }
    }

    /// A line in its label's pattern.
    fn line(&self, line: Rect, pattern: LinePattern, color: Color32) {
        let (on, off) = match pattern {
            LinePattern::Solid => {
                self.painter.rect_filled(line, 1.0, color);
                return;
            }
            LinePattern::Dashed => (6.0, 3.0),
            LinePattern::Dotted => (2.0, 2.0),
        };
        let mut x = line.left();
        while x < line.right() {
            let right = (x + on).min(line.right());
            let dash = Rect::from_x_y_ranges(x..=right, line.y_range());
            self.painter.rect_filled(dash, 0.0, color);
            x += on + off;
        }
    }

    /// A short upright where a range of a discontinuous mark breaks off.
    fn notch(&self, page: &Page, block: Block, at: LineRect, level: u8, color: Color32) {
        let Some(line) = line_of(page, block, at, level) else { return };
        let size = Vec2::new(1.5, line.height() + 5.0);
        let corner = Pos2::new(line.left() - 0.75, line.top() - 5.0);
        self.painter.rect_filled(Rect::from_min_size(corner, size), 0.0, color);
    }

    /// A dashed line along the gap between two parts.
    fn thread(&self, page: &Page, block: Block, gap: TextRange, level: u8, color: Color32) {
        for rect in page.rects(block.index, gap) {
            if let Some(line) = line_of(page, block, rect, level) {
                let ends = [line.left_center(), line.right_center()];
                let dashes = Shape::dashed_line(&ends, Stroke::new(1.0, color), 3.0, 3.0);
                self.painter.extend(dashes);
            }
        }
    }

    /// "+2" after a mark that stands under annotations for which there is no level.
    fn more(&self, page: &Page, block: Block, mark: &Mark, color: Color32) {
        let last = mark.parts.iter().rev().find_map(|part| part.rects.last().copied());
        let Some(line) = last.and_then(|rect| line_of(page, block, rect, mark.level)) else {
            return;
        };
        let corner = line.right_bottom() + Vec2::new(1.0, 2.0);
        let font = FontId::proportional(8.0);
        let text = format!("+{}", mark.hidden);
        self.painter.text(corner, egui::Align2::RIGHT_BOTTOM, text, font, color);
    }

    /// The thin outline of a selected mark with a handle at each end of each range.
    fn outline(&self, page: &Page, block: Block, mark: &Mark) {
        let stroke = Stroke::new(1.5, self.tokens.accent);
        for part in &mark.parts {
            for rect in &part.rects {
                let Some(around) = box_of(page, block, *rect) else { continue };
                let below = line_of(page, block, *rect, mark.level.min(LEVELS - 1));
                let around = around.union(below.unwrap_or(around)).expand2(Vec2::new(1.5, 1.0));
                self.painter.rect_stroke(
                    around,
                    CornerRadius::same(4),
                    stroke,
                    StrokeKind::Outside,
                );
            }
        }
        for (center, _, _) in handles(page, block, mark) {
            self.painter.circle(center, HANDLE, self.tokens.page, stroke);
        }
        if let Some(knob) = knob(page, block, mark) {
            let color = self.tokens.accent;
            self.painter.circle(knob, HANDLE + 1.0, color, Stroke::new(1.0, self.tokens.page));
            let arrow = [Vec2::new(-1.5, -2.0), Vec2::new(1.5, 0.0), Vec2::new(-1.5, 2.0)];
            let points = arrow.iter().map(|offset| knob + *offset).collect();
            self.painter.add(Shape::line(points, Stroke::new(1.2, self.tokens.page)));
        }
    }

    /// A curved link from one place to another with an arrow head and a name.
    pub(super) fn link(&self, from: Pos2, to: Pos2, name: &str, color: Color32) {
        let rise = ((from.x - to.x).abs() * 0.12 + (from.y - to.y).abs() * 0.3).clamp(14.0, 120.0);
        let control = |end: Pos2| end - Vec2::new(0.0, rise);
        let stroke = Stroke::new(1.4, color);
        let points = [from, control(from), control(to), to];
        self.painter.add(CubicBezierShape::from_points_stroke(
            points,
            false,
            Color32::TRANSPARENT,
            stroke,
        ));
        let head = [to + Vec2::new(-3.5, -5.5), to, to + Vec2::new(3.5, -5.5)];
        self.painter.add(Shape::line(head.to_vec(), stroke));
        if name.is_empty() {
            return;
        }
        let middle = (from.to_vec2()
            + control(from).to_vec2() * 3.0
            + control(to).to_vec2() * 3.0
            + to.to_vec2())
            / 8.0;
        let font = FontId::proportional(sizes::TINY_TEXT);
        let galley = self.painter.layout_no_wrap(name.to_owned(), font, color);
        let corner = middle.to_pos2() - galley.size() / 2.0;
        let ground = Rect::from_min_size(corner, galley.size()).expand2(Vec2::new(5.0, 1.5));
        self.painter.rect_filled(ground, 6.0, self.tokens.page);
        self.painter.rect_stroke(
            ground,
            6.0,
            Stroke::new(1.0, self.tokens.hairline),
            StrokeKind::Inside,
        );
        self.painter.galley(corner, galley, color);
    }
}

/// The shades of a label, or those of a label that the schema lacks.
pub(super) fn shades(schema: &Schema, label: &LabelId, tokens: &Tokens) -> LabelShades {
    let found = schema.label(label).map(|label| LabelShades::of(label.color, tokens));
    found.unwrap_or_else(|| LabelShades::unknown(tokens))
}

/// The letters' box of a part of a line, on the screen.
pub(super) fn box_of(page: &Page, block: Block, rect: LineRect) -> Option<Rect> {
    let layout = page.layout(block.index)?;
    let top = block.corner.y + layout.line_top(rect.line) + layout.box_top();
    Some(Rect::from_min_max(
        Pos2::new(block.corner.x + rect.left, top),
        Pos2::new(block.corner.x + rect.right, top + layout.box_height()),
    ))
}

/// The line of a level under a part of a line, on the screen. The innermost level's is
/// the lower edge of its fill.
pub(super) fn line_of(page: &Page, block: Block, rect: LineRect, level: u8) -> Option<Rect> {
    let letters = box_of(page, block, rect)?;
    let pitch = 2.4;
    let (top, height) = match level {
        0 => (letters.bottom() - 1.2, 2.0),
        level => (letters.bottom() + 1.3 + f32::from(level - 1) * pitch, 1.6),
    };
    Some(Rect::from_min_max(
        Pos2::new(letters.left(), top),
        Pos2::new(letters.right(), top + height),
    ))
}

/// The level whose line is at a distance below the letters' box, in points.
pub(super) fn level_at(below_box: f32) -> u8 {
    if below_box < 1.0 { 0 } else { (((below_box - 1.0) / 2.4) as u8 + 1).min(LEVELS - 1) }
}

/// Where a range starts and ends, as places without width: in right-to-left text the
/// start is on the right. `None` for an end in another piece.
fn ends_of(page: &Page, block: Block, part: &Part) -> [Option<LineRect>; 2] {
    let piece = page.range(block.index).start();
    let Some(layout) = page.layout(block.index) else { return [None, None] };
    let at = |place: Place| {
        let (line, x) = layout.caret(place);
        LineRect { line, left: x, right: x }
    };
    [
        part.has_start.then(|| at(Place::before(part.range.start() - piece))),
        part.has_end.then(|| at(Place::after(part.range.end() - piece))),
    ]
}

/// The drag handles of a mark in a piece: where, of which of its ranges, and whether it
/// is the range's start.
pub(super) fn handles(page: &Page, block: Block, mark: &Mark) -> Vec<(Pos2, usize, bool)> {
    let mut found = Vec::new();
    for part in &mark.parts {
        let [start, end] = ends_of(page, block, part);
        for (at, is_start) in [(start, true), (end, false)] {
            if let Some(letters) = at.and_then(|at| box_of(page, block, at)) {
                found.push((letters.left_top(), part.index, is_start));
            }
        }
    }
    found
}

/// The knob from which a relation is dragged: at the end of a mark's last range.
pub(super) fn knob(page: &Page, block: Block, mark: &Mark) -> Option<Pos2> {
    let last = mark.parts.last().filter(|part| part.next.is_none())?;
    let [_, end] = ends_of(page, block, last);
    let letters = box_of(page, block, end?)?;
    let outwards = if page.layout(block.index)?.is_rtl() { -2.0 } else { 2.0 };
    Some(Pos2::new(letters.left() + outwards, letters.bottom() - 1.0))
}

/// Those of the ranges that touch a piece; the ranges are in text order and apart.
fn ranges_in(ranges: &[TextRange], piece: TextRange) -> impl Iterator<Item = TextRange> {
    let first = ranges.partition_point(|range| range.end() <= piece.start());
    ranges[first..].iter().copied().take_while(move |range| range.start() < piece.end())
}
