//! Puts a page on the screen: selection, fills, letters, lines, outlines, links.
//!
//! Painting reads the page, the session and what the pointer is over; it changes
//! nothing and decides nothing.

use super::compared::Compared;
use super::layout::LineRect;
use super::marks::{Hidden, LEVELS, Mark, Part, Segment, Weight};
use super::page::Page;
use crate::app::theme::{LabelShades, LinePattern, Tokens, sizes};
use crate::model::{AnnotationId, ArticleId, LabelId, Schema};
use crate::session::Session;
use crate::text::TextRange;
use egui::epaint::CubicBezierShape;
use egui::{
    Color32, CornerRadius, FontId, Mesh, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Vec2,
};

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
    /// Everybody's annotations, where these show.
    pub(super) compared: Option<&'a Compared<'a>>,
}

impl Brush<'_> {
    pub(super) fn shades(&self, label: &LabelId) -> LabelShades {
        shades(self.session.schema(), label, self.tokens)
    }

    /// Everything behind the letters of a piece.
    pub(super) fn behind(&self, page: &Page, block: Block) {
        // What several annotators marked alike is shaded once.
        let mut shaded: Vec<LineRect> = Vec::new();
        for mark in page.marks(block.index) {
            let color = if mark.is_innermost {
                mark.shades.fill
            } else if self.is_lit(mark.id) || mark.weight == Weight::Selected {
                mark.shades.line.gamma_multiply(0.12)
            } else {
                continue;
            };
            for segment in mark.segments() {
                let is_first = mark.is_innermost || !shaded.contains(&segment.rect);
                if is_first {
                    self.fill(page, block, segment.rect, color);
                    shaded.push(segment.rect);
                }
            }
        }
        self.hits(page, block);
        if let Some(range) = self.selected_text {
            for rect in page.rects(block.index, range) {
                self.fill(page, block, rect, self.tokens.selection);
            }
        }
    }

    /// The places that a search found, over the fills; the one gone to last is framed.
    fn hits(&self, page: &Page, block: Block) {
        let search = self.session.search();
        let current = search.current().and_then(|at| search.hits().get(at));
        for hit in ranges_in(search.here(), page.range(block.index)) {
            let is_current = current.is_some_and(|current| {
                current.range == hit && Some(&current.article) == self.article()
            });
            for rect in page.rects(block.index, hit) {
                self.fill(page, block, rect, self.tokens.hit);
                if let Some(around) = box_of(page, block, rect).filter(|_| is_current) {
                    let stroke = Stroke::new(1.5, self.tokens.hit_line);
                    self.painter.rect_stroke(around, 3.0, stroke, StrokeKind::Outside);
                }
            }
        }
    }

    fn article(&self) -> Option<&ArticleId> {
        self.session.article().map(|open| open.article.id())
    }

    /// Everything over the letters of a piece. `edge` is the column's right edge.
    pub(super) fn over(&self, page: &Page, block: Block, edge: f32) {
        // The lines of the selected case stand over those that share a lane with them.
        let is_selected = |mark: &&Mark| mark.weight == Weight::Selected;
        for mark in page.marks(block.index).iter().filter(|mark| !is_selected(mark)) {
            self.lines(page, block, mark);
        }
        for mark in page.marks(block.index).iter().filter(is_selected) {
            self.lines(page, block, mark);
        }
        for hidden in page.hidden(block.index) {
            self.more(page, block, *hidden, edge);
        }
        if let Some(compared) = self.compared {
            self.outline_case(page, block, compared);
            return;
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

    fn fill(&self, page: &Page, block: Block, rect: LineRect, color: Color32) {
        if let Some(rect) = box_of(page, block, rect) {
            self.painter.rect_filled(rect.expand2(Vec2::new(1.0, 0.0)), 3.0, color);
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

    /// A mark's lines on their levels, with notches where a discontinuous one breaks.
    fn lines(&self, page: &Page, block: Block, mark: &Mark) {
        let color = match mark.weight {
            Weight::Agreed => mark.shades.line.gamma_multiply(0.4),
            _ => mark.shades.line,
        };
        let is_lit = self.is_lit(mark.id);
        for part in &mark.parts {
            for segment in part.segments.iter().filter(|segment| mark.is_drawn(segment)) {
                if let Some(line) = line_of(page, block, segment) {
                    let line = if is_lit { line.expand2(Vec2::new(0.0, 0.35)) } else { line };
                    self.line(line, mark.pattern, color);
                }
            }
            let [start, end] =
                ends_of(page, block, part).map(|at| at.filter(|at| mark.is_drawn(at)));
            if let Some(at) = start.filter(|_| part.index > 0) {
                self.notch(page, block, &at, color);
            }
            let Some(next) = part.next else { continue };
            if let Some(at) = end {
                self.notch(page, block, &at, color);
            }
            let has_room = part.segments.last().is_some_and(|last| mark.is_drawn(last));
            if is_lit && has_room {
                let gap = TextRange::new(part.range.end(), next);
                let level = part.segments.last().map_or(0, |segment| segment.level);
                self.thread(page, block, gap, level, color);
            }
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
        let mut dashes = Mesh::default();
        let mut x = line.left();
        while x < line.right() {
            let right = (x + on).min(line.right());
            dashes.add_colored_rect(Rect::from_x_y_ranges(x..=right, line.y_range()), color);
            x += on + off;
        }
        self.painter.add(Shape::mesh(dashes));
    }

    /// A short upright where a range of a discontinuous mark breaks off.
    fn notch(&self, page: &Page, block: Block, at: &Segment, color: Color32) {
        let Some(line) = line_of(page, block, at) else { return };
        let size = Vec2::new(1.5, line.height() + 5.0);
        let corner = Pos2::new(line.left() - 0.75, line.top() - 5.0);
        self.painter.rect_filled(Rect::from_min_size(corner, size), 0.0, color);
    }

    /// A dashed line along the gap between two parts.
    fn thread(&self, page: &Page, block: Block, gap: TextRange, level: u8, color: Color32) {
        for rect in page.rects(block.index, gap) {
            if let Some(line) = line_of(page, block, &Segment { rect, level }) {
                let ends = [line.left_center(), line.right_center()];
                let dashes = Shape::dashed_line(&ends, Stroke::new(1.0, color), 3.0, 3.0);
                self.painter.extend(dashes);
            }
        }
    }

    /// "+2" beside a row in which annotations have no room for a line.
    fn more(&self, page: &Page, block: Block, hidden: Hidden, edge: f32) {
        let Some(place) = place_of_more(page, block, hidden, edge) else { return };
        let font = FontId::proportional(sizes::TINY_TEXT);
        let text = format!("+{}", hidden.count);
        let at = place.left_center();
        self.painter.text(at, egui::Align2::LEFT_CENTER, text, font, self.tokens.muted);
    }

    /// The thin outline around everything that anybody marked of the selected case.
    fn outline_case(&self, page: &Page, block: Block, compared: &Compared<'_>) {
        let Some(extent) = compared.selected_extent() else { return };
        let stroke = Stroke::new(1.5, self.tokens.accent);
        for rect in page.rects(block.index, extent) {
            let Some(around) = box_of(page, block, rect) else { continue };
            let lanes = page.marks(block.index).iter().filter(|m| m.weight == Weight::Selected);
            let drawn = lanes.flat_map(|m| m.segments().filter(|segment| m.is_drawn(segment)));
            let on_row = drawn.filter(|segment| segment.rect.line == rect.line);
            let lines = on_row.filter_map(|segment| line_of(page, block, segment));
            let around = lines.fold(around, Rect::union).expand2(Vec2::new(2.5, 1.5));
            self.painter.rect_stroke(around, CornerRadius::same(4), stroke, StrokeKind::Outside);
        }
    }

    /// The thin outline of a selected mark with a handle at each end of each range.
    fn outline(&self, page: &Page, block: Block, mark: &Mark) {
        let stroke = Stroke::new(1.5, self.tokens.accent);
        for part in &mark.parts {
            for segment in &part.segments {
                let Some(around) = box_of(page, block, segment.rect) else { continue };
                let level = segment.level.min(LEVELS - 1);
                let below = line_of(page, block, &Segment { level, ..*segment });
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

/// How the lines below a row share the room that the row reserves for them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lanes {
    /// From one line to the next, in points.
    pitch: f32,
    /// A line's height, in points.
    height: f32,
}

impl Lanes {
    /// Three lines have room as a rule; a row with more of them sets them closer.
    pub(super) fn of(page: &Page, block: Block, row: usize) -> Self {
        let room = page
            .layout(block.index)
            .map_or(0.0, |layout| layout.line_height() - layout.box_top() - layout.box_height());
        let drawn = |mark: &Mark| {
            let on_row = mark.segments().filter(|segment| segment.rect.line == row);
            on_row.filter(|segment| mark.is_drawn(segment)).map(|segment| segment.level).max()
        };
        let most = page.marks(block.index).iter().filter_map(drawn).max().unwrap_or(0);
        if most > 3 {
            let pitch = if most > 4 { (room / f32::from(most)).clamp(1.6, 2.0) } else { 2.0 };
            return Self { pitch, height: 1.0 };
        }
        // Lanes of annotators have to be told apart where they have the same colour.
        let is_open = |mark: &Mark| matches!(mark.weight, Weight::Open | Weight::Selected);
        let has_lanes = page.marks(block.index).iter().any(is_open);
        if has_lanes {
            let pitch = (room / 3.0).clamp(1.6, 3.2);
            return Self { pitch, height: (pitch * 0.5).clamp(1.0, 1.6) };
        }
        let pitch = (room / 3.0).clamp(1.6, 2.4);
        Self { pitch, height: (pitch * 0.67).round().clamp(1.0, 1.6) }
    }

    /// The level whose line is at a distance below the letters' box, in points.
    pub(super) fn level_at(self, below_box: f32) -> u8 {
        if below_box < 1.0 {
            return 0;
        }
        (((below_box - 1.0) / self.pitch) as u8 + 1).min(LEVELS - 1)
    }
}

/// Where "+2" stands beside a row, right of the column's edge.
pub(super) fn place_of_more(page: &Page, block: Block, hidden: Hidden, edge: f32) -> Option<Rect> {
    let row = LineRect { line: hidden.row, left: 0.0, right: 0.0 };
    let letters = box_of(page, block, row)?;
    let size = Vec2::new(22.0, letters.height());
    Some(Rect::from_min_size(Pos2::new(edge + 5.0, letters.top()), size))
}

/// The line of a segment, on the screen. The innermost level's is the lower edge of its
/// fill.
pub(super) fn line_of(page: &Page, block: Block, segment: &Segment) -> Option<Rect> {
    let letters = box_of(page, block, segment.rect)?;
    let (top, height) = match segment.level {
        0 => (letters.bottom() - 1.2, 2.0),
        level => {
            let lanes = Lanes::of(page, block, segment.rect.line);
            (letters.bottom() + 1.0 + f32::from(level - 1) * lanes.pitch, lanes.height)
        }
    };
    Some(Rect::from_min_max(
        Pos2::new(letters.left(), top),
        Pos2::new(letters.right(), top + height),
    ))
}

/// Where a range starts and ends, as segments without width: at the outer edges of its
/// first and last row, in right-to-left text the start on the right. `None` for an end
/// in another piece.
fn ends_of(page: &Page, block: Block, part: &Part) -> [Option<Segment>; 2] {
    let is_rtl = page.layout(block.index).is_some_and(|layout| layout.is_rtl());
    let edge = |row: Option<&Segment>, is_left: bool| {
        let row = row?;
        let on_row = part.segments.iter().filter(|other| other.rect.line == row.rect.line);
        let x = if is_left {
            on_row.map(|other| other.rect.left).reduce(f32::min)?
        } else {
            on_row.map(|other| other.rect.right).reduce(f32::max)?
        };
        Some(Segment { rect: LineRect { left: x, right: x, ..row.rect }, ..*row })
    };
    [
        edge(part.segments.first().filter(|_| part.has_start), !is_rtl),
        edge(part.segments.last().filter(|_| part.has_end), is_rtl),
    ]
}

/// The drag handles of a mark in a piece: where, of which of its ranges, and whether it
/// is the range's start.
pub(super) fn handles(page: &Page, block: Block, mark: &Mark) -> Vec<(Pos2, usize, bool)> {
    let mut found = Vec::new();
    for part in &mark.parts {
        let [start, end] = ends_of(page, block, part);
        for (at, is_start) in [(start, true), (end, false)] {
            if let Some(letters) = at.and_then(|at| box_of(page, block, at.rect)) {
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
    let letters = box_of(page, block, end?.rect)?;
    let outwards = if page.layout(block.index)?.is_rtl() { -2.0 } else { 2.0 };
    Some(Pos2::new(letters.left() + outwards, letters.bottom() - 1.0))
}

/// Those of the ranges that touch a piece; the ranges are in text order and apart.
fn ranges_in(ranges: &[TextRange], piece: TextRange) -> impl Iterator<Item = TextRange> {
    let first = ranges.partition_point(|range| range.end() <= piece.start());
    ranges[first..].iter().copied().take_while(move |range| range.start() < piece.end())
}
