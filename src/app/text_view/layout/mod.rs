//! A paragraph as lines on the screen.
//!
//! Everything that asks "where is this place" or "which place is here" asks a
//! [`TextLayout`]. Positions are points relative to the paragraph's top left corner,
//! offsets are bytes of the paragraph's own text. All lines of a paragraph are equally
//! high, so that a height becomes a line by a division.
//! Colour plays no part: marks are painted behind the text, because a style change
//! inside a word would split ligatures and move letters.

mod direction;
mod engine;
mod fonts;
mod moves;
mod place;
#[cfg(test)]
mod tests;

pub use direction::{Direction, Language, direction_in, direction_of};
pub use engine::{LayoutEngine, least_line_height};
pub use place::{Affinity, Place, Side};

use crate::text::{TextRange, TextSize};
use parley::FontData;
use std::mem::size_of;
use std::ops::Range;

/// How a paragraph is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TextStyle {
    /// The letters' size in points.
    pub size: f32,
    /// A line's height in points; more where a script's font is taller than the bundled
    /// ones.
    pub line_height: f32,
    /// Whether to use the heavier cut.
    pub semibold: bool,
    /// Whether to use the sans instead of the serif.
    pub sans: bool,
    /// Which way the paragraph reads that the text belongs to.
    pub direction: Direction,
    /// The article's language, where it is known.
    pub language: Option<Language>,
}

/// The part of a range that stands on one line, in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LineRect {
    /// The line, counted from the paragraph's first.
    pub line: usize,
    /// Its left edge.
    pub left: f32,
    /// Its right edge.
    pub right: f32,
}

/// A grapheme: its bytes and its edges.
#[derive(Clone, Copy, Debug)]
struct Cell {
    start: u32,
    end: u32,
    left: f32,
    right: f32,
}

/// Graphemes that follow each other in the text and on the screen alike, from left to
/// right.
#[derive(Clone, Debug)]
struct Run {
    line: u32,
    cells: Range<u32>,
    is_rtl: bool,
}

/// A line: its runs from left to right, and its bytes.
#[derive(Clone, Debug)]
struct Line {
    runs: Range<u32>,
    start: u32,
    end: u32,
    /// The end without white space.
    visible_end: u32,
    /// The end without the character that forces a new line.
    caret_end: u32,
}

/// A font as it is used in a paragraph.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::app) struct Face {
    pub(super) font: FontData,
    /// The letters' size in points.
    pub(super) size: f32,
    /// The place in a variable font's design space.
    pub(super) coords: Box<[i16]>,
    /// Whether the font lacks a heavier cut, so that letters are to be made heavier.
    pub(super) is_bold: bool,
    /// By how many degrees letters are to be slanted.
    pub(super) skew: f32,
}

/// A glyph and its origin on the baseline, in points.
#[derive(Clone, Copy, Debug)]
pub(in crate::app) struct GlyphAt {
    pub(super) id: u32,
    pub(super) x: f32,
    pub(in crate::app) y: f32,
}

#[derive(Clone, Debug)]
struct GlyphRun {
    face: u32,
    glyphs: Range<u32>,
}

/// Graphemes on one line that read in one direction, in the order of the text.
pub(super) struct Stretch<'a> {
    /// The line they stand on.
    pub(super) line: usize,
    /// Whether they read from right to left.
    pub(super) is_rtl: bool,
    cells: &'a [Cell],
}

impl Stretch<'_> {
    /// Each grapheme in the order of the text: its bytes, left and right edge.
    pub(super) fn graphemes(&self) -> impl Iterator<Item = (TextRange, f32, f32)> {
        let count = self.cells.len();
        let nth = move |at: usize| if self.is_rtl { count - 1 - at } else { at };
        (0..count).map(move |at| {
            let cell = self.cells[nth(at)];
            (TextRange::new(cell.start.into(), cell.end.into()), cell.left, cell.right)
        })
    }

    fn first_byte(&self) -> u32 {
        self.cells.iter().map(|cell| cell.start).min().unwrap_or_default()
    }
}

/// One paragraph, laid out.
#[derive(Debug)]
pub struct TextLayout {
    is_rtl: bool,
    len: u32,
    width: f32,
    line_height: f32,
    box_top: f32,
    box_height: f32,
    lines: Box<[Line]>,
    runs: Box<[Run]>,
    cells: Box<[Cell]>,
    faces: Box<[Face]>,
    glyph_runs: Box<[GlyphRun]>,
    glyphs: Box<[GlyphAt]>,
}

impl TextLayout {
    /// The height of all lines in points.
    pub fn height(&self) -> f32 {
        self.line_count() as f32 * self.line_height
    }

    /// The height of a line in points: that of the style, or more where a font needs it.
    pub fn line_height(&self) -> f32 {
        self.line_height
    }

    /// The number of lines; an empty paragraph has one.
    pub fn line_count(&self) -> usize {
        self.lines.len().max(1)
    }

    /// A line's top in points.
    pub fn line_top(&self, line: usize) -> f32 {
        line as f32 * self.line_height
    }

    /// The line at a height; the first above the text and the last below it.
    pub fn line_at(&self, y: f32) -> usize {
        let line = (y / self.line_height).floor().max(0.0) as usize;
        line.min(self.line_count() - 1)
    }

    /// The top of the letters' box in a line, in points below the line's top. The box is
    /// at the top of the line, so that all room below it is left for lanes.
    pub fn box_top(&self) -> f32 {
        self.box_top
    }

    /// The height of the letters' box in points: what a fill covers.
    pub fn box_height(&self) -> f32 {
        self.box_height
    }

    /// Whether the paragraph reads from right to left.
    pub fn is_rtl(&self) -> bool {
        self.is_rtl
    }

    /// The place between characters that is nearest to a point, without its side.
    pub fn caret_at(&self, x: f32, y: f32) -> TextSize {
        self.place_at(x, y).offset
    }

    /// The place between characters that is nearest to a point. Above the text that is
    /// one on the first line, below it one on the last. O(log n).
    pub fn place_at(&self, x: f32, y: f32) -> Place {
        let line = self.line_at(y);
        let Some(here) = self.lines.get(line) else { return Place::default() };
        if let Some(place) = self.place_beside(line, x) {
            return place;
        }
        let Some((run, cell)) = self.nearest(line, x) else {
            return Place::before(here.start.into());
        };
        let Cell { left, right, .. } = self.cells[cell];
        let side = if x < (left + right) / 2.0 { Side::Left } else { Side::Right };
        let place = self.beside(run, cell, side);
        if u32::from(place.offset) > here.caret_end {
            return Place::before(here.caret_end.into());
        }
        place
    }

    /// The place at the text's start or end, for a point beside the line that has it.
    fn place_beside(&self, line: usize, x: f32) -> Option<Place> {
        let left = self.cells[self.outermost(line, Side::Left)?.1].left;
        let right = self.cells[self.outermost(line, Side::Right)?.1].right;
        let side = match x {
            x if x < left => Side::Left,
            x if x > right => Side::Right,
            _ => return None,
        };
        let is_end = (side == Side::Right) != self.is_rtl;
        if is_end {
            (line + 1 == self.lines.len()).then(|| Place::before(self.len.into()))
        } else {
            (line == 0).then(|| Place::after(TextSize::new(0)))
        }
    }

    /// The character under a point; `None` beside the text.
    pub fn character_at(&self, x: f32, y: f32) -> Option<TextSize> {
        let line = (y / self.line_height).floor();
        if line < 0.0 || line as usize >= self.lines.len() {
            return None;
        }
        let (_, cell) = self.nearest(line as usize, x)?;
        let Cell { start, left, right, .. } = self.cells[cell];
        (left..right).contains(&x).then_some(start.into())
    }

    /// The line and the x of the caret at a place, in points. An offset alone means the
    /// place before the character after it: at a soft line end the start of the next line.
    pub fn caret(&self, place: impl Into<Place>) -> (usize, f32) {
        match self.edge_at(place.into()) {
            Some(edge) => (edge.line, self.x_of(edge)),
            None => {
                let last = self.line_count() - 1;
                (last, if self.is_rtl { self.width } else { 0.0 })
            }
        }
    }

    /// Where a range stands: one rectangle a line, more where the direction changes; on
    /// each line from left to right. White space at a line's end is left out.
    /// O(log n) for a range on one line.
    pub fn rects(&self, range: TextRange) -> Vec<LineRect> {
        let mut rects: Vec<LineRect> = Vec::new();
        let (from, to) = (u32::from(range.start()), u32::from(range.end()));
        let first = self.lines.partition_point(|line| line.end <= from);
        for (index, line) in self.lines.iter().enumerate().skip(first) {
            if line.start >= to {
                break;
            }
            let visible = from..to.min(line.visible_end);
            let on_line = rects.len();
            for run in &self.runs[indices(&line.runs)] {
                let Some((left, right)) = self.extent(run, &visible) else { continue };
                match rects.get_mut(on_line..).and_then(<[LineRect]>::last_mut) {
                    Some(last) if (last.right - left).abs() < 0.01 => last.right = right,
                    _ => rects.push(LineRect { line: index, left, right }),
                }
            }
        }
        rects
    }

    /// The edges of the part of a run that a range touches.
    fn extent(&self, run: &Run, bytes: &Range<u32>) -> Option<(f32, f32)> {
        let cells = &self.cells[indices(&run.cells)];
        let touched = if run.is_rtl {
            let first = cells.partition_point(|cell| cell.start >= bytes.end);
            first..cells.partition_point(|cell| cell.end > bytes.start)
        } else {
            let first = cells.partition_point(|cell| cell.end <= bytes.start);
            first..cells.partition_point(|cell| cell.start < bytes.end)
        };
        let touched = cells.get(touched).filter(|_| bytes.start < bytes.end)?;
        Some((touched.first()?.left, touched.last()?.right))
    }

    /// The glyphs of the paragraph, by font.
    pub(in crate::app) fn glyph_runs(&self) -> impl Iterator<Item = (&Face, &[GlyphAt])> {
        self.glyph_runs
            .iter()
            .map(|run| (&self.faces[run.face as usize], &self.glyphs[indices(&run.glyphs)]))
    }

    /// The text as stretches of one line and direction each, in the order of the text.
    pub(super) fn stretches(&self) -> Vec<Stretch<'_>> {
        let mut stretches: Vec<_> = self
            .runs
            .iter()
            .map(|run| Stretch {
                line: run.line as usize,
                is_rtl: run.is_rtl,
                cells: &self.cells[indices(&run.cells)],
            })
            .collect();
        stretches.sort_by_key(|stretch| (stretch.line, stretch.first_byte()));
        stretches
    }

    /// How many bytes of memory the layout takes. The fonts are shared and not counted.
    pub fn weight(&self) -> usize {
        let coords: usize = self.faces.iter().map(|face| size_of_val(&*face.coords)).sum();
        size_of::<Self>()
            + size_of_val(&*self.lines)
            + size_of_val(&*self.runs)
            + size_of_val(&*self.cells)
            + size_of_val(&*self.faces)
            + size_of_val(&*self.glyph_runs)
            + size_of_val(&*self.glyphs)
            + coords
    }
}

/// A range of indices as slices take it.
fn indices(range: &Range<u32>) -> Range<usize> {
    range.start as usize..range.end as usize
}
